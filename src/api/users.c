/*
 * users.c - accounts: /users.
 */
#include <microhttpd.h>
#include <stdlib.h>

#include "api/auth.h"
#include "api/idmap.h"
#include "api/sockets.h"
#include "api/rights.h"
#include "api/router.h"
#include "api/user_json.h"

enum { PASSWORD_MIN = 6 };

static bool refuse(struct request *rq, const char *why)
{
    rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s", why);
    return false;
}

/* ---- reading ---- */

static bool write_user(struct api *api, struct json *j, int64_t id, bool exclude,
                       struct err *err)
{
    struct st_user u;
    if (!st_user_get(api->config.store, id, &u, err))
        return list_is_gone(err);
    json_user(j, NULL, &u, exclude);
    st_user_fini(&u);
    return true;
}

struct user_list {
    struct list list;
    struct gathered found;
    int64_t *only; /* ids, sorted */
    size_t only_count;
    bool all;
};

static bool visit_user(void *arg, const struct st_user *u)
{
    struct user_list *l = arg;
    const char *texts[] = {u->name, u->email};
    if ((l->all || ids_has(l->only, l->only_count, u->id)) &&
        list_matches(&l->list, texts, 2))
        list_add(&l->found, u->id, u->name);
    return true;
}

/* Users who see a device, of those that the caller may see. */
static bool narrow_to_device(struct request *rq, struct user_list *l, int64_t device_id)
{
    struct st_device d;
    int64_t *ids;
    size_t kept = 0;
    if (!rq->caller.user.administrator && !right_is_manager(rq))
        return refuse(rq, "Manager access required");
    if (!right_device(rq, device_id, &d))
        return false;
    st_device_fini(&d);
    size_t count = acc_users_of_device(rq->api->access, device_id, &ids);
    for (size_t i = 0; i < count; i++)
        if (l->all || ids_has(l->only, l->only_count, ids[i]))
            ids[kept++] = ids[i];
    free(l->only);
    l->only = ids;
    l->only_count = kept;
    l->all = false;
    return true;
}

static void users_list(struct request *rq)
{
    struct user_list l = {0};
    struct err err = {0};
    int64_t device_id = 0;
    if (!list_open(rq, &l.list) || !rq_query_id(rq, "deviceId", &device_id))
        return;
    l.all = rq->caller.user.administrator && !l.list.direct;
    if (!l.all)
        l.only_count = acc_managed(rq->api->access, l.list.user_id, &l.only);
    if (!device_id || narrow_to_device(rq, &l, device_id)) {
        if (st_users_each(rq->api->config.store, visit_user, &l, &err))
            list_answer(rq, &l.list, &l.found, write_user);
        else
            rq_fail_err(rq, &err);
    }
    list_drop(&l.found);
    free(l.only);
}

static void users_get(struct request *rq)
{
    struct st_user u;
    if (!right_user(rq, rq->id, &u))
        return;
    json_user(rq_json(rq), NULL, &u, false);
    st_user_fini(&u);
}

/* ---- what may be changed ---- */

/* The first field, of those that only administrators set, that differs. */
static const char *privileged(const struct st_user *a, const struct st_user *b)
{
    return a->administrator != b->administrator ? "administrator"
           : a->device_limit != b->device_limit ? "deviceLimit"
           : a->user_limit != b->user_limit     ? "userLimit"
                                                : NULL;
}

/* The first field that restricts its user, and so is not the user's own to change. */
static const char *restriction(const struct st_user *a, const struct st_user *b)
{
    bool extended =
        a->expiration_ms != TIME_NONE &&
        (b->expiration_ms == TIME_NONE || b->expiration_ms > a->expiration_ms);
    return a->readonly != b->readonly                 ? "readonly"
           : a->disabled != b->disabled               ? "disabled"
           : a->device_readonly != b->device_readonly ? "deviceReadonly"
           : a->limit_commands != b->limit_commands   ? "limitCommands"
           : a->disable_reports != b->disable_reports ? "disableReports"
           : a->fixed_email != b->fixed_email         ? "fixedEmail"
           : a->temporary != b->temporary             ? "temporary"
           : extended                                 ? "expirationTime"
                                                      : NULL;
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* `own`: one's own account, or one that nobody vouches for. */
static bool check_changes(struct request *rq, const struct st_user *before,
                          const struct st_user *after, bool own)
{
    if (rq->caller.user.administrator)
        return true;
    const char *field = privileged(before, after);
    if (!field && own)
        field = restriction(before, after);
    if (field) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "%s: not yours to change", field);
        return false;
    }
    bool fixed = before->fixed_email || settings_flags(rq->api->settings).fixed_email;
    if (before->id && own && fixed && !same_text(before->email, after->email))
        return refuse(rq, "email: not yours to change");
    return true;
}

static json_t *attributes_without_consent(const char *text)
{
    json_t *attributes = json_loads(text ? text : "{}", 0, NULL);
    json_object_del(attributes, "notificationTokens");
    json_object_del(attributes, "termsAccepted");
    return attributes;
}

/* What a read-only account may still put: push tokens, and consent. */
static bool is_only_consent(const struct st_user *before, const struct st_user *after)
{
    struct buffer a = {0}, b = {0};
    struct json ja = {.out = &a}, jb = {.out = &b};
    json_user(&ja, NULL, before, true);
    json_user(&jb, NULL, after, true);
    json_t *x = attributes_without_consent(before->attributes);
    json_t *y = attributes_without_consent(after->attributes);
    bool same = a.len == b.len && !memcmp(a.ptr, b.ptr, a.len) && json_equal(x, y);
    json_decref(x);
    json_decref(y);
    buf_fini(&a);
    buf_fini(&b);
    return same;
}

static bool is_readonly(struct request *rq)
{
    return !rq->caller.user.administrator &&
           (rq->caller.user.readonly || settings_flags(rq->api->settings).readonly);
}

struct other_admin {
    int64_t but;
    int64_t now_ms;
    bool found;
};

static bool visit_admin(void *arg, const struct st_user *u)
{
    struct other_admin *o = arg;
    o->found = u->administrator && u->id != o->but && auth_is_active(u, o->now_ms);
    return !o->found;
}

/* Somebody has to be left who can manage the server. */
static bool check_last_admin(struct request *rq, const struct st_user *u)
{
    struct other_admin o = {.but = u->id, .now_ms = rq->now_ms};
    struct err err = {0};
    if (!u->administrator)
        return true;
    if (!st_users_each(rq->api->config.store, visit_admin, &o, &err)) {
        rq_fail_err(rq, &err);
        return false;
    }
    return o.found || refuse(rq, "administrator: this is the only one");
}

/* ---- passwords ---- */

/* The password of the body: NULL when there is none, or a fault. */
static const char *password_of(struct input *in)
{
    const char *text = json_string_value(json_object_get(in->object, "password"));
    if (!text || !*text)
        return NULL;
    if (strlen(text) < PASSWORD_MIN)
        err_set(&in->err, ERR_INPUT, "password has to have at least %d characters",
                PASSWORD_MIN);
    else if (strlen(text) > PASSWORD_MAX)
        err_set(&in->err, ERR_INPUT, "password is too long");
    return text;
}

/* Sets the hash once it is there; false: put aside, or the answer is made. */
static bool take_password(struct request *rq, const char *password, struct st_user *u)
{
    if (!password)
        return true;
    if (!rq->later.done) {
        auth_hash(rq, password);
        return false;
    }
    if (!rq->later.hash[0]) {
        rq_fail(rq, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy: try again");
        return false;
    }
    free(u->password_hash);
    u->password_hash = mem_text(rq->later.hash);
    return true;
}

/* ---- creating ---- */

/* How a user comes to be. */
enum origin { BY_ADMINISTRATOR, BY_MANAGER, BY_REGISTRATION, FIRST, NOT_AT_ALL };

static enum origin origin_of(struct request *rq)
{
    const struct st_user *self = &rq->caller.user;
    int64_t *managed;
    struct err err = {0};
    bool has_users;
    if (rq->caller.known && self->administrator)
        return BY_ADMINISTRATOR;
    if (rq->caller.known && is_readonly(rq)) {
        refuse(rq, "The account is read-only");
        return NOT_AT_ALL;
    }
    if (rq->caller.known && right_is_manager(rq)) {
        size_t count = acc_managed(rq->api->access, self->id, &managed);
        free(managed);
        if (self->user_limit < 0 || count < (size_t)self->user_limit)
            return BY_MANAGER;
        refuse(rq, "The limit of users is reached");
        return NOT_AT_ALL;
    }
    if (!api_has_users(rq->api->config.store, &has_users, &err)) {
        rq_fail_err(rq, &err);
        return NOT_AT_ALL;
    }
    if (!has_users)
        return FIRST;
    if (settings_flags(rq->api->settings).registration)
        return BY_REGISTRATION;
    refuse(rq, "Registration is disabled");
    return NOT_AT_ALL;
}

static void keep_user(struct request *rq, struct st_user *u, enum origin origin)
{
    struct err err = {0};
    struct store *st = rq->api->config.store;
    u->administrator = u->administrator || origin == FIRST;
    if (!st_user_put(st, u, &err)) {
        rq_fail_err(rq, &err);
        return;
    }
    if (origin == BY_MANAGER) {
        if (!st_link(st, ST_USER, rq->caller.user.id, ST_USER, u->id, true, &err)) {
            rq_fail_err(rq, &err);
            st_user_delete(st, u->id, &err);
            return;
        }
        acc_link(rq->api->access, rq->caller.user.id, ST_USER, u->id, true);
    }
    json_user(rq_json(rq), NULL, u, false);
}

static void users_post(struct request *rq)
{
    struct st_user fresh, u;
    enum origin origin = origin_of(rq);
    json_t *body = origin == NOT_AT_ALL ? NULL : rq_body(rq);
    if (!body)
        return;
    user_defaults(&fresh);
    user_defaults(&u);
    struct input in = in_open(body);
    in_user(&in, &u);
    const char *password = in_ok(&in) ? password_of(&in) : NULL;
    if (!in_ok(&in))
        rq_fail_err(rq, &in.err);
    else if (!password)
        refuse(rq, "password is missing");
    else if (check_changes(rq, &fresh, &u, origin != BY_MANAGER) &&
             take_password(rq, password, &u))
        keep_user(rq, &u, origin);
    st_user_fini(&fresh);
    st_user_fini(&u);
    json_decref(body);
}

/* ---- changing ---- */

/* Everything that was made with the old password ends, but for where it is changed. */
static bool end_others(struct request *rq, int64_t user_id, struct err *err)
{
    const unsigned char *keep = rq->caller.by_session && rq->caller.user.id == user_id
                                    ? rq->caller.session.hash
                                    : NULL;
    return st_sessions_revoke(rq->api->config.store, user_id, keep, err);
}

static void change_user(struct request *rq, const struct st_user *before,
                        struct st_user *after, struct input *in)
{
    struct err err = {0};
    const char *password = in_ok(in) ? password_of(in) : NULL;
    bool own = before->id == rq->caller.user.id;
    bool loses = !after->administrator || !auth_is_active(after, rq->now_ms);
    if (!in_ok(in)) {
        rq_fail_err(rq, &in->err);
        return;
    }
    if (is_readonly(rq) && (!own || password || !is_only_consent(before, after))) {
        refuse(rq, "The account is read-only");
        return;
    }
    if (!check_changes(rq, before, after, own) ||
        (loses && !check_last_admin(rq, before)) || !take_password(rq, password, after))
        return;
    if (!st_user_put(rq->api->config.store, after, &err) ||
        (password && !end_others(rq, after->id, &err)))
        rq_fail_err(rq, &err);
    else
        json_user(rq_json(rq), NULL, after, false);
    sockets_check_sessions(rq->api->sockets);
}

static void users_put(struct request *rq)
{
    struct st_user before, after;
    struct err err = {0};
    json_t *body = rq_body(rq);
    if (!body)
        return;
    struct input in = in_open(body);
    int64_t id = in_has(&in, "id") ? in_id(&in, "id") : rq->id;
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
    } else if (right_user(rq, id, &before)) {
        if (st_user_get(rq->api->config.store, id, &after, &err)) {
            in_user(&in, &after);
            change_user(rq, &before, &after, &in);
            st_user_fini(&after);
        } else {
            rq_fail_err(rq, &err);
        }
        st_user_fini(&before);
    }
    json_decref(body);
}

static void users_delete(struct request *rq)
{
    struct st_user u;
    struct err err = {0};
    if (!right_user(rq, rq->id, &u))
        return;
    if (check_last_admin(rq, &u)) {
        if (st_user_delete(rq->api->config.store, u.id, &err))
            rq_empty(rq);
        else
            rq_fail_err(rq, &err);
        acc_stale(rq->api->access);
        sockets_check_sessions(rq->api->sockets);
    }
    st_user_fini(&u);
}

const struct route routes_users[] = {
    {METHOD_GET, "/users", users_list, 0},
    {METHOD_POST, "/users", users_post, ROUTE_OPEN},
    {METHOD_GET, "/users/{id}", users_get, 0},
    {METHOD_PUT, "/users/{id}", users_put, 0},
    {METHOD_DELETE, "/users/{id}", users_delete, ROUTE_EDIT},
    {0},
};
