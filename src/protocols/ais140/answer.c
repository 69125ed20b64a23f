/*
 * answer.c - what devices say to commands outside of tracking frames, and the
 * diagnosis of Assam's second version.
 *
 *     $,PC,12,IMEI,1,ip,date,time,parameter,*         a parameter was changed
 *     $ACK,...,IMEI,...                               likewise
 *     ACTVR,code,vendor,V<fw>,IMEI,01,lat,N,...       answers to SMS, with or without $
 *     HCHKR,code,...,IMEI,02,...
 *     any text                                        what a maker prints
 *     ,O,S,<number>                                   ATL, behind the end of the frame:
 *                                                     who asked for the change
 */
#include "protocols/ais140/ais140.h"

enum verdict ais140_diagnosis(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t imei = ais140_find_imei(w, w->at);
    if (imei == w->count)
        return rd_bad(w->r, "imei");
    out_message(f->o, "diagnosis");
    f->rec = out_record(f->o);
    ais140_spare(w, imei, "spare");
    ais140_identify(f);
    rec_span(f->rec, KEY_ICCID, ais140_text(w, "iccid"));
    bool dated = w->at + 2 <= w->count && ais140_is_digits(w->token[w->at], 6, 8) &&
                 ais140_is_digits(w->token[w->at + 1], 6, 6);
    int64_t ms = dated ? ais140_time_ms(w, w->at + 2) : TIME_NONE;
    ms = ais140_utc_ms(f->s, ms, true);
    f->rec->device_ms = ms == TIME_NONE ? ses_now_ms(f->s) : ms;
    ais140_drain(w);
    return rd_done(w->r);
}

enum verdict ais140_answer(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t imei = ais140_find_imei(w, w->at);
    if (imei == w->count)
        return rd_bad(w->r, "imei");
    out_message(f->o, "commandReply");
    struct span text = span_trim(rd_rest(w->r));
    bool comma = text.len && text.ptr[text.len - 1] == ',';
    out_answer(f->o, 0, span_cut(text, 0, text.len - comma));
    ais140_spare(w, imei, "answer");
    ais140_identify(f);
    while (rd_more(w->r))
        rd_text(w->r, rd_peek(w->r).len ? "answer" : "end");
    return rd_done(w->r);
}

/* A piece of a frame is no answer: it has many commas, or is a late checksum. */
static bool ais140_is_piece(struct span text)
{
    enum { COMMAS_MAX = 6, SUM_DIGITS_MAX = 8 };
    size_t commas = 0;
    double value;
    for (size_t i = 0; i < text.len; i++)
        commas += text.ptr[i] == ',';
    return commas > COMMAS_MAX || (text.len <= SUM_DIGITS_MAX && text_hex(text, &value));
}

enum verdict ais140_plain_text(struct session *s, struct reader *r, struct out *o)
{
    struct span text = span_trim(rd_raw(r, rd_left(r), "answer"));
    bool behind = text.len && *text.ptr == ',';
    (void)s;
    if ((behind && !span_starts(text, ",O,")) || ais140_is_piece(text))
        return IGNORED;
    out_message(o, "commandReply");
    out_answer(o, 0, span_cut(text, behind, text.len));
    return rd_done(r);
}
