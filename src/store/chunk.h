/*
 * chunk.h - positions of a device as bytes, and back, exactly.
 *
 *     u8  form       1; bit 7: the texts are a zstd frame
 *     u24 bits_len   little-endian; then so many bytes of bits
 *     ... texts, to the end
 *
 * The bits hold columns: see layout.h.  Hostile bytes are refused, never followed; what
 * is read can be written again.
 */
#pragma once

#include "store/track.h"

/* Positions in a chunk, at most: one that is closed a little late is still one. */
enum { CHUNK_MAX = 2 * TR_CHUNK };

/* What a position is ordered and found by: its fix time, else the device's where that is
 * plausible, else that of its arrival. */
int64_t chunk_time(const struct position *p);

/* The newest of newest_ms and the position's times that are plausible. */
int64_t chunk_newest(const struct position *p, int64_t newest_ms);

/* ---- writing ---- */

struct chunk_writer;

struct chunk_writer *cw_new(void);
void cw_free(struct chunk_writer *w);

/* Takes a position; they come by time, then by id, and at most CHUNK_MAX of them. */
void cw_add(struct chunk_writer *w, const struct position *p);
unsigned cw_count(const struct chunk_writer *w);

/* The chunk, valid until the next call; the writer starts again.  Its data is
 * borrowed from the writer, its device that of the positions. */
struct st_chunk cw_finish(struct chunk_writer *w);

/* ---- reading ---- */

struct chunk_reader;

struct chunk_reader *cr_new(void);
void cr_free(struct chunk_reader *r);

/* Copies what it needs.  False where the bytes are no chunk. */
bool cr_open(struct chunk_reader *r, int64_t device_id, struct span data);

/* What a position is found by, and told from a repeat of it: the time that the device
 * gave (of its place if it has its own, else its clock's; TIME_NONE: none), and its own
 * place as 1e-7 degree (or CHUNK_NO_PLACE). */
enum { CHUNK_NO_PLACE = INT32_MIN };
struct chunk_key {
    int64_t time_ms, id;
    int64_t own_ms;
    int32_t latitude_e7, longitude_e7;
    uint32_t kind;
};

/* The key of a position put together, and its own time alone. */
struct chunk_key chunk_key(const struct position *p);
int64_t chunk_own_time(const struct position *p);

/* The next position's key; false at the end. */
bool cr_peek(const struct chunk_reader *r, struct chunk_key *key);

/* The next position; false at the end. */
bool cr_next(struct chunk_reader *r, struct position *p);

/* Steps over the next position, if there is one. */
void cr_skip(struct chunk_reader *r);

/* Degrees as 1e-7, or CHUNK_NO_PLACE. */
int32_t chunk_e7(double deg);
