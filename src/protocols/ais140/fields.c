/*
 * fields.c - what positions, emergencies and logins have in common: who, when, where,
 * and the wires.
 */
#include "protocols/ais140/ais140.h"

enum {
    INDIA_MINUTES = 330,
    INDIA_SLACK_MS = 5 * 60 * 1000,
    INDIA_PROOFS = 3,
    MINUTE_MS = 60 * 1000,
};

void ais140_identify(struct ais140_frame *f)
{
    struct span imei = ais140_text(&f->w, "imei");
    if (ais140_is_imei(imei))
        ses_identify(f->s, imei);
    else
        rd_bad(f->w.r, "imei");
}

/* Names of the fields that date and time are spread over, by how many there are. */
static const char *ais140_time_name(const struct ais140_walk *w, size_t count, size_t i)
{
    static const char *const parts[] = {"day",  "month",  "year",
                                        "hour", "minute", "second"};
    bool joined = ais140_token(w, w->at - i).len > 2; /* the first of them */
    switch (count) {
    case 1:
        return "time";
    case 2:
        return i ? "time" : "date";
    case 4:
        return joined ? (i ? parts[i + 2] : "date") : (i == 3 ? "time" : parts[i]);
    default:
        return i < 6 ? parts[i] : "spare";
    }
}

int64_t ais140_time_ms(struct ais140_walk *w, size_t end)
{
    char digits[16];
    size_t len = 0;
    bool fits = true;
    size_t count = end > w->at ? end - w->at : 0;
    for (size_t i = 0; i < count; i++) {
        struct span part = ais140_text(w, ais140_time_name(w, count, i));
        size_t pad = part.len == 1 && count > 1;
        fits =
            fits && ais140_is_digits(part, 0, 14) && len + pad + part.len < sizeof digits;
        if (!fits)
            break;
        digits[len] = '0';
        memcpy(digits + len + pad, part.ptr, part.len);
        len += pad + part.len;
    }
    digits[fits ? len : 0] = 0;
    /* Before the first fix the date is zero, whatever the time. */
    size_t date_len = len == 14 ? 8 : len == 12 ? 6 : len;
    if (fits && strspn(digits, "0") >= date_len)
        return TIME_NONE;
    int64_t ms;
    struct span text = span_of(digits);
    if (!text_time_ms(text, len == 14 ? "DMYYhms" : "DMYhms", &ms) || ms == TIME_NONE)
        rd_bad(w->r, "time");
    if (w->r->trace) {
        char iso[CIVIL_TEXT] = "";
        rd_means(w->r, ms == TIME_NONE ? "" : civil_iso(ms, iso));
    }
    return ms;
}

/* True once the device has proved that it keeps Indian time. */
static bool ais140_keeps_indian_time(struct session *s, int64_t ms, bool live)
{
    struct ais140_state *state = ses_state(s);
    int64_t ahead_ms = ms - ses_now_ms(s);
    int64_t off_ms = ahead_ms - INDIA_MINUTES * (int64_t)MINUTE_MS;
    if (live && off_ms >= -INDIA_SLACK_MS && off_ms <= INDIA_SLACK_MS) {
        if (state->ahead_count < INDIA_PROOFS)
            state->ahead_count++;
    } else if (live) {
        state->ahead_count = 0;
    }
    return state->ahead_count == INDIA_PROOFS;
}

int64_t ais140_utc_ms(struct session *s, int64_t ms, bool live)
{
    if (ms == TIME_NONE)
        return ms;
    double minutes = ses_setting_num(s, "timeOffset");
    if (isnan(minutes))
        minutes = ais140_keeps_indian_time(s, ms, live) ? INDIA_MINUTES : 0;
    if (!(fabs(minutes) <= 24 * 60))
        return ms;
    return ms - (int64_t)(minutes * MINUTE_MS);
}

/* A coordinate and its letter. */
static double ais140_coordinate(struct ais140_walk *w, const char *name,
                                const char *letter, double max)
{
    double deg = ais140_num(w, name);
    struct span side = ais140_text(w, letter);
    if (!(deg >= -max && deg <= max))
        rd_bad(w->r, name);
    bool negative = side.len && strchr("SsWw", *side.ptr);
    return negative ? -deg : deg;
}

void ais140_place(struct ais140_walk *w, struct record *rec)
{
    rec->latitude_deg = ais140_coordinate(w, "latitude_deg", "north_south", 90);
    rec->longitude_deg = ais140_coordinate(w, "longitude_deg", "east_west", 180);
}

bool ais140_fix(struct ais140_walk *w)
{
    struct span text = ais140_text(w, "fix");
    bool fix = text.len && strchr("123A", *text.ptr);
    rd_means(w->r, fix ? "fix" : "no fix");
    return fix;
}

void ais140_settle(struct session *s, struct record *rec, int64_t ms, bool fix)
{
    bool zero = rec->latitude_deg == 0 && rec->longitude_deg == 0;
    rec->device_ms = ms == TIME_NONE ? ses_now_ms(s) : ms;
    if (zero || ms == TIME_NONE) {
        rec->latitude_deg = rec->longitude_deg = NAN;
        rec->altitude_m = rec->speed_kmh = rec->course_deg = NAN;
        return;
    }
    rec->fix_ms = ms;
    rec->valid = fix;
}

/* ---- wires ---- */

/* The state of the wire that a setting names, 1 being leftmost; -1: not named. */
static int ais140_wire(struct session *s, const char *setting, struct span digits)
{
    double number = ses_setting_num(s, setting);
    if (!(number >= 1 && number <= (double)digits.len))
        return -1;
    uint8_t digit = digits.ptr[(size_t)number - 1];
    return digit == '0' || digit == '1' ? digit - '0' : -1;
}

static int ais140_input_wire(struct session *s, const char *setting, struct span digits)
{
    int state = ais140_wire(s, setting, digits);
    const char *inverted = ses_setting(s, "inverted");
    double number = ses_setting_num(s, setting);
    if (state < 0 || !inverted)
        return state;
    return strchr(inverted, '0' + (int)number) ? !state : state;
}

/* A digit 2 is a wire that is not there. */
static double ais140_bits(struct span digits)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.len; i++)
        value = value << 1 | (digits.ptr[i] == '1');
    return value;
}

/* Wires count from the left, as people read them: in1 is the first digit. */
void ais140_inputs(struct session *s, struct record *rec, struct span digits)
{
    const char *inverted = ses_setting(s, "inverted");
    rec_num(rec, KEY_INPUT, ais140_bits(digits));
    for (size_t i = 0; i < digits.len && i < 9; i++)
        if (digits.ptr[i] == '0' || digits.ptr[i] == '1')
            rec_bool(rec, KEY_N(KEY_IN, i + 1),
                     (digits.ptr[i] == '1') !=
                         (inverted && strchr(inverted, '1' + (int)i)));
    int door = ais140_input_wire(s, "doorInput", digits);
    int ignition = ais140_input_wire(s, "ignitionInput", digits);
    if (door >= 0)
        rec_bool(rec, KEY_DOOR, door);
    if (ignition >= 0)
        rec_bool(rec, KEY_IGNITION, ignition);
    if (ais140_input_wire(s, "panicInput", digits) == 1)
        rec_alarm(rec, "sos");
}

/* Which output cuts the engine differs by installation: only where the operator has
 * tried it out does a digit say so. */
void ais140_outputs(struct session *s, struct record *rec, struct span digits)
{
    rec_num(rec, KEY_OUTPUT, ais140_bits(digits));
    int blocked = ais140_wire(s, "relayOutput", digits);
    if (blocked >= 0)
        rec_bool(rec, KEY_BLOCKED, blocked);
}
