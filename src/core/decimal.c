/*
 * decimal.c - short decimals out of doubles.
 */
#include "core/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double scale[DECIMAL_PLACES + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

int decimal_split(double value, int64_t *digits)
{
    static const double digits_end = 9007199254740992.0;
    for (int places = 0; places <= DECIMAL_PLACES; places++) {
        double scaled = value * scale[places];
        if (!(fabs(scaled) < digits_end))
            return -1;
        *digits = (int64_t)scaled;
        double rest = scaled - (double)*digits;
        *digits += (rest >= 0.5) - (rest <= -0.5);
        if ((double)*digits / scale[places] == value)
            return *digits == 0 && signbit(value) ? -1 : places;
    }
    return -1;
}

double decimal_join(int64_t digits, unsigned places)
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
