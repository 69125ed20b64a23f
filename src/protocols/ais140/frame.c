/*
 * frame.c - where a frame with commas ends.
 *
 * There is no rule that all makers keep.  In order: a line end; a star, with the
 * checksum that may follow it; the $ of the next frame.  A $ behind a comma is part of
 * NIC's login.  ATL puts one raw byte between the last comma and the star, which may
 * be a star, a $ or a line end itself.
 */
#include "protocols/ais140/ais140.h"

enum { SHORTEST = 20 };

static uint8_t ais140_byte_at(struct span in, size_t i)
{
    return i < in.len ? in.ptr[i] : 0;
}

static bool ais140_is_hex_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static size_t ais140_count_commas(struct span in, size_t end)
{
    size_t count = 0;
    for (size_t i = 0; i < end; i++)
        count += in.ptr[i] == ',';
    return count;
}

/* How many digits of a checksum a form surely prints behind its star: so many are waited
 * for on a stream.  RoadPoint's emergencies show by the cell that they add, iTriangle's
 * by the vendor; others must not wait for what may never come. */
static size_t ais140_digits_behind(struct span in, size_t star)
{
    enum { EPB_COMMAS = 18, AMD3_LOGIN_COMMAS = 9 };
    if (in.ptr[star - 1] == ',')
        return 0;
    if (in.ptr[star - 1] == ')' || span_starts(in, "$Header,") || span_starts(in, "$TEL"))
        return 2;
    if (span_starts(in, "$LGN,"))
        return ais140_count_commas(in, star) == AMD3_LOGIN_COMMAS ? 2 : 0;
    if (!span_starts(in, "$EPB,"))
        return 0;
    if (ais140_count_commas(in, star) >= EPB_COMMAS)
        return 8;
    return span_starts(in, "$EPB,EMR,") || span_starts(in, "$EPB,SEM,") ? 0 : 2;
}

/* Behind the frame and the line end that may follow it. */
static int ais140_with_line_end(struct span in, size_t end)
{
    end += ais140_byte_at(in, end) == '\r';
    end += ais140_byte_at(in, end) == '\n';
    return (int)end;
}

static int ais140_star_end(struct span in, size_t star, bool whole)
{
    bool bare = in.ptr[star - 1] == ',';
    if (bare && ais140_byte_at(in, star + 1) == '*')
        return ais140_with_line_end(in, star + 2);
    if (bare && star + 1 == in.len && !whole && span_starts(in, "$,CP,"))
        return FRAME_MORE;
    size_t digits = 0;
    while (digits <= 8 && ais140_is_hex_digit(ais140_byte_at(in, star + 1 + digits)))
        digits++;
    size_t next = star + 1 + digits;
    bool cut = next == in.len && !whole;
    size_t want = ais140_digits_behind(in, star);
    if (cut && digits < want)
        return FRAME_MORE;
    bool ended = next == in.len || memchr("\r\n$", in.ptr[next], 3);
    bool sum = ended && digits && digits < 9 && (digits <= 2 || digits == 8);
    return ais140_with_line_end(in, sum ? next : star + 1);
}

/* A raw byte of ATL stands at i, and the star behind it; -1: the star may yet come. */
static int ais140_is_raw_sum(struct span in, size_t i, bool whole)
{
    if (in.ptr[i - 1] != ',')
        return 0;
    if (i + 1 == in.len)
        return whole ? 0 : -1;
    return in.ptr[i + 1] == '*';
}

/* What a byte below blank at i means: the line end, a raw checksum, or no frame. */
static int ais140_control_end(struct span in, size_t i, bool whole)
{
    int raw = ais140_is_raw_sum(in, i, whole);
    if (raw < 0)
        return FRAME_MORE;
    if (raw)
        return ais140_with_line_end(in, i + 2);
    if (in.ptr[i] != '\r' && in.ptr[i] != '\n')
        return FRAME_BAD;
    return i < SHORTEST ? FRAME_BAD : ais140_with_line_end(in, i);
}

static int ais140_comma_end(struct span in, bool whole)
{
    size_t max = in.len < AIS140_SHORT_MAX ? in.len : AIS140_SHORT_MAX;
    for (size_t i = 1; i < max; i++) {
        uint8_t c = in.ptr[i];
        if (c == '*')
            return ais140_star_end(in, i, whole);
        if (c < ' ')
            return ais140_control_end(in, i, whole);
        if (c != '$')
            continue;
        if (in.ptr[i - 1] != ',' || ais140_byte_at(in, i + 1) == ',')
            return i < SHORTEST ? FRAME_BAD : (int)i;
    }
    if (max == AIS140_SHORT_MAX || (whole && in.len < SHORTEST))
        return FRAME_BAD;
    return whole ? (int)in.len : FRAME_MORE;
}

static int ais140_dollars_end(struct span in, bool whole)
{
    for (size_t i = 1; i < in.len && i < AIS140_SHORT_MAX; i++) {
        if (in.ptr[i] == '*')
            return ais140_with_line_end(in, i + 1);
        if (in.ptr[i] < ' ')
            return ais140_with_line_end(in, i);
    }
    if (in.len >= AIS140_SHORT_MAX)
        return FRAME_BAD;
    return whole ? (int)in.len : FRAME_MORE;
}

static int ais140_dollar_end(struct span in, bool whole)
{
    if (in.len == 1)
        return whole ? FRAME_BAD : FRAME_MORE;
    if (in.ptr[1] == '$')
        return FRAME_BAD;
    int cdac = ais140_is_cdac(span_cut(in, 1, in.len));
    int dollars = ais140_is_dollars(in);
    if (dollars > 0)
        return ais140_dollars_end(in, whole);
    if (dollars < 0 && !whole)
        return FRAME_MORE;
    if (cdac > 0) {
        int end = ais140_cdac_end(span_cut(in, 1, in.len), whole);
        return end > 0 ? ais140_with_line_end(
                             in, (size_t)end + 1 +
                                     (ais140_byte_at(in, (size_t)end + 1) == '*'))
                       : end;
    }
    return ais140_comma_end(in, whole);
}

/* What a device prints between its frames: up to a line end, a star, or the next $. */
static int ais140_text_end(struct span in, bool whole)
{
    for (size_t i = 0; i < in.len && i < AIS140_SHORT_MAX; i++) {
        if (in.ptr[i] == '$')
            return (int)i;
        if (in.ptr[i] == '*')
            return ais140_with_line_end(in, i + 1);
        if (in.ptr[i] == '\r' || in.ptr[i] == '\n')
            return ais140_with_line_end(in, i);
        if (in.ptr[i] < ' ')
            return FRAME_BAD;
    }
    if (in.len >= AIS140_SHORT_MAX)
        return FRAME_BAD;
    return whole ? (int)in.len : FRAME_MORE;
}

/* A maker's own words, or what ATL adds behind a frame.  The fixed-width form has
 * frames for its answers, and nothing says where a broken one ends. */
static bool ais140_starts_text(const struct ais140_state *state, uint8_t c)
{
    bool free = state->dialect != AIS140_UNHEARD && state->dialect != AIS140_CDAC &&
                state->dialect != AIS140_HTTP;
    return free && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ',');
}

int ais140_frame_end(struct session *s, struct span in, bool whole)
{
    const struct ais140_state *state = ses_state(s);
    if (!in.len)
        return FRAME_MORE;
    if (*in.ptr == '$')
        return ais140_dollar_end(in, whole);
    int cdac = ais140_is_cdac(in);
    int http = ais140_is_http(in);
    if ((cdac < 0 || http < 0) && !whole)
        return FRAME_MORE;
    if (cdac > 0)
        return ais140_cdac_end(in, whole);
    if (http > 0)
        return ais140_http_end(in, whole);
    return ais140_starts_text(state, *in.ptr) ? ais140_text_end(in, whole) : FRAME_BAD;
}
