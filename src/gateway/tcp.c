/*
 * tcp.c - streams: accept, read, write, and the limits that keep one from hurting
 * another.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/live.h"
#include "gateway/loop.h"

enum {
    BACKLOG = 1024,
    SILENCE_MS = 2000,         /* a stream that waits for detection has said all */
    WRITE_QUEUE_MAX = 1 << 18, /* a device that does not read its answers is closed */
};

/* ---- lists ---- */

static void unlink_activity(struct loop *l, struct conn *c)
{
    *(c->prev ? &c->prev->next : &l->by_activity.first) = c->next;
    *(c->next ? &c->next->prev : &l->by_activity.last) = c->prev;
    c->prev = c->next = NULL;
}

static void link_activity(struct loop *l, struct conn *c)
{
    c->prev = l->by_activity.last;
    c->next = NULL;
    *(c->prev ? &c->prev->next : &l->by_activity.first) = c;
    l->by_activity.last = c;
}

static void link_anonymous(struct loop *l, struct conn *c)
{
    c->prev_anon = l->anonymous.last;
    *(c->prev_anon ? &c->prev_anon->next_anon : &l->anonymous.first) = c;
    l->anonymous.last = c;
}

static void unlink_anonymous(struct loop *l, struct conn *c)
{
    *(c->prev_anon ? &c->prev_anon->next_anon : &l->anonymous.first) = c->next_anon;
    *(c->next_anon ? &c->next_anon->prev_anon : &l->anonymous.last) = c->prev_anon;
    c->prev_anon = c->next_anon = NULL;
}

/* The address counts one unidentified stream less. */
static void uncount(struct conn *c)
{
    if (!c->counted)
        return;
    c->counted = false;
    unlink_anonymous(c->loop, c);
    tally_add(c->loop->g->anonymous, entry_subject((struct span){0}, &c->talk.peer), -1);
}

/* ---- closing ---- */

static void conn_free(struct conn *c)
{
    talk_fini(&c->talk);
    free(c);
}

static void on_closed(uv_handle_t *h)
{
    struct conn *c = (struct conn *)h;
    c->closed = true;
    if (!c->held)
        conn_free(c);
}

void tcp_close(struct conn *c)
{
    struct loop *l = c->loop;
    struct gateway *g = l->g;
    if (c->closing)
        return;
    c->closing = true;
    uncount(c);
    unlink_activity(l, c);
    atomic_fetch_sub(&g->tcp_open, 1);
    const char *device = ch_device(c->talk.channel);
    if (*device && c->talk.registered && live_leave(g->live, device, c->talk.id))
        g->env.connection(g->env.arg, span_of(device), c->talk.id, &c->talk.peer,
                          TRANSPORT_TCP, false);
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void tcp_unheld(struct conn *c)
{
    if (c->closed)
        conn_free(c);
    else if (c->ended)
        tcp_close(c);
}

void tcp_close_all(struct loop *l)
{
    while (l->by_activity.first)
        tcp_close(l->by_activity.first);
}

/* Closes what other loops have said is old. */
void tcp_evict(struct loop *l)
{
    uint64_t ids[64];
    uv_mutex_lock(&l->evict_lock);
    unsigned count = l->evict_count;
    memcpy(ids, l->evict, count * sizeof *ids);
    l->evict_count = 0;
    uv_mutex_unlock(&l->evict_lock);
    for (struct conn *c = count ? l->by_activity.first : NULL, *next; c; c = next) {
        next = c->next;
        for (unsigned i = 0; i < count; i++)
            if (c->talk.id == ids[i]) {
                tcp_close(c);
                break;
            }
    }
}

void tcp_evict_elsewhere(struct gateway *g, unsigned loop, uint64_t id)
{
    struct loop *l = &g->loops[loop];
    uv_mutex_lock(&l->evict_lock);
    if (l->evict_count < sizeof l->evict / sizeof *l->evict)
        l->evict[l->evict_count++] = id;
    uv_mutex_unlock(&l->evict_lock);
    uv_async_send(&l->wake);
}

void tcp_named(struct conn *c)
{
    struct loop *l = c->loop;
    struct gateway *g = l->g;
    const char *device = ch_device(c->talk.channel);
    uncount(c);
    if (!c->talk.registered)
        return;
    unsigned loop;
    uint64_t old =
        live_enter(g->live, device, &c->talk, (unsigned)(l - g->loops), gw_now(l), &loop);
    if (old)
        tcp_evict_elsewhere(g, loop, old);
    if (!c->named)
        g->env.connection(g->env.arg, span_of(device), c->talk.id, &c->talk.peer,
                          TRANSPORT_TCP, true);
    c->named = true;
}

/* ---- writing ---- */

struct write {
    uv_write_t request; /* first */
    uint8_t bytes[];
};

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    free(request);
}

void tcp_send(struct conn *c, struct span bytes)
{
    if (c->closing || !bytes.len)
        return;
    atomic_fetch_add_explicit(&c->loop->g->bytes_out, bytes.len, memory_order_relaxed);
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    size_t queued = uv_stream_get_write_queue_size(stream);
    if (!queued) {
        uv_buf_t buf = uv_buf_init((char *)bytes.ptr, (unsigned)bytes.len);
        int n = uv_try_write(stream, &buf, 1);
        if (n == (int)bytes.len)
            return;
        if (n > 0)
            bytes = span_cut(bytes, (size_t)n, bytes.len);
    }
    if (queued + bytes.len > WRITE_QUEUE_MAX) {
        tcp_close(c);
        return;
    }
    struct write *w = mem_grow(NULL, sizeof *w + bytes.len);
    memcpy(w->bytes, bytes.ptr, bytes.len);
    uv_buf_t buf = uv_buf_init((char *)w->bytes, (unsigned)bytes.len);
    if (uv_write(&w->request, stream, &buf, 1, on_written))
        free(w);
}

/* ---- reading ---- */

static void on_room(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
    struct loop *l = h->loop->data;
    (void)wanted;
    *buf = uv_buf_init((char *)l->input, sizeof l->input);
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = (struct conn *)stream;
    struct loop *l = c->loop;
    if (n == 0)
        return;
    if (n < 0) {
        /* It may still be listening for its answers. */
        c->ended = true;
        uv_read_stop(stream);
        if (n != UV_EOF || !c->held)
            tcp_close(c);
        return;
    }
    struct span bytes = {(const uint8_t *)buf->base, (size_t)n};
    unlink_activity(l, c);
    link_activity(l, c);
    if (!ingest(l, &c->talk, c, bytes, false) && !c->closing)
        tcp_close(c);
}

/* Why the stream is turned away, or NULL. */
static const char *refusal(struct gateway *g, const struct peer *peer)
{
    if (atomic_load(&g->tcp_open) >= g->config.connections_max)
        return "too many connections";
    uint64_t key = entry_subject((struct span){0}, peer);
    if (tally_add(g->anonymous, key, 1) > (long)g->config.anonymous_max) {
        tally_add(g->anonymous, key, -1);
        return "too many unidentified streams from this address";
    }
    return NULL;
}

static void on_refused(uv_handle_t *h)
{
    free(h);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct loop *l = listener->loop->data;
    struct gateway *g = l->g;
    if (status)
        return;
    struct conn *c = mem_zero(sizeof *c);
    c->loop = l;
    uv_tcp_init(&l->uv, &c->tcp);
    struct sockaddr_storage address = {0};
    int len = sizeof address;
    struct peer peer = {0};
    bool open = !uv_accept(listener, (uv_stream_t *)&c->tcp) &&
                !uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&address, &len);
    if (open)
        peer = peer_of((struct sockaddr *)&address);
    if (!open || refusal(g, &peer)) {
        atomic_fetch_add(&g->refused, 1);
        uv_close((uv_handle_t *)&c->tcp, on_refused);
        return;
    }
    atomic_fetch_add(&g->accepted, 1);
    atomic_fetch_add(&g->tcp_open, 1);
    uv_tcp_nodelay(&c->tcp, 1);
    uv_tcp_keepalive(&c->tcp, 1, 300);
    talk_init(&c->talk, l, &peer, TRANSPORT_TCP, live_last_protocol(g->live, &peer));
    c->opened_ms = c->talk.last_ms;
    c->counted = true;
    link_anonymous(l, c);
    link_activity(l, c);
    uv_read_start((uv_stream_t *)&c->tcp, on_room, on_bytes);
}

/* ---- time ---- */

/* A stream whose first bytes leave a doubt, and that is silent since. */
static bool in_doubt(const struct conn *c, int64_t now_ms)
{
    return !ch_protocol(c->talk.channel) && ch_pending(c->talk.channel) &&
           now_ms - c->talk.last_ms >= SILENCE_MS;
}

void tcp_tick(struct loop *l, int64_t now_ms)
{
    const struct gw_config *config = &l->g->config;
    for (struct conn *c = l->anonymous.first, *next; c; c = next) {
        next = c->next_anon;
        if (now_ms - c->opened_ms >= config->login_s * INT64_C(1000)) {
            tcp_close(c);
        } else if (in_doubt(c, now_ms)) {
            int64_t last_ms = c->talk.last_ms;
            bool sane = ingest(l, &c->talk, c, (struct span){0}, true);
            c->talk.last_ms = last_ms;
            if (!sane && !c->closing)
                tcp_close(c);
        }
    }
    struct conn *oldest;
    while ((oldest = l->by_activity.first) &&
           now_ms - oldest->talk.last_ms >= config->idle_s * INT64_C(1000))
        tcp_close(oldest);
}

/* ---- listening ---- */

bool tcp_open(struct loop *l, uint16_t port, struct err *err)
{
    bool v6;
    int fd = bound_socket(l->g->config.host, port, SOCK_STREAM, &v6, err);
    if (fd < 0)
        return false;
    uv_tcp_init(&l->uv, &l->listener);
    int e = uv_tcp_open(&l->listener, fd);
    if (e) {
        close(fd);
    } else {
        e = uv_listen((uv_stream_t *)&l->listener, BACKLOG, on_connection);
    }
    return !e || err_set(err, ERR_IO, "port %u: %s", port, uv_strerror(e));
}

void tcp_accept_stop(struct loop *l)
{
    if (!uv_is_closing((uv_handle_t *)&l->listener))
        uv_close((uv_handle_t *)&l->listener, NULL);
    for (struct conn *c = l->by_activity.first; c; c = c->next)
        uv_read_stop((uv_stream_t *)&c->tcp);
}
