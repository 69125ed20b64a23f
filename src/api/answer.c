/*
 * answer.c - headers that every answer has, and answers that are made as they are sent.
 */
#include "api/answer.h"

#include <microhttpd.h>
#include <stdlib.h>

#include "api/state.h"

enum { STREAM_BLOCK = 64 << 10 };

/* ---- streams ---- */

/* A stream that is being sent; owned by its response. */
struct sending {
    struct stream stream;
    struct buffer block;
    size_t sent; /* of the block */
    bool ended;
};

static ssize_t send_block(void *arg, uint64_t pos, char *to, size_t max)
{
    (void)pos;
    struct sending *s = arg;
    struct err err = {0};
    while (s->sent == s->block.len) {
        if (s->ended)
            return MHD_CONTENT_READER_END_OF_STREAM;
        s->block.len = s->sent = 0;
        s->ended = !s->stream.next(s->stream.state, &s->block, &err);
        if (err.code)
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t left = s->block.len - s->sent;
    size_t len = left < max ? left : max;
    memcpy(to, s->block.ptr + s->sent, len);
    s->sent += len;
    return (ssize_t)len;
}

static void free_sending(void *arg)
{
    struct sending *s = arg;
    if (s->stream.free)
        s->stream.free(s->stream.state);
    buf_fini(&s->block);
    free(s);
}

/* The first block is made at once: what fails there still gets a status, and what ends
 * there a length. */
static struct MHD_Response *start_stream(struct request *rq)
{
    struct err err = {0};
    bool more = rq->stream.next(rq->stream.state, &rq->out, &err);
    if (err.code) {
        rq_fail_err(rq, &err);
        return NULL;
    }
    if (!more)
        return NULL;
    struct sending *s = mem_zero(sizeof *s);
    s->stream = rq->stream;
    s->block = rq->out;
    rq->stream = (struct stream){0};
    rq->out = (struct buffer){0};
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, send_block,
                                             s, free_sending);
}

/* ---- headers ---- */

/* Among origins separated by blanks, or "*". */
static bool is_allowed_origin(const char *allowed, const char *origin)
{
    if (!allowed)
        return false;
    if (!strcmp(allowed, "*"))
        return true;
    size_t len = strlen(origin);
    for (const char *p = allowed; *p; p += strcspn(p, " "), p += strspn(p, " "))
        if (strcspn(p, " ") == len && !strncasecmp(p, origin, len))
            return true;
    return false;
}

static void add_cors(const struct request *rq, struct MHD_Response *r)
{
    const char *origin = rq_header_in(rq, "Origin");
    MHD_add_response_header(r, "Access-Control-Allow-Headers",
                            "origin, content-type, accept, authorization");
    MHD_add_response_header(r, "Access-Control-Allow-Methods",
                            "GET, POST, PUT, DELETE, OPTIONS");
    MHD_add_response_header(r, "Access-Control-Allow-Credentials", "true");
    if (!origin) {
        MHD_add_response_header(r, "Access-Control-Allow-Origin", "*");
        return;
    }
    MHD_add_response_header(r, "Vary", "Origin");
    if (is_allowed_origin(rq->api->config.cors_origin, origin))
        MHD_add_response_header(r, "Access-Control-Allow-Origin", origin);
}

static void add_headers(const struct request *rq, struct MHD_Response *r)
{
    if (rq->type)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, rq->type);
    for (unsigned i = 0; i < rq->header_count; i++)
        MHD_add_response_header(r, rq->headers[i].name, rq->headers[i].value);
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "X-Frame-Options", "DENY");
    MHD_add_response_header(r, "Referrer-Policy", "same-origin");
    if (!rq->segment_count || strcmp(rq->segments[0], "api"))
        return;
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    add_cors(rq, r);
}

bool answer_send(struct request *rq)
{
    struct MHD_Response *r = rq->response;
    rq->response = NULL;
    if (!r && rq->stream.next)
        r = start_stream(rq);
    if (!r) {
        r = MHD_create_response_from_buffer(rq->out.len, rq->out.ptr,
                                            MHD_RESPMEM_MUST_FREE);
        if (r)
            rq->out = (struct buffer){0};
    }
    if (!r)
        return false;
    add_headers(rq, r);
    enum MHD_Result queued = MHD_queue_response(rq->connection, rq->status, r);
    MHD_destroy_response(r);
    return queued == MHD_YES;
}
