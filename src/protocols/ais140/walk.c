/*
 * walk.c - a frame as a row of tokens, and the anchors in it.
 */
#include "protocols/ais140/ais140.h"

/* The login of NIC has one before each field. */
static struct span ais140_without_dollar(struct span token)
{
    return span_cut(token, token.len && *token.ptr == '$', token.len);
}

void ais140_walk_init(struct ais140_walk *w, struct reader *r)
{
    struct span rest = rd_rest(r);
    size_t pos = 0;
    w->r = r;
    w->at = w->count = 0;
    while (rd_more(r) && w->count < AIS140_TOKENS_MAX) {
        size_t end = span_find(rest, pos, ",", 1);
        w->token[w->count++] = ais140_without_dollar(span_cut(rest, pos, end));
        if (end == rest.len)
            break;
        pos = end + 1;
    }
}

struct span ais140_token(const struct ais140_walk *w, size_t i)
{
    return i < w->count ? w->token[i] : (struct span){w->r->buf, 0};
}

struct span ais140_text(struct ais140_walk *w, const char *name)
{
    if (w->at >= w->count)
        return (struct span){w->r->buf, 0};
    w->at++;
    return span_trim(ais140_without_dollar(rd_text(w->r, name)));
}

double ais140_num(struct ais140_walk *w, const char *name)
{
    double value;
    return text_num(ais140_text(w, name), &value) ? value : NAN;
}

void ais140_spare(struct ais140_walk *w, size_t end, const char *name)
{
    while (w->at < end && w->at < w->count)
        ais140_text(w, name);
}

void ais140_drain(struct ais140_walk *w)
{
    while (rd_more(w->r))
        rd_text(w->r, rd_peek(w->r).len ? "spare" : "end");
    w->at = w->count;
}

bool ais140_is_digits(struct span token, size_t min, size_t max)
{
    if (token.len < min || token.len > max)
        return false;
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] < '0' || token.ptr[i] > '9')
            return false;
    return true;
}

bool ais140_is_imei(struct span token)
{
    return ais140_is_digits(token, AIS140_IMEI, AIS140_IMEI);
}

static bool ais140_one_of(struct span token, const char *letters)
{
    return token.len == 1 && *token.ptr && strchr(letters, *token.ptr);
}

static bool ais140_is_number(struct span token)
{
    double value;
    return text_num(span_trim(token), &value) && !isnan(value);
}

bool ais140_is_place(const struct span *token)
{
    return ais140_is_number(token[0]) && ais140_one_of(token[1], "NSns") &&
           ais140_is_number(token[2]) && ais140_one_of(token[3], "EWew");
}

bool ais140_is_fix(struct span token)
{
    return ais140_one_of(token, "0123AV") || span_is(token, "2D") || span_is(token, "3D");
}

bool ais140_is_status(struct span token)
{
    return ais140_one_of(token, "LH");
}

size_t ais140_find_imei(const struct ais140_walk *w, size_t from)
{
    while (from < w->count && !ais140_is_imei(w->token[from]))
        from++;
    return from;
}

size_t ais140_find_place(const struct ais140_walk *w, size_t from)
{
    for (; from + 4 <= w->count; from++)
        if (ais140_is_place(&w->token[from]))
            return from;
    return w->count;
}
