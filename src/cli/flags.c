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

static const struct flag *find(const struct flag *flags, unsigned count, const char *name,
                               size_t len)
{
    for (unsigned i = 0; i < count; i++)
        if (strlen(flags[i].name) == len && !strncmp(flags[i].name, name, len))
            return &flags[i];
    return NULL;
}

static void set(const struct flag *f, const char *value)
{
    if (f->text)
        *f->text = value;
    else
        *f->on = strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static void from_variables(const struct flag *flags, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *value = from_environment(flags[i].name);
        if (value)
            set(&flags[i], value);
    }
}

/* The file that --config or MILEPOST_CONFIG names, or NULL. */
static const char *config_path(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strncmp(argv[i], "--config=", 9))
            return argv[i] + 9;
        if (!strcmp(argv[i], "--config") && i + 1 < argc)
            return argv[i + 1];
    }
    return from_environment("config");
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1]))
        text[--len] = 0;
    return text;
}

/* Lines of `name = value`; # begins a comment.  The values stay for the life of the
 * process.  False after a complaint that names the line. */
static bool from_file(const char *path, const struct flag *flags, unsigned count)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    bool ok = file != NULL;
    if (!file)
        fprintf(stderr, "milepost: --config: %s: %s\n", path, strerror(errno));
    for (int number = 1; ok && fgets(line, sizeof line, file); number++) {
        char *name = trim(line);
        if (!*name || *name == '#')
            continue;
        char *value = strchr(name, '=');
        if (value)
            *value++ = 0;
        name = trim(name);
        const struct flag *f = find(flags, count, name, strlen(name));
        ok = f && value;
        if (ok)
            set(f, strdup(trim(value)));
        else
            fprintf(stderr, "milepost: %s: line %d: %s\n", path, number,
                    f ? "there is no = and value" : "there is no such setting");
    }
    if (file)
        fclose(file);
    return ok;
}

int cli_flags(int argc, char **argv, const struct flag *flags, unsigned count,
              const char *usage)
{
    const char *path = find(flags, count, "config", 6) ? config_path(argc, argv) : NULL;
    if (path && !from_file(path, flags, count))
        return -1;
    from_variables(flags, count);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0 || !argv[i][2])
            return i;
        const char *name = argv[i] + 2;
        size_t len = strcspn(name, "=");
        const struct flag *f = find(flags, count, name, len);
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
