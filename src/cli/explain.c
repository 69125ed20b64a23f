/*
 * explain.c - `milepost explain` and `milepost detect`: what some bytes are, for
 * people at a terminal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/frame_json.h"
#include "api/position_json.h"
#include "cli/cli.h"

enum { INPUT_MAX = 1 << 20 };

/* The bytes of the one argument, or of standard input for "-": hexadecimal digits,
 * blanks between pairs allowed.  NULL after a complaint; the caller frees. */
static uint8_t *bytes_of(const char *argument, size_t *len)
{
    char *text = NULL;
    size_t text_len;
    if (strcmp(argument, "-") != 0) {
        text = mem_text(argument);
        text_len = strlen(text);
    } else {
        text = mem_grow(NULL, INPUT_MAX);
        text_len = fread(text, 1, INPUT_MAX, stdin);
    }
    uint8_t *bytes = mem_grow(NULL, text_len / 2 + 1);
    long n = hex_parse(span_trim((struct span){(uint8_t *)text, text_len}), bytes,
                       text_len / 2 + 1);
    free(text);
    if (n <= 0) {
        fputs("milepost: the bytes are given as pairs of hexadecimal digits\n", stderr);
        free(bytes);
        return NULL;
    }
    *len = (size_t)n;
    return bytes;
}

/* ---- explain ---- */

static void print_raw(struct span raw)
{
    for (size_t i = 0; i < raw.len; i++)
        printf(raw.ptr[i] < ' ' || raw.ptr[i] > '~' ? "\\x%02x" : "%c", raw.ptr[i]);
}

/* The end of the line that a field began waits for its meaning. */
static bool line_open;

static void end_line(void)
{
    if (line_open)
        putchar('\n');
    line_open = false;
}

static void print_field(struct trace *t, const char *name, size_t pos, struct span raw,
                        const char *value)
{
    (void)t;
    end_line();
    printf("%4zu %3zu  %-24s ", pos, raw.len, name);
    if (*value)
        fputs(value, stdout);
    else
        print_raw(raw);
    line_open = true;
}

static void print_meaning(struct trace *t, const char *text)
{
    (void)t;
    printf("  (%s)", text);
}

static void print_record(const struct record *rec)
{
    struct buffer out = {0};
    struct json j = {.out = &out};
    js_open(&j, NULL, '{');
    json_record(&j, rec);
    js_close(&j, '}');
    printf("record  %.*s\n", (int)out.len, (const char *)out.ptr);
    buf_fini(&out);
}

static void print_frame(void *arg, const struct frame *f)
{
    (void)arg;
    end_line();
    if (!f->protocol) {
        printf("%zu bytes that no protocol claims\n", f->raw.len);
        return;
    }
    printf("\n%s", f->protocol->name);
    if (*f->message)
        printf(" %s", f->message);
    if (*f->device)
        printf(" of %s", f->device);
    printf(", %zu bytes\n", f->raw.len);
    if (f->verdict == MALFORMED)
        printf("malformed at %s\n", f->fault);
    if (f->verdict == IGNORED)
        puts("ignored");
    if (f->checksum_bad)
        puts("the checksum does not fit");
    for (unsigned i = 0; i < f->record_count; i++)
        print_record(&f->records[i]);
    for (unsigned i = 0; i < f->reply_count; i++) {
        fputs("reply   ", stdout);
        for (size_t k = 0; k < f->replies[i].bytes.len; k++)
            printf("%02x", f->replies[i].bytes.ptr[k]);
        putchar('\n');
    }
}

int cli_explain(int argc, char **argv)
{
    const char *protocol = NULL;
    const struct flag flags[] = {
        {"protocol", &protocol, NULL, "take the bytes for this protocol's"},
    };
    const char *usage = "milepost explain [--protocol P] HEX|-";
    int first = cli_flags(argc, argv, flags, 1, usage);
    if (first < 0)
        return 2;
    const struct protocol *p = protocol ? protocol_find(protocol) : NULL;
    if (first != argc - 1 || (protocol && !p)) {
        fprintf(stderr,
                p || !protocol ? "usage: %s\n" : "milepost: there is no protocol %s\n",
                p || !protocol ? usage : protocol);
        return 2;
    }
    size_t len;
    uint8_t *bytes = bytes_of(argv[first], &len);
    if (!bytes)
        return 1;
    struct trace trace = {print_field, print_meaning};
    struct ch_scratch *s = ch_scratch_new();
    struct channel *c = ch_new(TRANSPORT_UDP, NULL, p, p != NULL);
    ch_set_trace(s, &trace);
    ch_feed(c, s, (struct span){bytes, len}, true, time(NULL) * INT64_C(1000),
            print_frame, NULL);
    bool known = ch_protocol(c) != NULL;
    ch_free(c);
    ch_scratch_free(s);
    free(bytes);
    return known ? 0 : 1;
}

/* ---- detect ---- */

int cli_detect(int argc, char **argv)
{
    int first = cli_flags(argc, argv, NULL, 0, "milepost detect HEX|-");
    if (first < 0)
        return 2;
    if (first != argc - 1) {
        fputs("usage: milepost detect HEX|-\n", stderr);
        return 2;
    }
    size_t len;
    uint8_t *bytes = bytes_of(argv[first], &len);
    if (!bytes)
        return 1;
    struct candidate found[CH_CANDIDATES_MAX];
    bool more;
    unsigned n =
        detect_all((struct span){bytes, len}, true, found, CH_CANDIDATES_MAX, &more);
    for (unsigned i = 0; i < n; i++)
        printf("%3d  %-16s %s\n", found[i].score, found[i].protocol->name, found[i].why);
    if (!n)
        puts("no protocol claims these bytes");
    free(bytes);
    return n ? 0 : 1;
}
