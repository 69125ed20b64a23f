/*
 * work.c - a heap of jobs by due time, and threads that take the first.
 */
#include "api/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/mem.h"

struct job {
    int64_t due_ms;
    uint64_t number; /* jobs due at the same time run in order */
    void (*run)(void *arg);
    void *arg;
};

struct work {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t *threads;
    unsigned thread_count;
    struct job *heap; /* the first is the next */
    unsigned count, reserved, max;
    uint64_t numbers;
    bool closing;
};

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool before(const struct job *a, const struct job *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void swap(struct job *a, struct job *b)
{
    struct job old = *a;
    *a = *b;
    *b = old;
}

static void push(struct work *w, struct job job)
{
    unsigned at = w->count++;
    w->heap[at] = job;
    for (; at && before(&w->heap[at], &w->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&w->heap[at], &w->heap[(at - 1) / 2]);
}

static struct job pop(struct work *w)
{
    struct job first = w->heap[0];
    w->heap[0] = w->heap[--w->count];
    for (unsigned at = 0, child = 1; child < w->count; child = 2 * at + 1) {
        if (child + 1 < w->count && before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!before(&w->heap[child], &w->heap[at]))
            break;
        swap(&w->heap[child], &w->heap[at]);
        at = child;
    }
    return first;
}

/* Waits for a job that is due, or for the end; false: there will be none. */
static bool take(struct work *w, struct job *job)
{
    while (!w->count || (!w->closing && w->heap[0].due_ms > monotonic_ms())) {
        if (w->closing && !w->reserved)
            return false;
        if (!w->count) {
            pthread_cond_wait(&w->changed, &w->lock);
            continue;
        }
        int64_t due_ms = w->heap[0].due_ms;
        struct timespec until = {.tv_sec = due_ms / 1000,
                                 .tv_nsec = due_ms % 1000 * 1000000};
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
    }
    *job = pop(w);
    return true;
}

static void *work_thread(void *arg)
{
    struct work *w = arg;
    struct job job;
    pthread_mutex_lock(&w->lock);
    while (take(w, &job)) {
        pthread_mutex_unlock(&w->lock);
        job.run(job.arg);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct work *work_open(unsigned threads, unsigned max)
{
    struct work *w = mem_zero(sizeof *w);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    w->max = max;
    w->heap = mem_zero(max * sizeof *w->heap);
    w->threads = mem_zero(threads * sizeof *w->threads);
    while (w->thread_count < threads &&
           !pthread_create(&w->threads[w->thread_count], NULL, work_thread, w))
        w->thread_count++;
    return w;
}

void work_close(struct work *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->threads);
    free(w->heap);
    free(w);
}

bool work_reserve(struct work *w)
{
    pthread_mutex_lock(&w->lock);
    bool fits = !w->closing && w->thread_count && w->count + w->reserved < w->max;
    w->reserved += fits;
    pthread_mutex_unlock(&w->lock);
    return fits;
}

void work_add(struct work *w, int64_t delay_ms, void (*run)(void *arg), void *arg)
{
    int64_t due_ms = monotonic_ms() + (delay_ms > 0 ? delay_ms : 0);
    pthread_mutex_lock(&w->lock);
    w->reserved--;
    push(w, (struct job){due_ms, w->numbers++, run, arg});
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}
