/*
 * checksum.c - the sums against their check values, and against a slow and plain
 * calculation at every length that takes another way through the code.
 */
#include "core/checksum.h"

#include "unit.h"

/* A sum by its definition, bit by bit. */
struct plain {
    unsigned width;
    uint32_t polynomial, start, end;
    bool low_first;
};

static uint32_t plain_sum(const struct plain *p, struct span s)
{
    uint32_t top = UINT32_C(1) << (p->width - 1);
    uint32_t mask = top | (top - 1);
    uint32_t sum = p->start;
    for (size_t i = 0; i < s.len * 8; i++) {
        unsigned at = i % 8;
        uint32_t bit = s.ptr[i / 8] >> (p->low_first ? at : 7 - at) & 1;
        if (p->low_first)
            sum = sum >> 1 ^ (((sum ^ bit) & 1) ? p->polynomial : 0);
        else
            sum = (sum << 1 ^ ((!!(sum & top) ^ bit) ? p->polynomial : 0)) & mask;
    }
    return sum ^ p->end;
}

static uint32_t x25(struct span s)
{
    return crc16_x25(s);
}
static uint32_t xmodem(struct span s)
{
    return crc16_xmodem(s);
}
static uint32_t maxim(struct span s)
{
    return crc8_maxim(s);
}

static const struct {
    const char *name;
    uint32_t (*sum)(struct span s);
    uint32_t check;
    struct plain plain;
} sums[] = {
    {"x25", x25, 0x906e, {16, 0x8408, 0xffff, 0xffff, true}},
    {"xmodem", xmodem, 0x31c3, {16, 0x1021, 0, 0, false}},
    {"zip", crc32_zip, 0xcbf43926, {32, 0xedb88320, ~0u, ~0u, true}},
    {"mpeg2", crc32_mpeg2, 0x0376e6e7, {32, 0x04c11db7, ~0u, 0, false}},
    {"crc32c", crc32c, 0xe3069283, {32, 0x82f63b78, ~0u, ~0u, true}},
    {"crc32c portable", crc32c_portable, 0xe3069283, {32, 0x82f63b78, ~0u, ~0u, true}},
    {"maxim", maxim, 0xa1, {8, 0x8c, 0, 0, true}},
};

void test_checksum(void)
{
    uint8_t bytes[96];
    struct chance chance = {1};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)chance_next(&chance);
    struct span digits = span_of("123456789");
    for (size_t i = 0; i < COUNT(sums); i++) {
        CHECK(sums[i].sum(digits) == sums[i].check, sums[i].name);
        CHECK(plain_sum(&sums[i].plain, digits) == sums[i].check, sums[i].name);
        for (size_t from = 0; from < 8; from++)
            for (size_t len = 0; len <= sizeof bytes - from; len++) {
                struct span s = {bytes + from, len};
                CHECK(sums[i].sum(s) == plain_sum(&sums[i].plain, s), sums[i].name);
            }
    }
    CHECK(xor8(digits) == 0x31, "xor8");
    CHECK(xor8((struct span){bytes, 0}) == 0, "xor8 of nothing");
}
