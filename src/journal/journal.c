/*
 * journal.c - the journal as appenders see it: opening, handing in, waiting, listening.
 *
 * Appenders pack outside of the lock.  Under it they take a seq and copy the entry
 * behind those that wait; sums, files and indexes are the writer's.
 */
#include "journal/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/inner.h"

enum {
    SEGMENT_BYTES = 64 << 20,
    SEGMENT_BYTES_MIN = 4 << 10,
    SEGMENT_BYTES_MAX = 1 << 30,
    CHUNK_BYTES = 1 << 20,
    SPARES_MAX = 4,
    PACKED_NEAR = 4 << 10, /* larger entries are packed on the heap */
};

/* Above this jr_append() waits. */
static const size_t backlog_end = 4 * (size_t)JR_BACKLOG_MAX;

int64_t jr_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct timespec jr_deadline(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + ms % 1000 * 1000000;
    t.tv_sec += ms / 1000 + ns / 1000000000;
    t.tv_nsec = ns % 1000000000;
    return t;
}

/* ---- opening ---- */

static void init_locks(struct journal *j)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&j->work, &attr);
    pthread_cond_init(&j->synced, &attr);
    pthread_cond_init(&j->room, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&j->lock, NULL);
    pthread_mutex_init(&j->meta, NULL);
    pthread_mutex_init(&j->indexing, NULL);
    pthread_mutex_init(&j->listening, NULL);
}

static void init_limits(struct journal *j, const struct jr_limits *limits)
{
    if (limits)
        j->limits = *limits;
    uint64_t *bytes = &j->limits.segment_bytes;
    if (!*bytes)
        *bytes = SEGMENT_BYTES;
    if (*bytes < SEGMENT_BYTES_MIN)
        *bytes = SEGMENT_BYTES_MIN;
    if (*bytes > SEGMENT_BYTES_MAX)
        *bytes = SEGMENT_BYTES_MAX;
    j->chunk_bytes = *bytes / 4 < CHUNK_BYTES ? *bytes / 4 : CHUNK_BYTES;
}

/* A directory that was just made is synced in the one that holds it. */
static bool sync_parent(struct journal *j, struct err *err)
{
    int parent = openat(j->dir.fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = parent >= 0 && !fsync(parent);
    if (!ok)
        err_set(err, ERR_IO, "journal %.100s: sync: %s", j->dir.path, strerror(errno));
    if (parent >= 0)
        close(parent);
    return ok;
}

static bool open_dir(struct journal *j, struct err *err)
{
    bool made = !mkdir(j->dir.path, 0750);
    if (!made && errno != EEXIST)
        return err_set(err, ERR_IO, "journal %.100s: %s", j->dir.path, strerror(errno));
    j->dir.fd = open(j->dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->dir.fd < 0)
        return err_set(err, ERR_IO, "journal %.100s: %s", j->dir.path, strerror(errno));
    return !made || sync_parent(j, err);
}

static bool lock_dir(struct journal *j, struct err *err)
{
    j->lock_fd = openat(j->dir.fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (j->lock_fd < 0)
        return err_set(err, ERR_IO, "journal %.100s/lock: %s", j->dir.path,
                       strerror(errno));
    if (!flock(j->lock_fd, LOCK_EX | LOCK_NB))
        return true;
    return err_set(err, ERR_BUSY, "journal %.100s: in use by another process",
                   j->dir.path);
}

struct journal *jr_open(const char *dir, const struct jr_limits *limits, struct err *err)
{
    struct journal *j = mem_zero(sizeof *j);
    j->dir = (struct seg_dir){.fd = -1, .path = mem_text(dir)};
    j->lock_fd = j->fd = -1;
    init_locks(j);
    init_limits(j, limits);
    if (!open_dir(j, err) || !lock_dir(j, err) || !jr_recover(j, err))
        goto fail;
    int failed = pthread_create(&j->writer, NULL, jr_writer, j);
    if (failed) {
        err_set(err, ERR_IO, "journal %.100s: thread: %s", dir, strerror(failed));
        goto fail;
    }
    j->writing = true;
    return j;

fail:
    jr_close(j);
    return NULL;
}

static void free_chunks(struct chunk *c)
{
    while (c) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
}

static void stop_writer(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    j->closing = true;
    pthread_cond_broadcast(&j->work);
    pthread_cond_broadcast(&j->room);
    pthread_cond_broadcast(&j->synced);
    pthread_mutex_unlock(&j->lock);
    if (j->writing)
        pthread_join(j->writer, NULL);
}

void jr_close(struct journal *j)
{
    if (!j)
        return;
    stop_writer(j);
    free_chunks(j->pending);
    free_chunks(j->spares);
    ix_fini(&j->index);
    free(j->segs);
    int fds[] = {j->fd, j->lock_fd, j->dir.fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_cond_destroy(&j->work);
    pthread_cond_destroy(&j->synced);
    pthread_cond_destroy(&j->room);
    pthread_mutex_destroy(&j->lock);
    pthread_mutex_destroy(&j->meta);
    pthread_mutex_destroy(&j->indexing);
    pthread_mutex_destroy(&j->listening);
    free((char *)j->dir.path);
    free(j);
}

/* ---- handing in ---- */

void jr_spare(struct journal *j, struct chunk *c)
{
    if (j->spare_count >= SPARES_MAX || c->size != j->chunk_bytes) {
        free(c);
        return;
    }
    c->next = j->spares;
    j->spares = c;
    j->spare_count++;
}

static struct chunk *chunk_new(struct journal *j, size_t len)
{
    struct chunk *c = j->spares;
    size_t size = len > j->chunk_bytes ? len : j->chunk_bytes;
    if (c && len <= c->size) {
        j->spares = c->next;
        j->spare_count--;
    } else {
        c = mem_grow(NULL, sizeof *c + size);
        c->size = size;
    }
    c->next = NULL;
    c->len = 0;
    c->summed = false;
    return c;
}

/* Room behind the entries that wait. */
static uint8_t *pending_room(struct journal *j, size_t len)
{
    struct chunk *c = j->pending_last;
    if (!c || c->size - c->len < len) {
        c = chunk_new(j, len);
        if (j->pending)
            j->pending_last->next = c;
        else
            j->pending = c;
        j->pending_last = c;
    }
    uint8_t *at = c->bytes + c->len;
    c->len += len;
    return at;
}

static uint64_t hand_in(struct journal *j, struct span packed, uint64_t seqs)
{
    pthread_mutex_lock(&j->lock);
    while (atomic_load_explicit(&j->backlog, memory_order_relaxed) > backlog_end &&
           !j->closing)
        pthread_cond_wait(&j->room, &j->lock);
    if (j->closing || j->next_seq + seqs > SEG_SEQ_END) {
        pthread_mutex_unlock(&j->lock);
        return 0;
    }
    uint64_t seq = j->next_seq;
    j->next_seq += seqs;
    uint8_t *at = pending_room(j, SEG_ENTRY_HEAD + packed.len);
    seg_entry_head(at, (uint32_t)packed.len, seq);
    memcpy(at + SEG_ENTRY_HEAD, packed.ptr, packed.len);
    atomic_fetch_add_explicit(&j->backlog, SEG_ENTRY_HEAD + packed.len,
                              memory_order_relaxed);
    bool wake = j->idle;
    j->idle = false;
    pthread_mutex_unlock(&j->lock);
    if (wake)
        pthread_cond_signal(&j->work);
    return seq;
}

uint64_t jr_append(struct journal *j, const struct entry *e)
{
    if (!entry_valid(e))
        return 0;
    uint8_t near[PACKED_NEAR];
    size_t bound = entry_bound(e);
    uint8_t *packed = bound <= sizeof near ? near : mem_grow(NULL, bound);
    size_t len = entry_write(e, packed);
    uint64_t seq = 0;
    if (len <= ENTRY_BYTES_MAX)
        seq = hand_in(j, (struct span){packed, len}, entry_seqs(e));
    if (packed != near)
        free(packed);
    return seq;
}

/* ---- waiting ---- */

uint64_t jr_durable(const struct journal *j)
{
    return atomic_load(&j->durable_seq);
}

size_t jr_backlog(const struct journal *j)
{
    return atomic_load_explicit(&j->backlog, memory_order_relaxed);
}

bool jr_wait(struct journal *j, uint64_t seq, int timeout_ms)
{
    struct timespec deadline = jr_deadline(timeout_ms > 0 ? timeout_ms : 0);
    int late = 0;
    pthread_mutex_lock(&j->lock);
    while (jr_durable(j) <= seq && !late && !j->closing)
        late = pthread_cond_timedwait(&j->synced, &j->lock, &deadline);
    pthread_mutex_unlock(&j->lock);
    return jr_durable(j) > seq;
}

void jr_listen(struct journal *j, void (*notify)(void *arg), void *arg)
{
    pthread_mutex_lock(&j->listening);
    assert(j->listener_count < JR_LISTENERS_MAX);
    j->listeners[j->listener_count].notify = notify;
    j->listeners[j->listener_count].arg = arg;
    j->listener_count++;
    pthread_mutex_unlock(&j->listening);
}

void jr_unlisten(struct journal *j, void (*notify)(void *arg), void *arg)
{
    pthread_mutex_lock(&j->listening);
    for (unsigned i = 0; i < j->listener_count; i++)
        if (j->listeners[i].notify == notify && j->listeners[i].arg == arg) {
            j->listeners[i] = j->listeners[--j->listener_count];
            break;
        }
    pthread_mutex_unlock(&j->listening);
}

/* ---- telling ---- */

char *jr_stalled(const struct journal *j, char *out, size_t size)
{
    struct journal *own = (struct journal *)j;
    pthread_mutex_lock(&own->lock);
    snprintf(out, size, "%s", j->stalled);
    pthread_mutex_unlock(&own->lock);
    return out;
}

void jr_release(struct journal *j, uint64_t seq)
{
    pthread_mutex_lock(&j->lock);
    if (seq > j->released_seq)
        j->released_seq = seq;
    pthread_mutex_unlock(&j->lock);
}

void jr_stats(const struct journal *j, struct jr_stats *out)
{
    struct journal *own = (struct journal *)j;
    *out = (struct jr_stats){.oldest_ms = TIME_NONE};
    pthread_mutex_lock(&own->lock);
    out->next_seq = out->first_seq = j->next_seq;
    out->syncs = j->syncs;
    out->sync_ms = j->sync_ms;
    pthread_mutex_unlock(&own->lock);

    pthread_mutex_lock(&own->meta);
    out->segments = j->seg_count;
    for (size_t i = 0; i < j->seg_count; i++)
        out->bytes += j->segs[i].end;
    if (j->seg_count) {
        out->first_seq = j->segs[0].first_seq;
        if (j->segs[0].min_ms <= j->segs[0].max_ms)
            out->oldest_ms = j->segs[0].min_ms;
    }
    pthread_mutex_unlock(&own->meta);
}
