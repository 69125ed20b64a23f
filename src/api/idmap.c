/*
 * idmap.c - linear probing, at most two thirds full; removal shifts back.
 */
#include "api/idmap.h"

#include <stdlib.h>

#include "core/mem.h"

/* Where an id belongs: ids are dense, so their bits are spread first. */
static size_t home(const struct idmap *m, int64_t id)
{
    uint64_t h = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (m->size - 1);
}

static struct idmap_slot *slot_of(const struct idmap *m, int64_t id)
{
    size_t at = home(m, id);
    while (m->slots[at].id && m->slots[at].id != id)
        at = (at + 1) & (m->size - 1);
    return &m->slots[at];
}

int64_t *idmap_find(const struct idmap *m, int64_t id)
{
    if (!m->count || id <= 0)
        return NULL;
    struct idmap_slot *s = slot_of(m, id);
    return s->id ? &s->value : NULL;
}

static void grow(struct idmap *m)
{
    struct idmap old = *m;
    m->size = old.size ? old.size * 2 : 8;
    m->slots = mem_zero(m->size * sizeof *m->slots);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].id)
            *slot_of(m, old.slots[i].id) = old.slots[i];
    free(old.slots);
}

void idmap_put(struct idmap *m, int64_t id, int64_t value)
{
    if (id <= 0)
        return;
    if ((m->count + 1) * 3 > m->size * 2)
        grow(m);
    struct idmap_slot *s = slot_of(m, id);
    m->count += !s->id;
    *s = (struct idmap_slot){id, value};
}

void idmap_remove(struct idmap *m, int64_t id)
{
    if (!idmap_find(m, id))
        return;
    size_t mask = m->size - 1;
    size_t hole = (size_t)(slot_of(m, id) - m->slots);
    for (size_t at = (hole + 1) & mask; m->slots[at].id; at = (at + 1) & mask) {
        /* An entry may move back to the hole unless it would pass its home. */
        size_t want = home(m, m->slots[at].id);
        if (((at - want) & mask) < ((at - hole) & mask))
            continue;
        m->slots[hole] = m->slots[at];
        hole = at;
    }
    m->slots[hole] = (struct idmap_slot){0};
    m->count--;
}

void idmap_fini(struct idmap *m)
{
    free(m->slots);
    *m = (struct idmap){0};
}

void idmap_ids(const struct idmap *m, int64_t **ids, size_t *count)
{
    if (!m->count)
        return;
    *ids = mem_grow(*ids, (*count + m->count) * sizeof **ids);
    for (size_t i = 0; i < m->size; i++)
        if (m->slots[i].id)
            (*ids)[(*count)++] = m->slots[i].id;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t ids_sort(int64_t *ids, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(ids, count, sizeof *ids, by_id);
    for (size_t i = 0; i < count; i++)
        if (!kept || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return kept;
}

bool ids_has(const int64_t *ids, size_t count, int64_t id)
{
    return count && bsearch(&id, ids, count, sizeof *ids, by_id);
}
