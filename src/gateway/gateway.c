/*
 * gateway.c - starts and ends the loops, and answers for all of them.
 */
#include "gateway/gateway.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/live.h"
#include "gateway/loop.h"

enum {
    STOP_MS = 10000, /* answers and closing handshakes have so long at the end */
    RESERVED_FILES = 256,
    ANONYMOUS_ADDRESSES = 65536,
    STRAYS_COUNTED = 65536,
};

/* ---- a loop's life ---- */

/* At the end: everything handed in has been answered, or has had its time. */
static void finish(struct loop *l)
{
    if (!l->stopped_reading) {
        l->stopped_reading = true;
        l->stop_ms = (int64_t)uv_now(&l->uv);
        tcp_accept_stop(l);
        uv_udp_recv_stop(&l->udp);
    }
    bool late = (int64_t)uv_now(&l->uv) - l->stop_ms > STOP_MS;
    if ((holds(l) && !late) || uv_is_closing((uv_handle_t *)&l->tick))
        return;
    tcp_close_all(l);
    uv_close((uv_handle_t *)&l->udp, NULL);
    uv_close((uv_handle_t *)&l->tick, NULL);
    uv_close((uv_handle_t *)&l->wake, NULL);
}

static void on_wake(uv_async_t *async)
{
    struct loop *l = async->loop->data;
    release(l);
    tcp_evict(l);
    if (atomic_load(&l->stopping))
        finish(l);
}

static void on_tick(uv_timer_t *timer)
{
    struct loop *l = timer->loop->data;
    if (atomic_load(&l->stopping)) {
        release(l);
        finish(l);
        return;
    }
    int64_t now_ms = gw_now(l);
    tcp_tick(l, now_ms);
    udp_tick(l, now_ms);
}

/* From the journal's thread, after each sync. */
static void on_durable(void *arg)
{
    struct loop *l = arg;
    if (atomic_load(&l->waiting))
        uv_async_send(&l->wake);
}

static void run(void *arg)
{
    struct loop *l = arg;
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

static bool loop_open(struct loop *l, struct gateway *g, struct err *err)
{
    l->g = g;
    l->scratch = ch_scratch_new();
    l->stray_rate = tally_new(STRAYS_COUNTED);
    uv_mutex_init(&l->evict_lock);
    uv_loop_init(&l->uv);
    l->uv.data = l;
    uv_async_init(&l->uv, &l->wake, on_wake);
    uv_timer_init(&l->uv, &l->tick);
    return tcp_open(l, g->port, err) && udp_open(l, g->port, err);
}

static void on_leftover(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

/* Takes one that was opened only half as well. */
static void loop_close(struct loop *l)
{
    if (!l->g)
        return;
    uv_walk(&l->uv, on_leftover, NULL);
    uv_run(&l->uv, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < JOURNAL_COUNT; i++) {
        while (l->hold[i].count) { /* only when the disk never came back */
            struct held *h = &l->hold[i].items[l->hold[i].first];
            l->hold[i].first = (l->hold[i].first + 1) % l->hold[i].size;
            l->hold[i].count--;
            if (h->conn && !--h->conn->held)
                tcp_unheld(h->conn);
        }
        hold_fini(&l->hold[i]);
    }
    udp_close(l);
    uv_loop_close(&l->uv);
    uv_mutex_destroy(&l->evict_lock);
    ch_scratch_free(l->scratch);
    tally_free(l->stray_rate);
    buf_fini(&l->packed);
    buf_fini(&l->replies);
}

/* ---- the gateway ---- */

/* As many as the process may open, less what the rest of it needs. */
static unsigned files_allowed(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 4000000)
        return 4000000;
    return limit.rlim_cur > 2 * RESERVED_FILES ? (unsigned)limit.rlim_cur - RESERVED_FILES
                                               : (unsigned)limit.rlim_cur / 2;
}

static void set_defaults(struct gw_config *c)
{
    unsigned files = files_allowed();
    if (!c->loops) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        /* One core is the journal's and the fleet's. */
        c->loops = cores < 2 ? 1 : cores > 64 ? 64 : (unsigned)cores - 1;
    }
    if (!c->idle_s)
        c->idle_s = 1800;
    if (!c->login_s)
        c->login_s = 120;
    if (!c->connections_max || c->connections_max > files)
        c->connections_max = files;
    if (!c->anonymous_max)
        c->anonymous_max = 2000;
}

/* A port that is free for both transports, when any will do. */
static uint16_t free_port(const char *host, struct err *err)
{
    for (int tries = 0; tries < 20; tries++) {
        bool v6;
        int tcp = bound_socket(host, 0, SOCK_STREAM, &v6, err);
        if (tcp < 0)
            return 0;
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        getsockname(tcp, (struct sockaddr *)&address, &len);
        uint16_t port = peer_of((struct sockaddr *)&address).port;
        int udp = bound_socket(host, port, SOCK_DGRAM, &v6, err);
        close(tcp);
        if (udp < 0)
            continue;
        close(udp);
        return port;
    }
    return 0;
}

struct gateway *gw_open(const struct gw_config *config, const struct gw_env *env,
                        struct err *err)
{
    struct gateway *g = mem_zero(sizeof *g);
    g->config = *config;
    g->env = *env;
    set_defaults(&g->config);
    atomic_store(&g->answer_strays, config->answer_strays);
    atomic_store(&g->next_talk, (uint_fast64_t)env->now_ms() * 1000);
    g->anonymous = tally_new(ANONYMOUS_ADDRESSES);
    g->live = live_new();
    g->loops = mem_zero(g->config.loops * sizeof *g->loops);
    g->loop_count = g->config.loops;
    g->port = config->port ? config->port : free_port(config->host, err);
    bool ok = g->port != 0;
    for (unsigned i = 0; ok && i < g->loop_count; i++)
        ok = loop_open(&g->loops[i], g, err);
    if (!ok) {
        for (unsigned i = 0; i < g->loop_count; i++)
            loop_close(&g->loops[i]);
        g->loop_count = 0;
        gw_close(g);
        return NULL;
    }
    for (unsigned i = 0; i < g->loop_count; i++) {
        struct loop *l = &g->loops[i];
        jr_listen(env->journal, on_durable, l);
        jr_listen(env->strays, on_durable, l);
        uv_timer_start(&l->tick, on_tick, 1000, 1000);
        uv_thread_create(&l->thread, run, l);
    }
    return g;
}

void gw_close(struct gateway *g)
{
    if (!g)
        return;
    for (unsigned i = 0; i < g->loop_count; i++) {
        atomic_store(&g->loops[i].stopping, true);
        uv_async_send(&g->loops[i].wake);
    }
    for (unsigned i = 0; i < g->loop_count; i++)
        uv_thread_join(&g->loops[i].thread);
    for (unsigned i = 0; i < g->loop_count; i++) {
        jr_unlisten(g->env.journal, on_durable, &g->loops[i]);
        jr_unlisten(g->env.strays, on_durable, &g->loops[i]);
        loop_close(&g->loops[i]);
    }
    live_free(g->live);
    tally_free(g->anonymous);
    free(g->loops);
    free(g);
}

uint16_t gw_port(const struct gateway *g)
{
    return g->port;
}

void gw_set_answer_strays(struct gateway *g, bool answer)
{
    atomic_store(&g->answer_strays, answer);
}

void gw_stats(const struct gateway *g, struct gw_stats *out)
{
    *out = (struct gw_stats){
        .tcp_open = atomic_load(&g->tcp_open),
        .udp_open = atomic_load(&g->udp_open),
        .accepted = atomic_load(&g->accepted),
        .refused = atomic_load(&g->refused),
        .frames = atomic_load(&g->frames),
        .bytes_in = atomic_load(&g->bytes_in),
        .bytes_out = atomic_load(&g->bytes_out),
        .undetected = atomic_load(&g->undetected),
    };
}

bool gw_detection(struct gateway *g, struct span unique_id, struct gw_detection *out)
{
    return live_detection(g->live, unique_id, out);
}
