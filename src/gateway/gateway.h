/*
 * gateway.h - where trackers connect: sockets, detection, framing, limits.
 *
 * One libuv loop a thread, each with TCP and UDP sockets of its own on the one port
 * (SO_REUSEPORT).  Frames go to the journal; their answers leave when they are on
 * disk.  What the gateway must know of devices it asks through its environment.
 */
#pragma once

#include "core/protocol.h"
#include "journal/journal.h"

/* How the gateway asks who a device is.  Called from any loop's thread. */
struct gw_env {
    void *arg;
    struct journal *journal; /* of registered devices */
    struct journal *strays;  /* of all others */
    int64_t (*now_ms)(void);

    /* False: not registered. */
    bool (*lookup)(void *arg, struct span unique_id, int64_t *device_id, bool *accepted);
    /* Changes whenever the answer of lookup or settings may have changed. */
    uint64_t (*version)(void *arg);
    /* "name\0value\0" pairs; the gateway frees. */
    char *(*settings)(void *arg, int64_t device_id, size_t *len);
    /* A stream of a registered device opened or closed. */
    void (*connection)(void *arg, struct span unique_id, uint64_t connection,
                       const struct peer *peer, enum transport transport, bool open);
};

struct gw_config {
    uint16_t port;            /* 0: any free one, for tests; see gw_port() */
    const char *host;         /* NULL: all addresses, IPv6 and IPv4 */
    unsigned loops;           /* 0: one fewer than cores */
    unsigned idle_s;          /* a silent stream is closed after so long; 0: 1800 */
    unsigned login_s;         /* one that never identified itself; 0: 120 */
    unsigned connections_max; /* 0: as many as the process may open, less a reserve */
    unsigned anonymous_max;   /* unidentified streams per address; 0: 2000 */
    bool answer_strays;       /* unregistered devices get their answers */
};

struct gateway;

struct gateway *gw_open(const struct gw_config *config, const struct gw_env *env,
                        struct err *err);

/* Stops accepting, finishes what was accepted, closes. */
void gw_close(struct gateway *g);

uint16_t gw_port(const struct gateway *g);

void gw_set_answer_strays(struct gateway *g, bool answer);

struct gw_stats {
    uint64_t tcp_open, udp_open, accepted, refused, frames, bytes_in, bytes_out;
    uint64_t undetected; /* bytes that no protocol claimed */
};
void gw_stats(const struct gateway *g, struct gw_stats *out);

/* What detection said of a device's conversation of late. */
enum { GW_CANDIDATES_MAX = 6 };
struct gw_detection {
    char protocol[32];
    int score;
    char why[120];
    struct {
        char protocol[32];
        int score;
        char why[120];
    } candidates[GW_CANDIDATES_MAX]; /* the runners-up */
    unsigned candidate_count;
    int64_t time_ms;
};
bool gw_detection(struct gateway *g, struct span unique_id, struct gw_detection *out);
