/*
 * zone.c - zones from files that are made here, and from files that are broken.
 */
#include "api/zone.h"

#include "core/civil.h"
#include "unit.h"

/* A file of version 2: an empty first block, then one of 64 bits with the transitions
 * of Berlin in 2023 and the rule for what follows. */
static const uint8_t berlin[] =
    {
        'T',  'Z',  'i', 'f', '2',  0,    0,    0,    0,   0,    0,    0,    0,
        0,    0,    0,   0,   0,    0,    0,    0,    0,   0,    0,    0,    0,
        0,    0,    0,   0,   0,    0,    0,    0,    0,   0,    0,    0,    0,
        1,    0,    0,   0,   4,    0,    0,    0,    0,   0,    0,    'U',  'T',
        'C',  0,    'T', 'Z', 'i',  'f',  '2',  0,    0,   0,    0,    0,    0,
        0,    0,    0,   0,   0,    0,    0,    0,    0,   0,    0,    0,    0,
        0,    0,    0,   0,   0,    0,    0,    0,    0,   0,    0,    2,    0,
        0,    0,    2,   0,   0,    0,    9,    0,    0,   0,    0,    0x64, 0x1f,
        0x99, 0x10,                                   /* 2023-03-26T01:00:00Z */
        0,    0,    0,   0,   0x65, 0x3d, 0xae, 0x90, /* 2023-10-29T01:00:00Z */
        1,    0,    0,   0,   0x0e, 0x10, 0,    0,    0,   0,    0x1c, 0x20, 1,
        4, /* one hour, two hours */
        'C',  'E',  'T', 0,   'C',  'E',  'S',  'T',  0,   '\n', 'C',  'E',  'T',
        '-',  '1',  'C', 'E', 'S',  'T',  ',',  'M',  '3', '.',  '5',  '.',  '0',
        ',',  'M',  '1', '0', '.',  '5',  '.',  '0',  '/', '3',  '\n',
};

static const struct {
    const char *utc;
    int hours;
} moments[] = {
    {"1950-01-01T00:00:00Z", 1}, {"2023-03-26T00:59:59Z", 1}, {"2023-03-26T01:00:00Z", 2},
    {"2023-10-29T00:59:59Z", 2}, {"2023-10-29T01:00:00Z", 1}, {"2024-03-31T00:59:59Z", 1},
    {"2024-03-31T01:00:00Z", 2}, {"2024-10-27T00:59:59Z", 2}, {"2024-10-27T01:00:00Z", 1},
    {"2099-07-01T00:00:00Z", 2}, {"2100-01-01T00:00:00Z", 1},
};

static void test_cut_short(void)
{
    for (size_t len = 0; len < sizeof berlin; len++) {
        struct zone *z = zone_parse((struct span){berlin, len});
        if (z)
            zone_offset_ms(z, 4102444800000);
        zone_close(z);
    }
}

static void test_one_byte_wrong(void)
{
    for (size_t i = 0; i < sizeof berlin; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t file[sizeof berlin];
            memcpy(file, berlin, sizeof file);
            file[i] ^= (uint8_t)(1u << bit);
            struct zone *z = zone_parse((struct span){file, sizeof file});
            for (size_t k = 0; z && k < COUNT(moments); k++) {
                int64_t ms = 0;
                civil_parse(span_of(moments[k].utc), &ms);
                zone_offset_ms(z, ms);
            }
            zone_close(z);
        }
}

void test_zone(void)
{
    struct zone *z = zone_parse((struct span){berlin, sizeof berlin});
    CHECK(z != NULL, "Berlin");
    for (size_t i = 0; z && i < COUNT(moments); i++) {
        int64_t ms = 0;
        civil_parse(span_of(moments[i].utc), &ms);
        CHECK(zone_offset_ms(z, ms) == moments[i].hours * INT64_C(3600000),
              moments[i].utc);
    }
    zone_close(z);
    static const char *const none[] = {
        "",       "/etc/passwd",    "../UTC", "Europe/../UTC",
        "Europe", "Europe/Nowhere", ".",      "Europe/Berlin "};
    for (size_t i = 0; i < COUNT(none); i++)
        CHECK(!zone_open(none[i]), none[i]);
    test_cut_short();
    test_one_byte_wrong();
}
