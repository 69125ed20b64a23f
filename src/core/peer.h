/*
 * peer.h - the address at the other end: IPv6, or IPv4 mapped into it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct peer {
    uint8_t address[16]; /* network order; ::ffff:a.b.c.d for IPv4 */
    uint16_t port;
};

enum { PEER_TEXT = 56 };

/* "203.0.113.7:40112" or "[2001:db8::7]:40112".  Returns out. */
char *peer_format(const struct peer *p, char out[PEER_TEXT]);

/* The address alone, without port.  Returns out. */
char *peer_address(const struct peer *p, char out[PEER_TEXT]);

/* Either form, the port may be missing.  False where it is no address. */
bool peer_parse(const char *text, struct peer *p);

static inline bool peer_equal(const struct peer *a, const struct peer *b)
{
    return a->port == b->port && !memcmp(a->address, b->address, sizeof a->address);
}
