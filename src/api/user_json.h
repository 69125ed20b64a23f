/*
 * user_json.h - users as clients see them, and as they send them.
 */
#pragma once

#include "api/input.h"
#include "store/store.h"

/* The password is always null. */
void json_user(struct json *j, const char *name, const struct st_user *u,
               bool exclude_attributes);

/* What a new user has before anything is said. */
void user_defaults(struct st_user *u);

/* Takes over all writable fields; the old ones are freed.  Faults stick in `in`. */
void in_user(struct input *in, struct st_user *u);
