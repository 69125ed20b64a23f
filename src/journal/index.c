/*
 * index.c - the index of a growing segment, in memory.
 *
 * Postings stand in the order of the entries; each names the one before it of the same
 * subject, so a subject needs to know only its newest.  Subjects are found through an
 * open hash table that is at most half full.
 */
#include "journal/index.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SLOT_BITS_MIN = 6, ROWS_MIN = 64 };

/* Makes room for one more row behind `count`. */
static void *room(void *rows, uint32_t count, uint32_t *size, size_t row_bytes)
{
    if (count < *size)
        return rows;
    assert(count < UINT32_MAX / 2);
    *size = count ? 2 * count : ROWS_MIN;
    return mem_grow(rows, *size * row_bytes);
}

void ix_init(struct ix *x, uint64_t first_seq)
{
    *x = (struct ix){
        .seg = {.first_seq = first_seq,
                .next_seq = first_seq,
                .end = SEG_HEAD,
                .min_ms = INT64_MAX,
                .max_ms = INT64_MIN},
        .slot_bits = SLOT_BITS_MIN,
        .slots = mem_zero(sizeof *x->slots << SLOT_BITS_MIN),
    };
    if (getrandom(&x->seed, sizeof x->seed, GRND_NONBLOCK) < 0)
        x->seed = (uintptr_t)x->slots * UINT64_C(0x9e3779b97f4a7c15);
    x->seed |= 1;
}

void ix_fini(struct ix *x)
{
    free(x->subjects);
    free(x->postings);
    free(x->stretches);
    free(x->slots);
    *x = (struct ix){0};
}

/* The slot where the key stands, or the free one where it would. */
static uint32_t *slot_of(const struct ix *x, uint64_t key)
{
    uint32_t last = (UINT32_C(1) << x->slot_bits) - 1;
    uint32_t i = (uint32_t)((key * x->seed) >> (64 - x->slot_bits));
    while (x->slots[i] && x->subjects[x->slots[i] - 1].key != key)
        i = (i + 1) & last;
    return &x->slots[i];
}

static void widen_slots(struct ix *x)
{
    free(x->slots);
    x->slot_bits++;
    x->slots = mem_zero(sizeof *x->slots << x->slot_bits);
    for (uint32_t i = 0; i < x->subject_count; i++)
        *slot_of(x, x->subjects[i].key) = i + 1;
}

static struct ix_subject *subject_of(struct ix *x, uint64_t key)
{
    uint32_t *slot = slot_of(x, key);
    if (*slot)
        return &x->subjects[*slot - 1];
    if (x->subject_count >= UINT32_C(1) << (x->slot_bits - 1)) {
        widen_slots(x);
        slot = slot_of(x, key);
    }
    x->subjects =
        room(x->subjects, x->subject_count, &x->subject_size, sizeof *x->subjects);
    struct ix_subject *s = &x->subjects[x->subject_count];
    *s = (struct ix_subject){.key = key};
    *slot = ++x->subject_count;
    return s;
}

/* The stretch that an entry at pos is in. */
static struct ix_stretch *stretch_of(struct ix *x, const struct entry *e, uint32_t pos)
{
    uint32_t n = x->stretch_count;
    if (n && pos - x->stretches[n - 1].pos < IX_STRETCH)
        return &x->stretches[n - 1];
    x->stretches = room(x->stretches, n, &x->stretch_size, sizeof *x->stretches);
    x->stretches[n] = (struct ix_stretch){e->seq, e->arrival_ms, e->arrival_ms, pos};
    return &x->stretches[x->stretch_count++];
}

static void widen_span(int64_t ms, int64_t *min_ms, int64_t *max_ms)
{
    if (ms < *min_ms)
        *min_ms = ms;
    if (ms > *max_ms)
        *max_ms = ms;
}

void ix_add(struct ix *x, const struct entry *e, uint64_t pos, uint64_t end)
{
    assert(end <= UINT32_MAX);
    struct ix_subject *s =
        subject_of(x, entry_subject(e->device, &e->peer) >> (64 - IX_KEY_BITS));
    x->postings = room(x->postings, x->entries, &x->posting_size, sizeof *x->postings);
    x->postings[x->entries] = (struct ix_posting){(uint32_t)pos, s->last};
    s->last = x->entries++;
    s->count++;
    struct ix_stretch *stretch = stretch_of(x, e, (uint32_t)pos);
    widen_span(e->arrival_ms, &stretch->min_ms, &stretch->max_ms);
    widen_span(e->arrival_ms, &x->seg.min_ms, &x->seg.max_ms);
    x->seg.next_seq = e->seq + entry_seqs(e);
    x->seg.end = end;
}

void ix_ask(const struct ix *x, const uint64_t *subject, struct ix_answer *a)
{
    *a = (struct ix_answer){.stretch_count = x->stretch_count};
    a->stretches = mem_copy(x->stretches, x->stretch_count * sizeof *x->stretches);
    uint32_t slot = subject ? *slot_of(x, *subject >> (64 - IX_KEY_BITS)) : 0;
    if (!slot)
        return;
    const struct ix_subject *s = &x->subjects[slot - 1];
    a->places = mem_zero(s->count * sizeof *a->places);
    uint32_t posting = s->last;
    for (; a->place_count < s->count; posting = x->postings[posting].before)
        a->places[a->place_count++] = x->postings[posting].pos;
}

uint64_t ix_place(const struct ix_answer *a, uint64_t seq)
{
    uint64_t pos = SEG_HEAD;
    for (size_t i = 0; i < a->stretch_count && a->stretches[i].seq <= seq; i++)
        pos = a->stretches[i].pos;
    return pos;
}

void ix_answer_fini(struct ix_answer *a)
{
    free(a->places);
    free(a->stretches);
    *a = (struct ix_answer){0};
}
