/*
 * sockets_inside.h - what the files of the live sockets share.
 *
 *     sockets_feed.c   what changes, as it changes: from the bus into batches
 *     sockets_view.c   a user's share of a batch, as one WebSocket frame
 *     sockets_client.c one socket
 *     sockets.c        the thread that serves them all
 */
#pragma once

#include <wslay/wslay.h>

#include "api/idmap.h"
#include "api/sockets.h"
#include "fleet/bus.h"

enum {
    SOCKETS_TICK_MS = 10,              /* the least time between two rounds */
    SOCKETS_BATCH_BYTES = 512 << 10,   /* a batch is closed at this size */
    SOCKETS_KEPT_BYTES = 16 << 20,     /* of all batches together; the oldest go first */
    SOCKETS_SNAPSHOT_BYTES = 64 << 10, /* of one frame of a snapshot */
    SOCKETS_KEEPALIVE_MS = 55000,
    SOCKETS_IDLE_MS = 300000,    /* without a byte from the client, pongs included */
    SOCKETS_STUCK_MS = 60000,    /* without the client taking a byte that waits for it */
    SOCKETS_RESYNC_MS = 5000,    /* between two of one client */
    SOCKETS_ACCESS_MS = 250,     /* between two looks at who sees what */
    SOCKETS_MESSAGE_MAX = 4096,  /* from a client */
    SOCKETS_READ_BYTES = 65536,  /* from a client at once, then others have their turn */
    SOCKETS_OUT_BYTES = 2 << 20, /* who asks for more answers than that is closed */
    SOCKETS_LOG_BYTES = 2048,    /* of a frame, in a log line */
    SOCKETS_BATCHES = 1024,
    SOCKETS_SOCKETS_MAX = 20000,
    SOCKETS_CACHE = 8192,
};

/* What an item of a batch is; the key that it stands under, in this order. */
enum item_kind { ITEM_POSITIONS, ITEM_DEVICES, ITEM_EVENTS, ITEM_LOGS, ITEM_UNKNOWN };

struct item {
    int64_t device_id;
    uint32_t len; /* of the JSON that follows */
    uint32_t kind;
};

/* Items one behind the other. */
struct batch {
    uint64_t number;
    struct buffer bytes;
    struct batch *next; /* in the feed */
};

/* ---- sockets_feed.c ---- */

/* Filled by whoever publishes, emptied by the thread. */
struct feed {
    struct api *api;
    pthread_mutex_t lock;
    pthread_mutex_t count_lock;  /* never taken under lock, or by who publishes */
    int wake;                    /* eventfd */
    atomic_size_t sockets, logs; /* nobody listens: nothing is written */
    struct batch *first, *last;
    size_t bytes;
    bool lost;            /* it was too much at once: all have to look anew */
    struct idmap devices; /* to be sent again */
};

void feed_init(struct feed *f, struct api *api, int wake);

/* Sockets came or went: the bus is listened to only while there are some. */
void feed_count(struct feed *f, int by);
void feed_fini(struct feed *f);

/* What has come since the last call: batches, without numbers yet, and devices. */
struct batch *feed_take(struct feed *f, struct idmap *devices, bool *lost);
void feed_wake(struct feed *f);

/* Appends an item to the row of batches that ends in *last. */
struct buffer *batch_begin(struct batch **first, struct batch **last, struct item item);
void batch_end(struct batch *b, size_t start);
void batch_free(struct batch *b);

/* ---- sockets_view.c ---- */

/* A user who has sockets open. */
struct viewer {
    struct viewer *next;
    int64_t user_id;
    bool administrator;
    struct idmap owned; /* set of devices */
    struct client *clients;
    /* The share of a batch that was put together last, without and with logs. */
    struct {
        uint64_t number; /* 0: of none */
        struct buffer frame;
        size_t start; /* of the frame in its buffer */
    } built[2];
};

/* The viewer's share of the batch as a whole WebSocket frame; empty when it has none. */
struct span view_batch(struct viewer *v, const struct batch *b, bool logs);
void viewer_free(struct viewer *v);

/* Makes the text that stands VIEW_HEAD bytes behind `start`, up to the buffer's end, a
 * WebSocket frame; returns where that starts. */
enum { VIEW_HEAD = 10 };
size_t view_wrap(struct buffer *b, size_t start);

/* Static parts of device objects, by id. */
struct device_cache {
    struct {
        int64_t id;
        uint64_t version;
        char *json;
    } slots[SOCKETS_CACHE];
};

/* Writes the device; nothing when it is gone. */
void cache_write(struct device_cache *c, struct api *api, struct json *j, int64_t id);
void cache_fini(struct device_cache *c);

/* ---- sockets_client.c ---- */

struct client {
    struct client *next, **link;
    struct viewer *viewer;
    struct sockets *sockets;
    int fd;
    struct MHD_UpgradeResponseHandle *handle;
    wslay_event_context_ptr ws;
    struct buffer early; /* came with the handshake; read first */
    size_t early_at, read_bytes;
    struct buffer out; /* bytes on their way */
    size_t out_at;
    uint64_t batch;    /* the number of the next to send */
    int64_t *snapshot; /* devices still to be told; NULL: none */
    size_t snapshot_at, snapshot_count;
    bool snapshot_devices; /* their objects too */
    int64_t *removed;      /* devices to be told as gone */
    size_t removed_count;
    int64_t in_ms, out_ms, progress_ms, resync_ms;
    bool logs, ending, wants_out;
    int64_t user_id;
    bool administrator;
    bool has_session;
    unsigned char session[SECRET_HASH];
};

struct client *client_new(struct sockets *l, int fd,
                          struct MHD_UpgradeResponseHandle *handle, struct span early);
void client_free(struct client *c);

/* Reads what came; false: the client is gone. */
bool client_read(struct client *c, int64_t now_ms);

/* Sends what there is for it, as much as it takes; false: it is gone. */
bool client_write(struct client *c, int64_t now_ms);

/* Keep-alive, and time limits; false: it is over. */
bool client_check(struct client *c, int64_t now_ms);

/* Has these devices told anew, and then what comes.  Takes the array over. */
void client_snapshot(struct client *c, int64_t *devices, size_t count, bool devices_too);

/* A client's message: false where it is none that we know. */
bool sockets_read_message(struct span text, bool *logs);

/* ---- sockets.c ---- */

struct sockets {
    struct api *api;
    struct feed feed;
    struct device_cache cache;
    pthread_t thread;
    bool running;
    int epoll, wake;
    pthread_mutex_t lock; /* of what follows */
    struct client *incoming;
    bool closing;
    atomic_bool check_sessions;
    struct viewer *viewers;
    uint64_t access_version;
    int64_t access_ms;
    /* The row of batches that clients may still need, by number; NULL: lost. */
    struct batch *kept[SOCKETS_BATCHES];
    size_t kept_bytes;
    uint64_t oldest, next_number; /* in the row, and to come */
    struct idmap waiting;         /* devices to be written when there is time */
    atomic_uint_fast64_t sent_bytes, frames, resyncs;
};
