/*
 * unknown.h - who may see what unregistered devices send: who may register them; where
 * anybody may make an account, administrators only.
 */
#pragma once

#include "api/rights.h"

bool unknown_is_open(struct request *rq);

/* The same; false with the answer made. */
bool unknown_may_look(struct request *rq);
