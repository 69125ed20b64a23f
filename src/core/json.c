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

enum { FIXED_PLACES = 7, NUMBER_TEXT = 32, SHORT_NAME = 32, SHORT_ROOM = 64 };
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

/* The first of eight bytes that needs care (control, quote, backslash, above 7e) sets
 * the top bit of its byte; a byte behind it may do so too. */
static uint64_t careful(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';
    return ((eight - ones * ' ') | (quote - ones) | (slash - ones) | (eight + ones) |
            eight) &
           tops;
}

/* Characters that stand for themselves, from the start of the span. */
static size_t plain_len(struct span s)
{
    size_t n = 0;
    for (uint64_t eight; n + 8 <= s.len; n += 8) {
        memcpy(&eight, s.ptr + n, 8);
        if (careful(eight))
            break;
    }
    while (n < s.len && s.ptr[n] >= ' ' && s.ptr[n] < 0x7f && s.ptr[n] != '"' &&
           s.ptr[n] != '\\')
        n++;
    return n;
}

/* What is no UTF-8 becomes the replacement character, a byte each. */
static void add_careful(struct buffer *out, struct span s)
{
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
}

/* In quotes. */
static void add_string(struct buffer *out, struct span s)
{
    size_t plain = plain_len(s);
    unsigned char *p = buf_room(out, plain + 2);
    *p = '"';
    memcpy(p + 1, s.ptr, plain);
    p[plain + 1] = '"';
    out->len += plain + 2;
    if (plain == s.len)
        return;
    out->len--;
    add_careful(out, span_cut(s, plain, s.len));
    buf_add(out, "\"", 1);
}

/* Room for what is short: a comma, a short name, a number. */
static unsigned char *short_room(struct buffer *out)
{
    if (out->size - out->len >= SHORT_ROOM)
        return out->ptr + out->len;
    return buf_room(out, SHORT_ROOM);
}

/* What stands before a value: a comma, its name.  Short plain names are copied as they
 * are looked at; for any other the copy is thrown away. */
static void begin(struct json *j, const char *name)
{
    unsigned char *p = short_room(j->out);
    if (j->comma)
        *p++ = ',';
    j->comma = true;
    j->out->len = (size_t)(p - j->out->ptr);
    if (!name)
        return;
    const char *c = name;
    *p++ = '"';
    while ((*c > ' ' && *c < '"') || (*c > '"' && *c < '\\') ||
           (*c > '\\' && *c < 0x7f)) {
        *p++ = (unsigned char)*c++;
        if (c - name == SHORT_NAME)
            break;
    }
    if (*c) {
        add_string(j->out, span_of(name));
        buf_add(j->out, ":", 1);
        return;
    }
    *p++ = '"';
    *p++ = ':';
    j->out->len = (size_t)(p - j->out->ptr);
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

/* Writes value / 10^places without zeros at its end. */
static void add_fixed(struct buffer *out, int64_t value, unsigned places)
{
    unsigned char text[NUMBER_TEXT];
    unsigned char *end = text + sizeof text, *p = end;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    while (places && left % 10 == 0) {
        left /= 10;
        places--;
    }
    for (unsigned at = 0; at == 0 || left || at <= places; at++, left /= 10) {
        if (at == places && places)
            *--p = '.';
        *--p = (unsigned char)('0' + left % 10);
    }
    if (value < 0)
        *--p = '-';
    unsigned char *to = short_room(out);
    while (p < end)
        *to++ = *p++;
    out->len = (size_t)(to - out->ptr);
}

void js_num(struct json *j, const char *name, double value)
{
    if (!isfinite(value)) {
        js_null(j, name);
        return;
    }
    begin(j, name);
    if (fabs(value) < exact_max && value == (double)(int64_t)value) {
        add_fixed(j->out, (int64_t)value, 0);
        return;
    }
    double scaled = value * fixed_scale;
    if (fabs(scaled) < exact_max) {
        int64_t digits = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        if ((double)digits / fixed_scale == value) {
            add_fixed(j->out, digits, FIXED_PLACES);
            return;
        }
    }
    char text[DECIMAL_TEXT];
    buf_text(j->out, decimal_format(value, text));
}

void js_int(struct json *j, const char *name, int64_t value)
{
    begin(j, name);
    add_fixed(j->out, value, 0);
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
