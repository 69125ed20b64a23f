/*
 * journal.c - a journal's files with any damage: it opens or says why not, never gives
 * an entry that is none, finds what it reads, and goes on.
 *
 * The input is a byte of IS_... and HAS_... bits, and then either a file as a whole, or
 * edits of a good one: u16 place and u8 what to put there, exclusive-or.
 */
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/checksum.h"
#include "journal/journal.h"

enum {
    IS_WHOLE = 1,     /* the file itself, not edits of it */
    IS_INDEX = 2,     /* the index is damaged, not the segment */
    IS_SEALED = 4,    /* another segment follows */
    HAS_INDEX = 8,    /* beside a damaged segment its good index stands */
    HAS_SUMS = 16,    /* all sums are put right again */
    HAS_ENTRIES = 32, /* a whole segment still begins with a good head */
    SEGMENT_BYTES = 4096,
    HEAD = 32,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];
static struct buffer good_segment, good_index, next_segment;
static uint64_t next_seq; /* where that one begins */

/* ---- files ---- */

static void path_of(uint64_t seq, const char *suffix, char out[128])
{
    snprintf(out, 128, "%s/%016llu%s", dir, (unsigned long long)seq, suffix);
}

static bool read_file(uint64_t seq, const char *suffix, struct buffer *b)
{
    char path[128];
    path_of(seq, suffix, path);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    b->len = (size_t)read(fd, buf_room(b, 1 << 20), 1 << 20);
    close(fd);
    return true;
}

static void write_file(uint64_t seq, const char *suffix, const struct buffer *b)
{
    char path[128];
    path_of(seq, suffix, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0 && write(fd, b->ptr, b->len) == (ssize_t)b->len);
    close(fd);
}

static void empty_dir(void)
{
    DIR *list = opendir(dir);
    for (struct dirent *file = readdir(list); file; file = readdir(list))
        unlinkat(dirfd(list), file->d_name, 0);
    closedir(list);
}

static void remove_dir(void)
{
    empty_dir();
    rmdir(dir);
}

static struct journal *open_journal(void)
{
    struct jr_limits limits = {.segment_bytes = SEGMENT_BYTES};
    struct err err = {0};
    struct journal *j = jr_open(dir, &limits, &err);
    assert(j || (err.code && *err.text));
    return j;
}

/* ---- a good one ---- */

static uint64_t append(struct journal *j, unsigned n)
{
    char device[16];
    int len = snprintf(device, sizeof device, "%u", n % 5);
    struct entry e = {
        .connection = n,
        .arrival_ms = n,
        .device = {(const uint8_t *)device, n % 4 ? (size_t)len : 0},
        .frame = {(const uint8_t *)"frame", 5},
        .records = {(const uint8_t *)"records", n % 3},
        .record_count = n % 3,
    };
    return jr_append(j, &e);
}

static void make_good(void)
{
    strcpy(dir, access("/dev/shm", W_OK) ? "/tmp/fuzz-journal-XXXXXX"
                                         : "/dev/shm/fuzz-journal-XXXXXX");
    char *made = mkdtemp(dir);
    assert(made && !atexit(remove_dir));
    stderr = fopen("/dev/null", "w");
    struct journal *j = open_journal();
    for (unsigned n = 0; n < 200; n++)
        assert(append(j, n));
    jr_close(j);
    bool ok = read_file(1, ".seg", &good_segment) && read_file(1, ".idx", &good_index);
    for (next_seq = 2; ok && !read_file(next_seq, ".seg", &next_segment);)
        next_seq++;
    assert(ok);
}

/* ---- damage ---- */

static void put_sum(struct buffer *b, size_t at, size_t from, size_t end)
{
    if (end > b->len || from > end || at + 4 > b->len)
        return;
    uint32_t crc = crc32c((struct span){b->ptr + from, end - from});
    for (unsigned i = 0; i < 4; i++)
        b->ptr[at + i] = (uint8_t)(crc >> 8 * i);
}

static void sum_segment(struct buffer *b)
{
    put_sum(b, 28, 0, 28);
    size_t at = HEAD;
    while (at + 16 < b->len && le32(b->ptr + at + 4) <= b->len - at - 16) {
        size_t end = at + 16 + le32(b->ptr + at + 4);
        put_sum(b, at, at + 4, end);
        at = end;
    }
}

static void sum_index(struct buffer *b)
{
    if (b->len < 80)
        return;
    size_t table = 80 + (size_t)28 * le32(b->ptr + 56);
    size_t end = table + (size_t)16 * le32(b->ptr + 60);
    for (size_t row = table; row < end && row + 16 <= b->len; row += 16) {
        bool last = row + 16 == end || row + 32 > b->len;
        put_sum(b, row + 12, le32(b->ptr + row + 8),
                last ? b->len : le32(b->ptr + row + 24));
    }
    put_sum(b, 64, 80, table);
    put_sum(b, 68, table, end);
    for (unsigned i = 0; i < 8; i++)
        b->ptr[48 + i] = (uint8_t)((uint64_t)b->len >> 8 * i);
    put_sum(b, 76, 0, 76);
}

static void damage(unsigned flags, struct span how)
{
    const struct buffer *good = flags & IS_INDEX ? &good_index : &good_segment;
    struct buffer b = {0};
    if (flags & IS_WHOLE) {
        if (flags & HAS_ENTRIES)
            buf_add(&b, good->ptr, HEAD);
        buf_add(&b, how.ptr, how.len);
    } else {
        buf_add(&b, good->ptr, good->len);
        for (; how.len >= 3; how = span_cut(how, 3, how.len))
            b.ptr[le16(how.ptr) % b.len] ^= how.ptr[2];
        if (how.len == 2)
            b.len = le16(how.ptr) % b.len;
    }
    if (flags & HAS_SUMS && flags & IS_INDEX)
        sum_index(&b);
    else if (flags & HAS_SUMS)
        sum_segment(&b);
    write_file(1, flags & IS_INDEX ? ".idx" : ".seg", &b);
    buf_fini(&b);
    if (flags & IS_INDEX)
        write_file(1, ".seg", &good_segment);
    else if (flags & HAS_INDEX)
        write_file(1, ".idx", &good_index);
    if (flags & IS_SEALED)
        write_file(next_seq, ".seg", &next_segment);
}

/* ---- what must hold ---- */

struct search {
    struct entry want;
    int64_t from_ms, to_ms;
    unsigned count;
    bool found;
};

static bool see(void *arg, const struct entry *e)
{
    struct search *s = arg;
    assert(entry_valid(e) && e->arrival_ms >= s->from_ms && e->arrival_ms <= s->to_ms);
    assert(entry_subject(e->device, &e->peer) ==
           entry_subject(s->want.device, &s->want.peer));
    s->found |= e->seq == s->want.seq;
    return s->count++ < 100;
}

/* An index whose sums are right is believed, also where it leaves something out. */
static void check_found(struct journal *j, const struct entry *e, bool believed)
{
    struct search s = {.want = *e, .from_ms = e->arrival_ms, .to_ms = e->arrival_ms};
    struct buffer hold = {0};
    struct entry got;
    struct err err = {0};
    jr_find(j, entry_subject(e->device, &e->peer), s.from_ms, s.to_ms, e->seq + 1, see,
            &s, &err);
    bool ok = jr_get(j, e->seq, &got, &hold, &err);
    assert(believed || (s.found && ok && got.seq == e->seq));
    assert(!ok || (entry_valid(&got) && got.seq <= e->seq));
    buf_fini(&hold);
}

static unsigned check_all(struct journal *j, bool believed)
{
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct entry e;
    struct err err = {0};
    uint64_t next = 1;
    unsigned count = 0;
    for (; jr_next(c, &e, &err); count++) {
        assert(entry_valid(&e) && e.seq + entry_seqs(&e) > next);
        assert(e.seq < jr_durable(j) && (believed || e.seq >= next));
        next = e.seq + entry_seqs(&e);
        if (count < 8)
            check_found(j, &e, believed);
    }
    assert(err.code == ERR_NONE);
    jr_cursor_close(c);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!*dir)
        make_good();
    if (!size)
        return 0;
    empty_dir();
    damage(*data, (struct span){data + 1, size - 1});
    bool believed = *data & (IS_INDEX | HAS_INDEX);
    struct journal *j = open_journal();
    if (!j)
        return 0;
    unsigned count = check_all(j, believed);
    uint64_t seq = append(j, 1);
    if (!seq) /* the seqs have come to their end */
        count--;
    else
        assert(jr_wait(j, seq, 60000));
    assert(check_all(j, believed) == count + 1 || believed);
    jr_close(j);
    j = open_journal();
    assert(j);
    assert(check_all(j, believed) == count + 1 || believed);
    jr_close(j);
    return 0;
}
