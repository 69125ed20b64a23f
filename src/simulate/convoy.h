/*
 * convoy.h - a fleet of trackers: which vehicles, with which names and firmwares.
 */
#pragma once

#include "simulate/tracker.h"

enum { CONVOY_MAX = 5000, HISTORY_MAX_H = 72, HISTORY_WORK_MAX_H = 10000 };

enum mix { MIX_FIRST, MIX_SECOND, MIX_BOTH };

struct convoy_options {
    unsigned devices;    /* 1 to CONVOY_MAX */
    enum mix protocols;  /* gt06, ais140 */
    enum mix transports; /* tcp, udp */
    uint64_t seed;
    uint64_t imei_base;  /* 14 digits; those of the devices follow it */
    unsigned interval_s; /* ignition on */
    enum incidents incidents;
};

struct convoy {
    struct world *world;
    struct tracker *trackers;
    unsigned count;
};

/* Trackers without carriers: convoy_start() gives each its own. */
void convoy_init(struct convoy *f, const struct convoy_options *o);
void convoy_fini(struct convoy *f);

/* Once per tracker, before its first second. */
void convoy_start(struct convoy *f, unsigned i, const struct carrier *carrier,
                  uint64_t seed);

/* The hours before now_ms, second by second; what is reported goes to the trackers'
 * memories. */
void convoy_drive_past(struct convoy *f, unsigned hours, int64_t now_ms);

/* The fifteen digits: fourteen, and the check digit by Luhn. */
void imei_format(uint64_t fourteen, char out[IMEI_LEN + 1]);
