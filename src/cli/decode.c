/*
 * decode.c - `milepost decode`: bytes as they arrived in, what they mean out.
 *
 * Each input line, {"conn","transport","hex"}, is a piece of a TCP stream or one
 * datagram; each gets one output line, in order.  Conversations are told apart by
 * conn.  This is the contract by which captures are checked.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/frame_json.h"
#include "cli/cli.h"
#include "gateway/channel.h"

struct conversation {
    struct conversation *next;
    char *name;
    struct channel *channel;
};

enum { BUCKETS = 4096, LINE_MAX_BYTES = 64 << 20 };

struct decoding {
    struct conversation *buckets[BUCKETS];
    struct ch_scratch *scratch;
    const struct protocol *pinned;
    int64_t now_ms; /* TIME_NONE: the real time */
    bool explain;
    struct json json;
    struct buffer out;
    struct json_trace trace;
};

static int64_t real_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void on_frame(void *arg, const struct frame *f)
{
    struct decoding *d = arg;
    struct json *j = &d->json;
    js_open(j, NULL, '{');
    json_frame(j, f);
    if (d->explain)
        json_trace_take(&d->trace, j, "fields");
    js_close(j, '}');
}

static struct channel *conversation(struct decoding *d, const char *name,
                                    enum transport transport)
{
    uint32_t hash = 2166136261u;
    for (const char *p = name; *p; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    struct conversation **at = &d->buckets[hash % BUCKETS];
    for (struct conversation *c = *at; c; c = c->next)
        if (!strcmp(c->name, name))
            return c->channel;
    struct conversation *c = mem_zero(sizeof *c);
    c->name = mem_text(name);
    c->channel = ch_new(transport, NULL, d->pinned, d->pinned != NULL);
    c->next = *at;
    *at = c;
    return c->channel;
}

static void decode_piece(struct decoding *d, const char *name, enum transport transport,
                         struct span bytes)
{
    struct json *j = &d->json;
    struct channel *c = conversation(d, name, transport);
    js_open(j, NULL, '{');
    js_text(j, "conn", name);
    struct buffer frames = {0};
    struct json whole = *j;
    *j = (struct json){.out = &frames};
    ch_feed(c, d->scratch, bytes, transport == TRANSPORT_UDP,
            d->now_ms == TIME_NONE ? real_ms() : d->now_ms, on_frame, d);
    buf_add(&frames, "", 1);
    *j = whole;
    const struct protocol *p = ch_protocol(c);
    js_text(j, "protocol", p ? p->name : NULL);
    js_open(j, "frames", '[');
    if (frames.len > 1)
        js_raw(j, NULL, (const char *)frames.ptr);
    js_close(j, ']');
    js_close(j, '}');
    buf_fini(&frames);
}

/* False with a complaint where the line is not as it must be. */
static bool decode_line(struct decoding *d, const char *line, size_t len, long number)
{
    json_error_t error;
    json_t *in = json_loadb(line, len, 0, &error);
    const char *conn = json_string_value(json_object_get(in, "conn"));
    const char *transport = json_string_value(json_object_get(in, "transport"));
    const char *hex = json_string_value(json_object_get(in, "hex"));
    const char *wrong =
        !in     ? error.text
        : !conn ? "conn: a text is missing"
        : !hex  ? "hex: a text is missing"
        : transport && strcmp(transport, "tcp") != 0 && strcmp(transport, "udp") != 0
            ? "transport: neither tcp nor udp"
            : NULL;
    size_t size = hex ? strlen(hex) / 2 + 1 : 1;
    uint8_t *bytes = mem_grow(NULL, size);
    long n = wrong ? 0 : hex_parse(span_of(hex), bytes, size);
    if (!wrong && n < 0)
        wrong = "hex: not pairs of hexadecimal digits";
    if (wrong) {
        fprintf(stderr, "milepost decode: line %ld: %s\n", number, wrong);
    } else {
        d->out.len = 0;
        d->json = (struct json){.out = &d->out};
        decode_piece(d, conn,
                     transport && !strcmp(transport, "udp") ? TRANSPORT_UDP
                                                            : TRANSPORT_TCP,
                     (struct span){bytes, (size_t)n});
        buf_add(&d->out, "\n", 1);
        fwrite(d->out.ptr, 1, d->out.len, stdout);
    }
    free(bytes);
    json_decref(in);
    return !wrong;
}

static void decoding_fini(struct decoding *d)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct conversation *c = d->buckets[i], *next; c; c = next) {
            next = c->next;
            ch_free(c->channel);
            free(c->name);
            free(c);
        }
    ch_scratch_free(d->scratch);
    buf_fini(&d->out);
    json_trace_fini(&d->trace);
    free(d);
}

/* False with a complaint. */
static bool set_up(struct decoding *d, const char *protocol, const char *now,
                   bool explain)
{
    d->scratch = ch_scratch_new();
    d->now_ms = TIME_NONE;
    d->explain = explain;
    json_trace_init(&d->trace);
    if (explain)
        ch_set_trace(d->scratch, &d->trace.trace);
    if (protocol && !(d->pinned = protocol_find(protocol))) {
        fprintf(stderr, "milepost decode: --protocol: there is no %s\n", protocol);
        return false;
    }
    if (now && !civil_parse(span_of(now), &d->now_ms)) {
        fprintf(stderr, "milepost decode: --now: %s: not an ISO 8601 time\n", now);
        return false;
    }
    return true;
}

int cli_decode(int argc, char **argv)
{
    const char *protocol = NULL;
    const char *now = NULL;
    bool explain = false;
    const struct flag flags[] = {
        {"protocol", &protocol, NULL, "take the bytes for this protocol's"},
        {"now", &now, NULL, "the time the bytes arrive, ISO 8601"},
        {"explain", NULL, &explain, "add every field of every frame"},
    };
    int first = cli_flags(argc, argv, flags, sizeof flags / sizeof *flags,
                          "milepost decode [FLAGS] < LINES");
    if (first < 0 || first < argc)
        return 2;
    struct decoding *d = mem_zero(sizeof *d);
    bool ok = set_up(d, protocol, now, explain);
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    for (long number = 1; ok && (len = getline(&line, &size, stdin)) >= 0; number++) {
        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        if (len)
            ok = decode_line(d, line, (size_t)len, number);
    }
    free(line);
    decoding_fini(d);
    if (fflush(stdout)) {
        fprintf(stderr, "milepost decode: %s\n", strerror(errno));
        ok = false;
    }
    return ok ? 0 : 1;
}
