/*
 * vehicle.h - inside the fleet: what is kept of a device in memory, and of that what
 * survives.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "fleet/fleet.h"

enum { CLOCK_SAMPLES = 9, INPUTS_MAX = 8 };

/* A device's state as its records have left it.  Written to the store as it stands
 * (behind a version and its size), so only plain values, and new ones at the end. */
struct state {
    int64_t last_update_ms;                         /* TIME_NONE: never */
    int64_t position_id;                            /* of the latest position; 0: none */
    int64_t fix_ms;                                 /* of the last place; TIME_NONE */
    double latitude_deg, longitude_deg, altitude_m; /* NAN with fix_ms TIME_NONE */
    int64_t latest_ms;                              /* time of the latest position */
    double total_distance_m;
    double hours_ms;
    int64_t engine_ms;    /* ignition seen on at this time; TIME_NONE: off */
    uint64_t adopted_seq; /* entries of the strays that are in already */
    uint64_t frames, positions, repeats, late, malformed, checksum_errors;
    uint64_t last_seq;                              /* of the last entry */
    int8_t ignition, door, charge, motion, blocked; /* 1, 0, or -1: not known */
    int8_t inputs[INPUTS_MAX];
    int8_t status; /* enum fl_status */
    uint8_t clock_count;
    float clock_s[CLOCK_SAMPLES];
    char protocol[ENTRY_NAME_MAX + 1];
    struct peer peer, other_peer; /* of the last frame; the network before it */
    int64_t peer_ms, other_peer_ms;
    uint8_t transport;
    char alarm[32]; /* of the last record that had one */
    int64_t alarm_ms;
};

/* What few devices have, and what is long. */
struct notes {
    struct fl_health health; /* faults, firmware and flags of it */
};

struct vehicle {
    struct vehicle *next_id, *next_name; /* in the tables */
    int64_t id;
    uint64_t subject; /* entry_subject of its unique id */
    char *unique_id;
    bool disabled;
    int64_t expiration_ms;
    double timeout_s; /* NAN: the server's */
    char *settings;
    size_t settings_len;
    uint64_t version;
    struct state s;
    struct notes *notes; /* NULL: none yet */
    /* The latest position, as it stands in the tracks. */
    struct tr_item latest; /* packed and protocol are in latest_bytes and s */
    uint8_t *latest_bytes;
    size_t latest_len;
    /* What the store does not know yet: see fleet.c. */
    bool dirty;
    bool tail;          /* has positions that are in no chunk */
    uint64_t dirty_seq; /* its first entry that the store does not know */
    int64_t dirty_ms;
    struct vehicle *prev_dirty, *next_dirty;
    bool gone; /* deleted; freed by the fleet's thread */
    bool connected;
    uint64_t connection;
    int64_t connected_ms;
};

struct stray_list;

struct fault {
    char protocol[ENTRY_NAME_MAX + 1], reason[ENTRY_NAME_MAX + 1];
    uint64_t count;
};

/* What another thread has to say to the fleet's. */
struct notice {
    uint64_t subject;
    uint64_t connection;
    struct peer peer;
    bool open;
};

enum { FAULTS_MAX = 512, NOTICES_MAX = 1 << 16 };

struct fleet {
    struct fleet_config config;

    /* Registry, vehicles and totals: changed by the fleet's thread, and by
     * fl_device_put() and fl_device_delete(). */
    pthread_mutex_t lock;
    struct vehicle **by_id, **by_name;
    struct vehicle *gone; /* deleted ones, by next_id */
    size_t table_size, vehicle_count;
    atomic_uint_fast64_t version;
    struct stray_list *strays;
    atomic_bool strays_changed; /* their number is to be told */
    uint64_t frames, positions, repeats;
    struct fault faults[FAULTS_MAX];
    unsigned fault_count;

    /* The fleet's thread alone. */
    struct jr_cursor *cursor, *stray_cursor;
    uint64_t quiet_seq, quiet_stray_seq; /* entries before were told in an earlier run */
    struct st_event *events;             /* not in the store yet; attributes are owned */
    size_t event_count, event_size;
    struct vehicle *first_dirty, *last_dirty; /* by dirty_seq */
    int64_t flush_ms, sync_ms, watch_ms;
    struct record rec;
    struct position position;
    struct vehicle *told; /* has a new latest position to be told */

    pthread_t thread;
    bool started;
    atomic_bool stopping;
    atomic_uint_fast64_t next_seq; /* entries before it are applied */
    pthread_mutex_t wake_lock;     /* all below */
    pthread_cond_t wake;
    bool woken;
    struct notice *notices;
    size_t notice_count;
};

/* ---- registry.c ---- */

struct vehicle *veh_by_id(struct fleet *f, int64_t id);
struct vehicle *veh_by_name(struct fleet *f, struct span unique_id);
bool veh_load_all(struct fleet *f, struct err *err);
void veh_free_all(struct fleet *f);
void veh_free(struct vehicle *v);
bool veh_accepted(const struct vehicle *v, int64_t now_ms);

/* ---- state.c: what survives ---- */

void state_clear(struct state *s);
/* Packs into out; unpack is false for bytes of another version. */
void state_pack(const struct vehicle *v, struct buffer *out);
bool state_unpack(struct vehicle *v, const void *data, size_t len);
/* The store does not know the entry `seq` of this vehicle; and: it knows all. */
void veh_dirty(struct fleet *f, struct vehicle *v, uint64_t seq);
void veh_clean(struct fleet *f, struct vehicle *v);
void veh_latest(const struct vehicle *v, struct position *out);
void veh_set_latest(struct vehicle *v, const struct tr_item *item);

/* ---- apply.c ---- */

/* One entry of the registered devices' journal, in order.  The lock is held.  Returns
 * whose it was, or NULL where it changes nobody. */
struct vehicle *apply_entry(struct fleet *f, const struct entry *e);

/* ---- events.c ---- */

/* An event; `slot`, 0 to 63, tells those of one seq apart, so that reading the journal
 * again makes the same ones.  `attributes` is a JSON object. */
void event_add(struct fleet *f, struct vehicle *v, const char *type, int64_t ms,
               uint64_t seq, unsigned slot, int64_t position_id, const char *attributes);

/* What a record changes, and its alarms.  `live`: newer than all before. */
void events_of_record(struct fleet *f, struct vehicle *v, const struct record *rec,
                      const struct tr_item *item, bool live);
void status_set(struct fleet *f, struct vehicle *v, enum fl_status status, int64_t ms);

/* ---- health.c ---- */

void health_frame(struct fleet *f, struct vehicle *v, const struct entry *e);
/* Why a frame counts as faulty, or NULL. */
const char *fault_of(const struct entry *e, char reason[ENTRY_NAME_MAX + 1]);
void count_fault(struct fleet *f, struct span protocol, const char *reason);
void health_record(struct vehicle *v, const struct record *rec, int64_t arrival_ms,
                   bool live);

/* ---- strays.c ---- */

struct stray_list *strays_new(void);
void strays_free(struct stray_list *l);
void strays_apply(struct fleet *f, const struct entry *e);
/* Tells the number where it has changed; without the lock. */
void strays_tell(struct fleet *f);
void strays_drop(struct fleet *f, struct span unique_id);

/* ---- adopt.c ---- */

/* Copies what the device sent before it was registered into the journal. */
bool adopt_copy(struct fleet *f, const struct st_device *d, struct err *err);
