/*
 * router.c - the table of tables.
 */
#include "api/router.h"

static const struct route *const tables[] = {
    routes_devices,   routes_events, routes_explain,  routes_export,
    routes_frames,    routes_groups, routes_overview, routes_permissions,
    routes_positions, routes_demo,   routes_server,   routes_session,
    routes_socket,    routes_tokens, routes_unknown,  routes_users,
};

/* Does one segment of a pattern, of this length, stand for the path's? */
static bool match_segment(struct request *rq, const char *pattern, size_t len,
                          const char *segment)
{
    struct span p = {(const uint8_t *)pattern, len};
    if (span_is(p, "{id}"))
        return parse_int(span_of(segment), &rq->id);
    if (span_is(p, "{name}")) {
        rq->name = segment;
        return *segment != 0;
    }
    return span_is(p, segment);
}

static bool match(struct request *rq, const char *pattern)
{
    unsigned at = 1; /* after "api" */
    while (*pattern == '/') {
        size_t len = strcspn(++pattern, "/");
        if (at >= rq->segment_count || !match_segment(rq, pattern, len, rq->segments[at]))
            return false;
        pattern += len;
        at++;
    }
    return at == rq->segment_count;
}

unsigned router_find(struct request *rq)
{
    bool known = false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct route *r = tables[i]; r->path; r++) {
            if (!match(rq, r->path))
                continue;
            known = true;
            if (r->method != rq->method)
                continue;
            rq->route = r;
            return 0;
        }
    }
    return known ? 405 : 404;
}
