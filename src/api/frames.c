/*
 * frames.c - raw frames as they came, and what they mean: /frames.
 *
 * Frames of registered devices have positive ids, those of all others negative ones:
 * they lie in two journals.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/explain.h"
#include "api/rights.h"
#include "api/router.h"
#include "api/unknown.h"

enum {
    FRAMES_DEFAULT = 100,
    FRAMES_MAX = 1000,
    FRAMES_BYTES_MAX = 8 << 20, /* of an answer; who wants more asks again */
};

/* ---- an entry of a journal ---- */

static void json_span(struct json *j, const char *name, struct span text)
{
    if (text.len)
        js_span(j, name, text);
    else
        js_null(j, name);
}

/* The members of a frame's object, opened by the caller. */
static void json_entry(struct json *j, const struct entry *e, bool stray)
{
    static const char *const verdicts[] = {"decoded", "ignored", "malformed"};
    char address[PEER_TEXT];
    struct span rest = e->replies, reply;
    js_int(j, "id", stray ? -(int64_t)e->seq : (int64_t)e->seq);
    js_time(j, "time", e->arrival_ms);
    json_span(j, "uniqueId", e->device);
    json_span(j, "protocol", e->protocol);
    js_text(j, "transport", e->transport == TRANSPORT_UDP ? "udp" : "tcp");
    js_text(j, "address", peer_format(&e->peer, address));
    js_int(j, "connection", (int64_t)e->connection);
    js_text(j, "direction", "in");
    json_span(j, "message", e->message);
    js_text(j, "verdict", verdicts[e->verdict]);
    json_span(j, "fault", e->fault);
    js_bool(j, "checksumOk", !e->checksum_bad);
    js_hex(j, "hex", e->frame);
    js_open(j, "replies", '[');
    while (entry_next_reply(&rest, &reply))
        js_hex(j, NULL, reply);
    js_close(j, ']');
    js_open(j, "positions", '[');
    for (unsigned i = 0; i < e->record_count && !stray; i++)
        js_int(j, NULL, (int64_t)(e->seq + i));
    js_close(j, ']');
}

/* ---- the list ---- */

struct frame_list {
    struct json *j;
    struct span device; /* the id that entries have to carry */
    int64_t since_ms;   /* of the device: what came before belongs to nobody here */
    int64_t left;
    bool stray;
    bool hidden; /* another's device: as one that never spoke */
};

static bool visit_entry(void *arg, const struct entry *e)
{
    struct frame_list *l = arg;
    bool old = e->arrival_ms < l->since_ms && !e->origin_seq;
    if (!span_equal(e->device, l->device) || old)
        return true;
    js_open(l->j, NULL, '{');
    json_entry(l->j, e, l->stray);
    js_close(l->j, '}');
    return --l->left > 0 && l->j->out->len < FRAMES_BYTES_MAX;
}

/* When the device was made: its frames of an earlier registration are another's. */
static int64_t since_of(struct request *rq, const struct st_device *d)
{
    return rq->caller.user.administrator ? INT64_MIN : d->created_ms;
}

/* Whose frames: by deviceId, uniqueId or address.  False with the answer made; the
 * caller frees *id. */
static bool find_subject(struct request *rq, struct frame_list *l, char **id,
                         struct peer *peer)
{
    struct st_device d;
    struct err err = {0};
    const char *unique_id = rq_query(rq, "uniqueId");
    const char *address = rq_query(rq, "address");
    int64_t device_id = 0;
    l->since_ms = INT64_MIN;
    if (!rq_query_id(rq, "deviceId", &device_id))
        return false;
    if (unique_id && st_device_find(rq->api->config.store, unique_id, &d, &err)) {
        l->hidden = !right_sees_device(rq, d.id);
        device_id = l->hidden ? 0 : d.id;
        st_device_fini(&d);
    }
    if (device_id) {
        if (!right_device(rq, device_id, &d))
            return false;
        l->since_ms = since_of(rq, &d);
        *id = d.unique_id;
        d.unique_id = NULL;
        st_device_fini(&d);
        return true;
    }
    l->stray = true;
    if (unique_id) {
        *id = mem_text(unique_id);
        return unknown_may_look(rq);
    }
    if (address && peer_parse(address, peer))
        return unknown_may_look(rq);
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "deviceId, uniqueId or address is needed");
    return false;
}

static void frames_list(struct request *rq)
{
    struct frame_list l = {.left = FRAMES_DEFAULT};
    struct peer peer = {0};
    struct err err = {0};
    int64_t from_ms = INT64_MIN, to_ms = INT64_MAX, before = 0;
    char *id = NULL;
    if (rq_query_time(rq, "from", &from_ms) && rq_query_time(rq, "to", &to_ms) &&
        rq_query_id(rq, "limit", &l.left) && rq_query_id(rq, "before", &before) &&
        find_subject(rq, &l, &id, &peer)) {
        const struct api_config *c = &rq->api->config;
        l.device = id ? span_of(id) : (struct span){(const uint8_t *)"", 0};
        l.left = l.left < 1 ? 1 : l.left > FRAMES_MAX ? FRAMES_MAX : l.left;
        l.j = rq_json(rq);
        js_open(l.j, NULL, '[');
        bool ok = l.hidden ||
                  jr_find(l.stray ? c->strays : c->journal,
                          entry_subject(l.device, id ? NULL : &peer), from_ms, to_ms,
                          before < 0 ? 0 - (uint64_t)before : (uint64_t)before,
                          visit_entry, &l, &err);
        js_close(l.j, ']');
        if (!ok)
            rq_fail_err(rq, &err);
    }
    free(id);
}

/* ---- one ---- */

/* The frames whose session state this one leans on, oldest first. */
static unsigned read_leans(struct journal *jr, const struct entry *e,
                           struct buffer holds[ENTRY_LEANS_MAX],
                           struct span frames[ENTRY_LEANS_MAX])
{
    uint64_t seqs[ENTRY_LEANS_MAX] = {0};
    unsigned count = 0, found = 0;
    for (unsigned i = 0; i < ENTRY_LEANS_MAX; i++) {
        unsigned at = count;
        if (!e->leans[i] || e->leans[i] >= e->seq)
            continue;
        for (; at && seqs[at - 1] > e->leans[i]; at--)
            seqs[at] = seqs[at - 1];
        seqs[at] = e->leans[i];
        count++;
    }
    for (unsigned i = 0; i < count; i++) {
        struct entry lean;
        struct err err = {0};
        if (jr_get(jr, seqs[i], &lean, &holds[found], &err))
            frames[found++] = lean.frame;
    }
    return found;
}

static void explain_entry(struct request *rq, struct journal *jr, const struct entry *e,
                          bool stray)
{
    struct buffer holds[ENTRY_LEANS_MAX] = {0};
    struct span leans[ENTRY_LEANS_MAX];
    char name[ENTRY_NAME_MAX + 1];
    span_copy(e->protocol, name, sizeof name);
    struct explain x = {
        .api = rq->api,
        .protocol = protocol_find(name),
        .transport = e->transport,
        .now_ms = e->arrival_ms,
        .frame = e->frame,
        .leans = leans,
        .lean_count = read_leans(jr, e, holds, leans),
    };
    struct json *j = rq_json(rq);
    js_open(j, NULL, '{');
    json_entry(j, e, stray);
    explain_again(&x, j);
    explain_detection(j, "detection", e->frame);
    js_close(j, '}');
    for (unsigned i = 0; i < ENTRY_LEANS_MAX; i++)
        buf_fini(&holds[i]);
}

/* Registered and visible, or not registered and open to the caller. */
static bool may_see(struct request *rq, const struct entry *e, bool stray)
{
    struct st_device d;
    struct err err = {0};
    char id[ENTRY_DEVICE_MAX + 1];
    if (stray && !unknown_is_open(rq))
        return false;
    if (!st_device_find(rq->api->config.store, span_copy(e->device, id, sizeof id), &d,
                        &err))
        return stray || rq->caller.user.administrator;
    bool old = !stray && e->arrival_ms < since_of(rq, &d) && !e->origin_seq;
    bool may = right_sees_device(rq, d.id) && !old;
    st_device_fini(&d);
    return may;
}

static void frames_get(struct request *rq)
{
    struct buffer hold = {0};
    struct entry e;
    struct err err = {0};
    bool stray = rq->id < 0;
    struct journal *jr = stray ? rq->api->config.strays : rq->api->config.journal;
    uint64_t seq = stray ? 0 - (uint64_t)rq->id : (uint64_t)rq->id;
    bool found = jr_get(jr, seq, &e, &hold, &err);
    if (!found && err.code != ERR_MISSING && err.code != ERR_NONE)
        rq_fail_err(rq, &err);
    else if (!found || !may_see(rq, &e, stray))
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "Frame does not exist, or is no longer kept");
    else
        explain_entry(rq, jr, &e, stray);
    buf_fini(&hold);
}

const struct route routes_frames[] = {
    {METHOD_GET, "/frames", frames_list, 0},
    {METHOD_GET, "/frames/{id}", frames_get, 0},
    {0},
};
