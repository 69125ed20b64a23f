/*
 * mem.h - memory that is there: out of memory ends the process, and the
 * journal makes that safe.
 */
#pragma once

#include <stddef.h>

/* Zeroed; never NULL. */
void *mem_zero(size_t size);

/* As realloc; never NULL. */
void *mem_grow(void *ptr, size_t size);

/* Copies with their own memory; never NULL. */
void *mem_copy(const void *ptr, size_t size);
char *mem_text(const char *text);

/* A growing run of bytes.  Zero is a valid empty one. */
struct buffer {
    unsigned char *ptr;
    size_t len;
    size_t size;
};

/* Room for `extra` more bytes behind len; returns where they start. */
unsigned char *buf_room(struct buffer *b, size_t extra);
void buf_add(struct buffer *b, const void *bytes, size_t len);
void buf_text(struct buffer *b, const char *text);
void buf_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes. */
void buf_drop(struct buffer *b, size_t n);
void buf_fini(struct buffer *b);
