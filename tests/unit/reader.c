/*
 * reader.c - every table of the reader twice, without and with a trace: values and
 * faults must be the same.
 */
#include "core/reader.h"

#include <math.h>

#include "unit.h"

static struct reader open_text(const char *text, struct trace *trace)
{
    return rd_open(span_of(text), ',', trace);
}

/* ---- integers ---- */

enum kind {
    U8,
    S8,
    U16,
    U16_LE,
    S16,
    S16_LE,
    U24,
    U32,
    U32_LE,
    S32,
    S32_LE,
    U64,
    U64_LE
};

static int64_t read_kind(struct reader *r, enum kind kind)
{
    switch (kind) {
    case U8:
        return rd_u8(r, "x");
    case S8:
        return rd_s8(r, "x");
    case U16:
        return rd_u16(r, "x");
    case U16_LE:
        return rd_u16_le(r, "x");
    case S16:
        return rd_s16(r, "x");
    case S16_LE:
        return rd_s16_le(r, "x");
    case U24:
        return rd_u24(r, "x");
    case U32:
        return rd_u32(r, "x");
    case U32_LE:
        return rd_u32_le(r, "x");
    case S32:
        return rd_s32(r, "x");
    case S32_LE:
        return rd_s32_le(r, "x");
    case U64:
        return (int64_t)rd_u64(r, "x");
    case U64_LE:
        return (int64_t)rd_u64_le(r, "x");
    }
    return 0;
}

static const struct {
    const char *name;
    enum kind kind;
    unsigned size;
    int64_t want;
} integers[] = {
    {"u8", U8, 1, 0x81},
    {"s8", S8, 1, -127},
    {"u16", U16, 2, 0x8182},
    {"u16_le", U16_LE, 2, 0x8281},
    {"s16", S16, 2, (int16_t)0x8182},
    {"s16_le", S16_LE, 2, (int16_t)0x8281},
    {"u24", U24, 3, 0x818283},
    {"u32", U32, 4, 0x81828384},
    {"u32_le", U32_LE, 4, 0x84838281},
    {"s32", S32, 4, (int32_t)0x81828384},
    {"s32_le", S32_LE, 4, (int32_t)0x84838281},
    {"u64", U64, 8, (int64_t)0x8182838485868788},
    {"u64_le", U64_LE, 8, (int64_t)0x8887868584838281},
};

static void test_integers(struct trace *trace)
{
    static const uint8_t bytes[] = {0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88};
    for (size_t i = 0; i < COUNT(integers); i++) {
        for (size_t len = 0; len <= sizeof bytes; len++) {
            struct reader r = rd_open((struct span){bytes, len}, 0, trace);
            bool fits = integers[i].size <= len;
            int64_t got = read_kind(&r, integers[i].kind);
            CHECK(got == (fits ? integers[i].want : 0), integers[i].name);
            CHECK(rd_done(&r) == (fits ? DECODED : MALFORMED), integers[i].name);
            CHECK(rd_left(&r) == (fits ? len - integers[i].size : 0), integers[i].name);
        }
    }
    struct reader r = rd_open((struct span){bytes, sizeof bytes}, 0, trace);
    CHECK(rd_uint(&r, 5, "x") == 0x8182838485, "five bytes");
    CHECK(rd_uint(&r, 4, "y") == 0 && !strcmp(r.fault, "y"), "and four more");
}

/* The first fault stays, and all that follows is zero, empty or absent. */
static void test_sticky(struct trace *trace)
{
    char digits[5];
    struct reader r = rd_open(span_of("\1\2"), 0, trace);
    rd_u32(&r, "first");
    CHECK(!rd_more(&r) && rd_left(&r) == 0 && rd_rest(&r).len == 0, "nothing more");
    CHECK(rd_u8(&r, "second") == 0 && rd_u64_le(&r, "second") == 0, "numbers");
    CHECK(rd_raw(&r, 1, "second").len == 0 && rd_raw(&r, 0, "second").len == 0, "raw");
    CHECK(!*rd_digits(&r, 2, digits, "second"), "digits");
    CHECK(rd_time6_ms(&r, "second") == TIME_NONE, "time");
    CHECK(rd_unix_ms(&r, "second") == TIME_NONE, "unix time");
    CHECK(rd_tail(&r, 1, "second") == 0, "tail");
    CHECK(rd_until(&r, ",", "second").len == 0, "until");
    size_t outer = rd_enter(&r, 0, "second");
    CHECK(rd_u8(&r, "second") == 0, "inside");
    rd_leave(&r, outer);
    CHECK(rd_u8(&r, "second") == 0, "outside again");
    CHECK(rd_bad(&r, "second") == MALFORMED && !strcmp(r.fault, "first"), "the first");
    r = open_text("a", trace);
    rd_num(&r, "first");
    CHECK(!rd_more(&r) && rd_text(&r, "second").len == 0, "text");
    CHECK(rd_peek(&r).len == 0 && rd_num(&r, "second") == 0, "number");
    CHECK(rd_time_ms(&r, "DMY", "second") == TIME_NONE, "time of text");
    CHECK(!strcmp(r.fault, "first"), "the first of text");
}

static void test_parts(struct trace *trace)
{
    struct reader r = rd_open(span_of("\3abcdeXY"), 0, trace);
    CHECK(rd_tail(&r, 2, "sum") == 0x5859, "tail");
    size_t outer = rd_enter(&r, rd_u8(&r, "size"), "value");
    CHECK(rd_u16(&r, "ab") == 0x6162 && rd_left(&r) == 1, "inside");
    rd_leave(&r, outer);
    CHECK(span_is(rd_look(&r, 9), "de") && span_is(rd_rest(&r), "de"), "outside");
    CHECK(rd_u16(&r, "de") == 0x6465 && !rd_more(&r), "up to the tail");
    CHECK(rd_done(&r) == DECODED, "whole");
    rd_u8(&r, "beyond");
    CHECK(rd_done(&r) == MALFORMED, "not into the tail");
    r = rd_open(span_of("\3ab"), 0, trace);
    rd_enter(&r, rd_u8(&r, "size"), "value");
    CHECK(r.fault && !strcmp(r.fault, "value"), "a part longer than the frame");
    r = rd_open(span_of("ab"), 0, trace);
    rd_u8(&r, "a");
    rd_enter(&r, SIZE_MAX, "value");
    CHECK(r.fault && !rd_more(&r) && rd_left(&r) == 0, "a size less than nothing");
    r = rd_open(span_of("\2abcd"), 0, trace);
    outer = rd_enter(&r, rd_u8(&r, "size"), "value");
    rd_u32(&r, "abcd");
    CHECK(r.fault && !strcmp(r.fault, "abcd"), "no read leaves its part");
    rd_leave(&r, outer);
    CHECK(!rd_more(&r), "and nothing mends that");
}

static void test_bytes_to_meaning(struct trace *trace)
{
    char digits[9];
    static const uint8_t bytes[] = {0x12, 0x3f, 24,   5,    6,    7,    8,    9,    0x24,
                                    0x05, 0x06, 0x07, 0x08, 0x09, 0x66, 0x38, 0x81, 0xd9};
    struct reader r = rd_open((struct span){bytes, sizeof bytes}, 0, trace);
    CHECK(!strcmp(rd_digits(&r, 2, digits, "x"), "123f"), "digits");
    CHECK(rd_time6_ms(&r, "x") == 1714979289000, "six bytes");
    CHECK(rd_time6_bcd_ms(&r, "x") == 1714979289000, "twelve digits");
    CHECK(rd_unix_ms(&r, "x") == 1714979289000, "seconds");
    CHECK(rd_done(&r) == DECODED && !rd_more(&r), "whole");
    static const uint8_t odd[] = {24, 2, 30, 0, 0, 0, 0x24, 0x0a, 0, 0, 0, 0};
    r = rd_open((struct span){odd, sizeof odd}, 0, trace);
    CHECK(rd_time6_ms(&r, "x") == TIME_NONE, "30 February");
    CHECK(rd_time6_bcd_ms(&r, "x") == TIME_NONE, "no digits");
    CHECK(rd_done(&r) == DECODED, "are absent, not wrong");
    CHECK(rd_flag(&r, 0x80, 7, "x") && !rd_flag(&r, 0x80, 6, "x"), "flag");
    CHECK(rd_bits(&r, 0xabcd, 11, 4, "x") == 0xbc, "bits");
    CHECK(rd_bits(&r, UINT64_MAX, 63, 0, "x") == UINT64_MAX, "all bits");
    rd_means(&r, "sos");
}

/* ---- text ---- */

static const struct {
    const char *text;
    double want;
    bool fault;
} numbers[] = {
    {"61.5,next", 61.5, false},
    {"-0.25", -0.25, false},
    {"+7", 7, false},
    {".5", 0.5, false},
    {"5.", 5, false},
    {"", NAN, false},
    {"000000000000000000012", 12, false},
    {"0.0000000000000001", 1e-16, false},
    {"-", 0, true},
    {".", 0, true},
    {"--1", 0, true},
    {"1.2.3", 0, true},
    {"1e3", 0, true},
    {" 1", 0, true},
    {"1 ", 0, true},
    {"0x10", 0, true},
    {"nan", 0, true},
    {"9007199254740993", 9007199254740992, false},
    {"12345678901234567", 0, true},
    {"0.00000000000000001", 0, true},
};

static void test_numbers(struct trace *trace)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct reader r = open_text(numbers[i].text, trace);
        double got = rd_num(&r, "x");
        double want = numbers[i].want;
        CHECK(got == want || (isnan(got) && isnan(want)), numbers[i].text);
        CHECK(!!r.fault == numbers[i].fault, numbers[i].text);
    }
}

static const struct {
    const char *text;
    double want;
    bool fault;
} hexes[] = {
    {"0,1", 0, false},
    {"fF", 255, false},
    {"1fffffffffffff", 0, true}, /* fourteen digits */
    {"fffffffffffff", 4503599627370495, false},
    {"", NAN, false},
    {"0x1", 0, true},
    {"g", 0, true},
    {"-1", 0, true},
};

static void test_hexes(struct trace *trace)
{
    for (size_t i = 0; i < COUNT(hexes); i++) {
        struct reader r = open_text(hexes[i].text, trace);
        double got = rd_hex(&r, "x");
        CHECK(got == hexes[i].want || (isnan(got) && isnan(hexes[i].want)),
              hexes[i].text);
        CHECK(!!r.fault == hexes[i].fault, hexes[i].text);
    }
}

static const struct {
    const char *text, *order, *want; /* want: NULL where absent */
    bool fault;
} times[] = {
    {"060524070809,", "DMYhms", "2024-05-06T07:08:09.000Z", false},
    {"20240506070809", "YYMDhms", "2024-05-06T07:08:09.000Z", false},
    {"19991231235959", "YYMDhms", "1999-12-31T23:59:59.000Z", false},
    {"2405060708", "YMDhm", "2024-05-06T07:08:00.000Z", false},
    {"", "DMYhms", NULL, false},
    {"300224000000", "DMYhms", NULL, false},
    {"000000000000", "DMYhms", NULL, false},
    {"0605240708", "DMYhms", NULL, true},
    {"06052407080", "DMYhms", NULL, true},
    {"06O524070809", "DMYhms", NULL, true},
};

static void test_times(struct trace *trace)
{
    char text[CIVIL_TEXT];
    for (size_t i = 0; i < COUNT(times); i++) {
        struct reader r = open_text(times[i].text, trace);
        int64_t ms = rd_time_ms(&r, times[i].order, "x");
        CHECK((ms == TIME_NONE) == !times[i].want, times[i].text);
        CHECK(ms == TIME_NONE || !strcmp(civil_iso(ms, text), times[i].want),
              times[i].text);
        CHECK(!!r.fault == times[i].fault, times[i].text);
    }
}

static void test_fields(struct trace *trace)
{
    struct reader r = open_text("one,,three\r\n", trace);
    CHECK(span_is(rd_peek(&r), "one") && span_is(rd_text(&r, "x"), "one"), "first");
    CHECK(rd_more(&r) && rd_text(&r, "x").len == 0, "empty");
    CHECK(span_is(rd_text(&r, "x"), "three") && !rd_more(&r), "without the line end");
    CHECK(rd_done(&r) == DECODED && rd_peek(&r).len == 0, "all");
    rd_text(&r, "fourth");
    CHECK(r.fault && !strcmp(r.fault, "fourth"), "no more");
    r = open_text("a,", trace);
    rd_text(&r, "x");
    CHECK(rd_more(&r) && rd_text(&r, "x").len == 0 && !rd_more(&r), "empty at the end");
    r = open_text("", trace);
    CHECK(rd_more(&r) && rd_text(&r, "x").len == 0 && rd_done(&r) == DECODED,
          "one, empty");
    r = open_text("11:22;33", trace);
    CHECK(span_is(rd_until(&r, ":;", "x"), "11"), "until the first stop");
    CHECK(span_is(rd_until(&r, ";", "x"), "22"), "until the second");
    CHECK(span_is(rd_until(&r, ";", "x"), "33") && !rd_more(&r), "until the end");
}

static const struct {
    const char *text;
    uint64_t want;
    const char *rest; /* NULL: a fault */
} tails[] = {
    {"$A,1*1d", 0x1d, "$A,1"}, {"$A*B*0F\r\n", 0x0f, "$A*B"},
    {"$A*", 0, NULL},          {"$A", 0, NULL},
    {"$A*zz", 0, NULL},        {"$A*123456789", 0, NULL},
};

static void test_tails(struct trace *trace)
{
    for (size_t i = 0; i < COUNT(tails); i++) {
        struct reader r = open_text(tails[i].text, trace);
        CHECK(rd_tail_hex(&r, '*', "sum") == tails[i].want, tails[i].text);
        CHECK(!!r.fault == !tails[i].rest, tails[i].text);
        CHECK(r.fault || span_is(rd_rest(&r), tails[i].rest), tails[i].text);
    }
}

static void test_all(struct trace *trace)
{
    test_integers(trace);
    test_sticky(trace);
    test_parts(trace);
    test_bytes_to_meaning(trace);
    test_numbers(trace);
    test_hexes(trace);
    test_times(trace);
    test_fields(trace);
    test_tails(trace);
}

void test_reader(void)
{
    struct counter counter = counter_open();
    test_all(NULL);
    CHECK(counter.fields == 0, "untraced");
    test_all(&counter.trace);
    CHECK(counter.fields > 100, "traced");
}
