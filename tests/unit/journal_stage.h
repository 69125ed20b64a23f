/*
 * journal_stage.h - what the tests of the journal share: a directory, entries that are
 * known by their number, and a look at the files.
 */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.h"
#include "unit.h"

enum {
    STAGE_DEVICES = 7, /* the last of them never said its id */
    STAGE_BASE_MS = 1000000,
    STAGE_STEP_MS = 1000,
};

/* ---- directories ---- */

struct stage {
    char dir[32];
    struct err err;
};

static inline void stage_open(struct stage *s)
{
    strcpy(s->dir, "/tmp/unit-journal-XXXXXX");
    CHECK(mkdtemp(s->dir) != NULL, "a directory");
}

static inline int stage_remove(const char *path, const struct stat *st, int type,
                               struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static inline void stage_empty(struct stage *s)
{
    nftw(s->dir, stage_remove, 8, FTW_DEPTH);
    CHECK(!mkdir(s->dir, 0700), s->dir);
}

static inline void stage_close(struct stage *s)
{
    CHECK(!nftw(s->dir, stage_remove, 8, FTW_DEPTH), s->dir);
}

static inline struct journal *stage_journal(struct stage *s, uint64_t segment_bytes)
{
    struct jr_limits limits = {.segment_bytes = segment_bytes};
    s->err.text[0] = '\0';
    struct journal *j = jr_open(s->dir, &limits, &s->err);
    CHECK(j != NULL, s->err.text);
    if (!j)
        exit(1);
    return j;
}

/* ---- entries ---- */

struct sample {
    struct entry e;
    char device[24];
    char frame[40];
    uint8_t records[80];
};

/* Entry number n: 0, 1 or 2 records, a second after the one before. */
static inline struct entry *sample(struct sample *s, unsigned n)
{
    unsigned device = n % STAGE_DEVICES;
    int frame_len = snprintf(s->frame, sizeof s->frame, "frame %030u", n);
    int device_len = snprintf(s->device, sizeof s->device, "%015u", device);
    memset(s->records, (int)(n & 0xff), sizeof s->records);
    s->e = (struct entry){
        .connection = n,
        .leans = {n / 2},
        .arrival_ms = STAGE_BASE_MS + (int64_t)n * STAGE_STEP_MS,
        .peer = {.address = {[10] = 0xff, [11] = 0xff, 10, 0, 0, (uint8_t)device},
                 .port = (uint16_t)n},
        .protocol = {(const uint8_t *)"gt06", 4},
        .frame = {(const uint8_t *)s->frame, (size_t)frame_len},
        .records = {s->records, 40u * (n % 3)},
        .record_count = n % 3,
    };
    if (device + 1 < STAGE_DEVICES)
        s->e.device = (struct span){(const uint8_t *)s->device, (size_t)device_len};
    return &s->e;
}

/* The seq of entry n where 0, 1, 2 ... were appended to a new journal. */
static inline uint64_t sample_seq(unsigned n)
{
    return 1 + n / 3 * 4 + n % 3;
}

static inline bool same_packed(const struct entry *a, const struct entry *b)
{
    struct buffer x = {0};
    struct buffer y = {0};
    entry_pack(a, &x);
    entry_pack(b, &y);
    bool same = x.len == y.len && !memcmp(x.ptr, y.ptr, x.len);
    buf_fini(&x);
    buf_fini(&y);
    return same;
}

static inline bool is_sample(const struct entry *e, unsigned n)
{
    struct sample want;
    return e->seq == sample_seq(n) && same_packed(e, sample(&want, n));
}

/* Appends entries from..end-1; true when all got their seq. */
static inline bool append_samples(struct journal *j, unsigned from, unsigned end)
{
    bool ok = true;
    for (unsigned n = from; n < end; n++) {
        struct sample s;
        ok &= jr_append(j, sample(&s, n)) == sample_seq(n);
    }
    return ok;
}

static inline bool await_samples(struct journal *j, unsigned end)
{
    return jr_wait(j, sample_seq(end) - 1, 60000);
}

/* How many of the samples from..end-1 come in order, and then nothing. */
static inline unsigned read_samples(struct journal *j, unsigned from, unsigned end)
{
    struct jr_cursor *c = jr_cursor_open(j, sample_seq(from));
    struct entry e;
    struct err err;
    unsigned n = from;
    while (n < end && jr_next(c, &e, &err) && is_sample(&e, n))
        n++;
    bool more = jr_next(c, &e, &err);
    CHECK(!more && err.code == ERR_NONE, "nothing behind the last");
    jr_cursor_close(c);
    return n - from;
}

/* ---- files ---- */

static inline char *stage_path(const struct stage *s, uint64_t first_seq,
                               const char *suffix, char out[80])
{
    snprintf(out, 80, "%s/%016llu%s", s->dir, (unsigned long long)first_seq, suffix);
    return out;
}

static inline long file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) ? -1 : (long)st.st_size;
}

static inline struct buffer file_read(const char *path)
{
    struct buffer b = {0};
    long size = file_size(path);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && size >= 0, path);
    if (fd < 0)
        return b;
    b.len = (size_t)read(fd, buf_room(&b, (size_t)size), (size_t)size);
    close(fd);
    return b;
}

static inline void file_write(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len, path);
    close(fd);
}

static inline void file_flip(const char *path, long pos)
{
    uint8_t byte = 0;
    int fd = open(path, O_RDWR);
    CHECK(fd >= 0 && pread(fd, &byte, 1, pos) == 1, path);
    byte ^= 0x40;
    CHECK(pwrite(fd, &byte, 1, pos) == 1, path);
    close(fd);
}

/* ---- what is said on standard error meanwhile ---- */

struct hush {
    FILE *kept;
};

/* Only the stream goes elsewhere: what a sanitizer has to say is still seen. */
static inline void hush(struct hush *h)
{
    h->kept = stderr;
    stderr = tmpfile();
}

/* Lines that were said. */
static inline unsigned unhush(struct hush *h)
{
    unsigned lines = 0;
    FILE *said = stderr;
    stderr = h->kept;
    rewind(said);
    for (int c = getc(said); c != EOF; c = getc(said))
        lines += c == '\n';
    fclose(said);
    return lines;
}
