/*
 * input.c - objects that clients send: coercion, bounds, and the field at fault.
 */
#include "api/input.h"

#include <math.h>
#include <stdlib.h>

#include "core/civil.h"
#include "unit.h"

enum kind { TEXT, NEEDED, INT, ID, NUM, BOOL, TIME, ATTRIBUTES };

/* One field "x", what it is taken for, and what comes out, as JSON; NULL: a fault. */
static const struct {
    enum kind kind;
    const char *json, *value;
} fields[] = {
    {TEXT, "\"a\"", "\"a\""},
    {TEXT, "\"  a b \\t\"", "\"a b\""},
    {TEXT, "null", "null"},
    {TEXT, "\"  \"", "null"},
    {TEXT, "\"12345678\"", "\"12345678\""},
    {TEXT, "\"123456789\"", NULL},
    {TEXT, "\"a\\nb\"", NULL},
    {TEXT, "\"a\\u0085b\"", NULL},
    {TEXT, "1", NULL},
    {TEXT, "[]", NULL},
    {NEEDED, "\"a\"", "\"a\""},
    {NEEDED, "\" \"", NULL},
    {NEEDED, "null", NULL},
    {INT, "7", "7"},
    {INT, "\"7\"", "7"},
    {INT, "-7", "-7"},
    {INT, "7.0", "7"},
    {INT, "null", "5"},
    {INT, "\"\"", "5"},
    {INT, "7.5", NULL},
    {INT, "\"7x\"", NULL},
    {INT, "101", NULL},
    {INT, "-101", NULL},
    {INT, "1e300", NULL},
    {INT, "true", NULL},
    {ID, "null", "0"},
    {ID, "\"25\"", "25"},
    {ID, "9223372036854775807", "9223372036854775807"},
    {ID, "-1", NULL},
    {NUM, "0.1", "0.1"},
    {NUM, "\"0.1\"", "0.1"},
    {NUM, "\"1e1\"", "10"},
    {NUM, "null", "2"},
    {NUM, "\"nan\"", NULL},
    {NUM, "\"0x1\"", NULL},
    {NUM, "\" 1\"", NULL},
    {NUM, "91", NULL},
    {NUM, "{}", NULL},
    {BOOL, "true", "true"},
    {BOOL, "\"false\"", "false"},
    {BOOL, "null", "false"},
    {BOOL, "1", NULL},
    {BOOL, "\"yes\"", NULL},
    {TIME, "\"2024-05-06T07:08:09+02:00\"", "\"2024-05-06T05:08:09.000Z\""},
    {TIME, "null", "null"},
    {TIME, "\"\"", "null"},
    {TIME, "\"tomorrow\"", NULL},
    {TIME, "1714979289000", NULL},
    {ATTRIBUTES, "{}", "{}"},
    {ATTRIBUTES, "null", "{}"},
    {ATTRIBUTES, "{\"a\":0.1,\"b\":\"x\\\"\",\"c\":[true,null,-5,1.5e300]}",
     "{\"a\":0.1,\"b\":\"x\\\"\",\"c\":[true,null,-5,1.5e+300]}"},
    {ATTRIBUTES, "[]", NULL},
    {ATTRIBUTES, "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}",
     NULL},
};

static void take(struct json *j, struct input *in, enum kind kind)
{
    char *text = NULL;
    if (kind == TEXT || kind == NEEDED) {
        text = kind == TEXT ? in_text(in, "x", 8) : in_text_needed(in, "x", 8);
        js_text(j, NULL, text);
    } else if (kind == INT) {
        js_int(j, NULL, in_int(in, "x", 5, -100, 100));
    } else if (kind == ID) {
        js_int(j, NULL, in_id(in, "x"));
    } else if (kind == NUM) {
        js_num(j, NULL, in_num(in, "x", 2, -90, 90));
    } else if (kind == BOOL) {
        js_bool(j, NULL, in_bool(in, "x", false));
    } else if (kind == TIME) {
        js_time(j, NULL, in_time(in, "x"));
    } else {
        text = in_attributes(in);
        js_raw(j, NULL, text);
    }
    free(text);
}

static void test_field(size_t i)
{
    struct buffer text = {0}, out = {0};
    struct json j = {.out = &out};
    char why[160];
    buf_printf(&text, "{\"%s\":%s}", fields[i].kind == ATTRIBUTES ? "attributes" : "x",
               fields[i].json);
    json_t *object = json_parse((struct span){text.ptr, text.len}, 16, why, sizeof why);
    CHECK(object != NULL, fields[i].json);
    struct input in = in_open(object);
    take(&j, &in, fields[i].kind);
    CHECK(in_ok(&in) == (fields[i].value != NULL), fields[i].json);
    bool same = fields[i].value && out.len == strlen(fields[i].value) &&
                !memcmp(out.ptr, fields[i].value, out.len);
    CHECK(same || !fields[i].value, fields[i].json);
    if (!in_ok(&in)) {
        const char *name = fields[i].kind == ATTRIBUTES ? "attributes " : "x ";
        CHECK(!strncmp(in.err.text, name, strlen(name)), in.err.text);
        CHECK(in_int(&in, "x", 1, 0, 9) == 1, "after a fault all is absent");
    }
    json_decref(object);
    buf_fini(&text);
    buf_fini(&out);
}

static void test_parsing(void)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[1,]",
                                      "{\"a\":1}x",
                                      "nul",
                                      "\"a\"",
                                      "1",
                                      "{\"a\":\"\\u0000\"}",
                                      "{\"a\":99999999999999999999}",
                                      "{\"a\":\"\xff\"}",
                                      "[[[[[[]]]]]]"};
    char why[160];
    for (size_t i = 0; i < COUNT(bad); i++) {
        why[0] = 0;
        CHECK(!json_parse(span_of(bad[i]), 4, why, sizeof why), bad[i]);
        CHECK(why[0], bad[i]);
    }
    json_t *list = json_parse(span_of("[\"]]]]]]\\\"[[[[[[\"]"), 4, why, sizeof why);
    CHECK(list != NULL, "brackets in a text are none");
    struct input in = in_open(list);
    CHECK(!in_ok(&in), "a list is no object");
    json_decref(list);
    struct buffer deep = {0};
    for (unsigned i = 0; i < 1000000; i++)
        buf_text(&deep, "[");
    CHECK(!json_parse((struct span){deep.ptr, deep.len}, 32, why, sizeof why), "deep");
    buf_fini(&deep);
}

void test_input(void)
{
    for (size_t i = 0; i < COUNT(fields); i++)
        test_field(i);
    test_parsing();
}
