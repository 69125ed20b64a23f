/*
 * tcp.c - what a frame costs the whole server over loopback TCP at saturation: kernel,
 * detection, decoding, journal, fleet, store and answer.
 *
 *     bench_tcp MILEPOST [--connections N] [--seconds S]
 *
 * Each of so many connections sends a location of 36 bytes, waits for its answer and
 * sends the next.  The yardstick is a bare epoll server that reads and answers as often
 * and does nothing else, under the same load in the same run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "core/mem.h"
#include "store/store.h"

enum { EVENTS = 512, ANSWER = 10 };

static long connections = 1000;
static double duration_s = 10;

/* ---- the yardstick ---- */

static int listening(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&a, &len))
        exit(1);
    *port = ntohs(a.sin_port);
    return fd;
}

/* Answers ten bytes to every read. */
static void serve_bare(int listener)
{
    static const uint8_t answer[ANSWER] = "xx\5\22\0\1\0\0\r\n";
    struct epoll_event events[EVENTS];
    int ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, listener,
              &(struct epoll_event){EPOLLIN, {.fd = listener}});
    for (;;) {
        int n = epoll_wait(ep, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            uint8_t bytes[65536];
            if (fd == listener) {
                fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                epoll_ctl(ep, EPOLL_CTL_ADD, fd,
                          &(struct epoll_event){EPOLLIN, {.fd = fd}});
            } else if (read(fd, bytes, sizeof bytes) <= 0) {
                close(fd);
            } else if (write(fd, answer, sizeof answer) < 0) {
                close(fd);
            }
        }
    }
}

/* ---- the load ---- */

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

struct tracker {
    int fd;
    unsigned n;
    unsigned waits; /* bytes of the answer that have not come */
};

static int connected(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int tries = 0; connect(fd, (struct sockaddr *)&a, sizeof a); tries++) {
        struct timespec pause = {0, 20000000};
        if (tries > 1000)
            fail("connect");
        nanosleep(&pause, NULL);
    }
    return fd;
}

static void log_in(int fd, long v)
{
    uint8_t frame[18] = "\x78\x78\x0d\x01";
    char digits[24];
    snprintf(digits, sizeof digits, "0%015ld", 359880140000000 + v);
    hex_parse(span_of(digits), frame + 4, 8);
    bench_put(frame + 12, 1, 2);
    bench_put(frame + 14, crc16_x25((struct span){frame + 2, 12}), 2);
    memcpy(frame + 16, "\r\n", 2);
    uint8_t answer[ANSWER];
    if (write(fd, frame, sizeof frame) < 0 || recv(fd, answer, ANSWER, MSG_WAITALL) <= 0)
        fail("login");
}

static void send_next(struct tracker *t, long v, int64_t from_s)
{
    uint8_t frame[BENCH_FRAME];
    bench_frame(frame, (unsigned)v, t->n++, from_s);
    if (write(t->fd, frame, sizeof frame) != BENCH_FRAME)
        fail("send");
    t->waits = ANSWER;
}

/* CPU seconds that a process has used so far. */
static double cpu_so_far(pid_t pid)
{
    char path[40];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file ||
        fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        fail(path);
    fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Answers that came; *began_s: what the server had used when all had logged in. */
static long load(uint16_t port, pid_t server, double *began_s)
{
    struct tracker *all = mem_zero((size_t)connections * sizeof *all);
    struct epoll_event events[EVENTS];
    int ep = epoll_create1(0);
    int64_t from_s = time(NULL) - 30 * 86400;
    for (long v = 0; v < connections; v++) {
        all[v].fd = connected(port);
        log_in(all[v].fd, v);
        epoll_ctl(ep, EPOLL_CTL_ADD, all[v].fd,
                  &(struct epoll_event){EPOLLIN, {.u64 = (uint64_t)v}});
    }
    *began_s = cpu_so_far(server);
    for (long v = 0; v < connections; v++)
        send_next(&all[v], v, from_s);
    double end = bench_seconds(CLOCK_MONOTONIC) + duration_s;
    long answers = 0;
    while (bench_seconds(CLOCK_MONOTONIC) < end) {
        int n = epoll_wait(ep, events, EVENTS, 100);
        for (int i = 0; i < n; i++) {
            long v = (long)events[i].data.u64;
            uint8_t bytes[ANSWER];
            ssize_t got = read(all[v].fd, bytes, all[v].waits);
            if (got <= 0)
                fail("answer");
            all[v].waits -= (unsigned)got;
            if (all[v].waits)
                continue;
            answers++;
            send_next(&all[v], v, from_s);
        }
    }
    for (long v = 0; v < connections; v++)
        close(all[v].fd);
    close(ep);
    free(all);
    return answers;
}

/* ---- both ---- */

static double cpu_of(pid_t child, int signal_number)
{
    struct rusage usage;
    int status;
    kill(child, signal_number);
    wait4(child, &status, 0, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static double measure(const char *name, pid_t child, int signal_number, uint16_t port)
{
    double began_s;
    long frames = load(port, child, &began_s);
    double cpu = cpu_of(child, signal_number) - began_s;
    double us = cpu / (double)frames * 1e6;
    printf("%-12s %8.2f us CPU a frame, %.0f k frames/s\n", name, us,
           (double)frames / duration_s / 1e3);
    fflush(stdout);
    return us;
}

static double bare(void)
{
    uint16_t port;
    int listener = listening(&port);
    pid_t child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_bare(listener);
        _exit(0);
    }
    close(listener);
    return measure("bare epoll", child, SIGKILL, port);
}

static void register_trackers(const char *dir)
{
    char path[300];
    struct err err;
    snprintf(path, sizeof path, "%s/milepost.db", dir);
    struct store *st = st_open(path, &err);
    for (long v = 0; st && v < connections; v++) {
        char id[20];
        snprintf(id, sizeof id, "%015ld", 359880140000000 + v);
        struct st_device d = {.name = id,
                              .unique_id = id,
                              .expiration_ms = TIME_NONE,
                              .attributes = (char *)"{}"};
        if (!st_device_put(st, &d, &err))
            exit(1);
    }
    st_close(st);
}

static double milepost(const char *binary, const char *dir)
{
    uint16_t port, http;
    close(listening(&port));
    close(listening(&http));
    register_trackers(dir);
    char port_text[8], http_text[8];
    snprintf(port_text, sizeof port_text, "%u", port);
    snprintf(http_text, sizeof http_text, "%u", http);
    pid_t child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        execl(binary, "milepost", "serve", "--data", dir, "--port", port_text, "--http",
              http_text, (char *)NULL);
        _exit(127);
    }
    return measure("milepost", child, SIGTERM, port);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--connections"))
            connections = strtol(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--seconds"))
            duration_s = strtod(argv[i + 1], NULL);
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    char dir[] = "/tmp/bench-tcp-XXXXXX";
    if (connections < 1 || !mkdtemp(dir))
        return 1;
    double yardstick = bare();
    double ours = milepost(argv[1], dir);
    printf("ratio        %8.2f (at most 1.6)\n", ours / yardstick);
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
