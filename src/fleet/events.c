/*
 * events.c - what happened: alarms, ignition, doors and inputs, motion, and whether a
 * device is heard of.
 *
 * An event's id is its record's seq times 64 and a slot: reading the journal again
 * makes the same events, and the store keeps each once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"
#include "fleet/vehicle.h"

/* What each slot of a seq is for. */
enum {
    SLOT_ALARM = 0, /* 16 alarms */
    SLOT_IGNITION = 16,
    SLOT_DOOR,
    SLOT_MOTION,
    SLOT_POWER,
    SLOT_INPUT = 24, /* INPUTS_MAX inputs */
    SLOT_ONLINE = 40,
    SLOT_OFFLINE,
    SLOT_UNKNOWN,
    SLOT_RESULT = 48,
    SLOTS = 64,
};

void event_add(struct fleet *f, struct vehicle *v, const char *type, int64_t ms,
               uint64_t seq, unsigned slot, int64_t position_id, const char *attributes)
{
    if (f->event_count == f->event_size) {
        f->event_size = f->event_size ? f->event_size * 2 : 256;
        f->events = mem_grow(f->events, f->event_size * sizeof *f->events);
    }
    f->events[f->event_count++] = (struct st_event){
        .id = (int64_t)(seq * SLOTS + slot),
        .type = type,
        .event_ms = ms,
        .device_id = v->id,
        .position_id = position_id,
        .attributes = mem_text(attributes),
    };
}

/* An event of a record with one attribute, a text. */
static void add_text(struct fleet *f, struct vehicle *v, const char *type, int64_t ms,
                     const struct tr_item *item, unsigned slot, const char *name,
                     struct span value)
{
    struct buffer out = {0};
    struct json j = {.out = &out};
    js_open(&j, NULL, '{');
    js_span(&j, name, value);
    js_close(&j, '}');
    buf_add(&out, "", 1);
    event_add(f, v, type, ms, (uint64_t)item->id, slot, item->id, (const char *)out.ptr);
    buf_fini(&out);
}

/* ---- alarms ---- */

static void add_alarms(struct fleet *f, struct vehicle *v, struct span all,
                       const struct tr_item *item, int64_t ms)
{
    struct reader r = rd_open(all, ',', NULL);
    for (unsigned n = 0; n < SLOT_IGNITION && rd_more(&r); n++) {
        struct span alarm = span_trim(rd_text(&r, "alarm"));
        if (alarm.len)
            add_text(f, v, "alarm", ms, item, SLOT_ALARM + n, "alarm", alarm);
    }
}

/* ---- what changed ---- */

/* One that is told by every record: an event when it is another than before. */
struct watched {
    uint32_t key;
    unsigned slot;
    const char *on, *off;
};

static const struct watched watched[] = {
    {KEY_IGNITION, SLOT_IGNITION, "ignitionOn", "ignitionOff"},
    {KEY_DOOR, SLOT_DOOR, "doorOpened", "doorClosed"},
};

static int8_t *kept(struct state *s, uint32_t key)
{
    return key == KEY_IGNITION ? &s->ignition : &s->door;
}

static void changes(struct fleet *f, struct vehicle *v, const struct record *rec,
                    const struct tr_item *item, int64_t ms)
{
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        int value = rec_get_bool(rec, watched[i].key);
        int8_t *before = kept(&v->s, watched[i].key);
        if (value < 0)
            continue;
        if (*before >= 0 && *before != value)
            event_add(f, v, value ? watched[i].on : watched[i].off, ms,
                      (uint64_t)item->id, watched[i].slot, item->id, "{}");
        *before = (int8_t)value;
    }
}

/* The device's setting `name`, or NULL. */
static const char *setting(const struct vehicle *v, const char *name)
{
    const char *p = v->settings;
    const char *end = p ? p + v->settings_len : NULL;
    while (p && p < end) {
        const char *value = p + strlen(p) + 1;
        if (!strcmp(p, name))
            return value;
        p = value + strlen(value) + 1;
    }
    return NULL;
}

static void add_input(struct fleet *f, struct vehicle *v, unsigned n, bool on,
                      const struct tr_item *item, int64_t ms)
{
    char name[16];
    snprintf(name, sizeof name, "in%uName", n + 1);
    struct buffer out = {0};
    struct json j = {.out = &out};
    js_open(&j, NULL, '{');
    js_int(&j, "input", n + 1);
    if (setting(v, name))
        js_text(&j, "name", setting(v, name));
    js_close(&j, '}');
    buf_add(&out, "", 1);
    event_add(f, v, on ? "inputOn" : "inputOff", ms, (uint64_t)item->id, SLOT_INPUT + n,
              item->id, (const char *)out.ptr);
    buf_fini(&out);
}

/* An input that the operator has given a meaning of its own is told as that. */
static bool has_meaning(const struct vehicle *v, unsigned n)
{
    static const char *const names[] = {"ignitionInput", "doorInput", "panicInput"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *number = setting(v, names[i]);
        if (number && strtoul(number, NULL, 10) == n + 1)
            return true;
    }
    return false;
}

/* Inputs come as in1, in2 ... or as the bits of `input`, lowest first. */
static int input_of(const struct record *rec, unsigned n)
{
    int value = rec_get_bool(rec, KEY_N(KEY_IN, n + 1));
    double bits = rec_get_num(rec, KEY_INPUT);
    if (value < 0 && bits >= 0 && bits < 65536)
        value = (unsigned)bits >> n & 1;
    return value;
}

static void inputs(struct fleet *f, struct vehicle *v, const struct record *rec,
                   const struct tr_item *item, int64_t ms)
{
    for (unsigned n = 0; n < INPUTS_MAX; n++) {
        int value = input_of(rec, n);
        int8_t *before = &v->s.inputs[n];
        if (value < 0)
            continue;
        if (*before >= 0 && *before != value && !has_meaning(v, n))
            add_input(f, v, n, value, item, ms);
        *before = (int8_t)value;
    }
}

/* Units that send no power alarm say it by the supply flag alone.  One that does send
 * it (an alarm in this very record) is not told twice. */
static void power(struct fleet *f, struct vehicle *v, const struct record *rec,
                  const struct tr_item *item, int64_t ms)
{
    int value = rec_get_bool(rec, KEY_CHARGE);
    if (value < 0)
        return;
    bool changed = v->s.charge >= 0 && v->s.charge != value;
    const char *alarm = value ? "powerRestored" : "powerCut";
    struct span told = rec_get_text(rec, KEY_ALARM);
    bool already = span_find(told, 0, alarm, strlen(alarm)) < told.len;
    bool lately = !strcmp(v->s.alarm, alarm);
    v->s.charge = (int8_t)value;
    if (changed && !already && !lately)
        event_add(f, v, "alarm", ms, (uint64_t)item->id, SLOT_POWER, item->id,
                  value ? "{\"alarm\":\"powerRestored\"}" : "{\"alarm\":\"powerCut\"}");
}

static void motion(struct fleet *f, struct vehicle *v, const struct tr_item *item,
                   int64_t ms)
{
    int now = item->extra.motion;
    if (now >= 0 && v->s.motion >= 0 && now != v->s.motion)
        event_add(f, v, now ? "deviceMoving" : "deviceStopped", ms, (uint64_t)item->id,
                  SLOT_MOTION, item->id, "{}");
}

void events_of_record(struct fleet *f, struct vehicle *v, const struct record *rec,
                      const struct tr_item *item, bool live)
{
    int64_t ms = rec->fix_ms != TIME_NONE      ? rec->fix_ms
                 : rec->device_ms != TIME_NONE ? rec->device_ms
                                               : item->server_ms;
    struct span alarm = rec_get_text(rec, KEY_ALARM);
    if (alarm.len)
        add_alarms(f, v, alarm, item, ms);
    struct span result = rec_get_text(rec, KEY_RESULT);
    if (result.len)
        add_text(f, v, "commandResult", ms, item, SLOT_RESULT, "result", result);
    if (!live)
        return;
    changes(f, v, rec, item, ms);
    inputs(f, v, rec, item, ms);
    power(f, v, rec, item, ms);
    motion(f, v, item, ms);
    if (alarm.len) {
        span_copy(alarm, v->s.alarm, sizeof v->s.alarm);
        v->s.alarm_ms = ms;
    }
}

/* ---- heard of or not ---- */

void status_set(struct fleet *f, struct vehicle *v, enum fl_status status, int64_t ms)
{
    static const char *const types[] = {"deviceOffline", "deviceOnline", "deviceUnknown"};
    static const unsigned slots[] = {SLOT_OFFLINE, SLOT_ONLINE, SLOT_UNKNOWN};
    if (v->s.status == (int8_t)status)
        return;
    v->s.status = (int8_t)status;
    veh_dirty(f, v, v->s.last_seq + 1);
    event_add(f, v, types[status], ms, v->s.last_seq, slots[status], v->s.position_id,
              "{}");
}
