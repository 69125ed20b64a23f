/*
 * chunk.c - what goes into columns and chunks comes out the same, and no bytes do harm.
 */
#include <math.h>

#include "core/geo.h"
#include "store/numbers.h"
#include "store_stage.h"

/* ---- columns ---- */

enum { KINDS = 9, COLUMN_ROUNDS = 4000 };

/* Values as columns have them: kind by kind, and of every size. */
static void any_column(struct chance *c, int64_t *v, size_t count)
{
    unsigned kind = (unsigned)chance_below(c, KINDS),
             shift = (unsigned)chance_below(c, 64);
    uint64_t at = chance_next(c) >> chance_below(c, 64), slope = chance_below(c, 1000);
    for (size_t i = 0; i < count; i++) {
        uint64_t any = chance_next(c);
        switch (kind) {
        case 0: /* all the same */
            break;
        case 1: /* noise */
            at = any >> shift;
            break;
        case 2: /* a walk */
            at += any % 99 - 49;
            break;
        case 3: /* a trend */
            at += slope += any % 5 - 2;
            break;
        case 4: /* few that are far apart */
            at = any % 5 * 123456789123;
            break;
        case 5: /* whole seconds */
            at = any % 4000000 * 1000;
            break;
        case 6: /* outliers */
            at = any % 30 ? 5 : chance_next(c) >> shift;
            break;
        case 7: /* the ends of the range */
            at = any & 1 ? (uint64_t)INT64_MIN : INT64_MAX;
            break;
        default: /* negative ones */
            at = -(any >> shift);
        }
        v[i] = (int64_t)at;
    }
}

static void test_columns(void)
{
    static int64_t v[COLUMN_MAX], back[COLUMN_MAX];
    struct chance chance = {1};
    for (unsigned i = 0; i < COLUMN_ROUNDS; i++) {
        struct bits_out out = {.fill = 0};
        size_t count = chance_below(&chance, i % 20 ? 65 : COLUMN_MAX + 1);
        any_column(&chance, v, count);
        bo_put(&out, 5, 3);
        bo_column(&out, v, count);
        bo_int(&out, INT64_MIN + i);
        bo_end(&out);
        size_t len = out.bytes.len;
        memset(buf_room(&out.bytes, BITS_PAD), 0xff, BITS_PAD);
        struct bits_in in = bi_open((struct span){out.bytes.ptr, len});
        CHECK(bi_get(&in, 3) == 5, unit_row(i));
        bi_column(&in, back, count);
        CHECK(!memcmp(v, back, count * sizeof *v), unit_row(i));
        CHECK(bi_int(&in) == INT64_MIN + i && !in.bad, unit_row(i));
        CHECK(in.end - in.pos < 8, unit_row(i));
        bi_get(&in, 8);
        CHECK(in.bad && bi_get(&in, 8) == 0, unit_row(i));
        buf_fini(&out.bytes);
    }
}

static const struct {
    const char *what;
    int64_t values[6];
    size_t bits_max;
} short_columns[] = {
    {"one value", {7, 7, 7, 7, 7, 7}, 16},
    {"a step", {1000, 2000, 3000, 4000, 5000, 6000}, 48},
    {"two values", {1 << 30, 5, 1 << 30, 5, 1 << 30, 5}, 80},
    {"a jump", {0, 0, 0, 0, 0, 1 << 20}, 80},
};

static void test_short(void)
{
    for (size_t i = 0; i < COUNT(short_columns); i++) {
        struct bits_out out = {.fill = 0};
        bo_column(&out, short_columns[i].values, 6);
        CHECK(out.bytes.len * 8 + out.fill <= short_columns[i].bits_max,
              short_columns[i].what);
        buf_fini(&out.bytes);
    }
}

/* ---- numbers ---- */

static const struct {
    const char *what;
    double values[3];
    unsigned bytes_max;
} number_columns[] = {
    {"integers", {1, 2, 3}, 8},
    {"tenths", {12.3, 4, -0.5}, 8},
    {"knots", {12.3 * 1.852, 0, 4.1 * 1.852}, 8},
    {"tenths by product", {3 * 0.1, 7 * 0.1, 5 * 0.1}, 8},
    {"degrees", {52.5163, 13.3777123, -33.8688}, 20},
    {"minus zero", {-0.0, 1, 2}, 36},
    {"thirds", {1 / 3., 2 / 3., 5 / 3.}, 36},
    {"large", {1e300, -1e300, 9007199254740993.0}, 36},
    {"infinite", {INFINITY, -INFINITY, 0}, 36},
};

static void test_numbers(void)
{
    for (size_t i = 0; i < COUNT(number_columns); i++) {
        struct bits_out out = {.fill = 0};
        int64_t values[3], back[3];
        memcpy(values, number_columns[i].values, sizeof values);
        put_numbers(&out, values, 3);
        bo_end(&out);
        size_t len = out.bytes.len;
        memset(buf_room(&out.bytes, BITS_PAD), 0, BITS_PAD);
        struct bits_in in = bi_open((struct span){out.bytes.ptr, len});
        get_numbers(&in, back, 3);
        CHECK(!memcmp(values, back, sizeof values), number_columns[i].what);
        CHECK(len <= number_columns[i].bytes_max, number_columns[i].what);
        buf_fini(&out.bytes);
    }
}

/* A place moves by so many parts of a degree, on a grid of `parts` a degree. */
static const struct {
    const char *what;
    double parts;
    size_t bits_max; /* a value */
} grids[] = {
    {"1/1,800,000", 1800000, 11},
    {"minutes, four places", 600000, 11},
    {"minutes, five places", 6000000, 11},
    {"1e-7", 1e7, 11},
    {"1e-6", 1e6, 11},
};

static void test_degrees(void)
{
    struct chance chance = {3};
    for (size_t i = 0; i < COUNT(grids); i++) {
        struct bits_out out = {.fill = 0};
        int64_t values[CHUNK_MAX], back[CHUNK_MAX], e7[CHUNK_MAX];
        for (unsigned j = 0; j < CHUNK_MAX; j++) {
            double k = -60e6 + (double)chance_below(&chance, 512);
            values[j] = bits_of(round(k / grids[i].parts * 1e7) / 1e7);
        }
        CHECK(put_degrees(&out, values, CHUNK_MAX, e7), grids[i].what);
        bo_end(&out);
        size_t len = out.bytes.len;
        memset(buf_room(&out.bytes, BITS_PAD), 0, BITS_PAD);
        struct bits_in in = bi_open((struct span){out.bytes.ptr, len});
        CHECK(get_degrees(&in, back, CHUNK_MAX, e7), grids[i].what);
        CHECK(!memcmp(values, back, sizeof values), grids[i].what);
        CHECK(len * 8 <= grids[i].bits_max * CHUNK_MAX, grids[i].what);
        buf_fini(&out.bytes);
    }
}

/* ---- chunks ---- */

enum { CHUNK_ROUNDS = 1500 };

static struct position positions[CHUNK_MAX], back, again;

static int by_time(const void *a, const void *b)
{
    const struct position *x = a, *y = b;
    if (chunk_time(x) != chunk_time(y))
        return chunk_time(x) < chunk_time(y) ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool same_key(struct chunk_key a, struct chunk_key b)
{
    return a.time_ms == b.time_ms && a.id == b.id && a.own_ms == b.own_ms &&
           a.latitude_e7 == b.latitude_e7 && a.longitude_e7 == b.longitude_e7 &&
           a.kind == b.kind;
}

/* Positions of a few kinds, most of them like one before. */
static unsigned any_positions(struct chance *c)
{
    unsigned count = 1 + (unsigned)chance_below(c, CHUNK_MAX);
    bool wild = chance_below(c, 3) == 0;
    for (unsigned i = 0; i < count; i++) {
        struct position *p = &positions[i];
        if (wild || i < 3) {
            stage_position(c, p, wild);
            continue;
        }
        *p = positions[i - 3];
        p->id += 1000 + (int64_t)chance_below(c, 100);
        p->server_ms += 10000 + (int64_t)chance_below(c, 1000);
        if (p->rec.fix_ms != TIME_NONE)
            p->rec.fix_ms += 10000;
        if (rec_placed(&p->rec))
            p->rec.latitude_deg = round(p->rec.latitude_deg * 1e7 + 100) / 1e7;
        rec_num(&p->rec, KEY_SAT, (double)chance_below(c, 9));
    }
    qsort(positions, count, sizeof *positions, by_time);
    return count;
}

static struct st_chunk write_positions(struct chunk_writer *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        cw_add(w, &positions[i]);
    return cw_finish(w);
}

static void check_box(const struct st_chunk *c, const struct position *p, const char *row)
{
    CHECK(c->first_id <= p->id && p->id <= c->last_id, row);
    CHECK(chunk_newest(p, c->newest_ms) == c->newest_ms, row);
    if (rec_placed(&p->rec))
        CHECK(c->south_deg <= p->rec.latitude_deg &&
                  c->north_deg >= p->rec.latitude_deg &&
                  c->west_deg <= p->rec.longitude_deg &&
                  c->east_deg >= p->rec.longitude_deg,
              row);
}

static void test_chunks(void)
{
    struct chance chance = {7};
    struct chunk_writer *w = cw_new();
    struct chunk_reader *r = cr_new();
    for (unsigned i = 0; i < CHUNK_ROUNDS; i++) {
        unsigned count = any_positions(&chance);
        struct st_chunk c = write_positions(w, count);
        CHECK(c.count == count && c.device_id == 1, unit_row(i));
        CHECK(c.first_ms == chunk_time(&positions[0]), unit_row(i));
        CHECK(c.last_ms == chunk_time(&positions[count - 1]), unit_row(i));
        CHECK(cr_open(r, 1, (struct span){c.data, c.len}), unit_row(i));
        for (unsigned j = 0; j < count; j++) {
            struct chunk_key key;
            CHECK(cr_peek(r, &key) && same_key(key, chunk_key(&positions[j])),
                  unit_row(i));
            check_box(&c, &positions[j], unit_row(i));
            if (chance_below(&chance, 4) == 0) {
                cr_skip(r);
                continue;
            }
            CHECK(cr_next(r, &back) && stage_equal(&back, &positions[j]), unit_row(i));
        }
        CHECK(!cr_next(r, &back), unit_row(i));
    }
    cr_free(r);
    cw_free(w);
}

/* What the server counts from place to place costs next to nothing; and what a device
 * counts otherwise comes back all the same. */
static void test_distances(void)
{
    struct chunk_writer *w = cw_new();
    struct chunk_reader *r = cr_new();
    size_t len[2];
    for (unsigned odd = 0; odd < 2; odd++) {
        double total_m = 81234.56;
        for (unsigned i = 0; i < CHUNK_MAX; i++) {
            struct position *p = &positions[i];
            memset(p, 0, offsetof(struct position, rec));
            rec_clear(&p->rec);
            p->id = i + 1;
            p->server_ms = p->rec.fix_ms = stage_ms + i * 10000;
            p->rec.latitude_deg = (523000000 + (int)(i * i * 7)) / 1e7;
            p->rec.longitude_deg = (131000000 + (int)i * 23456) / 1e7;
            double m = i ? geo_distance_m(positions[i - 1].rec.latitude_deg,
                                          positions[i - 1].rec.longitude_deg,
                                          p->rec.latitude_deg, p->rec.longitude_deg)
                         : 0;
            m = round(m * 100 + odd * (i * 7919 % 5000)) / 100;
            total_m = round((total_m + m) * 100) / 100;
            rec_num(&p->rec, KEY_DISTANCE_M, m);
            rec_num(&p->rec, KEY_TOTAL_DISTANCE_M, total_m);
        }
        struct st_chunk c = write_positions(w, CHUNK_MAX);
        len[odd] = c.len;
        CHECK(cr_open(r, 1, (struct span){c.data, c.len}), unit_row(odd));
        for (unsigned i = 0; i < CHUNK_MAX; i++)
            CHECK(cr_next(r, &back) && rec_equal(&back.rec, &positions[i].rec),
                  unit_row(i));
    }
    CHECK(len[0] < 260 && len[1] > len[0] + 64, "foretold");
    cr_free(r);
    cw_free(w);
}

/* ---- hostile bytes ---- */

/* What opens must be read to its end, and be written again the same. */
static bool read_and_write(struct chunk_reader *r, struct chunk_reader *other,
                           struct chunk_writer *w, struct span bytes)
{
    struct chunk_key key;
    if (!cr_open(r, 1, bytes))
        return false;
    while (cr_peek(r, &key) && cr_next(r, &back)) {
        CHECK(same_key(key, chunk_key(&back)), "key");
        cw_add(w, &back);
    }
    struct st_chunk c = cw_finish(w);
    CHECK(cr_open(r, 1, bytes), "again");
    CHECK(cr_open(other, 1, (struct span){c.data, c.len}), "written");
    while (cr_next(r, &back))
        CHECK(cr_next(other, &again) && stage_equal(&back, &again), "the same");
    CHECK(!cr_next(other, &again), "end");
    return true;
}

static void test_hostile(void)
{
    struct chance chance = {11};
    struct chunk_writer *w = cw_new();
    struct chunk_reader *r = cr_new(), *other = cr_new();
    unsigned opened = 0;
    for (unsigned i = 0; i < CHUNK_ROUNDS / 5; i++) {
        struct st_chunk c = write_positions(w, any_positions(&chance));
        size_t len = c.len;
        uint8_t *bytes = mem_copy(c.data, len);
        size_t cut = chance_below(&chance, len);
        uint8_t *shorter = mem_copy(bytes, cut);
        CHECK(!cr_open(r, 1, (struct span){shorter, cut}), unit_row(i));
        CHECK(!cr_next(r, &back), unit_row(i));
        free(shorter);
        for (unsigned j = 0; j < 20; j++) {
            size_t at = chance_below(&chance, len);
            uint8_t was = bytes[at];
            bytes[at] ^= (uint8_t)(1 << chance_below(&chance, 8));
            opened += read_and_write(r, other, w, (struct span){bytes, len});
            bytes[at] = was;
        }
        free(bytes);
    }
    CHECK(opened, "some are chunks");
    CHECK(!cr_open(r, 1, (struct span){(const uint8_t *)"", 0}), "nothing");
    cr_free(r);
    cr_free(other);
    cw_free(w);
}

void test_chunk(void)
{
    test_columns();
    test_short();
    test_numbers();
    test_degrees();
    test_chunks();
    test_distances();
    test_hostile();
}
