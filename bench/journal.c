/*
 * journal.c - the bare journal: entries a second, and what one costs.
 *
 *     bench_journal [--dir DIR] [--entries N] [--devices N] [--threads N]
 *
 * An entry is a frame of 36 bytes with one record of about 48, from one of so many
 * devices.  The yardstick is the same number of bytes written and synced to one file in
 * pieces as large as the journal's.
 */
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "journal/journal.h"

static struct {
    const char *dir;
    long entries, devices, threads;
} options = {"/tmp", 4000000, 10000, 1};

static struct journal *journal;
static char (*names)[16]; /* of the devices */

static void name_devices(void)
{
    names = mem_zero((size_t)options.devices * sizeof *names);
    for (long i = 0; i < options.devices; i++)
        snprintf(names[i], sizeof *names, "%015ld", i % 1000000000000);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *append_share(void *arg)
{
    static const uint8_t bytes[48] = {0x78, 0x78, 0x1f, 0x12, 0x18, 0x05, 0x06, 0x07};
    long share = options.entries / options.threads;
    long first = (long)(intptr_t)arg * share;
    for (long i = first; i < first + share; i++) {
        struct entry e = {
            .connection = (uint64_t)i,
            .leans = {1},
            .arrival_ms = INT64_C(1714979289000) + i / 1000,
            .peer = {.address = {[10] = 0xff, [11] = 0xff, 203, 0, 113, 7},
                     .port = 40112},
            .device = {(const uint8_t *)names[i % options.devices], 15},
            .protocol = {(const uint8_t *)"gt06", 4},
            .message = {(const uint8_t *)"location", 8},
            .frame = {bytes, 36},
            .replies = {(const uint8_t *)"\0\012xx\5\1\0\1\331\334\r\n", 12},
            .records = {bytes, 48},
            .record_count = 1,
        };
        if (!jr_append(journal, &e))
            exit(1);
    }
    return NULL;
}

static void append_all(void)
{
    pthread_t threads[64];
    for (long i = 0; i < options.threads; i++)
        if (pthread_create(&threads[i], NULL, append_share, (void *)(intptr_t)i))
            exit(1);
    for (long i = 0; i < options.threads; i++)
        pthread_join(threads[i], NULL);
}

/* Seconds that plain writes of the same bytes take. */
static double yardstick(const char *dir, uint64_t bytes, uint64_t syncs)
{
    int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0640);
    size_t piece = (size_t)(bytes / (syncs ? syncs : 1)) + 1;
    uint8_t *data = mem_zero(piece);
    double from = seconds(CLOCK_MONOTONIC);
    for (uint64_t done = 0; done < bytes; done += piece)
        if (fd < 0 || write(fd, data, piece) != (ssize_t)piece || fdatasync(fd))
            exit(1);
    double took = seconds(CLOCK_MONOTONIC) - from;
    close(fd);
    free(data);
    return took;
}

static void read_back(long entries)
{
    struct jr_cursor *c = jr_cursor_open(journal, 1);
    struct entry e;
    struct err err;
    long count = 0;
    double from = seconds(CLOCK_MONOTONIC);
    while (jr_next(c, &e, &err))
        count++;
    double took = seconds(CLOCK_MONOTONIC) - from;
    printf("read in order  %.2f M entries/s%s\n", (double)count / took / 1e6,
           count == entries ? "" : "  NOT ALL");
    jr_cursor_close(c);
}

static bool count_one(void *arg, const struct entry *e)
{
    (void)e;
    ++*(long *)arg;
    return true;
}

static void find_one(void)
{
    struct err err;
    struct span device = {(const uint8_t *)"000000000000007", 15};
    long count = 0;
    double from = seconds(CLOCK_MONOTONIC);
    jr_find(journal, entry_subject(device, NULL), INT64_MIN, INT64_MAX, 0, count_one,
            &count, &err);
    double took = seconds(CLOCK_MONOTONIC) - from;
    struct jr_stats stats;
    jr_stats(journal, &stats);
    printf("find a device  %.2f ms: %ld entries in %" PRIu64 " segments\n", took * 1e3,
           count, stats.segments);
}

static void open_journal(const char *dir)
{
    struct err err;
    struct jr_limits limits = {0};
    double from = seconds(CLOCK_MONOTONIC);
    journal = jr_open(dir, &limits, &err);
    if (!journal) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    printf("open           %.1f ms\n", (seconds(CLOCK_MONOTONIC) - from) * 1e3);
}

static void run(const char *dir)
{
    open_journal(dir);
    double wall = seconds(CLOCK_MONOTONIC);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    append_all();
    long entries = options.entries / options.threads * options.threads;
    jr_wait(journal, (uint64_t)entries, 600000);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    struct jr_stats stats;
    jr_stats(journal, &stats);
    printf("append         %.2f M entries/s, %.3f us CPU an entry, %.0f bytes each\n",
           (double)entries / wall / 1e6, cpu / (double)entries * 1e6,
           (double)stats.bytes / (double)entries);
    printf("sync           %" PRIu64 ", %.2f ms of late\n", stats.syncs, stats.sync_ms);
    double plain = yardstick(dir, stats.bytes, stats.syncs);
    printf("yardstick      %.2f of the time that plain writes take\n", wall / plain);
    read_back(entries);
    find_one();
    jr_close(journal);
    open_journal(dir);
    jr_close(journal);
}

static void parse(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--dir"))
            options.dir = argv[i + 1];
        if (!strcmp(argv[i], "--entries"))
            options.entries = strtol(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--devices"))
            options.devices = strtol(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--threads"))
            options.threads = strtol(argv[i + 1], NULL, 10);
    }
    if (options.threads < 1 || options.threads > 64 || options.devices < 1)
        exit(2);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    char dir[256];
    snprintf(dir, sizeof dir, "%s/bench-journal-XXXXXX", options.dir);
    if (!mkdtemp(dir))
        return 1;
    name_devices();
    run(dir);
    free(names);
    return nftw(dir, remove_one, 8, FTW_DEPTH);
}
