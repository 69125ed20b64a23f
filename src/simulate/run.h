/*
 * run.h - a fleet on real sockets in real time, until it has lasted long enough or a
 * signal ends it.
 */
#pragma once

#include <sys/socket.h>

#include "simulate/convoy.h"
#include "simulate/script.h"

struct run_options {
    struct sockaddr_storage to;
    struct convoy_options fleet;
    const char *script;  /* path, or NULL */
    unsigned speed;      /* seconds of the world in a second */
    unsigned duration_s; /* 0: no end */
    unsigned history_h;
    bool quiet;
};

bool run_fleet(const struct run_options *o, struct err *err);
