/*
 * listen.c - sockets of HTTP.
 */
#include "api/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

enum { LISTEN_BACKLOG = 1024 };

struct peer listen_peer(const struct sockaddr *address)
{
    struct peer p = {.port = 0};
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        memcpy(p.address, &in->sin6_addr, sizeof p.address);
        p.port = ntohs(in->sin6_port);
    } else if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        memcpy(p.address, mapped, sizeof mapped);
        memcpy(p.address + sizeof mapped, &in->sin_addr, 4);
        p.port = ntohs(in->sin_port);
    }
    return p;
}

bool peer_is_loopback(const struct peer *p)
{
    static const uint8_t v6[16] = {[15] = 1};
    if (!memcmp(p->address, mapped, sizeof mapped))
        return p->address[12] == 127;
    return !memcmp(p->address, v6, sizeof v6);
}

bool peer_is_near(const struct peer *a, const struct peer *b)
{
    bool v4 = !memcmp(a->address, mapped, sizeof mapped);
    return !memcmp(a->address, b->address, v4 ? sizeof a->address : 8);
}

static int listen_on(const struct addrinfo *a)
{
    int on = 1, off = 0;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (!bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, LISTEN_BACKLOG))
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

int listen_open(const char *host, uint16_t port, struct err *err)
{
    /* IPv6 takes IPv4 too; machines without it get the second try. */
    const char *const tries[] = {host ? host : "::", host ? NULL : "0.0.0.0"};
    for (size_t i = 0; i < 2 && tries[i]; i++) {
        struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
        struct addrinfo *found;
        char service[8];
        snprintf(service, sizeof service, "%u", (unsigned)port);
        int e = getaddrinfo(tries[i], service, &hints, &found);
        if (e) {
            err_set(err, ERR_INPUT, "http %.80s: %s", tries[i], gai_strerror(e));
            continue;
        }
        int fd = listen_on(found);
        if (fd < 0)
            err_set(err, ERR_IO, "http port %u: %s", (unsigned)port, strerror(errno));
        freeaddrinfo(found);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

uint16_t listen_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len))
        return 0;
    return listen_peer((const struct sockaddr *)&address).port;
}
