/*
 * position_json.h - positions as the API and the command line show them, in the open
 * vocabulary: speed in knots, ISO times, attributes by name.
 */
#pragma once

#include "core/json.h"
#include "core/record.h"
#include "store/track.h"

/* The members of a bare record, into an object that the caller has opened.  Without a
 * place of its own it has outdated true, fixTime null and the place 0/0. */
void json_record(struct json *j, const struct record *rec);

/* The whole position object.  Its fixTime is never null: where no place was ever known
 * it is the time at which the device spoke. */
void json_position(struct json *j, const char *name, const struct position *p);

/* The attributes alone, as an object. */
void json_attributes(struct json *j, const char *name, const struct record *rec);

/* As the API gives it: to seven places, so that whole knots come out whole. */
double knots_of_kmh(double kmh);
