/*
 * json.c - JSON text, number by number.
 *
 * Numbers with at most seven places, such as coordinates at 1e-7 degree, are written
 * from an integer.  Below 1e15 such a text is the only one so short that reads back as
 * the same double: two decimals of up to 15 digits never share one.
 */
#include "core/json.h"

#include <math.h>

#include "core/civil.h"
#include "core/decimal.h"

enum { FIXED_PLACES = 7, NUMBER_TEXT = DECIMAL_TEXT };
static const double fixed_scale = 1e7;
static const double exact_max = 1e15;

static void add_escaped(struct buffer *out, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at)
        buf_add(out, (char[]){'\\', letters[at - plain]}, 2);
    else
        buf_add(out, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 0xf]}, 6);
}

/* Characters that stand for themselves, from the start of the span. */
static size_t plain_len(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= ' ' && s.ptr[n] < 0x7f && s.ptr[n] != '"' &&
           s.ptr[n] != '\\')
        n++;
    return n;
}

/* What is no UTF-8 becomes the replacement character, a byte each. */
static void add_string(struct buffer *out, struct span s)
{
    buf_add(out, "\"", 1);
    while (s.len) {
        size_t n = plain_len(s);
        if (n) {
            buf_add(out, s.ptr, n);
        } else if (*s.ptr < 0x80) {
            add_escaped(out, *s.ptr);
            n = 1;
        } else if ((n = utf8_len(s))) {
            buf_add(out, s.ptr, n);
        } else {
            buf_add(out, "\xef\xbf\xbd", 3);
            n = 1;
        }
        s = span_cut(s, n, s.len);
    }
    buf_add(out, "\"", 1);
}

/* What stands before a value: a comma, its name. */
static void begin(struct json *j, const char *name)
{
    if (j->comma)
        buf_add(j->out, ",", 1);
    j->comma = true;
    if (!name)
        return;
    add_string(j->out, span_of(name));
    buf_add(j->out, ":", 1);
}

void js_open(struct json *j, const char *name, char bracket)
{
    begin(j, name);
    buf_add(j->out, &bracket, 1);
    j->comma = false;
}

void js_close(struct json *j, char bracket)
{
    buf_add(j->out, &bracket, 1);
    j->comma = true;
}

/* Writes value / 10^places without zeros at its end; returns the length. */
static size_t format_fixed(int64_t value, unsigned places, char out[NUMBER_TEXT])
{
    char text[NUMBER_TEXT];
    char *p = text + sizeof text;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    while (places && left % 10 == 0) {
        left /= 10;
        places--;
    }
    for (unsigned at = 0; at == 0 || left || at <= places; at++, left /= 10) {
        if (at == places && places)
            *--p = '.';
        *--p = (char)('0' + left % 10);
    }
    if (value < 0)
        *--p = '-';
    size_t len = (size_t)(text + sizeof text - p);
    memcpy(out, p, len);
    return len;
}

void js_num(struct json *j, const char *name, double value)
{
    char text[NUMBER_TEXT];
    if (!isfinite(value)) {
        js_null(j, name);
        return;
    }
    begin(j, name);
    double scaled = value * fixed_scale;
    if (fabs(scaled) < exact_max) {
        int64_t digits = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        if ((double)digits / fixed_scale == value) {
            buf_add(j->out, text, format_fixed(digits, FIXED_PLACES, text));
            return;
        }
    } else if (fabs(value) < exact_max && value == (double)(int64_t)value) {
        buf_add(j->out, text, format_fixed((int64_t)value, 0, text));
        return;
    }
    buf_text(j->out, decimal_format(value, text));
}

void js_int(struct json *j, const char *name, int64_t value)
{
    char text[NUMBER_TEXT];
    begin(j, name);
    buf_add(j->out, text, format_fixed(value, 0, text));
}

void js_bool(struct json *j, const char *name, bool value)
{
    js_raw(j, name, value ? "true" : "false");
}

void js_null(struct json *j, const char *name)
{
    js_raw(j, name, "null");
}

void js_text(struct json *j, const char *name, const char *value)
{
    if (value)
        js_span(j, name, span_of(value));
    else
        js_null(j, name);
}

void js_span(struct json *j, const char *name, struct span value)
{
    begin(j, name);
    add_string(j->out, value);
}

void js_hex(struct json *j, const char *name, struct span value)
{
    begin(j, name);
    buf_add(j->out, "\"", 1);
    hex_format(value, (char *)buf_room(j->out, 2 * value.len + 1));
    j->out->len += 2 * value.len;
    buf_add(j->out, "\"", 1);
}

/* Times before the year 0 and after 9999 have no text: null. */
void js_time(struct json *j, const char *name, int64_t ms)
{
    char text[CIVIL_TEXT];
    if (ms == TIME_NONE || !*civil_iso(ms, text)) {
        js_null(j, name);
        return;
    }
    begin(j, name);
    buf_add(j->out, "\"", 1);
    buf_text(j->out, text);
    buf_add(j->out, "\"", 1);
}

void js_raw(struct json *j, const char *name, const char *json)
{
    begin(j, name);
    buf_text(j->out, json);
}
