/*
 * store.c - positions into chunks on disk, and back: what one costs in time and bytes.
 *
 *     bench_store [--dir DIR] [--positions N] [--devices N]
 *
 * The yardstick is SQLite with a row a position and an index by device and time, in the
 * same run, for ROWS of the same positions.
 */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "core/mem.h"
#include "drive.h"
#include "store/db.h"

enum { ROWS = 200000, ROW_DEVICES = 64, PACKED_MAX = 512, FLUSH_CHUNKS = 1000 };

static struct {
    const char *dir;
    long positions, devices;
} options = {"/tmp", 10000000, 1000};

static const int64_t start_ms = INT64_C(1714979289000);
static struct err err;

static double cpu(void)
{
    return bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
}
static double wall(void)
{
    return bench_seconds(CLOCK_MONOTONIC);
}

static void need(bool ok)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(1);
}

/* ---- a fleet that drives ---- */

struct fleet {
    long count;
    struct drive *drives;
    struct tr_item *items; /* the next one of each, in the order of arrival */
    uint8_t (*packed)[PACKED_MAX];
    int64_t seq, now_ms;
};

static struct fleet fleet_of(long count)
{
    struct fleet f = {.count = count, .seq = 1};
    f.drives = mem_zero((size_t)count * sizeof *f.drives);
    f.items = mem_zero((size_t)count * sizeof *f.items);
    f.packed = mem_zero((size_t)count * sizeof *f.packed);
    for (long i = 0; i < count; i++)
        f.drives[i] = drive_start((uint64_t)i, start_ms);
    return f;
}

static void fleet_fini(struct fleet *f)
{
    free(f->drives);
    free(f->items);
    free(f->packed);
}

static void next_items(struct fleet *f)
{
    static struct record rec;
    for (long i = 0; i < f->count; i++) {
        struct tr_item *item = &f->items[i];
        *item = (struct tr_item){.device_id = i + 1, .protocol = "gt06", .kind = 1};
        item->server_ms = drive_next(&f->drives[i], &rec, &item->extra);
        size_t len = rec_pack(&rec, f->packed[i]);
        if (len > PACKED_MAX)
            exit(1);
        item->packed = (struct span){f->packed[i], len};
        f->now_ms = item->server_ms;
    }
    for (long i = f->count - 1; i > 0; i--) {
        long near = i < 100 ? i + 1 : 100;
        long j = i - (long)drive_chance(&f->drives[0], (uint64_t)near);
        struct tr_item swap = f->items[i];
        f->items[i] = f->items[j];
        f->items[j] = swap;
    }
    for (long i = 0; i < f->count; i++)
        f->items[i].id = f->seq++;
}

/* ---- chunks ---- */

struct costs {
    double add, close, apply; /* CPU seconds */
    double wall;
    size_t chunks;
};

static void flush(struct store *st, struct tracks *t, const struct fleet *f, bool all,
                  struct costs *c)
{
    const struct st_chunk *chunks;
    double from = cpu();
    size_t count = tr_due(t, f->now_ms, all, &chunks);
    double closed = cpu();
    struct st_batch batch = {.chunks = chunks,
                             .chunk_count = count,
                             .applied_seq = (uint64_t)f->seq,
                             .tail_seq = tr_tail_seq(t)};
    need(st_apply(st, &batch, &err));
    tr_stored(t);
    c->close += closed - from;
    c->apply += cpu() - closed;
    c->chunks += count;
}

static void write_chunks(struct store *st, struct tracks *t, struct costs *c)
{
    struct fleet f = fleet_of(options.devices);
    long rounds = options.positions / options.devices;
    long pace = FLUSH_CHUNKS * TR_CHUNK / options.devices + 1;
    double made = 0, from = wall();
    for (long i = 1; i <= rounds; i++) {
        double making = wall();
        next_items(&f);
        made += wall() - making;
        double adding = cpu();
        for (long j = 0; j < f.count; j++)
            tr_add(t, &f.items[j]);
        c->add += cpu() - adding;
        if (i % pace == 0 || i == rounds)
            flush(st, t, &f, i == rounds, c);
    }
    double syncing = cpu();
    need(st_sync(st, &err));
    c->apply += cpu() - syncing;
    c->wall = wall() - from - made;
    fleet_fini(&f);
}

static bool count_position(void *arg, const struct position *p)
{
    (void)p;
    ++*(size_t *)arg;
    return true;
}

/* Milliseconds of one day of a device, the best of a few times: it is warm then. */
static double read_day(struct tracks *t, int64_t device_id, size_t *count)
{
    double best = 1e9;
    for (unsigned i = 0; i < 7; i++) {
        *count = 0;
        double from = wall();
        need(tr_each(t, device_id, start_ms, start_ms + 86400000, count_position, count,
                     &err));
        double took = (wall() - from) * 1e3;
        best = took < best ? took : best;
    }
    return best;
}

/* A device that reports every 30 s. */
static int64_t find_slow(void)
{
    for (long i = 0; i < options.devices; i++)
        if (drive_start((uint64_t)i, start_ms).interval_s == 30)
            return i + 1;
    return 1;
}

/* ---- rows ---- */

static const char rows_schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE position (id INTEGER PRIMARY KEY, device_id INTEGER, fix_ms INTEGER,"
    " server_ms INTEGER, latitude REAL, longitude REAL, speed REAL, course REAL,"
    " valid INTEGER, attributes TEXT);"
    "CREATE INDEX position_device ON position (device_id, fix_ms);";

/* A position as a row: its attributes as JSON. */
struct row {
    struct position p;
    char text[400];
};

static void make_row(struct row *row, const struct tr_item *item)
{
    const struct record *rec = &row->p.rec;
    tr_compose(item, &row->p);
    snprintf(row->text, sizeof row->text,
             "{\"type\":%g,\"sat\":%g,\"ignition\":true,\"event\":%g,\"odometer\":%.0f,"
             "\"status\":%g,\"batteryLevel\":%g,\"rssi\":%g,\"distance\":%.2f,"
             "\"totalDistance\":%.2f,\"hours\":%.0f,\"motion\":true}",
             rec_get_num(rec, KEY_TYPE), rec_get_num(rec, KEY_SAT),
             rec_get_num(rec, KEY_EVENT), rec_get_num(rec, KEY_ODOMETER_M),
             rec_get_num(rec, KEY_STATUS), rec_get_num(rec, KEY_BATTERY_PCT),
             rec_get_num(rec, KEY_RSSI), rec_get_num(rec, KEY_DISTANCE_M),
             rec_get_num(rec, KEY_TOTAL_DISTANCE_M), rec_get_num(rec, KEY_HOURS_MS));
}

static void insert_row(struct db *db, const struct row *row)
{
    const struct record *rec = &row->p.rec;
    struct query q =
        db_query(db, "INSERT INTO position VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)");
    q_int(&q, row->p.id);
    q_int(&q, row->p.device_id);
    q_int(&q, rec->fix_ms);
    q_int(&q, row->p.server_ms);
    q_num(&q, rec->latitude_deg);
    q_num(&q, rec->longitude_deg);
    q_num(&q, rec->speed_kmh);
    q_num(&q, rec->course_deg);
    q_text(&q, row->text);
    need(q_run(&q, &err));
}

/* CPU seconds, without those that make the rows. */
static double write_rows(struct db *db)
{
    static struct row rows[ROW_DEVICES];
    struct fleet f = fleet_of(ROW_DEVICES);
    double took = 0;
    for (long i = 0; i < ROWS / ROW_DEVICES; i++) {
        next_items(&f);
        for (long j = 0; j < f.count; j++)
            make_row(&rows[j], &f.items[j]);
        double from = cpu();
        if (i % 100 == 0)
            need(db_exec(db, "BEGIN", &err));
        for (long j = 0; j < f.count; j++)
            insert_row(db, &rows[j]);
        if (i % 100 == 99 || i == ROWS / ROW_DEVICES - 1)
            need(db_exec(db, "COMMIT", &err));
        took += cpu() - from;
    }
    double from = cpu();
    need(db_exec(db, "PRAGMA wal_checkpoint (TRUNCATE)", &err));
    fleet_fini(&f);
    return took + cpu() - from;
}

static double read_rows(struct db *db, size_t max)
{
    double best = 1e9;
    for (unsigned i = 0; i < 7; i++) {
        double from = wall();
        struct query q = db_query(db, "SELECT * FROM position WHERE device_id = 7"
                                      " ORDER BY fix_ms LIMIT ?");
        q_int(&q, (int64_t)max);
        size_t bytes = 0;
        while (q_row(&q)) {
            q.read = 9; /* the attributes */
            bytes += strlen(q_get_text(&q));
        }
        need(q_end(&q, &err) && bytes);
        double took = (wall() - from) * 1e3;
        best = took < best ? took : best;
    }
    return best;
}

struct rows {
    double per_cpu_s, bytes, day_ms;
};

static struct rows measure_rows(const char *path, size_t day)
{
    struct rows r;
    double count = ROWS / ROW_DEVICES * ROW_DEVICES;
    struct db *db = db_open(path, true, &err);
    need(db && db_exec(db, rows_schema, &err));
    r.per_cpu_s = count / write_rows(db);
    FILE *file = fopen(path, "rb");
    need(file && !fseek(file, 0, SEEK_END));
    r.bytes = (double)ftell(file) / count;
    fclose(file);
    r.day_ms = read_rows(db, day);
    db_close(db);
    return r;
}

/* ---- all of it ---- */

static struct store *open_store(const char *path)
{
    double from = wall();
    struct store *st = st_open(path, &err);
    need(st);
    printf("open           %.1f ms\n", (wall() - from) * 1e3);
    return st;
}

static void register_devices(struct store *st)
{
    for (long i = 0; i < options.devices; i++) {
        char unique_id[24];
        snprintf(unique_id, sizeof unique_id, "%015ld", i);
        struct st_device d = {.unique_id = unique_id, .expiration_ms = TIME_NONE};
        need(st_device_put(st, &d, &err));
    }
    need(st_sync(st, &err));
}

static void run(const char *dir)
{
    char path[300], rows_path[300];
    snprintf(path, sizeof path, "%s/chunks.db", dir);
    snprintf(rows_path, sizeof rows_path, "%s/rows.db", dir);
    struct costs c = {0};
    struct store *st = open_store(path);
    register_devices(st);
    st_close(st);
    st = open_store(path);
    double empty = (double)st_bytes(st);
    struct tracks *t = tr_open(st, 0);
    write_chunks(st, t, &c);
    tr_close(t);
    st_close(st);
    st = open_store(path);
    t = tr_open(st, 0);
    double count = (double)(options.positions / options.devices * options.devices);
    double bytes = ((double)st_bytes(st) - empty) / count;
    double all = c.add + c.close + c.apply;
    size_t day;
    double day_ms = read_day(t, find_slow(), &day);
    struct rows rows = measure_rows(rows_path, day);
    printf("add            %.0f ns CPU a position\n", c.add / count * 1e9);
    printf("close          %.0f ns CPU a position, %.1f in a chunk\n",
           c.close / count * 1e9, count / (double)c.chunks);
    printf("apply          %.0f ns CPU a position\n", c.apply / count * 1e9);
    printf("all            %.2f M positions per CPU-second, %.2f M/s: %.1f times rows\n",
           count / all / 1e6, count / c.wall / 1e6, count / all / rows.per_cpu_s);
    printf("on disk        %.1f bytes a position: %.3f of rows\n", bytes,
           bytes / rows.bytes);
    printf("device-day     %.2f ms warm for %zu of %.0f M: %.2f of rows out of %.1f M\n",
           day_ms, day, count / 1e6, day_ms / rows.day_ms, ROWS / 1e6);
    printf("yardstick      rows: %.0f k per CPU-second, %.0f bytes each, %.2f ms a day\n",
           rows.per_cpu_s / 1e3, rows.bytes, rows.day_ms);
    tr_close(t);
    st_close(st);
}

static void parse(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--dir"))
            options.dir = argv[i + 1];
        if (!strcmp(argv[i], "--positions"))
            options.positions = strtol(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--devices"))
            options.devices = strtol(argv[i + 1], NULL, 10);
    }
    if (options.devices < 1 || options.positions < options.devices)
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
    snprintf(dir, sizeof dir, "%s/bench-store-XXXXXX", options.dir);
    if (!mkdtemp(dir))
        return 1;
    run(dir);
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
