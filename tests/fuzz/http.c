/*
 * http.c - what people's clients send, any bytes of it: queries, cookies, bodies,
 * messages on sockets.  An object that is taken comes out as JSON, and going in again
 * it comes out the same.
 *
 * The first byte says what the rest is.
 */
#include <assert.h>
#include <stdlib.h>

#include "api/device_json.h"
#include "api/params.h"
#include "api/sha1.h"
#include "api/sockets_inside.h"
#include "api/user_json.h"
#include "api/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 32 };

static void fuzz_query(struct span text)
{
    struct params p;
    int64_t value;
    if (!params_parse(&p, text))
        return;
    assert(p.count <= PARAMS_MAX);
    for (size_t i = 0; i < p.count; i++) {
        assert(strlen(p.items[i].name) + strlen(p.items[i].value) <= text.len);
        parse_int(span_of(p.items[i].value), &value);
        civil_parse(span_of(p.items[i].value), &value);
        params_bool(&p, p.items[i].name);
    }
    params_fini(&p);
}

static void fuzz_header(struct span text)
{
    uint8_t bytes[64];
    struct span cookie = cookie_find(text, "JSESSIONID");
    assert(cookie.len <= text.len);
    long len = base64_decode(text, bytes, sizeof bytes);
    assert(len <= (long)sizeof bytes);
    if (text.len <= 119)
        sha1_short(text, bytes);
}

/* ---- objects ---- */

static void read_device(struct input *in, struct buffer *out)
{
    struct json j = {.out = out};
    struct st_device d;
    device_defaults(&d);
    in_device(in, &d);
    js_open(&j, NULL, '{');
    json_device_kept(&j, &d, false);
    js_close(&j, '}');
    st_device_fini(&d);
}

static void read_user(struct input *in, struct buffer *out)
{
    struct json j = {.out = out};
    struct st_user u;
    user_defaults(&u);
    in_user(in, &u);
    json_user(&j, NULL, &u, false);
    st_user_fini(&u);
}

/* Reads an object out of the text; false where it is none, or a field is at fault. */
static bool read_object(struct span text, void (*read)(struct input *, struct buffer *),
                        struct buffer *out)
{
    char why[160];
    json_t *object = json_parse(text, DEPTH_MAX, why, sizeof why);
    if (!object)
        return false;
    struct input in = in_open(object);
    read(&in, out);
    assert(in_ok(&in) || in.err.text[0]);
    json_decref(object);
    return in_ok(&in);
}

static void fuzz_object(struct span text, void (*read)(struct input *, struct buffer *))
{
    struct buffer once = {0}, again = {0};
    if (read_object(text, read, &once)) {
        bool good = read_object((struct span){once.ptr, once.len}, read, &again);
        assert(good && once.len == again.len && !memcmp(once.ptr, again.ptr, once.len));
    }
    buf_fini(&once);
    buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool logs = false;
    if (!size)
        return 0;
    struct span text = {data + 1, size - 1};
    switch (*data % 6) {
    case 0:
        fuzz_query(text);
        break;
    case 1:
        fuzz_header(text);
        break;
    case 2:
        fuzz_object(text, read_device);
        break;
    case 3:
        fuzz_object(text, read_user);
        break;
    case 4:
        sockets_read_message(text, &logs);
        break;
    default:
        zone_close(zone_parse(text));
    }
    return 0;
}
