/*
 * input.c - parsed JSON, taken with care.
 */
#include "api/input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/params.h"
#include "core/civil.h"

enum { ATTRIBUTE_DEPTH_MAX = 8 };

/* jansson recurses: how deep is known before it is asked. */
static bool is_shallow(struct span text, unsigned depth_max)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && depth)
            depth--;
        if (depth > depth_max)
            return false;
    }
    return true;
}

json_t *json_parse(struct span text, unsigned depth_max, char *why, size_t why_size)
{
    json_error_t error;
    if (!text.len) {
        snprintf(why, why_size, "The body is empty");
        return NULL;
    }
    if (!is_shallow(text, depth_max)) {
        snprintf(why, why_size, "The JSON is nested too deeply");
        return NULL;
    }
    json_t *value = json_loadb((const char *)text.ptr, text.len, 0, &error);
    if (!value)
        snprintf(why, why_size, "The body is no JSON: line %d, column %d: %.100s",
                 error.line, error.column, error.text);
    return value;
}

struct input in_open(json_t *object)
{
    struct input in = {.object = object};
    if (!json_is_object(object))
        err_set(&in.err, ERR_INPUT, "The body is no JSON object");
    return in;
}

bool in_ok(const struct input *in)
{
    return in->err.code == ERR_NONE;
}

/* NULL when absent, null, or after a fault. */
static const json_t *get(const struct input *in, const char *name)
{
    const json_t *value = in_ok(in) ? json_object_get(in->object, name) : NULL;
    return json_is_null(value) ? NULL : value;
}

static void fault(struct input *in, const char *name, const char *why)
{
    if (in_ok(in))
        err_set(&in->err, ERR_INPUT, "%s %s", name, why);
}

bool in_has(const struct input *in, const char *name)
{
    return get(in, name) != NULL;
}

static bool has_control(struct span s)
{
    for (; s.len; s = span_cut(s, 1, s.len))
        if (utf8_control(s))
            return true;
    return false;
}

char *in_text(struct input *in, const char *name, size_t max)
{
    const json_t *value = get(in, name);
    if (!value)
        return NULL;
    if (!json_is_string(value)) {
        fault(in, name, "has to be text");
        return NULL;
    }
    struct span text = span_trim((struct span){(const uint8_t *)json_string_value(value),
                                               json_string_length(value)});
    if (text.len > max)
        fault(in, name, "is too long");
    else if (has_control(text))
        fault(in, name, "must not hold control characters");
    if (!text.len || !in_ok(in))
        return NULL;
    char *copy = mem_grow(NULL, text.len + 1);
    return span_copy(text, copy, text.len + 1);
}

char *in_text_needed(struct input *in, const char *name, size_t max)
{
    char *text = in_text(in, name, max);
    if (!text)
        fault(in, name, "is missing");
    return text;
}

/* A number, also as text; NAN where it is none. */
static double number_of(const json_t *value)
{
    if (json_is_number(value))
        return json_number_value(value);
    const char *text = json_string_value(value);
    char *end;
    if (!text || !*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return NAN;
    double number = strtod(text, &end);
    return *end || !isfinite(number) ? NAN : number;
}

int64_t in_int(struct input *in, const char *name, int64_t fallback, int64_t min,
               int64_t max)
{
    const json_t *value = get(in, name);
    int64_t number = fallback;
    if (!value || (json_is_string(value) && !json_string_length(value)))
        return fallback;
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else if (json_is_string(value)) {
        if (!parse_int(span_of(json_string_value(value)), &number))
            fault(in, name, "has to be a whole number");
    } else {
        double real = number_of(value);
        if (!(fabs(real) < 9e15) || real != round(real))
            fault(in, name, "has to be a whole number");
        else
            number = (int64_t)real;
    }
    if (number < min || number > max)
        fault(in, name, "is out of range");
    return in_ok(in) ? number : fallback;
}

int64_t in_id(struct input *in, const char *name)
{
    return in_int(in, name, 0, 0, INT64_MAX);
}

double in_num(struct input *in, const char *name, double fallback, double min, double max)
{
    const json_t *value = get(in, name);
    if (!value)
        return fallback;
    double number = number_of(value);
    if (isnan(number))
        fault(in, name, "has to be a number");
    else if (number < min || number > max)
        fault(in, name, "is out of range");
    return in_ok(in) ? number : fallback;
}

bool in_bool(struct input *in, const char *name, bool fallback)
{
    const json_t *value = get(in, name);
    if (!value)
        return fallback;
    if (json_is_boolean(value))
        return json_is_true(value);
    const char *text = json_string_value(value);
    if (text && (!strcmp(text, "true") || !strcmp(text, "false")))
        return *text == 't';
    fault(in, name, "has to be true or false");
    return fallback;
}

int64_t in_time(struct input *in, const char *name)
{
    const json_t *value = get(in, name);
    int64_t ms = TIME_NONE;
    if (!value || (json_is_string(value) && !json_string_length(value)))
        return TIME_NONE;
    if (!json_is_string(value) || !civil_parse(span_of(json_string_value(value)), &ms))
        fault(in, name, "has to be a time such as 2026-03-01T09:30:00Z");
    return in_ok(in) ? ms : TIME_NONE;
}

static bool is_shallow_value(const json_t *value, unsigned depth)
{
    json_t *object = (json_t *)value;
    if (!depth)
        return !json_is_object(value) && !json_is_array(value);
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        if (!is_shallow_value(json_object_iter_value(i), depth - 1))
            return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!is_shallow_value(json_array_get(value, i), depth - 1))
            return false;
    return true;
}

char *in_attributes(struct input *in)
{
    const json_t *value = get(in, "attributes");
    if (!value)
        return mem_text("{}");
    if (!json_is_object(value))
        fault(in, "attributes", "has to be an object");
    else if (!is_shallow_value(value, ATTRIBUTE_DEPTH_MAX))
        fault(in, "attributes", "is nested too deeply");
    if (!in_ok(in))
        return mem_text("{}");
    struct buffer out = {0};
    struct json j = {.out = &out};
    js_value(&j, NULL, value);
    buf_add(&out, "", 1);
    if (out.len > ATTRIBUTES_MAX) {
        fault(in, "attributes", "is too large");
        buf_fini(&out);
        return mem_text("{}");
    }
    return (char *)out.ptr;
}

void js_members(struct json *j, const json_t *value)
{
    json_t *object = (json_t *)value;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        js_value(j, json_object_iter_key(i), json_object_iter_value(i));
}

void js_value(struct json *j, const char *name, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        js_open(j, name, '{');
        js_members(j, value);
        js_close(j, '}');
        break;
    case JSON_ARRAY:
        js_open(j, name, '[');
        for (size_t i = 0; i < json_array_size(value); i++)
            js_value(j, NULL, json_array_get(value, i));
        js_close(j, ']');
        break;
    case JSON_STRING:
        js_span(j, name,
                (struct span){(const uint8_t *)json_string_value(value),
                              json_string_length(value)});
        break;
    case JSON_INTEGER:
        js_int(j, name, json_integer_value(value));
        break;
    case JSON_REAL:
        js_num(j, name, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        js_bool(j, name, json_is_true(value));
        break;
    case JSON_NULL:
        js_null(j, name);
        break;
    }
}

void js_attributes(struct json *j, const char *text, bool exclude)
{
    js_raw(j, "attributes", exclude || !text || !*text ? "{}" : text);
}
