/*
 * sockets_client.c - one socket: what came from it, and what is on its way to it.
 *
 * What goes out is put together only when everything before it has left: a slow client
 * costs one frame of memory, and gets later what others got at once.
 */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "api/input.h"
#include "api/sockets_inside.h"
#include "api/position_json.h"

/* ---- from the client ---- */

bool sockets_read_message(struct span text, bool *logs)
{
    char why[160];
    json_t *message = json_parse(text, 4, why, sizeof why);
    const json_t *wanted = json_object_get(message, "logs");
    bool known = json_is_object(message);
    if (json_is_boolean(wanted))
        *logs = json_is_true(wanted);
    json_decref(message);
    return known;
}

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t *to, size_t size, int flags,
                       void *arg)
{
    struct client *c = arg;
    (void)flags;
    size_t early = c->early.len - c->early_at;
    if (early) {
        size_t n = early < size ? early : size;
        memcpy(to, c->early.ptr + c->early_at, n);
        c->early_at += n;
        return (ssize_t)n;
    }
    bool enough = c->read_bytes >= SOCKETS_READ_BYTES;
    ssize_t n = enough ? -1 : recv(c->fd, to, size, 0);
    if (n > 0) {
        c->read_bytes += (size_t)n;
        return n;
    }
    bool later =
        enough || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
    wslay_event_set_error(ws, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

/* Answers to pings and to a close, as wslay writes them. */
static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t *bytes, size_t len,
                       int flags, void *arg)
{
    (void)ws, (void)flags;
    buf_add(&((struct client *)arg)->out, bytes, len);
    return (ssize_t)len;
}

static void on_message(wslay_event_context_ptr ws,
                       const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
    struct client *c = arg;
    bool logs = c->logs;
    (void)ws;
    if (m->opcode != WSLAY_TEXT_FRAME ||
        !sockets_read_message((struct span){m->msg, m->msg_length}, &logs))
        return;
    if (logs && !c->logs)
        atomic_fetch_add(&c->sockets->feed.logs, 1);
    if (!logs && c->logs)
        atomic_fetch_sub(&c->sockets->feed.logs, 1);
    c->logs = logs;
}

struct client *client_new(struct sockets *l, int fd,
                          struct MHD_UpgradeResponseHandle *handle, struct span early)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_msg_recv_callback = on_message,
    };
    struct client *c = mem_zero(sizeof *c);
    if (wslay_event_context_server_init(&c->ws, &callbacks, c)) {
        free(c);
        return NULL;
    }
    wslay_event_config_set_max_recv_msg_length(c->ws, SOCKETS_MESSAGE_MAX);
    c->sockets = l;
    c->fd = fd;
    c->handle = handle;
    buf_add(&c->early, early.ptr, early.len);
    return c;
}

void client_free(struct client *c)
{
    if (c->logs)
        atomic_fetch_sub(&c->sockets->feed.logs, 1);
    epoll_ctl(c->sockets->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    MHD_upgrade_action(c->handle, MHD_UPGRADE_ACTION_CLOSE);
    wslay_event_context_free(c->ws);
    buf_fini(&c->early);
    buf_fini(&c->out);
    free(c->snapshot);
    free(c->removed);
    free(c);
}

bool client_read(struct client *c, int64_t now_ms)
{
    c->in_ms = now_ms;
    c->read_bytes = 0;
    if (wslay_event_recv(c->ws))
        return false;
    while (wslay_event_want_write(c->ws))
        if (wslay_event_send(c->ws))
            return false;
    if (c->out.len - c->out_at > SOCKETS_OUT_BYTES)
        return false;
    c->ending = c->ending || !wslay_event_want_read(c->ws);
    return client_write(c, now_ms);
}

/* ---- to the client ---- */

static void add_text_frame(struct client *c, const char *text)
{
    uint8_t head[] = {0x81, (uint8_t)strlen(text)};
    buf_add(&c->out, head, sizeof head);
    buf_text(&c->out, text);
}

void client_snapshot(struct client *c, int64_t *devices, size_t count, bool devices_too)
{
    free(c->snapshot);
    c->snapshot = devices;
    c->snapshot_count = count;
    c->snapshot_at = 0;
    c->snapshot_devices = devices_too;
}

static bool snapshot_has(const struct client *c, size_t at)
{
    return idmap_find(&c->viewer->owned, c->snapshot[at]) != NULL;
}

/* The next part of the snapshot; returns where it ends. */
static size_t write_snapshot(struct client *c, struct json *j)
{
    struct api *api = c->sockets->api;
    struct position p;
    size_t end = c->snapshot_at, start = j->out->len;
    size_t last = c->snapshot_count;
    if (c->snapshot_devices) {
        js_open(j, "devices", '[');
        for (; end < last && j->out->len - start < SOCKETS_SNAPSHOT_BYTES; end++)
            if (snapshot_has(c, end))
                cache_write(&c->sockets->cache, api, j, c->snapshot[end]);
        js_close(j, ']');
        /* Their positions, however long, so that both go to the same place. */
        last = end;
    }
    js_open(j, "positions", '[');
    for (end = c->snapshot_at; end < last; end++) {
        if (!c->snapshot_devices && j->out->len - start >= SOCKETS_SNAPSHOT_BYTES)
            break;
        if (snapshot_has(c, end) && fl_latest(api->config.fleet, c->snapshot[end], &p))
            json_position(j, NULL, &p);
    }
    js_close(j, ']');
    return end;
}

static void add_snapshot(struct client *c)
{
    struct json j = {.out = &c->out};
    buf_room(&c->out, VIEW_HEAD);
    c->out.len = VIEW_HEAD;
    js_open(&j, NULL, '{');
    c->snapshot_at = write_snapshot(c, &j);
    js_close(&j, '}');
    c->out_at = view_wrap(&c->out, 0);
    if (c->snapshot_at < c->snapshot_count)
        return;
    free(c->snapshot);
    c->snapshot = NULL;
}

static void add_removed(struct client *c)
{
    struct json j = {.out = &c->out};
    buf_room(&c->out, VIEW_HEAD);
    c->out.len = VIEW_HEAD;
    js_open(&j, NULL, '{');
    js_open(&j, "removed", '[');
    for (size_t i = 0; i < c->removed_count; i++)
        js_int(&j, NULL, c->removed[i]);
    js_close(&j, ']');
    js_close(&j, '}');
    c->out_at = view_wrap(&c->out, 0);
    free(c->removed);
    c->removed = NULL;
    c->removed_count = 0;
}

/* Has missed batches: starts anew from the latest of everything. */
static bool resync(struct client *c, int64_t now_ms)
{
    size_t count = 0;
    int64_t *devices = NULL;
    if (now_ms - c->resync_ms < SOCKETS_RESYNC_MS)
        return false;
    c->resync_ms = now_ms;
    atomic_fetch_add(&c->sockets->resyncs, 1);
    idmap_ids(&c->viewer->owned, &devices, &count);
    client_snapshot(c, devices ? devices : mem_zero(1), count, true);
    c->batch = c->sockets->next_number;
    return true;
}

/* What fill() and the like say. */
enum progress { MORE, NOTHING, BLOCKED, GONE };

/* Sends what waits in `out`. */
static enum progress flush(struct client *c, int64_t now_ms)
{
    while (c->out_at < c->out.len) {
        size_t len = c->out.len - c->out_at;
        ssize_t n = send(c->fd, c->out.ptr + c->out_at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return BLOCKED;
        if (n <= 0)
            return GONE;
        c->out_at += (size_t)n;
        c->out_ms = c->progress_ms = now_ms;
        atomic_fetch_add(&c->sockets->sent_bytes, (uint64_t)n);
    }
    /* Idle sockets keep no memory for what they once sent. */
    buf_fini(&c->out);
    c->out_at = 0;
    c->progress_ms = now_ms;
    return NOTHING;
}

/* Sends a frame that all of the user's sockets share; only what does not go at once is
 * copied. */
static enum progress send_shared(struct client *c, struct span frame, int64_t now_ms)
{
    ssize_t n = send(c->fd, frame.ptr, frame.len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return GONE;
    atomic_fetch_add(&c->sockets->frames, 1);
    if (n > 0) {
        atomic_fetch_add(&c->sockets->sent_bytes, (uint64_t)n);
        c->out_ms = c->progress_ms = now_ms;
        frame = span_cut(frame, (size_t)n, frame.len);
    }
    buf_add(&c->out, frame.ptr, frame.len);
    return MORE;
}

/* Goes one step further, with `out` empty. */
static enum progress step(struct client *c, int64_t now_ms)
{
    struct sockets *l = c->sockets;
    if (c->ending)
        return NOTHING;
    if (c->removed || c->snapshot) {
        if (c->removed)
            add_removed(c);
        else
            add_snapshot(c);
        return MORE;
    }
    if (c->batch == l->next_number)
        return NOTHING;
    const struct batch *b =
        c->batch < l->oldest ? NULL : l->kept[c->batch % SOCKETS_BATCHES];
    if (!b)
        return resync(c, now_ms) ? MORE : NOTHING;
    c->batch++;
    struct span frame = view_batch(c->viewer, b, c->logs);
    return frame.len ? send_shared(c, frame, now_ms) : MORE;
}

static void want_out(struct client *c, bool wants)
{
    struct epoll_event event = {.events = EPOLLIN | (wants ? EPOLLOUT : 0),
                                .data.ptr = c};
    if (wants == c->wants_out)
        return;
    c->wants_out = wants;
    epoll_ctl(c->sockets->epoll, EPOLL_CTL_MOD, c->fd, &event);
}

bool client_write(struct client *c, int64_t now_ms)
{
    enum progress p = MORE;
    while (p == MORE) {
        p = flush(c, now_ms);
        if (p == NOTHING)
            p = step(c, now_ms);
    }
    if (p == GONE)
        return false;
    want_out(c, p == BLOCKED);
    return p == BLOCKED || !c->ending;
}

bool client_check(struct client *c, int64_t now_ms)
{
    static const uint8_t ping[] = {0x89, 0};
    bool stuck = c->out_at < c->out.len && now_ms - c->progress_ms > SOCKETS_STUCK_MS;
    if (stuck || now_ms - c->in_ms > SOCKETS_IDLE_MS)
        return false;
    if (now_ms - c->out_ms < SOCKETS_KEEPALIVE_MS || c->out_at < c->out.len)
        return client_write(c, now_ms);
    c->out.len = c->out_at = 0;
    buf_add(&c->out, ping, sizeof ping);
    add_text_frame(c, "{}");
    return client_write(c, now_ms);
}
