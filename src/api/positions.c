/*
 * positions.c - where things are, and were: /positions, /reports/route.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/idmap.h"
#include "api/period.h"
#include "api/position_json.h"
#include "api/router.h"

enum { LATEST_BLOCK = 64 << 10, POSITION_IDS_MAX = 1000 };

/* ---- the latest of many devices ---- */

struct latest {
    struct fleet *fleet;
    int64_t *devices;
    size_t count, at;
    bool begun, comma;
};

static bool next_latest(void *state, struct buffer *out, struct err *err)
{
    struct latest *l = state;
    struct json j = {.out = out, .comma = l->comma};
    struct position p;
    (void)err;
    if (!l->begun)
        js_open(&j, NULL, '[');
    l->begun = true;
    while (l->at < l->count && out->len < LATEST_BLOCK)
        if (fl_latest(l->fleet, l->devices[l->at++], &p))
            json_position(&j, NULL, &p);
    l->comma = j.comma;
    if (l->at < l->count)
        return true;
    js_close(&j, ']');
    return false;
}

static void free_latest(void *state)
{
    struct latest *l = state;
    free(l->devices);
    free(l);
}

/* Takes the array over. */
static void answer_latest(struct request *rq, int64_t *devices, size_t count)
{
    struct latest *l = mem_zero(sizeof *l);
    *l = (struct latest){
        .fleet = rq->api->config.fleet, .devices = devices, .count = count};
    rq_stream(rq, "application/json", (struct stream){next_latest, free_latest, l});
}

static void latest_of_own(struct request *rq)
{
    int64_t *devices;
    size_t count = acc_devices(rq->api->access, rq->caller.user.id, true, &devices);
    answer_latest(rq, devices, count);
}

static void latest_of_one(struct request *rq)
{
    struct st_device d;
    int64_t id = 0;
    if (!rq_query_id(rq, "deviceId", &id) || !right_device(rq, id, &d))
        return;
    st_device_fini(&d);
    answer_latest(rq, mem_copy(&id, sizeof id), 1);
}

/* ---- by id ---- */

/* Those that the caller may not see are left out, as those that are not there. */
static void positions_by_id(struct request *rq)
{
    int64_t *ids;
    size_t count;
    struct err err = {0};
    if (!rq_query_ids(rq, "id", &ids, &count))
        return;
    if (count > POSITION_IDS_MAX) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "At most %d ids at once", POSITION_IDS_MAX);
        free(ids);
        return;
    }
    struct json *j = rq_json(rq);
    js_open(j, NULL, '[');
    for (size_t i = 0; i < count; i++) {
        struct position p;
        if (tr_get(rq->api->config.tracks, ids[i], 0, TIME_NONE, &p, &err)) {
            if (right_sees_device(rq, p.device_id))
                json_position(j, NULL, &p);
        } else if (err.code != ERR_MISSING) {
            rq_fail_err(rq, &err);
            free(ids);
            return;
        }
    }
    js_close(j, ']');
    free(ids);
}

/* ---- calls ---- */

static void history(struct request *rq, bool linked)
{
    struct period p;
    if (period_open(rq, linked, &p))
        period_stream(rq, &p, json_positions());
}

static void positions_get(struct request *rq)
{
    if (rq_query(rq, "id"))
        positions_by_id(rq);
    else if (rq_query(rq, "from") || rq_query(rq, "to")) {
        if (right_reports(rq))
            history(rq, false);
    } else if (rq_query(rq, "deviceId"))
        latest_of_one(rq);
    else
        latest_of_own(rq);
}

static void report_route(struct request *rq)
{
    history(rq, true);
}

const struct route routes_positions[] = {
    {METHOD_GET, "/positions", positions_get, 0},
    {METHOD_GET, "/reports/route", report_route, ROUTE_REPORT},
    {0},
};
