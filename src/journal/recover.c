/*
 * recover.c - what stands in the directory when the journal opens.
 *
 * A segment with an index file is sealed and needs no reading.  So is one that another
 * follows; its index is made again.  The last one without an index is read to its first
 * bad entry and synced.  If that is its end it is written on; else it is cut and sealed.
 *
 * Seqs go on beyond all that the bytes cut off could have held: no seq is given twice,
 * whatever became of them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/inner.h"

enum { SEQ_DIGITS = 16, SCAN_STEP = 1 << 20 };

struct found {
    uint64_t *seqs;
    size_t count, size;
};

/* The seq in a name of ours with this suffix, or 0. */
static uint64_t seq_in(const char *name, const char *suffix)
{
    if (strspn(name, "0123456789") != SEQ_DIGITS ||
        strcmp(name + SEQ_DIGITS, suffix) != 0)
        return 0;
    uint64_t seq = strtoull(name, NULL, 10);
    return seq < SEG_SEQ_END ? seq : 0;
}

static int by_seq(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void keep(struct found *f, uint64_t seq)
{
    if (f->count == f->size) {
        f->size = f->size ? 2 * f->size : 64;
        f->seqs = mem_grow(f->seqs, f->size * sizeof *f->seqs);
    }
    f->seqs[f->count++] = seq;
}

static DIR *list_dir(struct journal *j, struct err *err)
{
    int fd = openat(j->dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (!list) {
        err_set(err, ERR_IO, "journal %.100s: %s", j->dir.path, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return list;
}

/* The segments in order.  Drafts of indexes go. */
static bool list_segments(struct journal *j, struct found *f, struct err *err)
{
    DIR *list = list_dir(j, err);
    if (!list)
        return false;
    for (struct dirent *file = readdir(list); file; file = readdir(list)) {
        uint64_t seq = seq_in(file->d_name, ".seg");
        if (seq)
            keep(f, seq);
        if (seq_in(file->d_name, ".tmp"))
            unlinkat(j->dir.fd, file->d_name, 0);
    }
    closedir(list);
    if (f->count)
        qsort(f->seqs, f->count, sizeof *f->seqs, by_seq);
    return true;
}

/* Indexes whose segment is gone go too. */
static bool drop_orphans(struct journal *j, const struct found *f, struct err *err)
{
    DIR *list = list_dir(j, err);
    if (!list)
        return false;
    for (struct dirent *file = readdir(list); file; file = readdir(list)) {
        uint64_t seq = seq_in(file->d_name, ".idx");
        if (seq &&
            (!f->count || !bsearch(&seq, f->seqs, f->count, sizeof *f->seqs, by_seq)))
            unlinkat(j->dir.fd, file->d_name, 0);
    }
    closedir(list);
    return true;
}

static bool newer(struct journal *j, uint64_t first_seq, struct err *err)
{
    char name[SEG_NAME];
    return err_set(err, ERR_INPUT, "journal %.100s/%s: made by a newer version",
                   j->dir.path, seg_name(first_seq, ".seg", name));
}

/* How long the file is, and whether it is ours to read. */
static bool look_at(struct journal *j, int fd, uint64_t first_seq, uint64_t *size,
                    bool *head_good, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return seg_fail(&j->dir, first_seq, ".seg", "read", err);
    *size = (uint64_t)st.st_size;
    enum seg_head head = seg_check_head(fd, first_seq);
    *head_good = head == SEG_HEAD_GOOD;
    return head != SEG_HEAD_NEWER || newer(j, first_seq, err);
}

/* ---- sealed ---- */

static bool reindex(struct journal *j, uint64_t first_seq, uint64_t limit_seq,
                    struct err *err)
{
    int fd = seg_open(&j->dir, first_seq, O_RDONLY, err);
    if (fd < 0)
        return false;
    uint64_t size;
    bool head_good;
    bool ours = look_at(j, fd, first_seq, &size, &head_good, err);
    close(fd);
    if (!ours)
        return false;
    struct ix x;
    struct err why;
    enum seg_read got = jr_reindex(j, first_seq, size, limit_seq, &x, &why);
    if (got == SEG_FAILED)
        err_set(err, why.code, "%s", why.text);
    else
        jr_seg_push(j, &x.seg);
    if (got == SEG_BAD)
        jr_damaged(j, first_seq, why.text);
    ix_fini(&x);
    return got != SEG_FAILED;
}

static bool add_sealed(struct journal *j, uint64_t first_seq, uint64_t limit_seq,
                       struct err *err)
{
    struct seg seg;
    if (!ix_read_seg(&j->dir, first_seq, &seg) || seg.next_seq > limit_seq)
        return reindex(j, first_seq, limit_seq, err);
    jr_seg_push(j, &seg);
    return true;
}

/* ---- the last one ---- */

/* Behind what was cut off a new segment begins, so that its name says which seqs are
 * taken.  Where there is no room for one the writer tries again. */
static bool begin_behind(struct journal *j)
{
    close(j->fd);
    j->fd = -1;
    ix_fini(&j->index);
    jr_begin(j, j->next_seq, NULL);
    return true;
}

static void tell_cut(const struct journal *j, uint64_t size)
{
    const struct seg *seg = &j->index.seg;
    char name[SEG_NAME];
    if (size > seg->end)
        fprintf(stderr,
                "journal %.100s/%s: cut %" PRIu64 " bytes behind byte %" PRIu64 "\n",
                j->dir.path, seg_name(seg->first_seq, ".seg", name), size - seg->end,
                seg->end);
}

/* Nothing can be read from it. */
static bool drop(struct journal *j, uint64_t size, struct err *err)
{
    uint64_t first_seq = j->index.seg.first_seq;
    char name[SEG_NAME];
    if (unlinkat(j->dir.fd, seg_name(first_seq, ".seg", name), 0))
        return seg_fail(&j->dir, first_seq, ".seg", "remove", err);
    tell_cut(j, size);
    return begin_behind(j);
}

/* What lies behind the last good entry goes; the rest is made durable and sealed. */
static bool cut(struct journal *j, uint64_t size, struct err *err)
{
    struct seg *seg = &j->index.seg;
    if (ftruncate(j->fd, (off_t)seg->end))
        return seg_fail(&j->dir, seg->first_seq, ".seg", "cut", err);
    if (fdatasync(j->fd))
        return seg_fail(&j->dir, seg->first_seq, ".seg", "sync", err);
    tell_cut(j, size);
    ix_write(&j->index, &j->dir, NULL);
    seg->sealed = true;
    jr_seg_push(j, seg);
    return begin_behind(j);
}

static bool go_on(struct journal *j, uint64_t size, bool head_good, struct err *err)
{
    const struct seg *seg = &j->index.seg;
    bool empty = seg->end == SEG_HEAD;
    if (empty && (!head_good || size > seg->end))
        return drop(j, size, err);
    if (!head_good && !seg_write_head(j->fd, seg->first_seq, jr_now_ms()))
        return seg_fail(&j->dir, seg->first_seq, ".seg", "write", err);
    if (size > seg->end)
        return cut(j, size, err);
    if (fdatasync(j->fd))
        return seg_fail(&j->dir, seg->first_seq, ".seg", "sync", err);
    seg_reserve(j->fd, j->limits.segment_bytes);
    jr_seg_push(j, seg);
    return true;
}

static bool add_last(struct journal *j, uint64_t first_seq, struct err *err)
{
    struct seg seg;
    if (ix_read_seg(&j->dir, first_seq, &seg)) {
        j->next_seq = seg.next_seq;
        jr_seg_push(j, &seg);
        return true;
    }
    uint64_t size;
    bool head_good;
    j->fd = seg_open(&j->dir, first_seq, O_RDWR, err);
    if (j->fd < 0 || !look_at(j, j->fd, first_seq, &size, &head_good, err))
        return false;
    struct seg_view v = {
        .dir = &j->dir, .first_seq = first_seq, .fd = j->fd, .step = SCAN_STEP};
    v.limit = size < UINT32_MAX ? size : UINT32_MAX;
    ix_init(&j->index, first_seq);
    enum seg_read got = seg_scan(&v, SEG_SEQ_END, &j->index, err);
    buf_fini(&v.buf);
    if (got == SEG_FAILED)
        return false;
    uint64_t end = j->index.seg.end;
    j->next_seq = j->index.seg.next_seq + (size > end ? size - end : 0);
    return go_on(j, size, head_good, err);
}

static bool add_all(struct journal *j, const struct found *f, struct err *err)
{
    for (size_t i = 0; i + 1 < f->count; i++)
        if (!add_sealed(j, f->seqs[i], f->seqs[i + 1], err))
            return false;
    return !f->count || add_last(j, f->seqs[f->count - 1], err);
}

bool jr_recover(struct journal *j, struct err *err)
{
    struct found f = {0};
    j->next_seq = 1;
    bool ok =
        list_segments(j, &f, err) && drop_orphans(j, &f, err) && add_all(j, &f, err);
    free(f.seqs);
    atomic_store(&j->durable_seq, j->next_seq);
    return ok;
}
