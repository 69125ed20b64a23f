/*
 * channel.h - one conversation without its socket: bytes in, decoded frames out.
 *
 * Servers, `decode`, tests and fuzzers all talk to protocols through this.  A channel
 * detects the protocol from the first bytes, cuts frames, decodes them and checks
 * what every record must hold.  It keeps only the rest of an incomplete frame.
 */
#pragma once

#include "core/protocol.h"

enum { CH_ID_MAX = 64, CH_CANDIDATES_MAX = 6, CH_HEAD_MAX = 4096 };

/* What detection thinks of some bytes, best first. */
struct candidate {
    const struct protocol *protocol;
    int score;
    const char *why;
};

/* Scores the head with every protocol.  Returns how many candidates (score above
 * DETECT_NO) were written, best first; *more says that one of them may still come to
 * know better with more bytes. */
unsigned detect_all(struct span head, bool whole, struct candidate *out, unsigned max,
                    bool *more);

/* How a channel learns of devices.  All may be NULL: then every id is known, and no
 * device has settings. */
struct ch_env {
    void *arg;
    /* False: not registered.  Settings are "name\0value\0" pairs that live until the
     * next call of identify on this channel, or NULL. */
    bool (*identify)(void *arg, struct span id, const char **settings, size_t *len);
};

/* Replies of a frame, in order. */
enum { CH_REPLIES_MAX = 16 };
struct reply {
    struct span bytes;
    bool now; /* leaves at once, before the disk has the frame */
};

/* A command's answer, and a piece of a file. */
struct answer {
    uint32_t id;
    struct span text;
};
struct piece {
    const char *type;
    uint64_t name;
    size_t offset, total;
    struct span bytes;
};

/* A frame as it was understood; everything lives until the callback returns. */
struct frame {
    const struct protocol *protocol; /* NULL: bytes that no protocol claims */
    struct span raw;
    enum verdict verdict;
    const char *message; /* "" where the decoder gave none */
    const char *fault;   /* of a malformed one: the field; else NULL */
    bool checksum_bad;
    bool identified;    /* this frame named the device */
    bool state_changed; /* this frame changed the session's state: later frames lean on it
                         */
    bool registered;
    const char *device;                /* the id that the channel is bound to, or "" */
    struct record *records;            /* [record_count] */
    const char *const *record_devices; /* NULL, or by record: another device's id */
    unsigned record_count;
    const struct reply *replies;
    unsigned reply_count;
    const struct answer *answers;
    unsigned answer_count;
    const struct piece *pieces;
    unsigned piece_count;
};

struct channel;

/* Big: holds the records of one frame.  One serves any number of channels, one at a
 * time: a loop has one. */
struct ch_scratch;
struct ch_scratch *ch_scratch_new(void);
void ch_scratch_free(struct ch_scratch *s);

/* `prefer` settles ties of detection, or, with `pinned`, is taken without asking; NULL:
 * none. */
struct channel *ch_new(enum transport transport, const struct ch_env *env,
                       const struct protocol *prefer, bool pinned);
void ch_free(struct channel *c);

/* A second channel that stands where this one stands: for trying what comes next. */
struct channel *ch_copy(const struct channel *c);

/* Feeds bytes that arrived at now_ms.  `whole`: a datagram, or the silence after which
 * what is there is all there is.  Calls `on` for each frame; false: the conversation
 * makes no sense (a frame longer than its protocol's frame_max) and is to be closed. */
bool ch_feed(struct channel *c, struct ch_scratch *s, struct span bytes, bool whole,
             int64_t now_ms, void (*on)(void *arg, const struct frame *f), void *arg);

/* Bytes waiting for the rest of a frame. */
size_t ch_pending(const struct channel *c);
const struct protocol *ch_protocol(const struct channel *c);
const char *ch_device(const struct channel *c);

/* What detection said, best first; kept from when the protocol was chosen. */
const struct candidate *ch_candidates(const struct channel *c, unsigned *count);

/* The registry has changed: the next frame asks identify again. */
void ch_forget_settings(struct channel *c);

/* Binds the channel to a device without a frame: for commands to one that has not
 * spoken here.  False where it cannot be an id. */
bool ch_bind(struct channel *c, struct span id);

/* Encodes a command in the channel's protocol (or in `p`, for a device that is not
 * connected); appends its bytes.  False: the device cannot, or a value cannot stand. */
struct buffer;
bool ch_encode(struct channel *c, struct ch_scratch *s, const struct command *command,
               struct buffer *out);

/* While set, every frame is told field by field, before the callback gets it.  To
 * explain a kept frame: a channel pinned to its protocol, fed the frames that it leans
 * on without a trace, then the frame with one. */
void ch_set_trace(struct ch_scratch *s, struct trace *trace);
