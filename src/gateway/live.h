/*
 * live.h - which device speaks on which conversation: so that a device that comes back
 * is followed, its old connection closed, and what detection said of it can be asked.
 */
#pragma once

#include "gateway/loop.h"

struct live;

struct live *live_new(void);
void live_free(struct live *l);

/* A device has named itself on a conversation.  Returns the id of the conversation that
 * it had before and should be closed, and in *loop where it lives; 0: none.  A device
 * that keeps several connections from one address open (it reports to two servers that
 * are one) is left in peace after a few turns. */
uint64_t live_enter(struct live *l, const char *device, const struct talk *t,
                    unsigned loop_index, int64_t now_ms, unsigned *loop);

/* True when the conversation was the device's current one. */
bool live_leave(struct live *l, const char *device, uint64_t talk);

void live_detected(struct live *l, const char *device, const struct talk *t,
                   int64_t now_ms);
bool live_detection(struct live *l, struct span device, struct gw_detection *out);

/* The protocol that came from this address last, or NULL: for ties of detection. */
const struct protocol *live_last_protocol(struct live *l, const struct peer *peer);
void live_note_protocol(struct live *l, const struct peer *peer,
                        const struct protocol *p);
