/*
 * simulate.c - `milepost simulate`: a fleet of trackers that do not exist, on real
 * sockets; and `--load`, which only measures the server.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/err.h"
#include "simulate/link.h"
#include "simulate/load.h"
#include "simulate/run.h"

/* The flags as texts; what is not given stays as it is here. */
struct texts {
    const char *to, *devices, *protocol, *transport, *seed, *speed, *duration, *history;
    const char *events, *script, *imei_base, *interval, *rate, *connections, *count;
    bool list, load, quiet;
};

static const struct texts defaults = {
    .to = "127.0.0.1:8888",
    .devices = "6",
    .protocol = "mixed",
    .transport = "mixed",
    .seed = "1",
    .speed = "1",
    .duration = "0",
    .history = "0",
    .events = "usual",
    .imei_base = "35988014100001",
    .interval = "10",
    .rate = "0",
    .connections = "10",
    .count = "0",
};

/* Index of a word; count after a complaint. */
static unsigned choose(const char *name, const char *text, const char *const *words,
                       unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(text, words[i]))
            return i;
    fprintf(stderr, "milepost simulate: --%s: %s: neither %s", name, text, words[0]);
    for (unsigned i = 1; i < count; i++)
        fprintf(stderr, " nor %s", words[i]);
    fputc('\n', stderr);
    return count;
}

static bool choose_protocol(const char *text, enum mix *out)
{
    static const char *const words[] = {"gt06", "ais140", "mixed"};
    *out = (enum mix)choose("protocol", text, words, 3);
    return *out <= MIX_BOTH;
}

static bool choose_transport(const char *text, enum mix *out)
{
    static const char *const words[] = {"tcp", "udp", "mixed"};
    *out = (enum mix)choose("transport", text, words, 3);
    return *out <= MIX_BOTH;
}

static bool choose_events(const char *text, enum incidents *out)
{
    static const char *const words[] = {"none", "calm", "usual", "busy"};
    *out = (enum incidents)choose("events", text, words, 4);
    return *out <= INCIDENTS_BUSY;
}

static bool read_imei_base(const char *text, uint64_t *out)
{
    if (strlen(text) != IMEI_LEN - 1 || strspn(text, "0123456789") != IMEI_LEN - 1) {
        fprintf(stderr, "milepost simulate: --imei-base: %s: not 14 digits\n", text);
        return false;
    }
    *out = strtoull(text, NULL, 10);
    return true;
}

static bool read_address(const char *text, struct sockaddr_storage *out)
{
    struct err err = {0};
    if (link_resolve(text, out, &err))
        return true;
    fprintf(stderr, "milepost simulate: --to: %s\n", err.text);
    return false;
}

static bool read_fleet(const struct texts *x, struct convoy_options *o)
{
    long devices;
    long seed;
    long interval;
    if (!cli_number("devices", x->devices, 1, CONVOY_MAX, &devices) ||
        !cli_number("seed", x->seed, 0, INT32_MAX, &seed) ||
        !cli_number("interval", x->interval, 1, 18000, &interval) ||
        !choose_protocol(x->protocol, &o->protocols) ||
        !choose_transport(x->transport, &o->transports) ||
        !choose_events(x->events, &o->incidents) ||
        !read_imei_base(x->imei_base, &o->imei_base))
        return false;
    o->devices = (unsigned)devices;
    o->seed = (uint64_t)seed;
    o->interval_s = (unsigned)interval;
    return true;
}

static int list_fleet(const struct convoy_options *o)
{
    struct convoy f;
    convoy_init(&f, o);
    for (unsigned i = 0; i < f.count; i++)
        printf("%s\t%s\tWeTrack140\t%s\n", f.trackers[i].imei, f.trackers[i].name,
               f.trackers[i].ride.kind->category);
    convoy_fini(&f);
    return fflush(stdout) ? 1 : 0;
}

static int report_failure(const struct err *err)
{
    fprintf(stderr, "milepost simulate: %s\n", err->text);
    return err->code == ERR_INPUT ? 2 : 1;
}

static int simulate_load(const struct texts *x, const struct convoy_options *fleet)
{
    long rate;
    long connections;
    long count;
    long duration;
    struct load_options o = {
        .transport = fleet->transports == MIX_SECOND ? TRANSPORT_UDP : TRANSPORT_TCP,
        .ais = fleet->protocols == MIX_SECOND,
        .imei_base = fleet->imei_base,
    };
    if (!cli_number("rate", x->rate, 0, 100000000, &rate) ||
        !cli_number("connections", x->connections, 1, LOAD_CONNECTIONS_MAX,
                    &connections) ||
        !cli_number("count", x->count, 0, 1000000000, &count) ||
        !cli_number("duration", x->duration, 0, 86400, &duration) ||
        !read_address(x->to, &o.to))
        return 2;
    o.rate = (uint64_t)rate;
    o.connections = (unsigned)connections;
    o.count = (uint64_t)count;
    o.duration_s = (unsigned)(count || duration ? duration : 10);
    struct err err = {0};
    return load_run(&o, &err) ? 0 : report_failure(&err);
}

static int simulate_fleet(const struct texts *x, const struct convoy_options *fleet)
{
    long speed;
    long duration;
    long history;
    struct run_options o = {.fleet = *fleet, .script = x->script, .quiet = x->quiet};
    if (!cli_number("speed", x->speed, 1, 60, &speed) ||
        !cli_number("duration", x->duration, 0, 100000000, &duration) ||
        !cli_number("history", x->history, 0, HISTORY_MAX_H, &history) ||
        !read_address(x->to, &o.to))
        return 2;
    if (history * (long)fleet->devices > HISTORY_WORK_MAX_H) {
        fprintf(stderr,
                "milepost simulate: --history: %ld hours of %u devices are more "
                "than %d hours together\n",
                history, fleet->devices, HISTORY_WORK_MAX_H);
        return 2;
    }
    o.speed = (unsigned)speed;
    o.duration_s = (unsigned)duration;
    o.history_h = (unsigned)history;
    struct err err = {0};
    return run_fleet(&o, &err) ? 0 : report_failure(&err);
}

int cli_simulate(int argc, char **argv)
{
    struct texts x = defaults;
    const struct flag flags[] = {
        {"to", &x.to, NULL,
         "the server, HOST:PORT (127.0.0.1:8888); nothing is sent elsewhere"},
        {"devices", &x.devices, NULL, "trackers, 1 to 5000 (6)"},
        {"protocol", &x.protocol, NULL, "their firmware: gt06, ais140, mixed (mixed)"},
        {"transport", &x.transport, NULL, "tcp, udp, mixed (mixed)"},
        {"seed", &x.seed, NULL, "the same number, the same fleet and the same days (1)"},
        {"speed", &x.speed, NULL,
         "seconds of the world in a second, to 60 (1); clocks stay real"},
        {"duration", &x.duration, NULL, "seconds; 0: until a signal (0)"},
        {"history", &x.history, NULL,
         "hours before now, uploaded as stored positions (0)"},
        {"events", &x.events, NULL,
         "what happens on the way: none, calm, usual, busy (usual)"},
        {"script", &x.script, NULL, "file that says what happens when"},
        {"imei-base", &x.imei_base, NULL,
         "14 digits; the devices' ids follow it (35988014100001)"},
        {"interval", &x.interval, NULL, "seconds between reports, ignition on (10)"},
        {"list", NULL, &x.list, "print id, name, model, category of each, and end"},
        {"quiet", NULL, &x.quiet, "say only the totals"},
        {"load", NULL, &x.load, "measure the server with position frames, and end"},
        {"rate", &x.rate, NULL, "with --load: frames a second; 0: all it takes (0)"},
        {"connections", &x.connections, NULL, "with --load: how many (10)"},
        {"count", &x.count, NULL, "with --load: frames; else 10 s or --duration"},
    };
    int first = cli_flags(argc, argv, flags, sizeof flags / sizeof *flags,
                          "milepost simulate [FLAGS]");
    if (first < 0)
        fprintf(stderr, "a script's words, after the second:\n%s\n", script_words);
    struct convoy_options fleet = {0};
    if (first < argc || !read_fleet(&x, &fleet))
        return 2;
    if (x.list)
        return list_fleet(&fleet);
    return x.load ? simulate_load(&x, &fleet) : simulate_fleet(&x, &fleet);
}
