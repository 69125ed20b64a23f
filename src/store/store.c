/*
 * store.c - opening, migrating, syncing, and whose turn it is.
 *
 * In WAL mode with synchronous=NORMAL a commit is not synced; with FULL it is, and
 * with it all commits before it, for they lie before it in the same file or were
 * synced when a checkpoint moved them.
 */
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "store/schema.h"

/* Chunks of some 850 bytes leave a tenth of a 4 kB page empty, and little of larger ones;
 * beside each chunk a page of the index and of a device's rows is written, so pages are
 * no larger than that.  The log is folded into the file at 64 MB. */
#define SETUP_NEW                                                                        \
    "PRAGMA page_size = 8192;"                                                           \
    "PRAGMA journal_mode = WAL;"
#define SETUP_WRITER                                                                     \
    "PRAGMA synchronous = NORMAL;"                                                       \
    "PRAGMA wal_autocheckpoint = 8000;"                                                  \
    "PRAGMA journal_size_limit = 67108864;"                                              \
    "PRAGMA cache_size = -32768;"
#define SETUP_READER "PRAGMA cache_size = -4096;"

/* ---- turns ---- */

bool st_begin(struct store *st, bool synced, struct err *err)
{
    pthread_mutex_lock(&st->writing);
    if (synced && !db_exec(st->writer, "PRAGMA synchronous = FULL", err)) {
        pthread_mutex_unlock(&st->writing);
        return false;
    }
    struct query begin = db_query(st->writer, "BEGIN IMMEDIATE");
    if (q_run(&begin, err))
        return true;
    db_exec(st->writer, "PRAGMA synchronous = NORMAL", NULL);
    pthread_mutex_unlock(&st->writing);
    return false;
}

bool st_commit(struct store *st, bool ok, struct err *err)
{
    if (ok) {
        struct query commit = db_query(st->writer, "COMMIT");
        ok = q_run(&commit, err);
    }
    if (!ok && !sqlite3_get_autocommit(st->writer->handle)) {
        struct query rollback = db_query(st->writer, "ROLLBACK");
        q_run(&rollback, NULL);
    }
    db_exec(st->writer, "PRAGMA synchronous = NORMAL", NULL);
    pthread_mutex_unlock(&st->writing);
    return ok;
}

struct db *st_reader(struct store *st, struct err *err)
{
    pthread_mutex_lock(&st->pool);
    struct db *db = st->idle;
    if (db) {
        st->idle = db->next;
        st->idle_count--;
    }
    pthread_mutex_unlock(&st->pool);
    if (db)
        return db;
    db = db_open(st->path, false, err);
    if (db && !db_exec(db, SETUP_READER, err)) {
        db_close(db);
        return NULL;
    }
    return db;
}

void st_idle(struct store *st, struct db *db)
{
    pthread_mutex_lock(&st->pool);
    bool keep = st->idle_count < ST_READERS_KEPT;
    if (keep) {
        db->next = st->idle;
        st->idle = db;
        st->idle_count++;
    }
    pthread_mutex_unlock(&st->pool);
    if (!keep)
        db_close(db);
}

bool st_read_end(struct store *st, struct query *q, struct err *err)
{
    bool ok = q_end(q, err);
    st_idle(st, q->db);
    return ok;
}

bool st_read_found(struct store *st, struct query *q, bool found, const char *what,
                   struct err *err)
{
    if (!st_read_end(st, q, err))
        return false;
    return found || err_set(err, ERR_MISSING, "%s: there is none", what);
}

/* ---- opening ---- */

/* Databases hold secrets: nobody else may read them.  SQLite gives its other files
 * the same mode. */
static bool make_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, ERR_IO, "database %s: %s", path, strerror(errno));
    close(fd);
    return true;
}

static bool get_number(struct db *db, const char *sql, int64_t *value, struct err *err)
{
    struct query q = db_query(db, sql);
    *value = q_row(&q) ? q_get_int(&q) : 0;
    return q_end(&q, err);
}

static bool migrate(struct store *st, int64_t from, struct err *err)
{
    for (int64_t version = from; version < schema_count; version++) {
        char mark[96];
        snprintf(mark, sizeof mark,
                 "PRAGMA user_version = %d; PRAGMA application_id = %d", (int)version + 1,
                 SCHEMA_APPLICATION);
        if (!st_begin(st, true, err))
            return false;
        bool ok = db_exec(st->writer, schema_steps[version], err) &&
                  db_exec(st->writer, mark, err);
        if (!st_commit(st, ok, err))
            return false;
    }
    return true;
}

/* Sets the database up if it is ours, or empty. */
static bool prepare(struct store *st, struct err *err)
{
    struct db *db = st->writer;
    int64_t version, application, tables;
    if (!get_number(db, "PRAGMA user_version", &version, err) ||
        !get_number(db, "PRAGMA application_id", &application, err) ||
        !get_number(db, "SELECT count(*) FROM sqlite_master", &tables, err))
        return false;
    if (tables && application != SCHEMA_APPLICATION)
        return err_set(err, ERR_INPUT, "database %s: it belongs to another program",
                       st->path);
    if (version > schema_count)
        return err_set(err, ERR_INPUT,
                       "database %s: its schema is version %d, this program knows "
                       "versions up to %d",
                       st->path, (int)version, schema_count);
    return db_exec(db, tables ? SETUP_WRITER : SETUP_NEW SETUP_WRITER, err) &&
           migrate(st, version, err);
}

static bool read_progress(struct store *st, struct err *err)
{
    struct query q =
        db_query(st->writer, "SELECT applied_seq, tail_seq, widest FROM progress");
    if (q_row(&q)) {
        st->applied_seq = (uint64_t)q_get_int(&q);
        st->tail_seq = (uint64_t)q_get_int(&q);
        st->widest = q_get_int(&q);
    }
    return q_end(&q, err);
}

struct store *st_open(const char *path, struct err *err)
{
    struct store *st = mem_zero(sizeof *st);
    st->path = mem_text(path);
    pthread_mutex_init(&st->writing, NULL);
    pthread_mutex_init(&st->pool, NULL);
    pthread_mutex_init(&st->facts, NULL);
    bool ok = make_file(path, err) && (st->writer = db_open(path, true, err)) &&
              prepare(st, err) && read_progress(st, err) && st_sweep(st, err);
    if (ok)
        return st;
    st_close(st);
    return NULL;
}

void st_close(struct store *st)
{
    if (!st)
        return;
    while (st->idle) {
        struct db *db = st->idle;
        st->idle = db->next;
        db_close(db);
    }
    db_close(st->writer);
    pthread_mutex_destroy(&st->writing);
    pthread_mutex_destroy(&st->pool);
    pthread_mutex_destroy(&st->facts);
    free(st->path);
    free(st);
}

/* ---- the file ---- */

bool st_sync(struct store *st, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    /* A transaction that changes nothing would not be written. */
    struct query q = db_query(st->writer, "UPDATE progress SET syncs = syncs + 1");
    bool ok = q_run(&q, err);
    return st_commit(st, ok, err);
}

static uint64_t file_bytes(const char *path, const char *ending)
{
    char name[PATH_MAX];
    struct stat file;
    int len = snprintf(name, sizeof name, "%s%s", path, ending);
    if (len < 0 || (size_t)len >= sizeof name || stat(name, &file))
        return 0;
    return (uint64_t)file.st_size;
}

uint64_t st_bytes(const struct store *st)
{
    return file_bytes(st->path, "") + file_bytes(st->path, "-wal");
}

/* ---- small facts ---- */

char *st_meta_get(struct store *st, const char *name)
{
    struct db *db = st_reader(st, NULL);
    if (!db)
        return NULL;
    struct query q = db_query(db, "SELECT value FROM meta WHERE name = ?");
    q_text(&q, name);
    char *value = q_row(&q) ? q_take_text(&q) : NULL;
    st_read_end(st, &q, NULL);
    return value;
}

bool st_meta_set(struct store *st, const char *name, const char *value, struct err *err)
{
    if (!st_begin(st, true, err))
        return false;
    struct query q = db_query(st->writer, "INSERT INTO meta VALUES (?, ?) ON CONFLICT"
                                          " (name) DO UPDATE SET value = excluded.value");
    q_text(&q, name);
    q_text(&q, value);
    bool ok = q_run(&q, err);
    return st_commit(st, ok, err);
}
