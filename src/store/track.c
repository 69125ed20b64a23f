/*
 * track.c - adding positions to tails.
 */
#include "store/track_inner.h"

#include <stdlib.h>

enum { TABLE_FIRST = 1024 };

/* ---- opening ---- */

struct tracks *tr_open(struct store *st, size_t budget_bytes)
{
    struct tracks *t = mem_zero(sizeof *t);
    t->store = st;
    t->budget = budget_bytes ? budget_bytes : (size_t)256 << 20;
    t->table_size = TABLE_FIRST;
    t->table = mem_zero(t->table_size * sizeof(struct tail *));
    t->writer = cw_new();
    t->position = mem_zero(sizeof *t->position);
    t->adding = mem_zero(sizeof *t->adding);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->readers_lock, NULL);
    pthread_mutex_init(&t->windows_lock, NULL);
    return t;
}

void tr_close(struct tracks *t)
{
    if (!t)
        return;
    while (t->full_count) {
        struct tail *tail = t->full[--t->full_count];
        tail->listed = false;
        tail_release(tail);
    }
    while (t->flight_count) {
        struct tail *tail = t->flight[--t->flight_count];
        tail->flying = false;
        tail_release(tail);
    }
    for (size_t i = 0; i < t->table_size; i++)
        for (struct tail *tail = t->table[i], *next; tail; tail = next) {
            next = tail->next;
            free(tail);
        }
    for (uint32_t i = 0; i < t->name_count; i++)
        free(t->names[i]);
    for (size_t i = 0; i < t->reader_count; i++)
        cr_free(t->readers[i]);
    windows_fini(t);
    pool_fini(&t->pool);
    cw_free(t->writer);
    buf_fini(&t->data);
    buf_fini(&t->bytes);
    free(t->table);
    free(t->full);
    free(t->flight);
    free(t->chunks);
    free(t->items);
    free(t->position);
    free(t->adding);
    pthread_mutex_destroy(&t->lock);
    pthread_mutex_destroy(&t->readers_lock);
    pthread_mutex_destroy(&t->windows_lock);
    free(t);
}

/* ---- the table ---- */

static struct tail **slot_of(const struct tracks *t, int64_t device_id)
{
    uint64_t mixed = (uint64_t)device_id * UINT64_C(0x9e3779b97f4a7c15);
    return &t->table[(mixed >> 32) & (t->table_size - 1)];
}

struct tail *tail_find(const struct tracks *t, int64_t device_id)
{
    struct tail *tail = *slot_of(t, device_id);
    while (tail && tail->device_id != device_id)
        tail = tail->next;
    return tail;
}

static void grow_table(struct tracks *t)
{
    struct tail **old = t->table;
    size_t old_size = t->table_size;
    t->table_size *= 2;
    t->table = mem_zero(t->table_size * sizeof(struct tail *));
    for (size_t i = 0; i < old_size; i++)
        for (struct tail *tail = old[i], *next; tail; tail = next) {
            struct tail **slot = slot_of(t, tail->device_id);
            next = tail->next;
            tail->next = *slot;
            *slot = tail;
        }
    free(old);
}

struct tail *tail_get(struct tracks *t, int64_t device_id)
{
    struct tail *tail = tail_find(t, device_id);
    if (tail)
        return tail;
    struct tail made = {.device_id = device_id};
    pthread_mutex_unlock(&t->lock);
    st_chunked(t->store, device_id, &made.chunked_id, &made.chunked_ms, &made.newest_ms);
    made.last_id = made.chunked_id;
    pthread_mutex_lock(&t->lock);
    tail = tail_find(t, device_id);
    if (tail)
        return tail;
    if (t->tail_count++ == t->table_size)
        grow_table(t);
    tail = mem_copy(&made, sizeof made);
    struct tail **slot = slot_of(t, device_id);
    tail->next = *slot;
    *slot = tail;
    return tail;
}

/* ---- those that wait ---- */

void tail_wait(struct tracks *t, struct tail *tail, int64_t ms)
{
    tail->since_ms = ms;
    tail->older = t->newest;
    tail->newer = NULL;
    *(t->newest ? &t->newest->newer : &t->oldest) = tail;
    t->newest = tail;
}

void tail_unwait(struct tracks *t, struct tail *tail)
{
    *(tail->older ? &tail->older->newer : &t->oldest) = tail->newer;
    *(tail->newer ? &tail->newer->older : &t->newest) = tail->older;
}

void tail_release(struct tail *tail)
{
    if (tail->gone && !tail->listed && !tail->flying)
        free(tail);
}

/* ---- protocols ---- */

/* Names come from the program's own table, so they are few; any beyond share the last
 * number. */
static uint32_t number_protocol(struct tracks *t, const char *name)
{
    uint32_t i = 0;
    while (i < t->name_count && strcmp(t->names[i], name))
        i++;
    if (i < t->name_count)
        return i;
    if (i == PROTOCOLS_MAX)
        return PROTOCOLS_MAX - 1;
    t->names[t->name_count++] = mem_text(name);
    return i;
}

/* ---- adding ---- */

static void add_extra(struct record *rec, uint32_t key, double value)
{
    if (!rec_find(rec, key))
        rec_num(rec, key, value);
}

void tr_compose(const struct tr_item *item, struct position *p)
{
    const struct tr_extra *x = &item->extra;
    struct record *rec = &p->rec;
    p->id = item->id;
    p->device_id = item->device_id;
    p->server_ms = item->server_ms;
    p->outdated = x->outdated;
    p->kind = item->kind;
    span_copy(span_of(item->protocol ? item->protocol : ""), p->protocol,
              sizeof p->protocol);
    rec_unpack(item->packed, rec);
    if (x->outdated) {
        rec->fix_ms = x->fix_ms;
        rec->latitude_deg = x->latitude_deg;
        rec->longitude_deg = x->longitude_deg;
        rec->altitude_m = x->altitude_m;
    }
    add_extra(rec, KEY_DISTANCE_M, x->distance_m);
    add_extra(rec, KEY_TOTAL_DISTANCE_M, x->total_distance_m);
    add_extra(rec, KEY_HOURS_MS, x->hours_ms);
    if (x->motion >= 0 && !rec_find(rec, KEY_MOTION))
        rec_bool(rec, KEY_MOTION, x->motion);
}

/* FNV-1a over both, and what lies between them. */
uint32_t tr_kind(struct span message, struct span alarm)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < message.len; i++)
        hash = (hash ^ message.ptr[i]) * 16777619u;
    hash = (hash ^ 0xff) * 16777619u;
    for (size_t i = 0; i < alarm.len; i++)
        hash = (hash ^ alarm.ptr[i]) * 16777619u;
    return hash;
}

static void list_full(struct tracks *t, struct tail *tail)
{
    if (t->full_count == t->full_size) {
        t->full_size = t->full_size ? t->full_size * 2 : 64;
        t->full = mem_grow(t->full, t->full_size * sizeof *t->full);
    }
    t->full[t->full_count++] = tail;
    tail->listed = true;
}

/* The times of an item, from the head of its record.  False where that is none. */
static bool look(struct position *p, const struct tr_item *item, struct item_key *out,
                 int64_t *newest_ms)
{
    if (!rec_unpack_head(item->packed, &p->rec))
        return false;
    p->id = item->id;
    p->server_ms = item->server_ms;
    p->outdated = item->extra.outdated;
    p->kind = item->kind;
    if (p->outdated)
        p->rec.fix_ms = item->extra.fix_ms;
    out->time_ms = chunk_time(p);
    out->own_ms = chunk_own_time(p);
    *newest_ms = chunk_newest(p, out->time_ms);
    return true;
}

void tr_add(struct tracks *t, const struct tr_item *item)
{
    struct item_key key;
    int64_t newest_ms;
    if (!look(t->adding, item, &key, &newest_ms))
        return;
    pthread_mutex_lock(&t->lock);
    struct tail *tail = tail_get(t, item->device_id);
    if (item->id > tail->last_id) {
        tail->last_id = item->id;
        if (!tail->waiting.count)
            tail_wait(t, tail, item->server_ms);
        run_add(&t->pool, &tail->waiting, item, key,
                number_protocol(t, item->protocol ? item->protocol : ""));
        if (newest_ms > tail->newest_ms)
            tail->newest_ms = newest_ms;
        if (tail->waiting.count >= TR_CHUNK && !tail->listed)
            list_full(t, tail);
    }
    pthread_mutex_unlock(&t->lock);
}

void tr_forget(struct tracks *t, int64_t device_id)
{
    pthread_mutex_lock(&t->lock);
    struct tail *tail = tail_find(t, device_id);
    if (tail) {
        struct tail **slot = slot_of(t, device_id);
        while (*slot != tail)
            slot = &(*slot)->next;
        *slot = tail->next;
        t->tail_count--;
        if (tail->waiting.count)
            tail_unwait(t, tail);
        t->flight_bytes -= run_bytes(&tail->flight);
        run_clear(&t->pool, &tail->waiting);
        run_clear(&t->pool, &tail->flight);
        tail->gone = true;
        tail_release(tail);
    }
    pthread_mutex_unlock(&t->lock);
}

uint64_t tr_tail_seq(const struct tracks *t)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&t->lock;
    pthread_mutex_lock(lock);
    uint64_t seq = t->oldest ? (uint64_t)t->oldest->waiting.first_id : UINT64_MAX;
    pthread_mutex_unlock(lock);
    return seq;
}
