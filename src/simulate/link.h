/*
 * link.h - carriers over real sockets: TCP and UDP by libuv.
 *
 * All links of a run go to one address and live on one loop.
 */
#pragma once

#include <uv.h>

#include "core/err.h"
#include "simulate/tracker.h"

/* "host:port", "[::1]:8888"; a name is looked up once, here. */
bool link_resolve(const char *to, struct sockaddr_storage *out, struct err *err);

struct link;

/* A carrier for a tracker, which must outlive it.  The socket follows the tracker's
 * transport. */
struct link *link_new(uv_loop_t *loop, const struct sockaddr *to, struct tracker *t);
struct carrier link_carrier(struct link *l);

/* Closes what is open; the loop must run on until that is done. */
void link_free(struct link *l);

/* The loop's own memory for what it receives; set as loop->data before the first link
 * opens. */
struct link_buffer {
    char bytes[65536];
};
