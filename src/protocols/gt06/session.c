/*
 * session.c - who speaks, what it asks of the server, and how it is answered.
 *
 *     01  login     imei 8 (BCD), [model 2, [zone and language 2]]
 *                   zone: bits 15-4 hours and minutes as the decimal HHMM, bit 3 west of
 *                   Greenwich, bits 1-0 language
 *     8A  time      nothing; answered with YY MM DD hh mm ss in UTC
 *     1F  time      unix seconds 4, reserved 2-4; answered with unix seconds 4, 0 0
 *     1A  address   GPS block, phone 21 (ASCII, NUL padded), language 2
 *     2A  address   the same
 *     17  address   mcc 2, mnc 1, lac 2, cid 3, phone 21, language 2
 *     A7  address   4G cell 15, phone 21, language 2
 *     FD  version   imei 8, length 2, key, text "[VERSION]...[BUILD]..."
 *     80, 81, 82    what a server sends: length 1, flag 4, text
 *
 * An address request is answered with a frame 97 (length 1, flag 4, text
 * "NA&&NA&&0##"): the server knows no street, and says so.
 */
#include "protocols/gt06/gt06.h"

#include <endian.h>
#include <strings.h>

#include "core/checksum.h"

enum {
    GT06_TIME_CHECK = 0x8a,
    GT06_TIME_SYNC = 0x1f,
    GT06_ADDRESS_REPLY = 0x97,
    GT06_ZONE_MAX_MIN = 14 * 60,
    GT06_PHONE = 21,
    GT06_IMEI_TEXT = 17,
    GT06_ACK_SIZE = 10,
};

/* ---- answers ---- */

static uint8_t *gt06_put16(uint8_t *p, unsigned value)
{
    uint16_t wire = htobe16((uint16_t)value);
    memcpy(p, &wire, sizeof wire);
    return p + sizeof wire;
}

static uint8_t *gt06_put32(uint8_t *p, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(p, &wire, sizeof wire);
    return p + sizeof wire;
}

size_t gt06_frame_make(uint8_t *out, bool wide, uint8_t number, uint16_t serial,
                       const uint8_t *content, size_t size)
{
    uint8_t *p = gt06_put16(out, wide ? 0x7979 : 0x7878);
    if (wide)
        p = gt06_put16(p, (unsigned)size + 5);
    else
        *p++ = (uint8_t)(size + 5);
    *p++ = number;
    if (size)
        memcpy(p, content, size);
    p = gt06_put16(p + size, serial);
    p = gt06_put16(p, crc16_x25((struct span){out + 2, (size_t)(p - out) - 2}));
    p = gt06_put16(p, 0x0d0a);
    return (size_t)(p - out);
}

/* Over UDP an answer tells a device that its data has an owner. */
bool gt06_nobody(const struct gt06 *f)
{
    return ses_transport(f->s) == TRANSPORT_UDP && !*ses_id(f->s);
}

void gt06_reply(struct gt06 *f, bool wide, uint8_t number, uint16_t serial,
                struct span content)
{
    uint8_t reply[GT06_REPLY_MAX + GT06_FRAMING];
    if (!gt06_nobody(f) && content.len <= GT06_REPLY_MAX)
        out_send(f->o, reply,
                 gt06_frame_make(reply, wide, number, serial, content.ptr, content.len));
}

/* Nothing is sent more often: it is put together where it stands. */
void gt06_ack(struct gt06 *f)
{
    uint8_t *p = gt06_nobody(f) ? NULL : out_room(f->o, GT06_ACK_SIZE);
    if (!p)
        return;
    gt06_put16(p, 0x7878);
    gt06_put32(p + 2, 5u << 24 | (uint32_t)f->number << 16 | f->serial);
    gt06_put32(p + 6, (uint32_t)crc16_x25((struct span){p + 2, 4}) << 16 | 0x0d0a);
}

void gt06_ack_wide(struct gt06 *f)
{
    gt06_reply(f, true, f->number, f->serial, (struct span){NULL, 0});
}

/* ---- who ---- */

/* An IMEI is 15 digits behind a zero; what is longer or shorter stays as it stands.
 * All zeros are no device. */
static void gt06_bind(struct gt06 *f, const char *digits)
{
    if (digits[strspn(digits, "0")])
        ses_identify(f->s, span_of(digits + (*digits == '0')));
}

void gt06_imei(struct gt06 *f, const char *name)
{
    char digits[GT06_IMEI_TEXT];
    rd_digits(f->r, 8, digits, name);
    if (!*ses_id(f->s))
        gt06_bind(f, digits);
}

void gt06_imsi(struct gt06 *f, struct record *rec)
{
    char digits[GT06_IMEI_TEXT];
    struct span imsi = span_of(rd_digits(f->r, 8, digits, "imsi"));
    rec_free_span(rec, "imsi", span_cut(imsi, *digits == '0', imsi.len));
}

static bool gt06_decimal(const char *text)
{
    return !text[strspn(text, "0123456789")];
}

bool gt06_holds_imei(const struct gt06 *f, size_t offset)
{
    char digits[GT06_IMEI_TEXT];
    struct span bytes = span_cut(rd_look(f->r, offset + 8), offset, offset + 8);
    if (bytes.len < 8)
        return false;
    hex_format(bytes, digits);
    if (digits[0] != '0' || !gt06_decimal(digits) || !digits[strspn(digits, "0")])
        return false;
    return !*ses_id(f->s) || !strcmp(ses_id(f->s), digits + 1);
}

bool gt06_model_is(const struct gt06 *f, const char *prefix)
{
    const char *model = ses_setting(f->s, "model");
    return model && !strncasecmp(model, prefix, strlen(prefix));
}

static int16_t gt06_zone(struct gt06 *f)
{
    struct reader *r = f->r;
    uint16_t word = rd_u16(r, "zone_and_language");
    int hhmm = (int)rd_bits(r, word, 15, 4, "zone_hhmm");
    bool west = rd_flag(r, word, 3, "west");
    rd_bits(r, word, 1, 0, "language");
    int min = hhmm / 100 * 60 + hhmm % 100;
    if (hhmm % 100 >= 60 || min > GT06_ZONE_MAX_MIN)
        return 0;
    return (int16_t)(west ? -min : min);
}

void gt06_login(struct gt06 *f)
{
    struct reader *r = f->r;
    char digits[GT06_IMEI_TEXT];
    out_message(f->o, "login");
    rd_digits(r, 8, digits, "imei");
    gt06_bind(f, digits);
    *f->state = (struct gt06_state){0};
    if (rd_left(r) >= 2)
        rd_u16(r, "model_id");
    if (rd_left(r) >= 2)
        f->state->zone_min = gt06_zone(f);
    gt06_rest(f, "extension");

    uint8_t reply[GT06_FRAMING];
    out_send(f->o, reply, gt06_frame_make(reply, false, f->number, f->serial, NULL, 0));
}

/* ---- what time is it, where am I ---- */

void gt06_time_request(struct gt06 *f)
{
    uint8_t reply[6 + GT06_FRAMING];
    struct civil c = civil_of(ses_now_ms(f->s));
    uint8_t now[6] = {(uint8_t)(c.year - 2000), (uint8_t)c.month,  (uint8_t)c.day,
                      (uint8_t)c.hour,          (uint8_t)c.minute, (uint8_t)c.second};
    out_message(f->o, "timeRequest");
    gt06_rest(f, "extension");
    out_send_now(f->o, reply,
                 gt06_frame_make(reply, false, GT06_TIME_CHECK, f->serial, now, 6));
}

void gt06_time_sync(struct gt06 *f)
{
    uint8_t reply[6 + GT06_FRAMING];
    uint8_t now[6] = {0};
    out_message(f->o, "timeRequest");
    rd_unix_ms(f->r, "device_time");
    gt06_rest(f, "reserved");
    gt06_put32(now, (uint32_t)(ses_now_ms(f->s) / 1000));
    out_send_now(f->o, reply,
                 gt06_frame_make(reply, false, GT06_TIME_SYNC, f->serial, now, 6));
}

void gt06_address_request(struct gt06 *f)
{
    enum { TAIL = GT06_PHONE + 2 };
    static const uint8_t unknown[] = "\x0f\0\0\0\0NA&&NA&&0##";
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "addressRequest");
    if (f->number == 0x1a || f->number == 0x2a)
        gt06_gps(f, rec);
    else
        gt06_cell(f, rec, gt06_cell_width(f, rd_left(r), TAIL));
    rd_raw(r, GT06_PHONE, "phone");
    if (rd_left(r) >= 2)
        rd_u16(r, "language");
    gt06_rest(f, "extension");
    gt06_reply(f, true, GT06_ADDRESS_REPLY, f->serial,
               (struct span){unknown, sizeof unknown - 1});
}

/* ---- the rest ---- */

/* The version stands behind its mark, up to the next one. */
void gt06_version(struct gt06 *f)
{
    struct reader *r = f->r;
    out_message(f->o, "version");
    gt06_imei(f, "imei");
    rd_u16(r, "key_size");
    struct span rest = rd_rest(r);
    size_t at = span_find(rest, 0, "[VERSION]", 9);
    rd_skip(r, at, "key");
    if (at == rest.len)
        return;
    struct span text = rd_raw(r, rest.len - at, "version");
    text = span_cut(text, 9, span_find(text, 9, "[", 1));
    rec_span(gt06_record(f), KEY_VERSION_FW, span_trim(text));
}

void gt06_server_message(struct gt06 *f)
{
    struct reader *r = f->r;
    out_message(f->o, "serverMessage");
    if (rd_left(r) >= 5) {
        rd_u8(r, "size");
        rd_u32(r, "server_flag");
    }
    gt06_rest(f, "text");
}

void gt06_silent(struct gt06 *f)
{
    out_message(f->o, "info");
    gt06_rest(f, "content");
}

/* A short frame wants its answer, whatever it says; a long one is let alone. */
void gt06_unknown(struct gt06 *f)
{
    out_message(f->o, "unknown");
    gt06_rest(f, "content");
    f->ignored = f->wide;
    if (!f->wide)
        gt06_ack(f);
}
