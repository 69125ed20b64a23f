/*
 * fleet.h - what records mean: who is registered, where everybody is, what happened.
 *
 * One thread applies the journal's entries in order and writes the store; any other
 * thread may call what stands here.  Functions that change devices write the store
 * first, so that what they answered is kept.
 */
#pragma once

#include "fleet/bus.h"
#include "journal/journal.h"
#include "store/track.h"

struct fleet;

struct fleet_config {
    struct store *store;
    struct tracks *tracks;
    struct journal *journal; /* of registered devices */
    struct journal *strays;  /* of unregistered and unidentified ones, kept apart */
    struct bus *bus;
    int64_t (*now_ms)(void); /* the clock; tests set their own */
    int status_timeout_s;    /* silent for so long: unknown; 0: 600 */
};

/* Reads registry and states from the store, and what the journal has beyond. */
struct fleet *fl_open(const struct fleet_config *config, struct err *err);

/* Starts the thread that applies entries and watches for silence. */
bool fl_start(struct fleet *f, struct err *err);

/* Applies and stores what is durable, then stops the thread. */
void fl_stop(struct fleet *f);
void fl_close(struct fleet *f);

/* For tests and tools: applies everything durable, on the caller's thread. */
bool fl_run(struct fleet *f, struct err *err);

/* Waits until everything durable up to now is applied and visible. */
bool fl_settle(struct fleet *f, int timeout_ms);

/* ---- registry ---- */

/* As st_device_put and st_device_delete, and everybody learns of it. */
bool fl_device_put(struct fleet *f, struct st_device *d, struct err *err);
bool fl_device_delete(struct fleet *f, int64_t id, struct err *err);

/* What the gateway asks when a frame names a device. */
struct fl_registered {
    int64_t device_id;
    bool accepted;    /* neither disabled nor expired */
    uint64_t version; /* changes with the device */
};
bool fl_lookup(struct fleet *f, struct span unique_id, struct fl_registered *out);

/* The registry's version: when it has changed, look again. */
uint64_t fl_registry_version(const struct fleet *f);

/* A device's settings: its model, and every attribute of text, number or boolean, as
 * "name\0value\0" pairs behind each other.  The caller frees; NULL: not there. */
char *fl_settings(struct fleet *f, int64_t device_id, size_t *len);

/* ---- live ---- */

enum fl_status { FL_OFFLINE, FL_ONLINE, FL_UNKNOWN };

struct fl_live {
    int64_t device_id;
    char unique_id[ENTRY_DEVICE_MAX + 1];
    enum fl_status status;
    int64_t last_update_ms; /* TIME_NONE: never */
    int64_t position_id;    /* 0: none */
    int64_t position_ms;    /* its fix time; TIME_NONE */
};
bool fl_live(struct fleet *f, int64_t device_id, struct fl_live *out);

/* False when the device has none. */
bool fl_latest(struct fleet *f, int64_t device_id, struct position *out);

/* Sets the counters: a copy of the last position with new values becomes the latest.
 * NAN leaves one as it is.  ERR_MISSING without a position. */
bool fl_accumulate(struct fleet *f, int64_t device_id, double total_distance_m,
                   double hours_ms, struct err *err);

/* A stream connection of a device opened or closed, told by the gateway. */
void fl_connection(struct fleet *f, struct span unique_id, uint64_t connection,
                   const struct peer *peer, enum transport transport, bool open);

/* ---- health of a device ---- */

enum { FL_FAULTS_MAX = 16, FL_FIRMWARE_MAX = 8, FL_FLAGS_MAX = 8 };
struct fl_health {
    char protocol[ENTRY_NAME_MAX + 1];
    struct peer peer;
    enum transport transport;
    bool connected;
    int64_t connected_ms;
    uint64_t frames, positions, repeats, late, malformed, checksum_errors;
    struct {
        char protocol[ENTRY_NAME_MAX + 1], reason[ENTRY_NAME_MAX + 1];
        uint64_t count;
        int64_t last_ms;
    } faults[FL_FAULTS_MAX];
    unsigned fault_count;
    struct {
        char version[64];
        int64_t first_ms, last_ms;
    } firmware[FL_FIRMWARE_MAX];
    unsigned firmware_count;
    double clock_error_s; /* device minus server, median of live ones; NAN: not known */
    struct {
        char kind[24];
        char text[120];
        int64_t time_ms;
    } flags[FL_FLAGS_MAX];
    unsigned flag_count;
};
bool fl_health(struct fleet *f, int64_t device_id, struct fl_health *out);

/* ---- totals ---- */

struct fl_totals {
    uint64_t frames, positions, repeats;
    uint64_t lag; /* durable entries that are not applied yet */
    size_t devices, online, strays;
};
void fl_totals(struct fleet *f, struct fl_totals *out);
/* By protocol and reason, over all devices and strays. */
void fl_faults_each(struct fleet *f,
                    void (*visit)(void *arg, const char *protocol, const char *reason,
                                  uint64_t count),
                    void *arg);

/* ---- unregistered devices ---- */

enum { FL_STRAYS_MAX = 1000, FL_STRAY_FRAMES = 5, FL_STRAY_MESSAGES = 8 };

struct fl_stray {
    char unique_id[ENTRY_DEVICE_MAX + 1]; /* empty: never identified itself */
    char protocol[ENTRY_NAME_MAX + 1];    /* empty: not recognised */
    struct peer peer;
    enum transport transport;
    int64_t first_ms, last_ms;
    uint64_t frames;
    bool answered;
    double latitude_deg, longitude_deg; /* NAN */
    char messages[FL_STRAY_MESSAGES][ENTRY_NAME_MAX + 1];
    unsigned message_count;
    struct {
        int64_t ms;
        char message[ENTRY_NAME_MAX + 1];
        uint64_t seq; /* in the strays' journal */
        unsigned char bytes[256];
        unsigned len; /* of the frame; at most sizeof bytes of it are here */
    } frames_last[FL_STRAY_FRAMES]; /* newest first */
    unsigned frame_count;
};

/* Newest first, until told false. */
void fl_strays_each(struct fleet *f, bool (*visit)(void *arg, const struct fl_stray *s),
                    void *arg);
size_t fl_stray_count(struct fleet *f);

/* Registers it; what it sent before goes into its history. */
bool fl_adopt(struct fleet *f, struct st_device *d, struct err *err);

/* By its id, or for one without by its address.  False when it is not there. */
bool fl_stray_forget(struct fleet *f, const char *unique_id_or_address);
