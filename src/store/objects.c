/*
 * objects.c - devices and groups.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "store/inside.h"

void st_device_fini(struct st_device *d)
{
    char *texts[] = {d->name,    d->unique_id, d->phone,     d->model,
                     d->contact, d->category,  d->attributes};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *d = (struct st_device){0};
}

void st_group_fini(struct st_group *g)
{
    free(g->name);
    free(g->attributes);
    *g = (struct st_group){0};
}

/* What stands there for attributes that are absent. */
static const char *object_or_empty(const char *attributes)
{
    return attributes ? attributes : "{}";
}

static bool exists(struct query *q, bool *there, struct err *err)
{
    *there = q_row(q);
    return q_end(q, err);
}

static bool group_exists(struct store *st, int64_t id, bool *there, struct err *err)
{
    struct query q = db_query(st->writer, "SELECT 1 FROM device_group WHERE id = ?");
    q_int(&q, id);
    return exists(&q, there, err);
}

static bool check_group(struct store *st, const char *what, int64_t id, struct err *err)
{
    bool there = true;
    if (id && !group_exists(st, id, &there, err))
        return false;
    return there ||
           err_set(err, ERR_INPUT, "%s: group %lld does not exist", what, (long long)id);
}

/* After an UPDATE or DELETE by id. */
static bool check_changed(struct store *st, const char *what, int64_t id, struct err *err)
{
    return sqlite3_changes(st->writer->handle) > 0 ||
           err_set(err, ERR_MISSING, "%s %lld: there is none", what, (long long)id);
}

/* Runs a statement with one parameter. */
static bool run_with(struct store *st, const char *sql, int64_t id, struct err *err)
{
    struct query q = db_query(st->writer, sql);
    q_int(&q, id);
    return q_run(&q, err);
}

/* ---- devices ---- */

#define DEVICE_COLUMNS                                                                   \
    "SELECT id, name, unique_id, phone, model, contact, category, group_id,"             \
    " calendar_id, disabled, expiration_ms, created_ms, adopting, attributes"            \
    " FROM device "

static void read_device(struct query *q, struct st_device *d)
{
    d->id = q_get_int(q);
    d->name = q_take_text(q);
    d->unique_id = q_take_text(q);
    d->phone = q_take_text(q);
    d->model = q_take_text(q);
    d->contact = q_take_text(q);
    d->category = q_take_text(q);
    d->group_id = q_get_int(q);
    d->calendar_id = q_get_int(q);
    d->disabled = q_get_int(q);
    d->expiration_ms = q_get_time(q);
    d->created_ms = q_get_time(q);
    d->adopting = q_get_int(q);
    d->attributes = q_take_text(q);
}

static void bind_device(struct query *q, const struct st_device *d)
{
    q_text(q, d->name);
    q_text(q, d->unique_id);
    q_text(q, d->phone);
    q_text(q, d->model);
    q_text(q, d->contact);
    q_text(q, d->category);
    q_int(q, d->group_id);
    q_int(q, d->calendar_id);
    q_int(q, d->disabled);
    q_time(q, d->expiration_ms);
    q_time(q, d->created_ms);
    q_int(q, d->adopting);
    q_text(q, object_or_empty(d->attributes));
}

bool st_device_get(struct store *st, int64_t id, struct st_device *d, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, DEVICE_COLUMNS "WHERE id = ?");
    q_int(&q, id);
    bool found = q_row(&q);
    if (found)
        read_device(&q, d);
    return st_read_found(st, &q, found, "device", err);
}

bool st_device_find(struct store *st, const char *unique_id, struct st_device *d,
                    struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, DEVICE_COLUMNS "WHERE unique_id = ?");
    q_text(&q, unique_id);
    bool found = q_row(&q);
    if (found)
        read_device(&q, d);
    return st_read_found(st, &q, found, "device", err);
}

static bool check_device(struct store *st, const struct st_device *d, struct err *err)
{
    if (!d->unique_id || !*d->unique_id)
        return err_set(err, ERR_INPUT, "device: uniqueId is missing");
    struct query q =
        db_query(st->writer, "SELECT 1 FROM device WHERE unique_id = ? AND id <> ?");
    q_text(&q, d->unique_id);
    q_int(&q, d->id);
    bool taken;
    if (!exists(&q, &taken, err))
        return false;
    if (taken)
        return err_set(err, ERR_INPUT, "device: uniqueId %s is taken", d->unique_id);
    return check_group(st, "device", d->group_id, err);
}

static bool insert_device(struct store *st, struct st_device *d, struct err *err)
{
    struct query q =
        db_query(st->writer,
                 "INSERT INTO device (name, unique_id, phone, model, contact, category,"
                 " group_id, calendar_id, disabled, expiration_ms, created_ms, adopting,"
                 " attributes) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
    bind_device(&q, d);
    return q_run(&q, err);
}

static bool update_device(struct store *st, struct st_device *d, struct err *err)
{
    struct query q = db_query(
        st->writer, "UPDATE device SET name = ?, unique_id = ?, phone = ?, model = ?,"
                    " contact = ?, category = ?, group_id = ?, calendar_id = ?,"
                    " disabled = ?, expiration_ms = ?, created_ms = ?, adopting = ?,"
                    " attributes = ? WHERE id = ?");
    bind_device(&q, d);
    q_int(&q, d->id);
    return q_run(&q, err) && check_changed(st, "device", d->id, err);
}

bool st_device_put(struct store *st, struct st_device *d, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    bool ok = check_device(st, d, err) &&
              (d->id ? update_device(st, d, err) : insert_device(st, d, err));
    int64_t id = d->id ? d->id : sqlite3_last_insert_rowid(st->writer->handle);
    if (!st_commit(st, ok, err))
        return false;
    d->id = id;
    return true;
}

/* The device and what is small go at once; chunks and events are many, and go in
 * steps that let others write in between. */
bool st_device_delete(struct store *st, int64_t id, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    bool ok = run_with(st, "DELETE FROM device WHERE id = ?", id, err) &&
              check_changed(st, "device", id, err) &&
              run_with(st, "DELETE FROM link WHERE member_kind = 2 AND member_id = ?", id,
                       err) &&
              run_with(st, "DELETE FROM state WHERE device_id = ?", id, err) &&
              run_with(st, "DELETE FROM track WHERE device_id = ?", id, err) &&
              run_with(st, "INSERT INTO doomed VALUES (?)", id, err);
    return st_commit(st, ok, err) && st_sweep(st, err);
}

bool st_devices_each(struct store *st,
                     bool (*visit)(void *arg, const struct st_device *d), void *arg,
                     struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, DEVICE_COLUMNS "ORDER BY id");
    bool more = true;
    while (more && q_row(&q)) {
        struct st_device d;
        read_device(&q, &d);
        more = visit(arg, &d);
        st_device_fini(&d);
    }
    return st_read_end(st, &q, err);
}

/* ---- sweeping ---- */

/* One step: true in *more while the device has rows left. */
static bool sweep_some(struct store *st, int64_t device_id, bool *more, struct err *err)
{
    if (!st_begin(st, false, err))
        return false;
    bool ok = run_with(st,
                       "DELETE FROM chunk WHERE id IN"
                       " (SELECT id FROM chunk WHERE device_id = ? LIMIT 500)",
                       device_id, err);
    *more = ok && sqlite3_changes(st->writer->handle) > 0;
    ok = ok && run_with(st,
                        "DELETE FROM event WHERE id IN"
                        " (SELECT id FROM event WHERE device_id = ? LIMIT 2000)",
                        device_id, err);
    *more = *more || (ok && sqlite3_changes(st->writer->handle) > 0);
    if (ok && !*more)
        ok = run_with(st, "DELETE FROM doomed WHERE device_id = ?", device_id, err);
    return st_commit(st, ok, err);
}

bool st_sweep(struct store *st, struct err *err)
{
    for (;;) {
        struct db *db = st_reader(st, err);
        if (!db)
            return false;
        struct query q = db_query(db, "SELECT device_id FROM doomed LIMIT 1");
        int64_t device_id = q_row(&q) ? q_get_int(&q) : 0;
        if (!st_read_end(st, &q, err))
            return false;
        if (!device_id)
            return true;
        for (bool more = true; more;)
            if (!sweep_some(st, device_id, &more, err))
                return false;
    }
}

/* ---- groups ---- */

#define GROUP_COLUMNS "SELECT id, name, group_id, attributes FROM device_group "

static void read_group(struct query *q, struct st_group *g)
{
    g->id = q_get_int(q);
    g->name = q_take_text(q);
    g->group_id = q_get_int(q);
    g->attributes = q_take_text(q);
}

bool st_group_get(struct store *st, int64_t id, struct st_group *g, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, GROUP_COLUMNS "WHERE id = ?");
    q_int(&q, id);
    bool found = q_row(&q);
    if (found)
        read_group(&q, g);
    return st_read_found(st, &q, found, "group", err);
}

/* The group must not stand above its own parent. */
static bool check_cycle(struct store *st, const struct st_group *g, struct err *err)
{
    if (!g->id || !g->group_id)
        return true;
    struct query q =
        db_query(st->writer, "WITH RECURSIVE above (id) AS (VALUES (?) UNION"
                             " SELECT group_id FROM device_group JOIN above USING (id))"
                             " SELECT 1 FROM above WHERE id = ?");
    q_int(&q, g->group_id);
    q_int(&q, g->id);
    bool cycle;
    if (!exists(&q, &cycle, err))
        return false;
    return !cycle || err_set(err, ERR_INPUT, "group: groupId %lld makes a cycle",
                             (long long)g->group_id);
}

static bool write_group(struct store *st, const struct st_group *g, struct err *err)
{
    struct query q = db_query(
        st->writer,
        g->id ? "UPDATE device_group SET name = ?, group_id = ?, attributes = ?"
                " WHERE id = ?"
              : "INSERT INTO device_group (name, group_id, attributes) VALUES (?, ?, ?)");
    q_text(&q, g->name);
    q_int(&q, g->group_id);
    q_text(&q, object_or_empty(g->attributes));
    if (g->id)
        q_int(&q, g->id);
    return q_run(&q, err) && (!g->id || check_changed(st, "group", g->id, err));
}

bool st_group_put(struct store *st, struct st_group *g, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    bool ok = check_group(st, "group", g->group_id, err) && check_cycle(st, g, err) &&
              write_group(st, g, err);
    int64_t id = g->id ? g->id : sqlite3_last_insert_rowid(st->writer->handle);
    if (!st_commit(st, ok, err))
        return false;
    g->id = id;
    return true;
}

bool st_group_delete(struct store *st, int64_t id, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    bool ok =
        run_with(st, "DELETE FROM device_group WHERE id = ?", id, err) &&
        check_changed(st, "group", id, err) &&
        run_with(st,
                 "UPDATE device SET group_id = 0 WHERE group_id = ?"
                 " AND group_id <> 0",
                 id, err) &&
        run_with(st, "UPDATE device_group SET group_id = 0 WHERE group_id = ?", id,
                 err) &&
        run_with(st, "DELETE FROM link WHERE member_kind = 1 AND member_id = ?", id, err);
    return st_commit(st, ok, err);
}

bool st_groups_each(struct store *st, bool (*visit)(void *arg, const struct st_group *g),
                    void *arg, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, GROUP_COLUMNS "ORDER BY id");
    bool more = true;
    while (more && q_row(&q)) {
        struct st_group g;
        read_group(&q, &g);
        more = visit(arg, &g);
        st_group_fini(&g);
    }
    return st_read_end(st, &q, err);
}
