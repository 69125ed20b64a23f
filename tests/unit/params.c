/*
 * params.c - queries, forms, cookies and numbers out of hostile text.
 */
#include "api/params.h"

#include <stdlib.h>

#include "unit.h"

/* Names and values, written again with | and = between; NULL: refused. */
static const struct {
    const char *text, *again;
} queries[] = {
    {"", ""},
    {"a=1", "a=1|"},
    {"a=1&b=2&a=3", "a=1|b=2|a=3|"},
    {"a", "a=|"},
    {"a=", "a=|"},
    {"=1", "=1|"},
    {"&&a=1&&", "a=1|"},
    {"a=b=c", "a=b=c|"},
    {"a=%41%2f+%2B", "a=A/ +|"},
    {"%61=1", "a=1|"},
    {"a=%e2%82%ac", "a=\xe2\x82\xac|"},
    {"a=%", NULL},
    {"a=%4", NULL},
    {"a=%4g", NULL},
    {"a=%00", NULL},
    {"%00=1", NULL},
};

static const struct {
    const char *header, *value;
} cookies[] = {
    {"", ""},
    {"JSESSIONID=abc", "abc"},
    {"a=b; JSESSIONID=abc; c=d", "abc"},
    {"JSESSIONID=abc; Path=/; HttpOnly", "abc"},
    {"  JSESSIONID=abc  ", "abc"},
    {"XJSESSIONID=abc", ""},
    {"JSESSIONIDX=abc", ""},
    {"JSESSIONID", ""},
    {"JSESSIONID=", ""},
    {";;;=;JSESSIONID=a=b", "a=b"},
};

static const struct {
    const char *text;
    bool good;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"99999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+1", false, 0},
    {"1 ", false, 0},
    {"1e3", false, 0},
    {"0x1", false, 0},
};

static void test_queries(void)
{
    for (size_t i = 0; i < COUNT(queries); i++) {
        struct params p;
        struct buffer again = {0};
        bool good = params_parse(&p, span_of(queries[i].text));
        CHECK(good == (queries[i].again != NULL), queries[i].text);
        for (size_t k = 0; k < p.count; k++)
            buf_printf(&again, "%s=%s|", p.items[k].name, p.items[k].value);
        buf_add(&again, "", 1);
        CHECK(!good || !strcmp((char *)again.ptr, queries[i].again), queries[i].text);
        buf_fini(&again);
        params_fini(&p);
    }
}

static void test_bounds(void)
{
    struct params p;
    struct buffer text = {0};
    for (unsigned i = 0; i < PARAMS_MAX; i++)
        buf_text(&text, i ? "&a=1" : "a=1");
    CHECK(params_parse(&p, (struct span){text.ptr, text.len}) && p.count == PARAMS_MAX,
          "as many as fit");
    params_fini(&p);
    buf_text(&text, "&a=1");
    CHECK(!params_parse(&p, (struct span){text.ptr, text.len}), "one more");
    buf_fini(&text);
    CHECK(!params_parse(&p, (struct span){(const uint8_t *)"a=\0b", 4}), "a NUL");
    CHECK(params_parse(&p, (struct span){0}) && !p.count, "nothing at all");
    CHECK(!params_get(&p, "a") && !params_bool(&p, "a"), "nothing in it");
    params_fini(&p);
}

static void test_base64(void)
{
    uint8_t out[16];
    CHECK(base64_decode(span_of("YTpi"), out, sizeof out) == 3 && !memcmp(out, "a:b", 3),
          "a:b");
    CHECK(base64_decode(span_of("YTo="), out, sizeof out) == 2, "padded");
    CHECK(base64_decode(span_of("YTo"), out, sizeof out) == 2, "not padded");
    CHECK(base64_decode(span_of("Y"), out, sizeof out) == -1, "cut short");
    CHECK(base64_decode(span_of("????"), out, sizeof out) == -1, "no base64");
    CHECK(base64_decode(span_of("YWFhYWFhYWFhYWFhYWFhYWFhYWFh"), out, sizeof out) == -1,
          "too long");
}

void test_params(void)
{
    test_queries();
    test_bounds();
    test_base64();
    for (size_t i = 0; i < COUNT(cookies); i++)
        CHECK(span_is(cookie_find(span_of(cookies[i].header), "JSESSIONID"),
                      cookies[i].value),
              cookies[i].header);
    for (size_t i = 0; i < COUNT(integers); i++) {
        int64_t value = 0;
        CHECK(parse_int(span_of(integers[i].text), &value) == integers[i].good,
              integers[i].text);
        CHECK(!integers[i].good || value == integers[i].value, integers[i].text);
    }
    struct params p;
    params_parse(&p, span_of("a&b=true&c=1&d=false&e=0&f=yes"));
    static const char yes[] = "abc", no[] = "def";
    for (size_t i = 0; i < 3; i++) {
        CHECK(params_bool(&p, (char[]){yes[i], 0}), "true");
        CHECK(!params_bool(&p, (char[]){no[i], 0}), "false");
    }
    params_fini(&p);
}
