/*
 * wetrack_gt06.c - the Concox binary firmware.
 *
 *     78 78 size(1) number content serial(2) crc(2) 0D 0A
 *     79 79 size(2) number content serial(2) crc(2) 0D 0A
 *
 *     01  login        IMEI 8, type 2, zone and language 2
 *     13  heartbeat    info 1, level 1, signal 1, alarm 1, language 1
 *     22  position     GPS 18, cell 8, ACC 1, why 1, stored 1, mileage 4
 *     26  alarm        GPS 18, 9, cell 8, the heartbeat's five bytes
 *     27  fence alarm  the same, fence number 1
 *     8A  asks for the time
 *     94  00 supply V 2 (/100), 04 settings as text, 05 [time 6] door 1,
 *         0A IMEI 8, IMSI 8, ICCID 10
 *     15  answer       size 1, id 4, text, language 2; longer ones are
 *     21               id 4, coding 1, text
 *
 * size counts from the number to the crc, which is CRC-16/X-25 of all between the first
 * two bytes and itself.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/checksum.h"
#include "simulate/wetrack.h"

enum { LANGUAGE_ENGLISH = 2, TYPE_ID = 0x2700, FENCE = 1, SHORT_TEXT_MAX = 120 };

/* ---- the frame ---- */

static size_t begin_short(struct writer *w, uint8_t number)
{
    wr_u16(w, 0x7878);
    size_t size = wr_skip(w, 1);
    wr_u8(w, number);
    return size;
}

static void end_short(struct writer *w, size_t size, uint16_t serial)
{
    wr_u16(w, serial);
    wr_patch_u8(w, size, (uint8_t)(wr_since(w, size + 1).len + 2));
    wr_u16(w, crc16_x25(wr_since(w, size)));
    wr_u16(w, 0x0d0a);
}

static size_t begin_long(struct writer *w, uint8_t number)
{
    wr_u16(w, 0x7979);
    size_t size = wr_skip(w, 2);
    wr_u8(w, number);
    return size;
}

static void end_long(struct writer *w, size_t size, uint16_t serial)
{
    wr_u16(w, serial);
    wr_patch_u16(w, size, (uint16_t)(wr_since(w, size + 2).len + 2));
    wr_u16(w, crc16_x25(wr_since(w, size)));
    wr_u16(w, 0x0d0a);
}

/* ---- blocks ---- */

static void write_degrees(struct writer *w, int32_t e7)
{
    wr_u32(w, (uint32_t)lround(fabs(e7 / 1e7) * 1800000));
}

static int64_t local_ms(const struct tracker *t, const struct report *r)
{
    return r->time_ms + t->zone_min * INT64_C(60000);
}

static void write_gps(const struct tracker *t, const struct report *r, struct writer *w)
{
    unsigned satellites = r->satellites < 15 ? r->satellites : 15;
    unsigned kmh = (r->speed_kmh_e1 + 5u) / 10;
    wr_time6(w, local_ms(t, r));
    wr_u8(w, (uint8_t)(0xc0 | satellites));
    write_degrees(w, r->latitude_e7);
    write_degrees(w, r->longitude_e7);
    wr_u8(w, (uint8_t)(kmh < 255 ? kmh : 255));
    wr_u16(w, (uint16_t)(r->course_deg | (r->latitude_e7 >= 0) << 10 |
                         (r->longitude_e7 < 0) << 11 | wetrack_has(r, REPORT_FIX) << 12));
}

static void write_cell(const struct report *r, struct writer *w)
{
    struct wetrack_cell cell = wetrack_cell(r, 0);
    wr_u16(w, MCC_INDIA);
    wr_u8(w, MNC_AIRTEL);
    wr_u16(w, cell.lac);
    wr_u24(w, cell.id);
}

static uint8_t alarm_code(uint8_t event)
{
    static const uint8_t codes[EVENT_COUNT] = {
        [EVENT_PANIC] = 0x01,       [EVENT_POWER_CUT] = 0x02,  [EVENT_FENCE_IN] = 0x04,
        [EVENT_FENCE_OUT] = 0x05,   [EVENT_OVERSPEED] = 0x06,  [EVENT_TAMPER] = 0x13,
        [EVENT_BATTERY_LOW] = 0x19, [EVENT_ACCELERATE] = 0x29, [EVENT_BRAKE] = 0x30,
        [EVENT_TURN_LEFT] = 0x2a,   [EVENT_TURN_RIGHT] = 0x2b, [EVENT_IMPACT] = 0x2c,
        [EVENT_TILT] = 0x2d,
    };
    return codes[event];
}

/* Bits 5 to 3 of the terminal information. */
static unsigned alarm_bits(const struct report *r, uint8_t alarm)
{
    if (wetrack_has(r, REPORT_PANIC))
        return 4;
    if (alarm == 0x02)
        return 2;
    return r->battery_mv < 3500 ? 3 : 0;
}

static void write_status(const struct tracker *t, const struct report *r, uint8_t alarm,
                         struct writer *w)
{
    double level = (r->battery_mv - 3400) / 100.0;
    wr_u8(w, (uint8_t)(wetrack_has(r, REPORT_CUT) << 7 | wetrack_has(r, REPORT_FIX) << 6 |
                       alarm_bits(r, alarm) << 3 | wetrack_has(r, REPORT_SUPPLIED) << 2 |
                       wetrack_has(r, REPORT_IGNITION) << 1 | t->set.armed));
    wr_u8(w, (uint8_t)fmin(fmax(level, 1), 6));
    wr_u8(w, (uint8_t)(r->gsm / 8 + 1));
    wr_u8(w, alarm);
    wr_u8(w, LANGUAGE_ENGLISH);
}

/* ---- messages ---- */

static void gt06_login(const struct tracker *t, uint16_t serial, struct writer *w)
{
    unsigned minutes = (unsigned)abs(t->zone_min);
    unsigned zone = minutes / 60 * 100 + minutes % 60;
    size_t size = begin_short(w, 0x01);
    wr_digits(w, t->imei, 8);
    wr_u16(w, TYPE_ID);
    wr_u16(w, (uint16_t)(zone << 4 | (t->zone_min < 0) << 3 | LANGUAGE_ENGLISH));
    end_short(w, size, serial);
}

static void gt06_heartbeat(const struct tracker *t, uint16_t serial, struct writer *w)
{
    struct report now = trk_look(t, EVENT_INTERVAL);
    size_t size = begin_short(w, 0x13);
    write_status(t, &now, 0, w);
    end_short(w, size, serial);
}

static void write_position(const struct tracker *t, const struct report *r, bool stored,
                           struct writer *w)
{
    static const uint8_t why[EVENT_COUNT] = {
        [EVENT_CORNER] = 0x02, [EVENT_IGNITION_ON] = 0x03, [EVENT_IGNITION_OFF] = 0x03,
        [EVENT_START] = 0x08,  [EVENT_ASKED] = 0x0c,
    };
    write_gps(t, r, w);
    write_cell(r, w);
    wr_u8(w, wetrack_has(r, REPORT_IGNITION));
    wr_u8(w, why[r->event]);
    wr_u8(w, stored);
    wr_u32(w, r->odometer_m);
}

static void write_alarm(const struct tracker *t, const struct report *r, struct writer *w)
{
    write_gps(t, r, w);
    wr_u8(w, 9); /* the cell and this byte */
    write_cell(r, w);
    write_status(t, r, alarm_code(r->event), w);
}

static void write_door(const struct tracker *t, const struct report *r, bool stored,
                       struct writer *w)
{
    wr_u8(w, 0x05);
    if (stored)
        wr_time6(w, local_ms(t, r));
    wr_u8(w, (uint8_t)(wetrack_has(r, REPORT_DOOR) | 2 |
                       wetrack_has(r, REPORT_INPUT_3) << 2));
}

static void gt06_report(const struct tracker *t, const struct report *r, bool stored,
                        uint16_t serial, struct writer *w)
{
    bool fence = r->event == EVENT_FENCE_IN || r->event == EVENT_FENCE_OUT;
    size_t size;
    switch (r->frame) {
    case FRAME_ALARM:
        size = begin_short(w, fence ? 0x27 : 0x26);
        write_alarm(t, r, w);
        if (fence)
            wr_u8(w, FENCE);
        end_short(w, size, serial);
        break;
    case FRAME_DOOR:
        size = begin_long(w, 0x94);
        write_door(t, r, stored, w);
        end_long(w, size, serial);
        break;
    default:
        size = begin_short(w, 0x22);
        write_position(t, r, stored, w);
        end_short(w, size, serial);
    }
}

static void gt06_answer(const struct tracker *t, uint32_t id, const char *command,
                        const char *text, uint16_t serial, struct writer *w)
{
    (void)t;
    (void)command;
    size_t len = strlen(text);
    if (len <= SHORT_TEXT_MAX) {
        size_t size = begin_short(w, 0x15);
        wr_u8(w, (uint8_t)(4 + len));
        wr_u32(w, id);
        wr_text(w, text);
        wr_u16(w, LANGUAGE_ENGLISH);
        end_short(w, size, serial);
        return;
    }
    size_t size = begin_long(w, 0x21);
    wr_u32(w, id);
    wr_u8(w, 1);
    wr_text(w, text);
    end_long(w, size, serial);
}

/* ---- notes ---- */

static void write_sim(const struct tracker *t, struct writer *w)
{
    char imsi[16];
    char iccid[21];
    snprintf(imsi, sizeof imsi, "%d%d%.10s", MCC_INDIA, MNC_AIRTEL, t->imei + 5);
    snprintf(iccid, sizeof iccid, "8991%d00%.12s", MNC_AIRTEL, t->imei + 3);
    wr_u8(w, 0x0a);
    wr_digits(w, t->imei, 8);
    wr_digits(w, imsi, 8);
    wr_digits(w, iccid, 10);
}

static void write_settings(const struct tracker *t, struct writer *w)
{
    bool waits = t->cut_kept && t->gps.fix;
    bool blind = t->cut_kept && !t->gps.fix;
    wr_u8(w, 0x04);
    wr_printf(w,
              "ALM1=45;ALM2=CC;ALM3=5C;STA1=%02X;DYD=%02X;SOS=%s,%s,%s;CENTER=%s;FENCE=;",
              t->set.armed ? 0xc0 : 0x40, waits << 3 | blind << 2 | t->cut << 1 | !t->cut,
              t->set.phones[0], t->set.phones[1], t->set.phones[2], t->set.centre);
}

static bool gt06_note(const struct tracker *t, unsigned number, bool login,
                      uint16_t serial, struct writer *w)
{
    if (number > 3)
        return false;
    if (number == 0 && login) {
        end_short(w, begin_short(w, 0x8a), serial);
        return true;
    }
    if (number == 0 || (number == 1 && (!login || t->up.counts.logins > 1)))
        return true;
    size_t size = begin_long(w, 0x94);
    if (number == 1) {
        write_sim(t, w);
    } else if (number == 2) {
        write_settings(t, w);
    } else {
        struct report now = trk_look(t, EVENT_INTERVAL);
        wr_u8(w, 0x00);
        wr_u16(w, (uint16_t)(now.supply_mv / 10));
    }
    end_long(w, size, serial);
    return true;
}

/* ---- what the server says ---- */

static void receive_command(struct tracker *t, struct reader *r)
{
    uint8_t len = rd_u8(r, "size");
    uint32_t id = rd_u32(r, "id");
    struct span text = rd_raw(r, len > 4 ? len - 4u : 0, "text");
    if (rd_done(r) == DECODED)
        trk_command(t, id, text);
}

static void receive_message(struct tracker *t, struct span content)
{
    struct reader r = rd_open(content, 0, NULL);
    uint16_t serial = (uint16_t)rd_tail(&r, 2, "serial");
    uint8_t number = rd_u8(&r, "number");
    if (r.fault)
        return;
    switch (number) {
    case 0x01:
        up_accepted(t);
        break;
    case 0x13:
    case 0x22:
    case 0x26:
    case 0x27:
        up_confirmed(t, serial);
        break;
    case 0x80:
        receive_command(t, &r);
        break;
    }
}

/* What makes no sense is stepped over, a byte at a time. */
static size_t gt06_receive(struct tracker *t, struct span in)
{
    if (in.len < 4)
        return 0;
    bool longer = in.ptr[0] == 0x79;
    size_t head = longer ? 4 : 3;
    size_t size = longer ? be16(in.ptr + 2) : in.ptr[2];
    if ((in.ptr[0] != 0x78 && !longer) || in.ptr[1] != in.ptr[0] || size < 5 ||
        size > UP_IN_MAX - 8)
        return 1;
    if (in.len < head + size + 2)
        return 0;
    struct span summed = span_cut(in, 2, head + size - 2);
    if (be16(in.ptr + head + size - 2) != crc16_x25(summed))
        return 1;
    receive_message(t, span_cut(in, head, head + size - 2));
    return head + size + 2;
}

const struct firmware wetrack_gt06 = {
    .protocol = "gt06",
    .heartbeat_s = 180,
    .answered = FRAME_POSITION | FRAME_ALARM,
    .frames =
        {
            [EVENT_INTERVAL] = FRAME_POSITION,
            [EVENT_CORNER] = FRAME_POSITION,
            [EVENT_START] = FRAME_POSITION,
            [EVENT_ASKED] = FRAME_POSITION,
            [EVENT_IGNITION_ON] = FRAME_POSITION | FRAME_HEARTBEAT,
            [EVENT_IGNITION_OFF] = FRAME_POSITION | FRAME_HEARTBEAT,
            [EVENT_DOOR_OPEN] = FRAME_DOOR,
            [EVENT_DOOR_CLOSED] = FRAME_DOOR,
            [EVENT_INPUT] = FRAME_DOOR,
            [EVENT_PANIC] = FRAME_ALARM,
            [EVENT_PANIC_OVER] = FRAME_POSITION | FRAME_HEARTBEAT,
            [EVENT_TAMPER] = FRAME_ALARM,
            [EVENT_TAMPER_OVER] = FRAME_POSITION,
            [EVENT_POWER_CUT] = FRAME_ALARM | FRAME_HEARTBEAT,
            [EVENT_POWER_BACK] = FRAME_POSITION | FRAME_HEARTBEAT,
            [EVENT_BATTERY_LOW] = FRAME_ALARM,
            [EVENT_BATTERY_OK] = FRAME_HEARTBEAT,
            [EVENT_BRAKE] = FRAME_ALARM,
            [EVENT_ACCELERATE] = FRAME_ALARM,
            [EVENT_TURN_LEFT] = FRAME_ALARM,
            [EVENT_TURN_RIGHT] = FRAME_ALARM,
            [EVENT_OVERSPEED] = FRAME_ALARM,
            [EVENT_IMPACT] = FRAME_ALARM,
            [EVENT_TILT] = FRAME_ALARM,
            [EVENT_FENCE_IN] = FRAME_ALARM,
            [EVENT_FENCE_OUT] = FRAME_ALARM,
            [EVENT_RELAY] = FRAME_POSITION | FRAME_HEARTBEAT | FRAME_SETTINGS,
        },
    .login = gt06_login,
    .heartbeat = gt06_heartbeat,
    .report = gt06_report,
    .answer = gt06_answer,
    .note = gt06_note,
    .receive = gt06_receive,
};
