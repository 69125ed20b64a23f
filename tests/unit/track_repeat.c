/*
 * track_repeat.c - what was sent before is known again, wherever it is by now.
 */
#include "track_stage.h"

static bool repeat(struct scene *s, int64_t id, const struct position *p,
                   double shift_deg, uint32_t kind)
{
    bool own = !p->outdated;
    return tr_repeat(s->t, id, p->device_id, own ? p->rec.fix_ms : p->rec.device_ms,
                     own ? p->rec.latitude_deg + shift_deg : NAN,
                     own ? p->rec.longitude_deg : NAN, kind);
}

static void check_repeats(struct scene *s, const struct made *made, size_t count,
                          const char *row)
{
    for (size_t i = 0; i < count; i++) {
        const struct position *p = &made[i].position;
        CHECK(repeat(s, 999999, p, 0, 7), row);
        CHECK(repeat(s, p->id + 1, p, 4e-8, 7), row);
        CHECK(!repeat(s, p->id, p, 0, 7), "itself");
        CHECK(!repeat(s, 999999, p, 0, 8), "another kind");
        CHECK(p->outdated || !repeat(s, 999999, p, 1e-7, 7), "another place");
    }
    CHECK(!tr_repeat(s->t, 999999, 1, TIME_NONE, NAN, NAN, 7), "without a time");
    CHECK(!tr_repeat(s->t, 999999, 1, stage_ms + 1, 52.5, 13.4, 7), "another time");
    CHECK(!tr_repeat(s->t, 999999, 2, stage_ms, 52.5, 13.4, 7), "another device");
    CHECK(!tr_repeat(s->t, 999999, 1, stage_ms + STAGE_DAY_MS, 52.5, 13.4, 7), "newer");
}

/* Every tenth has no place of its own, only the device's clock. */
static void make_parked(struct made *made, size_t count)
{
    static struct record rec;
    for (size_t i = 0; i < count; i++) {
        int64_t id = 1000 + (int64_t)i, ms = stage_ms + (int64_t)i * 200000;
        if (i % 10) {
            make_plain(&made[i], id, 1, ms);
            continue;
        }
        struct tr_extra x = no_extra;
        x.outdated = true;
        x.fix_ms = i ? ms - 190000 : TIME_NONE;
        rec_clear(&rec);
        rec.device_ms = ms;
        make(&made[i], id, 1, ms + 1000, &rec, x);
    }
}

void test_track_repeat(void)
{
    enum { COUNT_MADE = 150 };
    struct scene s;
    struct made *made = mem_zero(COUNT_MADE * sizeof *made);
    scene_open(&s, 2);
    make_parked(made, COUNT_MADE);
    CHECK(!repeat(&s, 999999, &made[1].position, 0, 7), "nothing is there");
    for (size_t i = 0; i < COUNT_MADE; i++) {
        CHECK(!repeat(&s, made[i].item.id, &made[i].position, 0, 7), unit_row(i));
        tr_add(s.t, &made[i].item);
    }
    check_repeats(&s, made, COUNT_MADE, "in the tail");
    store_due(&s, stage_ms, true);
    check_repeats(&s, made, COUNT_MADE, "in chunks");
    check_repeats(&s, made, COUNT_MADE, "in chunks that were looked at");

    /* A late one is a repeat once it is there, wherever it is. */
    struct made late;
    make_plain(&late, 5000, 1, stage_ms + 123456);
    CHECK(!repeat(&s, 5000, &late.position, 0, 7), "late");
    tr_add(s.t, &late.item);
    CHECK(repeat(&s, 5001, &late.position, 0, 7), "late, in the tail");
    store_due(&s, stage_ms, true);
    CHECK(repeat(&s, 5001, &late.position, 0, 7), "late, in a chunk");
    scene_crash(&s);
    CHECK(repeat(&s, 5001, &late.position, 0, 7), "late, after a start");
    check_repeats(&s, made, COUNT_MADE, "after a start");
    drop(&late);
    for (size_t i = 0; i < COUNT_MADE; i++)
        drop(&made[i]);
    free(made);
    scene_close(&s);
}
