/*
 * load.h - position frames as fast as a server takes them, to measure it.
 *
 * Each connection logs in as a device of its own and then sends live positions, no two
 * the same.  Nothing is stored or repeated.
 */
#pragma once

#include <sys/socket.h>

#include "core/err.h"
#include "core/protocol.h"

enum { LOAD_CONNECTIONS_MAX = 20000 };

struct load_options {
    struct sockaddr_storage to;
    enum transport transport;
    bool ais; /* the AIS-140 firmware instead of the binary one */
    uint64_t imei_base;
    unsigned connections;
    uint64_t rate;  /* frames a second, all together; 0: as fast as possible */
    uint64_t count; /* frames; 0: until duration_s */
    unsigned duration_s;
};

/* Ends with one line of figures on standard error. */
bool load_run(const struct load_options *o, struct err *err);
