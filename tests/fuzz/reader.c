/*
 * reader.c - any order of reads over any bytes, without and with a trace: both must
 * read the same, and nothing beyond the end.
 *
 * The input is the separator (0 for binary), how many reads follow, a byte for each,
 * and then the frame.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A reader and the length to leave to, if it has entered a part. */
struct side {
    struct reader r;
    size_t outer;
    bool inside;
};

static uint64_t of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? 1 : bits;
}

/* Where a span lies and how long it is, as a number. */
static uint64_t of_span(const struct reader *r, struct span s)
{
    assert(s.len <= r->len || !s.len);
    return s.len ? (uint64_t)(s.ptr - r->buf) << 32 | s.len : 0;
}

static uint64_t read_part(struct side *s, unsigned n)
{
    struct reader *r = &s->r;
    if (s->inside)
        rd_leave(r, s->outer);
    else
        s->outer = rd_enter(r, n, "part");
    s->inside = !s->inside && !r->fault;
    return 0;
}

static uint64_t read_integer(struct reader *r, unsigned kind, unsigned n)
{
    switch (kind) {
    case 0:
        return rd_u8(r, "u8");
    case 1:
        return (uint64_t)rd_s8(r, "s8");
    case 2:
        return rd_u16(r, "u16");
    case 3:
        return rd_u16_le(r, "u16_le");
    case 4:
        return (uint64_t)rd_s16(r, "s16");
    case 5:
        return (uint64_t)rd_s16_le(r, "s16_le");
    case 6:
        return rd_u24(r, "u24");
    case 7:
        return rd_u32(r, "u32");
    case 8:
        return rd_u32_le(r, "u32_le");
    case 9:
        return (uint64_t)rd_s32(r, "s32");
    case 10:
        return (uint64_t)rd_s32_le(r, "s32_le");
    case 11:
        return rd_u64(r, "u64");
    case 12:
        return rd_u64_le(r, "u64_le");
    default:
        return rd_uint(r, 1 + n, "uint");
    }
}

static uint64_t read_text(struct reader *r, unsigned kind)
{
    switch (kind) {
    case 0:
        return of_span(r, rd_text(r, "text"));
    case 1:
        return of_double(rd_num(r, "num"));
    case 2:
        return of_double(rd_hex(r, "hex"));
    case 3:
        return of_span(r, rd_until(r, ":;", "until"));
    case 4:
        return (uint64_t)rd_time_ms(r, "DMYhms", "time");
    case 5:
        return (uint64_t)rd_time_ms(r, "YYMDhm", "time");
    case 6:
        return rd_tail_hex(r, '*', "tail");
    default:
        return of_span(r, rd_peek(r));
    }
}

static uint64_t read_other(struct side *s, unsigned kind, unsigned n)
{
    struct reader *r = &s->r;
    char digits[2 * 8 + 1];
    switch (kind) {
    case 0:
        return of_span(r, rd_raw(r, n, "raw"));
    case 1:
        rd_skip(r, n, "skip");
        return rd_left(r);
    case 2:
        return strlen(rd_digits(r, n, digits, "digits"));
    case 3:
        return (uint64_t)rd_time6_ms(r, "time6");
    case 4:
        return (uint64_t)rd_time6_bcd_ms(r, "time6");
    case 5:
        return (uint64_t)rd_unix_ms(r, "unix");
    case 6:
        return rd_tail(r, 1 + n, "tail");
    case 7:
        return of_span(r, rd_look(r, n));
    case 8:
        rd_means(r, "something");
        return rd_flag(r, 0x55, n, "flag") + rd_bits(r, 0x1234, n + 3, n, "bits");
    default:
        return read_part(s, n);
    }
}

static uint64_t read_any(struct side *s, uint8_t op)
{
    unsigned kind = op & 0x1f;
    unsigned n = op >> 5;
    if (kind < 14)
        return read_integer(&s->r, kind, n);
    if (kind < 22)
        return s->r.sep ? read_text(&s->r, kind - 14) : 0;
    return read_other(s, kind - 22, n);
}

static void hear_field(struct trace *t, const char *name, size_t pos, struct span raw,
                       const char *value)
{
    (void)t;
    (void)pos;
    volatile uint8_t last = raw.len ? raw.ptr[raw.len - 1] : 0;
    (void)last;
    assert(name && value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size - 2 < data[1])
        return 0;
    struct span frame = {data + 2 + data[1], size - 2 - data[1]};
    struct trace trace = {.field = hear_field};
    struct side plain = {.r = rd_open(frame, (char)data[0], NULL)};
    struct side traced = {.r = rd_open(frame, (char)data[0], &trace)};
    for (unsigned i = 0; i < data[1]; i++) {
        uint64_t a = read_any(&plain, data[2 + i]);
        uint64_t b = read_any(&traced, data[2 + i]);
        const struct reader *p = &plain.r;
        const struct reader *t = &traced.r;
        assert(a == b && p->pos == t->pos && p->len == t->len && p->pos <= p->len);
        assert(p->fault == t->fault && p->ended == t->ended);
        assert(rd_more(p) == rd_more(t) && rd_done(p) == rd_done(t));
    }
    return 0;
}
