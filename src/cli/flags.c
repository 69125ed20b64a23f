/*
 * flags.c - command-line flags, each with an environment variable of its name.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *from_environment(const char *name)
{
    char variable[64] = "MILEPOST_";
    size_t n = strlen(variable);
    for (; *name && n + 1 < sizeof variable; name++)
        variable[n++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
    return getenv(variable);
}

static void help(const struct flag *flags, unsigned count, const char *usage)
{
    fprintf(stderr, "usage: %s\n", usage);
    for (unsigned i = 0; i < count; i++) {
        char left[40];
        snprintf(left, sizeof left, "--%s%s", flags[i].name,
                 flags[i].text ? " VALUE" : "");
        fprintf(stderr, "  %-24s %s\n", left, flags[i].help);
    }
}

static void defaults(const struct flag *flags, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *value = from_environment(flags[i].name);
        if (value && flags[i].text)
            *flags[i].text = value;
        else if (value)
            *flags[i].on = strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
    }
}

int cli_flags(int argc, char **argv, const struct flag *flags, unsigned count,
              const char *usage)
{
    defaults(flags, count);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0 || !argv[i][2])
            return i;
        const char *name = argv[i] + 2;
        size_t len = strcspn(name, "=");
        const struct flag *f = NULL;
        for (unsigned k = 0; k < count && !f; k++)
            if (strlen(flags[k].name) == len && !strncmp(flags[k].name, name, len))
                f = &flags[k];
        if (!f) {
            if (strcmp(name, "help") != 0)
                fprintf(stderr, "milepost: unknown flag %s\n", argv[i]);
            help(flags, count, usage);
            return -1;
        }
        if (!f->text)
            *f->on = true;
        else if (name[len])
            *f->text = name + len + 1;
        else if (++i < argc)
            *f->text = argv[i];
        else {
            fprintf(stderr, "milepost: --%s needs a value\n", f->name);
            return -1;
        }
    }
    return argc;
}

bool cli_number(const char *name, const char *text, long min, long max, long *out)
{
    char *end;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < min || v > max) {
        fprintf(stderr, "milepost: --%s: %s: not a whole number from %ld to %ld\n", name,
                text, min, max);
        return false;
    }
    *out = v;
    return true;
}
