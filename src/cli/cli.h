/*
 * cli.h - the subcommands of milepost: one file each, told apart in main.c.
 */
#pragma once

#include <stdbool.h>

/* Each gets its arguments from its own name on and returns the exit status: 0 done,
 * 1 failed, 2 called wrongly. */
int cli_serve(int argc, char **argv);
int cli_decode(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_detect(int argc, char **argv);
int cli_encode(int argc, char **argv);
int cli_simulate(int argc, char **argv);
int cli_protocols(int argc, char **argv);

/* ---- flags: --name VALUE or --name=VALUE ---- */

struct flag {
    const char *name;
    const char **text; /* where a value goes, or NULL: a switch */
    bool *on;          /* where a switch goes */
    const char *help;
};

/* Reads flags in front of other arguments; a value may also stand in the environment
 * as MILEPOST_NAME (upper case, - as _), and, where there is a flag --config, in the
 * file that it names.  Returns the index of the first other
 * argument, or -1 after saying what is wrong (with `usage`) on standard error. */
int cli_flags(int argc, char **argv, const struct flag *flags, unsigned count,
              const char *usage);

/* Whole number in [min, max], or complains by name and returns false. */
bool cli_number(const char *name, const char *text, long min, long max, long *out);
