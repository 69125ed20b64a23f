/*
 * modular.c - 70, a report of modules: id 2, size 2, value.
 *
 *     0000 working mode 1          0001 imei 8             0002 imsi 8
 *     0003 iccid 10                0009 satellites used 1  000A visible 1
 *     0011 mcc 2, mnc 2, lac 2, cid 3, signal 1 (cid 0: none)
 *     0018 battery V 2 (/100)      0028 hdop 1 (/10)       0029 index 4
 *     002A low nibble door, high nibble tamper             002B boot reason 1
 *     002C unix time of the report 4                       002E mileage 4 (m)
 *     0030 parameters of the mode 10                       0035 report reason 1
 *     0033 unix time 4, satellites 1, altitude 2 (m), latitude 4, longitude 4, speed 1,
 *          course 2; all zero: no fix
 *     0034 event 1, unix time 4, size 1, content
 *     0043 mcc 2, mnc 2, lac 2, cid 4 (little-endian on captures), signal 1
 *     007F address 6, battery mV 2, percent 1, temperature 2 (/10), humidity 2, status 1
 *     1000 raw
 *
 * Answered with a short frame.  A module may say more than is used of it.  The mileage is
 * big-endian: only so do successive captures make sense.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

static const struct {
    uint8_t code;
    const char *alarm;
} gt06_events[] = {
    {0x10, "door"},         {0x12, "removing"},    {0x14, "geofenceEnter"},
    {0x15, "geofenceExit"}, {0x16, "temperature"}, {0x1a, "lowBattery"},
    {0x1b, "overspeed"},    {0x1c, "powerOn"},     {0x1d, "powerOff"},
    {0x20, "vibration"},    {0x21, "powerCut"},    {0x23, "tampering"},
};

static void gt06_module_event(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t event = rd_u8(r, "event");
    rec_num(rec, KEY_EVENT, event);
    for (size_t i = 0; i < sizeof gt06_events / sizeof *gt06_events; i++)
        if (gt06_events[i].code == event) {
            rd_means(r, gt06_events[i].alarm);
            rec_alarm(rec, gt06_events[i].alarm);
        }
    int64_t ms = rd_unix_ms(r, "event_time");
    if (rec->device_ms == TIME_NONE)
        rec->device_ms = ms;
    size_t outer = rd_enter(r, rd_u8(r, "content_size"), "content");
    gt06_rest(f, "event_content");
    rd_leave(r, outer);
}

static void gt06_module_place(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    int64_t ms = rd_unix_ms(r, "fix_time");
    uint8_t satellites = rd_u8(r, "satellites_used");
    int16_t altitude_m = rd_s16(r, "altitude_m");
    uint32_t latitude = gt06_angle(r, "latitude_min_x30000", GT06_LATITUDE_MAX);
    uint32_t longitude = gt06_angle(r, "longitude_min_x30000", GT06_LONGITUDE_MAX);
    rec_num(rec, KEY_SAT, satellites);
    rec->speed_kmh = rd_u8(r, "speed_kmh");
    gt06_course(r, rec, latitude, longitude);
    if (!rec_placed(rec))
        return;
    rec->fix_ms = ms > 0 ? ms : TIME_NONE;
    rec->altitude_m = altitude_m;
}

/* Little-endian ids are seen, not documented. */
static void gt06_module_cell(struct gt06 *f, struct record *rec, bool newer)
{
    struct reader *r = f->r;
    struct cell cell = {.mcc = rd_u16(r, "mcc")};
    cell.mnc = rd_u16(r, "mnc");
    cell.lac = rd_u16(r, "lac");
    cell.cid = newer ? rd_u32_le(r, "cid") : rd_u24(r, "cid");
    cell.signal_dbm = (int16_t)-rd_u8(r, "signal_dbm_negative");
    if (cell.cid)
        rec_cell(rec, cell);
}

static void gt06_module_tag(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    char id[13];
    rec_free_span(rec, "tag1Id", span_of(rd_digits(r, 6, id, "tag_address")));
    rec_free_num(rec, "tag1Battery", rd_u16(r, "tag_battery_mv") / 1000.0);
    rec_free_num(rec, "tag1BatteryLevel", rd_u8(r, "tag_battery_pct"));
    rec_free_num(rec, "tag1Temp", rd_s16(r, "tag_temperature_celsius_e1") / 10.0);
    rec_free_num(rec, "tag1Humidity", rd_s16(r, "tag_humidity"));
    rec_free_num(rec, "tag1Status", rd_u8(r, "tag_status"));
}

/* Who it is, and with which card it speaks. */
static void gt06_module_identity(struct gt06 *f, struct record *rec, unsigned module)
{
    char digits[24];
    if (module == 0x0001) {
        gt06_imei(f, "imei");
    } else if (module == 0x0002) {
        gt06_imsi(f, rec);
    } else {
        size_t len = strspn(rd_digits(f->r, 10, digits, "iccid"), "0123456789");
        rec_span(rec, KEY_ICCID, span_cut(span_of(digits), 0, len));
    }
}

static void gt06_module_openings(struct gt06 *f, struct record *rec)
{
    uint8_t state = rd_u8(f->r, "door_and_tamper");
    rec_bool(rec, KEY_DOOR, rd_bits(f->r, state, 3, 0, "door"));
    rec_bool(rec, KEY_TAMPER, rd_bits(f->r, state, 7, 4, "tamper"));
}

static void gt06_module(struct gt06 *f, struct record *rec, unsigned module)
{
    struct reader *r = f->r;
    switch (module) {
    case 0x0000:
        rec_free_num(rec, "workMode", rd_u8(r, "work_mode"));
        break;
    case 0x0001:
    case 0x0002:
    case 0x0003:
        gt06_module_identity(f, rec, module);
        break;
    case 0x0009:
        rec_num(rec, KEY_SAT, rd_u8(r, "satellites_used"));
        break;
    case 0x000a:
        rec_num(rec, KEY_SAT_VISIBLE, rd_u8(r, "satellites_visible"));
        break;
    case 0x0011:
        gt06_module_cell(f, rec, false);
        break;
    case 0x0018:
        gt06_volts(f, rec, KEY_BATTERY_V, "battery_v_e2");
        break;
    case 0x0028:
        rec_num(rec, KEY_HDOP, rd_u8(r, "hdop_e1") / 10.0);
        break;
    case 0x0029:
        rec_num(rec, KEY_INDEX, rd_u32(r, "index"));
        break;
    case 0x002a:
        gt06_module_openings(f, rec);
        break;
    case 0x002b:
        rec_num(rec, KEY_BOOT_REASON, rd_u8(r, "boot_reason"));
        break;
    case 0x002c:
        rec->device_ms = rd_unix_ms(r, "report_time");
        break;
    case 0x002e:
        gt06_mileage(f, rec);
        break;
    case 0x0033:
        gt06_module_place(f, rec);
        break;
    case 0x0034:
        gt06_module_event(f, rec);
        break;
    case 0x0035:
        rec_free_num(rec, "reportReason", rd_u8(r, "report_reason"));
        break;
    case 0x0043:
        gt06_module_cell(f, rec, true);
        break;
    case 0x007f:
        gt06_module_tag(f, rec);
        break;
    }
}

void gt06_modular(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "module");
    while (rd_left(r) >= 4) {
        unsigned module = rd_u16(r, "module");
        size_t outer = rd_enter(r, rd_u16(r, "module_size"), "module_value");
        if (rd_more(r))
            gt06_module(f, rec, module);
        gt06_rest(f, "module_content");
        rd_leave(r, outer);
    }
    gt06_rest(f, "padding");
    gt06_ack(f);
}
