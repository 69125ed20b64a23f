/*
 * world.c - the network as a graph, and what stands beside the roads.
 */
#include "simulate/inner.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/geo.h"
#include "core/mem.h"

static const double metres_per_deg = 111195.08;
static const double pi = 3.14159265358979;

static double cos_deg(double deg)
{
    return cos(deg * pi / 180);
}

struct metres metres_from(struct point origin, struct point p)
{
    return (struct metres){
        (p.longitude_deg - origin.longitude_deg) * metres_per_deg *
            cos_deg(origin.latitude_deg),
        (p.latitude_deg - origin.latitude_deg) * metres_per_deg,
    };
}

struct point point_at(struct point origin, struct metres m)
{
    return (struct point){
        origin.latitude_deg + m.north / metres_per_deg,
        origin.longitude_deg + m.east / metres_per_deg / cos_deg(origin.latitude_deg),
    };
}

static struct point node_point(size_t node)
{
    return (struct point){world_nodes[node].latitude_deg,
                          world_nodes[node].longitude_deg};
}

/* ---- the graph ---- */

static int by_from(const void *a, const void *b)
{
    const struct edge *x = a;
    const struct edge *y = b;
    return x->from != y->from ? x->from - y->from : x->to - y->to;
}

static void add_edge(struct world *w, uint16_t from, uint16_t to, uint8_t limit_kmh)
{
    struct point a = node_point(from);
    struct point b = node_point(to);
    w->edges[w->edge_count++] = (struct edge){
        from, to, limit_kmh,
        geo_distance_m(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)};
}

struct world *world_new(void)
{
    struct world *w = mem_zero(sizeof *w);
    w->edges = mem_zero(world_road_count * ROAD_NODES_MAX * 2 * sizeof *w->edges);
    w->first = mem_zero((world_node_count + 1) * sizeof *w->first);
    for (size_t i = 0; i < world_road_count; i++) {
        const struct road *r = &world_roads[i];
        for (size_t k = 1; k < r->count; k++) {
            assert(r->nodes[k] < world_node_count);
            add_edge(w, r->nodes[k - 1], r->nodes[k], r->limit_kmh);
            add_edge(w, r->nodes[k], r->nodes[k - 1], r->limit_kmh);
        }
    }
    qsort(w->edges, w->edge_count, sizeof *w->edges, by_from);
    for (size_t i = 0, n = 0; n <= world_node_count; n++) {
        while (i < w->edge_count && w->edges[i].from < n)
            i++;
        w->first[n] = i;
    }
    return w;
}

void world_free(struct world *w)
{
    if (!w)
        return;
    free(w->edges);
    free(w->first);
    free(w);
}

size_t world_stop(const struct world *w, unsigned areas, uint64_t choice, size_t from)
{
    size_t count = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        size_t left = pass && count ? choice % count : 0;
        for (size_t i = 0; i < world_node_count; i++) {
            const struct node *n = &world_nodes[i];
            if (n->kind != NODE_STOP || !(areas >> n->area & 1) || i == from ||
                w->first[i] == w->first[i + 1])
                continue;
            if (!pass)
                count++;
            else if (!left--)
                return i;
        }
    }
    return from;
}

/* ---- shapes ---- */

size_t edge_shape(size_t from, size_t to, struct point out[SHAPE_MAX])
{
    size_t low = from < to ? from : to;
    size_t high = from < to ? to : from;
    struct point a = node_point(low);
    struct metres whole = metres_from(a, node_point(high));
    double length = hypot(whole.east, whole.north);
    size_t count = length < 3000 ? 0 : (size_t)fmin(length / 1500, SHAPE_MAX);
    double swing = fmin(0.012 * length, 180);
    double waves = 1 + length / 12000;
    double phase = (double)(low * 7 + high * 13);
    for (size_t i = 0; i < count; i++) {
        double f = (double)(i + 1) / (double)(count + 1);
        double aside = swing * sin(pi * f) * sin(2 * pi * waves * f + phase) / length;
        struct metres m = {whole.east * f - whole.north * aside,
                           whole.north * f + whole.east * aside};
        out[from < to ? i : count - 1 - i] = point_at(a, m);
    }
    return count;
}

static double distance_to_leg_m(struct point p, struct point a, struct point b)
{
    struct metres to_a = metres_from(p, a);
    struct metres to_b = metres_from(p, b);
    double east = to_b.east - to_a.east;
    double north = to_b.north - to_a.north;
    double square = east * east + north * north;
    double f = square > 0 ? -(to_a.east * east + to_a.north * north) / square : 0;
    f = fmin(fmax(f, 0), 1);
    return hypot(to_a.east + f * east, to_a.north + f * north);
}

double world_distance_m(const struct world *w, double latitude_deg, double longitude_deg)
{
    struct point p = {latitude_deg, longitude_deg};
    double nearest = INFINITY;
    for (size_t i = 0; i < w->edge_count; i++) {
        const struct edge *e = &w->edges[i];
        if (e->from > e->to)
            continue;
        struct point shape[SHAPE_MAX];
        size_t count = edge_shape(e->from, e->to, shape);
        struct point last = node_point(e->from);
        for (size_t k = 0; k <= count; k++) {
            struct point next = k < count ? shape[k] : node_point(e->to);
            nearest = fmin(nearest, distance_to_leg_m(p, last, next));
            last = next;
        }
    }
    return nearest;
}

/* ---- beside the road ---- */

double world_altitude_m(double latitude_deg, double longitude_deg)
{
    /* The plains fall from Delhi to Agra; the Deccan lies high, the coast low. */
    double base = latitude_deg > 24                           ? 216
                  : latitude_deg > 16 && longitude_deg < 73.3 ? 12
                  : latitude_deg > 16                         ? 570
                                                              : 905;
    return base + 6 * sin(latitude_deg * 140) + 4 * cos(longitude_deg * 170);
}

/* Junctions have two phases of the same length, one for those who come from north or
 * south; neighbours are out of step. */
bool world_light_red(size_t node, double course_deg, int64_t second)
{
    int64_t half = 35 + (int64_t)(node % 4) * 5;
    bool across = fabs(sin(course_deg * pi / 180)) > 0.7071;
    int64_t phase = (second + (int64_t)node * 29) % (2 * half);
    return (phase < half) == across;
}
