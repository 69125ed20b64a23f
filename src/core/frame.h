/*
 * frame.h - what detect() and frame() of several protocols share.
 */
#pragma once

#include "core/protocol.h"

/* The score and its reason in one: `return detect_as(p, DETECT_FAIR, "...")`. */
static inline int detect_as(struct probe *p, int score, const char *why)
{
    p->why = why;
    return score;
}

/* Does the head start with these bytes?  `score` where it does, DETECT_MORE where
 * it is too short to tell, DETECT_NO where it does not. */
int detect_bytes(struct probe *p, const void *bytes, size_t len, int score,
                 const char *why);

/* A line: up to and with \n; at the end of a datagram without it. */
int frame_line(struct session *s, struct span in, bool whole);
