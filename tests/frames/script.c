/*
 * script.c - reads a file of test frames.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>

/* Where the reading stands. */
struct parse {
    struct script *script;
    struct conversation *c;
    struct step *step;            /* of the block at hand, or NULL between blocks */
    int64_t set_now_ms;           /* by "@ now", or TIME_NONE */
    bool undetected, lines, tied; /* marks for the next frame */
    int line;
};

static void new_conversation(struct parse *p)
{
    struct script *s = p->script;
    s->conversations = mem_grow(s->conversations,
                                (s->conversation_count + 1) * sizeof *s->conversations);
    p->c = &s->conversations[s->conversation_count++];
    *p->c = (struct conversation){.udp = true, .tcp = true};
    p->set_now_ms = TIME_NONE;
}

static struct step *new_step(struct parse *p, enum step_kind kind)
{
    struct conversation *c = p->c;
    c->steps = mem_grow(c->steps, (c->step_count + 1) * sizeof *c->steps);
    p->step = &c->steps[c->step_count++];
    *p->step = (struct step){
        .kind = kind,
        .line = p->line,
        .set_now_ms = p->set_now_ms,
        .undetected = p->undetected,
        .lines = p->lines,
        .tied = p->tied,
    };
    said_init(&p->step->want);
    p->undetected = p->lines = p->tied = false;
    return p->step;
}

static const char *end_block(struct parse *p)
{
    struct step *step = p->step;
    p->step = NULL;
    if (!step)
        return p->undetected || p->lines || p->tied ? "a mark without a frame" : NULL;
    bool empty = step->kind == STEP_FRAME && !step->bytes.len;
    return empty ? "a frame without bytes" : NULL;
}

static const char *read_mark(struct parse *p, const char *mark)
{
    if (p->step)
        return "a mark stands before its frame";
    if (!strcmp(mark, "undetected"))
        p->undetected = true;
    else if (!strcmp(mark, "lines"))
        p->lines = true;
    else if (!strcmp(mark, "tied"))
        p->tied = true;
    else
        return "unknown mark";
    return NULL;
}

static const char *read_setting(struct parse *p, char *text)
{
    char *value = strchr(text, ' ');
    if (!value || p->step)
        return "a setting has a name and a value, and stands between blocks";
    *value++ = 0;
    if (!strcmp(text, "now"))
        return civil_parse(span_of(value), &p->set_now_ms) ? NULL : "no time";
    if (p->c->step_count)
        return "a setting stands before the conversation's first block";
    if (!strcmp(text, "transport")) {
        p->c->udp = !strcmp(value, "udp");
        p->c->tcp = !strcmp(value, "tcp");
        return p->c->udp || p->c->tcp ? NULL : "neither tcp nor udp";
    }
    if (!strcmp(text, "registered")) {
        p->c->unregistered = !strcmp(value, "no");
        return p->c->unregistered ? NULL : "registered can only be no";
    }
    buf_add(&p->c->settings, text, strlen(text) + 1);
    buf_add(&p->c->settings, value, strlen(value) + 1);
    return NULL;
}

static const char *read_bytes(struct parse *p, const char *text)
{
    struct step *step = p->step ? p->step : new_step(p, STEP_FRAME);
    if (step->expected || step->kind != STEP_FRAME)
        return "a blank line stands between blocks";
    step->last_line = p->line;
    return bytes_parse(text, &step->bytes);
}

/* A command's parameter. */
static const char *set_parameter(struct step *step, const char *name, char *value)
{
    struct command *c = &step->command;
    const struct {
        const char *name;
        const char **text;
        double *num;
    } all[] = {
        {"data", &c->data, NULL},         {"phone", &c->phone, NULL},
        {"message", &c->message, NULL},   {"server", &c->server, NULL},
        {"timezone", &c->timezone, NULL}, {"frequency", NULL, &c->period_s},
        {"index", NULL, &c->index},       {"port", NULL, &c->port},
        {"radius", NULL, &c->radius_m},
    };
    double num = NAN;
    bool is_num = text_num(span_of(value), &num);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, name) != 0)
            continue;
        if (all[i].text)
            *all[i].text = value;
        else
            *all[i].num = num;
        return all[i].text || is_num ? NULL : "no number";
    }
    if (!strcmp(name, "enable"))
        c->enable = !strcmp(value, "yes");
    else if (!strcmp(name, "id") && is_num)
        c->id = (uint32_t)num;
    else
        return "unknown parameter of a command";
    return NULL;
}

static const char *read_command(struct parse *p, const char *text)
{
    if (p->step)
        return "a blank line stands between blocks";
    struct step *step = new_step(p, STEP_COMMAND);
    step->last_line = p->line;
    step->command = (struct command){
        .period_s = NAN, .index = NAN, .port = NAN, .radius_m = NAN, .enable = -1};
    char kind[64];
    size_t len = strcspn(text, " ");
    span_copy((struct span){(const uint8_t *)text, len}, kind, sizeof kind);
    step->command.kind = command_find(kind);
    if (step->command.kind == COMMAND_COUNT)
        return "unknown command";
    text += len;
    while (*text) {
        char name[32];
        struct buffer value = {0};
        len = strcspn(++text, " ");
        span_copy((struct span){(const uint8_t *)text, len}, name, sizeof name);
        text += len + (text[len] == ' ');
        len = *text == '"' ? strcspn(text + 1, "\"") + 2 : strcspn(text, " ");
        if (len > strlen(text))
            return "the quote has no end";
        buf_add(&value, text + (*text == '"'), len - (*text == '"' ? 2 : 0));
        buf_add(&value, "", 1);
        text += len;
        if (step->text_count == sizeof step->texts / sizeof *step->texts) {
            buf_fini(&value);
            return "too many parameters";
        }
        step->texts[step->text_count++] = (char *)value.ptr;
        const char *wrong = set_parameter(step, name, (char *)value.ptr);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *read_line(struct parse *p, char *line)
{
    if (!*line)
        return end_block(p);
    if (*line == '#')
        return NULL;
    if (!strcmp(line, "---")) {
        const char *wrong = end_block(p);
        new_conversation(p);
        return wrong;
    }
    if (*line == '<') {
        if (!p->step)
            return "an expectation without a frame";
        p->step->expected = true;
        return said_expect(&p->step->want, line + 1);
    }
    if (line[1] != ' ' || !line[2])
        return "unknown line";
    switch (*line) {
    case '>':
        return read_bytes(p, line + 2);
    case '?':
        return read_command(p, line + 2);
    case '!':
        return read_mark(p, line + 2);
    case '@':
        return read_setting(p, line + 2);
    default:
        return "unknown line";
    }
}

static char *read_file(const char *path)
{
    struct buffer text = {0};
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    size_t n;
    while ((n = fread(buf_room(&text, 65536), 1, 65536, f)) > 0)
        text.len += n;
    fclose(f);
    buf_add(&text, "", 1);
    return (char *)text.ptr;
}

static void split_lines(struct script *s)
{
    s->lines = mem_zero((strlen(s->text) + 2) * sizeof *s->lines);
    char *p = s->text;
    while (*p) {
        s->lines[++s->line_count] = p;
        p += strcspn(p, "\n");
        if (*p)
            *p++ = 0;
    }
}

struct script *script_open(const char *path)
{
    struct script *s = mem_zero(sizeof *s);
    struct parse p = {.script = s};
    bool good = true;
    s->path = path;
    s->text = read_file(path);
    if (!s->text) {
        printf("%s: cannot be read\n", path);
        script_close(s);
        return NULL;
    }
    split_lines(s);
    new_conversation(&p);
    for (p.line = 1; p.line <= s->line_count + 1; p.line++) {
        char *line = p.line > s->line_count ? "" : s->lines[p.line];
        char *copy = mem_text(line);
        const char *wrong = read_line(&p, copy);
        free(copy);
        if (wrong)
            printf("%s:%d: %s\n", path, p.line, wrong);
        good = good && !wrong;
    }
    if (good)
        return s;
    script_close(s);
    return NULL;
}

static void step_fini(struct step *step)
{
    for (unsigned i = 0; i < step->text_count; i++)
        free(step->texts[i]);
    buf_fini(&step->bytes);
    said_fini(&step->want);
}

void script_close(struct script *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->conversation_count; i++) {
        struct conversation *c = &s->conversations[i];
        for (unsigned k = 0; k < c->step_count; k++)
            step_fini(&c->steps[k]);
        free(c->steps);
        buf_fini(&c->settings);
    }
    free(s->conversations);
    free(s->lines);
    free(s->text);
    free(s);
}
