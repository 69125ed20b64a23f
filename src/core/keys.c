/*
 * keys.c - the table of keys, and the way from names to keys and back.
 */
#include "core/keys.h"

#include <stdio.h>
#include <string.h>

#define KEY_FIXED_INFO(constant, name, type, unit, label)                                \
    [constant] = {name, type, unit, label, false},
#define KEY_FAMILY_INFO(constant, name, type, unit, label)                               \
    [constant] = {name, type, unit, label, true},

const struct key_info key_table[KEY_COUNT] = {[KEY_NONE] = {"", KEY_NUM, "", "", false},
                                              RECORD_KEYS(KEY_FIXED_INFO)
                                                  RECORD_FAMILIES(KEY_FAMILY_INFO)};

enum { FAMILY_DIGITS = 5, FAMILY_MAX = UINT16_MAX };

static uint32_t find_id(uint32_t from, uint32_t to, const char *name, size_t len)
{
    for (uint32_t id = from; id < to; id++) {
        const char *known = key_table[id].name;
        if (known[0] == name[0] && strlen(known) == len && !memcmp(known, name, len))
            return id;
    }
    return KEY_NONE;
}

/* "temp12".  A leading zero makes another name, so it is a free one. */
static uint32_t find_member(const char *name, size_t len)
{
    size_t stem = len;
    while (stem && name[stem - 1] >= '0' && name[stem - 1] <= '9')
        stem--;
    size_t digits = len - stem;
    if (!stem || !digits || digits > FAMILY_DIGITS || (digits > 1 && name[stem] == '0'))
        return KEY_NONE;
    uint32_t number = 0;
    for (size_t i = stem; i < len; i++)
        number = number * 10 + (uint32_t)(name[i] - '0');
    uint32_t id = find_id(KEY_FIRST_FAMILY, KEY_COUNT, name, stem);
    return id && number <= FAMILY_MAX ? KEY_N(id, number) : KEY_NONE;
}

uint32_t key_find(const char *name, size_t len)
{
    if (!len || len > KEY_NAME_MAX)
        return KEY_NONE;
    uint32_t id = find_id(1, KEY_FIRST_FAMILY, name, len);
    return id ? id : find_member(name, len);
}

char *key_name(uint32_t key, char out[KEY_NAME_MAX + 1])
{
    uint32_t id = key & UINT16_MAX;
    const struct key_info *info = &key_table[id < KEY_COUNT ? id : KEY_NONE];
    if (info->family)
        snprintf(out, KEY_NAME_MAX + 1, "%s%u", info->name, (unsigned)(key >> 16));
    else
        snprintf(out, KEY_NAME_MAX + 1, "%s", info->name);
    return out;
}
