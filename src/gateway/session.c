/*
 * session.c - the gateway's side of protocol.h: what a decoder may ask of its
 * session, and where it puts what a frame yields.
 */
#include "gateway/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* An id is 1 to CH_ID_MAX printable characters without blanks. */
static bool id_copy(struct span id, char out[CH_ID_MAX + 1])
{
    id = span_trim(id);
    if (!id.len || id.len > CH_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.ptr[i] <= ' ' || id.ptr[i] > '~')
            return false;
    span_copy(id, out, CH_ID_MAX + 1);
    return true;
}

void ses_refresh(struct session *s)
{
    struct identity *who = &s->who;
    who->registered = true;
    who->settings = NULL;
    who->settings_len = 0;
    if (s->env && s->env->identify && *who->id)
        who->registered = s->env->identify(s->env->arg, span_of(who->id), &who->settings,
                                           &who->settings_len);
}

bool ses_identify(struct session *s, struct span id)
{
    char text[CH_ID_MAX + 1];
    if (!id_copy(id, text)) {
        s->bad_id = id.len > 0;
        return false;
    }
    s->named = true;
    if (strcmp(text, s->who.id)) {
        memcpy(s->who.id, text, sizeof text);
        ses_refresh(s);
    }
    return s->who.registered;
}

bool ses_identify_num(struct session *s, uint64_t id)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)id);
    return ses_identify(s, span_of(text));
}

const char *ses_id(const struct session *s)
{
    return s->who.id;
}

void *ses_state(struct session *s)
{
    return s->state;
}

int64_t ses_now_ms(const struct session *s)
{
    return s->now_ms;
}

enum transport ses_transport(const struct session *s)
{
    return s->transport;
}

static const char *look_up(const struct identity *who, const char *name)
{
    const char *p = who->settings;
    const char *end = p + who->settings_len;
    while (p < end) {
        const char *value = p + strlen(p) + 1;
        if (value >= end)
            return NULL;
        if (!strcmp(p, name))
            return value;
        p = value + strlen(value) + 1;
    }
    return NULL;
}

const char *ses_setting(const struct session *s, const char *name)
{
    return s->who.settings ? look_up(&s->who, name) : NULL;
}

double ses_setting_num(const struct session *s, const char *name)
{
    const char *text = ses_setting(s, name);
    double value;
    return text && text_num(span_of(text), &value) ? value : NAN;
}

bool ses_setting_bool(const struct session *s, const char *name, bool fallback)
{
    const char *text = ses_setting(s, name);
    if (!text)
        return fallback;
    return !strcmp(text, "true") || !strcmp(text, "1") || !strcmp(text, "yes");
}

/* ---- what a frame yields ---- */

void out_clear(struct out *o)
{
    o->message = "";
    o->checksum_bad = o->overflow = false;
    o->record_count = o->reply_count = o->answer_count = 0;
    o->piece_count = o->device_count = 0;
    o->arena_len = 0;
    o->device = NULL;
}

void out_message(struct out *o, const char *name)
{
    o->message = name;
}

struct record *out_record(struct out *o)
{
    struct record *rec = &o->spare;
    if (o->record_count < OUT_RECORDS_MAX) {
        o->record_devices[o->record_count] = o->device;
        rec = &o->records[o->record_count++];
    } else {
        o->overflow = true;
    }
    rec_clear(rec);
    return rec;
}

void out_device(struct out *o, struct span id)
{
    if (o->device_count == OUT_DEVICES_MAX || !id_copy(id, o->devices[o->device_count])) {
        o->overflow = true;
        return;
    }
    o->device = o->devices[o->device_count++];
}

void out_checksum_bad(struct out *o)
{
    o->checksum_bad = true;
}

/* Room in the arena, or NULL where it is full. */
static uint8_t *arena_take(struct out *o, size_t len, size_t max)
{
    if (len > max || len > OUT_ARENA - o->arena_len) {
        o->overflow = true;
        return NULL;
    }
    uint8_t *p = o->arena + o->arena_len;
    o->arena_len += len;
    return p;
}

static uint8_t *reply_room(struct out *o, size_t len, bool now)
{
    uint8_t *p = arena_take(o, len, OUT_REPLY_MAX);
    if (!p || o->reply_count == CH_REPLIES_MAX) {
        o->overflow = true;
        return NULL;
    }
    o->replies[o->reply_count++] = (struct reply){{p, len}, now};
    return p;
}

static void reply(struct out *o, const void *bytes, size_t len, bool now)
{
    uint8_t *p = reply_room(o, len, now);
    if (p)
        memcpy(p, bytes, len);
}

void out_send(struct out *o, const void *bytes, size_t len)
{
    reply(o, bytes, len, false);
}

void out_send_now(struct out *o, const void *bytes, size_t len)
{
    reply(o, bytes, len, true);
}

uint8_t *out_room(struct out *o, size_t len)
{
    return reply_room(o, len, false);
}

void out_printf(struct out *o, const char *format, ...)
{
    char text[OUT_REPLY_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        o->overflow = true;
    else
        reply(o, text, (size_t)len, false);
}

void out_answer(struct out *o, uint32_t id, struct span text)
{
    uint8_t *p = arena_take(o, text.len, OUT_REPLY_MAX);
    if (!p || o->answer_count == OUT_ANSWERS_MAX) {
        o->overflow = true;
        return;
    }
    memcpy(p, text.ptr, text.len);
    o->answers[o->answer_count++] = (struct answer){id, {p, text.len}};
}

void out_media(struct out *o, const char *type, uint64_t name, size_t offset,
               size_t total, struct span piece)
{
    if (o->piece_count == OUT_PIECES_MAX)
        o->overflow = true;
    else
        o->pieces[o->piece_count++] = (struct piece){type, name, offset, total, piece};
}
