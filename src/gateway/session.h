/*
 * session.h - what stands behind the opaque struct session and struct out of
 * protocol.h: a channel's memory, and the scratch that one frame is decoded into.
 */
#pragma once

#include "core/mem.h"
#include "gateway/channel.h"

/* Who the session belongs to. */
struct identity {
    char id[CH_ID_MAX + 1];
    bool registered;
    const char *settings; /* "name\0value\0" pairs; see struct ch_env */
    size_t settings_len;
};

struct session {
    const struct ch_env *env;
    struct identity who;
    bool named;     /* the frame at hand has named a device */
    bool bad_id;    /* it named one that cannot be an id */
    uint8_t *state; /* state_size bytes of the protocol, or NULL */
    int64_t now_ms;
    enum transport transport;
};

enum { OUT_ARENA = 16384, OUT_PIECES_MAX = 8, OUT_ANSWERS_MAX = 8, OUT_DEVICES_MAX = 64 };

struct out {
    const char *message;
    bool checksum_bad;
    bool overflow; /* a bound was hit: the frame is malformed */
    unsigned record_count;
    unsigned reply_count;
    unsigned answer_count;
    unsigned piece_count;
    unsigned device_count;
    size_t arena_len;
    const char *device; /* of the following records, or NULL: the session's */
    struct record spare;
    const char *record_devices[OUT_RECORDS_MAX];
    struct reply replies[CH_REPLIES_MAX];
    struct answer answers[OUT_ANSWERS_MAX];
    struct piece pieces[OUT_PIECES_MAX];
    char devices[OUT_DEVICES_MAX][CH_ID_MAX + 1];
    uint8_t arena[OUT_ARENA]; /* replies and answers */
    struct record records[OUT_RECORDS_MAX];
};

enum { STATE_MAX = 4096 };

struct ch_scratch {
    struct trace *trace;
    uint8_t state_before[STATE_MAX];
    struct out out;
};

/* Forgets what the last frame yielded. */
void out_clear(struct out *o);

/* Asks the registry who the session's id is. */
void ses_refresh(struct session *s);
