/*
 * track_stage.h - what the tests of tracks share: a store with tracks that can crash, and
 * items to add.
 */
#pragma once

#include "store/track.h"
#include "store_stage.h"

static struct err stage_err; /* of the last call that failed */
static const struct tr_extra no_extra = {.distance_m = NAN,
                                         .total_distance_m = NAN,
                                         .hours_ms = NAN,
                                         .motion = -1,
                                         .fix_ms = TIME_NONE,
                                         .latitude_deg = NAN,
                                         .longitude_deg = NAN,
                                         .altitude_m = NAN};

/* ---- a stage: a store, its tracks, and what they should hold ---- */

struct scene {
    struct stage stage;
    struct store *st;
    struct tracks *t;
    uint64_t applied;
};

static inline void scene_open(struct scene *s, unsigned devices)
{
    *s = (struct scene){.applied = 0};
    stage_open(&s->stage);
    s->st = st_open(s->stage.path, &stage_err);
    CHECK(s->st != NULL, stage_err.text);
    stage_devices(s->st, devices);
    s->t = tr_open(s->st, 0);
}

static inline void scene_close(struct scene *s)
{
    tr_close(s->t);
    st_close(s->st);
    stage_close(&s->stage);
}

/* As after a crash: what was in memory is lost. */
static inline void scene_crash(struct scene *s)
{
    tr_close(s->t);
    st_close(s->st);
    s->st = st_open(s->stage.path, &stage_err);
    CHECK(s->st != NULL, stage_err.text);
    s->t = tr_open(s->st, 0);
}

static inline bool apply(struct scene *s, const struct st_chunk *chunks, size_t count)
{
    struct st_batch batch = {.chunks = chunks,
                             .chunk_count = count,
                             .applied_seq = ++s->applied,
                             .tail_seq = tr_tail_seq(s->t)};
    return st_apply(s->st, &batch, &stage_err);
}

static inline size_t store_due(struct scene *s, int64_t now_ms, bool all)
{
    const struct st_chunk *chunks;
    size_t count = tr_due(s->t, now_ms, all, &chunks);
    CHECK(apply(s, chunks, count), stage_err.text);
    tr_stored(s->t);
    return count;
}

/* ---- items ---- */

struct made {
    struct tr_item item;
    struct position position; /* as readers get it */
};

static inline void make(struct made *m, int64_t id, int64_t device_id, int64_t server_ms,
                        const struct record *rec, struct tr_extra extra)
{
    uint8_t packed[REC_PACK_MAX];
    size_t len = rec_pack(rec, packed);
    m->item = (struct tr_item){.id = id,
                               .device_id = device_id,
                               .server_ms = server_ms,
                               .kind = 7,
                               .protocol = "gt06",
                               .extra = extra,
                               .packed = {mem_copy(packed, len), len}};
    tr_compose(&m->item, &m->position);
}

static inline void drop(struct made *m)
{
    free((void *)m->item.packed.ptr);
}

/* A record at a time and place; its id is in it. */
static inline void make_plain(struct made *m, int64_t id, int64_t device_id,
                              int64_t fix_ms)
{
    static struct record rec;
    rec_clear(&rec);
    rec.fix_ms = rec.device_ms = fix_ms;
    rec.latitude_deg = 52.5 + (double)(id % 1000) / 1e4;
    rec.longitude_deg = 13.4;
    rec_num(&rec, KEY_INDEX, (double)id);
    make(m, id, device_id, fix_ms + 1000, &rec, no_extra);
}

static inline void add_plain(struct scene *s, int64_t id, int64_t device_id,
                             int64_t fix_ms)
{
    struct made m;
    make_plain(&m, id, device_id, fix_ms);
    tr_add(s->t, &m.item);
    drop(&m);
}
