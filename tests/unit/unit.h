/*
 * unit.h - the one macro of the unit tests.
 *
 * A file tests/unit/<name>.c exports one function, test_<name>.  The build collects
 * them: there is no list to edit.  A test is a table and a loop; CHECK() names the row.
 */
#pragma once

#include <stdbool.h>

#include "core/reader.h"

#define CHECK(ok, row) unit_check((ok), #ok, (row), __FILE__, __LINE__)
#define COUNT(table)   (sizeof(table) / sizeof *(table))

void unit_check(bool ok, const char *what, const char *row, const char *file, int line);

/* A row of a table without a text of its own, as a text; lives until the next call. */
const char *unit_row(unsigned long row);

/* The same numbers at every run: 64 random bits, and one below `end`. */
struct chance {
    uint64_t state;
};
uint64_t chance_next(struct chance *c);
uint64_t chance_below(struct chance *c, uint64_t end);

/* A trace that counts what it is told; each reader table runs with and without. */
struct counter {
    struct trace trace;
    unsigned fields;
};
struct counter counter_open(void);
