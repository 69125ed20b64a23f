/*
 * idmap.h - a map from ids (above 0) to numbers: open addressing, for what is asked a
 * million times a second.  Zero is a valid empty one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idmap_slot {
    int64_t id; /* 0: free */
    int64_t value;
};

struct idmap {
    struct idmap_slot *slots;
    size_t count, size; /* size is 0 or a power of two */
};

/* The value's place, or NULL.  Valid until the map is changed. */
int64_t *idmap_find(const struct idmap *m, int64_t id);

/* Ids of 0 and below are never in. */
void idmap_put(struct idmap *m, int64_t id, int64_t value);
void idmap_remove(struct idmap *m, int64_t id);
void idmap_fini(struct idmap *m);

/* Appends the ids, in no order, to an array of `count` that the caller frees. */
void idmap_ids(const struct idmap *m, int64_t **ids, size_t *count);

/* Sorts and drops doubles; returns how many are left. */
size_t ids_sort(int64_t *ids, size_t count);

/* Is it among sorted ids? */
bool ids_has(const int64_t *ids, size_t count, int64_t id);
