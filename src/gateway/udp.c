/*
 * udp.c - datagrams: the peer's address and port stand for the connection.
 *
 * Conversations are kept least-recently-used in a bounded table, for a day where it
 * is not full; losing one costs the device a login, nothing else.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/live.h"
#include "gateway/loop.h"

enum {
    PEERS_MAX = 200000, /* a loop */
    BUCKETS = 1 << 16,
    KEEP_MS = 24 * 3600 * 1000,
    RECEIVE_BUFFER = 8 << 20,
};

struct udp_peer {
    struct talk talk; /* first */
    uint64_t hash;
    struct udp_peer *chain;       /* in its bucket */
    struct udp_peer *prev, *next; /* by last use */
};

struct udp_peers {
    bool v6;
    size_t count;
    struct udp_peer *first, *last; /* oldest, newest */
    struct udp_peer *buckets[BUCKETS];
};

static uint64_t hash_of(const struct peer *p)
{
    return entry_subject((struct span){0}, p) * UINT64_C(0x9e3779b97f4a7c15) +
           p->port * UINT64_C(0x100000001b3);
}

static void unlink_use(struct udp_peers *t, struct udp_peer *p)
{
    *(p->prev ? &p->prev->next : &t->first) = p->next;
    *(p->next ? &p->next->prev : &t->last) = p->prev;
}

static void link_use(struct udp_peers *t, struct udp_peer *p)
{
    p->prev = t->last;
    p->next = NULL;
    *(p->prev ? &p->prev->next : &t->first) = p;
    t->last = p;
}

static void drop(struct loop *l, struct udp_peer *p)
{
    struct udp_peers *t = l->peers;
    struct udp_peer **at = &t->buckets[p->hash >> 40 & (BUCKETS - 1)];
    while (*at != p)
        at = &(*at)->chain;
    *at = p->chain;
    unlink_use(t, p);
    t->count--;
    atomic_fetch_sub(&l->g->udp_open, 1);
    live_leave(l->g->live, ch_device(p->talk.channel), p->talk.id);
    talk_fini(&p->talk);
    free(p);
}

static struct udp_peer *peer_find(struct loop *l, const struct peer *peer)
{
    struct udp_peers *t = l->peers;
    uint64_t hash = hash_of(peer);
    struct udp_peer **at = &t->buckets[hash >> 40 & (BUCKETS - 1)];
    for (struct udp_peer *p = *at; p; p = p->chain)
        if (p->hash == hash && peer_equal(&p->talk.peer, peer)) {
            unlink_use(t, p);
            link_use(t, p);
            return p;
        }
    if (t->count >= PEERS_MAX)
        drop(l, t->first);
    struct udp_peer *p = mem_zero(sizeof *p);
    talk_init(&p->talk, l, peer, TRANSPORT_UDP, live_last_protocol(l->g->live, peer));
    p->hash = hash;
    p->chain = *at;
    *at = p;
    link_use(t, p);
    t->count++;
    atomic_fetch_add(&l->g->udp_open, 1);
    return p;
}

/* ---- the socket ---- */

static void on_room(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
    struct loop *l = h->loop->data;
    (void)wanted;
    *buf = uv_buf_init((char *)l->input, sizeof l->input);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
                        const struct sockaddr *from, unsigned flags)
{
    struct loop *l = udp->loop->data;
    if (n <= 0 || !from || flags & UV_UDP_PARTIAL)
        return;
    struct peer address = peer_of(from);
    struct udp_peer *p = peer_find(l, &address);
    ingest(l, &p->talk, NULL, (struct span){(const uint8_t *)buf->base, (size_t)n}, true);
}

void udp_named(struct loop *l, struct talk *t)
{
    unsigned loop;
    uint64_t old = live_enter(l->g->live, ch_device(t->channel), t,
                              (unsigned)(l - l->g->loops), gw_now(l), &loop);
    if (old)
        tcp_evict_elsewhere(l->g, loop, old);
}

struct udp_write {
    uv_udp_send_t request; /* first */
    uint8_t bytes[];
};

static void on_sent(uv_udp_send_t *request, int status)
{
    (void)status;
    free(request);
}

void udp_send(struct loop *l, const struct peer *peer, struct span bytes)
{
    struct sockaddr_storage to;
    peer_to(peer, l->peers->v6, &to);
    uv_buf_t buf = uv_buf_init((char *)bytes.ptr, (unsigned)bytes.len);
    atomic_fetch_add_explicit(&l->g->bytes_out, bytes.len, memory_order_relaxed);
    if (uv_udp_try_send(&l->udp, &buf, 1, (struct sockaddr *)&to) >= 0)
        return;
    struct udp_write *w = mem_grow(NULL, sizeof *w + bytes.len);
    memcpy(w->bytes, bytes.ptr, bytes.len);
    buf = uv_buf_init((char *)w->bytes, (unsigned)bytes.len);
    if (uv_udp_send(&w->request, &l->udp, &buf, 1, (struct sockaddr *)&to, on_sent))
        free(w);
}

void udp_tick(struct loop *l, int64_t now_ms)
{
    struct udp_peers *t = l->peers;
    while (t->first && now_ms - t->first->talk.last_ms > KEEP_MS)
        drop(l, t->first);
}

bool udp_open(struct loop *l, uint16_t port, struct err *err)
{
    l->peers = mem_zero(sizeof *l->peers);
    int fd = bound_socket(l->g->config.host, port, SOCK_DGRAM, &l->peers->v6, err);
    if (fd < 0)
        return false;
    int size = RECEIVE_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    uv_udp_init_ex(&l->uv, &l->udp, AF_UNSPEC);
    int e = uv_udp_open(&l->udp, fd);
    if (e)
        close(fd);
    else
        e = uv_udp_recv_start(&l->udp, on_room, on_datagram);
    return !e || err_set(err, ERR_IO, "port %u: %s", port, uv_strerror(e));
}

void udp_close(struct loop *l)
{
    if (!l->peers)
        return;
    while (l->peers->first)
        drop(l, l->peers->first);
    free(l->peers);
    l->peers = NULL;
}
