/*
 * live.c - questions about the present: where is it, is it heard of, how many are there.
 */
#include <stdlib.h>

#include "fleet/vehicle.h"

bool fl_live(struct fleet *f, int64_t device_id, struct fl_live *out)
{
    pthread_mutex_lock(&f->lock);
    const struct vehicle *v = veh_by_id(f, device_id);
    if (v) {
        *out = (struct fl_live){
            .device_id = device_id,
            .status = (enum fl_status)v->s.status,
            .last_update_ms = v->s.last_update_ms,
            .position_id = v->s.position_id,
            .position_ms = v->s.fix_ms,
        };
        span_copy(span_of(v->unique_id), out->unique_id, sizeof out->unique_id);
    }
    pthread_mutex_unlock(&f->lock);
    return v != NULL;
}

bool fl_latest(struct fleet *f, int64_t device_id, struct position *out)
{
    pthread_mutex_lock(&f->lock);
    const struct vehicle *v = veh_by_id(f, device_id);
    bool known = v && v->latest_len;
    if (known)
        veh_latest(v, out);
    pthread_mutex_unlock(&f->lock);
    return known;
}

/* The counters go through the journal like everything that changes a device's present. */
bool fl_accumulate(struct fleet *f, int64_t device_id, double total_distance_m,
                   double hours_ms, struct err *err)
{
    struct fl_live live;
    if (!fl_live(f, device_id, &live) || !live.position_id)
        return err_set(err, ERR_MISSING, "the device has no position yet");
    struct record *rec = mem_grow(NULL, sizeof *rec);
    uint8_t *packed = mem_grow(NULL, REC_PACK_MAX);
    rec_clear(rec);
    rec->device_ms = f->config.now_ms();
    rec_num(rec, KEY_TOTAL_DISTANCE_M, total_distance_m);
    rec_num(rec, KEY_HOURS_MS, hours_ms);
    struct entry e = {
        .arrival_ms = rec->device_ms,
        .device = span_of(live.unique_id),
        .protocol = span_of("milepost"),
        .message = span_of("accumulators"),
        .record_count = 1,
    };
    e.records = (struct span){packed, rec_pack(rec, packed)};
    uint64_t seq = jr_append(f->config.journal, &e);
    free(packed);
    free(rec);
    if (!seq || !jr_wait(f->config.journal, seq, 5000))
        return err_set(err, ERR_IO, "the journal does not take it now");
    fl_settle(f, 5000);
    return true;
}

void fl_totals(struct fleet *f, struct fl_totals *out)
{
    size_t strays = fl_stray_count(f);
    uint64_t next = atomic_load(&f->next_seq);
    uint64_t durable = jr_durable(f->config.journal);
    pthread_mutex_lock(&f->lock);
    *out = (struct fl_totals){
        .frames = f->frames,
        .positions = f->positions,
        .repeats = f->repeats,
        .lag = durable > next ? durable - next : 0,
        .devices = f->vehicle_count,
        .strays = strays,
    };
    for (size_t i = 0; i < f->table_size; i++)
        for (const struct vehicle *v = f->by_id[i]; v; v = v->next_id)
            out->online += v->s.status == FL_ONLINE;
    pthread_mutex_unlock(&f->lock);
}
