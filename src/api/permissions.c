/*
 * permissions.c - links between users and what they see: /permissions.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/input.h"
#include "api/sockets.h"
#include "api/rights.h"
#include "api/router.h"

enum { PERMISSIONS_MAX = 10000 };

static const struct member {
    const char *key;
    enum st_kind kind;
} members[] = {
    {"deviceId", ST_DEVICE}, {"groupId", ST_GROUP}, {"managedUserId", ST_USER}};

enum { MEMBER_COUNT = sizeof members / sizeof *members };

struct pair {
    int64_t user_id, member_id;
    const struct member *member;
};

/* ---- reading ---- */

static bool bad(struct request *rq, const char *why)
{
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s", why);
    return false;
}

static void take_key(struct input *in, const char *key, struct pair *p)
{
    if (!strcasecmp(key, "userId"))
        p->user_id = in_id(in, key);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (strcasecmp(key, members[i].key))
            continue;
        p->member = &members[i];
        p->member_id = in_id(in, key);
    }
}

/* Exactly two ids, one of them the user's; keys match without regard to case. */
static bool read_pair(struct request *rq, json_t *object, struct pair *p)
{
    *p = (struct pair){0};
    struct input in = in_open(object);
    if (!in_ok(&in) || json_object_size(object) != 2)
        return bad(rq, "A permission holds exactly two ids");
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        take_key(&in, json_object_iter_key(i), p);
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
        return false;
    }
    if (!p->user_id || !p->member_id)
        return bad(rq, "Such objects cannot be linked");
    return true;
}

/* The caller has to reach both. */
static bool may_link(struct request *rq, const struct pair *p)
{
    struct st_user u;
    struct st_device d;
    struct st_group g;
    bool may = right_user(rq, p->user_id, &u);
    if (may)
        st_user_fini(&u);
    if (may && p->member->kind == ST_DEVICE) {
        may = right_device(rq, p->member_id, &d);
        st_device_fini(&d);
    } else if (may && p->member->kind == ST_GROUP) {
        may = right_group(rq, p->member_id, &g);
        st_group_fini(&g);
    } else if (may) {
        may = right_user(rq, p->member_id, &u);
        st_user_fini(&u);
        if (may && p->member_id == p->user_id)
            may = bad(rq, "A user does not manage himself");
        if (may && !rq->caller.user.administrator && !right_is_manager(rq))
            may = bad(rq, "Manager access required");
    }
    return right_refers(rq, may);
}

/* ---- changing ---- */

static bool change(struct request *rq, const struct pair *p, bool linked)
{
    struct err err = {0};
    if (!st_link(rq->api->config.store, ST_USER, p->user_id, p->member->kind,
                 p->member_id, linked, &err)) {
        rq_fail_err(rq, &err);
        return false;
    }
    acc_link(rq->api->access, p->user_id, p->member->kind, p->member_id, linked);
    return true;
}

/* All are looked at before the first is changed. */
static void change_all(struct request *rq, json_t *const *objects, size_t count,
                       bool linked)
{
    struct pair *pairs = mem_zero(count * sizeof *pairs);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = read_pair(rq, objects[i], &pairs[i]) && may_link(rq, &pairs[i]);
        if (ok && pairs[i].member != pairs[0].member)
            ok = bad(rq, "All permissions have to be of the same kind");
    }
    for (size_t i = 0; ok && i < count; i++)
        ok = change(rq, &pairs[i], linked);
    free(pairs);
    sockets_access_changed(rq->api->sockets);
    if (ok)
        rq_empty(rq);
}

static void one(struct request *rq, bool linked)
{
    json_t *body = rq_body(rq);
    if (!body)
        return;
    change_all(rq, &body, 1, linked);
    json_decref(body);
}

static void bulk(struct request *rq, bool linked)
{
    json_t *body = rq_body(rq);
    if (!body)
        return;
    size_t count = json_array_size(body);
    if (!json_is_array(body) || count > PERMISSIONS_MAX) {
        bad(rq, "The body has to be an array of at most 10000 permissions");
    } else {
        json_t **objects = mem_zero(count * sizeof(json_t *));
        for (size_t i = 0; i < count; i++)
            objects[i] = json_array_get(body, i);
        change_all(rq, objects, count, linked);
        free(objects);
    }
    json_decref(body);
}

static void permissions_post(struct request *rq)
{
    one(rq, true);
}

static void permissions_delete(struct request *rq)
{
    one(rq, false);
}

static void bulk_post(struct request *rq)
{
    bulk(rq, true);
}

static void bulk_delete(struct request *rq)
{
    bulk(rq, false);
}

/* ---- listing ---- */

struct wanted {
    struct json *j;
    const struct member *member; /* NULL: of any kind */
    int64_t user_id, member_id;  /* 0: any */
};

static bool visit_link(void *arg, enum st_kind owner, int64_t owner_id,
                       enum st_kind member, int64_t member_id)
{
    struct wanted *w = arg;
    if (owner != ST_USER || (w->member && w->member->kind != member) ||
        (w->user_id && w->user_id != owner_id) ||
        (w->member_id && w->member_id != member_id))
        return true;
    js_open(w->j, NULL, '{');
    js_int(w->j, "userId", owner_id);
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].kind == member)
            js_int(w->j, members[i].key, member_id);
    js_close(w->j, '}');
    return true;
}

static void permissions_list(struct request *rq)
{
    struct wanted w = {0};
    struct err err = {0};
    if (!rq_query_id(rq, "userId", &w.user_id))
        return;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (!rq_query(rq, members[i].key))
            continue;
        w.member = &members[i];
        if (!rq_query_id(rq, members[i].key, &w.member_id))
            return;
    }
    w.j = rq_json(rq);
    js_open(w.j, NULL, '[');
    bool ok = st_links_each(rq->api->config.store, visit_link, &w, &err);
    js_close(w.j, ']');
    if (!ok)
        rq_fail_err(rq, &err);
}

const struct route routes_permissions[] = {
    {METHOD_GET, "/permissions", permissions_list, ROUTE_ADMIN},
    {METHOD_POST, "/permissions", permissions_post, ROUTE_EDIT},
    {METHOD_DELETE, "/permissions", permissions_delete, ROUTE_EDIT},
    {METHOD_POST, "/permissions/bulk", bulk_post, ROUTE_EDIT},
    {METHOD_DELETE, "/permissions/bulk", bulk_delete, ROUTE_EDIT},
    {0},
};
