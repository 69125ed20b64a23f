/*
 * geo.h - distances and directions on the globe, on a sphere of 6,371,008.8 m: within
 * 0.6 % of the ellipsoid, which is better than the fixes they are used on.
 */
#pragma once

/* Metres between two points in degrees. */
double geo_distance_m(double lat1, double lon1, double lat2, double lon2);

/* Initial course from the first to the second, degrees 0 to 360, 0 north. */
double geo_course_deg(double lat1, double lon1, double lat2, double lon2);
