/*
 * overview.c - how the server and each device are doing: /overview, /metrics,
 * /devices/{id}/health.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "api/http.h"
#include "api/sockets.h"
#include "api/rights.h"
#include "api/router.h"

/* ---- what both tell ---- */

/* Faults by protocol and reason, gathered so that they can be sorted. */
struct fault {
    char protocol[ENTRY_NAME_MAX + 1], reason[ENTRY_NAME_MAX + 1];
    uint64_t count;
};

struct overview {
    struct fl_totals totals;
    struct gw_stats gateway;
    struct jr_stats journal;
    struct sockets_stats live;
    char stalled[200];
    size_t backlog_bytes;
    uint64_t disk_free, disk_total;
    struct fault *faults;
    size_t fault_count;
};

static void add_fault(void *arg, const char *protocol, const char *reason, uint64_t count)
{
    struct overview *o = arg;
    if (!(o->fault_count & (o->fault_count - 1)))
        o->faults = mem_grow(o->faults, (o->fault_count ? o->fault_count * 2 : 1) *
                                            sizeof *o->faults);
    struct fault *f = &o->faults[o->fault_count++];
    *f = (struct fault){.count = count};
    span_copy(span_of(*protocol ? protocol : "unknown"), f->protocol, sizeof f->protocol);
    span_copy(span_of(reason), f->reason, sizeof f->reason);
}

static int by_protocol(const void *a, const void *b)
{
    const struct fault *x = a, *y = b;
    int order = strcmp(x->protocol, y->protocol);
    return order ? order : strcmp(x->reason, y->reason);
}

static void look(struct api *api, struct overview *o)
{
    const struct api_config *c = &api->config;
    struct statvfs v;
    *o = (struct overview){0};
    fl_totals(c->fleet, &o->totals);
    fl_faults_each(c->fleet, add_fault, o);
    if (o->fault_count)
        qsort(o->faults, o->fault_count, sizeof *o->faults, by_protocol);
    gw_stats(c->gateway, &o->gateway);
    jr_stats(c->journal, &o->journal);
    jr_stalled(c->journal, o->stalled, sizeof o->stalled);
    o->backlog_bytes = jr_backlog(c->journal);
    sockets_stats(api->sockets, &o->live);
    if (!statvfs(c->data_dir, &v)) {
        o->disk_free = (uint64_t)v.f_bavail * v.f_frsize;
        o->disk_total = (uint64_t)v.f_blocks * v.f_frsize;
    }
}

/* ---- overview ---- */

static void json_faults(struct json *j, const struct overview *o)
{
    const char *open = NULL;
    js_open(j, "malformed", '{');
    for (size_t i = 0; i < o->fault_count; i++) {
        const struct fault *f = &o->faults[i];
        if (open && strcmp(open, f->protocol))
            js_close(j, '}');
        if (!open || strcmp(open, f->protocol))
            js_open(j, f->protocol, '{');
        open = f->protocol;
        js_int(j, f->reason, (int64_t)f->count);
    }
    if (open)
        js_close(j, '}');
    js_close(j, '}');
}

static void json_journal(struct json *j, const struct overview *o)
{
    js_open(j, "journal", '{');
    js_int(j, "bytes", (int64_t)o->journal.bytes);
    js_int(j, "segments", (int64_t)o->journal.segments);
    js_time(j, "oldest", o->journal.oldest_ms);
    js_num(j, "syncMs", isfinite(o->journal.sync_ms) ? o->journal.sync_ms : 0);
    js_int(j, "backlogBytes", (int64_t)o->backlog_bytes);
    js_text(j, "stalled", *o->stalled ? o->stalled : NULL);
    js_close(j, '}');
}

static void overview_get(struct request *rq)
{
    struct overview o;
    struct json *j = rq_json(rq);
    look(rq->api, &o);
    js_open(j, NULL, '{');
    js_text(j, "version", rq->api->config.version);
    js_time(j, "startTime", rq->api->start_ms);
    js_int(j, "devices", (int64_t)o.totals.devices);
    js_int(j, "online", (int64_t)o.totals.online);
    js_open(j, "connections", '{');
    js_int(j, "tcp", (int64_t)o.gateway.tcp_open);
    js_int(j, "udp", (int64_t)o.gateway.udp_open);
    js_int(j, "http", (int64_t)http_connections(rq->api));
    js_int(j, "sockets", (int64_t)o.live.sockets);
    js_close(j, '}');
    js_int(j, "frames", (int64_t)o.totals.frames);
    js_int(j, "positions", (int64_t)o.totals.positions);
    js_int(j, "repeats", (int64_t)o.totals.repeats);
    json_faults(j, &o);
    json_journal(j, &o);
    js_open(j, "store", '{');
    js_int(j, "bytes", (int64_t)st_bytes(rq->api->config.store));
    js_int(j, "lag", (int64_t)o.totals.lag);
    js_close(j, '}');
    js_int(j, "unknown", (int64_t)o.totals.strays);
    js_open(j, "disk", '{');
    js_int(j, "free", (int64_t)o.disk_free);
    js_int(j, "total", (int64_t)o.disk_total);
    js_close(j, '}');
    js_close(j, '}');
    free(o.faults);
}

/* ---- metrics: the text format of Prometheus ---- */

struct metric {
    const char *name, *type, *help;
    double value;
};

static void add_label(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            buf_text(out, "\\");
        if (*text == '\n')
            buf_text(out, "\\n");
        else
            buf_add(out, text, 1);
    }
}

static void add_metrics(struct buffer *out, const struct metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json j = {.out = out};
        const struct metric *m = &metrics[i];
        /* A metric may come in several lines, one for each label. */
        size_t plain = strcspn(m->name, "{");
        if (!i || strncmp(metrics[i - 1].name, m->name, plain + 1))
            buf_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)plain, m->name,
                       m->help, (int)plain, m->name, m->type);
        buf_printf(out, "%s ", m->name);
        js_num(&j, NULL, isfinite(m->value) ? m->value : 0);
        buf_text(out, "\n");
    }
}

static void add_faults(struct buffer *out, const struct overview *o)
{
    buf_text(out, "# HELP milepost_faults_total Frames that could not be decoded, by the"
                  " field at fault\n# TYPE milepost_faults_total counter\n");
    for (size_t i = 0; i < o->fault_count; i++) {
        buf_text(out, "milepost_faults_total{protocol=\"");
        add_label(out, o->faults[i].protocol);
        buf_text(out, "\",reason=\"");
        add_label(out, o->faults[i].reason);
        buf_printf(out, "\"} %llu\n", (unsigned long long)o->faults[i].count);
    }
}

static void add_devices(struct buffer *out, const struct overview *o)
{
    const struct metric metrics[] = {
        {"milepost_frames_total", "counter", "Frames of registered devices",
         (double)o->totals.frames},
        {"milepost_positions_total", "counter", "Positions stored",
         (double)o->totals.positions},
        {"milepost_repeats_total", "counter", "Positions that were there already",
         (double)o->totals.repeats},
        {"milepost_devices", "gauge", "Registered devices", (double)o->totals.devices},
        {"milepost_devices_online", "gauge", "Devices that are online",
         (double)o->totals.online},
        {"milepost_unknown_devices", "gauge", "Unregistered devices that have spoken",
         (double)o->totals.strays},
        {"milepost_connections{transport=\"tcp\"}", "gauge", "Open conversations",
         (double)o->gateway.tcp_open},
        {"milepost_connections{transport=\"udp\"}", "gauge", "Open conversations",
         (double)o->gateway.udp_open},
        {"milepost_connections_accepted_total", "counter", "Connections accepted",
         (double)o->gateway.accepted},
        {"milepost_connections_refused_total", "counter", "Connections refused by limits",
         (double)o->gateway.refused},
        {"milepost_received_frames_total", "counter", "Frames received, of whomever",
         (double)o->gateway.frames},
        {"milepost_received_bytes_total", "counter", "Bytes received from devices",
         (double)o->gateway.bytes_in},
        {"milepost_sent_bytes_total", "counter", "Bytes sent to devices",
         (double)o->gateway.bytes_out},
        {"milepost_undetected_total", "counter", "Frames that no protocol claimed",
         (double)o->gateway.undetected},
    };
    add_metrics(out, metrics, sizeof metrics / sizeof *metrics);
}

static void add_storage(struct buffer *out, const struct overview *o, struct api *api)
{
    const struct metric metrics[] = {
        {"milepost_journal_bytes", "gauge", "Size of the journal",
         (double)o->journal.bytes},
        {"milepost_journal_segments", "gauge", "Files of the journal",
         (double)o->journal.segments},
        {"milepost_journal_syncs_total", "counter", "Times the journal was synced",
         (double)o->journal.syncs},
        {"milepost_journal_sync_seconds", "gauge", "Duration of a sync, of late",
         o->journal.sync_ms / 1000},
        {"milepost_journal_backlog_bytes", "gauge", "Handed in and not on disk yet",
         (double)o->backlog_bytes},
        {"milepost_journal_stalled", "gauge", "1 while nothing can be written",
         *o->stalled ? 1 : 0},
        {"milepost_store_bytes", "gauge", "Size of the database",
         (double)st_bytes(api->config.store)},
        {"milepost_store_lag_entries", "gauge", "Durable entries not applied yet",
         (double)o->totals.lag},
    };
    add_metrics(out, metrics, sizeof metrics / sizeof *metrics);
}

static void add_server(struct buffer *out, const struct overview *o, struct api *api)
{
    const struct metric metrics[] = {
        {"milepost_http_connections", "gauge", "Open HTTP connections, sockets included",
         (double)http_connections(api)},
        {"milepost_sockets", "gauge", "Open live sockets", (double)o->live.sockets},
        {"milepost_socket_frames_total", "counter", "Frames sent to live sockets",
         (double)o->live.frames},
        {"milepost_socket_sent_bytes_total", "counter", "Bytes sent to live sockets",
         (double)o->live.sent_bytes},
        {"milepost_socket_resyncs_total", "counter", "Sockets that fell behind",
         (double)o->live.resyncs},
        {"milepost_disk_free_bytes", "gauge", "Free space for data",
         (double)o->disk_free},
        {"milepost_start_time_seconds", "gauge", "When the server started",
         (double)api->start_ms / 1000},
    };
    add_metrics(out, metrics, sizeof metrics / sizeof *metrics);
}

static void metrics_get(struct request *rq)
{
    struct overview o;
    look(rq->api, &o);
    rq_text(rq, "");
    rq->type = "text/plain; version=0.0.4; charset=utf-8";
    add_devices(&rq->out, &o);
    add_storage(&rq->out, &o, rq->api);
    add_server(&rq->out, &o, rq->api);
    add_faults(&rq->out, &o);
    free(o.faults);
}

/* ---- a device's health ---- */

static const char *transport_name(enum transport t)
{
    return t == TRANSPORT_UDP ? "udp" : "tcp";
}

static void json_candidate(struct json *j, const char *protocol, int score,
                           const char *why)
{
    js_text(j, "protocol", protocol);
    js_int(j, "score", score);
    js_text(j, "why", why);
}

static void json_detection(struct json *j, struct gateway *g, const char *unique_id)
{
    struct gw_detection d;
    if (!gw_detection(g, span_of(unique_id), &d)) {
        js_null(j, "detection");
        return;
    }
    js_open(j, "detection", '{');
    json_candidate(j, d.protocol, d.score, d.why);
    js_time(j, "time", d.time_ms);
    js_open(j, "candidates", '[');
    for (unsigned i = 0; i < d.candidate_count; i++) {
        js_open(j, NULL, '{');
        json_candidate(j, d.candidates[i].protocol, d.candidates[i].score,
                       d.candidates[i].why);
        js_close(j, '}');
    }
    js_close(j, ']');
    js_close(j, '}');
}

static void json_counts(struct json *j, const struct fl_health *h)
{
    js_int(j, "frames", (int64_t)h->frames);
    js_int(j, "positions", (int64_t)h->positions);
    js_int(j, "repeats", (int64_t)h->repeats);
    js_int(j, "late", (int64_t)h->late);
    js_int(j, "malformed", (int64_t)h->malformed);
    js_int(j, "checksumErrors", (int64_t)h->checksum_errors);
    js_open(j, "faults", '[');
    for (unsigned i = 0; i < h->fault_count; i++) {
        js_open(j, NULL, '{');
        js_text(j, "protocol", h->faults[i].protocol);
        js_text(j, "reason", h->faults[i].reason);
        js_int(j, "count", (int64_t)h->faults[i].count);
        js_time(j, "lastTime", h->faults[i].last_ms);
        js_close(j, '}');
    }
    js_close(j, ']');
}

static void json_findings(struct json *j, const struct fl_health *h)
{
    js_open(j, "firmware", '[');
    for (unsigned i = 0; i < h->firmware_count; i++) {
        js_open(j, NULL, '{');
        js_text(j, "version", h->firmware[i].version);
        js_time(j, "firstSeen", h->firmware[i].first_ms);
        js_time(j, "lastSeen", h->firmware[i].last_ms);
        js_close(j, '}');
    }
    js_close(j, ']');
    js_num(j, "clockErrorSeconds", round(h->clock_error_s * 10) / 10);
    js_open(j, "flags", '[');
    for (unsigned i = 0; i < h->flag_count; i++) {
        js_open(j, NULL, '{');
        js_text(j, "kind", h->flags[i].kind);
        js_time(j, "time", h->flags[i].time_ms);
        js_text(j, "text", h->flags[i].text);
        js_close(j, '}');
    }
    js_close(j, ']');
}

static void device_health(struct request *rq)
{
    struct st_device d;
    struct fl_health h = {.connected_ms = TIME_NONE, .clock_error_s = NAN};
    char address[PEER_TEXT];
    if (!right_device(rq, rq->id, &d))
        return;
    bool spoke = fl_health(rq->api->config.fleet, d.id, &h) && h.frames;
    struct json *j = rq_json(rq);
    js_open(j, NULL, '{');
    js_text(j, "protocol", *h.protocol ? h.protocol : NULL);
    js_text(j, "transport", spoke ? transport_name(h.transport) : NULL);
    js_text(j, "address", spoke ? peer_format(&h.peer, address) : NULL);
    js_bool(j, "connected", h.connected);
    js_time(j, "connectedSince", h.connected ? h.connected_ms : TIME_NONE);
    json_counts(j, &h);
    json_findings(j, &h);
    json_detection(j, rq->api->config.gateway, d.unique_id);
    js_close(j, '}');
    st_device_fini(&d);
}

const struct route routes_overview[] = {
    {METHOD_GET, "/overview", overview_get, ROUTE_ADMIN},
    {METHOD_GET, "/metrics", metrics_get, ROUTE_ADMIN},
    {METHOD_GET, "/devices/{id}/health", device_health, 0},
    {0},
};
