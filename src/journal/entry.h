/*
 * entry.h - one entry of the journal: a frame as it arrived, what it was taken for,
 * and what was answered.
 *
 * Every frame that gets an answer is an entry, also one without records, and one
 * that was ignored or malformed.  Packed, an entry is self-contained: no
 * dictionary, no database id.
 */
#pragma once

#include "core/bytes.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/peer.h"
#include "core/protocol.h"

enum {
    ENTRY_DEVICE_MAX = 64, /* bytes of a device's id */
    ENTRY_NAME_MAX = 32,   /* of protocol, message and fault */
    ENTRY_LEANS_MAX = 4,
    ENTRY_BYTES_MAX = 8 << 20, /* packed; a larger one is refused by jr_append() */
};

struct entry {
    uint64_t seq;        /* of its first record: the journal's own count */
    uint64_t origin_seq; /* copied at adoption: its seq among the unregistered; or 0 */
    uint64_t connection; /* tells conversations apart; never reused in a run */
    uint64_t leans[ENTRY_LEANS_MAX]; /* seqs of the entries whose session state (login,
                                        zone, dialect) decoding leaned on; 0: none */
    int64_t arrival_ms;
    struct peer peer;
    enum transport transport;
    enum verdict verdict;
    bool checksum_bad;
    bool split;           /* records of a further device of the entry before */
    struct span device;   /* the id that the frame's session is bound to, or empty */
    struct span protocol; /* name, or empty when none was recognised */
    struct span message;  /* kind of message, or empty */
    struct span fault;    /* of a malformed one: the field, or empty */
    struct span frame;    /* raw, as it arrived */
    struct span replies;  /* each: u16 length, big-endian, and the bytes */
    struct span records;  /* rec_pack()ed, one behind the other */
    unsigned record_count;
};

/* The seqs that an entry takes: its records', or one when it has none. */
static inline uint64_t entry_seqs(const struct entry *e)
{
    return e->record_count ? e->record_count : 1;
}

/* What can be packed: within its limits, with records where it counts some, and
 * whole replies.  jr_append() refuses what is not. */
bool entry_valid(const struct entry *e);

/* Appends the packed form.  Names that are too long are cut; the seq is not in it. */
void entry_pack(const struct entry *e, struct buffer *out);

/* Spans point into the packed bytes.  False where they are no entry: hostile bytes
 * are refused, never followed. */
bool entry_unpack(struct span packed, struct entry *e);

/* entry_pack() into memory of the caller: at most entry_bound() bytes; how many. */
size_t entry_bound(const struct entry *e);
size_t entry_write(const struct entry *e, uint8_t *out);

/* Steps through replies: false at the end. */
bool entry_next_reply(struct span *rest, struct span *reply);

/* What entries are found by: the device's id, or the address (without port) of a
 * peer that never identified itself. */
uint64_t entry_subject(struct span device, const struct peer *peer);
