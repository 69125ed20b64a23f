/*
 * device_json.c - the fields of a device.
 */
#include "api/device_json.h"

#include <stdlib.h>

enum { DEVICE_TEXT_MAX = 128, DEVICE_CONTACT_MAX = 512 };

void json_device_kept(struct json *j, const struct st_device *d, bool exclude_attributes)
{
    js_int(j, "id", d->id);
    js_attributes(j, d->attributes, exclude_attributes);
    js_int(j, "groupId", d->group_id);
    js_int(j, "calendarId", d->calendar_id);
    js_text(j, "name", d->name ? d->name : "");
    js_text(j, "uniqueId", d->unique_id);
    js_text(j, "phone", d->phone);
    js_text(j, "model", d->model);
    js_text(j, "contact", d->contact);
    js_text(j, "category", d->category);
    js_bool(j, "disabled", d->disabled);
    js_time(j, "expirationTime", d->expiration_ms);
}

void json_device_live(struct json *j, struct fleet *f, int64_t device_id)
{
    static const char *const names[] = {
        [FL_OFFLINE] = "offline", [FL_ONLINE] = "online", [FL_UNKNOWN] = "unknown"};
    struct fl_live live = {.last_update_ms = TIME_NONE};
    fl_live(f, device_id, &live);
    js_text(j, "status", names[live.status]);
    js_time(j, "lastUpdate", live.last_update_ms);
    js_int(j, "positionId", live.position_id);
}

void json_device(struct json *j, const char *name, struct fleet *f,
                 const struct st_device *d, bool exclude_attributes)
{
    js_open(j, name, '{');
    json_device_kept(j, d, exclude_attributes);
    json_device_live(j, f, d->id);
    js_close(j, '}');
}

void device_defaults(struct st_device *d)
{
    *d = (struct st_device){.expiration_ms = TIME_NONE, .attributes = mem_text("{}")};
}

static void replace(char **field, char *text)
{
    free(*field);
    *field = text;
}

void in_device(struct input *in, struct st_device *d)
{
    replace(&d->name, in_text_needed(in, "name", DEVICE_TEXT_MAX));
    replace(&d->unique_id, in_text_needed(in, "uniqueId", ENTRY_DEVICE_MAX));
    replace(&d->phone, in_text(in, "phone", DEVICE_TEXT_MAX));
    replace(&d->model, in_text(in, "model", DEVICE_TEXT_MAX));
    replace(&d->contact, in_text(in, "contact", DEVICE_CONTACT_MAX));
    replace(&d->category, in_text(in, "category", DEVICE_TEXT_MAX));
    d->group_id = in_id(in, "groupId");
    d->calendar_id = in_id(in, "calendarId");
    if (d->calendar_id && in_ok(in))
        err_set(&in->err, ERR_INPUT, "calendarId: there is no such calendar");
    d->disabled = in_bool(in, "disabled", false);
    d->expiration_ms = in_time(in, "expirationTime");
    replace(&d->attributes, in_attributes(in));
}
