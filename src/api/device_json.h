/*
 * device_json.h - devices as clients see them, and as they send them.
 */
#pragma once

#include "api/input.h"
#include "fleet/fleet.h"

/* The whole object; status, lastUpdate and positionId are asked of the fleet. */
void json_device(struct json *j, const char *name, struct fleet *f,
                 const struct st_device *d, bool exclude_attributes);

/* In two parts, for who keeps the first: what people set, and what is live. */
void json_device_kept(struct json *j, const struct st_device *d, bool exclude_attributes);
void json_device_live(struct json *j, struct fleet *f, int64_t device_id);

void device_defaults(struct st_device *d);

/* Takes over the writable fields; the old ones are freed.  Faults stick in `in`. */
void in_device(struct input *in, struct st_device *d);
