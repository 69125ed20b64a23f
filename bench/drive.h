/*
 * drive.h - a simulated vehicle as a gt06 tracker reports it: every 10 to 30 s while it
 * drives, heartbeats while it stands.  The same numbers at every run.
 */
#pragma once

#include <math.h>
#include <stdint.h>

#include "core/geo.h"
#include "store/track.h"

struct drive {
    uint64_t chance;
    double latitude_deg, longitude_deg, course_deg, speed_kmh;
    double odometer_m, total_m, hours_ms;
    int64_t fix_ms; /* of the last place */
    double fix_latitude_deg, fix_longitude_deg;
    unsigned interval_s, steps, battery_pct, sat, rssi, cell;
};

static inline uint64_t drive_chance(struct drive *d, uint64_t end)
{
    uint64_t z = d->chance += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % end;
}

static inline struct drive drive_start(uint64_t number, int64_t ms)
{
    struct drive d = {.chance = number * 7919 + 1, .fix_ms = ms / 1000 * 1000};
    d.latitude_deg = 8 + (double)drive_chance(&d, 25000) / 1000;
    d.longitude_deg = 69 + (double)drive_chance(&d, 20000) / 1000;
    d.course_deg = (double)drive_chance(&d, 360);
    d.odometer_m = (double)drive_chance(&d, 90000000);
    d.total_m = (double)drive_chance(&d, 900000000) / 100;
    d.interval_s = 10 + 10 * (unsigned)drive_chance(&d, 3);
    d.fix_ms += (int64_t)drive_chance(&d, d.interval_s) * 1000;
    d.battery_pct = 60 + (unsigned)drive_chance(&d, 40);
    d.sat = 9;
    d.rssi = 20;
    d.cell = (unsigned)drive_chance(&d, 100000);
    return d;
}

static inline unsigned drive_wander(struct drive *d, unsigned value, unsigned least,
                                    unsigned most)
{
    unsigned step = (unsigned)drive_chance(d, 6);
    value += step == 0 ? 1 : step == 1 ? -1u : 0;
    return value < least || value > most ? least : value;
}

static inline void drive_turn(struct drive *d)
{
    unsigned turn = (unsigned)drive_chance(d, 12);
    d->course_deg += turn == 0 ? 90 : turn == 1 ? -90 : (double)drive_chance(d, 21) - 10;
    d->course_deg = fmod(d->course_deg + 360, 360);
    double speed = d->speed_kmh + (double)drive_chance(d, 31) - 15;
    d->speed_kmh = speed < 8 ? 8 + (double)drive_chance(d, 10) : speed > 95 ? 90 : speed;
}

/* The fix lies on the grid of 1/1,800,000 degree that the protocol counts in. */
static inline double drive_grid(double deg)
{
    return round(round(deg * 1.8e6) / 1.8e6 * 1e7) / 1e7;
}

static inline double drive_cm(double m)
{
    return round(m * 100) / 100;
}

/* The next record and its extras; returns when it arrives. */
static inline int64_t drive_next(struct drive *d, struct record *rec, struct tr_extra *x)
{
    double way_m = d->speed_kmh / 3.6 * d->interval_s;
    double north_deg = way_m * cos(d->course_deg * 0.017453292519943295) / 111195;
    drive_turn(d);
    d->latitude_deg += north_deg;
    d->longitude_deg += way_m * sin(d->course_deg * 0.017453292519943295) / 111195 /
                        cos(d->latitude_deg * 0.017453292519943295);
    d->odometer_m += way_m * 1.01;
    int64_t step_ms = (d->interval_s + (drive_chance(d, 10) == 0)) * INT64_C(1000);
    rec_clear(rec);
    rec->fix_ms = rec->device_ms = d->fix_ms + step_ms;
    rec->latitude_deg = drive_grid(d->latitude_deg);
    rec->longitude_deg = drive_grid(d->longitude_deg);
    rec->speed_kmh = round(d->speed_kmh);
    rec->course_deg = round(d->course_deg);
    rec->valid = true;
    d->sat = drive_wander(d, d->sat, 6, 14);
    d->rssi = drive_wander(d, d->rssi, 9, 31);
    if (d->steps++ % 200 == 199 && d->battery_pct > 5)
        d->battery_pct--;
    if (drive_chance(d, 12) == 0)
        d->cell = (unsigned)drive_chance(d, 100000);
    bool stored = drive_chance(d, 40) == 0;
    rec_num(rec, KEY_TYPE, 0x22);
    rec_num(rec, KEY_SAT, d->sat);
    rec_bool(rec, KEY_IGNITION, true);
    rec_num(rec, KEY_EVENT, drive_chance(d, 30) == 0 ? 3 : 0);
    if (stored)
        rec_bool(rec, KEY_ARCHIVE, true);
    rec_num(rec, KEY_ODOMETER_M, round(d->odometer_m));
    rec_num(rec, KEY_STATUS, 0x46);
    rec_num(rec, KEY_BATTERY_PCT, d->battery_pct);
    rec_num(rec, KEY_RSSI, d->rssi);
    rec_cell(rec, (struct cell){.mcc = 404,
                                .mnc = 45,
                                .lac = 8213 + d->cell % 3,
                                .cid = 1200000 + d->cell,
                                .signal_dbm = 0});
    *x = (struct tr_extra){
        .hours_ms = d->hours_ms += (double)step_ms,
        .motion = 1,
        .fix_ms = TIME_NONE,
        .latitude_deg = NAN,
        .longitude_deg = NAN,
        .altitude_m = NAN,
    };
    if (d->steps > 1)
        x->distance_m = drive_cm(geo_distance_m(d->fix_latitude_deg, d->fix_longitude_deg,
                                                rec->latitude_deg, rec->longitude_deg));
    d->total_m = drive_cm(d->total_m + x->distance_m);
    x->total_distance_m = d->total_m;
    d->fix_ms = rec->fix_ms;
    d->fix_latitude_deg = rec->latitude_deg;
    d->fix_longitude_deg = rec->longitude_deg;
    return d->fix_ms + 300 + (int64_t)drive_chance(d, 900) + (stored ? 60000 : 0);
}
