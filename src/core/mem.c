/*
 * mem.c - allocation that ends the process instead of failing.
 */
#include "core/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *there(void *ptr)
{
    if (!ptr) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return ptr;
}

void *mem_zero(size_t size)
{
    return there(calloc(1, size ? size : 1));
}

void *mem_grow(void *ptr, size_t size)
{
    return there(realloc(ptr, size ? size : 1));
}

void *mem_copy(const void *ptr, size_t size)
{
    void *copy = there(malloc(size ? size : 1));
    return size ? memcpy(copy, ptr, size) : copy;
}

char *mem_text(const char *text)
{
    return mem_copy(text, strlen(text) + 1);
}

unsigned char *buf_room(struct buffer *b, size_t extra)
{
    if (b->size - b->len < extra || !b->ptr) {
        if (extra > SIZE_MAX / 4 - b->len)
            there(NULL);
        size_t size = b->size ? b->size : 64;
        while (size - b->len < extra)
            size *= 2;
        b->ptr = mem_grow(b->ptr, size);
        b->size = size;
    }
    return b->ptr + b->len;
}

void buf_add(struct buffer *b, const void *bytes, size_t len)
{
    if (!len)
        return;
    memcpy(buf_room(b, len), bytes, len);
    b->len += len;
}

void buf_text(struct buffer *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    char *at = (char *)buf_room(b, 64);
    size_t room = b->size - b->len;
    int len = vsnprintf(at, room, format, args);
    if (len >= 0 && (size_t)len >= room) {
        at = (char *)buf_room(b, (size_t)len + 1);
        vsnprintf(at, (size_t)len + 1, format, again);
    }
    b->len += len > 0 ? (size_t)len : 0;
    va_end(again);
    va_end(args);
}

void buf_drop(struct buffer *b, size_t n)
{
    if (n > b->len)
        n = b->len;
    if (!n)
        return;
    b->len -= n;
    memmove(b->ptr, b->ptr + n, b->len);
}

void buf_fini(struct buffer *b)
{
    free(b->ptr);
    *b = (struct buffer){0};
}
