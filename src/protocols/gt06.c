/*
 * gt06.c - the binary protocol of Concox and Jimi trackers, WeTrack140 among them, and of
 * their many clones, over TCP and UDP.
 *
 *     short  78 78 | length 1 | number 1 | content | serial 2 | crc 2 | 0D 0A
 *     long   79 79 | length 2 | number 1 | content | serial 2 | crc 2 | 0D 0A
 *
 * All numbers are big-endian.  The length counts from the number to the crc; the crc is
 * CRC-16/X-25 from the length to the serial number.  Nothing is escaped: 0D 0A may stand
 * in the content.  Times are year - 2000, month, day, hour, minute, second, in UTC or in
 * the zone that the login announced.
 *
 * What the numbers are:
 *
 *     01 login                             80-82 commands, down
 *     10 GPS   11, 12 GPS and cell         84, 14, C3 short information
 *     13, 23 heartbeat                     8A, 1F what time is it
 *     15, 21 answer to a command           8D recording
 *     16, 26, 27, A3, A4 alarm             94 information of many kinds
 *     19, A5 alarm without GPS             95 camera event
 *     17, 1A, 2A, A7 address wanted        9B from a peripheral
 *     18, 24, 28, 2E, A1 cells             A0 22 with a 4G cell
 *     2C, 33, A2, A9 Wi-Fi and cells       B0 attendance, B2 Bluetooth tag
 *     22, 2D, 31, 37 GPS, cell, ACC        F1 status, F2 peripherals, F3 Wi-Fi
 *     34, 35, 36 X1                        FD version
 *     38 location, 39 alarm, 36 status of 4G models
 *     40 battery, 41 photo of WD-209       61 iButton, 25 driver
 *     65, 66, 8C car                       70 modules; 32, 33 long: AZ735
 *
 * The files in gt06/ have their layouts, by group.  Many numbers have variants that only
 * the length tells apart, some only the model: the device's setting "model" (or, for
 * alarms, "alarmTable").  "timeOffset", minutes before UTC, goes before the login's zone.
 *
 * The login names the device and must be answered, as must heartbeats and alarms: a short
 * frame of the same number and serial.  Locations are answered too, which does no harm.
 *
 * Clones compute the crc badly or send a wrong length; where length and 0D 0A fit such a
 * frame is decoded and marked, where only 0D 0A stands it ends there.  A crc that does
 * not fit is no evidence that the frame is gt06.
 */
#include "protocols/gt06/gt06.h"

#include "core/checksum.h"
#include "core/frame.h"

enum {
    GT06_SHORT = 0x78,
    GT06_LONG = 0x79,
    GT06_LENGTH_MIN = 5, /* number, serial, crc */
    GT06_LONG_MAX = 16384,
    GT06_FRAME_MAX = 65541,
    GT06_SHORT_OVERHEAD = 5, /* what the length does not count */
    GT06_LONG_OVERHEAD = 6,
    GT06_LINE_END = 0x0d0a,
};

/* ---- where a frame ends ---- */

static bool gt06_line_end(struct span in, size_t end)
{
    return end <= in.len && be16(in.ptr + end - 2) == GT06_LINE_END;
}

/* The checksum stands `tail` bytes before the end. */
static bool gt06_crc_fits(struct span frame, size_t tail)
{
    if (frame.len < tail + 6)
        return false;
    size_t at = frame.len - tail - 2;
    return crc16_x25((struct span){frame.ptr + 2, at - 2}) == be16(frame.ptr + at);
}

/* Some X1 lose the last byte of a datagram. */
static bool gt06_lost_end(struct span in, size_t size)
{
    return in.len + 1 == size && in.ptr[in.len - 1] == 0x0d && gt06_crc_fits(in, 1);
}

static int gt06_frame_short(struct span in, bool dialect, bool whole)
{
    if (in.len < 4)
        return FRAME_MORE;
    size_t size = in.ptr[2] + (size_t)GT06_SHORT_OVERHEAD;
    bool normal = in.ptr[2] >= GT06_LENGTH_MIN;
    if (normal && gt06_line_end(in, size))
        return (int)size;
    if (normal && whole && gt06_lost_end(in, size))
        return (int)in.len;
    /* A line end within a frame that is still coming means nothing. */
    bool coming = normal && in.len < size && !whole && !dialect;
    if (coming && !gt06_dialect_login(in))
        return FRAME_MORE;
    return gt06_dialect_cut(in, whole);
}

/* Photos and sounds come in longer frames than anything else. */
static bool gt06_is_media(uint8_t number)
{
    return number == 0x36 || number == 0x41 || number == 0x8d;
}

static int gt06_frame_long(struct span in, bool whole)
{
    if (in.len < 5)
        return FRAME_MORE;
    size_t length = be16(in.ptr + 2);
    size_t size = length + GT06_LONG_OVERHEAD;
    if (length < GT06_LENGTH_MIN || (size > GT06_LONG_MAX && !gt06_is_media(in.ptr[4])))
        return FRAME_BAD;
    if (in.len >= size)
        return gt06_line_end(in, size) ? (int)size : gt06_dialect_cut(in, whole);
    return whole && gt06_lost_end(in, size) ? (int)in.len : FRAME_MORE;
}

static int gt06_cut(struct span in, bool dialect, bool whole)
{
    if (!in.len || (in.ptr[0] != GT06_SHORT && in.ptr[0] != GT06_LONG))
        return in.len ? FRAME_BAD : FRAME_MORE;
    if (in.len == 1)
        return FRAME_MORE;
    if (in.ptr[1] != in.ptr[0])
        return FRAME_BAD;
    return in.ptr[0] == GT06_SHORT ? gt06_frame_short(in, dialect, whole)
                                   : gt06_frame_long(in, whole);
}

static int gt06_frame(struct session *s, struct span in, bool whole)
{
    const struct gt06_state *state = ses_state(s);
    return gt06_cut(in, state->dialect, whole);
}

/* ---- is it gt06? ---- */

/* The line end as the length says. */
static bool gt06_length_fits(struct span frame)
{
    bool brief = frame.ptr[0] == GT06_SHORT;
    size_t length = brief ? frame.ptr[2] : be16(frame.ptr + 2);
    size_t size = length + (brief ? GT06_SHORT_OVERHEAD : GT06_LONG_OVERHEAD);
    return length >= GT06_LENGTH_MIN && (frame.len == size || gt06_lost_end(frame, size));
}

static int gt06_detect(struct probe *p)
{
    int end = gt06_cut(p->head, false, p->whole);
    if (end == FRAME_BAD)
        return DETECT_NO;
    if (end == FRAME_MORE)
        return p->whole ? detect_as(p, DETECT_WEAK, "78 78 or 79 79, cut short")
                        : DETECT_MORE;
    struct span frame = span_cut(p->head, 0, (size_t)end);
    size_t tail = gt06_line_end(frame, frame.len) ? 2 : 1;
    if (gt06_crc_fits(frame, tail))
        return detect_as(p, DETECT_SURE, "78 78 or 79 79, the checksum agrees");
    if (gt06_length_fits(frame))
        return detect_as(p, DETECT_FAIR, "78 78 or 79 79, the length agrees");
    if (frame.ptr[0] == GT06_SHORT && gt06_dialect_number(frame.ptr[3]))
        return detect_as(p, DETECT_FAIR, "78 78, a message without checksum");
    return detect_as(p, DETECT_WEAK, "78 78 or 79 79, and 0D 0A");
}

/* ---- what it says ---- */

static void gt06_long_or_short(struct gt06 *f, void (*wide)(struct gt06 *),
                               void (*brief)(struct gt06 *))
{
    if (f->wide)
        wide(f);
    else
        brief(f);
}

static void gt06_by_size(struct gt06 *f, uint16_t size, void (*then)(struct gt06 *),
                         void (*otherwise)(struct gt06 *))
{
    if (!f->wide && f->size == size)
        then(f);
    else
        otherwise(f);
}

static void gt06_message_36(struct gt06 *f)
{
    gt06_by_size(f, 0x35, gt06_trx16i, gt06_status_4g);
}

static void gt06_read(struct gt06 *f)
{
    switch (f->number) {
    case 0x01:
        gt06_login(f);
        break;
    case 0x10:
        gt06_gps_only(f);
        break;
    case 0x11:
        gt06_gps_cell(f);
        break;
    case 0x12:
        gt06_location(f);
        break;
    case 0x13:
        gt06_heartbeat(f);
        break;
    case 0x14:
        gt06_satellites(f);
        break;
    case 0x15:
        gt06_answer(f);
        break;
    case 0x16:
    case 0x26:
    case 0x27:
    case 0xa3:
    case 0xa4:
        gt06_alarm(f);
        break;
    case 0x17:
        gt06_rfid_or_address(f);
        break;
    case 0x18:
    case 0x28:
    case 0x2e:
    case 0xa1:
        gt06_cells(f);
        break;
    case 0x19:
    case 0xa5:
        gt06_alarm_cell(f);
        break;
    case 0x1a:
    case 0x2a:
    case 0xa7:
        gt06_address_request(f);
        break;
    case 0x1e:
        gt06_gps_cells(f);
        break;
    case 0x1f:
        gt06_time_sync(f);
        break;
    case 0x21:
        gt06_answer_wide(f);
        break;
    case 0x22:
    case 0x2d:
    case 0x31:
    case 0x37:
    case 0xa0:
        gt06_location_acc(f);
        break;
    case 0x23:
        gt06_heartbeat_volts(f);
        break;
    case 0x24:
        gt06_cells_24(f);
        break;
    case 0x25:
        gt06_source(f);
        break;
    case 0x2c:
    case 0xa2:
    case 0xa9:
        gt06_cells_wifi(f);
        break;
    case 0x32:
        gt06_long_or_short(f, gt06_az735, gt06_alarm);
        break;
    case 0x33:
        gt06_long_or_short(f, gt06_az735, gt06_cells_wifi);
        break;
    case 0x34:
        gt06_by_size(f, 0x37, gt06_cells_sl4x, gt06_x1);
        break;
    case 0x35:
        gt06_photo_info(f);
        break;
    case 0x36:
        gt06_long_or_short(f, gt06_photo_piece, gt06_message_36);
        break;
    case 0x38:
        gt06_location_4g(f);
        break;
    case 0x39:
        gt06_alarm_4g(f);
        break;
    case 0x40:
        gt06_bms(f);
        break;
    case 0x41:
        gt06_multimedia(f);
        break;
    case 0x61:
        gt06_ibutton(f);
        break;
    case 0x65:
    case 0x66:
    case 0x8c:
        gt06_obd(f);
        break;
    case 0x70:
        gt06_modular(f);
        break;
    case 0x80:
    case 0x81:
    case 0x82:
    case 0x97:
    case 0x9c:
        gt06_server_message(f);
        break;
    case 0x84:
    case 0xc3:
        gt06_silent(f);
        break;
    case 0x8a:
        gt06_time_request(f);
        break;
    case 0x8d:
        gt06_recording(f);
        break;
    case 0x94:
        gt06_information(f);
        break;
    case 0x95:
        gt06_camera(f);
        break;
    case 0x9b:
        gt06_transparent(f);
        break;
    case 0xb0:
        gt06_attendance(f);
        break;
    case 0xb2:
        gt06_bluetooth(f);
        break;
    case 0xf1:
        gt06_device_items(f);
        break;
    case 0xf2:
        gt06_peripheral(f);
        break;
    case 0xf3:
        gt06_wifi_scan(f);
        break;
    case 0xfd:
        gt06_version(f);
        break;
    default:
        gt06_unknown(f);
    }
}

/* ---- a frame ---- */

/* Reads the content, and what stands behind it. */
static void gt06_normal(struct gt06 *f, struct reader *r, size_t end_size, bool good)
{
    struct span rest = rd_rest(r);
    size_t tail = end_size + 4;
    if (rest.len < tail) {
        rd_bad(r, "length");
        return;
    }
    if (!good)
        out_checksum_bad(f->o);
    size_t len = rest.len - tail;
    f->serial = be16(rest.ptr + len);
    f->size = (uint16_t)(len + GT06_LENGTH_MIN);
    size_t outer = rd_enter(r, len, "content");
    gt06_read(f);
    rd_leave(r, outer);
    rd_u16(r, "serial");
    rd_u16(r, "crc");
    rd_means(r, good ? "fits" : "does not fit");
    if (end_size == 2)
        rd_u16(r, "end");
    else
        rd_u8(r, "end");
    rd_means(r, "line end");
}

static bool gt06_is_dialect(const struct gt06 *f, struct span frame)
{
    if (f->wide || frame.ptr[2] < GT06_LENGTH_MIN)
        return !f->wide;
    return gt06_dialect_number(f->number) &&
           (f->state->dialect || !gt06_length_fits(frame));
}

static enum verdict gt06_decode(struct session *s, struct reader *r, struct out *o)
{
    struct span frame = rd_rest(r);
    struct gt06 f = {.s = s, .r = r, .o = o, .state = ses_state(s)};
    f.wide = rd_u16(r, "start") == 0x7979;
    rd_means(r, f.wide ? "long frame" : "short frame");
    if (f.wide)
        rd_u16(r, "length");
    else
        rd_u8(r, "length");
    f.number = rd_u8(r, "number");
    if (r->fault)
        return MALFORMED;
    size_t end_size = gt06_line_end(frame, frame.len) ? 2 : 1;
    bool good = gt06_crc_fits(frame, end_size);
    if (!good && gt06_is_dialect(&f, frame)) {
        rd_tail(r, 2, "end");
        gt06_dialect(&f);
    } else {
        gt06_normal(&f, r, end_size, good);
    }
    if (r->fault)
        return MALFORMED;
    return f.ignored ? IGNORED : DECODED;
}

const struct protocol proto_gt06 = {
    .name = "gt06",
    .title = "Concox and Jimi (GT06)",
    .frame_max = GT06_FRAME_MAX,
    .state_size = sizeof(struct gt06_state),
    .detect = gt06_detect,
    .frame = gt06_frame,
    .decode = gt06_decode,
    .encode = gt06_encode,
};
