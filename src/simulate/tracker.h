/*
 * tracker.h - one WeTrack140 in one vehicle: sensors, rules of reporting, commands.
 *
 * It lives by seconds: trk_second() drives the vehicle on, takes a fix, and reports what
 * is to be reported.  Its firmware, one of two, turns reports into frames; its uplink
 * brings them to the server.  What it reports depends on its seed, on the clock and on
 * the commands it gets, not on the state of the link.
 */
#pragma once

#include "core/protocol.h"
#include "core/writer.h"
#include "simulate/uplink.h"
#include "simulate/ride.h"

enum { NAME_MAX_LEN = 24, IMEI_LEN = 15, PHONE_MAX = 20, PHONES = 3, PLANS_MAX = 12 };

/* What can happen to a tracker, by chance or by a script. */
enum action {
    ACT_IGNITION, /* 1 on, 0 off, as all that can be one or the other */
    ACT_DOOR,
    ACT_PANIC,
    ACT_PANIC_WIRE, /* 1 cut */
    ACT_TAMPER,
    ACT_POWER,   /* 1 there */
    ACT_BATTERY, /* 1 charged, 0 low */
    ACT_MOVE,    /* km/h */
    ACT_STOP,
    ACT_OUTAGE, /* s */
    ACT_BRAKE,
    ACT_ACCELERATE,
    ACT_TURN, /* degrees: left below 0 */
    ACT_OVERSPEED,
    ACT_IMPACT,
    ACT_TILT,
    ACT_FENCE,  /* 1 in, 0 out */
    ACT_INPUT,  /* the third wire */
    ACT_ANALOG, /* V */
    ACT_RELAY,  /* enum relay_health */
    ACT_CLOCK,  /* s that the clock is ahead */
    ACT_GPS,    /* s without a fix; 0: found again */
    ACT_REPEAT, /* the last frame once more */
    ACT_REBOOT,
};

enum relay_health { RELAY_WORKS, RELAY_FAILS, RELAY_STICKS };

enum incidents { INCIDENTS_NONE, INCIDENTS_CALM, INCIDENTS_USUAL, INCIDENTS_BUSY };

struct settings {
    unsigned on_s, off_s; /* between reports; 0: none */
    unsigned emergency_s;
    unsigned heartbeat_s;
    unsigned corner_deg;         /* 0: no reports at corners */
    unsigned speed_kmh, speed_s; /* 0: no alarm */
    int zone_min;                /* east of Greenwich */
    bool armed;
    char phones[PHONES][PHONE_MAX + 1];
    char centre[PHONE_MAX + 1];
    char registration[17];
};

struct gps {
    struct where where; /* the last fix */
    double speed_kmh;
    double hdop;
    double east_m, north_m; /* how far off it is just now */
    unsigned satellites;
    bool fix;
    int64_t lost_until_s;
};

struct plan {
    int64_t at_s; /* 0: free */
    enum action action;
    double value;
};

struct firmware;

struct tracker {
    char imei[IMEI_LEN + 1];
    char name[NAME_MAX_LEN + 1];
    const struct firmware *firmware;
    enum transport transport;
    struct ride ride;
    struct uplink up;
    struct dice chance, noise;
    struct settings set, factory;
    enum incidents incidents;
    bool online; /* false: the past is driven, and nothing sent */

    int64_t second;   /* of the world; 1 is the first */
    int64_t now_ms;   /* real time */
    int zone_min;     /* as it was said at the login */
    int64_t clock_ms; /* how far the tracker's clock is ahead */
    struct gps gps;
    bool ignition, door, panic, panic_wire_cut, cover_open, supplied, battery_low,
        input_3;
    double battery_v, analog_v;
    bool cut;      /* the relay */
    bool cut_kept; /* a cut-off waits for a slow vehicle with a fix */
    enum relay_health relay_health;

    uint32_t reports;
    int64_t reported_s, reported_ms; /* the last position */
    int64_t panic_s, panic_reported_s;
    double reported_course_deg, reported_odometer_m;
    unsigned fast_s;
    int64_t outage_until_s;
    int64_t reboot_s; /* 0: none is due */
    struct plan plans[PLANS_MAX];

    /* One line for each notable thing; NULL: nobody listens. */
    void (*log)(void *arg, const struct tracker *t, const char *text);
    void *log_arg;
};

/* One of the two programs that a unit may run: how it says things. */
struct firmware {
    const char *protocol; /* "gt06", "ais140" */
    bool newest_first;    /* stored reports, when they are sent */
    unsigned heartbeat_s;
    uint8_t answered;            /* bits of enum frame_kind: by a server of the sheet */
    uint8_t frames[EVENT_COUNT]; /* likewise */

    void (*login)(const struct tracker *t, uint16_t serial, struct writer *w);
    void (*heartbeat)(const struct tracker *t, uint16_t serial, struct writer *w);
    void (*report)(const struct tracker *t, const struct report *r, bool stored,
                   uint16_t serial, struct writer *w);
    void (*answer)(const struct tracker *t, uint32_t id, const char *command,
                   const char *text, uint16_t serial, struct writer *w);
    /* What is said besides, by number from 0; false: no more.  At login, or when the
     * settings have changed.  NULL: nothing. */
    bool (*note)(const struct tracker *t, unsigned number, bool login, uint16_t serial,
                 struct writer *w);
    /* Takes one message of the server off the front of `in` and returns its length; 0:
     * it is not whole yet. */
    size_t (*receive)(struct tracker *t, struct span in);
};

extern const struct firmware wetrack_gt06, wetrack_ais;

/* Before: the vehicle, the names, the firmware, the settings. */
void trk_init(struct tracker *t, const struct carrier *carrier, uint64_t seed);
void trk_fini(struct tracker *t);

/* One second of the world, at this real time. */
void trk_second(struct tracker *t, int64_t now_ms);

void trk_act(struct tracker *t, enum action action, double value);
void trk_plan(struct tracker *t, unsigned in_s, enum action action, double value);

/* Chance, once a second. */
void trk_chance(struct tracker *t);

/* A report of what is known just now. */
void trk_report(struct tracker *t, enum event event);
struct report trk_look(const struct tracker *t, enum event event);

/* Does what a command says and writes the answer, "" when none is due. */
enum { ANSWER_MAX = 240 };
void trk_command(struct tracker *t, uint32_t id, struct span text);

/* Cuts off by the maker's rule: at once, or later when the vehicle is slow and has a fix;
 * and restores.  The answer tells. */
void trk_cut(struct tracker *t, char answer[ANSWER_MAX]);
void trk_restore(struct tracker *t, char answer[ANSWER_MAX]);

/* What the tracker's clock shows. */
static inline int64_t trk_clock_ms(const struct tracker *t)
{
    return t->now_ms + t->clock_ms;
}

void trk_log(const struct tracker *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
