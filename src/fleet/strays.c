/*
 * strays.c - trackers that nobody has registered: who they are, what they said of late.
 *
 * The list is made from the strays' journal and lives in memory, bounded: when it is
 * full, who was heard of longest ago is forgotten.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fleet/vehicle.h"

struct stray {
    struct fl_stray said;
    uint64_t subject;
    struct stray *prev, *next; /* newest first */
};

struct stray_list {
    struct stray *first, *last;
    size_t count;
};

struct stray_list *strays_new(void)
{
    return mem_zero(sizeof(struct stray_list));
}

void strays_free(struct stray_list *l)
{
    if (!l)
        return;
    for (struct stray *s = l->first, *next; s; s = next) {
        next = s->next;
        free(s);
    }
    free(l);
}

static void unlink_stray(struct stray_list *l, struct stray *s)
{
    *(s->prev ? &s->prev->next : &l->first) = s->next;
    *(s->next ? &s->next->prev : &l->last) = s->prev;
    l->count--;
}

static void link_first(struct stray_list *l, struct stray *s)
{
    s->prev = NULL;
    s->next = l->first;
    *(s->next ? &s->next->prev : &l->last) = s;
    l->first = s;
    l->count++;
}

static struct stray *find(struct stray_list *l, uint64_t subject)
{
    struct stray *s = l->first;
    while (s && s->subject != subject)
        s = s->next;
    return s;
}

void strays_tell(struct fleet *f)
{
    if (atomic_exchange(&f->strays_changed, false))
        bus_publish(f->config.bus, &(struct bus_message){.kind = BUS_UNKNOWN,
                                                         .count = fl_stray_count(f)});
}

/* ---- what they say ---- */

static void note_message(struct fl_stray *said, struct span message)
{
    for (unsigned i = 0; i < said->message_count; i++)
        if (span_is(message, said->messages[i]))
            return;
    if (message.len && said->message_count < FL_STRAY_MESSAGES)
        span_copy(message, said->messages[said->message_count++], ENTRY_NAME_MAX + 1);
}

static void note_frame(struct fl_stray *said, const struct entry *e)
{
    if (said->frame_count < FL_STRAY_FRAMES)
        said->frame_count++;
    memmove(said->frames_last + 1, said->frames_last,
            (said->frame_count - 1) * sizeof *said->frames_last);
    said->frames_last[0].ms = e->arrival_ms;
    said->frames_last[0].seq = e->seq;
    span_copy(e->message, said->frames_last[0].message, ENTRY_NAME_MAX + 1);
    size_t room = sizeof said->frames_last[0].bytes;
    size_t len = e->frame.len < room ? e->frame.len : room;
    memcpy(said->frames_last[0].bytes, e->frame.ptr, len);
    said->frames_last[0].len = (unsigned)len;
}

static void note_place(struct fleet *f, struct fl_stray *said, const struct entry *e)
{
    if (e->record_count && rec_unpack(e->records, &f->rec) && rec_placed(&f->rec)) {
        said->latitude_deg = f->rec.latitude_deg;
        said->longitude_deg = f->rec.longitude_deg;
    }
}

static struct stray *stray_new(struct stray_list *l, const struct entry *e,
                               uint64_t subject)
{
    if (l->count == FL_STRAYS_MAX) {
        struct stray *oldest = l->last;
        unlink_stray(l, oldest);
        free(oldest);
    }
    struct stray *s = mem_zero(sizeof *s);
    s->subject = subject;
    s->said.first_ms = e->arrival_ms;
    s->said.latitude_deg = s->said.longitude_deg = NAN;
    span_copy(e->device, s->said.unique_id, sizeof s->said.unique_id);
    link_first(l, s);
    return s;
}

static void forgotten_name(const char *key, char out[128])
{
    snprintf(out, 128, "forgotten:%s", key);
}

/* Whether the operator has dismissed it, and it has not spoken since. */
static bool forgotten(struct fleet *f, const struct fl_stray *said, uint64_t seq)
{
    char name[128], address[PEER_TEXT];
    forgotten_name(
        *said->unique_id ? said->unique_id : peer_address(&said->peer, address), name);
    char *until = st_meta_get(f->config.store, name);
    bool yes = until && strtoull(until, NULL, 10) >= seq;
    free(until);
    return yes;
}

void strays_apply(struct fleet *f, const struct entry *e)
{
    struct stray_list *l = f->strays;
    char hold[ENTRY_NAME_MAX + 1];
    const char *reason = fault_of(e, hold);
    if (reason)
        count_fault(f, e->protocol, reason);
    if (e->split || (e->device.len && veh_by_name(f, e->device)))
        return;
    uint64_t subject = entry_subject(e->device, &e->peer);
    struct stray *s = find(l, subject);
    bool fresh = !s;
    if (s) {
        unlink_stray(l, s);
        link_first(l, s);
    } else {
        s = stray_new(l, e, subject);
    }
    struct fl_stray *said = &s->said;
    if (e->protocol.len)
        span_copy(e->protocol, said->protocol, sizeof said->protocol);
    said->peer = e->peer;
    said->transport = e->transport;
    said->last_ms = e->arrival_ms;
    said->frames++;
    said->answered = said->answered || e->replies.len;
    note_message(said, e->message);
    note_frame(said, e);
    note_place(f, said, e);
    if (fresh && e->seq < f->quiet_stray_seq && forgotten(f, said, e->seq)) {
        unlink_stray(l, s);
        free(s);
    } else if (fresh) {
        atomic_store(&f->strays_changed, true);
    }
}

void strays_drop(struct fleet *f, struct span unique_id)
{
    struct stray *s = find(f->strays, entry_subject(unique_id, NULL));
    if (!s)
        return;
    unlink_stray(f->strays, s);
    free(s);
    atomic_store(&f->strays_changed, true);
}

/* ---- questions ---- */

void fl_strays_each(struct fleet *f, bool (*visit)(void *arg, const struct fl_stray *s),
                    void *arg)
{
    pthread_mutex_lock(&f->lock);
    for (const struct stray *s = f->strays->first; s && visit(arg, &s->said); s = s->next)
        ;
    pthread_mutex_unlock(&f->lock);
}

size_t fl_stray_count(struct fleet *f)
{
    pthread_mutex_lock(&f->lock);
    size_t count = f->strays->count;
    pthread_mutex_unlock(&f->lock);
    return count;
}

bool fl_stray_forget(struct fleet *f, const char *key)
{
    struct peer peer;
    char name[128], seq[24];
    pthread_mutex_lock(&f->lock);
    struct stray *s = find(f->strays, entry_subject(span_of(key), NULL));
    if (!s && peer_parse(key, &peer))
        s = find(f->strays, entry_subject((struct span){0}, &peer));
    if (s) {
        snprintf(seq, sizeof seq, "%llu", (unsigned long long)s->said.frames_last[0].seq);
        unlink_stray(f->strays, s);
        free(s);
        atomic_store(&f->strays_changed, true);
    }
    pthread_mutex_unlock(&f->lock);
    strays_tell(f);
    struct err err;
    forgotten_name(key, name);
    return s && st_meta_set(f->config.store, name, seq, &err);
}
