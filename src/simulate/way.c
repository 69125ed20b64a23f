/*
 * way.c - a way through the network: which roads, and the line that a vehicle follows.
 *
 * At every corner the line leaves the legs and follows an arc between them; how wide
 * the arc is decides how fast it can be driven.
 */
#include "simulate/inner.h"

#include <math.h>
#include <stdlib.h>

#include "core/geo.h"
#include "core/mem.h"

static const double pi = 3.14159265358979;

/* An arc leaves its corner by no more than this. */
static const double cut_corner_m = 12;

/* At a traffic light it is short, so that the stop line is near the junction. */
static const double reach_light_m = 30;

/* Sideways, in comfort. */
static const double side_ms2 = 2.2;

static const double turn_round_ms = 2.5;

static void add_point(struct way *way, struct way_point p)
{
    if (way->count == way->size) {
        way->size = way->size ? way->size * 2 : 64;
        way->points = mem_grow(way->points, way->size * sizeof *way->points);
    }
    p.at_m = 0;
    if (way->count) {
        const struct way_point *last = &way->points[way->count - 1];
        p.at_m = last->at_m + geo_distance_m(last->latitude_deg, last->longitude_deg,
                                             p.latitude_deg, p.longitude_deg);
    }
    way->points[way->count++] = p;
}

void way_fini(struct way *way)
{
    free(way->points);
    *way = (struct way){0};
}

/* ---- which roads ---- */

static const struct edge *edge_between(const struct world *w, size_t from, size_t to)
{
    const struct edge *best = NULL;
    for (size_t i = w->first[from]; i < w->first[from + 1]; i++)
        if (w->edges[i].to == to && (!best || w->edges[i].limit_kmh > best->limit_kmh))
            best = &w->edges[i];
    return best;
}

/* The node before each on the quickest way from `from`; SIZE_MAX where there is none.
 * The network is small: the nearest open node is looked for, not kept in a heap. */
static void spread(const struct world *w, size_t from, size_t to, size_t *before)
{
    double *hours = mem_zero(world_node_count * sizeof *hours);
    bool *closed = mem_zero(world_node_count * sizeof *closed);
    for (size_t i = 0; i < world_node_count; i++) {
        hours[i] = i == from ? 0 : INFINITY;
        before[i] = SIZE_MAX;
    }
    for (;;) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < world_node_count; i++)
            if (!closed[i] && isfinite(hours[i]) &&
                (next == SIZE_MAX || hours[i] < hours[next]))
                next = i;
        if (next == SIZE_MAX || next == to)
            break;
        closed[next] = true;
        for (size_t i = w->first[next]; i < w->first[next + 1]; i++) {
            const struct edge *e = &w->edges[i];
            double there = hours[next] + e->length_m / 1000 / e->limit_kmh;
            if (there < hours[e->to]) {
                hours[e->to] = there;
                before[e->to] = next;
            }
        }
    }
    free(hours);
    free(closed);
}

/* ---- the line ---- */

struct corner {
    struct point at;
    float limit_ms; /* of the leg that follows */
    int16_t light;
};

struct corners {
    struct corner *list;
    size_t count;
};

static struct point node_point(size_t node)
{
    return (struct point){world_nodes[node].latitude_deg,
                          world_nodes[node].longitude_deg};
}

static void add_leg(struct corners *c, const struct edge *e)
{
    struct point shape[SHAPE_MAX];
    size_t count = edge_shape(e->from, e->to, shape);
    float limit_ms = (float)(e->limit_kmh / 3.6);
    c->list = mem_grow(c->list, (c->count + count + 1) * sizeof *c->list);
    c->list[c->count - 1].limit_ms = limit_ms;
    for (size_t i = 0; i < count; i++)
        c->list[c->count++] = (struct corner){shape[i], limit_ms, -1};
    bool light = world_nodes[e->to].kind == NODE_LIGHT;
    c->list[c->count++] = (struct corner){node_point(e->to), limit_ms,
                                          light ? (int16_t)e->to : (int16_t)-1};
}

static void add_corner(struct way *way, const struct corner *c, float limit_ms)
{
    add_point(way, (struct way_point){.latitude_deg = c->at.latitude_deg,
                                      .longitude_deg = c->at.longitude_deg,
                                      .limit_ms = limit_ms,
                                      .light = c->light});
}

/* From leg to leg round a corner.  `in` and `out` point along the legs and have length
 * one; the arc touches both at `reach` from the corner. */
static void add_arc(struct way *way, const struct corner *c, float limit_in_ms,
                    struct metres in, struct metres out, double reach_m)
{
    double cross = in.east * out.north - in.north * out.east;
    double turn = atan2(cross, in.east * out.east + in.north * out.north);
    double radius = reach_m / tan(fabs(turn) / 2);
    double left = turn > 0 ? 1 : -1;
    unsigned steps = 3 + (unsigned)(fabs(turn) * 180 / pi / 6);
    float slow_ms = (float)sqrt(side_ms2 * radius);
    slow_ms = fminf(slow_ms, fminf(limit_in_ms, c->limit_ms));
    for (unsigned i = 0; i <= steps; i++) {
        double angle = fabs(turn) * i / steps;
        double ahead = radius * sin(angle) - reach_m;
        double aside = radius * (1 - cos(angle)) * left;
        struct point p =
            point_at(c->at, (struct metres){in.east * ahead - in.north * aside,
                                            in.north * ahead + in.east * aside});
        add_point(way, (struct way_point){
                           .latitude_deg = p.latitude_deg,
                           .longitude_deg = p.longitude_deg,
                           .limit_ms = i < steps ? slow_ms : c->limit_ms,
                           .light = i ? (int16_t)-1 : c->light,
                       });
    }
}

static void round_corner(struct way *way, const struct corner *c)
{
    struct metres to = metres_from(c[0].at, c[1].at);
    struct metres back = metres_from(c[0].at, c[-1].at);
    double after_m = hypot(to.east, to.north);
    double before_m = hypot(back.east, back.north);
    struct metres in = {-back.east / before_m, -back.north / before_m};
    struct metres out = {to.east / after_m, to.north / after_m};
    double turn = acos(fmax(-1, fmin(1, in.east * out.east + in.north * out.north)));
    double reach_m = fmin(cut_corner_m / tan(turn / 4), 0.4 * fmin(before_m, after_m));
    if (c->light >= 0)
        reach_m = fmin(reach_m, reach_light_m);
    if (turn > pi * 0.9)
        add_corner(way, c, (float)turn_round_ms);
    else if (turn < 0.01)
        add_corner(way, c, c->limit_ms);
    else
        add_arc(way, c, c[-1].limit_ms, in, out, reach_m);
}

bool way_find(const struct world *w, size_t from, size_t to, struct way *way)
{
    way->count = 0;
    size_t *before = mem_zero(world_node_count * sizeof *before);
    size_t *after = mem_zero(world_node_count * sizeof *after);
    spread(w, from, to, before);
    for (size_t i = to; i != from && before[i] != SIZE_MAX; i = before[i])
        after[before[i]] = i;
    bool found = from != to && before[to] != SIZE_MAX;
    if (found) {
        struct corners c = {mem_zero(sizeof *c.list), 1};
        c.list[0] = (struct corner){node_point(from), 0, -1};
        for (size_t i = from; i != to; i = after[i])
            add_leg(&c, edge_between(w, i, after[i]));
        add_corner(way, &c.list[0], c.list[0].limit_ms);
        for (size_t i = 1; i + 1 < c.count; i++)
            round_corner(way, &c.list[i]);
        add_corner(way, &c.list[c.count - 1], 0);
        way->points[way->count - 1].light = -1;
        free(c.list);
    }
    free(before);
    free(after);
    return found;
}
