/*
 * tail.h - positions that wait for their chunk: packed, behind each other, in small
 * blocks out of one pool.
 *
 * An item takes what its packed record takes and some twenty bytes.  Each is written
 * against the one before it; the first of a run stands for itself.
 */
#pragma once

#include "core/mem.h"
#include "store/chunk.h"

enum { BLOCK_BYTES = 252 };

/* Blocks are numbered from 1; 0 is none. */
struct block {
    uint32_t next;
    uint8_t bytes[BLOCK_BYTES];
};

struct pool {
    struct block **slabs;
    uint32_t slab_count;
    uint32_t made, freed; /* blocks ever made; first of those that are free */
    uint32_t used;
};
void pool_fini(struct pool *p);
size_t pool_bytes(const struct pool *p);

/* Items in the order in which they came.  Zero is an empty one. */
struct run {
    uint32_t first, last; /* blocks */
    uint32_t fill;        /* bytes in the last one */
    uint32_t count;       /* items */
    uint32_t len;         /* bytes */
    int64_t first_id, last_id;
    int64_t server_ms; /* of the last item */
    uint32_t kind;
};

/* What is looked for in items. */
struct item_key {
    int64_t time_ms; /* chunk_time() */
    int64_t own_ms;  /* chunk_key's */
};

/* Appends an item; `protocol` is the caller's number for its name. */
void run_add(struct pool *p, struct run *r, const struct tr_item *item,
             struct item_key key, uint32_t protocol);

/* Appends the bytes of a run behind another, and empties it. */
void run_join(struct pool *p, struct run *to, struct run *from);

/* Appends a run's bytes to a buffer. */
void run_copy(const struct pool *p, const struct run *r, struct buffer *out);
void run_clear(struct pool *p, struct run *r);

/* What its blocks take. */
static inline size_t run_bytes(const struct run *r)
{
    return (r->len + BLOCK_BYTES - 1) / BLOCK_BYTES * sizeof(struct block);
}

/* Steps through bytes that run_copy() made: items whose packed records lie in them.
 * The item's protocol is not set, its number is. */
struct item_reader {
    const uint8_t *at, *end;
    struct tr_item item;
    struct item_key key;
    uint32_t protocol;
};
struct item_reader items_open(const struct buffer *bytes, int64_t device_id);
bool items_next(struct item_reader *r);
