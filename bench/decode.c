/*
 * decode.c - what decoding a gt06 location of 36 bytes costs: framing, checksum, every
 * field into a record, and its answer.
 *
 * The yardstick is the checksum of the same frames alone, slicing by 4.  (The decoder
 * slices by 8.)
 */
#include <stdlib.h>

#include "bench.h"
#include "gateway/session.h"

enum { FRAMES = 4096, ROUNDS = 2000 };

static uint8_t frames[FRAMES][BENCH_FRAME];

static uint16_t table[4][256];

static void make_tables(void)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned crc = i;
        for (unsigned k = 0; k < 4; k++) {
            for (int bit = 0; bit < 8; bit++)
                crc = crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
            table[k][i] = (uint16_t)crc;
        }
    }
}

static uint16_t by_four(struct span s)
{
    const uint8_t *p = s.ptr;
    size_t left = s.len;
    uint32_t crc = 0xffff;
    for (; left >= 4; left -= 4, p += 4) {
        uint32_t ahead = (uint32_t)table[1][p[2]] ^ table[0][p[3]];
        crc ^= le16(p);
        crc = ahead ^ table[3][crc & 0xff] ^ table[2][crc >> 8];
    }
    for (; left; left--, p++)
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
    return (uint16_t)~crc;
}

static double checksums(void)
{
    static volatile unsigned kept;
    double from = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < FRAMES; i++)
            kept += by_four((struct span){frames[i] + 2, frames[i][2] - 1u});
    (void)kept;
    return (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - from) / ROUNDS / FRAMES * 1e9;
}

/* The decoder itself, as the channel calls it. */
static double decoding(const struct protocol *p)
{
    struct ch_scratch *s = ch_scratch_new();
    struct session session = {.state = mem_zero(p->state_size), .now_ms = 1715927420000};
    ses_identify(&session, span_of("359880140012347"));
    long decoded = 0;
    double from = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < FRAMES; i++) {
            struct span raw = {frames[i], BENCH_FRAME};
            if (p->frame(&session, raw, false) != BENCH_FRAME)
                abort();
            struct reader r = rd_open(raw, p->separator, NULL);
            out_clear(&s->out);
            decoded +=
                p->decode(&session, &r, &s->out) == DECODED && s->out.record_count == 1;
        }
    double ns = (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - from) / ROUNDS / FRAMES * 1e9;
    if (decoded != (long)ROUNDS * FRAMES)
        abort();
    free(session.state);
    ch_scratch_free(s);
    return ns;
}

static void count(void *arg, const struct frame *f)
{
    *(long *)arg += f->record_count;
}

/* The whole channel: what settles every record, and the hand-over, included. */
static double conversation(void)
{
    struct ch_scratch *s = ch_scratch_new();
    struct channel *c = ch_new(TRANSPORT_TCP, NULL, NULL, false);
    long records = 0;
    double from = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int round = 0; round < ROUNDS / 4; round++)
        for (int i = 0; i < FRAMES; i++)
            ch_feed(c, s, (struct span){frames[i], BENCH_FRAME}, false, 1715927420000,
                    count, &records);
    double ns =
        (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - from) / (ROUNDS / 4) / FRAMES * 1e9;
    if (records != (long)(ROUNDS / 4) * FRAMES)
        abort();
    ch_free(c);
    ch_scratch_free(s);
    return ns;
}

int main(void)
{
    const struct protocol *p = protocol_find("gt06");
    make_tables();
    if (by_four((struct span){(const uint8_t *)"123456789", 9}) != 0x906e)
        abort();
    for (unsigned i = 0; i < FRAMES; i++)
        bench_frame(frames[i], i % 64, i, 1714979289);
    double crc = checksums();
    double least_crc = crc, least = 1e9;
    for (int again = 0; again < 5; again++) {
        double ns = decoding(p);
        least = ns < least ? ns : least;
        crc = checksums();
        least_crc = crc < least_crc ? crc : least_crc;
    }
    printf("checksum alone     %6.1f ns a frame\n", least_crc);
    printf("frame and decode   %6.1f ns, %.2f times the checksum (at most 4)\n", least,
           least / least_crc);
    printf("through a channel  %6.1f ns\n", conversation());
    return 0;
}
