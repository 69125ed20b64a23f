/*
 * event_json.h - events as clients see them.
 */
#pragma once

#include "api/input.h"
#include "store/store.h"

void json_event(struct json *j, const char *name, const struct st_event *e);
