/*
 * limits.h - counting by key, bounded: how many unidentified streams an address has,
 * how often a stray may be written down.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of at most `size` keys; when it is full the one that was used longest ago is
 * forgotten.  Safe for several threads. */
struct tally;

struct tally *tally_new(size_t size);
void tally_free(struct tally *t);

/* Adds to a count and returns the new value; never below zero. */
long tally_add(struct tally *t, uint64_t key, long by);

/* A bucket of `burst` that fills at `per_minute`: false when it is empty. */
bool tally_take(struct tally *t, uint64_t key, double per_minute, double burst,
                int64_t now_ms);
