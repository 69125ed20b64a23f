/*
 * server.c - what is the same for everybody: /server, /health.
 */
#include <microhttpd.h>
#include <sys/statvfs.h>

#include "api/input.h"
#include "api/router.h"
#include "api/state.h"
#include "api/zone.h"

static void json_storage(struct request *rq, struct json *j)
{
    struct statvfs v;
    if (!rq->caller.known || !rq->caller.user.administrator ||
        statvfs(rq->api->config.data_dir, &v)) {
        js_null(j, "storageSpace");
        return;
    }
    js_open(j, "storageSpace", '[');
    js_int(j, NULL, (int64_t)v.f_bavail * (int64_t)v.f_frsize);
    js_int(j, NULL, (int64_t)v.f_blocks * (int64_t)v.f_frsize);
    js_close(j, ']');
}

static void answer_server(struct request *rq)
{
    struct json *j = rq_json(rq);
    js_open(j, NULL, '{');
    js_int(j, "id", 1);
    settings_write(rq->api->settings, j, rq->api->config.tracker_port);
    js_text(j, "version", rq->api->config.version);
    js_bool(j, "emailEnabled", false);
    js_bool(j, "textEnabled", false);
    js_bool(j, "geocoderEnabled", false);
    js_bool(j, "newServer", st_user_count(rq->api->config.store) == 0);
    js_bool(j, "openIdEnabled", false);
    js_bool(j, "openIdForce", false);
    json_storage(rq, j);
    js_close(j, '}');
}

static void server_put(struct request *rq)
{
    struct err err = {0};
    json_t *body = rq_body(rq);
    if (!body)
        return;
    if (settings_put(rq->api->settings, body, &err))
        answer_server(rq);
    else
        rq_fail_err(rq, &err);
    json_decref(body);
}

static void server_timezones(struct request *rq)
{
    zone_names(rq_json(rq));
}

static void health(struct request *rq)
{
    rq_text(rq, "OK");
}

const struct route routes_server[] = {
    {METHOD_GET, "/server", answer_server, ROUTE_OPEN},
    {METHOD_PUT, "/server", server_put, ROUTE_ADMIN},
    {METHOD_GET, "/server/timezones", server_timezones, 0},
    {METHOD_GET, "/health", health, ROUTE_OPEN},
    {0},
};
