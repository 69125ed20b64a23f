/*
 * state.h - what the files of the api room share.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "api/access.h"
#include "api/api.h"
#include "api/guard.h"
#include "api/request.h"
#include "api/settings.h"
#include "api/work.h"

struct api {
    struct api_config config;
    struct MHD_Daemon *daemon;
    uint16_t port;
    char *cert, *key; /* PEM texts, or NULL */
    int64_t start_ms;
    struct access *access;
    struct guard *guard;
    struct remembered *remembered;
    struct settings *settings;
    struct work *work;
    struct conns *conns;
    struct sockets *sockets;
    struct demo *demo;
    atomic_size_t body_bytes; /* of all requests that are being received */
    atomic_bool closing;
};

/* Is there any user?  False when that cannot be told: then nobody is the first. */
bool api_has_users(struct store *st, bool *has, struct err *err);

/* A clock that never goes back. */
int64_t monotonic_ms(void);
