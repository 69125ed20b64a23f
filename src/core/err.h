/*
 * err.h - why the world failed us: a code for programs, a text for people.
 */
#pragma once

#include <stdbool.h>

enum err_code {
    ERR_NONE,
    ERR_INPUT,
    ERR_DENIED,
    ERR_MISSING,
    ERR_BUSY,
    ERR_IO,
    ERR_FULL
};

struct err {
    enum err_code code;
    char text[200];
};

/* Returns false, so that `return err_set(...)` reports and leaves. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
