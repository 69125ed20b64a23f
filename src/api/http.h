/*
 * http.h - the daemon: connections, their time limits, and requests from the first
 * byte to the last.
 */
#pragma once

#include "api/state.h"

/* Starts to listen; false with the reason. */
bool http_open(struct api *api, struct err *err);

/* In two steps: no new connections and no new work; then, when sockets and work have
 * ended, the end. */
void http_quiesce(struct api *api);
void http_close(struct api *api);

/* Ends connections that take too long over a request.  Called every few seconds. */
void http_expire(struct api *api);

/* Open connections, for metrics. */
size_t http_connections(struct api *api);
