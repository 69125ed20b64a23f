/*
 * devices.c - what is tracked: /devices.
 */
#include "api/devices.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "api/device_json.h"
#include "api/idmap.h"
#include "api/sockets.h"
#include "api/router.h"

/* ---- lists ---- */

static bool write_device(struct api *api, struct json *j, int64_t id, bool exclude,
                         struct err *err)
{
    struct st_device d;
    if (!st_device_get(api->config.store, id, &d, err))
        return list_is_gone(err);
    json_device(j, NULL, api->config.fleet, &d, exclude);
    st_device_fini(&d);
    return true;
}

struct device_list {
    struct list list;
    struct gathered found;
    int64_t *only; /* sorted */
    size_t only_count;
};

static void take_device(struct device_list *l, const struct st_device *d)
{
    const char *texts[] = {d->name, d->unique_id, d->phone, d->model, d->contact};
    if (list_matches(&l->list, texts, sizeof texts / sizeof *texts))
        list_add(&l->found, d->id, d->name);
}

static bool visit_device(void *arg, const struct st_device *d)
{
    struct device_list *l = arg;
    if (l->list.all || ids_has(l->only, l->only_count, d->id))
        take_device(l, d);
    return true;
}

/* One by one where few are wanted, all at once where it is many of them. */
static bool find_devices(struct request *rq, struct device_list *l, struct err *err)
{
    struct st_device d;
    struct fl_totals totals = {0};
    fl_totals(rq->api->config.fleet, &totals);
    if (l->list.all || l->only_count > totals.devices / 16)
        return st_devices_each(rq->api->config.store, visit_device, l, err);
    for (size_t i = 0; i < l->only_count; i++) {
        if (st_device_get(rq->api->config.store, l->only[i], &d, err)) {
            take_device(l, &d);
            st_device_fini(&d);
        } else if (err->code != ERR_MISSING) {
            return false;
        }
    }
    *err = (struct err){0};
    return true;
}

/* By id= and uniqueId=: those that the caller may see. */
static bool named_devices(struct request *rq, struct device_list *l)
{
    struct st_device d;
    struct err err = {0};
    int64_t *ids;
    size_t count;
    if (!rq_query_ids(rq, "id", &ids, &count))
        return false;
    l->only = mem_grow(ids, (count + rq->query.count) * sizeof *ids);
    for (size_t i = 0; i < rq->query.count; i++) {
        if (strcmp(rq->query.items[i].name, "uniqueId") ||
            !st_device_find(rq->api->config.store, rq->query.items[i].value, &d, &err))
            continue;
        l->only[count++] = d.id;
        st_device_fini(&d);
    }
    count = ids_sort(l->only, count);
    for (size_t i = 0; i < count; i++)
        if (right_sees_device(rq, l->only[i]))
            l->only[l->only_count++] = l->only[i];
    l->list.all = false;
    return true;
}

static void devices_list(struct request *rq)
{
    struct device_list l = {0};
    struct err err = {0};
    if (!list_open(rq, &l.list))
        return;
    if (rq_query(rq, "id") || rq_query(rq, "uniqueId")) {
        if (!named_devices(rq, &l))
            return;
    } else if (rq_query(rq, "deviceId")) {
        /* Devices linked from a device: there are no such links. */
        l.list.all = false;
    } else {
        l.only_count =
            acc_devices(rq->api->access, l.list.user_id, !l.list.direct, &l.only);
    }
    if (find_devices(rq, &l, &err))
        list_answer(rq, &l.list, &l.found, write_device);
    else
        rq_fail_err(rq, &err);
    list_drop(&l.found);
    free(l.only);
}

static void devices_get(struct request *rq)
{
    struct st_device d;
    if (!right_device(rq, rq->id, &d))
        return;
    json_device(rq_json(rq), NULL, rq->api->config.fleet, &d, false);
    st_device_fini(&d);
}

/* ---- adding ---- */

bool device_may_add(struct request *rq)
{
    const struct st_user *u = &rq->caller.user;
    int64_t *ids;
    if (!right_edit_devices(rq))
        return false;
    if (u->administrator || u->device_limit < 0)
        return true;
    size_t count = acc_devices(rq->api->access, u->id, true, &ids);
    free(ids);
    if (count < (size_t)u->device_limit)
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "The limit of devices is reached");
    return false;
}

bool device_group_fits(struct request *rq, int64_t group_id)
{
    struct st_group g;
    if (!group_id)
        return true;
    if (!right_refers(rq, right_group(rq, group_id, &g)))
        return false;
    st_group_fini(&g);
    return true;
}

bool device_register(struct request *rq, struct st_device *d,
                     bool (*put)(struct fleet *f, struct st_device *d, struct err *err))
{
    struct err err = {0};
    struct api *api = rq->api;
    int64_t user_id = rq->caller.user.id;
    d->id = 0;
    d->created_ms = rq->now_ms;
    if (!put(api->config.fleet, d, &err)) {
        rq_fail_err(rq, &err);
        return false;
    }
    acc_device(api->access, d->id, d->group_id);
    if (!st_link(api->config.store, ST_USER, user_id, ST_DEVICE, d->id, true, &err)) {
        rq_fail_err(rq, &err);
        fl_device_delete(api->config.fleet, d->id, &err);
        acc_device_gone(api->access, d->id);
        return false;
    }
    acc_link(api->access, user_id, ST_DEVICE, d->id, true);
    sockets_access_changed(api->sockets);
    return true;
}

static void devices_post(struct request *rq)
{
    struct st_device d;
    json_t *body = device_may_add(rq) ? rq_body(rq) : NULL;
    if (!body)
        return;
    struct input in = in_open(body);
    device_defaults(&d);
    in_device(&in, &d);
    if (!in_ok(&in))
        rq_fail_err(rq, &in.err);
    else if (device_group_fits(rq, d.group_id) && device_register(rq, &d, fl_device_put))
        json_device(rq_json(rq), NULL, rq->api->config.fleet, &d, false);
    st_device_fini(&d);
    json_decref(body);
}

/* ---- changing ---- */

static void change_device(struct request *rq, struct st_device *d, struct input *in)
{
    struct err err = {0};
    int64_t group_id = d->group_id;
    in_device(in, d);
    if (!in_ok(in)) {
        rq_fail_err(rq, &in->err);
        return;
    }
    if (d->group_id != group_id && !device_group_fits(rq, d->group_id))
        return;
    if (!fl_device_put(rq->api->config.fleet, d, &err)) {
        rq_fail_err(rq, &err);
        return;
    }
    if (d->group_id != group_id) {
        acc_device(rq->api->access, d->id, d->group_id);
        sockets_access_changed(rq->api->sockets);
    }
    json_device(rq_json(rq), NULL, rq->api->config.fleet, d, false);
}

static void devices_put(struct request *rq)
{
    struct st_device d;
    json_t *body = right_edit_devices(rq) ? rq_body(rq) : NULL;
    if (!body)
        return;
    struct input in = in_open(body);
    int64_t id = in_has(&in, "id") ? in_id(&in, "id") : rq->id;
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
    } else if (right_device(rq, id, &d)) {
        change_device(rq, &d, &in);
        st_device_fini(&d);
    }
    json_decref(body);
}

static void devices_delete(struct request *rq)
{
    struct st_device d;
    struct err err = {0};
    if (!right_edit_devices(rq) || !right_device(rq, rq->id, &d))
        return;
    if (fl_device_delete(rq->api->config.fleet, d.id, &err)) {
        acc_device_gone(rq->api->access, d.id);
        sockets_access_changed(rq->api->sockets);
        rq_empty(rq);
    } else {
        rq_fail_err(rq, &err);
    }
    st_device_fini(&d);
}

static void devices_accumulators(struct request *rq)
{
    struct st_device d;
    struct err err = {0};
    json_t *body = right_edit_devices(rq) ? rq_body(rq) : NULL;
    if (!body)
        return;
    struct input in = in_open(body);
    int64_t id = in_has(&in, "deviceId") ? in_id(&in, "deviceId") : rq->id;
    double total_m = in_num(&in, "totalDistance", NAN, 0, 1e12);
    double hours_ms = in_num(&in, "hours", NAN, 0, 1e15);
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
    } else if (right_device(rq, id, &d)) {
        if (fl_accumulate(rq->api->config.fleet, d.id, total_m, hours_ms, &err))
            rq_empty(rq);
        else if (err.code == ERR_MISSING)
            rq_fail(rq, MHD_HTTP_BAD_REQUEST, "The device has no position yet");
        else
            rq_fail_err(rq, &err);
        st_device_fini(&d);
    }
    json_decref(body);
}

const struct route routes_devices[] = {
    {METHOD_GET, "/devices", devices_list, 0},
    {METHOD_POST, "/devices", devices_post, ROUTE_EDIT},
    {METHOD_GET, "/devices/{id}", devices_get, 0},
    {METHOD_PUT, "/devices/{id}", devices_put, ROUTE_EDIT},
    {METHOD_DELETE, "/devices/{id}", devices_delete, ROUTE_EDIT},
    {METHOD_PUT, "/devices/{id}/accumulators", devices_accumulators, ROUTE_EDIT},
    {0},
};
