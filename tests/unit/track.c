/*
 * track.c - what is added to tracks is there, once, in order, whatever becomes a chunk,
 * is stored or fails meanwhile.
 */
#include "store/track.h"

#include "track_stage.h"

enum { DEVICES = 3, POSITIONS = 900, HOUR_MS = 3600000 };

/* ---- reading ---- */

struct expected {
    const struct made **list;
    size_t count, next;
    unsigned wrong;
};

static int by_time(const void *a, const void *b)
{
    const struct position *x = &(*(const struct made *const *)a)->position;
    const struct position *y = &(*(const struct made *const *)b)->position;
    if (chunk_time(x) != chunk_time(y))
        return chunk_time(x) < chunk_time(y) ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool expect(void *arg, const struct position *p)
{
    struct expected *e = arg;
    bool right = e->next < e->count && stage_equal(p, &e->list[e->next]->position);
    e->wrong += !right;
    e->next++;
    return true;
}

/* What was made of a device, within times, must be what is read of it. */
static void check_read(struct scene *s, const struct made *made, size_t count,
                       int64_t device_id, int64_t from_ms, int64_t to_ms, const char *row)
{
    struct expected e = {.list = mem_zero(count * sizeof *e.list)};
    for (size_t i = 0; i < count; i++) {
        const struct position *p = &made[i].position;
        if (p->device_id == device_id && chunk_time(p) >= from_ms &&
            chunk_time(p) <= to_ms)
            e.list[e.count++] = &made[i];
    }
    qsort(e.list, e.count, sizeof *e.list, by_time);
    CHECK(tr_each(s->t, device_id, from_ms, to_ms, expect, &e, &stage_err),
          stage_err.text);
    CHECK(e.next == e.count && !e.wrong, row);
    free(e.list);
}

static void check_all(struct scene *s, const struct made *made, size_t count,
                      const char *row)
{
    for (int64_t id = 1; id <= DEVICES; id++)
        check_read(s, made, count, id, INT64_MIN, INT64_MAX, row);
}

static void check_spans(struct scene *s, const struct made *made, size_t count,
                        struct chance *c)
{
    for (unsigned i = 0; i < 30; i++) {
        int64_t from = stage_ms + (int64_t)chance_below(c, STAGE_DAY_MS);
        int64_t to = from + (int64_t)chance_below(c, STAGE_DAY_MS / 4);
        check_read(s, made, count, 1 + (int64_t)chance_below(c, DEVICES), from, to,
                   unit_row(i));
    }
}

static void check_ids(struct scene *s, const struct made *made, size_t count,
                      struct chance *c)
{
    static struct position p;
    for (unsigned i = 0; i < 60; i++) {
        const struct position *want = &made[chance_below(c, count)].position;
        int64_t device = chance_below(c, 2) ? want->device_id : 0;
        int64_t hints[] = {TIME_NONE, chunk_time(want), stage_ms - 1};
        CHECK(tr_get(s->t, want->id, device, hints[i % 3], &p, &stage_err) &&
                  stage_equal(&p, want),
              unit_row(i));
    }
    CHECK(!tr_get(s->t, 99999999, 0, TIME_NONE, &p, &stage_err) &&
              stage_err.code == ERR_MISSING,
          "no such id");
    CHECK(!tr_get(s->t, made[0].position.id, DEVICES + 1, TIME_NONE, &p, &stage_err) &&
              stage_err.code == ERR_MISSING,
          "another's id");
}

/* ---- anything, in any order ---- */

static struct tr_extra any_extra(struct chance *c)
{
    struct tr_extra x = no_extra;
    if (chance_below(c, 3)) {
        x.distance_m = (double)chance_below(c, 100000) / 100;
        x.total_distance_m = stage_or_none(c);
        x.hours_ms = stage_or_none(c);
        x.motion = (int)chance_below(c, 3) - 1;
    }
    x.outdated = chance_below(c, 4) == 0;
    if (x.outdated && chance_below(c, 5)) {
        x.fix_ms = stage_ms + (int64_t)chance_below(c, STAGE_DAY_MS);
        x.latitude_deg = (double)chance_below(c, 1 << 30) / 1e7;
        x.longitude_deg = stage_number(c);
        x.altitude_m = stage_or_none(c);
    }
    return x;
}

static void make_any(struct made *made, size_t count, struct chance *c)
{
    static struct record rec;
    for (size_t i = 0; i < count; i++) {
        stage_record(c, &rec, chance_below(c, 5) == 0);
        int64_t arrival = stage_ms + (int64_t)i * 40000 + (int64_t)chance_below(c, 9000);
        if (rec.fix_ms != TIME_NONE && chance_below(c, 10))
            rec.fix_ms = arrival - (int64_t)chance_below(c, 60000);
        make(&made[i], 100 + (int64_t)i * 3, 1 + (int64_t)chance_below(c, DEVICES),
             arrival, &rec, any_extra(c));
    }
}

/* Now and then chunks are made; sometimes storing them fails, or is only half done. */
static void add_any(struct scene *s, struct made *made, struct chance *c)
{
    for (size_t i = 0; i < POSITIONS; i++) {
        const struct st_chunk *chunks;
        tr_add(s->t, &made[i].item);
        if (chance_below(c, 40))
            continue;
        size_t count =
            tr_due(s->t, made[i].item.server_ms, chance_below(c, 4) == 0, &chunks);
        check_all(s, made, i + 1, "in flight");
        if (chance_below(c, 3) == 0)
            continue;
        CHECK(apply(s, chunks, count), stage_err.text);
        check_all(s, made, i + 1, "stored, in flight");
        tr_stored(s->t);
        check_all(s, made, i + 1, "stored");
    }
}

static void test_any(void)
{
    struct chance chance = {5};
    struct scene s;
    struct made *made = mem_zero(POSITIONS * sizeof *made);
    scene_open(&s, DEVICES);
    make_any(made, POSITIONS, &chance);
    add_any(&s, made, &chance);
    check_spans(&s, made, POSITIONS, &chance);
    check_ids(&s, made, POSITIONS, &chance);
    store_due(&s, 0, true);
    CHECK(tr_tail_seq(s.t) == UINT64_MAX, "nothing waits");
    scene_crash(&s);
    check_all(&s, made, POSITIONS, "all in chunks");
    check_spans(&s, made, POSITIONS, &chance);
    check_ids(&s, made, POSITIONS, &chance);
    for (size_t i = 0; i < POSITIONS; i++)
        drop(&made[i]);
    free(made);
    scene_close(&s);
}

/* ---- after a crash ---- */

enum crash { BEFORE_DUE, BEFORE_APPLY, BEFORE_STORED, AFTER_STORED };

/* What was added is added again: each is there once. */
static void test_crash(enum crash crash)
{
    struct chance chance = {9};
    struct scene s;
    struct made *made = mem_zero(POSITIONS * sizeof *made);
    scene_open(&s, DEVICES);
    make_any(made, POSITIONS, &chance);
    for (size_t i = 0; i < POSITIONS; i++) {
        const struct st_chunk *chunks;
        tr_add(s.t, &made[i].item);
        if (i % 250 != 249)
            continue;
        if (crash > BEFORE_DUE) {
            size_t count = tr_due(s.t, made[i].item.server_ms, i > 500, &chunks);
            if (crash > BEFORE_APPLY)
                CHECK(apply(&s, chunks, count), stage_err.text);
            if (crash > BEFORE_STORED)
                tr_stored(s.t);
        }
        scene_crash(&s);
        for (size_t j = 0; j <= i; j++)
            tr_add(s.t, &made[j].item);
        check_all(&s, made, i + 1, unit_row(crash));
    }
    store_due(&s, 0, true);
    check_all(&s, made, POSITIONS, unit_row(crash));
    for (size_t i = 0; i < POSITIONS; i++)
        drop(&made[i]);
    free(made);
    scene_close(&s);
}

/* ---- what is due ---- */

static void test_shares(struct scene *s)
{
    const struct st_chunk *chunks;
    /* Late ones, and those that would make too long a chunk, stand for themselves. */
    add_plain(s, 600, 1, stage_ms + 5);
    add_plain(s, 601, 1, stage_ms + 800000);
    add_plain(s, 602, 1, stage_ms + 800000 + ST_CHUNK_SPAN_MS);
    add_plain(s, 603, 1, stage_ms + 800001 + ST_CHUNK_SPAN_MS);
    CHECK(tr_due(s->t, stage_ms, true, &chunks) == 3, "late, near, far");
    CHECK(chunks[0].last_id == 600 && chunks[0].count == 1, "late");
    CHECK(chunks[1].last_id == 602 && chunks[1].count == 2, "near");
    CHECK(chunks[2].last_id == 603 && chunks[2].count == 1, "far");
    CHECK(apply(s, chunks, 3), stage_err.text);
    tr_stored(s->t);

    /* A few more than a chunk's are one, many at once are shared out evenly. */
    for (int64_t i = 0; i < CHUNK_MAX + 2; i++)
        add_plain(s, 700 + i, 2, stage_ms + 900000 + i);
    CHECK(tr_due(s->t, stage_ms, true, &chunks) == 2, "two");
    CHECK(chunks[0].count == TR_CHUNK + 1 && chunks[1].count == TR_CHUNK + 1, "even");
    CHECK(apply(s, chunks, 2), stage_err.text);
    tr_stored(s->t);
    for (int64_t i = 0; i < TR_CHUNK + 9; i++)
        add_plain(s, 900 + i, 2, stage_ms + 990000 + i);
    CHECK(tr_due(s->t, stage_ms, false, &chunks) == 1 && chunks[0].count == TR_CHUNK + 9,
          "one");
}

static void test_due(void)
{
    struct scene s;
    const struct st_chunk *chunks;
    scene_open(&s, 2);
    for (int64_t i = 0; i < TR_CHUNK - 1; i++)
        add_plain(&s, 10 + i, 1, stage_ms + i * 10000);
    add_plain(&s, 500, 2, stage_ms + 700000);
    CHECK(tr_due(s.t, stage_ms + 700000, false, &chunks) == 0, "not yet");
    CHECK(tr_tail_seq(s.t) == 10, "the first one waits");
    add_plain(&s, 501, 1, stage_ms + 701000);
    CHECK(tr_due(s.t, stage_ms + 701000, false, &chunks) == 1, "64");
    CHECK(chunks[0].count == TR_CHUNK && chunks[0].first_id == 10 &&
              chunks[0].last_id == 501 && chunks[0].first_ms == stage_ms &&
              chunks[0].device_id == 1,
          "all of them");
    CHECK(tr_tail_seq(s.t) == 500, "the other waits");
    CHECK(apply(&s, chunks, 1), stage_err.text);
    tr_stored(s.t);
    CHECK(store_due(&s, stage_ms + 701000 + HOUR_MS - 1, false) == 0, "within the hour");
    CHECK(store_due(&s, stage_ms + 701000 + HOUR_MS, false) == 1, "after it");
    CHECK(tr_tail_seq(s.t) == UINT64_MAX, "none waits");
    test_shares(&s);
    scene_close(&s);
}

static void test_budget(void)
{
    struct scene s;
    const struct st_chunk *chunks;
    scene_open(&s, 100);
    tr_close(s.t);
    s.t = tr_open(s.st, 8192);
    for (int64_t i = 0; i < 1000; i++)
        add_plain(&s, 1 + i, 1 + i % 100, stage_ms + i);
    size_t count = tr_due(s.t, stage_ms, false, &chunks);
    CHECK(count > 50 && count < 100, "enough, not all");
    CHECK(chunks[0].device_id == 1 && chunks[0].count == 10, "the oldest first, whole");
    CHECK(apply(&s, chunks, count), stage_err.text);
    tr_stored(s.t);
    CHECK(store_due(&s, stage_ms, false) == 0, "within the budget");
    scene_close(&s);
}

static bool count_position(void *arg, const struct position *p)
{
    (void)p;
    ++*(unsigned *)arg;
    return true;
}

static unsigned count_of(struct scene *s, int64_t device_id)
{
    unsigned count = 0;
    CHECK(tr_each(s->t, device_id, INT64_MIN, INT64_MAX, count_position, &count,
                  &stage_err),
          stage_err.text);
    return count;
}

static void test_forget(void)
{
    struct scene s;
    const struct st_chunk *chunks;
    scene_open(&s, 2);
    for (int64_t i = 0; i < 200; i++)
        add_plain(&s, 1 + i, 1 + i % 2, stage_ms + i);
    CHECK(st_device_delete(s.st, 1, &stage_err), stage_err.text);
    tr_forget(s.t, 1);
    CHECK(count_of(&s, 1) == 0 && count_of(&s, 2) == 100, "forgotten");
    CHECK(tr_due(s.t, stage_ms, false, &chunks) == 1, "the other's");
    CHECK(st_device_delete(s.st, 2, &stage_err), stage_err.text);
    tr_forget(s.t, 2);
    CHECK(apply(&s, chunks, 1), "too late");
    tr_stored(s.t);
    CHECK(count_of(&s, 2) == 0 && tr_tail_seq(s.t) == UINT64_MAX, "in flight");
    tr_forget(s.t, 3);
    scene_close(&s);
}

/* ---- composing ---- */

static void test_compose(void)
{
    static struct record rec;
    struct made m;
    rec_clear(&rec);
    rec.fix_ms = stage_ms;
    rec.latitude_deg = 1;
    rec.longitude_deg = 2;
    rec_num(&rec, KEY_DISTANCE_M, 5);
    rec_bool(&rec, KEY_MOTION, false);
    struct tr_extra x = no_extra;
    x.distance_m = 7;
    x.total_distance_m = 9;
    x.hours_ms = 3;
    x.motion = 1;
    make(&m, 4, 1, stage_ms + 5, &rec, x);
    const struct record *got = &m.position.rec;
    CHECK(m.position.id == 4 && m.position.server_ms == stage_ms + 5 &&
              m.position.kind == 7 && !strcmp(m.position.protocol, "gt06"),
          "the item's own");
    CHECK(rec_get_num(got, KEY_DISTANCE_M) == 5, "the device's own distance");
    CHECK(rec_get_bool(got, KEY_MOTION) == 0, "the device's own motion");
    CHECK(rec_get_num(got, KEY_TOTAL_DISTANCE_M) == 9, "total");
    CHECK(rec_get_num(got, KEY_HOURS_MS) == 3 && got->attr_count == 4, "hours");
    CHECK(!m.position.outdated && got->fix_ms == stage_ms, "its own place");
    drop(&m);
    x.outdated = true;
    x.fix_ms = stage_ms - 9;
    x.latitude_deg = 3;
    x.longitude_deg = 4;
    x.altitude_m = 5;
    make(&m, 4, 1, stage_ms + 5, &rec, x);
    CHECK(m.position.outdated && got->fix_ms == stage_ms - 9 && got->latitude_deg == 3 &&
              got->longitude_deg == 4 && got->altitude_m == 5,
          "the last known place");
    drop(&m);
    CHECK(tr_kind(span_of("ab"), span_of("c")) != tr_kind(span_of("a"), span_of("bc")),
          "kinds");
}

void test_track(void)
{
    test_compose();
    test_any();
    for (enum crash crash = BEFORE_DUE; crash <= AFTER_STORED; crash++)
        test_crash(crash);
    test_due();
    test_budget();
    test_forget();
}
