/*
 * writer.c - what the writer puts down is what the reader takes up, and what cannot
 * stand or does not fit leaves no frame behind.
 */
#include "core/writer.h"

#include "core/civil.h"
#include "unit.h"

static bool is_hex(struct span s, const char *hex)
{
    char text[256];
    if (2 * s.len >= sizeof text)
        return false;
    hex_format(s, text);
    return !strcmp(text, hex);
}

static void test_all(void)
{
    uint8_t bytes[128];
    struct writer w = wr_open(bytes, sizeof bytes);
    wr_u8(&w, 0x78);
    wr_u16(&w, 0x1234);
    wr_u16_le(&w, 0x1234);
    wr_u24(&w, 0x123456);
    wr_u32(&w, 0x12345678);
    wr_u32_le(&w, 0x12345678);
    wr_u64(&w, 0x123456789abcdef0);
    wr_uint(&w, 5, 0x123456789a);
    wr_bytes(&w, "ab", 2);
    wr_span(&w, span_of("cd"));
    wr_text(&w, "e,");
    wr_printf(&w, "%03d|%s", 7, "x");
    wr_digits(&w, "359880140012347", 8);
    wr_time6(&w, civil_ms((struct civil){2024, 5, 17, 6, 30, 15}));
    CHECK(is_hex(wr_done(&w), "781234341212345612345678785634121234567"
                              "89abcdef0123456789a61626364652c3030377c78"
                              "0359880140012347180511061e0f"),
          "every kind of write");

    struct reader r = rd_open(wr_since(&w, 1), 0, NULL);
    CHECK(rd_u16(&r, "x") == 0x1234, "u16");
    CHECK(rd_u16_le(&r, "x") == 0x1234, "u16_le");
    CHECK(rd_u24(&r, "x") == 0x123456, "u24");
    CHECK(rd_u32(&r, "x") == 0x12345678, "u32");
    CHECK(rd_u32_le(&r, "x") == 0x12345678, "u32_le");
    CHECK(rd_u64(&r, "x") == 0x123456789abcdef0, "u64");
    CHECK(rd_uint(&r, 5, "x") == 0x123456789a, "uint");
}

static void test_patches(void)
{
    uint8_t bytes[8];
    struct writer w = wr_open(bytes, sizeof bytes);
    wr_u8(&w, 1);
    size_t size = wr_skip(&w, 1);
    size_t sum = wr_skip(&w, 2);
    wr_u8(&w, 2);
    wr_patch_u8(&w, size, (uint8_t)wr_since(&w, sum).len);
    wr_patch_u16(&w, sum, 0xabcd);
    CHECK(is_hex(wr_done(&w), "0103abcd02"), "patched");
    wr_patch_u16(&w, 4, 0);
    CHECK(wr_done(&w).len == 0, "a patch beyond what was written");
}

enum kind { NUMBER, DIGITS, TIME, TEXT, SKIP, BAD };

/* Each is one write into four bytes. */
static const struct {
    const char *row;
    enum kind kind;
    const char *text;
    uint64_t number;
    unsigned n;
    const char *hex; /* "": it cannot stand */
} writes[] = {
    {"four bytes fit", TEXT, "abcd", 0, 0, "61626364"},
    {"five do not", TEXT, "abcde", 0, 0, ""},
    {"skipped too far", SKIP, NULL, 0, 5, ""},
    {"skipped", SKIP, NULL, 0, 4, "00000000"},
    {"a number of three bytes", NUMBER, NULL, 0xffffff, 3, "ffffff"},
    {"one too large", NUMBER, NULL, 0x1000000, 3, ""},
    {"one that has no room", NUMBER, NULL, 1, 5, ""},
    {"no digits", DIGITS, "", 0, 2, "0000"},
    {"an odd number of digits", DIGITS, "123", 0, 2, "0123"},
    {"all digits", DIGITS, "1234", 0, 2, "1234"},
    {"a digit too many", DIGITS, "12345", 0, 2, ""},
    {"a letter", DIGITS, "12a", 0, 2, ""},
    {"a sign", DIGITS, "-12", 0, 2, ""},
    {"six bytes of time", TIME, NULL, 0, 0, ""},
    {"the encoder's own check", BAD, NULL, 0, 0, ""},
};

static void test_bounds(void)
{
    for (size_t i = 0; i < COUNT(writes); i++) {
        uint8_t bytes[5] = {[4] = 0xee};
        struct writer w = wr_open(bytes, 4);
        switch (writes[i].kind) {
        case NUMBER:
            wr_uint(&w, writes[i].n, writes[i].number);
            break;
        case DIGITS:
            wr_digits(&w, writes[i].text, writes[i].n);
            break;
        case TIME:
            wr_time6(&w, 0);
            break;
        case TEXT:
            wr_printf(&w, "%s", writes[i].text);
            break;
        case SKIP:
            wr_skip(&w, writes[i].n);
            break;
        case BAD:
            wr_bad(&w);
            break;
        }
        CHECK(is_hex(wr_done(&w), writes[i].hex), writes[i].row);
        bool failed = w.failed;
        wr_bytes(&w, "", 0);
        CHECK(w.failed == failed && bytes[4] == 0xee, writes[i].row);
        if (failed)
            wr_u8(&w, 1);
        CHECK(!failed || wr_done(&w).len == 0, writes[i].row);
    }
}

static void test_times(void)
{
    static const struct civil impossible[] = {
        {1999, 12, 31, 23, 59, 59},
        {2256, 1, 1, 0, 0, 0},
    };
    uint8_t bytes[16];
    for (size_t i = 0; i < COUNT(impossible); i++) {
        struct writer w = wr_open(bytes, sizeof bytes);
        wr_time6(&w, civil_ms(impossible[i]));
        CHECK(w.failed, unit_row(i));
    }
    struct writer w = wr_open(bytes, sizeof bytes);
    wr_time6(&w, TIME_NONE);
    CHECK(w.failed, "no time");
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    uint8_t large[1024];
    w = wr_open(large, sizeof large);
    wr_printf(&w, "%s", text);
    CHECK(w.failed, "more than 511 bytes in one call");
}

void test_writer(void)
{
    test_all();
    test_patches();
    test_bounds();
    test_times();
}
