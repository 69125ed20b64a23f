/*
 * login.c - the frames that open a connection.
 *
 *     $,LGN,[vendor,]reg,IMEI,fw,AIS140,lat,N,lon,E,*       WeTrack140: answered
 *     $LGN,reg,IMEI,fw[,proto],lat[,N],lon[,E][,crc]*       RoadPoint, Odisha
 *     $LGN,reg,IMEI,SIM,fw,0100,lat,N,lon,E*XX              Amendment 3
 *     $Header,vendor,reg,IMEI,fw,AIS140,lat,N,lon,E*XX      iTriangle
 *     $LI,vendor,fw,IMEI,ICCID,reg,lat,N,lon,E              Blackbox
 *     $,01,vendor,fw,IMEI,reg,                              XYZ123: answered
 *     $,,IMEI,fw,VERSION1.0,lat,N,lon,E                     ATL: no end of its own
 *     $reg,$IMEI,$fw,$AIS140,$lat N lon E                   NIC
 *     $reg$IMEI$fw$1.0$lat$N$lon$E$                         NIC
 *     $LP$...*                                              answered
 *
 * The place that a login shows has no time, so it makes no record.
 */
#include "protocols/ais140/ais140.h"

#include <stdio.h>

enum { FIELDS_MAX = 5 };

/* Which fields stand before and behind the IMEI, by their number; those before the
 * IMEI without the header. */
struct layout {
    const char *before[FIELDS_MAX];
    const char *behind[FIELDS_MAX];
};

static const struct layout common = {
    {"vendor", "registration"},
    {"firmware", "protocol", "place"},
};
static const struct layout amended = {
    {"registration"},
    {"sim", "firmware", "protocol"},
};
static const struct layout box = {
    {"vendor", "firmware"},
    {"iccid", "registration"},
};

static const struct layout *ais140_find_layout(const struct ais140_frame *f,
                                               size_t behind)
{
    const char *header = f->form ? f->form->header : "";
    if (!strcmp(header, "LI") || !strcmp(header, "01"))
        return &box;
    return behind == 3 && !strcmp(header, "LGN") ? &amended : &common;
}

/* Names run from the right: where one is missing, it is the first. */
static void ais140_read_before(struct ais140_frame *f, const struct layout *layout,
                               size_t imei)
{
    struct ais140_walk *w = &f->w;
    size_t names = 0;
    while (layout->before[names])
        names++;
    ais140_spare(w, imei > names ? imei - names : 0, "spare");
    while (w->at < imei)
        ais140_text(w, layout->before[names - (imei - w->at)]);
}

static void ais140_read_behind(struct ais140_frame *f, const struct layout *layout,
                               size_t end)
{
    struct ais140_walk *w = &f->w;
    bool plain = f->form && !strcmp(f->form->header, "01"); /* has no ICCID */
    for (size_t i = plain; w->at < end; i++)
        ais140_text(w, i < FIELDS_MAX && layout->behind[i] ? layout->behind[i] : "spare");
}

static bool ais140_is_decimal(struct span text)
{
    double value;
    return text_num(text, &value) && !isnan(value) &&
           span_find(text, 0, ".", 1) < text.len;
}

/* The place, or two decimals beside each other where the letters are left out. */
static size_t ais140_find_login_place(const struct ais140_walk *w, size_t from)
{
    size_t place = ais140_find_place(w, from);
    for (size_t i = from; place == w->count && i + 1 < w->count; i++)
        if (ais140_is_decimal(w->token[i]) && ais140_is_decimal(w->token[i + 1]))
            return i;
    return place;
}

static void ais140_read_login_place(struct ais140_walk *w)
{
    static const char *const names[] = {"latitude_deg", "north_south", "longitude_deg",
                                        "east_west"};
    bool letters = w->at + 4 <= w->count && ais140_is_place(&w->token[w->at]);
    for (size_t i = 0; i < 4 && w->at < w->count; i += letters ? 1 : 2)
        ais140_text(w, names[i]);
}

static void ais140_reply_time(struct ais140_frame *f, const char *header)
{
    struct civil c = civil_of(ses_now_ms(f->s));
    out_printf(f->o, "$%s%02d%02d%04d%02d%02d%02d*", header, c.day, c.month, c.year,
               c.hour, c.minute, c.second);
}

static void ais140_reply(struct ais140_frame *f)
{
    if (!f->form || !f->form->comma)
        return;
    if (!strcmp(f->form->header, "LGN"))
        ais140_reply_time(f, "LGN");
    else if (!strcmp(f->form->header, "01"))
        out_printf(f->o, "$,1,*");
}

static void ais140_note_dialect(struct ais140_frame *f, const struct layout *layout,
                                size_t imei)
{
    struct ais140_state *state = ses_state(f->s);
    bool concox = false;
    for (size_t i = f->w.at; i < imei; i++)
        concox = concox || span_is(ais140_token(&f->w, i), "MARK");
    if (layout == &amended)
        state->dialect = AIS140_AMD3;
    else if (concox && state->dialect == AIS140_QUECTEL)
        state->dialect = AIS140_WETRACK;
}

enum verdict ais140_login(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t imei = ais140_find_imei(w, w->at);
    if (imei == w->count)
        return rd_bad(w->r, "imei");
    out_message(f->o, "login");
    size_t place = ais140_find_login_place(w, imei + 1);
    bool placed = place < w->count;
    size_t end = placed ? place : w->count - !ais140_token(w, w->count - 1).len;
    const struct layout *layout = ais140_find_layout(f, end - imei - 1);
    ais140_note_dialect(f, layout, imei);

    ais140_read_before(f, layout, imei);
    ais140_identify(f);
    ais140_read_behind(f, layout, end);
    if (placed)
        ais140_read_login_place(w);
    if (ais140_is_sum(ais140_token(w, w->at)))
        ais140_sum_field(f);
    ais140_drain(w);
    ais140_reply(f);
    return rd_done(w->r);
}

/* ---- fields that begin with $ ---- */

int ais140_is_dollars(struct span in)
{
    size_t second = 1;
    while (second < in.len && !memchr("$,*\r\n", in.ptr[second], 5))
        second++;
    if (second >= in.len)
        return in.len > AIS140_SHORT_MAX ? 0 : -1;
    if (second == 1 || in.ptr[second] != '$')
        return 0;
    if (second == 3 && !memcmp(in.ptr, "$LP", 3))
        return 1;
    struct span imei = span_cut(in, second + 1, second + 1 + AIS140_IMEI);
    if (!ais140_is_digits(imei, imei.len, AIS140_IMEI))
        return 0;
    if (imei.len < AIS140_IMEI || second + 1 + AIS140_IMEI >= in.len)
        return -1;
    return in.ptr[second + 1 + AIS140_IMEI] == '$';
}

enum verdict ais140_login_dollars(struct ais140_frame *f, struct reader *r)
{
    static const char *const names[] = {"registration",  "imei",         "firmware",
                                        "protocol",      "latitude_deg", "north_south",
                                        "longitude_deg", "east_west"};
    bool lp = span_starts(rd_rest(r), "LP$");
    bool known = false;
    out_message(f->o, "login");
    for (size_t i = 0; rd_left(r); i++) {
        const char *name = lp ? (i ? "field" : "header") : i < 8 ? names[i] : "spare";
        struct span text = rd_until(r, lp ? "$," : "$", name);
        if (!known && ais140_is_imei(text)) {
            known = true;
            ses_identify(f->s, text);
        }
    }
    if (lp)
        ais140_reply_time(f, "LP");
    else if (!known)
        return rd_bad(r, "imei");
    return rd_done(r);
}
