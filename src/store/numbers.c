/*
 * numbers.c - columns of doubles as integers.
 */
#include "store/numbers.h"

#include <math.h>

/* ---- forms ---- */

/* Decimals; knots as km/h; and what a decoder made by a product with a tenth. */
static const struct {
    double over, times;
} forms[] = {
    {1, 1},       {10, 1},      {100, 1}, {1e3, 1},   {1e4, 1},
    {1e5, 1},     {1e6, 1},     {1e7, 1}, {1, 1.852}, {10, 1.852},
    {100, 1.852}, {1e3, 1.852}, {1, 0.1}, {1, 0.01},  {1, 0.001},
};

_Static_assert(sizeof forms / sizeof *forms == FORM_RAW, "a form has its number");

static double join(unsigned form, int64_t digits)
{
    double value = (double)digits / forms[form].over;
    return forms[form].times == 1 ? value : value * forms[form].times;
}

static bool split(unsigned form, double value, int64_t *digits)
{
    double scaled = value * forms[form].over;
    if (forms[form].times != 1)
        scaled /= forms[form].times;
    if (!(fabs(scaled) < 9e15))
        return false;
    *digits = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    return join(form, *digits) == value && !(*digits == 0 && signbit(value));
}

/* Most are integers. */
static bool split_integers(const int64_t *values, size_t count, int64_t *digits)
{
    for (size_t i = 0; i < count; i++) {
        double value = double_of(values[i]);
        if (!(fabs(value) < 9e15))
            return false;
        digits[i] = (int64_t)value;
        if (bits_of((double)digits[i]) != values[i])
            return false;
    }
    return true;
}

bool form_split(unsigned form, const int64_t *values, size_t count, int64_t *digits)
{
    if (form == 0)
        return split_integers(values, count, digits);
    for (size_t i = 0; i < count; i++)
        if (!split(form, double_of(values[i]), &digits[i]))
            return false;
    return true;
}

void form_join(unsigned form, const int64_t *digits, size_t count, int64_t *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = form == FORM_RAW ? digits[i] : bits_of(join(form, digits[i]));
}

void put_numbers(struct bits_out *b, const int64_t *values, size_t count)
{
    int64_t digits[CHUNK_MAX];
    unsigned form = 0;
    while (form < FORM_RAW && !form_split(form, values, count, digits))
        form++;
    bo_put(b, form, FORM_BITS);
    bo_column(b, form == FORM_RAW ? values : digits, count);
}

void get_numbers(struct bits_in *b, int64_t *values, size_t count)
{
    int64_t digits[CHUNK_MAX];
    unsigned form = (unsigned)bi_get(b, FORM_BITS);
    bi_column(b, digits, count);
    form_join(form, digits, count, values);
}

/* ---- degrees ---- */

/*
 * Devices count in other fractions of a degree than 1e-7: 1/1,800,000 (GT06), 1/600,000
 * and 1/6,000,000 (minutes with four and five places).  On such a grid every value is
 * the nearest integer to k * step / of, and k is shorter.
 */
enum { GRID_BITS = 2, GRID_LIMIT = INT32_MAX };
static const struct {
    int64_t step, of;
} grids[] = {{1, 1}, {50, 9}, {50, 3}, {5, 3}};

static int64_t nearest(int64_t a, int64_t b)
{
    return (a < 0 ? a - b / 2 : a + b / 2) / b;
}

static bool on_grid(unsigned grid, const int64_t *e7, size_t count, int64_t *k)
{
    for (size_t i = 0; i < count; i++) {
        k[i] = nearest(e7[i] * grids[grid].of, grids[grid].step);
        if (nearest(k[i] * grids[grid].step, grids[grid].of) != e7[i])
            return false;
    }
    return true;
}

/* These are shorter by tens. */
static bool all_tens(const int64_t *e7, size_t count)
{
    size_t i = 0;
    while (i < count && e7[i] % 10 == 0)
        i++;
    return i == count;
}

static bool within(const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] > GRID_LIMIT || values[i] < -GRID_LIMIT)
            return false;
    return true;
}

bool put_degrees(struct bits_out *b, const int64_t *values, size_t count, int64_t *e7)
{
    int64_t k[CHUNK_MAX];
    if (!form_split(FORM_E7, values, count, e7) || !within(e7, count)) {
        bo_put(b, 0, 1);
        put_numbers(b, values, count);
        return false;
    }
    unsigned grid = all_tens(e7, count) ? 1 : sizeof grids / sizeof *grids;
    while (grid-- > 1 && !on_grid(grid, e7, count, k)) {
    }
    bo_put(b, 1 | grid << 1, 1 + GRID_BITS);
    bo_column(b, grid ? k : e7, count);
    return true;
}

bool get_degrees(struct bits_in *b, int64_t *values, size_t count, int64_t *e7)
{
    if (!bi_get(b, 1)) {
        get_numbers(b, values, count);
        return false;
    }
    unsigned grid = (unsigned)bi_get(b, GRID_BITS);
    bi_column(b, e7, count);
    b->bad |= !within(e7, count);
    for (size_t i = 0; i < count && !b->bad; i++)
        e7[i] = nearest(e7[i] * grids[grid].step, grids[grid].of);
    b->bad |= !within(e7, count);
    form_join(FORM_E7, e7, count, values);
    return !b->bad;
}

/* ---- distances ---- */

/* Further apart the distance is not foretold.  Within this, squares of sixteenths of
 * 1e-7 degree stay below 2^53, where doubles are integers. */
enum { FLAT_FAR_E7 = 1 << 21, FLAT_PARTS = 16 };

/* A sixteenth of 1e-7 degree of a great circle, in centimetres times 2^24: the radius is
 * 6,371,008.8 m. */
static const int64_t part_cm_q24 = 1165965;

struct flat flat_at(int64_t latitude_e7)
{
    double rad_e7 = acos(-1) / 180e7;
    double angle = (double)latitude_e7 * rad_e7;
    return (struct flat){latitude_e7, (int64_t)(cos(angle) * 0x1p20),
                         (int64_t)(sin(angle) * rad_e7 * 0x1p50)};
}

bool flat_ok(const struct flat *f)
{
    return f->cosine >= -(1 << 20) && f->cosine <= 1 << 20 && f->slope >= -(1 << 21) &&
           f->slope <= 1 << 21;
}

int64_t flat_cm(const struct flat *f, int64_t lat1_e7, int64_t lon1_e7, int64_t lat2_e7,
                int64_t lon2_e7)
{
    int64_t north = lat2_e7 - lat1_e7, east = lon2_e7 - lon1_e7;
    if (north > FLAT_FAR_E7 || north < -FLAT_FAR_E7 || east > FLAT_FAR_E7 ||
        east < -FLAT_FAR_E7)
        return 0;
    int64_t middle = (lat1_e7 + lat2_e7) / 2 - f->latitude_e7;
    int64_t cosine = f->cosine - f->slope * middle / (1 << 30);
    int64_t x = east * cosine / (1 << 16), y = north * FLAT_PARTS;
    double root = sqrt((double)(x * x + y * y));
    return ((int64_t)root * part_cm_q24 + (1 << 23)) >> 24;
}
