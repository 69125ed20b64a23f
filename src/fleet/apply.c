/*
 * apply.c - an entry of the journal becomes positions, state and events.
 *
 * Live is what is newer, by its own time, than all before; the rest is late: it goes
 * into the history, in its place, and changes no present.
 */
#include "fleet/vehicle.h"

#include "core/geo.h"

enum {
    FUTURE_MS = 24 * 3600 * 1000, /* a place from further ahead is no place */
    HOURS_GAP_MS = 3600 * 1000,   /* the engine is not taken to run on without word */
    JITTER_M = 50,                /* a standing vehicle wanders so far */
};

/* Older than any tracker: 2000-01-01. */
static const int64_t EPOCH_MS = INT64_C(946684800000);

/* Starts to move above the first, stops below the second. */
static const double MOVE_KMH = 5;
static const double STAND_KMH = 2;

/* One record on its way. */
struct applied {
    struct fleet *f;
    struct vehicle *v;
    const struct entry *e;
    struct record *rec;
    struct tr_item item;
    bool placed;   /* has a good place of its own */
    bool timed;    /* has a good time of its own; else it stands for its arrival */
    bool live;     /* newer than all before */
    int64_t at_ms; /* the time it stands for */
};

/* ---- time and place ---- */

static bool plausible(int64_t ms, int64_t arrival_ms)
{
    return ms != TIME_NONE && ms >= EPOCH_MS && ms <= arrival_ms + FUTURE_MS;
}

/* A record without a good place of its own stands at the last known one. */
static void set_place(struct applied *a)
{
    const struct state *s = &a->v->s;
    const struct record *rec = a->rec;
    int64_t arrival_ms = a->e->arrival_ms;
    struct tr_extra *x = &a->item.extra;
    a->placed = rec_placed(rec) && plausible(rec->fix_ms, arrival_ms);
    a->timed = a->placed || plausible(rec->device_ms, arrival_ms);
    if (a->placed) {
        a->at_ms = rec->fix_ms;
        return;
    }
    a->at_ms = a->timed ? rec->device_ms : arrival_ms;
    x->outdated = true;
    x->fix_ms = s->fix_ms;
    x->latitude_deg = s->latitude_deg;
    x->longitude_deg = s->longitude_deg;
    x->altitude_m = s->altitude_m;
}

/* ---- motion, distance, engine ---- */

static int moving(const struct applied *a)
{
    const struct record *rec = a->rec;
    const struct state *s = &a->v->s;
    int told = rec_get_bool(rec, KEY_MOTION);
    if (told >= 0)
        return told;
    if (!a->placed || isnan(rec->speed_kmh))
        return s->motion;
    return rec->speed_kmh >= (s->motion == 1 ? STAND_KMH : MOVE_KMH);
}

static double centimetres(double m)
{
    return round(m * 100) / 100;
}

/* Metres from the last place; a standing vehicle's wandering is none. */
static double way(const struct applied *a)
{
    const struct state *s = &a->v->s;
    const struct record *rec = a->rec;
    if (s->fix_ms == TIME_NONE || !rec->valid)
        return 0;
    double m = geo_distance_m(s->latitude_deg, s->longitude_deg, rec->latitude_deg,
                              rec->longitude_deg);
    bool still = s->motion != 1 && a->item.extra.motion != 1;
    return still && m < JITTER_M ? 0 : centimetres(m);
}

static void count_engine(struct applied *a)
{
    struct state *s = &a->v->s;
    int ignition = rec_get_bool(a->rec, KEY_IGNITION);
    if (ignition < 0)
        ignition = s->ignition;
    if (s->engine_ms != TIME_NONE && a->at_ms > s->engine_ms &&
        a->at_ms - s->engine_ms <= HOURS_GAP_MS)
        s->hours_ms += (double)(a->at_ms - s->engine_ms);
    if (ignition != 1)
        s->engine_ms = TIME_NONE;
    else if (s->engine_ms == TIME_NONE || a->at_ms > s->engine_ms)
        s->engine_ms = a->at_ms;
}

/* What the present learns from a live record. */
static void advance(struct applied *a)
{
    struct state *s = &a->v->s;
    struct tr_extra *x = &a->item.extra;
    x->motion = moving(a);
    count_engine(a);
    if (a->placed) {
        x->distance_m = way(a);
        s->total_distance_m = centimetres(s->total_distance_m + x->distance_m);
    }
    x->total_distance_m = s->total_distance_m;
    x->hours_ms = s->ignition >= 0 || s->hours_ms > 0 ? s->hours_ms : NAN;
    events_of_record(a->f, a->v, a->rec, &a->item, true);
    s->motion = (int8_t)x->motion;
    if (a->placed) {
        s->fix_ms = a->rec->fix_ms;
        s->latitude_deg = a->rec->latitude_deg;
        s->longitude_deg = a->rec->longitude_deg;
        s->altitude_m = a->rec->altitude_m;
    }
    if (a->timed)
        s->latest_ms = a->at_ms;
    s->position_id = a->item.id;
    veh_set_latest(a->v, &a->item);
    a->f->told = a->v;
}

/* The operator set the counters: see fl_accumulate(). */
static void set_counters(struct applied *a)
{
    double total_m = rec_get_num(a->rec, KEY_TOTAL_DISTANCE_M);
    double hours_ms = rec_get_num(a->rec, KEY_HOURS_MS);
    if (!isnan(total_m))
        a->v->s.total_distance_m = centimetres(total_m);
    if (!isnan(hours_ms))
        a->v->s.hours_ms = hours_ms;
}

/* ---- a record ---- */

/* Sent before, perhaps in another session.  One without a time of its own is new. */
static bool repeated(const struct applied *a)
{
    const struct record *rec = a->rec;
    int64_t ms = a->placed ? rec->fix_ms : rec->device_ms;
    if (!plausible(ms, a->e->arrival_ms))
        return false;
    return tr_repeat(a->f->config.tracks, a->item.id, a->v->id, ms,
                     a->placed ? rec->latitude_deg : NAN,
                     a->placed ? rec->longitude_deg : NAN, a->item.kind);
}

static void apply_record(struct applied *a)
{
    struct fleet *f = a->f;
    struct state *s = &a->v->s;
    set_place(a);
    a->item.kind = tr_kind(a->e->message, rec_get_text(a->rec, KEY_ALARM));
    if (repeated(a)) {
        s->repeats++;
        f->repeats++;
        return;
    }
    s->positions++;
    f->positions++;
    /* By the device's clock alone: what has no time of its own holds nothing back. */
    a->live = !a->timed || s->latest_ms == TIME_NONE || a->at_ms >= s->latest_ms;
    health_record(a->v, a->rec, a->e->arrival_ms, a->live);
    if (span_is(a->e->protocol, "milepost"))
        set_counters(a);
    if (a->live) {
        advance(a);
    } else {
        s->late++;
        events_of_record(f, a->v, a->rec, &a->item, false);
    }
    tr_add(f->config.tracks, &a->item);
    a->v->tail = true;
}

static struct tr_item item_of(const struct applied *a, uint64_t seq, struct span packed)
{
    return (struct tr_item){
        .id = (int64_t)seq,
        .device_id = a->v->id,
        .server_ms = a->e->arrival_ms,
        .protocol = a->v->s.protocol,
        .extra =
            {
                .distance_m = NAN,
                .total_distance_m = NAN,
                .hours_ms = NAN,
                .motion = -1,
                .fix_ms = TIME_NONE,
                .latitude_deg = NAN,
                .longitude_deg = NAN,
                .altitude_m = NAN,
            },
        .packed = packed,
    };
}

static void apply_records(struct fleet *f, struct vehicle *v, const struct entry *e)
{
    struct span rest = e->records;
    for (unsigned i = 0; i < e->record_count; i++) {
        size_t len = rec_unpack(rest, &f->rec);
        if (!len)
            return;
        struct applied a = {.f = f, .v = v, .e = e, .rec = &f->rec};
        a.item = item_of(&a, e->seq + i, span_cut(rest, 0, len));
        apply_record(&a);
        rest = span_cut(rest, len, rest.len);
    }
}

/* ---- an entry ---- */

struct vehicle *apply_entry(struct fleet *f, const struct entry *e)
{
    struct vehicle *v = veh_by_name(f, e->device);
    if (!v || e->seq <= v->s.last_seq ||
        (e->origin_seq && e->origin_seq <= v->s.adopted_seq))
        return NULL;
    struct state *s = &v->s;
    if (e->origin_seq)
        s->adopted_seq = e->origin_seq;
    veh_dirty(f, v, e->seq);
    s->last_seq = e->seq;
    health_frame(f, v, e);
    if (e->verdict == DECODED && !span_is(e->protocol, "milepost")) {
        span_copy(e->protocol, s->protocol, sizeof s->protocol);
        if (!e->origin_seq && e->arrival_ms >= s->last_update_ms) {
            s->last_update_ms = e->arrival_ms;
            status_set(f, v, FL_ONLINE, e->arrival_ms);
        }
    }
    apply_records(f, v, e);
    return v;
}
