/*
 * track_close.c - tails that are due become chunks.
 */
#include <stdlib.h>

#include "store/track_inner.h"

/* Closed in one call unless everything is asked for; the next call goes on. */
enum { DUE_MAX = 16384, HOUR_MS = 3600000 };

/* ---- what is due ---- */

/* Takes off what waits in a tail, behind what is in flight of it already. */
static void launch(struct tracks *t, struct tail *tail)
{
    if (tail->waiting.count)
        tail_unwait(t, tail);
    t->flight_bytes -= run_bytes(&tail->flight);
    if (tail->waiting.count && tail->flight.count)
        run_join(&t->pool, &tail->flight, &tail->waiting);
    else if (tail->waiting.count)
        tail->flight = tail->waiting;
    tail->waiting = (struct run){0};
    t->flight_bytes += run_bytes(&tail->flight);
    if (tail->flying)
        return;
    if (t->flight_count == t->flight_size) {
        t->flight_size = t->flight_size ? t->flight_size * 2 : 64;
        t->flight = mem_grow(t->flight, t->flight_size * sizeof *t->flight);
    }
    t->flight[t->flight_count++] = tail;
    tail->flying = true;
}

/* What was handed out and never stored is closed again, whole. */
static void launch_again(struct tracks *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->flight_count; i++) {
        struct tail *tail = t->flight[i];
        if (tail->gone) {
            tail->flying = false;
            tail_release(tail);
            continue;
        }
        launch(t, tail);
        t->flight[kept++] = tail;
    }
    t->flight_count = kept;
}

static void launch_full(struct tracks *t, bool all)
{
    size_t i = 0;
    for (; i < t->full_count && (all || t->flight_count < DUE_MAX); i++) {
        struct tail *tail = t->full[i];
        tail->listed = false;
        if (tail->gone)
            tail_release(tail);
        else if (tail->waiting.count >= TR_CHUNK)
            launch(t, tail);
    }
    t->full_count -= i;
    if (t->full_count)
        memmove(t->full, t->full + i, t->full_count * sizeof *t->full);
}

/* An hour has passed, or the clock was set back. */
static bool is_old(const struct tail *tail, int64_t now_ms)
{
    return now_ms - tail->since_ms >= HOUR_MS || tail->since_ms - now_ms > HOUR_MS;
}

static void launch_old(struct tracks *t, int64_t now_ms, bool all)
{
    while (t->oldest && (all || t->flight_count < DUE_MAX)) {
        bool over = pool_bytes(&t->pool) - t->flight_bytes > t->budget;
        if (!all && !over && !is_old(t->oldest, now_ms))
            return;
        launch(t, t->oldest);
    }
}

/* ---- chunks ---- */

int closing_by_time(const void *a, const void *b)
{
    const struct closing *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->item.id < y->item.id ? -1 : x->item.id > y->item.id;
}

/* The items of t->bytes in order; returns how many. */
static size_t sort_items(struct tracks *t, int64_t device_id)
{
    struct item_reader r = items_open(&t->bytes, device_id);
    size_t count = 0;
    bool sorted = true;
    while (items_next(&r)) {
        if (count == t->item_size) {
            t->item_size = t->item_size ? t->item_size * 2 : TR_CHUNK;
            t->items = mem_grow(t->items, t->item_size * sizeof *t->items);
        }
        struct closing *c = &t->items[count++];
        c->time_ms = r.key.time_ms;
        c->item = r.item;
        c->item.protocol = t->names[r.protocol];
        sorted &= count < 2 || closing_by_time(c - 1, c) < 0;
    }
    if (!sorted)
        qsort(t->items, count, sizeof *t->items, closing_by_time);
    return count;
}

static void add_chunk(struct tracks *t, const struct closing *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tr_compose(&items[i].item, t->position);
        /* Not so only where the record is none: then there is nothing to keep. */
        if (chunk_time(t->position) == items[i].time_ms)
            cw_add(t->writer, t->position);
    }
    if (!cw_count(t->writer))
        return;
    if (t->chunk_count == t->chunk_size) {
        t->chunk_size = t->chunk_size ? t->chunk_size * 2 : 64;
        t->chunks = mem_grow(t->chunks, t->chunk_size * sizeof *t->chunks);
    }
    struct st_chunk chunk = cw_finish(t->writer);
    t->chunks[t->chunk_count++] = chunk;
    buf_add(&t->data, chunk.data, chunk.len);
}

/* Chunks of about the same size, none too full and none too long. */
static void add_chunks(struct tracks *t, const struct closing *items, size_t count)
{
    while (count) {
        size_t pieces = (count + CHUNK_MAX - 1) / CHUNK_MAX;
        size_t take = (count + pieces - 1) / pieces;
        while ((uint64_t)items[take - 1].time_ms - (uint64_t)items[0].time_ms >
               ST_CHUNK_SPAN_MS)
            take--;
        add_chunk(t, items, take);
        items += take;
        count -= take;
    }
}

/* What came late, before times that chunks hold already, makes chunks of its own. */
static void close_tail(struct tracks *t, struct tail *tail)
{
    t->bytes.len = 0;
    pthread_mutex_lock(&t->lock);
    run_copy(&t->pool, &tail->flight, &t->bytes);
    int64_t chunked_ms = tail->chunked_ms;
    pthread_mutex_unlock(&t->lock);
    size_t count = sort_items(t, tail->device_id);
    size_t late = 0;
    while (late < count && t->items[late].time_ms <= chunked_ms)
        late++;
    add_chunks(t, t->items, late);
    add_chunks(t, t->items + late, count - late);
    tail->flight_ms = count ? t->items[count - 1].time_ms : chunked_ms;
}

size_t tr_due(struct tracks *t, int64_t now_ms, bool all, const struct st_chunk **chunks)
{
    pthread_mutex_lock(&t->lock);
    launch_again(t);
    launch_full(t, all);
    launch_old(t, now_ms, all);
    pthread_mutex_unlock(&t->lock);

    t->chunk_count = t->data.len = 0;
    for (size_t i = 0; i < t->flight_count; i++)
        close_tail(t, t->flight[i]);
    const unsigned char *at = t->data.ptr;
    for (size_t i = 0; i < t->chunk_count; i++) {
        t->chunks[i].data = at;
        at += t->chunks[i].len;
    }
    *chunks = t->chunks;
    return t->chunk_count;
}

void tr_stored(struct tracks *t)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->flight_count; i++) {
        struct tail *tail = t->flight[i];
        tail->flying = false;
        if (tail->gone) {
            tail_release(tail);
            continue;
        }
        tail->chunked_id = tail->flight.last_id;
        if (tail->flight_ms > tail->chunked_ms)
            tail->chunked_ms = tail->flight_ms;
        t->flight_bytes -= run_bytes(&tail->flight);
        run_clear(&t->pool, &tail->flight);
    }
    t->flight_count = 0;
    pthread_mutex_unlock(&t->lock);
}
