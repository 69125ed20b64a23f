/*
 * protocols.c - `milepost protocols`: what is spoken, as a table; docs/protocols.md and
 * the README's table are made of it.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "core/mem.h"
#include "gateway/channel.h"

/* A command with every value that any kind may ask for. */
static struct command sample(enum command_kind kind)
{
    return (struct command){
        .kind = kind,
        .data = "STATUS#",
        .phone = "+911234567890",
        .message = "hello",
        .server = "example.org",
        .timezone = "+05:30",
        .period_s = 60,
        .index = 1,
        .port = 8888,
        .radius_m = 200,
        .enable = 1,
    };
}

static void print_commands(const struct protocol *p, struct ch_scratch *s)
{
    struct channel *c = ch_new(TRANSPORT_TCP, NULL, p, true);
    struct buffer out = {0};
    const char *before = "";
    ch_bind(c, span_of("359880140012347"));
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {
        struct command command = sample((enum command_kind)kind);
        out.len = 0;
        if (!ch_encode(c, s, &command, &out))
            continue;
        printf("%s%s", before, command_names[kind]);
        before = ", ";
    }
    buf_fini(&out);
    ch_free(c);
}

int cli_protocols(int argc, char **argv)
{
    bool brief = false;
    const struct flag flags[] = {{"brief", NULL, &brief, "without commands"}};
    int first = cli_flags(argc, argv, flags, 1, "milepost protocols [--brief]");
    if (first < 0 || first < argc)
        return 2;
    struct ch_scratch *s = ch_scratch_new();
    puts(brief ? "| protocol | devices | form |\n|---|---|---|"
               : "| protocol | devices | form | longest frame | commands "
                 "|\n|---|---|---|---|---|");
    for (size_t i = 0; i < protocol_count; i++) {
        const struct protocol *p = protocols[i];
        printf("| `%s` | %s | %s |", p->name, p->title, p->separator ? "text" : "binary");
        if (!brief) {
            printf(" %zu bytes | ", p->frame_max);
            print_commands(p, s);
            printf(" |");
        }
        putchar('\n');
    }
    ch_scratch_free(s);
    return 0;
}
