/*
 * address.c - socket addresses, and sockets bound to the one port.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/loop.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct peer peer_of(const struct sockaddr *address)
{
    struct peer p = {.port = 0};
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        memcpy(p.address, &in->sin6_addr, 16);
        p.port = ntohs(in->sin6_port);
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        memcpy(p.address, mapped, 12);
        memcpy(p.address + 12, &in->sin_addr, 4);
        p.port = ntohs(in->sin_port);
    }
    return p;
}

void peer_to(const struct peer *p, bool v6, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (v6) {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)out;
        in->sin6_family = AF_INET6;
        in->sin6_port = htons(p->port);
        memcpy(&in->sin6_addr, p->address, 16);
        return;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    in->sin_family = AF_INET;
    in->sin_port = htons(p->port);
    memcpy(&in->sin_addr, p->address + 12, 4);
}

/* The wildcard of both families, or of IPv4 alone where there is no IPv6; or what the
 * operator named. */
static bool address_of(const char *host, uint16_t port, bool v6,
                       struct sockaddr_storage *out, socklen_t *len, struct err *err)
{
    struct peer any = {.port = port};
    *len = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (!host) {
        peer_to(&any, v6, out);
        return true;
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_flags = AI_PASSIVE};
    struct addrinfo *found;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int e = getaddrinfo(host, service, &hints, &found);
    if (e)
        return err_set(err, ERR_INPUT, "host %.80s: %s", host, gai_strerror(e));
    memset(out, 0, sizeof *out);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static int bound(const char *host, uint16_t port, int type, bool v6, struct err *err)
{
    struct sockaddr_storage address;
    socklen_t len;
    if (!address_of(host, port, v6, &address, &len, err))
        return -1;
    int fd = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    int off = 0;
    if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
        !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) &&
        (address.ss_family != AF_INET6 ||
         !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off)) &&
        !bind(fd, (struct sockaddr *)&address, len))
        return fd;
    err_set(err, ERR_IO, "port %u: %s", port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int bound_socket(const char *host, uint16_t port, int type, bool *v6, struct err *err)
{
    *v6 = true;
    int fd = bound(host, port, type, true, err);
    if (fd < 0 && !host) {
        *v6 = false;
        fd = bound(host, port, type, false, err);
    }
    if (fd >= 0 && host) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        getsockname(fd, (struct sockaddr *)&address, &len);
        *v6 = address.ss_family == AF_INET6;
    }
    return fd;
}
