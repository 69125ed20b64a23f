/*
 * guard.c - counters of failures in a table of sets, by keyed hash.
 */
#include "api/guard.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "core/mem.h"

enum {
    GUARD_SETS = 1024,
    GUARD_WAYS = 8,
    /* Tries of one key that wait or run: while it is free, and once it is slow. */
    GUARD_FREE_MAX = 64,
    GUARD_SLOW_MAX = 6,
    GUARD_DELAY_MS = 500, /* after the first failure that counts; doubles */
    GUARD_DELAY_MAX_MS = 10000,
    GUARD_FORGET_MS = 300000, /* for each failure */
    /* Failures without a delay: people mistype, and offices share an address. */
    GUARD_FREE_ACCOUNT = 3,
    GUARD_FREE_ADDRESS = 10,
};

struct entry {
    uint64_t key; /* 0: free */
    int64_t used_ms, forget_ms;
    int64_t next_ms; /* the next try may run then */
    unsigned failures, waiting;
};

struct guard {
    pthread_mutex_t lock;
    unsigned char secret[crypto_shorthash_KEYBYTES];
    struct entry sets[GUARD_SETS][GUARD_WAYS];
};

struct guard *guard_new(void)
{
    struct guard *g = mem_zero(sizeof *g);
    randombytes_buf(g->secret, sizeof g->secret);
    pthread_mutex_init(&g->lock, NULL);
    return g;
}

void guard_free(struct guard *g)
{
    if (!g)
        return;
    pthread_mutex_destroy(&g->lock);
    free(g);
}

static uint64_t key_of(const struct guard *g, char kind, struct span s)
{
    unsigned char text[1 + 256], hash[crypto_shorthash_BYTES];
    size_t len = s.len < sizeof text - 1 ? s.len : sizeof text - 1;
    text[0] = (unsigned char)kind;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = s.ptr[i];
        text[1 + i] = kind == 'n' && c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    }
    crypto_shorthash(hash, text, len + 1, g->secret);
    uint64_t key = be64(hash);
    return key ? key : 1;
}

struct guard_try guard_of(const struct guard *g, const uint8_t address[16],
                          struct span account)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    size_t len = memcmp(address, mapped, sizeof mapped) ? 8 : 16;
    struct guard_try t = {
        .address = key_of(g, 'a', (struct span){address, len}),
        .account = key_of(g, 'n', span_trim(account)),
    };
    uint64_t both[] = {t.address, t.account};
    t.pair = key_of(g, 'p', (struct span){(const uint8_t *)both, sizeof both});
    return t;
}

/* The entry of a key; with `make`, in place of the least recently used idle one.  NULL:
 * not there, or none is idle. */
static struct entry *find(struct guard *g, uint64_t key, bool make)
{
    struct entry *set = g->sets[key % GUARD_SETS], *oldest = NULL;
    for (unsigned i = 0; i < GUARD_WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (!set[i].waiting && (!oldest || set[i].used_ms < oldest->used_ms))
            oldest = &set[i];
    }
    if (!make || !oldest)
        return NULL;
    *oldest = (struct entry){.key = key};
    return oldest;
}

static void forget(struct entry *e, int64_t now_ms)
{
    while (e->failures && e->forget_ms <= now_ms) {
        e->failures--;
        e->forget_ms += GUARD_FORGET_MS;
    }
    e->used_ms = now_ms;
}

static int64_t delay_ms(const struct entry *e, unsigned free)
{
    if (e->failures < free)
        return 0;
    unsigned doubled = e->failures - free < 8 ? e->failures - free : 8;
    int64_t ms = (int64_t)GUARD_DELAY_MS << doubled;
    return ms < GUARD_DELAY_MAX_MS ? ms : GUARD_DELAY_MAX_MS;
}

static int64_t due_ms(struct entry *e, unsigned free, int64_t now_ms)
{
    forget(e, now_ms);
    int64_t ms = delay_ms(e, free);
    if (!ms || e->next_ms < now_ms)
        return now_ms + ms;
    return e->next_ms + ms;
}

/* Takes a turn at a key; false: too many wait. */
static bool queue_up(struct entry *e, unsigned free, int64_t now_ms, int64_t *at_ms)
{
    if (!e)
        return false;
    int64_t ms = due_ms(e, free, now_ms);
    if (e->waiting >= (delay_ms(e, free) ? GUARD_SLOW_MAX : GUARD_FREE_MAX))
        return false;
    if (ms > *at_ms)
        *at_ms = ms;
    e->waiting++;
    return true;
}

int64_t guard_begin(struct guard *g, struct guard_try *t, int64_t now_ms)
{
    int64_t at_ms = now_ms;
    pthread_mutex_lock(&g->lock);
    struct entry *address = find(g, t->address, true);
    t->account_waits = false;
    bool fits = queue_up(address, GUARD_FREE_ADDRESS, now_ms, &at_ms);
    struct entry *account = NULL;
    if (fits && !find(g, t->pair, false)) {
        account = find(g, t->account, true);
        fits = t->account_waits = queue_up(account, GUARD_FREE_ACCOUNT, now_ms, &at_ms);
        if (!fits)
            address->waiting--;
    }
    if (fits) {
        address->next_ms = at_ms;
        if (account)
            account->next_ms = at_ms;
    }
    pthread_mutex_unlock(&g->lock);
    return fits ? at_ms - now_ms : -1;
}

static void leave(struct entry *e, bool waits)
{
    if (e && waits && e->waiting)
        e->waiting--;
}

static void count_failure(struct entry *e, int64_t now_ms)
{
    if (!e)
        return;
    if (!e->failures)
        e->forget_ms = now_ms + GUARD_FORGET_MS;
    e->failures += e->failures < 32;
}

void guard_cancel(struct guard *g, const struct guard_try *t)
{
    pthread_mutex_lock(&g->lock);
    leave(find(g, t->address, false), true);
    leave(find(g, t->account, false), t->account_waits);
    pthread_mutex_unlock(&g->lock);
}

void guard_end(struct guard *g, const struct guard_try *t, bool passed, int64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    struct entry *address = find(g, t->address, false);
    struct entry *account = find(g, t->account, !passed);
    leave(address, true);
    leave(account, t->account_waits);
    if (!passed) {
        count_failure(address, now_ms);
        count_failure(account, now_ms);
    } else if (account) {
        account->failures = 0;
    }
    struct entry *pair = find(g, t->pair, passed);
    if (pair)
        pair->used_ms = now_ms;
    pthread_mutex_unlock(&g->lock);
}
