/*
 * script.h - what happens when, from a file, so that tests can command every event.
 *
 *     # comment
 *     at vehicle 2         the following lines are about the second vehicle; at first
 *     at vehicle all       they are about the first
 *     10 door open         ten seconds after the start
 *     20 panic press
 *     30 move 40
 *
 * A vehicle that a script names does nothing by itself.
 */
#pragma once

#include "core/err.h"
#include "simulate/convoy.h"

struct script_line {
    unsigned second;
    unsigned vehicle; /* from 1; 0: all */
    enum action action;
    double value;
};

enum { SCRIPT_LINES_MAX = 10000 };

/* Zero is a valid empty one. */
struct script {
    struct script_line *lines; /* by time */
    size_t count, next;
};

bool script_read(struct script *s, const char *path, struct err *err);
bool script_parse(struct script *s, const char *text, struct err *err);
void script_fini(struct script *s);

/* Takes the vehicles that it names over. */
bool script_begin(const struct script *s, struct convoy *f, struct err *err);

/* Does what is due by this second. */
void script_follow(struct script *s, struct convoy *f, unsigned second);

/* The words of the file, for --help. */
extern const char script_words[];
