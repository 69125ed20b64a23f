/*
 * civil.h - civil time and milliseconds since 1970, UTC, without a clock and
 * without a zone database.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"

/* A time that is not known. */
#define TIME_NONE INT64_MIN

struct civil {
    int year, month, day, hour, minute, second;
};

/* TIME_NONE unless month 1-12, day 1-31 as the month has, hour 0-23, minute 0-59,
 * second 0-59 and the year 1 to 9999. */
int64_t civil_ms(struct civil c);
struct civil civil_of(int64_t ms);

/* The same of six small numbers, as many trackers send it: year from 2000, month, day,
 * hour, minute, second. */
int64_t civil_six_ms(const uint8_t six[6]);

enum { CIVIL_TEXT = 32 };

/* "2024-05-06T07:08:09.000Z".  Returns out. */
char *civil_iso(int64_t ms, char out[CIVIL_TEXT]);

/* ISO 8601 with zone (Z, +02:00, or " 02:00" where a plus was lost), seconds and
 * their fraction optional; without a zone it is UTC.  False where it is no time. */
bool civil_parse(struct span text, int64_t *ms);
