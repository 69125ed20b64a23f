/*
 * cursor.c - reads durable entries in order.
 *
 * A cursor keeps its segment open, so one that is removed meanwhile is still read to
 * its end.  What cannot be read in a sealed segment is stepped over: to the next
 * stretch that the index knows, else to the next segment.  People are told.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal/inner.h"

enum { STEP = 1 << 20 };

struct jr_cursor {
    struct journal *j;
    uint64_t seq;   /* entries that end below it have been read */
    struct seg seg; /* as it was when last asked for */
    uint64_t pos;   /* of the next entry in it */
    struct seg_view view;
};

struct jr_cursor *jr_cursor_open(struct journal *j, uint64_t seq)
{
    struct jr_cursor *c = mem_zero(sizeof *c);
    c->j = j;
    c->seq = seq;
    c->view = (struct seg_view){.dir = &j->dir, .fd = -1, .step = STEP};
    return c;
}

/* On to what follows this segment. */
static void leave(struct jr_cursor *c)
{
    if (c->view.fd >= 0)
        close(c->view.fd);
    c->view.fd = -1;
    c->view.buf.len = 0;
    if (c->seq < c->seg.next_seq)
        c->seq = c->seg.next_seq;
}

void jr_cursor_close(struct jr_cursor *c)
{
    if (!c)
        return;
    leave(c);
    buf_fini(&c->view.buf);
    free(c);
}

/* The segment that the next seq is in.  False when there is none yet, or on err. */
static bool enter(struct jr_cursor *c, struct err *err)
{
    if (jr_durable(c->j) <= c->seq || !jr_seg_from(c->j, c->seq, &c->seg))
        return false;
    c->view.fd = seg_open(&c->j->dir, c->seg.first_seq, O_RDONLY, err);
    if (c->view.fd < 0)
        return false;
    c->view.first_seq = c->seg.first_seq;
    c->pos = SEG_HEAD;
    struct ix_answer a;
    if (c->seq > c->seg.first_seq && jr_ask(c->j, &c->seg, NULL, &a, NULL)) {
        c->pos = ix_place(&a, c->seq);
        ix_answer_fini(&a);
    }
    return true;
}

/* At the end of what was durable: false when that is still so. */
static bool go_on(struct jr_cursor *c)
{
    bool sealed = c->seg.sealed;
    struct seg now;
    if (!sealed && jr_seg(c->j, c->seg.first_seq, &now)) {
        c->seg = now;
        sealed = now.sealed && now.end == c->pos;
        if (!sealed)
            return now.end > c->pos;
    }
    leave(c);
    return true;
}

static void step_over(struct jr_cursor *c, const char *why)
{
    struct ix_answer a;
    jr_damaged(c->j, c->seg.first_seq, why);
    uint64_t next = 0;
    if (jr_ask(c->j, &c->seg, NULL, &a, NULL)) {
        for (size_t i = 0; i < a.stretch_count && !next; i++)
            next = a.stretches[i].pos > c->pos ? a.stretches[i].pos : 0;
        ix_answer_fini(&a);
    }
    if (next)
        c->pos = next;
    else
        leave(c);
}

/* One that was removed since it was listed is passed by; so is one that was taken away
 * from us. */
static bool is_gone(struct jr_cursor *c, const struct err *err)
{
    struct seg seg;
    if (err->code != ERR_MISSING)
        return false;
    if (jr_seg(c->j, c->seg.first_seq, &seg) && !seg.sealed)
        return false;
    jr_damaged(c->j, c->seg.first_seq, err->text);
    leave(c);
    return true;
}

/* True when reading can go on behind what could not be read. */
static bool pass_by(struct jr_cursor *c, const struct err *err)
{
    struct seg now;
    if (!c->seg.sealed && jr_seg(c->j, c->seg.first_seq, &now))
        c->seg = now;
    if (!c->seg.sealed)
        return false;
    step_over(c, err->text);
    return true;
}

bool jr_next(struct jr_cursor *c, struct entry *e, struct err *err)
{
    struct err why = {0};
    for (;;) {
        uint64_t next;
        if (c->view.fd < 0 && !enter(c, &why)) {
            if (!is_gone(c, &why))
                break;
            why = (struct err){0};
            continue;
        }
        c->view.limit = c->seg.end;
        enum seg_read got = seg_entry(&c->view, c->pos, e, &next, &why);
        if (got == SEG_ENTRY && e->seq + entry_seqs(e) > c->seg.next_seq)
            got = seg_bad(&c->view, c->pos, &why);
        if (got == SEG_END && !go_on(c))
            break;
        if (got == SEG_BAD || got == SEG_FAILED) {
            if (!pass_by(c, &why))
                break;
            why = (struct err){0};
        }
        if (got != SEG_ENTRY)
            continue;
        c->pos = next;
        if (e->seq + entry_seqs(e) <= c->seq)
            continue;
        c->seq = e->seq + entry_seqs(e);
        return true;
    }
    if (err)
        *err = why;
    return false;
}
