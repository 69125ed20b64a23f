/*
 * encode.c - `milepost encode`: commands in, the bytes that a device understands out.
 *
 * Input lines are {"protocol","device","command":{"type","attributes"}}, and may name
 * the device's "model"; output lines are {"hex"}, null where the protocol has no such
 * command.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/command_json.h"
#include "cli/cli.h"
#include "core/json.h"
#include "gateway/channel.h"

/* The one device of a line, with its model as its only setting. */
struct device {
    char settings[128];
    size_t len;
};

static bool identify(void *arg, struct span id, const char **settings, size_t *len)
{
    struct device *d = arg;
    (void)id;
    *settings = d->len ? d->settings : NULL;
    *len = d->len;
    return true;
}

static void set_model(struct device *d, const char *model)
{
    static const char name[] = "model";
    size_t n = model ? strlen(model) : 0;
    if (!n || n + 1 + sizeof name > sizeof d->settings)
        return;
    memcpy(d->settings, name, sizeof name);
    memcpy(d->settings + sizeof name, model, n + 1);
    d->len = sizeof name + n + 1;
}

/* Appends the bytes; false with the reason. */
static bool encode(const json_t *in, struct ch_scratch *s, struct buffer *bytes,
                   bool *supported, struct err *err)
{
    const char *protocol = json_string_value(json_object_get(in, "protocol"));
    const char *device = json_string_value(json_object_get(in, "device"));
    const struct protocol *p = protocol ? protocol_find(protocol) : NULL;
    struct command command;
    struct command_texts hold;
    if (!p)
        return err_set(err, ERR_INPUT, "protocol: there is no %.40s",
                       protocol ? protocol : "such text");
    if (!device)
        return err_set(err, ERR_INPUT, "device: a text is missing");
    if (!json_command(json_object_get(in, "command"), device, &command, &hold, err))
        return false;
    command.id = (uint32_t)json_integer_value(json_object_get(in, "id"));
    struct device settings = {.len = 0};
    set_model(&settings, json_string_value(json_object_get(in, "model")));
    struct ch_env env = {&settings, identify};
    struct channel *c = ch_new(TRANSPORT_TCP, &env, p, true);
    ch_bind(c, span_of(device));
    *supported = ch_encode(c, s, &command, bytes);
    ch_free(c);
    return true;
}

int cli_encode(int argc, char **argv)
{
    int first = cli_flags(argc, argv, NULL, 0, "milepost encode < LINES");
    if (first < 0 || first < argc)
        return 2;
    struct ch_scratch *s = ch_scratch_new();
    struct buffer bytes = {0};
    struct buffer out = {0};
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool ok = true;
    for (long number = 1; ok && (len = getline(&line, &size, stdin)) >= 0; number++) {
        json_error_t error;
        struct err err = {0};
        bool supported = false;
        json_t *in = json_loadb(line, (size_t)len, 0, &error);
        bytes.len = out.len = 0;
        ok = in ? encode(in, s, &bytes, &supported, &err)
                : err_set(&err, ERR_INPUT, "%s", error.text);
        json_decref(in);
        if (!ok) {
            fprintf(stderr, "milepost encode: line %ld: %s\n", number, err.text);
            break;
        }
        struct json j = {.out = &out};
        js_open(&j, NULL, '{');
        if (supported)
            js_hex(&j, "hex", (struct span){bytes.ptr, bytes.len});
        else
            js_null(&j, "hex");
        js_close(&j, '}');
        printf("%.*s\n", (int)out.len, (const char *)out.ptr);
    }
    free(line);
    buf_fini(&bytes);
    buf_fini(&out);
    ch_scratch_free(s);
    return ok ? 0 : 1;
}
