/*
 * router.h - from method and path to handler.
 */
#pragma once

#include "api/request.h"

/* Sets rq->route, id and name.  0 when found; otherwise 404, or 405 where the path is
 * known for other methods. */
unsigned router_find(struct request *rq);

/* Each file of a resource has its list. */
extern const struct route routes_devices[];
extern const struct route routes_events[];
extern const struct route routes_explain[];
extern const struct route routes_export[];
extern const struct route routes_frames[];
extern const struct route routes_groups[];
extern const struct route routes_overview[];
extern const struct route routes_permissions[];
extern const struct route routes_positions[];
extern const struct route routes_demo[];
extern const struct route routes_server[];
extern const struct route routes_session[];
extern const struct route routes_socket[];
extern const struct route routes_tokens[];
extern const struct route routes_unknown[];
extern const struct route routes_users[];
