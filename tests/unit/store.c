/*
 * store.c - what the store promises of accounts, links and sessions, at an address.
 */
#include "store/store.h"

#include "store_stage.h"

static struct err err;

/* ---- devices and groups ---- */

static bool count_device(void *arg, const struct st_device *d)
{
    CHECK(d->unique_id && d->attributes, "a device is whole");
    ++*(unsigned *)arg;
    return true;
}

static bool count_group(void *arg, const struct st_group *g)
{
    CHECK(g->attributes != NULL, "a group is whole");
    ++*(unsigned *)arg;
    return true;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_device(const struct st_device *a, const struct st_device *b)
{
    return a->id == b->id && same_text(a->name, b->name) &&
           same_text(a->unique_id, b->unique_id) && same_text(a->phone, b->phone) &&
           same_text(a->model, b->model) && same_text(a->contact, b->contact) &&
           same_text(a->category, b->category) && a->group_id == b->group_id &&
           a->calendar_id == b->calendar_id && a->disabled == b->disabled &&
           a->expiration_ms == b->expiration_ms && a->created_ms == b->created_ms &&
           a->adopting == b->adopting && same_text(a->attributes, b->attributes);
}

static void test_refused(struct store *st, const struct st_device *full,
                         struct st_device *bare)
{
    struct st_device back;
    struct st_device twin = {.unique_id = "2"};
    CHECK(!st_device_put(st, &twin, &err) && stage_said(&err, ERR_INPUT, "uniqueId"),
          "twin");
    CHECK(twin.id == 0, "an id is not given in vain");
    struct st_device moved = *bare;
    moved.unique_id = full->unique_id;
    CHECK(!st_device_put(st, &moved, &err) && stage_said(&err, ERR_INPUT, "uniqueId"),
          "moved");
    CHECK(st_device_put(st, bare, &err), "itself is no twin");
    struct st_device none = {.unique_id = ""};
    CHECK(!st_device_put(st, &none, &err) && stage_said(&err, ERR_INPUT, "uniqueId"),
          "none");
    struct st_device gone = {.id = 999, .unique_id = "999"};
    CHECK(!st_device_put(st, &gone, &err) && stage_said(&err, ERR_MISSING, "999"),
          "gone");
    CHECK(!st_device_get(st, 999, &back, &err) && stage_said(&err, ERR_MISSING, "device"),
          "get");
    CHECK(!st_device_find(st, "x", &back, &err) &&
              stage_said(&err, ERR_MISSING, "device"),
          "find");
}

static void test_devices(struct store *st)
{
    struct st_device full = {.name = "Truck 'A'; --",
                             .unique_id = "867584031234567",
                             .phone = "+4930",
                             .model = "GT06N",
                             .contact = "",
                             .category = "truck",
                             .calendar_id = 3,
                             .disabled = true,
                             .expiration_ms = TIME_NONE,
                             .created_ms = stage_ms,
                             .adopting = true,
                             .attributes = "{\"a\":1}"};
    struct st_device bare = {.unique_id = "2", .expiration_ms = 5}, back;
    CHECK(st_device_put(st, &full, &err) && full.id > 0, err.text);
    CHECK(st_device_put(st, &bare, &err) && bare.id > full.id, err.text);
    CHECK(st_device_get(st, full.id, &back, &err) && same_device(&back, &full), err.text);
    st_device_fini(&back);
    CHECK(st_device_find(st, "2", &back, &err) && !back.name && back.expiration_ms == 5 &&
              same_text(back.attributes, "{}"),
          err.text);
    st_device_fini(&back);

    full.name = "New";
    full.disabled = false;
    full.phone = NULL;
    CHECK(st_device_put(st, &full, &err), err.text);
    CHECK(st_device_get(st, full.id, &back, &err) && same_device(&back, &full), err.text);
    st_device_fini(&back);

    test_refused(st, &full, &bare);
    unsigned count = 0;
    CHECK(st_devices_each(st, count_device, &count, &err) && count == 2, err.text);
    int64_t last = bare.id;
    CHECK(st_device_delete(st, bare.id, &err), err.text);
    CHECK(!st_device_delete(st, last, &err) && stage_said(&err, ERR_MISSING, "device"),
          "twice");
    struct st_device next = {.unique_id = "3"};
    CHECK(st_device_put(st, &next, &err) && next.id > last, "ids are not given twice");
    CHECK(st_device_delete(st, next.id, &err) && st_device_delete(st, full.id, &err),
          err.text);
}

static void test_groups(struct store *st)
{
    struct st_group a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"}, back;
    CHECK(st_group_put(st, &a, &err), err.text);
    b.group_id = a.id;
    CHECK(st_group_put(st, &b, &err), err.text);
    c.group_id = b.id;
    CHECK(st_group_put(st, &c, &err), err.text);
    a.group_id = c.id;
    CHECK(!st_group_put(st, &a, &err) && stage_said(&err, ERR_INPUT, "groupId"),
          "a long cycle");
    a.group_id = a.id;
    CHECK(!st_group_put(st, &a, &err) && stage_said(&err, ERR_INPUT, "groupId"),
          "a short one");
    a.group_id = 12345;
    CHECK(!st_group_put(st, &a, &err) && stage_said(&err, ERR_INPUT, "12345"),
          "no such parent");
    c.group_id = a.id;
    CHECK(st_group_put(st, &c, &err), "a tree is none");
    struct st_group gone = {.id = 77};
    CHECK(!st_group_put(st, &gone, &err) && stage_said(&err, ERR_MISSING, "77"), "gone");

    struct st_device d = {.unique_id = "g", .group_id = b.id};
    CHECK(st_device_put(st, &d, &err), err.text);
    struct st_device lost = {.unique_id = "h", .group_id = 12345};
    CHECK(!st_device_put(st, &lost, &err) && stage_said(&err, ERR_INPUT, "12345"),
          "no such group");
    CHECK(st_group_delete(st, b.id, &err), err.text);
    struct st_device found;
    CHECK(st_device_get(st, d.id, &found, &err) && found.group_id == 0, "it stays");
    st_device_fini(&found);
    CHECK(st_group_delete(st, a.id, &err), err.text);
    CHECK(st_group_get(st, c.id, &back, &err) && back.group_id == 0 &&
              same_text(back.name, "c"),
          "children stay");
    st_group_fini(&back);
    CHECK(!st_group_get(st, a.id, &back, &err) && stage_said(&err, ERR_MISSING, "group"),
          "get");
    CHECK(!st_group_delete(st, a.id, &err) && stage_said(&err, ERR_MISSING, "group"),
          "twice");
    unsigned count = 0;
    CHECK(st_groups_each(st, count_group, &count, &err) && count == 1, err.text);
    CHECK(st_group_delete(st, c.id, &err) && st_device_delete(st, d.id, &err), err.text);
}

/* ---- users, links, sessions ---- */

static bool same_user(const struct st_user *a, const struct st_user *b)
{
    return a->id == b->id && same_text(a->name, b->name) &&
           same_text(a->login, b->login) && same_text(a->email, b->email) &&
           same_text(a->phone, b->phone) &&
           same_text(a->password_hash, b->password_hash) &&
           a->administrator == b->administrator && a->readonly == b->readonly &&
           a->device_readonly == b->device_readonly &&
           a->limit_commands == b->limit_commands &&
           a->disable_reports == b->disable_reports && a->fixed_email == b->fixed_email &&
           a->disabled == b->disabled && a->temporary == b->temporary &&
           a->expiration_ms == b->expiration_ms && a->device_limit == b->device_limit &&
           a->user_limit == b->user_limit && same_text(a->map, b->map) &&
           same_text(a->coordinate_format, b->coordinate_format) &&
           same_text(a->poi_layer, b->poi_layer) && same_text(a->totp_key, b->totp_key) &&
           a->latitude == b->latitude && a->longitude == b->longitude &&
           a->zoom == b->zoom && same_text(a->attributes, b->attributes);
}

static void test_flags(struct store *st, struct st_user *u)
{
    bool *const flags[] = {&u->administrator,  &u->readonly,        &u->device_readonly,
                           &u->limit_commands, &u->disable_reports, &u->fixed_email,
                           &u->disabled,       &u->temporary};
    for (size_t i = 0; i < COUNT(flags); i++) {
        struct st_user back;
        *flags[i] = true;
        CHECK(st_user_put(st, u, &err), err.text);
        CHECK(st_user_get(st, u->id, &back, &err) && same_user(&back, u), unit_row(i));
        st_user_fini(&back);
        *flags[i] = false;
    }
}

/* Who is taken, and what is typed at the door. */
static const struct {
    const char *email, *login, *field;
} takers[] = {
    {"ada@example.org", NULL, "email"},
    {" ADA@Example.ORG ", NULL, "email"},
    {NULL, "ada", "login"},
    {NULL, "\tAda", "login"},
    {"ada", NULL, "email"},
    {NULL, "ada@EXAMPLE.org", "login"},
};

static void test_users(struct store *st)
{
    struct st_user ada = {.name = "Ada",
                          .login = "ada",
                          .email = " Ada@Example.org ",
                          .phone = "1",
                          .password_hash = "$argon2id$x",
                          .expiration_ms = stage_ms,
                          .device_limit = -1,
                          .user_limit = 7,
                          .map = "m",
                          .coordinate_format = "dd",
                          .poi_layer = "p",
                          .totp_key = "t",
                          .latitude = 52.5,
                          .longitude = -13.25,
                          .zoom = 9,
                          .attributes = "{\"b\":[]}"};
    struct st_user bob = {.expiration_ms = TIME_NONE}, back;
    CHECK(st_user_count(st) == 0, "none yet");
    CHECK(st_user_put(st, &ada, &err) && st_user_put(st, &bob, &err), err.text);
    CHECK(st_user_count(st) == 2, "two");
    CHECK(st_user_get(st, ada.id, &back, &err) && same_user(&back, &ada), err.text);
    st_user_fini(&back);
    test_flags(st, &ada);
    for (size_t i = 0; i < COUNT(takers); i++) {
        const char *name = takers[i].email ? takers[i].email : takers[i].login;
        struct st_user taker = bob;
        taker.email = (char *)takers[i].email;
        taker.login = (char *)takers[i].login;
        CHECK(!st_user_put(st, &taker, &err) &&
                  stage_said(&err, ERR_INPUT, takers[i].field),
              name);
        CHECK(st_user_find(st, name, &back, &err) && back.id == ada.id, name);
        st_user_fini(&back);
    }
    bob.email = "  ";
    CHECK(st_user_put(st, &bob, &err), "blanks are nobody's");
    struct st_user carl = {.email = ""};
    CHECK(st_user_put(st, &carl, &err), "nor is nothing");
    CHECK(!st_user_find(st, "", &back, &err) && stage_said(&err, ERR_MISSING, "user"),
          "nobody");
    CHECK(!st_user_find(st, NULL, &back, &err) && stage_said(&err, ERR_MISSING, "user"),
          "none");
    struct st_user gone = {.id = 99};
    CHECK(!st_user_put(st, &gone, &err) && stage_said(&err, ERR_MISSING, "99"), "gone");
    CHECK(!st_user_delete(st, 99, &err) && stage_said(&err, ERR_MISSING, "99"), "gone");
    CHECK(st_user_delete(st, ada.id, &err) && st_user_delete(st, bob.id, &err) &&
              st_user_delete(st, carl.id, &err),
          err.text);
}

static bool list_link(void *arg, enum st_kind owner, int64_t owner_id,
                      enum st_kind member, int64_t member_id)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%d:%d-%d:%d ", owner, (int)owner_id, member,
             (int)member_id);
    return true;
}

static const char *links_of(struct store *st)
{
    static char text[200];
    *text = 0;
    CHECK(st_links_each(st, list_link, text, &err), err.text);
    return text;
}

static void test_links(struct store *st)
{
    struct st_user u = {.login = "u"}, v = {.login = "v"};
    struct st_group g = {.name = "g"};
    struct st_device d = {.unique_id = "d"};
    CHECK(st_user_put(st, &u, &err) && st_user_put(st, &v, &err) &&
              st_group_put(st, &g, &err) && st_device_put(st, &d, &err),
          err.text);
    CHECK(st_link(st, ST_USER, u.id, ST_DEVICE, d.id, true, &err), err.text);
    CHECK(st_link(st, ST_USER, u.id, ST_DEVICE, d.id, true, &err), "again");
    CHECK(st_link(st, ST_USER, u.id, ST_GROUP, g.id, true, &err), err.text);
    CHECK(st_link(st, ST_USER, u.id, ST_USER, v.id, true, &err), err.text);
    CHECK(st_link(st, ST_USER, v.id, ST_DEVICE, d.id, true, &err), err.text);
    CHECK(!st_link(st, ST_USER, u.id, ST_DEVICE, 99, true, &err) &&
              stage_said(&err, ERR_MISSING, "device 99"),
          "no device");
    CHECK(!st_link(st, ST_USER, 99, ST_DEVICE, d.id, true, &err) &&
              stage_said(&err, ERR_MISSING, "user 99"),
          "no user");
    CHECK(!st_link(st, ST_GROUP, g.id, ST_DEVICE, d.id, true, &err) &&
              stage_said(&err, ERR_INPUT, "link"),
          "no owner");
    char want[200];
    snprintf(want, sizeof want, "0:%d-0:%d 0:%d-1:%d 0:%d-2:%d 0:%d-2:%d ", (int)u.id,
             (int)v.id, (int)u.id, (int)g.id, (int)u.id, (int)d.id, (int)v.id, (int)d.id);
    CHECK(!strcmp(links_of(st), want), want);
    CHECK(st_link(st, ST_USER, u.id, ST_GROUP, g.id, false, &err), err.text);
    CHECK(st_group_delete(st, g.id, &err), err.text);
    CHECK(st_user_delete(st, v.id, &err), err.text);
    snprintf(want, sizeof want, "0:%d-2:%d ", (int)u.id, (int)d.id);
    CHECK(!strcmp(links_of(st), want), "as member and as owner");
    CHECK(st_device_delete(st, d.id, &err), err.text);
    CHECK(!strcmp(links_of(st), ""), "none is left");
    CHECK(st_user_delete(st, u.id, &err), err.text);
}

static struct st_session session_of(uint8_t number, int64_t user_id, int64_t expires_ms)
{
    struct st_session s = {.user_id = user_id,
                           .created_ms = stage_ms,
                           .used_ms = stage_ms,
                           .expires_ms = expires_ms};
    memset(s.hash, number, sizeof s.hash);
    snprintf(s.origin, sizeof s.origin, "origin %d", number);
    return s;
}

static bool has_session(struct store *st, uint8_t number)
{
    struct st_session wanted = session_of(number, 0, 0), s;
    bool found = st_session_get(st, wanted.hash, &s, &err);
    CHECK(found || stage_said(&err, ERR_MISSING, "session"), "there or missing");
    return found;
}

static void test_sessions(struct store *st)
{
    struct st_user u = {.login = "s"};
    CHECK(st_user_put(st, &u, &err), err.text);
    struct st_session a = session_of(1, u.id, stage_ms + 1000), back;
    struct st_session b = session_of(2, u.id, TIME_NONE);
    struct st_session c = session_of(3, u.id, stage_ms + 5000);
    b.token = true;
    memcpy(c.parent, b.hash, sizeof c.parent);
    CHECK(st_session_put(st, &a, &err) && st_session_put(st, &b, &err) &&
              st_session_put(st, &c, &err),
          err.text);
    CHECK(st_session_get(st, c.hash, &back, &err) && back.user_id == u.id &&
              back.expires_ms == c.expires_ms && back.created_ms == stage_ms &&
              !back.token && same_text(back.origin, "origin 3") &&
              !memcmp(back.parent, b.hash, sizeof b.hash),
          err.text);
    CHECK(st_session_get(st, b.hash, &back, &err) && back.token &&
              back.expires_ms == TIME_NONE,
          err.text);
    a.used_ms = stage_ms + 900;
    CHECK(st_session_put(st, &a, &err), "used");
    CHECK(st_session_get(st, a.hash, &back, &err) && back.used_ms == a.used_ms, "used");

    struct st_session late = session_of(4, u.id, stage_ms + 9000);
    late.created_ms = stage_ms + 2000;
    CHECK(st_session_put(st, &late, &err), err.text);
    CHECK(!has_session(st, 1) && has_session(st, 2) && has_session(st, 3), "purged");
    CHECK(st_session_delete(st, b.hash, &err), err.text);
    CHECK(!has_session(st, 2) && !has_session(st, 3) && has_session(st, 4), "with it");
    CHECK(!st_session_touch(st, &c, &err) || !has_session(st, 3), "not brought back");

    CHECK(st_session_put(st, &c, &err) && st_session_put(st, &b, &err), err.text);
    CHECK(st_sessions_revoke(st, u.id, c.hash, &err), err.text);
    CHECK(has_session(st, 3) && !has_session(st, 2) && !has_session(st, 4), "but one");
    CHECK(st_session_put(st, &b, &err), err.text);
    CHECK(st_sessions_revoke(st, u.id, NULL, &err) && !has_session(st, 2), "all");
    CHECK(st_session_put(st, &b, &err) && st_user_delete(st, u.id, &err), err.text);
    CHECK(!has_session(st, 2), "with the user");
    CHECK(!st_session_put(st, &a, &err) && stage_said(&err, ERR_MISSING, "user"),
          "without a user");
}

/* ---- the address ---- */

static void test_meta(struct store *st)
{
    char *value = st_meta_get(st, "name");
    CHECK(!value, "none");
    CHECK(st_meta_set(st, "name", "one", &err) && st_meta_set(st, "name", "two", &err),
          err.text);
    value = st_meta_get(st, "name");
    CHECK(same_text(value, "two"), "the last");
    free(value);
    uint64_t before = st_bytes(st);
    CHECK(before > 0 && st_sync(st, &err) && st_bytes(st) > 0, err.text);
}

static bool nest(void *arg, const struct st_device *d)
{
    struct st_device back;
    struct store *st = arg;
    CHECK(st_device_get(st, d->id, &back, &err), err.text);
    back.phone = mem_text("nested");
    CHECK(st_device_put(st, &back, &err), err.text);
    st_device_fini(&back);
    return true;
}

/* A visitor may ask and change the store. */
static void test_nesting(struct store *st)
{
    struct st_device a = {.unique_id = "n1"}, b = {.unique_id = "n2"}, back;
    CHECK(st_device_put(st, &a, &err) && st_device_put(st, &b, &err), err.text);
    CHECK(st_devices_each(st, nest, st, &err), err.text);
    CHECK(st_device_get(st, b.id, &back, &err) && same_text(back.phone, "nested"), "");
    st_device_fini(&back);
    CHECK(st_device_delete(st, a.id, &err) && st_device_delete(st, b.id, &err), err.text);
}

/* What was written is there when the address is opened again. */
static void test_reopen(const char *address)
{
    struct store *st = st_open(address, &err);
    CHECK(st != NULL, err.text);
    char *value = st_meta_get(st, "name");
    CHECK(same_text(value, "two"), "meta");
    free(value);
    st_close(st);
}

static void test_address(const char *address)
{
    struct store *st = st_open(address, &err);
    CHECK(st != NULL, err.text);
    if (!st)
        return;
    test_devices(st);
    test_groups(st);
    test_users(st);
    test_links(st);
    test_sessions(st);
    test_meta(st);
    test_nesting(st);
    st_close(st);
    test_reopen(address);
}

/* ---- SQLite's own ---- */

static void test_refusals(void)
{
    struct stage s;
    stage_open(&s);
    st_close(st_open(s.path, &s.err));
    stage_sql(s.path, "PRAGMA user_version = 999");
    CHECK(!st_open(s.path, &err) && stage_said(&err, ERR_INPUT, "999"), "a newer schema");
    stage_close(&s);
    stage_open(&s);
    stage_sql(s.path, "CREATE TABLE strange (x)");
    CHECK(!st_open(s.path, &err) && stage_said(&err, ERR_INPUT, "another program"),
          "not ours");
    stage_close(&s);
    stage_open(&s);
    FILE *file = fopen(s.path, "w");
    for (unsigned i = 0; i < 5000; i++)
        fputs("nonsense ", file);
    fclose(file);
    CHECK(!st_open(s.path, &err) && stage_said(&err, ERR_IO, "not a database"),
          "no database");
    stage_close(&s);
    CHECK(!st_open("/nowhere/at/all.db", &err) && stage_said(&err, ERR_IO, "/nowhere"),
          "no folder");
}

void test_store(void)
{
    struct stage s;
    stage_open(&s);
    test_address(s.path);
    stage_close(&s);
    test_refusals();
}
