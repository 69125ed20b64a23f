/*
 * ingest.c - from bytes to the journal, and from the disk back to the answer.
 *
 * A frame becomes an entry; its answers are held, in the journal's order, until the
 * journal says that the entry is on disk.
 */
#include "gateway/live.h"
#include "gateway/loop.h"

#include <stdlib.h>
#include <time.h>

enum {
    LOGIN_KEPT_MAX = 1024, /* bytes of a login that are kept to be journalled again */
    STRAY_PER_MINUTE = 60, /* entries of an unregistered device or address */
    STRAY_BURST = 240,
};

/* One call of ingest(). */
struct ingest {
    struct loop *l;
    struct talk *t;
    struct conn *conn;
};

int64_t gw_now(const struct loop *l)
{
    return l->g->env.now_ms();
}

/* ---- who is it? ---- */

struct asking {
    struct gateway *g;
    char *settings;
};

static bool identify(void *arg, struct span id, const char **settings, size_t *len)
{
    struct asking *a = arg;
    const struct gw_env *env = &a->g->env;
    int64_t device_id;
    bool accepted;
    free(a->settings);
    a->settings = NULL;
    *settings = NULL;
    *len = 0;
    if (!env->lookup(env->arg, id, &device_id, &accepted))
        return false;
    a->settings = env->settings(env->arg, device_id, len);
    *settings = a->settings;
    return true;
}

/* The channel's environment lives as long as it does. */
struct talk_env {
    struct ch_env env; /* first */
    struct asking asking;
};

static struct talk_env *env_of(struct talk *t)
{
    return (struct talk_env *)t->env;
}

void talk_init(struct talk *t, struct loop *l, const struct peer *peer,
               enum transport transport, const struct protocol *prefer)
{
    struct talk_env *e = mem_zero(sizeof *e);
    e->asking.g = l->g;
    e->env = (struct ch_env){&e->asking, identify};
    *t = (struct talk){
        .env = e,
        .channel = ch_new(transport, &e->env, prefer, false),
        .id = atomic_fetch_add(&l->g->next_talk, 1) + 1,
        .peer = *peer,
        .transport = transport,
        .last_ms = gw_now(l),
        .version = l->g->env.version(l->g->env.arg),
    };
}

void talk_fini(struct talk *t)
{
    ch_free(t->channel);
    free(env_of(t)->asking.settings);
    free(t->env);
    buf_fini(&t->login);
}

/* ---- answers that wait ---- */

static void hold(struct loop *l, unsigned journal, uint64_t seq, struct conn *conn,
                 const struct peer *peer, struct span bytes)
{
    struct hold *h = &l->hold[journal];
    if (h->count == h->size) {
        size_t size = h->size ? h->size * 2 : 1024;
        struct held *items = mem_grow(NULL, size * sizeof *items);
        for (size_t i = 0; i < h->count; i++)
            items[i] = h->items[(h->first + i) % h->size];
        free(h->items);
        h->items = items;
        h->size = size;
        h->first = 0;
    }
    h->items[(h->first + h->count++) % h->size] =
        (struct held){seq, conn, *peer, bytes.len};
    buf_add(&h->bytes, bytes.ptr, bytes.len);
    if (conn)
        conn->held++;
}

/* Answers to one stream that stand behind each other leave as one piece. */
static void release_one(struct loop *l, struct hold *h, uint64_t durable)
{
    struct held *first = &h->items[h->first];
    struct conn *conn = first->conn;
    struct peer peer = first->peer;
    size_t len = 0;
    unsigned n = 0;
    do {
        struct held *item = &h->items[(h->first + n) % h->size];
        if (n && (!conn || item->conn != conn || item->seq >= durable))
            break;
        len += item->len;
        n++;
    } while (n < h->count);
    struct span bytes = {h->bytes.ptr + h->bytes_first, len};
    if (conn)
        tcp_send(conn, bytes);
    else
        udp_send(l, &peer, bytes);
    h->first = (h->first + n) % h->size;
    h->count -= n;
    h->bytes_first += len;
    if (conn && !(conn->held -= n))
        tcp_unheld(conn);
}

static void release_journal(struct loop *l, struct hold *h, uint64_t durable)
{
    while (h->count && h->items[h->first].seq < durable)
        release_one(l, h, durable);
    if (!h->count || h->bytes_first > 1 << 16) {
        buf_drop(&h->bytes, h->bytes_first);
        h->bytes_first = 0;
    }
}

/* Whether an answer could leave now. */
static bool due(const struct loop *l, struct journal *const *journals)
{
    for (unsigned i = 0; i < JOURNAL_COUNT; i++) {
        const struct hold *h = &l->hold[i];
        if (h->count && h->items[h->first].seq < jr_durable(journals[i]))
            return true;
    }
    return false;
}

/* A sync that ends between the last look and the flag would wake nobody: so the flag is
 * set first, and then looked once more. */
void release(struct loop *l)
{
    struct journal *journals[] = {l->g->env.journal, l->g->env.strays};
    do {
        for (unsigned i = 0; i < JOURNAL_COUNT; i++)
            release_journal(l, &l->hold[i], jr_durable(journals[i]));
        atomic_store(&l->waiting, holds(l));
    } while (due(l, journals));
}

bool holds(const struct loop *l)
{
    return l->hold[JOURNAL_KNOWN].count || l->hold[JOURNAL_STRAYS].count;
}

void hold_fini(struct hold *h)
{
    free(h->items);
    buf_fini(&h->bytes);
}

/* ---- entries ---- */

static struct journal *journal_of(struct loop *l, bool registered)
{
    return registered ? l->g->env.journal : l->g->env.strays;
}

static struct span text_span(const char *text)
{
    return span_of(text ? text : "");
}

/* Packs the records from *next on that belong to one device. */
static unsigned pack_run(struct loop *l, const struct frame *f, unsigned *next)
{
    const char *device = f->record_devices ? f->record_devices[*next] : NULL;
    unsigned count = 0;
    l->packed.len = 0;
    while (*next < f->record_count) {
        const char *mine = f->record_devices ? f->record_devices[*next] : NULL;
        if (count && mine != device && (!mine || !device || strcmp(mine, device) != 0))
            break;
        unsigned char *at = buf_room(&l->packed, REC_PACK_MAX);
        l->packed.len = (size_t)(at - l->packed.ptr) + rec_pack(&f->records[*next], at);
        ++*next;
        count++;
    }
    return count;
}

static void gather_replies(struct loop *l, const struct frame *f)
{
    l->replies.len = 0;
    for (unsigned i = 0; i < f->reply_count; i++) {
        struct span r = f->replies[i].bytes;
        uint8_t len[2] = {(uint8_t)(r.len >> 8), (uint8_t)r.len};
        buf_add(&l->replies, len, 2);
        buf_add(&l->replies, r.ptr, r.len);
    }
}

static struct entry entry_of(const struct talk *t, const struct frame *f, int64_t now_ms)
{
    return (struct entry){
        .connection = t->id,
        .arrival_ms = now_ms,
        .peer = t->peer,
        .transport = t->transport,
        .verdict = f->verdict,
        .checksum_bad = f->checksum_bad,
        .device = span_of(f->device),
        .protocol = text_span(f->protocol ? f->protocol->name : NULL),
        .message = span_of(f->message),
        .fault = text_span(f->fault),
        .frame = f->raw,
    };
}

/* The device has become registered, or no longer is, in the middle of a conversation:
 * the login goes into the journal that the following frames go to. */
static void move_leans(struct loop *l, struct talk *t, bool registered)
{
    t->registered = registered;
    t->lean_identity = t->lean_state = 0;
    if (!t->login.len)
        return;
    struct entry e = {
        .connection = t->id,
        .arrival_ms = t->login_ms,
        .peer = t->peer,
        .transport = t->transport,
        .device = span_of(ch_device(t->channel)),
        .protocol = span_of(ch_protocol(t->channel)->name),
        .message = span_of(t->login_message),
        .frame = {t->login.ptr, t->login.len},
    };
    t->lean_identity = jr_append(journal_of(l, registered), &e);
}

static void remember_login(struct talk *t, const struct frame *f, int64_t now_ms)
{
    t->login.len = 0;
    if (f->raw.len > LOGIN_KEPT_MAX || f->record_count)
        return;
    buf_add(&t->login, f->raw.ptr, f->raw.len);
    t->login_ms = now_ms;
    span_copy(span_of(f->message), t->login_message, sizeof t->login_message);
}

/* Hands the frame to the journal; returns the seq of its last entry, 0 when it was
 * turned away. */
static uint64_t write_entries(struct ingest *in, const struct frame *f, bool answered,
                              int64_t now_ms)
{
    struct loop *l = in->l;
    struct talk *t = in->t;
    struct journal *j = journal_of(l, t->registered);
    struct entry e = entry_of(t, f, now_ms);
    if (!f->identified) {
        e.leans[0] = t->lean_identity;
        e.leans[1] = t->lean_state != t->lean_identity ? t->lean_state : 0;
    }
    if (answered) {
        gather_replies(l, f);
        e.replies = (struct span){l->replies.ptr, l->replies.len};
    }
    uint64_t seq = 0;
    unsigned next = 0;
    do {
        const char *device =
            f->record_devices && f->record_count ? f->record_devices[next] : NULL;
        if (device)
            e.device = span_of(device);
        e.record_count = pack_run(l, f, &next);
        e.records = (struct span){l->packed.ptr, l->packed.len};
        seq = jr_append(j, &e);
        if (!seq)
            return 0;
        if (!e.split && f->identified)
            t->lean_identity = seq;
        if (!e.split && f->state_changed)
            t->lean_state = seq;
        e.split = true;
        e.frame = e.replies = (struct span){e.frame.ptr, 0};
        e.leans[0] = seq;
        e.leans[1] = 0;
        e.device = span_of(f->device);
    } while (next < f->record_count);
    return seq;
}

static void answer(struct ingest *in, const struct frame *f, uint64_t seq)
{
    struct loop *l = in->l;
    unsigned journal = in->t->registered ? JOURNAL_KNOWN : JOURNAL_STRAYS;
    for (unsigned i = 0; i < f->reply_count; i++) {
        const struct reply *r = &f->replies[i];
        if (!r->now)
            hold(l, journal, seq, in->conn, &in->t->peer, r->bytes);
        else if (in->conn)
            tcp_send(in->conn, r->bytes);
        else
            udp_send(l, &in->t->peer, r->bytes);
    }
}

/* The registry says who may speak; false when the device is disabled or expired. */
static bool accepted(struct loop *l, const struct frame *f)
{
    const struct gw_env *env = &l->g->env;
    int64_t device_id;
    bool yes;
    return !env->lookup(env->arg, span_of(f->device), &device_id, &yes) || yes;
}

/* Text protocols name the device in every frame: only who is new here is told. */
static void note_device(struct ingest *in, const struct frame *f, int64_t now_ms)
{
    struct gateway *g = in->l->g;
    struct talk *t = in->t;
    if (!f->identified)
        return;
    remember_login(t, f, now_ms);
    uint64_t who = entry_subject(span_of(f->device), &t->peer) << 1 | t->registered;
    if (who == t->announced)
        return;
    t->announced = who;
    live_note_protocol(g->live, &t->peer, f->protocol);
    if (in->conn)
        tcp_named(in->conn);
    else if (t->registered)
        udp_named(in->l, t);
    if (t->registered)
        live_detected(g->live, f->device, t, now_ms);
}

static void on_frame(void *arg, const struct frame *f)
{
    struct ingest *in = arg;
    struct loop *l = in->l;
    struct talk *t = in->t;
    int64_t now_ms = gw_now(l);
    bool known = *f->device && f->registered;
    atomic_fetch_add_explicit(&l->g->frames, 1, memory_order_relaxed);
    if (!f->protocol)
        atomic_fetch_add_explicit(&l->g->undetected, f->raw.len, memory_order_relaxed);
    if (known && !accepted(l, f))
        return;
    if (known != t->registered)
        move_leans(l, t, known);
    note_device(in, f, now_ms);
    bool answered = known || atomic_load(&l->g->answer_strays);
    if (!known && !tally_take(l->stray_rate, entry_subject(span_of(f->device), &t->peer),
                              STRAY_PER_MINUTE, STRAY_BURST, now_ms))
        return;
    /* Before the journal has it: its sync may be over before the answer is held. */
    if (answered && f->reply_count)
        atomic_store(&l->waiting, true);
    uint64_t seq = write_entries(in, f, answered, now_ms);
    if (seq && answered && f->reply_count)
        answer(in, f, seq);
}

bool ingest(struct loop *l, struct talk *t, struct conn *conn, struct span bytes,
            bool whole)
{
    struct ingest in = {l, t, conn};
    const struct gw_env *env = &l->g->env;
    uint64_t version = env->version(env->arg);
    if (t->version != version) {
        t->version = version;
        ch_forget_settings(t->channel);
    }
    t->last_ms = gw_now(l);
    atomic_fetch_add_explicit(&l->g->bytes_in, bytes.len, memory_order_relaxed);
    bool sane = ch_feed(t->channel, l->scratch, bytes, whole, t->last_ms, on_frame, &in);
    /* The disk is behind: sockets wait until it has caught up. */
    for (unsigned i = 0; i < JOURNAL_COUNT; i++) {
        struct journal *j = i ? env->strays : env->journal;
        if (jr_backlog(j) > JR_BACKLOG_MAX)
            while (jr_backlog(j) > JR_BACKLOG_MAX / 2 && !atomic_load(&l->stopping))
                jr_wait(j, jr_durable(j), 100);
    }
    return sane;
}
