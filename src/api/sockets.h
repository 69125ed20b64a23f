/*
 * sockets.h - what open sockets are told: /socket.
 *
 * Everything that changes is written once, into batches that all sockets share; a socket
 * is a place in their row.  One thread serves them all: every few milliseconds each
 * user's share is put together once and sent to all of that user's sockets.  Who falls
 * behind the row gets the latest of everything anew; who does not read for long is
 * closed.
 */
#pragma once

#include "api/state.h"

struct sockets;

struct sockets *sockets_open(struct api *api, struct err *err);

/* Closes all sockets; from then on new ones are closed at once.  What else calls here may
 * go on until sockets_free(). */
void sockets_close(struct sockets *l);
void sockets_free(struct sockets *l);

/* Who sees what has changed (acc_version() has): sockets are told what is new to them,
 * and what is gone. */
void sockets_access_changed(struct sockets *l);

/* A session or a user may be over: sockets look again. */
void sockets_check_sessions(struct sockets *l);

/* Takes a socket over from the HTTP side, with what has arrived on it already.  It is the
 * caller's, and lives as long as the session does; NULL: as the user. */
struct MHD_UpgradeResponseHandle;
void sockets_take(struct sockets *l, int fd, struct MHD_UpgradeResponseHandle *handle,
                  struct span early, int64_t user_id, bool administrator,
                  const unsigned char *session);

struct sockets_stats {
    size_t sockets;
    uint64_t sent_bytes, frames, resyncs;
};
void sockets_stats(struct sockets *l, struct sockets_stats *out);
