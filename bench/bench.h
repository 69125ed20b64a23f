/*
 * bench.h - what the benches share: clocks, and frames by the thousand.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/checksum.h"

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum { BENCH_FRAME = 36 };

static inline void bench_put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

/* A gt06 location (12: GPS, cell, no tail) of 36 bytes: report `n` of vehicle `v`, on a
 * drive of its own with a report each ten seconds from `from_s` on. */
static inline void bench_frame(uint8_t out[BENCH_FRAME], unsigned v, unsigned n,
                               int64_t from_s)
{
    struct tm g;
    time_t t = (time_t)(from_s + n * 10);
    gmtime_r(&t, &g);
    uint32_t way = n * 83 + v * 7919;
    uint32_t wave = way / 40 % 2000;
    uint8_t *p = out;
    memcpy(p, "\x78\x78\x1f\x12", 4);
    uint8_t time6[6] = {(uint8_t)(g.tm_year - 100), (uint8_t)(g.tm_mon + 1),
                        (uint8_t)g.tm_mday,         (uint8_t)g.tm_hour,
                        (uint8_t)g.tm_min,          (uint8_t)g.tm_sec};
    memcpy(p + 4, time6, 6);
    p[10] = (uint8_t)(0xc0 | (7 + way / 900 % 6));
    bench_put(p + 11, 51480000 + v % 5000 * 300 + way * 11 % 400000, 4);
    bench_put(p + 15,
              138960000 + v % 3000 * 500 + (wave > 1000 ? 2000 - wave : wave) * 37, 4);
    p[19] = (uint8_t)(20 + way / 70 % 60);
    bench_put(p + 20, 0x1400 | way / 11 % 360, 2);
    bench_put(p + 22, 404, 2);
    p[24] = 10;
    bench_put(p + 25, 0x1f3c + way / 5000 % 7, 2);
    bench_put(p + 27, 0x7b21 + way / 2000 % 31, 3);
    bench_put(p + 30, n & 0xffff, 2);
    bench_put(p + 32, crc16_x25((struct span){p + 2, 30}), 2);
    memcpy(p + 34, "\r\n", 2);
}
