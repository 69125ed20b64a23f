/*
 * unit.c - runs the unit tests, all or those that are named.
 *
 *     unit [NAME...]
 */
#include "unit.h"

#include <stdio.h>

struct unit {
    const char *name;
    void (*run)(void);
};
extern const struct unit units[];
extern const size_t unit_count;

static const char *running;
static unsigned passed, failed;

void unit_check(bool ok, const char *what, const char *row, const char *file, int line)
{
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("%s:%d: %s: \"%s\": not so: %s\n", file, line, running, row, what);
}

const char *unit_row(unsigned long row)
{
    static char text[32];
    snprintf(text, sizeof text, "row %lu", row);
    return text;
}

/* splitmix64 */
uint64_t chance_next(struct chance *c)
{
    uint64_t z = c->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t chance_below(struct chance *c, uint64_t end)
{
    return chance_next(c) % end;
}

static void count_field(struct trace *t, const char *name, size_t pos, struct span raw,
                        const char *value)
{
    struct counter *c = (struct counter *)t;
    CHECK(name && *name && value, "a field has a name and a value");
    CHECK(raw.ptr && pos < 1 << 20, "a field lies in the frame");
    c->fields++;
}

struct counter counter_open(void)
{
    return (struct counter){.trace = {.field = count_field}};
}

static bool is_named(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], name))
            return true;
    return argc < 2;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < unit_count; i++) {
        if (!is_named(units[i].name, argc, argv))
            continue;
        running = units[i].name;
        units[i].run();
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
