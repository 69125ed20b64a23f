/*
 * uplink.h - a tracker's conversation with the server: login, heartbeats, and the
 * memory in which reports wait that could not be sent or were not confirmed.
 *
 * A report is kept until the server has answered it, or has answered something that was
 * sent after it on the same TCP connection.  When a connection ends, what it left
 * unconfirmed goes back to the memory and is sent again as stored; so the server may get
 * a report twice, and never not at all.  Over UDP an answer counts for its own frame,
 * and that of a heartbeat also for earlier frames of kinds that this server does not
 * answer: more cannot be known there.
 *
 * Sockets are behind a carrier.  There is no clock: now_ms is handed in.
 */
#pragma once

#include <stdbool.h>

#include "core/bytes.h"
#include "simulate/dice.h"
#include "simulate/report.h"

struct tracker;

/* What carries bytes.  open() leads to up_opened() or up_closed(), later or at once;
 * after close() neither is called.  send() says whether it took them all. */
struct carrier {
    void *arg;
    void (*open)(void *arg);
    void (*close)(void *arg);
    bool (*send)(void *arg, struct span bytes);
    bool datagrams;
};

enum {
    UP_MEMORY_MAX = 40000, /* reports; the standard's size.  The oldest go first. */
    UP_BATCH = 40,         /* stored reports under way at once */
    UP_ASKED_MAX = 8,      /* unanswered heartbeats */
    UP_FRAME_MAX = 640,
    UP_IN_MAX = 2048,
};

enum up_state { UP_OFF, UP_WAITING, UP_OPENING, UP_LOGIN, UP_READY };

struct up_sent {
    struct report report;
    int64_t sent_ms;
    uint32_t order;
    bool stored;
};

struct up_counts {
    uint64_t frames;    /* sent, of all kinds */
    uint64_t made;      /* reports */
    uint64_t confirmed; /* reports that the server has answered for */
    uint64_t stored;    /* reports that went to the memory */
    uint64_t lost;      /* reports that the full memory has dropped */
    uint64_t logins, commands;
};

struct uplink {
    struct carrier carrier;
    struct dice dice;
    struct up_counts counts;
    enum up_state state;
    bool covered;         /* there is a network */
    uint8_t answers;      /* bits of enum frame_kind that this server seems to answer */
    bool sent_live;       /* since the login */
    int64_t now_ms;       /* of the last call */
    int64_t due_ms;       /* next try, or end of patience */
    int64_t ready_ms;     /* of the login */
    int64_t heartbeat_ms; /* of the last heartbeat */
    unsigned failures, logins, in_vain;
    uint32_t order; /* of the last frame; its low half is the serial number */

    struct report *memory; /* by time and number, from first on */
    size_t first, count, size;
    struct up_sent *sent; /* unconfirmed, in order */
    size_t sent_count, sent_size;
    struct {
        uint32_t order;
        int64_t ms;
    } asked[UP_ASKED_MAX];
    unsigned asked_count;
    uint8_t last[UP_FRAME_MAX]; /* the last report's frame, to be repeated */
    size_t last_len;
    uint8_t in[UP_IN_MAX];
    size_t in_len;
};

void up_init(struct tracker *t, const struct carrier *carrier, uint64_t seed);
void up_fini(struct tracker *t);

/* The network comes or goes. */
void up_cover(struct tracker *t, bool covered);

/* Sends a report, or keeps it for later. */
void up_give(struct tracker *t, const struct report *r);

/* Heartbeat, and settings, if there is a connection. */
void up_heartbeat(struct tracker *t);
void up_settings(struct tracker *t);

/* The tracker's answer to a command. */
void up_answer(struct tracker *t, uint32_t id, const char *command, const char *text);

/* The last report's frame once more, as it was. */
void up_repeat(struct tracker *t);

/* Lets go of the connection and comes back. */
void up_reconnect(struct tracker *t, int64_t wait_ms);

/* Power off and on: serial numbers start anew. */
void up_reboot(struct tracker *t, int64_t wait_ms);

/* Once a second. */
void up_tick(struct tracker *t, int64_t now_ms);

/* From the carrier. */
void up_opened(struct tracker *t, int64_t now_ms);
void up_closed(struct tracker *t, int64_t now_ms);
void up_received(struct tracker *t, struct span bytes, int64_t now_ms);

/* From the firmware, on what the server said: the login was accepted; the frame of this
 * serial number was answered, or the oldest heartbeat, or the oldest position. */
void up_accepted(struct tracker *t);
void up_confirmed(struct tracker *t, uint16_t serial);
void up_heartbeat_answered(struct tracker *t);
void up_position_answered(struct tracker *t);

/* Reports that the server has not confirmed. */
size_t up_waiting(const struct uplink *u);
