/*
 * store_history.c - what the store promises of chunks, states, events and progress, at an
 * address.
 */
#include "store/store.h"

#include <math.h>

#include "store_stage.h"

static struct err err;

/* ---- chunks ---- */

static bool count_chunk(void *arg, const struct st_chunk *c)
{
    CHECK(c->len == 4 && !memcmp(c->data, "data", 4), "its data");
    ++*(unsigned *)arg;
    return true;
}

static unsigned chunks_in(struct store *st, int64_t device_id, int64_t from_ms,
                          int64_t to_ms)
{
    unsigned count = 0;
    CHECK(st_chunks_each(st, device_id, from_ms, to_ms, count_chunk, &count, &err),
          err.text);
    return count;
}

static unsigned chunks_holding(struct store *st, int64_t id)
{
    unsigned count = 0;
    CHECK(st_chunks_holding(st, id, count_chunk, &count, &err), err.text);
    return count;
}

static bool keep_chunk(void *arg, const struct st_chunk *c)
{
    *(struct st_chunk *)arg = *c;
    return false;
}

static struct st_chunk chunk_of(int64_t device_id, int64_t first_ms, int64_t last_ms,
                                int64_t first_id, int64_t last_id)
{
    return (struct st_chunk){.device_id = device_id,
                             .first_ms = first_ms,
                             .last_ms = last_ms,
                             .first_id = first_id,
                             .last_id = last_id,
                             .south_deg = -33.86884449,
                             .north_deg = -33.8,
                             .west_deg = 151.20931111,
                             .east_deg = NAN,
                             .count = 64,
                             .newest_ms = last_ms + 7,
                             .data = "data",
                             .len = 4};
}

static void test_chunks(struct store *st, int64_t device_id)
{
    struct st_chunk chunks[] = {
        chunk_of(device_id, 1000, 2000, 10, 30),
        chunk_of(device_id, 2001, ST_CHUNK_SPAN_MS + 2001, 31, 60),
        chunk_of(device_id, 1500, 1600, 61, 62),
        chunk_of(device_id + 1, 1000, 2000, 11, 61),
        chunk_of(99999, 1000, 2000, 11, 61),
    };
    struct st_batch batch = {.chunks = chunks,
                             .chunk_count = COUNT(chunks),
                             .applied_seq = 70,
                             .tail_seq = UINT64_MAX};
    CHECK(st_apply(st, &batch, &err), err.text);
    uint64_t applied, tail;
    st_applied(st, &applied, &tail);
    CHECK(applied == 70 && tail == UINT64_MAX, "progress");
    CHECK(chunks_in(st, device_id, INT64_MIN, INT64_MAX) == 3, "all");
    CHECK(chunks_in(st, device_id, 2000, 2000) == 1, "its last");
    CHECK(chunks_in(st, device_id, 0, 999) == 0, "before");
    CHECK(chunks_in(st, device_id, 0, 1000) == 1, "its first");
    CHECK(chunks_in(st, device_id, 1550, 1560) == 2, "within");
    CHECK(chunks_in(st, device_id, ST_CHUNK_SPAN_MS + 2001, INT64_MAX) == 1, "long");
    CHECK(chunks_in(st, 99999, INT64_MIN, INT64_MAX) == 0, "of no device");
    CHECK(chunks_holding(st, 10) == 1 && chunks_holding(st, 30) == 2 &&
              chunks_holding(st, 62) == 1 && chunks_holding(st, 63) == 0 &&
              chunks_holding(st, INT64_MAX) == 0,
          "by id");
    int64_t last_id, last_ms, newest_ms;
    st_chunked(st, device_id, &last_id, &last_ms, &newest_ms);
    CHECK(st_chunked_id(st, device_id) == 62 && last_id == 62, "largest id");
    CHECK(last_ms == ST_CHUNK_SPAN_MS + 2001 && newest_ms == last_ms + 7, "latest");
    CHECK(st_chunked_id(st, 99999) == 0, "no device");

    struct st_chunk c;
    CHECK(st_chunks_each(st, device_id, 1000, 1000, keep_chunk, &c, &err), err.text);
    CHECK(c.first_id == 10 && c.last_id == 30 && c.count == 64, "as it went in");
    CHECK(c.south_deg == -33.8688445 && c.north_deg == -33.8 &&
              c.west_deg == 151.2093111 && isnan(c.east_deg),
          "the box, outward");
    chunks[0].last_ms = chunks[0].first_ms + ST_CHUNK_SPAN_MS + 1;
    batch.applied_seq = 71;
    CHECK(!st_apply(st, &batch, &err) && stage_said(&err, ERR_INPUT, "chunk"),
          "too long");
    st_applied(st, &applied, &tail);
    CHECK(applied == 70 && chunks_in(st, device_id, 0, INT64_MAX) == 3, "all or nothing");
}

/* ---- states and events ---- */

static bool keep_state(void *arg, const struct st_state *s)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 64 - len, "%d=%.*s ", (int)s->device_id, (int)s->len,
             (const char *)s->data);
    return true;
}

static bool list_event(void *arg, const struct st_event *e)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 64 - len, "%d%s ", (int)e->id, e->type);
    CHECK(e->attributes && (*e->attributes == '{'), "an object");
    return true;
}

static void test_events(struct store *st, int64_t device_id)
{
    struct st_state states[] = {{device_id, "one", 3},
                                {device_id + 1, "", 0},
                                {device_id, "two", 3},
                                {99999, "x", 1}};
    struct st_event events[] = {
        {640, "b", 5000, device_id, 10, "{\"x\":1}"},
        {641, "a", 4000, device_id, 10, NULL},
        {642, "c", 5000, device_id + 1, 11, "{}"},
        {643, "d", 5000, 99999, 12, "{}"},
    };
    struct st_batch batch = {.states = states,
                             .state_count = COUNT(states),
                             .events = events,
                             .event_count = COUNT(events),
                             .applied_seq = 80,
                             .tail_seq = 70};
    CHECK(st_apply(st, &batch, &err) && st_apply(st, &batch, &err), err.text);
    char text[64] = "", want[64];
    snprintf(want, sizeof want, "%d=two %d= ", (int)device_id, (int)device_id + 1);
    CHECK(st_states_each(st, keep_state, text, &err) && !strcmp(text, want), text);
    const struct {
        int64_t device_id, from_ms, to_ms;
        const char *want;
    } rows[] = {{0, 0, 9999, "641a 640b 642c "},
                {0, 4000, 4000, "641a "},
                {device_id, 0, 9999, "641a 640b "},
                {device_id + 1, 0, 5000, "642c "},
                {device_id, 4001, 4999, ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        *text = 0;
        CHECK(st_events_each(st, rows[i].device_id, rows[i].from_ms, rows[i].to_ms,
                             list_event, text, &err) &&
                  !strcmp(text, rows[i].want),
              rows[i].want);
    }
    *text = 0;
    CHECK(st_event_get(st, 642, list_event, text, &err) && !strcmp(text, "642c "), text);
    *text = 0;
    CHECK(st_event_of_position(st, 10, list_event, text, &err) && !strcmp(text, "640b "),
          text);
    CHECK(!st_event_get(st, 1, list_event, text, &err) &&
              stage_said(&err, ERR_MISSING, "event"),
          "");
    CHECK(!st_event_of_position(st, 12, list_event, text, &err) &&
              stage_said(&err, ERR_MISSING, "event"),
          "of no device");
}

/* ---- at an address ---- */

static void test_history(struct store *st)
{
    struct st_device d = {.unique_id = "h1"}, other = {.unique_id = "h2"};
    CHECK(st_device_put(st, &d, &err) && st_device_put(st, &other, &err), err.text);
    test_chunks(st, d.id);
    test_events(st, d.id);
    CHECK(st_device_delete(st, d.id, &err), err.text);
    CHECK(chunks_in(st, d.id, INT64_MIN, INT64_MAX) == 0, "gone");
    CHECK(chunks_in(st, other.id, INT64_MIN, INT64_MAX) == 1, "another's stay");
    CHECK(st_chunked_id(st, d.id) == 0, "gone");
    char text[64] = "";
    CHECK(st_events_each(st, 0, 0, 9999, list_event, text, &err) &&
              !strcmp(text, "642c "),
          text);
    CHECK(st_device_delete(st, other.id, &err), err.text);
}

/* What was written is there when the address is opened again. */
static void test_address(const char *address)
{
    struct store *st = st_open(address, &err);
    CHECK(st != NULL, err.text);
    if (!st)
        return;
    test_history(st);
    st_close(st);
    st = st_open(address, &err);
    CHECK(st != NULL, err.text);
    uint64_t applied, tail;
    st_applied(st, &applied, &tail);
    CHECK(applied == 80 && tail == 70, "progress");
    st_close(st);
}

/* What a deletion had no time for goes at the next start. */
static void test_sweep(void)
{
    struct stage s;
    stage_open(&s);
    struct store *st = st_open(s.path, &s.err);
    stage_devices(st, 1);
    struct st_chunk chunk = chunk_of(1, 1000, 2000, 10, 30);
    struct st_batch batch = {.chunks = &chunk, .chunk_count = 1};
    CHECK(st_apply(st, &batch, &err), err.text);
    st_close(st);
    stage_sql(s.path, "DELETE FROM device; INSERT INTO doomed VALUES (1)");
    st = st_open(s.path, &s.err);
    CHECK(st && chunks_in(st, 1, 0, 9999) == 0, s.err.text);
    st_close(st);
    stage_close(&s);
}

void test_store_history(void)
{
    struct stage s;
    stage_open(&s);
    test_address(s.path);
    stage_close(&s);
    test_sweep();
}
