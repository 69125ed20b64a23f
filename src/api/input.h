/*
 * input.h - objects that clients send, field by field.
 *
 * As the reader of frames: a field that makes no sense sets the fault, all later ones
 * read as absent, and the end asks once.  null and a missing field are the same; ids
 * and numbers may come as text.
 */
#pragma once

#include <jansson.h>

#include "core/err.h"
#include "core/json.h"

/* A text as JSON, with bounded depth.  NULL and why not. */
json_t *json_parse(struct span text, unsigned depth_max, char *why, size_t why_size);

struct input {
    json_t *object; /* borrowed */
    struct err err; /* ERR_INPUT at the first fault */
};

/* Faults at once where it is no object. */
struct input in_open(json_t *object);
bool in_ok(const struct input *in);

bool in_has(const struct input *in, const char *name); /* there, and not null */

/* The caller frees; NULL when absent or only blanks.  Outer blanks are cut off.  Control
 * characters are a fault, and more than `max` bytes. */
char *in_text(struct input *in, const char *name, size_t max);
char *in_text_needed(struct input *in, const char *name, size_t max);

int64_t in_int(struct input *in, const char *name, int64_t fallback, int64_t min,
               int64_t max);
int64_t in_id(struct input *in, const char *name); /* 0 when absent */
double in_num(struct input *in, const char *name, double fallback, double min,
              double max);
bool in_bool(struct input *in, const char *name, bool fallback);
int64_t in_time(struct input *in, const char *name); /* TIME_NONE when absent */

/* The attributes as JSON text, "{}" when absent; the caller frees. */
enum { ATTRIBUTES_MAX = 65536 };
char *in_attributes(struct input *in);

/* Writes a parsed value; numbers keep their shortest text. */
void js_value(struct json *j, const char *name, const json_t *value);

/* The members of a parsed object, into one that the caller has opened. */
void js_members(struct json *j, const json_t *object);

/* Attributes that the store keeps as text: {} with `exclude`. */
void js_attributes(struct json *j, const char *text, bool exclude);
