/*
 * find.c - entries by seq, and by subject and time.
 *
 * The index tells where a subject's entries stand and what time a stretch of the
 * segment spans; whether an entry is the subject's, and of its time, the entry says.
 */
#include <fcntl.h>
#include <unistd.h>

#include "journal/inner.h"

enum {
    STEP = 4 << 10, /* entries of one subject lie apart */
    BACK = 3 << 10, /* and are read backwards */
    GET_STEP = IX_STRETCH,
};

/* ---- by seq ---- */

/* The entry among those from pos up to end that holds the seq. */
static bool get_from(struct seg_view *v, uint64_t pos, uint64_t seq, struct entry *e,
                     struct err *err)
{
    for (;;) {
        uint64_t next;
        enum seg_read got = seg_entry(v, pos, e, &next, err);
        if (got == SEG_BAD || got == SEG_FAILED)
            return false;
        if (got == SEG_END || e->seq > seq)
            return err_set(err, ERR_MISSING, "journal: no such entry");
        if (seq < e->seq + entry_seqs(e))
            return true;
        pos = next;
    }
}

bool jr_get(struct journal *j, uint64_t seq, struct entry *e, struct buffer *hold,
            struct err *err)
{
    struct seg seg;
    struct ix_answer a;
    if (seq >= jr_durable(j) || !jr_seg_from(j, seq, &seg))
        return err_set(err, ERR_MISSING, "journal: no such entry");
    if (!jr_ask(j, &seg, NULL, &a, err))
        return false;
    uint64_t pos = ix_place(&a, seq);
    ix_answer_fini(&a);

    struct seg_view v = {.dir = &j->dir,
                         .first_seq = seg.first_seq,
                         .limit = seg.end,
                         .step = GET_STEP,
                         .buf = *hold};
    v.buf.len = 0;
    v.fd = seg_open(&j->dir, seg.first_seq, O_RDONLY, err);
    bool ok = v.fd >= 0 && get_from(&v, pos, seq, e, err);
    if (v.fd >= 0)
        close(v.fd);
    *hold = v.buf;
    return ok;
}

/* ---- by subject and time ---- */

struct query {
    uint64_t subject;
    int64_t from_ms, to_ms;
    uint64_t before;
    bool (*visit)(void *arg, const struct entry *e);
    void *arg;
    bool told; /* to stop */
};

/* The stretch that a place is in, searching down from where the last one was. */
static const struct ix_stretch *stretch_of(const struct ix_answer *a, uint32_t place,
                                           size_t *from)
{
    while (*from && a->stretches[*from - 1].pos > place)
        --*from;
    return *from ? &a->stretches[*from - 1] : NULL;
}

/* Can there be a match in this stretch?  One that the index lacks is looked into. */
static bool may_hold(const struct query *q, const struct ix_stretch *s)
{
    return !s || (s->max_ms >= q->from_ms && s->min_ms <= q->to_ms && s->seq < q->before);
}

static bool matches(const struct query *q, const struct entry *e)
{
    return e->arrival_ms >= q->from_ms && e->arrival_ms <= q->to_ms &&
           e->seq < q->before && entry_subject(e->device, &e->peer) == q->subject;
}

static void visit_places(struct journal *j, struct query *q, struct seg_view *v,
                         const struct ix_answer *a)
{
    size_t stretch = a->stretch_count;
    for (size_t i = 0; i < a->place_count && !q->told; i++) {
        if (!may_hold(q, stretch_of(a, a->places[i], &stretch)))
            continue;
        struct entry e;
        struct err why;
        uint64_t next;
        enum seg_read got = seg_entry(v, a->places[i], &e, &next, &why);
        if (got == SEG_BAD || got == SEG_FAILED)
            jr_damaged(j, v->first_seq, why.text);
        if (got == SEG_ENTRY && matches(q, &e))
            q->told = !q->visit(q->arg, &e);
    }
}

/* A segment that went meanwhile has nothing to tell. */
static bool is_gone(struct journal *j, const struct seg *seg, const struct err *why)
{
    struct seg now;
    return why->code == ERR_MISSING && !jr_seg(j, seg->first_seq, &now);
}

static bool find_in(struct journal *j, struct query *q, struct seg *seg, struct err *err)
{
    struct ix_answer a;
    if (!jr_ask(j, seg, &q->subject, &a, err))
        return false;
    struct seg_view v = {.dir = &j->dir,
                         .first_seq = seg->first_seq,
                         .limit = seg->end,
                         .step = STEP,
                         .back = BACK};
    bool ok = true;
    if (a.place_count) {
        v.fd = seg_open(&j->dir, seg->first_seq, O_RDONLY, err);
        ok = v.fd >= 0;
    }
    if (a.place_count && ok) {
        visit_places(j, q, &v, &a);
        close(v.fd);
    }
    buf_fini(&v.buf);
    ix_answer_fini(&a);
    return ok;
}

bool jr_find(struct journal *j, uint64_t subject, int64_t from_ms, int64_t to_ms,
             uint64_t before, bool (*visit)(void *arg, const struct entry *e), void *arg,
             struct err *err)
{
    struct query q = {subject, from_ms, to_ms, before ? before : UINT64_MAX,
                      visit,   arg,     false};
    struct seg seg;
    uint64_t below = q.before;
    while (!q.told && jr_seg_below(j, below, &seg)) {
        below = seg.first_seq;
        if (seg.max_ms < from_ms || seg.min_ms > to_ms)
            continue;
        struct err why;
        if (!find_in(j, &q, &seg, &why) && !is_gone(j, &seg, &why))
            return err_set(err, why.code, "%s", why.text);
    }
    return true;
}
