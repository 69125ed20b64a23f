/*
 * reader.h - a bounds-checked cursor over one frame.
 *
 * Every read names the field it takes.  A read past the end returns zero,
 * remembers that name as the fault, and makes every later read return zero too;
 * so a decoder reads straight through and asks rd_done() once, at the end.
 *
 * The names are free while nobody listens.  Reads that end within `fast` run
 * inline and never look at them.  A reader that has failed, or is traced, keeps
 * `fast` at zero: then every read goes through rd_slow(), which does.
 */
#pragma once

#include <stdbool.h>

#include "core/bytes.h"
#include "core/civil.h"

/* Is told of each field in reading order.  `value` is written for people; it
 * is empty where the raw bytes say it best. */
struct trace {
    void (*field)(struct trace *t, const char *name, size_t pos, struct span raw,
                  const char *value);
    /* What the field just told means, such as "sos"; may be NULL. */
    void (*meaning)(struct trace *t, const char *text);
};

struct reader {
    const uint8_t *buf;  /* the frame, borrowed */
    size_t pos;          /* next unread byte; never beyond len */
    size_t fast;         /* inline reads end within this: len, or 0 */
    size_t len;          /* of the frame, without what was cut off */
    const char *fault;   /* first field that could not be read, or NULL */
    struct trace *trace; /* NULL in production */
    char sep;            /* text: what ends a field; 0 in binary frames */
    bool ended;          /* text: the last field has been taken */
};

enum verdict { DECODED, IGNORED, MALFORMED };

/* A text frame, one with a separator, loses its line end. */
struct reader rd_open(struct span frame, char sep, struct trace *trace);

/* DECODED, or MALFORMED once any read has failed. */
enum verdict rd_done(const struct reader *r);

/* Fails the reader at a field whose value makes no sense; MALFORMED. */
enum verdict rd_bad(struct reader *r, const char *name) __attribute__((cold));

static inline bool rd_more(const struct reader *r);
static inline struct span rd_rest(const struct reader *r);

/* Bytes not read yet. */
static inline size_t rd_left(const struct reader *r)
{
    return r->len - r->pos;
}

/* The next n bytes, or as many as there are, without taking them: for deciding
 * which variant this is. */
struct span rd_look(const struct reader *r, size_t n);

/* Binary: network byte order, or little-endian with _le. */
static inline uint8_t rd_u8(struct reader *r, const char *name);
static inline int8_t rd_s8(struct reader *r, const char *name);
static inline uint16_t rd_u16(struct reader *r, const char *name);
static inline uint16_t rd_u16_le(struct reader *r, const char *name);
static inline int16_t rd_s16(struct reader *r, const char *name);
static inline int16_t rd_s16_le(struct reader *r, const char *name);
static inline uint32_t rd_u24(struct reader *r, const char *name);
static inline uint32_t rd_u32(struct reader *r, const char *name);
static inline uint32_t rd_u32_le(struct reader *r, const char *name);
static inline int32_t rd_s32(struct reader *r, const char *name);
static inline int32_t rd_s32_le(struct reader *r, const char *name);
static inline uint64_t rd_u64(struct reader *r, const char *name);
static inline uint64_t rd_u64_le(struct reader *r, const char *name);

/* A big-endian number of n bytes, 1 to 8. */
uint64_t rd_uint(struct reader *r, unsigned n, const char *name);

/* The next n bytes as they are. */
struct span rd_raw(struct reader *r, size_t n, const char *name);

/* Steps over n bytes that mean nothing to us; they are still told. */
void rd_skip(struct reader *r, size_t n, const char *name);

/* n bytes of two decimal digits each, as digits and NUL-ended: out holds
 * 2 * n + 1.  A nibble above 9 stands as its hexadecimal digit.  Returns out. */
char *rd_digits(struct reader *r, size_t n, char *out, const char *name);

/* Six bytes YY MM DD hh mm ss, plain or as two decimal digits each, year 2000 + YY;
 * UTC milliseconds.  An impossible date is TIME_NONE and no fault. */
static inline int64_t rd_time6_ms(struct reader *r, const char *name);
int64_t rd_time6_bcd_ms(struct reader *r, const char *name);

/* Seconds since 1970, 4 bytes; UTC milliseconds. */
int64_t rd_unix_ms(struct reader *r, const char *name);

/* One bit of a word that was just read; bits high to low of it as a number. */
static inline bool rd_flag(struct reader *r, uint64_t word, unsigned bit,
                           const char *name);
static inline uint64_t rd_bits(struct reader *r, uint64_t word, unsigned high,
                               unsigned low, const char *name);

/* Says what the field just read means, for people.  Free while not traced. */
static inline void rd_means(struct reader *r, const char *text);

/* Narrows the reader to the next n bytes.  rd_leave(), with what this returned,
 * steps over what was not read of them and widens it again. */
static inline size_t rd_enter(struct reader *r, size_t n, const char *name);
static inline void rd_leave(struct reader *r, size_t outer);

/* Cuts a checksum off the end, so that no field can run into it: the last n
 * bytes as a number, or the hexadecimal digits after the last `mark`. */
uint64_t rd_tail(struct reader *r, unsigned n, const char *name);
uint64_t rd_tail_hex(struct reader *r, char mark, const char *name);

/* Text: the next field.  An empty number is NAN: absent, and no fault.  Numbers
 * are plain decimal: sign, digits, point; at most 16 digits. */
struct span rd_text(struct reader *r, const char *name);
double rd_num(struct reader *r, const char *name);
double rd_hex(struct reader *r, const char *name);

/* Text: the next field without taking it; empty at the end. */
struct span rd_peek(const struct reader *r);

/* Text, within a field: up to, not including, the next of the characters in
 * `stops`, which is then stepped over; or up to the end. */
struct span rd_until(struct reader *r, const char *stops, const char *name);

/* Text: digit pairs in the given order, such as "DMYhms"; UTC milliseconds.  Y is
 * a two-digit year from 2000, YY a four-digit one.  Letters are a fault; an empty
 * field and an impossible date are TIME_NONE and none. */
int64_t rd_time_ms(struct reader *r, const char *order, const char *name);

/* The same on a text that was read before.  False where it is no digits. */
bool text_time_ms(struct span text, const char *order, int64_t *ms);

/* The rules of rd_num() and rd_hex() on a text that was read before. */
bool text_num(struct span text, double *value);
bool text_hex(struct span text, double *value);

/* ---- the inline half ---- */

enum { RD_SIGNED = 0x10, RD_LITTLE = 0x20 };

#define RD_COLD __attribute__((cold))

uint64_t rd_slow(struct reader *r, unsigned kind, const char *name) RD_COLD;
int64_t rd_slow_time6_ms(struct reader *r, const char *name) RD_COLD;
size_t rd_slow_enter(struct reader *r, size_t n, const char *name) RD_COLD;
void rd_slow_leave(struct reader *r, size_t outer) RD_COLD;
void rd_tell_flag(struct reader *r, const char *name, bool value) RD_COLD;
void rd_tell_bits(struct reader *r, const char *name, uint64_t value) RD_COLD;

/* For the small sizes of numbers. */
static inline bool rd_fits(const struct reader *r, size_t n)
{
    return r->pos + n <= r->fast;
}

static inline const uint8_t *rd_take(struct reader *r, size_t n)
{
    const uint8_t *p = r->buf + r->pos;
    r->pos += n;
    return p;
}

static inline bool rd_more(const struct reader *r)
{
    return r->sep ? !r->ended : r->pos < r->len;
}

static inline struct span rd_rest(const struct reader *r)
{
    return (struct span){r->buf + r->pos, r->len - r->pos};
}

/* The size is from the wire: no sum with it may wrap. */
static inline size_t rd_enter(struct reader *r, size_t n, const char *name)
{
    if (!r->fast || n > r->len - r->pos)
        return rd_slow_enter(r, n, name);
    size_t outer = r->len;
    r->len = r->fast = r->pos + n;
    return outer;
}

static inline void rd_leave(struct reader *r, size_t outer)
{
    if (!r->fast) {
        rd_slow_leave(r, outer);
        return;
    }
    r->pos = r->len;
    r->len = r->fast = outer;
}

static inline int64_t rd_time6_ms(struct reader *r, const char *name)
{
    return rd_fits(r, 6) ? civil_six_ms(rd_take(r, 6)) : rd_slow_time6_ms(r, name);
}

static inline uint8_t rd_u8(struct reader *r, const char *name)
{
    return rd_fits(r, 1) ? *rd_take(r, 1) : (uint8_t)rd_slow(r, 1, name);
}

static inline int8_t rd_s8(struct reader *r, const char *name)
{
    return (int8_t)(rd_fits(r, 1) ? *rd_take(r, 1) : rd_slow(r, 1 | RD_SIGNED, name));
}

static inline uint16_t rd_u16(struct reader *r, const char *name)
{
    return rd_fits(r, 2) ? be16(rd_take(r, 2)) : (uint16_t)rd_slow(r, 2, name);
}

static inline uint16_t rd_u16_le(struct reader *r, const char *name)
{
    return rd_fits(r, 2) ? le16(rd_take(r, 2))
                         : (uint16_t)rd_slow(r, 2 | RD_LITTLE, name);
}

static inline int16_t rd_s16(struct reader *r, const char *name)
{
    return (int16_t)(rd_fits(r, 2) ? be16(rd_take(r, 2))
                                   : rd_slow(r, 2 | RD_SIGNED, name));
}

static inline int16_t rd_s16_le(struct reader *r, const char *name)
{
    return (int16_t)(rd_fits(r, 2) ? le16(rd_take(r, 2))
                                   : rd_slow(r, 2 | RD_SIGNED | RD_LITTLE, name));
}

static inline uint32_t rd_u24(struct reader *r, const char *name)
{
    return rd_fits(r, 3) ? be24(rd_take(r, 3)) : (uint32_t)rd_slow(r, 3, name);
}

static inline uint32_t rd_u32(struct reader *r, const char *name)
{
    return rd_fits(r, 4) ? be32(rd_take(r, 4)) : (uint32_t)rd_slow(r, 4, name);
}

static inline uint32_t rd_u32_le(struct reader *r, const char *name)
{
    return rd_fits(r, 4) ? le32(rd_take(r, 4))
                         : (uint32_t)rd_slow(r, 4 | RD_LITTLE, name);
}

static inline int32_t rd_s32(struct reader *r, const char *name)
{
    return (int32_t)(rd_fits(r, 4) ? be32(rd_take(r, 4))
                                   : rd_slow(r, 4 | RD_SIGNED, name));
}

static inline int32_t rd_s32_le(struct reader *r, const char *name)
{
    return (int32_t)(rd_fits(r, 4) ? le32(rd_take(r, 4))
                                   : rd_slow(r, 4 | RD_SIGNED | RD_LITTLE, name));
}

static inline uint64_t rd_u64(struct reader *r, const char *name)
{
    return rd_fits(r, 8) ? be64(rd_take(r, 8)) : rd_slow(r, 8, name);
}

static inline uint64_t rd_u64_le(struct reader *r, const char *name)
{
    return rd_fits(r, 8) ? le64(rd_take(r, 8)) : rd_slow(r, 8 | RD_LITTLE, name);
}

static inline bool rd_flag(struct reader *r, uint64_t word, unsigned bit,
                           const char *name)
{
    bool value = word >> bit & 1;
    if (r->trace)
        rd_tell_flag(r, name, value);
    return value;
}

static inline uint64_t rd_bits(struct reader *r, uint64_t word, unsigned high,
                               unsigned low, const char *name)
{
    uint64_t value = word >> low & (UINT64_MAX >> (63 - (high - low)));
    if (r->trace)
        rd_tell_bits(r, name, value);
    return value;
}

static inline void rd_means(struct reader *r, const char *text)
{
    if (r->trace && r->trace->meaning && !r->fault && text)
        r->trace->meaning(r->trace, text);
}
