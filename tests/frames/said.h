/*
 * said.h - what a frame says, as sorted lines of text, so that what a script expects
 * and what a channel heard are compared line by line.
 */
#pragma once

#include "core/mem.h"
#include "gateway/channel.h"

struct saying {
    unsigned rank; /* what comes first; equal ones keep their order */
    char *text;
};

/* Zero is a valid empty one. */
struct said {
    struct saying *all;
    unsigned count, size;
    unsigned records; /* seen so far */
    int64_t first_ms; /* of the first record, or TIME_NONE where there is none */
};

void said_init(struct said *s);
void said_fini(struct said *s);

/* Adds all that a frame says. */
void said_frame(struct said *s, const struct frame *f);

/* Adds what an encoded command says: its bytes, or that the device has no such. */
void said_command(struct said *s, bool encoded, struct span bytes);

/* Adds an expectation: a script's line without its "<".  NULL, or what is wrong. */
const char *said_expect(struct said *s, const char *line);

/* Sorts, and drops from `got` what needs no expectation: see run.c. */
void said_settle(struct said *want, struct said *got);
bool said_same(const struct said *a, const struct said *b);

/* Prints the difference of two settled ones, or all of one as a script's lines. */
void said_print_difference(const struct said *want, const struct said *got);
void said_print(const struct said *s);

/* A quoted text, or hexadecimal pairs, as bytes behind those of the buffer; NULL, or
 * what is wrong. */
const char *bytes_parse(const char *text, struct buffer *out);
