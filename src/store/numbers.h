/*
 * numbers.h - columns of doubles as columns of integers, exactly.
 *
 * Trackers send decimals, knots and fractions of a degree; a column whose values all
 * are such is written as the integers that they were made of.  What is not comes as the
 * bits of the doubles.  A value is always digits / over * times, in this order, so that
 * every machine makes the same double of them.
 */
#pragma once

#include "store/bits.h"
#include "store/chunk.h"

/* Doubles are handed over as their bits, in place of integers. */
static inline int64_t bits_of(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_of(int64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Forms of numbers.  Up to FORM_E7 they are decimals with so many places. */
enum { FORM_CM = 2, FORM_E7 = 7, FORM_RAW = 15, FORM_BITS = 4 };

/* The digits of all values in a form; false where one of them is not exact. */
bool form_split(unsigned form, const int64_t *values, size_t count, int64_t *digits);

/* And back. */
void form_join(unsigned form, const int64_t *digits, size_t count, int64_t *values);

/* A column in the first form that is exact; at most CHUNK_MAX values. */
void put_numbers(struct bits_out *b, const int64_t *values, size_t count);
void get_numbers(struct bits_in *b, int64_t *values, size_t count);

/* The same for degrees; their e7 is what get and put leave in `e7`, if it is true. */
bool put_degrees(struct bits_out *b, const int64_t *values, size_t count, int64_t *e7);
bool get_degrees(struct bits_in *b, int64_t *values, size_t count, int64_t *e7);

/*
 * What the distance from the place before should be, in centimetres: 0 where there is
 * none.  Integers throughout, from a cosine and its slope that stand in the chunk: all
 * machines agree.
 */
struct flat {
    int64_t latitude_e7; /* of the first place */
    int64_t cosine;      /* there, times 2^20 */
    int64_t slope;       /* its loss for each 1e-7 degree to the north, times 2^50 */
};
struct flat flat_at(int64_t latitude_e7);
bool flat_ok(const struct flat *f); /* flat_cm() stays within its integers */
int64_t flat_cm(const struct flat *f, int64_t lat1_e7, int64_t lon1_e7, int64_t lat2_e7,
                int64_t lon2_e7);
