/*
 * dialect.c - watches and cheap trackers (TOPIN, 365GPS) that speak gt06 without serial
 * number and checksum.
 *
 *     78 78 | X | number | content | 0D 0A
 *
 * X is the length of the content, with or without the number, or how many Wi-Fi points
 * there are, or a filler: the end is found by what the number says.
 *
 *     01  login: imei 8 (BCD), version 1            answered with 01, 01
 *     08  heartbeat: nothing                        answered with the same
 *     10, 11  GPS block 18, [extension]             answered with its time
 *     13  level % 1, version 1, zone 1, interval 1, [signal 1], [extension]
 *                                                   answered with the content
 *     17, 69  time 6 (BCD), X Wi-Fi (address 6, signal 1), cell count 1, mcc 2, mnc 1,
 *             cells (lac 2, cid 2, signal 1, or 4, 4, 1), [alarm 1]
 *                                                   answered with X 0 and the time
 *     30  time request: answered with year 2, month 1, day 1, hour 1, minute 1, second 1
 *
 * Times are UTC.
 */
#include "protocols/gt06/gt06.h"

enum {
    GT06_WIFI_STORED = 0x17,
    GT06_WIFI_ONLINE = 0x69,
    GT06_WIFI_POINTS_MAX = 31,
    GT06_LOGIN_SIZE = 15,
    GT06_SEARCH_MAX = 512,
    GT06_DIALECT_REPLY_MAX = 64,
};

bool gt06_dialect_number(uint8_t number)
{
    return number == 0x01 || number == 0x08 || number == 0x10 || number == 0x11 ||
           number == 0x13 || number == 0x30 || number == GT06_WIFI_STORED ||
           number == GT06_WIFI_ONLINE;
}

/* ---- where a frame ends ---- */

static bool gt06_ends(struct span in, size_t end)
{
    return end >= 6 && end <= in.len && in.ptr[end - 2] == 0x0d &&
           in.ptr[end - 1] == 0x0a;
}

/* Nothing follows, or the next frame. */
static bool gt06_starts(struct span in, size_t at)
{
    if (at == in.len)
        return true;
    uint8_t first = in.ptr[at];
    return (first == 0x78 || first == 0x79) &&
           (at + 1 == in.len || in.ptr[at + 1] == first);
}

/* The end of a frame with Wi-Fi and cells by their counts; FRAME_MORE while it is not
 * there, FRAME_BAD where they do not fit. */
static int gt06_cut_wifi(struct span in)
{
    size_t count_at = 10 + 7u * in.ptr[2];
    if (in.ptr[2] > GT06_WIFI_POINTS_MAX)
        return FRAME_BAD;
    if (in.len < count_at + 6)
        return FRAME_MORE;
    size_t cells = in.ptr[count_at];
    size_t at = count_at + 4 + 2;
    const size_t ends[] = {at + 5 * cells, at + 5 * cells + 1, at + 9 * cells,
                           at + 9 * cells + 1};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (gt06_ends(in, ends[i]))
            return (int)ends[i];
    return in.len < ends[0] ? FRAME_MORE : FRAME_BAD;
}

/* The first line end that the next frame or nothing follows, else the first. */
static int gt06_cut_line(struct span in)
{
    int first = 0;
    for (size_t end = 6; end <= in.len && end <= GT06_SEARCH_MAX; end++) {
        if (!gt06_ends(in, end))
            continue;
        if (gt06_starts(in, end))
            return (int)end;
        if (!first)
            first = (int)end;
    }
    if (first)
        return first;
    return in.len < GT06_SEARCH_MAX ? FRAME_MORE : FRAME_BAD;
}

bool gt06_dialect_login(struct span in)
{
    return in.ptr[3] == 0x01 && gt06_ends(in, GT06_LOGIN_SIZE) &&
           gt06_starts(in, GT06_LOGIN_SIZE);
}

int gt06_dialect_cut(struct span in, bool whole)
{
    uint8_t number = in.ptr[3];
    if (gt06_dialect_login(in))
        return GT06_LOGIN_SIZE;
    if (number == GT06_WIFI_STORED || number == GT06_WIFI_ONLINE) {
        int end = gt06_cut_wifi(in);
        if (end > 0 || (end == FRAME_MORE && !whole))
            return end;
    }
    return gt06_cut_line(in);
}

/* ---- what it says ---- */

static void gt06_dialect_answer(struct gt06 *f, uint8_t x, struct span content)
{
    uint8_t reply[GT06_DIALECT_REPLY_MAX + 6] = {0x78, 0x78, x, f->number};
    if (content.len > GT06_DIALECT_REPLY_MAX || gt06_nobody(f))
        return;
    memcpy(reply + 4, content.ptr, content.len);
    reply[4 + content.len] = 0x0d;
    reply[5 + content.len] = 0x0a;
    out_send(f->o, reply, content.len + 6);
}

static void gt06_dialect_enter(struct gt06 *f, uint8_t x)
{
    static const uint8_t accepted[] = {1};
    char digits[17];
    out_message(f->o, "login");
    struct span id = span_of(rd_digits(f->r, 8, digits, "imei"));
    if (digits[strspn(digits, "0")])
        ses_identify(f->s, span_cut(id, *digits == '0', id.len));
    *f->state = (struct gt06_state){.dialect = true};
    gt06_rest(f, "version");
    gt06_dialect_answer(f, x, (struct span){accepted, sizeof accepted});
}

static void gt06_dialect_gps(struct gt06 *f, uint8_t x)
{
    struct record *rec = gt06_record(f);
    struct span time = rd_look(f->r, 6);
    out_message(f->o, "location");
    gt06_gps(f, rec);
    gt06_rest(f, "extension");
    if (f->number == 0x11)
        rec_bool(rec, KEY_ARCHIVE, true);
    gt06_dialect_answer(f, x, time);
}

static void gt06_dialect_status(struct gt06 *f, uint8_t x)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span content = rd_rest(r);
    out_message(f->o, "heartbeat");
    uint8_t level = rd_u8(r, "battery_pct");
    if (level <= 100)
        rec_num(rec, KEY_BATTERY_PCT, level);
    if (rd_more(r))
        rec_free_num(rec, "versionFw", rd_u8(r, "version"));
    if (rd_more(r))
        rd_u8(r, "zone");
    if (rd_more(r))
        rd_u8(r, "interval_min");
    if (rd_more(r))
        rec_num(rec, KEY_RSSI, rd_u8(r, "signal"));
    gt06_rest(f, "extension");
    gt06_dialect_answer(f, x, content);
}

static void gt06_dialect_wifi(struct gt06 *f, uint8_t x)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span time = rd_look(r, 6);
    out_message(f->o, "wifi");
    rec->device_ms = rd_time6_bcd_ms(r, "time");
    gt06_wifi_list(f, rec, x);
    unsigned count = rd_u8(r, "cell_count");
    struct cell operator_ = {.mcc = rd_u16(r, "mcc")};
    operator_.mnc = rd_u8(r, "mnc");
    unsigned size = rd_left(r) >= 9 * count ? 4 : 2;
    gt06_cell_list(f, rec, operator_, count, size, size);
    if (rd_more(r)) {
        uint8_t alarm = rd_u8(r, "alarm_bits");
        rec_alarm(rec, rd_flag(r, alarm, 0, "vibration") ? "vibration" : NULL);
        rec_alarm(rec, rd_flag(r, alarm, 1, "overspeed") ? "overspeed" : NULL);
        rec_alarm(rec, rd_flag(r, alarm, 4, "low_power") ? "lowPower" : NULL);
    }
    gt06_dialect_answer(f, 0, time);
}

static void gt06_dialect_time(struct gt06 *f)
{
    struct civil c = civil_of(ses_now_ms(f->s));
    const uint8_t reply[] = {0x78,
                             0x78,
                             7,
                             0x30,
                             (uint8_t)(c.year >> 8),
                             (uint8_t)c.year,
                             (uint8_t)c.month,
                             (uint8_t)c.day,
                             (uint8_t)c.hour,
                             (uint8_t)c.minute,
                             (uint8_t)c.second,
                             0x0d,
                             0x0a};
    out_message(f->o, "timeRequest");
    gt06_rest(f, "content");
    out_send_now(f->o, reply, sizeof reply);
}

void gt06_dialect(struct gt06 *f)
{
    uint8_t x = f->r->buf[2];
    switch (f->number) {
    case 0x01:
        gt06_dialect_enter(f, x);
        break;
    case 0x08:
        out_message(f->o, "heartbeat");
        gt06_rest(f, "content");
        gt06_dialect_answer(f, x, (struct span){f->r->buf, 0});
        break;
    case 0x10:
    case 0x11:
        gt06_dialect_gps(f, x);
        break;
    case 0x13:
        gt06_dialect_status(f, x);
        break;
    case GT06_WIFI_STORED:
    case GT06_WIFI_ONLINE:
        gt06_dialect_wifi(f, x);
        break;
    case 0x30:
        gt06_dialect_time(f);
        break;
    default:
        gt06_silent(f);
        f->ignored = true;
    }
}
