/*
 * writer.c - the thread that makes durable what was handed in.
 *
 * It takes all that waits, writes and syncs it piece by piece, and after each sync says
 * so.  A piece lies in one segment.  Readers and the index learn of it after its sync,
 * so there is nothing to take back when a write or a sync fails.
 *
 * A failed write is cut off and tried again at the same place.  After a failed sync, or
 * an I/O error, nobody knows what the disk holds: the segment is sealed where it was
 * good, and the piece goes to a new one.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal/inner.h"

enum {
    PIECE_BYTES = 8 << 20, /* syncs are no rarer than this */
    RETRY_MS = 1000,
    RETIRE_MS = 60000,
    SPACING_MS = 5,  /* between the starts of two syncs */
    SYNC_SHARE = 16, /* of the newest sync in the smoothed time: one part in so many */
};

/* ---- segments ---- */

static struct seg *growing(struct journal *j)
{
    return &j->segs[j->seg_count - 1];
}

static void close_growing(struct journal *j)
{
    close(j->fd);
    j->fd = -1;
    ix_fini(&j->index);
}

/* What may go by age or size.  The last segment never does: it says which seqs are
 * taken. */
static bool is_spent(const struct journal *j, uint64_t released_seq, uint64_t bytes)
{
    const struct seg *seg = j->segs;
    if (j->seg_count < 2 || seg->next_seq > released_seq)
        return false;
    const struct jr_limits *l = &j->limits;
    return (l->keep_bytes && bytes > l->keep_bytes) ||
           (l->keep_ms && seg->max_ms < jr_now_ms() - l->keep_ms);
}

static bool take_spent(struct journal *j, uint64_t released_seq, uint64_t *first_seq)
{
    pthread_mutex_lock(&j->meta);
    uint64_t bytes = 0;
    for (size_t i = 0; i < j->seg_count; i++)
        bytes += j->segs[i].end;
    bool spent = is_spent(j, released_seq, bytes);
    if (spent) {
        *first_seq = j->segs[0].first_seq;
        j->seg_count--;
        memmove(j->segs, j->segs + 1, j->seg_count * sizeof *j->segs);
    }
    pthread_mutex_unlock(&j->meta);
    return spent;
}

static void retire(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t released_seq = j->released_seq;
    pthread_mutex_unlock(&j->lock);
    uint64_t first_seq;
    bool any = false;
    while (take_spent(j, released_seq, &first_seq)) {
        char name[SEG_NAME];
        unlinkat(j->dir.fd, seg_name(first_seq, ".seg", name), 0);
        unlinkat(j->dir.fd, seg_name(first_seq, ".idx", name), 0);
        any = true;
    }
    if (any)
        seg_sync_dir(&j->dir, NULL);
}

static void seal(struct journal *j)
{
    (void)!ftruncate(j->fd, (off_t)j->index.seg.end);
    /* Without its file the index is made again when it is asked for. */
    ix_write(&j->index, &j->dir, NULL);
    pthread_mutex_lock(&j->meta);
    growing(j)->sealed = true;
    close_growing(j);
    pthread_mutex_unlock(&j->meta);
    retire(j);
}

/* One that nothing durable is in goes, so that its name is free again. */
static void drop(struct journal *j)
{
    char name[SEG_NAME];
    unlinkat(j->dir.fd, seg_name(j->index.seg.first_seq, ".seg", name), 0);
    pthread_mutex_lock(&j->meta);
    j->seg_count--;
    close_growing(j);
    pthread_mutex_unlock(&j->meta);
}

static void abandon(struct journal *j)
{
    if (j->index.seg.end == SEG_HEAD)
        drop(j);
    else
        seal(j);
}

bool jr_begin(struct journal *j, uint64_t first_seq, struct err *err)
{
    int fd = seg_create(&j->dir, first_seq, j->limits.segment_bytes, jr_now_ms(), err);
    if (fd < 0)
        return false;
    if (!seg_sync_dir(&j->dir, err)) {
        char name[SEG_NAME];
        unlinkat(j->dir.fd, seg_name(first_seq, ".seg", name), 0);
        close(fd);
        return false;
    }
    pthread_mutex_lock(&j->meta);
    ix_init(&j->index, first_seq);
    jr_seg_push(j, &j->index.seg);
    pthread_mutex_unlock(&j->meta);
    j->fd = fd;
    return true;
}

/* ---- a piece ---- */

/* A run of chunks; `end` is the first that is not of it, or NULL. */
struct piece {
    struct chunk *begin, *end;
    size_t bytes;
};

/* As much as fits the segment and one sync; at least a chunk. */
static struct piece piece_of(struct journal *j, struct chunk *batch)
{
    uint64_t room = j->limits.segment_bytes > j->index.seg.end
                        ? j->limits.segment_bytes - j->index.seg.end
                        : 0;
    struct piece p = {batch, batch->next, batch->len};
    while (p.end && p.bytes + p.end->len <= room && p.bytes < PIECE_BYTES) {
        p.bytes += p.end->len;
        p.end = p.end->next;
    }
    return p;
}

static void sum_entries(struct chunk *c)
{
    for (size_t at = 0; at < c->len && !c->summed;
         at += SEG_ENTRY_HEAD + le32(c->bytes + at + 4))
        seg_entry_sum(c->bytes + at);
    c->summed = true;
}

static bool write_chunks(struct journal *j, const struct piece *p, struct err *err)
{
    uint64_t end = j->index.seg.end;
    uint64_t pos = end;
    for (struct chunk *c = p->begin; c != p->end; c = c->next) {
        sum_entries(c);
        if (!seg_write(j->fd, c->bytes, c->len, pos)) {
            int error = errno;
            seg_fail(&j->dir, j->index.seg.first_seq, ".seg", "write", err);
            (void)!ftruncate(j->fd, (off_t)end);
            if (error == EIO)
                abandon(j);
            return false;
        }
        pos += c->len;
    }
    return true;
}

static bool sync_chunks(struct journal *j, double *sync_ms, struct err *err)
{
    struct timespec from;
    struct timespec to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (fdatasync(j->fd)) {
        seg_fail(&j->dir, j->index.seg.first_seq, ".seg", "sync", err);
        abandon(j);
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    *sync_ms = (double)(to.tv_sec - from.tv_sec) * 1e3 +
               (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    return true;
}

static void index_chunk(struct journal *j, const struct chunk *c)
{
    size_t len;
    for (size_t at = 0; at < c->len; at += SEG_ENTRY_HEAD + len) {
        struct entry e;
        len = le32(c->bytes + at + 4);
        bool ok = entry_unpack((struct span){c->bytes + at + SEG_ENTRY_HEAD, len}, &e);
        assert(ok);
        e.seq = le64(c->bytes + at + 8);
        uint64_t pos = j->index.seg.end;
        ix_add(&j->index, &e, pos, pos + SEG_ENTRY_HEAD + len);
    }
}

/* Readers see the piece from here on. */
static void publish(struct journal *j, const struct piece *p)
{
    pthread_mutex_lock(&j->meta);
    for (struct chunk *c = p->begin; c != p->end; c = c->next)
        index_chunk(j, c);
    *growing(j) = j->index.seg;
    atomic_store(&j->durable_seq, j->index.seg.next_seq);
    pthread_mutex_unlock(&j->meta);
}

static void let_go(struct journal *j, const struct piece *p, double sync_ms)
{
    pthread_mutex_lock(&j->lock);
    for (struct chunk *c = p->begin; c != p->end;) {
        struct chunk *next = c->next;
        jr_spare(j, c);
        c = next;
    }
    atomic_fetch_sub(&j->backlog, p->bytes);
    j->sync_ms += (sync_ms - j->sync_ms) / (j->syncs ? SYNC_SHARE : 1);
    j->syncs++;
    *j->stalled = '\0';
    pthread_cond_broadcast(&j->synced);
    pthread_cond_broadcast(&j->room);
    pthread_mutex_unlock(&j->lock);

    pthread_mutex_lock(&j->listening);
    for (unsigned i = 0; i < j->listener_count; i++)
        j->listeners[i].notify(j->listeners[i].arg);
    pthread_mutex_unlock(&j->listening);
}

/* On success the batch is what is left of it. */
static bool write_piece(struct journal *j, struct chunk **batch, struct err *err)
{
    const struct chunk *first = *batch;
    const struct seg *seg = &j->index.seg;
    if (j->fd >= 0 && seg->end > SEG_HEAD &&
        seg->end + first->len > j->limits.segment_bytes)
        seal(j);
    if (j->fd < 0 && !jr_begin(j, le64(first->bytes + 8), err))
        return false;
    struct piece p = piece_of(j, *batch);
    double sync_ms;
    if (!write_chunks(j, &p, err) || !sync_chunks(j, &sync_ms, err))
        return false;
    *batch = p.end;
    publish(j, &p);
    let_go(j, &p, sync_ms);
    return true;
}

/* ---- the thread ---- */

/* Says why and waits a while.  False when there is no time left to try again. */
static bool stall(struct journal *j, const char *why)
{
    struct timespec deadline = jr_deadline(RETRY_MS);
    pthread_mutex_lock(&j->lock);
    snprintf(j->stalled, sizeof j->stalled, "%s", why);
    bool again = !j->closing;
    while (!j->closing && pthread_cond_timedwait(&j->work, &j->lock, &deadline) == 0)
        ;
    pthread_mutex_unlock(&j->lock);
    return again;
}

/* The journal closes on a disk that cannot be written: nobody was told that these are
 * safe. */
static void give_up(struct chunk *batch)
{
    while (batch) {
        struct chunk *next = batch->next;
        free(batch);
        batch = next;
    }
}

static void write_batch(struct journal *j, struct chunk *batch)
{
    while (batch) {
        struct err err;
        if (!write_piece(j, &batch, &err) && !stall(j, err.text)) {
            give_up(batch);
            return;
        }
    }
}

static bool is_past(const struct timespec *deadline)
{
    struct timespec now = jr_deadline(0);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

/* NULL when there is none before the deadline, or when the journal closes.  The first
 * entry after a quiet time goes at once; under load a sync waits for its turn, so that
 * it serves more of them: a sync and the wakes after it cost as much as ten frames. */
static struct chunk *await_batch(struct journal *j, const struct timespec *deadline,
                                 struct timespec *next_sync, bool *closing)
{
    int late = 0;
    pthread_mutex_lock(&j->lock);
    while (!j->pending && !j->closing && !late) {
        j->idle = true;
        late = pthread_cond_timedwait(&j->work, &j->lock, deadline);
    }
    j->idle = false;
    while (j->pending && !j->closing && !is_past(next_sync))
        pthread_cond_timedwait(&j->work, &j->lock, next_sync);
    struct chunk *batch = j->pending;
    j->pending = j->pending_last = NULL;
    *closing = j->closing;
    pthread_mutex_unlock(&j->lock);
    *next_sync = jr_deadline(SPACING_MS);
    return batch;
}

void *jr_writer(void *journal)
{
    struct journal *j = journal;
    struct timespec next_retire = jr_deadline(0);
    struct timespec next_sync = next_retire;
    bool closing = false;
    while (!closing) {
        struct chunk *batch = await_batch(j, &next_retire, &next_sync, &closing);
        write_batch(j, batch);
        if (is_past(&next_retire)) {
            retire(j);
            next_retire = jr_deadline(RETIRE_MS);
        }
    }
    return NULL;
}
