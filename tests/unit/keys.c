/*
 * keys.c - names to keys and back.
 */
#include "core/keys.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    {"sat", KEY_SAT},
    {"alarm", KEY_ALARM},
    {"vin", KEY_VIN},
    {"batteryLevel", KEY_BATTERY_PCT},
    {"temp1", KEY_N(KEY_TEMP_CELSIUS, 1)},
    {"temp0", KEY_N(KEY_TEMP_CELSIUS, 0)},
    {"io65535", KEY_N(KEY_IO, 65535)},
    {"in2", KEY_N(KEY_IN, 2)},
    {"count12", KEY_N(KEY_COUNT_N, 12)},
    {"io65536", KEY_NONE},
    {"io100000", KEY_NONE},
    {"temp", KEY_NONE},
    {"temp01", KEY_NONE},
    {"temp-1", KEY_NONE},
    {"sat1", KEY_NONE},
    {"Sat", KEY_NONE},
    {"sa", KEY_NONE},
    {"satV", KEY_NONE},
    {"1", KEY_NONE},
    {"", KEY_NONE},
};

void test_keys(void)
{
    char name[KEY_NAME_MAX + 1];
    for (size_t i = 0; i < COUNT(names); i++) {
        CHECK(key_find(names[i].name, strlen(names[i].name)) == names[i].key,
              names[i].name);
        if (names[i].key)
            CHECK(!strcmp(key_name(names[i].key, name), names[i].name), names[i].name);
    }
    for (uint32_t id = 1; id < KEY_COUNT; id++) {
        uint32_t key = key_table[id].family ? KEY_N(id, 7) : id;
        key_name(key, name);
        CHECK(key_find(name, strlen(name)) == key, name);
        CHECK(key_table[id].label[0] && key_table[id].unit, name);
        CHECK(key_table[id].family == (id >= KEY_FIRST_FAMILY), name);
    }
    CHECK(key_find("satellite", 3) == KEY_SAT, "a name that goes on");
    CHECK(key_find("sat\0lite", 8) == KEY_NONE, "a name with a NUL inside");
    CHECK(!strcmp(key_name(KEY_NONE, name), ""), "no key");
    CHECK(!strcmp(key_name(KEY_COUNT, name), ""), "beyond the table");
}
