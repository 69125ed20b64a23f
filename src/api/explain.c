/*
 * explain.c - bytes, and what they mean: /detect, /explain.
 */
#include "api/explain.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "api/frame_json.h"
#include "api/input.h"
#include "api/position_json.h"
#include "api/router.h"
#include "gateway/channel.h"

enum { EXPLAIN_BYTES_MAX = 65536 };

/* ---- what the registry says of a device ---- */

struct registry {
    struct fleet *fleet;
    char *settings; /* of the device asked for last */
};

static bool identify(void *arg, struct span id, const char **settings, size_t *len)
{
    struct registry *r = arg;
    struct fl_registered found;
    free(r->settings);
    r->settings = NULL;
    *len = 0;
    bool known = fl_lookup(r->fleet, id, &found);
    if (known)
        r->settings = fl_settings(r->fleet, found.device_id, len);
    *settings = r->settings;
    return known;
}

/* ---- decoding ---- */

static void on_lean(void *arg, const struct frame *f)
{
    (void)arg, (void)f;
}

/* Feeds what came before, then the frame with a trace. */
static void decode(const struct explain *x, struct trace *trace, struct registry *r,
                   void (*on)(void *arg, const struct frame *f), void *arg)
{
    struct ch_env env = {r, r ? identify : NULL};
    struct ch_scratch *s = ch_scratch_new();
    struct channel *c = ch_new(x->transport, &env, x->protocol, x->protocol != NULL);
    for (unsigned i = 0; i < x->lean_count; i++)
        ch_feed(c, s, x->leans[i], true, x->now_ms, on_lean, NULL);
    ch_set_trace(s, trace);
    ch_feed(c, s, x->frame, true, x->now_ms, on, arg);
    ch_free(c);
    ch_scratch_free(s);
}

static void add_records(void *arg, const struct frame *f)
{
    struct json *j = arg;
    for (unsigned i = 0; i < f->record_count; i++) {
        js_open(j, NULL, '{');
        json_record(j, &f->records[i]);
        js_close(j, '}');
    }
}

void explain_again(const struct explain *x, struct json *j)
{
    struct registry r = {.fleet = x->api->config.fleet};
    struct json_trace trace;
    json_trace_init(&trace);
    js_open(j, "records", '[');
    decode(x, &trace.trace, &r, add_records, j);
    js_close(j, ']');
    json_trace_take(&trace, j, "fields");
    json_trace_fini(&trace);
    free(r.settings);
}

void explain_detection(struct json *j, const char *name, struct span bytes)
{
    struct candidate found[CH_CANDIDATES_MAX];
    bool more;
    unsigned count = detect_all(span_cut(bytes, 0, CH_HEAD_MAX), true, found,
                                CH_CANDIDATES_MAX, &more);
    js_open(j, name, '[');
    for (unsigned i = 0; i < count; i++) {
        js_open(j, NULL, '{');
        js_text(j, "protocol", found[i].protocol->name);
        js_text(j, "title", found[i].protocol->title);
        js_int(j, "score", found[i].score);
        js_text(j, "why", found[i].why ? found[i].why : "");
        js_close(j, '}');
    }
    js_close(j, ']');
}

/* ---- calls: bytes of the caller's, not of a device: no registry is asked ---- */

/* "hex" of the body; NULL with the answer made. */
static uint8_t *bytes_of(struct request *rq, struct input *in, size_t *len)
{
    const char *hex = json_string_value(json_object_get(in->object, "hex"));
    uint8_t *bytes = mem_grow(NULL, EXPLAIN_BYTES_MAX);
    long n = hex ? hex_parse(span_of(hex), bytes, EXPLAIN_BYTES_MAX) : -1;
    if (n > 0) {
        *len = (size_t)n;
        return bytes;
    }
    free(bytes);
    rq_fail(rq, MHD_HTTP_BAD_REQUEST,
            "hex has to be pairs of hexadecimal digits, of at most %d bytes",
            EXPLAIN_BYTES_MAX);
    return NULL;
}

static bool is_udp(const struct input *in)
{
    const char *text = json_string_value(json_object_get(in->object, "transport"));
    return text && !strcmp(text, "udp");
}

static void detect_post(struct request *rq)
{
    struct candidate best;
    bool more;
    size_t len;
    json_t *body = rq_body(rq);
    if (!body)
        return;
    struct input in = in_open(body);
    uint8_t *bytes = bytes_of(rq, &in, &len);
    if (bytes) {
        struct span all = {bytes, len};
        unsigned found = detect_all(span_cut(all, 0, CH_HEAD_MAX), true, &best, 1, &more);
        struct json *j = rq_json(rq);
        js_open(j, NULL, '{');
        js_text(j, "protocol", found ? best.protocol->name : NULL);
        explain_detection(j, "candidates", all);
        js_close(j, '}');
    }
    free(bytes);
    json_decref(body);
}

/* The first frame of the bytes is told; what follows it is counted. */
struct first {
    struct json *j;
    struct json_trace trace;
    unsigned frames;
};

static void tell_first(void *arg, const struct frame *f)
{
    struct first *first = arg;
    if (first->frames++)
        return;
    js_text(first->j, "protocol", f->protocol ? f->protocol->name : NULL);
    json_frame(first->j, f);
    json_trace_take(&first->trace, first->j, "fields");
}

static void tell_nothing(struct json *j)
{
    static const char *const absent[] = {"protocol", "hex",     "message",   "device",
                                         "fault",    "verdict", "checksumOk"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        js_null(j, absent[i]);
    js_raw(j, "records", "[]");
    js_raw(j, "replies", "[]");
    js_raw(j, "fields", "[]");
}

static void explain_bytes(struct request *rq, const struct protocol *p, bool udp,
                          struct span bytes)
{
    struct first first = {.j = rq_json(rq)};
    struct explain x = {.api = rq->api,
                        .protocol = p,
                        .transport = udp ? TRANSPORT_UDP : TRANSPORT_TCP,
                        .now_ms = rq->now_ms,
                        .frame = bytes};
    json_trace_init(&first.trace);
    js_open(first.j, NULL, '{');
    decode(&x, &first.trace.trace, NULL, tell_first, &first);
    if (!first.frames)
        tell_nothing(first.j);
    js_int(first.j, "frames", first.frames);
    explain_detection(first.j, "detection", bytes);
    js_close(first.j, '}');
    json_trace_fini(&first.trace);
}

static void explain_post(struct request *rq)
{
    size_t len;
    json_t *body = rq_body(rq);
    if (!body)
        return;
    struct input in = in_open(body);
    char *name = in_text(&in, "protocol", 32);
    const struct protocol *p = name ? protocol_find(name) : NULL;
    uint8_t *bytes = NULL;
    if (!in_ok(&in))
        rq_fail_err(rq, &in.err);
    else if (name && !p)
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "protocol: there is no such protocol");
    else if ((bytes = bytes_of(rq, &in, &len)))
        explain_bytes(rq, p, is_udp(&in), (struct span){bytes, len});
    free(bytes);
    free(name);
    json_decref(body);
}

const struct route routes_explain[] = {
    {METHOD_POST, "/detect", detect_post, 0},
    {METHOD_POST, "/explain", explain_post, 0},
    {0},
};
