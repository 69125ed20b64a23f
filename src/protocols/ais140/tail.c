/*
 * tail.c - what stands behind the outputs: frame number, analog inputs, odometer, the
 * answer to a command, a checksum.
 *
 * A row of the table is a form, a letter a field:
 *
 *     F frame number       K odometer km       M odometer m       D metres since last
 *     1 2 analog inputs    x y z acceleration  v u tilt y, x      G answer in brackets
 *     T tag in brackets    s c r answer: source, command, result  - spare
 *     S checksum           d decimal sum, b raw byte: of unknown making
 *     + any number of spare fields follow
 *
 * The row must have as many fields as the frame; a checksum may be missing.
 */
#include "protocols/ais140/ais140.h"

#include <stdio.h>

static const struct {
    const char *header;
    bool comma;
    const char *fields;
} tails[] = {
    {"NRM", true, "1MFscrS"},    {"NRM", false, "12FK-----S"}, {"RLP", false, "FKS"},
    {"RLP", false, "FK1xyzvuS"}, {"Header", false, "F12DG"},   {"TEL", false, "F12DG"},
    {"NMP", false, "F12KG"},     {"NMP", true, "F12KG"},       {"NMP", false, "F-12GS"},
    {"NMP", true, "F-12GS"},     {"PVT", false, "F12DG"},      {"PVT", false, "F12DGT"},
    {"C", true, "FKS"},          {"ID01", true, "12FS"},       {"A", true, "FSK+"},
    {"1", true, "Fd"},           {"CP", true, "Fb"},
};

/* Index of the token behind the one at i: a group in brackets holds commas. */
static size_t ais140_behind(const struct ais140_walk *w, size_t i)
{
    struct span token = ais140_token(w, i);
    if (!token.len || *token.ptr != '(')
        return i + 1;
    for (size_t k = i; k < w->count; k++) {
        token = ais140_token(w, k);
        if (token.len && token.ptr[token.len - 1] == ')')
            return k + 1;
    }
    return i + 1;
}

/* Fields that are left; an empty last one is only the comma before the star. */
static size_t ais140_count_fields(const struct ais140_walk *w)
{
    size_t count = 0;
    bool empty = false;
    for (size_t i = w->at; i < w->count; i = ais140_behind(w, i)) {
        empty = !ais140_token(w, i).len;
        count++;
    }
    return count - (empty && count);
}

/* `summed`: with its checksum. */
static bool ais140_row_fits(const char *fields, size_t count, bool summed)
{
    size_t len = strlen(fields);
    if (fields[len - 1] == '+')
        return summed && count >= len - 1;
    return summed ? count == len : count + 1 == len && strchr("Sdb", fields[len - 1]);
}

static const char *ais140_find_row(const struct ais140_frame *f, size_t count,
                                   bool summed)
{
    for (size_t i = 0; f->form && i < sizeof tails / sizeof *tails; i++)
        if (f->form->comma == tails[i].comma &&
            !strcmp(f->form->header, tails[i].header) &&
            ais140_row_fits(tails[i].fields, count, summed))
            return tails[i].fields;
    return NULL;
}

/* The row of this frame, or NULL.  One whose checksum is missing ends with something
 * else than a checksum. */
static const char *ais140_find_tail(const struct ais140_frame *f)
{
    const struct ais140_walk *w = &f->w;
    size_t count = ais140_count_fields(w);
    size_t last = w->count - !ais140_token(w, w->count - 1).len;
    const char *fields = ais140_find_row(f, count, true);
    if (fields || !last || (ais140_is_sum(ais140_token(w, last - 1)) && count > 1))
        return fields;
    return ais140_find_row(f, count, false);
}

/* ---- answers ---- */

static bool ais140_says_nothing(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0,|", text.ptr[i]) || !text.ptr[i])
            return false;
    return true;
}

void ais140_answered(struct ais140_frame *f, struct span text)
{
    size_t first = 0;
    while (first < text.len && !strchr(",|", text.ptr[first]))
        first++;
    size_t second = first + 1;
    while (second < text.len && !strchr(",|", text.ptr[second]))
        second++;
    rec_free_span(f->rec, "responseFormat", span_cut(text, first + 1, second));
    rec_free_span(f->rec, "response", span_cut(text, second + 1, text.len));
    if (!ais140_says_nothing(text))
        out_answer(f->o, 0, text);
}

/* Reads a field in brackets; what is between them. */
static struct span ais140_read_group(struct ais140_walk *w, const char *name)
{
    size_t end = ais140_behind(w, w->at);
    struct span open = ais140_token(w, w->at);
    if (!open.len || *open.ptr != '(')
        return ais140_text(w, name);
    size_t len = open.len;
    for (size_t i = w->at + 1; i < end; i++)
        len += 1 + ais140_token(w, i).len;
    struct span text = rd_raw(w->r, len, name);
    if (rd_left(w->r))
        rd_raw(w->r, 1, "separator");
    w->at = end;
    bool closed = text.len && text.ptr[text.len - 1] == ')';
    return span_cut(text, 1, text.len - closed);
}

static bool ais140_is_command_answer(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] && strchr(",|", text.ptr[i]))
            return true;
    return false;
}

static void ais140_read_answer(struct ais140_frame *f)
{
    struct span text = ais140_read_group(&f->w, "answer");
    if (ais140_says_nothing(text))
        return;
    if (ais140_is_command_answer(text))
        ais140_answered(f, text);
    else
        rec_span(f->rec, KEY_CARD, text);
}

/* The three fields of the WeTrack140, zero when there is no answer. */
static void ais140_read_answer_fields(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    struct span source = ais140_text(w, "answer_source");
    ais140_text(w, "answer_command");
    struct span result = ais140_text(w, "answer_result");
    size_t len = (size_t)(result.ptr + result.len - source.ptr);
    if (!w->r->fault)
        ais140_answered(f, (struct span){source.ptr, len});
}

static void ais140_read_sensor(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    struct span x = ais140_text(w, "acceleration_x");
    struct span y = ais140_text(w, "acceleration_y");
    struct span z = ais140_text(w, "acceleration_z");
    char text[64];
    int len =
        snprintf(text, sizeof text, "[%.*s,%.*s,%.*s]", (int)x.len, (const char *)x.ptr,
                 (int)y.len, (const char *)y.ptr, (int)z.len, (const char *)z.ptr);
    if (len > 0 && (size_t)len < sizeof text)
        rec_text(f->rec, KEY_G_SENSOR, text);
}

/* ---- fields ---- */

static void ais140_read_number(struct ais140_frame *f)
{
    rec_num(f->rec, KEY_INDEX, ais140_num(&f->w, "frame_number"));
    f->numbered = f->w.r->pos;
}

/* Of km with up to three places, without what binary fractions add. */
static double ais140_metres(double km)
{
    return round(km * 1e6) / 1e3;
}

static void ais140_read_field(struct ais140_frame *f, char field)
{
    struct ais140_walk *w = &f->w;
    struct record *rec = f->rec;
    switch (field) {
    case 'F':
        ais140_read_number(f);
        break;
    case 'K':
        rec_num(rec, KEY_ODOMETER_M, ais140_metres(ais140_num(w, "odometer_km")));
        break;
    case 'M':
        rec_num(rec, KEY_ODOMETER_M, ais140_num(w, "odometer_m"));
        break;
    case 'D':
        rec_num(rec, KEY_DISTANCE_M, ais140_num(w, "distance_m"));
        break;
    case '1':
        rec_num(rec, KEY_N(KEY_ADC, 1), ais140_num(w, "analog1_v"));
        break;
    case '2':
        rec_num(rec, KEY_N(KEY_ADC, 2), ais140_num(w, "analog2_v"));
        break;
    case 'x':
        ais140_read_sensor(f);
        break;
    case 'v':
        rec_free_num(rec, "tiltY", ais140_num(w, "tilt_y"));
        break;
    case 'u':
        rec_free_num(rec, "tiltX", ais140_num(w, "tilt_x"));
        break;
    case 's':
        ais140_read_answer_fields(f);
        break;
    case 'G':
        ais140_read_answer(f);
        break;
    case 'T':
        rec_span(rec, KEY_CARD, ais140_read_group(w, "tag"));
        break;
    case 'S':
        ais140_sum_field(f);
        break;
    case 'd':
    case 'b':
        ais140_text(w, "checksum");
        break;
    case 'y': /* read with their first */
    case 'z':
    case 'c':
    case 'r':
    case '+':
        break;
    default:
        ais140_text(w, "spare");
    }
}

/* ---- a form that is not in the table ---- */

/* The frame number is the one token of six digits, else the first integer. */
static size_t ais140_find_number(const struct ais140_walk *w)
{
    size_t found = w->count;
    for (size_t i = w->at; i < w->count; i = ais140_behind(w, i)) {
        struct span token = ais140_token(w, i);
        if (ais140_is_digits(token, 6, 6))
            return i;
        if (found == w->count && ais140_is_digits(token, 1, 10))
            found = i;
    }
    return found;
}

static void ais140_read_unknown(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t number = ais140_find_number(w);
    size_t last = w->count - (w->count && !ais140_token(w, w->count - 1).len);
    while (w->at < w->count && !w->r->fault) {
        struct span token = ais140_token(w, w->at);
        bool sum = w->at + 1 == last && !f->starred && ais140_is_sum(token);
        if (w->at == number)
            ais140_read_number(f);
        else if (token.len && *token.ptr == '(')
            ais140_read_answer(f);
        else if (sum)
            ais140_sum_field(f);
        else
            ais140_text(w, token.len ? "spare" : "end");
    }
}

void ais140_tail(struct ais140_frame *f)
{
    const char *fields = ais140_find_tail(f);
    if (!fields) {
        ais140_read_unknown(f);
        return;
    }
    for (size_t i = 0; fields[i] && !f->w.r->fault; i++)
        ais140_read_field(f, fields[i]);
}
