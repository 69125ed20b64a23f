/*
 * decimal.h - doubles that were short decimals once: 12.48, 61.5, -3.
 */
#pragma once

#include <math.h>
#include <stdint.h>

enum { DECIMAL_PLACES = 6 };

/* The fewest places, 0 to DECIMAL_PLACES, with which digits / 10^places is exactly
 * the value; -1 where there are none, as for NAN and -0.0.  Digits stay below 2^53. */
static inline int decimal_split(double value, int64_t *digits);

/* What decimal_split() took apart. */
static inline double decimal_join(int64_t digits, unsigned places);

enum { DECIMAL_TEXT = 32 };

/* The shortest text that reads back as the same value, as JSON writes numbers; ""
 * for NAN and the infinities.  Returns out. */
char *decimal_format(double value, char out[DECIMAL_TEXT]);

/* ---- the inline half ---- */

#define DECIMAL_END 9007199254740992.0 /* 2^53 */

int decimal_slow_split(double value, int64_t *digits);
double decimal_slow_join(int64_t digits, unsigned places);

static inline int decimal_split(double value, int64_t *digits)
{
    if (!(fabs(value) < DECIMAL_END))
        return -1;
    *digits = (int64_t)value;
    if ((double)*digits != value)
        return decimal_slow_split(value, digits);
    return *digits == 0 && signbit(value) ? -1 : 0;
}

static inline double decimal_join(int64_t digits, unsigned places)
{
    return places ? decimal_slow_join(digits, places) : (double)digits;
}
