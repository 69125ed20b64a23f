/*
 * bits.h - a stream of bits, and columns of integers in it.
 *
 * A column is written in the way that takes the fewest bits for it: as one value that
 * all share, as differences (of the values, or of their differences) in Rice codes, or
 * as choices among a few values.  The number of values is not part of it.
 *
 * Bits fill bytes from the lowest on.  Rice code with parameter k: the value's upper
 * part in ones and a zero, then its k lower bits; eight ones say that the value
 * follows with its length.
 */
#pragma once

#include <stdbool.h>

#include "core/bytes.h"
#include "core/mem.h"

/* A reader of bits never looks beyond its bytes, if BITS_PAD more of them, of any
 * value, lie behind. */
enum { BITS_PAD = 8, COLUMN_MAX = 4096 };

struct bits_out {
    struct buffer bytes;
    uint64_t word; /* bits that do not fill a byte yet */
    unsigned fill;
};

/* At most 32 bits. */
void bo_put(struct bits_out *b, uint64_t value, unsigned bits);

/* Any integer: short ones in few bits. */
void bo_int(struct bits_out *b, int64_t value);

/* At most COLUMN_MAX values. */
void bo_column(struct bits_out *b, const int64_t *values, size_t count);

/* Fills up the last byte. */
void bo_end(struct bits_out *b);

struct bits_in {
    const uint8_t *ptr;
    size_t pos, end; /* in bits */
    bool bad;        /* read past the end, or impossible; then all reads give 0 */
};

struct bits_in bi_open(struct span bytes);
uint64_t bi_get(struct bits_in *b, unsigned bits);
int64_t bi_int(struct bits_in *b);
void bi_column(struct bits_in *b, int64_t *values, size_t count);

/* An integer from 0 to max; anything else is bad. */
uint64_t bi_below(struct bits_in *b, uint64_t max);
