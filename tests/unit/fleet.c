/*
 * fleet.c - tests of the fleet: entries in, vehicles, positions and events out, with a
 * clock that the test sets and no thread.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fleet/fleet.h"
#include "unit.h"

static const char *const IMEI = "359880140012347";
static const int64_t T0 = INT64_C(1715927400000); /* 2024-05-17T06:30:00Z */

static int64_t clock_ms;

static int64_t now_ms(void)
{
    return clock_ms;
}

struct stage {
    char dir[40];
    struct journal *journal, *strays;
    struct store *store;
    struct tracks *tracks;
    struct bus *bus;
    struct fleet *fleet;
    struct err err;
    int64_t device_id;
};

static char *in(const struct stage *s, const char *name, char out[80])
{
    snprintf(out, 80, "%s/%s", s->dir, name);
    return out;
}

static void open_rooms(struct stage *s)
{
    char path[80];
    struct jr_limits limits = {0};
    s->journal = jr_open(in(s, "journal", path), &limits, &s->err);
    s->strays = jr_open(in(s, "unknown", path), &limits, &s->err);
    s->store = st_open(in(s, "milepost.db", path), &s->err);
    s->tracks = tr_open(s->store, 0);
    s->bus = bus_new();
    struct fleet_config config = {s->store, s->tracks, s->journal, s->strays,
                                  s->bus,   now_ms,    600};
    s->fleet = fl_open(&config, &s->err);
    CHECK(s->fleet != NULL, s->err.text);
}

/* As a process that ends: with `all` by SIGTERM, else by SIGKILL. */
static void close_rooms(struct stage *s, bool all)
{
    if (all)
        fl_stop(s->fleet);
    fl_close(s->fleet);
    tr_close(s->tracks);
    st_close(s->store);
    jr_close(s->journal);
    jr_close(s->strays);
    bus_free(s->bus);
}

static void register_device(struct stage *s, const char *attributes)
{
    struct st_device d = {.name = (char *)"Van",
                          .unique_id = (char *)IMEI,
                          .expiration_ms = TIME_NONE,
                          .attributes = (char *)attributes};
    CHECK(fl_device_put(s->fleet, &d, &s->err), s->err.text);
    s->device_id = d.id;
}

static void stage_open(struct stage *s)
{
    *s = (struct stage){.dir = "/tmp/unit-fleet-XXXXXX"};
    clock_ms = T0;
    CHECK(mkdtemp(s->dir) != NULL, "a directory");
    open_rooms(s);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void stage_close(struct stage *s)
{
    close_rooms(s, true);
    nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- what a tracker says ---- */

struct said {
    int at_s;   /* of the fix, after T0 */
    double lat; /* NAN: a heartbeat */
    double speed_kmh;
    int ignition;
    const char *alarm;
    const char *message;
    int input;  /* bits; -1: none */
    int charge; /* -1: none */
    int late_s; /* it arrives so much later */
};

static uint64_t append(struct stage *s, struct journal *j, const struct said *said)
{
    static struct record rec;
    static uint8_t packed[REC_PACK_MAX];
    rec_clear(&rec);
    rec.device_ms = T0 + said->at_s * 1000;
    if (!isnan(said->lat)) {
        rec.fix_ms = rec.device_ms;
        rec.latitude_deg = said->lat;
        rec.longitude_deg = 77.2;
        rec.speed_kmh = said->speed_kmh;
        rec.valid = true;
    }
    if (said->ignition >= 0)
        rec_bool(&rec, KEY_IGNITION, said->ignition);
    if (said->alarm)
        rec_alarm(&rec, said->alarm);
    if (said->input >= 0)
        rec_num(&rec, KEY_INPUT, said->input);
    if (said->charge >= 0)
        rec_bool(&rec, KEY_CHARGE, said->charge);
    struct entry e = {
        .arrival_ms = T0 + (said->at_s + said->late_s) * 1000,
        .connection = 1,
        .device = span_of(IMEI),
        .protocol = span_of("gt06"),
        .message = span_of(said->message ? said->message : "location"),
        .record_count = 1,
    };
    e.records = (struct span){packed, rec_pack(&rec, packed)};
    if (e.arrival_ms > clock_ms)
        clock_ms = e.arrival_ms;
    uint64_t seq = jr_append(j, &e);
    CHECK(jr_wait(j, seq, 10000), "durable");
    (void)s;
    return seq;
}

static const struct said drive[] = {
    {0, 28.600, 0, 0, NULL, NULL, 0, 1, 1},
    {60, 28.600, 0, 1, NULL, NULL, 0, 1, 1},
    {70, 28.605, 40, 1, NULL, NULL, 0, 1, 1},
    {80, 28.610, 40, 1, "sos", "alarm", 1, 1, 1},
    {90, NAN, 0, 1, NULL, "heartbeat", 1, 0, 1},
    {100, 28.615, 40, 1, NULL, NULL, 1, 0, 1},
    {160, 28.615, 0, 0, NULL, NULL, 0, 1, 1},
};

static void say_all(struct stage *s)
{
    for (size_t i = 0; i < COUNT(drive); i++)
        append(s, s->journal, &drive[i]);
    CHECK(fl_run(s->fleet, &s->err), s->err.text);
}

/* ---- what came of it ---- */

struct seen {
    unsigned count;
    char types[64][40];
    int64_t last_ms;
    bool ordered;
};

static bool on_event(void *arg, const struct st_event *e)
{
    struct seen *seen = arg;
    const char *alarm = strstr(e->attributes, "alarm\":\"");
    if (seen->count < 64)
        snprintf(seen->types[seen->count], sizeof seen->types[0], "%s%s%.13s", e->type,
                 alarm ? " " : "", alarm ? alarm + 8 : "");
    seen->count++;
    return true;
}

static bool has(const struct seen *seen, const char *type)
{
    for (unsigned i = 0; i < seen->count && i < 64; i++)
        if (!strncmp(seen->types[i], type, strlen(type)))
            return true;
    return false;
}

static struct seen events_of(struct stage *s)
{
    struct seen seen = {0};
    st_events_each(s->store, s->device_id, INT64_MIN, INT64_MAX, on_event, &seen,
                   &s->err);
    return seen;
}

static bool on_position(void *arg, const struct position *p)
{
    struct seen *seen = arg;
    seen->ordered = seen->ordered && p->rec.fix_ms >= seen->last_ms;
    seen->last_ms = p->rec.fix_ms;
    seen->count++;
    return true;
}

static struct seen positions_of(struct stage *s)
{
    struct seen seen = {.ordered = true, .last_ms = INT64_MIN};
    tr_each(s->tracks, s->device_id, INT64_MIN, INT64_MAX, on_position, &seen, &s->err);
    return seen;
}

static void test_drive(void)
{
    struct stage s;
    stage_open(&s);
    register_device(&s, "{\"in1Name\":\"Tail lift\"}");
    say_all(&s);
    struct seen events = events_of(&s);
    static const char *const wanted[] = {
        "deviceOnline",        "ignitionOn",  "deviceMoving",
        "alarm sos",           "inputOn",     "inputOff",
        "deviceStopped",       "ignitionOff", "alarm powerCut",
        "alarm powerRestored",
    };
    for (size_t i = 0; i < COUNT(wanted); i++)
        CHECK(has(&events, wanted[i]), wanted[i]);
    CHECK(events.count == COUNT(wanted), unit_row(events.count));
    CHECK(positions_of(&s).count == COUNT(drive), "every record is a position");

    struct position *p = mem_grow(NULL, sizeof *p);
    CHECK(fl_latest(s.fleet, s.device_id, p), "a latest position");
    CHECK(p->rec.fix_ms == T0 + 160000, "the newest");
    double total = rec_get_num(&p->rec, KEY_TOTAL_DISTANCE_M);
    CHECK(total > 1600 && total < 1700, "distance of 0.015 degrees");
    double hours = rec_get_num(&p->rec, KEY_HOURS_MS);
    CHECK(hours == 100000, "engine on from 60 s to 160 s");
    free(p);

    struct fl_live live;
    CHECK(fl_live(s.fleet, s.device_id, &live) && live.status == FL_ONLINE, "online");
    clock_ms += 601000 + 5000;
    fl_run(s.fleet, &s.err);
    CHECK(fl_live(s.fleet, s.device_id, &live) && live.status == FL_UNKNOWN, "silent");
    stage_close(&s);
}

static void test_late_and_repeated(void)
{
    static const struct said late = {75, 28.607, 40, 1, NULL, NULL, 1, 1, 300};
    struct stage s;
    stage_open(&s);
    register_device(&s, "{}");
    say_all(&s);
    append(&s, s.journal, &late);
    append(&s, s.journal, &late);
    append(&s, s.journal, &drive[2]);
    fl_run(s.fleet, &s.err);
    struct fl_health *health = mem_zero(sizeof *health);
    fl_health(s.fleet, s.device_id, health);
    CHECK(health->repeats == 2, unit_row((unsigned long)health->repeats));
    CHECK(health->late == 1, unit_row((unsigned long)health->late));
    free(health);
    struct seen positions = positions_of(&s);
    CHECK(positions.count == COUNT(drive) + 1, unit_row(positions.count));
    CHECK(positions.ordered, "in order of time");
    struct fl_live live;
    fl_live(s.fleet, s.device_id, &live);
    CHECK(live.position_ms == T0 + 160000, "what is late moves nobody");
    stage_close(&s);
}

/* Whatever was written when the process died, reading the journal again ends in the
 * same. */
static void test_crash(void)
{
    struct stage s;
    stage_open(&s);
    register_device(&s, "{}");
    for (size_t i = 0; i < COUNT(drive); i++) {
        append(&s, s.journal, &drive[i]);
        fl_run(s.fleet, &s.err);
        close_rooms(&s, false);
        open_rooms(&s);
    }
    fl_run(s.fleet, &s.err);
    CHECK(positions_of(&s).count == COUNT(drive), unit_row(positions_of(&s).count));
    struct fl_health *health = mem_zero(sizeof *health);
    fl_health(s.fleet, s.device_id, health);
    CHECK(health->positions == COUNT(drive), "counted once");
    CHECK(health->repeats == 0, "nothing is its own repeat");
    free(health);
    close_rooms(&s, true);
    open_rooms(&s);
    fl_run(s.fleet, &s.err);
    CHECK(positions_of(&s).count == COUNT(drive), "and after an orderly end");
    struct fl_live live;
    CHECK(fl_live(s.fleet, s.device_id, &live) && live.position_ms == T0 + 160000,
          "the latest position is known");
    stage_close(&s);
}

/* A heartbeat has no clock: it stands at its arrival, and the fix behind it, by a clock
 * that is slow, is news all the same. */
static void test_slow_clock(void)
{
    static const struct said fix = {10, 28.6, 40, 1, NULL, NULL, -1, -1, 30};
    struct stage s;
    stage_open(&s);
    register_device(&s, "{}");
    append(&s, s.journal, &drive[0]);
    struct record *rec = mem_grow(NULL, sizeof *rec);
    uint8_t packed[256];
    rec_clear(rec);
    rec_bool(rec, KEY_IGNITION, true);
    struct entry beat = {.arrival_ms = T0 + 35000,
                         .device = span_of(IMEI),
                         .protocol = span_of("gt06"),
                         .message = span_of("heartbeat"),
                         .record_count = 1};
    beat.records = (struct span){packed, rec_pack(rec, packed)};
    jr_wait(s.journal, jr_append(s.journal, &beat), 10000);
    append(&s, s.journal, &fix);
    fl_run(s.fleet, &s.err);
    struct fl_live live;
    fl_live(s.fleet, s.device_id, &live);
    CHECK(live.position_ms == T0 + 10000, "the fix is the latest place");
    free(rec);
    stage_close(&s);
}

static void test_impossible(void)
{
    static const struct said future = {10 * 86400, 28.7,           0, 0, NULL, NULL, -1,
                                       -1,         -10 * 86400 + 5};
    struct stage s;
    stage_open(&s);
    register_device(&s, "{}");
    append(&s, s.journal, &drive[0]);
    append(&s, s.journal, &future);
    fl_run(s.fleet, &s.err);
    struct fl_live live;
    fl_live(s.fleet, s.device_id, &live);
    CHECK(live.position_ms == T0, "a place of ten days ahead is no place");
    CHECK(positions_of(&s).count == 2, "but the record is kept");
    stage_close(&s);
}

static bool count_stray(void *arg, const struct fl_stray *stray)
{
    CHECK(!strcmp(stray->unique_id, IMEI) && stray->frames == COUNT(drive), IMEI);
    ++*(unsigned *)arg;
    return true;
}

static void test_adoption(void)
{
    struct stage s;
    stage_open(&s);
    for (size_t i = 0; i < COUNT(drive); i++)
        append(&s, s.strays, &drive[i]);
    fl_run(s.fleet, &s.err);
    unsigned strays = 0;
    fl_strays_each(s.fleet, count_stray, &strays);
    CHECK(strays == 1, "listed");
    struct st_device d = {.name = (char *)"Found",
                          .unique_id = (char *)IMEI,
                          .expiration_ms = TIME_NONE,
                          .attributes = (char *)"{}"};
    CHECK(fl_adopt(s.fleet, &d, &s.err), s.err.text);
    s.device_id = d.id;
    fl_run(s.fleet, &s.err);
    CHECK(positions_of(&s).count == COUNT(drive), "its past is there");
    CHECK(fl_stray_count(s.fleet) == 0, "and it is unknown no more");

    /* An adoption that a crash has interrupted is done again. */
    d.adopting = true;
    CHECK(fl_device_put(s.fleet, &d, &s.err), s.err.text);
    close_rooms(&s, false);
    open_rooms(&s);
    CHECK(fl_adopt(s.fleet, &d, &s.err), s.err.text);
    fl_run(s.fleet, &s.err);
    CHECK(positions_of(&s).count == COUNT(drive), "nothing is there twice");
    stage_close(&s);
}

static void test_two_networks(void)
{
    struct stage s;
    stage_open(&s);
    register_device(&s, "{}");
    for (unsigned i = 0; i < 3; i++) {
        struct entry e = {
            .arrival_ms = T0 + i * 1000,
            .connection = i + 1,
            .peer = {.address =
                         {[10] = 0xff, [11] = 0xff, 203, 0, 113, (uint8_t)(1 + i % 2)}},
            .device = span_of(IMEI),
            .protocol = span_of("gt06"),
            .message = span_of("login"),
        };
        jr_wait(s.journal, jr_append(s.journal, &e), 10000);
    }
    fl_run(s.fleet, &s.err);
    struct fl_health *health = mem_zero(sizeof *health);
    fl_health(s.fleet, s.device_id, health);
    CHECK(health->flag_count == 1 && !strcmp(health->flags[0].kind, "twoNetworks"),
          "flagged");
    free(health);
    stage_close(&s);
}

void test_fleet(void)
{
    test_drive();
    test_late_and_repeated();
    test_crash();
    test_slow_clock();
    test_impossible();
    test_adoption();
    test_two_networks();
}
