/*
 * access.c - who sees what: links, groups in groups, managed users.
 */
#include "api/access.h"

#include "api/idmap.h"
#include "store_stage.h"

/* Groups: 1 holds 2 holds 3.  Devices: 1 in none, 2 in group 2, 3 in group 3. */
static void furnish(struct store *st, struct err *err)
{
    for (int64_t i = 1; i <= 3; i++) {
        struct st_group g = {.name = "g", .group_id = i - 1, .attributes = "{}"};
        CHECK(st_group_put(st, &g, err) && g.id == i, "a group");
    }
    for (int64_t i = 1; i <= 3; i++) {
        char unique_id[8];
        snprintf(unique_id, sizeof unique_id, "d%d", (int)i);
        struct st_device d = {.name = "d",
                              .unique_id = unique_id,
                              .attributes = "{}",
                              .group_id = i == 1 ? 0 : i,
                              .expiration_ms = TIME_NONE};
        CHECK(st_device_put(st, &d, err) && d.id == i, "a device");
    }
    for (int64_t i = 1; i <= 4; i++) {
        char email[16];
        snprintf(email, sizeof email, "%d@x", (int)i);
        struct st_user u = {
            .name = "u", .email = email, .attributes = "{}", .expiration_ms = TIME_NONE};
        CHECK(st_user_put(st, &u, err) && u.id == i, "a user");
    }
}

/* A link, and what user 1 then sees: a bit for each device, and for each group. */
static const struct {
    const char *what;
    enum st_kind member;
    int64_t id;
    bool linked;
    unsigned devices, groups;
} steps[] = {
    {"a device", ST_DEVICE, 1, true, 1, 0},
    {"a group in a group", ST_GROUP, 2, true, 1 | 2 | 4, 2 | 4},
    {"the same again", ST_GROUP, 2, true, 1 | 2 | 4, 2 | 4},
    {"a device that the group has", ST_DEVICE, 3, true, 1 | 2 | 4, 2 | 4},
    {"without the group", ST_GROUP, 2, false, 1 | 4, 0},
    {"the group at the bottom", ST_GROUP, 3, true, 1 | 4, 4},
    {"the group at the top", ST_GROUP, 1, true, 1 | 2 | 4, 1 | 2 | 4},
    {"without a device", ST_DEVICE, 1, false, 2 | 4, 1 | 2 | 4},
    {"without the top", ST_GROUP, 1, false, 4, 4},
    {"without the bottom", ST_GROUP, 3, false, 4, 0},
    {"with nothing", ST_DEVICE, 3, false, 0, 0},
};

static unsigned bits(int64_t *ids, size_t count)
{
    unsigned all = 0;
    for (size_t i = 0; i < count; i++)
        all |= 1u << (ids[i] - 1);
    free(ids);
    return all;
}

static void check_sight(struct access *a, const char *what, unsigned devices,
                        unsigned groups)
{
    int64_t *ids;
    size_t count = acc_devices(a, 1, true, &ids);
    CHECK(bits(ids, count) == devices, what);
    count = acc_groups(a, 1, true, &ids);
    CHECK(bits(ids, count) == groups, what);
    for (int64_t id = 0; id <= 4; id++) {
        CHECK(acc_owns_device(a, 1, id) == (id && devices >> (id - 1) & 1), what);
        CHECK(acc_owns_group(a, 1, id) == (id && groups >> (id - 1) & 1), what);
        CHECK(!acc_owns_device(a, 2, id) && !acc_owns_device(a, 99, id), what);
    }
}

/* Told as it changes, and read anew: the same. */
static void test_links(struct store *st, struct access *told, struct err *err)
{
    for (size_t i = 0; i < COUNT(steps); i++) {
        uint64_t version = acc_version(told);
        CHECK(st_link(st, ST_USER, 1, steps[i].member, steps[i].id, steps[i].linked, err),
              steps[i].what);
        acc_link(told, 1, steps[i].member, steps[i].id, steps[i].linked);
        CHECK(acc_version(told) != version, steps[i].what);
        check_sight(told, steps[i].what, steps[i].devices, steps[i].groups);
        struct access *fresh = acc_new(st);
        check_sight(fresh, steps[i].what, steps[i].devices, steps[i].groups);
        acc_free(fresh);
    }
}

static void test_managed(struct access *a)
{
    int64_t *ids;
    acc_link(a, 3, ST_USER, 4, true);
    acc_link(a, 4, ST_DEVICE, 2, true);
    acc_link(a, 4, ST_GROUP, 3, true);
    CHECK(acc_reaches_device(a, 3, 2) && acc_reaches_device(a, 3, 3),
          "a manager reaches");
    CHECK(acc_reaches_group(a, 3, 3) && !acc_reaches_group(a, 3, 2), "and groups");
    CHECK(!acc_owns_device(a, 3, 2) && !acc_reaches_device(a, 3, 1), "and owns nothing");
    CHECK(!acc_reaches_device(a, 2, 2), "another does not");
    CHECK(acc_linked(a, 3, ST_USER, 4) && !acc_linked(a, 4, ST_USER, 3), "one way");
    size_t count = acc_managed(a, 3, &ids);
    CHECK(bits(ids, count) == 8, "managed");
    count = acc_users_of_device(a, 2, &ids);
    CHECK(bits(ids, count) == 8, "users of a device");
    count = acc_group_devices(a, 2, &ids);
    CHECK(bits(ids, count) == (2 | 4), "devices of a group");
    count = acc_devices(a, 4, false, &ids);
    CHECK(bits(ids, count) == 2, "groups not expanded");
}

static void test_moves(struct access *a)
{
    acc_device(a, 3, 0);
    CHECK(!acc_owns_device(a, 4, 3), "out of the group");
    acc_device(a, 3, 3);
    CHECK(acc_owns_device(a, 4, 3), "and back");
    acc_device_gone(a, 2);
    CHECK(!acc_owns_device(a, 4, 2), "a deleted device");
    acc_device(a, 2, 0);
    CHECK(!acc_owns_device(a, 4, 2), "its id again: the link is gone");
}

static void test_idmap_as_array(void)
{
    enum { IDS = 300 };
    struct idmap m = {0};
    struct chance chance = {3};
    int64_t values[IDS] = {0};
    size_t count = 0;
    for (unsigned i = 0; i < 20000; i++) {
        int64_t id = (int64_t)chance_below(&chance, IDS);
        bool put = chance_below(&chance, 2);
        if (put && id) {
            count += !values[id];
            values[id] = i + 1;
            idmap_put(&m, id, i + 1);
        } else {
            count -= id && values[id];
            values[id] = 0;
            idmap_remove(&m, id);
        }
        int64_t ask = (int64_t)chance_below(&chance, IDS);
        int64_t *found = idmap_find(&m, ask);
        CHECK(found ? *found == values[ask] : !values[ask], unit_row(i));
        CHECK(m.count == count, unit_row(i));
    }
    idmap_fini(&m);
}

void test_access(void)
{
    struct stage s;
    stage_open(&s);
    struct store *st = st_open(s.path, &s.err);
    CHECK(st != NULL, s.err.text);
    furnish(st, &s.err);
    struct access *a = acc_new(st);
    test_links(st, a, &s.err);
    test_managed(a);
    test_moves(a);
    test_idmap_as_array();
    acc_free(a);
    st_close(st);
    stage_close(&s);
}
