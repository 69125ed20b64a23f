/*
 * auth.c - callers.  What is wrong with a login is never said: unknown, disabled,
 * expired and mistyped all answer alike, and take alike long.
 */
#include "api/auth.h"

#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/rights.h"

enum { SESSION_S = 14 * 86400, SESSION_TOUCH_MS = 600000 };

static const char cookie_name[] = "JSESSIONID";

bool auth_is_active(const struct st_user *u, int64_t now_ms)
{
    return !u->disabled && (u->expiration_ms == TIME_NONE || u->expiration_ms > now_ms);
}

static bool wrong(struct request *rq)
{
    const char *accept = rq_header_in(rq, "Accept");
    if (accept && strstr(accept, "text/html"))
        rq_header(rq, "WWW-Authenticate", "Basic realm=\"api\"");
    rq_fail(rq, MHD_HTTP_UNAUTHORIZED, "Wrong login");
    return false;
}

static int64_t session_ms(const struct api *api)
{
    return (api->config.session_s ? api->config.session_s : (unsigned)SESSION_S) *
           INT64_C(1000);
}

/* ---- cookies and tokens ---- */

/* The host in "https://host:port" or "host:port", without the port. */
static struct span host_of(const char *text)
{
    const char *scheme = strstr(text, "://");
    struct span host = span_of(scheme ? scheme + 3 : text);
    size_t bracket = host.len && *host.ptr == '[' ? span_find(host, 0, "]", 1) : 0;
    return span_cut(host, 0, span_find(host, bracket, ":", 1));
}

/* A session made on one site is none on another. */
static bool fits_origin(const struct request *rq, const struct st_session *s)
{
    const char *origin = rq_header_in(rq, "Origin");
    const char *host = rq_header_in(rq, "Host");
    if (!origin)
        return true;
    if (*s->origin)
        return !strcasecmp(s->origin, origin);
    return host && span_equal(host_of(origin), host_of(host));
}

/* Nothing is left of a caller who is not let in. */
static bool nobody(struct request *rq)
{
    st_user_fini(&rq->caller.user);
    rq->caller = (struct caller){0};
    return false;
}

static bool find_session(struct request *rq, struct span secret, bool token)
{
    struct caller *c = &rq->caller;
    struct err err = {0};
    unsigned char hash[SECRET_HASH];
    secret_hash(secret, hash);
    if (!st_session_get(rq->api->config.store, hash, &c->session, &err) ||
        c->session.token != token)
        return false;
    if (c->session.expires_ms <= rq->now_ms) {
        st_session_delete(rq->api->config.store, hash, &err);
        return false;
    }
    return st_user_get(rq->api->config.store, c->session.user_id, &c->user, &err) &&
           auth_is_active(&c->user, rq->now_ms);
}

bool auth_by_secret(struct request *rq, struct span secret, bool token)
{
    nobody(rq);
    if (!find_session(rq, secret, token))
        return nobody(rq);
    rq->caller.known = rq->caller.by_session = true;
    return true;
}

/* Made with a token. */
static bool has_parent(const struct st_session *s)
{
    return !sodium_is_zero(s->parent, sizeof s->parent);
}

/* A browser's session lives on while it is used; what a token opened does not outlive
 * the token. */
static void touch(struct request *rq)
{
    struct st_session *s = &rq->caller.session;
    struct err err = {0};
    if (rq->now_ms - s->used_ms < SESSION_TOUCH_MS)
        return;
    s->used_ms = rq->now_ms;
    if (!s->token && !has_parent(s))
        s->expires_ms = rq->now_ms + session_ms(rq->api);
    st_session_touch(rq->api->config.store, s, &err);
}

static void by_cookie(struct request *rq)
{
    const char *header = rq_header_in(rq, "Cookie");
    struct span secret =
        cookie_find(header ? span_of(header) : (struct span){0}, cookie_name);
    if (!secret.len || !auth_by_secret(rq, secret, false))
        return;
    if (!fits_origin(rq, &rq->caller.session)) {
        nobody(rq);
        return;
    }
    rq->caller.by_cookie = true;
    touch(rq);
}

static bool by_token(struct request *rq, const char *token)
{
    if (!auth_by_secret(rq, span_trim(span_of(token)), true))
        return wrong(rq);
    touch(rq);
    return true;
}

bool auth_still_good(struct api *api, const unsigned char *session, int64_t user_id,
                     bool *administrator)
{
    struct st_session s;
    struct st_user u;
    struct err err = {0};
    int64_t now_ms = api->config.now_ms();
    if (session &&
        (!st_session_get(api->config.store, session, &s, &err) || s.expires_ms <= now_ms))
        return false;
    if (!st_user_get(api->config.store, user_id, &u, &err))
        return false;
    bool good = auth_is_active(&u, now_ms);
    *administrator = u.administrator;
    st_user_fini(&u);
    return good;
}

/* ---- passwords ---- */

void auth_forget(struct request *rq)
{
    if (rq->later.password)
        sodium_memzero(rq->later.password, strlen(rq->later.password));
    if (rq->later.sent)
        sodium_memzero(rq->later.sent, strlen(rq->later.sent));
    free(rq->later.password);
    free(rq->later.name);
    free(rq->later.sent);
    rq->later = (struct later){0};
}

static bool is_remembered(struct request *rq, const char *sent, const char *hash)
{
    return sent && hash &&
           remembered_has(rq->api->remembered, span_of(sent), hash, rq->now_ms);
}

/* On a thread of the pool.  Of many that came at once with the same password the first
 * has had it checked for all. */
static void run_check(struct request *rq)
{
    struct later *l = &rq->later;
    struct st_user u = {0};
    struct err err = {0};
    if (atomic_load(&rq->api->closing))
        return;
    bool found = st_user_find(rq->api->config.store, l->name, &u, &err);
    const char *hash = found ? u.password_hash : NULL;
    l->passed = is_remembered(rq, l->sent, hash) || password_check(hash, l->password);
    if (l->passed && l->sent)
        remembered_put(rq->api->remembered, span_of(l->sent), hash, rq->now_ms);
    l->passed = l->passed && auth_is_active(&u, rq->now_ms);
    l->user_id = u.id;
    st_user_fini(&u);
    guard_end(rq->api->guard, &l->guard, l->passed, monotonic_ms());
}

static bool too_many(struct request *rq)
{
    rq_header(rq, "Retry-After", "30");
    rq_fail(rq, MHD_HTTP_TOO_MANY_REQUESTS, "Too many tries: wait a minute");
    return false;
}

static bool check(struct request *rq, const char *name, const char *password,
                  const char *sent)
{
    struct later *l = &rq->later;
    if (strlen(password) > PASSWORD_MAX)
        return wrong(rq);
    auth_forget(rq);
    l->name = mem_text(name);
    l->password = mem_text(password);
    l->sent = sent ? mem_text(sent) : NULL;
    l->guard = guard_of(rq->api->guard, rq->peer.address, span_of(name));
    int64_t wait_ms = guard_begin(rq->api->guard, &l->guard, monotonic_ms());
    if (wait_ms < 0)
        return too_many(rq);
    if (rq_later(rq, run_check, wait_ms))
        return true;
    guard_cancel(rq->api->guard, &l->guard);
    return false;
}

bool auth_check(struct request *rq, const char *name, const char *password)
{
    return check(rq, name, password, NULL);
}

static void run_hash(struct request *rq)
{
    if (atomic_load(&rq->api->closing) ||
        !password_hash(rq->later.password, rq->later.hash))
        rq->later.hash[0] = 0;
}

/* Who makes accounts one after the other waits as who guesses. */
static int64_t registration_delay_ms(struct request *rq)
{
    char address[PEER_TEXT];
    struct guard_try t = guard_of(rq->api->guard, rq->peer.address,
                                  span_of(peer_address(&rq->peer, address)));
    int64_t wait_ms = guard_begin(rq->api->guard, &t, monotonic_ms());
    if (wait_ms >= 0)
        guard_end(rq->api->guard, &t, false, monotonic_ms());
    return wait_ms;
}

bool auth_hash(struct request *rq, const char *password)
{
    int64_t wait_ms = rq->caller.known ? 0 : registration_delay_ms(rq);
    if (wait_ms < 0)
        return too_many(rq);
    auth_forget(rq);
    rq->later.password = mem_text(password);
    return rq_later(rq, run_hash, wait_ms);
}

/* "name:password" in base64; false where it is none. */
static bool cut_basic(const char *text, char *out, size_t size, char **password)
{
    long len = base64_decode(span_trim(span_of(text)), (uint8_t *)out, size - 1);
    if (len < 0 || memchr(out, 0, (size_t)len))
        return false;
    out[len] = 0;
    *password = strchr(out, ':');
    if (!*password)
        return false;
    *(*password)++ = 0;
    return true;
}

/* The caller is the one whose password was right. */
static bool take_checked(struct request *rq)
{
    struct later *l = &rq->later;
    struct err err = {0};
    bool passed =
        l->passed &&
        st_user_get(rq->api->config.store, l->user_id, &rq->caller.user, &err) &&
        auth_is_active(&rq->caller.user, rq->now_ms);
    auth_forget(rq);
    if (!passed)
        return nobody(rq) || wrong(rq);
    rq->caller.known = true;
    return true;
}

static bool by_password(struct request *rq, const char *text)
{
    char plain[PASSWORD_MAX + 512];
    char *password;
    struct err err = {0};
    struct st_user *u = &rq->caller.user;
    if (rq->later.done)
        return take_checked(rq);
    if (strlen(text) / 4 * 3 + 4 > sizeof plain ||
        !cut_basic(text, plain, sizeof plain, &password))
        return wrong(rq);
    bool known = st_user_find(rq->api->config.store, plain, u, &err) &&
                 auth_is_active(u, rq->now_ms) &&
                 is_remembered(rq, text, u->password_hash);
    if (!known) {
        nobody(rq);
        check(rq, plain, password, text);
    }
    rq->caller.known = known;
    sodium_memzero(plain, sizeof plain);
    return known;
}

/* ---- the head of a request ---- */

/* False: a login that is wrong, or still being checked. */
static bool identify(struct request *rq)
{
    const char *header = rq_header_in(rq, "Authorization");
    if (!header) {
        by_cookie(rq);
        return true;
    }
    if (!strncasecmp(header, "Bearer ", 7))
        return by_token(rq, header + 7);
    if (!strncasecmp(header, "Basic ", 6))
        return by_password(rq, header + 6);
    return wrong(rq);
}

static bool is_allowed(struct request *rq)
{
    const struct st_user *u = &rq->caller.user;
    unsigned flags = rq->route->flags;
    if (!rq->caller.known) {
        if (!(flags & ROUTE_OPEN)) {
            wrong(rq);
            rq_fail(rq, MHD_HTTP_UNAUTHORIZED, "Not logged in");
            return false;
        }
        return true;
    }
    if (u->administrator)
        return true;
    struct server_flags server = settings_flags(rq->api->settings);
    const char *why = NULL;
    if (flags & ROUTE_ADMIN)
        why = "Administrator access required";
    else if (flags & ROUTE_EDIT && (u->readonly || server.readonly))
        why = "The account is read-only";
    if (why)
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s", why);
    return !why && (!(flags & ROUTE_REPORT) || right_reports(rq));
}

bool auth_head(struct request *rq)
{
    return identify(rq) && is_allowed(rq);
}

/* ---- sessions ---- */

static void set_cookie(struct request *rq, const char *secret, bool end)
{
    const struct api_config *c = &rq->api->config;
    rq_header(rq, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=%s%s%s", cookie_name,
              secret, c->cookie_same_site ? c->cookie_same_site : "Lax",
              rq->secure || c->cookie_secure ? "; Secure" : "", end ? "; Max-Age=0" : "");
}

void auth_inherit(struct st_session *s, const struct st_session *from)
{
    if (!from)
        return;
    memcpy(s->parent, from->token ? from->hash : from->parent, sizeof s->parent);
    if (has_parent(s) && from->expires_ms < s->expires_ms)
        s->expires_ms = from->expires_ms;
}

bool auth_start_session(struct request *rq, const struct st_user *u,
                        const struct st_session *from)
{
    const char *origin = rq_header_in(rq, "Origin");
    struct st_session s = {.user_id = u->id,
                           .created_ms = rq->now_ms,
                           .used_ms = rq->now_ms,
                           .expires_ms = rq->now_ms + session_ms(rq->api)};
    struct err err = {0};
    char secret[SECRET_TEXT];
    secret_make(secret);
    secret_hash(span_of(secret), s.hash);
    auth_inherit(&s, from);
    if (origin && strlen(origin) >= sizeof s.origin) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "Origin is too long");
        return false;
    }
    snprintf(s.origin, sizeof s.origin, "%s", origin ? origin : "");
    if (!st_session_put(rq->api->config.store, &s, &err)) {
        rq_fail_err(rq, &err);
        return false;
    }
    /* The browser forgets its old session, and so do we. */
    if (rq->caller.by_cookie)
        st_session_delete(rq->api->config.store, rq->caller.session.hash, &err);
    set_cookie(rq, secret, false);
    sodium_memzero(secret, sizeof secret);
    return true;
}

void auth_end_session(struct request *rq)
{
    struct err err = {0};
    if (rq->caller.by_cookie)
        st_session_delete(rq->api->config.store, rq->caller.session.hash, &err);
    set_cookie(rq, "", true);
}
