/*
 * dice.h - chance that is the same at every run: splitmix64 from a seed.
 *
 * Each vehicle, and each of its parts, has dice of its own, so that what one part draws
 * does not change what another does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* At least low, below high. */
static inline double dice_between(struct dice *d, double low, double high)
{
    return low + (high - low) * (double)(dice_next(d) >> 11) * 0x1p-53;
}

static inline bool dice_chance(struct dice *d, double probability)
{
    return dice_between(d, 0, 1) < probability;
}

/* Dice for a part, by number. */
static inline struct dice dice_part(uint64_t seed, uint64_t part)
{
    struct dice d = {seed ^ (part + 1) * 0xd1342543de82ef95};
    return (struct dice){dice_next(&d)};
}
