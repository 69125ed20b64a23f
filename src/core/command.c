/*
 * command.c - the names of commands, and what may stand in one.
 */
#include "core/command.h"

#include <string.h>

#define COMMAND_NAME(constant, name) [constant] = name,

const char *const command_names[COMMAND_COUNT] = {COMMANDS(COMMAND_NAME)};

enum command_kind command_find(const char *name)
{
    for (int kind = 0; kind < COMMAND_COUNT; kind++)
        if (!strcmp(command_names[kind], name))
            return (enum command_kind)kind;
    return COMMAND_COUNT;
}

bool command_safe(const char *text, size_t max, const char *forbidden)
{
    if (!text || !*text)
        return false;
    for (size_t len = 0; text[len]; len++)
        if (len == max || text[len] < ' ' || text[len] > '~' ||
            strchr(forbidden, text[len]))
            return false;
    return true;
}
