/*
 * http.c - the fixed-width form as a form field: POST, body "vltdata=NRM...".
 *
 * The value may be percent-encoded.  It is decoded into a copy, and what is told of the
 * copy is told of the place in the frame that it came from.
 */
#include "protocols/ais140/ais140.h"

enum { HEAD_MAX = 8192 };

static const char method[] = "POST ";
static const char field[] = "vltdata=";

int ais140_is_http(struct span in)
{
    size_t n = in.len < sizeof method - 1 ? in.len : sizeof method - 1;
    if (memcmp(in.ptr, method, n))
        return 0;
    return n == sizeof method - 1 ? 1 : -1;
}

/* The first byte of the body; 0: the head has not ended. */
static size_t ais140_http_body_start(struct span in)
{
    size_t crlf = span_find(in, 0, "\r\n\r\n", 4);
    size_t lf = span_find(in, 0, "\n\n", 2);
    if (crlf < in.len && crlf < lf)
        return crlf + 4;
    return lf < in.len ? lf + 2 : 0;
}

static bool ais140_http_same_letters(struct span text, const char *lower)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] | 0x20) != lower[i] && text.ptr[i] != (uint8_t)lower[i])
            return false;
    return true;
}

/* The length that the head announces; NAN: none, or no number. */
static double ais140_http_content_length(struct span head)
{
    static const char name[] = "content-length:";
    size_t len = sizeof name - 1;
    double value = NAN;
    for (size_t at = span_find(head, 0, "\n", 1); at < head.len;
         at = span_find(head, at + 1, "\n", 1)) {
        struct span line = span_cut(head, at + 1, span_find(head, at + 1, "\n", 1));
        if (line.len <= len || !ais140_http_same_letters(span_cut(line, 0, len), name))
            continue;
        return text_num(span_trim(span_cut(line, len, line.len)), &value) ? value : NAN;
    }
    return value;
}

bool ais140_http_body(struct span in, struct span *body)
{
    size_t start = ais140_http_body_start(in);
    *body = span_cut(in, start ? start : in.len, in.len);
    return start > 0;
}

/* The end of the field's value that starts at `from`. */
static size_t ais140_http_value_end(struct span body, size_t from)
{
    return span_find(body, from, "&", 1);
}

/* Where the value of vltdata starts; body.len: nowhere. */
static size_t ais140_http_value_start(struct span body)
{
    for (size_t at = 0; at < body.len; at = ais140_http_value_end(body, at) + 1)
        if (span_starts(span_cut(body, at, body.len), field))
            return at + sizeof field - 1;
    return body.len;
}

/* A body of unknown length: the value's own layout says where it ends. */
static int ais140_http_unmeasured_end(struct span in, size_t start, bool whole)
{
    struct span body = span_cut(in, start, in.len);
    size_t len = sizeof field - 1;
    if (whole)
        return (int)in.len;
    if (body.len < len && !memcmp(field, body.ptr, body.len))
        return FRAME_MORE;
    struct span value = span_cut(body, len, body.len);
    int cdac = span_starts(body, field) && value.len ? ais140_is_cdac(value) : -1;
    if (!span_starts(body, field) || !cdac)
        return (int)start;
    int end = cdac > 0 ? ais140_cdac_end(value, false) : FRAME_MORE;
    return end > 0 ? (int)(start + len) + end : end;
}

int ais140_http_end(struct span in, bool whole)
{
    size_t start = ais140_http_body_start(in);
    if (!start)
        return in.len > HEAD_MAX || whole ? FRAME_BAD : FRAME_MORE;
    double length = ais140_http_content_length(span_cut(in, 0, start));
    if (start > HEAD_MAX || length < 0 || length > AIS140_BATCH_MAX)
        return FRAME_BAD;
    if (isnan(length))
        return ais140_http_unmeasured_end(in, start, whole);
    size_t end = start + (size_t)length;
    if (end <= in.len)
        return (int)end;
    return whole ? (int)in.len : FRAME_MORE;
}

/* ---- the value ---- */

struct decoded {
    struct trace trace; /* first: it is this that the reader is given */
    struct trace *outer;
    struct span encoded; /* in the frame */
    size_t pos;          /* of it */
    size_t len;
    uint8_t text[AIS140_BATCH_MAX];
    uint16_t from[AIS140_BATCH_MAX + 1]; /* by byte of text: where in `encoded` */
};

static void ais140_http_tell_field(struct trace *t, const char *name, size_t pos,
                                   struct span raw, const char *value)
{
    const struct decoded *d = (const struct decoded *)t;
    size_t from = d->from[pos];
    size_t to = d->from[pos + raw.len];
    d->outer->field(d->outer, name, d->pos + from, span_cut(d->encoded, from, to), value);
}

static void ais140_http_tell_meaning(struct trace *t, const char *text)
{
    const struct decoded *d = (const struct decoded *)t;
    if (d->outer->meaning)
        d->outer->meaning(d->outer, text);
}

/* False where it is too long or a percent sign has no digits. */
static bool ais140_http_unescape(struct decoded *d)
{
    struct span in = d->encoded;
    size_t i = 0;
    while (i < in.len) {
        if (d->len == sizeof d->text || i > UINT16_MAX)
            return false;
        d->from[d->len] = (uint16_t)i;
        double value = in.ptr[i];
        size_t step = 1;
        if (in.ptr[i] == '%') {
            step = 3;
            if (i + step > in.len || !text_hex(span_cut(in, i + 1, i + 3), &value))
                return false;
        }
        d->text[d->len++] = (uint8_t)value;
        i += step;
    }
    d->from[d->len] = (uint16_t)i;
    return true;
}

static enum verdict ais140_http_read_value(struct session *s, struct reader *r,
                                           struct out *o, struct span body, size_t start,
                                           bool *registered)
{
    struct decoded d;
    d.trace = (struct trace){ais140_http_tell_field, ais140_http_tell_meaning};
    d.outer = r->trace;
    d.encoded = span_cut(body, start, ais140_http_value_end(body, start));
    d.pos = r->pos;
    d.len = 0;
    if (!ais140_http_unescape(&d))
        return rd_bad(r, "vltdata");
    struct span text = {d.text, d.len};
    struct reader inner = rd_open(text, 0, r->trace ? &d.trace : NULL);
    if (ais140_cdac(s, &inner, o, registered) != DECODED)
        return rd_bad(r, inner.fault ? inner.fault : "vltdata");
    r->pos += d.encoded.len;
    return DECODED;
}

static void ais140_http_read_head(struct reader *r)
{
    rd_until(r, "\n", "request");
    while (rd_left(r) && !r->fault) {
        struct span line = rd_until(r, "\n", "header");
        if (!line.len || (line.len == 1 && *line.ptr == '\r'))
            break;
    }
}

enum verdict ais140_http(struct session *s, struct reader *r, struct out *o)
{
    struct ais140_state *state = ses_state(s);
    state->dialect = AIS140_HTTP;
    ais140_http_read_head(r);
    struct span body = rd_rest(r);
    size_t start = ais140_http_value_start(body);
    if (start == body.len)
        return IGNORED;
    rd_raw(r, start, "field");
    bool registered = false;
    enum verdict verdict = ais140_http_read_value(s, r, o, body, start, &registered);
    if (rd_left(r))
        rd_raw(r, rd_left(r), "rest");
    if (registered)
        out_printf(o, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    else
        out_printf(o, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    return verdict;
}
