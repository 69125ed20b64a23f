/*
 * info.c - 94, information transmission: sub-type 1, then
 *
 *     00  external V 2 (/100), [2 more]
 *     04  text "KEY=value;...": bits in hexadecimal, see gt06_info_keys
 *     05  [time 6], flags 1: bit 0 door open, 1 trigger level, 2 input level
 *     08  self-check, text
 *     09  module state 1; used count 1, signal 1 each; visible count 1, signal 1 each;
 *         the two lists again for BeiDou; extension size 1
 *     0A  imei 8, imsi 8, iccid 10
 *     0B  network 1 (0: 2G), or external V 2 (/100)
 *     0D  [time 6], fuel probe
 * "!AIOIL,address,output,temperature,version,status,fuel,..." 1B  text "RFID:..." CR LF;
 * or header 1, type 1, card 4, sum 1, footer 1 1E  temperature 4 (/10, signed), humidity
 * 4 (/10, signed)
 *
 * and others of the makers' own.  A short frame carries the external voltage alone.
 * None is answered.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

/* Older servers took the supply for an analog input; both names stay in use. */
static void gt06_info_supply(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    double volts = rd_u16(f->r, "external_v_e2") / 100.0;
    rec_num(rec, KEY_POWER_V, volts);
    rec_num(rec, KEY_N(KEY_ADC, 1), volts);
    gt06_rest(f, "reserved");
}

/* ---- 04 ---- */

static const struct {
    const char *key;
    const char *name;
    bool bits; /* the value is a byte in hexadecimal */
} gt06_info_keys[] = {
    {"ALM1", "alarm1Status", true}, {"ALM2", "alarm2Status", true},
    {"ALM3", "alarm3Status", true}, {"ALM4", "alarm4Status", true},
    {"STA1", "otherStatus", true},  {"DYD", "engineStatus", true},
    {"SOS", "sosNumbers", false},   {"CENTER", "centerNumber", false},
    {"FENCE", "fence", false},      {"MODE", "workMode", false},
    {"ICCID", "iccid", false},
};

/* What the bits of DYD say of the cut-off. */
static const char *gt06_relay_state(unsigned bits)
{
    if (bits & 2)
        return "cut";
    if (bits & 8)
        return "cut waits for a lower speed";
    return bits & 4 ? "cut waits for a fix" : "connected";
}

/* A list of numbers keeps the commas of those that are not set. */
static struct span gt06_info_value(struct span value)
{
    while (value.len && value.ptr[value.len - 1] == ',')
        value.len--;
    return value;
}

static void gt06_info_pair(struct gt06 *f, struct record *rec, struct span key,
                           struct span value)
{
    for (size_t i = 0; i < sizeof gt06_info_keys / sizeof *gt06_info_keys; i++) {
        double bits;
        if (!span_is(key, gt06_info_keys[i].key))
            continue;
        if (!gt06_info_keys[i].bits) {
            rec_free_span(rec, gt06_info_keys[i].name, gt06_info_value(value));
        } else if (text_hex(value, &bits) && !isnan(bits)) {
            rec_free_num(rec, gt06_info_keys[i].name, bits);
            if (span_is(key, "DYD")) {
                rec_bool(rec, KEY_BLOCKED, (unsigned)bits & 2);
                rd_means(f->r, gt06_relay_state((unsigned)bits));
            }
        }
    }
}

static void gt06_info_sync(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    while (rd_more(r)) {
        struct span rest = rd_rest(r);
        size_t end = span_find(rest, 0, ";", 1);
        struct span pair = rd_raw(r, end < rest.len ? end + 1 : end, "setting");
        pair = span_cut(pair, 0, end);
        size_t mid = span_find(pair, 0, "=", 1);
        gt06_info_pair(f, rec, span_trim(span_cut(pair, 0, mid)),
                       span_trim(span_cut(pair, mid + 1, pair.len)));
    }
}

/* ---- the other sub-types ---- */

static void gt06_info_door(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    if (rd_left(r) >= 7)
        rec->device_ms = gt06_time_ms(f, "time");
    uint8_t flags = rd_u8(r, "flags");
    rec_bool(rec, KEY_DOOR, rd_flag(r, flags, 0, "door_open"));
    rd_flag(r, flags, 1, "trigger_level_high");
    rec_num(rec, KEY_N(KEY_IO, 1), rd_flag(r, flags, 2, "input_high"));
    gt06_rest(f, "extension");
}

static void gt06_info_self_check(struct gt06 *f)
{
    rec_free_span(gt06_record(f), "selfCheck",
                  span_trim(rd_raw(f->r, rd_left(f->r), "self_check")));
}

static void gt06_info_satellites(struct gt06 *f)
{
    static const char *const states[] = {"none", "searching", "2D", "3D", "sleeping"};
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    unsigned used = 0;
    unsigned visible = 0;
    uint8_t state = rd_u8(r, "gps_module_state");
    if (state < sizeof states / sizeof *states)
        rd_means(r, states[state]);
    for (unsigned system = 0; system < 2 && rd_more(r); system++) {
        unsigned count = rd_u8(r, "satellites_used");
        rd_skip(r, count, "snr_db");
        used += count;
        count = rd_u8(r, "satellites_visible");
        rd_skip(r, count, "snr_db");
        visible += count;
    }
    rec_num(rec, KEY_SAT, used);
    rec_num(rec, KEY_SAT_VISIBLE, visible);
    gt06_rest(f, "extension");
}

static struct span gt06_filled(struct span digits)
{
    while (digits.len && digits.ptr[digits.len - 1] == 'f')
        digits.len--;
    return digits;
}

static void gt06_info_card(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    char digits[24];
    gt06_imei(f, "imei");
    gt06_imsi(f, rec);
    rec_span(rec, KEY_ICCID, gt06_filled(span_of(rd_digits(r, 10, digits, "iccid"))));
    gt06_rest(f, "extension");
}

static void gt06_info_network(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    if (rd_left(r) == 2) {
        gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
        return;
    }
    const char *name = rd_u8(r, "network") ? "4G" : "2G";
    rd_means(r, name);
    rec_free_span(rec, "networkTechnology", span_of(name));
    gt06_rest(f, "extension");
}

static struct span gt06_field(struct span text, unsigned index)
{
    size_t from = 0;
    while (index--)
        from = span_find(text, from, ",", 1) + 1;
    return span_cut(text, from, span_find(text, from, ",", 1));
}

static void gt06_info_fuel(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span head = rd_look(r, 1);
    double value;
    if (head.len && *head.ptr != '!')
        rec->device_ms = gt06_time_ms(f, "time");
    struct span text = rd_raw(r, rd_left(r), "fuel_probe");
    if (text_num(gt06_field(text, 3), &value))
        rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1), value);
    if (text_num(gt06_field(text, 6), &value))
        rec_num(rec, KEY_FUEL_L, value);
}

static void gt06_info_rfid(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span head = rd_look(r, 1);
    if (head.len && ((*head.ptr | 0x20) >= 'a' && (*head.ptr | 0x20) <= 'z')) {
        struct span text = rd_raw(r, rd_left(r), "card");
        text = span_cut(text, 0, span_find(text, 0, "\r\n", 2));
        rec_free_span(rec, "serial", span_trim(text));
        return;
    }
    rd_u8(r, "header");
    rd_u8(r, "card_type");
    rec_hex(rec, KEY_DRIVER, rd_raw(r, 4, "card"));
    rd_u8(r, "sum");
    rd_u8(r, "footer");
    gt06_rest(f, "extension");
}

static void gt06_info_climate(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1),
            rd_s32(f->r, "temperature_celsius_e1") / 10.0);
    rec_num(rec, KEY_HUMIDITY_PCT, rd_s32(f->r, "humidity_pct_e1") / 10.0);
    gt06_rest(f, "extension");
}

void gt06_information(struct gt06 *f)
{
    out_message(f->o, "info");
    if (!f->wide && rd_left(f->r) == 2) {
        gt06_volts(f, gt06_record(f), KEY_POWER_V, "external_v_e2");
        return;
    }
    switch (rd_u8(f->r, "sub_type")) {
    case 0x00:
        gt06_info_supply(f);
        break;
    case 0x04:
        gt06_info_sync(f);
        break;
    case 0x05:
        gt06_info_door(f);
        break;
    case 0x08:
        gt06_info_self_check(f);
        break;
    case 0x09:
        gt06_info_satellites(f);
        break;
    case 0x0a:
        gt06_info_card(f);
        break;
    case 0x0b:
        gt06_info_network(f);
        break;
    case 0x0d:
        gt06_info_fuel(f);
        break;
    case 0x1b:
        gt06_info_rfid(f);
        break;
    case 0x1e:
        gt06_info_climate(f);
        break;
    default:
        gt06_rest(f, "content");
    }
}
