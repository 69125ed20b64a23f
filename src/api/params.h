/*
 * params.h - what a request says by name: query strings, forms and cookies.
 *
 * Parsing is bounded and never fails half-way: a text with more than PARAMS_MAX names
 * is refused as a whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/mem.h"

enum { PARAMS_MAX = 4096 };

/* Decoded; NUL-ended.  A NUL in the text (%00) makes the whole refused. */
struct param {
    const char *name;
    const char *value; /* "" where none was given */
};

struct params {
    struct param *items;
    size_t count;
    char *text; /* what the items point into */
};

/* "a=1&b=%20&c", as in a query or a form.  False: too many, or not decodable. */
bool params_parse(struct params *p, struct span text);
void params_fini(struct params *p);

/* The first of that name, or NULL. */
const char *params_get(const struct params *p, const char *name);

/* "true", "1", or a name without a value. */
bool params_bool(const struct params *p, const char *name);

/* Decodes %41 in place (and + as a blank, in queries); false where it is malformed or
 * hides a NUL. */
bool percent_decode(char *text, bool plus);

/* The value of a cookie in a Cookie header, borrowed from it; empty when absent.
 * Quirk: clients that repeat a whole Set-Cookie value are understood. */
struct span cookie_find(struct span header, const char *name);

/* A whole decimal number within int64_t, nothing around it. */
bool parse_int(struct span text, int64_t *value);

/* Base64, standard alphabet with or without padding; the length, or -1. */
long base64_decode(struct span text, uint8_t *out, size_t size);
