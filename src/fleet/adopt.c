/*
 * adopt.c - a stray becomes a device: it is registered, and what it sent before is
 * copied from the strays' journal into the main one.
 *
 * Each copy names its origin, and the device remembers the last origin that is in: so
 * copying again after a crash adds nothing twice.
 */
#include <stdlib.h>

#include "fleet/vehicle.h"

enum { COPIES_MAX = 1000000 };

struct seqs {
    uint64_t *items;
    size_t count, size;
};

static bool on_found(void *arg, const struct entry *e)
{
    struct seqs *s = arg;
    if (s->count == s->size) {
        s->size = s->size ? s->size * 2 : 256;
        s->items = mem_grow(s->items, s->size * sizeof *s->items);
    }
    s->items[s->count++] = e->seq;
    return s->count < COPIES_MAX;
}

/* The new seq of a copied entry that another one leans on; 0 when it was not copied. */
static uint64_t moved(const struct seqs *old, const uint64_t *new_seqs, uint64_t seq)
{
    size_t low = 0;
    size_t high = old->count; /* newest first */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (old->items[mid] == seq)
            return new_seqs[mid];
        if (old->items[mid] > seq)
            low = mid + 1;
        else
            high = mid;
    }
    return 0;
}

static bool copy_one(struct fleet *f, const struct seqs *old, uint64_t *new_seqs,
                     size_t i, struct buffer *hold, struct err *err)
{
    struct entry e;
    hold->len = 0;
    if (!jr_get(f->config.strays, old->items[i], &e, hold, err))
        return err->code == ERR_MISSING; /* retention has taken it meanwhile */
    e.origin_seq = e.seq;
    for (unsigned k = 0; k < ENTRY_LEANS_MAX; k++)
        e.leans[k] = e.leans[k] ? moved(old, new_seqs, e.leans[k]) : 0;
    new_seqs[i] = jr_append(f->config.journal, &e);
    return new_seqs[i] || err_set(err, ERR_BUSY, "the journal is closing");
}

bool adopt_copy(struct fleet *f, const struct st_device *d, struct err *err)
{
    struct seqs old = {0};
    struct buffer hold = {0};
    uint64_t last = 0;
    bool ok = jr_find(f->config.strays, entry_subject(span_of(d->unique_id), NULL),
                      INT64_MIN, INT64_MAX, 0, on_found, &old, err);
    uint64_t *new_seqs = mem_zero((old.count + 1) * sizeof *new_seqs);
    for (size_t i = old.count; ok && i-- > 0;) {
        ok = copy_one(f, &old, new_seqs, i, &hold, err);
        if (new_seqs[i])
            last = new_seqs[i];
    }
    while (ok && last && !jr_wait(f->config.journal, last, 1000))
        if (atomic_load(&f->stopping))
            ok = err_set(err, ERR_BUSY, "the server is stopping");
    free(new_seqs);
    free(old.items);
    buf_fini(&hold);
    return ok;
}

bool fl_adopt(struct fleet *f, struct st_device *d, struct err *err)
{
    struct st_device again = {0};
    d->adopting = true;
    if (!fl_device_put(f, d, err) || !adopt_copy(f, d, err))
        return false;
    bool ok = st_device_get(f->config.store, d->id, &again, err);
    if (ok) {
        again.adopting = d->adopting = false;
        ok = st_device_put(f->config.store, &again, err);
    }
    st_device_fini(&again);
    return ok;
}
