/*
 * protocols.c - what every protocol of the registry must have.
 */
#include "core/protocol.h"

#include "gateway/session.h"
#include "unit.h"

static bool is_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return len > 0 && len <= 32 && !name[len];
}

void test_protocols(void)
{
    for (size_t i = 0; i < protocol_count; i++) {
        const struct protocol *p = protocols[i];
        CHECK(is_name(p->name), p->name);
        CHECK(p->title && *p->title, p->name);
        CHECK(p->detect && p->frame && p->decode, p->name);
        CHECK(p->frame_max > 0 && p->frame_max <= 1 << 20, p->name);
        CHECK(p->state_size <= STATE_MAX, p->name);
        CHECK(protocol_find(p->name) == p, p->name);
    }
    CHECK(!protocol_find("") && !protocol_find("no such protocol"), "no such protocol");
}
