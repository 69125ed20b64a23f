/*
 * limits.c - a bounded table of counts: eight places a bucket, the longest unused one
 * gives way.
 */
#include "gateway/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/mem.h"

enum { WAYS = 8 };

struct slot {
    uint64_t key;
    uint64_t used; /* when, by the table's own count; 0: empty */
    double value;
    int64_t ms;
};

struct tally {
    pthread_mutex_t lock;
    uint64_t clock;
    size_t buckets; /* a power of two */
    struct slot *slots;
};

struct tally *tally_new(size_t size)
{
    struct tally *t = mem_zero(sizeof *t);
    t->buckets = 1;
    while (t->buckets * WAYS < size)
        t->buckets *= 2;
    t->slots = mem_zero(t->buckets * WAYS * sizeof *t->slots);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void tally_free(struct tally *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t->slots);
    free(t);
}

static struct slot *slot_of(struct tally *t, uint64_t key)
{
    uint64_t mixed = (key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15);
    struct slot *bucket = t->slots + (mixed >> 20 & (t->buckets - 1)) * WAYS;
    struct slot *oldest = bucket;
    for (struct slot *s = bucket; s < bucket + WAYS; s++) {
        if (s->used && s->key == key) {
            s->used = ++t->clock;
            return s;
        }
        if (s->used < oldest->used)
            oldest = s;
    }
    *oldest = (struct slot){.key = key, .used = ++t->clock, .ms = INT64_MIN};
    return oldest;
}

long tally_add(struct tally *t, uint64_t key, long by)
{
    pthread_mutex_lock(&t->lock);
    struct slot *s = slot_of(t, key);
    s->value += (double)by;
    if (s->value < 0)
        s->value = 0;
    long value = (long)s->value;
    pthread_mutex_unlock(&t->lock);
    return value;
}

bool tally_take(struct tally *t, uint64_t key, double per_minute, double burst,
                int64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    struct slot *s = slot_of(t, key);
    if (s->ms == INT64_MIN)
        s->value = burst;
    else if (now_ms > s->ms)
        s->value += (double)(now_ms - s->ms) / 60000 * per_minute;
    if (s->value > burst)
        s->value = burst;
    s->ms = now_ms;
    bool taken = s->value >= 1;
    if (taken)
        s->value -= 1;
    pthread_mutex_unlock(&t->lock);
    return taken;
}
