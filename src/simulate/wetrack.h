/*
 * wetrack.h - what both firmwares of a WeTrack140 share.
 */
#pragma once

#include "simulate/report.h"
#include "simulate/tracker.h"

enum { MCC_INDIA = 404, MNC_AIRTEL = 10 };

/* A cell of the mobile network near a place; 0 serves, 1 to 4 are neighbours. */
struct wetrack_cell {
    uint16_t lac;
    uint16_t id;
    uint8_t signal; /* 0 to 63 */
};
struct wetrack_cell wetrack_cell(const struct report *r, unsigned neighbour);

static inline bool wetrack_has(const struct report *r, enum report_flag flag)
{
    return r->flags & flag;
}
