/*
 * db.c - connections to SQLite and their queries.
 */
#include "store/db.h"

#include <math.h>
#include <stdlib.h>

#include "core/civil.h"
#include "core/mem.h"

enum { BUSY_MS = 10000 };

bool db_fail(struct db *db, int rc, struct err *err)
{
    enum err_code code = ERR_IO;
    if ((rc & 0xff) == SQLITE_FULL)
        code = ERR_FULL;
    else if ((rc & 0xff) == SQLITE_BUSY)
        code = ERR_BUSY;
    const char *why = db && sqlite3_errcode(db->handle) != SQLITE_OK
                          ? sqlite3_errmsg(db->handle)
                          : sqlite3_errstr(rc);
    const char *path = db ? sqlite3_db_filename(db->handle, "main") : NULL;
    return err_set(err, code, "database %s: %s", path ? path : "", why);
}

struct db *db_open(const char *path, bool writable, struct err *err)
{
    struct db *db = mem_zero(sizeof *db);
    int mode =
        writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int rc = sqlite3_open_v2(path, &db->handle, mode | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        const char *why = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
        err_set(err, ERR_IO, "database %s: %s", path, why);
        db_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    sqlite3_extended_result_codes(db->handle, 1);
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->count; i++)
        sqlite3_finalize(db->statements[i].stmt);
    sqlite3_close(db->handle);
    free(db->statements);
    free(db);
}

bool db_exec(struct db *db, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || db_fail(db, rc, err);
}

struct query db_query(struct db *db, const char *sql)
{
    for (size_t i = 0; i < db->count; i++)
        if (db->statements[i].sql == sql)
            return (struct query){.db = db, .stmt = db->statements[i].stmt};
    struct query q = {.db = db};
    q.rc =
        sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &q.stmt, NULL);
    if (q.rc != SQLITE_OK)
        return q;
    db->statements = mem_grow(db->statements, (db->count + 1) * sizeof *db->statements);
    db->statements[db->count++] = (struct db_statement){sql, q.stmt};
    return q;
}

/* ---- binding ---- */

static bool failed(const struct query *q)
{
    return q->rc != SQLITE_OK && q->rc != SQLITE_ROW && q->rc != SQLITE_DONE;
}

void q_int(struct query *q, int64_t value)
{
    if (!failed(q))
        q->rc = sqlite3_bind_int64(q->stmt, ++q->bound, value);
}

static void bind_null(struct query *q)
{
    if (!failed(q))
        q->rc = sqlite3_bind_null(q->stmt, ++q->bound);
}

void q_time(struct query *q, int64_t ms)
{
    if (ms == TIME_NONE)
        bind_null(q);
    else
        q_int(q, ms);
}

void q_num(struct query *q, double value)
{
    if (isnan(value))
        bind_null(q);
    else if (!failed(q))
        q->rc = sqlite3_bind_double(q->stmt, ++q->bound, value);
}

void q_text(struct query *q, const char *text)
{
    if (!failed(q))
        q->rc = sqlite3_bind_text(q->stmt, ++q->bound, text, -1, SQLITE_STATIC);
}

void q_blob(struct query *q, const void *ptr, size_t len)
{
    if (!failed(q))
        q->rc =
            sqlite3_bind_blob64(q->stmt, ++q->bound, len ? ptr : "", len, SQLITE_STATIC);
}

/* ---- rows ---- */

bool q_row(struct query *q)
{
    if (failed(q) || q->rc == SQLITE_DONE)
        return false;
    q->rc = sqlite3_step(q->stmt);
    q->read = 0;
    return q->rc == SQLITE_ROW;
}

int64_t q_get_int(struct query *q)
{
    return sqlite3_column_int64(q->stmt, q->read++);
}

static bool next_is_null(const struct query *q)
{
    return sqlite3_column_type(q->stmt, q->read) == SQLITE_NULL;
}

int64_t q_get_time(struct query *q)
{
    bool none = next_is_null(q);
    int64_t value = q_get_int(q);
    return none ? TIME_NONE : value;
}

double q_get_num(struct query *q)
{
    bool none = next_is_null(q);
    double value = sqlite3_column_double(q->stmt, q->read++);
    return none ? NAN : value;
}

const char *q_get_text(struct query *q)
{
    return (const char *)sqlite3_column_text(q->stmt, q->read++);
}

char *q_take_text(struct query *q)
{
    const char *text = q_get_text(q);
    return text ? mem_text(text) : NULL;
}

const void *q_get_blob(struct query *q, size_t *len)
{
    int column = q->read++;
    const void *ptr = sqlite3_column_blob(q->stmt, column);
    *len = (size_t)sqlite3_column_bytes(q->stmt, column);
    return ptr ? ptr : "";
}

bool q_end(struct query *q, struct err *err)
{
    bool ok = !failed(q);
    if (!ok)
        db_fail(q->db, q->rc, err);
    if (q->stmt) {
        sqlite3_reset(q->stmt);
        sqlite3_clear_bindings(q->stmt);
    }
    return ok;
}

bool q_run(struct query *q, struct err *err)
{
    while (q_row(q))
        ;
    return q_end(q, err);
}
