/*
 * position_json.c - records and positions in the open vocabulary.
 */
#include "api/position_json.h"

#include "unit.h"

static const int64_t fix_ms = INT64_C(1714979289000), device_ms = fix_ms + 1000;

static bool is(struct buffer *out, const char *want)
{
    bool same = out->len == strlen(want) && !memcmp(out->ptr, want, out->len);
    out->len = 0;
    return same;
}

static void write_record(struct buffer *out, const struct record *rec)
{
    struct json j = {.out = out};
    js_open(&j, NULL, '{');
    json_record(&j, rec);
    js_close(&j, '}');
}

/* What is absent: zero where clients count on a number, null where they do not. */
static void test_nothing(struct buffer *out, struct record *rec)
{
    rec_clear(rec);
    write_record(out, rec);
    CHECK(is(out,
             "{\"fixTime\":null,\"deviceTime\":null,\"valid\":false,\"outdated\":true,"
             "\"latitude\":0,\"longitude\":0,\"altitude\":0,\"speed\":0,\"course\":0,"
             "\"accuracy\":0,\"network\":null,\"attributes\":{}}"),
          "an empty record");
    rec->fix_ms = fix_ms;
    rec->latitude_deg = 10;
    write_record(out, rec);
    CHECK(is(out,
             "{\"fixTime\":null,\"deviceTime\":\"2024-05-06T07:08:09.000Z\","
             "\"valid\":false,\"outdated\":true,\"latitude\":0,\"longitude\":0,"
             "\"altitude\":0,\"speed\":0,\"course\":0,\"accuracy\":0,\"network\":null,"
             "\"attributes\":{}}"),
          "half a place is none");
}

static void fill(struct record *rec)
{
    rec_clear(rec);
    rec->device_ms = device_ms;
    rec->latitude_deg = 52.5163213;
    rec->longitude_deg = -13.3777;
    rec->altitude_m = 34;
    rec->speed_kmh = 61.5;
    rec->course_deg = 184.5;
    rec->valid = true;
    rec_num(rec, KEY_SAT, 11);
    rec_bool(rec, KEY_IGNITION, true);
    rec_text(rec, KEY_ALARM, "sos");
    rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 2), -3.5);
    rec_free_num(rec, "ownKey", 0.1);
}

#define PLACE                                                                            \
    "\"valid\":true,\"outdated\":false,\"latitude\":52.5163213,\"longitude\":-13.3777,"  \
    "\"altitude\":34,\"speed\":33.2073434,\"course\":184.5,\"accuracy\":0,"
#define ATTRIBUTES                                                                       \
    "\"attributes\":{\"sat\":11,\"ignition\":true,\"alarm\":\"sos\",\"temp2\":-3.5,"     \
    "\"ownKey\":0.1}}"

static void test_full(struct buffer *out, struct record *rec)
{
    fill(rec);
    write_record(out, rec);
    CHECK(is(out, "{\"fixTime\":\"2024-05-06T07:08:10.000Z\","
                  "\"deviceTime\":\"2024-05-06T07:08:10.000Z\"," PLACE
                  "\"network\":null," ATTRIBUTES),
          "one time stands for both");
    rec->fix_ms = fix_ms;
    rec_cell(rec, (struct cell){.cid = 8120, .lac = 10365, .mcc = 460});
    rec_cell(rec, (struct cell){.cid = 1,
                                .lac = 2,
                                .mcc = 262,
                                .mnc = 1,
                                .signal_dbm = -71,
                                .radio = RADIO_NR});
    rec_wifi(rec, (struct wifi){.mac = {0xf0, 0xb4, 0x29, 0xdd, 0x82, 0x0a},
                                .signal_dbm = -60,
                                .channel = 6});
    write_record(out, rec);
    CHECK(is(out,
             "{\"fixTime\":\"2024-05-06T07:08:09.000Z\","
             "\"deviceTime\":\"2024-05-06T07:08:10.000Z\"," PLACE
             "\"network\":{\"radioType\":\"gsm\",\"considerIp\":false,\"cellTowers\":["
             "{\"cellId\":8120,\"locationAreaCode\":10365,\"mobileCountryCode\":460,"
             "\"mobileNetworkCode\":0},{\"radioType\":\"nr\",\"cellId\":1,"
             "\"locationAreaCode\":2,\"mobileCountryCode\":262,\"mobileNetworkCode\":1,"
             "\"signalStrength\":-71}],\"wifiAccessPoints\":[{\"macAddress\":"
             "\"f0:b4:29:dd:82:0a\",\"signalStrength\":-60,\"channel\":6}]}," ATTRIBUTES),
          "with a network");
}

static void test_position_object(struct buffer *out, struct position *p)
{
    struct json j = {.out = out};
    *p = (struct position){
        .id = 12, .device_id = 3, .server_ms = fix_ms, .protocol = "gt06"};
    fill(&p->rec);
    p->rec.fix_ms = fix_ms;
    json_position(&j, NULL, p);
    CHECK(is(out, "{\"id\":12,\"deviceId\":3,\"protocol\":\"gt06\","
                  "\"serverTime\":\"2024-05-06T07:08:09.000Z\","
                  "\"deviceTime\":\"2024-05-06T07:08:10.000Z\","
                  "\"fixTime\":\"2024-05-06T07:08:09.000Z\"," PLACE
                  "\"address\":null,\"network\":null,\"geofenceIds\":[],\"frameId\":"
                  "12," ATTRIBUTES),
          "a position");
    rec_clear(&p->rec);
    j.comma = false;
    json_position(&j, NULL, p);
    CHECK(is(out,
             "{\"id\":12,\"deviceId\":3,\"protocol\":\"gt06\","
             "\"serverTime\":\"2024-05-06T07:08:09.000Z\","
             "\"deviceTime\":\"2024-05-06T07:08:09.000Z\","
             "\"fixTime\":\"2024-05-06T07:08:09.000Z\",\"valid\":false,"
             "\"outdated\":true,\"latitude\":0,\"longitude\":0,\"altitude\":0,"
             "\"speed\":0,\"course\":0,\"accuracy\":0,\"address\":null,"
             "\"network\":null,\"geofenceIds\":[],\"frameId\":12,\"attributes\":{}}"),
          "its times are never null");
}

/* Knots go there and back again. */
static void test_knots(void)
{
    for (unsigned tenths = 0; tenths < 5000; tenths++) {
        double kn = tenths / 10.0, kmh = tenths / 10.0;
        CHECK(knots_of_kmh(kn * 1.852) == kn, unit_row(tenths));
        CHECK(fabs(knots_of_kmh(kmh) * 1.852 - kmh) < 1e-6, unit_row(tenths));
    }
}

void test_position_json(void)
{
    static struct position p;
    struct buffer out = {0};
    test_nothing(&out, &p.rec);
    test_full(&out, &p.rec);
    test_position_object(&out, &p);
    test_knots();
    buf_fini(&out);
}
