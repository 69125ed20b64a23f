/*
 * decimal.c - short decimals in doubles.
 */
#include "core/decimal.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

static const struct {
    double value;
    int places;
    int64_t digits;
    const char *text;
} rows[] = {
    {0, 0, 0, "0"},
    {11, 0, 11, "11"},
    {-3, 0, -3, "-3"},
    {12.48, 2, 1248, "12.48"},
    {0.1, 1, 1, "0.1"},
    {-0.05, 2, -5, "-0.05"},
    {0.000001, 6, 1, "0.000001"},
    {61.5, 1, 615, "61.5"},
    {9007199254740991.0, 0, 9007199254740991, "9007199254740991"},
    {-9007199254740991.0, 0, -9007199254740991, "-9007199254740991"},
    {9007199254740992.0, -1, 0, "9007199254740992"},
    {867584031234567.0, 0, 867584031234567, "867584031234567"},
    {1e300, -1, 0, "1e+300"},
    {1e-7, -1, 0, "1e-07"},
    {1.0 / 3, -1, 0, "0.3333333333333333"},
    {0.1 + 0.2, -1, 0, "0.30000000000000004"},
    {-0.0, -1, 0, "0"},
    {NAN, -1, 0, ""},
    {INFINITY, -1, 0, ""},
    {-INFINITY, -1, 0, ""},
};

void test_decimal(void)
{
    char text[DECIMAL_TEXT];
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t digits = 0;
        int places = decimal_split(rows[i].value, &digits);
        CHECK(places == rows[i].places, rows[i].text);
        CHECK(places < 0 || digits == rows[i].digits, rows[i].text);
        CHECK(places < 0 || decimal_join(digits, (unsigned)places) == rows[i].value,
              rows[i].text);
        CHECK(!strcmp(decimal_format(rows[i].value, text), rows[i].text), rows[i].text);
    }
    struct chance chance = {7};
    for (unsigned i = 0; i < 20000; i++) {
        double value = (double)(int64_t)chance_next(&chance);
        value /= (double)(1 + chance_below(&chance, UINT64_C(1) << (1 + i % 62)));
        CHECK(strtod(decimal_format(value, text), NULL) == value, text);
    }
}
