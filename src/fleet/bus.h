/*
 * bus.h - tells who listens what changed, as it changes.
 *
 * Listeners run on the thread that publishes and must be quick: they copy or encode
 * what they need into a bounded queue of their own, and drop to "resync" when it is
 * full rather than block.
 */
#pragma once

#include "store/track.h"

enum bus_kind {
    BUS_POSITION, /* a new latest position of a device */
    BUS_DEVICE,   /* status, last update, position id, or the device itself changed */
    BUS_REMOVED,  /* a device was deleted */
    BUS_EVENT,
    BUS_FRAME,   /* an entry was applied: for live logs */
    BUS_UNKNOWN, /* the number of unregistered devices changed */
    BUS_ACCESS,  /* links, groups or users changed: who sees what is to be read again */
};

struct entry;

struct bus_message {
    enum bus_kind kind;
    int64_t device_id; /* 0: none */
    const struct position *position;
    const struct st_event *event;
    const struct entry *entry;
    size_t count;
};

struct bus;

struct bus *bus_new(void);
void bus_free(struct bus *b);

/* At most 16 listeners; they stay until bus_unlisten(), which waits for a call that is
 * under way. */
void bus_listen(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
                void *arg);
void bus_unlisten(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
                  void *arg);
void bus_publish(struct bus *b, const struct bus_message *m);

/* A listener that has nobody to tell hears of BUS_ACCESS alone until it is not quiet
 * any more: composing for it would be in vain. */
void bus_quiet(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
               void *arg, bool quiet);

/* Whether all are quiet: then nothing need be composed. */
bool bus_idle(const struct bus *b);
