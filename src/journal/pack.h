/*
 * pack.h - how the journal's files write numbers: little-endian, and varints of seven
 * bits a byte, low ones first.
 */
#pragma once

#include "core/bytes.h"

enum { VARINT_MAX = 10 }; /* bytes of one */

static inline uint8_t *put_le(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * i);
    return p + size;
}

static inline uint8_t *put_varint(uint8_t *p, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *p++ = (uint8_t)(value | 0x80);
    *p++ = (uint8_t)value;
    return p;
}

/* Takes one off the front.  False, and nothing taken, where none stands there. */
static inline bool take_varint(struct span *rest, uint64_t *value)
{
    uint64_t v = 0;
    for (size_t i = 0; i < rest->len && i < VARINT_MAX; i++) {
        uint8_t byte = rest->ptr[i];
        v |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            *rest = (struct span){rest->ptr + i + 1, rest->len - i - 1};
            *value = v;
            return i + 1 < VARINT_MAX || byte <= 1;
        }
    }
    return false;
}

/* Small numbers of either sign as small ones without. */
static inline uint64_t zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}
