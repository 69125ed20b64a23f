/*
 * bytes.c - spans and hexadecimal digits.
 */
#include "core/bytes.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

struct span span_trim(struct span s)
{
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    while (s.len && is_blank(*s.ptr)) {
        s.ptr++;
        s.len--;
    }
    return s;
}

size_t span_find(struct span s, size_t from, const char *what, size_t what_len)
{
    if (from >= s.len || what_len > s.len - from)
        return s.len;
    const uint8_t *p = memmem(s.ptr + from, s.len - from, what, what_len);
    return p ? (size_t)(p - s.ptr) : s.len;
}

char *span_copy(struct span s, char *out, size_t size)
{
    if (!size)
        return out;
    size_t len = s.len < size ? s.len : size - 1;
    if (len)
        memcpy(out, s.ptr, len);
    out[len] = 0;
    return out;
}

/* The second byte rules out overlong forms, surrogates and what is beyond 10ffff. */
size_t utf8_len(struct span s)
{
    if (!s.len)
        return 0;
    uint8_t first = *s.ptr;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size_t len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (s.len < len || s.ptr[1] < low || s.ptr[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (s.ptr[i] >> 6 != 2)
            return 0;
    return len;
}

bool utf8_control(struct span s)
{
    return s.len && (*s.ptr < ' ' || *s.ptr == 0x7f ||
                     (*s.ptr == 0xc2 && s.len > 1 && s.ptr[1] < 0xa0));
}

void hex_format(struct span s, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++) {
        *out++ = digits[s.ptr[i] >> 4];
        *out++ = digits[s.ptr[i] & 0xf];
    }
    *out = 0;
}

/* The value of a digit, or 16 and more. */
static unsigned hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

long hex_parse(struct span text, uint8_t *out, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        if (is_blank(text.ptr[i]) && text.ptr[i]) {
            i++;
            continue;
        }
        if (text.len - i < 2 || len == size)
            return -1;
        unsigned high = hex_digit(text.ptr[i++]);
        unsigned low = hex_digit(text.ptr[i++]);
        if ((high | low) > 15)
            return -1;
        out[len++] = (uint8_t)(high << 4 | low);
    }
    return (long)len;
}
