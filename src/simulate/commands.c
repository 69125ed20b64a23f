/*
 * commands.c - the text commands of a WeTrack140, and what it says to them.
 *
 *     NAME[,ARGUMENT...]#           Concox, over the data link or by SMS
 *     SET KEY[:VALUE]  CLR KEY  GET KEY    AIS-140
 *
 * Case does not count.  A setting that has no part in the simulation is taken and
 * answered with OK.  Wherever a SERVER command points: a simulated tracker stays with the
 * server it was started for.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "simulate/tracker.h"

enum { TEXT_MAX = 200, ARGS_MAX = 8, RESTART_S = 60 };

struct order {
    struct tracker *t;
    char text[TEXT_MAX + 1]; /* its fields, NUL-ended */
    char *args[ARGS_MAX];
    unsigned count; /* the name is the first */
    char *answer;   /* ANSWER_MAX bytes */
};

static const char *arg(const struct order *o, unsigned i)
{
    return i < o->count ? o->args[i] : "";
}

static bool arg_is(const struct order *o, unsigned i, const char *word)
{
    return !strcasecmp(arg(o, i), word);
}

/* A whole number within bounds; false: it is none. */
static bool arg_number(const struct order *o, unsigned i, long min, long max, long *out)
{
    char *end;
    long v = strtol(arg(o, i), &end, 10);
    if (end == arg(o, i) || *end || v < min || v > max)
        return false;
    *out = v;
    return true;
}

__attribute__((format(printf, 2, 3))) static void say(struct order *o, const char *format,
                                                      ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(o->answer, ANSWER_MAX, format, args);
    va_end(args);
}

static void say_ok(struct order *o)
{
    say(o, "OK");
}

static void say_bad(struct order *o)
{
    say(o, "Command error!");
}

/* ---- the relay ---- */

static void order_relay(struct order *o)
{
    if (o->count < 2)
        say(o, "RELAY:%d", o->t->cut);
    else if (arg_is(o, 1, "1"))
        trk_cut(o->t, o->answer);
    else if (arg_is(o, 1, "0"))
        trk_restore(o->t, o->answer);
    else
        say_bad(o);
    if (o->t->cut_kept)
        up_settings(o->t);
}

/* The older names have words of their own for what works and what does not. */
static void say_short(struct order *o, const char *name)
{
    if (strstr(o->answer, "Success"))
        say(o, "%s=Success!", name);
    else if (strstr(o->answer, "Fail"))
        say(o, "%s=Fail!", name);
}

static void order_dyd(struct order *o)
{
    trk_cut(o->t, o->answer);
    say_short(o, "DYD");
    if (o->t->cut_kept)
        up_settings(o->t);
}

static void order_hfyd(struct order *o)
{
    trk_restore(o->t, o->answer);
    say_short(o, "HFYD");
}

/* ---- questions ---- */

static void order_where(struct order *o)
{
    struct tracker *t = o->t;
    struct civil c = civil_of(trk_clock_ms(t) + t->set.zone_min * INT64_C(60000));
    const struct where *w = &t->gps.where;
    if (t->gps.fix)
        say(o,
            "Current position! Lat:%c%.6f,Lon:%c%.6f,Course:%.2f,Speed:%.2f,"
            "DateTime:%04d-%02d-%02d %02d:%02d:%02d",
            w->latitude_deg < 0 ? 'S' : 'N',
            w->latitude_deg < 0 ? -w->latitude_deg : w->latitude_deg,
            w->longitude_deg < 0 ? 'W' : 'E',
            w->longitude_deg < 0 ? -w->longitude_deg : w->longitude_deg, w->course_deg,
            t->gps.speed_kmh, c.year, c.month, c.day, c.hour, c.minute, c.second);
    else
        say(o, "No GPS fix");
    trk_report(t, EVENT_ASKED);
}

static void order_status(struct order *o)
{
    const struct tracker *t = o->t;
    char gps[40] = "Searching";
    if (t->gps.fix)
        snprintf(gps, sizeof gps, "Fixed,%u satellites", t->gps.satellites);
    say(o,
        "Battery:%.2fV,%s; GPRS:Link Up; GSM Signal Level:Strong; GPS:%s; ACC:%s; "
        "Relay:%s; Power:%s; Defense:%s",
        t->battery_v, t->battery_low ? "LOW" : "NORMAL", gps, t->ignition ? "ON" : "OFF",
        t->cut ? "ON" : "OFF", t->supplied ? "ON" : "OFF", t->set.armed ? "ON" : "OFF");
}

static void order_param(struct order *o)
{
    const struct settings *s = &o->t->set;
    unsigned zone = (unsigned)abs(s->zone_min);
    say(o, "IMEI:%s;TIMER:%u,%u;SENDS:5;SOS:%s,%s,%s;Center:%s;SPEED:%u;GMT:%c,%u,%u",
        o->t->imei, s->on_s, s->off_s, s->phones[0], s->phones[1], s->phones[2],
        s->centre, s->speed_kmh, s->zone_min < 0 ? 'W' : 'E', zone / 60, zone % 60);
}

static void order_version(struct order *o)
{
    say(o, "[VERSION]WETRACK140_V1.0.0 [BUILD]2019-06-12 10:00 [PROTOCOL]%s",
        o->t->firmware->protocol);
}

static void order_check(struct order *o)
{
    say(o, "IMEI:%s;VERSION:WETRACK140_V1.0.0;APN:internet;CSQ:24;IMSI:40410%.10s",
        o->t->imei, o->t->imei + 5);
}

static void order_gprsset(struct order *o)
{
    say(o, "GPRS:ON;APN:internet,,;Server:simulated,%d;Link Up",
        o->t->transport == TRANSPORT_UDP);
}

static void order_imei(struct order *o)
{
    say(o, "IMEI:%s", o->t->imei);
}

/* ---- settings ---- */

static void order_timer(struct order *o)
{
    struct settings *s = &o->t->set;
    long on = s->on_s;
    long off = s->off_s;
    if (o->count < 2) {
        say(o, "TIMER:%u,%u", s->on_s, s->off_s);
        return;
    }
    bool good = arg_number(o, 1, 0, 18000, &on) && (!on || on >= 5);
    good = good &&
           (o->count < 3 || (arg_number(o, 2, 0, 18000, &off) && (!off || off >= 5)));
    if (!good) {
        say_bad(o);
        return;
    }
    s->on_s = (unsigned)on;
    s->off_s = (unsigned)off;
    say_ok(o);
}

static void set_phone(char out[PHONE_MAX + 1], const char *number)
{
    size_t n = 0;
    for (; *number && n < PHONE_MAX; number++)
        if (isdigit((unsigned char)*number) || *number == '+')
            out[n++] = *number;
    out[n] = 0;
}

static void order_sos(struct order *o)
{
    struct settings *s = &o->t->set;
    if (arg_is(o, 1, "A") && o->count > 2) {
        for (unsigned i = 0; i < PHONES; i++)
            set_phone(s->phones[i], arg(o, i + 2));
        say_ok(o);
    } else if (arg_is(o, 1, "D")) {
        for (unsigned i = 0; i < PHONES; i++) {
            const char *which = arg(o, i + 2);
            for (unsigned k = 0; k < PHONES; k++)
                if (*which && (atoi(which) == (int)k + 1 || !strcmp(which, s->phones[k])))
                    *s->phones[k] = 0;
        }
        say_ok(o);
    } else if (o->count == 1) {
        say(o, "SOS:%s,%s,%s", s->phones[0], s->phones[1], s->phones[2]);
    } else {
        say_bad(o);
    }
}

static void order_centre(struct order *o)
{
    char *centre = o->t->set.centre;
    if (arg_is(o, 1, "A") && o->count > 2)
        set_phone(centre, arg(o, 2));
    else if (arg_is(o, 1, "D"))
        *centre = 0;
    else if (o->count > 1) {
        say_bad(o);
        return;
    }
    if (o->count == 1)
        say(o, "Center:%s", centre);
    else
        say_ok(o);
}

static void order_speed(struct order *o)
{
    struct settings *s = &o->t->set;
    long hold_s = s->speed_s;
    long kmh = 0;
    if (arg_is(o, 1, "ON") && arg_number(o, 2, 5, 600, &hold_s) &&
        arg_number(o, 3, 1, 255, &kmh)) {
        s->speed_s = (unsigned)hold_s;
        s->speed_kmh = (unsigned)kmh;
        say_ok(o);
    } else if (arg_is(o, 1, "OFF")) {
        s->speed_kmh = 0;
        say_ok(o);
    } else {
        say_bad(o);
    }
}

/* The zone is said at login, so the unit starts anew. */
static void order_gmt(struct order *o)
{
    long hours = 0;
    long minutes = 0;
    bool west = arg_is(o, 1, "W");
    if ((!west && !arg_is(o, 1, "E")) || !arg_number(o, 2, 0, 14, &hours) ||
        (o->count > 3 && !arg_number(o, 3, 0, 59, &minutes))) {
        say_bad(o);
        return;
    }
    say_ok(o);
    o->t->set.zone_min = (int)(hours * 60 + minutes) * (west ? -1 : 1);
    o->t->reboot_s = o->t->second + 2;
}

static void order_hbt(struct order *o)
{
    long minutes;
    if (arg_number(o, 1, 1, 300, &minutes)) {
        o->t->set.heartbeat_s = (unsigned)minutes * 60;
        say_ok(o);
    } else {
        say_bad(o);
    }
}

static void order_anglerep(struct order *o)
{
    long degrees = 0;
    if (arg_is(o, 1, "OFF") ||
        (arg_is(o, 1, "ON") && arg_number(o, 2, 5, 180, &degrees))) {
        o->t->set.corner_deg = (unsigned)degrees;
        say_ok(o);
    } else {
        say_bad(o);
    }
}

static void order_mileage(struct order *o)
{
    long km;
    if (arg_is(o, 1, "ON") && arg_number(o, 2, 0, 4000000, &km)) {
        o->t->ride.odometer_m = (double)km * 1000;
        say_ok(o);
    } else if (o->count == 1) {
        say(o, "MILEAGE:%.0f", o->t->ride.odometer_m / 1000);
    } else {
        say_bad(o);
    }
}

static void order_arm(struct order *o)
{
    o->t->set.armed = arg_is(o, 0, "111");
    say_ok(o);
}

static void order_reset(struct order *o)
{
    o->t->reboot_s = o->t->second + RESTART_S;
    say_ok(o);
}

static void order_factory(struct order *o)
{
    o->t->set = o->t->factory;
    say_ok(o);
}

/* ---- AIS-140 ---- */

/* A period in seconds. */
static bool set_period(unsigned *out, const char *value)
{
    char *end;
    long n = strtol(value, &end, 10);
    if (end == value || *end || n < 5 || n > 18000)
        return false;
    *out = (unsigned)n;
    return true;
}

static bool set_registration(struct settings *s, const char *value)
{
    if (!*value || strlen(value) >= sizeof s->registration || strpbrk(value, ",$* "))
        return false;
    snprintf(s->registration, sizeof s->registration, "%s", value);
    return true;
}

static bool set_key(struct tracker *t, const char *key, const char *value)
{
    static const char *const taken[] = {"PIP", "PPT", "SIP", "SPT", "PU", "SU",
                                        "EU",  "APN", "ED",  "ST",  "HT"};
    struct settings *s = &t->set;
    if (!strcasecmp(key, "UR"))
        return set_period(&s->on_s, value);
    if (!strcasecmp(key, "URS"))
        return set_period(&s->off_s, value);
    if (!strcasecmp(key, "URE"))
        return set_period(&s->emergency_s, value);
    if (!strcasecmp(key, "URH"))
        return set_period(&s->heartbeat_s, value);
    if (!strcasecmp(key, "VN"))
        return set_registration(s, value);
    if (!strcasecmp(key, "SL"))
        s->speed_kmh = (unsigned)(atoi(value) & 0xff);
    else if (!strcasecmp(key, "M1"))
        set_phone(s->phones[0], value);
    else if (!strcasecmp(key, "EO"))
        trk_act(t, ACT_PANIC, 0);
    else
        for (size_t i = 0;; i++) {
            if (i == sizeof taken / sizeof *taken)
                return false;
            if (!strcasecmp(key, taken[i]))
                break;
        }
    return true;
}

/* SET K:V,K:V and CLR K,K. */
static void order_set(struct order *o)
{
    bool good = true;
    for (unsigned i = 0; i < o->count; i++) {
        char *key = o->args[i] + (i ? 0 : 4);
        while (*key == ' ')
            key++;
        char *value = strchr(key, ':');
        if (value)
            *value++ = 0;
        bool clears = !strncasecmp(o->text, "CLR", 3);
        good = good && (!clears || !strcasecmp(key, "EO")) &&
               set_key(o->t, key, value ? value : "");
    }
    if (good)
        say_ok(o);
}

static void order_get(struct order *o)
{
    const struct settings *s = &o->t->set;
    say(o, "UR:%u URS:%u URE:%u URH:%u SL:%u VN:%s VID:MARK FV:V0.0.1 M1:%s", s->on_s,
        s->off_s, s->emergency_s, s->heartbeat_s, s->speed_kmh, s->registration,
        s->phones[0]);
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    void (*run)(struct order *o);
} orders[] = {
    {"RELAY", order_relay},
    {"DYD", order_dyd},
    {"HFYD", order_hfyd},
    {"WHERE", order_where},
    {"DWXX", order_where},
    {"POSITION", order_where},
    {"STATUS", order_status},
    {"PARAM", order_param},
    {"VERSION", order_version},
    {"CHECK", order_check},
    {"GPRSSET", order_gprsset},
    {"IMEI", order_imei},
    {"TIMER", order_timer},
    {"SOS", order_sos},
    {"CENTER", order_centre},
    {"SPEED", order_speed},
    {"GMT", order_gmt},
    {"HBT", order_hbt},
    {"ANGLEREP", order_anglerep},
    {"MILEAGE", order_mileage},
    {"111", order_arm},
    {"000", order_arm},
    {"RESET", order_reset},
    {"REBOOT", order_reset},
    {"FACTORY", order_factory},
    {"APN", say_ok},
    {"SERVER", say_ok},
    {"GPRSON", say_ok},
    {"POWERALM", say_ok},
    {"BATALM", say_ok},
    {"ACCALM", say_ok},
    {"SENALM", say_ok},
    {"SENSOR", say_ok},
    {"MOVING", say_ok},
    {"DEFENSE", say_ok},
    {"DEFMODE", say_ok},
    {"MODE", say_ok},
    {"FENCE", say_ok},
    {"MONITOR", say_ok},
};

/* Splits at commas; false where there are too many. */
static bool split(struct order *o)
{
    for (char *p = o->text;;) {
        if (o->count == ARGS_MAX)
            return false;
        o->args[o->count++] = p;
        p = strchr(p, ',');
        if (!p)
            return true;
        *p++ = 0;
    }
}

static void run(struct order *o)
{
    say_bad(o);
    if (!split(o))
        return;
    if (!strncasecmp(o->text, "SET ", 4) || !strncasecmp(o->text, "CLR ", 4))
        order_set(o);
    else if (!strncasecmp(o->text, "GET ", 4))
        order_get(o);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (arg_is(o, 0, orders[i].name))
            orders[i].run(o);
}

void trk_command(struct tracker *t, uint32_t id, struct span text)
{
    char answer[ANSWER_MAX] = "";
    char command[TEXT_MAX + 1];
    struct order o = {.t = t, .answer = answer};
    text = span_trim(text);
    while (text.len && text.ptr[text.len - 1] == '#')
        text.len--;
    span_copy(text, o.text, sizeof o.text);
    memcpy(command, o.text, sizeof command);
    t->up.counts.commands++;
    run(&o);
    trk_log(t, "command %s: %s", command, answer);
    up_answer(t, id, command, answer);
}
