/*
 * store.h - what is kept besides the journal: accounts, devices, their state, events,
 * and chunks of positions.  SQLite, one file.
 *
 * Durability is the journal's: the store is written in transactions that carry the
 * seq that they cover (st_apply), in WAL mode without a sync a commit, and is synced
 * by st_sync() before the journal lets segments go.  Accounts and devices are not in
 * the journal: their changes are synced at once.
 *
 * Any thread may call anything.  Writers take turns; readers never wait for them.
 * Texts handed out live until the visitor returns, or in a struct that its _fini
 * frees.  Ids are assigned by the store, above 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/civil.h"
#include "core/err.h"

struct store;

/* Opens or makes the database and brings its schema up to date. */
struct store *st_open(const char *path, struct err *err);
void st_close(struct store *st);

/* Everything committed is on disk when this returns true. */
bool st_sync(struct store *st, struct err *err);
uint64_t st_bytes(const struct store *st);

/* ---- small facts by name ---- */

/* The caller frees; NULL when there is none. */
char *st_meta_get(struct store *st, const char *name);
bool st_meta_set(struct store *st, const char *name, const char *value, struct err *err);

/* ---- objects that people make ---- */

/* Texts are NULL when absent; attributes is a JSON object's text, never NULL after
 * reading.  Structs filled by the store are freed with their _fini. */
struct st_device {
    int64_t id;
    char *name;
    char *unique_id;
    char *phone, *model, *contact, *category;
    int64_t group_id, calendar_id;
    bool disabled;
    int64_t expiration_ms; /* TIME_NONE: never */
    int64_t created_ms;
    bool adopting; /* what it sent before it was registered is still to be copied */
    char *attributes;
};

struct st_group {
    int64_t id;
    char *name;
    int64_t group_id; /* parent, 0: none */
    char *attributes;
};

struct st_user {
    int64_t id;
    char *name, *login, *email, *phone;
    char *password_hash; /* Argon2id text; never leaves the server */
    bool administrator, readonly, device_readonly, limit_commands, disable_reports,
        fixed_email, disabled, temporary;
    int64_t expiration_ms;        /* TIME_NONE: never */
    int device_limit, user_limit; /* -1: unlimited */
    char *map, *coordinate_format, *poi_layer, *totp_key;
    double latitude, longitude;
    int zoom;
    char *attributes;
};

void st_device_fini(struct st_device *d);
void st_group_fini(struct st_group *g);
void st_user_fini(struct st_user *u);

/* get: ERR_MISSING when there is none.  put: id 0 makes a new one and sets the id,
 * otherwise all fields are replaced (ERR_MISSING when it is not there; a duplicate
 * unique_id, email or login is ERR_INPUT and named).  delete takes what hangs on it
 * with it. */
bool st_device_get(struct store *st, int64_t id, struct st_device *d, struct err *err);
bool st_device_find(struct store *st, const char *unique_id, struct st_device *d,
                    struct err *err);
bool st_device_put(struct store *st, struct st_device *d, struct err *err);
bool st_device_delete(struct store *st, int64_t id, struct err *err);
bool st_devices_each(struct store *st,
                     bool (*visit)(void *arg, const struct st_device *d), void *arg,
                     struct err *err);

bool st_group_get(struct store *st, int64_t id, struct st_group *g, struct err *err);
bool st_group_put(struct store *st, struct st_group *g,
                  struct err *err); /* a cycle is ERR_INPUT */
bool st_group_delete(struct store *st, int64_t id, struct err *err);
bool st_groups_each(struct store *st, bool (*visit)(void *arg, const struct st_group *g),
                    void *arg, struct err *err);

bool st_user_get(struct store *st, int64_t id, struct st_user *u, struct err *err);
/* By e-mail or login, without regard to case and outer blanks. */
bool st_user_find(struct store *st, const char *name, struct st_user *u, struct err *err);
bool st_user_put(struct store *st, struct st_user *u, struct err *err);
bool st_user_delete(struct store *st, int64_t id, struct err *err);
bool st_users_each(struct store *st, bool (*visit)(void *arg, const struct st_user *u),
                   void *arg, struct err *err);
int64_t st_user_count(struct store *st);

/* ---- links: who sees what ---- */

enum st_kind { ST_USER, ST_GROUP, ST_DEVICE };
/* owner -> member: (user, device), (user, group), (user, user). */
bool st_link(struct store *st, enum st_kind owner, int64_t owner_id, enum st_kind member,
             int64_t member_id, bool linked, struct err *err);
bool st_links_each(struct store *st,
                   bool (*visit)(void *arg, enum st_kind owner, int64_t owner_id,
                                 enum st_kind member, int64_t member_id),
                   void *arg, struct err *err);

/* ---- sessions and tokens: only hashes (SHA-256 of the secret) are kept ---- */

struct st_session {
    unsigned char hash[32];
    int64_t user_id;
    int64_t created_ms, expires_ms, used_ms;
    bool token;               /* an API token; otherwise a browser's cookie */
    unsigned char parent[32]; /* the token it was made with, and goes with; or zeros */
    char origin[256];         /* of the login, or empty */
};
bool st_session_put(struct store *st, const struct st_session *s, struct err *err);
/* The times of one that is still there: never brings back what was revoked. */
bool st_session_touch(struct store *st, const struct st_session *s, struct err *err);
bool st_session_get(struct store *st, const unsigned char hash[32], struct st_session *s,
                    struct err *err);
/* With those that were made with it, and with those. */
bool st_session_delete(struct store *st, const unsigned char hash[32], struct err *err);
/* All of a user's but `keep` (NULL: all). */
bool st_sessions_revoke(struct store *st, int64_t user_id, const unsigned char *keep,
                        struct err *err);

/* ---- what the fleet makes of the journal ---- */

struct st_event {
    int64_t id; /* position seq * 64 + its number there; set by the fleet */
    const char *type;
    int64_t event_ms;
    int64_t device_id, position_id;
    const char *attributes; /* JSON object */
};

/* A device's state as the fleet packs it; opaque here. */
struct st_state {
    int64_t device_id;
    const void *data;
    size_t len;
};

/* A chunk of positions; see track.h.  It spans at most ST_CHUNK_SPAN_MS, so that those
 * of a time are found without looking at all before; a longer one is ERR_INPUT.  Its box
 * comes back rounded outward to 1e-7 degree. */
#define ST_CHUNK_SPAN_MS INT64_C(86400000)
struct st_chunk {
    int64_t device_id;
    int64_t first_ms, last_ms; /* by fix time */
    int64_t first_id, last_id;
    double south_deg, west_deg, north_deg, east_deg; /* NAN: no places */
    unsigned count;
    int64_t newest_ms; /* the latest time in it: last_ms, or a later clock's */
    const void *data;
    size_t len;
};

/* One transaction: all or nothing.  Rows of a device that is not registered (any
 * longer) are left out. */
struct st_batch {
    const struct st_chunk *chunks;
    size_t chunk_count;
    const struct st_state *states;
    size_t state_count;
    const struct st_event *events;
    size_t event_count;
    uint64_t applied_seq; /* entries before this are covered by states and events */
    uint64_t tail_seq;    /* positions before this are covered by chunks */
};
bool st_apply(struct store *st, const struct st_batch *batch, struct err *err);
void st_applied(struct store *st, uint64_t *applied_seq, uint64_t *tail_seq);

bool st_states_each(struct store *st, bool (*visit)(void *arg, const struct st_state *s),
                    void *arg, struct err *err);

/* Chunks of a device that overlap [from_ms, to_ms], by first_ms. */
bool st_chunks_each(struct store *st, int64_t device_id, int64_t from_ms, int64_t to_ms,
                    bool (*visit)(void *arg, const struct st_chunk *c), void *arg,
                    struct err *err);
/* Chunks, of any device, that may hold this position id. */
bool st_chunks_holding(struct store *st, int64_t position_id,
                       bool (*visit)(void *arg, const struct st_chunk *c), void *arg,
                       struct err *err);
/* The largest last_id among the device's chunks, 0 when it has none. */
int64_t st_chunked_id(struct store *st, int64_t device_id);
/* The same, and the largest last_ms and newest_ms: TIME_NONE when it has none. */
void st_chunked(struct store *st, int64_t device_id, int64_t *last_id, int64_t *last_ms,
                int64_t *newest_ms);

bool st_event_get(struct store *st, int64_t id,
                  bool (*visit)(void *arg, const struct st_event *e), void *arg,
                  struct err *err); /* ERR_MISSING */
/* Events of a device in [from_ms, to_ms] by time; device 0: of all. */
bool st_events_each(struct store *st, int64_t device_id, int64_t from_ms, int64_t to_ms,
                    bool (*visit)(void *arg, const struct st_event *e), void *arg,
                    struct err *err);
/* The event that refers to a position, for finding its device and time. */
bool st_event_of_position(struct store *st, int64_t position_id,
                          bool (*visit)(void *arg, const struct st_event *e), void *arg,
                          struct err *err);
