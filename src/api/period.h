/*
 * period.h - positions and events of devices over a time, made into a stream.
 */
#pragma once

#include "api/rights.h"

/* What was asked for: devices, and from when to when (both included). */
struct period {
    int64_t *devices; /* sorted; all visible to the caller */
    size_t device_count;
    int64_t from_ms, to_ms;
};

/* Reads from and to, and the devices: repeated deviceId and groupId, or with neither
 * all own ones.  `linked`: of those only such as are linked to the caller, as reports
 * have it: clients know no others.  False with the answer made. */
bool period_open(struct request *rq, bool linked, struct period *p);
void period_fini(struct period *p);

/* How positions become text.  begin and end may be NULL; `first` tells the first position
 * of all. */
struct position_writer {
    const char *type; /* of the content */
    void (*begin)(void *arg, struct buffer *out);
    void (*position)(void *arg, struct buffer *out, const struct position *p, bool first);
    void (*end)(void *arg, struct buffer *out);
    void (*free)(void *arg);
    void *arg;
};

/* Answers with the positions of one device after the other, each by time.  Takes the
 * period and the writer's arg over. */
void period_stream(struct request *rq, struct period *p, struct position_writer writer);

/* Visits all positions at once, for who has to look before writing. */
bool period_each(struct tracks *t, const struct period *p,
                 bool (*visit)(void *arg, const struct position *p), void *arg,
                 struct err *err);

/* The same as JSON objects in an array. */
struct position_writer json_positions(void);
