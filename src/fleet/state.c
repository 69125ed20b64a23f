/*
 * state.c - what of a device survives a restart: its state, its notes, and its latest
 * position, one blob a device.
 *
 *     u32  version      STATE_VERSION
 *     u32  state size   of struct state; a smaller one is an older one
 *     u32  notes size   of struct notes, which follows the state; 0: none
 *     u32  latest size  of the latest position's packed record; then struct tr_item
 *                       and the bytes
 *
 * The store is read on machines of the same byte order and word size.
 */
#include <stdlib.h>

#include "fleet/vehicle.h"

enum { STATE_VERSION = 1 };

struct head {
    uint32_t version, state_size, notes_size, latest_size;
};

void state_clear(struct state *s)
{
    *s = (struct state){
        .last_update_ms = TIME_NONE,
        .fix_ms = TIME_NONE,
        .latitude_deg = NAN,
        .longitude_deg = NAN,
        .altitude_m = NAN,
        .latest_ms = TIME_NONE,
        .engine_ms = TIME_NONE,
        .ignition = -1,
        .door = -1,
        .charge = -1,
        .motion = -1,
        .blocked = -1,
        .peer_ms = TIME_NONE,
        .other_peer_ms = TIME_NONE,
        .alarm_ms = TIME_NONE,
    };
    memset(s->inputs, -1, sizeof s->inputs);
}

void state_pack(const struct vehicle *v, struct buffer *out)
{
    struct head head = {STATE_VERSION, sizeof v->s, v->notes ? sizeof *v->notes : 0,
                        (uint32_t)v->latest_len};
    buf_add(out, &head, sizeof head);
    buf_add(out, &v->s, sizeof v->s);
    if (v->notes)
        buf_add(out, v->notes, sizeof *v->notes);
    if (v->latest_len) {
        buf_add(out, &v->latest, sizeof v->latest);
        buf_add(out, v->latest_bytes, v->latest_len);
    }
}

bool state_unpack(struct vehicle *v, const void *data, size_t len)
{
    struct head head;
    const uint8_t *p = data;
    if (len < sizeof head)
        return false;
    memcpy(&head, p, sizeof head);
    size_t need = sizeof head + (size_t)head.state_size + head.notes_size +
                  (head.latest_size ? sizeof v->latest + head.latest_size : 0);
    if (head.version != STATE_VERSION || head.state_size > sizeof v->s || len != need)
        return false;
    p += sizeof head;
    memcpy(&v->s, p, head.state_size);
    p += head.state_size;
    if (head.notes_size == sizeof *v->notes)
        v->notes = mem_copy(p, sizeof *v->notes);
    p += head.notes_size;
    if (head.latest_size) {
        struct tr_item item;
        memcpy(&item, p, sizeof item);
        item.packed = (struct span){p + sizeof item, head.latest_size};
        item.protocol = v->s.protocol;
        veh_set_latest(v, &item);
    }
    v->s.status = FL_OFFLINE; /* all are, until they speak */
    return true;
}

void veh_dirty(struct fleet *f, struct vehicle *v, uint64_t seq)
{
    if (v->dirty)
        return;
    v->dirty = true;
    v->dirty_seq = seq;
    v->dirty_ms = f->config.now_ms();
    v->prev_dirty = f->last_dirty;
    v->next_dirty = NULL;
    *(v->prev_dirty ? &v->prev_dirty->next_dirty : &f->first_dirty) = v;
    f->last_dirty = v;
}

void veh_clean(struct fleet *f, struct vehicle *v)
{
    v->tail = false;
    if (!v->dirty)
        return;
    v->dirty = false;
    *(v->prev_dirty ? &v->prev_dirty->next_dirty : &f->first_dirty) = v->next_dirty;
    *(v->next_dirty ? &v->next_dirty->prev_dirty : &f->last_dirty) = v->prev_dirty;
}

void veh_set_latest(struct vehicle *v, const struct tr_item *item)
{
    if (item->packed.len > v->latest_len || !v->latest_bytes)
        v->latest_bytes = mem_grow(v->latest_bytes, item->packed.len);
    memcpy(v->latest_bytes, item->packed.ptr, item->packed.len);
    v->latest_len = item->packed.len;
    v->latest = *item;
    v->latest.protocol = v->s.protocol;
    v->latest.packed = (struct span){v->latest_bytes, v->latest_len};
}

void veh_latest(const struct vehicle *v, struct position *out)
{
    tr_compose(&v->latest, out);
}
