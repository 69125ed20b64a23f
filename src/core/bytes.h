/*
 * bytes.h - spans of borrowed bytes, and the numbers that lie in them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: no NUL at the end, and they die with their owner. */
struct span {
    const uint8_t *ptr;
    size_t len;
};

static inline struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static inline bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && !memcmp(s.ptr, text, s.len);
}

static inline bool span_starts(struct span s, const char *text)
{
    size_t n = strlen(text);
    return s.len >= n && !memcmp(s.ptr, text, n);
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

/* From `from` up to, not including, `to`; both are cut to what is there. */
static inline struct span span_cut(struct span s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct span){s.ptr + from, to - from};
}

/* Without blanks, NULs and line ends at either end. */
struct span span_trim(struct span s);

/* The first position at or after `from` where `what` stands, or s.len. */
size_t span_find(struct span s, size_t from, const char *what, size_t what_len);

/* As a NUL-ended string in `out`; cut to fit.  Returns out. */
char *span_copy(struct span s, char *out, size_t size);

/* Bytes of the UTF-8 character that the span starts with, 1 to 4; 0 where it starts
 * with none. */
size_t utf8_len(struct span s);

/* The span starts with a control character: below a blank, or 7f to 9f. */
bool utf8_control(struct span s);

static inline uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static inline uint64_t be64(const uint8_t *p)
{
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p + 2) << 16 | le16(p);
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p + 4) << 32 | le32(p);
}

/* Lower-case hexadecimal digits, NUL-ended; `out` holds 2 * s.len + 1. */
void hex_format(struct span s, char *out);

/* Digit pairs to bytes; blanks between pairs are stepped over.  Returns the
 * number of bytes, or -1 where it is not hexadecimal or does not fit. */
long hex_parse(struct span text, uint8_t *out, size_t size);
