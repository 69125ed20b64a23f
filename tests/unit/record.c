/*
 * record.c - filling records: replacing, bounds, free keys, texts.
 */
#include "core/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "unit.h"

static struct record rec;

static void test_values(void)
{
    rec_clear(&rec);
    rec_num(&rec, KEY_SAT, 7);
    rec_num(&rec, KEY_SAT, 11);
    rec_num(&rec, KEY_RPM, NAN);
    rec_num(&rec, KEY_RPM, INFINITY);
    rec_text(&rec, KEY_VIN, "");
    rec_text(&rec, KEY_VIN, NULL);
    rec_bool(&rec, KEY_IGNITION, false);
    rec_num(&rec, KEY_N(KEY_IO, 300), -2.5);
    CHECK(rec.attr_count == 3 && !rec.full, "absent values are dropped");
    CHECK(rec_get_num(&rec, KEY_SAT) == 11, "a value is replaced");
    CHECK(rec_get_bool(&rec, KEY_IGNITION) == 0, "no");
    CHECK(rec_get_bool(&rec, KEY_MOTION) == -1, "not said");
    CHECK(isnan(rec_get_num(&rec, KEY_RPM)), "absent number");
    CHECK(rec_get_text(&rec, KEY_VIN).len == 0, "absent text");
    CHECK(isnan(rec_get_num(&rec, KEY_IGNITION)), "a truth is no number");
    CHECK(rec_get_num(&rec, KEY_N(KEY_IO, 300)) == -2.5, "family");
    CHECK(!rec_find(&rec, KEY_N(KEY_IO, 301)) && !rec_find(&rec, KEY_NONE), "others");
    rec_remove(&rec, KEY_SAT);
    rec_remove(&rec, KEY_SAT);
    rec_remove(&rec, KEY_NONE);
    CHECK(rec.attr_count == 2 && !rec_find(&rec, KEY_SAT), "removed");
    CHECK(rec_get_bool(&rec, KEY_IGNITION) == 0, "the others stay");
}

static const struct {
    const char *in, *out;
} texts[] = {
    {"plain", "plain"},
    {"two\r\nlines", "twolines"},
    {"\x01\x7f", ""},
    {"Z\xc3\xbcrich", "Z\xc3\xbcrich"},
    {"Z\xfcrich", "Z\xef\xbf\xbdrich"},
    {"\xc2\x85x", "x"},
    {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
};

static void test_texts(void)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        rec_clear(&rec);
        rec_text(&rec, KEY_RESULT, texts[i].in);
        CHECK(span_is(rec_get_text(&rec, KEY_RESULT), texts[i].out), texts[i].in);
        CHECK(rec.attr_count == (*texts[i].out != 0), texts[i].in);
    }
    rec_clear(&rec);
    rec_hex(&rec, KEY_CARD, (struct span){(const uint8_t *)"\x00\xab\xff", 3});
    CHECK(span_is(rec_get_text(&rec, KEY_CARD), "00abff"), "hex");
    rec_hex(&rec, KEY_VIN, (struct span){(const uint8_t *)"", 0});
    CHECK(!rec_find(&rec, KEY_VIN), "hex of nothing");
}

static void test_alarms(void)
{
    rec_clear(&rec);
    rec_alarm(&rec, NULL);
    rec_alarm(&rec, "");
    CHECK(rec.attr_count == 0, "none");
    rec_alarm(&rec, "sos");
    rec_alarm(&rec, "powerCut");
    rec_alarm(&rec, "sos");
    rec_alarm(&rec, "power");
    CHECK(span_is(rec_get_text(&rec, KEY_ALARM), "sos,powerCut,power"), "three");
    for (unsigned i = 0; i < 1000; i++)
        rec_alarm(&rec, unit_row(i));
    CHECK(rec.full && rec_get_text(&rec, KEY_ALARM).len <= 512, "bounded");
}

/* Free keys: the name that stands, and the value as the table has it. */
static const struct {
    const char *name, *stands; /* stands: NULL where it is dropped */
} names[] = {
    {"fuelRate", "fuelRate"},
    {"a.b_c-d", "a.b_c-d"},
    {"with blank", "withblank"},
    {"1wire", "wire"},
    {"", NULL},
    {"123", NULL},
    {"\xc3\xbc", NULL},
    {"x\"<y>", "xy"},
};

static void test_free_names(void)
{
    char out[KEY_NAME_MAX + 1];
    for (size_t i = 0; i < COUNT(names); i++) {
        rec_clear(&rec);
        rec_free_num(&rec, names[i].name, 1.5);
        rec_free_bool(&rec, names[i].name, true);
        rec_free_span(&rec, names[i].name, span_of("text"));
        CHECK(rec.attr_count == !!names[i].stands, names[i].name);
        if (!names[i].stands)
            continue;
        CHECK(span_is(rec_attr_name(&rec, rec.attrs, out), names[i].stands),
              names[i].name);
        CHECK(span_is(rec_attr_text(&rec, rec.attrs), "text"), names[i].name);
    }
    char longest[80];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    rec_clear(&rec);
    rec_free_num(&rec, longest, 1);
    CHECK(rec_attr_name(&rec, rec.attrs, out).len == KEY_NAME_MAX, "a long name is cut");
}

static void test_free_known(void)
{
    rec_clear(&rec);
    rec_free_num(&rec, "sat", 9);
    rec_free_span(&rec, "battery", span_of("3.9"));
    rec_free_num(&rec, "ignition", 1);
    rec_free_span(&rec, "motion", span_of("false"));
    rec_free_num(&rec, "driverUniqueId", 4711);
    rec_free_bool(&rec, "vin", true);
    rec_free_bool(&rec, "status", true);
    rec_free_span(&rec, "temp2", span_of("-4.5"));
    rec_free_span(&rec, "rpm", span_of("many"));
    CHECK(rec.free_count == 0 && rec.attr_count == 9, "all are of the table");
    CHECK(rec_get_num(&rec, KEY_SAT) == 9, "sat");
    CHECK(rec_get_num(&rec, KEY_BATTERY_V) == 3.9, "battery");
    CHECK(rec_get_bool(&rec, KEY_IGNITION) == 1, "ignition");
    CHECK(rec_get_bool(&rec, KEY_MOTION) == 0, "motion");
    CHECK(span_is(rec_get_text(&rec, KEY_DRIVER), "4711"), "driver");
    CHECK(span_is(rec_get_text(&rec, KEY_VIN), "true"), "vin");
    CHECK(rec_get_num(&rec, KEY_STATUS) == 1, "status");
    CHECK(rec_get_num(&rec, KEY_N(KEY_TEMP_CELSIUS, 2)) == -4.5, "temp2");
    CHECK(span_is(rec_get_text(&rec, KEY_RPM), "many"), "a text stays one");
}

static void test_bounds(void)
{
    char name[16];
    char big[4096];
    rec_clear(&rec);
    for (unsigned i = 0; i < REC_FREE_MAX + 9; i++) {
        snprintf(name, sizeof name, "free%u", i);
        rec_free_num(&rec, name, i);
    }
    CHECK(rec.free_count == REC_FREE_MAX && rec.full, "free keys");
    rec_free_num(&rec, "free0", 99);
    CHECK(rec.attrs[0].num == 99, "one that is there is replaced all the same");
    for (unsigned i = 0; i < 2 * REC_ATTRS_MAX; i++)
        rec_num(&rec, KEY_N(KEY_IO, i), i);
    CHECK(rec.attr_count == REC_ATTRS_MAX, "attributes");
    rec_clear(&rec);
    CHECK(!rec.full && rec.attr_count == 0, "cleared");
    memset(big, 'x', sizeof big);
    rec_span(&rec, KEY_VIN, (struct span){(uint8_t *)big, sizeof big});
    CHECK(!rec.full, "a long text");
    rec_span(&rec, KEY_CARD, (struct span){(uint8_t *)big, sizeof big});
    rec_hex(&rec, KEY_ICCID, (struct span){(uint8_t *)big, sizeof big});
    CHECK(rec.full && rec.attr_count == 1, "two do not fit");
    CHECK(rec_get_text(&rec, KEY_VIN).len == sizeof big, "the first stays");
}

static void test_radio(void)
{
    struct wifi wifi = {.mac = {0}};
    rec_clear(&rec);
    rec_cell(&rec, (struct cell){.mcc = 262, .mnc = 1});
    rec_wifi(&rec, wifi);
    CHECK(rec.cell_count == 0 && rec.wifi_count == 0, "empty ones");
    wifi.mac[5] = 1;
    for (unsigned i = 0; i < 99; i++) {
        rec_cell(&rec, (struct cell){.lac = i + 1});
        rec_wifi(&rec, wifi);
    }
    CHECK(rec.cell_count == REC_CELLS_MAX && rec.wifi_count == REC_WIFIS_MAX && rec.full,
          "bounded");
}

/* The copy has exactly what is in use; on the heap, so that the sanitizer sees more. */
static void test_copy(void)
{
    struct record *copy = mem_zero(sizeof *copy);
    rec_clear(&rec);
    rec_text(&rec, KEY_RESULT, "ok");
    rec_free_num(&rec, "free", 1);
    rec_cell(&rec, (struct cell){.mcc = 262, .lac = 1, .cid = 2});
    rec_copy(copy, &rec);
    CHECK(rec_equal(copy, &rec), "equal");
    rec_text(copy, KEY_RESULT, "no");
    CHECK(!rec_equal(copy, &rec), "another text");
    rec_text(copy, KEY_RESULT, "ok");
    CHECK(rec_equal(copy, &rec), "the same text in another place");
    copy->cells[0].signal_dbm = -70;
    CHECK(!rec_equal(copy, &rec), "another cell");
    copy->cells[0].signal_dbm = 0;
    copy->speed_kmh = 0;
    CHECK(!rec_equal(copy, &rec), "zero is not absent");
    copy->speed_kmh = NAN;
    rec_free_num(copy, "free", 2);
    CHECK(!rec_equal(copy, &rec), "another number");
    free(copy);
}

static unsigned missing(const struct record *of, unsigned from, unsigned to)
{
    unsigned count = 0;
    for (unsigned n = from; n < to; n++)
        count += rec_get_num(of, KEY_N(KEY_TEMP_CELSIUS, n)) != n;
    return count;
}

/* Keys that share their bit in `seen` with one another, or with a free one. */
static void test_found_again(void)
{
    uint8_t *packed = mem_zero(REC_PACK_MAX);
    struct record *back = mem_zero(sizeof *back);
    rec_clear(&rec);
    rec_free_num(&rec, "free", 1);
    CHECK(!rec_find(&rec, KEY_N(KEY_TEMP_CELSIUS, 1)), "a free key alone");
    for (unsigned n = 1; n < 100; n++)
        rec_num(&rec, KEY_N(KEY_TEMP_CELSIUS, n), n);
    rec_num(&rec, KEY_N(KEY_TEMP_CELSIUS, 50), 50);
    CHECK(rec.attr_count == 100 && missing(&rec, 1, 100) == 0, "all are there, once");
    rec_remove(&rec, KEY_N(KEY_TEMP_CELSIUS, 1));
    CHECK(missing(&rec, 1, 2) == 1 && missing(&rec, 2, 100) == 0,
          "one goes, the rest stay");
    rec_copy(back, &rec);
    CHECK(missing(back, 2, 100) == 0, "in a copy");
    rec_unpack((struct span){packed, rec_pack(&rec, packed)}, back);
    CHECK(missing(back, 2, 100) == 0, "unpacked");
    free(back);
    free(packed);
}

void test_record(void)
{
    test_values();
    test_texts();
    test_alarms();
    test_free_names();
    test_free_known();
    test_bounds();
    test_radio();
    test_copy();
    test_found_again();
}
