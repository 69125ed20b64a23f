/*
 * answer.c - what a device answers to commands, and what it passes on.
 *
 *     15  size 1 (4 + text), server flag 4, text, language 2; some pad the text with
 * NULs, some with size 0 21  long frame: server flag 4, code 1 (1 ASCII, 2 UTF-16), text
 *     9B  long frame from a peripheral: device 1 (1 serial line, 3 card reader), bytes;
 *         a card is 02, digits, 03
 *
 * The server flag is the command's id.  Two texts are more than an answer:
 * "<ICCID:...>" and "Current position! Lat:N..,Lon:E..,Course:..,Speed:..,DateTime:..".
 *
 * 15 is answered with a short frame as recorded servers do, though manuals ask for none;
 * 21 and 9B are not.
 */
#include "protocols/gt06/gt06.h"

enum {
    GT06_ANSWER_MAX = 4096, /* longer texts are cut */
    GT06_CHUNK = 251,       /* JI09: after each of these come six bytes of framing */
    GT06_CHUNK_EXTRA = 6,
};

/* ---- texts ---- */

static char *gt06_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* Surrogates become what the record makes of bytes that are no text. */
static struct span gt06_utf16(struct span text, char out[GT06_ANSWER_MAX])
{
    char *p = out;
    for (size_t i = 0; i + 1 < text.len && p + 3 <= out + GT06_ANSWER_MAX; i += 2)
        p = gt06_utf8(p, be16(text.ptr + i));
    return (struct span){(const uint8_t *)out, (size_t)(p - out)};
}

static bool gt06_printable(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

/* Without the bytes between the chunks of a long answer, where there are any. */
static struct span gt06_joined(struct span text, char out[GT06_ANSWER_MAX])
{
    struct span between = span_cut(text, GT06_CHUNK, GT06_CHUNK + GT06_CHUNK_EXTRA);
    if (text.len <= GT06_CHUNK + GT06_CHUNK_EXTRA || gt06_printable(between) ||
        !gt06_printable(span_cut(text, 0, GT06_CHUNK)))
        return text;
    size_t len = 0;
    for (size_t at = 0; at < text.len; at += GT06_CHUNK + GT06_CHUNK_EXTRA) {
        struct span part = span_cut(text, at, at + GT06_CHUNK);
        memcpy(out + len, part.ptr, part.len);
        len += part.len;
    }
    return (struct span){(const uint8_t *)out, len};
}

/* ---- what texts say ---- */

/* What stands behind `key`, up to the next comma. */
static struct span gt06_behind(struct span text, const char *key)
{
    size_t at = span_find(text, 0, key, strlen(key));
    if (at == text.len)
        return span_cut(text, at, at);
    at += strlen(key);
    return span_cut(text, at, span_find(text, at, ",", 1));
}

/* "N28.6139": a letter and a number. */
static double gt06_hemisphere(struct span text, char negative)
{
    double value;
    if (!text.len || !text_num(span_cut(text, 1, text.len), &value))
        return NAN;
    return *text.ptr == negative ? -value : value;
}

/* "2024-05-17 06:30:15", with any number of blanks. */
static bool gt06_text_time_ms(struct span text, int64_t *ms)
{
    uint8_t digits[14];
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("-: ", text.ptr[i]) && text.ptr[i])
            continue;
        if (count == sizeof digits)
            return false;
        digits[count++] = text.ptr[i];
    }
    return count == sizeof digits &&
           text_time_ms((struct span){digits, count}, "YYMDhms", ms) && *ms != TIME_NONE;
}

static void gt06_text_place(struct gt06 *f, struct record *rec, struct span text)
{
    double value;
    int64_t ms;
    double latitude = gt06_hemisphere(gt06_behind(text, "Lat:"), 'S');
    double longitude = gt06_hemisphere(gt06_behind(text, "Lon:"), 'W');
    if (!(latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180))
        return;
    rec->latitude_deg = latitude;
    rec->longitude_deg = longitude;
    rec->valid = true;
    if (text_num(gt06_behind(text, "Course:"), &value))
        rec->course_deg = value;
    if (text_num(gt06_behind(text, "Speed:"), &value))
        rec->speed_kmh = value;
    if (gt06_text_time_ms(span_trim(gt06_behind(text, "DateTime:")), &ms))
        gt06_times(rec, ms - gt06_zone_ms(f));
}

static void gt06_answer_text(struct gt06 *f, uint32_t flag, struct span text)
{
    struct record *rec = gt06_record(f);
    text = span_trim(text);
    if (span_starts(text, "<ICCID:"))
        rec_span(rec, KEY_ICCID, span_cut(text, 7, span_find(text, 7, ">", 1)));
    if (span_starts(text, "Current position!"))
        gt06_text_place(f, rec, text);
    rec_span(rec, KEY_RESULT, text);
    out_answer(f->o, flag, text);
}

/* ---- messages ---- */

void gt06_answer(struct gt06 *f)
{
    struct reader *r = f->r;
    out_message(f->o, "commandReply");
    uint8_t size = rd_u8(r, "size");
    uint32_t flag = rd_u32(r, "server_flag");
    size_t left = rd_left(r);
    size_t language = left >= 2 ? 2 : 0;
    size_t len = size >= 4 && size - 4u <= left ? size - 4u : left - language;
    struct span text = rd_raw(r, len, "text");
    gt06_rest(f, "language");
    if (r->fault)
        return;
    gt06_answer_text(f, flag, text);
    gt06_ack(f);
}

void gt06_answer_wide(struct gt06 *f)
{
    enum { UTF16 = 2 };
    char buffer[GT06_ANSWER_MAX];
    struct reader *r = f->r;
    out_message(f->o, "commandReply");
    uint32_t flag = rd_u32(r, "server_flag");
    uint8_t code = rd_u8(r, "text_code");
    rd_means(r, code == UTF16 ? "UTF-16" : "ASCII");
    struct span text = rd_raw(r, rd_left(r), "text");
    text = span_cut(text, 0, GT06_ANSWER_MAX);
    text = code == UTF16 ? gt06_utf16(text, buffer) : gt06_joined(text, buffer);
    if (!r->fault)
        gt06_answer_text(f, flag, text);
}

/* Digits between 02 and 03. */
static struct span gt06_framed_card(struct span bytes)
{
    if (bytes.len < 3 || bytes.ptr[0] != 2 || bytes.ptr[bytes.len - 1] != 3)
        return span_cut(bytes, 0, 0);
    struct span card = span_cut(bytes, 1, bytes.len - 1);
    return gt06_printable(card) ? card : span_cut(bytes, 0, 0);
}

void gt06_transparent(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "transparent");
    rd_u8(r, "peripheral");
    struct span bytes = rd_raw(r, rd_left(r), "bytes");
    bytes = span_cut(bytes, 0, GT06_ANSWER_MAX / 2);
    struct span card = gt06_framed_card(bytes);
    if (card.len) {
        rec_span(rec, KEY_CARD, card);
        rec_span(rec, KEY_RESULT, card);
    } else if (gt06_printable(span_trim(bytes))) {
        rec_span(rec, KEY_RESULT, span_trim(bytes));
    } else {
        rec_hex(rec, KEY_RESULT, bytes);
    }
}
