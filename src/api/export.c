/*
 * export.c - tracks as files: /positions/csv, /positions/gpx, /positions/kml.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/period.h"
#include "api/position_json.h"
#include "api/router.h"
#include "api/zone.h"

/* What the three share; a writer's arg. */
struct export
{
    char *title;                      /* the device's name */
    struct zone *zone;                /* of times in CSV; NULL: UTC */
    char(*columns)[KEY_NAME_MAX + 1]; /* of CSV: attributes that are there */
    size_t column_count;
    bool begun; /* something stands before the next point */
};

enum { COLUMNS_MAX = 512 };

static void free_export(void *arg)
{
    struct export *x = arg;
    zone_close(x->zone);
    free(x->columns);
    free(x->title);
    free(x);
}

static void add_num(struct buffer *out, double value)
{
    struct json j = {.out = out};
    js_num(&j, NULL, isfinite(value) ? value : 0);
}

/* ---- CSV ---- */

/* In quotes where it has to be.  A text that a spreadsheet would take for a formula gets
 * an apostrophe in front. */
static void add_cell(struct buffer *out, struct span text)
{
    bool formula = text.len && strchr("=+-@\t", *text.ptr);
    bool quoted = formula;
    for (size_t i = 0; i < text.len && !quoted; i++)
        quoted = strchr(",\"\r\n", text.ptr[i]) != NULL;
    if (!quoted) {
        buf_add(out, text.ptr, text.len);
        return;
    }
    buf_text(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++)
        buf_add(out, text.ptr[i] == '"' ? "\"\"" : (const char *)&text.ptr[i],
                text.ptr[i] == '"' ? 2 : 1);
    buf_text(out, "\"");
}

static bool add_column(void *arg, const struct position *p)
{
    struct export *x = arg;
    char composed[KEY_NAME_MAX + 1], name[KEY_NAME_MAX + 1];
    for (unsigned i = 0; i < p->rec.attr_count; i++) {
        span_copy(rec_attr_name(&p->rec, &p->rec.attrs[i], composed), name, sizeof name);
        size_t at = 0;
        while (at < x->column_count && strcmp(x->columns[at], name))
            at++;
        if (at == x->column_count && at < COLUMNS_MAX)
            memcpy(x->columns[x->column_count++], name, sizeof name);
    }
    return true;
}

static void csv_begin(void *arg, struct buffer *out)
{
    struct export *x = arg;
    buf_text(out, "id,deviceId,protocol,serverTime,deviceTime,fixTime,valid,latitude,"
                  "longitude,altitude,speed,course,address,accuracy");
    for (size_t i = 0; i < x->column_count; i++) {
        buf_text(out, ",");
        add_cell(out, span_of(x->columns[i]));
    }
    buf_text(out, "\r\n");
}

/* "yyyy-MM-dd HH:mm:ss" where the user lives. */
static void add_time(const struct export *x, struct buffer *out, int64_t ms)
{
    char text[CIVIL_TEXT];
    buf_text(out, ",");
    if (ms == TIME_NONE ||
        !*civil_iso(ms + (x->zone ? zone_offset_ms(x->zone, ms) : 0), text))
        return;
    text[10] = ' ';
    buf_add(out, text, 19);
}

static void add_attribute(struct buffer *out, const struct record *rec, const char *name)
{
    char composed[KEY_NAME_MAX + 1];
    buf_text(out, ",");
    for (unsigned i = 0; i < rec->attr_count; i++) {
        const struct attr *a = &rec->attrs[i];
        if (!span_is(rec_attr_name(rec, a, composed), name))
            continue;
        if (a->type == ATTR_NUM)
            add_num(out, a->num);
        else if (a->type == ATTR_BOOL)
            buf_text(out, a->yes ? "true" : "false");
        else
            add_cell(out, rec_attr_text(rec, a));
        return;
    }
}

static void csv_position(void *arg, struct buffer *out, const struct position *p,
                         bool first)
{
    struct export *x = arg;
    const struct record *rec = &p->rec;
    (void)first;
    buf_printf(out, "%lld,%lld,%s", (long long)p->id, (long long)p->device_id,
               p->protocol);
    add_time(x, out, p->server_ms);
    add_time(x, out, rec->device_ms != TIME_NONE ? rec->device_ms : rec->fix_ms);
    add_time(x, out, rec->fix_ms);
    buf_text(out, rec->valid ? ",true" : ",false");
    const double numbers[] = {rec->latitude_deg, rec->longitude_deg, rec->altitude_m,
                              isfinite(rec->speed_kmh) ? knots_of_kmh(rec->speed_kmh) : 0,
                              rec->course_deg};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_text(out, ",");
        add_num(out, numbers[i]);
    }
    buf_text(out, ",,");
    add_num(out, rec->accuracy_m);
    for (size_t i = 0; i < x->column_count; i++)
        add_attribute(out, rec, x->columns[i]);
    buf_text(out, "\r\n");
}

/* ---- XML ---- */

static void add_xml(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        const char *special = *text == '&'   ? "&amp;"
                              : *text == '<' ? "&lt;"
                              : *text == '>' ? "&gt;"
                                             : NULL;
        if (special)
            buf_text(out, special);
        else
            buf_add(out, text, 1);
    }
}

/* A point that was taken where it says, not the last one known. */
static bool is_point(const struct position *p)
{
    return rec_placed(&p->rec) && !p->outdated;
}

static void gpx_begin(void *arg, struct buffer *out)
{
    struct export *x = arg;
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<gpx version=\"1.1\" creator=\"Milepost\""
                  " xmlns=\"http://www.topografix.com/GPX/1/1\">\n<trk><name>");
    add_xml(out, x->title);
    buf_text(out, "</name><trkseg>\n");
}

static void gpx_position(void *arg, struct buffer *out, const struct position *p,
                         bool first)
{
    char time[CIVIL_TEXT];
    (void)arg, (void)first;
    if (!is_point(p))
        return;
    buf_text(out, "<trkpt lat=\"");
    add_num(out, p->rec.latitude_deg);
    buf_text(out, "\" lon=\"");
    add_num(out, p->rec.longitude_deg);
    buf_text(out, "\"><ele>");
    add_num(out, p->rec.altitude_m);
    buf_text(out, "</ele><time>");
    buf_text(out, p->rec.fix_ms == TIME_NONE ? "" : civil_iso(p->rec.fix_ms, time));
    buf_text(out, "</time></trkpt>\n");
}

static void gpx_end(void *arg, struct buffer *out)
{
    (void)arg;
    buf_text(out, "</trkseg></trk>\n</gpx>\n");
}

static void kml_begin(void *arg, struct buffer *out)
{
    struct export *x = arg;
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>");
    add_xml(out, x->title);
    buf_text(out, "</name>\n<Placemark><name>");
    add_xml(out, x->title);
    buf_text(out, "</name><LineString><altitudeMode>clampToGround</altitudeMode>"
                  "<coordinates>");
}

static void kml_position(void *arg, struct buffer *out, const struct position *p,
                         bool first)
{
    struct export *x = arg;
    (void)first;
    if (!is_point(p))
        return;
    if (x->begun)
        buf_text(out, " ");
    x->begun = true;
    add_num(out, p->rec.longitude_deg);
    buf_text(out, ",");
    add_num(out, p->rec.latitude_deg);
    buf_text(out, ",");
    add_num(out, p->rec.altitude_m);
}

static void kml_end(void *arg, struct buffer *out)
{
    (void)arg;
    buf_text(out, "</coordinates></LineString></Placemark>\n</Document></kml>\n");
}

/* ---- calls ---- */

/* The user's own zone, or the server's; NULL for UTC. */
static struct zone *zone_of(struct request *rq)
{
    json_t *attributes = json_loads(rq->caller.user.attributes, 0, NULL);
    const char *own = json_string_value(json_object_get(attributes, "timezone"));
    char *server = own ? NULL : settings_attribute(rq->api->settings, "timezone");
    struct zone *z = own || server ? zone_open(own ? own : server) : NULL;
    free(server);
    json_decref(attributes);
    return z;
}

static void export(struct request *rq, const char *extension,
                   struct position_writer writer)
{
    struct period p;
    struct st_device d;
    if (!rq_query(rq, "deviceId")) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "deviceId is needed");
        return;
    }
    if (!period_open(rq, false, &p))
        return;
    if (p.device_count != 1) {
        rq_fail(rq, MHD_HTTP_BAD_REQUEST, "One device at a time");
    } else if (right_device(rq, p.devices[0], &d)) {
        struct export *x = mem_zero(sizeof *x);
        struct err err = {0};
        x->title = mem_text(d.name ? d.name : "");
        st_device_fini(&d);
        writer.arg = x;
        writer.free = free_export;
        bool csv = writer.begin == csv_begin;
        if (csv) {
            x->zone = zone_of(rq);
            x->columns = mem_zero(COLUMNS_MAX * sizeof *x->columns);
        }
        if (csv && !period_each(rq->api->config.tracks, &p, add_column, x, &err)) {
            free_export(x);
            rq_fail_err(rq, &err);
        } else {
            rq_header(rq, "Content-Disposition", "attachment; filename=positions.%s",
                      extension);
            period_stream(rq, &p, writer);
        }
    }
    period_fini(&p);
}

static void export_csv(struct request *rq)
{
    export(rq, "csv",
           (struct position_writer){.type = "text/csv; charset=utf-8",
                                    .begin = csv_begin,
                                    .position = csv_position});
}

static void export_gpx(struct request *rq)
{
    export(rq, "gpx",
           (struct position_writer){.type = "application/gpx+xml",
                                    .begin = gpx_begin,
                                    .position = gpx_position,
                                    .end = gpx_end});
}

static void export_kml(struct request *rq)
{
    export(rq, "kml",
           (struct position_writer){.type = "application/vnd.google-earth.kml+xml",
                                    .begin = kml_begin,
                                    .position = kml_position,
                                    .end = kml_end});
}

const struct route routes_export[] = {
    {METHOD_GET, "/positions/csv", export_csv, ROUTE_REPORT},
    {METHOD_GET, "/positions/gpx", export_gpx, ROUTE_REPORT},
    {METHOD_GET, "/positions/kml", export_kml, ROUTE_REPORT},
    {0},
};
