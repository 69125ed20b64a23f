/*
 * position.c - time, place and cell, and the locations that are made of them.
 *
 *     GPS block  time 6, satellites 1, latitude 4, longitude 4, speed 1, course 2
 *     course     bits 9-0 degrees, 10 north, 11 west, 12 fixed, 13 differential,
 *                14 bit 15 is ACC, 15 ACC
 *
 *     cell       8  mcc 2, mnc 1, lac 2, cid 3
 *                9  mcc 2, mnc 2, lac 2, cid 3 where the mcc's bit 15 is set,
 *                   mcc 2, mnc 1, lac 2, cid 4 where it is not
 *               10  mcc 2, mnc 2, lac 2, cid 4
 *               15  mcc 2, mnc 1, lac 4, cid 8 (4G)
 *               16  mcc 2, mnc 2, lac 4, cid 8 (4G)
 *
 *     10  GPS, [extension 2]
 *     11  GPS, cell 10; of the first manual: time 6, mcc 2, mnc 1, lac 2, cid 3
 *     12  GPS, cell 8 or 9, and a tail by length: see gt06_location()
 *     22, 2D, 31, 37, A0
 *         GPS, cell, ACC 1, upload mode 1, re-upload 1, [mileage 4 (m)]
 *         31 of SL4X: and altitude 2 (m); 37: items instead of the mileage
 *     38  GPS, upload mode 1, re-upload 1, typed cell, items
 *     1E  GPS, mcc 2, mnc 1, 7 cells (lac 2, cid 3, rssi 1), timing advance 1, language 2
 *
 * How wide a cell is follows from the bytes that there are, not from the number.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>
#include <stdlib.h>

/* 2001-01-01: a clock that shows an earlier time has never been set. */
#define GT06_CLOCK_SET_MS INT64_C(978307200000)

enum { GT06_MINUTE_MS = 60000, GT06_GPS_SIZE = 18 };

struct record *gt06_record(struct gt06 *f)
{
    struct record *rec = out_record(f->o);
    rec_num(rec, KEY_TYPE, f->number);
    return rec;
}

void gt06_rest(struct gt06 *f, const char *name)
{
    if (rd_left(f->r))
        rd_raw(f->r, rd_left(f->r), name);
}

/* ---- time ---- */

/* What the operator said of the device's zone goes before what the login said. */
int64_t gt06_zone_ms(const struct gt06 *f)
{
    double min = ses_setting_num(f->s, "timeOffset");
    if (min >= -840 && min <= 840)
        return (int64_t)(min * GT06_MINUTE_MS);
    return f->state->zone_refuted ? 0 : f->state->zone_min * INT64_C(60000);
}

int64_t gt06_time_ms(struct gt06 *f, const char *name)
{
    int64_t ms = rd_time6_ms(f->r, name);
    return ms < GT06_CLOCK_SET_MS ? TIME_NONE : ms - gt06_zone_ms(f);
}

void gt06_times(struct record *rec, int64_t ms)
{
    rec->fix_ms = rec->device_ms = ms;
}

/* Some units announce a zone and send UTC all the same: then a live fix is as old as
 * the zone is wide. */
static void gt06_judge_zone(struct gt06 *f, struct record *rec)
{
    int64_t zone = gt06_zone_ms(f);
    if (!zone || !isnan(ses_setting_num(f->s, "timeOffset")) || rec->fix_ms == TIME_NONE)
        return;
    int64_t age = ses_now_ms(f->s) - rec->fix_ms;
    if (llabs(age) <= 20 * GT06_MINUTE_MS || llabs(age - zone) > 2 * GT06_MINUTE_MS)
        return;
    f->state->zone_refuted = true;
    gt06_times(rec, rec->fix_ms + zone);
}

/* ---- place ---- */

static __attribute__((noinline, cold)) void gt06_angle_means(struct reader *r,
                                                             uint32_t angle)
{
    char text[32];
    snprintf(text, sizeof text, "%.6f degrees", angle / 1800000.0);
    rd_means(r, text);
}

uint32_t gt06_angle(struct reader *r, const char *name, uint32_t max)
{
    uint32_t angle = rd_u32(r, name);
    if (r->trace)
        gt06_angle_means(r, angle);
    if (angle > max)
        rd_bad(r, name);
    return angle;
}

void gt06_course(struct reader *r, struct record *rec, uint32_t latitude,
                 uint32_t longitude)
{
    uint16_t word = rd_u16(r, "course_and_flags");
    unsigned course = (unsigned)rd_bits(r, word, 9, 0, "course_deg");
    bool north = rd_flag(r, word, 10, "north");
    bool west = rd_flag(r, word, 11, "west");
    bool fixed = rd_flag(r, word, 12, "fixed");
    rd_flag(r, word, 13, "differential");
    bool acc_known = rd_flag(r, word, 14, "acc_known");
    /* Without a fix some units send the last place, others zeros. */
    if (latitude || longitude) {
        rec->latitude_deg = (north ? 1 : -1) * (latitude / 1800000.0);
        rec->longitude_deg = (west ? -1 : 1) * (longitude / 1800000.0);
        rec->course_deg = course <= 360 ? course : NAN;
        rec->valid = fixed;
    } else {
        rec->speed_kmh = NAN;
    }
    if (acc_known)
        rec_bool(rec, KEY_IGNITION, rd_flag(r, word, 15, "acc"));
}

void gt06_place(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t satellites = rd_u8(r, "satellites");
    rd_bits(r, satellites, 7, 4, "gps_info_size");
    rec_num(rec, KEY_SAT, (double)rd_bits(r, satellites, 3, 0, "satellites_used"));
    uint32_t latitude = gt06_angle(r, "latitude_min_x30000", GT06_LATITUDE_MAX);
    uint32_t longitude = gt06_angle(r, "longitude_min_x30000", GT06_LONGITUDE_MAX);
    rec->speed_kmh = rd_u8(r, "speed_kmh");
    gt06_course(r, rec, latitude, longitude);
}

void gt06_gps(struct gt06 *f, struct record *rec)
{
    gt06_times(rec, gt06_time_ms(f, "time"));
    gt06_place(f, rec);
}

/* ---- cell ---- */

void gt06_cell(struct gt06 *f, struct record *rec, size_t width)
{
    struct reader *r = f->r;
    uint16_t mcc = rd_u16(r, "mcc");
    bool far = width >= 15;
    bool marked = width == 9 && mcc >> 15;
    bool long_mnc = marked || width == 10 || width == 16;
    bool long_cid = width == 10 || (width == 9 && !marked);
    struct cell cell = {.mcc = mcc & 0x7fff, .radio = far ? RADIO_LTE : RADIO_GSM};
    cell.mnc = long_mnc ? rd_u16(r, "mnc") : rd_u8(r, "mnc");
    cell.lac = far ? rd_u32(r, "lac") : rd_u16(r, "lac");
    cell.cid = far ? rd_u64(r, "cid") : long_cid ? rd_u32(r, "cid") : rd_u24(r, "cid");
    if (cell.mcc)
        rec_cell(rec, cell);
}

static size_t gt06_cell_narrowest(const struct gt06 *f)
{
    return f->number >= 0xa0 ? 15 : 8;
}

size_t gt06_cell_width(const struct gt06 *f, size_t size, size_t tail)
{
    size_t least = gt06_cell_narrowest(f);
    size_t most = least == 8 ? 10 : 16;
    return size >= least + tail && size <= most + tail ? size - tail : 0;
}

size_t gt06_cell_guess(const struct gt06 *f)
{
    struct span head = rd_look(f->r, 1);
    return gt06_cell_narrowest(f) + (head.len && *head.ptr >> 7);
}

/* ---- what stands around them ---- */

static const char *const gt06_upload_modes[] = {
    "interval",
    "distance",
    "cornering",
    "ACC change",
    "last fix when motion ends",
    "last fix before network loss",
    "ephemeris refresh",
    "key pressed",
    "power-on",
    "not used",
    "last position after standing, time renewed",
    "position from Wi-Fi",
    "position request",
    "last position after standing",
    "standing interval",
    "leaving tracking mode",
};

void gt06_upload(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t mode = rd_u8(r, "upload_mode");
    if (mode < sizeof gt06_upload_modes / sizeof *gt06_upload_modes)
        rd_means(r, gt06_upload_modes[mode]);
    rec_num(rec, KEY_EVENT, mode);
    bool stored = rd_u8(r, "re_upload");
    rd_means(r, stored ? "stored" : "live");
    rec_bool(rec, KEY_ARCHIVE, stored);
    if (!stored)
        gt06_judge_zone(f, rec);
}

void gt06_acc(struct gt06 *f, struct record *rec)
{
    bool on = rd_u8(f->r, "acc");
    rd_means(f->r, on ? "on" : "off");
    rec_bool(rec, KEY_IGNITION, on);
    gt06_upload(f, rec);
}

void gt06_volts(struct gt06 *f, struct record *rec, uint32_t key, const char *name)
{
    rec_num(rec, key, rd_u16(f->r, name) / 100.0);
}

void gt06_mileage(struct gt06 *f, struct record *rec)
{
    rec_num(rec, KEY_ODOMETER_M, rd_u32(f->r, "mileage_m"));
}

void gt06_hours24(struct gt06 *f, struct record *rec)
{
    rec_num(rec, KEY_HOURS_MS, rd_u24(f->r, "engine_hours_min") * 60000.0);
}

/* ---- messages ---- */

void gt06_gps_only(struct gt06 *f)
{
    out_message(f->o, "location");
    gt06_gps(f, gt06_record(f));
    gt06_rest(f, "extension");
    gt06_ack(f);
}

void gt06_gps_cell(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    if (rd_left(f->r) < GT06_GPS_SIZE) {
        out_message(f->o, "cells");
        rec->device_ms = gt06_time_ms(f, "time");
        gt06_cell(f, rec, 8);
    } else {
        out_message(f->o, "location");
        gt06_gps(f, rec);
        size_t width = gt06_cell_width(f, rd_left(f->r), 0);
        gt06_cell(f, rec, width ? width : gt06_cell_guess(f));
    }
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* What follows the cell in 0x12, by the length of the frame. */
static void gt06_location_tail(struct gt06 *f, struct record *rec)
{
    if (!rd_left(f->r))
        return;
    switch (f->size) {
    case 0x21:
        gt06_benway(f, rec);
        break;
    case 0x22:
        gt06_acc(f, rec);
        break;
    case 0x23:
        gt06_mileage(f, rec);
        break;
    case 0x24:
        gt06_vxt01(f, rec);
        break;
    case 0x29:
        gt06_wetrust(f, rec);
        break;
    case 0x2b:
        gt06_s5(f, rec);
        break;
    default:
        if (f->size >= 0x71)
            gt06_card(f, rec);
        else if (gt06_is_wetrust(f))
            gt06_wetrust(f, rec);
    }
}

/* This and the next are nearly all that trackers send.  Each is made one function, so
 * that the reader's position stays in a register from field to field. */
__attribute__((flatten)) void gt06_location(struct gt06 *f)
{
    out_message(f->o, "location");
    if (!rd_more(f->r)) {
        gt06_ack(f);
        return;
    }
    if (f->size == 0x27 && gt06_holds_imei(f, 0))
        gt06_imei(f, "imei");
    struct record *rec = gt06_record(f);
    gt06_gps(f, rec);
    gt06_cell(f, rec, f->size == 0x20 ? 9 : 8);
    gt06_location_tail(f, rec);
    gt06_rest(f, "extension");
    gt06_ack(f);
}

/* The cell of the ACC form: what is left when the tail of 3 bytes, or of 7 with the
 * mileage, is taken off. */
static size_t gt06_acc_cell(const struct gt06 *f)
{
    size_t left = rd_left(f->r);
    size_t width = f->number == 0x37 ? 0 : gt06_cell_width(f, left, 3);
    if (!width && f->number != 0x37)
        width = gt06_cell_width(f, left, 7);
    return width ? width : gt06_cell_guess(f);
}

__attribute__((flatten)) void gt06_location_acc(struct gt06 *f)
{
    if (f->number == 0x22 && f->size == 0x2f) {
        gt06_seeworld(f);
        return;
    }
    if (f->number == 0x22 && f->size == 0x3c && gt06_holds_imei(f, 1)) {
        gt06_source(f);
        return;
    }
    bool sl4x = f->number == 0x31 && f->size == 0x2a;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell(f, rec, sl4x ? 10 : gt06_acc_cell(f));
    gt06_acc(f, rec);
    if (f->number == 0x37)
        gt06_items(f, rec);
    else if (rd_left(f->r) >= 4)
        gt06_mileage(f, rec);
    if (sl4x)
        rec->altitude_m = rd_s16(f->r, "altitude_m");
    gt06_rest(f, "extension");
    gt06_ack(f);
}

void gt06_cell_typed(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    uint8_t type = rd_u8(r, "network_type");
    bool far = type >= 3;
    rd_means(r, far ? "4G" : "2G or 3G");
    struct cell cell = gt06_operator(f);
    cell.radio = far ? RADIO_LTE : RADIO_GSM;
    cell.lac = far ? rd_u32(r, "lac") : rd_u16(r, "lac");
    cell.cid = far ? rd_u64(r, "cid") : rd_u24(r, "cid");
    unsigned rssi = far ? rd_u16(r, "rssi") : rd_u8(r, "rssi");
    cell.signal_dbm = rssi < 256 ? (int16_t)-rssi : 0;
    if (cell.mcc)
        rec_cell(rec, cell);
}

void gt06_location_4g(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_upload(f, rec);
    gt06_cell_typed(f, rec);
    gt06_items(f, rec);
}

void gt06_gps_cells(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_cell_list(f, rec, gt06_operator(f), 7, 2, 3);
    rd_u8(f->r, "timing_advance");
    gt06_rest(f, "language");
    gt06_ack(f);
}
