/*
 * position.c - tracking frames: head, place, state of the vehicle, cells, wires, tail.
 */
#include "protocols/ais140/ais140.h"

/* ---- before the IMEI: vendor, firmware, type, alert id, live or history ---- */

static void ais140_read_type(struct ais140_frame *f)
{
    struct span code = ais140_text(&f->w, "type");
    f->type = ais140_type_find(code);
    rd_means(f->w.r, f->type ? f->type->text : "unknown");
}

static double ais140_read_alert(struct ais140_frame *f)
{
    double alert = ais140_num(&f->w, "alert");
    const struct ais140_alert *row = ais140_alert_find(alert);
    rd_means(f->w.r, row ? row->text : "unknown");
    return alert;
}

static bool ais140_read_status(struct ais140_frame *f)
{
    bool history = span_is(ais140_text(&f->w, "status"), "H");
    rd_means(f->w.r, history ? "history" : "live");
    return history;
}

/* The Concox WeTrack140 calls its maker so; it shares the form with other makers. */
static void ais140_note_vendor(struct ais140_frame *f, struct span vendor)
{
    struct ais140_state *state = ses_state(f->s);
    if (state->dialect == AIS140_QUECTEL && span_is(vendor, "MARK"))
        state->dialect = AIS140_WETRACK;
}

static void ais140_read_maker(struct ais140_frame *f, size_t end)
{
    struct ais140_walk *w = &f->w;
    if (w->at < end)
        ais140_note_vendor(f, ais140_text(w, "vendor"));
    if (w->at < end)
        rec_span(f->rec, KEY_VERSION_FW, ais140_text(w, "firmware"));
    ais140_spare(w, end, "spare");
}

static bool ais140_is_type(struct span token)
{
    return ais140_type_find(token) ||
           (token.len == 2 && *token.ptr >= 'A' && *token.ptr <= 'Z' &&
            token.ptr[1] >= 'A' && token.ptr[1] <= 'Z');
}

/* The alert id may be missing, and the others too: they are told from the right.
 * Returns whether the frame is live. */
static bool ais140_read_head(struct ais140_frame *f, size_t imei)
{
    struct ais140_walk *w = &f->w;
    size_t first = imei;
    bool status = first > w->at && ais140_is_status(ais140_token(w, first - 1));
    first -= status;
    bool alert = first > w->at && ais140_is_digits(ais140_token(w, first - 1), 1, 2);
    first -= alert;
    bool type = first > w->at && ais140_is_type(ais140_token(w, first - 1));
    first -= type;

    ais140_read_maker(f, first);
    if (type)
        ais140_read_type(f);
    double id = alert ? ais140_read_alert(f) : NAN;
    bool history = status ? ais140_read_status(f) : id == 2;
    ais140_event(f->rec, f->type, id);
    if (history)
        rec_bool(f->rec, KEY_ARCHIVE, true);
    ais140_identify(f);
    return !history;
}

/* ---- between IMEI and place: registration, fix, date, time, or fix last ---- */

/* How many tokens before `end` a date or a time takes: three where its parts stand
 * alone, else one. */
static size_t ais140_part_count(const struct ais140_walk *w, size_t end, size_t joined)
{
    size_t there = end > w->at ? end - w->at : 0;
    size_t len = ais140_token(w, end - 1).len;
    if (there >= 3 && len && len < joined)
        return 3;
    return there > 0;
}

/* Where date and time begin, that end before `end`. */
static size_t ais140_find_time(const struct ais140_walk *w, size_t end)
{
    enum { TIME_DIGITS = 5, DATE_DIGITS = 5, BOTH_DIGITS = 12 };
    size_t first = end - ais140_part_count(w, end, TIME_DIGITS);
    if (ais140_token(w, end - 1).len >= BOTH_DIGITS)
        return first;
    return first - ais140_part_count(w, first, DATE_DIGITS);
}

static int64_t ais140_read_when(struct ais140_frame *f, size_t place, bool *fix)
{
    struct ais140_walk *w = &f->w;
    size_t end = place;
    bool last = end > w->at && ais140_is_fix(ais140_token(w, end - 1));
    end -= last;
    size_t first = ais140_find_time(w, end);
    bool before = !last && first > w->at && ais140_is_fix(ais140_token(w, first - 1));

    if (w->at < first - before)
        ais140_text(w, "registration");
    ais140_spare(w, first - before, "spare");
    if (before)
        *fix = ais140_fix(w);
    int64_t ms = ais140_time_ms(w, end);
    if (last)
        *fix = ais140_fix(w);
    return ms;
}

/* ---- behind the place ---- */

static void ais140_read_motion(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    struct record *rec = f->rec;
    rec->speed_kmh = ais140_num(w, "speed_kmh");
    rec->course_deg = ais140_num(w, "heading_deg");
    rec_num(rec, KEY_SAT, ais140_num(w, "satellites"));
    rec->altitude_m = ais140_num(w, "altitude_m");
    rec_num(rec, KEY_PDOP, ais140_num(w, "pdop"));
    rec_num(rec, KEY_HDOP, ais140_num(w, "hdop"));
}

/* 0 or 1; what is neither is absent. */
static void ais140_read_flag(struct ais140_frame *f, const char *name, uint32_t key)
{
    struct span text = ais140_text(&f->w, name);
    if (span_is(text, "0") || span_is(text, "1")) {
        rd_means(f->w.r, *text.ptr == '1' ? "yes" : "no");
        rec_bool(f->rec, key, *text.ptr == '1');
    }
}

/* Some firmware leaves the field out, and what follows moves up: a number is not it. */
static void ais140_read_tamper(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    double value;
    struct span next = span_trim(ais140_token(w, w->at));
    if (w->at >= w->count || (next.len && text_num(next, &value)))
        return;
    ais140_text(w, "tamper");
    rd_means(w->r, span_is(next, "O")   ? "cover open"
                   : span_is(next, "C") ? "cover closed"
                                        : "");
    if (span_is(next, "O"))
        rec_bool(f->rec, KEY_TAMPER, true);
}

static void ais140_read_vehicle(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    rec_span(f->rec, KEY_OPERATOR, ais140_text(w, "operator"));
    ais140_read_flag(f, "ignition", KEY_IGNITION);
    ais140_read_flag(f, "main_power", KEY_CHARGE);
    rec_num(f->rec, KEY_POWER_V, ais140_num(w, "main_v"));
    rec_num(f->rec, KEY_BATTERY_V, ais140_num(w, "battery_v"));
    ais140_read_flag(f, "emergency", KEY_EMERGENCY);
    ais140_read_tamper(f);
}

/* Four digits of inputs and two of outputs.  Neighbour cells can look alike and stand
 * before them, so the rightmost pair is it. */
static size_t ais140_find_wires(const struct ais140_walk *w)
{
    enum { CELL_FIELDS = 5 };
    for (size_t i = w->count; i-- > w->at + CELL_FIELDS;) {
        struct span in = ais140_token(w, i);
        struct span out = ais140_token(w, i + 1);
        bool fits = in.len == 4 && out.len == 2;
        for (size_t k = 0; fits && k < 4; k++)
            fits = in.ptr[k] >= '0' && in.ptr[k] <= '2' &&
                   (k > 1 || out.ptr[k] == '0' || out.ptr[k] == '1');
        if (fits)
            return i;
    }
    return w->count;
}

static void ais140_read_wires(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t wires = ais140_find_wires(w);
    bool found = wires < w->count;
    ais140_cells(f, found ? wires : w->at);
    if (!found) {
        ais140_spare(w, w->count, "spare");
        return;
    }
    ais140_inputs(f->s, f->rec, ais140_text(w, "inputs"));
    ais140_outputs(f->s, f->rec, ais140_text(w, "outputs"));
    ais140_tail(f);
}

/* One source asks for this answer and others do without: the operator's choice. */
static void ais140_acknowledge(struct ais140_frame *f)
{
    if (f->form && f->form->comma && !strcmp(f->form->header, "NRM") &&
        ses_setting_bool(f->s, "ackPositions", false))
        out_printf(f->o, "$,NRM,%s,1*", ses_id(f->s));
}

enum verdict ais140_position(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t imei = ais140_find_imei(w, w->at);
    size_t place = ais140_find_place(w, imei);
    if (imei == w->count)
        return rd_bad(w->r, "imei");
    if (place == w->count)
        return rd_bad(w->r, "latitude_deg");

    out_message(f->o, "location");
    f->rec = out_record(f->o);
    bool live = ais140_read_head(f, imei);
    bool fix = true;
    int64_t ms = ais140_read_when(f, place, &fix);
    ais140_place(w, f->rec);
    ais140_read_motion(f);
    ais140_read_vehicle(f);
    ais140_read_wires(f);
    /* An event of the ignition is newer than the field beside it. */
    if (f->type && f->type->ignition >= 0)
        rec_bool(f->rec, KEY_IGNITION, f->type->ignition);
    ais140_settle(f->s, f->rec, ais140_utc_ms(f->s, ms, live), fix);
    ais140_drain(w);
    ais140_acknowledge(f);
    return rd_done(w->r);
}
