/*
 * frame.c - what detect() and frame() of several protocols share.
 */
#include "core/frame.h"

int detect_bytes(struct probe *p, const void *bytes, size_t len, int score,
                 const char *why)
{
    size_t there = p->head.len < len ? p->head.len : len;
    if (there && memcmp(p->head.ptr, bytes, there))
        return DETECT_NO;
    if (there < len)
        return p->whole ? DETECT_NO : DETECT_MORE;
    return detect_as(p, score, why);
}

int frame_line(struct session *s, struct span in, bool whole)
{
    (void)s;
    const uint8_t *end = in.len ? memchr(in.ptr, '\n', in.len) : NULL;
    if (end)
        return (int)(end - in.ptr) + 1;
    return whole ? (int)in.len : FRAME_MORE;
}
