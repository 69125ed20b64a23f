/*
 * chunk_write.c - positions taken apart into columns, and columns written.
 */
#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#include "store/layout.h"

/* Texts shorter than this are not worth a zstd frame, and a higher level is not worth
 * its time: texts of a chunk are few. */
enum { PACK_WORTH = 128, PACK_LEVEL = 3, HASH_SIZE = 256 };

struct chunk_writer {
    unsigned count;
    int64_t device_id;
    int64_t newest_ms;
    int64_t base[BASE_COUNT][CHUNK_MAX];
    uint8_t base_count[BASE_COUNT];
    struct places places;
    double south_deg, west_deg, north_deg, east_deg;

    struct shape shapes[CHUNK_MAX];
    unsigned shape_count, shape_last;
    struct column *columns;
    size_t column_count, column_size;
    uint16_t heads[HASH_SIZE]; /* first column of a hash, plus 1 */

    struct text_range *texts;
    size_t text_count, text_size;
    struct buffer text;

    struct cell cells[CHUNK_CELLS]; /* those that differ */
    struct wifi wifis[CHUNK_WIFIS];
    size_t cell_count, wifi_count;
    int64_t cell_which[CHUNK_CELLS], cell_signal[CHUNK_CELLS];
    int64_t wifi_which[CHUNK_WIFIS], wifi_signal[CHUNK_WIFIS];
    size_t cell_uses, wifi_uses;

    struct bits_out bits;
    struct buffer out;
    ZSTD_CCtx *zstd;
};

static void clear(struct chunk_writer *w)
{
    w->count = 0;
    memset(w->base_count, 0, sizeof w->base_count);
    memset(w->heads, 0, sizeof w->heads);
    w->south_deg = w->west_deg = w->north_deg = w->east_deg = NAN;
    w->shape_count = w->shape_last = 0;
    w->column_count = w->text_count = w->text.len = 0;
    w->cell_count = w->wifi_count = w->cell_uses = w->wifi_uses = 0;
}

struct chunk_writer *cw_new(void)
{
    struct chunk_writer *w = mem_zero(sizeof *w);
    w->zstd = ZSTD_createCCtx();
    clear(w);
    return w;
}

void cw_free(struct chunk_writer *w)
{
    if (!w)
        return;
    ZSTD_freeCCtx(w->zstd);
    buf_fini(&w->text);
    buf_fini(&w->bits.bytes);
    buf_fini(&w->out);
    free(w->columns);
    free(w->texts);
    free(w);
}

unsigned cw_count(const struct chunk_writer *w)
{
    return w->count;
}

/* ---- texts ---- */

static bool text_is(const struct chunk_writer *w, int64_t number, struct span text)
{
    struct text_range range = w->texts[number];
    return range.len == text.len && !memcmp(w->text.ptr + range.pos, text.ptr, text.len);
}

/* A text's number: that of one of the numbers seen, or a new one. */
static int64_t number_text(struct chunk_writer *w, struct span text, const int64_t *seen,
                           unsigned count)
{
    while (count--)
        if (text_is(w, seen[count], text))
            return seen[count];
    if (w->text_count == w->text_size) {
        w->text_size = w->text_size ? w->text_size * 2 : 64;
        w->texts = mem_grow(w->texts, w->text_size * sizeof *w->texts);
    }
    buf_room(&w->text, 1);
    w->texts[w->text_count] =
        (struct text_range){(uint32_t)w->text.len, (uint32_t)text.len};
    buf_add(&w->text, text.ptr, text.len);
    return (int64_t)w->text_count++;
}

/* ---- attributes ---- */

static bool column_is(const struct chunk_writer *w, const struct column *c,
                      const struct record *rec, const struct attr *a)
{
    if (c->key != a->key || c->type != a->type)
        return false;
    return a->key != KEY_NONE || text_is(w, c->name, rec_attr_name(rec, a, NULL));
}

static bool shape_has(const struct shape *s, size_t column)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->columns[i] == column)
            return true;
    return false;
}

/* The attribute's column: one that the shape does not have yet. */
static uint16_t find_column(struct chunk_writer *w, const struct shape *s,
                            const struct record *rec, const struct attr *a)
{
    uint16_t *head = &w->heads[(a->key ^ a->key >> 16 ^ a->type << 6) % HASH_SIZE];
    for (unsigned at = *head; at; at = w->columns[at - 1].next)
        if (column_is(w, &w->columns[at - 1], rec, a) && !shape_has(s, at - 1))
            return (uint16_t)(at - 1);
    if (w->column_count == w->column_size) {
        w->column_size = w->column_size ? w->column_size * 2 : 32;
        w->columns = mem_grow(w->columns, w->column_size * sizeof *w->columns);
    }
    struct column *c = &w->columns[w->column_count++];
    c->key = a->key;
    c->type = a->type;
    c->count = 0;
    c->next = *head;
    c->name = a->key == KEY_NONE
                  ? (uint32_t)number_text(w, rec_attr_name(rec, a, NULL), NULL, 0)
                  : 0;
    *head = (uint16_t)w->column_count;
    return (uint16_t)(w->column_count - 1);
}

static bool shape_is(const struct chunk_writer *w, const struct shape *s,
                     const struct record *rec)
{
    if (s->count != rec->attr_count)
        return false;
    for (unsigned i = 0; i < s->count; i++)
        if (!column_is(w, &w->columns[s->columns[i]], rec, &rec->attrs[i]))
            return false;
    return true;
}

static unsigned find_shape(struct chunk_writer *w, const struct record *rec)
{
    if (w->shape_count && shape_is(w, &w->shapes[w->shape_last], rec))
        return w->shape_last;
    for (unsigned i = 0; i < w->shape_count; i++)
        if (shape_is(w, &w->shapes[i], rec))
            return i;
    struct shape *s = &w->shapes[w->shape_count];
    for (s->count = 0; s->count < rec->attr_count; s->count++)
        s->columns[s->count] = find_column(w, s, rec, &rec->attrs[s->count]);
    return w->shape_count++;
}

static void add_attrs(struct chunk_writer *w, const struct record *rec)
{
    const struct shape *s = &w->shapes[w->shape_last];
    for (unsigned i = 0; i < s->count; i++) {
        const struct attr *a = &rec->attrs[i];
        struct column *c = &w->columns[s->columns[i]];
        int64_t value;
        if (a->type == ATTR_NUM)
            value = bits_of(a->num);
        else if (a->type == ATTR_BOOL)
            value = a->yes;
        else
            value = number_text(w, rec_attr_text(rec, a), c->v, c->count);
        c->at[c->count] = (uint8_t)w->count;
        c->v[c->count++] = value;
    }
}

/* ---- cells and Wi-Fi ---- */

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->cid == b->cid && a->lac == b->lac && a->mcc == b->mcc && a->mnc == b->mnc &&
           a->radio == b->radio;
}

/* Most often it is the one that was new last. */
static void add_cell(struct chunk_writer *w, const struct cell *cell)
{
    size_t which = w->cell_count;
    while (which && !same_cell(&w->cells[which - 1], cell))
        which--;
    if (!which) {
        w->cells[w->cell_count++] = *cell;
        which = w->cell_count;
    }
    w->cell_signal[w->cell_uses] = cell->signal_dbm;
    w->cell_which[w->cell_uses++] = (int64_t)which - 1;
}

static void add_wifi(struct chunk_writer *w, const struct wifi *wifi)
{
    size_t which = w->wifi_count;
    while (which && (memcmp(w->wifis[which - 1].mac, wifi->mac, sizeof wifi->mac) ||
                     w->wifis[which - 1].channel != wifi->channel))
        which--;
    if (!which) {
        w->wifis[w->wifi_count++] = *wifi;
        which = w->wifi_count;
    }
    w->wifi_signal[w->wifi_uses] = wifi->signal_dbm;
    w->wifi_which[w->wifi_uses++] = (int64_t)which - 1;
}

/* ---- adding ---- */

static void add(struct chunk_writer *w, enum base base, int64_t value)
{
    w->base[base][w->base_count[base]++] = value;
}

static unsigned add_if(struct chunk_writer *w, enum base base, double value,
                       unsigned mask)
{
    if (isnan(value))
        return 0;
    add(w, base, bits_of(value));
    return mask;
}

/* Differences of times go round: they come back the same way. */
static int64_t after(int64_t ms, int64_t base_ms)
{
    return (int64_t)((uint64_t)ms - (uint64_t)base_ms);
}

static void grow_box(struct chunk_writer *w, const struct record *rec)
{
    if (!rec_placed(rec))
        return;
    w->south_deg = fmin(w->south_deg, rec->latitude_deg);
    w->north_deg = fmax(w->north_deg, rec->latitude_deg);
    w->west_deg = fmin(w->west_deg, rec->longitude_deg);
    w->east_deg = fmax(w->east_deg, rec->longitude_deg);
}

static unsigned add_numbers(struct chunk_writer *w, const struct record *rec)
{
    unsigned mask = add_if(w, BASE_LATITUDE, rec->latitude_deg, MASK_LATITUDE);
    mask |= add_if(w, BASE_LONGITUDE, rec->longitude_deg, MASK_LONGITUDE);
    mask |= add_if(w, BASE_ALTITUDE, rec->altitude_m, MASK_ALTITUDE);
    mask |= add_if(w, BASE_SPEED, rec->speed_kmh, MASK_SPEED);
    mask |= add_if(w, BASE_COURSE, rec->course_deg, MASK_COURSE);
    mask |= add_if(w, BASE_ACCURACY, rec->accuracy_m, MASK_ACCURACY);
    mask |= rec->valid ? MASK_VALID : 0;
    return mask | (rec->full ? MASK_FULL : 0);
}

static unsigned add_times(struct chunk_writer *w, const struct position *p, int64_t ms)
{
    unsigned mask = (p->rec.fix_ms != TIME_NONE ? MASK_FIX : 0) |
                    (p->rec.device_ms != TIME_NONE ? MASK_DEVICE : 0);
    add(w, BASE_TIME, ms);
    add(w, BASE_ID, p->id);
    if (mask)
        add(w, BASE_SERVER, after(p->server_ms, ms));
    if (mask & MASK_DEVICE)
        add(w, BASE_DEVICE, after(p->rec.device_ms, ms));
    return mask;
}

void cw_add(struct chunk_writer *w, const struct position *p)
{
    const struct record *rec = &p->rec;
    int64_t ms = chunk_time(p);
    assert(w->count < CHUNK_MAX);
    assert(!w->count || ms > w->base[BASE_TIME][w->count - 1] ||
           (ms == w->base[BASE_TIME][w->count - 1] &&
            p->id > w->base[BASE_ID][w->count - 1]));
    w->device_id = p->device_id;
    w->newest_ms = chunk_newest(p, w->count ? w->newest_ms : ms);
    unsigned mask = add_times(w, p, ms) | add_numbers(w, rec);
    add(w, BASE_MASK, mask | (p->outdated ? MASK_OUTDATED : 0));
    add(w, BASE_KIND, p->kind);
    add(w, BASE_PROTOCOL,
        number_text(w, span_of(p->protocol), w->base[BASE_PROTOCOL],
                    w->base_count[BASE_PROTOCOL]));
    w->shape_last = find_shape(w, rec);
    add(w, BASE_SHAPE, w->shape_last);
    add_attrs(w, rec);
    add(w, BASE_CELLS, rec->cell_count);
    add(w, BASE_WIFIS, rec->wifi_count);
    for (unsigned i = 0; i < rec->cell_count; i++)
        add_cell(w, &rec->cells[i]);
    for (unsigned i = 0; i < rec->wifi_count; i++)
        add_wifi(w, &rec->wifis[i]);
    grow_box(w, rec);
    w->count++;
}

/* ---- writing ---- */

static void put_base(struct chunk_writer *w, enum base base)
{
    bo_column(&w->bits, w->base[base], w->base_count[base]);
}

static void put_texts(struct chunk_writer *w)
{
    int64_t lengths[COLUMN_MAX];
    bo_int(&w->bits, (int64_t)w->text_count);
    for (size_t from = 0; from < w->text_count; from += COLUMN_MAX) {
        size_t count = w->text_count - from;
        if (count > COLUMN_MAX)
            count = COLUMN_MAX;
        for (size_t i = 0; i < count; i++)
            lengths[i] = w->texts[from + i].len;
        bo_column(&w->bits, lengths, count);
    }
}

static void put_keys(struct chunk_writer *w)
{
    bo_int(&w->bits, (int64_t)w->column_count);
    for (size_t i = 0; i < w->column_count; i++) {
        const struct column *c = &w->columns[i];
        uint32_t id = c->key & UINT16_MAX;
        bo_put(&w->bits, c->type, CHUNK_TYPE_BITS);
        bo_int(&w->bits, id);
        if (id == KEY_NONE)
            bo_int(&w->bits, c->name);
        else if (key_table[id].family)
            bo_int(&w->bits, c->key >> 16);
    }
}

/* A zero says that the column is the one behind the last. */
static void put_shapes(struct chunk_writer *w)
{
    bo_int(&w->bits, w->shape_count);
    for (unsigned i = 0; i < w->shape_count; i++) {
        const struct shape *s = &w->shapes[i];
        unsigned expected = 0;
        bo_int(&w->bits, s->count);
        for (unsigned j = 0; j < s->count; j++) {
            bo_put(&w->bits, s->columns[j] != expected, 1);
            if (s->columns[j] != expected)
                bo_int(&w->bits, s->columns[j]);
            expected = s->columns[j] + 1u;
        }
    }
}

static void put_places(struct chunk_writer *w)
{
    int64_t latitude[CHUNK_MAX], longitude[CHUNK_MAX];
    bool exact = put_degrees(&w->bits, w->base[BASE_LATITUDE],
                             w->base_count[BASE_LATITUDE], latitude);
    exact &= put_degrees(&w->bits, w->base[BASE_LONGITUDE], w->base_count[BASE_LONGITUDE],
                         longitude);
    set_places(&w->places, w->base[BASE_MASK], w->count, exact, latitude, longitude);
}

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

static void put_distance(struct bits_out *b, const struct column *c,
                         const struct places *places, unsigned count)
{
    int64_t digits[CHUNK_MAX], foretold[CHUNK_MAX];
    int64_t with = 0, without = 0;
    struct flat flat = flat_at(places->first_e7);
    bool exact = form_split(FORM_CM, c->v, c->count, digits);
    foretell_cm(places, &flat, count, foretold);
    for (unsigned i = 0; exact && i < c->count; i++) {
        without += magnitude(digits[i]);
        digits[i] -= foretold[c->at[i]];
        with += magnitude(digits[i]);
    }
    bo_put(b, with < without, 1);
    if (with >= without) {
        put_numbers(b, c->v, c->count);
        return;
    }
    bo_int(b, flat.cosine);
    bo_int(b, flat.slope);
    bo_column(b, digits, c->count);
}

static void put_total(struct bits_out *b, const struct column *c,
                      const int64_t counted[CHUNK_MAX])
{
    int64_t digits[CHUNK_MAX], rests[CHUNK_MAX];
    int64_t with = 0, without = 0;
    bool exact = form_split(FORM_CM, c->v, c->count, digits);
    for (unsigned i = 1; exact && i < c->count; i++) {
        int64_t step = digits[i] - digits[i - 1];
        rests[i - 1] = step - counted[c->at[i]];
        without += magnitude(step);
        with += magnitude(rests[i - 1]);
    }
    bo_put(b, with < without, 1);
    if (with >= without) {
        put_numbers(b, c->v, c->count);
        return;
    }
    bo_int(b, digits[0]);
    bo_column(b, rests, c->count - 1u);
}

static void put_values(struct chunk_writer *w)
{
    int64_t counted[CHUNK_MAX] = {0};
    for (size_t i = 0; i < w->column_count; i++) {
        const struct column *c = &w->columns[i];
        if (c->type != ATTR_NUM) {
            bo_column(&w->bits, c->v, c->count);
        } else if (c->key == KEY_DISTANCE_M) {
            put_distance(&w->bits, c, &w->places, w->count);
            count_cm(c, counted);
        } else if (c->key == KEY_TOTAL_DISTANCE_M) {
            put_total(&w->bits, c, counted);
        } else {
            put_numbers(&w->bits, c->v, c->count);
        }
    }
}

static void put_cells(struct chunk_writer *w)
{
    int64_t v[5][CHUNK_CELLS];
    if (!w->cell_uses)
        return;
    bo_int(&w->bits, (int64_t)w->cell_count);
    for (size_t i = 0; i < w->cell_count; i++) {
        const struct cell *c = &w->cells[i];
        v[0][i] = c->radio;
        v[1][i] = c->mcc;
        v[2][i] = c->mnc;
        v[3][i] = c->lac;
        v[4][i] = (int64_t)c->cid;
    }
    for (unsigned i = 0; i < 5; i++)
        bo_column(&w->bits, v[i], w->cell_count);
    bo_column(&w->bits, w->cell_which, w->cell_uses);
    bo_column(&w->bits, w->cell_signal, w->cell_uses);
}

static int64_t mac_number(const uint8_t mac[6])
{
    return (int64_t)((uint64_t)be16(mac) << 32 | be32(mac + 2));
}

static void put_wifis(struct chunk_writer *w)
{
    int64_t macs[CHUNK_WIFIS], channels[CHUNK_WIFIS];
    if (!w->wifi_uses)
        return;
    bo_int(&w->bits, (int64_t)w->wifi_count);
    for (size_t i = 0; i < w->wifi_count; i++) {
        macs[i] = mac_number(w->wifis[i].mac);
        channels[i] = w->wifis[i].channel;
    }
    bo_column(&w->bits, macs, w->wifi_count);
    bo_column(&w->bits, channels, w->wifi_count);
    bo_column(&w->bits, w->wifi_which, w->wifi_uses);
    bo_column(&w->bits, w->wifi_signal, w->wifi_uses);
}

static void put_bits(struct chunk_writer *w)
{
    w->bits.bytes.len = 0;
    bo_put(&w->bits, w->count - 1, CHUNK_COUNT_BITS);
    put_texts(w);
    for (enum base base = BASE_TIME; base <= BASE_WIFIS; base++)
        put_base(w, base);
    put_keys(w);
    put_shapes(w);
    put_places(w);
    for (enum base base = BASE_ALTITUDE; base <= BASE_ACCURACY; base++)
        put_numbers(&w->bits, w->base[base], w->base_count[base]);
    put_values(w);
    put_cells(w);
    put_wifis(w);
    bo_end(&w->bits);
}

/* The texts behind what is in out, smaller where that is possible. */
static void pack_texts(struct chunk_writer *w)
{
    if (w->text.len >= PACK_WORTH) {
        size_t room = ZSTD_compressBound(w->text.len);
        size_t len = ZSTD_compressCCtx(w->zstd, buf_room(&w->out, room), room,
                                       w->text.ptr, w->text.len, PACK_LEVEL);
        if (!ZSTD_isError(len) && len < w->text.len) {
            w->out.len += len;
            w->out.ptr[0] |= CHUNK_PACKED;
            return;
        }
    }
    buf_add(&w->out, w->text.ptr, w->text.len);
}

struct st_chunk cw_finish(struct chunk_writer *w)
{
    assert(w->count);
    put_bits(w);
    size_t len = w->bits.bytes.len;
    uint8_t head[CHUNK_HEAD] = {CHUNK_FORM, (uint8_t)len, (uint8_t)(len >> 8),
                                (uint8_t)(len >> 16)};
    assert(len < 1 << 24);
    w->out.len = 0;
    buf_add(&w->out, head, sizeof head);
    buf_add(&w->out, w->bits.bytes.ptr, len);
    pack_texts(w);
    const int64_t *ids = w->base[BASE_ID];
    struct st_chunk chunk = {
        .device_id = w->device_id,
        .first_ms = w->base[BASE_TIME][0],
        .last_ms = w->base[BASE_TIME][w->count - 1],
        .first_id = ids[0],
        .last_id = ids[0],
        .south_deg = w->south_deg,
        .west_deg = w->west_deg,
        .north_deg = w->north_deg,
        .east_deg = w->east_deg,
        .count = w->count,
        .newest_ms = w->newest_ms,
        .data = w->out.ptr,
        .len = w->out.len,
    };
    for (unsigned i = 1; i < w->count; i++) {
        chunk.first_id = ids[i] < chunk.first_id ? ids[i] : chunk.first_id;
        chunk.last_id = ids[i] > chunk.last_id ? ids[i] : chunk.last_id;
    }
    clear(w);
    return chunk;
}
