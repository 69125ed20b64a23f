/*
 * checksum.c - the sums of AIS-140 frames.
 *
 * There is no rule: makers differ in algorithm, range and place.  Every candidate of
 * the length that stands there is tried; a frame that fits none is decoded all the same
 * and marked, since no maker's manual is complete.
 *
 *     place         digits  algorithm and range
 *     before ,*     2       XOR from $ through the comma before it; CRC-8/MAXIM
 *     behind *      2       XOR between $ and *, without or with both; CRC-8/MAXIM
 *     before *      4       CRC-16/X-25 from behind $ through the comma behind the frame
 *                           number (WeTrack140), CRC-16/XMODEM (Odisha), two running
 *                           sums (NIC)
 *     before *      8       CRC-32 or CRC-32/MPEG-2 from $ through the comma, CRC-32
 *                           without $ (Blackbox), a rotated sum (Odisha login)
 *     behind *      8       CRC-32 from $ up to *
 *
 * The decimal sum of CHVTS and the raw byte of ATL are of unknown making.
 */
#include "protocols/ais140/ais140.h"

#include "core/checksum.h"

enum { STAR_DIGITS_MAX = 8 };

static bool ais140_is_hex(struct span token)
{
    double value;
    return token.len && text_hex(token, &value);
}

bool ais140_is_sum(struct span token)
{
    return (token.len == 2 || token.len == 4 || token.len == 8) && ais140_is_hex(token);
}

/* c = c + b, then rotated right by one bit. */
static uint32_t ais140_rotated_sum(struct span s)
{
    uint32_t c = 0;
    for (size_t i = 0; i < s.len; i++) {
        c += s.ptr[i];
        c = c >> 1 | c << 31;
    }
    return c;
}

/* Two running sums, c0 of the bytes and c1 of c0; their order is not documented. */
static bool ais140_running_sums_fit(struct span s, unsigned want)
{
    uint8_t c0 = 0;
    uint8_t c1 = 0;
    for (size_t i = 0; i < s.len; i++) {
        c0 = (uint8_t)(c0 + s.ptr[i]);
        c1 = (uint8_t)(c1 + c0);
    }
    return want == (unsigned)(c0 << 8 | c1) || want == (unsigned)(c1 << 8 | c0);
}

static bool ais140_short_fits(struct span s, unsigned want)
{
    struct span inner = span_cut(s, 1, s.len);
    return want == xor8(s) || want == xor8(inner) || want == (xor8(s) ^ '*') ||
           want == crc8_maxim(s) || want == crc8_maxim(inner);
}

static bool ais140_word_fits(struct span s, size_t numbered, unsigned want)
{
    struct span inner = span_cut(s, 1, s.len);
    struct span head = span_cut(s, 1, numbered ? numbered : s.len);
    return want == crc16_x25(head) || want == crc16_x25(inner) ||
           want == crc16_xmodem(s) || want == crc16_xmodem(inner) ||
           ais140_running_sums_fit(s, want) || ais140_running_sums_fit(inner, want);
}

static bool ais140_long_fits(struct span s, uint32_t want)
{
    struct span inner = span_cut(s, 1, s.len);
    return want == crc32_zip(s) || want == crc32_mpeg2(s) || want == crc32_zip(inner) ||
           want == ais140_rotated_sum(s) || want == ais140_rotated_sum(inner);
}

static bool ais140_fits(struct span range, size_t numbered, struct span digits)
{
    double value;
    text_hex(digits, &value);
    uint32_t want = (uint32_t)value;
    if (digits.len <= 2)
        return ais140_short_fits(range, want);
    return digits.len == 4 ? ais140_word_fits(range, numbered, want)
                           : ais140_long_fits(range, want);
}

static void ais140_judge(struct ais140_frame *f, struct reader *r, bool ok)
{
    rd_means(r, ok ? "fits" : "does not fit");
    if (!ok)
        out_checksum_bad(f->o);
}

void ais140_cut_star(struct ais140_frame *f, struct reader *r)
{
    struct span rest = rd_rest(r);
    size_t star = rest.len;
    while (star > 0 && rest.len - star <= STAR_DIGITS_MAX && rest.ptr[star - 1] != '*')
        star--;
    if (!star || rest.ptr[star - 1] != '*')
        return;
    struct span digits = span_cut(rest, star, rest.len);
    if (!digits.len) {
        rd_tail(r, 1, "end");
        return;
    }
    if (!ais140_is_hex(digits))
        return;
    rd_tail_hex(r, '*', "checksum");
    f->starred = true;
    struct span range = {r->buf, r->len};
    ais140_judge(
        f, r, digits.len > 2 && digits.len < 8 ? false : ais140_fits(range, 0, digits));
}

void ais140_sum_field(struct ais140_frame *f)
{
    struct reader *r = f->w.r;
    struct span range = {r->buf, r->pos};
    struct span digits = ais140_text(&f->w, "checksum");
    if (!ais140_is_sum(digits))
        return;
    /* Uttarakhand's firmware always prints this. */
    bool literal = f->form && span_is(digits, "00") && !strcmp(f->form->header, "PVT");
    ais140_judge(f, r, literal || ais140_fits(range, f->numbered, digits));
}
