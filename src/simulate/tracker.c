/*
 * tracker.c - sensors, and the rules by which a WeTrack140 reports.
 */
#include "simulate/tracker.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    PANIC_S = 1800,   /* nobody stops the emergency: it ends by itself */
    SETTINGS_S = 600, /* between two reports of the supply's voltage */
    BURST_MS = 500,
    CORNER_KMH = 10,    /* slower ones are not corners */
    CUT_KMH = 20,       /* the maker's rule: the relay acts below this, with a fix */
    SATELLITES_MIN = 4, /* for a fix */
};

static const double battery_full_v = 4.1;
static const double battery_low_v = 3.5;
static const double battery_ok_v = 3.7;
static const double charge_v_s = 0.0005;
static const double drain_v_s = 0.00004; /* four hours from full to low */

void trk_log(const struct tracker *t, const char *format, ...)
{
    if (!t->log)
        return;
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->log(t->log_arg, t, text);
}

void trk_init(struct tracker *t, const struct carrier *carrier, uint64_t seed)
{
    t->chance = dice_part(seed, 2);
    t->noise = dice_part(seed, 3);
    t->factory = t->set;
    t->supplied = true;
    t->battery_v = battery_full_v;
    t->analog_v = 0.1;
    t->gps.where = ride_where(&t->ride);
    t->gps.satellites = 9;
    t->ignition = t->ride.ignition;
    up_init(t, carrier, seed);
}

void trk_fini(struct tracker *t)
{
    ride_fini(&t->ride);
    up_fini(t);
}

/* ---- sensors ---- */

/* Satellites come and go by two a second, so that a fix fades and returns. */
static void count_satellites(struct tracker *t)
{
    unsigned want =
        t->second < t->gps.lost_until_s ? 0 : 9 + (unsigned)(dice_next(&t->noise) % 5);
    unsigned *n = &t->gps.satellites;
    if (*n < want)
        *n += want - *n < 2 ? 1 : 2;
    else if (*n > want)
        *n -= *n - want < 2 ? 1 : 2;
    t->gps.hdop = *n >= 8 ? 1.5 - *n * 0.06 : *n ? 12.0 / *n : 9.9;
}

static double drift(double off_m, struct dice *noise)
{
    return 0.94 * off_m + dice_between(noise, -0.8, 0.8);
}

/* Without a fix, and standing, the last place stays. */
static void take_fix(struct tracker *t)
{
    struct gps *g = &t->gps;
    count_satellites(t);
    g->fix = g->satellites >= SATELLITES_MIN;
    g->east_m = drift(g->east_m, &t->noise);
    g->north_m = drift(g->north_m, &t->noise);
    double wobble = dice_between(&t->noise, -0.4, 0.4);
    double speed_kmh = t->ride.speed_ms * 3.6;
    g->speed_kmh = g->fix && speed_kmh > 1 ? fmax(0, speed_kmh + wobble) : 0;
    if (!g->fix || g->speed_kmh <= 0)
        return;
    struct where w = ride_where(&t->ride);
    double m_per_deg = 111195.08;
    g->where.latitude_deg = w.latitude_deg + g->north_m / m_per_deg;
    g->where.longitude_deg =
        w.longitude_deg +
        g->east_m / m_per_deg / cos(w.latitude_deg * 0.017453292519943295);
    g->where.course_deg = w.course_deg;
}

static double supply_v(const struct tracker *t)
{
    double rest_v = t->ride.kind->supply_v;
    return !t->supplied ? 0 : t->ignition ? rest_v * 1.1 : rest_v;
}

static uint8_t flags(const struct tracker *t)
{
    return (uint8_t)((t->gps.fix ? REPORT_FIX : 0) | (t->ignition ? REPORT_IGNITION : 0) |
                     (t->door ? REPORT_DOOR : 0) | (t->panic ? REPORT_PANIC : 0) |
                     (t->cover_open ? REPORT_COVER_OPEN : 0) |
                     (t->supplied ? REPORT_SUPPLIED : 0) | (t->cut ? REPORT_CUT : 0) |
                     (t->input_3 ? REPORT_INPUT_3 : 0));
}

struct report trk_look(const struct tracker *t, enum event event)
{
    const struct gps *g = &t->gps;
    double distance_m = t->ride.odometer_m - t->reported_odometer_m;
    double height_m = world_altitude_m(g->where.latitude_deg, g->where.longitude_deg);
    return (struct report){
        .time_ms = trk_clock_ms(t),
        .latitude_e7 = (int32_t)lround(g->where.latitude_deg * 1e7),
        .longitude_e7 = (int32_t)lround(g->where.longitude_deg * 1e7),
        .odometer_m = (uint32_t)t->ride.odometer_m,
        .speed_kmh_e1 = (uint16_t)lround(g->speed_kmh * 10),
        .course_deg = (uint16_t)(lround(g->where.course_deg) % 360),
        .altitude_m = (int16_t)lround(height_m),
        .supply_mv = (uint16_t)lround(supply_v(t) * 1000),
        .battery_mv = (uint16_t)lround(t->battery_v * 1000),
        .analog_mv = (uint16_t)lround(t->analog_v * 1000),
        .distance_m = (uint16_t)fmin(fmax(distance_m, 0), UINT16_MAX),
        .satellites = (uint8_t)g->satellites,
        .hdop_e1 = (uint8_t)lround(g->hdop * 10),
        .gsm = (uint8_t)(18 + t->second / 40 % 11),
        .event = (uint8_t)event,
        .flags = flags(t),
    };
}

void trk_report(struct tracker *t, enum event event)
{
    static const enum frame_kind kinds[] = {FRAME_POSITION, FRAME_ALARM, FRAME_DOOR,
                                            FRAME_EMERGENCY};
    uint8_t frames = t->firmware->frames[event];
    struct report r = trk_look(t, event);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!(frames & kinds[i]))
            continue;
        r.frame = (uint8_t)kinds[i];
        r.number = ++t->reports;
        up_give(t, &r);
    }
    if (frames & (FRAME_POSITION | FRAME_ALARM)) {
        t->reported_s = t->second;
        t->reported_ms = t->now_ms;
        t->reported_course_deg = t->gps.where.course_deg;
        t->reported_odometer_m = t->ride.odometer_m;
    }
    if (frames & FRAME_HEARTBEAT)
        up_heartbeat(t);
    if (frames & FRAME_SETTINGS)
        up_settings(t);
}

/* ---- rules ---- */

static void watch_ignition(struct tracker *t)
{
    if (t->ignition == t->ride.ignition)
        return;
    t->ignition = t->ride.ignition;
    trk_log(t, "ignition %s", t->ignition ? "on" : "off");
    trk_report(t, t->ignition ? EVENT_IGNITION_ON : EVENT_IGNITION_OFF);
    if (t->ignition && t->door)
        trk_act(t, ACT_DOOR, 0);
}

static void watch_speed(struct tracker *t)
{
    if (!t->set.speed_kmh || t->gps.speed_kmh <= t->set.speed_kmh) {
        t->fast_s = 0;
        return;
    }
    if (++t->fast_s != t->set.speed_s)
        return;
    trk_log(t, "over-speed, %.0f km/h", t->gps.speed_kmh);
    trk_report(t, EVENT_OVERSPEED);
}

static void watch_battery(struct tracker *t)
{
    t->battery_v += t->supplied ? charge_v_s : -drain_v_s;
    t->battery_v = fmin(fmax(t->battery_v, 3.2), battery_full_v);
    if (!t->battery_low && t->battery_v < battery_low_v) {
        t->battery_low = true;
        trk_log(t, "battery low, %.2f V", t->battery_v);
        trk_report(t, EVENT_BATTERY_LOW);
    } else if (t->battery_low && t->battery_v > battery_ok_v) {
        t->battery_low = false;
        trk_report(t, EVENT_BATTERY_OK);
    }
}

static void watch_panic(struct tracker *t)
{
    if (!t->panic)
        return;
    if (t->second - t->panic_s >= PANIC_S) {
        trk_act(t, ACT_PANIC, 0);
    } else if (t->second - t->panic_reported_s >= t->set.emergency_s) {
        t->panic_reported_s = t->second;
        trk_report(t, EVENT_PANIC);
    }
}

static bool has_turned(const struct tracker *t)
{
    double turned = fabs(t->gps.where.course_deg - t->reported_course_deg);
    turned = fmin(turned, 360 - turned);
    return t->set.corner_deg && t->gps.fix && t->gps.speed_kmh > CORNER_KMH &&
           turned >= t->set.corner_deg;
}

/* Seconds of the world count; but where the world runs fast, its seconds come in bursts,
 * and a burst has no more than one position. */
static void report_in_time(struct tracker *t)
{
    unsigned every_s = t->ignition ? t->set.on_s : t->set.off_s;
    int64_t since_s = t->second - t->reported_s;
    if (!since_s || t->now_ms - t->reported_ms < BURST_MS)
        return;
    if (every_s && since_s >= every_s)
        trk_report(t, EVENT_INTERVAL);
    else if (has_turned(t))
        trk_report(t, EVENT_CORNER);
}

/* ---- the relay ---- */

static void set_relay(struct tracker *t, bool cut)
{
    t->cut = t->ride.blocked = cut;
    trk_log(t, cut ? "engine cut off" : "engine restored");
    trk_report(t, EVENT_RELAY);
}

void trk_cut(struct tracker *t, char answer[ANSWER_MAX])
{
    int kmh = (int)lround(t->gps.speed_kmh);
    bool slow = t->gps.fix && kmh < CUT_KMH;
    bool works = !t->cut && t->relay_health != RELAY_FAILS;
    t->cut_kept = works && !slow;
    if (t->cut)
        snprintf(answer, ANSWER_MAX,
                 "Already in the state of  fuel supply cut off, the command is not "
                 "running!");
    else if (!works)
        snprintf(answer, ANSWER_MAX, "Cut off the fuel supply: Fail!");
    else if (!t->gps.fix)
        snprintf(answer, ANSWER_MAX, "DYD=Unvalued Fix");
    else if (!slow)
        snprintf(answer, ANSWER_MAX, "DYD=Speed Limit, Speed %dkm/h", kmh);
    else
        snprintf(answer, ANSWER_MAX, "Cut off the fuel supply: Success! Speed:%d Km/h",
                 kmh);
    if (works && slow && t->relay_health == RELAY_WORKS)
        set_relay(t, true);
}

void trk_restore(struct tracker *t, char answer[ANSWER_MAX])
{
    bool idle = !t->cut && !t->cut_kept;
    t->cut_kept = false;
    if (idle)
        snprintf(answer, ANSWER_MAX,
                 "Already in the state of fuel supply to resume, the "
                 "command is not running!");
    else if (t->cut && t->relay_health != RELAY_WORKS)
        snprintf(answer, ANSWER_MAX, "Restore fuel supply: Fail!");
    else
        snprintf(answer, ANSWER_MAX, "Restore fuel supply: Success!");
    if (t->cut && t->relay_health == RELAY_WORKS)
        set_relay(t, false);
}

static void watch_relay(struct tracker *t)
{
    if (!t->cut_kept || !t->gps.fix || t->gps.speed_kmh >= CUT_KMH)
        return;
    char answer[ANSWER_MAX];
    trk_cut(t, answer);
}

/* ---- time ---- */

static void follow_plans(struct tracker *t)
{
    for (size_t i = 0; i < PLANS_MAX; i++) {
        struct plan p = t->plans[i];
        if (!p.at_s || p.at_s > t->second)
            continue;
        t->plans[i].at_s = 0;
        trk_act(t, p.action, p.value);
    }
}

void trk_plan(struct tracker *t, unsigned in_s, enum action action, double value)
{
    for (size_t i = 0; i < PLANS_MAX; i++)
        if (!t->plans[i].at_s) {
            t->plans[i] = (struct plan){t->second + in_s, action, value};
            return;
        }
    trk_act(t, action, value);
}

/* Trackers that are switched on together do not report together for ever. */
static void switch_on(struct tracker *t)
{
    unsigned every_s = t->ignition ? t->set.on_s : t->set.off_s;
    trk_report(t, EVENT_START);
    t->reported_s -= (int64_t)(dice_next(&t->noise) % every_s);
}

void trk_second(struct tracker *t, int64_t now_ms)
{
    t->second++;
    t->now_ms = now_ms;
    ride_second(&t->ride);
    take_fix(t);
    up_cover(t, t->online && t->second >= t->outage_until_s);
    if (t->second == 1)
        switch_on(t);
    if (t->reboot_s && t->second >= t->reboot_s)
        trk_act(t, ACT_REBOOT, 0);
    follow_plans(t);
    trk_chance(t);
    watch_ignition(t);
    watch_speed(t);
    watch_battery(t);
    watch_panic(t);
    watch_relay(t);
    report_in_time(t);
    if (t->second % SETTINGS_S == 0)
        up_settings(t);
}
