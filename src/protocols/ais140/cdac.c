/*
 * cdac.c - the fixed-width national form of C-DAC, without separators.
 *
 *     three letters, IMEI 15, then by the letters
 *
 *     NRM EPB CRT ALT     a record
 *     ACK                 a record, then text up to *
 *     BTH                 count 3, that many records
 *     FUL                 a record, vendor 6, firmware 6, registration 16, altitude 7,
 *                         PDOP 2, operator 6, four neighbours of signal 2, LAC 4, cell 9,
 *                         main V 5, battery V 5, tamper 1, inputs 2, outputs 2, frame
 *                         number 6, CRC-16/XMODEM of all before it as 8 digits
 *     LGN                 activation key 16, latitude 10, letter, longitude 10, letter,
 *                         DDMMYY, hhmmss, speed 6
 *     HLM                 before the IMEI: vendor 6, firmware 6; behind it: seconds
 *                         moving 3, seconds at halt 3, battery % 3, low battery % 2,
 *                         memory % 3, inputs 2, outputs 2, analog 2, DDMMYY, hhmmss
 *
 *     record, 78: alert id 2, L or H, fix, DDMMYY, hhmmss, latitude 10, N or S,
 *     longitude 10, E or W, MCC 3, MNC 3, LAC 4 hexadecimal, cell 9 decimal, km/h 6,
 *     degrees 6, satellites 2, HDOP 2, signal 2, ignition, main power, M moving or
 *     H halt or S sleep; newer firmware adds altitude 7 and operator 6
 *
 * What is shorter than its field is padded with zeros or x.
 */
#include "protocols/ais140/ais140.h"

#include "core/checksum.h"

enum {
    HEADER = 3,
    HEAD = HEADER + AIS140_IMEI,
    RECORD = 78,
    EXTENSION = 13,
    COUNT = 3,
    LGN_SIZE = 74,
    HLM_SIZE = 62,
    HLM_IMEI = 15, /* bytes before it */
    FUL_SIZE = 228,
    FUL_SUMMED = 220,
};

static const char *const headers[] = {"NRM", "EPB", "CRT", "ALT", "ACK",
                                      "BTH", "LGN", "HLM", "FUL"};

static bool ais140_cdac_known_header(struct span in)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (span_starts(in, headers[i]))
            return true;
    return false;
}

int ais140_is_cdac(struct span in)
{
    for (size_t i = 0; in.len < HEADER && i < sizeof headers / sizeof *headers; i++)
        if (!memcmp(in.ptr, headers[i], in.len))
            return -1;
    if (!ais140_cdac_known_header(in))
        return 0;
    size_t from = span_starts(in, "HLM") ? HLM_IMEI : HEADER;
    struct span imei = span_cut(in, from, from + AIS140_IMEI);
    if (!ais140_is_digits(imei, 0, AIS140_IMEI))
        return 0;
    return imei.len == AIS140_IMEI ? 1 : -1;
}

/* ---- framing ---- */

/* Could a record begin here, as far as can be seen? */
static bool ais140_cdac_starts_record(struct span in)
{
    return ais140_is_digits(span_cut(in, 0, 2), 0, 2) &&
           (in.len < 3 || in.ptr[2] == 'L' || in.ptr[2] == 'H') &&
           (in.len < 4 || in.ptr[3] == '0' || in.ptr[3] == '1');
}

/* Altitude and operator follow a record: a number stands there that begins no other
 * record. */
static bool ais140_cdac_extended(struct span in)
{
    double altitude;
    return in.len > 2 && !ais140_cdac_starts_record(in) &&
           text_num(span_trim(span_cut(in, 0, 7)), &altitude) && !isnan(altitude);
}

/* The end of the record at `from`; 0 when more bytes are needed. */
static size_t ais140_cdac_record_end(struct span in, size_t from, bool whole)
{
    size_t end = from + RECORD;
    if (in.len < end)
        return whole ? in.len : 0;
    struct span rest = span_cut(in, end, in.len);
    if (!whole && rest.len && rest.len <= 2 && ais140_is_digits(rest, 1, 2))
        return 0;
    if (!ais140_cdac_extended(rest))
        return end;
    if (rest.len < EXTENSION && !whole)
        return 0;
    return rest.len < EXTENSION ? end : end + EXTENSION;
}

/* A count larger than what is there ends where no record begins. */
static size_t ais140_cdac_batch_end(struct span in, bool whole)
{
    double count;
    size_t end = HEAD + COUNT;
    if (in.len < end)
        return whole ? in.len : 0;
    struct span digits = span_cut(in, HEAD, end);
    if (!ais140_is_digits(digits, COUNT, COUNT) || !text_num(digits, &count))
        return end;
    for (unsigned i = 0; i < (unsigned)count; i++) {
        struct span rest = span_cut(in, end, in.len);
        if (!ais140_cdac_starts_record(rest) || (whole && !rest.len))
            return end;
        end = ais140_cdac_record_end(in, end, whole);
        if (!end)
            return 0;
    }
    return end;
}

/* The text of an answer ends with a star, a line end, or where the next frame starts. */
static size_t ais140_cdac_answer_end(struct span in, bool whole)
{
    size_t end = ais140_cdac_record_end(in, HEAD, whole);
    if (!end)
        return 0;
    for (; end < in.len; end++) {
        if (in.ptr[end] == '*')
            return end + 1;
        if (strchr("\r\n$", in.ptr[end]))
            return end;
        struct span rest = span_cut(in, end, in.len);
        if (rest.len >= HEAD && ais140_is_cdac(rest) == 1)
            return end;
    }
    return whole ? end : 0;
}

static size_t ais140_cdac_frame_end(struct span in, bool whole)
{
    size_t size = span_starts(in, "LGN")   ? LGN_SIZE
                  : span_starts(in, "HLM") ? HLM_SIZE
                  : span_starts(in, "FUL") ? FUL_SIZE
                                           : 0;
    if (size)
        return in.len >= size ? size : whole ? in.len : 0;
    if (span_starts(in, "BTH"))
        return ais140_cdac_batch_end(in, whole);
    return span_starts(in, "ACK") ? ais140_cdac_answer_end(in, whole)
                                  : ais140_cdac_record_end(in, HEAD, whole);
}

int ais140_cdac_end(struct span in, bool whole)
{
    size_t end = ais140_cdac_frame_end(in, whole);
    if (!end)
        return in.len > AIS140_BATCH_MAX ? FRAME_BAD : FRAME_MORE;
    if (end > AIS140_BATCH_MAX)
        return FRAME_BAD;
    end += end < in.len && in.ptr[end] == '\r';
    end += end < in.len && in.ptr[end] == '\n';
    return (int)end;
}

/* ---- fields ---- */

static double ais140_cdac_number(struct reader *r, size_t len, const char *name)
{
    struct span text = span_trim(rd_raw(r, len, name));
    double value;
    while (text.len && (*text.ptr == 'x' || *text.ptr == 'X'))
        text = span_cut(text, 1, text.len);
    return text_num(text, &value) ? value : NAN;
}

static double ais140_cdac_hex(struct reader *r, size_t len, const char *name)
{
    double value;
    return text_hex(rd_raw(r, len, name), &value) ? value : NAN;
}

static uint8_t ais140_cdac_letter(struct reader *r, const char *name)
{
    struct span text = rd_raw(r, 1, name);
    return text.len ? *text.ptr : 0;
}

static struct span ais140_cdac_unpadded(struct reader *r, size_t len, const char *name)
{
    struct span text = rd_raw(r, len, name);
    while (text.len && (*text.ptr == 'X' || *text.ptr == 'x'))
        text = span_cut(text, 1, text.len);
    return span_trim(text);
}

static void ais140_cdac_flag(struct reader *r, struct record *rec, const char *name,
                             uint32_t key)
{
    uint8_t digit = ais140_cdac_letter(r, name);
    if (digit == '0' || digit == '1')
        rec_bool(rec, key, digit == '1');
}

/* DDMMYY and hhmmss; zero before the first fix. */
static int64_t ais140_cdac_read_time(struct reader *r)
{
    enum { DIGITS = 12, DATE = 6 };
    char digits[DIGITS + 1];
    int64_t ms;
    span_copy(rd_raw(r, DIGITS, "time"), digits, sizeof digits);
    if (strspn(digits, "0") >= DATE)
        return TIME_NONE;
    if (!text_time_ms(span_of(digits), "DMYhms", &ms) || ms == TIME_NONE)
        rd_bad(r, "time");
    return ms;
}

static double ais140_cdac_coordinate(struct reader *r, const char *name, const char *side,
                                     const char *letters, double max)
{
    double deg = ais140_cdac_number(r, 10, name);
    if (!(deg >= -max && deg <= max))
        rd_bad(r, name);
    uint8_t c = ais140_cdac_letter(r, side);
    if (!c || !strchr(letters, c))
        rd_bad(r, side);
    return c == letters[1] ? -deg : deg;
}

static void ais140_cdac_add_cell(struct record *rec, double mcc, double mnc, double lac,
                                 double cid, double signal)
{
    if (mcc >= 1 && mnc >= 0 && lac > 0 && lac < 0xffff && cid > 0)
        rec_cell(rec, (struct cell){.mcc = (uint16_t)mcc,
                                    .mnc = (uint16_t)mnc,
                                    .lac = (uint32_t)lac,
                                    .cid = (uint64_t)cid,
                                    .signal_dbm = ais140_dbm(signal)});
}

/* What a record says that is needed behind it. */
struct network {
    double mcc, mnc;
};

static void ais140_cdac_read_mode(struct reader *r, struct record *rec)
{
    uint8_t mode = ais140_cdac_letter(r, "mode");
    rd_means(r, mode == 'M' ? "moving" : mode == 'H' ? "halt" : "sleep");
    rec_bool(rec, KEY_MOTION, mode == 'M');
}

static bool ais140_cdac_read_event(struct reader *r, struct record *rec)
{
    double alert = ais140_cdac_number(r, 2, "alert");
    const struct ais140_alert *row = ais140_alert_find(alert);
    rd_means(r, row ? row->text : "unknown");
    ais140_event(rec, NULL, alert);
    bool history = ais140_cdac_letter(r, "status") == 'H';
    rd_means(r, history ? "history" : "live");
    if (history)
        rec_bool(rec, KEY_ARCHIVE, true);
    return history;
}

static struct record *ais140_cdac_read_record(struct session *s, struct reader *r,
                                              struct out *o, struct network *net)
{
    struct record *rec = out_record(o);
    bool history = ais140_cdac_read_event(r, rec);
    const struct ais140_alert *row = ais140_alert_find(rec_get_num(rec, KEY_EVENT));
    bool fix = ais140_cdac_letter(r, "fix") == '1';
    int64_t ms = ais140_utc_ms(s, ais140_cdac_read_time(r), !history);
    rec->latitude_deg =
        ais140_cdac_coordinate(r, "latitude_deg", "north_south", "NS", 90);
    rec->longitude_deg =
        ais140_cdac_coordinate(r, "longitude_deg", "east_west", "EW", 180);
    net->mcc = ais140_cdac_number(r, 3, "mcc");
    net->mnc = ais140_cdac_number(r, 3, "mnc");
    double lac = ais140_cdac_hex(r, 4, "lac");
    double cid = ais140_cdac_number(r, 9, "cell");
    rec->speed_kmh = ais140_cdac_number(r, 6, "speed_kmh");
    rec->course_deg = ais140_cdac_number(r, 6, "heading_deg");
    rec_num(rec, KEY_SAT, ais140_cdac_number(r, 2, "satellites"));
    rec_num(rec, KEY_HDOP, ais140_cdac_number(r, 2, "hdop"));
    double signal = ais140_cdac_number(r, 2, "gsm_signal");
    if (signal <= 31)
        rec_num(rec, KEY_RSSI, signal);
    ais140_cdac_add_cell(rec, net->mcc, net->mnc, lac, cid, signal);
    ais140_cdac_flag(r, rec, "ignition", KEY_IGNITION);
    ais140_cdac_flag(r, rec, "main_power", KEY_CHARGE);
    if (row && row->ignition >= 0)
        rec_bool(rec, KEY_IGNITION, row->ignition);
    ais140_cdac_read_mode(r, rec);
    ais140_settle(s, rec, ms, fix);
    return rec;
}

static void ais140_cdac_read_item(struct session *s, struct reader *r, struct out *o)
{
    struct network net;
    struct record *rec = ais140_cdac_read_record(s, r, o, &net);
    if (!r->fault && rd_left(r) >= EXTENSION &&
        ais140_cdac_extended(rd_look(r, EXTENSION))) {
        double altitude_m = ais140_cdac_number(r, 7, "altitude_m");
        if (rec_placed(rec))
            rec->altitude_m = altitude_m;
        rec_span(rec, KEY_OPERATOR, ais140_cdac_unpadded(r, 6, "operator"));
    }
}

/* A count larger than what is there ends with the text. */
static void ais140_cdac_read_batch(struct session *s, struct reader *r, struct out *o)
{
    double count = ais140_cdac_number(r, COUNT, "count");
    for (unsigned i = 0; i < count && rd_left(r) >= RECORD && !r->fault; i++) {
        if (!ais140_cdac_starts_record(rd_look(r, 4)))
            break;
        ais140_cdac_read_item(s, r, o);
    }
}

static void ais140_cdac_read_full_cells(struct reader *r, struct record *rec,
                                        const struct network *net)
{
    enum { NEIGHBOURS = 4 };
    for (int i = 0; i < NEIGHBOURS; i++) {
        double signal = ais140_cdac_number(r, 2, "neighbour_signal");
        double lac = ais140_cdac_hex(r, 4, "neighbour_lac");
        double cid = ais140_cdac_number(r, 9, "neighbour_cell");
        ais140_cdac_add_cell(rec, net->mcc, net->mnc, lac, cid, signal);
    }
}

static void ais140_cdac_read_full(struct session *s, struct reader *r, struct out *o)
{
    struct network net;
    struct span summed = span_cut((struct span){r->buf, r->len}, 0, FUL_SUMMED);
    struct record *rec = ais140_cdac_read_record(s, r, o, &net);
    rd_raw(r, 6, "vendor");
    rec_span(rec, KEY_VERSION_FW, ais140_cdac_unpadded(r, 6, "firmware"));
    rd_raw(r, 16, "registration");
    double altitude_m = ais140_cdac_number(r, 7, "altitude_m");
    if (rec_placed(rec))
        rec->altitude_m = altitude_m;
    rec_num(rec, KEY_PDOP, ais140_cdac_number(r, 2, "pdop"));
    rec_span(rec, KEY_OPERATOR, ais140_cdac_unpadded(r, 6, "operator"));
    ais140_cdac_read_full_cells(r, rec, &net);
    rec_num(rec, KEY_POWER_V, ais140_cdac_number(r, 5, "main_v"));
    rec_num(rec, KEY_BATTERY_V, ais140_cdac_number(r, 5, "battery_v"));
    if (ais140_cdac_letter(r, "tamper") == 'O')
        rec_bool(rec, KEY_TAMPER, true);
    ais140_inputs(s, rec, rd_raw(r, 2, "inputs"));
    ais140_outputs(s, rec, rd_raw(r, 2, "outputs"));
    rec_num(rec, KEY_INDEX, ais140_cdac_number(r, 6, "frame_number"));
    bool ok = ais140_cdac_hex(r, 8, "checksum") == crc16_xmodem(summed);
    rd_means(r, ok ? "fits" : "does not fit");
    if (!ok)
        out_checksum_bad(o);
}

/* The place of a login has no fix flag: it makes no record. */
static void ais140_cdac_read_login(struct reader *r)
{
    rd_raw(r, 16, "activation_key");
    rd_raw(r, 10, "latitude_deg");
    rd_raw(r, 1, "north_south");
    rd_raw(r, 10, "longitude_deg");
    rd_raw(r, 1, "east_west");
    rd_raw(r, 12, "time");
    rd_raw(r, 6, "speed_kmh");
}

static void ais140_cdac_read_health(struct session *s, struct reader *r,
                                    struct record *rec)
{
    rd_raw(r, 3, "period_moving_s");
    rd_raw(r, 3, "period_halt_s");
    rec_num(rec, KEY_BATTERY_PCT, ais140_cdac_number(r, 3, "battery_pct"));
    rd_raw(r, 2, "low_battery_pct");
    rec_free_num(rec, "memory", ais140_cdac_number(r, 3, "memory_pct"));
    ais140_inputs(s, rec, rd_raw(r, 2, "inputs"));
    ais140_outputs(s, rec, rd_raw(r, 2, "outputs"));
    rec_num(rec, KEY_N(KEY_ADC, 1), ais140_cdac_number(r, 2, "analog1_v"));
    int64_t ms = ais140_utc_ms(s, ais140_cdac_read_time(r), true);
    rec->device_ms = ms == TIME_NONE ? ses_now_ms(s) : ms;
}

static void ais140_cdac_read_answer(struct session *s, struct reader *r, struct out *o)
{
    ais140_cdac_read_item(s, r, o);
    struct span text = span_trim(rd_raw(r, rd_left(r), "answer"));
    if (text.len && text.ptr[text.len - 1] == '*')
        text.len--;
    if (text.len)
        out_answer(o, 0, text);
}

static bool ais140_cdac_read_imei(struct session *s, struct reader *r)
{
    struct span imei = rd_raw(r, AIS140_IMEI, "imei");
    if (ais140_is_imei(imei))
        return ses_identify(s, imei);
    rd_bad(r, "imei");
    return false;
}

static void ais140_cdac_read_health_frame(struct session *s, struct reader *r,
                                          struct out *o, bool *registered)
{
    struct record *rec = out_record(o);
    rd_raw(r, 6, "vendor");
    rec_span(rec, KEY_VERSION_FW, ais140_cdac_unpadded(r, 6, "firmware"));
    *registered = ais140_cdac_read_imei(s, r);
    ais140_cdac_read_health(s, r, rec);
}

enum verdict ais140_cdac(struct session *s, struct reader *r, struct out *o,
                         bool *registered)
{
    struct span header = rd_raw(r, HEADER, "header");
    if (!ais140_cdac_known_header(header))
        return rd_bad(r, "header");
    bool health = span_is(header, "HLM");
    if (!health)
        *registered = ais140_cdac_read_imei(s, r);
    out_message(o, health                   ? "health"
                   : span_is(header, "LGN") ? "login"
                   : span_is(header, "ACK") ? "commandReply"
                   : span_is(header, "EPB") ? "emergency"
                                            : "location");
    if (health)
        ais140_cdac_read_health_frame(s, r, o, registered);
    else if (span_is(header, "LGN"))
        ais140_cdac_read_login(r);
    else if (span_is(header, "ACK"))
        ais140_cdac_read_answer(s, r, o);
    else if (span_is(header, "BTH"))
        ais140_cdac_read_batch(s, r, o);
    else if (span_is(header, "FUL"))
        ais140_cdac_read_full(s, r, o);
    else
        ais140_cdac_read_item(s, r, o);
    if (rd_left(r))
        rd_raw(r, rd_left(r), "rest");
    return rd_done(r);
}
