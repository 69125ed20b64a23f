/*
 * demo.h - a demonstration fleet: `milepost simulate` as a child of the server.
 */
#pragma once

struct demo;

struct demo *demo_new(void);

/* Stops the child. */
void demo_free(struct demo *d);
