/*
 * world.h - the roads that the trackers drive on.
 *
 * A small network of our own: places of Indian cities and highways, put down by hand
 * from what everybody knows of their geography, and the roads between them.  It is
 * plausible, not a map.  Long roads bend as roads do; corners are arcs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum area {
    AREA_DELHI,
    AREA_GURUGRAM,
    AREA_NOIDA,
    AREA_JAIPUR,
    AREA_AGRA,
    AREA_MUMBAI,
    AREA_PUNE,
    AREA_BENGALURU,
    AREA_COUNT
};

enum node_kind {
    NODE_BEND,  /* the road changes direction */
    NODE_LIGHT, /* a junction with a traffic light */
    NODE_STOP,  /* a place to stop at: depot, market, customer */
};

struct node {
    double latitude_deg, longitude_deg;
    uint8_t kind; /* enum node_kind */
    uint8_t area; /* enum area */
};

enum { ROAD_NODES_MAX = 40 };

/* Ends with the count, not with a mark. */
struct road {
    uint8_t limit_kmh;
    uint8_t count;
    uint16_t nodes[ROAD_NODES_MAX];
};

extern const struct node world_nodes[];
extern const struct road world_roads[];
extern const size_t world_node_count, world_road_count;

/* How to get from everywhere to everywhere.  Constant once made; any number of
 * vehicles share it. */
struct world;
struct world *world_new(void);
void world_free(struct world *w);

/* A place to stop at in one of the areas (a set of bits 1 << area), chosen by a
 * number; `from` when it is the only one. */
size_t world_stop(const struct world *w, unsigned areas, uint64_t choice, size_t from);

/* Metres from a point to the middle of the nearest road. */
double world_distance_m(const struct world *w, double latitude_deg, double longitude_deg);

/* Height above the sea, and the network operator, thereabouts. */
double world_altitude_m(double latitude_deg, double longitude_deg);

/* ---- a way ---- */

struct way_point {
    double latitude_deg, longitude_deg;
    double at_m;    /* from the start of the way */
    float limit_ms; /* m/s, up to the next point */
    int16_t light;  /* node of the traffic light that stands here, or -1 */
};

/* From one place to another.  Zero is a valid empty one. */
struct way {
    struct way_point *points;
    size_t count, size;
};

/* The quickest way; false where there is none.  What the way held before is gone. */
bool way_find(const struct world *w, size_t from, size_t to, struct way *way);
void way_fini(struct way *way);

/* Is the light red for those who come from this direction? */
bool world_light_red(size_t node, double course_deg, int64_t second);
