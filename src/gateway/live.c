/*
 * live.c - who speaks where: a table by device id, and a small one by address.
 */
#include "gateway/live.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    TURNS_MAX = 3,            /* so often an old connection is closed for a new one */
    TURNS_WINDOW_MS = 300000, /* within this time and from the same address */
    ADDRESSES = 8192,
};

struct device {
    struct device *next;
    uint64_t hash;
    uint64_t talk; /* 0: none at present */
    unsigned loop;
    enum transport transport;
    struct peer peer;
    unsigned turns;
    int64_t turns_ms;
    struct gw_detection detection;
    char id[];
};

struct address {
    uint64_t hash;
    const struct protocol *protocol;
};

struct live {
    pthread_mutex_t lock;
    struct device **buckets;
    size_t size, count;
    struct address addresses[ADDRESSES];
};

static uint64_t hash_of(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(1099511628211);
    return h ^ h >> 31;
}

struct live *live_new(void)
{
    struct live *l = mem_zero(sizeof *l);
    l->size = 1024;
    l->buckets = mem_zero(l->size * sizeof *l->buckets);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->size; i++)
        for (struct device *d = l->buckets[i], *next; d; d = next) {
            next = d->next;
            free(d);
        }
    pthread_mutex_destroy(&l->lock);
    free(l->buckets);
    free(l);
}

static void grow(struct live *l)
{
    size_t size = l->size * 2;
    struct device **buckets = mem_zero(size * sizeof *buckets);
    for (size_t i = 0; i < l->size; i++)
        for (struct device *d = l->buckets[i], *next; d; d = next) {
            next = d->next;
            d->next = buckets[d->hash & (size - 1)];
            buckets[d->hash & (size - 1)] = d;
        }
    free(l->buckets);
    l->buckets = buckets;
    l->size = size;
}

static struct device *find(struct live *l, const char *id, size_t len, bool make)
{
    uint64_t hash = hash_of(id, len);
    for (struct device *d = l->buckets[hash & (l->size - 1)]; d; d = d->next)
        if (d->hash == hash && strlen(d->id) == len && !memcmp(d->id, id, len))
            return d;
    if (!make)
        return NULL;
    if (l->count >= l->size)
        grow(l);
    struct device *d = mem_zero(sizeof *d + len + 1);
    d->hash = hash;
    memcpy(d->id, id, len);
    d->next = l->buckets[hash & (l->size - 1)];
    l->buckets[hash & (l->size - 1)] = d;
    l->count++;
    return d;
}

/* Whether the device takes turns between connections from one address too often. */
static bool too_many_turns(struct device *d, const struct talk *t, int64_t now_ms)
{
    if (memcmp(d->peer.address, t->peer.address, sizeof d->peer.address))
        return false;
    if (now_ms - d->turns_ms > TURNS_WINDOW_MS) {
        d->turns = 0;
        d->turns_ms = now_ms;
    }
    return ++d->turns > TURNS_MAX;
}

uint64_t live_enter(struct live *l, const char *device, const struct talk *t,
                    unsigned loop_index, int64_t now_ms, unsigned *loop)
{
    pthread_mutex_lock(&l->lock);
    struct device *d = find(l, device, strlen(device), true);
    uint64_t old = 0;
    if (d->talk && d->talk != t->id && d->transport == TRANSPORT_TCP &&
        !too_many_turns(d, t, now_ms)) {
        old = d->talk;
        *loop = d->loop;
    }
    d->talk = t->id;
    d->loop = loop_index;
    d->transport = t->transport;
    d->peer = t->peer;
    pthread_mutex_unlock(&l->lock);
    return old;
}

bool live_leave(struct live *l, const char *device, uint64_t talk)
{
    pthread_mutex_lock(&l->lock);
    struct device *d = find(l, device, strlen(device), false);
    bool current = d && d->talk == talk;
    if (current)
        d->talk = 0;
    pthread_mutex_unlock(&l->lock);
    return current;
}

static void name_of(const struct candidate *c, char protocol[32], int *score,
                    char why[120])
{
    span_copy(span_of(c->protocol->name), protocol, 32);
    *score = c->score;
    span_copy(span_of(c->why ? c->why : ""), why, 120);
}

void live_detected(struct live *l, const char *device, const struct talk *t,
                   int64_t now_ms)
{
    unsigned count;
    const struct candidate *c = ch_candidates(t->channel, &count);
    const struct protocol *chosen = ch_protocol(t->channel);
    pthread_mutex_lock(&l->lock);
    struct gw_detection *out = &find(l, device, strlen(device), true)->detection;
    *out = (struct gw_detection){.time_ms = now_ms};
    for (unsigned i = 0; i < count; i++) {
        if (c[i].protocol == chosen)
            name_of(&c[i], out->protocol, &out->score, out->why);
        else if (out->candidate_count < GW_CANDIDATES_MAX) {
            unsigned k = out->candidate_count++;
            name_of(&c[i], out->candidates[k].protocol, &out->candidates[k].score,
                    out->candidates[k].why);
        }
    }
    pthread_mutex_unlock(&l->lock);
}

bool live_detection(struct live *l, struct span device, struct gw_detection *out)
{
    pthread_mutex_lock(&l->lock);
    struct device *d = find(l, (const char *)device.ptr, device.len, false);
    bool known = d && *d->detection.protocol;
    if (known)
        *out = d->detection;
    pthread_mutex_unlock(&l->lock);
    return known;
}

const struct protocol *live_last_protocol(struct live *l, const struct peer *peer)
{
    uint64_t hash = hash_of(peer->address, sizeof peer->address);
    pthread_mutex_lock(&l->lock);
    struct address *a = &l->addresses[hash % ADDRESSES];
    const struct protocol *p = a->hash == hash ? a->protocol : NULL;
    pthread_mutex_unlock(&l->lock);
    return p;
}

void live_note_protocol(struct live *l, const struct peer *peer, const struct protocol *p)
{
    uint64_t hash = hash_of(peer->address, sizeof peer->address);
    pthread_mutex_lock(&l->lock);
    l->addresses[hash % ADDRESSES] = (struct address){hash, p};
    pthread_mutex_unlock(&l->lock);
}
