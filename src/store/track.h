/*
 * track.h - a device's positions: compressed chunks in the store, and a tail that is
 * gathered in memory (and safe in the journal).
 *
 * One thread adds, in the journal's order; any thread reads.  Readers see chunks and
 * tail as one, by fix time.  A position comes back exactly as it went in.
 *
 * A tail is closed at TR_CHUNK positions, or an hour after its first one came, or when
 * all tails together hold more than their budget.  Late positions make chunks
 * of their own.
 */
#pragma once

#include "core/record.h"
#include "store/store.h"

enum { TR_CHUNK = 64 };

/* What the fleet adds to a record.  Numbers NAN and times TIME_NONE when absent. */
struct tr_extra {
    double distance_m; /* since the position before it */
    double total_distance_m;
    double hours_ms; /* engine hours counted by the server */
    int motion;      /* 1, 0, or -1: not known */
    bool outdated;   /* the place is the device's last known one */
    /* The place and its time when the record has none of its own. */
    int64_t fix_ms;
    double latitude_deg, longitude_deg, altitude_m;
};

/* One position to add.  Its record comes packed, as it stands in the journal. */
struct tr_item {
    int64_t id; /* the journal's seq */
    int64_t device_id;
    int64_t server_ms; /* arrival */
    uint32_t kind;     /* hash of the message's kind: see tr_kind() */
    const char *protocol;
    struct tr_extra extra;
    struct span packed;
};

/* A position as readers get it: the record with the extras put in (attributes
 * distance, totalDistance, hours, motion where the device sent none itself; fix_ms,
 * place and altitude of the last known place when outdated). */
struct position {
    int64_t id, device_id;
    int64_t server_ms;
    bool outdated;
    char protocol[32];
    uint32_t kind;
    struct record rec;
};

struct tracks;

/* `budget_bytes` for all tails together (0: 256 MiB). */
struct tracks *tr_open(struct store *st, size_t budget_bytes);
void tr_close(struct tracks *t);

/* After a crash the fleet adds again what no chunk holds: it keeps with every device's
 * chunk, in one transaction, how far the device's entries are applied. */
void tr_add(struct tracks *t, const struct tr_item *item);

uint32_t tr_kind(struct span message, struct span alarm);

/* Whether the same device, fix time, place and kind is there already under an id below
 * `id` (so that a journal read again after a crash does not take its own positions for
 * repeats).  Cheap for what is newer than all before; a late one looks into the chunk
 * that it would fall in.  Without a place of its own (NAN) the time is the device's, and
 * the repeated one's last known place must not be older than a day. */
bool tr_repeat(struct tracks *t, int64_t id, int64_t device_id, int64_t fix_ms,
               double latitude_deg, double longitude_deg, uint32_t kind);

/* Closes what is due (or everything, with all) into chunks that live until the next
 * call; when they are in the store, tr_stored() lets their tails go.  Readers never
 * see a position twice or not at all meanwhile. */
size_t tr_due(struct tracks *t, int64_t now_ms, bool all, const struct st_chunk **chunks);
void tr_stored(struct tracks *t);

/* The smallest id that is only in memory, or UINT64_MAX.  What tr_due() has handed out
 * last counts as stored. */
uint64_t tr_tail_seq(const struct tracks *t);

/* The time by which a position is ordered: of its place, else the device's where that
 * can be, else that of its arrival.  Never TIME_NONE. */
int64_t tr_time_ms(const struct position *p);

/* Visits a device's positions with from_ms <= fix time <= to_ms, oldest first (by fix
 * time, then id), until told false. */
bool tr_each(struct tracks *t, int64_t device_id, int64_t from_ms, int64_t to_ms,
             bool (*visit)(void *arg, const struct position *p), void *arg,
             struct err *err);

/* By id; `device_id` and `fix_ms` are hints (0 and TIME_NONE: not known). */
bool tr_get(struct tracks *t, int64_t id, int64_t device_id, int64_t fix_ms,
            struct position *p, struct err *err); /* ERR_MISSING */

/* Forgets a device's tail, when the device is deleted. */
void tr_forget(struct tracks *t, int64_t device_id);

/* Puts a packed record and its extras together. */
void tr_compose(const struct tr_item *item, struct position *p);
