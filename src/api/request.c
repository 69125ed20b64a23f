/*
 * request.c - reading a request, and making its answer.
 */
#include "api/request.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/input.h"
#include "api/state.h"

enum { JSON_DEPTH_MAX = 32 };

/* ---- the request ---- */

const char *rq_header_in(const struct request *rq, const char *name)
{
    return MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, name);
}

const char *rq_query(const struct request *rq, const char *name)
{
    return params_get(&rq->query, name);
}

bool rq_query_id(struct request *rq, const char *name, int64_t *value)
{
    const char *text = rq_query(rq, name);
    if (!text || !*text || parse_int(span_of(text), value))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s is not a whole number", name);
    return false;
}

bool rq_query_time(struct request *rq, const char *name, int64_t *ms)
{
    const char *text = rq_query(rq, name);
    if (!text || !*text || civil_parse(span_of(text), ms))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s is not a time such as 2026-03-01T09:30:00Z",
            name);
    return false;
}

bool rq_query_ids(struct request *rq, const char *name, int64_t **ids, size_t *count)
{
    *ids = mem_grow(NULL, rq->query.count * sizeof **ids);
    *count = 0;
    for (size_t i = 0; i < rq->query.count; i++) {
        if (strcmp(rq->query.items[i].name, name))
            continue;
        if (!parse_int(span_of(rq->query.items[i].value), &(*ids)[(*count)++])) {
            free(*ids);
            *ids = NULL;
            rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s is not a whole number", name);
            return false;
        }
    }
    return true;
}

static struct span body_of(const struct request *rq)
{
    return (struct span){rq->body.ptr, rq->body.len};
}

bool rq_form(struct request *rq, struct params *form)
{
    if (params_parse(form, body_of(rq)))
        return true;
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "The form cannot be read");
    return false;
}

/* Content types that a page of another site can send without being asked: refused where
 * a cookie says who asks. */
static bool is_simple_type(const char *type)
{
    static const char *const simple[] = {"text/", "multipart/", "application/x-www-form"};
    for (size_t i = 0; type && i < sizeof simple / sizeof *simple; i++)
        if (!strncasecmp(type, simple[i], strlen(simple[i])))
            return true;
    return false;
}

json_t *rq_body(struct request *rq)
{
    char why[160];
    if (rq->caller.by_cookie && is_simple_type(rq_header_in(rq, "Content-Type"))) {
        rq_fail(rq, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                "The body has to be application/json");
        return NULL;
    }
    json_t *body = json_parse(body_of(rq), JSON_DEPTH_MAX, why, sizeof why);
    if (!body)
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s", why);
    return body;
}

/* ---- the answer ---- */

static void drop_stream(struct request *rq)
{
    if (rq->stream.free)
        rq->stream.free(rq->stream.state);
    rq->stream = (struct stream){0};
}

static void begin(struct request *rq, unsigned status, const char *type)
{
    drop_stream(rq);
    rq->out.len = 0;
    rq->status = status;
    rq->type = type;
}

struct json *rq_json(struct request *rq)
{
    begin(rq, MHD_HTTP_OK, "application/json");
    rq->json = (struct json){.out = &rq->out};
    return &rq->json;
}

void rq_text(struct request *rq, const char *text)
{
    begin(rq, MHD_HTTP_OK, "text/plain; charset=utf-8");
    buf_text(&rq->out, text);
}

void rq_empty(struct request *rq)
{
    begin(rq, MHD_HTTP_NO_CONTENT, NULL);
}

void rq_fail(struct request *rq, unsigned status, const char *format, ...)
{
    va_list args;
    char text[512];
    begin(rq, status, "text/plain; charset=utf-8");
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_text(&rq->out, text);
}

void rq_fail_err(struct request *rq, const struct err *err)
{
    static const unsigned statuses[] = {
        [ERR_NONE] = MHD_HTTP_INTERNAL_SERVER_ERROR,
        [ERR_INPUT] = MHD_HTTP_BAD_REQUEST,
        [ERR_DENIED] = MHD_HTTP_BAD_REQUEST,
        [ERR_MISSING] = MHD_HTTP_NOT_FOUND,
        [ERR_BUSY] = MHD_HTTP_SERVICE_UNAVAILABLE,
        [ERR_IO] = MHD_HTTP_SERVICE_UNAVAILABLE,
        [ERR_FULL] = MHD_HTTP_SERVICE_UNAVAILABLE,
    };
    rq_fail(rq, statuses[err->code], "%s", err->text);
}

void rq_stream(struct request *rq, const char *type, struct stream stream)
{
    begin(rq, MHD_HTTP_OK, type);
    rq->stream = stream;
}

void rq_header(struct request *rq, const char *name, const char *format, ...)
{
    va_list args;
    char value[1024];
    va_start(args, format);
    int len = vsnprintf(value, sizeof value, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof value || strpbrk(value, "\r\n") ||
        rq->header_count == HEADERS_MAX)
        return;
    rq->headers[rq->header_count].name = name;
    rq->headers[rq->header_count++].value = mem_text(value);
}

/* ---- later ---- */

static void run_later(void *arg)
{
    struct request *rq = arg;
    rq->later.run(rq);
    rq->later.done = true;
    MHD_resume_connection(rq->connection);
}

bool rq_later(struct request *rq, void (*run)(struct request *rq), int64_t delay_ms)
{
    if (!work_reserve(rq->api->work)) {
        rq_header(rq, "Retry-After", "10");
        rq_fail(rq, MHD_HTTP_SERVICE_UNAVAILABLE, "Too many logins at once: try again");
        return false;
    }
    rq->later.run = run;
    rq->aside = true;
    MHD_suspend_connection(rq->connection);
    work_add(rq->api->work, delay_ms, run_later, rq);
    return true;
}
