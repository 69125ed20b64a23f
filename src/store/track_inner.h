/*
 * track_inner.h - what adding, closing and reading tracks share.
 *
 * A device's tail is two runs: what waits, and what is in flight, that is, handed out
 * as chunks that are not yet known to be stored.  A tail is always closed whole, so
 * ids in chunks lie below the ids in tails, and one number a device, the largest id in
 * its chunks, says of any id whether a chunk has it.  A reader copies the tail first and
 * reads chunks afterwards, and of these only ids below those of the tail: so it sees
 * each position once, whatever is closed or stored meanwhile.
 */
#pragma once

#include <pthread.h>

#include "store/tail.h"
#include "store/track.h"

struct tail {
    struct tail *next; /* in the table */
    int64_t device_id;
    int64_t last_id;   /* of all in chunks and tail */
    int64_t newest_ms; /* of all times in chunks and tail; TIME_NONE: none */
    struct run waiting, flight;
    struct tail *older, *newer; /* of those with something waiting, by its first id */
    int64_t since_ms;           /* arrival of the first one that waits */
    int64_t chunked_id;         /* chunks hold ids up to this */
    int64_t chunked_ms;         /* and times up to this; TIME_NONE: none */
    int64_t flight_ms;          /* latest time in flight */
    bool listed;                /* among the full ones */
    bool flying;                /* among those in flight */
    bool gone; /* its device was deleted; freed when nobody lists it any longer */
};

/* Positions within an hour of a device's past, for tr_repeat(). */
struct window {
    int64_t device_id, start_ms;
    int64_t chunked_id; /* of the tail when it was read */
    struct chunk_key *keys;
    size_t count;
};

enum { WINDOWS = 1024, READERS_KEPT = 8, PROTOCOLS_MAX = 1024 };

/* An item on its way into a chunk. */
struct closing {
    int64_t time_ms;
    struct tr_item item;
};

struct tracks {
    struct store *store;
    size_t budget;

    pthread_mutex_t lock; /* guards what follows */
    struct tail **table;
    size_t table_size, tail_count;
    struct tail *oldest, *newest;
    struct pool pool;
    size_t flight_bytes;
    struct tail **full;
    size_t full_count, full_size;
    /* Of protocols, by their numbers in items.  What stands there stays: who has an item
     * reads its name without the lock. */
    char *names[PROTOCOLS_MAX];
    uint32_t name_count;

    /* Of the thread that closes. */
    struct tail **flight;
    size_t flight_count, flight_size;
    struct st_chunk *chunks;
    size_t chunk_count, chunk_size;
    struct buffer data; /* of the chunks */
    struct chunk_writer *writer;
    struct position *position;
    struct closing *items;
    size_t item_size;
    struct buffer bytes;

    struct position *adding; /* of the thread that adds */

    pthread_mutex_t readers_lock; /* guards what follows */
    struct chunk_reader *readers[READERS_KEPT];
    size_t reader_count;

    pthread_mutex_t windows_lock; /* guards what follows */
    struct window windows[WINDOWS];
};

/* The device's tail, or NULL.  The lock is held. */
struct tail *tail_find(const struct tracks *t, int64_t device_id);

/* The device's tail, made from the store where it is not there.  The lock is held, and
 * let go meanwhile. */
struct tail *tail_get(struct tracks *t, int64_t device_id);

/* A tail begins to have something waiting, since a time, or has no longer. */
void tail_wait(struct tracks *t, struct tail *tail, int64_t ms);
void tail_unwait(struct tracks *t, struct tail *tail);

/* Frees a tail that is gone, once nothing lists it. */
void tail_release(struct tail *tail);

/* A copy of a device's tail, for who reads without the lock: bytes of items, and the id
 * from which on chunks are not to be looked at. */
struct tail_copy {
    struct buffer bytes;
    int64_t end_id;
    int64_t chunked_id, newest_ms;
};
void tail_copy(struct tracks *t, int64_t device_id, struct tail_copy *out);

/* For qsort(): by time, then by id. */
int closing_by_time(const void *a, const void *b);

struct chunk_reader *reader_take(struct tracks *t);
void reader_give(struct tracks *t, struct chunk_reader *r);

/* Frees what tr_repeat() keeps. */
void windows_fini(struct tracks *t);
