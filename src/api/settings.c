/*
 * settings.c - one JSON object, and what is read out of it.
 */
#include "api/settings.h"

#include <pthread.h>
#include <stdlib.h>

#include "api/input.h"

enum { SETTINGS_TEXT_MAX = 4096, SETTINGS_DEPTH_MAX = 32 };

static const char meta_name[] = "server";
static const char port_attribute[] = "trackerPort";

struct settings {
    struct store *st;
    pthread_mutex_t lock;
    json_t *object;
    struct server_flags flags;
};

static bool flag(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

/* Takes the object over. */
static void adopt(struct settings *s, json_t *object)
{
    json_decref(s->object);
    s->object = object;
    s->flags = (struct server_flags){
        .registration = flag(object, "registration"),
        .readonly = flag(object, "readonly"),
        .device_readonly = flag(object, "deviceReadonly"),
        .limit_commands = flag(object, "limitCommands"),
        .disable_reports = flag(object, "disableReports"),
        .fixed_email = flag(object, "fixedEmail"),
    };
}

/* ---- the object ---- */

static const char *const bool_fields[] = {
    "registration",   "readonly",   "deviceReadonly", "limitCommands",
    "disableReports", "fixedEmail", "forceSettings"};
static const char *const text_fields[] = {"map",        "bingKey",          "mapUrl",
                                          "overlayUrl", "coordinateFormat", "poiLayer"};

static void set_text(json_t *object, const char *name, char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
    free(text);
}

/* May hold line ends; NULL when absent. */
static json_t *announcement(struct input *in)
{
    const json_t *value = json_object_get(in->object, "announcement");
    if (!value || json_is_null(value))
        return json_null();
    if (!json_is_string(value) || json_string_length(value) > SETTINGS_TEXT_MAX) {
        err_set(&in->err, ERR_INPUT, "announcement has to be a text of at most %d bytes",
                SETTINGS_TEXT_MAX);
        return json_null();
    }
    return json_string(json_string_value(value));
}

static void check_format(struct input *in, const json_t *object)
{
    const char *format = json_string_value(json_object_get(object, "coordinateFormat"));
    if (format && strcmp(format, "dd") && strcmp(format, "ddm") && strcmp(format, "dms"))
        err_set(&in->err, ERR_INPUT, "coordinateFormat has to be dd, ddm or dms");
}

/* The writable fields alone, each there; NULL with the reason. */
static json_t *clean(json_t *sent, struct err *err)
{
    struct input in = in_open(sent);
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof bool_fields / sizeof *bool_fields; i++)
        json_object_set_new(object, bool_fields[i],
                            json_boolean(in_bool(&in, bool_fields[i], false)));
    for (size_t i = 0; i < sizeof text_fields / sizeof *text_fields; i++)
        set_text(object, text_fields[i], in_text(&in, text_fields[i], SETTINGS_TEXT_MAX));
    json_object_set_new(object, "latitude",
                        json_real(in_num(&in, "latitude", 0, -90, 90)));
    json_object_set_new(object, "longitude",
                        json_real(in_num(&in, "longitude", 0, -180, 180)));
    json_object_set_new(object, "zoom", json_integer(in_int(&in, "zoom", 0, 0, 30)));
    if (in_ok(&in))
        json_object_set_new(object, "announcement", announcement(&in));
    check_format(&in, object);
    char *attributes = in_attributes(&in);
    json_object_set_new(object, "attributes", json_loads(attributes, 0, NULL));
    /* Is told to clients, who send it back. */
    json_object_del(json_object_get(object, "attributes"), port_attribute);
    free(attributes);
    if (in_ok(&in))
        return object;
    *err = in.err;
    json_decref(object);
    return NULL;
}

struct settings *settings_open(struct store *st, struct err *err)
{
    char *text = st_meta_get(st, meta_name);
    char why[160] = "";
    json_t *kept = text ? json_parse(span_of(text), SETTINGS_DEPTH_MAX, why, sizeof why)
                        : json_object();
    json_t *object = kept ? clean(kept, err) : NULL;
    if (!kept)
        err_set(err, ERR_IO, "server settings in the store: %s", why);
    json_decref(kept);
    free(text);
    if (!object)
        return NULL;
    struct settings *s = mem_zero(sizeof *s);
    s->st = st;
    pthread_mutex_init(&s->lock, NULL);
    adopt(s, object);
    return s;
}

void settings_close(struct settings *s)
{
    if (!s)
        return;
    json_decref(s->object);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool settings_put(struct settings *s, json_t *sent, struct err *err)
{
    json_t *object = clean(sent, err);
    if (!object)
        return false;
    struct buffer text = {0};
    struct json j = {.out = &text};
    js_value(&j, NULL, object);
    buf_add(&text, "", 1);
    pthread_mutex_lock(&s->lock);
    bool ok = st_meta_set(s->st, meta_name, (const char *)text.ptr, err);
    if (ok)
        adopt(s, object);
    pthread_mutex_unlock(&s->lock);
    buf_fini(&text);
    if (!ok)
        json_decref(object);
    return ok;
}

/* ---- questions ---- */

struct server_flags settings_flags(struct settings *s)
{
    pthread_mutex_lock(&s->lock);
    struct server_flags flags = s->flags;
    pthread_mutex_unlock(&s->lock);
    return flags;
}

static char *text_in(struct settings *s, bool attribute, const char *name)
{
    pthread_mutex_lock(&s->lock);
    const json_t *object =
        attribute ? json_object_get(s->object, "attributes") : s->object;
    const char *text = json_string_value(json_object_get(object, name));
    char *copy = text && *text ? mem_text(text) : NULL;
    pthread_mutex_unlock(&s->lock);
    return copy;
}

char *settings_text(struct settings *s, const char *field)
{
    return text_in(s, false, field);
}

char *settings_attribute(struct settings *s, const char *name)
{
    return text_in(s, true, name);
}

static void write_attributes(const json_t *attributes, struct json *j,
                             unsigned tracker_port)
{
    js_open(j, "attributes", '{');
    js_int(j, port_attribute, tracker_port);
    js_members(j, attributes);
    js_close(j, '}');
}

void settings_write(struct settings *s, struct json *j, unsigned tracker_port)
{
    pthread_mutex_lock(&s->lock);
    void *i = json_object_iter(s->object);
    for (; i; i = json_object_iter_next(s->object, i)) {
        const json_t *value = json_object_iter_value(i);
        if (json_is_object(value))
            write_attributes(value, j, tracker_port);
        else
            js_value(j, json_object_iter_key(i), value);
    }
    pthread_mutex_unlock(&s->lock);
}
