/*
 * sockets_feed.c - the bus's listener: encodes what changed, once, while it is there.
 *
 * Positions, events and log lines are written at once.  Of devices only the id is
 * noted: their objects are put together by the thread, once a round at most.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/event_json.h"
#include "api/sockets_inside.h"
#include "api/position_json.h"
#include "journal/entry.h"

void batch_free(struct batch *b)
{
    if (!b)
        return;
    buf_fini(&b->bytes);
    free(b);
}

struct buffer *batch_begin(struct batch **first, struct batch **last, struct item item)
{
    if (!*last || (*last)->bytes.len >= SOCKETS_BATCH_BYTES) {
        struct batch *b = mem_zero(sizeof *b);
        *(*last ? &(*last)->next : first) = b;
        *last = b;
    }
    buf_add(&(*last)->bytes, &item, sizeof item);
    return &(*last)->bytes;
}

void batch_end(struct batch *b, size_t start)
{
    struct item item;
    memcpy(&item, b->bytes.ptr + start, sizeof item);
    item.len = (uint32_t)(b->bytes.len - start - sizeof item);
    memcpy(b->bytes.ptr + start, &item, sizeof item);
}

void feed_wake(struct feed *f)
{
    uint64_t one = 1;
    ssize_t n = write(f->wake, &one, sizeof one);
    (void)n; /* full: it is awake already */
}

static void json_log(struct json *j, const struct entry *e, int64_t device_id)
{
    char address[PEER_TEXT];
    bool printable = true;
    struct span frame = span_cut(e->frame, 0, SOCKETS_LOG_BYTES);
    js_open(j, NULL, '{');
    js_text(j, "host", peer_address(&e->peer, address));
    js_span(j, "protocol", e->protocol);
    js_span(j, "uniqueId", e->device);
    js_int(j, "deviceId", device_id);
    for (size_t i = 0; i < frame.len; i++)
        printable = printable && ((frame.ptr[i] >= ' ' && frame.ptr[i] <= '~') ||
                                  frame.ptr[i] == '\r' || frame.ptr[i] == '\n');
    if (printable)
        js_span(j, "data", frame);
    else
        js_hex(j, "data", frame);
    js_close(j, '}');
}

static void write_item(struct json *j, enum item_kind kind, const struct bus_message *m)
{
    if (kind == ITEM_POSITIONS)
        json_position(j, NULL, m->position);
    else if (kind == ITEM_EVENTS)
        json_event(j, NULL, m->event);
    else if (kind == ITEM_LOGS)
        json_log(j, m->entry, m->device_id);
    else
        js_int(j, NULL, (int64_t)m->count);
}

static void add_item(struct feed *f, enum item_kind kind, const struct bus_message *m)
{
    struct item item = {.device_id = m->device_id, .kind = kind};
    pthread_mutex_lock(&f->lock);
    bool was_empty = !f->first;
    if (f->bytes > SOCKETS_KEPT_BYTES) {
        f->lost = true;
    } else {
        struct buffer *out = batch_begin(&f->first, &f->last, item);
        size_t start = out->len - sizeof item;
        struct json j = {.out = out};
        write_item(&j, kind, m);
        batch_end(f->last, start);
        f->bytes += out->len - start;
    }
    pthread_mutex_unlock(&f->lock);
    if (was_empty)
        feed_wake(f);
}

static void add_device(struct feed *f, int64_t device_id)
{
    pthread_mutex_lock(&f->lock);
    bool was_empty = !f->devices.count;
    idmap_put(&f->devices, device_id, 1);
    pthread_mutex_unlock(&f->lock);
    if (was_empty)
        feed_wake(f);
}

static void on_bus(void *arg, const struct bus_message *m)
{
    struct feed *f = arg;
    if (m->kind == BUS_ACCESS)
        acc_stale(f->api->access);
    if (!atomic_load(&f->sockets))
        return;
    switch (m->kind) {
    case BUS_POSITION:
        add_item(f, ITEM_POSITIONS, m);
        break;
    case BUS_EVENT:
        add_item(f, ITEM_EVENTS, m);
        break;
    case BUS_FRAME:
        if (atomic_load(&f->logs))
            add_item(f, ITEM_LOGS, m);
        break;
    case BUS_UNKNOWN:
        add_item(f, ITEM_UNKNOWN, m);
        break;
    case BUS_DEVICE:
        add_device(f, m->device_id);
        break;
    case BUS_REMOVED:
    case BUS_ACCESS:
        feed_wake(f);
        break;
    }
}

void feed_init(struct feed *f, struct api *api, int wake)
{
    f->api = api;
    f->wake = wake;
    pthread_mutex_init(&f->lock, NULL);
    pthread_mutex_init(&f->count_lock, NULL);
    bus_listen(api->config.bus, on_bus, f);
    bus_quiet(api->config.bus, on_bus, f, true);
}

void feed_count(struct feed *f, int by)
{
    pthread_mutex_lock(&f->count_lock);
    bool none = !(atomic_fetch_add(&f->sockets, by) + by);
    bus_quiet(f->api->config.bus, on_bus, f, none);
    pthread_mutex_unlock(&f->count_lock);
}

void feed_fini(struct feed *f)
{
    if (!f->api)
        return;
    bus_unlisten(f->api->config.bus, on_bus, f);
    for (struct batch *b = f->first, *next; b; b = next) {
        next = b->next;
        batch_free(b);
    }
    idmap_fini(&f->devices);
    pthread_mutex_destroy(&f->lock);
    pthread_mutex_destroy(&f->count_lock);
}

struct batch *feed_take(struct feed *f, struct idmap *devices, bool *lost)
{
    pthread_mutex_lock(&f->lock);
    struct batch *first = f->first;
    *devices = f->devices;
    *lost = f->lost;
    f->first = f->last = NULL;
    f->devices = (struct idmap){0};
    f->bytes = 0;
    f->lost = false;
    pthread_mutex_unlock(&f->lock);
    return first;
}
