/*
 * load.c - many connections that send one kind of frame.
 *
 * Frames are built in blocks, each beginning with one of the firmware's own encoder.
 * What the socket does not take of a block waits, and nothing is built behind it.  One
 * timer drives everything.
 */
#include "simulate/load.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "core/checksum.h"
#include "core/mem.h"
#include "simulate/convoy.h"

enum {
    BLOCK = 32, /* frames */
    FRAME_LEN_MAX = 400,
    ANSWER_LEN_MAX = 300,
    OPENING_MAX = 200, /* connections under way at once */
    OPENING_MS = 15000,
    PUMP_MS = 5,      /* then the loop may read */
    LINGER_MS = 1000, /* for the last answers */
};

struct sender {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_udp_t udp;
    };
    uv_connect_t connect;
    struct load *load;
    unsigned number;
    bool accepted, broken;
    uint32_t made;   /* frames */
    unsigned frames; /* in the block */
    size_t pos, len; /* of the block */
    size_t in_len;
    uint8_t in[ANSWER_LEN_MAX];
    uint8_t block[BLOCK * FRAME_LEN_MAX];
};

struct load {
    const struct load_options *o;
    const struct firmware *firmware;
    struct tracker tracker; /* whose identity is that of the sender just now */
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt, terminate;
    struct sender *senders;
    unsigned opened, accepted, broken, turn;
    uint64_t opening_ms, began_ms, ended_ms; /* 0: not yet */
    uint64_t built, sent, answers;
    char buffer[65536];
};

static void on_closed(uv_handle_t *handle)
{
    (void)handle;
}

static void break_off(struct sender *s)
{
    if (s->broken)
        return;
    s->broken = true;
    s->load->broken++;
    uv_close(&s->handle, on_closed);
}

/* ---- answers ---- */

static void count_answer(struct sender *s)
{
    if (s->accepted) {
        s->load->answers++;
        return;
    }
    s->accepted = true;
    s->load->accepted++;
}

/* Length of the message at the front, 0 while it is not whole. */
static size_t answer_len(const struct load *l, struct span in)
{
    if (l->o->ais) {
        size_t star = span_find(in, 0, "*", 1);
        return star < in.len ? star + 1 : 0;
    }
    if (in.len < 4)
        return 0;
    size_t len = in.ptr[0] == 0x79 ? be16(in.ptr + 2) + 6u : in.ptr[2] + 5u;
    return len <= in.len ? len : 0;
}

static void take_answers(struct sender *s, struct span bytes)
{
    while (bytes.len) {
        size_t n = sizeof s->in - s->in_len;
        n = n < bytes.len ? n : bytes.len;
        memcpy(s->in + s->in_len, bytes.ptr, n);
        s->in_len += n;
        bytes = span_cut(bytes, n, bytes.len);
        size_t pos = 0;
        size_t len;
        while ((len = answer_len(s->load, (struct span){s->in + pos, s->in_len - pos}))) {
            pos += len;
            count_answer(s);
        }
        if (!pos && s->in_len == sizeof s->in)
            pos = s->in_len; /* nothing that a server for these devices would say */
        s->in_len -= pos;
        memmove(s->in, s->in + pos, s->in_len);
    }
}

static void on_memory(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    struct sender *s = handle->data;
    (void)size;
    *out = uv_buf_init(s->load->buffer, sizeof s->load->buffer);
}

static void receive(struct sender *s, ssize_t n, const uv_buf_t *buf)
{
    if (n < 0)
        break_off(s);
    else
        take_answers(s, (struct span){(uint8_t *)buf->base, (size_t)n});
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    receive(stream->data, n, buf);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
                        const struct sockaddr *from, unsigned flags)
{
    (void)from;
    (void)flags;
    receive(udp->data, n, buf);
}

/* ---- frames ---- */

/* Writes what is left of the block; true when nothing is. */
static bool push(struct sender *s)
{
    if (s->pos == s->len)
        return true;
    uv_buf_t buf = uv_buf_init((char *)s->block + s->pos, (unsigned)(s->len - s->pos));
    int n = s->load->o->transport == TRANSPORT_UDP
                ? uv_udp_try_send(&s->udp, &buf, 1, NULL)
                : uv_try_write(&s->stream, &buf, 1);
    if (n < 0 && n != UV_EAGAIN && s->load->o->transport == TRANSPORT_TCP)
        break_off(s);
    if (n <= 0)
        return false;
    s->pos += (size_t)n;
    if (s->pos < s->len)
        return false;
    s->load->sent += s->frames;
    s->frames = 0;
    return true;
}

static void identify(struct sender *s)
{
    imei_format(s->load->o->imei_base + s->number, s->load->tracker.imei);
}

static void build_login(struct sender *s)
{
    struct writer w = wr_open(s->block, sizeof s->block);
    identify(s);
    s->load->firmware->login(&s->load->tracker, 1, &w);
    s->pos = s->frames = 0;
    s->len = wr_done(&w).len;
}

/* Along a line, a metre a frame, so that each is new. */
static struct report report_of(const struct sender *s, int64_t now_ms)
{
    return (struct report){
        .time_ms = now_ms,
        .number = s->made,
        .latitude_e7 = 286139000 + (int32_t)(s->number % 1000) * 1000,
        .longitude_e7 = 772090000 + (int32_t)(s->made % 1000000) * 100,
        .odometer_m = s->made,
        .speed_kmh_e1 = 420,
        .course_deg = 90,
        .altitude_m = 216,
        .supply_mv = 12600,
        .battery_mv = 4100,
        .satellites = 11,
        .hdop_e1 = 8,
        .gsm = 22,
        .event = EVENT_INTERVAL,
        .frame = FRAME_POSITION,
        .flags = REPORT_FIX | REPORT_IGNITION | REPORT_SUPPLIED,
    };
}

static void put_digits(uint8_t *last, unsigned count, uint32_t value)
{
    for (; count--; value /= 10)
        *last-- = (uint8_t)('0' + value % 10);
}

/* The text frame before once more, a metre further: printing one anew takes twenty times
 * as long.  It ends with <number 6>,0,0,0,<crc 4>,* */
static void repeat_text(struct writer *w, size_t len, const struct report *r)
{
    enum { TAIL = 13, CRC = 6 };
    uint8_t frame[FRAME_LEN_MAX];
    struct span last = wr_since(w, w->len - len);
    memcpy(frame, last.ptr, len);
    size_t longitude = span_find(last, 0, ",N,", 3) + 3;
    uint32_t e6 = (uint32_t)(r->longitude_e7 / 10);
    put_digits(frame + longitude + 1, 2, e6 / 1000000);
    put_digits(frame + longitude + 8, 6, e6);
    put_digits(frame + len - TAIL - 1, 6, r->number % 1000000);
    uint16_t crc = crc16_x25((struct span){frame + 1, len - TAIL});
    for (unsigned i = 0; i < 4; i++)
        frame[len - CRC + i] = (uint8_t) "0123456789ABCDEF"[crc >> (12 - 4 * i) & 15];
    wr_bytes(w, frame, len);
}

static void build(struct sender *s, unsigned frames, int64_t now_ms)
{
    struct load *l = s->load;
    struct writer w = wr_open(s->block, sizeof s->block);
    size_t len = 0;
    identify(s);
    for (unsigned i = 0; i < frames; i++) {
        s->made++;
        struct report r = report_of(s, now_ms);
        if (i && l->o->ais) {
            repeat_text(&w, len, &r);
            continue;
        }
        len = w.len;
        l->firmware->report(&l->tracker, &r, false, (uint16_t)(s->made + 1), &w);
        len = w.len - len;
    }
    s->pos = 0;
    s->len = wr_done(&w).len;
    s->frames = frames;
    l->built += frames;
}

/* Frames that may be built now. */
static uint64_t allowance(const struct load *l, uint64_t elapsed_ms)
{
    uint64_t may = l->o->rate ? l->o->rate * elapsed_ms / 1000 : UINT64_MAX;
    if (l->o->count && may > l->o->count)
        may = l->o->count;
    return may > l->built ? may - l->built : 0;
}

/* One round over all; false when nobody could send. */
static bool send_round(struct load *l, int64_t now_ms)
{
    bool some = false;
    uint64_t may = allowance(l, uv_now(&l->loop) - l->began_ms);
    uint64_t share = may / l->o->connections + 1;
    unsigned most = l->o->transport == TRANSPORT_UDP ? 1 : BLOCK;
    for (unsigned i = 0; i < l->o->connections; i++) {
        struct sender *s = &l->senders[(l->turn + i) % l->o->connections];
        if (!s->accepted || s->broken || !push(s) || !may)
            continue;
        uint64_t n = share < most ? share : most;
        n = n < may ? n : may;
        build(s, (unsigned)n, now_ms);
        may -= n;
        push(s);
        some = true;
    }
    l->turn = (l->turn + 1) % l->o->connections;
    return some;
}

/* ---- connections ---- */

static void log_in(struct sender *s)
{
    build_login(s);
    push(s);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct sender *s = connect->data;
    if (s->broken)
        return;
    if (status || uv_read_start(&s->stream, on_memory, on_bytes))
        break_off(s);
    else
        log_in(s);
}

static void open_sender(struct load *l, unsigned number)
{
    struct sender *s = &l->senders[number];
    const struct sockaddr *to = (const struct sockaddr *)&l->o->to;
    s->load = l;
    s->number = number;
    s->connect.data = s;
    bool udp = l->o->transport == TRANSPORT_UDP;
    if (udp)
        uv_udp_init(&l->loop, &s->udp);
    else
        uv_tcp_init(&l->loop, &s->tcp);
    s->handle.data = s;
    if (!udp && uv_tcp_connect(&s->connect, &s->tcp, to, on_connected))
        break_off(s);
    else if (udp && (uv_udp_connect(&s->udp, to) ||
                     uv_udp_recv_start(&s->udp, on_memory, on_datagram)))
        break_off(s);
    else if (udp)
        log_in(s);
}

/* ---- time ---- */

static void finish(struct load *l)
{
    for (unsigned i = 0; i < l->opened; i++)
        if (!l->senders[i].broken)
            uv_close(&l->senders[i].handle, on_closed);
    uv_close((uv_handle_t *)&l->timer, NULL);
    uv_close((uv_handle_t *)&l->interrupt, NULL);
    uv_close((uv_handle_t *)&l->terminate, NULL);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct load *l = signal->data;
    (void)number;
    if (!uv_is_closing((uv_handle_t *)&l->timer))
        finish(l);
}

static void open_more(struct load *l)
{
    const struct load_options *o = l->o;
    while (l->opened < o->connections &&
           l->opened - l->accepted - l->broken < OPENING_MAX)
        open_sender(l, l->opened++);
    uint64_t now = uv_now(&l->loop);
    if (l->accepted + l->broken == o->connections || now - l->opening_ms > OPENING_MS)
        l->began_ms = now;
}

static void pump(struct load *l)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t start = uv_hrtime();
    while (send_round(l, now.tv_sec * INT64_C(1000)) &&
           uv_hrtime() - start < PUMP_MS * UINT64_C(1000000))
        ;
    uint64_t elapsed_ms = uv_now(&l->loop) - l->began_ms;
    bool over = l->o->duration_s && elapsed_ms >= l->o->duration_s * UINT64_C(1000);
    bool all = l->o->count && l->sent >= l->o->count;
    if (over || all || l->broken == l->o->connections)
        l->ended_ms = uv_now(&l->loop);
}

static void on_timer(uv_timer_t *timer)
{
    struct load *l = timer->data;
    if (!l->began_ms)
        open_more(l);
    else if (!l->ended_ms)
        pump(l);
    else if (uv_now(&l->loop) - l->ended_ms > LINGER_MS || l->answers >= l->sent)
        finish(l);
}

static void say_figures(const struct load *l)
{
    uint64_t end_ms = l->ended_ms ? l->ended_ms : uv_now(&l->loop);
    double seconds = l->began_ms ? (double)(end_ms - l->began_ms) / 1000 : 0;
    fprintf(stderr,
            "frames sent %" PRIu64 " in %.2f s, %.0f/s, over %u connections; answers "
            "%" PRIu64 "; broken %u\n",
            l->sent, seconds, seconds > 0 ? (double)l->sent / seconds : 0, l->accepted,
            l->answers, l->broken);
}

static void start(struct load *l)
{
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&l->loop);
    l->timer.data = l->interrupt.data = l->terminate.data = l;
    uv_timer_init(&l->loop, &l->timer);
    uv_signal_init(&l->loop, &l->interrupt);
    uv_signal_init(&l->loop, &l->terminate);
    uv_signal_start(&l->interrupt, on_signal, SIGINT);
    uv_signal_start(&l->terminate, on_signal, SIGTERM);
    l->opening_ms = uv_now(&l->loop);
    uv_timer_start(&l->timer, on_timer, 0, 1);
}

bool load_run(const struct load_options *o, struct err *err)
{
    static const struct ride_kind car = {.category = "car", .supply_v = 12.6};
    struct load *l = mem_zero(sizeof *l);
    l->o = o;
    l->firmware = o->ais ? &wetrack_ais : &wetrack_gt06;
    l->tracker.ride.kind = &car;
    strcpy(l->tracker.set.registration, "000000000");
    l->senders = mem_zero(o->connections * sizeof *l->senders);
    start(l);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    uv_loop_close(&l->loop);
    say_figures(l);
    bool ok = l->accepted;
    if (!ok)
        err_set(err, ERR_IO, "no connection was accepted");
    free(l->senders);
    free(l);
    return ok;
}
