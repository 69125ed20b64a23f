/*
 * sha1.c - one or two blocks, as the standard writes them.
 */
#include "api/sha1.h"

#include <assert.h>

static uint32_t left(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static void add_block(uint32_t h[5], const uint8_t *block)
{
    static const uint32_t constants[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned i = 0; i < 16; i++)
        w[i] = be32(block + 4 * i);
    for (unsigned i = 16; i < 80; i++)
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? (b & c) | (~b & d)
                     : i < 40 ? b ^ c ^ d
                     : i < 60 ? (b & c) | (b & d) | (c & d)
                              : b ^ c ^ d;
        uint32_t next = left(a, 5) + f + e + w[i] + constants[i / 20];
        e = d;
        d = c;
        c = left(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void sha1_short(struct span text, uint8_t out[SHA1_SIZE])
{
    uint32_t h[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t blocks[128] = {0};
    assert(text.len <= 119);
    memcpy(blocks, text.ptr, text.len);
    blocks[text.len] = 0x80;
    size_t end = text.len < 56 ? 64 : 128;
    blocks[end - 2] = (uint8_t)(text.len * 8 >> 8);
    blocks[end - 1] = (uint8_t)(text.len * 8);
    for (size_t at = 0; at < end; at += 64)
        add_block(h, blocks + at);
    for (unsigned i = 0; i < SHA1_SIZE; i++)
        out[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}
