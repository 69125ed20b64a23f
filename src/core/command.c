/*
 * command.c - the names of commands, and what may stand in one.
 */
#include "core/command.h"

#include <string.h>

#include "core/bytes.h"

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
    struct span left = {(const uint8_t *)text, strnlen(text, max + 1)};
    if (left.len > max)
        return false;
    while (left.len) {
        size_t len = utf8_len(left);
        if (!len || utf8_control(left) || strchr(forbidden, *left.ptr))
            return false;
        left = span_cut(left, len, left.len);
    }
    return true;
}
