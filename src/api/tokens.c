/*
 * tokens.c - tokens for apps and scripts: /session/token.
 */
#include <microhttpd.h>
#include <sodium.h>

#include "api/auth.h"
#include "api/sockets.h"
#include "api/router.h"
#include "api/state.h"

enum { TOKEN_MS = 7 * 86400000 };

static bool expiration(struct request *rq, int64_t *expires_ms)
{
    struct params form;
    if (!rq_form(rq, &form))
        return false;
    const char *text = params_get(&form, "expiration");
    bool good = !text || !*text || civil_parse(span_of(text), expires_ms);
    params_fini(&form);
    if (!good || *expires_ms <= rq->now_ms) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST,
                good ? "expiration has passed"
                     : "expiration is not a time such as 2026-03-01T09:30:00Z");
        return false;
    }
    return true;
}

static void token_post(struct request *rq)
{
    struct st_session s = {.user_id = rq->caller.user.id,
                           .created_ms = rq->now_ms,
                           .used_ms = rq->now_ms,
                           .expires_ms = rq->now_ms + TOKEN_MS,
                           .token = true};
    struct err err = {0};
    char secret[SECRET_TEXT];
    if (!expiration(rq, &s.expires_ms))
        return;
    auth_inherit(&s, rq->caller.by_session ? &rq->caller.session : NULL);
    secret_make(secret);
    secret_hash(span_of(secret), s.hash);
    if (st_session_put(rq->api->config.store, &s, &err))
        rq_text(rq, secret);
    else
        rq_fail_err(rq, &err);
    sodium_memzero(secret, sizeof secret);
}

/* Of one's own tokens only; for any other it answers the same. */
static void token_revoke(struct request *rq)
{
    struct params form;
    struct st_session s;
    struct err err = {0};
    unsigned char hash[SECRET_HASH];
    if (!rq_form(rq, &form))
        return;
    const char *token = params_get(&form, "token");
    secret_hash(span_trim(span_of(token ? token : "")), hash);
    params_fini(&form);
    rq_empty(rq);
    if (st_session_get(rq->api->config.store, hash, &s, &err) && s.token &&
        s.user_id == rq->caller.user.id &&
        !st_session_delete(rq->api->config.store, hash, &err))
        rq_fail_err(rq, &err);
    sockets_check_sessions(rq->api->sockets);
}

const struct route routes_tokens[] = {
    {METHOD_POST, "/session/token", token_post, 0},
    {METHOD_POST, "/session/token/revoke", token_revoke, 0},
    {0},
};
