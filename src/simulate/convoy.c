/*
 * convoy.c - names, numbers and homes of the vehicles.
 */
#include "simulate/convoy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"

#define HOME(area) (1u << AREA_##area)

static const struct ride_kind kinds[] = {
    {"car", 100, 85, 1.6, 2.0, 12.6},
    {"van", 80, 88, 1.4, 1.8, 12.5},
    {"bus", 60, 68, 1.1, 1.5, 25.2},
    {"truck", 75, 85, 0.8, 1.4, 25.4},
};

enum { CAR, VAN, BUS, TRUCK };

/* The first six are in and around New Delhi and on the roads that leave it; a larger
 * fleet has these and the others in turn. */
static const struct {
    uint8_t kind;
    unsigned areas;
} duties[] = {
    {CAR, HOME(DELHI)},
    {TRUCK, HOME(DELHI) | HOME(GURUGRAM) | HOME(JAIPUR)},
    {VAN, HOME(DELHI) | HOME(NOIDA)},
    {CAR, HOME(DELHI) | HOME(GURUGRAM)},
    {BUS, HOME(DELHI)},
    {TRUCK, HOME(DELHI) | HOME(NOIDA) | HOME(AGRA)},
    {VAN, HOME(GURUGRAM)},
    {CAR, HOME(MUMBAI)},
    {BUS, HOME(NOIDA) | HOME(DELHI)},
    {TRUCK, HOME(MUMBAI) | HOME(PUNE)},
    {VAN, HOME(BENGALURU)},
    {CAR, HOME(BENGALURU)},
};

void imei_format(uint64_t fourteen, char out[IMEI_LEN + 1])
{
    unsigned sum = 0;
    snprintf(out, IMEI_LEN + 1, "%014" PRIu64, fourteen % UINT64_C(100000000000000));
    for (unsigned i = 0; i < IMEI_LEN - 1; i++) {
        unsigned digit = (unsigned)(out[i] - '0') * (1 + i % 2);
        sum += digit > 9 ? digit - 9 : digit;
    }
    out[IMEI_LEN - 1] = (char)('0' + (10 - sum % 10) % 10);
    out[IMEI_LEN] = 0;
}

static void name_vehicle(struct tracker *t, unsigned kind, unsigned areas, unsigned n)
{
    static const char *const states[AREA_COUNT] = {"DL 1C", "HR 26", "UP 16", "RJ 14",
                                                   "UP 80", "MH 01", "MH 12", "KA 05"};
    static const char *const words[] = {"", "Van", "Bus", "Truck"};
    unsigned home = 0;
    while (!(areas >> home & 1))
        home++;
    if (kind == CAR)
        snprintf(t->name, sizeof t->name, "%s %04u", states[home], 1000 + n * 617 % 9000);
    else
        snprintf(t->name, sizeof t->name, "%s %02u", words[kind], n);
}

static bool takes_second(enum mix mix, bool turn)
{
    return mix == MIX_SECOND || (mix == MIX_BOTH && turn);
}

static void convoy_add(struct convoy *f, const struct convoy_options *o)
{
    unsigned i = f->count++;
    struct tracker *t = &f->trackers[i];
    unsigned duty = i % (sizeof duties / sizeof *duties);
    const struct ride_kind *kind = &kinds[duties[duty].kind];
    bool ais = takes_second(o->protocols, i % 2);
    imei_format(o->imei_base + i, t->imei);
    name_vehicle(t, duties[duty].kind, duties[duty].areas, i + 1);
    t->firmware = ais ? &wetrack_ais : &wetrack_gt06;
    t->transport =
        takes_second(o->transports, i % 3 == 2) ? TRANSPORT_UDP : TRANSPORT_TCP;
    t->incidents = o->incidents;
    t->set = (struct settings){
        .on_s = o->interval_s,
        .off_s = o->interval_s * 6 < 300 ? 300 : o->interval_s * 6,
        .emergency_s = 5,
        .heartbeat_s = t->firmware->heartbeat_s,
        .corner_deg = 30,
        .speed_kmh = (unsigned)kind->alarm_kmh,
        .speed_s = 5,
        /* Some units announce Indian time, the others are set to UTC. */
        .zone_min = i % 4 == 2 ? 330 : 0,
        .registration = "000000000",
    };
    ride_init(&t->ride, f->world, kind, duties[duty].areas, o->seed * 100003 + i);
}

void convoy_init(struct convoy *f, const struct convoy_options *o)
{
    *f = (struct convoy){.world = world_new()};
    f->trackers = mem_zero(o->devices * sizeof *f->trackers);
    for (unsigned i = 0; i < o->devices; i++)
        convoy_add(f, o);
}

void convoy_fini(struct convoy *f)
{
    for (unsigned i = 0; i < f->count; i++)
        trk_fini(&f->trackers[i]);
    free(f->trackers);
    world_free(f->world);
    *f = (struct convoy){0};
}

void convoy_start(struct convoy *f, unsigned i, const struct carrier *carrier,
                  uint64_t seed)
{
    trk_init(&f->trackers[i], carrier, seed * 100003 + i);
}

void convoy_drive_past(struct convoy *f, unsigned hours, int64_t now_ms)
{
    int64_t seconds = hours * INT64_C(3600);
    for (unsigned i = 0; i < f->count; i++) {
        for (int64_t s = 0; s < seconds; s++)
            trk_second(&f->trackers[i], now_ms - (seconds - s) * 1000);
        f->trackers[i].outage_until_s = 0; /* the present begins with a network */
    }
}
