/*
 * keep.c - storing and forwarding.
 */
#include "simulate/keep.h"

#include <stdlib.h>

#include "core/mem.h"
#include "simulate/tracker.h"

enum { SETTLE_MS = 3000 }; /* how long stored reports wait for the first live one */

/* ---- the memory ---- */

static int by_number(const void *a, const void *b)
{
    const struct report *x = a;
    const struct report *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static void sort_memory(struct uplink *u)
{
    qsort(u->memory + u->first, u->count, sizeof *u->memory, by_number);
}

static void add(struct uplink *u, const struct report *r)
{
    if (u->count == UP_MEMORY_MAX) {
        u->first++;
        u->count--;
        u->counts.lost++;
    }
    if (u->first + u->count == u->size && u->first > u->size / 2) {
        memmove(u->memory, u->memory + u->first, u->count * sizeof *u->memory);
        u->first = 0;
    }
    if (u->first + u->count == u->size) {
        u->size = u->size ? u->size * 2 : 64;
        u->memory = mem_grow(u->memory, u->size * sizeof *u->memory);
    }
    u->memory[u->first + u->count++] = *r;
    u->counts.stored++;
}

void keep_put(struct uplink *u, const struct report *r)
{
    bool sorted = !u->count || u->memory[u->first + u->count - 1].number < r->number;
    add(u, r);
    if (!sorted)
        sort_memory(u);
}

/* ---- sent ---- */

void keep_sent(struct uplink *u, const struct report *r, bool stored)
{
    if (u->sent_count == u->sent_size) {
        u->sent_size = u->sent_size ? u->sent_size * 2 : 16;
        u->sent = mem_grow(u->sent, u->sent_size * sizeof *u->sent);
    }
    u->sent[u->sent_count++] = (struct up_sent){*r, u->now_ms, u->order, stored};
}

void keep_confirm(struct uplink *u, uint32_t order, bool earlier, uint8_t kinds)
{
    size_t left = 0;
    for (size_t i = 0; i < u->sent_count; i++) {
        const struct up_sent *s = &u->sent[i];
        bool done = s->order == order ||
                    (earlier && s->order < order && (s->report.frame & kinds));
        if (done)
            u->counts.confirmed++;
        else
            u->sent[left++] = *s;
    }
    u->sent_count = left;
}

void keep_give_back(struct uplink *u)
{
    for (size_t i = 0; i < u->sent_count; i++)
        add(u, &u->sent[i].report);
    if (u->sent_count)
        sort_memory(u);
    u->sent_count = 0;
}

bool keep_repeat(struct uplink *u, int64_t before_ms, uint8_t kinds)
{
    size_t left = 0;
    for (size_t i = 0; i < u->sent_count; i++) {
        const struct up_sent *s = &u->sent[i];
        if (s->sent_ms < before_ms && (s->report.frame & kinds))
            add(u, &s->report);
        else
            u->sent[left++] = *s;
    }
    bool some = left < u->sent_count;
    u->sent_count = left;
    if (some)
        sort_memory(u);
    return some;
}

/* ---- forwarding ---- */

static bool is_under_way(const struct uplink *u)
{
    for (size_t i = 0; i < u->sent_count; i++)
        if (u->sent[i].stored)
            return true;
    return false;
}

void keep_flow(struct tracker *t,
               bool (*send)(struct tracker *t, const struct report *r, bool stored))
{
    struct uplink *u = &t->up;
    bool settled = u->sent_live || u->now_ms - u->ready_ms >= SETTLE_MS;
    if (u->state != UP_READY || !u->count || !settled || is_under_way(u))
        return;
    bool silent = false;
    for (unsigned i = 0; i < UP_BATCH && u->count; i++) {
        size_t at = t->firmware->newest_first ? u->first + u->count - 1 : u->first;
        struct report r = u->memory[at];
        if (!send(t, &r, true))
            break;
        silent = silent || !(u->answers & r.frame);
        u->first += at == u->first;
        u->count--;
    }
    if (!u->count)
        u->first = 0;
    /* A heartbeat's answer says that the batch has arrived. */
    if (silent)
        up_heartbeat(t);
}
