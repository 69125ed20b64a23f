/*
 * frame_json.h - a decoded frame, and its fields, as JSON: for the API and for the
 * command line.
 */
#pragma once

#include "core/json.h"
#include "gateway/channel.h"

/* Members of a frame's object, opened by the caller: hex, message, device, records,
 * replies, fault, verdict, checksumOk. */
void json_frame(struct json *j, const struct frame *f);

/* Bytes as people read them: the text where all is printable, else hexadecimal digits
 * after 0x. */
void json_bytes(struct json *j, const char *name, struct span bytes);

/* A trace that writes {"name","offset","length","value","meaning"} for each field. */
struct json_trace {
    struct trace trace; /* first: given to ch_set_trace() */
    struct buffer out;
    struct json json;
    bool open; /* the last field still waits for its meaning */
};

void json_trace_init(struct json_trace *t);
void json_trace_fini(struct json_trace *t);

/* Writes what was told since the last call as an array, and forgets it. */
void json_trace_take(struct json_trace *t, struct json *j, const char *name);
