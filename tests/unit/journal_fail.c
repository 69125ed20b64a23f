/*
 * journal_fail.c - disks that fail, fill up or hang, and processes that die.
 *
 * pwrite() and fdatasync() stand here in place of the C library's: they do the same
 * until a test says otherwise.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "journal/journal.h"

#include "journal_stage.h"

/* ---- the disk ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool hangs;            /* syncs wait until it is false */
    atomic_int bad_syncs;  /* so many fail with EIO */
    atomic_int bad_writes; /* so many fail half way with EIO */
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static void disk_hangs(bool hangs)
{
    pthread_mutex_lock(&disk.lock);
    disk.hangs = hangs;
    pthread_cond_broadcast(&disk.opened);
    pthread_mutex_unlock(&disk.lock);
}

/* One of the bad ones that are left. */
static bool takes(atomic_int *left)
{
    int n = atomic_load(left);
    while (n > 0 && !atomic_compare_exchange_weak(left, &n, n - 1))
        ;
    return n > 0;
}

int fdatasync(int fd)
{
    pthread_mutex_lock(&disk.lock);
    while (disk.hangs)
        pthread_cond_wait(&disk.opened, &disk.lock);
    pthread_mutex_unlock(&disk.lock);
    if (takes(&disk.bad_syncs)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t pos)
{
    bool bad = takes(&disk.bad_writes);
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, bad ? len / 2 : len, pos);
    if (bad) {
        errno = EIO;
        return -1;
    }
    return n;
}

/* ---- failing ---- */

static bool await_stall(struct journal *j, char why[200])
{
    for (int i = 0; i < 2000; i++) {
        if (*jr_stalled(j, why, 200))
            return true;
        jr_wait(j, UINT64_MAX - 1, 5);
    }
    return false;
}

static const struct {
    const char *name;
    unsigned before; /* samples that are durable when it begins */
    int bad_syncs, bad_writes;
    const char *why;
    uint64_t segments;
} failures[] = {
    {"a sync within a segment", 30, 1, 0, ": sync: Input/output error", 2},
    {"a sync of a new segment", 0, 1, 0, ": sync: Input/output error", 1},
    {"a write within a segment", 30, 0, 1, ": write: Input/output error", 2},
    {"the head of a segment", 0, 0, 1, ": write: Input/output error", 1},
};

/* All at once, since each waits for a second. */
static void test_failures(void)
{
    enum { ALL = COUNT(failures) };
    struct stage s[ALL];
    struct journal *j[ALL];
    for (unsigned i = 0; i < ALL; i++) {
        char why[200];
        stage_open(&s[i]);
        j[i] = stage_journal(&s[i], 0);
        unsigned before = failures[i].before;
        append_samples(j[i], 0, before);
        CHECK(await_samples(j[i], before), failures[i].name);
        atomic_store(&disk.bad_syncs, failures[i].bad_syncs);
        atomic_store(&disk.bad_writes, failures[i].bad_writes);
        append_samples(j[i], before, before + 10);
        CHECK(await_stall(j[i], why) && strstr(why, failures[i].why), why);
        CHECK(jr_durable(j[i]) == sample_seq(before), failures[i].name);
        CHECK(read_samples(j[i], 0, before) == before, failures[i].name);
        append_samples(j[i], before + 10, 50);
    }
    for (unsigned i = 0; i < ALL; i++) {
        char why[200];
        struct jr_stats stats;
        CHECK(await_samples(j[i], 50), failures[i].name);
        CHECK(!*jr_stalled(j[i], why, sizeof why), failures[i].name);
        CHECK(read_samples(j[i], 0, 50) == 50, failures[i].name);
        jr_stats(j[i], &stats);
        CHECK(stats.segments == failures[i].segments, failures[i].name);
        jr_close(j[i]);
        j[i] = stage_journal(&s[i], 0);
        CHECK(read_samples(j[i], 0, 50) == 50, failures[i].name);
        CHECK(append_samples(j[i], 50, 60) && await_samples(j[i], 60), failures[i].name);
        jr_close(j[i]);
        stage_close(&s[i]);
    }
}

/* On a disk that fails for good the journal still closes. */
static void test_close(void)
{
    struct stage s;
    stage_open(&s);
    struct journal *j = stage_journal(&s, 0);
    append_samples(j, 0, 20);
    CHECK(await_samples(j, 20), "before");
    atomic_store(&disk.bad_syncs, 1000);
    append_samples(j, 20, 40);
    jr_close(j);
    atomic_store(&disk.bad_syncs, 0);
    j = stage_journal(&s, 0);
    CHECK(read_samples(j, 0, 20) == 20, "what was durable");
    jr_close(j);
    stage_close(&s);
}

/* ---- hanging ---- */

struct heap {
    struct journal *j;
    atomic_uint appended;
};

enum { LARGE = 7 << 20, LARGE_COUNT = 22 };

static void *append_large(void *arg)
{
    struct heap *h = arg;
    uint8_t *bytes = mem_zero(LARGE);
    struct entry e = {.frame = {bytes, LARGE}};
    for (unsigned i = 0; i < LARGE_COUNT; i++)
        atomic_fetch_add(&h->appended, jr_append(h->j, &e) > 0);
    free(bytes);
    return NULL;
}

/* What waits for the disk is bounded, and all of it arrives. */
static void test_hanging(void)
{
    struct stage s;
    pthread_t thread;
    stage_open(&s);
    struct heap h = {.j = stage_journal(&s, 0)};
    disk_hangs(true);
    pthread_create(&thread, NULL, append_large, &h);
    size_t limit = 4 * (size_t)JR_BACKLOG_MAX;
    for (int i = 0; i < 6000 && jr_backlog(h.j) <= limit; i++)
        jr_wait(h.j, UINT64_MAX - 1, 10);
    CHECK(jr_backlog(h.j) > limit && jr_backlog(h.j) < limit + LARGE + 4096, "bounded");
    jr_wait(h.j, UINT64_MAX - 1, 100);
    CHECK(atomic_load(&h.appended) <= limit / LARGE + 1, "then appending waits");
    CHECK(jr_durable(h.j) == 1 && !jr_wait(h.j, 1, 0), "nothing is durable");
    disk_hangs(false);
    pthread_join(thread, NULL);
    CHECK(atomic_load(&h.appended) == LARGE_COUNT, "all handed in");
    CHECK(jr_wait(h.j, LARGE_COUNT, 60000) && jr_backlog(h.j) == 0, "all durable");
    jr_close(h.j);
    stage_close(&s);
}

/* ---- a full disk ---- */

/* In a process of its own: returns the step that went wrong, or 0. */
static int fill_disk(struct stage *s)
{
    struct rlimit limit = {200000, RLIM_INFINITY};
    struct jr_limits limits = {0};
    char why[200];
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit))
        return 1;
    struct journal *j = jr_open(s->dir, &limits, &s->err);
    if (!j)
        return 2;
    unsigned n = 0;
    for (; n < 100000 && !*jr_stalled(j, why, sizeof why); n += 100)
        append_samples(j, n, n + 100);
    if (!strstr(why, ".seg: write: File too large"))
        return 3;
    uint64_t durable = jr_durable(j);
    unsigned safe = 0;
    while (sample_seq(safe) < durable)
        safe++;
    if (safe >= n || read_samples(j, 0, safe) != safe)
        return 4;
    append_samples(j, n, n + 1000);
    if (jr_wait(j, sample_seq(n), 10) || jr_durable(j) != durable)
        return 5;
    limit.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_FSIZE, &limit) || !await_samples(j, n + 1000))
        return 6;
    if (*jr_stalled(j, why, sizeof why) || read_samples(j, 0, n + 1000) != n + 1000)
        return 7;
    jr_close(j);
    j = jr_open(s->dir, &limits, &s->err);
    return !j || read_samples(j, 0, n + 1000) != n + 1000 ? 8 : 0;
}

static void test_full(void)
{
    struct stage s;
    int status = -1;
    stage_open(&s);
    pid_t child = fork();
    if (!child)
        _exit(fill_disk(&s));
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0,
          unit_row((unsigned long)WEXITSTATUS(status)));
    stage_close(&s);
}

/* ---- sudden death ---- */

enum { ROUNDS = 12, AHEAD = 16 << 10 };

/* What a child tells: where its seqs begin, and again and again what is durable. */
struct life {
    uint64_t base, durable;
    unsigned read; /* entries of it that are there afterwards */
};

/* Entry n of a life takes one seq, so its seq is base + n. */
static void live(struct stage *s, unsigned round, int tell)
{
    struct jr_limits limits = {.segment_bytes = 64 << 10};
    struct jr_stats stats;
    struct journal *j = jr_open(s->dir, &limits, &s->err);
    if (!j)
        _exit(1);
    jr_stats(j, &stats);
    struct life life = {.base = stats.next_seq};
    for (unsigned n = 0;; n++) {
        struct sample one;
        sample(&one, n)->connection = round;
        one.e.leans[0] = n;
        one.e.record_count = 0;
        one.e.records.len = 0;
        if (jr_append(j, &one.e) != life.base + n)
            _exit(2);
        if (jr_backlog(j) > AHEAD)
            jr_wait(j, life.base + n, 60000);
        uint64_t durable = jr_durable(j);
        bool news = durable != life.durable;
        life.durable = durable;
        if (news && write(tell, &life, sizeof life) != sizeof life)
            _exit(3);
    }
}

/* Lets a child live until it has told so often. */
static struct life kill_after(struct stage *s, unsigned round, uint64_t tellings)
{
    int ends[2];
    int status;
    struct life life = {0};
    CHECK(!pipe(ends), "a pipe");
    pid_t child = fork();
    if (!child) {
        close(ends[0]);
        live(s, round, ends[1]);
    }
    close(ends[1]);
    while (tellings-- && read(ends[0], &life, sizeof life) == sizeof life)
        ;
    kill(child, SIGKILL);
    while (read(ends[0], &life, sizeof life) == sizeof life)
        ;
    close(ends[0]);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status), unit_row(round));
    return life;
}

/* Every entry of every life, from its first on, without a gap, once. */
static void check_lives(struct stage *s, struct life *lives, unsigned count)
{
    struct journal *j = stage_journal(s, 64 << 10);
    struct jr_cursor *c = jr_cursor_open(j, 0);
    struct entry e;
    struct err err;
    for (unsigned i = 0; i < count; i++)
        lives[i].read = 0;
    while (jr_next(c, &e, &err)) {
        struct life *life = &lives[e.connection % ROUNDS];
        CHECK(e.leans[0] == life->read && e.seq == life->base + life->read,
              unit_row(e.connection));
        life->read++;
    }
    CHECK(err.code == ERR_NONE, err.text);
    for (unsigned i = 0; i < count; i++)
        CHECK(lives[i].base + lives[i].read >= lives[i].durable, unit_row(i));
    jr_cursor_close(c);
    jr_close(j);
}

static void test_killed(void)
{
    struct stage s;
    struct hush h;
    struct life lives[ROUNDS];
    struct chance chance = {1};
    uint64_t kept = 0;
    stage_open(&s);
    hush(&h);
    for (unsigned round = 0; round < ROUNDS; round++) {
        lives[round] = kill_after(&s, round, 1 + chance_below(&chance, 40));
        kept += lives[round].durable - lives[round].base;
        check_lives(&s, lives, round + 1);
    }
    unhush(&h);
    CHECK(kept > 10000, "they did live");
    stage_close(&s);
}

void test_journal_fail(void)
{
    test_killed();
    test_full();
    test_failures();
    test_close();
    test_hanging();
}
