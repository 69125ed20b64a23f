/*
 * peer.c - addresses to text and back.
 */
#include "core/peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

char *peer_address(const struct peer *p, char out[PEER_TEXT])
{
    const char *text =
        memcmp(p->address, mapped, sizeof mapped)
            ? inet_ntop(AF_INET6, p->address, out, PEER_TEXT)
            : inet_ntop(AF_INET, p->address + sizeof mapped, out, PEER_TEXT);
    assert(text);
    return out;
}

char *peer_format(const struct peer *p, char out[PEER_TEXT])
{
    char address[PEER_TEXT];
    peer_address(p, address);
    const char *form = strchr(address, ':') ? "[%.46s]:%u" : "%.46s:%u";
    snprintf(out, PEER_TEXT, form, address, (unsigned)p->port);
    return out;
}

static bool parse_port(const char *text, uint16_t *port)
{
    size_t len = strlen(text);
    if (len < 1 || len > 5 || strspn(text, "0123456789") != len)
        return false;
    long value = strtol(text, NULL, 10);
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* Cuts the port off, and the brackets around what it follows. */
static bool split_port(char *text, char **address, uint16_t *port)
{
    *address = text;
    char *colon = strrchr(text, ':');
    if (*text == '[') {
        char *close = strchr(text, ']');
        if (!close)
            return false;
        *address = text + 1;
        *close = '\0';
        return !close[1] || (close[1] == ':' && parse_port(close + 2, port));
    }
    if (!colon || strchr(text, ':') != colon)
        return true;
    *colon = '\0';
    return parse_port(colon + 1, port);
}

bool peer_parse(const char *text, struct peer *p)
{
    char copy[PEER_TEXT];
    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);

    struct peer got = {0};
    char *address;
    if (!split_port(copy, &address, &got.port))
        return false;
    if (*copy != '[' && inet_pton(AF_INET, address, got.address + sizeof mapped) == 1)
        memcpy(got.address, mapped, sizeof mapped);
    else if (inet_pton(AF_INET6, address, got.address) != 1)
        return false;
    *p = got;
    return true;
}
