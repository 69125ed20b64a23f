/*
 * bus.c - a list of listeners.
 */
#include "fleet/bus.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/mem.h"

enum { LISTENERS_MAX = 16 };

struct listener {
    void (*on)(void *arg, const struct bus_message *m);
    void *arg;
    bool quiet;
};

struct bus {
    pthread_rwlock_t lock;
    struct listener listeners[LISTENERS_MAX];
    unsigned count;
    atomic_uint loud; /* listeners that are not quiet */
};

struct bus *bus_new(void)
{
    struct bus *b = mem_zero(sizeof *b);
    pthread_rwlock_init(&b->lock, NULL);
    return b;
}

void bus_free(struct bus *b)
{
    if (!b)
        return;
    pthread_rwlock_destroy(&b->lock);
    free(b);
}

void bus_listen(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
                void *arg)
{
    pthread_rwlock_wrlock(&b->lock);
    assert(b->count < LISTENERS_MAX);
    b->listeners[b->count++] = (struct listener){on, arg, false};
    atomic_fetch_add(&b->loud, 1);
    pthread_rwlock_unlock(&b->lock);
}

void bus_unlisten(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
                  void *arg)
{
    pthread_rwlock_wrlock(&b->lock);
    for (unsigned i = 0; i < b->count; i++)
        if (b->listeners[i].on == on && b->listeners[i].arg == arg) {
            atomic_fetch_sub(&b->loud, !b->listeners[i].quiet);
            b->listeners[i] = b->listeners[--b->count];
            break;
        }
    pthread_rwlock_unlock(&b->lock);
}

void bus_quiet(struct bus *b, void (*on)(void *arg, const struct bus_message *m),
               void *arg, bool quiet)
{
    pthread_rwlock_wrlock(&b->lock);
    for (unsigned i = 0; i < b->count; i++)
        if (b->listeners[i].on == on && b->listeners[i].arg == arg &&
            b->listeners[i].quiet != quiet) {
            b->listeners[i].quiet = quiet;
            atomic_fetch_add(&b->loud, quiet ? -1u : 1u);
        }
    pthread_rwlock_unlock(&b->lock);
}

bool bus_idle(const struct bus *b)
{
    return !atomic_load(&b->loud);
}

void bus_publish(struct bus *b, const struct bus_message *m)
{
    if (bus_idle(b) && m->kind != BUS_ACCESS)
        return;
    pthread_rwlock_rdlock(&b->lock);
    for (unsigned i = 0; i < b->count; i++)
        if (!b->listeners[i].quiet || m->kind == BUS_ACCESS)
            b->listeners[i].on(b->listeners[i].arg, m);
    pthread_rwlock_unlock(&b->lock);
}
