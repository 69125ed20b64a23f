/*
 * track_repeat.c - is it there already?
 *
 * What is newer than all before is not.  Late positions come in runs, so what they are
 * compared with is kept: for a device and an hour, the keys of what its chunks hold.
 */
#include <math.h>
#include <stdlib.h>

#include "store/track_inner.h"

enum {
    HOUR_MS = 3600000,
    HOURS_BACK = 24,    /* how long a last known place may be known already */
    WINDOW_KEYS = 1024, /* a busier hour is read each time */
};

/* What is asked for: a key, and ids below the key's. */
static bool is_same(const struct chunk_key *there, const struct chunk_key *asked)
{
    return there->own_ms == asked->own_ms && there->latitude_e7 == asked->latitude_e7 &&
           there->longitude_e7 == asked->longitude_e7 && there->kind == asked->kind &&
           there->id < asked->id;
}

static bool tail_has(const struct tail_copy *copy, int64_t device_id,
                     const struct chunk_key *asked)
{
    if (!copy->bytes.len)
        return false;
    struct item_reader r = items_open(&copy->bytes, device_id);
    struct position *p = NULL;
    bool found = false;
    while (!found && items_next(&r)) {
        if (r.key.own_ms != asked->own_ms || r.item.kind != asked->kind ||
            r.item.id >= asked->id)
            continue;
        p = p ? p : mem_zero(sizeof *p);
        r.item.protocol = NULL;
        tr_compose(&r.item, p);
        struct chunk_key key = chunk_key(p);
        found = is_same(&key, asked);
    }
    free(p);
    return found;
}

/* ---- an hour of chunks ---- */

struct gathering {
    struct tracks *tracks;
    int64_t start_ms;
    struct chunk_key *keys;
    size_t count, size;
};

static bool gather(void *arg, const struct st_chunk *c)
{
    struct gathering *g = arg;
    struct chunk_reader *reader = reader_take(g->tracks);
    struct chunk_key key;
    if (cr_open(reader, c->device_id, (struct span){c->data, c->len}))
        for (; cr_peek(reader, &key); cr_skip(reader)) {
            if (key.time_ms < g->start_ms || key.time_ms >= g->start_ms + HOUR_MS)
                continue;
            if (g->count == g->size) {
                g->size = g->size ? g->size * 2 : 64;
                g->keys = mem_grow(g->keys, g->size * sizeof *g->keys);
            }
            g->keys[g->count++] = key;
        }
    reader_give(g->tracks, reader);
    return true;
}

static bool keys_have(const struct chunk_key *keys, size_t count,
                      const struct chunk_key *asked)
{
    for (size_t i = 0; i < count; i++)
        if (is_same(&keys[i], asked))
            return true;
    return false;
}

static struct window *window_at(struct tracks *t, int64_t device_id, int64_t start_ms)
{
    uint64_t mixed = ((uint64_t)device_id << 24 ^ (uint64_t)(start_ms / HOUR_MS)) *
                     UINT64_C(0x9e3779b97f4a7c15);
    return &t->windows[(mixed >> 32) % WINDOWS];
}

/* 1, 0, or -1 when the hour is not kept. */
static int window_has(struct tracks *t, int64_t device_id, int64_t start_ms,
                      int64_t chunked_id, const struct chunk_key *asked)
{
    int has = -1;
    pthread_mutex_lock(&t->windows_lock);
    const struct window *w = window_at(t, device_id, start_ms);
    if (w->device_id == device_id && w->start_ms == start_ms &&
        w->chunked_id == chunked_id)
        has = keys_have(w->keys, w->count, asked);
    pthread_mutex_unlock(&t->windows_lock);
    return has;
}

static void keep(struct tracks *t, int64_t device_id, int64_t chunked_id,
                 struct gathering *g)
{
    pthread_mutex_lock(&t->windows_lock);
    struct window *w = window_at(t, device_id, g->start_ms);
    free(w->keys);
    *w = (struct window){device_id, g->start_ms, chunked_id, g->keys, g->count};
    pthread_mutex_unlock(&t->windows_lock);
}

static bool hour_has(struct tracks *t, int64_t device_id, int64_t start_ms,
                     int64_t chunked_id, const struct chunk_key *asked)
{
    int has = window_has(t, device_id, start_ms, chunked_id, asked);
    if (has >= 0)
        return has;
    struct gathering g = {.tracks = t, .start_ms = start_ms};
    if (!st_chunks_each(t->store, device_id, start_ms, start_ms + HOUR_MS - 1, gather, &g,
                        NULL)) {
        free(g.keys);
        return false;
    }
    bool found = keys_have(g.keys, g.count, asked);
    if (g.count <= WINDOW_KEYS)
        keep(t, device_id, chunked_id, &g);
    else
        free(g.keys);
    return found;
}

void windows_fini(struct tracks *t)
{
    for (size_t i = 0; i < WINDOWS; i++)
        free(t->windows[i].keys);
}

/* ---- asking ---- */

static int64_t hour_of(int64_t ms)
{
    int64_t into = ms % HOUR_MS;
    return ms - (into < 0 ? into + HOUR_MS : into);
}

static bool is_newer(struct tracks *t, int64_t device_id, int64_t ms)
{
    pthread_mutex_lock(&t->lock);
    bool newer = ms > tail_get(t, device_id)->newest_ms;
    pthread_mutex_unlock(&t->lock);
    return newer;
}

bool tr_repeat(struct tracks *t, int64_t id, int64_t device_id, int64_t fix_ms,
               double latitude_deg, double longitude_deg, uint32_t kind)
{
    struct chunk_key asked = {.id = id,
                              .own_ms = fix_ms,
                              .latitude_e7 = chunk_e7(latitude_deg),
                              .longitude_e7 = chunk_e7(longitude_deg),
                              .kind = kind};
    if (fix_ms == TIME_NONE || is_newer(t, device_id, fix_ms))
        return false;
    struct tail_copy copy;
    tail_copy(t, device_id, &copy);
    bool found = tail_has(&copy, device_id, &asked);
    buf_fini(&copy.bytes);
    if (found)
        return true;
    /* What had no place of its own stands at the time of the last one before. */
    int64_t last_ms = hour_of(fix_ms);
    int64_t first_ms = asked.latitude_e7 == CHUNK_NO_PLACE
                           ? last_ms - (int64_t)HOURS_BACK * HOUR_MS
                           : last_ms;
    for (int64_t ms = last_ms; !found && ms >= first_ms; ms -= HOUR_MS)
        found = hour_has(t, device_id, ms, copy.chunked_id, &asked);
    return found;
}
