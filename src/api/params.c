/*
 * params.c - names and values out of hostile text.
 */
#include "api/params.h"

#include <sodium.h>
#include <stdlib.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool percent_decode(char *text, bool plus)
{
    char *to = text;
    for (const char *p = text; *p; p++) {
        if (*p != '%') {
            *to++ = *p == '+' && plus ? ' ' : *p;
            continue;
        }
        int high = hex_value(p[1]);
        int low = high < 0 ? -1 : hex_value(p[2]);
        if (low < 0 || (high | low) == 0)
            return false;
        *to++ = (char)(high << 4 | low);
        p += 2;
    }
    *to = 0;
    return true;
}

static size_t count_names(struct span text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '&';
    return count;
}

/* Cuts the text at '&' and '=' into names and values; false where one is malformed. */
static bool cut_pairs(struct params *p)
{
    char *rest = p->text;
    while (rest) {
        char *name = rest;
        char *end = strchr(name, '&');
        rest = end ? end + 1 : NULL;
        if (end)
            *end = 0;
        if (!*name)
            continue;
        char *value = strchr(name, '=');
        if (value)
            *value++ = 0;
        if (!percent_decode(name, true) || (value && !percent_decode(value, true)))
            return false;
        p->items[p->count++] = (struct param){name, value ? value : ""};
    }
    return true;
}

bool params_parse(struct params *p, struct span text)
{
    *p = (struct params){0};
    size_t count = count_names(text);
    if (count > PARAMS_MAX ||
        memchr(text.ptr ? text.ptr : (const uint8_t *)"", 0, text.len))
        return false;
    p->text = mem_zero(text.len + 1);
    p->items = mem_zero(count * sizeof *p->items);
    if (text.len)
        memcpy(p->text, text.ptr, text.len);
    if (cut_pairs(p))
        return true;
    params_fini(p);
    return false;
}

void params_fini(struct params *p)
{
    free(p->items);
    free(p->text);
    *p = (struct params){0};
}

const char *params_get(const struct params *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (!strcmp(p->items[i].name, name))
            return p->items[i].value;
    return NULL;
}

bool params_bool(const struct params *p, const char *name)
{
    const char *value = params_get(p, name);
    return value && (!*value || !strcmp(value, "1") || !strcmp(value, "true"));
}

struct span cookie_find(struct span header, const char *name)
{
    size_t len = strlen(name);
    while (header.len) {
        size_t end = span_find(header, 0, ";", 1);
        struct span pair = span_trim(span_cut(header, 0, end));
        header = span_cut(header, end + 1, header.len);
        if (pair.len > len && !memcmp(pair.ptr, name, len) && pair.ptr[len] == '=')
            return span_cut(pair, len + 1, pair.len);
    }
    return (struct span){(const uint8_t *)"", 0};
}

bool parse_int(struct span text, int64_t *value)
{
    bool negative = text.len && *text.ptr == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative, sum = 0;
    if (negative)
        text = span_cut(text, 1, text.len);
    if (!text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = text.ptr[i] - (unsigned)'0';
        if (digit > 9 || sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

long base64_decode(struct span text, uint8_t *out, size_t size)
{
    size_t len;
    while (text.len && text.ptr[text.len - 1] == '=')
        text.len--;
    if (sodium_base642bin(out, size, (const char *)text.ptr, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
        return -1;
    return (long)len;
}
