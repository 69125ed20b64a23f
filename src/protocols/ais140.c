/*
 * ais140.c - AIS-140, the Indian standard for trackers in public vehicles, and the
 * forms that its makers and states have made of it.
 *
 *     $[,]header,vendor,firmware,type,alert id,L|H,IMEI,registration,fix,DDMMYYYY,hhmmss,
 *     latitude,N|S,longitude,E|W,km/h,degrees,satellites,altitude m,PDOP,HDOP,operator,
 *     ignition,main power,main V,battery V,emergency,[tamper,]signal,MCC,MNC,LAC,cell,
 *     4 x 3 neighbours,inputs 4,outputs 2,tail*
 *
 * The standard fixes what is sent but not how: order, checksum and tail are the maker's.
 * ais140/position.c reads tracking frames, tail.c what stands behind the outputs,
 * login.c, health.c, emergency.c and answer.c the other messages, cdac.c the national
 * form without separators, http.c the same as a form field, frame.c says where a frame
 * ends and checksum.c how it is summed.
 *
 * Times are UTC, numbers decimal but for LAC and cell.  The IMEI stands in every frame,
 * so a datagram needs no login before it.
 *
 * Captured frames have also been read otherwise; the manual decides.  A tracking frame or
 * an emergency whose date is zero has the time of its arrival and no place; coordinates
 * of zero are no place; emergencies carry an altitude; RoadPoint's odometer stands in km
 * behind the frame number; GPSBOX prints a flag before its analog inputs.
 */
#include "protocols/ais140/ais140.h"

static enum ais140_dialect ais140_dialect_of(const struct ais140_frame *f)
{
    const char *header = f->form ? f->form->header : "";
    bool comma = f->form && f->form->comma;
    if (!strcmp(header, "RLP"))
        return AIS140_RLP;
    if (comma && (!strcmp(header, "NRM") || !strcmp(header, "LGN") ||
                  !strcmp(header, "HBT") || !strcmp(header, "EPB")))
        return AIS140_QUECTEL;
    if (!comma && f->starred && (!strcmp(header, "PVT") || !strcmp(header, "HLM")))
        return AIS140_AMD3;
    return AIS140_OTHER;
}

/* What a form says of the device's words; one that many share takes nothing back. */
static void ais140_note_dialect(struct ais140_frame *f)
{
    struct ais140_state *state = ses_state(f->s);
    enum ais140_dialect dialect = ais140_dialect_of(f);
    bool weaker = dialect == AIS140_OTHER ||
                  (dialect == AIS140_QUECTEL && state->dialect == AIS140_WETRACK);
    if (state->dialect == AIS140_UNHEARD || !weaker)
        state->dialect = dialect;
}

/* One maker's header stands before all kinds, and unknown headers before any. */
static enum ais140_kind ais140_guess_kind(const struct ais140_walk *w)
{
    enum { PACKET_TOKENS = 3 };
    size_t imei = ais140_find_imei(w, 0);
    size_t place = ais140_find_place(w, imei);
    bool health = false;
    for (size_t i = 0; i < w->count && i < PACKET_TOKENS; i++) {
        if (span_is(w->token[i], "EMR") || span_is(w->token[i], "SEM"))
            return KIND_EMERGENCY;
        health = health || span_is(w->token[i], "HP");
    }
    if (health && place == w->count)
        return KIND_HEALTH;
    /* Date and time, or fix, stand before the place; in logins firmware. */
    bool dated = place >= imei + 3 && place < w->count;
    for (size_t i = place - 2; dated && i < place; i++)
        dated = ais140_is_digits(w->token[i], 1, 8) || ais140_is_fix(w->token[i]);
    return dated ? KIND_POSITION : KIND_LOGIN;
}

static enum ais140_kind ais140_kind_of(const struct ais140_frame *f)
{
    enum ais140_kind kind = f->form ? f->form->kind : KIND_ANY;
    return kind == KIND_ANY ? ais140_guess_kind(&f->w) : kind;
}

/* How each kind is read, and what its header means. */
static const struct {
    enum verdict (*decode)(struct ais140_frame *f);
    const char *text;
} kinds[] = {
    [KIND_POSITION] = {ais140_position, "position"},
    [KIND_LOGIN] = {ais140_login, "login"},
    [KIND_HEALTH] = {ais140_health, "health"},
    [KIND_EMERGENCY] = {ais140_emergency, "emergency"},
    [KIND_DIAGNOSIS] = {ais140_diagnosis, "diagnosis"},
    [KIND_ANSWER] = {ais140_answer, "answer"},
};

static enum verdict ais140_decode_fixed(struct session *s, struct reader *r,
                                        struct out *o)
{
    struct ais140_state *state = ses_state(s);
    bool registered;
    state->dialect = AIS140_CDAC;
    return ais140_cdac(s, r, o, &registered);
}

static enum verdict ais140_decode_dollar(struct session *s, struct reader *r,
                                         struct out *o)
{
    struct ais140_frame f = {.s = s, .o = o};
    bool dollars = ais140_is_dollars(rd_rest(r)) > 0;
    rd_raw(r, 1, "start");
    if (ais140_is_cdac(rd_rest(r)) > 0)
        return ais140_decode_fixed(s, r, o);
    ais140_cut_star(&f, r);
    if (dollars)
        return ais140_login_dollars(&f, r);
    f.form = ais140_form_find(rd_rest(r));
    if (!rd_peek(r).len)
        rd_text(r, "lead");
    rd_text(r, "header");
    ais140_walk_init(&f.w, r);
    ais140_note_dialect(&f);
    enum ais140_kind kind = ais140_kind_of(&f);
    rd_means(r, kinds[kind].text);
    return kinds[kind].decode(&f);
}

static enum verdict ais140_decode(struct session *s, struct reader *r, struct out *o)
{
    struct span head = rd_rest(r);
    if (!head.len)
        return rd_bad(r, "header");
    if (*head.ptr == '$')
        return ais140_decode_dollar(s, r, o);
    if (ais140_is_cdac(head) > 0)
        return ais140_decode_fixed(s, r, o);
    if (ais140_is_http(head) > 0)
        return ais140_http(s, r, o);
    return ais140_plain_text(s, r, o);
}

const struct protocol proto_ais140 = {
    .name = "ais140",
    .title = "AIS-140 (Concox WeTrack140, iTriangle, RoadPoint, C-DAC ...)",
    .separator = ',',
    .frame_max = AIS140_HTTP_MAX,
    .state_size = sizeof(struct ais140_state),
    .detect = ais140_detect,
    .frame = ais140_frame_end,
    .decode = ais140_decode,
    .encode = ais140_encode,
};
