/*
 * ride.h - one vehicle and its driver: trips, stops, traffic lights, second by second.
 *
 * Motion is integrated at one second.  A vehicle keeps to the limits of its road, slows
 * down for corners and red lights, and parks at the end of each trip with its ignition
 * off.  What it does depends on its seed alone, until somebody else takes over: a
 * script, or the relay that cuts the engine.
 */
#pragma once

#include <stdbool.h>

#include "simulate/dice.h"
#include "simulate/world.h"

struct ride_kind {
    const char *category; /* in the open vocabulary: car, van, bus, truck */
    double top_kmh;       /* never faster by itself */
    double alarm_kmh;     /* what its tracker calls too fast */
    double pull_ms2;      /* m/s2 */
    double brake_ms2;
    double supply_v; /* engine off */
};

enum phase { PHASE_PARKED, PHASE_STARTING, PHASE_DRIVING, PHASE_ARRIVED };

struct ride {
    const struct world *world;
    const struct ride_kind *kind;
    unsigned areas; /* bits 1 << enum area: where it drives */
    struct dice dice;

    struct way way;
    size_t leg;  /* the point of the way that it has passed last */
    double at_m; /* on the way */
    double speed_ms;
    double odometer_m;
    size_t goal; /* node at the end of the way */

    enum phase phase;
    int64_t until_s; /* when the phase ends, where time ends it */
    int64_t second;
    bool ignition;
    bool blocked; /* the engine is cut off */

    bool scripted;  /* does nothing by itself */
    double wish_ms; /* of a script: this fast, whatever the road says */

    double pace; /* traffic: the part of the limit that can be driven, up to 1 */
    int64_t pace_until_s;
    double push_ms2; /* a harsh manoeuvre: added to the speed */
    int64_t push_until_s;
    double hurry_ms; /* too fast on purpose: instead of limits of 45 km/h and more */
    int64_t hurry_until_s;
};

struct where {
    double latitude_deg, longitude_deg, course_deg;
};

void ride_init(struct ride *v, const struct world *world, const struct ride_kind *kind,
               unsigned areas, uint64_t seed);
void ride_fini(struct ride *v);

/* From now on a script drives: the vehicle stands, its ignition off. */
void ride_script(struct ride *v);

/* Scripts: turns the ignition on and drives at this speed; 0 stops. */
void ride_move(struct ride *v, double speed_kmh);
void ride_ignition(struct ride *v, bool on);

/* Brakes or accelerates hard for some seconds. */
void ride_push(struct ride *v, double ms2, unsigned seconds);
void ride_hurry(struct ride *v, double speed_kmh, unsigned seconds);

/* One second of its life. */
void ride_second(struct ride *v);

/* On the left of the road. */
struct where ride_where(const struct ride *v);

/* The limit of the road where it is. */
double ride_limit_kmh(const struct ride *v);
