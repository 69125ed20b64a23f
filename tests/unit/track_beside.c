/*
 * track_beside.c - readers beside the thread that adds, closes and stores.
 */
#include <pthread.h>

#include "track_stage.h"

enum { TOGETHER = 2000, BESIDE = 2 };

struct beside {
    struct scene *s;
    pthread_mutex_t lock;
    int64_t added; /* at least so many */
    bool done;
};

struct chain {
    int64_t last;
    unsigned broken;
};

/* Ids of a device go up one by one from 1. */
static bool follow(void *arg, const struct position *p)
{
    struct chain *c = arg;
    c->broken += p->id != c->last + 1 || rec_get_num(&p->rec, KEY_INDEX) != (double)p->id;
    c->last = p->id;
    return true;
}

static void *read_beside(void *arg)
{
    struct beside *b = arg;
    struct err why = {0};
    unsigned wrong = 0;
    for (bool done = false; !done;) {
        struct chain chain = {0};
        pthread_mutex_lock(&b->lock);
        int64_t added = b->added;
        done = b->done;
        pthread_mutex_unlock(&b->lock);
        wrong += !tr_each(b->s->t, 1, INT64_MIN, INT64_MAX, follow, &chain, &why);
        wrong += chain.broken || chain.last < added;
    }
    return (void *)(uintptr_t)wrong;
}

void test_track_beside(void)
{
    struct scene s;
    struct beside b = {.s = &s, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[BESIDE];
    scene_open(&s, 1);
    for (unsigned i = 0; i < BESIDE; i++)
        CHECK(!pthread_create(&threads[i], NULL, read_beside, &b), "a thread");
    for (int64_t id = 1; id <= TOGETHER; id++) {
        add_plain(&s, id, 1, stage_ms + id * 1000);
        if (id % 100)
            continue;
        store_due(&s, stage_ms, id % 300 == 0);
        pthread_mutex_lock(&b.lock);
        b.added = id;
        b.done = id == TOGETHER;
        pthread_mutex_unlock(&b.lock);
    }
    for (unsigned i = 0; i < BESIDE; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        CHECK(!wrong, "each position once, in order");
    }
    scene_close(&s);
}
