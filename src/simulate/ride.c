/*
 * ride.c - driving.
 *
 * Each second the driver looks ahead as far as the brakes need: every point of the way
 * has a speed that must not be exceeded there, and so bounds the speed here.
 */
#include "simulate/ride.h"

#include <math.h>

#include "core/geo.h"

static const double metres_per_deg = 111195.08;
static const double rad_per_deg = 0.017453292519943295;
static const double lane_m = 3.5;      /* from the middle of the road */
static const double stop_line_m = 4;   /* before a light */
static const double fast_road_ms = 12; /* who is in a hurry obeys lower limits */

static const struct way_point *point(const struct ride *v, size_t i)
{
    return &v->way.points[i];
}

static double length_m(const struct ride *v)
{
    return v->way.count ? point(v, v->way.count - 1)->at_m : 0;
}

/* A new way from where the last one ended. */
static void plan(struct ride *v)
{
    size_t from = v->goal;
    for (unsigned tries = 0; tries < 8; tries++) {
        size_t to = world_stop(v->world, v->areas, dice_next(&v->dice), from);
        if (!way_find(v->world, from, to, &v->way))
            continue;
        v->goal = to;
        v->leg = 0;
        v->at_m = 0;
        return;
    }
    v->way.count = 0;
}

static void enter(struct ride *v, enum phase phase, double least_s, double most_s)
{
    v->phase = phase;
    v->until_s = v->second + (int64_t)dice_between(&v->dice, least_s, most_s + 1);
}

void ride_init(struct ride *v, const struct world *world, const struct ride_kind *kind,
               unsigned areas, uint64_t seed)
{
    *v = (struct ride){.world = world, .kind = kind, .areas = areas, .pace = 1};
    v->dice = dice_part(seed, 1);
    v->goal = world_stop(world, areas, dice_next(&v->dice), SIZE_MAX);
    v->odometer_m = floor(dice_between(&v->dice, 8e6, 120e6));
    plan(v);
    v->at_m = length_m(v) * dice_between(&v->dice, 0.05, 0.6);
    v->ignition = dice_chance(&v->dice, 0.8);
    if (v->ignition) {
        v->phase = PHASE_DRIVING;
    } else {
        v->at_m = length_m(v);
        enter(v, PHASE_PARKED, 20, 300);
    }
    while (v->leg + 2 < v->way.count && point(v, v->leg + 1)->at_m <= v->at_m)
        v->leg++;
}

void ride_fini(struct ride *v)
{
    way_fini(&v->way);
}

/* ---- driving ---- */

static double top_ms(const struct ride *v, double limit_ms)
{
    bool hurries = v->second < v->hurry_until_s && limit_ms >= fast_road_ms;
    return hurries ? v->hurry_ms : fmin(limit_ms * v->pace, v->kind->top_kmh / 3.6);
}

/* Who cannot stop any more in comfort goes on. */
static bool must_stop_at(const struct ride *v, const struct way_point *p)
{
    if (p->light < 0 || v->scripted)
        return false;
    double left_m = fmax(p->at_m - v->at_m - stop_line_m, 0.1);
    if (v->speed_ms > 2 &&
        v->speed_ms * v->speed_ms / 2 / left_m > v->kind->brake_ms2 * 1.6)
        return false;
    return world_light_red((size_t)p->light, ride_where(v).course_deg, v->second);
}

/* The speed from which the brakes make `then_ms` in left_m metres, one second from now.
 */
static double braking_ms(const struct ride *v, double then_ms, double left_m)
{
    double room_m = fmax(0, left_m - v->speed_ms);
    return sqrt(then_ms * then_ms + 2 * v->kind->brake_ms2 * room_m);
}

static double allowed_ms(const struct ride *v)
{
    if (v->blocked)
        return 0;
    if (v->scripted)
        return v->wish_ms;
    double allowed = top_ms(v, point(v, v->leg)->limit_ms);
    double sight_m = v->speed_ms * v->speed_ms / 2 / v->kind->brake_ms2 + 60;
    for (size_t i = v->leg + 1; i < v->way.count; i++) {
        const struct way_point *p = point(v, i);
        double left_m = p->at_m - v->at_m;
        if (left_m > sight_m)
            break;
        double then_ms = top_ms(v, p->limit_ms);
        allowed = fmin(allowed, braking_ms(v, then_ms, left_m));
        if (must_stop_at(v, p))
            allowed = fmin(allowed, braking_ms(v, 0, left_m - stop_line_m));
    }
    return allowed < 0.4 ? 0 : allowed;
}

static void arrive(struct ride *v)
{
    v->at_m = length_m(v);
    if (v->scripted) {
        plan(v);
        return;
    }
    v->speed_ms = 0;
    enter(v, PHASE_ARRIVED, 5, 15);
}

/* Traffic comes and goes; on fast roads there is less of it. */
static void meet_traffic(struct ride *v)
{
    if (v->second < v->pace_until_s)
        return;
    bool fast = point(v, v->leg)->limit_ms > 20;
    v->pace = dice_between(&v->dice, fast ? 0.85 : 0.55, 1.0);
    v->pace_until_s = v->second + (int64_t)dice_between(&v->dice, 8, 45);
}

static void drive(struct ride *v)
{
    if (v->way.count < 2)
        plan(v);
    if (v->way.count < 2)
        return;
    meet_traffic(v);
    double want = allowed_ms(v);
    double before = v->speed_ms;
    double after = want < before ? fmax(want, before - 1.8 * v->kind->brake_ms2)
                                 : fmin(want, before + v->kind->pull_ms2);
    if (v->second < v->push_until_s)
        after = fmax(0, before + v->push_ms2);
    double moved_m = (before + after) / 2;
    v->speed_ms = after;
    v->at_m += moved_m;
    v->odometer_m += moved_m;
    double left_m = length_m(v) - v->at_m;
    if (left_m < 1.5 || (left_m < 8 && after < 0.4 && !v->scripted && !v->blocked))
        arrive(v);
    while (v->leg + 2 < v->way.count && point(v, v->leg + 1)->at_m <= v->at_m)
        v->leg++;
}

void ride_second(struct ride *v)
{
    v->second++;
    if (v->scripted) {
        drive(v);
        return;
    }
    bool over = v->second >= v->until_s;
    switch (v->phase) {
    case PHASE_PARKED:
        if (over && !v->blocked) {
            v->ignition = true;
            enter(v, PHASE_STARTING, 4, 20);
        }
        break;
    case PHASE_STARTING:
        if (over) {
            plan(v);
            v->phase = PHASE_DRIVING;
        }
        break;
    case PHASE_DRIVING:
        drive(v);
        break;
    case PHASE_ARRIVED:
        if (over) {
            v->ignition = false;
            enter(v, PHASE_PARKED, 150, 1300);
        }
        break;
    }
}

/* ---- taking over ---- */

void ride_script(struct ride *v)
{
    v->scripted = true;
    v->ignition = false;
    v->speed_ms = 0;
    v->wish_ms = 0;
}

void ride_move(struct ride *v, double speed_kmh)
{
    ride_script(v);
    v->ignition = true;
    v->wish_ms = speed_kmh / 3.6;
}

void ride_ignition(struct ride *v, bool on)
{
    v->scripted = true;
    v->ignition = on;
    if (!on)
        v->wish_ms = v->speed_ms = 0;
}

void ride_push(struct ride *v, double ms2, unsigned seconds)
{
    v->push_ms2 = ms2;
    v->push_until_s = v->second + 1 + seconds;
}

void ride_hurry(struct ride *v, double speed_kmh, unsigned seconds)
{
    v->hurry_ms = speed_kmh / 3.6;
    v->hurry_until_s = v->second + 1 + seconds;
    if (v->scripted)
        v->wish_ms = v->hurry_ms;
}

/* ---- where ---- */

double ride_limit_kmh(const struct ride *v)
{
    return v->way.count ? point(v, v->leg)->limit_ms * 3.6 : 0;
}

struct where ride_where(const struct ride *v)
{
    if (v->way.count < 2) {
        const struct node *n = &world_nodes[v->goal];
        return (struct where){n->latitude_deg, n->longitude_deg, 0};
    }
    const struct way_point *a = point(v, v->leg);
    const struct way_point *b = point(v, v->leg + 1);
    double span_m = b->at_m - a->at_m;
    double f = span_m > 0 ? fmin((v->at_m - a->at_m) / span_m, 1) : 0;
    double latitude = a->latitude_deg + f * (b->latitude_deg - a->latitude_deg);
    double longitude = a->longitude_deg + f * (b->longitude_deg - a->longitude_deg);
    double east = (b->longitude_deg - a->longitude_deg) * cos(latitude * rad_per_deg);
    double north = b->latitude_deg - a->latitude_deg;
    double length = hypot(east, north);
    if (length > 0) {
        latitude += lane_m / metres_per_deg * east / length;
        longitude -=
            lane_m / metres_per_deg * north / length / cos(latitude * rad_per_deg);
    }
    double course = atan2(east, north) / rad_per_deg;
    return (struct where){latitude, longitude, course < 0 ? course + 360 : course};
}
