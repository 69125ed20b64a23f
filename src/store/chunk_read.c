/*
 * chunk_read.c - the columns of a chunk read, and nothing in them believed.
 */
#include <stdlib.h>
#include <zstd.h>

#include "store/chunk_reader.h"

struct chunk_reader *cr_new(void)
{
    struct chunk_reader *r = mem_zero(sizeof *r);
    r->zstd = ZSTD_createDCtx();
    return r;
}

void cr_free(struct chunk_reader *r)
{
    if (!r)
        return;
    ZSTD_freeDCtx(r->zstd);
    buf_fini(&r->text);
    buf_fini(&r->hold);
    free(r->columns);
    free(r->column_next);
    free(r);
}

static void bad(struct chunk_reader *r)
{
    r->bits.bad = true;
}

static void need(struct chunk_reader *r, bool ok)
{
    r->bits.bad |= !ok;
}

/* ---- texts ---- */

static bool is_clean(struct span text)
{
    while (text.len) {
        size_t len = utf8_len(text);
        if (!len || utf8_control(text))
            return false;
        text = span_cut(text, len, text.len);
    }
    return true;
}

static void unpack_texts(struct chunk_reader *r, struct span packed, bool is_packed)
{
    r->text.len = 0;
    if (!is_packed) {
        need(r, packed.len <= CHUNK_TEXT_BYTES);
        buf_room(&r->text, 1);
        if (!r->bits.bad)
            buf_add(&r->text, packed.ptr, packed.len);
        return;
    }
    unsigned long long size = ZSTD_getFrameContentSize(packed.ptr, packed.len);
    if (size > CHUNK_TEXT_BYTES) {
        bad(r);
        return;
    }
    size_t len = ZSTD_decompressDCtx(r->zstd, buf_room(&r->text, size + 1), size,
                                     packed.ptr, packed.len);
    need(r, len == size);
    r->text.len = ZSTD_isError(len) ? 0 : len;
}

static void get_texts(struct chunk_reader *r)
{
    int64_t lengths[COLUMN_MAX];
    uint32_t pos = 0;
    r->text_count = bi_below(&r->bits, CHUNK_TEXTS);
    for (size_t i = 0; i < r->text_count && !r->bits.bad; i++) {
        size_t left = r->text_count - i;
        if (i % COLUMN_MAX == 0)
            bi_column(&r->bits, lengths, left < COLUMN_MAX ? left : COLUMN_MAX);
        int64_t len = lengths[i % COLUMN_MAX];
        if (len < 0 || len > (int64_t)(r->text.len - pos)) {
            bad(r);
            return;
        }
        r->texts[i] = (struct text_range){pos, (uint32_t)len};
        need(r, is_clean((struct span){r->text.ptr + pos, (size_t)len}));
        pos += (uint32_t)len;
    }
    need(r, pos == r->text.len);
}

/* ---- columns ---- */

static bool all_within(const int64_t *v, size_t count, int64_t least, int64_t most)
{
    for (size_t i = 0; i < count; i++)
        if (v[i] < least || v[i] > most)
            return false;
    return true;
}

static void get_base(struct chunk_reader *r, enum base base, unsigned count,
                     int64_t least, int64_t most)
{
    r->base_count[base] = (uint8_t)count;
    bi_column(&r->bits, r->base[base], count);
    need(r, all_within(r->base[base], count, least, most));
}

static unsigned count_masks(const struct chunk_reader *r, unsigned bits, unsigned want)
{
    unsigned count = 0;
    for (unsigned i = 0; i < r->count; i++)
        count += ((uint64_t)r->base[BASE_MASK][i] & bits) == want;
    return count;
}

static void check_order(struct chunk_reader *r)
{
    const int64_t *ms = r->base[BASE_TIME], *ids = r->base[BASE_ID];
    need(r, ms[0] != TIME_NONE);
    for (unsigned i = 1; i < r->count; i++)
        need(r, ms[i] > ms[i - 1] || (ms[i] == ms[i - 1] && ids[i] > ids[i - 1]));
}

/* The time must be the one that follows from the others. */
static void check_times(struct chunk_reader *r)
{
    const int64_t *server = r->base[BASE_SERVER], *device = r->base[BASE_DEVICE];
    for (unsigned i = 0; i < r->count; i++) {
        int64_t mask = r->base[BASE_MASK][i], ms = r->base[BASE_TIME][i];
        int64_t fix_ms = mask & MASK_FIX ? ms : TIME_NONE;
        int64_t server_ms = ms, device_ms = TIME_NONE;
        if (mask & (MASK_FIX | MASK_DEVICE))
            server_ms = time_after(ms, *server++);
        if (mask & MASK_DEVICE) {
            device_ms = time_after(ms, *device++);
            need(r, device_ms != TIME_NONE);
        }
        need(r, choose_time(fix_ms, device_ms, server_ms) == ms);
    }
}

static void get_bases(struct chunk_reader *r)
{
    enum { TIMES = MASK_FIX | MASK_DEVICE };
    unsigned n = r->count;
    get_base(r, BASE_TIME, n, INT64_MIN, INT64_MAX);
    get_base(r, BASE_ID, n, INT64_MIN, INT64_MAX);
    check_order(r);
    get_base(r, BASE_MASK, n, 0, MASK_END - 1);
    get_base(r, BASE_SERVER, n - count_masks(r, TIMES, 0), INT64_MIN, INT64_MAX);
    get_base(r, BASE_DEVICE, count_masks(r, MASK_DEVICE, MASK_DEVICE), INT64_MIN,
             INT64_MAX);
    check_times(r);
    get_base(r, BASE_KIND, n, 0, UINT32_MAX);
    get_base(r, BASE_PROTOCOL, n, 0, (int64_t)r->text_count - 1);
    get_base(r, BASE_SHAPE, n, 0, CHUNK_MAX - 1);
    get_base(r, BASE_CELLS, n, 0, REC_CELLS_MAX);
    get_base(r, BASE_WIFIS, n, 0, REC_WIFIS_MAX);
}

static uint32_t get_key(struct chunk_reader *r)
{
    uint32_t id = (uint32_t)bi_below(&r->bits, KEY_COUNT - 1);
    if (id == KEY_NONE || !key_table[id].family)
        return id;
    return KEY_N(id, bi_below(&r->bits, UINT16_MAX));
}

static void get_keys(struct chunk_reader *r)
{
    r->column_count = bi_below(&r->bits, CHUNK_COLUMNS);
    if (r->column_count > r->column_size) {
        r->column_size = r->column_count;
        r->columns = mem_grow(r->columns, r->column_size * sizeof *r->columns);
        r->column_next = mem_grow(r->column_next, r->column_size);
    }
    for (size_t i = 0; i < r->column_count && !r->bits.bad; i++) {
        struct column *c = &r->columns[i];
        c->count = 0;
        c->type = (uint8_t)bi_get(&r->bits, CHUNK_TYPE_BITS);
        c->key = get_key(r);
        c->name = c->key == KEY_NONE ? (uint32_t)bi_below(&r->bits, CHUNK_TEXTS) : 0;
        need(r, c->type <= ATTR_TEXT);
        if (c->key == KEY_NONE)
            need(r, c->name < r->text_count && r->texts[c->name].len &&
                        r->texts[c->name].len <= KEY_NAME_MAX);
    }
}

static void get_shape(struct chunk_reader *r, struct shape *s)
{
    unsigned expected = 0, names = 0;
    s->count = (uint16_t)bi_below(&r->bits, REC_ATTRS_MAX);
    for (unsigned i = 0; i < s->count && !r->bits.bad; i++) {
        if (bi_get(&r->bits, 1))
            expected = (unsigned)bi_below(&r->bits, CHUNK_COLUMNS);
        if (expected >= r->column_count) {
            bad(r);
            return;
        }
        names += r->columns[expected].key == KEY_NONE;
        s->columns[i] = (uint16_t)expected++;
    }
    need(r, names <= REC_FREE_MAX);
}

/* Counts the values that each column must have. */
static void get_shapes(struct chunk_reader *r)
{
    r->shape_count = bi_below(&r->bits, CHUNK_MAX);
    for (size_t i = 0; i < r->shape_count && !r->bits.bad; i++)
        get_shape(r, &r->shapes[i]);
    for (unsigned i = 0; i < r->count && !r->bits.bad; i++) {
        size_t number = (size_t)r->base[BASE_SHAPE][i];
        if (number >= r->shape_count) {
            bad(r);
            return;
        }
        const struct shape *s = &r->shapes[number];
        for (unsigned j = 0; j < s->count; j++) {
            struct column *c = &r->columns[s->columns[j]];
            if (c->count == CHUNK_MAX) {
                bad(r);
                return;
            }
            c->at[c->count++] = (uint8_t)i;
        }
    }
}

static void check_numbers(struct chunk_reader *r, const int64_t *v, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        need(r, isfinite(double_of(v[i])));
}

static void get_places(struct chunk_reader *r)
{
    int64_t latitude[CHUNK_MAX], longitude[CHUNK_MAX];
    unsigned latitudes = count_masks(r, MASK_LATITUDE, MASK_LATITUDE);
    unsigned longitudes = count_masks(r, MASK_LONGITUDE, MASK_LONGITUDE);
    bool exact = get_degrees(&r->bits, r->base[BASE_LATITUDE], latitudes, latitude);
    exact &= get_degrees(&r->bits, r->base[BASE_LONGITUDE], longitudes, longitude);
    r->base_count[BASE_LATITUDE] = (uint8_t)latitudes;
    r->base_count[BASE_LONGITUDE] = (uint8_t)longitudes;
    set_places(&r->places, r->base[BASE_MASK], r->count, exact, latitude, longitude);
}

static void get_base_numbers(struct chunk_reader *r)
{
    static const struct {
        enum base base;
        unsigned mask;
    } numbers[] = {{BASE_ALTITUDE, MASK_ALTITUDE},
                   {BASE_SPEED, MASK_SPEED},
                   {BASE_COURSE, MASK_COURSE},
                   {BASE_ACCURACY, MASK_ACCURACY}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        unsigned count = count_masks(r, numbers[i].mask, numbers[i].mask);
        r->base_count[numbers[i].base] = (uint8_t)count;
        get_numbers(&r->bits, r->base[numbers[i].base], count);
    }
    for (enum base base = BASE_LATITUDE; base <= BASE_ACCURACY; base++)
        for (unsigned i = 0; i < r->base_count[base]; i++)
            need(r, !isnan(double_of(r->base[base][i])));
}

/* ---- values ---- */

static void get_distance(struct chunk_reader *r, struct column *c)
{
    int64_t digits[CHUNK_MAX], foretold[CHUNK_MAX];
    if (!bi_get(&r->bits, 1)) {
        get_numbers(&r->bits, c->v, c->count);
        return;
    }
    struct flat flat = {.latitude_e7 = r->places.first_e7};
    flat.cosine = bi_int(&r->bits);
    flat.slope = bi_int(&r->bits);
    if (!flat_ok(&flat)) {
        bad(r);
        return;
    }
    bi_column(&r->bits, digits, c->count);
    foretell_cm(&r->places, &flat, r->count, foretold);
    for (unsigned i = 0; i < c->count; i++)
        digits[i] = (int64_t)((uint64_t)digits[i] + (uint64_t)foretold[c->at[i]]);
    form_join(FORM_CM, digits, c->count, c->v);
}

static void get_total(struct chunk_reader *r, struct column *c,
                      const int64_t counted[CHUNK_MAX])
{
    int64_t digits[CHUNK_MAX];
    if (!bi_get(&r->bits, 1)) {
        get_numbers(&r->bits, c->v, c->count);
        return;
    }
    if (!c->count) {
        bad(r);
        return;
    }
    digits[0] = bi_int(&r->bits);
    bi_column(&r->bits, digits + 1, c->count - 1u);
    for (unsigned i = 1; i < c->count; i++)
        digits[i] = (int64_t)((uint64_t)digits[i] + (uint64_t)digits[i - 1] +
                              (uint64_t)counted[c->at[i]]);
    form_join(FORM_CM, digits, c->count, c->v);
}

static void get_column(struct chunk_reader *r, struct column *c,
                       int64_t counted[CHUNK_MAX])
{
    if (c->type == ATTR_BOOL) {
        bi_column(&r->bits, c->v, c->count);
        need(r, all_within(c->v, c->count, 0, 1));
        return;
    }
    if (c->type == ATTR_TEXT) {
        bi_column(&r->bits, c->v, c->count);
        need(r, all_within(c->v, c->count, 0, (int64_t)r->text_count - 1));
        for (unsigned i = 0; i < c->count && !r->bits.bad; i++)
            need(r, r->texts[c->v[i]].len);
        return;
    }
    if (c->key == KEY_DISTANCE_M)
        get_distance(r, c);
    else if (c->key == KEY_TOTAL_DISTANCE_M)
        get_total(r, c, counted);
    else
        get_numbers(&r->bits, c->v, c->count);
    if (!r->bits.bad)
        check_numbers(r, c->v, c->count);
    if (!r->bits.bad && c->key == KEY_DISTANCE_M)
        count_cm(c, counted);
}

/* A record's names and texts must fit into a record. */
static void check_texts(struct chunk_reader *r)
{
    size_t lengths[CHUNK_MAX] = {0};
    for (size_t i = 0; i < r->column_count; i++) {
        const struct column *c = &r->columns[i];
        size_t name = c->key == KEY_NONE ? r->texts[c->name].len : 0;
        if (!name && c->type != ATTR_TEXT)
            continue;
        for (unsigned j = 0; j < c->count; j++)
            lengths[c->at[j]] +=
                name + (c->type == ATTR_TEXT ? r->texts[c->v[j]].len : 0);
    }
    for (unsigned i = 0; i < r->count; i++) {
        need(r, lengths[i] <= REC_TEXT_MAX);
        need(r, r->texts[r->base[BASE_PROTOCOL][i]].len <
                    sizeof(((struct position *)NULL)->protocol));
    }
}

static void get_values(struct chunk_reader *r)
{
    int64_t counted[CHUNK_MAX] = {0};
    for (size_t i = 0; i < r->column_count && !r->bits.bad; i++)
        get_column(r, &r->columns[i], counted);
    if (!r->bits.bad)
        check_texts(r);
}

/* ---- cells and Wi-Fi ---- */

static size_t sum(const int64_t *v, unsigned count)
{
    size_t all = 0;
    for (unsigned i = 0; i < count; i++)
        all += (size_t)v[i];
    return all;
}

static void get_bounded(struct chunk_reader *r, int64_t *v, size_t count, int64_t least,
                        int64_t most)
{
    bi_column(&r->bits, v, count);
    need(r, all_within(v, count, least, most));
}

static void get_cells(struct chunk_reader *r)
{
    int64_t v[5][CHUNK_CELLS];
    size_t uses = r->bits.bad ? 0 : sum(r->base[BASE_CELLS], r->count);
    if (!uses)
        return;
    size_t count = bi_below(&r->bits, CHUNK_CELLS);
    get_bounded(r, v[0], count, 0, RADIO_NR);
    get_bounded(r, v[1], count, 0, UINT16_MAX);
    get_bounded(r, v[2], count, 0, UINT16_MAX);
    get_bounded(r, v[3], count, 0, UINT32_MAX);
    get_bounded(r, v[4], count, INT64_MIN, INT64_MAX);
    get_bounded(r, r->cell_which, uses, 0, (int64_t)count - 1);
    get_bounded(r, r->cell_signal, uses, INT16_MIN, INT16_MAX);
    for (size_t i = 0; i < count && !r->bits.bad; i++)
        r->cells[i] = (struct cell){.radio = (uint8_t)v[0][i],
                                    .mcc = (uint16_t)v[1][i],
                                    .mnc = (uint16_t)v[2][i],
                                    .lac = (uint32_t)v[3][i],
                                    .cid = (uint64_t)v[4][i]};
}

static void get_wifis(struct chunk_reader *r)
{
    int64_t macs[CHUNK_WIFIS], channels[CHUNK_WIFIS];
    size_t uses = r->bits.bad ? 0 : sum(r->base[BASE_WIFIS], r->count);
    if (!uses)
        return;
    size_t count = bi_below(&r->bits, CHUNK_WIFIS);
    get_bounded(r, macs, count, 0, (INT64_C(1) << 48) - 1);
    get_bounded(r, channels, count, 0, UINT8_MAX);
    get_bounded(r, r->wifi_which, uses, 0, (int64_t)count - 1);
    get_bounded(r, r->wifi_signal, uses, INT8_MIN, INT8_MAX);
    for (size_t i = 0; i < count && !r->bits.bad; i++) {
        struct wifi *wifi = &r->wifis[i];
        for (unsigned j = 0; j < sizeof wifi->mac; j++)
            wifi->mac[j] = (uint8_t)(macs[i] >> (40 - 8 * j));
        wifi->channel = (uint8_t)channels[i];
    }
}

/* ---- opening ---- */

static void read_columns(struct chunk_reader *r)
{
    r->count = (unsigned)bi_get(&r->bits, CHUNK_COUNT_BITS) + 1;
    get_texts(r);
    if (!r->bits.bad)
        get_bases(r);
    if (!r->bits.bad)
        get_keys(r);
    if (!r->bits.bad)
        get_shapes(r);
    if (r->bits.bad)
        return;
    get_places(r);
    get_base_numbers(r);
    get_values(r);
    get_cells(r);
    get_wifis(r);
}

bool cr_open(struct chunk_reader *r, int64_t device_id, struct span data)
{
    r->device_id = device_id;
    r->count = r->next = 0;
    r->cell_next = r->wifi_next = 0;
    memset(r->base_next, 0, sizeof r->base_next);
    if (data.len < CHUNK_HEAD || (data.ptr[0] & ~CHUNK_PACKED) != CHUNK_FORM)
        return false;
    size_t len = data.ptr[1] | (size_t)data.ptr[2] << 8 | (size_t)data.ptr[3] << 16;
    if (len > data.len - CHUNK_HEAD)
        return false;
    r->hold.len = 0;
    memset(buf_room(&r->hold, len + BITS_PAD) + len, 0, BITS_PAD);
    buf_add(&r->hold, data.ptr + CHUNK_HEAD, len);
    r->bits = bi_open((struct span){r->hold.ptr, len});
    unpack_texts(r, span_cut(data, CHUNK_HEAD + len, data.len),
                 data.ptr[0] & CHUNK_PACKED);
    if (!r->bits.bad)
        read_columns(r);
    if (r->bits.bad)
        r->count = 0;
    else if (r->column_count)
        memset(r->column_next, 0, r->column_count);
    return !r->bits.bad;
}
