/*
 * schema.h - the database's tables, as numbered steps: step n makes version n + 1 of
 * version n.  Steps that have been released are never changed, only followed.
 */
#pragma once

extern const char *const schema_steps[];
extern const int schema_count;

/* Stands in the header of our files: "MlPt". */
enum { SCHEMA_APPLICATION = 0x4d6c5074 };
