/*
 * loop.h - inside the gateway: one event loop with its sockets, its conversations and
 * the answers that wait for the disk.
 */
#pragma once

#include <stdatomic.h>
#include <uv.h>

#include "gateway/channel.h"
#include "gateway/gateway.h"
#include "gateway/limits.h"

/* Whoever is at the other end, by stream or by datagram. */
struct talk {
    void *env; /* of the channel */
    struct channel *channel;
    uint64_t id; /* of the conversation */
    struct peer peer;
    enum transport transport;
    int64_t last_ms;        /* bytes arrived */
    uint64_t version;       /* of the registry, when it was asked last */
    uint64_t announced;     /* who the gateway knows is here: see note_device() */
    bool registered;        /* what the journal of the leans below is */
    uint64_t lean_identity; /* seqs of the entries that later frames lean on; 0: none */
    uint64_t lean_state;
    struct buffer login; /* the frame that named the device, bounded */
    int64_t login_ms;
    char login_message[ENTRY_NAME_MAX + 1];
};

struct list {
    struct conn *first, *last;
};

struct conn {
    uv_tcp_t tcp; /* first */
    struct loop *loop;
    struct talk talk;
    unsigned held; /* answers that wait for the disk */
    bool named;    /* has identified itself */
    bool counted;  /* among the anonymous of its address */
    bool ended;    /* the other end sends no more */
    bool closing;
    bool closed; /* the handle is gone; memory goes with the last held answer */
    int64_t opened_ms;
    struct conn *prev, *next;           /* by last activity */
    struct conn *prev_anon, *next_anon; /* by opening, until it has identified itself */
};

/* An answer that leaves when `seq` is on disk. */
struct held {
    uint64_t seq;
    struct conn *conn; /* NULL: a datagram to peer */
    struct peer peer;
    size_t len;
};

/* Answers of one journal, in its order. */
struct hold {
    struct held *items; /* ring */
    size_t size, first, count;
    struct buffer bytes;
    size_t bytes_first;
};

enum { JOURNAL_KNOWN, JOURNAL_STRAYS, JOURNAL_COUNT };

struct udp_peers;

struct loop {
    struct gateway *g;
    uv_thread_t thread;
    uv_loop_t uv;
    uv_tcp_t listener;
    uv_udp_t udp;
    uv_async_t wake;
    uv_timer_t tick;
    struct ch_scratch *scratch;
    struct buffer packed; /* of one frame's records */
    struct buffer replies;
    struct hold hold[JOURNAL_COUNT];
    atomic_bool waiting; /* answers are held: wake after a sync */
    atomic_bool stopping;
    bool stopped_reading;
    int64_t stop_ms; /* when it was asked to stop */
    struct list by_activity, anonymous;
    struct udp_peers *peers;
    struct tally *stray_rate; /* entries of a stray per minute */
    uv_mutex_t evict_lock;
    uint64_t evict[64]; /* ids of conversations to close, told by other loops */
    unsigned evict_count;
    uint8_t input[65536 * 2];
};

struct gateway {
    struct gw_config config;
    struct gw_env env;
    uint16_t port;
    unsigned loop_count;
    struct loop *loops;
    atomic_bool answer_strays;
    atomic_uint_fast64_t next_talk;
    atomic_uint_fast64_t tcp_open, udp_open, accepted, refused, frames, bytes_in,
        bytes_out, undetected;
    struct tally *anonymous; /* unidentified streams by address */
    struct live *live;       /* who is connected where */
};

int64_t gw_now(const struct loop *l);

/* ---- ingest.c: from bytes to the journal ---- */

void talk_init(struct talk *t, struct loop *l, const struct peer *peer,
               enum transport transport, const struct protocol *prefer);
void talk_fini(struct talk *t);

/* Feeds bytes; false when the conversation is to be closed.  `conn` is NULL for
 * datagrams. */
bool ingest(struct loop *l, struct talk *t, struct conn *conn, struct span bytes,
            bool whole);

/* Lets the answers go that are on disk. */
void release(struct loop *l);
bool holds(const struct loop *l);
void hold_fini(struct hold *h);

/* ---- tcp.c, udp.c ---- */

bool tcp_open(struct loop *l, uint16_t port, struct err *err);
void tcp_accept_stop(struct loop *l);
void tcp_send(struct conn *c, struct span bytes);
void tcp_close(struct conn *c);
void tcp_close_all(struct loop *l);
/* Has a loop close a conversation; tcp_evict() does what it was told. */
void tcp_evict_elsewhere(struct gateway *g, unsigned loop, uint64_t id);
void tcp_evict(struct loop *l);
void tcp_tick(struct loop *l, int64_t now_ms);
/* The connection has named its device. */
void tcp_named(struct conn *c);
/* The last held answer is gone. */
void tcp_unheld(struct conn *c);

bool udp_open(struct loop *l, uint16_t port, struct err *err);
void udp_close(struct loop *l);
void udp_send(struct loop *l, const struct peer *peer, struct span bytes);
/* The peer has named its device: an old stream of it is closed. */
void udp_named(struct loop *l, struct talk *t);
void udp_tick(struct loop *l, int64_t now_ms);

/* ---- addresses ---- */

struct sockaddr_storage;
struct peer peer_of(const struct sockaddr *address);
void peer_to(const struct peer *p, bool v6, struct sockaddr_storage *out);
/* A bound socket on the port with SO_REUSEPORT, for both families where the machine has
 * both; -1 with the reason. */
int bound_socket(const char *host, uint16_t port, int type, bool *v6, struct err *err);
