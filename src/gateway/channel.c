/*
 * channel.c - cuts a conversation into frames and has them decoded.
 *
 * Bytes go through three questions: whose are they (detection), where does the frame
 * end, what does it say.  What no protocol claims is handed on as it is, so that it is
 * kept and can be looked at.
 */
#include "gateway/channel.h"

#include <stdlib.h>

#include "core/mem.h"
#include "gateway/session.h"

struct channel {
    struct session session;
    const struct protocol *protocol;
    const struct protocol *prefer;
    bool pinned;
    struct buffer rest; /* of an incomplete frame */
    size_t skipped;     /* bytes before it that belong to nobody: kept at its start */
    struct candidate candidates[CH_CANDIDATES_MAX];
    unsigned candidate_count;
};

/* One call of ch_feed(). */
struct feed {
    struct channel *c;
    struct ch_scratch *s;
    bool whole;
    void (*on)(void *arg, const struct frame *f);
    void *arg;
};

struct ch_scratch *ch_scratch_new(void)
{
    struct ch_scratch *s = mem_grow(NULL, sizeof *s);
    s->trace = NULL;
    out_clear(&s->out);
    return s;
}

void ch_scratch_free(struct ch_scratch *s)
{
    free(s);
}

void ch_set_trace(struct ch_scratch *s, struct trace *trace)
{
    s->trace = trace;
}

/* Gives the session a fresh state of this protocol. */
static void adopt(struct channel *c, const struct protocol *p)
{
    free(c->session.state);
    c->session.state = p && p->state_size ? mem_zero(p->state_size) : NULL;
    c->protocol = p;
}

struct channel *ch_new(enum transport transport, const struct ch_env *env,
                       const struct protocol *prefer, bool pinned)
{
    struct channel *c = mem_zero(sizeof *c);
    c->session.env = env;
    c->session.transport = transport;
    c->session.who.registered = true;
    c->prefer = prefer;
    c->pinned = pinned && prefer;
    if (c->pinned)
        adopt(c, prefer);
    return c;
}

void ch_free(struct channel *c)
{
    if (!c)
        return;
    free(c->session.state);
    buf_fini(&c->rest);
    free(c);
}

struct channel *ch_copy(const struct channel *c)
{
    struct channel *copy = mem_copy(c, sizeof *c);
    if (c->session.state)
        copy->session.state = mem_copy(c->session.state, c->protocol->state_size);
    copy->rest = (struct buffer){0};
    buf_add(&copy->rest, c->rest.ptr, c->rest.len);
    return copy;
}

size_t ch_pending(const struct channel *c)
{
    return c->rest.len;
}

const struct protocol *ch_protocol(const struct channel *c)
{
    return c->protocol;
}

const char *ch_device(const struct channel *c)
{
    return c->session.who.id;
}

const struct candidate *ch_candidates(const struct channel *c, unsigned *count)
{
    *count = c->candidate_count;
    return c->candidates;
}

void ch_forget_settings(struct channel *c)
{
    if (*c->session.who.id)
        ses_refresh(&c->session);
}

/* ---- what every record must hold ---- */

/* Rounds to 1e-7 degree, once. */
static double place(double deg)
{
    return round(deg * 1e7) / 1e7;
}

/* The name of what is impossible about a record, or NULL.  Sets right what has one
 * right answer only. */
static const char *settle(struct record *rec, int64_t now_ms)
{
    if (!rec_placed(rec)) {
        rec->latitude_deg = rec->longitude_deg = NAN;
        rec->valid = false;
        if (rec->device_ms == TIME_NONE)
            rec->device_ms = rec->fix_ms;
        rec->fix_ms = TIME_NONE;
    } else {
        if (!(fabs(rec->latitude_deg) <= 90))
            return "latitude";
        if (!(fabs(rec->longitude_deg) <= 180))
            return "longitude";
        rec->latitude_deg = place(rec->latitude_deg);
        rec->longitude_deg = place(rec->longitude_deg);
        if (rec->fix_ms == TIME_NONE)
            rec->fix_ms = rec->device_ms != TIME_NONE ? rec->device_ms : now_ms;
        if (rec->device_ms == TIME_NONE)
            rec->device_ms = rec->fix_ms;
    }
    if (!(rec->speed_kmh >= 0 && rec->speed_kmh < 1e5))
        rec->speed_kmh = NAN;
    if (!(rec->course_deg >= 0 && rec->course_deg <= 360))
        rec->course_deg = NAN;
    if (!(fabs(rec->altitude_m) < 1e6))
        rec->altitude_m = NAN;
    if (!(rec->accuracy_m >= 0 && rec->accuracy_m < 1e7))
        rec->accuracy_m = NAN;
    return NULL;
}

static const char *settle_all(struct out *o, const struct session *s)
{
    if (s->bad_id)
        return "device_id";
    if (o->overflow)
        return "too_much";
    for (unsigned i = 0; i < o->record_count; i++) {
        const char *fault = settle(&o->records[i], s->now_ms);
        if (fault)
            return fault;
        if (o->checksum_bad)
            rec_bool(&o->records[i], KEY_CHECKSUM_OK, false);
    }
    return NULL;
}

/* ---- a frame ---- */

static void deliver(struct feed *f, struct span raw, enum verdict verdict,
                    const char *fault, bool state_changed)
{
    struct channel *c = f->c;
    struct out *o = &f->s->out;
    bool foreign = false;
    for (unsigned i = 0; i < o->record_count; i++)
        foreign = foreign || o->record_devices[i];
    struct frame frame = {
        .protocol = c->protocol,
        .raw = raw,
        .verdict = verdict,
        .message = o->message,
        .fault = fault,
        .checksum_bad = o->checksum_bad,
        .identified = c->session.named,
        .state_changed = state_changed,
        .registered = c->session.who.registered,
        .device = c->session.who.id,
        .records = o->records,
        .record_devices = foreign ? o->record_devices : NULL,
        .record_count = o->record_count,
        .replies = o->replies,
        .reply_count = o->reply_count,
        .answers = o->answers,
        .answer_count = o->answer_count,
        .pieces = o->pieces,
        .piece_count = o->piece_count,
    };
    f->on(f->arg, &frame);
}

/* Bytes that belong to no frame. */
static void deliver_noise(struct feed *f, struct span raw, const char *fault)
{
    if (!raw.len)
        return;
    out_clear(&f->s->out);
    f->c->session.named = false;
    deliver(f, raw, MALFORMED, fault, false);
}

/* Undoes what a frame that was not decoded did to its session. */
static void undo(struct channel *c, struct ch_scratch *s, const struct identity *before)
{
    struct session *ses = &c->session;
    if (c->protocol->state_size)
        memcpy(ses->state, s->state_before, c->protocol->state_size);
    if (strcmp(ses->who.id, before->id)) {
        memcpy(ses->who.id, before->id, sizeof before->id);
        ses_refresh(ses);
    }
    ses->named = false;
}

static enum verdict decode(struct channel *c, struct ch_scratch *s, struct span raw,
                           const char **fault, bool *state_changed)
{
    const struct protocol *p = c->protocol;
    struct session *ses = &c->session;
    struct out *o = &s->out;
    struct identity before;
    memcpy(before.id, ses->who.id, sizeof before.id);
    if (p->state_size)
        memcpy(s->state_before, ses->state, p->state_size);
    ses->named = ses->bad_id = false;
    out_clear(o);

    struct reader r = rd_open(raw, p->separator, s->trace);
    enum verdict verdict = p->decode(ses, &r, o);
    if (s->trace && !r.fault && r.pos < r.len)
        s->trace->field(s->trace, "unread", r.pos, rd_rest(&r), "");
    *fault = verdict == MALFORMED ? (r.fault ? r.fault : "frame") : NULL;
    if (verdict == DECODED) {
        *fault = settle_all(o, ses);
        if (*fault)
            verdict = MALFORMED;
    }
    *state_changed = false;
    if (verdict == DECODED) {
        *state_changed =
            p->state_size && memcmp(s->state_before, ses->state, p->state_size);
        return verdict;
    }
    undo(c, s, &before);
    o->record_count = o->reply_count = o->answer_count = o->piece_count = 0;
    return verdict;
}

/* ---- whose bytes are they? ---- */

/* How well a tied candidate does on a whole frame; -1: it wants more bytes. */
static int trial(struct feed *f, const struct protocol *p, struct span in)
{
    struct ch_env nobody = {NULL, NULL};
    struct channel *t = ch_new(f->c->session.transport, &nobody, p, true);
    t->session.now_ms = f->c->session.now_ms;
    int score = 0;
    int len = p->frame(&t->session, in, f->whole);
    if (len == FRAME_MORE) {
        score = f->whole ? 0 : -1;
    } else if (len > 0) {
        const char *fault;
        bool changed;
        struct trace *trace = f->s->trace;
        f->s->trace = NULL;
        enum verdict verdict =
            decode(t, f->s, span_cut(in, 0, (size_t)len), &fault, &changed);
        f->s->trace = trace;
        score = verdict == DECODED ? 3 : verdict == IGNORED ? 2 : 1;
        score += verdict == DECODED && f->s->out.record_count;
    }
    ch_free(t);
    return score;
}

/* Among candidates of the same best score: what was spoken last, else what decodes
 * best.  NULL: more bytes are needed to tell. */
static const struct protocol *untie(struct feed *f, struct span in, unsigned tied)
{
    const struct candidate *cand = f->c->candidates;
    for (unsigned i = 0; i < tied; i++)
        if (cand[i].protocol == f->c->prefer)
            return cand[i].protocol;
    unsigned best = 0;
    int best_score = -1;
    for (unsigned i = 0; i < tied; i++) {
        int score = trial(f, cand[i].protocol, in);
        if (score < 0)
            return NULL;
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    return cand[best].protocol;
}

enum choice { CHOSEN, WAIT, NOBODY };

static enum choice choose(struct feed *f, struct span in)
{
    struct channel *c = f->c;
    bool more;
    bool whole = f->whole || in.len >= CH_HEAD_MAX;
    c->candidate_count = detect_all(span_cut(in, 0, CH_HEAD_MAX), whole, c->candidates,
                                    CH_CANDIDATES_MAX, &more);
    if (!c->candidate_count)
        return more ? WAIT : NOBODY;
    int best = c->candidates[0].score;
    if (more && best < DETECT_SURE)
        return WAIT;
    unsigned tied = 1;
    while (tied < c->candidate_count && c->candidates[tied].score == best)
        tied++;
    const struct protocol *p = tied > 1 ? untie(f, in, tied) : c->candidates[0].protocol;
    if (!p)
        return WAIT;
    adopt(c, p);
    return CHOSEN;
}

/* Whether the bytes at a place where no frame of this protocol starts are those of
 * another one: firmware changes, and a first guess may have been wrong. */
static bool changed_tongue(struct feed *f, struct span in)
{
    struct channel *c = f->c;
    struct candidate found[CH_CANDIDATES_MAX];
    bool more;
    if (c->pinned)
        return false;
    unsigned n = detect_all(span_cut(in, 0, CH_HEAD_MAX), f->whole, found,
                            CH_CANDIDATES_MAX, &more);
    if (!n || found[0].protocol == c->protocol || found[0].score < DETECT_GOOD)
        return false;
    memcpy(c->candidates, found, n * sizeof *found);
    c->candidate_count = n;
    adopt(c, found[0].protocol);
    return true;
}

/* ---- bytes ---- */

/* So many bytes of noise are offered to other protocols: asking all of them costs
 * microseconds a byte. */
enum { TONGUE_MAX = 64 };

enum step { STEP_ON, STEP_KEEP, STEP_CLOSE };

/* Deals with the bytes from *pos on; those from `start` to *pos belong to nobody. */
static enum step step(struct feed *f, struct span in, size_t *start, size_t *pos)
{
    struct channel *c = f->c;
    struct span here = span_cut(in, *pos, in.len);
    if (!c->protocol) {
        enum choice choice = choose(f, here);
        if (choice == WAIT)
            return STEP_KEEP;
        if (choice == NOBODY) {
            ++*pos;
            return *pos - *start > CH_HEAD_MAX ? STEP_CLOSE : STEP_ON;
        }
    }
    int len = c->protocol->frame(&c->session, here, f->whole);
    if (len == FRAME_MORE)
        return here.len > c->protocol->frame_max ? STEP_CLOSE : STEP_KEEP;
    if (len < 0 || (size_t)len > here.len) {
        if (*pos - *start >= TONGUE_MAX || !changed_tongue(f, here))
            ++*pos;
        return STEP_ON;
    }
    deliver_noise(f, span_cut(in, *start, *pos), "noise");
    struct span raw = span_cut(here, 0, (size_t)len);
    const char *fault;
    bool state_changed;
    enum verdict verdict = decode(c, f->s, raw, &fault, &state_changed);
    deliver(f, raw, verdict, fault, state_changed);
    *start = *pos += (size_t)len;
    return STEP_ON;
}

/* Keeps what is left of the input.  A datagram's rest has no future. */
static void keep_rest(struct feed *f, struct span in, size_t start, size_t pos,
                      bool owned)
{
    struct channel *c = f->c;
    if (start < in.len && f->whole && c->session.transport == TRANSPORT_UDP) {
        deliver_noise(f, span_cut(in, start, in.len),
                      c->protocol ? "truncated" : "unknown");
        start = in.len;
    }
    c->skipped = start < in.len ? pos - start : 0;
    if (owned) {
        buf_drop(&c->rest, start);
        if (!c->rest.len)
            buf_fini(&c->rest);
    } else if (start < in.len) {
        buf_add(&c->rest, in.ptr + start, in.len - start);
    }
}

bool ch_feed(struct channel *c, struct ch_scratch *s, struct span bytes, bool whole,
             int64_t now_ms, void (*on)(void *arg, const struct frame *f), void *arg)
{
    struct feed f = {c, s, whole, on, arg};
    c->session.now_ms = now_ms;
    bool owned = c->rest.len > 0;
    struct span in = bytes;
    if (owned) {
        buf_add(&c->rest, bytes.ptr, bytes.len);
        in = (struct span){c->rest.ptr, c->rest.len};
    }
    size_t start = 0;
    size_t pos = c->skipped;
    enum step next = STEP_ON;
    while (next == STEP_ON && pos < in.len)
        next = step(&f, in, &start, &pos);
    if (next == STEP_CLOSE) {
        deliver_noise(&f, span_cut(in, start, in.len),
                      c->protocol ? "too_long" : "unknown");
        start = pos = in.len;
    }
    /* Noise is not gathered without end. */
    if (pos - start > CH_HEAD_MAX) {
        deliver_noise(&f, span_cut(in, start, pos), "noise");
        start = pos;
    }
    keep_rest(&f, in, start, pos, owned);
    return next != STEP_CLOSE;
}

bool ch_bind(struct channel *c, struct span id)
{
    c->session.named = false;
    ses_identify(&c->session, id);
    return c->session.named;
}

bool ch_encode(struct channel *c, struct ch_scratch *s, const struct command *command,
               struct buffer *out)
{
    struct out *o = &s->out;
    out_clear(o);
    if (!c->protocol || !c->protocol->encode ||
        !c->protocol->encode(&c->session, command, o) || o->overflow || !o->reply_count)
        return false;
    for (unsigned i = 0; i < o->reply_count; i++)
        buf_add(out, o->replies[i].bytes.ptr, o->replies[i].bytes.len);
    return true;
}
