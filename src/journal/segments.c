/*
 * segments.c - the list of segments, and what their indexes say.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "journal/inner.h"

enum { LIST_MIN = 16, SCAN_STEP = 1 << 20 };

/* How many of them begin below this seq. */
static size_t begin_below(const struct journal *j, uint64_t seq)
{
    size_t low = 0;
    size_t high = j->seg_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (j->segs[mid].first_seq < seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* NULL when it is gone. */
static struct seg *listed(struct journal *j, uint64_t first_seq)
{
    size_t i = begin_below(j, first_seq);
    return i < j->seg_count && j->segs[i].first_seq == first_seq ? &j->segs[i] : NULL;
}

bool jr_seg(struct journal *j, uint64_t first_seq, struct seg *seg)
{
    pthread_mutex_lock(&j->meta);
    struct seg *found = listed(j, first_seq);
    if (found)
        *seg = *found;
    pthread_mutex_unlock(&j->meta);
    return found;
}

bool jr_seg_from(struct journal *j, uint64_t seq, struct seg *seg)
{
    pthread_mutex_lock(&j->meta);
    size_t i = begin_below(j, seq);
    i -= i > 0;
    while (i < j->seg_count && j->segs[i].next_seq <= seq)
        i++;
    bool found = i < j->seg_count;
    if (found)
        *seg = j->segs[i];
    pthread_mutex_unlock(&j->meta);
    return found;
}

bool jr_seg_below(struct journal *j, uint64_t seq, struct seg *seg)
{
    pthread_mutex_lock(&j->meta);
    size_t i = begin_below(j, seq);
    if (i)
        *seg = j->segs[i - 1];
    pthread_mutex_unlock(&j->meta);
    return i;
}

void jr_seg_push(struct journal *j, const struct seg *seg)
{
    if (j->seg_count == j->seg_size) {
        j->seg_size = j->seg_size ? 2 * j->seg_size : LIST_MIN;
        j->segs = mem_grow(j->segs, j->seg_size * sizeof *j->segs);
    }
    j->segs[j->seg_count++] = *seg;
}

void jr_damaged(struct journal *j, uint64_t first_seq, const char *text)
{
    pthread_mutex_lock(&j->meta);
    struct seg *seg = listed(j, first_seq);
    bool news = seg && !seg->damaged;
    if (seg)
        seg->damaged = true;
    pthread_mutex_unlock(&j->meta);
    if (news)
        fprintf(stderr, "%s\n", text);
}

enum seg_read jr_reindex(struct journal *j, uint64_t first_seq, uint64_t end,
                         uint64_t limit_seq, struct ix *x, struct err *err)
{
    ix_init(x, first_seq);
    struct seg_view v = {.dir = &j->dir, .first_seq = first_seq, .step = SCAN_STEP};
    v.fd = seg_open(&j->dir, first_seq, O_RDONLY, err);
    if (v.fd < 0)
        return SEG_FAILED;
    v.limit = end < UINT32_MAX ? end : UINT32_MAX;
    enum seg_read got = seg_scan(&v, limit_seq, x, err);
    /* What a failed sync left behind the end stands again in the next segment. */
    if (got == SEG_BAD && (x->seg.next_seq == limit_seq || seg_is_zero(&v, x->seg.end)))
        got = SEG_END;
    if (got == SEG_END)
        ix_write(x, &j->dir, NULL);
    close(v.fd);
    buf_fini(&v.buf);
    x->seg.sealed = true;
    return got == SEG_END ? SEG_END : SEG_BAD;
}

/* From the index that grows.  False when the segment is sealed or gone. */
static bool ask_memory(struct journal *j, struct seg *seg, bool *gone,
                       const uint64_t *subject, struct ix_answer *a)
{
    pthread_mutex_lock(&j->meta);
    struct seg *found = listed(j, seg->first_seq);
    *gone = !found;
    if (found)
        *seg = *found;
    bool grows = found && !found->sealed;
    if (grows)
        ix_ask(&j->index, subject, a);
    pthread_mutex_unlock(&j->meta);
    return grows;
}

static bool ask_again(struct journal *j, const struct seg *seg, const uint64_t *subject,
                      struct ix_answer *a, struct err *err)
{
    struct ix x;
    struct err why;
    enum seg_read got = jr_reindex(j, seg->first_seq, seg->end, seg->next_seq, &x, &why);
    if (got == SEG_BAD)
        jr_damaged(j, seg->first_seq, why.text);
    if (got == SEG_FAILED)
        err_set(err, why.code, "%s", why.text);
    else
        ix_ask(&x, subject, a);
    ix_fini(&x);
    return got != SEG_FAILED;
}

bool jr_ask(struct journal *j, struct seg *seg, const uint64_t *subject,
            struct ix_answer *a, struct err *err)
{
    bool gone;
    if (ask_memory(j, seg, &gone, subject, a))
        return true;
    *a = (struct ix_answer){0};
    if (gone)
        return err_set(err, ERR_MISSING, "journal %.100s: no longer kept", j->dir.path);
    if (ix_read(&j->dir, seg->first_seq, subject, a))
        return true;
    pthread_mutex_lock(&j->indexing);
    bool ok = ix_read(&j->dir, seg->first_seq, subject, a) ||
              ask_again(j, seg, subject, a, err);
    pthread_mutex_unlock(&j->indexing);
    return ok;
}
