/*
 * http.c - libmicrohttpd's callbacks.
 *
 * A request goes through three phases: its head (who asks? which may take an Argon2 on
 * another thread), its body (gathered, within limits), its answer.  A few threads
 * serve all connections by epoll; nothing that they call waits for a client.
 */
#include "api/http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/answer.h"
#include "api/auth.h"
#include "api/listen.h"
#include "api/router.h"
#include "api/static.h"

enum {
    HTTP_THREADS = 4,
    HTTP_CONNECTIONS = 4096,
    HTTP_HEAD_BYTES = 64 << 10, /* of a connection: request line, headers, buffers */
    HTTP_IDLE_S = 60,           /* without a byte in either direction */
    HTTP_HEAD_MS = 75000,       /* from the connection, or the last answer, to the head */
    HTTP_BODY_MS = 180000,      /* from the head to the end of the body */
    HTTP_ANSWER_MS = 3600000,   /* to the end of the answer */
    HTTP_ANONYMOUS_MS = 600000, /* the same for who is not logged in */
    HTTP_SHARE = 4,             /* one address may have a quarter of all connections */
    BODIES_MAX = 64 << 20,      /* of all requests together */
};

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_ANSWERED };

/* ---- connections and their deadlines ---- */

struct conn {
    struct conn *next, **link; /* *link is this one */
    int fd;
    struct peer peer;
    int64_t deadline_ms; /* INT64_MAX: none */
};

struct conns {
    pthread_mutex_t lock;
    struct conn *first;
    size_t count;
};

static void set_deadline(struct request *rq, int64_t deadline_ms)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(rq->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *c = info ? info->socket_context : NULL;
    if (!c)
        return;
    pthread_mutex_lock(&rq->api->conns->lock);
    c->deadline_ms = deadline_ms;
    pthread_mutex_unlock(&rq->api->conns->lock);
}

static unsigned connections_max(const struct api *api)
{
    unsigned max = api->config.connections_max;
    return max ? max : (unsigned)HTTP_CONNECTIONS;
}

/* Nobody takes all connections for himself; a proxy on this machine may. */
static enum MHD_Result on_accept(void *arg, const struct sockaddr *address, socklen_t len)
{
    struct api *api = arg;
    struct peer peer = listen_peer(address);
    unsigned count = 0;
    (void)len;
    if (peer_is_loopback(&peer))
        return MHD_YES;
    pthread_mutex_lock(&api->conns->lock);
    for (const struct conn *c = api->conns->first; c; c = c->next)
        count += peer_is_near(&c->peer, &peer);
    pthread_mutex_unlock(&api->conns->lock);
    return count < connections_max(api) / HTTP_SHARE ? MHD_YES : MHD_NO;
}

static struct conn *new_conn(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct conn *c = mem_zero(sizeof *c);
    c->fd = fd ? fd->connect_fd : -1;
    if (address && address->client_addr)
        c->peer = listen_peer(address->client_addr);
    c->deadline_ms = monotonic_ms() + HTTP_HEAD_MS;
    return c;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct conns *conns = ((struct api *)arg)->conns;
    pthread_mutex_lock(&conns->lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct conn *c = new_conn(connection);
        c->next = conns->first;
        c->link = &conns->first;
        if (c->next)
            c->next->link = &c->next;
        conns->first = c;
        conns->count++;
        *context = c;
    } else if (*context) {
        struct conn *c = *context;
        *c->link = c->next;
        if (c->next)
            c->next->link = c->link;
        conns->count--;
        free(c);
        *context = NULL;
    }
    pthread_mutex_unlock(&conns->lock);
}

/* The socket stays open until its thread has noticed: the number cannot be another's. */
void http_expire(struct api *api)
{
    int64_t now_ms = monotonic_ms();
    pthread_mutex_lock(&api->conns->lock);
    for (struct conn *c = api->conns->first; c; c = c->next) {
        if (c->deadline_ms > now_ms || c->fd < 0)
            continue;
        shutdown(c->fd, SHUT_RDWR);
        c->deadline_ms = INT64_MAX;
    }
    pthread_mutex_unlock(&api->conns->lock);
}

size_t http_connections(struct api *api)
{
    pthread_mutex_lock(&api->conns->lock);
    size_t count = api->conns->count;
    pthread_mutex_unlock(&api->conns->lock);
    return count;
}

/* ---- a request's head ---- */

static enum method method_of(const char *name, bool *head)
{
    static const char *const names[] = {"GET", "POST", "PUT", "DELETE", "OPTIONS"};
    *head = !strcmp(name, "HEAD");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return (enum method)i;
    return *head ? METHOD_GET : METHOD_OTHER;
}

/* Cuts the path into decoded segments; empty ones do not count. */
static bool cut_path(struct request *rq)
{
    char *rest = rq->target + (*rq->target == '/');
    while (rest) {
        char *segment = rest;
        rest = strchr(segment, '/');
        if (rest)
            *rest++ = 0;
        if (!*segment)
            continue;
        if (rq->segment_count == SEGMENTS_MAX || !percent_decode(segment, false))
            return false;
        rq->segments[rq->segment_count++] = segment;
    }
    return true;
}

/* libmicrohttpd 0.9.75 parses the query too, into the connection's own memory, and when
 * that does not suffice for a thousand names the connection hangs.  The target stands in
 * its read buffer: cut behind the question mark, there is nothing left to parse. */
static void hide_query(const char *target)
{
    char *query = strchr((char *)target, '?');
    if (query)
        query[1] = 0;
}

/* The first call for a request, with its target as it stands on the wire. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct request *rq = mem_zero(sizeof *rq);
    rq->api = arg;
    rq->connection = connection;
    rq->target = mem_text(target);
    hide_query(target);
    char *query = strchr(rq->target, '?');
    if (query)
        *query++ = 0;
    struct span text = query ? span_of(query) : (struct span){0};
    bool path = !*rq->target || *rq->target == '/';
    rq->bad_target = !path || !params_parse(&rq->query, text) || !cut_path(rq);
    return rq;
}

/* The peer; where that is a proxy on this machine, whom it speaks for. */
static void find_peer(struct request *rq)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(rq->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    rq->secure = rq->api->cert != NULL;
    if (address)
        rq->peer = listen_peer(address);
    if (!peer_is_loopback(&rq->peer))
        return;
    const char *scheme = rq_header_in(rq, "X-Forwarded-Proto");
    const char *chain = rq_header_in(rq, "X-Forwarded-For");
    const char *last = chain ? strrchr(chain, ',') : NULL;
    struct peer forwarded;
    char text[PEER_TEXT];
    if (chain) {
        span_copy(span_trim(span_of(last ? last + 1 : chain)), text, sizeof text);
        if (peer_parse(text, &forwarded))
            rq->peer = forwarded;
    }
    rq->secure = rq->secure || (scheme && !strcasecmp(scheme, "https"));
}

static size_t body_limit(const struct request *rq)
{
    return rq->caller.known ? BODY_MAX : BODY_ANONYMOUS_MAX;
}

/* The length is known before the body comes, unless it is chunked. */
static bool announces_too_much(const struct request *rq)
{
    const char *text = rq_header_in(rq, "Content-Length");
    int64_t len = 0;
    return text &&
           (!parse_int(span_of(text), &len) || len < 0 || (uint64_t)len > body_limit(rq));
}

static void take_head(struct request *rq)
{
    unsigned status;
    if (rq->bad_target) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "The address cannot be read");
    } else if (rq->method == METHOD_OPTIONS) {
        rq_empty(rq);
    } else if (!rq->segment_count || strcmp(rq->segments[0], "api")) {
        if (rq->method == METHOD_GET)
            static_serve(rq);
        else
            rq_fail(rq, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET here");
    } else if ((status = router_find(rq)) != 0) {
        rq_fail(rq, status,
                status == MHD_HTTP_NOT_FOUND ? "No such call" : "Not with this method");
    } else if (auth_head(rq) && announces_too_much(rq)) {
        rq_fail(rq, MHD_HTTP_CONTENT_TOO_LARGE, "The body is too long");
    }
}

/* ---- a request's body ---- */

static void take_body(struct request *rq, const char *bytes, size_t len)
{
    if (rq->status)
        return;
    size_t all = atomic_fetch_add(&rq->api->body_bytes, len) + len;
    rq->body_counted += len;
    if (all > BODIES_MAX)
        rq_fail(rq, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy: try again");
    else if (rq->body.len + len > body_limit(rq))
        rq_fail(rq, MHD_HTTP_CONTENT_TOO_LARGE, "The body is too long");
    else
        buf_add(&rq->body, bytes, len);
}

static void free_request(struct request *rq)
{
    atomic_fetch_sub(&rq->api->body_bytes, rq->body_counted);
    for (unsigned i = 0; i < rq->header_count; i++)
        free(rq->headers[i].value);
    if (rq->stream.free)
        rq->stream.free(rq->stream.state);
    if (rq->response)
        MHD_destroy_response(rq->response);
    auth_forget(rq);
    st_user_fini(&rq->caller.user);
    params_fini(&rq->query);
    buf_fini(&rq->body);
    buf_fini(&rq->out);
    free(rq->target);
    free(rq);
}

/* ---- the callbacks ---- */

static enum MHD_Result give_answer(struct request *rq)
{
    int64_t ms = rq->caller.known ? HTTP_ANSWER_MS : HTTP_ANONYMOUS_MS;
    rq->phase = PHASE_ANSWERED;
    set_deadline(rq, rq->upgraded ? INT64_MAX : monotonic_ms() + ms);
    return answer_send(rq) ? MHD_YES : MHD_NO;
}

static bool has_body(const struct request *rq)
{
    const char *len = rq_header_in(rq, "Content-Length");
    return (len && strcmp(len, "0")) || rq_header_in(rq, "Transfer-Encoding");
}

static enum MHD_Result on_head(struct request *rq, const char *method)
{
    if (!rq->aside) {
        rq->method = method_of(method, &rq->head);
        rq->now_ms = rq->api->config.now_ms();
        find_peer(rq);
        set_deadline(rq, monotonic_ms() + HTTP_BODY_MS);
    }
    rq->aside = false;
    take_head(rq);
    if (rq->aside)
        return MHD_YES;
    /* An answer before the body has come ends the connection: only to save the body. */
    if (rq->status && has_body(rq))
        return give_answer(rq);
    rq->phase = PHASE_BODY;
    return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_len, void **context)
{
    (void)arg, (void)connection, (void)url, (void)version;
    struct request *rq = *context;
    if (rq->phase == PHASE_HEAD)
        return on_head(rq, method);
    if (*upload_len) {
        take_body(rq, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    rq->aside = false;
    if (!rq->status)
        rq->route->handle(rq);
    return rq->aside ? MHD_YES : give_answer(rq);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)connection, (void)code;
    struct request *rq = *context;
    if (!rq)
        return;
    if (!rq->upgraded)
        set_deadline(rq, monotonic_ms() + HTTP_HEAD_MS);
    free_request(rq);
    *context = NULL;
}

/* ---- open and close ---- */

static void on_log(void *arg, const char *format, va_list args)
{
    (void)arg, (void)format, (void)args;
}

bool http_open(struct api *api, struct err *err)
{
    static char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    const struct api_config *c = &api->config;
    api->conns = mem_zero(sizeof *api->conns);
    pthread_mutex_init(&api->conns->lock, NULL);
    int fd = listen_open(c->host, c->port, err);
    if (fd < 0)
        return false;
    api->port = listen_port(fd);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, api->cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, api->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, tls_versions},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG |
                     (api->cert ? MHD_USE_TLS : 0);
    api->daemon = MHD_start_daemon(
        flags, 0, on_accept, api, on_request, api, MHD_OPTION_EXTERNAL_LOGGER, on_log,
        NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, connections_max(api),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, api, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, api, MHD_OPTION_NOTIFY_CONNECTION, on_connection, api,
        MHD_OPTION_ARRAY, api->cert ? tls : tls + 3, MHD_OPTION_END);
    if (api->daemon)
        return true;
    close(fd);
    return err_set(err, ERR_IO, "http: the server does not start%s",
                   api->cert ? "; do certificate and key fit?" : "");
}

void http_quiesce(struct api *api)
{
    MHD_socket fd = api->daemon ? MHD_quiesce_daemon(api->daemon) : MHD_INVALID_SOCKET;
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

void http_close(struct api *api)
{
    if (api->daemon)
        MHD_stop_daemon(api->daemon);
    api->daemon = NULL;
    if (api->conns) {
        pthread_mutex_destroy(&api->conns->lock);
        free(api->conns);
    }
    api->conns = NULL;
}
