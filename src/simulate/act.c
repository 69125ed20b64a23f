/*
 * act.c - what happens to a tracker, by a script's order or by chance.
 */
#include <math.h>

#include "simulate/tracker.h"

enum { REBOOT_MS = 12000 };

static const char *const event_names[] = {
#define EVENT_NAME(constant, name) name,
    EVENTS(EVENT_NAME)};

/* ---- actions ---- */

/* A wire or a state that is either on or off; the event tells the edge. */
static void set_state(struct tracker *t, bool *state, bool value, enum event on,
                      enum event off)
{
    if (*state == value)
        return;
    *state = value;
    trk_log(t, "%s", event_names[value ? on : off]);
    trk_report(t, value ? on : off);
}

static void press_panic(struct tracker *t, bool pressed)
{
    t->panic_s = t->panic_reported_s = t->second;
    set_state(t, &t->panic, pressed, EVENT_PANIC, EVENT_PANIC_OVER);
}

static void jolt(struct tracker *t, enum event event, double ms2, unsigned seconds)
{
    if (ms2 < 0 || ms2 > 0)
        ride_push(&t->ride, ms2, seconds);
    trk_log(t, "%s at %.0f km/h", event_names[event], t->gps.speed_kmh);
    trk_report(t, event);
}

static void hurry(struct tracker *t)
{
    enum { HURRY_S = 45 };
    double limit_kmh = t->set.speed_kmh ? t->set.speed_kmh : t->ride.kind->alarm_kmh;
    if (t->ride.scripted)
        trk_plan(t, HURRY_S, ACT_MOVE, t->ride.wish_ms * 3.6);
    ride_hurry(&t->ride, limit_kmh + 8, HURRY_S);
}

static void lose_network(struct tracker *t, double seconds)
{
    t->outage_until_s = t->second + (int64_t)seconds;
    trk_log(t, "out of coverage for %.0f s", seconds);
    up_cover(t, false);
}

static void reboot(struct tracker *t)
{
    trk_log(t, "restarts");
    t->reboot_s = 0;
    up_reboot(t, REBOOT_MS);
    trk_report(t, EVENT_START);
}

static void act_on_vehicle(struct tracker *t, enum action action, double value)
{
    switch (action) {
    case ACT_IGNITION:
        ride_ignition(&t->ride, value > 0);
        break;
    case ACT_MOVE:
        ride_move(&t->ride, value);
        break;
    case ACT_STOP:
        t->ride.scripted = true;
        t->ride.wish_ms = 0;
        break;
    case ACT_BRAKE:
        jolt(t, EVENT_BRAKE, -6, 2);
        break;
    case ACT_ACCELERATE:
        jolt(t, EVENT_ACCELERATE, 4, t->ride.speed_ms > 0 ? 2 : 0);
        break;
    case ACT_TURN:
        jolt(t, value < 0 ? EVENT_TURN_LEFT : EVENT_TURN_RIGHT, 0, 0);
        break;
    case ACT_IMPACT:
        jolt(t, EVENT_IMPACT, -9, 4);
        break;
    case ACT_TILT:
        jolt(t, EVENT_TILT, 0, 0);
        break;
    default:
        hurry(t);
    }
}

static void act_on_wires(struct tracker *t, enum action action, bool on)
{
    switch (action) {
    case ACT_DOOR:
        set_state(t, &t->door, on, EVENT_DOOR_OPEN, EVENT_DOOR_CLOSED);
        break;
    case ACT_PANIC:
        press_panic(t, on);
        break;
    case ACT_PANIC_WIRE:
        set_state(t, &t->panic_wire_cut, on, EVENT_PANIC_WIRE, EVENT_INTERVAL);
        break;
    case ACT_TAMPER:
        set_state(t, &t->cover_open, on, EVENT_TAMPER, EVENT_TAMPER_OVER);
        break;
    case ACT_POWER:
        set_state(t, &t->supplied, on, EVENT_POWER_BACK, EVENT_POWER_CUT);
        break;
    case ACT_BATTERY:
        t->battery_v = on ? 4.0 : 3.4;
        break;
    case ACT_FENCE:
        trk_log(t, on ? "fence entered" : "fence left");
        trk_report(t, on ? EVENT_FENCE_IN : EVENT_FENCE_OUT);
        break;
    default:
        set_state(t, &t->input_3, on, EVENT_INPUT, EVENT_INPUT);
    }
}

void trk_act(struct tracker *t, enum action action, double value)
{
    switch (action) {
    case ACT_IGNITION:
    case ACT_MOVE:
    case ACT_STOP:
    case ACT_BRAKE:
    case ACT_ACCELERATE:
    case ACT_TURN:
    case ACT_IMPACT:
    case ACT_TILT:
    case ACT_OVERSPEED:
        act_on_vehicle(t, action, value);
        break;
    case ACT_DOOR:
    case ACT_PANIC:
    case ACT_PANIC_WIRE:
    case ACT_TAMPER:
    case ACT_POWER:
    case ACT_BATTERY:
    case ACT_FENCE:
    case ACT_INPUT:
        act_on_wires(t, action, value > 0);
        break;
    case ACT_OUTAGE:
        lose_network(t, value);
        break;
    case ACT_ANALOG:
        t->analog_v = value;
        break;
    case ACT_RELAY:
        t->relay_health = (enum relay_health)value;
        break;
    case ACT_CLOCK:
        t->clock_ms = (int64_t)(value * 1000);
        trk_log(t, "clock %+.0f s", value);
        break;
    case ACT_GPS:
        t->gps.lost_until_s = t->second + (int64_t)value;
        trk_log(t, value > 0 ? "no fix for %.0f s" : "a fix again", value);
        break;
    case ACT_REPEAT:
        up_repeat(t);
        break;
    case ACT_REBOOT:
        reboot(t);
        break;
    }
}

/* ---- chance ---- */

enum when { DRIVING, ON_FAST_ROAD, PARKED, ALWAYS };

/* How often, for a usual driver, and what ends it after some seconds. */
static const struct {
    enum action action;
    enum when when;
    double per_hour;
    double low, high; /* the value; where it ends: seconds until then */
    bool ends;
    double begin, end; /* the two values of what ends */
} incidents[] = {
    {ACT_DOOR, PARKED, 12, 20, 90, true, 1, 0},
    {ACT_BRAKE, DRIVING, 1, 0, 0, false, 0, 0},
    {ACT_ACCELERATE, DRIVING, 0.8, 0, 0, false, 0, 0},
    {ACT_TURN, DRIVING, 0.6, -90, 90, false, 0, 0},
    {ACT_OVERSPEED, ON_FAST_ROAD, 0.7, 0, 0, false, 0, 0},
    {ACT_GPS, DRIVING, 0.7, 15, 60, false, 0, 0},
    {ACT_OUTAGE, ALWAYS, 0.3, 60, 400, false, 0, 0},
    {ACT_INPUT, ALWAYS, 0.3, 15, 120, true, 1, 0},
    {ACT_PANIC, DRIVING, 0.06, 40, 120, true, 1, 0},
    {ACT_POWER, ALWAYS, 0.05, 60, 300, true, 0, 1},
    {ACT_TAMPER, PARKED, 0.05, 30, 120, true, 1, 0},
};

static bool is_now(const struct tracker *t, enum when when)
{
    bool drives = t->ride.phase == PHASE_DRIVING && t->gps.speed_kmh > 25;
    switch (when) {
    case DRIVING:
        return drives;
    case ON_FAST_ROAD:
        return drives && ride_limit_kmh(&t->ride) >= 0.68 * t->ride.kind->alarm_kmh;
    case PARKED:
        return t->ride.phase == PHASE_PARKED;
    case ALWAYS:
        break;
    }
    return true;
}

/* Dice are thrown whether or not the moment fits, so that what happens to one kind does
 * not shift the others. */
void trk_chance(struct tracker *t)
{
    static const double how_often[] = {0, 0.15, 1, 8};
    for (size_t i = 0; i < sizeof incidents / sizeof *incidents; i++) {
        double p = incidents[i].per_hour / 3600 * how_often[t->incidents];
        bool now = dice_chance(&t->chance, p);
        if (!now || !is_now(t, incidents[i].when))
            continue;
        double value = dice_between(&t->chance, incidents[i].low, incidents[i].high);
        if (incidents[i].ends)
            trk_plan(t, (unsigned)value, incidents[i].action, incidents[i].end);
        trk_act(t, incidents[i].action, incidents[i].ends ? incidents[i].begin : value);
    }
}
