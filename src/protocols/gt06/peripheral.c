/*
 * peripheral.c - what hangs on the device, or walks past it.
 *
 *     F1  unix time 4; id 2, size 1, value: 0001 motion (2, 4: moving), 0002 armed,
 *         0004 ACC, 0005 external V 2 (/100), 0007 charging, 000A charge voltage 2,
 *         000B battery temperature 2 (/10)
 *     F2  unix time 4; id 2, then
 *         000A  size 2, address type 1, address 6, event 1, event data 1, data type 1,
 *               details
 *         000B  size 1, course 2, latitude 4, longitude 4
 *         000C  size 1, battery % 1, charging 1, cycles 2, reserved
 *         else  size 1, or 0 and size 1
 *     B0  attendance: time 6, raw
 *     B2  Bluetooth tag: time 6, rssi 1, address 6, uuid 16, major 2, minor 2,
 *         battery V 2 (/100), clock 1 (bits 5-2 kind)
 *     40  battery of WD-209: serial 8, unix time 4, relative capacity % 1, remaining mAh
 * 2, absolute % 1, full mAh 2, health 1, temperature 2 (/10 K), current 2, mV 2, cycles
 * 2, 14 cells' mV 2, charge interval 2, longest 2, barcode 16, version 2, maker 16,
 * battery status 4, controller status 4, controller fault 4
 *
 * F1 and F2 come in long frames and are answered with short ones.  The course word of
 * 000B is seen, not documented: its hemisphere bits fit the places of captures.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

/* ---- F1 ---- */

static void gt06_device_item(struct gt06 *f, struct record *rec, unsigned item)
{
    struct reader *r = f->r;
    uint8_t value;
    switch (item) {
    case 0x0001:
        value = rd_u8(r, "motion");
        rec_bool(rec, KEY_MOTION, value == 2 || value == 4);
        break;
    case 0x0002:
        rec_bool(rec, KEY_ARMED, rd_u8(r, "armed"));
        break;
    case 0x0004:
        rec_bool(rec, KEY_IGNITION, rd_u8(r, "acc"));
        break;
    case 0x0005:
        gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
        break;
    case 0x0007:
        rec_bool(rec, KEY_CHARGE, rd_u8(r, "charging"));
        break;
    case 0x000a:
        rec_free_num(rec, "chargeVoltage", rd_u16(r, "charge_voltage"));
        break;
    case 0x000b:
        rec_free_num(rec, "batteryTemp", rd_s16(r, "battery_celsius_e1") / 10.0);
        break;
    }
}

void gt06_device_items(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "status");
    rec->device_ms = rd_unix_ms(r, "time");
    while (rd_left(r) >= 3) {
        unsigned item = rd_u16(r, "item");
        size_t outer = rd_enter(r, rd_u8(r, "item_size"), "item_value");
        if (rd_more(r))
            gt06_device_item(f, rec, item);
        gt06_rest(f, "item_content");
        rd_leave(r, outer);
    }
    gt06_rest(f, "padding");
    gt06_ack(f);
}

/* ---- F2 ---- */

static void gt06_beacon(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    char mac[13];
    rd_u8(r, "address_type");
    rec_free_span(rec, "mac", span_of(rd_digits(r, 6, mac, "address")));
    rec_num(rec, KEY_EVENT, rd_u8(r, "event"));
    rec_num(rec, KEY_EVENT_DATA, rd_u8(r, "event_data"));
    rec_free_num(rec, "dataType", rd_u8(r, "data_type"));
    struct span details = rd_raw(r, rd_left(r), "details");
    char text[2 * 255 + 1];
    details = span_cut(details, 0, 255);
    hex_format(details, text);
    rec_free_span(rec, "dataDetails", span_of(text));
}

static void gt06_peripheral_place(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    struct span ahead = rd_look(r, 10);
    uint32_t latitude = ahead.len == 10 ? be32(ahead.ptr + 2) : 0;
    uint32_t longitude = ahead.len == 10 ? be32(ahead.ptr + 6) : 0;
    gt06_course(r, rec, latitude, longitude);
    gt06_angle(r, "latitude_min_x30000", GT06_LATITUDE_MAX);
    gt06_angle(r, "longitude_min_x30000", GT06_LONGITUDE_MAX);
    rec->fix_ms = rec->device_ms;
}

static void gt06_external_battery(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    rec_free_num(rec, "externalBatteryLevel", rd_u8(r, "battery_pct"));
    rec_free_bool(rec, "externalBatteryCharging", rd_u8(r, "charging"));
    rec_free_num(rec, "externalBatteryCycles", rd_u16(r, "cycles"));
    gt06_rest(f, "reserved");
}

static size_t gt06_peripheral_size(struct gt06 *f, unsigned item)
{
    struct reader *r = f->r;
    if (item == 0x000a)
        return rd_u16(r, "item_size");
    uint8_t size = rd_u8(r, "item_size");
    return size ? size : rd_u8(r, "item_size");
}

void gt06_peripheral(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "peripheral");
    rec->device_ms = rd_unix_ms(r, "time");
    while (rd_left(r) >= 3) {
        unsigned item = rd_u16(r, "item");
        size_t outer = rd_enter(r, gt06_peripheral_size(f, item), "item_value");
        if (item == 0x000a)
            gt06_beacon(f, rec);
        else if (item == 0x000b)
            gt06_peripheral_place(f, rec);
        else if (item == 0x000c)
            gt06_external_battery(f, rec);
        gt06_rest(f, "item_content");
        rd_leave(r, outer);
    }
    gt06_rest(f, "padding");
    gt06_ack(f);
}

/* ---- people and tags ---- */

void gt06_attendance(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, "attendance");
    rec->device_ms = gt06_time_ms(f, "time");
    gt06_rest(f, "content");
    gt06_ack(f);
}

void gt06_bluetooth(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    char digits[33];
    out_message(f->o, "bluetooth");
    rec->device_ms = gt06_time_ms(f, "time");
    rec_free_num(rec, "tag1Rssi", rd_s8(r, "tag_rssi_dbm"));
    rec_free_span(rec, "tag1Id", span_of(rd_digits(r, 6, digits, "tag_address")));
    rec_free_span(rec, "tag1Uuid", span_of(rd_digits(r, 16, digits, "uuid")));
    rec_free_num(rec, "tag1Major", rd_u16(r, "major"));
    rec_free_num(rec, "tag1Minor", rd_u16(r, "minor"));
    rec_free_num(rec, "tag1Battery", rd_u16(r, "tag_battery_v_e2") / 100.0);
    uint8_t clock = rd_u8(r, "clock");
    rec_free_num(rec, "clockKind", (double)rd_bits(r, clock, 5, 2, "clock_kind"));
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* ---- 40 ---- */

static void gt06_bms_cells(struct gt06 *f, struct record *rec)
{
    for (unsigned i = 1; i <= 14; i++) {
        char name[24];
        snprintf(name, sizeof name, "batteryCell%u", i);
        rec_free_num(rec, name, rd_u16(f->r, "battery_cell_mv") / 1000.0);
    }
}

static void gt06_bms_maker(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    rec_free_num(rec, "currentChargeInterval", rd_u16(r, "current_charge_interval"));
    rec_free_num(rec, "maxChargeInterval", rd_u16(r, "max_charge_interval"));
    rec_free_span(rec, "barcode", span_trim(rd_raw(r, 16, "barcode")));
    rec_free_num(rec, "batteryVersion", rd_u16(r, "battery_version"));
    rec_free_span(rec, "manufacturer", span_trim(rd_raw(r, 16, "manufacturer")));
    rec_free_num(rec, "batteryStatus", rd_u32(r, "battery_status"));
    rec_free_num(rec, "controllerStatus", rd_u32(r, "controller_status"));
    rec_free_num(rec, "controllerFault", rd_u32(r, "controller_fault"));
}

void gt06_bms(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "battery");
    rd_raw(r, 8, "serial_number");
    rec->device_ms = rd_unix_ms(r, "time");
    rec_free_num(rec, "relativeCapacity", rd_u8(r, "relative_capacity_pct"));
    rec_free_num(rec, "remainingCapacity", rd_u16(r, "remaining_capacity_mah"));
    rec_free_num(rec, "absoluteCapacity", rd_u8(r, "absolute_capacity_pct"));
    rec_free_num(rec, "fullCapacity", rd_u16(r, "full_capacity_mah"));
    rec_free_num(rec, "batteryHealth", rd_u8(r, "battery_health"));
    rec_free_num(rec, "batteryTemp", (rd_u16(r, "battery_kelvin_e1") - 2731) / 10.0);
    rec_free_num(rec, "current", rd_u16(r, "current"));
    rec_num(rec, KEY_BATTERY_V, rd_u16(r, "battery_mv") / 1000.0);
    rec_free_num(rec, "cycleIndex", rd_u16(r, "cycles"));
    gt06_bms_cells(f, rec);
    gt06_bms_maker(f, rec);
    gt06_rest(f, "extension");
    gt06_ack(f);
}
