/*
 * ingest.c - durable ingest without sockets: frames through channel, journal, fleet and
 * store, to chunks on disk.
 *
 *     bench_ingest [--dir DIR] [--positions N] [--devices N]
 *
 * The yardstick is the bare journal with entries of the same frames, in the same run.
 */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "fleet/fleet.h"
#include "gateway/channel.h"

static struct {
    const char *dir;
    long positions, devices;
} options = {"/tmp", 6000000, 5000};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

struct run {
    struct journal *journal;
    struct buffer packed;
    struct entry entry;
    uint64_t last;
    bool records; /* hand the records on as well */
};

static void on_frame(void *arg, const struct frame *f)
{
    struct run *r = arg;
    struct entry *e = &r->entry;
    r->packed.len = 0;
    e->frame = f->raw;
    e->record_count = r->records ? f->record_count : 0;
    if (e->record_count) {
        unsigned char *at = buf_room(&r->packed, REC_PACK_MAX);
        r->packed.len = rec_pack(&f->records[0], at);
    }
    e->records = (struct span){r->packed.ptr, r->packed.len};
    r->last = jr_append(r->journal, e);
}

static char (*names)[20];

/* Every device's next report in turn. */
static void feed(struct run *r, long positions)
{
    struct ch_scratch *s = ch_scratch_new();
    struct channel *c = ch_new(TRANSPORT_TCP, NULL, protocol_find("gt06"), true);
    int64_t from_s = now_ms() / 1000 - positions / options.devices * 10 - 100;
    for (long i = 0; i < positions; i++) {
        uint8_t frame[BENCH_FRAME];
        unsigned v = (unsigned)(i % options.devices);
        unsigned n = (unsigned)(i / options.devices);
        bench_frame(frame, v, n, from_s);
        r->entry = (struct entry){
            .connection = v + 1,
            .arrival_ms = (from_s + n * 10) * 1000 + 700 + v % 50,
            .peer = {.address = {[10] = 0xff, [11] = 0xff, 203, 0, 113, 7},
                     .port = 40112},
            .device = span_of(names[v]),
            .protocol = span_of("gt06"),
            .message = span_of("location"),
            .leans = {v + 1},
            .replies = {(const uint8_t *)"\0\012xx\5\22\0\1\331\334\r\n", 12},
        };
        ch_feed(c, s, (struct span){frame, BENCH_FRAME}, false, r->entry.arrival_ms,
                on_frame, r);
        while (jr_backlog(r->journal) > JR_BACKLOG_MAX)
            jr_wait(r->journal, jr_durable(r->journal), 100);
    }
    jr_wait(r->journal, r->last, 600000);
    ch_free(c);
    ch_scratch_free(s);
}

static char *in(const char *name, char out[300])
{
    snprintf(out, 300, "%s/%s", options.dir, name);
    return out;
}

/* CPU seconds of making the frames and decoding them, which is nobody's cost here. */
static double making(long positions)
{
    double from = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    static volatile unsigned kept;
    for (long i = 0; i < positions; i++) {
        uint8_t frame[BENCH_FRAME];
        bench_frame(frame, (unsigned)(i % options.devices),
                    (unsigned)(i / options.devices), 1714979289);
        kept += frame[33];
    }
    return bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - from;
}

/* CPU microseconds an entry, without its records. */
static double bare_journal(long positions, double made)
{
    char path[300];
    struct err err;
    struct jr_limits limits = {0};
    struct run r = {.journal = jr_open(in("bare", path), &limits, &err)};
    if (!r.journal)
        exit(1);
    double wall = bench_seconds(CLOCK_MONOTONIC);
    double cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    feed(&r, positions);
    wall = bench_seconds(CLOCK_MONOTONIC) - wall;
    cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu - made;
    jr_close(r.journal);
    buf_fini(&r.packed);
    printf("bare journal       %.3f us CPU a frame, %.2f M frames/s\n",
           cpu / (double)positions * 1e6, (double)positions / wall / 1e6);
    return cpu / (double)positions * 1e6;
}

static void add_devices(struct store *st)
{
    struct err err;
    for (long i = 0; i < options.devices; i++) {
        struct st_device d = {.name = names[i],
                              .unique_id = names[i],
                              .expiration_ms = TIME_NONE,
                              .attributes = (char *)"{}"};
        if (!st_device_put(st, &d, &err))
            exit(1);
    }
}

static void whole(long positions, double made, double bare)
{
    char path[300];
    struct err err = {0};
    struct jr_limits limits = {0};
    struct journal *journal = jr_open(in("journal", path), &limits, &err);
    struct journal *strays = jr_open(in("unknown", path), &limits, &err);
    struct store *store = st_open(in("milepost.db", path), &err);
    struct tracks *tracks = tr_open(store, 0);
    struct bus *bus = bus_new();
    add_devices(store);
    struct fleet_config config = {store, tracks, journal, strays, bus, now_ms, 0};
    struct fleet *fleet = fl_open(&config, &err);
    if (!fleet || !fl_start(fleet, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    struct run r = {.journal = journal, .records = true};
    double wall = bench_seconds(CLOCK_MONOTONIC);
    double cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    feed(&r, positions);
    fl_stop(fleet);
    wall = bench_seconds(CLOCK_MONOTONIC) - wall;
    cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu - made;
    struct fl_totals totals;
    fl_totals(fleet, &totals);
    double us = cpu / (double)positions * 1e6;
    printf("journal to chunks  %.3f us CPU a position, %.1f times the bare journal's "
           "(at most 6)\n",
           us, us / bare);
    printf("                   %.0f k positions/s (at least 300), %llu in the store, "
           "%.1f bytes each\n",
           (double)positions / wall / 1e3, (unsigned long long)totals.positions,
           (double)st_bytes(store) / (double)positions);
    if ((long)totals.positions != positions)
        exit(1);
    fl_close(fleet);
    tr_close(tracks);
    st_close(store);
    jr_close(journal);
    jr_close(strays);
    bus_free(bus);
    buf_fini(&r.packed);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--dir"))
            options.dir = argv[i + 1];
        if (!strcmp(argv[i], "--positions"))
            options.positions = strtol(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--devices"))
            options.devices = strtol(argv[i + 1], NULL, 10);
    }
    char dir[256];
    snprintf(dir, sizeof dir, "%s/bench-ingest-XXXXXX", options.dir);
    if (options.devices < 1 || !mkdtemp(dir))
        return 1;
    options.dir = dir;
    names = mem_zero((size_t)options.devices * sizeof *names);
    for (long i = 0; i < options.devices; i++)
        snprintf(names[i], sizeof *names, "%015ld", 359880140000000 + i);
    double made = making(options.positions);
    double bare = bare_journal(options.positions, made);
    whole(options.positions, made, bare);
    free(names);
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
