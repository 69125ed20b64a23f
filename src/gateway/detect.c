/*
 * detect.c - which protocol is it?  Every protocol looks at the first bytes; the best
 * score wins, and the runners-up are kept with their reasons.
 */
#include "gateway/channel.h"

#include <stdlib.h>

static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->score != y->score)
        return y->score - x->score;
    return strcmp(x->protocol->name, y->protocol->name);
}

/* Keeps the best `max` in order; the worst falls out. */
static unsigned keep(struct candidate *out, unsigned count, unsigned max,
                     struct candidate c)
{
    if (count < max)
        out[count++] = c;
    else if (by_score(&c, &out[count - 1]) < 0)
        out[count - 1] = c;
    else
        return count;
    qsort(out, count, sizeof *out, by_score);
    return count;
}

unsigned detect_all(struct span head, bool whole, struct candidate *out, unsigned max,
                    bool *more)
{
    unsigned count = 0;
    *more = false;
    for (size_t i = 0; i < protocol_count; i++) {
        struct probe probe = {head, whole, ""};
        int score = protocols[i]->detect(&probe);
        if (score == DETECT_MORE)
            *more = true;
        if (score > DETECT_NO)
            count =
                keep(out, count, max, (struct candidate){protocols[i], score, probe.why});
    }
    if (whole)
        *more = false;
    return count;
}

const struct protocol *protocol_find(const char *name)
{
    for (size_t i = 0; i < protocol_count; i++)
        if (!strcmp(protocols[i]->name, name))
            return protocols[i];
    return NULL;
}
