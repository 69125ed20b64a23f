/*
 * wetrack.c - the mobile network as a WeTrack140 sees it: cells of a kilometre or two.
 */
#include "simulate/wetrack.h"

#include <math.h>

struct wetrack_cell wetrack_cell(const struct report *r, unsigned neighbour)
{
    static const int8_t steps[][2] = {{0, 0}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    long north = lround(r->latitude_e7 / 150000.0) + steps[neighbour][0];
    long east = lround(r->longitude_e7 / 150000.0) + steps[neighbour][1];
    return (struct wetrack_cell){
        .lac = (uint16_t)(0x1f00 + (north / 16 * 7 + east / 16) % 256),
        .id = (uint16_t)(0x7000 + (north * 89 + east * 31) % 4096),
        .signal = (uint8_t)(neighbour ? 33 - 3 * neighbour : 40),
    };
}
