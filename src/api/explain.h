/*
 * explain.h - a frame decoded once more, and told field by field.
 */
#pragma once

#include "api/state.h"

struct explain {
    struct api *api;
    const struct protocol *protocol; /* NULL: detected */
    enum transport transport;
    int64_t now_ms; /* when the frame arrived */
    struct span frame;
    const struct span *leans; /* frames whose session state it leans on, in order */
    unsigned lean_count;
};

/* Writes "fields" and "records". */
void explain_again(const struct explain *x, struct json *j);

/* Writes an array of candidates, best first. */
void explain_detection(struct json *j, const char *name, struct span bytes);
