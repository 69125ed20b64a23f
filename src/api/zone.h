/*
 * zone.h - civil time where people live, from the system's zone database (TZif files,
 * RFC 8536).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"

struct zone;

/* By a name such as "Europe/Berlin"; NULL: there is none. */
struct zone *zone_open(const char *name);
void zone_close(struct zone *z);

/* The same from the bytes of a file. */
struct zone *zone_parse(struct span file);

/* Milliseconds to add to UTC at that moment. */
int64_t zone_offset_ms(const struct zone *z, int64_t utc_ms);

/* All names, sorted, as an array of texts; where the machine has no zone database,
 * "UTC" alone. */
void zone_names(struct json *j);
