/*
 * simulate_link.c - simulated trackers against our own decoder, without sockets.
 *
 * The link is a function: what a tracker sends lies on the wire until the next second,
 * and may be lost there.  At the other end stands a channel, as in the server; it decodes
 * and answers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "gateway/channel.h"
#include "simulate/convoy.h"
#include "simulate/keep.h"
#include "unit.h"

enum { PIECES_MAX = 4096, KEYS_MAX = 200000 };

static const int64_t start_ms = INT64_C(1715927400000); /* 2024-05-17T06:30:00Z */

struct piece_sent {
    size_t pos, len;
};

struct wire {
    struct tracker *t;
    struct channel *channel; /* NULL: not connected */
    struct ch_scratch *scratch;
    struct buffer up, down;               /* bytes under way */
    struct piece_sent pieces[PIECES_MAX]; /* of `up`: one for each send */
    size_t piece_count;
    struct chance chance;
    double lose;         /* datagrams */
    bool mute_positions; /* the server answers no 0x22 */
    bool dead;           /* the server answers nothing */
    int64_t now_ms;

    /* what the server has seen */
    uint64_t *keys;
    size_t key_count;
    unsigned frames, malformed, checksums_bad, answers, logins;
    char answer[512]; /* the last */
    char alarms[512]; /* all, each once */
    int blocked, door, charge;
    uint64_t digest; /* of all bytes */
    double off_m, ahead_ms, speed_kmh;
    const struct world *world;
};

/* ---- the server ---- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 1099511628211u;
    return hash;
}

static uint64_t mix_num(uint64_t hash, double value)
{
    return mix(hash, &value, sizeof value);
}

/* What makes a report the same report, whether it came live or stored. */
static void note_key(struct wire *w, const struct frame *f, const struct record *rec)
{
    int door = rec_get_bool(rec, KEY_DOOR);
    if (!rec_placed(rec) && door < 0)
        return;
    double event = rec_get_num(rec, KEY_EVENT);
    struct span alarm = rec_get_text(rec, KEY_ALARM);
    uint64_t key = mix(14695981039346656037u, f->message, strlen(f->message));
    if (rec_placed(rec)) {
        key = mix(key, &rec->fix_ms, sizeof rec->fix_ms);
        key = mix_num(key, rec->latitude_deg);
        key = mix_num(key, rec->longitude_deg);
        key = mix_num(key, rec->speed_kmh);
    }
    /* AIS-140 calls a live position 1, a stored one 2. */
    bool ais = !strcmp(f->protocol->name, "ais140");
    key = mix_num(key, ais && event == 2 ? 1 : event);
    key = mix_num(key, rec_get_num(rec, KEY_INDEX));
    key = mix_num(key, door);
    key = mix(key, alarm.ptr, alarm.len);
    if (w->key_count < KEYS_MAX)
        w->keys[w->key_count++] = key;
}

static void note_record(struct wire *w, const struct frame *f, const struct record *rec)
{
    struct span alarm = rec_get_text(rec, KEY_ALARM);
    char text[64];
    span_copy(alarm, text, sizeof text);
    if (alarm.len && !strstr(w->alarms, text) &&
        strlen(w->alarms) + alarm.len + 2 < sizeof w->alarms) {
        strcat(w->alarms, text);
        strcat(w->alarms, " ");
    }
    if (rec_get_bool(rec, KEY_BLOCKED) >= 0)
        w->blocked = rec_get_bool(rec, KEY_BLOCKED);
    if (!isnan(rec_get_num(rec, KEY_OUTPUT)))
        w->blocked = rec_get_num(rec, KEY_OUTPUT) >= 2;
    if (rec_get_bool(rec, KEY_DOOR) >= 0)
        w->door = rec_get_bool(rec, KEY_DOOR);
    if (rec_get_bool(rec, KEY_CHARGE) >= 0)
        w->charge = rec_get_bool(rec, KEY_CHARGE);
    if (rec_placed(rec) && w->world && rec->valid) {
        double off_m = world_distance_m(w->world, rec->latitude_deg, rec->longitude_deg);
        w->off_m = fmax(w->off_m, off_m);
        w->ahead_ms = fmax(w->ahead_ms, (double)(rec->fix_ms - w->now_ms));
        w->speed_kmh = fmax(w->speed_kmh, rec->speed_kmh);
    }
    note_key(w, f, rec);
}

static void on_frame(void *arg, const struct frame *f)
{
    struct wire *w = arg;
    w->frames++;
    w->malformed += f->verdict != DECODED || f->fault;
    w->checksums_bad += f->checksum_bad;
    w->logins += !strcmp(f->message, "login");
    for (unsigned i = 0; i < f->record_count; i++)
        note_record(w, f, &f->records[i]);
    for (unsigned i = 0; i < f->answer_count; i++) {
        w->answers++;
        span_copy(f->answers[i].text, w->answer, sizeof w->answer);
    }
    bool mute = w->mute_positions && f->raw.len > 3 && f->raw.ptr[3] == 0x22;
    for (unsigned i = 0; !mute && !w->dead && i < f->reply_count; i++)
        buf_add(&w->down, f->replies[i].bytes.ptr, f->replies[i].bytes.len);
}

/* ---- the wire ---- */

static void wire_close(void *arg)
{
    struct wire *w = arg;
    ch_free(w->channel);
    w->channel = NULL;
    w->up.len = w->down.len = w->piece_count = 0;
}

static void wire_open(void *arg)
{
    struct wire *w = arg;
    w->channel = ch_new(w->t->transport, NULL, NULL, false);
    up_opened(w->t, w->now_ms);
}

static bool wire_send(void *arg, struct span bytes)
{
    struct wire *w = arg;
    if (!w->channel || w->piece_count == PIECES_MAX)
        return false;
    w->pieces[w->piece_count++] = (struct piece_sent){w->up.len, bytes.len};
    buf_add(&w->up, bytes.ptr, bytes.len);
    return true;
}

static bool is_lost(struct wire *w)
{
    return w->lose > 0 && (double)chance_below(&w->chance, 1000) < w->lose * 1000;
}

static void take_replies(struct wire *w)
{
    struct buffer down = w->down;
    w->down = (struct buffer){0};
    if (down.len && w->channel && !is_lost(w))
        up_received(w->t, (struct span){down.ptr, down.len}, w->now_ms);
    buf_fini(&down);
}

/* Brings the first `pieces` sends to the server and its answers back. */
static void carry(struct wire *w, size_t pieces)
{
    struct buffer up = w->up;
    bool udp = w->t->transport == TRANSPORT_UDP;
    struct piece_sent list[PIECES_MAX];
    memcpy(list, w->pieces, pieces * sizeof *list);
    w->up = (struct buffer){0};
    w->piece_count = 0;
    for (size_t i = 0; i < pieces && w->channel; i++) {
        struct span bytes = {up.ptr + list[i].pos, list[i].len};
        if (udp && is_lost(w))
            continue;
        w->digest = mix(w->digest, bytes.ptr, bytes.len);
        ch_feed(w->channel, w->scratch, bytes, udp, w->now_ms, on_frame, w);
        if (udp)
            take_replies(w);
    }
    buf_fini(&up);
}

/* The connection breaks: part of what is under way arrives, no answer does. */
static void cut_wire(struct wire *w)
{
    carry(w, chance_below(&w->chance, w->piece_count + 1));
    bool open = w->channel;
    wire_close(w);
    if (open)
        up_closed(w->t, w->now_ms);
}

static void deliver(struct wire *w)
{
    for (unsigned round = 0; round < 100 && w->piece_count; round++) {
        carry(w, w->piece_count);
        take_replies(w);
    }
}

/* One second of the tracker, or only of its link. */
static void second(struct wire *w, bool drives)
{
    w->now_ms += 1000;
    if (drives)
        trk_second(w->t, w->now_ms);
    up_tick(w->t, w->now_ms);
    deliver(w);
}

static void wire_fini(struct wire *w)
{
    wire_close(w);
    ch_scratch_free(w->scratch);
    buf_fini(&w->up);
    buf_fini(&w->down);
    free(w->keys);
}

/* ---- one tracker of a fleet of its own ---- */

struct bench {
    struct convoy convoy;
    struct wire wire;
    struct tracker *t;
};

static void bench_init(struct bench *b, const struct firmware *firmware,
                       enum transport transport, uint64_t seed, enum incidents incidents)
{
    struct convoy_options o = {
        .devices = 1,
        .protocols = firmware == &wetrack_ais ? MIX_SECOND : MIX_FIRST,
        .transports = transport == TRANSPORT_UDP ? MIX_SECOND : MIX_FIRST,
        .seed = seed,
        .imei_base = 35988014001234,
        .interval_s = 10,
        .incidents = incidents,
    };
    convoy_init(&b->convoy, &o);
    b->t = &b->convoy.trackers[0];
    b->wire = (struct wire){.t = b->t,
                            .now_ms = start_ms,
                            .chance = {seed},
                            .blocked = -1,
                            .door = -1,
                            .charge = -1};
    b->wire.scratch = ch_scratch_new();
    b->wire.keys = mem_zero(KEYS_MAX * sizeof *b->wire.keys);
    struct carrier carrier = {.arg = &b->wire,
                              .open = wire_open,
                              .close = wire_close,
                              .send = wire_send,
                              .datagrams = transport == TRANSPORT_UDP};
    convoy_start(&b->convoy, 0, &carrier, seed);
    b->t->online = true;
}

static void bench_fini(struct bench *b)
{
    convoy_fini(&b->convoy);
    wire_fini(&b->wire);
}

static void live(struct bench *b, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++)
        second(&b->wire, true);
}

/* No more reports; until nothing waits any more. */
static void settle(struct bench *b)
{
    up_cover(b->t, true); /* even where an outage was just on */
    for (unsigned i = 0; i < 900 && up_waiting(&b->t->up); i++)
        second(&b->wire, false);
}

/* ---- what comes out decodes ---- */

static const struct {
    const char *row;
    const struct firmware *firmware;
    enum transport transport;
} kinds[] = {
    {"gt06 tcp", &wetrack_gt06, TRANSPORT_TCP},
    {"gt06 udp", &wetrack_gt06, TRANSPORT_UDP},
    {"ais140 tcp", &wetrack_ais, TRANSPORT_TCP},
    {"ais140 udp", &wetrack_ais, TRANSPORT_UDP},
};

static void test_hour(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct bench b;
        bench_init(&b, kinds[i].firmware, kinds[i].transport, 11, INCIDENTS_USUAL);
        b.wire.world = b.convoy.world;
        live(&b, 3600);
        settle(&b);
        const struct wire *w = &b.wire;
        CHECK(w->malformed == 0 && w->checksums_bad == 0, kinds[i].row);
        CHECK(w->frames > 250 && w->frames >= b.t->up.counts.frames, kinds[i].row);
        CHECK(!strcmp(ch_device(w->channel), "359880140012347"), kinds[i].row);
        CHECK(!strcmp(ch_protocol(w->channel)->name, kinds[i].firmware->protocol),
              kinds[i].row);
        CHECK(w->off_m < 40 && w->ahead_ms <= 0, kinds[i].row);
        CHECK(w->speed_kmh > 20 && w->speed_kmh < 130, kinds[i].row);
        CHECK(up_waiting(&b.t->up) == 0, kinds[i].row);
        CHECK(b.t->up.counts.confirmed >= b.t->up.counts.made, kinds[i].row);
        bench_fini(&b);
    }
}

static uint64_t digest_of(const struct firmware *firmware, uint64_t seed)
{
    struct bench b;
    bench_init(&b, firmware, TRANSPORT_TCP, seed, INCIDENTS_BUSY);
    live(&b, 1200);
    uint64_t digest = b.wire.digest;
    bench_fini(&b);
    return digest;
}

static void test_seeds(void)
{
    for (size_t i = 0; i < COUNT(kinds); i += 2) {
        uint64_t one = digest_of(kinds[i].firmware, 1);
        CHECK(one == digest_of(kinds[i].firmware, 1), kinds[i].row);
        CHECK(one != digest_of(kinds[i].firmware, 2), kinds[i].row);
    }
}

/* ---- nothing gets lost ---- */

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorted, each once. */
static void make_set(struct wire *w)
{
    size_t left = 0;
    qsort(w->keys, w->key_count, sizeof *w->keys, by_value);
    for (size_t i = 0; i < w->key_count; i++)
        if (!left || w->keys[left - 1] != w->keys[i])
            w->keys[left++] = w->keys[i];
    w->key_count = left;
}

static void live_badly(struct bench *b, unsigned seconds)
{
    struct wire *w = &b->wire;
    for (unsigned i = 0; i < seconds; i++) {
        w->now_ms += 1000;
        trk_second(b->t, w->now_ms);
        up_tick(b->t, w->now_ms);
        if (chance_below(&w->chance, 25))
            deliver(w);
        else
            cut_wire(w);
    }
    w->lose = 0;
}

static const struct {
    const char *row;
    const struct firmware *firmware;
    enum transport transport;
    double lose;
    bool mute;
} bad_links[] = {
    {"gt06 tcp", &wetrack_gt06, TRANSPORT_TCP, 0, false},
    {"gt06 tcp, positions unanswered", &wetrack_gt06, TRANSPORT_TCP, 0, true},
    {"gt06 udp, a fifth lost", &wetrack_gt06, TRANSPORT_UDP, 0.2, false},
    {"gt06 udp, positions unanswered", &wetrack_gt06, TRANSPORT_UDP, 0, true},
    {"ais140 tcp", &wetrack_ais, TRANSPORT_TCP, 0, false},
    {"ais140 udp", &wetrack_ais, TRANSPORT_UDP, 0, false},
};

static void test_bad_links(void)
{
    for (size_t i = 0; i < COUNT(bad_links); i++) {
        struct bench good;
        struct bench bad;
        uint64_t seed = 3 + i;
        bench_init(&good, bad_links[i].firmware, bad_links[i].transport, seed,
                   INCIDENTS_BUSY);
        bench_init(&bad, bad_links[i].firmware, bad_links[i].transport, seed,
                   INCIDENTS_BUSY);
        bad.wire.lose = bad_links[i].lose;
        bad.wire.mute_positions = bad_links[i].mute;
        live(&good, 3000);
        live_badly(&bad, 3000);
        settle(&good);
        settle(&bad);
        size_t sent = bad.wire.key_count;
        make_set(&good.wire);
        make_set(&bad.wire);
        CHECK(good.wire.key_count > 100, bad_links[i].row);
        CHECK(good.wire.key_count == bad.wire.key_count, bad_links[i].row);
        CHECK(!memcmp(good.wire.keys, bad.wire.keys,
                      good.wire.key_count * sizeof *good.wire.keys),
              bad_links[i].row);
        CHECK(sent > bad.wire.key_count, "what is sent again is there twice");
        CHECK(bad.wire.malformed == 0, bad_links[i].row);
        CHECK(bad.wire.logins > 20 && good.wire.logins < 20, bad_links[i].row);
        CHECK(up_waiting(&bad.t->up) == 0 && bad.t->up.counts.lost == 0,
              bad_links[i].row);
        bench_fini(&good);
        bench_fini(&bad);
    }
}

/* The memory drops the oldest, and says so. */
static void test_full_memory(void)
{
    struct bench b;
    bench_init(&b, &wetrack_gt06, TRANSPORT_TCP, 1, INCIDENTS_NONE);
    struct uplink *u = &b.t->up;
    for (uint32_t n = 1; n <= UP_MEMORY_MAX + 5; n++)
        keep_put(u, &(struct report){.number = n});
    CHECK(u->count == UP_MEMORY_MAX && u->counts.lost == 5, "full");
    CHECK(u->memory[u->first].number == 6, "the oldest went");
    CHECK(u->memory[u->first + u->count - 1].number == UP_MEMORY_MAX + 5, "the newest");
    keep_put(u, &(struct report){.number = 7});
    CHECK(u->memory[u->first].number == 7 && u->memory[u->first + 1].number == 7,
          "what comes late finds its place");
    bench_fini(&b);
}

/* ---- patience ---- */

static void test_patience(void)
{
    struct bench b;
    bench_init(&b, &wetrack_gt06, TRANSPORT_TCP, 1, INCIDENTS_NONE);
    b.wire.dead = true;
    live(&b, 15);
    CHECK(b.wire.logins == 3, "a login is repeated after five seconds, twice");
    live(&b, 3600);
    CHECK(b.wire.logins > 60 && b.wire.logins < 200, "and then ever more slowly");
    CHECK(b.t->up.counts.confirmed == 0 && b.t->up.counts.made == up_waiting(&b.t->up),
          "nothing is sent without a login");
    b.wire.dead = false;
    live(&b, 120);
    settle(&b);
    CHECK(b.t->up.counts.confirmed == b.t->up.counts.made, "then all of it");

    b.wire.dead = true;
    unsigned logins = b.wire.logins;
    live(&b, 300);
    CHECK(b.wire.logins > logins, "a heartbeat without an answer ends the connection");
    bench_fini(&b);
}

/* ---- orders ---- */

/* The command reaches the tracker through the server's own encoder where it has one. */
static void command(struct bench *b, const char *text)
{
    struct buffer bytes = {0};
    struct command c = {.kind = COMMAND_CUSTOM,
                        .id = 7,
                        .data = text,
                        .enable = -1,
                        .period_s = NAN,
                        .index = NAN,
                        .port = NAN,
                        .radius_m = NAN};
    *b->wire.answer = 0;
    bool encoded = ch_encode(b->wire.channel, b->wire.scratch, &c, &bytes);
    CHECK(encoded, text);
    up_received(b->t, (struct span){bytes.ptr, bytes.len}, b->wire.now_ms);
    deliver(&b->wire);
    buf_fini(&bytes);
}

static const struct {
    const char *text, *answer; /* a part of it */
} commands[] = {
    {"VERSION#", "WETRACK140"},
    {"version#", "WETRACK140"},
    {"STATUS#", "Battery:4.10V"},
    {"PARAM#", "359880140012347"},
    {"WHERE#", "Current position!"},
    {"TIMER#", "TIMER:10"},
    {"TIMER,20,60#", "OK"},
    {"TIMER#", "TIMER:20"},
    {"TIMER,3#", "Command error!"},
    {"TIMER,x#", "Command error!"},
    {"SOS,A,+911,112#", "OK"},
    {"SOS#", "+911"},
    {"SOS,D,1#", "OK"},
    {"CENTER,A,0123#", "OK"},
    {"CENTER#", "0123"},
    {"SPEED,ON,10,80,1#", "OK"},
    {"SPEED,ON,10,800,1#", "Command error!"},
    {"HBT,3,3#", "OK"},
    {"ANGLEREP,ON,30,3#", "OK"},
    {"MILEAGE,ON,1000#", "OK"},
    {"MILEAGE#", "MILEAGE:1000"},
    {"MONITOR#", "OK"},
    {"SERVER,1,example.org,8888,0#", "OK"},
    {"SET UR:30", "OK"},
    {"GET UR", "UR:30"},
    {"SET QQ:30", "Command error!"},
    {"RELAY#", "RELAY:0"},
    {"RELAY,2#", "Command error!"},
    {"HFYD#", "Already in the state of fuel supply to resume"},
    {"DANCE#", "Command error!"},
    {"A,B,C,D,E,F,G,H,I,J#", "Command error!"},
    {"FACTORY#", "OK"},
    {"TIMER#", "TIMER:10"},
    {"RESET#", "OK"},
};

static void test_commands(void)
{
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct bench b;
        bench_init(&b, kinds[k].firmware, kinds[k].transport, 5, INCIDENTS_NONE);
        ride_script(&b.t->ride);
        live(&b, 5);
        for (size_t i = 0; i < COUNT(commands); i++) {
            command(&b, commands[i].text);
            CHECK(strstr(b.wire.answer, commands[i].answer), commands[i].text);
        }
        unsigned logins = b.wire.logins;
        live(&b, 90);
        CHECK(b.wire.logins == logins + 1, "RESET# restarts a minute later");
        CHECK(b.wire.malformed == 0, kinds[k].row);
        bench_fini(&b);
    }
}

/* ---- the relay ---- */

/* Each begins where the one before has left the vehicle. */
static const struct {
    const char *row;
    enum action action;
    double value;
    unsigned wait_s; /* between the action and the command */
    const char *command, *answer;
    unsigned then_s; /* until the relay is looked at */
    int blocked;
} cuts[] = {
    {"standing, with a fix", ACT_MOVE, 0, 5, "RELAY,1#", "Success! Speed:0 Km/h", 2, 1},
    {"again", ACT_MOVE, 0, 1, "RELAY,1#", "Already in the state of  fuel", 2, 1},
    {"restored", ACT_MOVE, 0, 1, "RELAY,0#", "Restore fuel supply: Success!", 2, 0},
    {"at 40 km/h", ACT_MOVE, 40, 40, "RELAY,1#", "Speed Limit", 20, 0},
    {"kept until it is slow", ACT_STOP, 0, 30, "RELAY#", "RELAY:1", 1, 1},
    {"restored again", ACT_MOVE, 40, 1, "HFYD#", "HFYD=Success!", 20, 0},
    {"at 40 km/h, by its old name", ACT_MOVE, 40, 10, "DYD#", "Speed Limit", 1, 0},
    {"thought better of", ACT_MOVE, 40, 1, "RELAY,0#", "Success", 1, 0},
    {"so it stays", ACT_STOP, 0, 30, "RELAY#", "RELAY:0", 1, 0},
    {"without a fix", ACT_GPS, 60, 30, "RELAY,1#", "DYD=Unvalued Fix", 1, 0},
    {"kept until there is one", ACT_GPS, 0, 30, "RELAY#", "RELAY:1", 1, 1},
    {"restored without a fix", ACT_GPS, 60, 30, "RELAY,0#", "Success", 1, 0},
    {"at walking pace", ACT_MOVE, 15, 60, "RELAY,1#", "Success! Speed:1", 2, 1},
    {"and off", ACT_STOP, 0, 10, "RELAY,0#", "Success", 2, 0},
    {"a relay that fails", ACT_RELAY, RELAY_FAILS, 5, "RELAY,1#", "Fail!", 2, 0},
    {"a relay that sticks", ACT_RELAY, RELAY_STICKS, 5, "RELAY,1#", "Success!", 2, 0},
    {"one that works", ACT_RELAY, RELAY_WORKS, 5, "RELAY,1#", "Success!", 2, 1},
};

static void test_relay(void)
{
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct bench b;
        bench_init(&b, kinds[k].firmware, kinds[k].transport, 5, INCIDENTS_NONE);
        ride_script(&b.t->ride);
        live(&b, 5);
        for (size_t i = 0; i < COUNT(cuts); i++) {
            trk_act(b.t, cuts[i].action, cuts[i].value);
            live(&b, cuts[i].wait_s);
            command(&b, cuts[i].command);
            CHECK(strstr(b.wire.answer, cuts[i].answer), cuts[i].row);
            live(&b, cuts[i].then_s);
            CHECK(b.t->cut == !!cuts[i].blocked, cuts[i].row);
            CHECK(b.wire.blocked == cuts[i].blocked, cuts[i].row);
        }
        trk_act(b.t, ACT_MOVE, 50);
        live(&b, 30);
        CHECK(b.t->ride.speed_ms <= 0, "a vehicle whose engine is cut does not move");
        bench_fini(&b);
    }
}

/* ---- events ---- */

static const struct {
    enum action action;
    double value;
    const char *alarm;
} events[] = {
    {ACT_PANIC, 1, "sos"},
    {ACT_TAMPER, 1, "tampering"},
    {ACT_POWER, 0, "powerCut"},
    {ACT_BATTERY, 0, "lowBattery"},
    {ACT_ACCELERATE, 1, "hardAcceleration"},
    {ACT_TURN, -90, "hardCornering"},
    {ACT_IMPACT, 1, "accident"},
    {ACT_OVERSPEED, 1, "overspeed"},
    {ACT_FENCE, 1, "geofenceEnter"},
    {ACT_FENCE, 0, "geofenceExit"},
};

static void test_events(void)
{
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct bench b;
        bench_init(&b, kinds[k].firmware, kinds[k].transport, 5, INCIDENTS_NONE);
        ride_script(&b.t->ride);
        live(&b, 5);
        for (size_t i = 0; i < COUNT(events); i++) {
            trk_act(b.t, events[i].action, events[i].value);
            live(&b, events[i].action == ACT_OVERSPEED ? 120 : 3);
            CHECK(strstr(b.wire.alarms, events[i].alarm), events[i].alarm);
        }
        CHECK(b.wire.charge == 0, "without the vehicle's battery");
        trk_act(b.t, ACT_POWER, 1);
        live(&b, 2);
        CHECK(b.wire.charge == 1, "with it again");
        unsigned before = b.wire.frames;
        live(&b, 60);
        CHECK(b.wire.frames - before >= 12, "an emergency repeats every five seconds");
        trk_act(b.t, ACT_PANIC, 0);
        live(&b, 2);
        before = b.wire.frames;
        trk_act(b.t, ACT_STOP, 0);
        live(&b, 60);
        CHECK(b.wire.frames - before < 24, "and ends");
        CHECK(b.wire.malformed == 0, kinds[k].row);
        bench_fini(&b);
    }
}

/* A clock that is ahead shows in the frames; the announced zone does not. */
static void test_clock(void)
{
    for (int zone_min = 0; zone_min <= 330; zone_min += 330) {
        struct bench b;
        bench_init(&b, &wetrack_gt06, TRANSPORT_TCP, 5, INCIDENTS_NONE);
        b.t->set.zone_min = zone_min;
        b.wire.world = b.convoy.world;
        b.wire.ahead_ms = -1e9;
        live(&b, 120);
        CHECK(b.wire.ahead_ms <= 0 && b.wire.ahead_ms > -2000,
              unit_row((unsigned)zone_min));
        trk_act(b.t, ACT_CLOCK, 600);
        live(&b, 120);
        CHECK(b.wire.ahead_ms > 598000 && b.wire.ahead_ms <= 600000,
              unit_row((unsigned)zone_min));
        bench_fini(&b);
    }
}

void test_simulate_link(void)
{
    test_hour();
    test_seeds();
    test_bad_links();
    test_full_memory();
    test_patience();
    test_commands();
    test_relay();
    test_events();
    test_clock();
}
