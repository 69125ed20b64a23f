/*
 * command_json.c - reads a command from the API's JSON.
 */
#include "api/command_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text attribute; a number is taken for its text.  False when it is something else. */
static bool text_of(const json_t *attributes, const char *name, const char **out)
{
    const json_t *v = json_object_get(attributes, name);
    *out = json_string_value(v);
    return !v || *out || json_is_null(v);
}

static bool number_of(const json_t *attributes, const char *name, double *out)
{
    const json_t *v = json_object_get(attributes, name);
    *out = NAN;
    if (!v || json_is_null(v))
        return true;
    if (json_is_number(v))
        *out = json_number_value(v);
    const char *text = json_string_value(v);
    if (text && *text) {
        char *end;
        *out = strtod(text, &end);
        if (*end)
            *out = NAN;
    }
    return isfinite(*out);
}

static bool flag_of(const json_t *attributes, const char *name, int *out)
{
    const json_t *v = json_object_get(attributes, name);
    *out = json_is_boolean(v) ? json_is_true(v) : -1;
    return !v || json_is_null(v) || json_is_boolean(v);
}

/* The data with {uniqueId} replaced.  False when it does not fit. */
static bool fill_in(const char *data, const char *device, char *out, size_t size)
{
    static const char mark[] = "{uniqueId}";
    size_t len = 0;
    while (*data) {
        bool here = !strncmp(data, mark, sizeof mark - 1);
        size_t n = here ? strlen(device) : 1;
        if (len + n >= size)
            return false;
        memcpy(out + len, here ? device : data, n);
        len += n;
        data += here ? sizeof mark - 1 : 1;
    }
    out[len] = 0;
    return true;
}

bool json_command(const json_t *in, const char *device, struct command *out,
                  struct command_texts *hold, struct err *err)
{
    const char *type = json_string_value(json_object_get(in, "type"));
    const json_t *a = json_object_get(in, "attributes");
    *out = (struct command){.kind = type ? command_find(type) : COMMAND_COUNT};
    if (!type)
        return err_set(err, ERR_INPUT, "type: a text is missing");
    if (out->kind == COMMAND_COUNT)
        return err_set(err, ERR_INPUT, "type: there is no command %.40s", type);
    if (a && !json_is_object(a) && !json_is_null(a))
        return err_set(err, ERR_INPUT, "attributes: not an object");
    const char *data;
    const char *wrong = !text_of(a, "data", &data)                   ? "data"
                        : !text_of(a, "phone", &out->phone)          ? "phone"
                        : !text_of(a, "message", &out->message)      ? "message"
                        : !text_of(a, "server", &out->server)        ? "server"
                        : !text_of(a, "timezone", &out->timezone)    ? "timezone"
                        : !number_of(a, "frequency", &out->period_s) ? "frequency"
                        : !number_of(a, "index", &out->index)        ? "index"
                        : !number_of(a, "port", &out->port)          ? "port"
                        : !number_of(a, "radius", &out->radius_m)    ? "radius"
                        : !flag_of(a, "enable", &out->enable)        ? "enable"
                                                                     : NULL;
    if (wrong)
        return err_set(err, ERR_INPUT, "attributes.%s: not of its type", wrong);
    if (data && !fill_in(data, device, hold->data, sizeof hold->data))
        return err_set(err, ERR_INPUT, "attributes.data: longer than %zu characters",
                       sizeof hold->data - 1);
    out->data = data ? hold->data : NULL;
    return true;
}
