/*
 * inner.h - what the files of the journal share.
 *
 * Two locks.  `lock` guards what appenders and the writer hand over; it is held for a
 * few dozen nanoseconds.  `meta` guards what readers look at: the list of segments and
 * the index of the one that grows.  Neither is taken while the other is held, and no
 * file is touched under either.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "journal/index.h"
#include "journal/journal.h"
#include "journal/segment.h"

enum { JR_LISTENERS_MAX = 64 };

/* Entries as they stand in a segment, handed in and not yet on disk. */
struct chunk {
    struct chunk *next;
    size_t len, size;
    bool summed; /* the entries' sums are in place */
    uint8_t bytes[];
};

struct journal {
    struct seg_dir dir;
    int lock_fd;
    struct jr_limits limits;
    size_t chunk_bytes;
    pthread_t writer;
    bool writing; /* the writer was started */

    pthread_mutex_t lock;
    pthread_cond_t work, synced, room;
    struct chunk *pending, *pending_last;
    struct chunk *spares;
    unsigned spare_count;
    uint64_t next_seq;
    uint64_t released_seq;
    bool idle; /* the writer waits for work */
    bool closing;
    char stalled[sizeof((struct err *)0)->text];
    double sync_ms;
    uint64_t syncs;

    _Atomic uint64_t durable_seq;
    atomic_size_t backlog;

    pthread_mutex_t meta;
    struct seg *segs; /* by first seq; all but the last are sealed */
    size_t seg_count, seg_size;
    struct ix index; /* of the last one, unless it is sealed */

    pthread_mutex_t indexing; /* held while an index is made anew for readers */

    pthread_mutex_t listening;
    struct {
        void (*notify)(void *arg);
        void *arg;
    } listeners[JR_LISTENERS_MAX];
    unsigned listener_count;

    int fd; /* of the segment that grows, or -1; the writer's own */
};

int64_t jr_now_ms(void);

/* In so many milliseconds, on the clock that the conditions wait by. */
struct timespec jr_deadline(int64_t ms);

/* journal.c: chunks not in use are kept for a while.  Under `lock`. */
void jr_spare(struct journal *j, struct chunk *c);

/* recover.c: reads what is there and makes the journal ready to be written. */
bool jr_recover(struct journal *j, struct err *err);

/* writer.c: the thread; and a new segment that grows, for it and for recovery. */
void *jr_writer(void *journal);
bool jr_begin(struct journal *j, uint64_t first_seq, struct err *err);

/* ---- segments.c: the list, and what the indexes say ---- */

/* Copies: the list changes at any time.  False when there is none. */
bool jr_seg(struct journal *j, uint64_t first_seq, struct seg *seg);
/* The first with a seq that is not below this one, and the last that begins below. */
bool jr_seg_from(struct journal *j, uint64_t seq, struct seg *seg);
bool jr_seg_below(struct journal *j, uint64_t seq, struct seg *seg);

/* Under `meta`. */
void jr_seg_push(struct journal *j, const struct seg *seg);

/* Tells people, once a segment. */
void jr_damaged(struct journal *j, uint64_t first_seq, const char *text);

/* Asks the index of a segment, wherever it is, or makes it anew, and brings *seg up to
 * date.  False with ERR_MISSING when the segment is gone. */
bool jr_ask(struct journal *j, struct seg *seg, const uint64_t *subject,
            struct ix_answer *a, struct err *err);

/* Reads the first `end` bytes of a sealed segment, up to limit_seq, into an index, and
 * writes it to its file if nothing is amiss: SEG_END.  Otherwise SEG_BAD, and the index
 * knows what comes before; or SEG_FAILED where there is no reading at all. */
enum seg_read jr_reindex(struct journal *j, uint64_t first_seq, uint64_t end,
                         uint64_t limit_seq, struct ix *x, struct err *err);
