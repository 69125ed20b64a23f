/*
 * registry.c - who is registered: devices by id and by the id that their frames carry.
 */
#include <jansson.h>
#include <stdlib.h>

#include "core/decimal.h"
#include "fleet/vehicle.h"

enum { TABLE_FIRST = 1024, SETTINGS_MAX = 65536 };

static size_t slot_id(const struct fleet *f, int64_t id)
{
    return (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 20) &
           (f->table_size - 1);
}

static size_t slot_name(const struct fleet *f, uint64_t subject)
{
    return (size_t)(subject >> 7) & (f->table_size - 1);
}

struct vehicle *veh_by_id(struct fleet *f, int64_t id)
{
    struct vehicle *v = f->by_id[slot_id(f, id)];
    while (v && v->id != id)
        v = v->next_id;
    return v;
}

struct vehicle *veh_by_name(struct fleet *f, struct span unique_id)
{
    uint64_t subject = entry_subject(unique_id, NULL);
    struct vehicle *v = f->by_name[slot_name(f, subject)];
    while (v && !(v->subject == subject && span_is(unique_id, v->unique_id)))
        v = v->next_name;
    return v;
}

static void link_vehicle(struct fleet *f, struct vehicle *v)
{
    struct vehicle **by_id = &f->by_id[slot_id(f, v->id)];
    struct vehicle **by_name = &f->by_name[slot_name(f, v->subject)];
    v->next_id = *by_id;
    v->next_name = *by_name;
    *by_id = *by_name = v;
}

static void unlink_vehicle(struct fleet *f, struct vehicle *v)
{
    struct vehicle **at = &f->by_id[slot_id(f, v->id)];
    while (*at != v)
        at = &(*at)->next_id;
    *at = v->next_id;
    at = &f->by_name[slot_name(f, v->subject)];
    while (*at != v)
        at = &(*at)->next_name;
    *at = v->next_name;
}

static void grow(struct fleet *f)
{
    struct vehicle **old = f->by_id;
    size_t old_size = f->table_size;
    f->table_size = old_size ? old_size * 2 : TABLE_FIRST;
    free(f->by_name);
    f->by_id = mem_zero(f->table_size * sizeof *f->by_id);
    f->by_name = mem_zero(f->table_size * sizeof *f->by_name);
    for (size_t i = 0; i < old_size; i++)
        for (struct vehicle *v = old[i], *next; v; v = next) {
            next = v->next_id;
            link_vehicle(f, v);
        }
    free(old);
}

/* ---- settings ---- */

static void add_setting(struct buffer *out, const char *name, const char *value)
{
    if (out->len + strlen(name) + strlen(value) + 2 > SETTINGS_MAX)
        return;
    buf_add(out, name, strlen(name) + 1);
    buf_add(out, value, strlen(value) + 1);
}

static void flatten(const struct st_device *d, struct buffer *out)
{
    if (d->model && *d->model)
        add_setting(out, "model", d->model);
    json_t *all = json_loads(d->attributes ? d->attributes : "{}", 0, NULL);
    const char *name;
    json_t *value;
    json_object_foreach(all, name, value)
    {
        char text[DECIMAL_TEXT];
        if (json_is_string(value))
            add_setting(out, name, json_string_value(value));
        else if (json_is_number(value))
            add_setting(out, name, decimal_format(json_number_value(value), text));
        else if (json_is_boolean(value))
            add_setting(out, name, json_is_true(value) ? "true" : "false");
    }
    json_decref(all);
}

static double timeout_of(const struct st_device *d)
{
    json_t *all = json_loads(d->attributes ? d->attributes : "{}", 0, NULL);
    const json_t *value = json_object_get(all, "statusTimeout");
    double seconds = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(all);
    return seconds >= 10 ? seconds : NAN;
}

/* ---- devices in and out ---- */

/* Takes over what the device's row says. */
static void set_device(struct fleet *f, struct vehicle *v, const struct st_device *d)
{
    struct buffer settings = {0};
    flatten(d, &settings);
    free(v->settings);
    v->settings = (char *)settings.ptr;
    v->settings_len = settings.len;
    v->disabled = d->disabled;
    v->expiration_ms = d->expiration_ms;
    v->timeout_s = timeout_of(d);
    v->version = atomic_fetch_add(&f->version, 1) + 1;
}

static struct vehicle *add(struct fleet *f, const struct st_device *d)
{
    if (f->vehicle_count >= f->table_size)
        grow(f);
    struct vehicle *v = mem_zero(sizeof *v);
    v->id = d->id;
    v->unique_id = mem_text(d->unique_id);
    v->subject = entry_subject(span_of(v->unique_id), NULL);
    state_clear(&v->s);
    set_device(f, v, d);
    link_vehicle(f, v);
    f->vehicle_count++;
    return v;
}

void veh_free(struct vehicle *v)
{
    free(v->unique_id);
    free(v->settings);
    free(v->notes);
    free(v->latest_bytes);
    free(v);
}

void veh_free_all(struct fleet *f)
{
    for (size_t i = 0; i < f->table_size; i++)
        for (struct vehicle *v = f->by_id[i], *next; v; v = next) {
            next = v->next_id;
            veh_free(v);
        }
    free(f->by_id);
    free(f->by_name);
}

static bool on_device(void *arg, const struct st_device *d)
{
    add(arg, d);
    return true;
}

static bool on_state(void *arg, const struct st_state *s)
{
    struct vehicle *v = veh_by_id(arg, s->device_id);
    if (v && !state_unpack(v, s->data, s->len))
        state_clear(&v->s);
    return true;
}

bool veh_load_all(struct fleet *f, struct err *err)
{
    grow(f);
    return st_devices_each(f->config.store, on_device, f, err) &&
           st_states_each(f->config.store, on_state, f, err);
}

bool veh_accepted(const struct vehicle *v, int64_t now_ms)
{
    return !v->disabled && (v->expiration_ms == TIME_NONE || v->expiration_ms > now_ms);
}

/* A device under another unique id is another tracker: it is found anew. */
static void rename_vehicle(struct fleet *f, struct vehicle *v, const char *unique_id)
{
    unlink_vehicle(f, v);
    free(v->unique_id);
    v->unique_id = mem_text(unique_id);
    v->subject = entry_subject(span_of(unique_id), NULL);
    link_vehicle(f, v);
}

bool fl_device_put(struct fleet *f, struct st_device *d, struct err *err)
{
    if (!st_device_put(f->config.store, d, err))
        return false;
    pthread_mutex_lock(&f->lock);
    struct vehicle *v = veh_by_id(f, d->id);
    if (!v)
        v = add(f, d);
    else if (strcmp(v->unique_id, d->unique_id))
        rename_vehicle(f, v, d->unique_id);
    set_device(f, v, d);
    strays_drop(f, span_of(d->unique_id));
    pthread_mutex_unlock(&f->lock);
    bus_publish(f->config.bus,
                &(struct bus_message){.kind = BUS_DEVICE, .device_id = d->id});
    return true;
}

bool fl_device_delete(struct fleet *f, int64_t id, struct err *err)
{
    pthread_mutex_lock(&f->lock);
    struct vehicle *v = veh_by_id(f, id);
    if (v) {
        unlink_vehicle(f, v);
        f->vehicle_count--;
        v->gone = true;
        veh_clean(f, v);
        v->next_id = f->gone;
        f->gone = v;
        atomic_fetch_add(&f->version, 1);
    }
    pthread_mutex_unlock(&f->lock);
    tr_forget(f->config.tracks, id);
    if (!st_device_delete(f->config.store, id, err))
        return false;
    bus_publish(f->config.bus,
                &(struct bus_message){.kind = BUS_REMOVED, .device_id = id});
    return true;
}

/* ---- questions ---- */

bool fl_lookup(struct fleet *f, struct span unique_id, struct fl_registered *out)
{
    int64_t now_ms = f->config.now_ms();
    pthread_mutex_lock(&f->lock);
    const struct vehicle *v = veh_by_name(f, unique_id);
    if (v)
        *out = (struct fl_registered){v->id, veh_accepted(v, now_ms), v->version};
    pthread_mutex_unlock(&f->lock);
    return v != NULL;
}

uint64_t fl_registry_version(const struct fleet *f)
{
    return atomic_load(&f->version);
}

char *fl_settings(struct fleet *f, int64_t device_id, size_t *len)
{
    pthread_mutex_lock(&f->lock);
    const struct vehicle *v = veh_by_id(f, device_id);
    char *copy = v && v->settings_len ? mem_copy(v->settings, v->settings_len) : NULL;
    *len = copy ? v->settings_len : 0;
    pthread_mutex_unlock(&f->lock);
    return copy;
}
