/*
 * session.c - logging in and out: /session.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/auth.h"
#include "api/sockets.h"
#include "api/rights.h"
#include "api/router.h"
#include "api/user_json.h"

static void answer_user(struct request *rq, const struct st_user *u)
{
    json_user(rq_json(rq), NULL, u, false);
}

static void wrong_login(struct request *rq)
{
    rq_fail(rq, MHD_HTTP_UNAUTHORIZED, "Wrong e-mail or password");
}

/* A page of another site may send a form here, and log its visitor in as somebody
 * else. */
static bool is_cross_site(struct request *rq)
{
    const char *site = rq_header_in(rq, "Sec-Fetch-Site");
    if (!site || strcmp(site, "cross-site") || rq->api->config.cors_origin)
        return false;
    rq_fail(rq, MHD_HTTP_FORBIDDEN, "Logging in from another site is not allowed");
    return true;
}

static void login_by_token(struct request *rq, const char *token)
{
    if (!auth_by_secret(rq, span_of(token), true)) {
        rq_fail(rq, MHD_HTTP_UNAUTHORIZED, "The token is wrong, expired or revoked");
        return;
    }
    if (auth_start_session(rq, &rq->caller.user, &rq->caller.session))
        answer_user(rq, &rq->caller.user);
}

static void session_get(struct request *rq)
{
    const char *token = rq_query(rq, "token");
    if (token && *token)
        login_by_token(rq, token);
    else if (rq->caller.known)
        answer_user(rq, &rq->caller.user);
    else
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "Not logged in");
}

/* With the password checked. */
static void login_checked(struct request *rq)
{
    struct st_user u;
    struct err err = {0};
    if (!rq->later.passed ||
        !st_user_get(rq->api->config.store, rq->later.user_id, &u, &err)) {
        wrong_login(rq);
        return;
    }
    if (auth_start_session(rq, &u, NULL))
        answer_user(rq, &u);
    st_user_fini(&u);
}

static void session_post(struct request *rq)
{
    struct params form;
    if (rq->later.done) {
        login_checked(rq);
        return;
    }
    if (is_cross_site(rq) || !rq_form(rq, &form))
        return;
    const char *email = params_get(&form, "email");
    const char *password = params_get(&form, "password");
    if (!email || !*email || !password || !*password)
        wrong_login(rq);
    else
        auth_check(rq, email, password);
    params_fini(&form);
}

static void session_delete(struct request *rq)
{
    auth_end_session(rq);
    rq_empty(rq);
    sockets_check_sessions(rq->api->sockets);
}

/* Goes on as another user. */
static void session_as(struct request *rq)
{
    struct st_user u;
    if (!right_user(rq, rq->id, &u))
        return;
    const struct st_session *from = rq->caller.by_session ? &rq->caller.session : NULL;
    if (!auth_is_active(&u, rq->now_ms))
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "The user is disabled or expired");
    else if (auth_start_session(rq, &u, from))
        answer_user(rq, &u);
    st_user_fini(&u);
}

const struct route routes_session[] = {
    {METHOD_GET, "/session", session_get, ROUTE_OPEN},
    {METHOD_POST, "/session", session_post, ROUTE_OPEN},
    {METHOD_DELETE, "/session", session_delete, ROUTE_OPEN},
    {METHOD_GET, "/session/{id}", session_as, 0},
    {0},
};
