/*
 * rights.c - the rules of who may do what, in one place.
 */
#include "api/rights.h"

#include <microhttpd.h>
#include <stdlib.h>

enum { LIST_BLOCK = 64 << 10 };

static bool denied(struct request *rq, const char *what)
{
    if (rq->caller.user.administrator)
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "%s does not exist", what);
    else
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s access denied", what);
    return false;
}

/* What a failed read means: not there, or the store failed. */
static bool unread(struct request *rq, const char *what, const struct err *err)
{
    if (err->code == ERR_MISSING)
        return denied(rq, what);
    rq_fail_err(rq, err);
    return false;
}

bool right_sees_device(struct request *rq, int64_t id)
{
    return rq->caller.user.administrator ||
           acc_reaches_device(rq->api->access, rq->caller.user.id, id);
}

bool right_device(struct request *rq, int64_t id, struct st_device *d)
{
    struct err err = {0};
    *d = (struct st_device){0};
    if (!right_sees_device(rq, id))
        return denied(rq, "Device");
    return st_device_get(rq->api->config.store, id, d, &err) ||
           unread(rq, "Device", &err);
}

bool right_group(struct request *rq, int64_t id, struct st_group *g)
{
    struct err err = {0};
    *g = (struct st_group){0};
    if (!rq->caller.user.administrator &&
        !acc_reaches_group(rq->api->access, rq->caller.user.id, id))
        return denied(rq, "Group");
    return st_group_get(rq->api->config.store, id, g, &err) || unread(rq, "Group", &err);
}

bool right_user(struct request *rq, int64_t id, struct st_user *u)
{
    struct err err = {0};
    const struct st_user *self = &rq->caller.user;
    *u = (struct st_user){0};
    if (!self->administrator && self->id != id &&
        !acc_linked(rq->api->access, self->id, ST_USER, id))
        return denied(rq, "User");
    return st_user_get(rq->api->config.store, id, u, &err) || unread(rq, "User", &err);
}

bool right_refers(struct request *rq, bool found)
{
    if (!found && rq->status == MHD_HTTP_NOT_FOUND)
        rq->status = MHD_HTTP_BAD_REQUEST;
    return found;
}

bool right_edit_devices(struct request *rq)
{
    const struct st_user *u = &rq->caller.user;
    if (u->administrator ||
        (!u->device_readonly && !settings_flags(rq->api->settings).device_readonly))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "Devices are read-only for the account");
    return false;
}

bool right_reports(struct request *rq)
{
    const struct st_user *u = &rq->caller.user;
    if (u->administrator ||
        (!u->disable_reports && !settings_flags(rq->api->settings).disable_reports))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "Reports are disabled for the account");
    return false;
}

bool right_is_manager(const struct request *rq)
{
    return rq->caller.user.user_limit != 0;
}

/* ---- lists ---- */

bool list_open(struct request *rq, struct list *l)
{
    const struct st_user *self = &rq->caller.user;
    *l = (struct list){.user_id = self->id};
    if (!rq_query_id(rq, "limit", &l->limit) || !rq_query_id(rq, "offset", &l->offset) ||
        !rq_query_id(rq, "userId", &l->user_id))
        return false;
    if (l->limit < 0 || l->offset < 0) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "limit and offset must not be negative");
        return false;
    }
    const char *user = rq_query(rq, "userId");
    l->direct = user && *user;
    l->all = !l->direct && self->administrator && params_bool(&rq->query, "all");
    l->exclude_attributes = params_bool(&rq->query, "excludeAttributes");
    struct st_user other;
    if (l->user_id != self->id) {
        if (!right_user(rq, l->user_id, &other))
            return false;
        st_user_fini(&other);
    }
    const char *keyword = rq_query(rq, "keyword");
    l->keyword = keyword && *keyword ? keyword : NULL;
    return true;
}

bool list_matches(const struct list *l, const char *const *texts, size_t count)
{
    if (!l->keyword)
        return true;
    for (size_t i = 0; i < count; i++)
        if (texts[i] && strcasestr(texts[i], l->keyword))
            return true;
    return false;
}

void list_add(struct gathered *g, int64_t id, const char *name)
{
    if (!(g->count & (g->count - 1)))
        g->items = mem_grow(g->items, (g->count ? g->count * 2 : 1) * sizeof *g->items);
    g->items[g->count++] = (struct listed){id, mem_text(name ? name : "")};
}

void list_drop(struct gathered *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->items[i].name);
    free(g->items);
    *g = (struct gathered){0};
}

static int by_name(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    int order = strcasecmp(x->name, y->name);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* A list on its way out. */
struct listing {
    struct api *api;
    struct gathered all;
    size_t at, end;
    bool begun, comma, exclude;
    bool (*write)(struct api *api, struct json *j, int64_t id, bool exclude,
                  struct err *err);
};

static bool next_objects(void *state, struct buffer *out, struct err *err)
{
    struct listing *l = state;
    struct json j = {.out = out, .comma = l->comma};
    if (!l->begun)
        js_open(&j, NULL, '[');
    l->begun = true;
    while (l->at < l->end && out->len < LIST_BLOCK)
        if (!l->write(l->api, &j, l->all.items[l->at++].id, l->exclude, err))
            return false;
    l->comma = j.comma;
    if (l->at < l->end)
        return true;
    js_close(&j, ']');
    return false;
}

static void free_listing(void *state)
{
    struct listing *l = state;
    list_drop(&l->all);
    free(l);
}

bool list_is_gone(struct err *err)
{
    if (err->code != ERR_MISSING)
        return false;
    *err = (struct err){0};
    return true;
}

void list_answer(struct request *rq, const struct list *l, struct gathered *g,
                 bool (*write)(struct api *api, struct json *j, int64_t id, bool exclude,
                               struct err *err))
{
    struct listing *s = mem_zero(sizeof *s);
    *s = (struct listing){
        .api = rq->api, .all = *g, .exclude = l->exclude_attributes, .write = write};
    *g = (struct gathered){0};
    if (s->all.count)
        qsort(s->all.items, s->all.count, sizeof *s->all.items, by_name);
    s->at = (uint64_t)l->offset < s->all.count ? (size_t)l->offset : s->all.count;
    s->end = s->all.count;
    if (l->limit && (uint64_t)l->limit < s->end - s->at)
        s->end = s->at + (size_t)l->limit;
    rq_stream(rq, "application/json", (struct stream){next_objects, free_listing, s});
}
