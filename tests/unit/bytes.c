/*
 * bytes.c - spans, hexadecimal digits, UTF-8 and buffers.
 */
#include "core/bytes.h"

#include "core/mem.h"
#include "unit.h"

static const struct {
    const char *in, *want;
} trims[] = {
    {"", ""}, {" a b\r\n", "a b"}, {"\t\n ", ""}, {"x", "x"}, {" x", "x"}, {"x ", "x"},
};

static void test_spans(void)
{
    for (size_t i = 0; i < COUNT(trims); i++)
        CHECK(span_is(span_trim(span_of(trims[i].in)), trims[i].want), trims[i].in);
    struct span s = span_of("one,two,,four");
    CHECK(span_find(s, 0, ",", 1) == 3, "first");
    CHECK(span_find(s, 4, ",", 1) == 7, "second");
    CHECK(span_find(s, 0, ",,", 2) == 7, "two long");
    CHECK(span_find(s, 0, "five", 4) == s.len, "not there");
    CHECK(span_find(s, 99, ",", 1) == s.len, "from beyond");
    CHECK(span_find(span_of("ab"), 0, "abc", 3) == 2, "longer than the text");
    CHECK(span_is(span_cut(s, 4, 7), "two"), "cut");
    CHECK(span_is(span_cut(s, 9, 99), "four"), "cut beyond the end");
    CHECK(span_cut(s, 99, 3).len == 0, "cut backwards");
    char out[4];
    CHECK(!strcmp(span_copy(s, out, sizeof out), "one"), "copy is cut to fit");
    CHECK(!strcmp(span_copy(span_of("ab"), out, sizeof out), "ab"), "copy");
    CHECK(!strcmp(span_copy((struct span){NULL, 0}, out, sizeof out), ""), "of nothing");
}

static const struct {
    const char *text;
    long len;
    const char *again;
} hexes[] = {
    {"", 0, ""},
    {"00ff", 2, "00ff"},
    {"De Ad\nbE", 3, "deadbe"},
    {"0", -1, NULL},
    {"0g", -1, NULL},
    {"g0", -1, NULL},
    {"0 0", -1, NULL},
    {"0x12", -1, NULL},
    {"  aa  ", 1, "aa"},
    {"112233445566", -1, NULL},
};

static void test_hex(void)
{
    for (size_t i = 0; i < COUNT(hexes); i++) {
        uint8_t bytes[4];
        char text[2 * sizeof bytes + 1];
        long len = hex_parse(span_of(hexes[i].text), bytes, sizeof bytes);
        CHECK(len == hexes[i].len, hexes[i].text);
        if (len < 0)
            continue;
        hex_format((struct span){bytes, (size_t)len}, text);
        CHECK(!strcmp(text, hexes[i].again), hexes[i].text);
    }
}

static const struct {
    const char *text;
    size_t len;
    bool control;
} characters[] = {
    {"", 0, false},
    {"a", 1, false},
    {"\x1f", 1, true},
    {"\x7f", 1, true},
    {"\xc2\x80", 2, true},
    {"\xc2\xa0", 2, false},
    {"\xc3\xa9t", 2, false},
    {"\xe2\x82\xac", 3, false},
    {"\xf0\x9f\x9a\x97", 4, false},
    {"\xf4\x8f\xbf\xbf", 4, false},
    {"\x80", 0, false},
    {"\xc0\xaf", 0, false},
    {"\xc1\xbf", 0, false},
    {"\xe0\x9f\xbf", 0, false},
    {"\xed\xa0\x80", 0, false},
    {"\xf0\x8f\xbf\xbf", 0, false},
    {"\xf4\x90\x80\x80", 0, false},
    {"\xf5\x80\x80\x80", 0, false},
    {"\xe2\x82", 0, false},
    {"\xe2\x82x", 0, false},
    {"\xff", 0, false},
};

static void test_utf8(void)
{
    for (size_t i = 0; i < COUNT(characters); i++) {
        struct span s = span_of(characters[i].text);
        CHECK(utf8_len(s) == characters[i].len, unit_row(i));
        CHECK(utf8_control(s) == characters[i].control, unit_row(i));
    }
}

static void test_numbers(void)
{
    static const uint8_t b[] = {0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};
    CHECK(be16(b) == 0x8102 && le16(b) == 0x0281, "16");
    CHECK(be24(b) == 0x810203, "24");
    CHECK(be32(b) == 0x81020304 && le32(b) == 0x04030281, "32");
    CHECK(be64(b) == 0x8102030405060788 && le64(b) == 0x8807060504030281, "64");
}

static void test_buffer(void)
{
    struct buffer b = {0};
    buf_drop(&b, 3);
    for (unsigned i = 0; i < 100; i++)
        buf_printf(&b, "%u,", i);
    CHECK(b.len == 290 && !memcmp(b.ptr + b.len - 3, "99,", 3), "printed");
    buf_drop(&b, 288);
    CHECK(b.len == 2 && !memcmp(b.ptr, "9,", 2), "dropped");
    buf_printf(&b, "%0500d", 7);
    CHECK(b.len == 502 && b.ptr[501] == '7' && b.ptr[2] == '0', "longer than the room");
    buf_drop(&b, 9999);
    buf_text(&b, "text");
    buf_add(&b, "", 0);
    CHECK(b.len == 4 && !memcmp(b.ptr, "text", 4), "text");
    buf_fini(&b);
    CHECK(!b.ptr && !b.len && !b.size, "empty again");
}

void test_bytes(void)
{
    test_spans();
    test_hex();
    test_utf8();
    test_numbers();
    test_buffer();
}
