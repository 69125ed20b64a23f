/*
 * decode.c - any conversation with any protocol, decoded without and with a trace: both
 * must say the same.
 *
 * The input is a protocol's place in the registry (u16, little-endian; beyond it:
 * found by detection), a byte of HAS_... and IS_... bits, and then pieces as they
 * arrive, each with its length (u16, little-endian).
 */
#include <assert.h>
#include <stdlib.h>

#include "core/mem.h"
#include "gateway/channel.h"

enum {
    IS_UDP = 1,
    IS_UNREGISTERED = 2,
    HAS_SETTINGS = 4, /* the first piece is the device's settings */
    HAS_COMMAND = 8,  /* the last piece is a command */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct talk {
    unsigned flags;
    struct span settings;
    struct buffer said; /* all that came of it, one thing after the other */
};

static bool identify(void *arg, struct span id, const char **settings, size_t *len)
{
    const struct talk *t = arg;
    (void)id;
    *settings = (const char *)t->settings.ptr;
    *len = t->settings.len;
    return !(t->flags & IS_UNREGISTERED);
}

static void say(struct talk *t, struct span s)
{
    buf_add(&t->said, &s.len, sizeof s.len);
    buf_add(&t->said, s.ptr, s.len);
}

static void on_frame(void *arg, const struct frame *f)
{
    static uint8_t packed[REC_PACK_MAX];
    static struct record back;
    struct talk *t = arg;
    assert((f->verdict == MALFORMED) == (f->fault != NULL));
    buf_printf(&t->said, "%d %s %s %s %d %d", f->verdict, f->fault ? f->fault : "",
               f->message, f->device, f->checksum_bad, f->state_changed);
    say(t, f->raw);
    for (unsigned i = 0; i < f->record_count; i++) {
        size_t len = rec_pack(&f->records[i], packed);
        size_t taken = rec_unpack((struct span){packed, len}, &back);
        assert(taken == len && rec_equal(&f->records[i], &back));
        say(t, (struct span){packed, len});
    }
    for (unsigned i = 0; i < f->reply_count; i++)
        say(t, f->replies[i].bytes);
    for (unsigned i = 0; i < f->answer_count; i++)
        say(t, f->answers[i].text);
    for (unsigned i = 0; i < f->piece_count; i++)
        say(t, f->pieces[i].bytes);
}

/* The next piece of the input, cut off it; empty at the end. */
static struct span take_piece(struct span *in)
{
    if (in->len < 2)
        return (struct span){in->ptr, 0};
    size_t len = le16(in->ptr);
    struct span piece = span_cut(*in, 2, 2 + len);
    *in = span_cut(*in, 2 + len, in->len);
    return piece;
}

/* A command whose kind and numbers are the first bytes, and all of whose texts are
 * the rest. */
static void encode(struct channel *c, struct ch_scratch *s, struct talk *t,
                   struct span bytes)
{
    struct buffer out = {0};
    uint8_t head[8] = {0};
    memcpy(head, bytes.ptr, bytes.len < sizeof head ? bytes.len : sizeof head);
    struct span rest = span_cut(bytes, sizeof head, bytes.len);
    char *text = mem_zero(rest.len + 1);
    span_copy(rest, text, rest.len + 1);
    const char *given = rest.len ? text : NULL;
    struct command command = {
        .kind = (enum command_kind)(head[0] % COMMAND_COUNT),
        .id = head[1],
        .data = given,
        .phone = given,
        .message = given,
        .server = given,
        .timezone = given,
        .period_s = head[2] ? le16(head + 2) : NAN,
        .index = head[4] ? head[4] - 1 : NAN,
        .port = head[5] ? head[5] * 256.0 : NAN,
        .radius_m = head[6] ? head[6] : NAN,
        .enable = head[7] % 3 - 1,
    };
    ch_encode(c, s, &command, &out);
    say(t, (struct span){out.ptr, out.len});
    buf_fini(&out);
    free(text);
}

/* Each piece from memory of exactly its size, so that the sanitizer sees more. */
static void feed(struct channel *c, struct ch_scratch *s, struct talk *t,
                 struct span piece)
{
    static const int64_t now_ms = 1717200000000;
    uint8_t *copy = mem_copy(piece.ptr, piece.len);
    ch_feed(c, s, (struct span){copy, piece.len}, t->flags & IS_UDP || !piece.len, now_ms,
            on_frame, t);
    free(copy);
}

static void talk(struct talk *t, struct ch_scratch *s, const struct protocol *p,
                 struct span in, struct trace *trace)
{
    const struct ch_env env = {t, identify};
    struct buffer settings = {0};
    if (t->flags & HAS_SETTINGS) {
        struct span piece = take_piece(&in);
        buf_add(&settings, piece.ptr, piece.len);
        buf_add(&settings, "\0", 2);
        t->settings = (struct span){settings.ptr, settings.len};
    }
    enum transport transport = t->flags & IS_UDP ? TRANSPORT_UDP : TRANSPORT_TCP;
    struct channel *c = ch_new(transport, &env, p, p != NULL);
    ch_set_trace(s, trace);
    while (in.len) {
        struct span piece = take_piece(&in);
        if (in.len < 2 && t->flags & HAS_COMMAND)
            encode(c, s, t, piece);
        else
            feed(c, s, t, piece);
        if (in.len < 2)
            break;
    }
    ch_set_trace(s, NULL);
    ch_free(c);
    buf_fini(&settings);
}

static void hear_field(struct trace *t, const char *name, size_t pos, struct span raw,
                       const char *value)
{
    (void)t;
    (void)pos;
    assert(name && *name && value && (raw.ptr || !raw.len));
}

static void hear_meaning(struct trace *t, const char *text)
{
    (void)t;
    assert(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ch_scratch *scratch;
    struct trace trace = {hear_field, hear_meaning};
    if (size < 3)
        return 0;
    if (!scratch)
        scratch = ch_scratch_new();
    struct talk plain = {.flags = data[2]};
    struct talk traced = plain;
    size_t at = le16(data);
    const struct protocol *p = at < protocol_count ? protocols[at] : NULL;
    struct span in = {data + 3, size - 3};
    talk(&plain, scratch, p, in, NULL);
    talk(&traced, scratch, p, in, &trace);
    assert(span_equal((struct span){plain.said.ptr, plain.said.len},
                      (struct span){traced.said.ptr, traced.said.len}));
    buf_fini(&plain.said);
    buf_fini(&traced.said);
    return 0;
}
