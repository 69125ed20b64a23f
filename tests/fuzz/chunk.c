/*
 * chunk.c - any bytes as a chunk of positions: what is taken for one is read to its end,
 * and written again the same.
 *
 * The input is a byte that chooses; then either a chunk as a whole, or edits of a good
 * one: u16 place and u8 what to put there, exclusive-or.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "store/chunk.h"

enum { IS_WHOLE = 1, GOOD_BYTES = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct chunk_writer *writer;
static struct chunk_reader *reader, *other;
static struct position position, again;

/* As many positions, with something of everything. */
static size_t make_good(uint8_t *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct record *rec = &position.rec;
        rec_clear(rec);
        position.id = 7 + i * 50;
        position.device_id = 1;
        position.kind = i % 3;
        position.server_ms = rec->fix_ms = rec->device_ms =
            INT64_C(1714979289000) + i * 10000;
        position.outdated = i % 7 == 3;
        strcpy(position.protocol, i % 5 ? "gt06" : "ais140");
        rec->latitude_deg = (525163000 + (int)(i * i) * 11) / 1e7;
        rec->longitude_deg = (133777000 - (int)i * 4321) / 1e7;
        rec->speed_kmh = i % 2 ? 12.3 * 1.852 : 0;
        rec_num(rec, KEY_SAT, i % 4 + 8);
        rec_num(rec, KEY_DISTANCE_M, i * 12.34);
        rec_num(rec, KEY_TOTAL_DISTANCE_M, i * 123.45);
        rec_bool(rec, KEY_IGNITION, i % 9 > 4);
        rec_text(rec, KEY_ALARM, i % 11 ? NULL : "sos");
        rec_free_num(rec, "strange", i / 3.0);
        rec_cell(rec, (struct cell){.mcc = 404, .mnc = 45, .lac = 9, .cid = 70 + i % 3});
        rec_wifi(rec, (struct wifi){.mac = {2, 3, (uint8_t)(i % 4)}, .signal_dbm = -60});
        cw_add(writer, &position);
    }
    struct st_chunk c = cw_finish(writer);
    assert(c.len <= GOOD_BYTES);
    memcpy(out, c.data, c.len);
    return c.len;
}

static struct span edit(uint8_t *good, struct span in)
{
    size_t len = make_good(good, 1 + in.ptr[0] / 2 % TR_CHUNK);
    for (size_t i = 1; i + 3 <= in.len; i += 3)
        good[be16(in.ptr + i) % len] ^= in.ptr[i + 2];
    return (struct span){good, len};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t good[GOOD_BYTES];
    struct chunk_key key;
    if (!writer) {
        writer = cw_new();
        reader = cr_new();
        other = cr_new();
    }
    if (!size)
        return 0;
    struct span in = {data, size};
    struct span chunk = data[0] & IS_WHOLE ? span_cut(in, 1, size) : edit(good, in);
    if (!cr_open(reader, 1, chunk))
        return 0;
    while (cr_peek(reader, &key) && cr_next(reader, &position)) {
        assert(key.time_ms == chunk_time(&position) && key.id == position.id);
        cw_add(writer, &position);
    }
    struct st_chunk c = cw_finish(writer);
    bool opened = cr_open(reader, 1, chunk);
    assert(opened);
    opened = cr_open(other, 1, (struct span){c.data, c.len});
    assert(opened);
    while (cr_next(reader, &position)) {
        bool same = cr_next(other, &again) && again.id == position.id &&
                    again.server_ms == position.server_ms &&
                    again.kind == position.kind && rec_equal(&again.rec, &position.rec);
        assert(same);
    }
    return 0;
}
