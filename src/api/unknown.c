/*
 * unknown.c - devices that spoke and are not registered: /unknown.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/device_json.h"
#include "api/devices.h"
#include "api/sockets.h"
#include "api/router.h"
#include "api/unknown.h"

bool unknown_is_open(struct request *rq)
{
    const struct st_user *u = &rq->caller.user;
    struct server_flags server = settings_flags(rq->api->settings);
    return u->administrator || (!server.registration && !server.device_readonly &&
                                !u->device_readonly && u->device_limit != 0);
}

bool unknown_may_look(struct request *rq)
{
    if (unknown_is_open(rq))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "Administrator access required");
    return false;
}

static void json_last_frames(struct json *j, const struct fl_stray *s)
{
    js_open(j, "lastFrames", '[');
    for (unsigned i = 0; i < s->frame_count; i++) {
        size_t len = s->frames_last[i].len;
        size_t max = sizeof s->frames_last[i].bytes;
        js_open(j, NULL, '{');
        js_time(j, "time", s->frames_last[i].ms);
        js_text(j, "message",
                *s->frames_last[i].message ? s->frames_last[i].message : NULL);
        js_int(j, "length", (int64_t)len);
        js_hex(j, "hex", (struct span){s->frames_last[i].bytes, len < max ? len : max});
        js_close(j, '}');
    }
    js_close(j, ']');
}

static bool write_stray(void *arg, const struct fl_stray *s)
{
    struct json *j = arg;
    char address[PEER_TEXT];
    js_open(j, NULL, '{');
    js_text(j, "id", *s->unique_id ? s->unique_id : NULL);
    js_text(j, "protocol", *s->protocol ? s->protocol : NULL);
    js_text(j, "transport", s->transport == TRANSPORT_UDP ? "udp" : "tcp");
    js_text(j, "address", peer_format(&s->peer, address));
    js_time(j, "firstSeen", s->first_ms);
    js_time(j, "lastSeen", s->last_ms);
    js_int(j, "frames", (int64_t)s->frames);
    js_bool(j, "answered", s->answered);
    js_open(j, "messages", '[');
    for (unsigned i = 0; i < s->message_count; i++)
        js_text(j, NULL, s->messages[i]);
    js_close(j, ']');
    js_num(j, "latitude", s->latitude_deg);
    js_num(j, "longitude", s->longitude_deg);
    json_last_frames(j, s);
    js_close(j, '}');
    return true;
}

static void unknown_list(struct request *rq)
{
    if (!unknown_may_look(rq))
        return;
    struct json *j = rq_json(rq);
    js_open(j, NULL, '[');
    fl_strays_each(rq->api->config.fleet, write_stray, j);
    js_close(j, ']');
}

/* The body is a device; its uniqueId is the path's. */
static void unknown_adopt(struct request *rq)
{
    struct st_device d;
    json_t *body = unknown_may_look(rq) && device_may_add(rq) ? rq_body(rq) : NULL;
    if (!body)
        return;
    if (json_is_object(body))
        json_object_set_new(body, "uniqueId", json_string(rq->name));
    struct input in = in_open(body);
    device_defaults(&d);
    in_device(&in, &d);
    if (!in_ok(&in))
        rq_fail_err(rq, &in.err);
    else if (device_group_fits(rq, d.group_id) && device_register(rq, &d, fl_adopt))
        json_device(rq_json(rq), NULL, rq->api->config.fleet, &d, false);
    st_device_fini(&d);
    json_decref(body);
}

static void unknown_delete(struct request *rq)
{
    if (!unknown_may_look(rq))
        return;
    if (fl_stray_forget(rq->api->config.fleet, rq->name))
        rq_empty(rq);
    else
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "No such device has spoken");
}

const struct route routes_unknown[] = {
    {METHOD_GET, "/unknown", unknown_list, 0},
    {METHOD_POST, "/unknown/{name}/adopt", unknown_adopt, ROUTE_EDIT},
    {METHOD_DELETE, "/unknown/{name}", unknown_delete, ROUTE_EDIT},
    {0},
};
