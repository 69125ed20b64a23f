/*
 * request.h - one request of the API: what came in, who asks, what goes out.
 *
 * A handler reads the request, and either writes an answer (rq_json() and its like),
 * or says why not (rq_fail()), or puts the request aside with rq_later() and is called
 * again when the work is done.
 */
#pragma once

#include <jansson.h>

#include "api/guard.h"
#include "api/params.h"
#include "api/secret.h"
#include "core/json.h"
#include "core/peer.h"
#include "store/store.h"

struct api;
struct request;
struct route;
struct MHD_Connection;
struct MHD_Response;

enum method {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_OTHER,
};

enum {
    BODY_MAX = 1 << 20,
    BODY_ANONYMOUS_MAX = 16 << 10,
    HEADERS_MAX = 8,
    SEGMENTS_MAX = 8
};

/* Who asks. */
struct caller {
    bool known;
    struct st_user user;
    bool by_cookie;  /* by a session's cookie */
    bool by_session; /* by cookie or token: `session` is theirs */
    struct st_session session;
};

/* An answer that is made piece by piece.  next() appends a block; false: that was all.
 * It may fail: then err->code is set and the connection is cut. */
struct stream {
    bool (*next)(void *state, struct buffer *out, struct err *err);
    void (*free)(void *state);
    void *state;
};

/* A password that is being checked or hashed. */
struct later {
    void (*run)(struct request *rq);
    bool done;
    char *name, *password; /* to check: of whom, and what */
    char *sent;            /* the two as they came, to be remembered; or NULL */
    struct guard_try guard;
    bool passed;
    int64_t user_id;
    char hash[PASSWORD_HASH_TEXT];
};

struct request {
    struct api *api;
    struct MHD_Connection *connection;
    enum method method;
    bool head;                          /* HEAD: a GET without the body */
    bool upgraded;                      /* the connection is a socket now */
    bool aside;                         /* put aside by rq_later() */
    char *target;                       /* what the segments point into */
    const char *segments[SEGMENTS_MAX]; /* of the path, decoded */
    unsigned segment_count;
    bool bad_target; /* could not be decoded, or is too long */
    struct params query;
    struct buffer body;
    size_t body_counted; /* against the limit of all bodies */
    int64_t now_ms;
    struct peer peer;
    bool secure; /* came by TLS, here or at a proxy on this machine */
    struct caller caller;
    const struct route *route;
    int64_t id;       /* of a path with {id} */
    const char *name; /* of a path with {name} */
    struct later later;
    unsigned phase; /* how far it has come: see http.c */

    /* the answer */
    unsigned status;
    const char *type;
    struct buffer out;
    struct json json;
    struct stream stream;
    struct MHD_Response *response; /* ready made, wins over `out` */
    struct {
        const char *name;
        char *value;
    } headers[HEADERS_MAX];
    unsigned header_count;
};

/* What a path leads to. */
enum {
    ROUTE_OPEN = 1,   /* needs no login */
    ROUTE_ADMIN = 2,  /* administrators */
    ROUTE_EDIT = 4,   /* not for read-only accounts */
    ROUTE_REPORT = 8, /* not where reports are disabled */
};

struct route {
    enum method method;
    const char *path; /* "/devices/{id}"; NULL ends a list */
    void (*handle)(struct request *rq);
    unsigned flags;
};

/* ---- the request ---- */

const char *rq_header_in(const struct request *rq, const char *name); /* or NULL */

/* The first value of that name in the query, or NULL. */
const char *rq_query(const struct request *rq, const char *name);

/* A whole number of the query.  False, with the answer made, where it is no number;
 * *value stays as it was where it is missing. */
bool rq_query_id(struct request *rq, const char *name, int64_t *value);
bool rq_query_time(struct request *rq, const char *name, int64_t *ms);

/* All numbers of that name; the caller frees.  False with the answer made. */
bool rq_query_ids(struct request *rq, const char *name, int64_t **ids, size_t *count);

/* The body as a form. */
bool rq_form(struct request *rq, struct params *form);

/* The body as JSON; NULL with the answer made.  The caller owns it. */
json_t *rq_body(struct request *rq);

/* ---- the answer ---- */

/* Begins a JSON answer; 200 unless said otherwise. */
struct json *rq_json(struct request *rq);
void rq_text(struct request *rq, const char *text);
void rq_empty(struct request *rq); /* 204 */
void rq_fail(struct request *rq, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* By the code of the error: 400, 404 or 503. */
void rq_fail_err(struct request *rq, const struct err *err);
void rq_stream(struct request *rq, const char *type, struct stream stream);
/* The value must not hold line ends: what does is dropped. */
void rq_header(struct request *rq, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Has rq->later.run called on another thread, delay_ms from now, and then the handler
 * again, with later.done set.  Nothing may be touched after it; where the queue is
 * full the answer is made and it returns false. */
bool rq_later(struct request *rq, void (*run)(struct request *rq), int64_t delay_ms);
