/*
 * zone.c - transitions from a TZif file, and the rule in its footer for what comes
 * after the last of them.
 */
#include "api/zone.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/civil.h"

enum {
    ZONE_FILE_MAX = 1 << 18,
    ZONE_HEAD = 44,
    ZONE_NAMES_MAX = 2000,
    ZONE_NAME_MAX = 64,
    ZONE_DEPTH_MAX = 3, /* America/Argentina/Salta */
    DAY_S = 86400,
};

static const char zone_dir[] = "/usr/share/zoneinfo";

/* "M3.5.0/2": the week's number of that weekday in that month, 5 being the last. */
struct change {
    int month, week, weekday;
    int64_t at_s; /* local time of the day */
};

struct zone {
    size_t count;
    int64_t *times_s;   /* of transitions, UTC */
    int32_t *offsets_s; /* from each on */
    int32_t first_s;    /* before the first */
    bool ruled;         /* the footer says what comes after the last */
    int32_t standard_s, summer_s;
    bool has_summer;
    struct change start, end;
};

/* ---- the footer: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

/* A zone's short name: letters, or anything in angle brackets. */
static bool skip_name(const char **p)
{
    const char *from = *p;
    if (**p == '<') {
        *p += strcspn(*p, ">");
        if (!**p)
            return false;
        ++*p;
        return true;
    }
    while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
        ++*p;
    return *p - from >= 3;
}

static bool take_number(const char **p, int max, int *value)
{
    char *end;
    if (**p < '0' || **p > '9')
        return false;
    long number = strtol(*p, &end, 10);
    *p = end;
    *value = (int)number;
    return number <= max;
}

/* "[+-]hh[:mm[:ss]]" as seconds. */
static bool take_time(const char **p, int64_t *s)
{
    int part[3] = {0};
    bool minus = **p == '-';
    if (**p == '-' || **p == '+')
        ++*p;
    for (int i = 0; i < 3; i++) {
        if (!take_number(p, i ? 59 : 167, &part[i]))
            return false;
        if (**p != ':')
            break;
        ++*p;
    }
    *s = (part[0] * INT64_C(3600) + part[1] * 60 + part[2]) * (minus ? -1 : 1);
    return true;
}

static bool take_change(const char **p, struct change *c)
{
    c->at_s = 7200;
    if ((*p)[0] != ',' || (*p)[1] != 'M')
        return false;
    *p += 2;
    if (!take_number(p, 12, &c->month) || *(*p)++ != '.' ||
        !take_number(p, 5, &c->week) || *(*p)++ != '.' ||
        !take_number(p, 6, &c->weekday) || !c->month || !c->week)
        return false;
    if (**p != '/')
        return true;
    ++*p;
    return take_time(p, &c->at_s);
}

/* Offsets are written west-positive. */
static bool read_footer(struct zone *z, const char *text)
{
    int64_t s;
    if (!skip_name(&text) || !take_time(&text, &s))
        return false;
    z->standard_s = (int32_t)-s;
    if (!*text)
        return true;
    s -= 3600;
    if (!skip_name(&text) || (*text != ',' && !take_time(&text, &s)))
        return false;
    z->summer_s = (int32_t)-s;
    z->has_summer = true;
    return take_change(&text, &z->start) && take_change(&text, &z->end);
}

/* When a change happens in a year, in seconds of local time. */
static int64_t change_s(const struct change *c, int year)
{
    int64_t first_s = civil_ms((struct civil){year, c->month, 1, 0, 0, 0}) / 1000;
    int next = c->month == 12;
    int64_t end_s =
        civil_ms((struct civil){year + next, next ? 1 : c->month + 1, 1, 0, 0, 0}) / 1000;
    /* 1970-01-01 was a Thursday. */
    int weekday = (int)((first_s / DAY_S % 7 + 11) % 7);
    int64_t day_s =
        first_s + ((c->weekday - weekday + 7) % 7 + (c->week - 1) * 7) * DAY_S;
    while (day_s >= end_s)
        day_s -= 7 * DAY_S;
    return day_s + c->at_s;
}

static int32_t ruled_offset_s(const struct zone *z, int64_t utc_s)
{
    if (!z->has_summer)
        return z->standard_s;
    int year = civil_of((utc_s + z->standard_s) * 1000).year;
    int64_t start_s = change_s(&z->start, year) - z->standard_s;
    int64_t end_s = change_s(&z->end, year) - z->summer_s;
    bool summer = start_s < end_s ? utc_s >= start_s && utc_s < end_s
                                  : utc_s >= start_s || utc_s < end_s;
    return summer ? z->summer_s : z->standard_s;
}

/* ---- the file ---- */

/* The counts of a block's head, in wire order. */
struct counts {
    size_t utc, std, leap, time, type, chars;
};

static bool read_head(struct span file, struct counts *c)
{
    if (file.len < ZONE_HEAD || !span_starts(file, "TZif"))
        return false;
    size_t *counts[] = {&c->utc, &c->std, &c->leap, &c->time, &c->type, &c->chars};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        *counts[i] = be32(file.ptr + 20 + 4 * i);
        if (*counts[i] > ZONE_FILE_MAX)
            return false;
    }
    return c->type > 0;
}

static size_t block_len(const struct counts *c, size_t time_len)
{
    return c->time * (time_len + 1) + c->type * 6 + c->chars + c->leap * (time_len + 4) +
           c->std + c->utc;
}

/* What follows the first block, which is in 32 bits, for readers of old. */
static bool read_block(struct zone *z, struct span file, const struct counts *c)
{
    const uint8_t *times = file.ptr, *kinds = times + 8 * c->time,
                  *types = kinds + c->time;
    z->times_s = mem_zero(c->time * sizeof *z->times_s);
    z->offsets_s = mem_zero(c->time * sizeof *z->offsets_s);
    z->count = c->time;
    z->first_s = (int32_t)be32(types);
    for (size_t i = 0; i < c->time; i++) {
        if (kinds[i] >= c->type)
            return false;
        z->times_s[i] = (int64_t)be64(times + 8 * i);
        z->offsets_s[i] = (int32_t)be32(types + 6 * (size_t)kinds[i]);
        if (i && z->times_s[i] <= z->times_s[i - 1])
            return false;
    }
    return true;
}

struct zone *zone_parse(struct span file)
{
    struct counts c;
    char footer[128];
    struct zone *z = mem_zero(sizeof *z);
    if (!read_head(file, &c) || file.ptr[4] < '2')
        goto fail;
    file = span_cut(file, ZONE_HEAD + block_len(&c, 4), file.len);
    if (!read_head(file, &c) || file.len < ZONE_HEAD + block_len(&c, 8))
        goto fail;
    file = span_cut(file, ZONE_HEAD, file.len);
    if (!read_block(z, file, &c))
        goto fail;
    struct span rest = span_trim(span_cut(file, block_len(&c, 8), file.len));
    span_copy(rest, footer, sizeof footer);
    z->ruled = *footer && read_footer(z, footer);
    return z;

fail:
    zone_close(z);
    return NULL;
}

void zone_close(struct zone *z)
{
    if (!z)
        return;
    free(z->times_s);
    free(z->offsets_s);
    free(z);
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    return len && len <= ZONE_NAME_MAX && *name != '/' && *name != '.' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                        "_+-/") == len;
}

struct zone *zone_open(const char *name)
{
    char path[sizeof zone_dir + ZONE_NAME_MAX + 2];
    if (!is_name(name))
        return NULL;
    snprintf(path, sizeof path, "%s/%s", zone_dir, name);
    FILE *f = fopen(path, "rbe");
    if (!f)
        return NULL;
    uint8_t *bytes = mem_grow(NULL, ZONE_FILE_MAX);
    size_t len = fread(bytes, 1, ZONE_FILE_MAX, f);
    fclose(f);
    struct zone *z = zone_parse((struct span){bytes, len});
    free(bytes);
    return z;
}

int64_t zone_offset_ms(const struct zone *z, int64_t utc_ms)
{
    int64_t utc_s = utc_ms / 1000 - (utc_ms % 1000 < 0);
    size_t low = 0, high = z->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (z->times_s[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->count && z->ruled)
        return ruled_offset_s(z, utc_s) * INT64_C(1000);
    return (low ? z->offsets_s[low - 1] : z->first_s) * INT64_C(1000);
}

/* ---- names ---- */

struct names {
    char (*items)[ZONE_NAME_MAX + 1];
    size_t count;
};

static bool is_zone_file(const char *path)
{
    char magic[4];
    FILE *f = fopen(path, "rbe");
    bool is = f && fread(magic, 1, sizeof magic, f) == sizeof magic &&
              !memcmp(magic, "TZif", sizeof magic);
    if (f)
        fclose(f);
    return is;
}

/* Adds what lies in a folder under zone_dir, "" or "Europe/". */
static void add_names(struct names *n, const char *prefix, int depth)
{
    char path[sizeof zone_dir + 2 * ZONE_NAME_MAX], name[ZONE_NAME_MAX + 1];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", zone_dir, prefix);
    DIR *dir = depth ? opendir(path) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        bool fits = strlen(prefix) + strlen(e->d_name) < ZONE_NAME_MAX;
        /* Lower-case names are the database's own files, posix/ and right/ copies. */
        if (!fits || n->count == ZONE_NAMES_MAX || !is_name(e->d_name) ||
            *e->d_name < 'A' || *e->d_name > 'Z')
            continue;
        snprintf(name, sizeof name, "%.30s%.33s", prefix, e->d_name);
        snprintf(path, sizeof path, "%s/%s", zone_dir, name);
        if (stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode)) {
            strcat(name, "/");
            add_names(n, name, depth - 1);
        } else if (is_zone_file(path)) {
            memcpy(n->items[n->count++], name, sizeof name);
        }
    }
    if (dir)
        closedir(dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

void zone_names(struct json *j)
{
    struct names n = {.items = mem_zero(ZONE_NAMES_MAX * sizeof *n.items)};
    add_names(&n, "", ZONE_DEPTH_MAX);
    qsort(n.items, n.count, sizeof *n.items, by_text);
    js_open(j, NULL, '[');
    if (!n.count)
        js_text(j, NULL, "UTC");
    for (size_t i = 0; i < n.count; i++)
        js_text(j, NULL, n.items[i]);
    js_close(j, ']');
    free(n.items);
}
