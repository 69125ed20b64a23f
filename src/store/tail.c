/*
 * tail.c - items packed into blocks.
 *
 *     u16     what there is, HAS_...
 *     varint  id        after the one before
 *     varint  server    zigzag, after the one before
 *     varint  time      zigzag, after the server's
 *     varint  protocol
 *     ...     own time, kind, numbers and last place, as HAS_... says, in its order
 *     varint  length of the packed record, and the record
 *
 * These bytes never leave the process, so they are read without doubt.
 */
#include "store/tail.h"

#include <math.h>
#include <stdlib.h>

enum {
    HAS_START = 1 << 0, /* first of its run: id and server stand for themselves */
    HAS_OWN = 1 << 1,   /* zigzag varint after the server's; else it is the time */
    HAS_NO_OWN = 1 << 2,
    HAS_KIND = 1 << 3, /* u32; else that of the one before */
    HAS_DISTANCE = 1 << 4,
    HAS_TOTAL = 1 << 5,
    HAS_HOURS = 1 << 6,
    HAS_MOTION = 1 << 7, /* it is known ... */
    IS_MOVING = 1 << 8,  /* ... and this */
    IS_OUTDATED = 1 << 9,
    HAS_FIX = 1 << 10,      /* zigzag varint after the server's */
    HAS_LATITUDE = 1 << 11, /* as numbers, like the others */
    HAS_LONGITUDE = 1 << 12,
    HAS_ALTITUDE = 1 << 13,
    HEAD_MAX = 128,
    SLAB_BLOCKS = 4096,
};

/* What numbers are whole multiples of, as a rule. */
static const double CM = 100, E7 = 1e7;

/* ---- the pool ---- */

static struct block *block_of(const struct pool *p, uint32_t number)
{
    return &p->slabs[(number - 1) / SLAB_BLOCKS][(number - 1) % SLAB_BLOCKS];
}

static uint32_t take_block(struct pool *p)
{
    uint32_t number = p->freed;
    p->used++;
    if (number) {
        p->freed = block_of(p, number)->next;
    } else {
        if (p->made == p->slab_count * (size_t)SLAB_BLOCKS) {
            p->slabs = mem_grow(p->slabs, (p->slab_count + 1) * sizeof *p->slabs);
            p->slabs[p->slab_count++] =
                mem_grow(NULL, SLAB_BLOCKS * sizeof(struct block));
        }
        number = ++p->made;
    }
    block_of(p, number)->next = 0;
    return number;
}

void pool_fini(struct pool *p)
{
    for (uint32_t i = 0; i < p->slab_count; i++)
        free(p->slabs[i]);
    free(p->slabs);
    *p = (struct pool){0};
}

size_t pool_bytes(const struct pool *p)
{
    return p->used * sizeof(struct block);
}

/* ---- writing ---- */

static uint64_t zigzag(uint64_t v)
{
    return v << 1 ^ (v >> 63 ? UINT64_MAX : 0);
}

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_time(uint8_t *at, int64_t ms, int64_t base_ms)
{
    return put_varint(at, zigzag((uint64_t)ms - (uint64_t)base_ms));
}

/* As whole hundredths or so (scale): an even number before; else an odd byte and bits. */
static uint8_t *put_number(uint8_t *at, double value, double scale)
{
    double scaled = value * scale;
    if (fabs(scaled) < 9e15) {
        int64_t digits = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
        if ((double)digits / scale == value && !(digits == 0 && signbit(value)))
            return put_varint(at, zigzag((uint64_t)digits) << 1);
    }
    *at++ = 1;
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static unsigned has_if(double value, unsigned bit)
{
    return isnan(value) ? 0 : bit;
}

static unsigned what_is_there(const struct run *r, const struct tr_item *item,
                              struct item_key key)
{
    const struct tr_extra *x = &item->extra;
    unsigned has = r->count ? 0 : HAS_START;
    if (key.own_ms == TIME_NONE)
        has |= HAS_NO_OWN;
    else if (key.own_ms != key.time_ms)
        has |= HAS_OWN;
    if (!r->count || item->kind != r->kind)
        has |= HAS_KIND;
    has |= has_if(x->distance_m, HAS_DISTANCE) | has_if(x->total_distance_m, HAS_TOTAL);
    has |= has_if(x->hours_ms, HAS_HOURS);
    has |= (x->motion >= 0 ? HAS_MOTION : 0) | (x->motion > 0 ? IS_MOVING : 0);
    if (!x->outdated)
        return has;
    has |= IS_OUTDATED | (x->fix_ms != TIME_NONE ? HAS_FIX : 0);
    has |= has_if(x->latitude_deg, HAS_LATITUDE);
    has |= has_if(x->longitude_deg, HAS_LONGITUDE);
    return has | has_if(x->altitude_m, HAS_ALTITUDE);
}

static uint8_t *put_extra(uint8_t *at, const struct tr_item *item, unsigned has)
{
    const struct tr_extra *x = &item->extra;
    if (has & HAS_DISTANCE)
        at = put_number(at, x->distance_m, CM);
    if (has & HAS_TOTAL)
        at = put_number(at, x->total_distance_m, CM);
    if (has & HAS_HOURS)
        at = put_number(at, x->hours_ms, 1);
    if (has & HAS_FIX)
        at = put_time(at, x->fix_ms, item->server_ms);
    if (has & HAS_LATITUDE)
        at = put_number(at, x->latitude_deg, E7);
    if (has & HAS_LONGITUDE)
        at = put_number(at, x->longitude_deg, E7);
    if (has & HAS_ALTITUDE)
        at = put_number(at, x->altitude_m, CM);
    return at;
}

static void append(struct pool *p, struct run *r, const uint8_t *bytes, size_t len)
{
    r->len += (uint32_t)len;
    while (len) {
        if (!r->last || r->fill == BLOCK_BYTES) {
            uint32_t number = take_block(p);
            if (r->last)
                block_of(p, r->last)->next = number;
            else
                r->first = number;
            r->last = number;
            r->fill = 0;
        }
        size_t part = BLOCK_BYTES - r->fill < len ? BLOCK_BYTES - r->fill : len;
        memcpy(block_of(p, r->last)->bytes + r->fill, bytes, part);
        r->fill += (uint32_t)part;
        bytes += part;
        len -= part;
    }
}

void run_add(struct pool *p, struct run *r, const struct tr_item *item,
             struct item_key key, uint32_t protocol)
{
    uint8_t head[HEAD_MAX], *at = head;
    unsigned has = what_is_there(r, item, key);
    *at++ = (uint8_t)has;
    *at++ = (uint8_t)(has >> 8);
    at = put_varint(at, (uint64_t)item->id - (uint64_t)(r->count ? r->last_id : 0));
    at = put_time(at, item->server_ms, r->count ? r->server_ms : 0);
    at = put_time(at, key.time_ms, item->server_ms);
    at = put_varint(at, protocol);
    if (has & HAS_OWN)
        at = put_time(at, key.own_ms, item->server_ms);
    if (has & HAS_KIND) {
        memcpy(at, &item->kind, sizeof item->kind);
        at += sizeof item->kind;
    }
    at = put_extra(at, item, has);
    at = put_varint(at, item->packed.len);
    append(p, r, head, (size_t)(at - head));
    append(p, r, item->packed.ptr, item->packed.len);
    if (!r->count)
        r->first_id = item->id;
    r->count++;
    r->last_id = item->id;
    r->server_ms = item->server_ms;
    r->kind = item->kind;
}

void run_copy(const struct pool *p, const struct run *r, struct buffer *out)
{
    uint8_t *at = buf_room(out, r->len + 1);
    for (uint32_t number = r->first; number;) {
        const struct block *b = block_of(p, number);
        size_t part = number == r->last ? r->fill : BLOCK_BYTES;
        memcpy(at, b->bytes, part);
        at += part;
        number = b->next;
    }
    out->len += r->len;
}

void run_join(struct pool *p, struct run *to, struct run *from)
{
    struct buffer bytes = {0};
    run_copy(p, from, &bytes);
    append(p, to, bytes.ptr, bytes.len);
    if (!to->count)
        to->first_id = from->first_id;
    to->count += from->count;
    to->last_id = from->last_id;
    to->server_ms = from->server_ms;
    to->kind = from->kind;
    run_clear(p, from);
    buf_fini(&bytes);
}

void run_clear(struct pool *p, struct run *r)
{
    if (r->first) {
        block_of(p, r->last)->next = p->freed;
        p->freed = r->first;
        p->used -= (uint32_t)(run_bytes(r) / sizeof(struct block));
    }
    *r = (struct run){0};
}

/* ---- reading ---- */

static uint64_t get_varint(struct item_reader *r)
{
    uint64_t value = 0;
    unsigned shift = 0;
    while (*r->at & 0x80) {
        value |= (uint64_t)(*r->at++ & 0x7f) << shift;
        shift += 7;
    }
    return value | (uint64_t)*r->at++ << shift;
}

static int64_t get_time(struct item_reader *r, int64_t base_ms)
{
    uint64_t v = get_varint(r);
    return (int64_t)((v >> 1 ^ (v & 1 ? UINT64_MAX : 0)) + (uint64_t)base_ms);
}

static double get_number(struct item_reader *r, bool there, double scale)
{
    if (!there)
        return NAN;
    double value;
    if (*r->at == 1) {
        memcpy(&value, r->at + 1, sizeof value);
        r->at += 1 + sizeof value;
        return value;
    }
    uint64_t v = get_varint(r) >> 1;
    return (double)(int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0)) / scale;
}

static void get_extra(struct item_reader *r, unsigned has)
{
    struct tr_extra *x = &r->item.extra;
    x->distance_m = get_number(r, has & HAS_DISTANCE, CM);
    x->total_distance_m = get_number(r, has & HAS_TOTAL, CM);
    x->hours_ms = get_number(r, has & HAS_HOURS, 1);
    x->motion = has & HAS_MOTION ? (has & IS_MOVING) != 0 : -1;
    x->outdated = has & IS_OUTDATED;
    x->fix_ms = has & HAS_FIX ? get_time(r, r->item.server_ms) : TIME_NONE;
    x->latitude_deg = get_number(r, has & HAS_LATITUDE, E7);
    x->longitude_deg = get_number(r, has & HAS_LONGITUDE, E7);
    x->altitude_m = get_number(r, has & HAS_ALTITUDE, CM);
}

struct item_reader items_open(const struct buffer *bytes, int64_t device_id)
{
    return (struct item_reader){
        .at = bytes->ptr,
        .end = bytes->ptr + bytes->len,
        .item = {.device_id = device_id},
    };
}

bool items_next(struct item_reader *r)
{
    if (r->at == r->end)
        return false;
    struct tr_item *item = &r->item;
    unsigned has = r->at[0] | (unsigned)r->at[1] << 8;
    r->at += 2;
    bool start = has & HAS_START;
    item->id = (int64_t)(get_varint(r) + (uint64_t)(start ? 0 : item->id));
    item->server_ms = get_time(r, start ? 0 : item->server_ms);
    r->key.time_ms = get_time(r, item->server_ms);
    r->protocol = (uint32_t)get_varint(r);
    r->key.own_ms = has & HAS_OWN      ? get_time(r, item->server_ms)
                    : has & HAS_NO_OWN ? TIME_NONE
                                       : r->key.time_ms;
    if (has & HAS_KIND) {
        memcpy(&item->kind, r->at, sizeof item->kind);
        r->at += sizeof item->kind;
    }
    get_extra(r, has);
    size_t len = get_varint(r);
    item->packed = (struct span){r->at, len};
    r->at += len;
    return true;
}
