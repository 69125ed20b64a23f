/*
 * sockets_view.c - what a user gets to see of a batch.
 */
#include <stdlib.h>

#include "api/device_json.h"
#include "api/sockets_inside.h"

/* ---- WebSocket framing, RFC 6455, 5.2: a text frame, whole, not masked ---- */

size_t view_wrap(struct buffer *b, size_t start)
{
    uint8_t head[VIEW_HEAD] = {0x81};
    uint64_t len = b->len - start - VIEW_HEAD;
    size_t head_len = len < 126 ? 2 : len < 65536 ? 4 : 10;
    head[1] = (uint8_t)(len < 126 ? len : len < 65536 ? 126 : 127);
    for (size_t i = 2; i < head_len; i++)
        head[i] = (uint8_t)(len >> 8 * (head_len - 1 - i));
    memcpy(b->ptr + start + VIEW_HEAD - head_len, head, head_len);
    return start + VIEW_HEAD - head_len;
}

/* ---- batches ---- */

static bool may_see(const struct viewer *v, const struct item *item)
{
    if (item->kind == ITEM_UNKNOWN)
        return v->administrator;
    if (item->kind == ITEM_LOGS && v->administrator)
        return true;
    return idmap_find(&v->owned, item->device_id) != NULL;
}

/* The item that starts at *at, and steps over it; false at the end. */
static bool next_item(const struct batch *b, size_t *at, struct item *item,
                      struct span *json)
{
    if (*at >= b->bytes.len)
        return false;
    memcpy(item, b->bytes.ptr + *at, sizeof *item);
    *json = (struct span){b->bytes.ptr + *at + sizeof *item, item->len};
    *at += sizeof *item + item->len;
    return true;
}

static void add_raw(struct json *j, const char *name, struct span json)
{
    js_raw(j, name, "");
    buf_add(j->out, json.ptr, json.len);
}

static void add_list(const struct viewer *v, const struct batch *b, enum item_kind kind,
                     struct json *j)
{
    static const char *const names[] = {"positions", "devices", "events", "logs"};
    struct item item;
    struct span json;
    bool any = false;
    for (size_t at = 0; next_item(b, &at, &item, &json);) {
        if (item.kind != kind || !may_see(v, &item))
            continue;
        if (!any)
            js_open(j, names[kind], '[');
        any = true;
        add_raw(j, NULL, json);
    }
    if (any)
        js_close(j, ']');
}

/* The last count holds. */
static void add_unknown(const struct viewer *v, const struct batch *b, struct json *j)
{
    struct item item;
    struct span json, last = {0};
    for (size_t at = 0; next_item(b, &at, &item, &json);)
        if (item.kind == ITEM_UNKNOWN && may_see(v, &item))
            last = json;
    if (last.ptr)
        add_raw(j, "unknown", last);
}

static void build(struct viewer *v, const struct batch *b, bool logs,
                  struct buffer *frame)
{
    struct json j = {.out = frame};
    frame->len = 0;
    buf_room(frame, VIEW_HEAD);
    frame->len = VIEW_HEAD;
    js_open(&j, NULL, '{');
    add_list(v, b, ITEM_POSITIONS, &j);
    add_list(v, b, ITEM_DEVICES, &j);
    add_list(v, b, ITEM_EVENTS, &j);
    if (logs)
        add_list(v, b, ITEM_LOGS, &j);
    add_unknown(v, b, &j);
    js_close(&j, '}');
    if (frame->len == VIEW_HEAD + 2)
        frame->len = VIEW_HEAD;
}

struct span view_batch(struct viewer *v, const struct batch *b, bool logs)
{
    struct buffer *frame = &v->built[logs].frame;
    if (v->built[logs].number != b->number) {
        build(v, b, logs, frame);
        v->built[logs].number = b->number;
        v->built[logs].start = frame->len > VIEW_HEAD ? view_wrap(frame, 0) : frame->len;
    }
    size_t start = v->built[logs].start;
    return (struct span){frame->ptr + start, frame->len - start};
}

void viewer_free(struct viewer *v)
{
    idmap_fini(&v->owned);
    buf_fini(&v->built[0].frame);
    buf_fini(&v->built[1].frame);
    free(v);
}

/* ---- devices ---- */

/* What people set, as it stands in an object, or NULL when the device is gone.  It
 * changes with the registry. */
static const char *kept_json(struct device_cache *c, struct api *api, int64_t id)
{
    struct st_device d;
    struct err err = {0};
    struct buffer text = {0};
    struct json j = {.out = &text};
    size_t at = (size_t)id % SOCKETS_CACHE;
    uint64_t version = fl_registry_version(api->config.fleet);
    if (c->slots[at].id == id && c->slots[at].version == version)
        return c->slots[at].json;
    free(c->slots[at].json);
    c->slots[at].json = NULL;
    c->slots[at].id = 0;
    if (!st_device_get(api->config.store, id, &d, &err))
        return NULL;
    json_device_kept(&j, &d, false);
    st_device_fini(&d);
    buf_add(&text, "", 1);
    c->slots[at].id = id;
    c->slots[at].version = version;
    c->slots[at].json = (char *)text.ptr;
    return c->slots[at].json;
}

void cache_write(struct device_cache *c, struct api *api, struct json *j, int64_t id)
{
    const char *kept = kept_json(c, api, id);
    if (!kept)
        return;
    js_open(j, NULL, '{');
    js_raw(j, NULL, kept);
    json_device_live(j, api->config.fleet, id);
    js_close(j, '}');
}

void cache_fini(struct device_cache *c)
{
    for (size_t i = 0; i < SOCKETS_CACHE; i++)
        free(c->slots[i].json);
}
