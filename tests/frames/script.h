/*
 * script.h - a file of test frames, read.  Its grammar stands in run.c.
 */
#pragma once

#include "said.h"

enum step_kind { STEP_FRAME, STEP_COMMAND };

/* A block of a script: a frame, or a command. */
struct step {
    enum step_kind kind;
    int line;      /* of the script, where it starts */
    int last_line; /* after which expectations stand */
    bool expected; /* it has expectations, be it "nothing" */
    bool undetected, lines, tied;
    int64_t set_now_ms; /* by "@ now", or TIME_NONE */
    int64_t now_ms;     /* the arrival, once it is run */
    struct buffer bytes;
    struct command command;
    char *texts[8]; /* that the command points to */
    unsigned text_count;
    struct said want;
};

struct conversation {
    struct step *steps;
    unsigned step_count;
    struct buffer settings; /* as struct ch_env has them */
    bool unregistered;
    bool udp, tcp; /* how it is spoken */
};

struct script {
    const char *path;
    char *text;
    char **lines; /* [line_count], the first is line 1 */
    int line_count;
    struct conversation *conversations;
    unsigned conversation_count;
};

/* NULL, with a complaint on standard output, where the file cannot be read or says
 * what it may not. */
struct script *script_open(const char *path);
void script_close(struct script *s);
