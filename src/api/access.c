/*
 * access.c - maps of links, read from the store.
 */
#include "api/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "api/idmap.h"
#include "core/mem.h"

enum { GROUP_DEPTH_MAX = 64 };

/* What is linked to a user: sets. */
struct links {
    int64_t user_id;
    struct idmap to[3]; /* by enum st_kind */
};

struct group {
    int64_t id, parent_id;
    struct idmap devices; /* set */
};

struct access {
    struct store *st;
    pthread_rwlock_t lock;
    atomic_bool stale;
    atomic_uint_fast64_t version;
    struct idmap devices; /* id -> group id */
    struct idmap user_at; /* id -> place in users */
    struct idmap group_at;
    struct links *users;
    struct group *groups;
    size_t user_count, group_count;
};

struct access *acc_new(struct store *st)
{
    struct access *a = mem_zero(sizeof *a);
    a->st = st;
    atomic_store(&a->stale, true);
    pthread_rwlock_init(&a->lock, NULL);
    return a;
}

static void clear(struct access *a)
{
    for (size_t i = 0; i < a->user_count; i++)
        for (size_t kind = 0; kind < 3; kind++)
            idmap_fini(&a->users[i].to[kind]);
    for (size_t i = 0; i < a->group_count; i++)
        idmap_fini(&a->groups[i].devices);
    free(a->users);
    free(a->groups);
    a->users = NULL;
    a->groups = NULL;
    a->user_count = a->group_count = 0;
    idmap_fini(&a->devices);
    idmap_fini(&a->user_at);
    idmap_fini(&a->group_at);
}

void acc_free(struct access *a)
{
    if (!a)
        return;
    clear(a);
    pthread_rwlock_destroy(&a->lock);
    free(a);
}

/* ---- building ---- */

/* A place for one more in an array that doubles. */
static void *room(void *array, size_t count, size_t size)
{
    if (count && (count & (count - 1)))
        return array;
    return mem_grow(array, (count ? count * 2 : 1) * size);
}

static struct links *links_of(const struct access *a, int64_t user_id)
{
    int64_t *at = idmap_find(&a->user_at, user_id);
    return at ? &a->users[*at] : NULL;
}

static struct group *group_of(const struct access *a, int64_t group_id)
{
    int64_t *at = idmap_find(&a->group_at, group_id);
    return at ? &a->groups[*at] : NULL;
}

static struct links *make_links(struct access *a, int64_t user_id)
{
    struct links *l = links_of(a, user_id);
    if (l)
        return l;
    a->users = room(a->users, a->user_count, sizeof *a->users);
    idmap_put(&a->user_at, user_id, (int64_t)a->user_count);
    l = &a->users[a->user_count++];
    *l = (struct links){.user_id = user_id};
    return l;
}

static bool add_group(void *arg, const struct st_group *g)
{
    struct access *a = arg;
    a->groups = room(a->groups, a->group_count, sizeof *a->groups);
    idmap_put(&a->group_at, g->id, (int64_t)a->group_count);
    a->groups[a->group_count++] = (struct group){.id = g->id, .parent_id = g->group_id};
    return true;
}

static void set_device(struct access *a, int64_t device_id, int64_t group_id)
{
    int64_t *before = idmap_find(&a->devices, device_id);
    struct group *g = before ? group_of(a, *before) : NULL;
    if (g)
        idmap_remove(&g->devices, device_id);
    idmap_put(&a->devices, device_id, group_id);
    g = group_of(a, group_id);
    if (g)
        idmap_put(&g->devices, device_id, 1);
}

static bool add_device(void *arg, const struct st_device *d)
{
    set_device(arg, d->id, d->group_id);
    return true;
}

static bool add_link(void *arg, enum st_kind owner, int64_t owner_id, enum st_kind member,
                     int64_t member_id)
{
    if (owner == ST_USER)
        idmap_put(&make_links(arg, owner_id)->to[member], member_id, 1);
    return true;
}

static void reload(struct access *a)
{
    struct err err = {0};
    pthread_rwlock_wrlock(&a->lock);
    if (atomic_exchange(&a->stale, false)) {
        clear(a);
        if (!st_groups_each(a->st, add_group, a, &err) ||
            !st_devices_each(a->st, add_device, a, &err) ||
            !st_links_each(a->st, add_link, a, &err)) {
            clear(a);
            atomic_store(&a->stale, true);
        }
        atomic_fetch_add(&a->version, 1);
    }
    pthread_rwlock_unlock(&a->lock);
}

static void read_lock(struct access *a)
{
    if (atomic_load(&a->stale))
        reload(a);
    pthread_rwlock_rdlock(&a->lock);
}

static void unlock(struct access *a)
{
    pthread_rwlock_unlock(&a->lock);
}

/* ---- what changed ---- */

void acc_stale(struct access *a)
{
    atomic_store(&a->stale, true);
    atomic_fetch_add(&a->version, 1);
}

void acc_device(struct access *a, int64_t device_id, int64_t group_id)
{
    pthread_rwlock_wrlock(&a->lock);
    set_device(a, device_id, group_id);
    atomic_fetch_add(&a->version, 1);
    unlock(a);
}

void acc_device_gone(struct access *a, int64_t device_id)
{
    pthread_rwlock_wrlock(&a->lock);
    set_device(a, device_id, 0);
    idmap_remove(&a->devices, device_id);
    for (size_t i = 0; i < a->user_count; i++)
        idmap_remove(&a->users[i].to[ST_DEVICE], device_id);
    atomic_fetch_add(&a->version, 1);
    unlock(a);
}

void acc_link(struct access *a, int64_t user_id, enum st_kind member, int64_t member_id,
              bool linked)
{
    pthread_rwlock_wrlock(&a->lock);
    struct links *l = linked ? make_links(a, user_id) : links_of(a, user_id);
    if (linked)
        idmap_put(&l->to[member], member_id, 1);
    else if (l)
        idmap_remove(&l->to[member], member_id);
    atomic_fetch_add(&a->version, 1);
    unlock(a);
}

uint64_t acc_version(const struct access *a)
{
    return atomic_load(&a->version);
}

/* ---- questions; the lock is held by who calls ---- */

static bool in_group(const struct access *a, const struct links *l, int64_t group_id)
{
    if (!l->to[ST_GROUP].count)
        return false;
    for (int depth = 0; group_id && depth < GROUP_DEPTH_MAX; depth++) {
        struct group *g = group_of(a, group_id);
        if (!g)
            return false;
        if (idmap_find(&l->to[ST_GROUP], group_id))
            return true;
        group_id = g->parent_id;
    }
    return false;
}

static bool owns_device(const struct access *a, const struct links *l, int64_t device_id)
{
    int64_t *group_id = l ? idmap_find(&a->devices, device_id) : NULL;
    return group_id &&
           (idmap_find(&l->to[ST_DEVICE], device_id) || in_group(a, l, *group_id));
}

bool acc_owns_device(struct access *a, int64_t user_id, int64_t device_id)
{
    bool owns;
    acc_owns_devices(a, user_id, &device_id, 1, &owns);
    return owns;
}

void acc_owns_devices(struct access *a, int64_t user_id, const int64_t *devices,
                      size_t count, bool *owns)
{
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    for (size_t i = 0; i < count; i++)
        owns[i] = owns_device(a, l, devices[i]);
    unlock(a);
}

bool acc_owns_group(struct access *a, int64_t user_id, int64_t group_id)
{
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    bool owns = l && in_group(a, l, group_id);
    unlock(a);
    return owns;
}

bool acc_linked(struct access *a, int64_t user_id, enum st_kind member, int64_t member_id)
{
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    bool linked = l && idmap_find(&l->to[member], member_id);
    unlock(a);
    return linked;
}

/* Asks for the user, then for those that the user manages. */
static bool reaches(struct access *a, int64_t user_id, int64_t id,
                    bool (*owns)(const struct access *a, const struct links *l,
                                 int64_t id))
{
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    bool found = l && owns(a, l, id);
    for (size_t i = 0; l && !found && i < l->to[ST_USER].size; i++) {
        const struct links *other = links_of(a, l->to[ST_USER].slots[i].id);
        found = other && owns(a, other, id);
    }
    unlock(a);
    return found;
}

bool acc_reaches_device(struct access *a, int64_t user_id, int64_t device_id)
{
    return reaches(a, user_id, device_id, owns_device);
}

bool acc_reaches_group(struct access *a, int64_t user_id, int64_t group_id)
{
    return reaches(a, user_id, group_id, in_group);
}

/* ---- lists ---- */

/* The group lies in or below another. */
static bool below(const struct access *a, const struct group *g, int64_t top_id)
{
    for (int depth = 0; g && depth < GROUP_DEPTH_MAX; depth++) {
        if (g->id == top_id)
            return true;
        g = group_of(a, g->parent_id);
    }
    return false;
}

size_t acc_devices(struct access *a, int64_t user_id, bool expanded, int64_t **ids)
{
    size_t count = 0;
    *ids = NULL;
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    if (l)
        idmap_ids(&l->to[ST_DEVICE], ids, &count);
    for (size_t i = 0; l && expanded && i < a->group_count; i++)
        if (in_group(a, l, a->groups[i].id))
            idmap_ids(&a->groups[i].devices, ids, &count);
    unlock(a);
    return ids_sort(*ids, count);
}

size_t acc_groups(struct access *a, int64_t user_id, bool expanded, int64_t **ids)
{
    size_t count = 0;
    *ids = NULL;
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    *ids = mem_grow(NULL, a->group_count * sizeof **ids);
    for (size_t i = 0; l && i < a->group_count; i++)
        if (expanded ? in_group(a, l, a->groups[i].id)
                     : idmap_find(&l->to[ST_GROUP], a->groups[i].id) != NULL)
            (*ids)[count++] = a->groups[i].id;
    unlock(a);
    return ids_sort(*ids, count);
}

size_t acc_managed(struct access *a, int64_t user_id, int64_t **ids)
{
    size_t count = 0;
    *ids = NULL;
    read_lock(a);
    const struct links *l = links_of(a, user_id);
    if (l)
        idmap_ids(&l->to[ST_USER], ids, &count);
    unlock(a);
    return ids_sort(*ids, count);
}

size_t acc_users_of_device(struct access *a, int64_t device_id, int64_t **ids)
{
    size_t count = 0;
    read_lock(a);
    *ids = mem_grow(NULL, a->user_count * sizeof **ids);
    for (size_t i = 0; i < a->user_count; i++)
        if (idmap_find(&a->users[i].to[ST_DEVICE], device_id))
            (*ids)[count++] = a->users[i].user_id;
    unlock(a);
    return ids_sort(*ids, count);
}

size_t acc_group_devices(struct access *a, int64_t group_id, int64_t **ids)
{
    size_t count = 0;
    *ids = NULL;
    read_lock(a);
    for (size_t i = 0; i < a->group_count; i++)
        if (below(a, &a->groups[i], group_id))
            idmap_ids(&a->groups[i].devices, ids, &count);
    unlock(a);
    return ids_sort(*ids, count);
}
