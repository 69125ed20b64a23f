/*
 * work.h - a few threads for what would hold up others: hashing of passwords, and
 * answers that come late on purpose.
 *
 * The queue is bounded: when it is full, no place is given and the caller says so.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct work;

struct work *work_open(unsigned threads, unsigned max);

/* Runs what is left, or still to be added, at once, however late it was meant, and
 * ends the threads. */
void work_close(struct work *w);

/* Takes a place in the queue; false: it is full, or the pool is closing.  Each place
 * taken has to be used by one work_add(). */
bool work_reserve(struct work *w);

/* Calls run(arg) on a thread of the pool in delay_ms or later. */
void work_add(struct work *w, int64_t delay_ms, void (*run)(void *arg), void *arg);
