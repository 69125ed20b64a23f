/*
 * journal_repair.c - what opening makes of files that a crash, a bad disk or another
 * version left behind.
 */
#include "core/checksum.h"
#include "journal/journal.h"

#include "journal_stage.h"

enum { LAST = 50 };

/* A journal of one segment with the samples 0..LAST-1, and its bytes. */
static struct buffer stage_last(struct stage *s, char path[80])
{
    stage_open(s);
    struct journal *j = stage_journal(s, 0);
    CHECK(append_samples(j, 0, LAST) && await_samples(j, LAST), "append");
    jr_close(j);
    return file_read(stage_path(s, 1, ".seg", path));
}

/* The length of the file of the first n samples. */
static size_t end_of(unsigned n)
{
    size_t end = 32;
    for (unsigned i = 0; i < n; i++) {
        struct sample s;
        struct buffer b = {0};
        entry_pack(sample(&s, i), &b);
        end += 16 + b.len;
        buf_fini(&b);
    }
    return end;
}

/* The samples 0..count-1 are read, and behind them number 1000 if `more` says so. */
static void check_reads(struct journal *j, unsigned count, bool more, const char *row)
{
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct sample want;
    struct entry e;
    struct err err;
    for (unsigned n = 0; n < count; n++)
        CHECK(jr_next(c, &e, &err) && is_sample(&e, n), row);
    if (more)
        CHECK(jr_next(c, &e, &err) && same_packed(&e, sample(&want, 1000)), row);
    CHECK(!jr_next(c, &e, &err) && err.code == ERR_NONE, row);
    jr_cursor_close(c);
}

/* So many samples are there, and one more can be appended under a new seq. */
static void check_goes_on(struct stage *s, unsigned count, const char *row)
{
    struct sample more;
    struct journal *j = stage_journal(s, 0);
    check_reads(j, count, false, row);
    uint64_t seq = jr_append(j, sample(&more, 1000));
    CHECK(seq >= sample_seq(count) && jr_wait(j, seq, 60000), row);
    jr_close(j);
    j = stage_journal(s, 0);
    check_reads(j, count, true, row);
    jr_close(j);
}

/* Cut short at any length, whole entries stay. */
static void test_torn(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    struct buffer whole = stage_last(&s, path);
    CHECK(whole.len == end_of(LAST), "no more than the entries");
    unsigned count = 0;
    for (size_t len = 0; len < end_of(6); len += len < 40 ? 3 : 17) {
        while (count < LAST && end_of(count + 1) <= len)
            count++;
        stage_empty(&s);
        file_write(path, whole.ptr, len);
        hush(&h);
        check_goes_on(&s, count, unit_row(len));
        unsigned said = unhush(&h);
        CHECK(said == (len > 32 && len != end_of(count)), unit_row(len));
    }
    buf_fini(&whole);
    stage_close(&s);
}

/* A bit flipped anywhere in an entry: those before it stay. */
static void test_bad_entry(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    struct buffer whole = stage_last(&s, path);
    for (size_t pos = end_of(20); pos < end_of(21); pos += 5) {
        stage_empty(&s);
        file_write(path, whole.ptr, whole.len);
        file_flip(path, (long)pos);
        hush(&h);
        check_goes_on(&s, 20, unit_row(pos));
        CHECK(unhush(&h) == 1, unit_row(pos));
    }
    buf_fini(&whole);
    stage_close(&s);
}

/* The seqs of what was cut off are not given again, not even after another restart. */
static void test_new_seqs(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    struct buffer whole = stage_last(&s, path);
    for (unsigned kept = 0; kept < LAST; kept += 20) {
        stage_empty(&s);
        file_write(path, whole.ptr, whole.len);
        file_flip(path, (long)end_of(kept));
        hush(&h);
        for (int round = 0; round < 3; round++) {
            struct journal *j = stage_journal(&s, 0);
            CHECK(jr_durable(j) >= sample_seq(LAST), unit_row(kept));
            check_reads(j, kept, false, unit_row(kept));
            jr_close(j);
        }
        CHECK(unhush(&h) == 1, unit_row(kept));
    }
    buf_fini(&whole);
    stage_close(&s);
}

/* What may stand behind the last entry. */
static const struct {
    const char *name;
    size_t len;
    uint8_t byte;
} tails[] = {
    {"a zero", 1, 0},
    {"zeros", 100000, 0},
    {"ones", 5000, 0xff},
    {"half a head", 9, 7},
};

static void test_tails(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    struct buffer whole = stage_last(&s, path);
    for (size_t i = 0; i < COUNT(tails); i++) {
        size_t len = whole.len;
        memset(buf_room(&whole, tails[i].len), tails[i].byte, tails[i].len);
        stage_empty(&s);
        file_write(path, whole.ptr, len + tails[i].len);
        hush(&h);
        check_goes_on(&s, LAST, tails[i].name);
        CHECK(unhush(&h) == 1, tails[i].name);
    }
    buf_fini(&whole);
    stage_close(&s);
}

/* A damaged head is written again as long as entries follow it. */
static void test_heads(void)
{
    struct stage s;
    struct err err = {0};
    char path[80];
    struct buffer whole = stage_last(&s, path);
    for (long pos = 0; pos < 32; pos += 4) {
        file_write(path, whole.ptr, whole.len);
        file_flip(path, pos);
        check_goes_on(&s, LAST, unit_row((unsigned long)pos));
    }

    whole.ptr[4] = 2;
    uint32_t crc = crc32c((struct span){whole.ptr, 28});
    for (unsigned i = 0; i < 4; i++)
        whole.ptr[28 + i] = (uint8_t)(crc >> 8 * i);
    file_write(path, whole.ptr, whole.len);
    CHECK(!jr_open(s.dir, NULL, &err) && err.code == ERR_INPUT, "a newer version");
    CHECK(strstr(err.text, "made by a newer version") != NULL, err.text);
    CHECK(file_size(path) == (long)whole.len, "and is left alone");
    buf_fini(&whole);
    stage_close(&s);
}

/* Files that are not ours are left alone; what is left of ours goes. */
static void test_strangers(void)
{
    static const struct {
        const char *name;
        bool stays;
    } files[] = {
        {"notes.txt", true},
        {"12.seg", true},
        {"0000000000000000.seg", true},
        {"9999999999999999.seg", true},
        {"0000000000000009.segment", true},
        {"0000000000000009.idx", false},
        {"0000000000000001.tmp", false},
    };
    struct stage s;
    char path[80];
    struct buffer whole = stage_last(&s, path);
    buf_fini(&whole);
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", s.dir, files[i].name);
        file_write(path, "x", 1);
    }
    check_goes_on(&s, LAST, "among strangers");
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", s.dir, files[i].name);
        CHECK((file_size(path) >= 0) == files[i].stays, files[i].name);
    }
    stage_close(&s);
}

/* ---- sealed segments ---- */

enum { MANY = 6000, SEGMENT = 256 << 10 };

static bool count_good(void *arg, const struct entry *e)
{
    *(unsigned *)arg += is_sample(e, (unsigned)e->connection);
    return true;
}

/* Samples that are read in order, and those found of all devices. */
static void count_all(struct journal *j, unsigned *read, unsigned *found)
{
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct entry e;
    struct err err;
    uint64_t last = 0;
    *read = *found = 0;
    while (jr_next(c, &e, &err)) {
        CHECK(e.seq > last, "in order");
        last = e.seq;
        count_good(read, &e);
    }
    CHECK(err.code == ERR_NONE, err.text);
    jr_cursor_close(c);
    for (unsigned n = 0; n < STAGE_DEVICES; n++) {
        struct sample s;
        sample(&s, n);
        CHECK(jr_find(j, entry_subject(s.e.device, &s.e.peer), INT64_MIN, INT64_MAX, 0,
                      count_good, found, &err),
              err.text);
    }
}

/* The second segment's first seq. */
static uint64_t second_seq(const struct stage *s)
{
    char path[80];
    unsigned n = 1;
    while (n < MANY && file_size(stage_path(s, sample_seq(n), ".seg", path)) < 0)
        n++;
    return sample_seq(n);
}

/* A sealed segment with a bad entry: what the index knows behind it is still read. */
static void test_bad_sealed(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    unsigned read;
    unsigned found;
    stage_open(&s);
    struct journal *j = stage_journal(&s, SEGMENT);
    CHECK(append_samples(j, 0, MANY) && await_samples(j, MANY), "append");
    uint64_t seq = second_seq(&s);
    file_flip(stage_path(&s, seq, ".seg", path), SEGMENT / 2);

    hush(&h);
    count_all(j, &read, &found);
    CHECK(read < MANY && read > MANY - 700, "a stretch of 64 KiB is lost to readers");
    CHECK(found == MANY - 1, "one entry is lost to finders");
    count_all(j, &read, &found);
    CHECK(unhush(&h) == 1, "said once");
    jr_close(j);

    /* Without its index nothing behind the bad entry is found again. */
    remove(stage_path(&s, seq, ".idx", path));
    hush(&h);
    j = stage_journal(&s, SEGMENT);
    count_all(j, &read, &found);
    CHECK(unhush(&h) == 1, "said once");
    CHECK(read == found && read > MANY / 2 && read < MANY - 200,
          "half a segment is lost");
    CHECK(jr_durable(j) == sample_seq(MANY), "and no seq");
    jr_close(j);
    stage_close(&s);
}

static void test_missing(void)
{
    struct stage s;
    struct hush h;
    char path[80];
    unsigned read;
    unsigned found = 0;
    struct err err;
    struct sample one;
    stage_open(&s);
    struct journal *j = stage_journal(&s, SEGMENT);
    CHECK(append_samples(j, 0, MANY) && await_samples(j, MANY), "append");
    remove(stage_path(&s, second_seq(&s), ".seg", path));
    hush(&h);
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct entry e;
    for (read = 0; jr_next(c, &e, &err); read++)
        ;
    jr_cursor_close(c);
    CHECK(unhush(&h) == 1 && read > MANY / 2 && read < MANY - 100, "passed by");
    sample(&one, 3);
    CHECK(!jr_find(j, entry_subject(one.e.device, NULL), INT64_MIN, INT64_MAX, 0,
                   count_good, &found, &err) &&
              err.code == ERR_MISSING && strstr(err.text, "No such file"),
          err.text);
    jr_close(j);
    stage_close(&s);
}

/* The crash came after a failed sync: the batch stands in both segments. */
static void test_twice(void)
{
    struct stage s;
    struct err err;
    char path[80];
    char next[80];
    struct hush h;
    stage_open(&s);
    struct jr_limits limits = {.segment_bytes = 4096};
    struct journal *j = jr_open(s.dir, &limits, &err);
    CHECK(append_samples(j, 0, 60) && await_samples(j, 60), "append");
    uint64_t seq = second_seq(&s);
    jr_close(j);
    struct buffer first = file_read(stage_path(&s, 1, ".seg", path));
    struct buffer second = file_read(stage_path(&s, seq, ".seg", next));
    buf_add(&first, second.ptr + 32, second.len / 2);
    file_write(path, first.ptr, first.len);
    remove(stage_path(&s, 1, ".idx", path));
    hush(&h);
    j = jr_open(s.dir, &limits, &err);
    CHECK(read_samples(j, 0, 60) == 60, "each once");
    CHECK(read_samples(j, 7, 60) == 53, "each once");
    CHECK(unhush(&h) == 0, "nothing is amiss");
    jr_close(j);
    buf_fini(&first);
    buf_fini(&second);
    stage_close(&s);
}

void test_journal_repair(void)
{
    test_torn();
    test_bad_entry();
    test_new_seqs();
    test_tails();
    test_heads();
    test_strangers();
    test_bad_sealed();
    test_missing();
    test_twice();
}
