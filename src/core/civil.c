/*
 * civil.c - the proleptic Gregorian calendar by arithmetic.
 *
 * Years are counted from March, so that the leap day ends one, and in eras of 400
 * years, which all have 146097 days.  Day 0 is 1970-01-01, 719468 days after
 * 0000-03-01.
 */
#include "core/civil.h"

enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468, DAY_S = 86400 };

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool is_civil(struct civil c)
{
    return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= month_days(c.year, c.month) && c.hour >= 0 && c.hour <= 23 &&
           c.minute >= 0 && c.minute <= 59 && c.second >= 0 && c.second <= 59;
}

int64_t civil_ms(struct civil c)
{
    if (!is_civil(c))
        return TIME_NONE;
    int year = c.year - (c.month <= 2);
    int month = (c.month + 9) % 12;
    int day_of_year = (153 * month + 2) / 5 + c.day - 1;
    int64_t days = INT64_C(365) * year + year / 4 - year / 100 + year / 400 + day_of_year;
    int64_t s = (days - EPOCH_DAYS) * DAY_S + c.hour * 3600 + c.minute * 60 + c.second;
    return s * 1000;
}

/* Nobody's clock, yet a date: by the rule for all of them. */
static __attribute__((noinline, cold)) int64_t next_century_ms(const uint8_t six[6])
{
    return civil_ms(
        (struct civil){2000 + six[0], six[1], six[2], six[3], six[4], six[5]});
}

int64_t civil_six_ms(const uint8_t six[6])
{
    enum { DAY_2000 = 10957, LEAP = 13 };
    static const uint16_t before[] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365, /* days of a year */
        0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366, /* of a leap year */
    };
    if (six[0] > 99)
        return next_century_ms(six);
    if (six[1] - 1u > 11 || six[3] > 23 || six[4] > 59 || six[5] > 59)
        return TIME_NONE;
    unsigned month = six[1] - 1u + (six[0] % 4 ? 0 : LEAP);
    unsigned day = before[month] + six[2] - 1u;
    if (!six[2] || day >= before[month + 1])
        return TIME_NONE;
    day += DAY_2000 + (six[0] * 1461u + 3) / 4;
    return (int64_t)(day * UINT64_C(86400) + six[3] * 3600u + six[4] * 60u + six[5]) *
           1000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct civil civil_of(int64_t ms)
{
    int64_t s = floor_div(ms, 1000);
    int64_t days = floor_div(s, DAY_S);
    int of_day = (int)(s - days * DAY_S);
    days += EPOCH_DAYS;
    int64_t era = floor_div(days, ERA_DAYS);
    int of_era = (int)(days - era * ERA_DAYS);
    int years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * years + years / 4 - years / 100);
    int month = (5 * of_year + 2) / 153;
    return (struct civil){
        .year = (int)(era * 400) + years + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = of_day / 3600,
        .minute = of_day / 60 % 60,
        .second = of_day % 60,
    };
}

static char *put(char *out, int value, unsigned width, char after)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    out[width] = after;
    return out + width + 1;
}

char *civil_iso(int64_t ms, char out[CIVIL_TEXT])
{
    struct civil c = civil_of(ms);
    *out = 0;
    if (c.year < 0 || c.year > 9999)
        return out;
    char *p = put(out, c.year, 4, '-');
    p = put(p, c.month, 2, '-');
    p = put(p, c.day, 2, 'T');
    p = put(p, c.hour, 2, ':');
    p = put(p, c.minute, 2, ':');
    p = put(p, c.second, 2, '.');
    p = put(p, (int)(ms - floor_div(ms, 1000) * 1000), 3, 'Z');
    *p = 0;
    return out;
}

/* Takes exactly `width` digits off the text; -1 where they are not there. */
static int take_digits(struct span *text, unsigned width)
{
    int value = 0;
    if (text->len < width)
        return -1;
    for (unsigned i = 0; i < width; i++) {
        unsigned digit = text->ptr[i] - (unsigned)'0';
        if (digit > 9)
            return -1;
        value = value * 10 + (int)digit;
    }
    *text = span_cut(*text, width, text->len);
    return value;
}

/* Takes one of these characters off the text. */
static bool take_one(struct span *text, const char *of)
{
    if (!text->len || !*text->ptr || !strchr(of, *text->ptr))
        return false;
    *text = span_cut(*text, 1, text->len);
    return true;
}

/* Digits of a second, any number of them; those after the third do not count. */
static bool take_fraction_ms(struct span *text, int *ms)
{
    int scale = 100;
    int digit = take_digits(text, 1);
    if (digit < 0)
        return false;
    for (; digit >= 0; digit = take_digits(text, 1)) {
        *ms += digit * scale;
        scale /= 10;
    }
    return true;
}

/* What is left of the text, as a zone: minutes to take off. */
static bool take_zone(struct span *text, int *minutes)
{
    *minutes = 0;
    if (!text->len)
        return true;
    if (take_one(text, "Zz"))
        return !text->len;
    bool west = *text->ptr == '-';
    if (!take_one(text, "+- "))
        return false;
    int hour = take_digits(text, 2);
    take_one(text, ":");
    int minute = text->len ? take_digits(text, 2) : 0;
    if (hour < 0 || hour > 18 || minute < 0 || minute > 59 || text->len)
        return false;
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return true;
}

bool civil_parse(struct span text, int64_t *ms)
{
    struct civil c = {0};
    int fraction_ms = 0;
    int zone;
    c.year = take_digits(&text, 4);
    bool good = take_one(&text, "-");
    c.month = take_digits(&text, 2);
    good = good && take_one(&text, "-");
    c.day = take_digits(&text, 2);
    good = good && take_one(&text, "Tt ");
    c.hour = take_digits(&text, 2);
    good = good && take_one(&text, ":");
    c.minute = take_digits(&text, 2);
    if (good && take_one(&text, ":")) {
        c.second = take_digits(&text, 2);
        if (take_one(&text, ".,"))
            good = take_fraction_ms(&text, &fraction_ms);
    }
    int64_t at = good && take_zone(&text, &zone) ? civil_ms(c) : TIME_NONE;
    if (at == TIME_NONE)
        return false;
    *ms = at + fraction_ms - zone * INT64_C(60000);
    return true;
}
