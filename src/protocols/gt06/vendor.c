/*
 * vendor.c - locations that single makers have changed.
 *
 *     12  tails behind GPS block and cell:
 *         Benway   mask 2: bit 15 ignition, 14 in2; 12 set: bit 9 below zero, 8-0
 *                  temperature; else 9-0 analog input, in tenths unless 13 is set
 *         VXT01    info 1, external V 2 (/100), signal 1, extended alarm 1
 *         S5       info 1, external V 2, signal 1, alarm 1, fuel 2, temperature 1 (bit 7
 *                  sign), mileage 4 (10 m)
 *         WeTrust  mileage 4, card size 1, card, alarm 1, card status 1, driving time 2
 *         GT06E    mileage 4, card size 1, card, alarm 1, swiped 1
 *     22  SEEWORLD GPS, cell 9, ACC 1, mode 1, re-upload 1, mileage 4, travel time 4,
 *                  temperature 2 (bit 15 sign, /100), humidity 2 (/100)
 *     22  NT, VL100: source 1, imei 8, device time 6, GPS, cell size 1, cell 8, info 1,
 *                  external V 2, battery 1 (/10), signal 1, alarm 1, language 1,
 *                  mileage 3, engine hours 3 (minutes)
 *     25  XT40     the same with cell 9 and network 1; driver size 1, type 1, driver
 *     24  SR411    GPS, cell 8, ignition 1, external V 2, battery V 2, reserved 2, imei 8
 *     A2  LW4G     GPS, cell 15, network 1, info 1, external V 2, level 1, signal 1,
 *                  alarm 1, language 1, mileage 4, engine hours 4 (s), imei 8, inputs 2
 *     36  TRX16i   GPS, cell 9, ACC 1, mode 1, re-upload 1, mileage 4, external V 2,
 *                  battery 1 (/10), hours 3 (minutes), tag 8
 *     17  tag      GPS, cell 8, tag 8, validity 1
 *     61  iButton  imei 8, GPS, cell 9, key 6
 *
 * The unit of NT's mileage is not documented; captures fit metres.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

/* A number whose highest bit says below zero. */
static double gt06_signed(unsigned value, unsigned bit)
{
    double magnitude = value & ((1u << bit) - 1);
    return value >> bit & 1 ? -magnitude : magnitude;
}

/* ---- tails of 12 ---- */

void gt06_benway(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint16_t mask = rd_u16(r, "mask");
    rec_bool(rec, KEY_IGNITION, rd_flag(r, mask, 15, "ignition"));
    rec_bool(rec, KEY_N(KEY_IN, 2), rd_flag(r, mask, 14, "in2"));
    if (rd_flag(r, mask, 12, "is_temperature")) {
        bool below = rd_flag(r, mask, 9, "below_zero");
        double value = (double)rd_bits(r, mask, 8, 0, "temperature_celsius");
        rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1), below ? -value : value);
        return;
    }
    bool units = rd_flag(r, mask, 13, "adc_in_units");
    double adc = (double)rd_bits(r, mask, 9, 0, "adc");
    rec_num(rec, KEY_N(KEY_ADC, 1), units ? adc : adc / 10);
}

void gt06_vxt01(struct gt06 *f, struct record *rec)
{
    uint8_t info = gt06_info(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    gt06_gsm(f, rec);
    rd_u8(f->r, "extended_alarm");
    if ((info >> 3 & 7) == 7)
        rec_alarm(rec, "overspeed");
    else
        gt06_alarm_code(f, rec, info, 0);
}

void gt06_s5(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t info = gt06_info(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    gt06_gsm(f, rec);
    gt06_alarm_code(f, rec, info, gt06_alarm_byte(f, "alarm"));
    rec_free_num(rec, "oil", rd_u16(r, "fuel"));
    rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1),
            gt06_signed(rd_u8(r, "temperature_celsius"), 7));
    rec_num(rec, KEY_ODOMETER_M, rd_u32(r, "mileage_10m") * 10.0);
}

/* A card of this size ends where the frame does. */
bool gt06_is_wetrust(const struct gt06 *f)
{
    struct span tail = rd_rest(f->r);
    return tail.len > 9 && tail.len == 9u + tail.ptr[4];
}

/* The unit of the driving time is not documented; it is taken for seconds. */
void gt06_wetrust(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    gt06_mileage(f, rec);
    rec_span(rec, KEY_CARD, span_trim(rd_raw(r, rd_u8(r, "card_size"), "card")));
    if (rd_u8(r, "alarm"))
        rec_alarm(rec, "general");
    rec_free_num(rec, "cardStatus", rd_u8(r, "card_status"));
    rec_num(rec, KEY_DRIVING_TIME_MS, rd_u16(r, "driving_time") * 1000.0);
}

void gt06_card(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    gt06_mileage(f, rec);
    rec_span(rec, KEY_CARD, span_trim(rd_raw(r, rd_u8(r, "card_size"), "card")));
    gt06_alarm_code(f, rec, 0, gt06_alarm_byte(f, "alarm"));
    rec_free_bool(rec, "cardSwiped", rd_u8(r, "swiped"));
}

/* ---- whole messages ---- */

void gt06_seeworld(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, 9);
    gt06_acc(f, rec);
    gt06_mileage(f, rec);
    rd_u32(r, "travel_time");
    rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1),
            gt06_signed(rd_u16(r, "temperature_celsius_e2"), 15) / 100);
    rec_num(rec, KEY_HUMIDITY_PCT, rd_u16(r, "humidity_pct_e2") / 100.0);
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* The card number of an XT40 follows its size, which counts the type too. */
static void gt06_driver(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t size = rd_u8(r, "driver_size");
    if (!size)
        return;
    rd_u8(r, "driver_id_type");
    rec_hex(rec, KEY_DRIVER, rd_raw(r, size - 1u, "driver_id"));
}

void gt06_source(struct gt06 *f)
{
    struct reader *r = f->r;
    out_message(f->o, "location");
    rd_u8(r, "source");
    gt06_imei(f, "imei");
    int64_t device_ms = gt06_time_ms(f, "device_time");
    struct record *rec = gt06_record(f);
    gt06_gps(f, rec);
    rec->device_ms = device_ms;
    rd_u8(r, "cell_size");
    gt06_cell(f, rec, f->number == 0x25 ? 9 : 8);
    if (f->number == 0x25)
        rd_u8(r, "network_type");
    uint8_t info = gt06_info(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    rec_num(rec, KEY_BATTERY_V, rd_u8(r, "battery_v_e1") / 10.0);
    gt06_gsm(f, rec);
    gt06_alarm_bytes(f, rec, info);
    rec_num(rec, KEY_ODOMETER_M, rd_u24(r, "mileage_m"));
    gt06_hours24(f, rec);
    if (f->number == 0x25 && rd_more(r))
        gt06_driver(f, rec);
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* Recorded servers leave these unanswered. */
void gt06_sr411(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, 8);
    rec_bool(rec, KEY_IGNITION, rd_u8(r, "ignition"));
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    gt06_volts(f, rec, KEY_BATTERY_V, "battery_v_e2");
    rd_u16(r, "reserved");
    gt06_imei(f, "imei");
    gt06_rest(f, "extension");
}

void gt06_lw4g(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, 15);
    rd_u8(r, "network_type");
    uint8_t info = gt06_info(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    gt06_level(f, rec);
    gt06_gsm(f, rec);
    gt06_alarm_bytes(f, rec, info);
    gt06_mileage(f, rec);
    rec_num(rec, KEY_HOURS_MS, rd_u32(r, "engine_hours_s") * 1000.0);
    gt06_imei(f, "imei");
    rec_num(rec, KEY_INPUT, rd_u16(r, "inputs"));
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* A tag of zeros is none. */
void gt06_tag(struct gt06 *f, struct record *rec)
{
    static const uint8_t none[8];
    struct span tag = rd_raw(f->r, sizeof none, "tag");
    if (tag.len && memcmp(tag.ptr, none, sizeof none) != 0)
        rec_hex(rec, KEY_DRIVER, tag);
}

void gt06_trx16i(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, 9);
    gt06_acc(f, rec);
    gt06_mileage(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    rec_num(rec, KEY_BATTERY_V, rd_u8(r, "battery_v_e1") / 10.0);
    gt06_hours24(f, rec);
    gt06_tag(f, rec);
    gt06_rest(f, "extension");
    gt06_ack(f);
}

void gt06_rfid_or_address(struct gt06 *f)
{
    if (f->size != 0x28) {
        if (f->size >= 0x24 && f->size <= 0x2b)
            gt06_address_request(f);
        else
            gt06_unknown(f);
        return;
    }
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, 8);
    gt06_tag(f, rec);
    rd_u8(f->r, "validity");
    gt06_ack(f);
}

void gt06_ibutton(struct gt06 *f)
{
    char key[24];
    out_message(f->o, "location");
    gt06_imei(f, "imei");
    struct record *rec = gt06_record(f);
    gt06_gps(f, rec);
    gt06_cell(f, rec, 9);
    uint64_t number = rd_uint(f->r, 6, "key");
    if (number) {
        snprintf(key, sizeof key, "%llu", (unsigned long long)number);
        rec_text(rec, KEY_DRIVER, key);
    }
    gt06_rest(f, "extension");
    gt06_ack(f);
}
