/*
 * emergency.c - the emergency packet, sent beside the tracking frames while the button
 * counts as pressed.
 *
 *     EPB,[vendor,]EMR|SEM,IMEI,NM|SP,DDMMYYYYhhmmss,A|V,lat,N,lon,E,altitude m,km/h,
 *     metres,G|N,reg,reply number[,mcc,mnc,lac,cell][,checksum]
 *
 * Some makers swap metres and provider (G fine, N coarse): the letter tells.  Without a
 * fix date and place are zero; it is a call for help all the same.
 */
#include "protocols/ais140/ais140.h"

static size_t ais140_find_packet(const struct ais140_walk *w)
{
    size_t i = w->at;
    while (i < w->count && !span_is(w->token[i], "EMR") && !span_is(w->token[i], "SEM"))
        i++;
    return i;
}

static bool ais140_read_packet(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    ais140_spare(w, ais140_find_packet(w), "vendor");
    bool emergency = span_is(ais140_text(w, "packet"), "EMR");
    rd_means(w->r, emergency ? "emergency" : "emergency stopped");
    rec_bool(f->rec, KEY_EMERGENCY, emergency);
    if (emergency)
        rec_alarm(f->rec, "sos");
    return emergency;
}

static bool ais140_read_stored(struct ais140_frame *f)
{
    bool stored = span_is(ais140_text(&f->w, "status"), "SP");
    rd_means(f->w.r, stored ? "stored" : "live");
    if (stored)
        rec_bool(f->rec, KEY_ARCHIVE, true);
    return stored;
}

static void ais140_read_provider(struct ais140_walk *w)
{
    bool fine = span_is(ais140_text(w, "provider"), "G");
    rd_means(w->r, fine ? "fine" : "coarse");
}

static void ais140_read_motion(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    f->rec->altitude_m = ais140_num(w, "altitude_m");
    f->rec->speed_kmh = ais140_num(w, "speed_kmh");
    struct span next = ais140_token(w, w->at);
    bool swapped = span_is(next, "G") || span_is(next, "N");
    if (swapped)
        ais140_read_provider(w);
    rec_num(f->rec, KEY_DISTANCE_M, ais140_num(w, "distance_m"));
    if (!swapped)
        ais140_read_provider(w);
}

/* What stands behind the reply number: a cell, a checksum, both or nothing. */
static void ais140_read_rest(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    ais140_text(w, "registration");
    ais140_text(w, "reply_number");
    size_t end = w->count;
    end -= end > w->at && !ais140_token(w, end - 1).len;
    size_t left = end > w->at ? end - w->at : 0;
    if (left >= 4) {
        double mcc = ais140_num(w, "mcc");
        double mnc = ais140_num(w, "mnc");
        double lac;
        double cid;
        bool hex = text_hex(ais140_text(w, "lac"), &lac);
        hex = text_hex(ais140_text(w, "cell"), &cid) && hex;
        if (hex && mcc >= 1 && mcc <= 999 && mnc >= 0 && mnc <= 999 && lac > 0 &&
            lac <= UINT32_MAX && cid > 0)
            rec_cell(f->rec, (struct cell){.mcc = (uint16_t)mcc,
                                           .mnc = (uint16_t)mnc,
                                           .lac = (uint32_t)lac,
                                           .cid = (uint64_t)cid});
        left -= 4;
    }
    if (left == 1 && ais140_is_sum(ais140_token(w, w->at)))
        ais140_sum_field(f);
}

enum verdict ais140_emergency(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    if (ais140_find_packet(w) == w->count)
        return rd_bad(w->r, "packet");
    out_message(f->o, "emergency");
    f->rec = out_record(f->o);
    ais140_read_packet(f);
    ais140_identify(f);
    bool stored = ais140_read_stored(f);

    size_t place = ais140_find_place(w, w->at);
    int64_t ms = TIME_NONE;
    bool fix = false;
    if (place < w->count) {
        bool said = place > w->at && ais140_is_fix(ais140_token(w, place - 1));
        ms = ais140_time_ms(w, place - said);
        fix = !said || ais140_fix(w);
        ais140_place(w, f->rec);
        ais140_read_motion(f);
        ais140_read_rest(f);
    }
    ais140_settle(f->s, f->rec, ais140_utc_ms(f->s, ms, !stored), fix);
    ais140_drain(w);
    return rd_done(w->r);
}
