/*
 * writer.c - bounded writing: every write goes through wr_room(), which checks.
 */
#include "core/writer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/civil.h"

struct writer wr_open(void *buf, size_t size)
{
    assert(buf || !size);
    return (struct writer){.buf = buf, .size = size};
}

struct span wr_done(const struct writer *w)
{
    return wr_since(w, 0);
}

struct span wr_since(const struct writer *w, size_t pos)
{
    struct span all = {w->buf, w->failed ? 0 : w->len};
    return span_cut(all, pos, all.len);
}

void wr_bad(struct writer *w)
{
    w->failed = true;
}

/* Where the next n bytes go, or NULL. */
static uint8_t *wr_room(struct writer *w, size_t n)
{
    if (w->failed || n > w->size - w->len) {
        w->failed = true;
        return NULL;
    }
    uint8_t *p = w->buf + w->len;
    w->len += n;
    return p;
}

void wr_uint(struct writer *w, unsigned n, uint64_t value)
{
    assert(n >= 1 && n <= 8);
    if (n < 8 && value >> 8 * n)
        w->failed = true;
    uint8_t *p = wr_room(w, n);
    for (unsigned i = 0; p && i < n; i++)
        p[i] = (uint8_t)(value >> 8 * (n - 1 - i));
}

void wr_u8(struct writer *w, uint8_t value)
{
    wr_uint(w, 1, value);
}

void wr_u16(struct writer *w, uint16_t value)
{
    wr_uint(w, 2, value);
}

void wr_u16_le(struct writer *w, uint16_t value)
{
    wr_uint(w, 2, (uint16_t)(value << 8 | value >> 8));
}

void wr_u24(struct writer *w, uint32_t value)
{
    wr_uint(w, 3, value);
}

void wr_u32(struct writer *w, uint32_t value)
{
    wr_uint(w, 4, value);
}

void wr_u32_le(struct writer *w, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                       (uint8_t)(value >> 24)};
    wr_bytes(w, bytes, sizeof bytes);
}

void wr_u64(struct writer *w, uint64_t value)
{
    wr_uint(w, 8, value);
}

void wr_bytes(struct writer *w, const void *bytes, size_t len)
{
    uint8_t *p = wr_room(w, len);
    if (p && len)
        memcpy(p, bytes, len);
}

void wr_span(struct writer *w, struct span s)
{
    wr_bytes(w, s.ptr, s.len);
}

void wr_text(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

void wr_printf(struct writer *w, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        w->failed = true;
    else
        wr_bytes(w, text, (size_t)len);
}

void wr_digits(struct writer *w, const char *digits, size_t n)
{
    size_t len = strlen(digits);
    if (len > 2 * n || strspn(digits, "0123456789") != len)
        w->failed = true;
    uint8_t *p = wr_room(w, n);
    if (!p)
        return;
    memset(p, 0, n);
    for (size_t i = 0; i < len; i++) {
        size_t nibble = 2 * n - len + i;
        p[nibble / 2] |= (uint8_t)((digits[i] - '0') << (nibble % 2 ? 0 : 4));
    }
}

void wr_time6(struct writer *w, int64_t ms)
{
    struct civil c = civil_of(ms);
    if (ms == TIME_NONE || c.year < 2000 || c.year > 2255) {
        w->failed = true;
        return;
    }
    uint8_t bytes[] = {(uint8_t)(c.year - 2000), (uint8_t)c.month,  (uint8_t)c.day,
                       (uint8_t)c.hour,          (uint8_t)c.minute, (uint8_t)c.second};
    wr_bytes(w, bytes, sizeof bytes);
}

size_t wr_skip(struct writer *w, size_t n)
{
    size_t pos = w->len;
    uint8_t *p = wr_room(w, n);
    if (p && n)
        memset(p, 0, n);
    return pos;
}

void wr_patch_u8(struct writer *w, size_t pos, uint8_t value)
{
    if (w->failed || pos >= w->len)
        w->failed = true;
    else
        w->buf[pos] = value;
}

void wr_patch_u16(struct writer *w, size_t pos, uint16_t value)
{
    wr_patch_u8(w, pos + 1, (uint8_t)value);
    wr_patch_u8(w, pos, (uint8_t)(value >> 8));
}
