/*
 * command.c - names of commands, and what may stand in one.
 */
#include "core/command.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *text;
    size_t max;
    const char *forbidden;
    bool safe;
} texts[] = {
    {"RELAY 1", 16, "", true},
    {"RELAY,1#", 16, ",", false},
    {"RELAY,1#", 16, "#", false},
    {"RELAY,1#", 16, "*", true},
    {"1234", 4, "", true},
    {"12345", 4, "", false},
    {"two\r\nlines", 16, "", false},
    {"tab\there", 16, "", false},
    {"\x7f", 16, "", false},
    {"Z\xc3\xbcrich", 16, "", true},
    {"Z\xfcrich", 16, "", false},
    {"\xc2\x85", 16, "", false},
    {"", 16, "", false},
    {NULL, 16, "", false},
};

void test_command(void)
{
    for (size_t i = 0; i < COUNT(texts); i++)
        CHECK(command_safe(texts[i].text, texts[i].max, texts[i].forbidden) ==
                  texts[i].safe,
              unit_row(i));
    for (int kind = 0; kind < COMMAND_COUNT; kind++)
        CHECK((int)command_find(command_names[kind]) == kind, command_names[kind]);
    CHECK(command_find("engineExplode") == COMMAND_COUNT, "engineExplode");
    CHECK(command_find("") == COMMAND_COUNT, "no name");
}
