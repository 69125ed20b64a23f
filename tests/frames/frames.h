/*
 * frames.h - what the parts of the frame runner share.
 */
#pragma once

#include "script.h"

struct run {
    struct script *script;
    struct conversation *conversation;
    const struct protocol *protocol; /* that the file is named after */
    struct ch_scratch *scratch;
    enum transport transport;
    int64_t last_ms;   /* when the frame before arrived */
    const char *seeds; /* directory to write to, or NULL */
};

enum { HEARD_MAX = 2 };

/* What a channel made of some bytes. */
struct heard {
    unsigned frames;
    struct said said[HEARD_MAX]; /* of the first ones */
    size_t len[HEARD_MAX];       /* of their bytes */
    bool noise;                  /* some bytes belonged to no frame */
};

/* The device of the conversation, for struct ch_env; arg is the run. */
bool identify_step(void *arg, struct span id, const char **settings, size_t *len);

/* A conversation begins, on 2024-06-01; returns its channel. */
struct channel *begin(struct run *run, const struct ch_env *env, enum transport t);

/* The frame arrives: when the script says, else at its own time, else a second after
 * the one before. */
void arrive(struct run *run, struct step *step, int64_t own_ms);

/* Counts, and prints what failed.  Returns ok. */
bool check(bool ok, const struct run *run, const struct step *step, const char *what);

/* Feeds the frame to the channel, and to copies of it in pieces.  False: there is
 * nothing to compare.  The caller finishes what was heard. */
bool check_frame(struct run *run, struct channel *c, const struct step *step,
                 struct heard *got);
void heard_fini(struct heard *h);

/* Prints what a step says, as a script's lines. */
void show_step(struct run *run, struct channel *c, struct step *step);

/* Writes what the fuzzers start from: see tests/fuzz/decode.c. */
void seed_script(struct run *run);
