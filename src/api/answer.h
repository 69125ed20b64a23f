/*
 * answer.h - from a request's answer to what goes over the wire.
 */
#pragma once

#include "api/request.h"

/* Queues it; false: the connection is to be cut. */
bool answer_send(struct request *rq);
