/*
 * devices.h - registering a device, for who does it beside /devices.
 */
#pragma once

#include "api/rights.h"

/* May the caller add one more?  False with the answer made. */
bool device_may_add(struct request *rq);

/* Is the group one that the caller may put devices in?  False with the answer made. */
bool device_group_fits(struct request *rq, int64_t group_id);

/* Keeps a new device by `put` (fl_device_put or fl_adopt) and links it to the caller.
 * False with the answer made. */
bool device_register(struct request *rq, struct st_device *d,
                     bool (*put)(struct fleet *f, struct st_device *d, struct err *err));
