/*
 * guard.h - slows down who guesses passwords: by address and by account, whether the
 * account exists or not.
 *
 * Each failure makes the next tries wait longer, one behind the other; failures are
 * forgotten with time.  Who has logged in from an address is not held up there by what
 * others try on the account.  The table is bounded: under a flood the least used
 * entries make room.
 */
#pragma once

#include <stdint.h>

#include "core/bytes.h"

struct guard;

struct guard *guard_new(void);
void guard_free(struct guard *g);

/* What a try is counted under: an address (of IPv6 its /64), and the account's name
 * as it was typed. */
struct guard_try {
    uint64_t address, account, pair;
    bool account_waits; /* set by guard_begin() */
};
struct guard_try guard_of(const struct guard *g, const uint8_t address[16],
                          struct span account);

/* How long this try has to wait, in milliseconds; -1: too many wait already.  Unless it
 * is -1, guard_end() has to follow, or guard_cancel() where nothing was tried.  now_ms is
 * of a clock that never goes back. */
int64_t guard_begin(struct guard *g, struct guard_try *t, int64_t now_ms);
void guard_end(struct guard *g, const struct guard_try *t, bool passed, int64_t now_ms);
void guard_cancel(struct guard *g, const struct guard_try *t);
