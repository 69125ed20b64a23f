/*
 * checksum.c - table-driven sums.
 *
 * A sum is linear: the entry of a byte is the exclusive or of the entries of its
 * bits.  So a table is written as its eight single-bit entries, low bit first, and
 * the compiler makes 256 of them.  Table k of several holds the entry of a byte with
 * k zero bytes behind it, so that k + 1 bytes are taken in one step.
 */
#include "core/checksum.h"

#define BIT(i, n, entry) ((i) >> (n)&1 ? (entry) : 0)
#define ENTRY(i, a, b, c, d, e, f, g, h)                                                 \
    BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^           \
        BIT(i, 5, f) ^ BIT(i, 6, g) ^ BIT(i, 7, h)
#define ENTRIES_4(i, ...)                                                                \
    ENTRY(i, __VA_ARGS__), ENTRY(i + 1, __VA_ARGS__), ENTRY(i + 2, __VA_ARGS__),         \
        ENTRY(i + 3, __VA_ARGS__)
#define ENTRIES_16(i, ...)                                                               \
    ENTRIES_4(i, __VA_ARGS__), ENTRIES_4(i + 4, __VA_ARGS__),                            \
        ENTRIES_4(i + 8, __VA_ARGS__), ENTRIES_4(i + 12, __VA_ARGS__)
#define ENTRIES_64(i, ...)                                                               \
    ENTRIES_16(i, __VA_ARGS__), ENTRIES_16(i + 16, __VA_ARGS__),                         \
        ENTRIES_16(i + 32, __VA_ARGS__), ENTRIES_16(i + 48, __VA_ARGS__)
#define TABLE(...)                                                                       \
    {                                                                                    \
        ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__),                         \
            ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__)                   \
    }

/* Polynomial 0x1021, low bit first. */
static const uint16_t x25_table[8][256] = {
    TABLE(0x1189, 0x2312, 0x4624, 0x8c48, 0x1081, 0x2102, 0x4204, 0x8408),
    TABLE(0x19d8, 0x33b0, 0x6760, 0xcec0, 0x9591, 0x2333, 0x4666, 0x8ccc),
    TABLE(0x5adc, 0xb5b8, 0x6361, 0xc6c2, 0x8595, 0x033b, 0x0676, 0x0cec),
    TABLE(0x1cbb, 0x3976, 0x72ec, 0xe5d8, 0xc3a1, 0x8f53, 0x16b7, 0x2d6e),
    TABLE(0x0b44, 0x1688, 0x2d10, 0x5a20, 0xb440, 0x6091, 0xc122, 0x8a55),
    TABLE(0x042b, 0x0856, 0x10ac, 0x2158, 0x42b0, 0x8560, 0x02d1, 0x05a2),
    TABLE(0x9fd5, 0x37bb, 0x6f76, 0xdeec, 0xb5c9, 0x6383, 0xc706, 0x861d),
    TABLE(0x81bf, 0x0b6f, 0x16de, 0x2dbc, 0x5b78, 0xb6f0, 0x65f1, 0xcbe2),
};

/* Eight bytes a step, the first two of them mixed with the sum so far; then four, two
 * and one. */
uint16_t crc16_x25(struct span s)
{
    const uint8_t *p = s.ptr;
    size_t left = s.len;
    uint32_t crc = 0xffff;
    for (; left >= 8; left -= 8, p += 8) {
        uint32_t ahead = (uint32_t)x25_table[5][p[2]] ^ x25_table[4][p[3]] ^
                         x25_table[3][p[4]] ^ x25_table[2][p[5]] ^ x25_table[1][p[6]] ^
                         x25_table[0][p[7]];
        crc ^= le16(p);
        crc = ahead ^ x25_table[7][crc & 0xff] ^ x25_table[6][crc >> 8];
    }
    if (left & 4) {
        uint32_t ahead = (uint32_t)x25_table[1][p[2]] ^ x25_table[0][p[3]];
        crc ^= le16(p);
        crc = ahead ^ x25_table[3][crc & 0xff] ^ x25_table[2][crc >> 8];
        p += 4;
    }
    if (left & 2) {
        crc ^= le16(p);
        crc = (uint32_t)x25_table[1][crc & 0xff] ^ x25_table[0][crc >> 8];
        p += 2;
    }
    if (left & 1)
        crc = crc >> 8 ^ x25_table[0][(crc ^ *p) & 0xff];
    return (uint16_t)~crc;
}

uint16_t crc16_xmodem(struct span s)
{
    static const uint16_t table[256] =
        TABLE(0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48c4, 0x9188);
    uint16_t crc = 0;
    for (size_t i = 0; i < s.len; i++)
        crc = (uint16_t)(crc << 8) ^ table[crc >> 8 ^ s.ptr[i]];
    return crc;
}

uint32_t crc32_zip(struct span s)
{
    static const uint32_t table[256] =
        TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832, 0x1db71064, 0x3b6e20c8,
              0x76dc4190, 0xedb88320);
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.len; i++)
        crc = crc >> 8 ^ table[(crc ^ s.ptr[i]) & 0xff];
    return ~crc;
}

uint32_t crc32_mpeg2(struct span s)
{
    static const uint32_t table[256] =
        TABLE(0x04c11db7, 0x09823b6e, 0x130476dc, 0x2608edb8, 0x4c11db70, 0x9823b6e0,
              0x34867077, 0x690ce0ee);
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.len; i++)
        crc = crc << 8 ^ table[crc >> 24 ^ s.ptr[i]];
    return crc;
}

/* Polynomial 0x1edc6f41, low bit first. */
static const uint32_t crc32c_table[8][256] = {
    TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede,
          0x417b1dbc, 0x82f63b78),
    TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302,
          0xff17c604, 0xfbc3faf9),
    TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14,
          0xc76580d9, 0x8b277743),
    TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b,
          0xaba65fe7, 0x52a0c93f),
    TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557,
          0x37516aae, 0x6ea2d55c),
    TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d,
          0x0e045beb, 0x1c08b7d6),
    TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd,
          0x7ab7077a, 0xf56e0ef4),
    TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599,
          0x1a00cb32, 0x34019664),
};

uint32_t crc32c_portable(struct span s)
{
    const uint8_t *p = s.ptr;
    size_t left = s.len;
    uint32_t crc = UINT32_MAX;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t eight = le64(p) ^ crc;
        crc = 0;
        for (unsigned i = 0; i < 8; i++)
            crc ^= crc32c_table[7 - i][eight >> 8 * i & 0xff];
    }
    for (; left; left--, p++)
        crc = crc >> 8 ^ crc32c_table[0][(crc ^ *p) & 0xff];
    return ~crc;
}

#if defined __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(struct span s)
{
    const uint8_t *p = s.ptr;
    size_t left = s.len;
    uint64_t crc = UINT32_MAX;
    for (; left >= 8; left -= 8, p += 8)
        crc = __builtin_ia32_crc32di(crc, le64(p));
    uint32_t tail = (uint32_t)crc;
    for (; left; left--, p++)
        tail = __builtin_ia32_crc32qi(tail, *p);
    return ~tail;
}

uint32_t crc32c(struct span s)
{
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(s) : crc32c_portable(s);
}
#else
uint32_t crc32c(struct span s)
{
    return crc32c_portable(s);
}
#endif

uint8_t crc8_maxim(struct span s)
{
    static const uint8_t table[256] =
        TABLE(0x5e, 0xbc, 0x61, 0xc2, 0x9d, 0x23, 0x46, 0x8c);
    uint8_t crc = 0;
    for (size_t i = 0; i < s.len; i++)
        crc = table[crc ^ s.ptr[i]];
    return crc;
}

uint8_t xor8(struct span s)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum ^= s.ptr[i];
    return sum;
}
