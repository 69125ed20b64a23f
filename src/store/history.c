/*
 * history.c - what the fleet makes of the journal: states, events, chunks, progress.
 *
 * Rows of a device that is not there any longer are left out: it may be deleted while
 * the fleet still has some in hand.
 */
#include <math.h>
#include <string.h>

#include "core/record.h"
#include "store/inside.h"

/* ---- applying ---- */

/* Degrees as a whole number of 1e-7, by floor() or ceil(); NULL for NAN.  Places that
 * are none on the globe are at its end. */
static void bind_e7(struct query *q, double deg, double (*outward)(double))
{
    double held = fmax(-360, fmin(360, deg));
    q_time(q, isnan(deg) ? TIME_NONE : (int64_t)outward(held * 1e7));
}

/* Whether a device is there still; asked once for the rows of one that follow. */
struct owner {
    int64_t id; /* 0: not asked yet */
    bool there;
};

static bool find_owner(struct store *st, int64_t device_id, struct owner *owner,
                       struct err *err)
{
    if (owner->id == device_id)
        return true;
    struct query q = db_query(st->writer, "SELECT 1 FROM device WHERE id = ?");
    q_int(&q, device_id);
    *owner = (struct owner){device_id, q_row(&q)};
    return q_end(&q, err);
}

static bool insert_chunk(struct store *st, const struct st_chunk *c, struct err *err)
{
    struct query q = db_query(
        st->writer, "INSERT INTO chunk (device_id, first_ms, last_ms, first_id, last_id,"
                    " south, west, north, east, count, data)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    q_int(&q, c->device_id);
    q_int(&q, c->first_ms);
    q_int(&q, c->last_ms);
    q_int(&q, c->first_id);
    q_int(&q, c->last_id);
    bind_e7(&q, c->south_deg, floor);
    bind_e7(&q, c->west_deg, floor);
    bind_e7(&q, c->north_deg, ceil);
    bind_e7(&q, c->east_deg, ceil);
    q_int(&q, c->count);
    q_blob(&q, c->data, c->len);
    return q_run(&q, err);
}

static bool note_track(struct store *st, const struct st_chunk *c, struct err *err)
{
    struct query q =
        db_query(st->writer, "INSERT INTO track VALUES (?, ?, ?, ?)"
                             " ON CONFLICT (device_id) DO UPDATE SET"
                             " last_id = max(last_id, excluded.last_id),"
                             " last_ms = max(last_ms, excluded.last_ms),"
                             " newest_ms = max(newest_ms, excluded.newest_ms)");
    q_int(&q, c->device_id);
    q_int(&q, c->last_id);
    q_int(&q, c->last_ms);
    q_int(&q, c->newest_ms > c->last_ms ? c->newest_ms : c->last_ms);
    return q_run(&q, err);
}

static bool put_chunk(struct store *st, const struct st_chunk *c, int64_t *widest,
                      struct err *err)
{
    if (c->last_ms < c->first_ms || c->last_ms - c->first_ms > ST_CHUNK_SPAN_MS)
        return err_set(err, ERR_INPUT, "chunk of device %lld: it spans too much time",
                       (long long)c->device_id);
    if (c->last_id - c->first_id > *widest)
        *widest = c->last_id - c->first_id;
    return insert_chunk(st, c, err) && note_track(st, c, err);
}

static bool put_state(struct store *st, const struct st_state *s, struct err *err)
{
    struct query q = db_query(st->writer, "INSERT OR REPLACE INTO state VALUES (?, ?)");
    q_int(&q, s->device_id);
    q_blob(&q, s->data, s->len);
    return q_run(&q, err);
}

static bool put_event(struct store *st, const struct st_event *e, struct err *err)
{
    struct query q =
        db_query(st->writer, "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?)");
    q_int(&q, e->id);
    q_text(&q, e->type);
    q_int(&q, e->event_ms);
    q_int(&q, e->device_id);
    q_int(&q, e->position_id);
    q_text(&q, e->attributes ? e->attributes : "{}");
    return q_run(&q, err);
}

static bool put_progress(struct store *st, const struct st_batch *batch, int64_t widest,
                         struct err *err)
{
    struct query q =
        db_query(st->writer, "UPDATE progress SET applied_seq = ?, tail_seq = ?,"
                             " widest = ?");
    q_int(&q, (int64_t)batch->applied_seq);
    q_int(&q, (int64_t)batch->tail_seq);
    q_int(&q, widest);
    return q_run(&q, err);
}

static bool put_rows(struct store *st, const struct st_batch *batch, int64_t *widest,
                     struct err *err)
{
    struct owner owner = {0};
    for (size_t i = 0; i < batch->chunk_count; i++) {
        const struct st_chunk *c = &batch->chunks[i];
        if (!find_owner(st, c->device_id, &owner, err) ||
            (owner.there && !put_chunk(st, c, widest, err)))
            return false;
    }
    for (size_t i = 0; i < batch->state_count; i++) {
        const struct st_state *s = &batch->states[i];
        if (!find_owner(st, s->device_id, &owner, err) ||
            (owner.there && !put_state(st, s, err)))
            return false;
    }
    for (size_t i = 0; i < batch->event_count; i++) {
        const struct st_event *e = &batch->events[i];
        if (!find_owner(st, e->device_id, &owner, err) ||
            (owner.there && !put_event(st, e, err)))
            return false;
    }
    return true;
}

bool st_apply(struct store *st, const struct st_batch *batch, struct err *err)
{
    if (!st_begin(st, false, err))
        return false;
    pthread_mutex_lock(&st->facts);
    int64_t widest = st->widest;
    pthread_mutex_unlock(&st->facts);
    bool ok = put_rows(st, batch, &widest, err) && put_progress(st, batch, widest, err);
    if (!st_commit(st, ok, err))
        return false;
    pthread_mutex_lock(&st->facts);
    st->applied_seq = batch->applied_seq;
    st->tail_seq = batch->tail_seq;
    st->widest = widest;
    pthread_mutex_unlock(&st->facts);
    return true;
}

void st_applied(struct store *st, uint64_t *applied_seq, uint64_t *tail_seq)
{
    pthread_mutex_lock(&st->facts);
    *applied_seq = st->applied_seq;
    *tail_seq = st->tail_seq;
    pthread_mutex_unlock(&st->facts);
}

bool st_states_each(struct store *st, bool (*visit)(void *arg, const struct st_state *s),
                    void *arg, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, "SELECT device_id, data FROM state ORDER BY device_id");
    bool more = true;
    while (more && q_row(&q)) {
        struct st_state s = {.device_id = q_get_int(&q)};
        s.data = q_get_blob(&q, &s.len);
        more = visit(arg, &s);
    }
    return st_read_end(st, &q, err);
}

/* ---- chunks ---- */

#define CHUNK_COLUMNS                                                                    \
    "SELECT device_id, first_ms, last_ms, first_id, last_id, south, west, north, east,"  \
    " count, data FROM chunk "

static double get_e7(struct query *q)
{
    return q_get_num(q) / 1e7;
}

static bool visit_chunks(struct store *st, struct query *q,
                         bool (*visit)(void *arg, const struct st_chunk *c), void *arg,
                         struct err *err)
{
    bool more = true;
    while (more && q_row(q)) {
        struct st_chunk c = {.device_id = q_get_int(q)};
        c.first_ms = q_get_int(q);
        c.last_ms = q_get_int(q);
        c.first_id = q_get_int(q);
        c.last_id = q_get_int(q);
        c.south_deg = get_e7(q);
        c.west_deg = get_e7(q);
        c.north_deg = get_e7(q);
        c.east_deg = get_e7(q);
        c.count = (unsigned)q_get_int(q);
        c.newest_ms = c.last_ms;
        c.data = q_get_blob(q, &c.len);
        more = visit(arg, &c);
    }
    return st_read_end(st, q, err);
}

bool st_chunks_each(struct store *st, int64_t device_id, int64_t from_ms, int64_t to_ms,
                    bool (*visit)(void *arg, const struct st_chunk *c), void *arg,
                    struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    /* No chunk that reaches into the span begins earlier than this. */
    int64_t since_ms =
        from_ms < INT64_MIN + ST_CHUNK_SPAN_MS ? INT64_MIN : from_ms - ST_CHUNK_SPAN_MS;
    struct query q =
        db_query(db, CHUNK_COLUMNS "WHERE device_id = ? AND first_ms BETWEEN ? AND ?"
                                   " AND last_ms >= ? ORDER BY first_ms, id");
    q_int(&q, device_id);
    q_int(&q, since_ms);
    q_int(&q, to_ms);
    q_int(&q, from_ms);
    return visit_chunks(st, &q, visit, arg, err);
}

bool st_chunks_holding(struct store *st, int64_t position_id,
                       bool (*visit)(void *arg, const struct st_chunk *c), void *arg,
                       struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    pthread_mutex_lock(&st->facts);
    int64_t widest = st->widest;
    pthread_mutex_unlock(&st->facts);
    int64_t until = position_id > INT64_MAX - widest ? INT64_MAX : position_id + widest;
    struct query q =
        db_query(db, CHUNK_COLUMNS "WHERE last_id BETWEEN ? AND ? AND first_id <= ?");
    q_int(&q, position_id);
    q_int(&q, until);
    q_int(&q, position_id);
    return visit_chunks(st, &q, visit, arg, err);
}

void st_chunked(struct store *st, int64_t device_id, int64_t *last_id, int64_t *last_ms,
                int64_t *newest_ms)
{
    *last_id = 0;
    *last_ms = *newest_ms = TIME_NONE;
    struct db *db = st_reader(st, NULL);
    if (!db)
        return;
    struct query q =
        db_query(db, "SELECT last_id, last_ms, newest_ms FROM track WHERE device_id = ?");
    q_int(&q, device_id);
    if (q_row(&q)) {
        *last_id = q_get_int(&q);
        *last_ms = q_get_int(&q);
        *newest_ms = q_get_int(&q);
    }
    st_read_end(st, &q, NULL);
}

int64_t st_chunked_id(struct store *st, int64_t device_id)
{
    int64_t last_id, last_ms, newest_ms;
    st_chunked(st, device_id, &last_id, &last_ms, &newest_ms);
    return last_id;
}

/* ---- events ---- */

#define EVENT_COLUMNS                                                                    \
    "SELECT id, type, event_ms, device_id, position_id, attributes FROM event "

static bool visit_events(struct query *q, bool (*visit)(void *, const struct st_event *),
                         void *arg)
{
    bool found = false;
    for (bool more = true; more && q_row(q); found = true) {
        struct st_event e = {.id = q_get_int(q)};
        e.type = q_get_text(q);
        e.event_ms = q_get_int(q);
        e.device_id = q_get_int(q);
        e.position_id = q_get_int(q);
        e.attributes = q_get_text(q);
        more = visit(arg, &e);
    }
    return found;
}

bool st_event_get(struct store *st, int64_t id,
                  bool (*visit)(void *arg, const struct st_event *e), void *arg,
                  struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, EVENT_COLUMNS "WHERE id = ?");
    q_int(&q, id);
    bool found = visit_events(&q, visit, arg);
    return st_read_found(st, &q, found, "event", err);
}

bool st_events_each(struct store *st, int64_t device_id, int64_t from_ms, int64_t to_ms,
                    bool (*visit)(void *arg, const struct st_event *e), void *arg,
                    struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q =
        device_id
            ? db_query(db, EVENT_COLUMNS "WHERE event_ms BETWEEN ?1 AND ?2"
                                         " AND device_id = ?3 ORDER BY event_ms, id")
            : db_query(db, EVENT_COLUMNS "WHERE event_ms BETWEEN ?1 AND ?2"
                                         " ORDER BY event_ms, id");
    q_int(&q, from_ms);
    q_int(&q, to_ms);
    if (device_id)
        q_int(&q, device_id);
    visit_events(&q, visit, arg);
    return st_read_end(st, &q, err);
}

bool st_event_of_position(struct store *st, int64_t position_id,
                          bool (*visit)(void *arg, const struct st_event *e), void *arg,
                          struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q =
        db_query(db, EVENT_COLUMNS "WHERE position_id = ? ORDER BY id LIMIT 1");
    q_int(&q, position_id);
    bool found = visit_events(&q, visit, arg);
    return st_read_found(st, &q, found, "event", err);
}
