/*
 * run.c - test frames: bytes, and what they mean.
 *
 *     frames [--show] FILE...
 *     frames --missing FILE...             which protocols have no file?
 *     frames --seeds DIRECTORY FILE...
 *
 * A file tests/frames/<protocol>.txt is lines:
 *
 *     # text              a comment
 *     ---                 a new conversation begins
 *     @ name value        a setting of its device; before its first block.  Set apart:
 *     @ now TIME            when the following frames arrive; otherwise at the first time
 *                           that they tell, or a second after the frame before
 *     @ transport tcp       (or udp) only over this; otherwise over both
 *     @ registered no       the device is not registered
 *
 * and blocks with a blank line between them.  A block is a frame or a command:
 *
 *     ! undetected        only understood once the protocol is known
 *     ! tied              another protocol's bytes could be the same; what the channel
 *                         makes of them decides
 *     ! lines             also a piece of it is a frame
 *     > 48 52 01          bytes, as pairs of digits or as text with \r \n \t \0 \\ \"
 *     > "$PLV,1\r\n"      \xNN; several lines are one frame
 *     ? engineStop        a command: custom data "a b", positionPeriodic frequency 60;
 *                         parameters as the API names them, enable yes or no
 *
 * and what comes of it, everything, in any order:
 *
 *     < 867584031234567 2024-05-06T07:08:09Z fix 52.5163 13.3777 alt 34 speed 61.5
 *     < ... course 184 accuracy 5 sent 2024-05-06T07:08:10Z
 *                         a record, on one line: device or -, time of the place, fix or
 *                         nofix, degrees; then what is there of altitude, km/h, course,
 *                         metres, and the time of the report if it is another
 *     < 867584031234567 status 2024-05-06T07:08:09Z
 *                         one without a place; the rest as above
 *     <   sat 11, ignition yes, alarm sos, result "a, b"
 *                         its attributes, three blanks before them; a value of another
 *                         type than its key's has "number", "truth" or "text" before it
 *     < cell 262 1 10423 41023 -70 lte       the same record's, signal and radio (other
 *     < wifi 00:11:22:33:44:55 -60 channel 6 than gsm) if known; mcc mnc lac cid
 *     < message login     its name, and
 *     < device 8675840    whom it named: these two are only looked at if written
 *     < answer 7 "ok"     to the command with the id
 *     < media jpg 1 0 2048 ff d8 ...         type, name, offset, total, bytes
 *     < send 48 52 01     in order; "send now" for what does not wait for the disk
 *     < checksum bad      of a frame without records; others have checksumOk no
 *     < malformed field   or: ignored, refused (a command), nothing
 *
 * Every frame is detected, fed whole, as copies of exactly its size; cut short, split
 * and doubled at every byte; and decoded once more with a trace.
 */
#include <stdio.h>

#include "frames.h"

static unsigned passed, failed;

bool check(bool ok, const struct run *run, const struct step *step, const char *what)
{
    passed += ok;
    failed += !ok;
    if (!ok)
        printf("%s:%d: %s: %s\n", run->script->path, step->line,
               run->transport == TRANSPORT_TCP ? "tcp" : "udp", what);
    return ok;
}

/* ---- meaning ---- */

static bool check_count(struct run *run, struct step *step, const struct heard *got)
{
    char text[64];
    snprintf(text, sizeof text, "it yields %u frames, the first %zu of %zu bytes long",
             got->frames, got->len[0], step->bytes.len);
    return check(got->frames == 1 && got->len[0] == step->bytes.len, run, step, text);
}

static void run_frame(struct run *run, struct channel *c, struct step *step)
{
    struct heard got;
    bool heard = check_frame(run, c, step, &got);
    if (heard && step->expected && check_count(run, step, &got)) {
        said_settle(&step->want, &got.said[0]);
        if (!check(said_same(&step->want, &got.said[0]), run, step, "it says"))
            said_print_difference(&step->want, &got.said[0]);
    }
    heard_fini(&got);
}

static void run_command(struct run *run, struct channel *c, struct step *step)
{
    struct buffer out = {0};
    struct said got;
    said_init(&got);
    bool encoded = ch_encode(c, run->scratch, &step->command, &out);
    said_command(&got, encoded, (struct span){out.ptr, out.len});
    said_settle(&step->want, &got);
    if (!check(said_same(&step->want, &got), run, step, "it is encoded as"))
        said_print_difference(&step->want, &got);
    said_fini(&got);
    buf_fini(&out);
}

static void run_conversation(struct run *run, enum transport transport)
{
    struct conversation *conv = run->conversation;
    struct ch_env env = {run, identify_step};
    struct channel *c = begin(run, &env, transport);
    for (unsigned i = 0; i < conv->step_count; i++) {
        struct step *step = &conv->steps[i];
        check(step->expected, run, step, "it has no expectations");
        arrive(run, step, step->want.first_ms);
        if (step->kind == STEP_FRAME)
            run_frame(run, c, step);
        else
            run_command(run, c, step);
        if (step->kind == STEP_FRAME)
            run->last_ms = step->now_ms;
    }
    ch_free(c);
}

static void run_script(struct run *run)
{
    for (unsigned i = 0; i < run->script->conversation_count; i++) {
        run->conversation = &run->script->conversations[i];
        if (run->conversation->udp)
            run_conversation(run, TRANSPORT_UDP);
        if (run->conversation->tcp)
            run_conversation(run, TRANSPORT_TCP);
    }
}

/* ---- showing ---- */

/* The file with what its frames say in place of its expectations. */
static void show_script(struct run *run)
{
    const struct script *s = run->script;
    int line = 1;
    for (unsigned i = 0; i < s->conversation_count; i++) {
        struct conversation *conv = run->conversation = &s->conversations[i];
        struct ch_env env = {run, identify_step};
        struct channel *c = begin(run, &env, conv->udp ? TRANSPORT_UDP : TRANSPORT_TCP);
        for (unsigned k = 0; k < conv->step_count; k++) {
            struct step *step = &conv->steps[k];
            for (; line <= step->last_line; line++)
                if (*s->lines[line] != '<')
                    puts(s->lines[line]);
            show_step(run, c, step);
            if (step->kind == STEP_FRAME)
                run->last_ms = step->now_ms;
        }
        ch_free(c);
    }
    for (; line <= s->line_count; line++)
        if (*s->lines[line] != '<')
            puts(s->lines[line]);
}

/* ---- files ---- */

static const struct protocol *protocol_of(const char *path)
{
    char name[64];
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t len = dot ? (size_t)(dot - base) : strlen(base);
    span_copy((struct span){(const uint8_t *)base, len}, name, sizeof name);
    return protocol_find(name);
}

static bool for_file(struct run *run, const char *path, void (*what)(struct run *run))
{
    run->protocol = protocol_of(path);
    run->script = run->protocol ? script_open(path) : NULL;
    if (!run->protocol)
        printf("%s: no protocol of this name\n", path);
    if (!run->script)
        return false;
    what(run);
    script_close(run->script);
    return true;
}

/* Each protocol has a file among these. */
static int find_missing(char **paths, int count)
{
    int missing = 0;
    for (size_t i = 0; i < protocol_count; i++) {
        bool found = false;
        for (int k = 0; k < count; k++)
            found = found || protocol_of(paths[k]) == protocols[i];
        if (!found)
            printf("no test frames of %s\n", protocols[i]->name);
        missing += !found;
    }
    return missing > 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "--missing"))
        return find_missing(argv + 2, argc - 2);
    bool show = !strcmp(mode, "--show");
    bool seeds = !strcmp(mode, "--seeds") && argc > 2;
    struct run run = {.scratch = ch_scratch_new(), .seeds = seeds ? argv[2] : NULL};
    for (int i = 1 + show + 2 * seeds; i < argc; i++)
        failed += !for_file(&run, argv[i],
                            show    ? show_script
                            : seeds ? seed_script
                                    : run_script);
    ch_scratch_free(run.scratch);
    if (show || seeds)
        return failed > 0;
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
