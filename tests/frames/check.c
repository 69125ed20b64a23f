/*
 * check.c - one frame in every way it can arrive.
 */
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"

bool identify_step(void *arg, struct span id, const char **settings, size_t *len)
{
    const struct run *run = arg;
    (void)id;
    *settings = (const char *)run->conversation->settings.ptr;
    *len = run->conversation->settings.len;
    return !run->conversation->unregistered;
}

struct channel *begin(struct run *run, const struct ch_env *env, enum transport t)
{
    run->transport = t;
    run->last_ms = INT64_C(1717200000000) - 1000;
    return ch_new(t, env, run->protocol, true);
}

void arrive(struct run *run, struct step *step, int64_t own_ms)
{
    step->now_ms = step->set_now_ms != TIME_NONE ? step->set_now_ms
                   : own_ms != TIME_NONE         ? own_ms
                                                 : run->last_ms + 1000;
}

static void hear(void *arg, const struct frame *f)
{
    struct heard *h = arg;
    bool noise = f->verdict == MALFORMED &&
                 (!f->protocol || !strcmp(f->fault, "noise") ||
                  !strcmp(f->fault, "truncated") || !strcmp(f->fault, "too_long"));
    h->noise = h->noise || noise;
    if (h->frames < HEARD_MAX) {
        h->len[h->frames] = f->raw.len;
        said_frame(&h->said[h->frames], f);
    }
    h->frames++;
}

static void heard_init(struct heard *h)
{
    *h = (struct heard){0};
    for (unsigned i = 0; i < HEARD_MAX; i++)
        said_init(&h->said[i]);
}

void heard_fini(struct heard *h)
{
    for (unsigned i = 0; i < HEARD_MAX; i++)
        said_fini(&h->said[i]);
}

/* Feeds a copy of exactly these bytes, so that the sanitizer sees what is read beyond. */
static void feed(const struct run *run, struct channel *c, const struct step *step,
                 size_t from, size_t to, bool whole, struct heard *h)
{
    uint8_t *copy = mem_copy(step->bytes.ptr + from, to - from);
    uint8_t *exact = to > from ? mem_grow(copy, to - from) : copy;
    struct span bytes = {exact, to - from};
    ch_feed(c, run->scratch, bytes, whole, step->now_ms, hear, h);
    free(exact);
}

/* Over TCP, silence follows where the bytes alone do not end the frame. */
static void feed_all(const struct run *run, struct channel *c, const struct step *step,
                     size_t from, struct heard *h)
{
    bool datagram = run->transport == TRANSPORT_UDP;
    feed(run, c, step, from, step->bytes.len, datagram, h);
    if (!datagram && ch_pending(c))
        feed(run, c, step, 0, 0, true, h);
}

static bool same(struct heard *a, struct heard *b)
{
    if (a->frames != b->frames || a->len[0] != b->len[0])
        return false;
    bool good = true;
    for (unsigned i = 0; i < HEARD_MAX; i++)
        good = good && said_same(&a->said[i], &b->said[i]);
    return good;
}

/* Whether a frame of its own lies in the bytes: a broken one may be noise, of which a
 * stream says nothing. */
static bool is_framed(const struct heard *got, const struct step *step)
{
    return got->frames == 1 && !got->noise && got->len[0] == step->bytes.len;
}

/* ---- detection ---- */

static void check_winner(struct run *run, const struct step *step)
{
    struct candidate found[CH_CANDIDATES_MAX];
    bool more;
    char text[160];
    struct span head = {step->bytes.ptr, step->bytes.len};
    unsigned n =
        detect_all(span_cut(head, 0, CH_HEAD_MAX), true, found, CH_CANDIDATES_MAX, &more);
    bool won = n && found[0].protocol == run->protocol;
    bool alone = n < 2 || found[1].score < found[0].score;
    snprintf(text, sizeof text, "detected as %s (%d), then %s (%d)",
             n ? found[0].protocol->name : "nothing", n ? found[0].score : 0,
             n > 1 ? found[1].protocol->name : "nothing", n > 1 ? found[1].score : 0);
    check(won && alone, run, step, text);
}

/* A fresh channel that is not told the protocol finds it, also byte by byte. */
static void check_detection(struct run *run, const struct step *step)
{
    struct ch_env env = {run, identify_step};
    char text[96];
    if (!step->tied)
        check_winner(run, step);
    for (unsigned by_byte = 0; by_byte < 2; by_byte++) {
        if (by_byte && run->transport == TRANSPORT_UDP)
            break;
        struct heard h;
        heard_init(&h);
        struct channel *c = ch_new(run->transport, &env, NULL, false);
        for (size_t i = 0; by_byte && i + 1 < step->bytes.len; i++)
            feed(run, c, step, i, i + 1, false, &h);
        feed_all(run, c, step, by_byte ? step->bytes.len - 1 : 0, &h);
        const struct protocol *p = ch_protocol(c);
        snprintf(text, sizeof text, "a channel takes it%s for %s",
                 by_byte ? ", byte by byte," : "", p ? p->name : "nothing");
        check(p == run->protocol, run, step, text);
        ch_free(c);
        heard_fini(&h);
    }
}

/* ---- bounds ---- */

/* In two pieces: the first yields nothing, both yield the same as the whole. */
static void check_splits(struct run *run, const struct channel *c,
                         const struct step *step, struct heard *whole)
{
    char text[96];
    size_t early = 0;
    size_t other = 0;
    for (size_t at = step->bytes.len - 1; at > 0; at--) {
        struct heard h;
        heard_init(&h);
        struct channel *copy = ch_copy(c);
        feed(run, copy, step, 0, at, false, &h);
        if (h.frames)
            early = at;
        feed_all(run, copy, step, at, &h);
        if (!same(&h, whole))
            other = at;
        ch_free(copy);
        heard_fini(&h);
    }
    if (step->lines)
        return;
    snprintf(text, sizeof text, "its first %zu bytes are taken for a frame", early);
    check(!early, run, step, text);
    snprintf(text, sizeof text, "split after %zu bytes it says something else", other);
    check(!other, run, step, text);
}

/* Twice in one piece: both are there. */
static void check_doubled(struct run *run, const struct channel *c,
                          const struct step *step, struct heard *whole)
{
    struct step twice = *step;
    struct heard h;
    heard_init(&h);
    twice.bytes = (struct buffer){0};
    buf_add(&twice.bytes, step->bytes.ptr, step->bytes.len);
    buf_add(&twice.bytes, step->bytes.ptr, step->bytes.len);
    struct channel *copy = ch_copy(c);
    feed(run, copy, &twice, 0, twice.bytes.len, false, &h);
    check(h.frames == 2 && h.len[0] == h.len[1] && said_same(&h.said[0], &whole->said[0]),
          run, step, "twice in a row they are not two frames");
    ch_free(copy);
    buf_fini(&twice.bytes);
    heard_fini(&h);
}

/* A datagram that was cut short may say anything, but reads nothing beyond. */
static void feed_cut(struct run *run, const struct channel *c, const struct step *step)
{
    for (size_t len = 1; len < step->bytes.len; len++) {
        struct heard h;
        heard_init(&h);
        struct channel *copy = ch_copy(c);
        feed(run, copy, step, 0, len, true, &h);
        ch_free(copy);
        heard_fini(&h);
    }
}

/* ---- trace ---- */

struct watch {
    struct trace trace;
    unsigned fields;
    bool odd; /* a field without a name, or larger than the frame */
    size_t len;
};

static void watch_field(struct trace *t, const char *name, size_t pos, struct span raw,
                        const char *value)
{
    struct watch *w = (struct watch *)t;
    w->fields++;
    w->odd = w->odd || !name || !*name || !value || pos + raw.len > w->len;
}

static void check_trace(struct run *run, const struct channel *c, const struct step *step,
                        struct heard *whole)
{
    struct watch w = {.trace = {.field = watch_field}, .len = step->bytes.len};
    struct heard h;
    heard_init(&h);
    struct channel *copy = ch_copy(c);
    ch_set_trace(run->scratch, &w.trace);
    feed_all(run, copy, step, 0, &h);
    ch_set_trace(run->scratch, NULL);
    check(same(&h, whole), run, step, "traced it says something else");
    check(!w.odd && (w.fields || h.noise || !h.frames), run, step,
          "its trace makes no sense");
    ch_free(copy);
    heard_fini(&h);
}

/* Broken bytes can be noise, which stays in a stream until more follows: then there is
 * nothing to compare, and the conversation goes on without it. */
static bool is_lost(const struct run *run, const struct heard *got, bool framed)
{
    return run->transport == TRANSPORT_TCP && !framed && (got->noise || !got->frames);
}

bool check_frame(struct run *run, struct channel *c, const struct step *step,
                 struct heard *got)
{
    bool streamed = run->transport == TRANSPORT_TCP;
    const struct said *want = &step->want;
    bool broken = want->count && !strncmp(want->all[0].text, "malformed", 9);
    heard_init(got);
    struct channel *before = ch_copy(c);
    feed(run, c, step, 0, step->bytes.len, !streamed, got);
    bool silent = streamed && ch_pending(c);
    if (silent)
        feed(run, c, step, 0, 0, true, got);
    bool framed = is_framed(got, step);
    if (!step->undetected && !broken)
        check_detection(run, step);
    if (streamed && framed)
        check_splits(run, before, step, got);
    if (streamed && framed && !silent && !step->lines)
        check_doubled(run, before, step, got);
    if (!streamed)
        feed_cut(run, before, step);
    check_trace(run, before, step, got);
    ch_free(before);
    return !(broken && is_lost(run, got, framed));
}

void show_step(struct run *run, struct channel *c, struct step *step)
{
    struct heard h;
    heard_init(&h);
    if (step->kind == STEP_FRAME) {
        struct channel *copy = ch_copy(c);
        arrive(run, step, TIME_NONE);
        feed_all(run, copy, step, 0, &h);
        arrive(run, step, h.said[0].first_ms);
        heard_fini(&h);
        ch_free(copy);
        heard_init(&h);
        feed_all(run, c, step, 0, &h);
        if (h.frames != 1)
            fprintf(stderr, "%s:%d: %u frames, of which the first is shown\n",
                    run->script->path, step->line, h.frames);
    } else {
        struct buffer out = {0};
        bool encoded = ch_encode(c, run->scratch, &step->command, &out);
        said_command(&h.said[0], encoded, (struct span){out.ptr, out.len});
        buf_fini(&out);
    }
    said_settle(&h.said[0], &h.said[0]);
    said_print(&h.said[0]);
    heard_fini(&h);
}
