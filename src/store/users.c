/*
 * users.c - users and their sessions.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "store/inside.h"

void st_user_fini(struct st_user *u)
{
    char *texts[] = {u->name,
                     u->login,
                     u->email,
                     u->phone,
                     u->password_hash,
                     u->map,
                     u->coordinate_format,
                     u->poi_layer,
                     u->totp_key,
                     u->attributes};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *u = (struct st_user){0};
}

#define USER_COLUMNS                                                                     \
    "SELECT id, name, login, email, phone, password_hash, administrator, readonly,"      \
    " device_readonly, limit_commands, disable_reports, fixed_email, disabled,"          \
    " temporary, expiration_ms, device_limit, user_limit, map, coordinate_format,"       \
    " poi_layer, totp_key, latitude, longitude, zoom, attributes FROM account "

static void read_user(struct query *q, struct st_user *u)
{
    u->id = q_get_int(q);
    u->name = q_take_text(q);
    u->login = q_take_text(q);
    u->email = q_take_text(q);
    u->phone = q_take_text(q);
    u->password_hash = q_take_text(q);
    u->administrator = q_get_int(q);
    u->readonly = q_get_int(q);
    u->device_readonly = q_get_int(q);
    u->limit_commands = q_get_int(q);
    u->disable_reports = q_get_int(q);
    u->fixed_email = q_get_int(q);
    u->disabled = q_get_int(q);
    u->temporary = q_get_int(q);
    u->expiration_ms = q_get_time(q);
    u->device_limit = (int)q_get_int(q);
    u->user_limit = (int)q_get_int(q);
    u->map = q_take_text(q);
    u->coordinate_format = q_take_text(q);
    u->poi_layer = q_take_text(q);
    u->totp_key = q_take_text(q);
    u->latitude = q_get_num(q);
    u->longitude = q_get_num(q);
    u->zoom = (int)q_get_int(q);
    u->attributes = q_take_text(q);
}

static void bind_user(struct query *q, const struct st_user *u, const char *login_key,
                      const char *email_key)
{
    q_text(q, u->name);
    q_text(q, u->login);
    q_text(q, login_key);
    q_text(q, u->email);
    q_text(q, email_key);
    q_text(q, u->phone);
    q_text(q, u->password_hash);
    q_int(q, u->administrator);
    q_int(q, u->readonly);
    q_int(q, u->device_readonly);
    q_int(q, u->limit_commands);
    q_int(q, u->disable_reports);
    q_int(q, u->fixed_email);
    q_int(q, u->disabled);
    q_int(q, u->temporary);
    q_time(q, u->expiration_ms);
    q_int(q, u->device_limit);
    q_int(q, u->user_limit);
    q_text(q, u->map);
    q_text(q, u->coordinate_format);
    q_text(q, u->poi_layer);
    q_text(q, u->totp_key);
    q_num(q, u->latitude);
    q_num(q, u->longitude);
    q_int(q, u->zoom);
    q_text(q, u->attributes ? u->attributes : "{}");
}

/* What people type, without outer blanks and in lower case (of ASCII); NULL where
 * nothing is left.  The caller frees. */
static char *fold(const char *text)
{
    if (!text)
        return NULL;
    struct span bare = span_trim(span_of(text));
    if (!bare.len)
        return NULL;
    char *key = mem_zero(bare.len + 1);
    for (size_t i = 0; i < bare.len; i++) {
        char c = (char)bare.ptr[i];
        key[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return key;
}

bool st_user_get(struct store *st, int64_t id, struct st_user *u, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, USER_COLUMNS "WHERE id = ?");
    q_int(&q, id);
    bool found = q_row(&q);
    if (found)
        read_user(&q, u);
    return st_read_found(st, &q, found, "user", err);
}

bool st_user_find(struct store *st, const char *name, struct st_user *u, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    char *key = fold(name);
    struct query q = db_query(db, USER_COLUMNS "WHERE ?1 IN (email_key, login_key)");
    q_text(&q, key);
    bool found = q_row(&q);
    if (found)
        read_user(&q, u);
    bool ok = st_read_found(st, &q, found, "user", err);
    free(key);
    return ok;
}

/* E-mails and logins are one name space: either may be typed at the door. */
static bool check_name(struct store *st, const char *field, const char *key, int64_t id,
                       struct err *err)
{
    struct query q = db_query(
        st->writer, "SELECT 1 FROM account WHERE (email_key = ?1 OR login_key = ?1)"
                    " AND id <> ?2");
    q_text(&q, key);
    q_int(&q, id);
    bool taken = q_row(&q);
    if (!q_end(&q, err))
        return false;
    return !taken || err_set(err, ERR_INPUT, "user: %s %s is taken", field, key);
}

#define USER_INSERT                                                                      \
    "INSERT INTO account (name, login, login_key, email, email_key, phone,"              \
    " password_hash, administrator, readonly, device_readonly, limit_commands,"          \
    " disable_reports, fixed_email, disabled, temporary, expiration_ms, device_limit,"   \
    " user_limit, map, coordinate_format, poi_layer, totp_key, latitude, longitude,"     \
    " zoom, attributes)"                                                                 \
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

#define USER_UPDATE                                                                      \
    "UPDATE account SET name = ?, login = ?, login_key = ?, email = ?, email_key = ?,"   \
    " phone = ?, password_hash = ?, administrator = ?, readonly = ?,"                    \
    " device_readonly = ?, limit_commands = ?, disable_reports = ?, fixed_email = ?,"    \
    " disabled = ?, temporary = ?, expiration_ms = ?, device_limit = ?,"                 \
    " user_limit = ?, map = ?, coordinate_format = ?, poi_layer = ?, totp_key = ?,"      \
    " latitude = ?, longitude = ?, zoom = ?, attributes = ? WHERE id = ?"

static bool write_user(struct store *st, const struct st_user *u, const char *login_key,
                       const char *email_key, struct err *err)
{
    struct query q = db_query(st->writer, u->id ? USER_UPDATE : USER_INSERT);
    bind_user(&q, u, login_key, email_key);
    if (u->id)
        q_int(&q, u->id);
    if (!q_run(&q, err))
        return false;
    return sqlite3_changes(st->writer->handle) > 0 ||
           err_set(err, ERR_MISSING, "user %lld: there is none", (long long)u->id);
}

bool st_user_put(struct store *st, struct st_user *u, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    char *login = fold(u->login);
    char *email = fold(u->email);
    bool ok = (!email || check_name(st, "email", email, u->id, err)) &&
              (!login || check_name(st, "login", login, u->id, err)) &&
              write_user(st, u, login, email, err);
    int64_t id = u->id ? u->id : sqlite3_last_insert_rowid(st->writer->handle);
    free(login);
    free(email);
    if (!st_commit(st, ok, err))
        return false;
    u->id = id;
    return true;
}

bool st_user_delete(struct store *st, int64_t id, struct err *err)
{
    static const char *const steps[] = {
        "DELETE FROM link WHERE owner_kind = 0 AND owner_id = ?",
        "DELETE FROM link WHERE member_kind = 0 AND member_id = ?",
        "DELETE FROM session WHERE user_id = ?",
        "DELETE FROM account WHERE id = ?",
    };
    if (!st_begin(st, true, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
        struct query q = db_query(st->writer, steps[i]);
        q_int(&q, id);
        ok = q_run(&q, err);
    }
    if (ok && !sqlite3_changes(st->writer->handle))
        ok = err_set(err, ERR_MISSING, "user %lld: there is none", (long long)id);
    return st_commit(st, ok, err);
}

bool st_users_each(struct store *st, bool (*visit)(void *arg, const struct st_user *u),
                   void *arg, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, USER_COLUMNS "ORDER BY id");
    bool more = true;
    while (more && q_row(&q)) {
        struct st_user u;
        read_user(&q, &u);
        more = visit(arg, &u);
        st_user_fini(&u);
    }
    return st_read_end(st, &q, err);
}

int64_t st_user_count(struct store *st)
{
    struct db *db = st_reader(st, NULL);
    if (!db)
        return 0;
    struct query q = db_query(db, "SELECT count(*) FROM account");
    int64_t count = q_row(&q) ? q_get_int(&q) : 0;
    st_read_end(st, &q, NULL);
    return count;
}

/* ---- sessions ---- */

/* Only the times of a session that is there already: kept, but not synced, for this
 * may happen at every request. */
static bool touch(struct store *st, const struct st_session *s, bool *there,
                  struct err *err)
{
    if (!st_begin(st, false, err))
        return false;
    struct query q =
        db_query(st->writer, "UPDATE session SET used_ms = ?, expires_ms = ?"
                             " WHERE hash = ? AND user_id = ? AND token = ?");
    q_time(&q, s->used_ms);
    q_time(&q, s->expires_ms);
    q_blob(&q, s->hash, sizeof s->hash);
    q_int(&q, s->user_id);
    q_int(&q, s->token);
    bool ok = q_run(&q, err);
    *there = sqlite3_changes(st->writer->handle) > 0;
    return st_commit(st, ok, err);
}

/* Who comes in clears out those whose time is over. */
static bool purge(struct store *st, int64_t now_ms, struct err *err)
{
    struct query q = db_query(st->writer, "DELETE FROM session WHERE expires_ms < ?");
    q_time(&q, now_ms);
    return q_run(&q, err);
}

static bool insert_session(struct store *st, const struct st_session *s, struct err *err)
{
    struct query q = db_query(
        st->writer, "INSERT OR REPLACE INTO session SELECT ?, id, ?, ?, ?, ?, ?, ?"
                    " FROM account WHERE id = ?");
    q_blob(&q, s->hash, sizeof s->hash);
    q_time(&q, s->created_ms);
    q_time(&q, s->expires_ms);
    q_time(&q, s->used_ms);
    q_int(&q, s->token);
    q_text(&q, s->origin);
    q_blob(&q, s->parent, sizeof s->parent);
    q_int(&q, s->user_id);
    if (!q_run(&q, err))
        return false;
    return sqlite3_changes(st->writer->handle) > 0 ||
           err_set(err, ERR_MISSING, "user %lld: there is none", (long long)s->user_id);
}

bool st_session_put(struct store *st, const struct st_session *s, struct err *err)
{
    bool there;
    if (!touch(st, s, &there, err))
        return false;
    if (there)
        return true;
    if (!st_begin(st, true, err))
        return false;
    bool ok = purge(st, s->created_ms, err) && insert_session(st, s, err);
    return st_commit(st, ok, err);
}

bool st_session_touch(struct store *st, const struct st_session *s, struct err *err)
{
    bool there;
    return touch(st, s, &there, err);
}

bool st_session_get(struct store *st, const unsigned char hash[32], struct st_session *s,
                    struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q =
        db_query(db, "SELECT user_id, created_ms, expires_ms, used_ms, token, origin,"
                     " parent FROM session WHERE hash = ?");
    q_blob(&q, hash, sizeof s->hash);
    bool found = q_row(&q);
    if (found) {
        *s = (struct st_session){.user_id = q_get_int(&q)};
        memcpy(s->hash, hash, sizeof s->hash);
        s->created_ms = q_get_time(&q);
        s->expires_ms = q_get_time(&q);
        s->used_ms = q_get_time(&q);
        s->token = q_get_int(&q);
        span_copy(span_of(q_get_text(&q)), s->origin, sizeof s->origin);
        size_t len;
        const void *parent = q_get_blob(&q, &len);
        if (len == sizeof s->parent)
            memcpy(s->parent, parent, len);
    }
    return st_read_found(st, &q, found, "session", err);
}

bool st_session_delete(struct store *st, const unsigned char hash[32], struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    struct query q = db_query(st->writer, "WITH RECURSIVE gone (hash) AS (SELECT ? UNION"
                                          " SELECT s.hash FROM session s JOIN gone g"
                                          " ON s.parent = g.hash)"
                                          " DELETE FROM session WHERE hash IN gone");
    q_blob(&q, hash, 32);
    bool ok = q_run(&q, err);
    return st_commit(st, ok, err);
}

bool st_sessions_revoke(struct store *st, int64_t user_id, const unsigned char *keep,
                        struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    struct query q =
        db_query(st->writer, "DELETE FROM session WHERE user_id = ? AND hash <> ?");
    q_int(&q, user_id);
    q_blob(&q, keep, keep ? 32 : 0);
    bool ok = q_run(&q, err);
    return st_commit(st, ok, err);
}
