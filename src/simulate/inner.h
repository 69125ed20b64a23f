/*
 * inner.h - what the files of the world share.
 */
#pragma once

#include "simulate/world.h"

struct edge {
    uint16_t from, to;
    uint8_t limit_kmh;
    double length_m;
};

/* Edges in both directions, by `from`; first[n] to first[n + 1] leave node n. */
struct world {
    struct edge *edges;
    size_t edge_count;
    size_t *first;
};

struct point {
    double latitude_deg, longitude_deg;
};

/* The points between two nodes of an edge, ends not among them: the same ones for both
 * directions.  Returns how many. */
enum { SHAPE_MAX = 30 };
size_t edge_shape(size_t from, size_t to, struct point out[SHAPE_MAX]);

/* Metres east and north of an origin, for places near it. */
struct metres {
    double east, north;
};
struct metres metres_from(struct point origin, struct point p);
struct point point_at(struct point origin, struct metres m);
