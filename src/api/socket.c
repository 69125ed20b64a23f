/*
 * socket.c - the handshake of live sockets: /socket.
 */
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>

#include "api/auth.h"
#include "api/sockets.h"
#include "api/router.h"
#include "api/sha1.h"

enum { HANDSHAKE_KEY = 24, HANDSHAKE_ACCEPT = 29 };

/* RFC 6455, 4.2.2 */
static void accept_of(const char *key, char out[HANDSHAKE_ACCEPT])
{
    char text[HANDSHAKE_KEY + 37];
    uint8_t hash[SHA1_SIZE];
    snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1_short(span_of(text), hash);
    sodium_bin2base64(out, HANDSHAKE_ACCEPT, hash, sizeof hash,
                      sodium_base64_VARIANT_ORIGINAL);
}

static bool header_has(const struct request *rq, const char *name, const char *word)
{
    const char *value = rq_header_in(rq, name);
    return value && strcasestr(value, word);
}

/* Called once the answer is out: the connection is ours. */
static void on_upgrade(void *arg, struct MHD_Connection *connection, void *context,
                       const char *early, size_t early_len, MHD_socket fd,
                       struct MHD_UpgradeResponseHandle *handle)
{
    (void)arg, (void)connection;
    struct request *rq = context;
    const struct caller *c = &rq->caller;
    int on = 1;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets_take(rq->api->sockets, fd, handle,
                 (struct span){(const uint8_t *)early, early_len}, c->user.id,
                 c->user.administrator, c->by_session ? c->session.hash : NULL);
}

static void socket_get(struct request *rq)
{
    const char *token = rq_query(rq, "token");
    const char *key = rq_header_in(rq, "Sec-WebSocket-Key");
    char accept[HANDSHAKE_ACCEPT];
    if (token && *token && !rq->caller.known)
        auth_by_secret(rq, span_of(token), true);
    if (!rq->caller.known) {
        rq_fail(rq, MHD_HTTP_UNAUTHORIZED, "Not logged in");
        return;
    }
    if (!header_has(rq, "Upgrade", "websocket") || !key || strlen(key) != HANDSHAKE_KEY) {
        rq_header(rq, "Upgrade", "websocket");
        rq_fail(rq, MHD_HTTP_UPGRADE_REQUIRED, "This is a WebSocket");
        return;
    }
    if (!header_has(rq, "Sec-WebSocket-Version", "13")) {
        rq_header(rq, "Sec-WebSocket-Version", "13");
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "WebSocket version 13 is needed");
        return;
    }
    accept_of(key, accept);
    rq->response = MHD_create_response_for_upgrade(on_upgrade, NULL);
    rq->status = MHD_HTTP_SWITCHING_PROTOCOLS;
    rq->upgraded = true;
    rq_header(rq, "Upgrade", "websocket");
    rq_header(rq, "Sec-WebSocket-Accept", "%s", accept);
}

const struct route routes_socket[] = {
    {METHOD_GET, "/socket", socket_get, ROUTE_OPEN},
    {0},
};
