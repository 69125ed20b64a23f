/*
 * bits.c - columns of integers as bits.
 */
#include "store/bits.h"

#include <assert.h>

enum {
    ESCAPE = 8, /* ones that say: the value follows with its length */
    LENGTH_BITS = 7,
    PARAM_BITS = 5,
    PARAM_MAX = 31,
    FEW_BITS = 3,
    FEW_MAX = 1 << FEW_BITS,
    CODE_BYTES = 24, /* room that the longest code asks for */
};

enum mode { SAME, PLAIN, DELTA, DELTA2, FEW, RAW, MODE_BITS = 3 };

/* Values that are all multiples are divided first: times in whole seconds. */
enum { TENS_BITS = 2 };
static const int64_t tens[] = {1, 10, 100, 1000};

static inline uint64_t zigzag(uint64_t v)
{
    return v << 1 ^ (v >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t unzigzag(uint64_t v)
{
    return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

/* Below 2^52 the exponent of twice the value and one tells it. */
static inline unsigned bit_length(uint64_t v)
{
    unsigned above = 0;
    for (; v >> 52; v >>= 8)
        above += 8;
    double odd = (double)(int64_t)(v << 1 | 1);
    uint64_t image;
    memcpy(&image, &odd, sizeof image);
    return above + (unsigned)(image >> 52) - 1023;
}

/* ---- writing ---- */

/* Written out, compilers make one store of it. */
static inline void store_le64(uint8_t *p, uint64_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
    p[4] = (uint8_t)(v >> 32);
    p[5] = (uint8_t)(v >> 40);
    p[6] = (uint8_t)(v >> 48);
    p[7] = (uint8_t)(v >> 56);
}

/* At most 56 bits, into room that is there: whole bytes go, the rest waits. */
static inline void put(struct bits_out *b, uint64_t value, unsigned bits)
{
    b->word |= value << b->fill;
    b->fill += bits;
    store_le64(b->bytes.ptr + b->bytes.len, b->word);
    b->bytes.len += b->fill / 8;
    b->word >>= b->fill & ~7u;
    b->fill &= 7;
}

static inline void put_long(struct bits_out *b, uint64_t value, unsigned bits)
{
    put(b, value & UINT32_MAX, bits < 32 ? bits : 32);
    if (bits > 32)
        put(b, value >> 32, bits - 32);
}

static inline void put_sized(struct bits_out *b, uint64_t value)
{
    unsigned len = bit_length(value);
    put(b, len, LENGTH_BITS);
    put_long(b, value, len);
}

void bo_put(struct bits_out *b, uint64_t value, unsigned bits)
{
    buf_room(&b->bytes, CODE_BYTES);
    put(b, value, bits);
}

void bo_int(struct bits_out *b, int64_t value)
{
    buf_room(&b->bytes, CODE_BYTES);
    put_sized(b, zigzag((uint64_t)value));
}

void bo_end(struct bits_out *b)
{
    bo_put(b, 0, 7 & (8 - b->fill));
}

/* ---- differences in Rice codes ---- */

static inline void put_rice(struct bits_out *b, uint64_t value, unsigned k)
{
    uint64_t ones = value >> k;
    if (ones >= ESCAPE) {
        put(b, (1 << ESCAPE) - 1, ESCAPE);
        put_sized(b, value);
        return;
    }
    uint64_t low = value & ((UINT64_C(1) << k) - 1);
    put(b, low << (ones + 1) | ((UINT64_C(1) << ones) - 1), (unsigned)ones + 1 + k);
}

static uint64_t delta_at(const int64_t *v, size_t i)
{
    return (uint64_t)v[i] - (uint64_t)v[i - 1];
}

/* The order of differences that leaves least, by a sample. */
static enum mode best_difference(const int64_t *v, size_t count)
{
    enum { SAMPLE = 16 };
    size_t step = count / SAMPLE + 1;
    size_t plain = 0, delta = 0, delta2 = 0;
    int64_t least = INT64_MAX;
    for (size_t i = 2; i < count; i += step) {
        uint64_t rise = delta_at(v, i);
        delta += bit_length(zigzag(rise));
        delta2 += bit_length(zigzag(rise - delta_at(v, i - 1)));
        least = v[i] < least ? v[i] : least;
    }
    for (size_t i = 2; i < count; i += step)
        plain += bit_length((uint64_t)v[i] - (uint64_t)least);
    if (plain < delta && plain < delta2)
        return PLAIN;
    return delta2 < delta ? DELTA2 : DELTA;
}

static int64_t least_of(const int64_t *v, size_t count)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        least = v[i] < least ? v[i] : least;
    return least;
}

/* What a mode leaves of the values, small ones, behind what leads; returns how many. */
static size_t take_rests(enum mode mode, const int64_t *v, size_t count, uint64_t *rests)
{
    uint64_t *at = rests;
    if (mode == PLAIN) {
        uint64_t least = (uint64_t)least_of(v, count);
        for (size_t i = 0; i < count; i++)
            *at++ = (uint64_t)v[i] - least;
    } else if (mode == DELTA) {
        for (size_t i = 1; i < count; i++)
            *at++ = zigzag(delta_at(v, i));
    } else {
        for (size_t i = 2; i < count; i++)
            *at++ = zigzag(delta_at(v, i) - delta_at(v, i - 1));
    }
    return (size_t)(at - rests);
}

/* The parameter that suits the mean length, and about how many bits that takes: rests of
 * one distribution take a bit and a half more than their lengths; those that are too
 * long for any parameter, what an escape takes. */
static unsigned best_param(const uint64_t *rests, size_t count, size_t *bits)
{
    size_t lengths = 0;
    for (size_t i = 0; i < count; i++)
        lengths += bit_length(rests[i]);
    size_t below = count * 3 / 4;
    size_t k = lengths > below ? (lengths - below) / count : 0;
    bool escapes = k > PARAM_MAX;
    *bits = lengths + (escapes ? count * (ESCAPE + LENGTH_BITS) : count * 3 / 2);
    return escapes ? PARAM_MAX : (unsigned)k;
}

static void put_differences(struct bits_out *out, enum mode mode, const int64_t *v,
                            size_t count, const uint64_t *rests, unsigned k)
{
    struct bits_out b = *out; /* its own, so that it stays in registers */
    size_t lead = mode == PLAIN ? 0 : mode == DELTA ? 1 : 2;
    put_sized(&b, zigzag((uint64_t)(mode == PLAIN ? least_of(v, count) : v[0])));
    if (mode == DELTA2)
        put_sized(&b, zigzag(delta_at(v, 1)));
    put(&b, k, PARAM_BITS);
    for (size_t i = 0; i < count - lead; i++)
        put_rice(&b, rests[i], k);
    *out = b;
}

/* ---- choices among few values ---- */

struct few {
    int64_t values[FEW_MAX];
    uint8_t choice[COLUMN_MAX];
    size_t count;
    unsigned choice_bits;
};

static size_t find_choice(struct few *f, int64_t value)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->values[i] == value)
            return i;
    if (f->count < FEW_MAX)
        f->values[f->count] = value;
    return f->count++;
}

/* The bits that it takes, or SIZE_MAX where the values are too many. */
static size_t take_few(const int64_t *v, size_t count, struct few *f)
{
    size_t changes = 0, bits = FEW_BITS + count;
    f->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool again = i && v[i] == v[i - 1];
        f->choice[i] = again ? f->choice[i - 1] : (uint8_t)find_choice(f, v[i]);
        if (f->count > FEW_MAX)
            return SIZE_MAX;
        changes += !again;
    }
    f->choice_bits = bit_length(f->count - 1);
    for (size_t i = 0; i < f->count; i++)
        bits += LENGTH_BITS + bit_length(zigzag((uint64_t)f->values[i]));
    return bits + changes * f->choice_bits;
}

static void put_head(struct bits_out *b, enum mode mode, unsigned ten)
{
    put(b, mode, MODE_BITS);
    put(b, ten, TENS_BITS);
}

/* Where that takes less than so many bits.  The first value is the first choice; a zero
 * says that the one before stands. */
static bool put_few(struct bits_out *b, unsigned ten, const int64_t *v, size_t count,
                    size_t bits)
{
    struct few f;
    if (take_few(v, count, &f) >= bits)
        return false;
    put_head(b, FEW, ten);
    put(b, f.count - 1, FEW_BITS);
    for (size_t i = 0; i < f.count; i++)
        put_sized(b, zigzag((uint64_t)f.values[i]));
    for (size_t i = 1; i < count; i++) {
        bool again = f.choice[i] == f.choice[i - 1];
        put(b, !again, 1);
        if (!again)
            put(b, f.choice[i], f.choice_bits);
    }
    return true;
}

/* ---- the best way ---- */

static bool all_same(const int64_t *v, size_t count)
{
    size_t i = 1;
    while (i < count && v[i] == v[0])
        i++;
    return i == count;
}

/* Inline, so that the divisor is a constant where it is called. */
static inline bool divide(const int64_t *v, size_t count, int64_t by, int64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (v[i] % by)
            return false;
        out[i] = v[i] / by;
    }
    return true;
}

/* Divides what can be; returns by which of the tens. */
static unsigned scale(const int64_t *v, size_t count, int64_t *out)
{
    if (divide(v, count, 1000, out))
        return 3;
    if (divide(v, count, 100, out))
        return 2;
    if (divide(v, count, 10, out))
        return 1;
    memcpy(out, v, count * sizeof *v);
    return 0;
}

/* Choices are looked for where differences take more bits than this each. */
enum { FEW_WORTH_BITS = 3 };

static void put_varied(struct bits_out *b, const int64_t *v, size_t count)
{
    int64_t scaled[COLUMN_MAX];
    uint64_t rests[COLUMN_MAX];
    unsigned ten = scale(v, count, scaled);
    enum mode mode = best_difference(scaled, count);
    size_t rest_count = take_rests(mode, scaled, count, rests);
    size_t bits;
    unsigned k = best_param(rests, rest_count, &bits);
    size_t raw_bits = count * 64;
    size_t limit = bits < raw_bits ? bits : raw_bits;
    if (bits > count * FEW_WORTH_BITS && put_few(b, ten, scaled, count, limit))
        return;
    if (bits < raw_bits) {
        put_head(b, mode, ten);
        put_differences(b, mode, scaled, count, rests, k);
        return;
    }
    put_head(b, RAW, ten);
    for (size_t i = 0; i < count; i++)
        put_long(b, (uint64_t)scaled[i], 64);
}

void bo_column(struct bits_out *b, const int64_t *values, size_t count)
{
    assert(count <= COLUMN_MAX);
    if (!count)
        return;
    buf_room(&b->bytes, (count + FEW_MAX) * CODE_BYTES);
    if (count < 2 || all_same(values, count)) {
        put(b, SAME, MODE_BITS);
        put_sized(b, zigzag((uint64_t)values[0]));
    } else {
        put_varied(b, values, count);
    }
}

/* ---- reading ---- */

struct bits_in bi_open(struct span bytes)
{
    return (struct bits_in){.ptr = bytes.ptr, .end = bytes.len * 8};
}

static inline uint64_t bad(struct bits_in *b)
{
    b->bad = true;
    b->pos = b->end;
    return 0;
}

/* The next bits: 57 of them at least, the pad's behind the end. */
static inline uint64_t look(const struct bits_in *b)
{
    return le64(b->ptr + b->pos / 8) >> b->pos % 8;
}

static inline uint64_t take(struct bits_in *b, uint64_t value, unsigned bits)
{
    if (bits > b->end - b->pos)
        return bad(b);
    b->pos += bits;
    return value;
}

static inline uint64_t get(struct bits_in *b, unsigned bits)
{
    return take(b, look(b) & ((UINT64_C(1) << bits) - 1), bits);
}

uint64_t bi_get(struct bits_in *b, unsigned bits)
{
    return get(b, bits);
}

static inline uint64_t get_sized(struct bits_in *b)
{
    unsigned len = (unsigned)get(b, LENGTH_BITS);
    if (len > 64)
        return bad(b);
    uint64_t low = get(b, len < 32 ? len : 32);
    return len > 32 ? low | get(b, len - 32) << 32 : low;
}

int64_t bi_int(struct bits_in *b)
{
    return (int64_t)unzigzag(get_sized(b));
}

uint64_t bi_below(struct bits_in *b, uint64_t max)
{
    uint64_t value = unzigzag(get_sized(b));
    return value > max ? bad(b) : value;
}

/* The lowest zero of the byte, found by a product that is different for each. */
static inline unsigned count_ones(uint64_t bits)
{
    static const uint8_t place[] = {0, 1, 6, 2, 7, 5, 4, 3};
    unsigned zero = ~(unsigned)bits & ((unsigned)bits + 1) & 0xff;
    return zero ? place[(zero * 0x1d & 0xff) >> 5] : ESCAPE;
}

static inline uint64_t get_rice(struct bits_in *b, unsigned k)
{
    uint64_t bits = look(b);
    unsigned ones = count_ones(bits);
    if (ones == ESCAPE) {
        take(b, 0, ESCAPE);
        return get_sized(b);
    }
    uint64_t low = bits >> (ones + 1) & ((UINT64_C(1) << k) - 1);
    return take(b, (uint64_t)ones << k | low, ones + 1 + k);
}

/* Sums go round as the differences did: hostile ones do no harm. */
static void get_differences(struct bits_in *in, enum mode mode, uint64_t *v, size_t count)
{
    struct bits_in b = *in; /* its own, so that it stays in registers */
    uint64_t at = unzigzag(get_sized(&b));
    uint64_t slope = mode == DELTA2 ? unzigzag(get_sized(&b)) : 0;
    unsigned k = (unsigned)get(&b, PARAM_BITS);
    size_t i = 0;
    if (mode == PLAIN) {
        for (; i < count; i++)
            v[i] = at + get_rice(&b, k);
    } else if (mode == DELTA) {
        for (v[i++] = at; i < count; i++)
            v[i] = at += unzigzag(get_rice(&b, k));
    } else {
        for (v[i++] = at; i < count; i++) {
            slope += i > 1 ? unzigzag(get_rice(&b, k)) : 0;
            v[i] = at += slope;
        }
    }
    *in = b;
}

static void get_few(struct bits_in *b, uint64_t *v, size_t count)
{
    uint64_t values[FEW_MAX];
    size_t few = get(b, FEW_BITS) + 1;
    for (size_t i = 0; i < few; i++)
        values[i] = unzigzag(get_sized(b));
    unsigned bits = bit_length(few - 1);
    size_t choice = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && get(b, 1))
            choice = get(b, bits);
        if (choice >= few)
            choice = bad(b);
        v[i] = values[choice];
    }
}

static void get_values(struct bits_in *b, enum mode mode, uint64_t *v, size_t count)
{
    switch (mode) {
    case PLAIN:
    case DELTA:
    case DELTA2:
        get_differences(b, mode, v, count);
        break;
    case FEW:
        get_few(b, v, count);
        break;
    case RAW:
        for (size_t i = 0; i < count; i++) {
            uint64_t low = get(b, 32);
            v[i] = low | get(b, 32) << 32;
        }
        break;
    default:
        bad(b);
        memset(v, 0, count * sizeof *v);
    }
}

void bi_column(struct bits_in *b, int64_t *values, size_t count)
{
    assert(count <= COLUMN_MAX);
    if (!count)
        return;
    enum mode mode = (enum mode)get(b, MODE_BITS);
    if (mode == SAME) {
        int64_t value = bi_int(b);
        for (size_t i = 0; i < count; i++)
            values[i] = value;
        return;
    }
    uint64_t ten = (uint64_t)tens[get(b, TENS_BITS)];
    uint64_t v[COLUMN_MAX];
    get_values(b, mode, v, count);
    for (size_t i = 0; i < count; i++)
        values[i] = (int64_t)(v[i] * ten);
}
