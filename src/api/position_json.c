/*
 * position_json.c - a record's members in the API's form.
 */
#include "api/position_json.h"

#include <stdio.h>

double knots_of_kmh(double kmh)
{
    return round(kmh / 1.852 * 1e7) / 1e7;
}

static double or_zero(double value)
{
    return isfinite(value) ? value : 0;
}

static void json_cell(struct json *j, const struct cell *c)
{
    static const char *const radios[] = {"gsm", "lte", "wcdma", "cdma", "nr"};
    js_open(j, NULL, '{');
    if (c->radio != RADIO_GSM && c->radio < sizeof radios / sizeof *radios)
        js_text(j, "radioType", radios[c->radio]);
    js_int(j, "cellId", (int64_t)c->cid);
    js_int(j, "locationAreaCode", c->lac);
    js_int(j, "mobileCountryCode", c->mcc);
    js_int(j, "mobileNetworkCode", c->mnc);
    if (c->signal_dbm)
        js_int(j, "signalStrength", c->signal_dbm);
    js_close(j, '}');
}

static void json_wifi(struct json *j, const struct wifi *w)
{
    char mac[18];
    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", w->mac[0], w->mac[1],
             w->mac[2], w->mac[3], w->mac[4], w->mac[5]);
    js_open(j, NULL, '{');
    js_text(j, "macAddress", mac);
    if (w->signal_dbm)
        js_int(j, "signalStrength", w->signal_dbm);
    if (w->channel)
        js_int(j, "channel", w->channel);
    js_close(j, '}');
}

static void json_network(struct json *j, const struct record *rec)
{
    if (!rec->cell_count && !rec->wifi_count) {
        js_null(j, "network");
        return;
    }
    js_open(j, "network", '{');
    js_text(j, "radioType", "gsm");
    js_bool(j, "considerIp", false);
    if (rec->cell_count) {
        js_open(j, "cellTowers", '[');
        for (unsigned i = 0; i < rec->cell_count; i++)
            json_cell(j, &rec->cells[i]);
        js_close(j, ']');
    }
    if (rec->wifi_count) {
        js_open(j, "wifiAccessPoints", '[');
        for (unsigned i = 0; i < rec->wifi_count; i++)
            json_wifi(j, &rec->wifis[i]);
        js_close(j, ']');
    }
    js_close(j, '}');
}

void json_attributes(struct json *j, const char *name, const struct record *rec)
{
    js_open(j, name, '{');
    for (unsigned i = 0; i < rec->attr_count; i++) {
        const struct attr *a = &rec->attrs[i];
        char composed[KEY_NAME_MAX + 1], key[KEY_NAME_MAX + 1];
        span_copy(rec_attr_name(rec, a, composed), key, sizeof key);
        if (a->type == ATTR_NUM)
            js_num(j, key, a->num);
        else if (a->type == ATTR_BOOL)
            js_bool(j, key, a->yes);
        else
            js_span(j, key, rec_attr_text(rec, a));
    }
    js_close(j, '}');
}

/* From validity to accuracy. */
static void json_place(struct json *j, const struct record *rec, bool outdated)
{
    js_bool(j, "valid", rec->valid);
    js_bool(j, "outdated", outdated);
    js_num(j, "latitude", rec_placed(rec) ? rec->latitude_deg : 0);
    js_num(j, "longitude", rec_placed(rec) ? rec->longitude_deg : 0);
    js_num(j, "altitude", or_zero(rec->altitude_m));
    js_num(j, "speed", knots_of_kmh(or_zero(rec->speed_kmh)));
    js_num(j, "course", or_zero(rec->course_deg));
    js_num(j, "accuracy", or_zero(rec->accuracy_m));
}

static int64_t first_known(int64_t a, int64_t b)
{
    return a != TIME_NONE ? a : b;
}

void json_record(struct json *j, const struct record *rec)
{
    bool placed = rec_placed(rec);
    js_time(j, "fixTime", placed ? first_known(rec->fix_ms, rec->device_ms) : TIME_NONE);
    js_time(j, "deviceTime", first_known(rec->device_ms, rec->fix_ms));
    json_place(j, rec, !placed);
    json_network(j, rec);
    json_attributes(j, "attributes", rec);
}

void json_position(struct json *j, const char *name, const struct position *p)
{
    const struct record *rec = &p->rec;
    int64_t device_ms =
        first_known(first_known(rec->device_ms, rec->fix_ms), p->server_ms);
    js_open(j, name, '{');
    js_int(j, "id", p->id);
    js_int(j, "deviceId", p->device_id);
    js_text(j, "protocol", p->protocol);
    js_time(j, "serverTime", p->server_ms);
    js_time(j, "deviceTime", device_ms);
    js_time(j, "fixTime", first_known(rec->fix_ms, device_ms));
    json_place(j, rec, p->outdated || !rec_placed(rec));
    js_null(j, "address");
    json_network(j, rec);
    js_raw(j, "geofenceIds", "[]");
    js_int(j, "frameId", p->id);
    json_attributes(j, "attributes", rec);
    js_close(j, '}');
}
