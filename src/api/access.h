/*
 * access.h - who sees what: links from users to devices, groups and managed users,
 * and the groups that devices are in.
 *
 * Kept in memory, so that every call and every position on a socket can ask.  Changes
 * are told here as they are made; acc_stale() has all of it read again from the store
 * before the next question.  When that fails, nobody sees anything.
 *
 * Any thread may call anything.  Lists of ids are sorted; the caller frees them.
 */
#pragma once

#include "store/store.h"

struct access;

struct access *acc_new(struct store *st);
void acc_free(struct access *a);

/* ---- what changed ---- */

void acc_stale(struct access *a);
void acc_device(struct access *a, int64_t device_id, int64_t group_id);
void acc_device_gone(struct access *a, int64_t device_id);
void acc_link(struct access *a, int64_t user_id, enum st_kind member, int64_t member_id,
              bool linked);

/* Changes whenever an answer below may have changed. */
uint64_t acc_version(const struct access *a);

/* ---- questions ---- */

/* Linked to the user directly, or through a group or a group above it. */
bool acc_owns_device(struct access *a, int64_t user_id, int64_t device_id);
bool acc_owns_group(struct access *a, int64_t user_id, int64_t group_id);

/* The same for many at once. */
void acc_owns_devices(struct access *a, int64_t user_id, const int64_t *devices,
                      size_t count, bool *owns);

/* The link itself. */
bool acc_linked(struct access *a, int64_t user_id, enum st_kind member,
                int64_t member_id);

/* Owns it, or manages a user who does. */
bool acc_reaches_device(struct access *a, int64_t user_id, int64_t device_id);
bool acc_reaches_group(struct access *a, int64_t user_id, int64_t group_id);

/* What is linked to a user: devices with those of linked groups when `expanded`. */
size_t acc_devices(struct access *a, int64_t user_id, bool expanded, int64_t **ids);
size_t acc_groups(struct access *a, int64_t user_id, bool expanded, int64_t **ids);
size_t acc_managed(struct access *a, int64_t user_id, int64_t **ids);

/* Users with a direct link to the device. */
size_t acc_users_of_device(struct access *a, int64_t device_id, int64_t **ids);

/* Devices of a group and of the groups below it. */
size_t acc_group_devices(struct access *a, int64_t group_id, int64_t **ids);
