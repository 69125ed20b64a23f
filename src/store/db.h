/*
 * db.h - SQLite with less ceremony: a connection whose statements are prepared once,
 * and queries that bind and read from left to right.
 *
 *     struct query q = db_query(db, "SELECT name FROM device WHERE id = ?");
 *     q_int(&q, id);
 *     while (q_row(&q))
 *         use(q_get_text(&q));
 *     return q_end(&q, err);
 *
 * Errors stick to the query: the calls after a failed one do nothing, and q_end()
 * reports.  A connection serves one thread at a time, and a statement one query.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct db_statement {
    const char *sql; /* by its address: a literal */
    sqlite3_stmt *stmt;
};

struct db {
    sqlite3 *handle;
    struct db_statement *statements;
    size_t count;
    struct db *next; /* for who keeps a list of them */
};

struct query {
    struct db *db;
    sqlite3_stmt *stmt;
    int rc;    /* of the last step, or the first error */
    int bound; /* parameters bound so far */
    int read;  /* columns of this row read so far */
};

/* NULL: failed.  The database's directory must be there. */
struct db *db_open(const char *path, bool writable, struct err *err);
void db_close(struct db *db);

/* Runs texts without parameters or results. */
bool db_exec(struct db *db, const char *sql, struct err *err);

/* Fills err from SQLite's code; false. */
bool db_fail(struct db *db, int rc, struct err *err);

/* `sql` must be a literal: statements are found by its address. */
struct query db_query(struct db *db, const char *sql);

/* Binds the next parameter: the value, or NULL for TIME_NONE, NAN and NULL. */
void q_int(struct query *q, int64_t value);
void q_time(struct query *q, int64_t ms);
void q_num(struct query *q, double value);
void q_text(struct query *q, const char *text);            /* borrowed until q_end() */
void q_blob(struct query *q, const void *ptr, size_t len); /* the same */

/* Steps to the next row; false at the end and after an error. */
bool q_row(struct query *q);

/* Reads the next column of the row.  NULL reads as 0, TIME_NONE, NAN and NULL. */
int64_t q_get_int(struct query *q);
int64_t q_get_time(struct query *q);
double q_get_num(struct query *q);
const char *q_get_text(struct query *q); /* until the next step */
char *q_take_text(struct query *q);      /* the caller frees */
const void *q_get_blob(struct query *q, size_t *len);

/* Ends the query; false with the reason when something failed. */
bool q_end(struct query *q, struct err *err);

/* For what gives no rows: steps and ends. */
bool q_run(struct query *q, struct err *err);
