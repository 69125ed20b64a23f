/*
 * health.c - the state of the device itself: battery, memory, wires.
 *
 *     header,vendor,fw,IMEI,battery %,low battery %,memory %,seconds ignition on,
 *     seconds ignition off,inputs[,outputs],analog 1[,analog 2][,cell...]
 *
 * Amendment 3 prints inputs and outputs as one token of eight digits.  There is no
 * time in it: it is true when it arrives.
 */
#include "protocols/ais140/ais140.h"

static bool ais140_is_binary(struct span text, size_t min, size_t max)
{
    if (!ais140_is_digits(text, min, max))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] > '2')
            return false;
    return true;
}

static void ais140_read_wires(struct ais140_frame *f)
{
    enum { INPUTS = 4 };
    struct ais140_walk *w = &f->w;
    struct span in = ais140_token(w, w->at);
    if (!ais140_is_binary(in, 1, 8)) {
        ais140_text(w, "inputs");
        return;
    }
    ais140_text(w, "inputs");
    ais140_inputs(f->s, f->rec, span_cut(in, 0, INPUTS));
    if (in.len > INPUTS)
        ais140_outputs(f->s, f->rec, span_cut(in, INPUTS, in.len));
    struct span out = ais140_token(w, w->at);
    if (in.len <= INPUTS && w->at + 1 < w->count && ais140_is_binary(out, 2, 2)) {
        ais140_text(w, "outputs");
        ais140_outputs(f->s, f->rec, out);
    }
}

enum verdict ais140_health(struct ais140_frame *f)
{
    struct ais140_walk *w = &f->w;
    size_t imei = ais140_find_imei(w, w->at);
    if (imei == w->count)
        return rd_bad(w->r, "imei");
    out_message(f->o, "health");
    struct record *rec = f->rec = out_record(f->o);
    if (imei > 0 && span_is(w->token[0], "HP"))
        ais140_text(w, "type");
    if (imei > 1)
        ais140_spare(w, imei - 1, "vendor");
    if (w->at < imei)
        rec_span(rec, KEY_VERSION_FW, ais140_text(w, "firmware"));
    ais140_identify(f);
    rec_num(rec, KEY_BATTERY_PCT, ais140_num(w, "battery_pct"));
    ais140_num(w, "low_battery_pct");
    rec_free_num(rec, "memory", ais140_num(w, "memory_pct"));
    ais140_num(w, "period_on_s");
    ais140_num(w, "period_off_s");
    ais140_read_wires(f);
    rec_num(rec, KEY_N(KEY_ADC, 1), ais140_num(w, "analog1_v"));
    rec_num(rec, KEY_N(KEY_ADC, 2), ais140_num(w, "analog2_v"));
    rec->device_ms = ses_now_ms(f->s);
    ais140_drain(w);
    if (f->form && f->form->comma && !strcmp(f->form->header, "HBT"))
        out_printf(f->o, "$HBT*");
    return rd_done(w->r);
}
