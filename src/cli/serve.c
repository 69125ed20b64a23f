/*
 * serve.c - `milepost serve`: puts the rooms together, waits for the end, and takes
 * them apart in the order in which data flows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/cli.h"
#include "core/version.h"

struct settings {
    const char *config, *data, *host, *port, *http, *http_host, *tls_cert, *tls_key;
    const char *loops, *idle, *login_time, *connections, *raw_days, *raw_gb, *stray_mb;
    const char *status_timeout, *cors_origin, *web_dir;
    bool ignore_unknown, cookie_secure;
};

/* Every room, in the order of opening. */
struct server {
    struct journal *journal, *strays;
    struct store *store;
    struct tracks *tracks;
    struct bus *bus;
    struct fleet *fleet;
    struct gateway *gateway;
    struct api *api;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- the gateway's questions, answered by the fleet ---- */

static bool lookup(void *arg, struct span unique_id, int64_t *device_id, bool *accepted)
{
    struct fl_registered r;
    if (!fl_lookup(arg, unique_id, &r))
        return false;
    *device_id = r.device_id;
    *accepted = r.accepted;
    return true;
}

static uint64_t registry_version(void *arg)
{
    return fl_registry_version(arg);
}

static char *device_settings(void *arg, int64_t device_id, size_t *len)
{
    return fl_settings(arg, device_id, len);
}

static void on_connection(void *arg, struct span unique_id, uint64_t connection,
                          const struct peer *peer, enum transport transport, bool open)
{
    fl_connection(arg, unique_id, connection, peer, transport, open);
}

/* ---- opening ---- */

struct numbers {
    long port, http, loops, idle, login_time, connections, raw_days, raw_gb, stray_mb,
        status_timeout;
};

static bool numbers_of(const struct settings *s, struct numbers *n)
{
    return cli_number("port", s->port, 1, 65535, &n->port) &&
           cli_number("http", s->http, 1, 65535, &n->http) &&
           cli_number("loops", s->loops, 0, 64, &n->loops) &&
           cli_number("idle", s->idle, 10, 86400, &n->idle) &&
           cli_number("login-time", s->login_time, 5, 86400, &n->login_time) &&
           cli_number("connections", s->connections, 0, 4000000, &n->connections) &&
           cli_number("raw-days", s->raw_days, 0, 36500, &n->raw_days) &&
           cli_number("raw-gb", s->raw_gb, 0, 1000000, &n->raw_gb) &&
           cli_number("unknown-mb", s->stray_mb, 64, 1000000, &n->stray_mb) &&
           cli_number("status-timeout", s->status_timeout, 10, 864000,
                      &n->status_timeout);
}

static char *path_in(const char *dir, const char *name)
{
    struct buffer b = {0};
    buf_printf(&b, "%s/%s", dir, name);
    buf_add(&b, "", 1);
    return (char *)b.ptr;
}

static bool make_dir(const char *path, struct err *err)
{
    if (!mkdir(path, 0750) || errno == EEXIST)
        return true;
    return err_set(err, ERR_IO, "data directory %s: %s", path, strerror(errno));
}

static bool open_journals(struct server *s, const char *data, const struct numbers *n,
                          struct err *err)
{
    struct jr_limits known = {
        .keep_bytes = (uint64_t)n->raw_gb << 30,
        .keep_ms = n->raw_days * INT64_C(86400000),
    };
    struct jr_limits strays = {
        .segment_bytes = 8 << 20,
        .keep_bytes = (uint64_t)n->stray_mb << 20,
        .keep_ms = 30 * INT64_C(86400000),
    };
    char *known_dir = path_in(data, "journal");
    char *strays_dir = path_in(data, "unknown");
    s->journal = jr_open(known_dir, &known, err);
    s->strays = s->journal ? jr_open(strays_dir, &strays, err) : NULL;
    free(known_dir);
    free(strays_dir);
    return s->strays != NULL;
}

static bool open_fleet(struct server *s, const char *data, const struct numbers *n,
                       struct err *err)
{
    char *path = path_in(data, "milepost.db");
    s->store = st_open(path, err);
    free(path);
    if (!s->store)
        return false;
    s->tracks = tr_open(s->store, 0);
    s->bus = bus_new();
    struct fleet_config config = {
        .store = s->store,
        .tracks = s->tracks,
        .journal = s->journal,
        .strays = s->strays,
        .bus = s->bus,
        .now_ms = now_ms,
        .status_timeout_s = (int)n->status_timeout,
    };
    s->fleet = fl_open(&config, err);
    return s->fleet && fl_start(s->fleet, err);
}

static bool open_gateway(struct server *s, const struct settings *set,
                         const struct numbers *n, struct err *err)
{
    struct gw_config config = {
        .port = (uint16_t)n->port,
        .host = set->host,
        .loops = (unsigned)n->loops,
        .idle_s = (unsigned)n->idle,
        .login_s = (unsigned)n->login_time,
        .connections_max = (unsigned)n->connections,
        .answer_strays = !set->ignore_unknown,
    };
    struct gw_env env = {
        .arg = s->fleet,
        .journal = s->journal,
        .strays = s->strays,
        .now_ms = now_ms,
        .lookup = lookup,
        .version = registry_version,
        .settings = device_settings,
        .connection = on_connection,
    };
    s->gateway = gw_open(&config, &env, err);
    return s->gateway != NULL;
}

static bool open_api(struct server *s, const struct settings *set,
                     const struct numbers *n, struct err *err)
{
    struct api_config config = {
        .host = set->http_host,
        .port = (uint16_t)n->http,
        .tls_cert = set->tls_cert,
        .tls_key = set->tls_key,
        .store = s->store,
        .tracks = s->tracks,
        .fleet = s->fleet,
        .gateway = s->gateway,
        .journal = s->journal,
        .strays = s->strays,
        .bus = s->bus,
        .version = MILEPOST_VERSION,
        .data_dir = set->data,
        .tracker_port = (uint16_t)n->port,
        .now_ms = now_ms,
        .cookie_secure = set->cookie_secure,
        .cors_origin = set->cors_origin,
        .web_dir = set->web_dir,
    };
    s->api = api_open(&config, err);
    return s->api != NULL;
}

static void server_close(struct server *s)
{
    api_close(s->api);
    gw_close(s->gateway);
    if (s->fleet)
        fl_stop(s->fleet);
    fl_close(s->fleet);
    tr_close(s->tracks);
    st_close(s->store);
    jr_close(s->journal);
    jr_close(s->strays);
    bus_free(s->bus);
}

/* ---- saying where it is ---- */

static void greet(const struct server *s, const struct settings *set, const char *email,
                  const char *password, bool made)
{
    const char *scheme = set->tls_cert ? "https" : "http";
    fprintf(stderr, "milepost %s\n", MILEPOST_VERSION);
    fprintf(stderr, "  trackers  port %u, TCP and UDP, any protocol\n",
            gw_port(s->gateway));
    fprintf(stderr, "  people    %s://localhost:%u\n", scheme, api_port(s->api));
    fprintf(stderr, "  data      %s\n", set->data);
    if (made && *password)
        fprintf(stderr,
                "  first administrator: %s, password %s\n"
                "  (shown this once; change it in the app)\n",
                email, password);
    else if (made)
        fprintf(stderr, "  first administrator: %s, with the password you gave\n", email);
    fprintf(stderr,
            "  a first frame:   bash -c 'exec 3<>/dev/tcp/localhost/%u; printf "
            "\"\\x78\\x78\\x0d\\x01\\x03\\x59\\x88\\x01\\x40\\x01\\x23\\x47\\x00\\x01"
            "\\xa1\\x53\\x0d\\x0a\" >&3; head -c10 <&3 | od -An -tx1'\n"
            "  a small fleet:   milepost simulate --to localhost:%u\n",
            gw_port(s->gateway), gw_port(s->gateway));
}

/* Waits for SIGTERM or SIGINT. */
static void wait_for_end(const sigset_t *ends)
{
    int signal_number;
    sigwait(ends, &signal_number);
    fputs("milepost: stopping: finishing what was accepted\n", stderr);
}

static bool open_all(struct server *s, const struct settings *set,
                     const struct numbers *n, struct err *err)
{
    return make_dir(set->data, err) && open_journals(s, set->data, n, err) &&
           open_fleet(s, set->data, n, err) && open_gateway(s, set, n, err);
}

static int run(const struct settings *set, const struct numbers *n)
{
    char email[ADMIN_EMAIL_MAX + 1] = "";
    char password[ADMIN_PASSWORD_MAX + 1] = "";
    struct server s = {0};
    struct err err = {0};
    bool made = false;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* Nobody can call before there is an administrator. */
    bool ok = open_all(&s, set, n, &err) &&
              api_first_admin(s.store, email, password, &made, &err) &&
              open_api(&s, set, n, &err);
    if (ok) {
        greet(&s, set, email, password, made);
        memset(password, 0, sizeof password);
        wait_for_end(&ends);
    } else {
        fprintf(stderr, "milepost: %s\n", err.text);
    }
    server_close(&s);
    return ok ? 0 : 1;
}

int cli_serve(int argc, char **argv)
{
    struct settings s = {
        .data = "data",
        .port = "8888",
        .http = "8082",
        .loops = "0",
        .idle = "1800",
        .login_time = "120",
        .connections = "0",
        .raw_days = "90",
        .raw_gb = "50",
        .stray_mb = "256",
        .status_timeout = "600",
    };
    const struct flag flags[] = {
        {"config", &s.config, NULL,
         "a file of `name = value` lines, names as these flags"},
        {"data", &s.data, NULL, "directory of journal and database (data)"},
        {"host", &s.host, NULL, "address for trackers (all)"},
        {"port", &s.port, NULL, "port for trackers, TCP and UDP (8888)"},
        {"http-host", &s.http_host, NULL, "address for people (all)"},
        {"http", &s.http, NULL, "port for people (8082)"},
        {"tls-cert", &s.tls_cert, NULL, "certificate for people's port, PEM"},
        {"tls-key", &s.tls_key, NULL, "its key, PEM"},
        {"loops", &s.loops, NULL, "event loops; 0: one fewer than cores (0)"},
        {"idle", &s.idle, NULL, "seconds until a silent connection is closed (1800)"},
        {"login-time", &s.login_time, NULL, "seconds to identify itself (120)"},
        {"connections", &s.connections, NULL,
         "most connections; 0: as the system allows (0)"},
        {"ignore-unknown", NULL, &s.ignore_unknown, "do not answer unregistered devices"},
        {"raw-days", &s.raw_days, NULL,
         "days that raw frames are kept; 0: no limit (90)"},
        {"raw-gb", &s.raw_gb, NULL, "GiB that raw frames may take; 0: no limit (50)"},
        {"unknown-mb", &s.stray_mb, NULL, "MiB for unregistered devices (256)"},
        {"status-timeout", &s.status_timeout, NULL, "seconds until unknown (600)"},
        {"cookie-secure", NULL, &s.cookie_secure, "cookies for HTTPS alone"},
        {"cors-origin", &s.cors_origin, NULL, "origins that may call the API, or *"},
        {"web-dir", &s.web_dir, NULL, "files that win over the built-in web app"},
    };
    struct numbers n;
    int first = cli_flags(argc, argv, flags, sizeof flags / sizeof *flags,
                          "milepost serve [FLAGS]");
    if (first < 0)
        return 2;
    if (first < argc) {
        fprintf(stderr, "milepost serve: %s: not a flag\n", argv[first]);
        return 2;
    }
    if (!numbers_of(&s, &n))
        return 2;
    return run(&s, &n);
}
