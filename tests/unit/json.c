/*
 * json.c - JSON out: numbers that read back the same, texts that cannot break out.
 */
#include "core/json.h"

#include <math.h>
#include <stdlib.h>

#include "core/civil.h"
#include "unit.h"

static const struct {
    double value;
    const char *text;
} numbers[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {0.1, "0.1"},
    {-0.1, "-0.1"},
    {12.48, "12.48"},
    {100, "100"},
    {52.5163213, "52.5163213"},
    {-179.9999999, "-179.9999999"},
    {0.0000001, "0.0000001"},
    {1.5e-7, "1.5e-07"},
    {0.30000000000000004, "0.30000000000000004"},
    {99999999.9999999, "99999999.9999999"},
    {123456789.123, "123456789.123"},
    {999999999999999, "999999999999999"},
    {1e15, "1000000000000000"},
    {1e300, "1e+300"},
    {5e-324, "4.94065645841247e-324"},
    {NAN, "null"},
    {INFINITY, "null"},
    {-INFINITY, "null"},
};

static const struct {
    const char *text, *json;
} texts[] = {
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"a text of some length without anything",
     "\"a text of some length without anything\""},
    {"quote \" slash \\ end", "\"quote \\\" slash \\\\ end\""},
    {"1234567\"", "\"1234567\\\"\""},
    {"12345678\"", "\"12345678\\\"\""},
    {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\""},
    {"K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x9a\x9a",
     "\"K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x9a\x9a\""},
    {"\xff", "\"\xef\xbf\xbd\""},
    {"a\xc3", "\"a\xef\xbf\xbd\""},
    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"</script>", "\"</script>\""},
};

static bool is(struct buffer *out, const char *want)
{
    bool same = out->len == strlen(want) && !memcmp(out->ptr, want, out->len);
    out->len = 0;
    return same;
}

static void test_exact(struct buffer *out)
{
    struct chance chance = {7};
    for (unsigned i = 0; i < 200000; i++) {
        union {
            uint64_t bits;
            double value;
        } x = {.bits = chance_next(&chance)};
        if (i % 3 == 0)
            x.value = ((double)chance_below(&chance, 3600000000) - 1800000000) / 1e7;
        else if (i % 3 == 1)
            x.value = (double)chance_below(&chance, 1u << 31) / 1000;
        struct json j = {.out = out};
        js_num(&j, NULL, x.value);
        buf_add(out, "", 1);
        bool same = !isfinite(x.value) || strtod((char *)out->ptr, NULL) == x.value;
        CHECK(same, (char *)out->ptr);
        out->len = 0;
    }
}

static void test_shape(struct buffer *out)
{
    struct json j = {.out = out};
    js_open(&j, NULL, '{');
    js_int(&j, "least", INT64_MIN);
    js_int(&j, "most", INT64_MAX);
    js_bool(&j, "yes", true);
    js_null(&j, "none");
    js_text(&j, "absent", NULL);
    js_hex(&j, "hex", (struct span){(const uint8_t *)"\x00\xff", 2});
    js_time(&j, "time", 1714979289000);
    js_time(&j, "never", TIME_NONE);
    js_time(&j, "beyond", INT64_MAX);
    js_open(&j, "empty", '[');
    js_close(&j, ']');
    js_open(&j, "list", '[');
    js_raw(&j, NULL, "{}");
    js_open(&j, NULL, '[');
    js_close(&j, ']');
    js_close(&j, ']');
    js_int(&j, "a name with \"quotes\" in it, and longer than most", 1);
    js_close(&j, '}');
    CHECK(is(out,
             "{\"least\":-9223372036854775808,\"most\":9223372036854775807,\"yes\":true,"
             "\"none\":null,\"absent\":null,\"hex\":\"00ff\","
             "\"time\":\"2024-05-06T07:08:09.000Z\",\"never\":null,\"beyond\":null,"
             "\"empty\":[],\"list\":[{},[]],"
             "\"a name with \\\"quotes\\\" in it, and longer than most\":1}"),
          "an object of everything");
}

void test_json(void)
{
    struct buffer out = {0};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct json j = {.out = &out};
        js_num(&j, NULL, numbers[i].value);
        CHECK(is(&out, numbers[i].text), numbers[i].text);
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct json j = {.out = &out};
        js_text(&j, NULL, texts[i].text);
        CHECK(is(&out, texts[i].json), texts[i].json);
        js_raw(&j, texts[i].text, "1");
        size_t len = strlen(texts[i].json);
        CHECK(out.len == len + 3 && !memcmp(out.ptr + 1, texts[i].json, len),
              texts[i].json);
        out.len = 0;
    }
    test_exact(&out);
    test_shape(&out);
    buf_fini(&out);
}
