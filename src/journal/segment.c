/*
 * segment.c - writes and reads segments.
 */
#include "journal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/checksum.h"
#include "journal/index.h"
#include "journal/pack.h"

static const char magic[4] = "MPJS";
enum { VERSION = 1, HEAD_SUMMED = 28 };

char *seg_name(uint64_t first_seq, const char *suffix, char out[SEG_NAME])
{
    snprintf(out, SEG_NAME, "%016" PRIu64 "%.8s", first_seq, suffix);
    return out;
}

bool seg_fail(const struct seg_dir *d, uint64_t first_seq, const char *suffix,
              const char *doing, struct err *err)
{
    enum err_code code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL
                         : errno == ENOENT                  ? ERR_MISSING
                                                            : ERR_IO;
    const char *why = strerror(errno);
    char name[SEG_NAME];
    return err_set(err, code, "journal %.100s/%s: %s: %s", d->path,
                   seg_name(first_seq, suffix, name), doing, why);
}

bool seg_sync_dir(const struct seg_dir *d, struct err *err)
{
    if (!fsync(d->fd))
        return true;
    return err_set(err, ERR_IO, "journal %.100s: sync: %s", d->path, strerror(errno));
}

int seg_open(const struct seg_dir *d, uint64_t first_seq, int flags, struct err *err)
{
    char name[SEG_NAME];
    int fd = openat(d->fd, seg_name(first_seq, ".seg", name), flags | O_CLOEXEC);
    if (fd < 0)
        seg_fail(d, first_seq, ".seg", "open", err);
    return fd;
}

bool seg_write(int fd, const void *bytes, size_t len, uint64_t pos)
{
    const uint8_t *p = bytes;
    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)pos);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        p += n;
        pos += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

bool seg_write_head(int fd, uint64_t first_seq, int64_t now_ms)
{
    uint8_t head[SEG_HEAD] = {0};
    memcpy(head, magic, sizeof magic);
    put_le(head + 4, VERSION, 4);
    put_le(head + 8, first_seq, 8);
    put_le(head + 16, (uint64_t)now_ms, 8);
    put_le(head + HEAD_SUMMED, crc32c((struct span){head, HEAD_SUMMED}), 4);
    return seg_write(fd, head, sizeof head, 0);
}

void seg_reserve(int fd, uint64_t reserve_bytes)
{
    /* A file system that cannot do it writes a little slower. */
    (void)!fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)reserve_bytes);
}

int seg_create(const struct seg_dir *d, uint64_t first_seq, uint64_t reserve_bytes,
               int64_t now_ms, struct err *err)
{
    char name[SEG_NAME];
    seg_name(first_seq, ".seg", name);
    int fd = openat(d->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        seg_fail(d, first_seq, ".seg", "create", err);
        return -1;
    }
    if (!seg_write_head(fd, first_seq, now_ms)) {
        seg_fail(d, first_seq, ".seg", "write", err);
        close(fd);
        unlinkat(d->fd, name, 0);
        return -1;
    }
    seg_reserve(fd, reserve_bytes);
    return fd;
}

enum seg_head seg_check_head(int fd, uint64_t first_seq)
{
    uint8_t head[SEG_HEAD];
    if (pread(fd, head, sizeof head, 0) != sizeof head ||
        memcmp(head, magic, sizeof magic) ||
        le32(head + HEAD_SUMMED) != crc32c((struct span){head, HEAD_SUMMED}))
        return SEG_HEAD_BAD;
    if (le32(head + 4) > VERSION)
        return SEG_HEAD_NEWER;
    return le64(head + 8) == first_seq ? SEG_HEAD_GOOD : SEG_HEAD_BAD;
}

void seg_entry_head(uint8_t *at, uint32_t body_len, uint64_t seq)
{
    put_le(put_le(at + 4, body_len, 4), seq, 8);
}

static uint32_t sum_of(const uint8_t *at)
{
    return crc32c((struct span){at + 4, SEG_ENTRY_HEAD - 4 + le32(at + 4)});
}

void seg_entry_sum(uint8_t *at)
{
    put_le(at, sum_of(at), 4);
}

/* ---- reading ---- */

static bool fill(struct seg_view *v, uint64_t pos, size_t len, struct err *err)
{
    uint64_t base = pos > v->back ? pos - v->back : 0;
    uint64_t want = pos - base + len > v->step ? pos - base + len : v->step;
    size_t size = want < v->limit - base ? (size_t)want : (size_t)(v->limit - base);
    v->buf.len = 0;
    v->base = base;
    uint8_t *to = buf_room(&v->buf, size);
    while (v->buf.len < size) {
        ssize_t n =
            pread(v->fd, to + v->buf.len, size - v->buf.len, (off_t)(base + v->buf.len));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return seg_fail(v->dir, v->first_seq, ".seg", "read", err);
        if (n == 0)
            break;
        v->buf.len += (size_t)n;
    }
    if (pos - base + len <= v->buf.len)
        return true;
    errno = ENODATA;
    return seg_fail(v->dir, v->first_seq, ".seg", "read", err);
}

/* The caller has seen to it that pos + len is within the limit. */
static const uint8_t *bytes_at(struct seg_view *v, uint64_t pos, size_t len,
                               struct err *err)
{
    bool there = pos >= v->base && pos - v->base + len <= v->buf.len;
    if (!there && !fill(v, pos, len, err))
        return NULL;
    return v->buf.ptr + (pos - v->base);
}

enum seg_read seg_bad(const struct seg_view *v, uint64_t pos, struct err *err)
{
    char name[SEG_NAME];
    err_set(err, ERR_IO, "journal %.100s/%s: damaged at byte %" PRIu64, v->dir->path,
            seg_name(v->first_seq, ".seg", name), pos);
    return SEG_BAD;
}

enum seg_read seg_entry(struct seg_view *v, uint64_t pos, struct entry *e, uint64_t *next,
                        struct err *err)
{
    if (pos == v->limit)
        return SEG_END;
    if (pos > v->limit || v->limit - pos <= SEG_ENTRY_HEAD)
        return seg_bad(v, pos, err);
    const uint8_t *at = bytes_at(v, pos, SEG_ENTRY_HEAD, err);
    if (!at)
        return SEG_FAILED;
    uint32_t len = le32(at + 4);
    if (!len || len > ENTRY_BYTES_MAX || len > v->limit - pos - SEG_ENTRY_HEAD)
        return seg_bad(v, pos, err);
    at = bytes_at(v, pos, SEG_ENTRY_HEAD + len, err);
    if (!at)
        return SEG_FAILED;
    uint64_t seq = le64(at + 8);
    if (le32(at) != sum_of(at) || !seq || seq >= SEG_SEQ_END ||
        !entry_unpack((struct span){at + SEG_ENTRY_HEAD, len}, e))
        return seg_bad(v, pos, err);
    e->seq = seq;
    *next = pos + SEG_ENTRY_HEAD + len;
    return SEG_ENTRY;
}

enum seg_read seg_scan(struct seg_view *v, uint64_t limit_seq, struct ix *index,
                       struct err *err)
{
    uint64_t pos = SEG_HEAD;
    for (;;) {
        struct entry e;
        uint64_t next;
        enum seg_read got = seg_entry(v, pos, &e, &next, err);
        if (got != SEG_ENTRY)
            return got;
        if (e.seq < index->seg.next_seq || e.seq >= limit_seq)
            return seg_bad(v, pos, err);
        ix_add(index, &e, pos, next);
        pos = next;
    }
}

bool seg_is_zero(struct seg_view *v, uint64_t pos)
{
    while (pos < v->limit) {
        uint64_t left = v->limit - pos;
        size_t n = left < v->step ? (size_t)left : v->step;
        const uint8_t *at = bytes_at(v, pos, n, NULL);
        if (!at)
            return false;
        for (size_t i = 0; i < n; i++)
            if (at[i])
                return false;
        pos += n;
    }
    return true;
}
