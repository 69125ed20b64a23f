/*
 * journal.c - appending, reading, finding, rotation and retention, by several threads.
 */
#include "journal/journal.h"

#include <pthread.h>
#include <stdatomic.h>

#include "journal_stage.h"

enum { MANY = 3000, SEGMENT = 32 << 10 };

static void test_order(void)
{
    struct stage s;
    struct jr_stats stats;
    stage_open(&s);
    struct journal *j = stage_journal(&s, 0);
    jr_stats(j, &stats);
    CHECK(stats.segments == 0 && stats.next_seq == 1 && stats.oldest_ms == TIME_NONE,
          "empty");
    CHECK(read_samples(j, 0, 0) == 0, "empty");
    CHECK(append_samples(j, 0, 100) && await_samples(j, 100), "append");
    CHECK(jr_durable(j) == sample_seq(100) && jr_backlog(j) == 0, "all durable");
    CHECK(read_samples(j, 0, 100) == 100, "read");
    CHECK(read_samples(j, 41, 100) == 59, "read from the middle");
    jr_close(j);

    j = stage_journal(&s, 0);
    CHECK(jr_durable(j) == sample_seq(100), "after a restart");
    CHECK(append_samples(j, 100, 200) && await_samples(j, 200), "appended behind");
    CHECK(read_samples(j, 0, 200) == 200, "read over the restart");
    jr_stats(j, &stats);
    CHECK(stats.segments == 1 && stats.first_seq == 1, "one segment goes on");
    CHECK(stats.oldest_ms == STAGE_BASE_MS && stats.syncs > 0, "figures");
    jr_close(j);
    stage_close(&s);
}

/* A cursor sees what comes after it was opened, and never what is not durable. */
static void test_following(void)
{
    struct stage s;
    stage_open(&s);
    struct journal *j = stage_journal(&s, SEGMENT);
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct entry e;
    struct err err;
    unsigned n = 0;
    for (unsigned end = 1; end < 700; end += end / 2 + 1) {
        append_samples(j, n, end);
        CHECK(await_samples(j, end), "durable");
        while (jr_next(c, &e, &err) && is_sample(&e, n))
            n++;
        CHECK(n == end && err.code == ERR_NONE, "all of them, and no more");
    }
    jr_cursor_close(c);

    /* In the middle of an entry of two records: that entry. */
    c = jr_cursor_open(j, sample_seq(5) + 1);
    CHECK(jr_next(c, &e, &err) && is_sample(&e, 5), "the entry that holds it");
    jr_cursor_close(c);
    c = jr_cursor_open(j, sample_seq(n) + 100);
    CHECK(!jr_next(c, &e, &err) && err.code == ERR_NONE, "not there yet");
    jr_cursor_close(c);
    jr_close(j);
    stage_close(&s);
}

static void check_get(struct journal *j, unsigned end)
{
    struct buffer hold = {0};
    struct entry e;
    struct err err;
    for (unsigned n = 0; n < end; n++) {
        CHECK(jr_get(j, sample_seq(n), &e, &hold, &err) && is_sample(&e, n), unit_row(n));
        uint64_t last = sample_seq(n + 1) - 1;
        CHECK(jr_get(j, last, &e, &hold, &err) && is_sample(&e, n), unit_row(n));
    }
    CHECK(!jr_get(j, sample_seq(end), &e, &hold, &err) && err.code == ERR_MISSING, "end");
    CHECK(!jr_get(j, 0, &e, &hold, &err) && err.code == ERR_MISSING, "0");
    CHECK(!jr_get(j, UINT64_MAX, &e, &hold, &err) && err.code == ERR_MISSING, "max");
    buf_fini(&hold);
}

/* Expects samples of one device, newest first. */
struct seen {
    unsigned next, count, stop;
    bool wrong;
};

static bool see(void *arg, const struct entry *e)
{
    struct seen *s = arg;
    s->wrong |= !is_sample(e, s->next);
    s->next -= STAGE_DEVICES;
    s->count++;
    return s->count != s->stop;
}

static uint64_t subject_of(unsigned n)
{
    struct sample s;
    sample(&s, n);
    return entry_subject(s.e.device, &s.e.peer);
}

/* Samples of a device among 0..MANY-1: `newest` is the first expected. */
static const struct {
    const char *name;
    unsigned device;
    int64_t from_ms, to_ms;
    uint64_t before;
    unsigned stop;
    unsigned newest, count;
} finds[] = {
    {"all", 0, INT64_MIN, INT64_MAX, 0, 0, 2996, 429},
    {"all of one without id", 6, INT64_MIN, INT64_MAX, 0, 0, 2995, 428},
    {"the newest", 3, INT64_MIN, INT64_MAX, 0, 1, 2999, 1},
    {"three", 3, INT64_MIN, INT64_MAX, 0, 3, 2999, 3},
    {"one moment", 1, STAGE_BASE_MS + 701000, STAGE_BASE_MS + 701000, 0, 0, 701, 1},
    {"beside it", 1, STAGE_BASE_MS + 701001, STAGE_BASE_MS + 707999, 0, 0, 0, 0},
    {"a while", 2, STAGE_BASE_MS + 100000, STAGE_BASE_MS + 2000000, 0, 0, 1997, 272},
    {"before", 2, INT64_MIN, INT64_MAX, 1 + 1500 / 3 * 4, 0, 1493, 214},
    {"a page", 2, INT64_MIN, INT64_MAX, 1 + 1500 / 3 * 4, 10, 1493, 10},
    {"too early", 2, INT64_MIN, STAGE_BASE_MS - 1, 0, 0, 0, 0},
    {"too late", 2, STAGE_BASE_MS + 3000000, INT64_MAX, 0, 0, 0, 0},
    {"no such time", 2, INT64_MAX, INT64_MIN, 0, 0, 0, 0},
};

static void check_finds(struct journal *j)
{
    struct err err;
    for (size_t i = 0; i < COUNT(finds); i++) {
        struct seen seen = {.next = finds[i].newest, .stop = finds[i].stop};
        CHECK(jr_find(j, subject_of(finds[i].device), finds[i].from_ms, finds[i].to_ms,
                      finds[i].before, see, &seen, &err),
              finds[i].name);
        CHECK(!seen.wrong && seen.count == finds[i].count, finds[i].name);
    }
    struct seen none = {0};
    CHECK(jr_find(j, subject_of(0) ^ 1, INT64_MIN, INT64_MAX, 0, see, &none, &err) &&
              !none.count,
          "a subject that the index takes for another");
    CHECK(jr_find(j, 1, INT64_MIN, INT64_MAX, 0, see, &none, &err) && !none.count,
          "a subject that is not there");
}

/* Each sample is found by its subject and the very moment of its arrival. */
static void check_moments(struct journal *j)
{
    struct err err;
    for (unsigned n = 0; n < MANY; n++) {
        struct seen one = {.next = n};
        int64_t ms = STAGE_BASE_MS + (int64_t)n * STAGE_STEP_MS;
        CHECK(jr_find(j, subject_of(n), ms, ms, 0, see, &one, &err), unit_row(n));
        CHECK(one.count == 1 && !one.wrong, unit_row(n));
    }
}

static void remove_indexes(const struct stage *s)
{
    char path[80];
    for (unsigned n = 0; n < MANY; n++)
        remove(stage_path(s, sample_seq(n), ".idx", path));
}

/* Flips a byte of every index, each time another. */
static void spoil_indexes(const struct stage *s, unsigned round)
{
    char path[80];
    for (unsigned n = 0; n < MANY; n++) {
        long size = file_size(stage_path(s, sample_seq(n), ".idx", path));
        if (size > 0)
            file_flip(path, size * round / 8 + round);
    }
}

static void test_segments(void)
{
    struct stage s;
    struct jr_stats stats;
    stage_open(&s);
    struct journal *j = stage_journal(&s, SEGMENT);
    CHECK(append_samples(j, 0, MANY) && await_samples(j, MANY), "append");
    jr_stats(j, &stats);
    CHECK(stats.segments > 10 && stats.segments < 40, "many segments");
    CHECK(read_samples(j, 0, MANY) == MANY, "read");
    CHECK(read_samples(j, 2222, MANY) == MANY - 2222, "read from within");
    check_get(j, MANY);
    check_finds(j);
    check_moments(j);
    jr_close(j);

    j = stage_journal(&s, SEGMENT);
    CHECK(read_samples(j, 0, MANY) == MANY, "read after a restart");
    check_finds(j);
    remove_indexes(&s);
    check_finds(j);
    check_get(j, MANY);
    remove_indexes(&s);
    jr_close(j);

    j = stage_journal(&s, SEGMENT);
    CHECK(read_samples(j, 0, MANY) == MANY, "read after indexes were lost");
    check_finds(j);
    for (unsigned round = 0; round < 8; round++) {
        spoil_indexes(&s, round);
        check_finds(j);
    }
    spoil_indexes(&s, 5);
    jr_close(j);
    j = stage_journal(&s, SEGMENT);
    CHECK(read_samples(j, 1234, MANY) == MANY - 1234, "read after indexes were spoilt");
    check_get(j, MANY);
    jr_close(j);
    stage_close(&s);
}

/* What was not released stays; of the rest as much goes as the limit asks for. */
static void test_retention(void)
{
    struct stage s;
    struct jr_stats stats;
    struct err err;
    stage_open(&s);
    struct jr_limits limits = {.segment_bytes = SEGMENT, .keep_bytes = 4 * SEGMENT};
    struct journal *j = jr_open(s.dir, &limits, &err);
    append_samples(j, 0, 1500);
    CHECK(await_samples(j, 1500) && read_samples(j, 0, 1500) == 1500, "nothing goes");
    struct jr_cursor *behind = jr_cursor_open(j, 0);
    struct entry e;
    CHECK(jr_next(behind, &e, &err) && is_sample(&e, 0), "a reader of the first one");

    jr_release(j, sample_seq(1000));
    jr_release(j, 1);
    append_samples(j, 1500, 2000);
    CHECK(await_samples(j, 2000), "on");
    jr_stats(j, &stats);
    CHECK(stats.first_seq > 1 && stats.first_seq <= sample_seq(1000), "the released go");
    CHECK(stats.bytes > limits.keep_bytes, "and no other");
    CHECK(jr_next(behind, &e, &err) && is_sample(&e, 1), "what is being read stays");
    unsigned n = 2;
    while (jr_next(behind, &e, &err) && is_sample(&e, n) && e.seq < stats.first_seq)
        n++;
    CHECK(n > 100 && e.seq == stats.first_seq, "and then what is kept");
    jr_cursor_close(behind);

    jr_release(j, sample_seq(2000));
    append_samples(j, 2000, 2300);
    CHECK(await_samples(j, 2300), "on");
    jr_stats(j, &stats);
    CHECK(stats.bytes <= limits.keep_bytes + SEGMENT && stats.segments >= 3, "by size");
    jr_close(j);

    limits = (struct jr_limits){.segment_bytes = SEGMENT, .keep_ms = 1000};
    j = jr_open(s.dir, &limits, &err);
    jr_release(j, sample_seq(2400));
    append_samples(j, 2300, 2600);
    CHECK(await_samples(j, 2600), "on");
    jr_stats(j, &stats);
    CHECK(stats.first_seq <= sample_seq(2400) && stats.segments <= 4, "by age");
    CHECK(read_samples(j, 2400, 2600) == 200, "the rest stays");
    jr_close(j);
    stage_close(&s);
}

static void test_refused(void)
{
    struct stage s;
    struct err err = {0};
    static uint8_t bytes[ENTRY_BYTES_MAX];
    stage_open(&s);
    struct journal *j = stage_journal(&s, 0);
    CHECK(!jr_open(s.dir, NULL, &err) && err.code == ERR_BUSY, "one at a time");
    CHECK(strstr(err.text, "in use by another process") != NULL, err.text);

    struct entry e = {.frame = {bytes, sizeof bytes}};
    CHECK(jr_append(j, &e) == 0, "too large");
    e.frame.len -= 100;
    CHECK(jr_append(j, &e) == 1 && jr_wait(j, 1, 60000), "just not too large");
    e = (struct entry){.record_count = 1};
    CHECK(jr_append(j, &e) == 0, "records that are not there");
    CHECK(!jr_wait(j, 2, 0), "what is not there does not come");

    struct buffer hold = {0};
    CHECK(jr_get(j, 1, &e, &hold, &err) && e.frame.len == sizeof bytes - 100, "large");
    buf_fini(&hold);
    jr_close(j);
    jr_close(NULL);
    CHECK(!jr_open("/proc/nowhere", NULL, &err) && err.code == ERR_IO, "no directory");
    stage_close(&s);
}

/* ---- threads ---- */

enum { THREADS = 2, EACH = 10000 };

struct crowd {
    struct journal *j;
    _Atomic uint64_t woken;
    atomic_bool done;
};

static void wake(void *arg)
{
    atomic_fetch_add(&((struct crowd *)arg)->woken, 1);
}

/* The thread's number is in `connection`, the entry's in the device's place. */
static void *append_each(void *arg)
{
    struct crowd *c = arg;
    static _Atomic unsigned next_thread;
    unsigned thread = atomic_fetch_add(&next_thread, 1) % THREADS;
    uintptr_t failed = 0;
    for (unsigned n = 0; n < EACH; n++) {
        struct sample s;
        sample(&s, n)->connection = thread;
        s.e.leans[1] = n;
        failed += jr_append(c->j, &s.e) == 0;
    }
    return (void *)failed;
}

static bool see_any(void *arg, const struct entry *e)
{
    unsigned *wrong = arg;
    *wrong += e->device.len && entry_subject(e->device, NULL) != subject_of(4);
    return e->leans[1] % 16;
}

static void *find_often(void *arg)
{
    struct crowd *c = arg;
    unsigned wrong = 0;
    struct err err;
    struct entry e;
    struct buffer hold = {0};
    struct jr_stats stats;
    while (!atomic_load(&c->done)) {
        wrong +=
            !jr_find(c->j, subject_of(4), INT64_MIN, INT64_MAX, 0, see_any, &wrong, &err);
        jr_stats(c->j, &stats);
        uint64_t seq = stats.first_seq + (jr_durable(c->j) - stats.first_seq) / 2;
        if (jr_get(c->j, seq, &e, &hold, &err))
            wrong += e.seq > seq || e.seq + entry_seqs(&e) <= seq;
        else
            wrong += err.code != ERR_MISSING;
    }
    buf_fini(&hold);
    return (void *)(uintptr_t)wrong;
}

/* Reads each thread's entries in order, and lets go what it has read. */
static void *follow(void *arg)
{
    struct crowd *c = arg;
    struct jr_cursor *cursor = jr_cursor_open(c->j, 1);
    uint64_t next[THREADS] = {0};
    uint64_t seq = 1;
    uintptr_t wrong = 0;
    struct entry e;
    struct err err;
    while (next[0] + next[1] < THREADS * EACH && !wrong) {
        if (!jr_next(cursor, &e, &err)) {
            wrong += err.code != ERR_NONE;
            wrong += !jr_wait(c->j, seq, 60000);
            continue;
        }
        wrong += e.seq != seq || e.seq >= jr_durable(c->j) || e.connection >= THREADS ||
                 e.leans[1] != next[e.connection]++;
        seq += entry_seqs(&e);
        jr_release(c->j, seq);
    }
    jr_cursor_close(cursor);
    return (void *)wrong;
}

static void test_threads(void)
{
    struct stage s;
    struct err err;
    stage_open(&s);
    struct jr_limits limits = {.segment_bytes = 128 << 10, .keep_bytes = 512 << 10};
    struct crowd c = {.j = jr_open(s.dir, &limits, &err)};
    CHECK(c.j != NULL, err.text);
    jr_listen(c.j, wake, &c);
    void *(*const run[])(void *) = {append_each, append_each, follow, find_often};
    pthread_t threads[COUNT(run)];
    for (size_t i = 0; i < COUNT(run); i++)
        CHECK(!pthread_create(&threads[i], NULL, run[i], &c), unit_row(i));
    for (size_t i = 0; i < COUNT(run); i++) {
        void *wrong;
        atomic_store(&c.done, i == 3);
        pthread_join(threads[i], &wrong);
        CHECK(!wrong, unit_row(i));
    }
    struct jr_stats stats;
    jr_stats(c.j, &stats);
    CHECK(stats.first_seq > 1 && stats.next_seq == jr_durable(c.j), "old ones went");
    CHECK(atomic_load(&c.woken) == stats.syncs, "told of each sync");

    jr_unlisten(c.j, wake, &c);
    struct sample one;
    uint64_t seq = jr_append(c.j, sample(&one, 0));
    CHECK(jr_wait(c.j, seq, 60000), "one more");
    jr_close(c.j);
    CHECK(atomic_load(&c.woken) == stats.syncs, "told no more");
    stage_close(&s);
}

void test_journal(void)
{
    test_order();
    test_following();
    test_segments();
    test_retention();
    test_refused();
    test_threads();
}
