/*
 * demo.c - starting and stopping the demonstration fleet: /demo.
 *
 * The child is this same program.  It is asked for its list of vehicles first, so that
 * they can be registered before they speak.
 */
#include "api/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/devices.h"
#include "api/device_json.h"
#include "api/sockets.h"
#include "api/router.h"

enum {
    DEMO_DEFAULT = 6,
    DEMO_MAX = 200,
    DEMO_LIST_MAX = 65536,
    DEMO_STOP_MS = 3000, /* then it is killed */
    DEMO_COLUMNS = 4,
};

struct demo {
    pthread_mutex_t lock; /* held over a whole start or stop */
    pid_t pid;            /* 0: none */
    int devices;
};

struct demo *demo_new(void)
{
    struct demo *d = mem_zero(sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

/* ---- the child ---- */

/* Starts this program again; its standard output goes to `out`, or nowhere with -1.
 * Between fork and exec only what is safe there is called. */
static pid_t start(char *const argv[], int out)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid)
        return pid;
    /* The server waits for its signals in one place, and blocks them. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (getppid() != parent || null < 0)
        _exit(1);
    dup2(null, STDIN_FILENO);
    dup2(null, STDERR_FILENO);
    dup2(out < 0 ? null : out, STDOUT_FILENO);
    execv("/proc/self/exe", argv);
    _exit(127);
}

/* Forgets a child that has ended by itself. */
static void reap(struct demo *d)
{
    if (d->pid && waitpid(d->pid, NULL, WNOHANG) == d->pid)
        d->pid = 0;
}

static void stop(struct demo *d)
{
    reap(d);
    if (!d->pid)
        return;
    kill(d->pid, SIGTERM);
    for (int ms = 0; ms < DEMO_STOP_MS && d->pid; ms += 20) {
        usleep(20000);
        reap(d);
    }
    if (d->pid) {
        kill(d->pid, SIGKILL);
        waitpid(d->pid, NULL, 0);
        d->pid = 0;
    }
}

void demo_free(struct demo *d)
{
    if (!d)
        return;
    stop(d);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* The lines of `simulate --list`; empty when it failed. */
static void list_vehicles(const char *count, struct buffer *out)
{
    int ends[2];
    char *const argv[] = {"milepost",  "simulate",    "--list",
                          "--devices", (char *)count, NULL};
    if (pipe2(ends, O_CLOEXEC))
        return;
    pid_t pid = start(argv, ends[1]);
    close(ends[1]);
    while (pid > 0 && out->len < DEMO_LIST_MAX) {
        ssize_t n = read(ends[0], buf_room(out, 4096), 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        out->len += (size_t)n;
    }
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

/* ---- its vehicles ---- */

/* "uniqueId name model category", with tabs between. */
static bool register_vehicle(struct request *rq, struct span line)
{
    char columns[DEMO_COLUMNS][128];
    struct st_device d;
    struct err err = {0};
    for (size_t i = 0; i < DEMO_COLUMNS; i++) {
        size_t end = span_find(line, 0, "\t", 1);
        span_copy(span_cut(line, 0, end), columns[i], sizeof columns[i]);
        line = span_cut(line, end + 1, line.len);
    }
    struct store *st = rq->api->config.store;
    if (st_device_find(st, columns[0], &d, &err)) {
        int64_t id = d.id;
        st_device_fini(&d);
        if (!st_link(st, ST_USER, rq->caller.user.id, ST_DEVICE, id, true, &err)) {
            rq_fail_err(rq, &err);
            return false;
        }
        acc_link(rq->api->access, rq->caller.user.id, ST_DEVICE, id, true);
        return true;
    }
    device_defaults(&d);
    d.unique_id = mem_text(columns[0]);
    d.name = mem_text(columns[1]);
    d.model = *columns[2] ? mem_text(columns[2]) : NULL;
    d.category = *columns[3] ? mem_text(columns[3]) : NULL;
    bool ok = device_register(rq, &d, fl_device_put);
    st_device_fini(&d);
    return ok;
}

/* Returns how many; -1 with the answer made. */
static int register_vehicles(struct request *rq, struct span text)
{
    int count = 0;
    while (text.len) {
        size_t end = span_find(text, 0, "\n", 1);
        struct span line = span_trim(span_cut(text, 0, end));
        text = span_cut(text, end + 1, text.len);
        if (line.len && !register_vehicle(rq, line))
            return -1;
        count += line.len > 0;
    }
    return count;
}

/* ---- calls ---- */

static void answer_demo(struct request *rq, struct demo *d)
{
    reap(d);
    struct json *j = rq_json(rq);
    js_open(j, NULL, '{');
    js_bool(j, "running", d->pid != 0);
    js_int(j, "devices", d->pid ? d->devices : 0);
    js_close(j, '}');
}

static void begin(struct request *rq, struct demo *d, int64_t devices)
{
    char count[16], address[32];
    struct buffer list = {0};
    snprintf(count, sizeof count, "%d", (int)devices);
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)gw_port(rq->api->config.gateway));
    list_vehicles(count, &list);
    int made = register_vehicles(rq, (struct span){list.ptr, list.len});
    buf_fini(&list);
    sockets_access_changed(rq->api->sockets);
    if (made < 0)
        return;
    char *const argv[] = {"milepost",  "simulate", "--to", address,
                          "--devices", count,      NULL};
    pid_t pid = made ? start(argv, -1) : -1;
    if (pid < 0) {
        rq_fail(rq, MHD_HTTP_SERVICE_UNAVAILABLE, "The simulation does not start");
        return;
    }
    d->pid = pid;
    d->devices = made;
    answer_demo(rq, d);
}

static void demo_get(struct request *rq)
{
    struct demo *d = rq->api->demo;
    pthread_mutex_lock(&d->lock);
    answer_demo(rq, d);
    pthread_mutex_unlock(&d->lock);
}

static void demo_post(struct request *rq)
{
    struct demo *d = rq->api->demo;
    json_t *body = rq->body.len ? rq_body(rq) : json_object();
    if (!body)
        return;
    struct input in = in_open(body);
    int64_t devices = in_int(&in, "devices", DEMO_DEFAULT, 1, DEMO_MAX);
    json_decref(body);
    if (!in_ok(&in)) {
        rq_fail_err(rq, &in.err);
        return;
    }
    pthread_mutex_lock(&d->lock);
    stop(d);
    begin(rq, d, devices);
    pthread_mutex_unlock(&d->lock);
}

static void demo_delete(struct request *rq)
{
    struct demo *d = rq->api->demo;
    pthread_mutex_lock(&d->lock);
    stop(d);
    pthread_mutex_unlock(&d->lock);
    rq_empty(rq);
}

const struct route routes_demo[] = {
    {METHOD_GET, "/demo", demo_get, ROUTE_ADMIN},
    {METHOD_POST, "/demo", demo_post, ROUTE_ADMIN},
    {METHOD_DELETE, "/demo", demo_delete, ROUTE_ADMIN},
    {0},
};
