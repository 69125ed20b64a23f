/*
 * geo.c - great circles.
 */
#include "core/geo.h"

#include <math.h>

static const double earth_radius_m = 6371008.8;
static const double rad_per_deg = 0.017453292519943295;

double geo_distance_m(double lat1, double lon1, double lat2, double lon2)
{
    double sin_lat = sin((lat2 - lat1) * rad_per_deg / 2);
    double sin_lon = sin((lon2 - lon1) * rad_per_deg / 2);
    double h = sin_lat * sin_lat +
               cos(lat1 * rad_per_deg) * cos(lat2 * rad_per_deg) * sin_lon * sin_lon;
    return 2 * earth_radius_m * asin(sqrt(h < 1 ? h : 1));
}

double geo_course_deg(double lat1, double lon1, double lat2, double lon2)
{
    double turn = (lon2 - lon1) * rad_per_deg;
    double from = lat1 * rad_per_deg;
    double to = lat2 * rad_per_deg;
    double east = sin(turn) * cos(to);
    double north = cos(from) * sin(to) - sin(from) * cos(to) * cos(turn);
    double course = atan2(east, north) / rad_per_deg;
    return course < 0 ? course + 360 : course;
}
