/*
 * run.c - the loop.
 *
 * A second has ten ticks, and each tracker lives in one of them, so that a large fleet
 * does not speak in one voice.  At a higher speed a tracker lives through several seconds
 * of the world in its tick: it drives further, while its clock shows real time.
 */
#include "simulate/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "core/mem.h"
#include "simulate/link.h"

enum {
    TICKS = 10,    /* a second */
    LATE_MAX = 50, /* ticks that are made up for; more are skipped */
    JOIN = 50,     /* trackers that come online in a tick: not all at once */
    DRAIN_S = 2,   /* for the last answers */
};

struct run {
    const struct run_options *o;
    struct convoy fleet;
    struct link **links;
    struct script script;
    struct link_buffer buffer;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt, terminate;
    uint64_t began_ms, ticks, drain_tick; /* drain_tick: 0 while it runs */
};

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void say(void *arg, const struct tracker *t, const char *text)
{
    (void)arg;
    struct civil c = civil_of(t->now_ms ? t->now_ms : real_ms());
    fprintf(stderr, "%02d:%02d:%02d %s: %s\n", c.hour, c.minute, c.second, t->name, text);
}

/* ---- the end ---- */

static void say_totals(const struct run *r)
{
    struct up_counts sum = {0};
    uint64_t waiting = 0;
    for (unsigned i = 0; i < r->fleet.count; i++) {
        const struct uplink *u = &r->fleet.trackers[i].up;
        sum.frames += u->counts.frames;
        sum.made += u->counts.made;
        sum.confirmed += u->counts.confirmed;
        sum.stored += u->counts.stored;
        sum.lost += u->counts.lost;
        waiting += up_waiting(u);
    }
    fprintf(stderr,
            "frames sent %llu; reports made %llu, acknowledged %llu, stored %llu, "
            "waiting %llu, dropped %llu\n",
            (unsigned long long)sum.frames, (unsigned long long)sum.made,
            (unsigned long long)sum.confirmed, (unsigned long long)sum.stored,
            (unsigned long long)waiting, (unsigned long long)sum.lost);
}

static void finish(struct run *r)
{
    for (unsigned i = 0; i < r->fleet.count; i++) {
        link_free(r->links[i]);
        r->links[i] = NULL;
    }
    uv_close((uv_handle_t *)&r->timer, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
    uv_close((uv_handle_t *)&r->terminate, NULL);
}

/* Asks for the answers that are still due. */
static void drain(struct run *r)
{
    r->drain_tick = r->ticks ? r->ticks : 1;
    for (unsigned i = 0; i < r->fleet.count; i++)
        if (r->fleet.trackers[i].up.sent_count)
            up_heartbeat(&r->fleet.trackers[i]);
}

static bool is_drained(const struct run *r)
{
    if (r->ticks - r->drain_tick >= DRAIN_S * TICKS)
        return true;
    for (unsigned i = 0; i < r->fleet.count; i++) {
        const struct uplink *u = &r->fleet.trackers[i].up;
        if (u->state == UP_READY && up_waiting(u))
            return false;
    }
    return true;
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct run *r = signal->data;
    (void)number;
    if (!r->drain_tick)
        drain(r);
    else if (!uv_is_closing((uv_handle_t *)&r->timer))
        finish(r);
}

/* ---- time ---- */

static void live(struct run *r, unsigned i)
{
    struct tracker *t = &r->fleet.trackers[i];
    t->online = i / JOIN <= r->ticks;
    for (unsigned k = 0; k < r->o->speed; k++)
        trk_second(t, real_ms());
    up_tick(t, real_ms());
}

static void tick(struct run *r)
{
    unsigned slot = (unsigned)(r->ticks % TICKS);
    for (unsigned i = slot; i < r->fleet.count; i += TICKS)
        if (r->drain_tick)
            up_tick(&r->fleet.trackers[i], real_ms());
        else
            live(r, i);
    unsigned second = (unsigned)(r->ticks / TICKS) + 1;
    r->ticks++;
    if (slot + 1 < TICKS || r->drain_tick)
        return;
    script_follow(&r->script, &r->fleet, second);
    if (r->o->duration_s && second >= r->o->duration_s)
        drain(r);
}

static void on_timer(uv_timer_t *timer)
{
    struct run *r = timer->data;
    uint64_t due = (uv_now(&r->loop) - r->began_ms) * TICKS / 1000 + 1;
    if (due > r->ticks + LATE_MAX) {
        r->began_ms += (due - r->ticks - LATE_MAX) * 1000 / TICKS;
        due = r->ticks + LATE_MAX;
    }
    while (r->ticks < due)
        tick(r);
    if (r->drain_tick && is_drained(r))
        finish(r);
}

/* ---- the beginning ---- */

/* Thousands of sockets need as many descriptors. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool prepare(struct run *r, struct err *err)
{
    const struct run_options *o = r->o;
    convoy_init(&r->fleet, &o->fleet);
    r->links = mem_zero(r->fleet.count * sizeof *r->links);
    for (unsigned i = 0; i < r->fleet.count; i++) {
        struct tracker *t = &r->fleet.trackers[i];
        r->links[i] = link_new(&r->loop, (const struct sockaddr *)&o->to, t);
        struct carrier carrier = link_carrier(r->links[i]);
        convoy_start(&r->fleet, i, &carrier, o->fleet.seed);
    }
    convoy_drive_past(&r->fleet, o->history_h, real_ms());
    if (o->script && !script_read(&r->script, o->script, err))
        return false;
    if (!script_begin(&r->script, &r->fleet, err))
        return false;
    for (unsigned i = 0; !o->quiet && i < r->fleet.count; i++)
        r->fleet.trackers[i].log = say;
    return true;
}

static void start(struct run *r)
{
    r->loop.data = &r->buffer;
    r->timer.data = r->interrupt.data = r->terminate.data = r;
    uv_timer_init(&r->loop, &r->timer);
    uv_signal_init(&r->loop, &r->interrupt);
    uv_signal_init(&r->loop, &r->terminate);
    uv_signal_start(&r->interrupt, on_signal, SIGINT);
    uv_signal_start(&r->terminate, on_signal, SIGTERM);
    uv_update_time(&r->loop);
    r->began_ms = uv_now(&r->loop);
    uv_timer_start(&r->timer, on_timer, 0, 1000 / TICKS);
}

bool run_fleet(const struct run_options *o, struct err *err)
{
    struct run *r = mem_zero(sizeof *r);
    r->o = o;
    raise_limit();
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&r->loop);
    bool ok = prepare(r, err);
    if (ok) {
        start(r);
        uv_run(&r->loop, UV_RUN_DEFAULT);
        say_totals(r);
    }
    for (unsigned i = 0; i < r->fleet.count; i++)
        link_free(r->links[i]);
    uv_loop_close(&r->loop);
    script_fini(&r->script);
    convoy_fini(&r->fleet);
    free(r->links);
    free(r);
    return ok;
}
