/*
 * health.c - how well a device works: what it gets wrong, its firmware, its clock, and
 * whether two of it are alive.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fleet/vehicle.h"

enum {
    TWO_NETWORKS_MS = 10 * 60 * 1000, /* back at the network before within this time */
    FLAG_AGAIN_MS = 3600 * 1000,      /* the same is not flagged more often */
};

static struct fl_health *notes(struct vehicle *v)
{
    if (!v->notes)
        v->notes = mem_zero(sizeof *v->notes);
    return &v->notes->health;
}

/* ---- faults ---- */

static void count_device_fault(struct vehicle *v, const struct entry *e,
                               const char *reason)
{
    struct fl_health *h = notes(v);
    unsigned i = 0;
    while (i < h->fault_count && !(span_is(e->protocol, h->faults[i].protocol) &&
                                   !strcmp(reason, h->faults[i].reason)))
        i++;
    if (i == FL_FAULTS_MAX)
        i--; /* the last place counts all others */
    if (i == h->fault_count) {
        h->fault_count++;
        span_copy(e->protocol, h->faults[i].protocol, sizeof h->faults[i].protocol);
        span_copy(span_of(reason), h->faults[i].reason, sizeof h->faults[i].reason);
    }
    h->faults[i].count++;
    h->faults[i].last_ms = e->arrival_ms;
}

void count_fault(struct fleet *f, struct span protocol, const char *reason)
{
    unsigned i = 0;
    while (i < f->fault_count && !(span_is(protocol, f->faults[i].protocol) &&
                                   !strcmp(reason, f->faults[i].reason)))
        i++;
    if (i == FAULTS_MAX)
        i--;
    if (i == f->fault_count) {
        f->fault_count++;
        span_copy(protocol, f->faults[i].protocol, sizeof f->faults[i].protocol);
        span_copy(span_of(reason), f->faults[i].reason, sizeof f->faults[i].reason);
    }
    f->faults[i].count++;
}

const char *fault_of(const struct entry *e, char reason[ENTRY_NAME_MAX + 1])
{
    if (e->verdict == MALFORMED)
        return span_copy(e->fault, reason, ENTRY_NAME_MAX + 1);
    return e->checksum_bad ? "checksum" : NULL;
}

/* ---- two networks ---- */

static bool same_network(const struct peer *a, const struct peer *b)
{
    return !memcmp(a->address, b->address, sizeof a->address);
}

static void flag(struct vehicle *v, const char *kind, const char *text, int64_t ms)
{
    struct fl_health *h = notes(v);
    for (unsigned i = 0; i < h->flag_count; i++)
        if (!strcmp(h->flags[i].kind, kind) && ms - h->flags[i].time_ms < FLAG_AGAIN_MS)
            return;
    if (h->flag_count == FL_FLAGS_MAX) {
        memmove(h->flags, h->flags + 1, (FL_FLAGS_MAX - 1) * sizeof *h->flags);
        h->flag_count--;
    }
    unsigned i = h->flag_count++;
    span_copy(span_of(kind), h->flags[i].kind, sizeof h->flags[i].kind);
    span_copy(span_of(text), h->flags[i].text, sizeof h->flags[i].text);
    h->flags[i].time_ms = ms;
}

/* A tracker that roams goes from one address to the next; two with one id go back and
 * forth. */
static void follow_peer(struct vehicle *v, const struct entry *e)
{
    struct state *s = &v->s;
    if (s->peer_ms != TIME_NONE && !same_network(&s->peer, &e->peer)) {
        bool back = s->other_peer_ms != TIME_NONE &&
                    same_network(&s->other_peer, &e->peer) &&
                    e->arrival_ms - s->other_peer_ms < TWO_NETWORKS_MS;
        if (back) {
            char here[PEER_TEXT], there[PEER_TEXT], text[120];
            snprintf(text, sizeof text, "alive at %s and %s at once",
                     peer_address(&e->peer, here), peer_address(&s->peer, there));
            flag(v, "twoNetworks", text, e->arrival_ms);
        }
        s->other_peer = s->peer;
        s->other_peer_ms = s->peer_ms;
    }
    s->peer = e->peer;
    s->peer_ms = e->arrival_ms;
    s->transport = (uint8_t)e->transport;
}

void health_frame(struct fleet *f, struct vehicle *v, const struct entry *e)
{
    struct state *s = &v->s;
    char hold[ENTRY_NAME_MAX + 1];
    const char *reason = fault_of(e, hold);
    if (!e->split) {
        s->frames++;
        f->frames++;
    }
    s->malformed += e->verdict == MALFORMED;
    s->checksum_errors += e->checksum_bad;
    if (reason) {
        count_device_fault(v, e, reason);
        count_fault(f, e->protocol, reason);
    }
    if (e->connection && !e->origin_seq)
        follow_peer(v, e);
}

/* ---- firmware and clock ---- */

static void see_firmware(struct vehicle *v, struct span version, int64_t ms)
{
    struct fl_health *h = notes(v);
    for (unsigned i = 0; i < h->firmware_count; i++)
        if (span_is(version, h->firmware[i].version)) {
            h->firmware[i].last_ms = ms;
            return;
        }
    if (h->firmware_count == FL_FIRMWARE_MAX) {
        memmove(h->firmware, h->firmware + 1,
                (FL_FIRMWARE_MAX - 1) * sizeof *h->firmware);
        h->firmware_count--;
    }
    unsigned i = h->firmware_count++;
    span_copy(version, h->firmware[i].version, sizeof h->firmware[i].version);
    h->firmware[i].first_ms = h->firmware[i].last_ms = ms;
}

void health_record(struct vehicle *v, const struct record *rec, int64_t arrival_ms,
                   bool live)
{
    struct state *s = &v->s;
    struct span version = rec_get_text(rec, KEY_VERSION_FW);
    if (version.len)
        see_firmware(v, version, arrival_ms);
    int64_t ms = rec->device_ms != TIME_NONE ? rec->device_ms : rec->fix_ms;
    if (!live || ms == TIME_NONE || rec_get_bool(rec, KEY_ARCHIVE) == 1)
        return;
    s->clock_s[s->clock_count++ % CLOCK_SAMPLES] =
        (float)((double)(ms - arrival_ms) / 1000);
    if (s->clock_count >= 2 * CLOCK_SAMPLES)
        s->clock_count -= CLOCK_SAMPLES;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static double clock_error_s(const struct state *s)
{
    unsigned n = s->clock_count < CLOCK_SAMPLES ? s->clock_count : CLOCK_SAMPLES;
    float sorted[CLOCK_SAMPLES];
    memcpy(sorted, s->clock_s, sizeof sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    return n ? sorted[n / 2] : NAN;
}

bool fl_health(struct fleet *f, int64_t device_id, struct fl_health *out)
{
    pthread_mutex_lock(&f->lock);
    const struct vehicle *v = veh_by_id(f, device_id);
    if (v) {
        const struct state *s = &v->s;
        *out = v->notes ? v->notes->health : (struct fl_health){.fault_count = 0};
        span_copy(span_of(s->protocol), out->protocol, sizeof out->protocol);
        out->peer = s->peer;
        out->transport = s->transport;
        out->connected = v->connected;
        out->connected_ms = v->connected ? v->connected_ms : TIME_NONE;
        out->frames = s->frames;
        out->positions = s->positions;
        out->repeats = s->repeats;
        out->late = s->late;
        out->malformed = s->malformed;
        out->checksum_errors = s->checksum_errors;
        out->clock_error_s = clock_error_s(s);
    }
    pthread_mutex_unlock(&f->lock);
    return v != NULL;
}

void fl_faults_each(struct fleet *f,
                    void (*visit)(void *arg, const char *protocol, const char *reason,
                                  uint64_t count),
                    void *arg)
{
    pthread_mutex_lock(&f->lock);
    for (unsigned i = 0; i < f->fault_count; i++)
        visit(arg, f->faults[i].protocol, f->faults[i].reason, f->faults[i].count);
    pthread_mutex_unlock(&f->lock);
}
