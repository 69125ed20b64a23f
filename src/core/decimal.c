/*
 * decimal.c - short decimals out of doubles.
 */
#include "core/decimal.h"

#include <stdio.h>
#include <stdlib.h>

static const double scale[DECIMAL_PLACES + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

/* Of what is no whole number. */
int decimal_slow_split(double value, int64_t *digits)
{
    static const double close = 0x1p-51; /* two roundings, relative */
    for (int places = 1; places <= DECIMAL_PLACES; places++) {
        double size = fabs(value * scale[places]);
        if (!(size < DECIMAL_END))
            return -1;
        double near = (double)(int64_t)size;
        near += size - near >= 0.5;
        if (fabs(size - near) <= size * close && near / scale[places] == fabs(value)) {
            *digits = (int64_t)copysign(near, value);
            return places;
        }
    }
    return -1;
}

double decimal_slow_join(int64_t digits, unsigned places)
{
    return (double)digits / scale[places <= DECIMAL_PLACES ? places : 0];
}

/* Digits as text, from the back, with a point before the last `places` of them. */
static char *format_digits(int64_t digits, int places, char out[DECIMAL_TEXT])
{
    char text[DECIMAL_TEXT];
    char *p = text + sizeof text;
    uint64_t left = digits < 0 ? (uint64_t)-digits : (uint64_t)digits;
    *--p = 0;
    for (int at = 0; left || at <= places; left /= 10, at++) {
        if (at == places && places)
            *--p = '.';
        *--p = (char)('0' + left % 10);
    }
    if (digits < 0)
        *--p = '-';
    char *to = out;
    while ((*to++ = *p++)) {
    }
    return out;
}

char *decimal_format(double value, char out[DECIMAL_TEXT])
{
    int64_t digits;
    *out = 0;
    if (!isfinite(value))
        return out;
    int places = decimal_split(value + 0.0, &digits);
    if (places >= 0)
        return format_digits(digits, places, out);
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, DECIMAL_TEXT, "%.*g", precision, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}
