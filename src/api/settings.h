/*
 * settings.h - the server object: what administrators set for everybody.  Kept in the
 * store as one JSON text, in memory for every request.
 */
#pragma once

#include "api/request.h"

struct settings;

/* What requests ask for. */
struct server_flags {
    bool registration, readonly, device_readonly, limit_commands, disable_reports,
        fixed_email;
};

struct settings *settings_open(struct store *st, struct err *err);
void settings_close(struct settings *s);

struct server_flags settings_flags(struct settings *s);

/* A text field, or a text attribute; the caller frees; NULL when it is not set. */
char *settings_text(struct settings *s, const char *field);
char *settings_attribute(struct settings *s, const char *name);

/* All its members, into an object that the caller has opened; the attributes with the
 * port that devices are pointed at. */
void settings_write(struct settings *s, struct json *j, unsigned tracker_port);

/* Takes over the writable fields of an object that a client sent; false with the
 * reason. */
bool settings_put(struct settings *s, json_t *object, struct err *err);
