/*
 * frame_json.c - a decoded frame, and its fields, as JSON.
 */
#include "api/frame_json.h"

#include <stdlib.h>

#include "api/position_json.h"

void json_frame(struct json *j, const struct frame *f)
{
    js_hex(j, "hex", f->raw);
    js_text(j, "message", *f->message ? f->message : NULL);
    js_text(j, "device", *f->device ? f->device : NULL);
    js_open(j, "records", '[');
    for (unsigned i = 0; i < f->record_count; i++) {
        js_open(j, NULL, '{');
        json_record(j, &f->records[i]);
        if (f->record_devices && f->record_devices[i])
            js_text(j, "device", f->record_devices[i]);
        js_close(j, '}');
    }
    js_close(j, ']');
    js_open(j, "replies", '[');
    for (unsigned i = 0; i < f->reply_count; i++)
        js_hex(j, NULL, f->replies[i].bytes);
    js_close(j, ']');
    js_text(j, "fault", f->fault);
    static const char *const verdicts[] = {"decoded", "ignored", "malformed"};
    js_text(j, "verdict", verdicts[f->verdict]);
    js_bool(j, "checksumOk", !f->checksum_bad);
}

void json_bytes(struct json *j, const char *name, struct span bytes)
{
    bool printable = true;
    for (size_t i = 0; i < bytes.len; i++)
        printable = printable && bytes.ptr[i] >= ' ' && bytes.ptr[i] <= '~';
    if (printable) {
        js_span(j, name, bytes);
        return;
    }
    char *hex = mem_grow(NULL, bytes.len * 2 + 3);
    memcpy(hex, "0x", 2);
    hex_format(bytes, hex + 2);
    js_text(j, name, hex);
    free(hex);
}

static void end_field(struct json_trace *t, const char *meaning)
{
    if (!t->open)
        return;
    js_text(&t->json, "meaning", meaning);
    js_close(&t->json, '}');
    t->open = false;
}

static void on_field(struct trace *trace, const char *name, size_t pos, struct span raw,
                     const char *value)
{
    struct json_trace *t = (struct json_trace *)trace;
    end_field(t, "");
    js_open(&t->json, NULL, '{');
    js_text(&t->json, "name", name);
    js_int(&t->json, "offset", (int64_t)pos);
    js_int(&t->json, "length", (int64_t)raw.len);
    if (*value)
        js_text(&t->json, "value", value);
    else
        json_bytes(&t->json, "value", raw);
    t->open = true;
}

static void on_meaning(struct trace *trace, const char *text)
{
    end_field((struct json_trace *)trace, text);
}

void json_trace_init(struct json_trace *t)
{
    *t = (struct json_trace){.trace = {on_field, on_meaning}};
    t->json.out = &t->out;
}

void json_trace_fini(struct json_trace *t)
{
    buf_fini(&t->out);
}

void json_trace_take(struct json_trace *t, struct json *j, const char *name)
{
    end_field(t, "");
    buf_add(&t->out, "", 1);
    js_open(j, name, '[');
    if (t->out.len > 1)
        js_raw(j, NULL, (const char *)t->out.ptr);
    js_close(j, ']');
    t->out.len = 0;
    t->json.comma = false;
}
