/*
 * user_json.c - the fields of a user.
 */
#include "api/user_json.h"

#include <math.h>
#include <stdlib.h>

enum { USER_TEXT_MAX = 254, USER_LIMIT_MAX = 1000000000 };

void json_user(struct json *j, const char *name, const struct st_user *u,
               bool exclude_attributes)
{
    js_open(j, name, '{');
    js_int(j, "id", u->id);
    js_attributes(j, u->attributes, exclude_attributes);
    js_text(j, "name", u->name ? u->name : "");
    js_text(j, "login", u->login);
    js_text(j, "email", u->email);
    js_text(j, "phone", u->phone);
    js_bool(j, "readonly", u->readonly);
    js_bool(j, "administrator", u->administrator);
    js_text(j, "map", u->map);
    js_num(j, "latitude", isfinite(u->latitude) ? u->latitude : 0);
    js_num(j, "longitude", isfinite(u->longitude) ? u->longitude : 0);
    js_int(j, "zoom", u->zoom);
    js_text(j, "coordinateFormat", u->coordinate_format);
    js_bool(j, "disabled", u->disabled);
    js_time(j, "expirationTime", u->expiration_ms);
    js_int(j, "deviceLimit", u->device_limit);
    js_int(j, "userLimit", u->user_limit);
    js_bool(j, "deviceReadonly", u->device_readonly);
    js_bool(j, "limitCommands", u->limit_commands);
    js_bool(j, "disableReports", u->disable_reports);
    js_bool(j, "fixedEmail", u->fixed_email);
    js_text(j, "poiLayer", u->poi_layer);
    js_null(j, "totpKey");
    js_bool(j, "temporary", u->temporary);
    js_null(j, "password");
    js_close(j, '}');
}

void user_defaults(struct st_user *u)
{
    *u = (struct st_user){
        .expiration_ms = TIME_NONE, .device_limit = -1, .attributes = mem_text("{}")};
}

static void replace(char **field, char *text)
{
    free(*field);
    *field = text;
}

static void check_email(struct input *in, const char *email)
{
    const char *at = email ? strchr(email, '@') : NULL;
    if (email && (!at || at == email || !at[1] || strpbrk(email, " ,;<>\"")))
        err_set(&in->err, ERR_INPUT, "email is no address");
}

static void in_user_flags(struct input *in, struct st_user *u)
{
    u->readonly = in_bool(in, "readonly", false);
    u->administrator = in_bool(in, "administrator", false);
    u->disabled = in_bool(in, "disabled", false);
    u->device_readonly = in_bool(in, "deviceReadonly", false);
    u->limit_commands = in_bool(in, "limitCommands", false);
    u->disable_reports = in_bool(in, "disableReports", false);
    u->fixed_email = in_bool(in, "fixedEmail", false);
    u->temporary = in_bool(in, "temporary", false);
    u->expiration_ms = in_time(in, "expirationTime");
    u->device_limit = (int)in_int(in, "deviceLimit", -1, -1, USER_LIMIT_MAX);
    u->user_limit = (int)in_int(in, "userLimit", 0, -1, USER_LIMIT_MAX);
}

void in_user(struct input *in, struct st_user *u)
{
    replace(&u->name, in_text_needed(in, "name", USER_TEXT_MAX));
    replace(&u->login, in_text(in, "login", USER_TEXT_MAX));
    replace(&u->email, in_text_needed(in, "email", USER_TEXT_MAX));
    if (in_ok(in))
        check_email(in, u->email);
    replace(&u->phone, in_text(in, "phone", USER_TEXT_MAX));
    in_user_flags(in, u);
    replace(&u->map, in_text(in, "map", USER_TEXT_MAX));
    u->latitude = in_num(in, "latitude", 0, -90, 90);
    u->longitude = in_num(in, "longitude", 0, -180, 180);
    u->zoom = (int)in_int(in, "zoom", 0, 0, 30);
    replace(&u->coordinate_format, in_text(in, "coordinateFormat", 16));
    replace(&u->poi_layer, in_text(in, "poiLayer", 2048));
    char *totp_key = in_text(in, "totpKey", USER_TEXT_MAX);
    if (totp_key)
        err_set(&in->err, ERR_INPUT, "totpKey: logging in with codes is not available");
    free(totp_key);
    replace(&u->attributes, in_attributes(in));
}
