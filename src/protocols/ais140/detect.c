/*
 * detect.c - is this AIS-140?
 *
 * Many protocols begin with $.  What speaks for this one: a header of its own, the IMEI
 * as a token of exactly 15 digits, a packet type, and coordinates with letters.
 */
#include "protocols/ais140/ais140.h"

#include "core/frame.h"

enum { HEAD_MAX = 256, TYPE_TOKENS = 8, TOKENS_MAX = 40, HEADER_MAX = 12 };

struct evidence {
    const struct ais140_form *form;
    bool imei;
    bool type;  /* a packet type before the IMEI, or where it may still come */
    bool place; /* behind the IMEI */
    bool other; /* what no form has: the header is no name, or the IMEI comes late */
};

static bool ais140_is_name(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~' || strchr("*:;&#@{}<>=", text.ptr[i]))
            return false;
    return text.len <= HEADER_MAX;
}

/* The first line, or its first kilobyte; *ended: nothing that follows belongs to it. */
static struct span ais140_first_frame(struct span head, bool *ended)
{
    size_t end = 1;
    while (end < head.len && end < AIS140_SHORT_MAX && !memchr("\r\n*", head.ptr[end], 3))
        end++;
    *ended = end < head.len;
    return span_cut(head, 1, end);
}

static bool ais140_is_type(struct span token)
{
    return ais140_type_find(token) || span_is(token, "EMR") || span_is(token, "SEM");
}

/* Looks through the tokens that are whole. */
static struct evidence ais140_weigh(struct span text, bool ended)
{
    struct span token[TOKENS_MAX];
    struct evidence e = {.form = ais140_form_find(text)};
    size_t count = 0;
    size_t imei = TOKENS_MAX;
    size_t pos = 0;
    while (count < TOKENS_MAX && pos < text.len) {
        size_t end = span_find(text, pos, ",", 1);
        if (end == text.len && !ended)
            break;
        struct span t = span_cut(text, pos, end);
        t = token[count] = span_cut(t, t.len && *t.ptr == '$', t.len);
        if (imei == TOKENS_MAX && count <= TYPE_TOKENS) {
            e.type = e.type || (count && ais140_is_type(t));
            imei = ais140_is_imei(t) ? count : imei;
        }
        if (count >= imei + 4)
            e.place = e.place || ais140_is_place(&token[count - 3]);
        count++;
        pos = end + 1;
    }
    e.imei = imei < TOKENS_MAX;
    bool comma = text.len && *text.ptr == ',';
    struct span header = span_cut(text, comma, span_find(text, comma, ",", 1));
    e.other =
        (!e.form && !ais140_is_name(header)) || (count > TYPE_TOKENS + 1 && !e.imei);
    return e;
}

static int ais140_detect_comma(struct probe *p)
{
    bool ended;
    struct span text = ais140_first_frame(p->head, &ended);
    struct evidence e = ais140_weigh(text, ended || p->whole);
    bool atl = span_starts(text, ",,") && e.imei;
    size_t comma = span_find(text, 0, ",", 1);
    bool nic = e.imei && span_starts(span_cut(text, comma, text.len), ",$");

    if (e.form && e.imei && (e.place || e.type || e.form->kind != KIND_POSITION))
        return detect_as(p, DETECT_SURE, "header and IMEI of AIS-140");
    if (e.imei && e.type && e.place)
        return detect_as(p, DETECT_GOOD, "IMEI, packet type, and place with letters");
    if (e.place && (atl || nic))
        return detect_as(p, DETECT_GOOD, "login with IMEI and place");
    if (nic && ended)
        return detect_as(p, DETECT_FAIR, "login with IMEI");
    bool foreign = e.other || (e.imei && !e.form && !e.type && !atl && !nic);
    if (ended || p->whole || foreign || (!e.imei && text.len >= HEAD_MAX))
        return DETECT_NO;
    return DETECT_MORE;
}

static int ais140_detect_dollar(struct probe *p)
{
    struct span head = p->head;
    if (head.len < 2)
        return p->whole ? DETECT_NO : DETECT_MORE;
    if (head.ptr[1] == '$' || head.ptr[1] < ' ' || head.ptr[1] > '~')
        return DETECT_NO;
    if (ais140_is_cdac(span_cut(head, 1, head.len)) > 0)
        return detect_as(p, DETECT_SURE, "three letters and IMEI");
    int dollars = ais140_is_dollars(head);
    if (dollars > 0)
        return detect_as(p, DETECT_GOOD, "login between dollars");
    if (dollars < 0 && !p->whole && span_find(head, 1, "$", 1) < head.len)
        return DETECT_MORE;
    return ais140_detect_comma(p);
}

static int ais140_detect_http(struct probe *p)
{
    struct span body;
    if (!ais140_http_body(p->head, &body) || body.len < 8)
        return p->whole ? DETECT_NO : DETECT_MORE;
    size_t at = span_find(body, 0, "vltdata=", 8);
    if (at == body.len || (at && body.ptr[at - 1] != '&'))
        return DETECT_NO;
    return detect_as(p, DETECT_GOOD, "form field vltdata");
}

int ais140_detect(struct probe *p)
{
    if (!p->head.len)
        return DETECT_MORE;
    if (*p->head.ptr == '$')
        return ais140_detect_dollar(p);
    int http = ais140_is_http(p->head);
    int cdac = ais140_is_cdac(p->head);
    if (http > 0)
        return ais140_detect_http(p);
    if (cdac > 0)
        return detect_as(p, DETECT_SURE, "three letters and IMEI");
    return (http < 0 || cdac < 0) && !p->whole ? DETECT_MORE : DETECT_NO;
}
