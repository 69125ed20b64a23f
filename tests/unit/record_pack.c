/*
 * record_pack.c - what is packed comes back the same, and no bytes do harm.
 */
#include <stdlib.h>

#include "core/mem.h"
#include "core/record.h"
#include "unit.h"

enum { ROUNDS = 4000 };

static struct record rec, back, head;
static uint8_t packed[REC_PACK_MAX];

static double bits_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Numbers as devices send them, and as they do not. */
static double any_number(struct chance *c)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e6, 1e7};
    int64_t digits = (int64_t)chance_below(c, UINT64_C(1) << chance_below(c, 54));
    switch (chance_below(c, 8)) {
    case 0:
        return bits_double(chance_next(c));
    case 1:
        return NAN;
    case 2:
        return -0.0;
    case 3:
        return (double)-digits;
    default:
        return (double)digits / scale[chance_below(c, 6)];
    }
}

static int64_t any_time(struct chance *c)
{
    switch (chance_below(c, 4)) {
    case 0:
        return TIME_NONE;
    case 1:
        return (int64_t)chance_next(c);
    default:
        return (int64_t)chance_below(c, INT64_C(1) << 41) / 1000 * 1000;
    }
}

static double any_degree(struct chance *c)
{
    return chance_below(c, 4) ? (double)(int32_t)chance_next(c) / 1e7 : any_number(c);
}

static uint32_t any_key(struct chance *c)
{
    uint32_t id = 1 + (uint32_t)chance_below(c, KEY_COUNT - 1);
    return key_table[id].family ? KEY_N(id, chance_next(c)) : id;
}

static void any_attr(struct chance *c)
{
    uint64_t letters = chance_next(c);
    char name[3] = {(char)('a' + letters % 26), (char)('a' + letters / 26 % 26), 0};
    uint8_t text[40];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)chance_next(c);
    struct span span = {text, chance_below(c, sizeof text)};
    uint32_t key = any_key(c);
    double number = any_number(c);
    switch (chance_below(c, 6)) {
    case 0:
        rec_bool(&rec, key, number > 9);
        break;
    case 1:
        rec_span(&rec, key, span);
        break;
    case 2:
        rec_free_num(&rec, name, number);
        break;
    case 3:
        rec_free_span(&rec, name, span);
        break;
    default:
        rec_num(&rec, key, number);
    }
}

static void any_radio(struct chance *c)
{
    uint64_t a = chance_next(c);
    uint64_t b = chance_next(c);
    rec_cell(&rec, (struct cell){.cid = a >> b % 64,
                                 .lac = (uint32_t)b,
                                 .mcc = (uint16_t)a,
                                 .mnc = (uint16_t)(a >> 16),
                                 .signal_dbm = (int16_t)(a >> 32),
                                 .radio = (uint8_t)(a % (RADIO_NR + 1))});
    if (b % 2)
        rec_wifi(&rec, (struct wifi){.mac = {1, 2, 3, 4, 5, (uint8_t)a},
                                     .signal_dbm = (int8_t)(a >> 8),
                                     .channel = (uint8_t)(a >> 16)});
}

static void any_record(struct chance *c)
{
    rec_clear(&rec);
    rec.fix_ms = any_time(c);
    rec.device_ms = chance_below(c, 2) ? rec.fix_ms : any_time(c);
    rec.latitude_deg = any_degree(c);
    rec.longitude_deg = any_degree(c);
    rec.altitude_m = any_number(c);
    rec.speed_kmh = any_number(c);
    rec.course_deg = any_number(c);
    rec.accuracy_m = any_number(c);
    rec.valid = chance_below(c, 2);
    rec.full = chance_below(c, 2);
    for (uint64_t n = chance_below(c, 30); n; n--)
        any_attr(c);
    for (uint64_t n = chance_below(c, 3); n; n--)
        any_radio(c);
}

/* As rec_unpack(), from memory that ends where the bytes do. */
static size_t unpack_exactly(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = mem_copy(bytes, len);
    uint8_t *exact = mem_grow(copy, len);
    size_t taken = rec_unpack((struct span){exact, len}, &back);
    free(exact);
    return taken;
}

static void test_round_trips(void)
{
    struct chance chance = {42};
    for (unsigned i = 0; i < ROUNDS; i++) {
        any_record(&chance);
        size_t len = rec_pack(&rec, packed);
        CHECK(unpack_exactly(packed, len) == len, unit_row(i));
        CHECK(rec_equal(&rec, &back), unit_row(i));
        CHECK(rec_unpack_head((struct span){packed, len}, &head), unit_row(i));
        CHECK(head.fix_ms == rec.fix_ms && head.device_ms == rec.device_ms, unit_row(i));
        CHECK(signbit(rec.speed_kmh) == signbit(back.speed_kmh), unit_row(i));
        size_t cut = chance_below(&chance, len);
        CHECK(unpack_exactly(packed, cut) == 0 && back.attr_count == 0, unit_row(i));
    }
}

/* Whatever is taken for a record is one: it packs, and comes back the same. */
static void test_hostile(void)
{
    struct chance chance = {43};
    unsigned taken_count = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        any_record(&chance);
        size_t len = rec_pack(&rec, packed);
        for (uint64_t n = 1 + chance_below(&chance, 4); n; n--)
            packed[chance_below(&chance, len)] = (uint8_t)chance_next(&chance);
        if (i % 8 == 0)
            for (size_t at = 3; at < len; at++)
                packed[at] = (uint8_t)chance_next(&chance);
        size_t taken = unpack_exactly(packed, len);
        CHECK(taken <= len, unit_row(i));
        if (!taken)
            continue;
        taken_count++;
        rec_copy(&rec, &back);
        len = rec_pack(&rec, packed);
        CHECK(unpack_exactly(packed, len) == len && rec_equal(&rec, &back), unit_row(i));
    }
    CHECK(taken_count > ROUNDS / 20 && taken_count < ROUNDS, "some are taken, not all");
}

/* The largest record there can be fits REC_PACK_MAX. */
static void test_largest(void)
{
    char name[8] = "a";
    rec_clear(&rec);
    rec.device_ms = INT64_MAX;
    rec.latitude_deg = rec.altitude_m = rec.speed_kmh = 1.0 / 3;
    rec.longitude_deg = rec.course_deg = rec.accuracy_m = 1.0 / 3;
    for (unsigned i = 0; i < REC_FREE_MAX; i++) {
        name[0] = (char)('a' + i / 26);
        name[1] = (char)('a' + i % 26);
        rec_free_num(&rec, name, 1.0 / 3);
    }
    for (unsigned i = 0; rec.attr_count < REC_ATTRS_MAX; i++)
        rec_text(&rec, KEY_N(KEY_IO, 60000 + i),
                 "a text of sixty letters, so that the "
                 "whole room is in use...");
    for (unsigned i = 0; i < REC_CELLS_MAX; i++)
        rec_cell(&rec, (struct cell){UINT64_MAX, UINT32_MAX, UINT16_MAX, UINT16_MAX,
                                     INT16_MIN, RADIO_NR});
    for (unsigned i = 0; i < REC_WIFIS_MAX; i++)
        rec_wifi(&rec, (struct wifi){.mac = {1}});
    size_t len = rec_pack(&rec, packed);
    CHECK(len > REC_TEXT_MAX && len <= REC_PACK_MAX, "large");
    CHECK(unpack_exactly(packed, len) == len && rec_equal(&rec, &back), "and the same");
}

static const struct {
    const char *name, *hex;
} refused[] = {
    {"nothing", ""},
    {"another form", "02 0000 00"},
    {"an unknown bit", "01 0020 00"},
    {"an unknown key", "01 0000 01 79 00"},
    {"an unknown type", "01 0000 01 80 03 01 61 00"},
    {"a free key without a name", "01 0000 01 00 00 00"},
    {"a control character", "01 0000 01 01 01 0a"},
    {"no UTF-8", "01 0000 01 01 01 ff"},
    {"a number that is none", "01 0000 01 0f 07 000000000000f87f"},
    {"too many attributes", "01 0000 a101"},
    {"a varint without end", "01 0000 ffffffffffffffffffff01"},
    {"an unknown radio", "01 0002 00 01 00 00 01 00 00 05"},
};

static void test_refused(void)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        long len = hex_parse(span_of(refused[i].hex), packed, sizeof packed);
        CHECK(len >= 0 && unpack_exactly(packed, (size_t)len) == 0, refused[i].name);
    }
}

/* A location report of a common tracker stays at some sixty bytes. */
static void test_size(void)
{
    rec_clear(&rec);
    rec.fix_ms = rec.device_ms = 1714979289000;
    rec.latitude_deg = 52.5163;
    rec.longitude_deg = 13.3777;
    rec.speed_kmh = 61;
    rec.course_deg = 184;
    rec.valid = true;
    rec_num(&rec, KEY_SAT, 11);
    rec_num(&rec, KEY_INDEX, 1171);
    rec_num(&rec, KEY_STATUS, 70);
    rec_num(&rec, KEY_BATTERY_PCT, 100);
    rec_num(&rec, KEY_POWER_V, 12.48);
    rec_num(&rec, KEY_RSSI, 4);
    rec_num(&rec, KEY_ODOMETER_M, 48213900);
    rec_bool(&rec, KEY_IGNITION, true);
    rec_bool(&rec, KEY_CHARGE, true);
    rec_cell(&rec, (struct cell){.mcc = 262, .mnc = 1, .lac = 10423, .cid = 41023});
    size_t len = rec_pack(&rec, packed);
    CHECK(len <= 64, unit_row(len));
    CHECK(rec_unpack((struct span){packed, sizeof packed}, &back) == len, "more follows");
    CHECK(rec_equal(&rec, &back), "the same");
}

void test_record_pack(void)
{
    test_round_trips();
    test_hostile();
    test_largest();
    test_refused();
    test_size();
}
