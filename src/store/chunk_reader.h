/*
 * chunk_reader.h - a chunk whose columns have been read.  Once cr_open() has said that
 * it is one, everything in it holds: counts agree, numbers of texts, shapes, columns and
 * cells are within what there is, and every record fits into a struct record.
 */
#pragma once

#include <zstd.h>

#include "store/layout.h"

struct chunk_reader {
    int64_t device_id;
    unsigned count, next;
    int64_t base[BASE_COUNT][CHUNK_MAX];
    uint8_t base_count[BASE_COUNT], base_next[BASE_COUNT];
    struct places places;

    struct shape shapes[CHUNK_MAX];
    size_t shape_count;
    struct column *columns;
    uint8_t *column_next;
    size_t column_count, column_size;

    struct text_range texts[CHUNK_TEXTS];
    size_t text_count;
    struct buffer text;

    struct cell cells[CHUNK_CELLS];
    struct wifi wifis[CHUNK_WIFIS];
    int64_t cell_which[CHUNK_CELLS], cell_signal[CHUNK_CELLS];
    int64_t wifi_which[CHUNK_WIFIS], wifi_signal[CHUNK_WIFIS];
    size_t cell_next, wifi_next;

    struct buffer hold; /* the bits, and a pad */
    struct bits_in bits;
    ZSTD_DCtx *zstd;
};

/* Differences of times go round. */
static inline int64_t time_after(int64_t base_ms, int64_t after_ms)
{
    return (int64_t)((uint64_t)base_ms + (uint64_t)after_ms);
}
