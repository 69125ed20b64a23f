/*
 * segment.h - a segment: a file of entries in the order of their seqs.
 *
 *     0   "MPJS"
 *     4   u32    version: 1
 *     8   u64    first seq, also in the file's name
 *    16   s64    when the file was made, ms
 *    24   u32    0
 *    28   u32    CRC-32C of bytes 0 to 27
 *    32   entries, one behind the other, each
 *
 *     0   u32    CRC-32C of the rest
 *     4   u32    length of the body
 *     8   u64    seq
 *    16   body   entry_pack()
 *
 * Behind the last entry zeros may stand.
 */
#pragma once

#include "journal/entry.h"

struct ix;

/* All seqs are above 0 and below this. */
#define SEG_SEQ_END (UINT64_C(1) << 53)

enum {
    SEG_HEAD = 32,
    SEG_ENTRY_HEAD = 16,
    SEG_NAME = 32,
};

/* The journal's directory; `path` is for people. */
struct seg_dir {
    int fd;
    const char *path;
};

/* What is known of a segment without reading it. */
struct seg {
    uint64_t first_seq;
    uint64_t next_seq;      /* behind its last durable entry */
    uint64_t end;           /* durable bytes: no entry reaches beyond */
    int64_t min_ms, max_ms; /* arrivals; min above max while it is empty */
    bool sealed;            /* never written again */
    bool damaged;           /* and people have been told */
};

/* "0000000000000001.seg"; the suffix with its point.  Returns out. */
char *seg_name(uint64_t first_seq, const char *suffix, char out[SEG_NAME]);

/* "journal <dir>/<file>: <doing>: <errno>"; ERR_FULL without space, ERR_MISSING without
 * a file.  Returns false. */
bool seg_fail(const struct seg_dir *d, uint64_t first_seq, const char *suffix,
              const char *doing, struct err *err);

/* Makes files that were created or removed so for good. */
bool seg_sync_dir(const struct seg_dir *d, struct err *err);

/* A descriptor, or -1. */
int seg_open(const struct seg_dir *d, uint64_t first_seq, int flags, struct err *err);

/* Makes a segment with its head, and asks for its blocks beforehand.  Neither head
 * nor name are synced yet. */
int seg_create(const struct seg_dir *d, uint64_t first_seq, uint64_t reserve_bytes,
               int64_t now_ms, struct err *err);

/* Gives back the blocks beyond `reserve_bytes`, or asks for them. */
void seg_reserve(int fd, uint64_t reserve_bytes);

bool seg_write(int fd, const void *bytes, size_t len, uint64_t pos);
bool seg_write_head(int fd, uint64_t first_seq, int64_t now_ms);

enum seg_head { SEG_HEAD_GOOD, SEG_HEAD_BAD, SEG_HEAD_NEWER };
enum seg_head seg_check_head(int fd, uint64_t first_seq);

/* The head of an entry in memory; the sum is written when all the rest stands. */
void seg_entry_head(uint8_t *at, uint32_t body_len, uint64_t seq);
void seg_entry_sum(uint8_t *at);

/* ---- reading ---- */

/* A window on a segment: its bytes below `limit`, `step` of them at a time, of which
 * `back` lie before what was asked for. */
struct seg_view {
    const struct seg_dir *dir;
    uint64_t first_seq;
    int fd; /* borrowed */
    uint64_t limit;
    size_t step, back;
    uint64_t base; /* where buf begins */
    struct buffer buf;
};

enum seg_read {
    SEG_ENTRY,
    SEG_END,    /* nothing stands there: it is the limit */
    SEG_BAD,    /* what stands there is no entry; err says where */
    SEG_FAILED, /* reading failed; err says why */
};

/* The entry at pos, valid until the next call, and where the next one begins. */
enum seg_read seg_entry(struct seg_view *v, uint64_t pos, struct entry *e, uint64_t *next,
                        struct err *err);

/* "journal <dir>/<file>: damaged at byte <pos>".  Returns SEG_BAD. */
enum seg_read seg_bad(const struct seg_view *v, uint64_t pos, struct err *err);

/* Tells the index of every entry up to the first that is bad, runs backwards, or has
 * a seq that is not below limit_seq.  SEG_END, or why it ends before v->limit. */
enum seg_read seg_scan(struct seg_view *v, uint64_t limit_seq, struct ix *index,
                       struct err *err);

/* Only zeros from pos up to v->limit; false also where reading fails. */
bool seg_is_zero(struct seg_view *v, uint64_t pos);
