/*
 * track_read.c - chunks and tail as one, by time.
 *
 * Chunks come in the order of their first times.  Each stays open while it overlaps the
 * next one, so that as a rule one or two are; what lies before the next chunk's first
 * time is visited before that chunk is opened.
 */
#include <stdlib.h>

#include "store/track_inner.h"

/* ---- the tail ---- */

void tail_copy(struct tracks *t, int64_t device_id, struct tail_copy *out)
{
    *out = (struct tail_copy){.end_id = INT64_MAX, .newest_ms = TIME_NONE};
    pthread_mutex_lock(&t->lock);
    const struct tail *tail = tail_find(t, device_id);
    if (tail) {
        run_copy(&t->pool, &tail->flight, &out->bytes);
        run_copy(&t->pool, &tail->waiting, &out->bytes);
        out->end_id = tail->flight.count    ? tail->flight.first_id
                      : tail->waiting.count ? tail->waiting.first_id
                                            : tail->last_id + 1;
        out->chunked_id = tail->chunked_id;
        out->newest_ms = tail->newest_ms;
    }
    pthread_mutex_unlock(&t->lock);
}

/* ---- readers ---- */

struct chunk_reader *reader_take(struct tracks *t)
{
    struct chunk_reader *r = NULL;
    pthread_mutex_lock(&t->readers_lock);
    if (t->reader_count)
        r = t->readers[--t->reader_count];
    pthread_mutex_unlock(&t->readers_lock);
    return r ? r : cr_new();
}

void reader_give(struct tracks *t, struct chunk_reader *r)
{
    pthread_mutex_lock(&t->readers_lock);
    if (t->reader_count < READERS_KEPT) {
        t->readers[t->reader_count++] = r;
        r = NULL;
    }
    pthread_mutex_unlock(&t->readers_lock);
    cr_free(r);
}

/* ---- merging ---- */

/* What positions come from: an open chunk, or an item of the tail. */
struct merge {
    struct tracks *tracks;
    int64_t from_ms, to_ms;
    bool (*visit)(void *arg, const struct position *p);
    void *arg;
    bool stopped;
    struct err *err; /* of a chunk that is none */
    bool broken;

    struct tail_copy tail;
    struct closing *items; /* of the tail, within the times, in order */
    size_t item_count, item_next;

    struct {
        struct chunk_reader *reader;
        struct chunk_key key; /* of its next position */
    } * open;
    size_t open_count, open_size;
    struct position *position;
};

static void sort_tail(struct merge *m, int64_t device_id)
{
    if (!m->tail.bytes.len)
        return;
    struct item_reader r = items_open(&m->tail.bytes, device_id);
    size_t size = 0;
    while (items_next(&r)) {
        if (r.key.time_ms < m->from_ms || r.key.time_ms > m->to_ms)
            continue;
        if (m->item_count == size) {
            size = size ? size * 2 : TR_CHUNK;
            m->items = mem_grow(m->items, size * sizeof *m->items);
        }
        struct closing *c = &m->items[m->item_count++];
        *c = (struct closing){r.key.time_ms, r.item};
        c->item.protocol = m->tracks->names[r.protocol];
    }
    if (m->item_count)
        qsort(m->items, m->item_count, sizeof *m->items, closing_by_time);
}

static bool is_before(const struct chunk_key *key, int64_t ms, int64_t id)
{
    return key->time_ms < ms || (key->time_ms == ms && key->id < id);
}

/* To the next position that the reader has within what is asked for; else closes it. */
static void settle(struct merge *m, size_t i)
{
    struct chunk_reader *reader = m->open[i].reader;
    struct chunk_key *key = &m->open[i].key;
    while (cr_peek(reader, key) && key->time_ms <= m->to_ms) {
        if (key->time_ms >= m->from_ms)
            return;
        cr_skip(reader);
    }
    reader_give(m->tracks, reader);
    m->open[i] = m->open[--m->open_count];
}

static void visit_item(struct merge *m)
{
    tr_compose(&m->items[m->item_next++].item, m->position);
    m->stopped = !m->visit(m->arg, m->position);
}

static void visit_open(struct merge *m, size_t i)
{
    cr_next(m->open[i].reader, m->position);
    m->stopped = !m->visit(m->arg, m->position);
    settle(m, i);
}

/* Visits what comes before a time, or everything. */
static void drain(struct merge *m, bool all, int64_t before_ms)
{
    while (!m->stopped) {
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < m->open_count; i++)
            if (first == SIZE_MAX ||
                is_before(&m->open[i].key, m->open[first].key.time_ms,
                          m->open[first].key.id))
                first = i;
        const struct closing *item =
            m->item_next < m->item_count ? &m->items[m->item_next] : NULL;
        if (item && (first == SIZE_MAX ||
                     !is_before(&m->open[first].key, item->time_ms, item->item.id))) {
            if (!all && item->time_ms >= before_ms)
                return;
            visit_item(m);
        } else if (first != SIZE_MAX && (all || m->open[first].key.time_ms < before_ms)) {
            visit_open(m, first);
        } else {
            return;
        }
    }
}

static bool open_chunk(void *arg, const struct st_chunk *c)
{
    struct merge *m = arg;
    drain(m, false, c->first_ms);
    if (m->stopped)
        return false;
    if (c->first_id >= m->tail.end_id) /* closed since: the copy has all of it */
        return true;
    struct chunk_reader *reader = reader_take(m->tracks);
    if (!cr_open(reader, c->device_id, (struct span){c->data, c->len})) {
        reader_give(m->tracks, reader);
        m->broken = true;
        return err_set(m->err, ERR_IO, "track of device %lld: a chunk cannot be read",
                       (long long)c->device_id);
    }
    if (m->open_count == m->open_size) {
        m->open_size = m->open_size ? m->open_size * 2 : 4;
        m->open = mem_grow(m->open, m->open_size * sizeof *m->open);
    }
    m->open[m->open_count++].reader = reader;
    settle(m, m->open_count - 1);
    return true;
}

int64_t tr_time_ms(const struct position *p)
{
    return chunk_time(p);
}

bool tr_each(struct tracks *t, int64_t device_id, int64_t from_ms, int64_t to_ms,
             bool (*visit)(void *arg, const struct position *p), void *arg,
             struct err *err)
{
    struct merge m = {.tracks = t,
                      .from_ms = from_ms,
                      .to_ms = to_ms,
                      .visit = visit,
                      .arg = arg,
                      .err = err};
    m.position = mem_zero(sizeof *m.position);
    tail_copy(t, device_id, &m.tail);
    sort_tail(&m, device_id);
    bool ok = st_chunks_each(t->store, device_id, from_ms, to_ms, open_chunk, &m, err);
    ok = ok && !m.broken;
    if (ok)
        drain(&m, true, 0);
    while (m.open_count)
        reader_give(t, m.open[--m.open_count].reader);
    free(m.open);
    free(m.items);
    free(m.position);
    buf_fini(&m.tail.bytes);
    return ok;
}

/* ---- by id ---- */

struct search {
    struct tracks *tracks;
    int64_t id, device_id; /* 0: any device */
    struct position *out;
    bool found;
};

static bool search_chunk(void *arg, const struct st_chunk *c)
{
    struct search *s = arg;
    if (c->first_id > s->id || c->last_id < s->id ||
        (s->device_id && c->device_id != s->device_id))
        return true;
    struct chunk_reader *reader = reader_take(s->tracks);
    struct chunk_key key;
    if (cr_open(reader, c->device_id, (struct span){c->data, c->len}))
        while (cr_peek(reader, &key) && key.id != s->id)
            cr_skip(reader);
    s->found = cr_peek(reader, &key) && cr_next(reader, s->out);
    reader_give(s->tracks, reader);
    return !s->found;
}

static bool search_tail(struct search *s, int64_t device_id)
{
    struct tail_copy copy;
    tail_copy(s->tracks, device_id, &copy);
    bool found = false;
    if (copy.bytes.len) {
        struct item_reader r = items_open(&copy.bytes, device_id);
        while (!found && items_next(&r)) {
            found = r.item.id == s->id;
            if (found) {
                r.item.protocol = s->tracks->names[r.protocol];
                tr_compose(&r.item, s->out);
            }
        }
    }
    buf_fini(&copy.bytes);
    return found;
}

static bool run_may_hold(const struct run *r, int64_t id)
{
    return r->count && r->first_id <= id && r->last_id >= id;
}

/* Without the device every tail may hold it: rare, since events and the journal know the
 * device of an id. */
static bool search_tails(struct search *s)
{
    struct tracks *t = s->tracks;
    struct buffer ids = {0};
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->table_size; i++)
        for (const struct tail *tail = t->table[i]; tail; tail = tail->next)
            if (run_may_hold(&tail->flight, s->id) || run_may_hold(&tail->waiting, s->id))
                buf_add(&ids, &tail->device_id, sizeof tail->device_id);
    pthread_mutex_unlock(&t->lock);
    bool found = false;
    for (size_t at = 0; !found && at < ids.len; at += sizeof(int64_t)) {
        int64_t device_id;
        memcpy(&device_id, ids.ptr + at, sizeof device_id);
        found = search_tail(s, device_id);
    }
    buf_fini(&ids);
    return found;
}

bool tr_get(struct tracks *t, int64_t id, int64_t device_id, int64_t fix_ms,
            struct position *p, struct err *err)
{
    struct search s = {.tracks = t, .id = id, .device_id = device_id, .out = p};
    s.found = device_id ? search_tail(&s, device_id) : search_tails(&s);
    if (!s.found && device_id && fix_ms != TIME_NONE &&
        !st_chunks_each(t->store, device_id, fix_ms, fix_ms, search_chunk, &s, err))
        return false;
    if (!s.found && !st_chunks_holding(t->store, id, search_chunk, &s, err))
        return false;
    return s.found ||
           err_set(err, ERR_MISSING, "position %lld: there is none", (long long)id);
}
