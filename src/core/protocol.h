/*
 * protocol.h - the contract between the gateway and a protocol module.
 *
 * A protocol is one file in protocols/ that exports one constant,
 * proto_<file name>.  The build collects them: there is no list to edit.
 * (One that needs a folder keeps the other files in protocols/<name>/.)
 *
 * The gateway owns sockets, buffers, sessions and records.  It calls
 *
 *     detect  on the first bytes of a connection, for every protocol;
 *     frame   on what has arrived, until a whole frame stands there;
 *     decode  on each frame, and then sends what decode wrote.
 *
 * Besides the session they touch nothing: no I/O, no allocation, no clock, no
 * static variables.  So the same code runs in tests, fuzzers and tools.
 */
#pragma once

#include "core/command.h"
#include "core/reader.h"
#include "core/record.h"

/* How sure detect() is that the bytes are its own. */
enum {
    DETECT_MORE = -1,  /* cannot tell yet: ask again with more bytes */
    DETECT_NO = 0,     /* not its own */
    DETECT_WEAK = 25,  /* nothing contradicts it */
    DETECT_FAIR = 50,  /* a magic number, or a length that makes sense */
    DETECT_GOOD = 75,  /* a magic number and a form that fit */
    DETECT_SURE = 100, /* a long magic number, or a checksum that agrees */
};

/* The first bytes of a stream, or a datagram, and what detect() says of them. */
struct probe {
    struct span head;
    bool whole;      /* no more bytes will come: a datagram, or silence */
    const char *why; /* set by detect(): what spoke for it, for people; static */
};

/* What frame() answers when it does not answer with a length. */
enum {
    FRAME_MORE = 0, /* the frame is not whole yet */
    FRAME_BAD = -1, /* no frame starts here: the gateway drops one byte */
};

enum transport { TRANSPORT_TCP, TRANSPORT_UDP };

/* One device on one connection. */
struct session;

/* Binds the session to a device, by the id that its frames carry.  True when the
 * device is registered; without a registry (tests, tools) every id is. */
bool ses_identify(struct session *s, struct span id);
bool ses_identify_num(struct session *s, uint64_t id);

/* The id that the session is bound to, or "". */
const char *ses_id(const struct session *s);

/* The protocol's own state_size bytes, zero when the connection opens. */
void *ses_state(struct session *s);

/* When the bytes arrived. */
int64_t ses_now_ms(const struct session *s);
enum transport ses_transport(const struct session *s);

/* A setting of the device, such as "model" or "doorInput"; NULL, NAN or the
 * fallback when it has none.  Only what the operator said, never a guess. */
const char *ses_setting(const struct session *s, const char *name);
double ses_setting_num(const struct session *s, const char *name);
bool ses_setting_bool(const struct session *s, const char *name, bool fallback);

/* What a frame yields.  Unless decode() says DECODED it is dropped as a whole,
 * and so is the identity that the frame gave. */
struct out;

/* The message's name in lower camel case: "login", "location".  Static text. */
void out_message(struct out *o, const char *name);

/* A new record with every value absent.  Owned by the gateway; never NULL (beyond
 * OUT_RECORDS_MAX a spare one that is thrown away, and the frame is marked). */
enum { OUT_RECORDS_MAX = 256 };
struct record *out_record(struct out *o);

/* The following records belong to another device than the session's: for frames
 * that carry several. */
void out_device(struct out *o, struct span id);

/* The checksum did not fit, yet the sheet says decode: counted, and every record
 * of the frame gets attribute checksumOk false. */
void out_checksum_bad(struct out *o);

/* Bytes for the device.  They leave once the frame is safe on disk.  Each call is
 * one reply; all of a frame's replies together hold at most OUT_REPLY_MAX bytes. */
enum { OUT_REPLY_MAX = 8192 };
void out_send(struct out *o, const void *bytes, size_t len);
void out_printf(struct out *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same to be written in place, all of it: NULL where there is no room. */
uint8_t *out_room(struct out *o, size_t len);

/* The same, at once: only for what carries no data, such as a server's time. */
void out_send_now(struct out *o, const void *bytes, size_t len);

/* The device's answer to a command: `id` as given to encode(), 0 where the
 * protocol carries none. */
void out_answer(struct out *o, uint32_t id, struct span text);

/* A piece of a photo, sound or video: `offset` of `total` bytes, `name` tells files
 * of one device apart, `type` is an extension such as "jpg". */
void out_media(struct out *o, const char *type, uint64_t name, size_t offset,
               size_t total, struct span piece);

struct protocol {
    const char *name;  /* lower case, as in URLs and settings */
    const char *title; /* for people */
    char separator;    /* text: what ends a field; 0 when binary */
    size_t frame_max;  /* a longer frame closes the connection */
    size_t state_size; /* for ses_state() */

    int (*detect)(struct probe *p);
    /* `whole` as in struct probe: what is there is all there is. */
    int (*frame)(struct session *s, struct span in, bool whole);
    enum verdict (*decode)(struct session *s, struct reader *r, struct out *o);

    /* False if the device has no such command, or a value cannot stand in it.
     * NULL: it takes none at all. */
    bool (*encode)(struct session *s, const struct command *c, struct out *o);
};

/* All of them, by name.  Written by the build. */
extern const struct protocol *const protocols[];
extern const size_t protocol_count;

/* NULL when there is none of that name. */
const struct protocol *protocol_find(const char *name);
