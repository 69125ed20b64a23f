/*
 * groups.c - groups of devices: /groups.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/idmap.h"
#include "api/input.h"
#include "api/sockets.h"
#include "api/rights.h"
#include "api/router.h"

enum { GROUP_NAME_MAX = 128 };

static void json_group(struct json *j, const struct st_group *g, bool exclude)
{
    js_open(j, NULL, '{');
    js_int(j, "id", g->id);
    js_attributes(j, g->attributes, exclude);
    js_int(j, "groupId", g->group_id);
    js_text(j, "name", g->name ? g->name : "");
    js_close(j, '}');
}

static bool write_group(struct api *api, struct json *j, int64_t id, bool exclude,
                        struct err *err)
{
    struct st_group g;
    if (!st_group_get(api->config.store, id, &g, err))
        return list_is_gone(err);
    json_group(j, &g, exclude);
    st_group_fini(&g);
    return true;
}

struct group_list {
    struct list list;
    struct gathered found;
    int64_t *only;
    size_t only_count;
};

static bool visit_group(void *arg, const struct st_group *g)
{
    struct group_list *l = arg;
    if ((l->list.all || ids_has(l->only, l->only_count, g->id)) &&
        list_matches(&l->list, (const char *const[]){g->name}, 1))
        list_add(&l->found, g->id, g->name);
    return true;
}

static void groups_list(struct request *rq)
{
    struct group_list l = {0};
    struct err err = {0};
    if (!list_open(rq, &l.list))
        return;
    l.only_count = acc_groups(rq->api->access, l.list.user_id, !l.list.direct, &l.only);
    if (st_groups_each(rq->api->config.store, visit_group, &l, &err))
        list_answer(rq, &l.list, &l.found, write_group);
    else
        rq_fail_err(rq, &err);
    list_drop(&l.found);
    free(l.only);
}

static void groups_get(struct request *rq)
{
    struct st_group g;
    if (!right_group(rq, rq->id, &g))
        return;
    json_group(rq_json(rq), &g, false);
    st_group_fini(&g);
}

/* Reads the fields; false with the answer made. */
static bool read_group(struct request *rq, struct input *in, struct st_group *g)
{
    struct st_group parent;
    int64_t before = g->group_id;
    free(g->name);
    free(g->attributes);
    g->name = in_text_needed(in, "name", GROUP_NAME_MAX);
    g->group_id = in_id(in, "groupId");
    g->attributes = in_attributes(in);
    if (!in_ok(in)) {
        rq_fail_err(rq, &in->err);
        return false;
    }
    if (!g->group_id || g->group_id == before)
        return true;
    if (!right_refers(rq, right_group(rq, g->group_id, &parent)))
        return false;
    st_group_fini(&parent);
    return true;
}

static void groups_post(struct request *rq)
{
    struct st_group g = {0};
    struct err err = {0};
    struct store *st = rq->api->config.store;
    json_t *body = rq_body(rq);
    if (!body)
        return;
    struct input in = in_open(body);
    if (read_group(rq, &in, &g)) {
        if (!st_group_put(st, &g, &err)) {
            rq_fail_err(rq, &err);
        } else if (!st_link(st, ST_USER, rq->caller.user.id, ST_GROUP, g.id, true,
                            &err)) {
            rq_fail_err(rq, &err);
            st_group_delete(st, g.id, &err);
        } else {
            json_group(rq_json(rq), &g, false);
        }
        acc_stale(rq->api->access);
        sockets_access_changed(rq->api->sockets);
    }
    st_group_fini(&g);
    json_decref(body);
}

static void groups_put(struct request *rq)
{
    struct st_group g;
    struct err err = {0};
    json_t *body = rq_body(rq);
    if (!body)
        return;
    struct input in = in_open(body);
    int64_t id = in_has(&in, "id") ? in_id(&in, "id") : rq->id;
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
    } else if (right_group(rq, id, &g)) {
        if (read_group(rq, &in, &g)) {
            if (st_group_put(rq->api->config.store, &g, &err))
                json_group(rq_json(rq), &g, false);
            else
                rq_fail_err(rq, &err);
            acc_stale(rq->api->access);
            sockets_access_changed(rq->api->sockets);
        }
        st_group_fini(&g);
    }
    json_decref(body);
}

static void groups_delete(struct request *rq)
{
    struct st_group g;
    struct err err = {0};
    if (!right_group(rq, rq->id, &g))
        return;
    if (st_group_delete(rq->api->config.store, g.id, &err))
        rq_empty(rq);
    else
        rq_fail_err(rq, &err);
    acc_stale(rq->api->access);
    sockets_access_changed(rq->api->sockets);
    st_group_fini(&g);
}

const struct route routes_groups[] = {
    {METHOD_GET, "/groups", groups_list, 0},
    {METHOD_POST, "/groups", groups_post, ROUTE_EDIT},
    {METHOD_GET, "/groups/{id}", groups_get, 0},
    {METHOD_PUT, "/groups/{id}", groups_put, ROUTE_EDIT},
    {METHOD_DELETE, "/groups/{id}", groups_delete, ROUTE_EDIT},
    {0},
};
