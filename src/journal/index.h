/*
 * index.h - what stands where in a segment: in memory while the segment grows, in a
 * file beside it once it is sealed.
 *
 * For each subject the places of its entries; and for each stretch of 64 KiB its first
 * seq and the span of its arrivals.  The file is a help, not the truth: one that is
 * missing or damaged is made again from the segment.
 */
#pragma once

#include "journal/segment.h"

enum { IX_STRETCH = 64 << 10 };

struct ix_stretch {
    uint64_t seq; /* of its first entry */
    int64_t min_ms, max_ms;
    uint32_t pos; /* of its first entry */
};

/* Subjects are told apart by this much of them; who finds compares the entries. */
enum { IX_KEY_BITS = 40 };

struct ix_subject {
    uint64_t key;
    uint32_t last; /* its newest posting */
    uint32_t count;
};

struct ix_posting {
    uint32_t pos;
    uint32_t before; /* the subject's next older posting */
};

/* In memory. */
struct ix {
    struct seg seg; /* what the entries told so far amount to */
    uint32_t entries;
    struct ix_subject *subjects;
    struct ix_posting *postings;
    struct ix_stretch *stretches;
    uint32_t *slots; /* hash table: 1 + index into subjects, or 0 */
    uint32_t subject_count, subject_size;
    uint32_t posting_size;
    uint32_t stretch_count, stretch_size;
    unsigned slot_bits;
    uint64_t seed; /* of the hash table, so that nobody can aim at it */
};

void ix_init(struct ix *x, uint64_t first_seq);
void ix_fini(struct ix *x);

/* An entry behind those before it, at pos up to end. */
void ix_add(struct ix *x, const struct entry *e, uint64_t pos, uint64_t end);

/* What finding needs of an index. */
struct ix_answer {
    uint32_t *places; /* of the subject's entries, newest first */
    size_t place_count;
    struct ix_stretch *stretches; /* in order; may be missing where there is no place */
    size_t stretch_count;
};
void ix_answer_fini(struct ix_answer *a);

/* Where to begin reading for a seq: the last stretch that begins at or below it. */
uint64_t ix_place(const struct ix_answer *a, uint64_t seq);

/* Without a subject only the stretches. */
void ix_ask(const struct ix *x, const uint64_t *subject, struct ix_answer *a);

/* ---- in its file ---- */

/* Appears under its name at once and whole. */
bool ix_write(const struct ix *x, const struct seg_dir *d, struct err *err);

/* What the file's head says of the segment.  False where there is no good file. */
bool ix_read_seg(const struct seg_dir *d, uint64_t first_seq, struct seg *seg);

/* As ix_ask().  False where there is no good file. */
bool ix_read(const struct seg_dir *d, uint64_t first_seq, const uint64_t *subject,
             struct ix_answer *a);
