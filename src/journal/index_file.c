/*
 * index_file.c - the index of a sealed segment, in a file beside it.
 *
 *     0   "MPJX"
 *     4   u32    version: 1
 *     8   u64    first seq of the segment
 *    16   u64    its next seq
 *    24   u64    its good bytes
 *    32   s64    earliest arrival, ms
 *    40   s64    latest arrival
 *    48   u64    size of this file
 *    56   u32    number of stretches
 *    60   u32    number of blocks
 *    64   u32    CRC-32C of the stretches
 *    68   u32    CRC-32C of the table of blocks
 *    72   u32    0
 *    76   u32    CRC-32C of bytes 0 to 75
 *    80   stretches, each u64 seq, u32 pos, s64 earliest, s64 latest arrival
 *         table of blocks, each u64 first key, u32 place in this file, u32 CRC-32C
 *         blocks: subjects in the order of their keys, none of them parted, each
 *           varint   key, less the one before it in the block
 *           varint   number of entries
 *           varint   pos of each, newest first: the first itself, then how much less
 *
 * Finding a subject reads the head, the table and one block.  All that is read is
 * summed; and what a place holds is asked of the entry that stands there.
 */
#include "journal/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/checksum.h"
#include "journal/pack.h"

static const char magic[4] = "MPJX";
enum {
    VERSION = 1,
    HEAD = 80,
    HEAD_SUMMED = 76,
    STRETCH = 28,
    ROW = 16,
    BLOCK = 4 << 10, /* a block that has grown so far is closed */
};

/* ---- writing ---- */

/* By key, in as many rounds of 10 bits as it has: the time does not depend on what the
 * keys are. */
static struct ix_subject *sorted(const struct ix *x)
{
    uint32_t n = x->subject_count;
    struct ix_subject *from = mem_copy(x->subjects, n * sizeof *from);
    struct ix_subject *to = mem_zero(n * sizeof *to);
    for (unsigned shift = 0; shift < IX_KEY_BITS; shift += 10) {
        uint32_t start[1025] = {0};
        for (uint32_t i = 0; i < n; i++)
            start[(from[i].key >> shift & 1023) + 1]++;
        for (unsigned i = 1; i < 1024; i++)
            start[i] += start[i - 1];
        for (uint32_t i = 0; i < n; i++)
            to[start[from[i].key >> shift & 1023]++] = from[i];
        struct ix_subject *done = to;
        to = from;
        from = done;
    }
    free(to);
    return from;
}

static void put_subject(struct buffer *out, const struct ix *x,
                        const struct ix_subject *s, uint64_t key_before)
{
    uint8_t *start = buf_room(out, (2 + (size_t)s->count) * VARINT_MAX);
    uint8_t *p = put_varint(start, s->key - key_before);
    p = put_varint(p, s->count);
    uint32_t posting = s->last;
    uint32_t newer = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t pos = x->postings[posting].pos;
        p = put_varint(p, i ? newer - pos : pos);
        newer = pos;
        posting = x->postings[posting].before;
    }
    out->len += (size_t)(p - start);
}

/* Places of blocks are those within `blocks` for now. */
static void put_blocks(const struct ix *x, struct buffer *table, struct buffer *blocks)
{
    struct ix_subject *subjects = sorted(x);
    uint32_t i = 0;
    while (i < x->subject_count) {
        size_t start = blocks->len;
        uint64_t first = subjects[i].key;
        uint64_t before = first;
        for (; i < x->subject_count && blocks->len - start < BLOCK; i++) {
            put_subject(blocks, x, &subjects[i], before);
            before = subjects[i].key;
        }
        uint8_t *row = buf_room(table, ROW);
        put_le(put_le(row, first, 8), start, 4);
        put_le(row + 12, crc32c((struct span){blocks->ptr + start, blocks->len - start}),
               4);
        table->len += ROW;
    }
    free(subjects);
}

static void put_stretches(const struct ix *x, struct buffer *out)
{
    for (uint32_t i = 0; i < x->stretch_count; i++) {
        const struct ix_stretch *s = &x->stretches[i];
        uint8_t *p = buf_room(out, STRETCH);
        p = put_le(put_le(p, s->seq, 8), s->pos, 4);
        put_le(put_le(p, (uint64_t)s->min_ms, 8), (uint64_t)s->max_ms, 8);
        out->len += STRETCH;
    }
}

static void put_head(const struct ix *x, uint64_t size, struct span stretches,
                     struct span table, uint8_t out[HEAD])
{
    memcpy(out, magic, sizeof magic);
    uint8_t *p = put_le(out + 4, VERSION, 4);
    p = put_le(p, x->seg.first_seq, 8);
    p = put_le(p, x->seg.next_seq, 8);
    p = put_le(p, x->seg.end, 8);
    p = put_le(p, (uint64_t)x->seg.min_ms, 8);
    p = put_le(p, (uint64_t)x->seg.max_ms, 8);
    p = put_le(p, size, 8);
    p = put_le(p, x->stretch_count, 4);
    p = put_le(p, table.len / ROW, 4);
    p = put_le(p, crc32c(stretches), 4);
    p = put_le(p, crc32c(table), 4);
    p = put_le(p, 0, 4);
    put_le(p, crc32c((struct span){out, HEAD_SUMMED}), 4);
}

static struct buffer file_of(const struct ix *x)
{
    struct buffer file = {0};
    struct buffer table = {0};
    struct buffer blocks = {0};
    buf_room(&file, HEAD);
    file.len = HEAD;
    put_stretches(x, &file);
    put_blocks(x, &table, &blocks);
    size_t table_pos = file.len;
    size_t blocks_pos = table_pos + table.len;
    for (size_t row = 0; row < table.len; row += ROW)
        put_le(table.ptr + row + 8, le32(table.ptr + row + 8) + blocks_pos, 4);
    buf_add(&file, table.ptr, table.len);
    buf_add(&file, blocks.ptr, blocks.len);
    put_head(x, file.len, (struct span){file.ptr + HEAD, table_pos - HEAD},
             (struct span){file.ptr + table_pos, table.len}, file.ptr);
    buf_fini(&table);
    buf_fini(&blocks);
    return file;
}

bool ix_write(const struct ix *x, const struct seg_dir *d, struct err *err)
{
    char name[SEG_NAME];
    char draft[SEG_NAME];
    seg_name(x->seg.first_seq, ".idx", name);
    seg_name(x->seg.first_seq, ".tmp", draft);
    int fd = openat(d->fd, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return seg_fail(d, x->seg.first_seq, ".idx", "create", err);
    struct buffer file = file_of(x);
    bool ok =
        seg_write(fd, file.ptr, file.len, 0) && !renameat(d->fd, draft, d->fd, name);
    if (!ok) {
        seg_fail(d, x->seg.first_seq, ".idx", "write", err);
        unlinkat(d->fd, draft, 0);
    }
    /* Not waited for: after a crash of the machine it may have to be made again. */
    if (ok)
        (void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    buf_fini(&file);
    close(fd);
    return ok;
}

/* ---- reading ---- */

struct file {
    int fd;
    uint64_t size;
    struct seg seg;
    uint32_t stretches, blocks;
    uint32_t stretches_crc, table_crc;
};

static bool open_file(const struct seg_dir *d, uint64_t first_seq, struct file *f)
{
    char name[SEG_NAME];
    uint8_t head[HEAD];
    f->fd = openat(d->fd, seg_name(first_seq, ".idx", name), O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        return false;
    struct stat st;
    if (pread(f->fd, head, HEAD, 0) != HEAD || fstat(f->fd, &st) ||
        memcmp(head, magic, sizeof magic) || le32(head + 4) != VERSION ||
        le32(head + HEAD_SUMMED) != crc32c((struct span){head, HEAD_SUMMED}) ||
        le64(head + 8) != first_seq || le64(head + 48) != (uint64_t)st.st_size)
        return false;
    f->size = le64(head + 48);
    f->seg = (struct seg){.first_seq = first_seq,
                          .next_seq = le64(head + 16),
                          .end = le64(head + 24),
                          .min_ms = (int64_t)le64(head + 32),
                          .max_ms = (int64_t)le64(head + 40),
                          .sealed = true};
    f->stretches = le32(head + 56);
    f->blocks = le32(head + 60);
    f->stretches_crc = le32(head + 64);
    f->table_crc = le32(head + 68);
    return f->seg.next_seq >= first_seq && f->seg.next_seq <= SEG_SEQ_END &&
           f->seg.end <= UINT32_MAX &&
           HEAD + (uint64_t)STRETCH * f->stretches + (uint64_t)ROW * f->blocks <= f->size;
}

static void close_file(struct file *f)
{
    if (f->fd >= 0)
        close(f->fd);
}

bool ix_read_seg(const struct seg_dir *d, uint64_t first_seq, struct seg *seg)
{
    struct file f;
    bool ok = open_file(d, first_seq, &f);
    if (ok)
        *seg = f.seg;
    close_file(&f);
    return ok;
}

/* The caller frees; NULL where the file does not hold them, or not whole. */
static uint8_t *summed_bytes(const struct file *f, uint64_t pos, uint64_t len,
                             uint32_t crc)
{
    if (pos > f->size || len > f->size - pos)
        return NULL;
    uint8_t *bytes = mem_grow(NULL, (size_t)len);
    ssize_t n = pread(f->fd, bytes, (size_t)len, (off_t)pos);
    if (n >= 0 && (uint64_t)n == len && crc32c((struct span){bytes, (size_t)len}) == crc)
        return bytes;
    free(bytes);
    return NULL;
}

static bool read_stretches(const struct file *f, struct ix_answer *a)
{
    uint8_t *bytes =
        summed_bytes(f, HEAD, (uint64_t)STRETCH * f->stretches, f->stretches_crc);
    if (!bytes)
        return false;
    a->stretches = mem_zero(f->stretches * sizeof *a->stretches);
    a->stretch_count = f->stretches;
    for (uint32_t i = 0; i < f->stretches; i++) {
        const uint8_t *row = bytes + (size_t)STRETCH * i;
        a->stretches[i] = (struct ix_stretch){
            .seq = le64(row),
            .pos = le32(row + 8),
            .min_ms = (int64_t)le64(row + 12),
            .max_ms = (int64_t)le64(row + 20),
        };
    }
    free(bytes);
    return true;
}

/* Steps over a subject's places, and keeps them in `a` unless it is NULL. */
static bool take_places(struct span *rest, uint64_t count, struct ix_answer *a)
{
    if (count > rest->len)
        return false;
    if (a)
        a->places = mem_zero((size_t)count * sizeof *a->places);
    uint64_t pos = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t step;
        if (!take_varint(rest, &step) || step > (i ? pos : UINT32_MAX) || (i && !step))
            return false;
        pos = i ? pos - step : step;
        if (a)
            a->places[a->place_count++] = (uint32_t)pos;
    }
    return true;
}

/* False only where the block is none. */
static bool search_block(struct span block, uint64_t first, uint64_t key,
                         struct ix_answer *a)
{
    uint64_t at = first;
    while (block.len) {
        uint64_t step;
        uint64_t count;
        if (!take_varint(&block, &step) || !take_varint(&block, &count))
            return false;
        at += step;
        if (at > key)
            return true;
        if (!take_places(&block, count, at == key ? a : NULL))
            return false;
        if (at == key)
            return true;
    }
    return true;
}

/* The last block that does not begin beyond the key; -1 when they all do. */
static int64_t block_of(const uint8_t *table, uint32_t blocks, uint64_t key)
{
    uint32_t low = 0;
    uint32_t high = blocks;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (le64(table + (size_t)ROW * mid) <= key)
            low = mid + 1;
        else
            high = mid;
    }
    return (int64_t)low - 1;
}

static bool read_places(const struct file *f, uint64_t key, struct ix_answer *a)
{
    uint8_t *table = summed_bytes(f, HEAD + (uint64_t)STRETCH * f->stretches,
                                  (uint64_t)ROW * f->blocks, f->table_crc);
    if (!table)
        return false;
    bool ok = true;
    int64_t block = block_of(table, f->blocks, key);
    if (block >= 0) {
        const uint8_t *row = table + (size_t)ROW * (size_t)block;
        uint64_t pos = le32(row + 8);
        uint64_t end = block + 1 < f->blocks ? le32(row + ROW + 8) : f->size;
        uint8_t *bytes =
            end > pos ? summed_bytes(f, pos, end - pos, le32(row + 12)) : NULL;
        ok = bytes &&
             search_block((struct span){bytes, (size_t)(end - pos)}, le64(row), key, a);
        free(bytes);
    }
    free(table);
    return ok;
}

bool ix_read(const struct seg_dir *d, uint64_t first_seq, const uint64_t *subject,
             struct ix_answer *a)
{
    struct file f;
    *a = (struct ix_answer){0};
    bool ok = open_file(d, first_seq, &f) &&
              (!subject || read_places(&f, *subject >> (64 - IX_KEY_BITS), a));
    if (ok && (!subject || a->place_count))
        ok = read_stretches(&f, a);
    close_file(&f);
    if (!ok)
        ix_answer_fini(a);
    return ok;
}
