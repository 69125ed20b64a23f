/*
 * command_json.h - a command as the API writes it: {"type","attributes":{...}}.
 */
#pragma once

#include <jansson.h>

#include "core/command.h"
#include "core/err.h"

/* Texts are borrowed from `in`, or stand in *hold.  False with the field that is wrong
 * and why; every value is checked against its type and bounds. */
struct command_texts {
    char data[2048];
    char timezone[16];
};
bool json_command(const json_t *in, const char *device, struct command *out,
                  struct command_texts *hold, struct err *err);
