/*
 * simulate.c - the simulated fleet without its links: roads, driving, frames as the
 * sheets show them, names, scripts.
 */
#include <math.h>
#include <stdio.h>

#include "simulate/convoy.h"
#include "simulate/script.h"
#include "simulate/wetrack.h"
#include "unit.h"

enum { ROAD_M = 15 }; /* how far a way may leave the middle of the roads */

/* ---- roads ---- */

static void test_ways(const struct world *w)
{
    struct chance c = {7};
    struct way way = {0};
    static const unsigned areas[] = {
        1u << AREA_DELHI | 1u << AREA_AGRA | 1u << AREA_JAIPUR,
        1u << AREA_MUMBAI | 1u << AREA_PUNE, 1u << AREA_BENGALURU};
    for (unsigned i = 0; i < 60; i++) {
        unsigned in = areas[i % COUNT(areas)];
        size_t from = world_stop(w, in, chance_next(&c), SIZE_MAX);
        size_t to = world_stop(w, in, chance_next(&c), from);
        CHECK(from != to && way_find(w, from, to, &way), unit_row(i));
        CHECK(way.count >= 2 && way.points[0].at_m == 0, unit_row(i));
        double worst_m = 0;
        bool good = true;
        for (size_t k = 0; k < way.count; k++) {
            const struct way_point *p = &way.points[k];
            worst_m =
                fmax(worst_m, world_distance_m(w, p->latitude_deg, p->longitude_deg));
            good = good && (!k || p->at_m > p[-1].at_m) &&
                   (k + 1 == way.count || (p->limit_ms > 1 && p->limit_ms < 28));
        }
        CHECK(worst_m < ROAD_M, unit_row(i));
        CHECK(good, unit_row(i));
    }
    CHECK(!way_find(w, 0, 0, &way), "from a place to itself");
    size_t delhi = world_stop(w, 1u << AREA_DELHI, 0, SIZE_MAX);
    size_t mumbai = world_stop(w, 1u << AREA_MUMBAI, 0, SIZE_MAX);
    CHECK(!way_find(w, delhi, mumbai, &way), "there is no road from Delhi to Mumbai");
    way_fini(&way);
}

static void test_rides(const struct world *w)
{
    static const struct ride_kind car = {"car", 100, 110, 1.6, 2.0, 12.6};
    for (unsigned i = 0; i < 8; i++) {
        struct ride r;
        unsigned trips = 0;
        double fast_kmh = 0;
        double brake_ms2 = 0;
        double off_m = 0;
        bool parks = true;
        ride_init(&r, w, &car, 1u << AREA_DELHI | 1u << AREA_GURUGRAM, i);
        double odometer_m = r.odometer_m;
        for (unsigned s = 0; s < 4 * 3600; s++) {
            double before_ms = r.speed_ms;
            enum phase phase = r.phase;
            ride_second(&r);
            fast_kmh = fmax(fast_kmh, r.speed_ms * 3.6 - ride_limit_kmh(&r));
            brake_ms2 = fmax(brake_ms2, before_ms - r.speed_ms);
            trips += phase == PHASE_DRIVING && r.phase == PHASE_ARRIVED;
            parks = parks && (r.phase == PHASE_DRIVING || r.speed_ms <= 0) &&
                    r.ignition == (r.phase != PHASE_PARKED);
            if (s % 10 == 0) {
                struct where p = ride_where(&r);
                off_m = fmax(off_m, world_distance_m(w, p.latitude_deg, p.longitude_deg));
            }
        }
        CHECK(parks, unit_row(i));
        CHECK(fast_kmh < 2, unit_row(i));
        CHECK(brake_ms2 < 4, unit_row(i));
        CHECK(off_m < ROAD_M + 4, unit_row(i));
        CHECK(trips >= 2, unit_row(i));
        CHECK(r.odometer_m - odometer_m > 20000, unit_row(i));
        ride_fini(&r);
    }
}

/* ---- frames ---- */

static bool is_hex(struct span s, const char *hex)
{
    char text[1200];
    if (2 * s.len >= sizeof text)
        return false;
    hex_format(s, text);
    return !strcmp(text, hex);
}

/* The tracker of the sheets: near India Gate, everything as it should be. */
static const struct ride_kind example_car = {.supply_v = 12.6};

static struct tracker example(const struct firmware *firmware)
{
    struct tracker t = {
        .imei = "359880140012347",
        .firmware = firmware,
        .set = {.on_s = 60, .off_s = 600, .registration = "000000000"},
        .ride.kind = &example_car,
        .gps = {.where = {28.6139, 77.209, 135},
                .fix = true,
                .satellites = 11,
                .hdop = 0.8},
        .supplied = true,
        .ignition = true,
        .battery_v = 4.1,
        .analog_v = 0.1,
        .second = 240, /* when the mobile signal is good */
    };
    return t;
}

static const struct report fix = {
    .number = 27,
    .latitude_e7 = 286139000,
    .longitude_e7 = 772090000,
    .odometer_m = 123456,
    .speed_kmh_e1 = 420,
    .course_deg = 135,
    .altitude_m = 216,
    .supply_mv = 12600,
    .battery_mv = 4100,
    .analog_mv = 100,
    .satellites = 11,
    .hdop_e1 = 8,
    .gsm = 24,
    .frame = FRAME_POSITION,
    .flags = REPORT_FIX | REPORT_IGNITION | REPORT_SUPPLIED,
};

static int64_t at(int hour, int minute, int second)
{
    return civil_ms((struct civil){2024, 5, 17, hour, minute, second});
}

static const struct {
    const char *row;
    uint16_t serial;
    uint8_t without, with; /* of the example's state, enum report_flag */
    const char *hex;
} heartbeats[] = {
    {"ACC on", 10, 0, 0, "78780a134606040002000a34bc0d0a"},
    {"ACC off", 11, REPORT_IGNITION, 0, "78780a134406040002000b128e0d0a"},
    {"relay cut", 12, 0, REPORT_CUT, "78780a13c606040002000cd7970d0a"},
    {"no supply", 13, REPORT_SUPPLIED, 0, "78780a134206040002000d"},
};

static void test_gt06_heartbeats(void)
{
    for (size_t i = 0; i < COUNT(heartbeats); i++) {
        uint8_t bytes[64];
        char hex[128];
        struct writer w = wr_open(bytes, sizeof bytes);
        struct tracker t = example(&wetrack_gt06);
        t.ignition = !(heartbeats[i].without & REPORT_IGNITION);
        t.supplied = !(heartbeats[i].without & REPORT_SUPPLIED);
        t.cut = heartbeats[i].with & REPORT_CUT;
        wetrack_gt06.heartbeat(&t, heartbeats[i].serial, &w);
        hex_format(wr_done(&w), hex);
        CHECK(!strncmp(hex, heartbeats[i].hex, strlen(heartbeats[i].hex)),
              heartbeats[i].row);
    }
    uint8_t bytes[64];
    struct writer w = wr_open(bytes, sizeof bytes);
    struct tracker t = example(&wetrack_gt06);
    t.zone_min = 330;
    wetrack_gt06.login(&t, 1, &w);
    CHECK(is_hex(wr_done(&w), "78781101035988014001234727002122000126370d0a"), "login");
}

/* Frames of the sheet with their own cell: it stands behind the course. */
static const struct {
    enum event event;
    enum frame_kind frame;
    bool stored;
    uint16_t serial;
    uint8_t flags;
    const char *head, *tail;
} gt06_frames[] = {
    {EVENT_INTERVAL, FRAME_POSITION, false, 5, 0,
     "78782622180511061e0fc90311e77c08489bc82a148701940a", "0100000001e2400005"},
    {EVENT_CORNER, FRAME_POSITION, true, 5, 0,
     "78782622180511061e0fc90311e77c08489bc82a148701940a", "0102010001e2400005"},
    {EVENT_PANIC, FRAME_ALARM, false, 20, REPORT_PANIC,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "66060401020014"},
    {EVENT_POWER_CUT, FRAME_ALARM, false, 21, 0,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "56060402020015"},
    {EVENT_TAMPER, FRAME_ALARM, false, 22, 0,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "46060413020016"},
    {EVENT_ACCELERATE, FRAME_ALARM, false, 24, 0,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "46060429020018"},
    {EVENT_BRAKE, FRAME_ALARM, false, 25, 0,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "46060430020019"},
    {EVENT_IMPACT, FRAME_ALARM, false, 26, 0,
     "78782526180511061e0fc90311e77c08489bc82a14870901940a", "4606042c02001a"},
    {EVENT_FENCE_IN, FRAME_ALARM, false, 7, 0,
     "78782627180511061e0fc90311e77c08489bc82a14870901940a", "4606040402010007"},
};

static void test_gt06_frames(void)
{
    struct tracker t = example(&wetrack_gt06);
    for (size_t i = 0; i < COUNT(gt06_frames); i++) {
        uint8_t bytes[64];
        char hex[160];
        struct report r = fix;
        struct writer w = wr_open(bytes, sizeof bytes);
        r.time_ms = at(6, 30, 15);
        r.satellites = 9;
        r.event = (uint8_t)gt06_frames[i].event;
        r.frame = (uint8_t)gt06_frames[i].frame;
        r.flags |= gt06_frames[i].flags;
        wetrack_gt06.report(&t, &r, gt06_frames[i].stored, gt06_frames[i].serial, &w);
        hex_format(wr_done(&w), hex);
        const char *head = gt06_frames[i].head;
        const char *tail = gt06_frames[i].tail;
        CHECK(!strncmp(hex, head, strlen(head)), unit_row(i));
        CHECK(!strncmp(hex + strlen(head) + 10, tail, strlen(tail)), unit_row(i));
        CHECK(strlen(hex) == strlen(head) + 10 + strlen(tail) + 8, unit_row(i));
    }
}

static const struct {
    const char *row;
    uint16_t serial;
    bool open, stored;
    const char *hex;
} doors[] = {
    {"open", 11, true, false, "79790007940503000bbc440d0a"},
    {"closed", 29, false, false, "79790007940502001d932f0d0a"},
    {"opened in the past", 1, true, true, "7979000d9405180511061e0f030001"},
};

static void test_gt06_doors(void)
{
    struct tracker t = example(&wetrack_gt06);
    for (size_t i = 0; i < COUNT(doors); i++) {
        uint8_t bytes[64];
        char hex[128];
        struct report r = fix;
        struct writer w = wr_open(bytes, sizeof bytes);
        r.time_ms = at(6, 30, 15);
        r.frame = FRAME_DOOR;
        r.flags |= doors[i].open ? REPORT_DOOR : 0;
        wetrack_gt06.report(&t, &r, doors[i].stored, doors[i].serial, &w);
        hex_format(wr_done(&w), hex);
        CHECK(!strncmp(hex, doors[i].hex, strlen(doors[i].hex)), doors[i].row);
    }
    uint8_t bytes[128];
    struct writer w = wr_open(bytes, sizeof bytes);
    wetrack_gt06.answer(&t, 7, "RELAY,1",
                        "Cut off the fuel supply: Success! Speed:0 Km/h", 10, &w);
    CHECK(wr_done(&w).len == 63 && bytes[3] == 0x15 && bytes[4] == 50, "a short answer");
}

/* What the sheet shows before and behind the cells. */
static const struct {
    enum event event;
    bool stored;
    uint8_t with, without;
    uint16_t speed_kmh_e1;
    const char *head, *tail;
} packets[] = {
    {EVENT_INTERVAL, false, 0, 0, 420,
     "$,NRM,MARK,V0.0.1,NR,01,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,42.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,0,C,24,404,10,",
     ",1000,00,0.1,123456,000027,0,0,0,"},
    {EVENT_INTERVAL, true, 0, 0, 410,
     "$,NRM,MARK,V0.0.1,NR,02,H,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,41.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,0,C,24,404,10,",
     ",1000,00,0.1,123456,000027,0,0,0,"},
    {EVENT_IGNITION_OFF, false, 0, REPORT_IGNITION, 0,
     "$,NRM,MARK,V0.0.1,IF,08,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,0.0,135.00,11,216.0,1.4,0.8,AIRTEL,0,1,12.6,4.1,0,C,24,404,10,",
     ",0000,00,0.1,123456,000027,0,0,0,"},
    {EVENT_DOOR_OPEN, false, REPORT_DOOR, 0, 0,
     "$,NRM,MARK,V0.0.1,NR,01,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,0.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,0,C,24,404,10,",
     ",1100,00,0.1,123456,000027,0,0,0,"},
    {EVENT_PANIC, false, REPORT_PANIC, 0, 0,
     "$,NRM,MARK,V0.0.1,EA,10,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,0.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,1,C,24,404,10,",
     ",1001,00,0.1,123456,000027,0,0,0,"},
    {EVENT_TAMPER, false, REPORT_COVER_OPEN, 0, 0,
     "$,NRM,MARK,V0.0.1,TA,09,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,0.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,0,O,24,404,10,",
     ",1000,00,0.1,123456,000027,0,0,0,"},
    {EVENT_RELAY, false, REPORT_CUT, 0, 0,
     "$,NRM,MARK,V0.0.1,NR,01,L,359880140012347,000000000,1,17052024,063015,28.613900,N,"
     "77.209000,E,0.0,135.00,11,216.0,1.4,0.8,AIRTEL,1,1,12.6,4.1,0,C,24,404,10,",
     ",1000,10,0.1,123456,000027,0,0,0,"},
};

static void test_ais_packets(void)
{
    struct tracker t = example(&wetrack_ais);
    for (size_t i = 0; i < COUNT(packets); i++) {
        char text[512] = "";
        struct report r = fix;
        struct writer w = wr_open(text, sizeof text - 1);
        r.time_ms = at(6, 30, 15);
        r.event = (uint8_t)packets[i].event;
        r.flags = (uint8_t)((r.flags | packets[i].with) & ~packets[i].without);
        r.speed_kmh_e1 = packets[i].speed_kmh_e1;
        wetrack_ais.report(&t, &r, packets[i].stored, 1, &w);
        size_t len = wr_done(&w).len;
        const char *tail = packets[i].tail;
        CHECK(!strncmp(text, packets[i].head, strlen(packets[i].head)), unit_row(i));
        CHECK(len > 200 && !strcmp(text + len - 2, ",*"), unit_row(i));
        CHECK(len > 200 && !strncmp(text + len - 6 - strlen(tail), tail, strlen(tail)),
              unit_row(i));
    }
}

static void test_ais_others(void)
{
    char text[512] = "";
    struct tracker t = example(&wetrack_ais);
    struct writer w = wr_open(text, sizeof text - 1);
    wetrack_ais.login(&t, 1, &w);
    CHECK(!strcmp(text, "$,LGN,MARK,000000000,359880140012347,V0.0.1,AIS140,28.613900,N,"
                        "77.209000,E,*"),
          "login");
    memset(text, 0, sizeof text);
    w = wr_open(text, sizeof text - 1);
    struct report r = fix;
    r.time_ms = at(6, 30, 15);
    r.frame = FRAME_EMERGENCY;
    r.flags |= REPORT_PANIC;
    r.distance_m = 12;
    wetrack_ais.report(&t, &r, true, 1, &w);
    CHECK(!strcmp(text, "$,EPB,EMR,359880140012347,SP,17052024063015,A,28.613900,N,"
                        "077.209000,E,216.0,42.0,12,G,000000000,0,*"),
          "emergency");
    memset(text, 0, sizeof text);
    w = wr_open(text, sizeof text - 1);
    wetrack_ais.answer(&t, 0, "RELAY,1", "DYD=Speed Limit, Speed 43km/h", 1, &w);
    CHECK(strstr(text, ",OT,12,L,"), "an answer's packet");
    CHECK(strstr(text, ",GPRS,RELAY;1,DYD=Speed Limit; Speed 43km/h,"), "an answer");
}

/* ---- names and scripts ---- */

static const struct {
    uint64_t fourteen;
    const char *imei;
} imeis[] = {
    {35988014001234, "359880140012347"},
    {49015420323751, "490154203237518"},
    {0, "000000000000000"},
};

static void test_convoy(void)
{
    struct convoy a;
    struct convoy_options o = {.devices = 40,
                               .protocols = MIX_BOTH,
                               .transports = MIX_BOTH,
                               .seed = 1,
                               .imei_base = 35988014100001,
                               .interval_s = 10};
    for (size_t i = 0; i < COUNT(imeis); i++) {
        char imei[IMEI_LEN + 1];
        imei_format(imeis[i].fourteen, imei);
        CHECK(!strcmp(imei, imeis[i].imei), imeis[i].imei);
    }
    convoy_init(&a, &o);
    unsigned kinds[4] = {0};
    for (unsigned i = 0; i < a.count; i++) {
        const struct tracker *t = &a.trackers[i];
        bool ais = t->firmware == &wetrack_ais;
        kinds[ais * 2 + (t->transport == TRANSPORT_UDP)]++;
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(t->imei, a.trackers[k].imei) != 0 &&
                      strcmp(t->name, a.trackers[k].name) != 0,
                  t->name);
    }
    CHECK(kinds[0] && kinds[1] && kinds[2] && kinds[3],
          "every firmware, every transport");
    convoy_fini(&a);
}

static const struct {
    const char *text;
    size_t lines; /* 0: not understood */
} scripts[] = {
    {"10 door open", 1},
    {"# nothing\n\n10 door open # why\r\n  20  move 40.5 \n", 2},
    {"at vehicle 2\n30 clock +19800\nat vehicle all\n30 clock -60", 2},
    {"1 ignition on\n2 ignition off\n3 door close\n4 panic press\n5 panic release\n"
     "6 panic-wire cut\n7 panic-wire restore\n8 tamper\n9 tamper over\n10 power cut\n"
     "11 power restore\n12 battery low\n13 battery ok\n14 stop\n15 outage 30\n"
     "16 harsh brake\n17 harsh accelerate\n18 harsh turn\n19 harsh turn left\n"
     "20 overspeed\n21 impact\n22 tilt\n23 fence in\n24 fence out\n25 input on\n"
     "26 input off\n27 analog 5.5\n28 relay-fails\n29 relay-sticks\n30 relay-works\n"
     "31 weak-gps 20\n32 repeat\n33 reboot\n",
     33},
    {"door open", 0},
    {"10 door", 0},
    {"10 door opened", 0},
    {"-1 door open", 0},
    {"10 move", 0},
    {"10 move fast", 0},
    {"10 move 400", 0},
    {"10 move nan", 0},
    {"10 outage 30 s", 0},
    {"10 dance", 0},
    {"at vehicle 0", 0},
    {"at vehicle 1.5", 0},
    {"at vehicle x", 0},
    {"99999999999999999999 door open", 0},
};

static void test_scripts(void)
{
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct script s = {0};
        struct err err = {0};
        bool good = script_parse(&s, scripts[i].text, &err);
        CHECK(good == !!scripts[i].lines, scripts[i].text);
        CHECK(!good || s.count == scripts[i].lines, scripts[i].text);
        CHECK(good || err.code == ERR_INPUT, scripts[i].text);
        script_fini(&s);
    }
    struct script s = {0};
    struct err err = {0};
    script_parse(&s, "30 stop\n10 door open\n30 tilt\n20 move 5", &err);
    CHECK(s.count == 4 && s.lines[0].second == 10 && s.lines[1].second == 20 &&
              s.lines[2].action == ACT_STOP && s.lines[3].action == ACT_TILT,
          "by time, and as written within a second");
    script_fini(&s);
    CHECK(!script_read(&s, "/nonexistent/script", &err) && err.code == ERR_IO, "no file");
}

void test_simulate(void)
{
    struct world *w = world_new();
    test_ways(w);
    test_rides(w);
    world_free(w);
    test_gt06_heartbeats();
    test_gt06_frames();
    test_gt06_doors();
    test_ais_packets();
    test_ais_others();
    test_convoy();
    test_scripts();
}
