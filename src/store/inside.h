/*
 * inside.h - what the files of the store share: one connection that writes, under a
 * mutex, and a pool of connections that read.
 */
#pragma once

#include <pthread.h>

#include "store/db.h"
#include "store/store.h"

enum { ST_READERS_KEPT = 8 };

struct store {
    char *path;
    struct db *writer;
    pthread_mutex_t writing;

    pthread_mutex_t pool; /* guards what follows */
    struct db *idle;      /* readers that wait for work */
    unsigned idle_count;

    pthread_mutex_t facts; /* guards what follows: progress as committed */
    uint64_t applied_seq, tail_seq;
    int64_t widest; /* the most that a chunk's last_id lies above its first_id */
};

/* Starts a transaction on st->writer, which is ours until st_commit().  When it is
 * synced, it is on disk once st_commit() says true. */
bool st_begin(struct store *st, bool synced, struct err *err);

/* Commits, or rolls back unless ok; false when either was not so. */
bool st_commit(struct store *st, bool ok, struct err *err);

/* A reading connection, until st_idle().  There is always one more: a visitor may ask
 * the store again.  NULL: failed. */
struct db *st_reader(struct store *st, struct err *err);
void st_idle(struct store *st, struct db *db);

/* q_end(), and the connection goes back. */
bool st_read_end(struct store *st, struct query *q, struct err *err);

/* The same for what must have been there. */
bool st_read_found(struct store *st, struct query *q, bool found, const char *what,
                   struct err *err);

/* Removes what deleted devices have left, a little at a time. */
bool st_sweep(struct store *st, struct err *err);
