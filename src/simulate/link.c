/*
 * link.c - one socket at a time for one tracker.
 *
 * libuv closes a handle only after a while.  So each connection has memory of its own,
 * which is let go when the handle is closed, and the link forgets it at once.
 */
#include "simulate/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/mem.h"

enum { QUEUE_MAX = 65536 }; /* bytes that wait in a connection; then nothing is taken */

struct connection {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_udp_t udp;
    };
    uv_connect_t connect;
    struct link *link; /* NULL: it is closing */
};

struct link {
    uv_loop_t *loop;
    struct sockaddr_storage to;
    struct tracker *tracker;
    struct connection *open;
};

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void link_close(void *arg)
{
    struct link *l = arg;
    if (!l->open)
        return;
    l->open->link = NULL;
    uv_close(&l->open->handle, on_closed);
    l->open = NULL;
}

static void fail(struct link *l)
{
    link_close(l);
    up_closed(l->tracker, real_ms());
}

static void on_memory(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    struct link_buffer *b = handle->loop->data;
    (void)size;
    *out = uv_buf_init(b->bytes, sizeof b->bytes);
}

static void receive(struct connection *c, ssize_t n, const uv_buf_t *buf)
{
    if (!c->link || !n)
        return;
    if (n < 0)
        fail(c->link);
    else
        up_received(c->link->tracker, (struct span){(uint8_t *)buf->base, (size_t)n},
                    real_ms());
}

/* ---- TCP ---- */

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    receive(stream->data, n, buf);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct connection *c = connect->data;
    if (!c->link)
        return;
    if (!status)
        uv_tcp_nodelay(&c->tcp, 1);
    if (status || uv_read_start(&c->stream, on_memory, on_bytes))
        fail(c->link);
    else
        up_opened(c->link->tracker, real_ms());
}

struct pending {
    uv_write_t write;
    struct connection *connection;
    char bytes[];
};

static void on_written(uv_write_t *write, int status)
{
    struct pending *p = write->data;
    struct link *l = p->connection->link;
    free(p);
    if (status && l)
        fail(l);
}

/* What the socket does not take at once is copied. */
static bool send_stream(struct connection *c, struct span bytes)
{
    if (uv_stream_get_write_queue_size(&c->stream) > QUEUE_MAX)
        return false;
    uv_buf_t buf = uv_buf_init((char *)bytes.ptr, (unsigned)bytes.len);
    int n = uv_try_write(&c->stream, &buf, 1);
    if (n < 0 && n != UV_EAGAIN)
        return false;
    bytes = span_cut(bytes, n > 0 ? (size_t)n : 0, bytes.len);
    if (!bytes.len)
        return true;
    struct pending *p = mem_zero(sizeof *p + bytes.len);
    p->write.data = p;
    p->connection = c;
    memcpy(p->bytes, bytes.ptr, bytes.len);
    buf = uv_buf_init(p->bytes, (unsigned)bytes.len);
    if (!uv_write(&p->write, &c->stream, &buf, 1, on_written))
        return true;
    free(p);
    return false;
}

/* ---- UDP ---- */

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
                        const struct sockaddr *from, unsigned flags)
{
    (void)from;
    (void)flags;
    receive(udp->data, n, buf);
}

static bool send_datagram(struct connection *c, struct span bytes)
{
    uv_buf_t buf = uv_buf_init((char *)bytes.ptr, (unsigned)bytes.len);
    return uv_udp_try_send(&c->udp, &buf, 1, NULL) == (int)bytes.len;
}

/* ---- either ---- */

static bool link_send(void *arg, struct span bytes)
{
    struct link *l = arg;
    if (!l->open)
        return false;
    return l->tracker->transport == TRANSPORT_UDP ? send_datagram(l->open, bytes)
                                                  : send_stream(l->open, bytes);
}

static void link_open(void *arg)
{
    struct link *l = arg;
    const struct sockaddr *to = (const struct sockaddr *)&l->to;
    bool udp = l->tracker->transport == TRANSPORT_UDP;
    struct connection *c = mem_zero(sizeof *c);
    int bad = udp ? uv_udp_init(l->loop, &c->udp) : uv_tcp_init(l->loop, &c->tcp);
    if (bad) {
        free(c);
        up_closed(l->tracker, real_ms());
        return;
    }
    c->handle.data = c;
    c->connect.data = c;
    c->link = l;
    l->open = c;
    bad = udp ? uv_udp_connect(&c->udp, to)
              : uv_tcp_connect(&c->connect, &c->tcp, to, on_connected);
    if (!bad && udp)
        bad = uv_udp_recv_start(&c->udp, on_memory, on_datagram);
    if (bad)
        fail(l);
    else if (udp)
        up_opened(l->tracker, real_ms());
}

struct link *link_new(uv_loop_t *loop, const struct sockaddr *to, struct tracker *t)
{
    struct link *l = mem_zero(sizeof *l);
    l->loop = loop;
    l->tracker = t;
    memcpy(&l->to, to,
           to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                     : sizeof(struct sockaddr_in));
    return l;
}

struct carrier link_carrier(struct link *l)
{
    return (struct carrier){
        .arg = l,
        .open = link_open,
        .close = link_close,
        .send = link_send,
        .datagrams = l->tracker->transport == TRANSPORT_UDP,
    };
}

void link_free(struct link *l)
{
    if (!l)
        return;
    link_close(l);
    free(l);
}

bool link_resolve(const char *to, struct sockaddr_storage *out, struct err *err)
{
    char host[256];
    const char *colon = strrchr(to, ':');
    size_t len = colon ? (size_t)(colon - to) : 0;
    if (len >= 2 && *to == '[' && to[len - 1] == ']') {
        to++;
        len -= 2;
    }
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    if (!len || len >= sizeof host || !port || port > 65535 || *end)
        return err_set(err, ERR_INPUT, "%s: not HOST:PORT", to);
    snprintf(host, sizeof host, "%.*s", (int)len, to);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int bad = getaddrinfo(host, colon + 1, &hints, &found);
    if (bad || !found)
        return err_set(err, ERR_INPUT, "%s: %s", to,
                       bad ? gai_strerror(bad) : "no address");
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}
