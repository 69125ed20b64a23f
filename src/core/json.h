/*
 * json.h - a small sticky writer of JSON: commas and quotes mind themselves, numbers
 * are exact (shortest text that reads back the same).
 *
 *     js_open(&j, NULL, '{'); js_num(&j, "a", 1); js_close(&j, '}');
 */
#pragma once

#include "core/bytes.h"
#include "core/mem.h"

struct json {
    struct buffer *out;
    bool comma; /* the next value needs one before it */
};

/* `name` is NULL inside an array and at the top. */
void js_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void js_close(struct json *j, char bracket);                  /* '}' or ']' */
void js_num(struct json *j, const char *name, double value);  /* NAN, infinite: null */
void js_int(struct json *j, const char *name, int64_t value);
void js_bool(struct json *j, const char *name, bool value);
void js_null(struct json *j, const char *name);
void js_text(struct json *j, const char *name, const char *value); /* NULL: null */
void js_span(struct json *j, const char *name, struct span value);
void js_hex(struct json *j, const char *name, struct span value);
void js_time(struct json *j, const char *name, int64_t ms); /* TIME_NONE: null */
/* A value that is JSON already. */
void js_raw(struct json *j, const char *name, const char *json);
