/*
 * journal.h - the durable log: what was acknowledged survives.
 *
 * Any thread appends; one writer thread gathers what all hand in, writes it as one
 * batch, syncs once, and then lets all answers go.  Readers follow in order, or
 * find entries by subject and time.
 *
 * Segments are files of a fixed size named by their first seq.  At start the tail
 * is repaired: cut at the first bad entry.  When the disk fails or is full nothing
 * is acknowledged; the writer keeps what it has, tries again every second, and
 * jr_stalled() says why.  A sync that failed is never trusted: its batch is
 * written again to a new segment.
 */
#pragma once

#include "journal/entry.h"

struct journal;

struct jr_limits {
    uint64_t segment_bytes; /* 0: 64 MiB */
    uint64_t keep_bytes;    /* 0: no limit by size */
    int64_t keep_ms;        /* 0: no limit by age */
};

/* Opens or makes the journal in a directory of its own; one process at a time.  Without
 * limits as with all of them 0. */
struct journal *jr_open(const char *dir, const struct jr_limits *limits, struct err *err);

/* Writes and syncs what was appended, then closes.  A disk that cannot be written gets
 * one more try.  Cursors are closed before. */
void jr_close(struct journal *j);

/* Hands an entry in; from any thread.  Returns its seq, or 0 when it is too large or
 * the journal is closing.  It is not durable yet.  Waits while four times
 * JR_BACKLOG_MAX is not on disk yet. */
uint64_t jr_append(struct journal *j, const struct entry *e);

/* Everything before this seq is on disk. */
uint64_t jr_durable(const struct journal *j);

/* Bytes handed in that are not on disk yet.  Who hands in stops reading its sockets
 * above JR_BACKLOG_MAX and goes on below half of it. */
enum { JR_BACKLOG_MAX = 32 << 20 };
size_t jr_backlog(const struct journal *j);

/* Calls `notify` from the writer thread after each sync, until removed.  It must
 * only wake somebody.  At most 64 listeners. */
void jr_listen(struct journal *j, void (*notify)(void *arg), void *arg);
void jr_unlisten(struct journal *j, void (*notify)(void *arg), void *arg);

/* Waits until jr_durable() > seq or timeout_ms have passed; true in the first case. */
bool jr_wait(struct journal *j, uint64_t seq, int timeout_ms);

/* Why nothing can be written, or an empty text.  Returns out. */
char *jr_stalled(const struct journal *j, char *out, size_t size);

/* What comes before seq is in the synced store: those segments may go when age or
 * size ask for it.  What was not released never goes. */
void jr_release(struct journal *j, uint64_t seq);

struct jr_stats {
    uint64_t first_seq, next_seq;
    uint64_t bytes, segments, syncs;
    int64_t oldest_ms; /* arrival of the oldest kept entry, or TIME_NONE */
    double sync_ms;    /* of late, smoothed */
};
void jr_stats(const struct journal *j, struct jr_stats *out);

/* ---- reading in order ---- */

struct jr_cursor;

/* A reader of durable entries, from the one that holds seq on; if that is no longer
 * kept, from the first kept one.  A cursor belongs to one thread. */
struct jr_cursor *jr_cursor_open(struct journal *j, uint64_t seq);
void jr_cursor_close(struct jr_cursor *c);

/* The next durable entry, valid until the next call; false when there is none yet
 * (err->code ERR_NONE), or when reading failed. */
bool jr_next(struct jr_cursor *c, struct entry *e, struct err *err);

/* ---- finding ---- */

/* The entry that holds this seq (its own or one of its records').  Bytes live in
 * *hold, which the caller owns and finishes.  False when it is not kept. */
bool jr_get(struct journal *j, uint64_t seq, struct entry *e, struct buffer *hold,
            struct err *err);

/* Visits a subject's durable entries that arrived in [from_ms, to_ms] and have
 * seq < before (0: no bound), newest first, until told false. */
bool jr_find(struct journal *j, uint64_t subject, int64_t from_ms, int64_t to_ms,
             uint64_t before, bool (*visit)(void *arg, const struct entry *e), void *arg,
             struct err *err);
