/*
 * uplink.c - login, heartbeats, confirmation; the memory is in keep.c.
 *
 * The sheets say: a login is repeated after 5 s, three times; an unanswered heartbeat
 * ends the connection.  After that the tracker waits a little longer each time.
 */
#include "simulate/uplink.h"

#include <assert.h>
#include <stdlib.h>

#include "simulate/keep.h"
#include "simulate/tracker.h"

enum {
    LOGIN_MS = 5000,
    LOGINS = 3,
    OPEN_MS = 10000,
    HEARTBEAT_MS = 60000, /* patience for its answer */
    UNSURE_MS = 30000,    /* after this a heartbeat asks whether a report arrived */
    REPEAT_MS = 15000,    /* UDP: after this a report is sent again */
    VAIN_MAX = 4, /* such repetitions and no position answered: the server answers none */
    BACKOFF_MS = 1000,
    BACKOFF_MAX_MS = 60000,
};

void up_init(struct tracker *t, const struct carrier *carrier, uint64_t seed)
{
    t->up = (struct uplink){.carrier = *carrier,
                            .dice = dice_part(seed, 4),
                            .answers = t->firmware->answered};
}

void up_fini(struct tracker *t)
{
    free(t->up.memory);
    free(t->up.sent);
    t->up.memory = NULL;
    t->up.sent = NULL;
}

size_t up_waiting(const struct uplink *u)
{
    return u->count + u->sent_count;
}

/* ---- frames ---- */

/* The first serial number after power-on is 1. */
static uint16_t next_serial(const struct uplink *u)
{
    return (uint16_t)(u->order + 1);
}

/* False: the carrier did not take it, and it counts as never written. */
static bool send_frame(struct tracker *t, const struct writer *w)
{
    struct span frame = wr_done(w);
    assert(frame.len);
    if (!t->up.carrier.send(t->up.carrier.arg, frame))
        return false;
    t->up.order++;
    t->up.counts.frames++;
    return true;
}

static void send_login(struct tracker *t)
{
    t->zone_min = t->set.zone_min;
    uint8_t bytes[UP_FRAME_MAX];
    struct writer w = wr_open(bytes, sizeof bytes);
    t->firmware->login(t, next_serial(&t->up), &w);
    send_frame(t, &w);
    t->up.logins++;
    t->up.due_ms = t->up.now_ms + LOGIN_MS;
}

static bool send_report(struct tracker *t, const struct report *r, bool stored)
{
    struct uplink *u = &t->up;
    uint8_t bytes[UP_FRAME_MAX];
    struct writer w = wr_open(bytes, sizeof bytes);
    t->firmware->report(t, r, stored, next_serial(u), &w);
    if (!send_frame(t, &w))
        return false;
    u->last_len = wr_done(&w).len;
    memcpy(u->last, bytes, u->last_len);
    keep_sent(u, r, stored);
    return true;
}

static void send_notes(struct tracker *t, bool login)
{
    for (unsigned i = 0; t->firmware->note; i++) {
        uint8_t bytes[UP_FRAME_MAX];
        struct writer w = wr_open(bytes, sizeof bytes);
        if (!t->firmware->note(t, i, login, next_serial(&t->up), &w))
            return;
        if (wr_done(&w).len)
            send_frame(t, &w);
    }
}

void up_heartbeat(struct tracker *t)
{
    struct uplink *u = &t->up;
    if (u->state != UP_READY || u->asked_count == UP_ASKED_MAX)
        return;
    uint8_t bytes[UP_FRAME_MAX];
    struct writer w = wr_open(bytes, sizeof bytes);
    t->firmware->heartbeat(t, next_serial(u), &w);
    if (!send_frame(t, &w))
        return;
    u->asked[u->asked_count].order = u->order;
    u->asked[u->asked_count++].ms = u->now_ms;
    u->heartbeat_ms = u->now_ms;
}

void up_settings(struct tracker *t)
{
    if (t->up.state == UP_READY)
        send_notes(t, false);
}

void up_answer(struct tracker *t, uint32_t id, const char *command, const char *text)
{
    if (t->up.state != UP_READY || !*text)
        return;
    uint8_t bytes[UP_FRAME_MAX];
    struct writer w = wr_open(bytes, sizeof bytes);
    t->firmware->answer(t, id, command, text, next_serial(&t->up), &w);
    send_frame(t, &w);
}

void up_repeat(struct tracker *t)
{
    struct uplink *u = &t->up;
    if (u->state != UP_READY || !u->last_len)
        return;
    if (u->carrier.send(u->carrier.arg, (struct span){u->last, u->last_len}))
        u->counts.frames++;
}

/* ---- the connection ---- */

/* What is open is over.  The next try comes after wait_ms. */
static void leave(struct tracker *t, int64_t wait_ms)
{
    struct uplink *u = &t->up;
    keep_give_back(u);
    u->state = UP_WAITING;
    u->due_ms = u->now_ms + wait_ms;
    u->asked_count = 0;
    u->in_len = 0;
    u->logins = 0;
}

static void give_up(struct tracker *t)
{
    struct uplink *u = &t->up;
    int64_t wait_ms = BACKOFF_MS << (u->failures < 6 ? u->failures : 6);
    if (wait_ms > BACKOFF_MAX_MS)
        wait_ms = BACKOFF_MAX_MS;
    u->failures++;
    leave(t, (int64_t)(dice_between(&u->dice, 0.75, 1.25) * (double)wait_ms));
}

static bool is_open(const struct uplink *u)
{
    return u->state >= UP_OPENING;
}

static void hang_up(struct tracker *t)
{
    if (is_open(&t->up))
        t->up.carrier.close(t->up.carrier.arg);
}

void up_cover(struct tracker *t, bool covered)
{
    struct uplink *u = &t->up;
    if (u->covered == covered)
        return;
    u->covered = covered;
    hang_up(t);
    leave(t, 0);
    if (!covered)
        u->state = UP_OFF;
}

void up_reconnect(struct tracker *t, int64_t wait_ms)
{
    hang_up(t);
    leave(t, wait_ms);
}

void up_reboot(struct tracker *t, int64_t wait_ms)
{
    up_reconnect(t, wait_ms);
    t->up.order = 0;
}

void up_opened(struct tracker *t, int64_t now_ms)
{
    struct uplink *u = &t->up;
    if (u->state != UP_OPENING)
        return;
    u->now_ms = now_ms;
    u->state = UP_LOGIN;
    send_login(t);
}

void up_closed(struct tracker *t, int64_t now_ms)
{
    struct uplink *u = &t->up;
    if (!is_open(u))
        return;
    u->now_ms = now_ms;
    if (u->state == UP_READY)
        trk_log(t, "connection lost, %zu reports unconfirmed", u->sent_count);
    else if (!u->failures)
        trk_log(t, "no connection");
    give_up(t);
}

void up_accepted(struct tracker *t)
{
    struct uplink *u = &t->up;
    if (u->state != UP_LOGIN)
        return;
    u->state = UP_READY;
    u->ready_ms = u->now_ms;
    u->failures = 0;
    u->sent_live = false;
    u->counts.logins++;
    trk_log(t, "logged in, %zu reports stored", u->count);
    send_notes(t, true);
    up_heartbeat(t);
}

void up_received(struct tracker *t, struct span bytes, int64_t now_ms)
{
    struct uplink *u = &t->up;
    u->now_ms = now_ms;
    if (u->carrier.datagrams)
        u->in_len = 0;
    while (bytes.len && is_open(u)) {
        size_t n = bytes.len < UP_IN_MAX - u->in_len ? bytes.len : UP_IN_MAX - u->in_len;
        memcpy(u->in + u->in_len, bytes.ptr, n);
        u->in_len += n;
        bytes = span_cut(bytes, n, bytes.len);
        size_t taken;
        while (u->in_len && is_open(u) &&
               (taken = t->firmware->receive(t, (struct span){u->in, u->in_len}))) {
            /* What was received may have ended the connection and emptied the buffer. */
            u->in_len -= taken < u->in_len ? taken : u->in_len;
            memmove(u->in, u->in + taken, u->in_len);
        }
        if (u->in_len == UP_IN_MAX) {
            up_reconnect(t, BACKOFF_MS);
            return;
        }
    }
    keep_flow(t, send_report);
}

/* ---- confirmation ---- */

/* The answer to a heartbeat says that what was sent before it on a stream has arrived.
 * What is still open among that is of a kind that the server does not answer. */
static void heartbeat_confirmed(struct uplink *u, uint32_t order)
{
    uint8_t kinds = u->carrier.datagrams ? (uint8_t)~u->answers : UINT8_MAX;
    for (size_t i = 0; i < u->sent_count && !u->carrier.datagrams; i++)
        if (u->sent[i].order < order)
            u->answers &= (uint8_t)~u->sent[i].report.frame;
    keep_confirm(u, order, true, kinds);
}

void up_confirmed(struct tracker *t, uint16_t serial)
{
    struct uplink *u = &t->up;
    for (size_t i = 0; i < u->sent_count; i++) {
        if ((uint16_t)u->sent[i].order != serial)
            continue;
        u->answers |= u->sent[i].report.frame;
        if (u->sent[i].report.frame == FRAME_POSITION)
            u->in_vain = 0;
        keep_confirm(u, u->sent[i].order, !u->carrier.datagrams, UINT8_MAX);
        return;
    }
    for (unsigned i = 0; i < u->asked_count; i++) {
        if ((uint16_t)u->asked[i].order != serial)
            continue;
        heartbeat_confirmed(u, u->asked[i].order);
        u->asked_count -= i + 1;
        memmove(u->asked, u->asked + i + 1, u->asked_count * sizeof *u->asked);
        return;
    }
}

void up_heartbeat_answered(struct tracker *t)
{
    if (t->up.asked_count)
        up_confirmed(t, (uint16_t)t->up.asked[0].order);
}

void up_position_answered(struct tracker *t)
{
    for (size_t i = 0; i < t->up.sent_count; i++)
        if (t->up.sent[i].report.frame == FRAME_POSITION) {
            up_confirmed(t, (uint16_t)t->up.sent[i].order);
            return;
        }
}

/* ---- time ---- */

static void tick_ready(struct tracker *t)
{
    struct uplink *u = &t->up;
    int64_t now_ms = u->now_ms;
    if (u->asked_count && now_ms - u->asked[0].ms > HEARTBEAT_MS) {
        trk_log(t, "heartbeat unanswered");
        hang_up(t);
        give_up(t);
        return;
    }
    if (u->carrier.datagrams && keep_repeat(u, now_ms - REPEAT_MS, u->answers) &&
        ++u->in_vain == VAIN_MAX)
        u->answers &= (uint8_t)~FRAME_POSITION;
    bool unsure = u->sent_count && now_ms - u->sent[0].sent_ms > UNSURE_MS;
    bool due = now_ms - u->heartbeat_ms >= t->set.heartbeat_s * INT64_C(1000);
    if (due || (unsure && !u->asked_count))
        up_heartbeat(t);
    keep_flow(t, send_report);
}

static void tick_login(struct tracker *t)
{
    struct uplink *u = &t->up;
    if (u->now_ms < u->due_ms)
        return;
    if (u->logins < LOGINS) {
        send_login(t);
        return;
    }
    if (!u->failures)
        trk_log(t, "login unanswered");
    hang_up(t);
    give_up(t);
}

void up_tick(struct tracker *t, int64_t now_ms)
{
    struct uplink *u = &t->up;
    u->now_ms = now_ms;
    switch (u->state) {
    case UP_OFF:
        break;
    case UP_WAITING:
        if (now_ms < u->due_ms)
            break;
        u->state = UP_OPENING;
        u->due_ms = now_ms + OPEN_MS;
        u->carrier.open(u->carrier.arg);
        break;
    case UP_OPENING:
        if (now_ms < u->due_ms)
            break;
        hang_up(t);
        give_up(t);
        break;
    case UP_LOGIN:
        tick_login(t);
        break;
    case UP_READY:
        tick_ready(t);
        break;
    }
}

void up_give(struct tracker *t, const struct report *r)
{
    struct uplink *u = &t->up;
    u->counts.made++;
    if (u->state == UP_READY && send_report(t, r, false))
        u->sent_live = true;
    else
        keep_put(u, r);
}
