/*
 * keep.h - an uplink's two lists: reports that wait in the memory, and reports that are
 * sent but not confirmed.  Between them nothing gets lost but what the full memory drops.
 */
#pragma once

#include "simulate/uplink.h"

/* Into the memory.  Reports have rising numbers; any order is fine. */
void keep_put(struct uplink *u, const struct report *r);

/* It has just been sent as frame u->order. */
void keep_sent(struct uplink *u, const struct report *r, bool stored);

/* The server has got the frame of this order; with `earlier` also those before it whose
 * kind is among the bits of `kinds`. */
void keep_confirm(struct uplink *u, uint32_t order, bool earlier, uint8_t kinds);

/* The connection is over: what is unconfirmed goes back to the memory. */
void keep_give_back(struct uplink *u);

/* So does what was sent before a time, of the kinds among these bits; false: nothing. */
bool keep_repeat(struct uplink *u, int64_t before_ms, uint8_t kinds);

/* Sends the next batch of stored reports, unless the last is still under way or nothing
 * live has been sent yet. */
void keep_flow(struct tracker *t,
               bool (*send)(struct tracker *t, const struct report *r, bool stored));
