/*
 * geo.c - distances and courses against known ones.
 */
#include "core/geo.h"

#include <math.h>

#include "unit.h"

static const struct {
    const char *name;
    double lat1, lon1, lat2, lon2;
    double distance_m, course_deg;
} ways[] = {
    {"nowhere", 52, 13, 52, 13, 0, 0},
    {"a degree north", 0, 0, 1, 0, 111195.08, 0},
    {"a degree east", 0, 0, 0, 1, 111195.08, 90},
    {"a degree south", 1, 0, 0, 0, 111195.08, 180},
    {"a degree west", 0, 1, 0, 0, 111195.08, 270},
    {"over the date line", 0, 179.5, 0, -179.5, 111195.08, 90},
    {"pole to pole", 90, 0, -90, 0, 20015114.44, 180},
    {"to the antipode", 0, 0, 0, 180, 20015114.44, 90},
    {"an eighth of the way round", 0, 0, 45, 90, 10007557.22, 45},
};

void test_geo(void)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        double m = geo_distance_m(ways[i].lat1, ways[i].lon1, ways[i].lat2, ways[i].lon2);
        double deg =
            geo_course_deg(ways[i].lat1, ways[i].lon1, ways[i].lat2, ways[i].lon2);
        CHECK(fabs(m - ways[i].distance_m) < 0.01 * 1 + m * 1e-7, ways[i].name);
        CHECK(fabs(deg - ways[i].course_deg) < 1e-9, ways[i].name);
    }
}
