/*
 * reader.c - the slow half of the reader: what is short, traced, or text.
 */
#include "core/reader.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

struct reader rd_open(struct span frame, char sep, struct trace *trace)
{
    assert(frame.ptr || !frame.len);
    if (sep && frame.len && frame.ptr[frame.len - 1] == '\n')
        frame.len--;
    if (sep && frame.len && frame.ptr[frame.len - 1] == '\r')
        frame.len--;
    return (struct reader){
        .buf = frame.ptr,
        .fast = trace ? 0 : frame.len,
        .len = frame.len,
        .trace = trace,
        .sep = sep,
    };
}

enum verdict rd_done(const struct reader *r)
{
    return r->fault ? MALFORMED : DECODED;
}

enum verdict rd_bad(struct reader *r, const char *name)
{
    if (!r->fault)
        r->fault = name;
    r->pos = r->len;
    r->fast = 0;
    r->ended = true;
    return MALFORMED;
}

static uint64_t fail(struct reader *r, const char *name)
{
    rd_bad(r, name);
    return 0;
}

struct span rd_look(const struct reader *r, size_t n)
{
    size_t left = r->len - r->pos;
    return (struct span){r->buf + r->pos, n < left ? n : left};
}

static void tell(struct reader *r, const char *name, size_t pos, size_t len,
                 const char *value)
{
    if (r->trace && !r->fault)
        r->trace->field(r->trace, name, pos, (struct span){r->buf + pos, len}, value);
}

void rd_tell_flag(struct reader *r, const char *name, bool value)
{
    tell(r, name, r->pos, 0, value ? "yes" : "no");
}

void rd_tell_bits(struct reader *r, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    tell(r, name, r->pos, 0, text);
}

static uint64_t load(const uint8_t *p, unsigned kind)
{
    unsigned size = kind & 0xf;
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[kind & RD_LITTLE ? size - 1 - i : i];
    if (kind & RD_SIGNED && size < 8 && v >> (size * 8 - 1))
        v |= UINT64_MAX << size * 8;
    return v;
}

uint64_t rd_slow(struct reader *r, unsigned kind, const char *name)
{
    unsigned size = kind & 0xf;
    if (r->fault || size > r->len - r->pos)
        return fail(r, name);
    size_t pos = r->pos;
    uint64_t v = load(rd_take(r, size), kind);
    if (r->trace) {
        char text[24];
        if (kind & RD_SIGNED)
            snprintf(text, sizeof text, "%lld", (long long)(int64_t)v);
        else
            snprintf(text, sizeof text, "%llu", (unsigned long long)v);
        tell(r, name, pos, size, text);
    }
    return v;
}

uint64_t rd_uint(struct reader *r, unsigned n, const char *name)
{
    assert(n >= 1 && n <= 8);
    return rd_slow(r, n, name);
}

/* The next n bytes without telling; fails at `name` where they are not there. */
static const uint8_t *take(struct reader *r, size_t n, const char *name)
{
    if (r->fault || n > r->len - r->pos) {
        rd_bad(r, name);
        return NULL;
    }
    return rd_take(r, n);
}

struct span rd_raw(struct reader *r, size_t n, const char *name)
{
    size_t pos = r->pos;
    const uint8_t *p = take(r, n, name);
    if (!p)
        return (struct span){r->buf, 0};
    tell(r, name, pos, n, "");
    return (struct span){p, n};
}

void rd_skip(struct reader *r, size_t n, const char *name)
{
    if (n)
        rd_raw(r, n, name);
}

char *rd_digits(struct reader *r, size_t n, char *out, const char *name)
{
    size_t pos = r->pos;
    const uint8_t *p = take(r, n, name);
    *out = 0;
    if (!p)
        return out;
    hex_format((struct span){p, n}, out);
    tell(r, name, pos, n, out);
    return out;
}

static int64_t tell_time(struct reader *r, const char *name, size_t pos, int64_t ms)
{
    if (r->trace) {
        char text[CIVIL_TEXT] = "no date";
        if (ms != TIME_NONE)
            civil_iso(ms, text);
        tell(r, name, pos, r->pos - pos, text);
    }
    return ms;
}

int64_t rd_slow_time6_ms(struct reader *r, const char *name)
{
    size_t pos = r->pos;
    const uint8_t *p = take(r, 6, name);
    return p ? tell_time(r, name, pos, civil_six_ms(p)) : TIME_NONE;
}

int64_t rd_time6_bcd_ms(struct reader *r, const char *name)
{
    size_t pos = r->pos;
    const uint8_t *p = take(r, 6, name);
    if (!p)
        return TIME_NONE;
    uint8_t d[6];
    bool digits = true;
    for (unsigned i = 0; i < 6; i++) {
        d[i] = (uint8_t)((p[i] >> 4) * 10 + (p[i] & 0xf));
        digits = digits && p[i] >> 4 < 10 && (p[i] & 0xf) < 10;
    }
    return tell_time(r, name, pos, digits ? civil_six_ms(d) : TIME_NONE);
}

int64_t rd_unix_ms(struct reader *r, const char *name)
{
    size_t pos = r->pos;
    const uint8_t *p = take(r, 4, name);
    return p ? tell_time(r, name, pos, be32(p) * INT64_C(1000)) : TIME_NONE;
}

/* ---- parts of a frame ---- */

static void refit(struct reader *r, size_t len)
{
    r->len = len;
    r->fast = r->trace || r->fault ? 0 : len;
}

size_t rd_slow_enter(struct reader *r, size_t n, const char *name)
{
    size_t outer = r->len;
    if (r->fault || n > r->len - r->pos)
        rd_bad(r, name);
    else
        refit(r, r->pos + n);
    return outer;
}

void rd_slow_leave(struct reader *r, size_t outer)
{
    if (r->fault)
        return;
    if (r->pos < r->len)
        tell(r, "unread", r->pos, r->len - r->pos, "");
    r->pos = r->len;
    refit(r, outer);
}

uint64_t rd_tail(struct reader *r, unsigned n, const char *name)
{
    assert(n >= 1 && n <= 8);
    if (r->fault || n > r->len - r->pos)
        return fail(r, name);
    size_t pos = r->len - n;
    uint64_t v = load(r->buf + pos, n);
    if (r->trace) {
        char text[24];
        snprintf(text, sizeof text, "%0*llx", (int)n * 2, (unsigned long long)v);
        tell(r, name, pos, n, text);
    }
    refit(r, pos);
    return v;
}

uint64_t rd_tail_hex(struct reader *r, char mark, const char *name)
{
    size_t at = r->len;
    while (at > r->pos && r->buf[at - 1] != (uint8_t)mark)
        at--;
    double v;
    struct span digits = {r->buf + at, r->len - at};
    if (r->fault || at <= r->pos || digits.len > 8 || !text_hex(digits, &v) || isnan(v))
        return fail(r, name);
    tell(r, name, at, digits.len, "");
    refit(r, at - 1);
    return (uint64_t)v;
}

/* ---- text ---- */

static size_t field_end(const struct reader *r)
{
    const void *p = memchr(r->buf + r->pos, r->sep, r->len - r->pos);
    return p ? (size_t)((const uint8_t *)p - r->buf) : r->len;
}

struct span rd_peek(const struct reader *r)
{
    if (r->ended || r->pos > r->len)
        return (struct span){r->buf, 0};
    return (struct span){r->buf + r->pos, field_end(r) - r->pos};
}

/* The next field without telling; a missing one fails. */
static bool take_field(struct reader *r, const char *name, struct span *field,
                       size_t *pos)
{
    *field = (struct span){r->buf, 0};
    *pos = r->pos;
    if (r->ended) {
        rd_bad(r, name);
        return false;
    }
    size_t end = field_end(r);
    *field = (struct span){r->buf + r->pos, end - r->pos};
    r->ended = end == r->len;
    r->pos = r->ended ? end : end + 1;
    return true;
}

struct span rd_text(struct reader *r, const char *name)
{
    struct span field;
    size_t pos;
    if (take_field(r, name, &field, &pos))
        tell(r, name, pos, field.len, "");
    return field;
}

bool text_num(struct span text, double *value)
{
    static const double scale[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    const uint8_t *p = text.ptr;
    const uint8_t *end = p + text.len;
    *value = NAN;
    if (p == end)
        return true;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    uint64_t digits = 0;
    unsigned count = 0;
    unsigned fraction = 0;
    unsigned seen = 0;
    bool point = false;
    for (; p < end; p++) {
        if (*p == '.') {
            if (point)
                return false;
            point = true;
            continue;
        }
        unsigned d = (unsigned)*p - '0';
        if (d > 9)
            return false;
        seen = 1;
        count += digits || d;
        if (count > 16)
            return false;
        digits = digits * 10 + d;
        fraction += point;
        if (fraction > 16)
            return false;
    }
    if (!seen)
        return false;
    double v = (double)digits / scale[fraction];
    *value = negative ? -v : v;
    return true;
}

bool text_hex(struct span text, double *value)
{
    uint64_t v = 0;
    *value = NAN;
    if (text.len > 13)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        unsigned d = c >= '0' && c <= '9'   ? c - 0u - '0'
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                            : 16;
        if (d > 15)
            return false;
        v = v << 4 | d;
    }
    if (text.len)
        *value = (double)v;
    return true;
}

static double number(struct reader *r, const char *name,
                     bool (*parse)(struct span, double *))
{
    struct span field;
    size_t pos;
    if (!take_field(r, name, &field, &pos))
        return 0;
    double v;
    tell(r, name, pos, field.len, "");
    if (!parse(field, &v)) {
        rd_bad(r, name);
        return 0;
    }
    return v;
}

double rd_num(struct reader *r, const char *name)
{
    return number(r, name, text_num);
}

double rd_hex(struct reader *r, const char *name)
{
    return number(r, name, text_hex);
}

struct span rd_until(struct reader *r, const char *stops, const char *name)
{
    if (r->fault)
        return (struct span){r->buf, 0};
    size_t pos = r->pos;
    size_t end = pos;
    while (end < r->len && !(r->buf[end] && strchr(stops, r->buf[end])))
        end++;
    struct span part = {r->buf + pos, end - pos};
    tell(r, name, pos, part.len, "");
    r->ended = end == r->len;
    r->pos = r->ended ? end : end + 1;
    return part;
}

bool text_time_ms(struct span text, const char *order, int64_t *ms)
{
    struct civil c = {2000, 1, 1, 0, 0, 0};
    const uint8_t *p = text.ptr;
    const uint8_t *end = p + text.len;
    *ms = TIME_NONE;
    if (p == end)
        return true;
    for (; *order; order++) {
        unsigned width = order[0] == 'Y' && order[1] == 'Y' ? 4 : 2;
        if ((size_t)(end - p) < width)
            return false;
        int v = 0;
        for (unsigned i = 0; i < width; i++, p++) {
            if (*p < '0' || *p > '9')
                return false;
            v = v * 10 + (*p - '0');
        }
        if (width == 4)
            order++;
        switch (*order) {
        case 'Y':
            c.year = width == 4 ? v : 2000 + v;
            break;
        case 'M':
            c.month = v;
            break;
        case 'D':
            c.day = v;
            break;
        case 'h':
            c.hour = v;
            break;
        case 'm':
            c.minute = v;
            break;
        default:
            c.second = v;
        }
    }
    *ms = civil_ms(c);
    return p == end;
}

int64_t rd_time_ms(struct reader *r, const char *order, const char *name)
{
    struct span field;
    size_t pos;
    if (!take_field(r, name, &field, &pos))
        return TIME_NONE;
    int64_t ms;
    tell(r, name, pos, field.len, "");
    if (!text_time_ms(field, order, &ms))
        rd_bad(r, name);
    return ms;
}
