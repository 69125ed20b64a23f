/*
 * period.c - reading tracks block by block.
 *
 * A block is read until it is full; the next goes on behind the last position by time
 * and id.  Blocks grow while they do not get beyond one time, so that a device that
 * stood still for a month costs no more than one that moved.
 */
#include "api/period.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "api/idmap.h"
#include "api/position_json.h"

enum { BLOCK_MIN = 64 << 10, BLOCK_MAX = 1 << 20 };

/* ---- what is asked for ---- */

static bool add_groups(struct request *rq, struct period *p)
{
    int64_t *groups, *members;
    size_t count;
    bool ok = rq_query_ids(rq, "groupId", &groups, &count);
    for (size_t i = 0; ok && i < count; i++) {
        struct st_group g;
        ok = right_group(rq, groups[i], &g);
        if (!ok)
            break;
        st_group_fini(&g);
        size_t n = acc_group_devices(rq->api->access, groups[i], &members);
        p->devices = mem_grow(p->devices, (p->device_count + n) * sizeof *members);
        memcpy(p->devices + p->device_count, members, n * sizeof *members);
        p->device_count += n;
        free(members);
    }
    free(groups);
    return ok;
}

static bool add_devices(struct request *rq, struct period *p)
{
    struct st_device d;
    if (!rq_query(rq, "deviceId") && !rq_query(rq, "groupId")) {
        p->device_count =
            acc_devices(rq->api->access, rq->caller.user.id, true, &p->devices);
        return true;
    }
    if (!rq_query_ids(rq, "deviceId", &p->devices, &p->device_count))
        return false;
    p->device_count = ids_sort(p->devices, p->device_count);
    for (size_t i = 0; i < p->device_count; i++) {
        if (!right_device(rq, p->devices[i], &d))
            return false;
        st_device_fini(&d);
    }
    if (!add_groups(rq, p))
        return false;
    p->device_count = ids_sort(p->devices, p->device_count);
    return true;
}

static void keep_linked(struct request *rq, struct period *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->device_count; i++)
        if (acc_owns_device(rq->api->access, rq->caller.user.id, p->devices[i]))
            p->devices[kept++] = p->devices[i];
    p->device_count = kept;
}

bool period_open(struct request *rq, bool linked, struct period *p)
{
    *p = (struct period){.from_ms = TIME_NONE, .to_ms = TIME_NONE};
    if (!rq_query_time(rq, "from", &p->from_ms) || !rq_query_time(rq, "to", &p->to_ms))
        return false;
    if (p->from_ms == TIME_NONE || p->to_ms == TIME_NONE) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "from and to are needed");
        return false;
    }
    bool ok = add_devices(rq, p);
    if (ok && linked)
        keep_linked(rq, p);
    if (!ok)
        period_fini(p);
    return ok;
}

void period_fini(struct period *p)
{
    free(p->devices);
    *p = (struct period){0};
}

/* ---- reading ---- */

struct reading {
    struct tracks *tracks;
    struct period period;
    struct position_writer writer;
    struct buffer *out;       /* while a block is made */
    size_t block, limit;      /* where it started, and where it is full */
    size_t device;            /* which is being read */
    int64_t last_ms, last_id; /* of the last position written; TIME_NONE: none yet */
    bool begun, any, full;
};

static bool visit(void *arg, const struct position *p)
{
    struct reading *r = arg;
    int64_t ms = tr_time_ms(p);
    if (r->last_ms != TIME_NONE && ms == r->last_ms && p->id <= r->last_id)
        return true;
    /* A full block ends between two times, unless one time fills it many times over. */
    size_t len = r->out->len - r->block;
    if (len >= BLOCK_MAX || (len >= r->limit && ms != r->last_ms)) {
        r->full = true;
        return false;
    }
    r->writer.position(r->writer.arg, r->out, p, !r->any);
    r->any = true;
    r->last_ms = ms;
    r->last_id = p->id;
    return true;
}

static bool next_block(void *state, struct buffer *out, struct err *err)
{
    struct reading *r = state;
    r->out = out;
    r->block = out->len;
    r->limit = BLOCK_MIN;
    r->full = false;
    if (!r->begun && r->writer.begin)
        r->writer.begin(r->writer.arg, out);
    r->begun = true;
    while (r->device < r->period.device_count) {
        int64_t from_ms = r->last_ms == TIME_NONE ? r->period.from_ms : r->last_ms;
        if (!tr_each(r->tracks, r->period.devices[r->device], from_ms, r->period.to_ms,
                     visit, r, err))
            return false;
        if (r->full)
            return true;
        r->device++;
        r->last_ms = TIME_NONE;
        if (out->len - r->block >= BLOCK_MIN)
            return true;
    }
    if (r->writer.end)
        r->writer.end(r->writer.arg, out);
    return false;
}

static void free_reading(void *state)
{
    struct reading *r = state;
    period_fini(&r->period);
    if (r->writer.free)
        r->writer.free(r->writer.arg);
    free(r);
}

void period_stream(struct request *rq, struct period *p, struct position_writer writer)
{
    struct reading *r = mem_zero(sizeof *r);
    *r = (struct reading){.tracks = rq->api->config.tracks,
                          .period = *p,
                          .writer = writer,
                          .last_ms = TIME_NONE};
    *p = (struct period){0};
    rq_stream(rq, writer.type, (struct stream){next_block, free_reading, r});
}

bool period_each(struct tracks *t, const struct period *p,
                 bool (*on)(void *arg, const struct position *p), void *arg,
                 struct err *err)
{
    for (size_t i = 0; i < p->device_count; i++)
        if (!tr_each(t, p->devices[i], p->from_ms, p->to_ms, on, arg, err))
            return false;
    return true;
}

/* ---- JSON ---- */

static void begin_array(void *arg, struct buffer *out)
{
    (void)arg;
    buf_text(out, "[");
}

static void write_position(void *arg, struct buffer *out, const struct position *p,
                           bool first)
{
    (void)arg;
    struct json j = {.out = out, .comma = !first};
    json_position(&j, NULL, p);
}

static void end_array(void *arg, struct buffer *out)
{
    (void)arg;
    buf_text(out, "]");
}

struct position_writer json_positions(void)
{
    return (struct position_writer){
        .type = "application/json",
        .begin = begin_array,
        .position = write_position,
        .end = end_array,
    };
}
