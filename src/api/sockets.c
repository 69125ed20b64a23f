/*
 * sockets.c - the thread of the live sockets.
 *
 * A round: take what was published, append it to the row of batches, let every client
 * have its share.  Rounds follow each other by SOCKETS_TICK_MS at least, so that many
 * small changes make one frame.
 */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/auth.h"
#include "api/http.h"
#include "api/sockets_inside.h"

enum {
    SOCKETS_EVENTS_MAX = 256,
    SOCKETS_SECOND_MS = 1000,
    SOCKETS_DEVICES_A_ROUND = 2000, /* written; more wait for the next */
};

/* ---- viewers ---- */

static struct viewer *viewer_of(struct sockets *l, int64_t user_id)
{
    struct viewer *v = l->viewers;
    while (v && v->user_id != user_id)
        v = v->next;
    if (v)
        return v;
    v = mem_zero(sizeof *v);
    v->user_id = user_id;
    v->next = l->viewers;
    l->viewers = v;
    int64_t *ids;
    size_t count = acc_devices(l->api->access, user_id, true, &ids);
    for (size_t i = 0; i < count; i++)
        idmap_put(&v->owned, ids[i], 1);
    free(ids);
    return v;
}

static void drop_viewers(struct sockets *l)
{
    for (struct viewer **link = &l->viewers; *link;) {
        struct viewer *v = *link;
        if (v->clients) {
            link = &v->next;
            continue;
        }
        *link = v->next;
        viewer_free(v);
    }
}

static void drop_client(struct sockets *l, struct client *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    feed_count(&l->feed, -1);
    client_free(c);
}

/* Tells a client of devices that it did not see, and of others that it sees no more. */
static void tell_change(struct client *c, const int64_t *added, size_t added_count,
                        const int64_t *removed, size_t removed_count)
{
    if (removed_count) {
        size_t size = (c->removed_count + removed_count) * sizeof *removed;
        c->removed = mem_grow(c->removed, size);
        memcpy(c->removed + c->removed_count, removed, removed_count * sizeof *removed);
        c->removed_count += removed_count;
    }
    if (!added_count)
        return;
    /* What is left of an earlier snapshot goes first. */
    size_t left = c->snapshot ? c->snapshot_count - c->snapshot_at : 0;
    int64_t *all = mem_grow(NULL, (left + added_count) * sizeof *all);
    if (left)
        memcpy(all, c->snapshot + c->snapshot_at, left * sizeof *all);
    memcpy(all + left, added, added_count * sizeof *all);
    client_snapshot(c, all, left + added_count, true);
}

static void look_again(struct sockets *l, struct viewer *v)
{
    int64_t *now, *before = NULL;
    size_t before_count = 0, added = 0, removed = 0;
    size_t count = acc_devices(l->api->access, v->user_id, true, &now);
    struct idmap owned = {0};
    for (size_t i = 0; i < count; i++)
        idmap_put(&owned, now[i], 1);
    for (size_t i = 0; i < count; i++)
        if (!idmap_find(&v->owned, now[i]))
            now[added++] = now[i];
    idmap_ids(&v->owned, &before, &before_count);
    for (size_t i = 0; i < before_count; i++)
        if (!idmap_find(&owned, before[i]))
            before[removed++] = before[i];
    idmap_fini(&v->owned);
    v->owned = owned;
    v->built[0].number = v->built[1].number = 0;
    for (struct client *c = v->clients; c; c = c->next)
        tell_change(c, now, added, before, removed);
    free(now);
    free(before);
}

/* ---- sockets that come ---- */

void sockets_take(struct sockets *l, int fd, struct MHD_UpgradeResponseHandle *handle,
                  struct span early, int64_t user_id, bool administrator,
                  const unsigned char *session)
{
    pthread_mutex_lock(&l->lock);
    bool fits = !l->closing && atomic_load(&l->feed.sockets) < SOCKETS_SOCKETS_MAX;
    struct client *c = fits ? client_new(l, fd, handle, early) : NULL;
    if (c) {
        c->user_id = user_id;
        c->administrator = administrator;
        c->has_session = session != NULL;
        if (session)
            memcpy(c->session, session, sizeof c->session);
        c->next = l->incoming;
        l->incoming = c;
        feed_count(&l->feed, 1);
    }
    pthread_mutex_unlock(&l->lock);
    if (c)
        feed_wake(&l->feed);
    else
        MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static void admit(struct sockets *l, struct client *c, int64_t now_ms)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    struct viewer *v = viewer_of(l, c->user_id);
    size_t count = 0;
    int64_t *devices = NULL;
    v->administrator = c->administrator;
    c->viewer = v;
    c->next = v->clients;
    c->link = &v->clients;
    if (c->next)
        c->next->link = &c->next;
    v->clients = c;
    c->in_ms = c->out_ms = c->progress_ms = now_ms;
    c->resync_ms = now_ms - SOCKETS_RESYNC_MS;
    c->batch = l->next_number;
    idmap_ids(&v->owned, &devices, &count);
    client_snapshot(c, devices ? devices : mem_zero(1), ids_sort(devices, count), false);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) || !client_read(c, now_ms))
        drop_client(l, c);
}

static void admit_all(struct sockets *l, int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    struct client *c = l->incoming;
    l->incoming = NULL;
    pthread_mutex_unlock(&l->lock);
    for (struct client *next; c; c = next) {
        next = c->next;
        admit(l, c, now_ms);
    }
}

/* ---- rounds ---- */

static void forget_oldest(struct sockets *l)
{
    struct batch **slot = &l->kept[l->oldest++ % SOCKETS_BATCHES];
    l->kept_bytes -= *slot ? (*slot)->bytes.len : 0;
    batch_free(*slot);
    *slot = NULL;
}

/* Appends to the row; NULL stands for something that was lost. */
static void keep_batch(struct sockets *l, struct batch *b)
{
    while (l->oldest < l->next_number && (l->next_number - l->oldest == SOCKETS_BATCHES ||
                                          l->kept_bytes > SOCKETS_KEPT_BYTES))
        forget_oldest(l);
    if (b) {
        b->number = l->next_number;
        l->kept_bytes += b->bytes.len;
    }
    l->kept[l->next_number++ % SOCKETS_BATCHES] = b;
}

/* Devices that changed, written behind what came from the feed. */
static void write_devices(struct sockets *l, struct batch **first, struct batch **last)
{
    int64_t *ids = NULL;
    size_t count = 0;
    idmap_ids(&l->waiting, &ids, &count);
    for (size_t i = 0; i < count && i < SOCKETS_DEVICES_A_ROUND; i++) {
        struct item item = {.device_id = ids[i], .kind = ITEM_DEVICES};
        struct buffer *out = batch_begin(first, last, item);
        size_t start = out->len - sizeof item;
        struct json j = {.out = out};
        cache_write(&l->cache, l->api, &j, ids[i]);
        if (out->len == start + sizeof item)
            out->len = start;
        else
            batch_end(*last, start);
        idmap_remove(&l->waiting, ids[i]);
    }
    free(ids);
}

static void take_feed(struct sockets *l)
{
    struct idmap changed;
    bool lost;
    struct batch *first = feed_take(&l->feed, &changed, &lost), *last = first;
    while (last && last->next)
        last = last->next;
    for (size_t i = 0; i < changed.size; i++)
        idmap_put(&l->waiting, changed.slots[i].id, 1);
    idmap_fini(&changed);
    write_devices(l, &first, &last);
    if (lost)
        keep_batch(l, NULL);
    for (struct batch *b = first, *next; b; b = next) {
        next = b->next;
        keep_batch(l, b);
    }
}

/* A round over all clients; each() says false for one that is over. */
static void each_client(struct sockets *l, int64_t now_ms,
                        bool (*each)(struct client *c, int64_t now_ms))
{
    for (struct viewer *v = l->viewers; v; v = v->next)
        for (struct client *c = v->clients, *next; c; c = next) {
            next = c->next;
            if (!each(c, now_ms))
                drop_client(l, c);
        }
    drop_viewers(l);
}

static bool send_waiting(struct client *c, int64_t now_ms)
{
    return c->wants_out || client_write(c, now_ms);
}

static bool still_good(struct client *c, int64_t now_ms)
{
    (void)now_ms;
    return auth_still_good(c->sockets->api, c->has_session ? c->session : NULL,
                           c->user_id, &c->viewer->administrator);
}

static void go_round(struct sockets *l, int64_t now_ms)
{
    uint64_t version = acc_version(l->api->access);
    admit_all(l, now_ms);
    if (version != l->access_version && now_ms - l->access_ms >= SOCKETS_ACCESS_MS) {
        l->access_version = version;
        l->access_ms = now_ms;
        for (struct viewer *v = l->viewers; v; v = v->next)
            look_again(l, v);
    }
    take_feed(l);
    each_client(l, now_ms, send_waiting);
}

/* Something was left for the next round. */
static bool has_more(const struct sockets *l)
{
    return l->waiting.count ||
           (l->viewers && acc_version(l->api->access) != l->access_version);
}

/* Once a second. */
static void second(struct sockets *l, int64_t now_ms, unsigned count)
{
    if (atomic_exchange(&l->check_sessions, false) || count % 60 == 0)
        each_client(l, now_ms, still_good);
    each_client(l, now_ms, client_check);
    if (count % 5 == 0)
        http_expire(l->api);
}

static void on_socket(struct sockets *l, const struct epoll_event *event, int64_t now_ms)
{
    struct client *c = event->data.ptr;
    bool good = !(event->events & EPOLLOUT) || client_write(c, now_ms);
    if (good && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        good = client_read(c, now_ms);
    if (!good)
        drop_client(l, c);
}

static bool is_closing(struct sockets *l)
{
    pthread_mutex_lock(&l->lock);
    bool closing = l->closing;
    pthread_mutex_unlock(&l->lock);
    return closing;
}

static void *sockets_thread(void *arg)
{
    struct sockets *l = arg;
    struct epoll_event events[SOCKETS_EVENTS_MAX];
    int64_t round_ms = 0, second_ms = monotonic_ms();
    bool due = false;
    for (unsigned seconds = 0; !is_closing(l);) {
        int64_t now_ms = monotonic_ms();
        int64_t next_ms = second_ms + SOCKETS_SECOND_MS;
        if (due && round_ms + SOCKETS_TICK_MS < next_ms)
            next_ms = round_ms + SOCKETS_TICK_MS;
        int wait_ms = next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
        int count = epoll_wait(l->epoll, events, SOCKETS_EVENTS_MAX, wait_ms);
        now_ms = monotonic_ms();
        for (int i = 0; i < count; i++) {
            uint64_t wakes;
            if (events[i].data.ptr)
                on_socket(l, &events[i], now_ms);
            else if (read(l->wake, &wakes, sizeof wakes) > 0)
                due = true;
        }
        if (now_ms - second_ms >= SOCKETS_SECOND_MS) {
            second_ms = now_ms;
            second(l, now_ms, ++seconds);
            due = true;
        }
        if (due && now_ms - round_ms >= SOCKETS_TICK_MS) {
            round_ms = now_ms;
            go_round(l, now_ms);
            due = has_more(l);
        }
    }
    return NULL;
}

/* ---- open and close ---- */

struct sockets *sockets_open(struct api *api, struct err *err)
{
    struct sockets *l = mem_zero(sizeof *l);
    struct epoll_event event = {.events = EPOLLIN};
    l->api = api;
    l->oldest = l->next_number = 1;
    pthread_mutex_init(&l->lock, NULL);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->wake < 0 || l->epoll < 0 ||
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event)) {
        err_set(err, ERR_IO, "live sockets: %s", strerror(errno));
        sockets_free(l);
        return NULL;
    }
    feed_init(&l->feed, api, l->wake);
    l->running = !pthread_create(&l->thread, NULL, sockets_thread, l);
    if (l->running)
        return l;
    err_set(err, ERR_IO, "live sockets: no thread");
    sockets_free(l);
    return NULL;
}

static bool end_client(struct client *c, int64_t now_ms)
{
    (void)c, (void)now_ms;
    return false;
}

void sockets_close(struct sockets *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_mutex_unlock(&l->lock);
    if (l->running) {
        feed_wake(&l->feed);
        pthread_join(l->thread, NULL);
        l->running = false;
    }
    admit_all(l, monotonic_ms());
    each_client(l, 0, end_client);
}

void sockets_free(struct sockets *l)
{
    if (!l)
        return;
    sockets_close(l);
    feed_fini(&l->feed);
    while (l->oldest < l->next_number)
        forget_oldest(l);
    cache_fini(&l->cache);
    idmap_fini(&l->waiting);
    if (l->wake >= 0)
        close(l->wake);
    if (l->epoll >= 0)
        close(l->epoll);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

void sockets_access_changed(struct sockets *l)
{
    feed_wake(&l->feed);
}

void sockets_check_sessions(struct sockets *l)
{
    atomic_store(&l->check_sessions, true);
}

void sockets_stats(struct sockets *l, struct sockets_stats *out)
{
    *out = (struct sockets_stats){
        .sockets = atomic_load(&l->feed.sockets),
        .sent_bytes = atomic_load(&l->sent_bytes),
        .frames = atomic_load(&l->frames),
        .resyncs = atomic_load(&l->resyncs),
    };
}
