/*
 * layout.h - what stands in the bits of a chunk, for who writes and who reads them.
 *
 *     7 bits         positions - 1
 *     times, ids     BASE_TIME and BASE_ID columns
 *     mask           what a position has, MASK_...
 *     server, device their times after BASE_TIME; no server's where it is just that
 *     kind, protocol, shape, cells, Wi-Fi
 *                    a hash, a text's number, a shape's number, and counts
 *     attributes     their columns: type, key, for a free key its name's text number
 *     shapes         each a list of attribute columns, in the record's order
 *     places         latitude and longitude as degrees
 *     numbers        altitude, speed, course, accuracy
 *     values         of each attribute column: numbers, booleans, or texts' numbers
 *     cells, Wi-Fi   those that differ; which of them each is; their signals
 *     texts          how many, and their lengths
 *
 * A column holds the values of those positions only that have one.  A shape is the list
 * of a record's attributes: few are different within a chunk.
 *
 * Distance and total distance are as a rule what the server counted from place to
 * place; then only what differs from that is written.
 */
#pragma once

#include "store/chunk.h"
#include "store/numbers.h"

enum {
    CHUNK_FORM = 1,
    CHUNK_PACKED = 0x80, /* with the form: the texts are a zstd frame */
    CHUNK_HEAD = 4,      /* u8 form, u24 bytes of bits */
    CHUNK_COUNT_BITS = 7,
    CHUNK_TYPE_BITS = 2,
    CHUNK_COLUMNS = CHUNK_MAX * REC_ATTRS_MAX,
    CHUNK_TEXTS = CHUNK_COLUMNS * 2 + CHUNK_MAX,
    CHUNK_TEXT_BYTES = CHUNK_MAX * (REC_TEXT_MAX + 32),
    CHUNK_CELLS = CHUNK_MAX * REC_CELLS_MAX,
    CHUNK_WIFIS = CHUNK_MAX * REC_WIFIS_MAX,
};

_Static_assert(1 << CHUNK_COUNT_BITS == CHUNK_MAX, "a chunk's count has its bits");
_Static_assert((int)CHUNK_WIFIS <= COLUMN_MAX, "a column holds all Wi-Fi of a chunk");

enum {
    MASK_FIX = 1 << 0,
    MASK_DEVICE = 1 << 1,
    MASK_LATITUDE = 1 << 2,
    MASK_LONGITUDE = 1 << 3,
    MASK_ALTITUDE = 1 << 4,
    MASK_SPEED = 1 << 5,
    MASK_COURSE = 1 << 6,
    MASK_ACCURACY = 1 << 7,
    MASK_VALID = 1 << 8,
    MASK_FULL = 1 << 9,
    MASK_OUTDATED = 1 << 10,
    MASK_END = 1 << 11,
};

enum base {
    BASE_TIME,
    BASE_ID,
    BASE_MASK,
    BASE_SERVER, /* where there is another time than the server's */
    BASE_DEVICE,
    BASE_KIND,
    BASE_PROTOCOL,
    BASE_SHAPE,
    BASE_CELLS,
    BASE_WIFIS,
    BASE_LATITUDE,
    BASE_LONGITUDE,
    BASE_ALTITUDE,
    BASE_SPEED,
    BASE_COURSE,
    BASE_ACCURACY,
    BASE_COUNT,
};

/* The values of an attribute, in the order of positions: a number's bits, 0 or 1, or a
 * text's number. */
struct column {
    uint32_t key;
    uint32_t name; /* of a free key: its text's number */
    uint8_t type;  /* enum attr_type */
    uint8_t count;
    uint16_t next;         /* writing: another with the same hash, or 0 */
    uint8_t at[CHUNK_MAX]; /* which position has the value */
    int64_t v[CHUNK_MAX];
};

struct shape {
    uint16_t count;
    uint16_t columns[REC_ATTRS_MAX];
};

struct text_range {
    uint32_t pos, len;
};

/* chunk_time() of these times. */
int64_t choose_time(int64_t fix_ms, int64_t device_ms, int64_t server_ms);

/* The places of a chunk's positions, where both degrees are whole numbers of 1e-7. */
struct places {
    int64_t first_e7; /* latitude of the first one */
    bool known[CHUNK_MAX];
    int64_t latitude_e7[CHUNK_MAX], longitude_e7[CHUNK_MAX];
};

/* From masks, and degrees in the columns' order; `exact` says that they are such. */
void set_places(struct places *p, const int64_t *masks, unsigned count, bool exact,
                const int64_t *latitude_e7, const int64_t *longitude_e7);

/* The distance to each position from the one before it that has a place, or 0. */
void foretell_cm(const struct places *p, const struct flat *f, unsigned count,
                 int64_t cm[CHUNK_MAX]);

/* The distances of a column by position, where all are whole centimetres. */
void count_cm(const struct column *c, int64_t cm[CHUNK_MAX]);
