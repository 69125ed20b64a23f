/*
 * listen.h - addresses of HTTP: where we listen, and who calls.
 */
#pragma once

#include <sys/socket.h>

#include "core/err.h"
#include "core/peer.h"

/* A listening socket; `host` NULL: all addresses, IPv6 and IPv4.  -1 with the reason. */
int listen_open(const char *host, uint16_t port, struct err *err);

/* The port of a listening socket. */
uint16_t listen_port(int fd);

struct peer listen_peer(const struct sockaddr *address);
bool peer_is_loopback(const struct peer *p);

/* The same address, or of IPv6 the same /64. */
bool peer_is_near(const struct peer *a, const struct peer *b);
