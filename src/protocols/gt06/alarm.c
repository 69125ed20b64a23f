/*
 * alarm.c - what the alarm byte means, by model, and the messages that carry it.
 *
 *     16, 26, 27, A3, A4
 *         GPS block, cell size 1, cell, status block 5, [fence 1: 27 and A4; FF none],
 *         [mileage 4 (m)]
 *         16 of length 4A: cell, size 1 and 6 neighbours (lac 2, cid 3, rssi 1)
 *         16 of VXT01 (24): GPS, cell 8, info 1, external V 2, signal 1, ext. alarm 1
 *         16 of TRX16i (2D): and tag 8 behind the status block
 *     32  GPS, cell size 1, cell, status block, [altitude 2 (m): SL4X]
 *     19  cell 8, status block; from length 17 on: time 6, cell 9, signal 1, reserved 2
 *     A5  cell 15, status block
 *     39  GPS, typed cell, status block, items
 *
 * The size before the cell is unreliable (some count themselves, one writes 0x39): the
 * cell is what the fixed tail leaves.  The language byte's high nibble extends the alarm
 * on 27, A4, 39 and A9.
 *
 * The byte counts, and the three alarm bits of the terminal information only where it is
 * 0: WeTrack2 shows a power cut in the bits of every vibration.
 */
#include "protocols/gt06/gt06.h"

#include <strings.h>

/* ---- codes ---- */

struct gt06_alarm_entry {
    const char *means;
    const char *name; /* of the alarm in the record; NULL: none, the code is the event */
};

static const struct gt06_alarm_entry gt06_alarms[256] = {
    [0x00] = {"normal", NULL},
    [0x01] = {"SOS", "sos"},
    [0x02] = {"external power cut", "powerCut"},
    [0x03] = {"vibration", "vibration"},
    [0x04] = {"fence entered", "geofenceEnter"},
    [0x05] = {"fence left", "geofenceExit"},
    [0x06] = {"overspeed", "overspeed"},
    [0x09] = {"moved", "vibration"},
    [0x0a] = {"GPS dead zone entered", NULL},
    [0x0b] = {"GPS dead zone left", NULL},
    [0x0c] = {"tampering; power on by some manuals", "tampering"},
    [0x0d] = {"first fix", NULL},
    [0x0e] = {"low external voltage", "lowBattery"},
    [0x0f] = {"low external voltage protection", "lowBattery"},
    [0x10] = {"SIM changed", NULL},
    [0x11] = {"power off", "powerOff"},
    [0x12] = {"airplane mode after low voltage", NULL},
    [0x13] = {"dismantled", "tampering"},
    [0x14] = {"door", "door"},
    [0x15] = {"off by low battery", "powerOff"},
    [0x16] = {"sound", NULL},
    [0x17] = {"rogue base station", NULL},
    [0x18] = {"cover removed", "removing"},
    [0x19] = {"low internal battery", "lowBattery"},
    [0x1a] = {"hard braking", "hardBraking"},
    [0x1b] = {"sharp turn", "hardCornering"},
    [0x20] = {"deep sleep", NULL},
    [0x23] = {"fall", "fallDown"},
    [0x25] = {"dismantled", "tampering"},
    [0x26] = {"hard acceleration", "hardAcceleration"},
    [0x27] = {"hard braking", "hardBraking"},
    [0x28] = {"hard braking", "hardBraking"},
    [0x29] = {"hard acceleration", "hardAcceleration"},
    [0x2a] = {"sharp turn to the left", "hardCornering"},
    [0x2b] = {"sharp turn to the right", "hardCornering"},
    [0x2c] = {"collision", "accident"},
    [0x2d] = {"rollover", "accident"},
    [0x2e] = {"sharp turn", "hardCornering"},
    [0x30] = {"jamming", "jamming"},
    [0x32] = {"unplugged", "tampering"},
    [0x33] = {"locked", "lock"},
    [0x34] = {"unlocked", "unlock"},
    [0x53] = {"fuel theft", "fuelLeak"},
    [0x5b] = {"temperature", "temperature"},
    [0x5c] = {"temperature", "temperature"},
    [0xc5] = {"engine already on", NULL},
    [0xc6] = {"engine already off", NULL},
    [0xc7] = {"extended driving", "fatigueDriving"},
    [0xc8] = {"extended driving", "fatigueDriving"},
    [0xc9] = {"idling", "idle"},
    [0xf0] = {"hard acceleration", "hardAcceleration"},
    [0xf1] = {"hard braking", "hardBraking"},
    [0xf2] = {"collision", "accident"},
    [0xfe] = {"ACC on", NULL},
    [0xff] = {"ACC off", NULL},
};

/* What single models mean by a code, and the alarms of two bytes. */
enum gt06_table {
    TABLE_COMMON,
    TABLE_VL,
    TABLE_LW,
    TABLE_SEEWORLD,
    TABLE_TRX16I,
    TABLE_WETRACK140
};

static const struct {
    uint16_t code;
    uint8_t table;
    struct gt06_alarm_entry entry;
} gt06_special_alarms[] = {
    {0x0107, TABLE_COMMON, {"mobile network jamming", "jamming"}},
    {0x010a, TABLE_COMMON, {"mobile network jamming ends", NULL}},
    {0x010b, TABLE_COMMON, {"GPS jamming", "jamming"}},
    {0x010c, TABLE_COMMON, {"GPS jamming ends", NULL}},
    {0x09, TABLE_VL, {"towed", "tow"}},
    {0x28, TABLE_VL, {"power off", "powerOff"}},
    {0x30, TABLE_VL, {"hard braking", "hardBraking"}},
    {0x18, TABLE_LW, {"collision", "accident"}},
    {0x19, TABLE_LW, {"hard acceleration", "hardAcceleration"}},
    {0x28, TABLE_SEEWORLD, {"sharp turn", "hardCornering"}},
    {0x29, TABLE_SEEWORLD, {"collision", "accident"}},
    {0x09, TABLE_TRX16I, {"fence", "geofence"}},
    {0x0e, TABLE_TRX16I, {"low supply", "lowPower"}},
    {0x09, TABLE_WETRACK140, {"towed", "tow"}},
    {0x0c, TABLE_WETRACK140, {"power on", "powerOn"}},
    {0x0e, TABLE_WETRACK140, {"low external voltage", "lowPower"}},
    {0x30, TABLE_WETRACK140, {"hard braking", "hardBraking"}},
};

/* By the beginning of the model, or of the setting "alarmTable". */
static const struct {
    const char *prefix;
    uint8_t table;
} gt06_alarm_models[] = {
    {"VL", TABLE_VL},        {"JM-VL", TABLE_VL},
    {"LL303", TABLE_VL},     {"G18", TABLE_VL},
    {"LW", TABLE_LW},        {"SEEWORLD", TABLE_SEEWORLD},
    {"TRX16", TABLE_TRX16I}, {"WETRACK140", TABLE_WETRACK140},
};

static enum gt06_table gt06_alarm_table(const struct gt06 *f)
{
    const char *model = ses_setting(f->s, "alarmTable");
    if (!model)
        model = ses_setting(f->s, "model");
    for (size_t i = 0; model && i < sizeof gt06_alarm_models / sizeof *gt06_alarm_models;
         i++) {
        const char *prefix = gt06_alarm_models[i].prefix;
        if (!strncasecmp(model, prefix, strlen(prefix)))
            return gt06_alarm_models[i].table;
    }
    return TABLE_COMMON;
}

static struct gt06_alarm_entry gt06_alarm_find(const struct gt06 *f, unsigned code)
{
    enum gt06_table table = gt06_alarm_table(f);
    for (size_t i = 0; i < sizeof gt06_special_alarms / sizeof *gt06_special_alarms; i++)
        if (gt06_special_alarms[i].code == code &&
            (code > 0xff || gt06_special_alarms[i].table == table))
            return gt06_special_alarms[i].entry;
    return code <= 0xff ? gt06_alarms[code] : (struct gt06_alarm_entry){0};
}

/* ---- reading ---- */

unsigned gt06_alarm_byte(struct gt06 *f, const char *name)
{
    uint8_t code = rd_u8(f->r, name);
    rd_means(f->r, gt06_alarm_find(f, code).means);
    return code;
}

static void gt06_alarm_bits(struct record *rec, uint8_t info)
{
    static const char *const names[] = {NULL,  "vibration", "powerCut", "lowBattery",
                                        "sos", NULL,        "geofence", "removing"};
    rec_alarm(rec, names[info >> 3 & 7]);
}

void gt06_alarm_code(struct gt06 *f, struct record *rec, uint8_t info, unsigned code)
{
    if (!code) {
        gt06_alarm_bits(rec, info);
        return;
    }
    const char *name = gt06_alarm_find(f, code).name;
    rec_alarm(rec, name);
    if (code == 0xfe || code == 0xff)
        rec_bool(rec, KEY_IGNITION, code == 0xfe);
    if (!name || gt06_alarm_table(f) == TABLE_TRX16I)
        rec_num(rec, KEY_EVENT, code);
}

void gt06_language(struct gt06 *f)
{
    static const char *const names[] = {"no reply wanted", "Chinese", "English"};
    uint8_t language = rd_u8(f->r, "language");
    if ((language & 0xf) < sizeof names / sizeof *names)
        rd_means(f->r, names[language & 0xf]);
}

static bool gt06_alarm_extends(uint8_t number)
{
    return number == 0x27 || number == 0xa4 || number == 0x39 || number == 0xa9;
}

void gt06_alarm_bytes(struct gt06 *f, struct record *rec, uint8_t info)
{
    struct span bytes = rd_look(f->r, 2);
    unsigned code = gt06_alarm_byte(f, "alarm");
    gt06_language(f);
    if (bytes.len == 2 && gt06_alarm_extends(f->number) && bytes.ptr[1] >> 4) {
        code |= (unsigned)(bytes.ptr[1] >> 4) << 8;
        rd_means(f->r, gt06_alarm_find(f, code).means);
    }
    gt06_alarm_code(f, rec, info, code);
}

/* ---- messages ---- */

static void gt06_neighbours(struct gt06 *f, struct record *rec)
{
    gt06_cell(f, rec, 8);
    rd_u8(f->r, "neighbours_size");
    struct cell operator_ = rec->cell_count ? rec->cells[0] : (struct cell){0};
    gt06_cell_list(f, rec, operator_, 6, 2, 3);
}

/* The cell with the size before it: what the tail behind it leaves, else what its size
 * says. */
static void gt06_sized_cell(struct gt06 *f, struct record *rec, size_t tail)
{
    struct reader *r = f->r;
    uint8_t size = rd_u8(r, "cell_size");
    size_t width = gt06_cell_width(f, rd_left(r), tail);
    if (!width)
        width = gt06_cell_width(f, rd_left(r), tail + 4);
    if (width || size == 0 || size > 17) {
        gt06_cell(f, rec, width ? width : gt06_cell_guess(f));
        return;
    }
    size_t outer = rd_enter(r, size == 8 || size == 15 ? size : size - 1u, "cell");
    gt06_cell(f, rec, rd_left(r));
    rd_leave(r, outer);
}

static void gt06_alarm_tail(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    if (f->number == 0x27 || f->number == 0xa4) {
        uint8_t fence = rd_u8(r, "fence");
        if (fence == 0xff)
            rd_means(r, "none");
        else
            rec_num(rec, KEY_GEOFENCE, fence);
    }
    if (f->number == 0x32 && rd_left(r) == 2)
        rec->altitude_m = rd_s16(r, "altitude_m");
    if (rd_left(r) == 4)
        gt06_mileage(f, rec);
    if (f->number == 0x16 && f->size == 0x2d)
        gt06_tag(f, rec);
}

static size_t gt06_alarm_tail_size(const struct gt06 *f)
{
    if (f->number == 0x27 || f->number == 0xa4)
        return 6;
    if (f->number == 0x16 && f->size == 0x2d)
        return 13;
    return f->number == 0x32 && f->size == 0x29 ? 7 : 5;
}

void gt06_alarm(struct gt06 *f)
{
    if (f->number == 0xa3 && (f->size == 0x0c || f->size == 0x18)) {
        gt06_status_seeworld(f);
        return;
    }
    struct record *rec = gt06_record(f);
    out_message(f->o, "alarm");
    gt06_gps(f, rec);
    if (f->number == 0x16 && f->size == 0x24) {
        gt06_cell(f, rec, 8);
        gt06_vxt01(f, rec);
    } else {
        if (f->number == 0x16 && f->size == 0x4a) {
            rd_u8(f->r, "cell_size");
            gt06_neighbours(f, rec);
        } else {
            gt06_sized_cell(f, rec, gt06_alarm_tail_size(f));
        }
        gt06_status(f, rec);
        gt06_alarm_tail(f, rec);
    }
    gt06_rest(f, "extension");
    gt06_ack(f);
}

static void gt06_space10x(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "cells");
    rec->device_ms = gt06_time_ms(f, "time");
    gt06_cell(f, rec, 9);
    uint8_t signal = rd_u8(r, "signal");
    if (rec->cell_count)
        rec->cells[0].signal_dbm = (int16_t)-signal;
    gt06_rest(f, "reserved");
    gt06_ack(f);
}

void gt06_alarm_cell(struct gt06 *f)
{
    if (f->number == 0x19 && f->size >= 0x17) {
        gt06_space10x(f);
        return;
    }
    struct record *rec = gt06_record(f);
    out_message(f->o, "alarm");
    size_t width = gt06_cell_width(f, rd_left(f->r), 5);
    gt06_cell(f, rec, width ? width : gt06_cell_guess(f));
    gt06_status(f, rec);
    gt06_rest(f, "extension");
    gt06_ack(f);
}

void gt06_alarm_4g(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, "alarm");
    gt06_gps(f, rec);
    gt06_cell_typed(f, rec);
    gt06_status(f, rec);
    gt06_items(f, rec);
    gt06_ack(f);
}
