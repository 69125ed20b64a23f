/*
 * events.c - what happened: /events, /reports/events.
 */
#include "api/event_json.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "api/period.h"
#include "api/router.h"

enum { EVENTS_MAX = 1000000, EVENTS_BLOCK = 64 << 10 };

void json_event(struct json *j, const char *name, const struct st_event *e)
{
    js_open(j, name, '{');
    js_int(j, "id", e->id);
    js_attributes(j, e->attributes, false);
    js_int(j, "deviceId", e->device_id);
    js_text(j, "type", e->type);
    js_time(j, "eventTime", e->event_ms);
    js_int(j, "positionId", e->position_id);
    js_int(j, "geofenceId", 0);
    js_int(j, "maintenanceId", 0);
    js_close(j, '}');
}

/* ---- one ---- */

struct seen_event {
    struct request *rq;
    bool seen;
};

static bool answer_event(void *arg, const struct st_event *e)
{
    struct seen_event *s = arg;
    s->seen = right_sees_device(s->rq, e->device_id);
    if (s->seen)
        json_event(rq_json(s->rq), NULL, e);
    return true;
}

static void events_get(struct request *rq)
{
    struct seen_event s = {.rq = rq};
    struct err err = {0};
    if (!st_event_get(rq->api->config.store, rq->id, answer_event, &s, &err) &&
        err.code != ERR_MISSING)
        rq_fail_err(rq, &err);
    else if (!s.seen)
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "Event does not exist");
}

/* ---- many, by time ---- */

struct event_at {
    int64_t ms, id;
};

/* Ids are gathered, sorted by time over all devices, and read when their turn comes. */
struct event_report {
    struct store *st;
    const struct params *query; /* only while gathering */
    bool by_type, by_alarm;
    struct event_at *items;
    size_t count, at;
    bool begun, comma, too_many;
    struct json *json; /* while a block is made */
};

static bool asks_for(const struct params *query, const char *name, const char *value)
{
    for (size_t i = 0; i < query->count; i++)
        if (!strcmp(query->items[i].name, name) && !strcmp(query->items[i].value, value))
            return true;
    return false;
}

static bool alarm_is_wanted(const struct event_report *r, const struct st_event *e)
{
    json_t *attributes = json_loads(e->attributes, 0, NULL);
    const char *alarm = json_string_value(json_object_get(attributes, "alarm"));
    bool wanted = alarm && asks_for(r->query, "alarm", alarm);
    json_decref(attributes);
    return wanted;
}

static bool gather_event(void *arg, const struct st_event *e)
{
    struct event_report *r = arg;
    if (r->by_type && !asks_for(r->query, "type", e->type))
        return true;
    if (r->by_alarm && !strcmp(e->type, "alarm") && !alarm_is_wanted(r, e))
        return true;
    r->too_many = r->count == EVENTS_MAX;
    if (r->too_many)
        return false;
    if (!(r->count & (r->count - 1)))
        r->items = mem_grow(r->items, (r->count ? r->count * 2 : 1) * sizeof *r->items);
    r->items[r->count++] = (struct event_at){e->event_ms, e->id};
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct event_at *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static bool write_event(void *arg, const struct st_event *e)
{
    struct event_report *r = arg;
    json_event(r->json, NULL, e);
    return true;
}

static bool next_events(void *state, struct buffer *out, struct err *err)
{
    struct event_report *r = state;
    struct json j = {.out = out, .comma = r->comma};
    r->json = &j;
    if (!r->begun)
        js_open(&j, NULL, '[');
    r->begun = true;
    while (r->at < r->count && out->len < EVENTS_BLOCK) {
        if (st_event_get(r->st, r->items[r->at++].id, write_event, r, err))
            continue;
        /* Deleted meanwhile. */
        if (err->code != ERR_MISSING)
            return false;
        *err = (struct err){0};
    }
    r->comma = j.comma;
    if (r->at < r->count)
        return true;
    js_close(&j, ']');
    return false;
}

static void free_events(void *state)
{
    struct event_report *r = state;
    free(r->items);
    free(r);
}

/* allEvents, or no type: all of them. */
static void report_events(struct request *rq)
{
    struct period p;
    struct err err = {0};
    if (!period_open(rq, true, &p))
        return;
    struct event_report *r = mem_zero(sizeof *r);
    *r = (struct event_report){.st = rq->api->config.store, .query = &rq->query};
    r->by_type = rq_query(rq, "type") && !asks_for(&rq->query, "type", "allEvents");
    r->by_alarm = rq_query(rq, "alarm") != NULL;
    bool ok = true;
    for (size_t i = 0; ok && !r->too_many && i < p.device_count; i++)
        ok = st_events_each(r->st, p.devices[i], p.from_ms, p.to_ms, gather_event, r,
                            &err);
    period_fini(&p);
    if (!ok || r->too_many) {
        if (ok)
            rq_fail(rq, MHD_HTTP_BAD_REQUEST, "Too many events: ask for a shorter time");
        else
            rq_fail_err(rq, &err);
        free_events(r);
        return;
    }
    if (r->count)
        qsort(r->items, r->count, sizeof *r->items, by_time);
    rq_stream(rq, "application/json", (struct stream){next_events, free_events, r});
}

const struct route routes_events[] = {
    {METHOD_GET, "/events/{id}", events_get, 0},
    {METHOD_GET, "/reports/events", report_events, ROUTE_REPORT},
    {0},
};
