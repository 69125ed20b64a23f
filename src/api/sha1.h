/*
 * sha1.h - SHA-1 (RFC 3174), which the WebSocket handshake asks for.  Of no use for
 * secrets.
 */
#pragma once

#include "core/bytes.h"

enum { SHA1_SIZE = 20 };

/* Of at most 119 bytes: two blocks with their padding. */
void sha1_short(struct span text, uint8_t out[SHA1_SIZE]);
