/*
 * script.c - reading scripts and following them.
 */
#include "simulate/script.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"

enum { LINE_LEN_MAX = 200, SECOND_MAX = 10000000 };

/* Without `fixed`, a number follows that lies between the bounds. */
static const struct {
    const char *words;
    enum action action;
    bool fixed;
    double low, high; /* fixed: low is the value */
} phrases[] = {
    {"ignition on", ACT_IGNITION, true, 1, 0},
    {"ignition off", ACT_IGNITION, true, 0, 0},
    {"door open", ACT_DOOR, true, 1, 0},
    {"door close", ACT_DOOR, true, 0, 0},
    {"panic press", ACT_PANIC, true, 1, 0},
    {"panic release", ACT_PANIC, true, 0, 0},
    {"panic-wire cut", ACT_PANIC_WIRE, true, 1, 0},
    {"panic-wire restore", ACT_PANIC_WIRE, true, 0, 0},
    {"tamper", ACT_TAMPER, true, 1, 0},
    {"tamper over", ACT_TAMPER, true, 0, 0},
    {"power cut", ACT_POWER, true, 0, 0},
    {"power restore", ACT_POWER, true, 1, 0},
    {"battery low", ACT_BATTERY, true, 0, 0},
    {"battery ok", ACT_BATTERY, true, 1, 0},
    {"move", ACT_MOVE, false, 0, 250},
    {"stop", ACT_STOP, true, 0, 0},
    {"outage", ACT_OUTAGE, false, 0, 1000000},
    {"harsh brake", ACT_BRAKE, true, 0, 0},
    {"harsh accelerate", ACT_ACCELERATE, true, 0, 0},
    {"harsh turn", ACT_TURN, true, 90, 0},
    {"harsh turn left", ACT_TURN, true, -90, 0},
    {"overspeed", ACT_OVERSPEED, true, 0, 0},
    {"impact", ACT_IMPACT, true, 0, 0},
    {"tilt", ACT_TILT, true, 0, 0},
    {"fence in", ACT_FENCE, true, 1, 0},
    {"fence out", ACT_FENCE, true, 0, 0},
    {"input on", ACT_INPUT, true, 1, 0},
    {"input off", ACT_INPUT, true, 0, 0},
    {"analog", ACT_ANALOG, false, 0, 60},
    {"relay-works", ACT_RELAY, true, RELAY_WORKS, 0},
    {"relay-fails", ACT_RELAY, true, RELAY_FAILS, 0},
    {"relay-sticks", ACT_RELAY, true, RELAY_STICKS, 0},
    {"clock", ACT_CLOCK, false, -1e7, 1e7},
    {"weak-gps", ACT_GPS, false, 0, 1000000},
    {"repeat", ACT_REPEAT, true, 0, 0},
    {"reboot", ACT_REBOOT, true, 0, 0},
};

const char script_words[] =
    "ignition on|off, door open|close, panic press|release, panic-wire cut|restore,\n"
    "tamper [over], power cut|restore, battery low|ok, move KMH, stop, outage S,\n"
    "harsh brake|accelerate|turn [left], overspeed, impact, tilt, fence in|out,\n"
    "input on|off, analog V, relay-works|-fails|-sticks, clock SECONDS, weak-gps S,\n"
    "repeat, reboot";

/* The number behind the words; false where there is none, or more. */
static bool read_number(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && !end[strspn(end, " \t")] && isfinite(*out);
}

static bool read_phrase(const char *text, struct script_line *line)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        size_t len = strlen(phrases[i].words);
        if (strncmp(text, phrases[i].words, len) != 0)
            continue;
        const char *rest = text + len;
        line->action = phrases[i].action;
        line->value = phrases[i].low;
        if (phrases[i].fixed && !*rest)
            return true;
        if (!phrases[i].fixed && *rest == ' ' && read_number(rest, &line->value))
            return line->value >= phrases[i].low && line->value <= phrases[i].high;
    }
    return false;
}

/* "at vehicle N" or "at vehicle all"; false where it is neither. */
static bool read_vehicle(const char *text, unsigned *vehicle)
{
    double n;
    if (!strcmp(text, "all")) {
        *vehicle = 0;
        return true;
    }
    if (!read_number(text, &n) || n < 1 || n > CONVOY_MAX || n != floor(n))
        return false;
    *vehicle = (unsigned)n;
    return true;
}

static bool read_line(struct script *s, const char *text, unsigned *vehicle)
{
    struct script_line line = {.vehicle = *vehicle};
    char *end;
    if (!strncmp(text, "at vehicle ", 11))
        return read_vehicle(text + 11, vehicle);
    unsigned long second = strtoul(text, &end, 10);
    if (end == text || *end != ' ' || *text == '-' || second > SECOND_MAX ||
        !read_phrase(end + strspn(end, " "), &line))
        return false;
    line.second = (unsigned)second;
    if (!(s->count & (s->count - 1)))
        s->lines = mem_grow(s->lines, (s->count ? s->count * 2 : 1) * sizeof *s->lines);
    s->lines[s->count++] = line;
    return true;
}

/* By time; lines of the same second keep their order. */
static void sort_lines(struct script *s)
{
    for (size_t i = 1; i < s->count; i++) {
        struct script_line line = s->lines[i];
        size_t k = i;
        for (; k && s->lines[k - 1].second > line.second; k--)
            s->lines[k] = s->lines[k - 1];
        s->lines[k] = line;
    }
}

bool script_parse(struct script *s, const char *text, struct err *err)
{
    unsigned vehicle = 1;
    for (unsigned number = 1; *text; number++) {
        char line[LINE_LEN_MAX + 1];
        size_t len = strcspn(text, "\n");
        struct span span = span_trim((struct span){(const uint8_t *)text, len});
        span = span_cut(span, 0, span_find(span, 0, "#", 1));
        span = span_trim(span);
        text += len + (text[len] == '\n');
        if (!span.len)
            continue;
        if (span.len > LINE_LEN_MAX || s->count == SCRIPT_LINES_MAX ||
            !read_line(s, span_copy(span, line, sizeof line), &vehicle))
            return err_set(err, ERR_INPUT, "line %u: %.*s: not understood", number,
                           (int)(span.len < 100 ? span.len : 100),
                           (const char *)span.ptr);
    }
    sort_lines(s);
    return true;
}

bool script_read(struct script *s, const char *path, struct err *err)
{
    enum { FILE_MAX = 8 << 20 };
    FILE *file = fopen(path, "r");
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    char *text = mem_grow(NULL, FILE_MAX + 1);
    size_t len = fread(text, 1, FILE_MAX, file);
    text[len] = 0;
    bool ok = !ferror(file) && len < FILE_MAX;
    fclose(file);
    if (ok)
        ok = script_parse(s, text, err);
    else
        err_set(err, ERR_IO, "%s: cannot be read, or is too long", path);
    free(text);
    return ok;
}

void script_fini(struct script *s)
{
    free(s->lines);
    *s = (struct script){0};
}

static void take_over(struct tracker *t)
{
    t->incidents = INCIDENTS_NONE;
    ride_script(&t->ride);
    t->ignition = false;
}

bool script_begin(const struct script *s, struct convoy *f, struct err *err)
{
    for (size_t i = 0; i < s->count; i++) {
        unsigned n = s->lines[i].vehicle;
        if (n > f->count)
            return err_set(err, ERR_INPUT, "vehicle %u: there are only %u", n, f->count);
        for (unsigned k = n ? n : 1; k <= (n ? n : f->count); k++)
            take_over(&f->trackers[k - 1]);
    }
    return true;
}

void script_follow(struct script *s, struct convoy *f, unsigned second)
{
    for (; s->next < s->count && s->lines[s->next].second <= second; s->next++) {
        const struct script_line *line = &s->lines[s->next];
        unsigned n = line->vehicle;
        for (unsigned k = n ? n : 1; k <= (n ? n : f->count); k++)
            trk_act(&f->trackers[k - 1], line->action, line->value);
    }
}
