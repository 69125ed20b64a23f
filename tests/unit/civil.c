/*
 * civil.c - civil time: the calendar, its bounds, and texts.
 */
#include "core/civil.h"

#include "unit.h"

static const struct {
    struct civil c;
    int64_t ms;
} times[] = {
    {{1970, 1, 1, 0, 0, 0}, 0},
    {{1969, 12, 31, 23, 59, 59}, -1000},
    {{2024, 5, 6, 7, 8, 9}, 1714979289000},
    {{2000, 2, 29, 12, 0, 0}, 951825600000},
    {{1900, 2, 28, 0, 0, 0}, -2203977600000},
    {{2100, 3, 1, 0, 0, 0}, 4107542400000},
    {{1, 1, 1, 0, 0, 0}, -62135596800000},
    {{9999, 12, 31, 23, 59, 59}, 253402300799000},
};

static const struct civil impossible[] = {
    {0, 1, 1, 0, 0, 0},     {10000, 1, 1, 0, 0, 0}, {2024, 0, 1, 0, 0, 0},
    {2024, 13, 1, 0, 0, 0}, {2024, 1, 0, 0, 0, 0},  {2024, 1, 32, 0, 0, 0},
    {2023, 2, 29, 0, 0, 0}, {1900, 2, 29, 0, 0, 0}, {2100, 2, 29, 0, 0, 0},
    {2024, 4, 31, 0, 0, 0}, {2024, 1, 1, 24, 0, 0}, {2024, 1, 1, 0, 60, 0},
    {2024, 1, 1, 0, 0, 60}, {2024, 1, 1, -1, 0, 0}, {2024, 1, 1, 0, -1, 0},
    {2024, 1, 1, 0, 0, -1}, {2024, -1, 1, 0, 0, 0}, {2024, 1, -1, 0, 0, 0},
    {-2024, 1, 1, 0, 0, 0},
};

static const struct {
    const char *text, *again; /* again: NULL where it is no time */
} texts[] = {
    {"2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09.123Z"},
    {"2024-05-06T07:08:09Z", "2024-05-06T07:08:09.000Z"},
    {"2024-05-06T07:08:09.5z", "2024-05-06T07:08:09.500Z"},
    {"2024-05-06T07:08:09.123456Z", "2024-05-06T07:08:09.123Z"},
    {"2024-05-06T07:08:09.9999999999999+00:00", "2024-05-06T07:08:09.999Z"},
    {"2024-05-06T07:08Z", "2024-05-06T07:08:00.000Z"},
    {"2024-05-06T07:08", "2024-05-06T07:08:00.000Z"},
    {"2024-05-06 07:08:09", "2024-05-06T07:08:09.000Z"},
    {"2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09.000Z"},
    {"2024-05-06T07:08:09 02:00", "2024-05-06T05:08:09.000Z"},
    {"2024-05-06 07:08:09 02:00", "2024-05-06T05:08:09.000Z"},
    {"2024-05-06T07:08:09-0330", "2024-05-06T10:38:09.000Z"},
    {"2024-05-06T07:08:09+05", "2024-05-06T02:08:09.000Z"},
    {"2024-01-01T00:00:00+14:00", "2023-12-31T10:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
    {"", NULL},
    {"2024", NULL},
    {"2024-05-06", NULL},
    {"2024-05-06T", NULL},
    {"2024-05-06T07", NULL},
    {"2024-05-06T07:08:", NULL},
    {"2024-05-06T07:08:09.", NULL},
    {"2024-05-06T07:08:09.Z", NULL},
    {"2024-05-06T07:08:09Zx", NULL},
    {"2024-05-06T07:08:09+", NULL},
    {"2024-05-06T07:08:09+2", NULL},
    {"2024-05-06T07:08:09+02:0", NULL},
    {"2024-05-06T07:08:09+19:00", NULL},
    {"2024-05-06T07:08:09+02:60", NULL},
    {"2024-5-6T07:08:09Z", NULL},
    {"2024-02-30T07:08:09Z", NULL},
    {"2024-05-06T24:00:00Z", NULL},
    {"2024/05/06T07:08:09Z", NULL},
    {"+024-05-06T07:08:09Z", NULL},
    {"yesterday at ten o'clock", NULL},
};

static bool same(struct civil a, struct civil b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day && a.hour == b.hour &&
           a.minute == b.minute && a.second == b.second;
}

/* Every day from year 1 to 9999 follows the one before, and comes back the same. */
static void test_calendar(void)
{
    int64_t day_ms = INT64_C(86400000);
    bool round = true;
    for (int64_t ms = times[6].ms; ms <= times[7].ms; ms += day_ms)
        round = round && civil_ms(civil_of(ms)) == ms;
    CHECK(round, "every day");
}

void test_civil(void)
{
    char text[CIVIL_TEXT];
    for (size_t i = 0; i < COUNT(times); i++) {
        CHECK(civil_ms(times[i].c) == times[i].ms, unit_row(i));
        CHECK(same(civil_of(times[i].ms), times[i].c), unit_row(i));
    }
    for (size_t i = 0; i < COUNT(impossible); i++)
        CHECK(civil_ms(impossible[i]) == TIME_NONE, unit_row(i));
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t ms = 0;
        bool good = civil_parse(span_of(texts[i].text), &ms);
        CHECK(good == !!texts[i].again, texts[i].text);
        CHECK(!good || !strcmp(civil_iso(ms, text), texts[i].again), texts[i].text);
    }
    CHECK(!strcmp(civil_iso(INT64_MAX, text), ""), "a year of many digits");
    CHECK(!strcmp(civil_iso(TIME_NONE, text), ""), "no time");
    CHECK(same(civil_of(-1), (struct civil){1969, 12, 31, 23, 59, 59}), "just before");
    test_calendar();
}
