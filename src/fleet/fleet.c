/*
 * fleet.c - the thread that reads the journal and keeps the store.
 *
 * A device's state is written together with its chunk of positions, in one transaction:
 * so for every device the store knows all entries up to some seq and none behind it.
 * After a crash the journal is read again from the first entry that the store does not
 * know of some device; what it knows of the others is passed over.  Events have the
 * same ids when they are made again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fleet/vehicle.h"

enum {
    LOCKED = 64,  /* entries under one lock */
    BATCH = 4096, /* entries between two looks at the clock */
    FLUSH_MS = 1000,
    EVENTS_MAX = 8192, /* so many do not wait for it */
    DIRTY_MS = 60000,  /* a state without new positions is written after so long */
    SYNC_MS = 60000,   /* the store, so that the journal may be let go */
    WATCH_MS = 5000,   /* who has fallen silent */
    IDLE_MS = 250,
};

/* ---- waking ---- */

static void wake(void *arg)
{
    struct fleet *f = arg;
    pthread_mutex_lock(&f->wake_lock);
    f->woken = true;
    pthread_cond_broadcast(&f->wake);
    pthread_mutex_unlock(&f->wake_lock);
}

static void wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(cond, lock, &until);
}

static void rest(struct fleet *f)
{
    pthread_mutex_lock(&f->wake_lock);
    if (!f->woken && !f->notice_count && !atomic_load(&f->stopping))
        wait_until(&f->wake, &f->wake_lock, IDLE_MS);
    f->woken = false;
    pthread_mutex_unlock(&f->wake_lock);
}

/* ---- connections ---- */

void fl_connection(struct fleet *f, struct span unique_id, uint64_t connection,
                   const struct peer *peer, enum transport transport, bool open)
{
    (void)transport;
    pthread_mutex_lock(&f->wake_lock);
    /* Beyond the bound they are lost: the device is found silent in its time. */
    if (f->notice_count < NOTICES_MAX)
        f->notices[f->notice_count++] = (struct notice){
            .subject = entry_subject(unique_id, NULL),
            .connection = connection,
            .peer = *peer,
            .open = open,
        };
    f->woken = true;
    pthread_cond_broadcast(&f->wake);
    pthread_mutex_unlock(&f->wake_lock);
}

static struct vehicle *by_subject(struct fleet *f, uint64_t subject)
{
    struct vehicle *v = f->by_name[(size_t)(subject >> 7) & (f->table_size - 1)];
    while (v && v->subject != subject)
        v = v->next_name;
    return v;
}

static void apply_notice(struct fleet *f, const struct notice *n)
{
    struct vehicle *v = by_subject(f, n->subject);
    if (!v)
        return;
    int64_t now_ms = f->config.now_ms();
    if (n->open) {
        v->connected = true;
        v->connection = n->connection;
        v->connected_ms = now_ms;
    } else if (v->connection == n->connection) {
        v->connected = false;
        status_set(f, v, FL_OFFLINE, now_ms);
    }
}

/* Closings are applied after what the connection still said. */
static void apply_notices(struct fleet *f)
{
    pthread_mutex_lock(&f->wake_lock);
    size_t count = f->notice_count;
    struct notice *taken = count ? mem_copy(f->notices, count * sizeof *taken) : NULL;
    f->notice_count = 0;
    pthread_mutex_unlock(&f->wake_lock);
    if (!count)
        return;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < count; i++)
        apply_notice(f, &taken[i]);
    pthread_mutex_unlock(&f->lock);
    free(taken);
}

/* ---- telling ---- */

/* Tells of events from a number on, and of an entry (NULL: none) of a device. */
static void tell(struct fleet *f, size_t events_from, int64_t device_id,
                 const struct entry *e)
{
    struct bus *bus = f->config.bus;
    if (f->told)
        bus_publish(bus, &(struct bus_message){.kind = BUS_POSITION,
                                               .device_id = device_id,
                                               .position = &f->position});
    for (size_t i = events_from; i < f->event_count; i++)
        bus_publish(bus, &(struct bus_message){.kind = BUS_EVENT,
                                               .device_id = f->events[i].device_id,
                                               .event = &f->events[i]});
    if (device_id)
        bus_publish(bus,
                    &(struct bus_message){.kind = BUS_DEVICE, .device_id = device_id});
    if (e)
        bus_publish(bus, &(struct bus_message){
                             .kind = BUS_FRAME, .device_id = device_id, .entry = e});
}

/* ---- reading the journals ---- */

/* Applies an entry and tells what came of it, with the lock let go meanwhile. */
static void apply_and_tell(struct fleet *f, const struct entry *e)
{
    size_t events_from = f->event_count;
    f->told = NULL;
    const struct vehicle *v = apply_entry(f, e);
    int64_t device_id = v ? v->id : 0;
    if (e->seq < f->quiet_seq || bus_idle(f->config.bus))
        return;
    if (f->told)
        veh_latest(f->told, &f->position);
    pthread_mutex_unlock(&f->lock);
    tell(f, events_from, device_id, e);
    pthread_mutex_lock(&f->lock);
}

static bool read_known(struct fleet *f, unsigned *count, struct err *err)
{
    struct entry e;
    bool more = true;
    while (more && *count < BATCH) {
        pthread_mutex_lock(&f->lock);
        for (unsigned i = 0; i < LOCKED && (more = jr_next(f->cursor, &e, err)); i++) {
            apply_and_tell(f, &e);
            atomic_store(&f->next_seq, e.seq + entry_seqs(&e));
            ++*count;
        }
        pthread_mutex_unlock(&f->lock);
    }
    return err->code == ERR_NONE;
}

static bool read_strays(struct fleet *f, unsigned *count, struct err *err)
{
    struct entry e;
    uint64_t last = 0;
    while (*count < 2 * BATCH && jr_next(f->stray_cursor, &e, err)) {
        pthread_mutex_lock(&f->lock);
        strays_apply(f, &e);
        pthread_mutex_unlock(&f->lock);
        strays_tell(f);
        if (e.seq >= f->quiet_stray_seq)
            bus_publish(f->config.bus,
                        &(struct bus_message){.kind = BUS_FRAME, .entry = &e});
        last = e.seq;
        ++*count;
    }
    if (last)
        jr_release(f->config.strays, last);
    return err->code == ERR_NONE;
}

/* ---- writing the store ---- */

static void forget_events(struct fleet *f)
{
    for (size_t i = 0; i < f->event_count; i++)
        free((void *)f->events[i].attributes);
    f->event_count = 0;
}

static void free_gone(struct fleet *f)
{
    while (f->gone) {
        struct vehicle *v = f->gone;
        f->gone = v->next_id;
        veh_free(v);
    }
}

/* The states that go with a batch. */
struct states {
    struct st_state *items;
    size_t count, size;
    struct buffer bytes;
};

static void states_add(struct states *s, struct vehicle *v)
{
    if (s->count == s->size) {
        s->size = s->size ? s->size * 2 : 256;
        s->items = mem_grow(s->items, s->size * sizeof *s->items);
    }
    size_t from = s->bytes.len;
    state_pack(v, &s->bytes);
    s->items[s->count++] =
        (struct st_state){.device_id = v->id, .len = s->bytes.len - from};
}

static void states_fini(struct states *s)
{
    free(s->items);
    buf_fini(&s->bytes);
}

/* Of the devices whose tails were closed, and of those that have none. */
static void gather_states(struct fleet *f, const struct st_batch *batch, int64_t now_ms,
                          bool all, struct states *out)
{
    int64_t last = 0;
    for (size_t i = 0; i < batch->chunk_count; i++) {
        struct vehicle *v = veh_by_id(f, batch->chunks[i].device_id);
        if (v && v->id != last)
            states_add(out, v);
        last = batch->chunks[i].device_id;
        if (v)
            veh_clean(f, v);
    }
    for (struct vehicle *v = f->first_dirty, *next; v; v = next) {
        next = v->next_dirty;
        if (!all && now_ms - v->dirty_ms < DIRTY_MS)
            break;
        if (v->tail)
            continue;
        states_add(out, v);
        veh_clean(f, v);
    }
    const uint8_t *at = out->bytes.ptr;
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].data = at;
        at += out->items[i].len;
    }
}

/* The journal holds everything meanwhile, so a store that fails is waited for.  False
 * only when the server stops: then the journal is read again at the next start. */
static bool store_batch(struct fleet *f, const struct st_batch *batch, struct err *err)
{
    while (!st_apply(f->config.store, batch, err)) {
        if (atomic_load(&f->stopping) || !f->started)
            return false;
        fprintf(stderr, "milepost: store: %s: trying again\n", err->text);
        pthread_mutex_lock(&f->wake_lock);
        wait_until(&f->wake, &f->wake_lock, 1000);
        pthread_mutex_unlock(&f->wake_lock);
        *err = (struct err){0};
    }
    return true;
}

/* Writes chunks that are due with their devices' states, and events. */
static bool flush(struct fleet *f, int64_t now_ms, bool all, struct err *err)
{
    struct states states = {.count = 0};
    struct st_batch batch = {.chunk_count = 0};
    pthread_mutex_lock(&f->lock);
    batch.chunk_count = tr_due(f->config.tracks, now_ms, all, &batch.chunks);
    gather_states(f, &batch, now_ms, all, &states);
    batch.states = states.items;
    batch.state_count = states.count;
    batch.events = f->events;
    batch.event_count = f->event_count;
    batch.applied_seq =
        f->first_dirty ? f->first_dirty->dirty_seq : atomic_load(&f->next_seq);
    batch.tail_seq = batch.applied_seq;
    pthread_mutex_unlock(&f->lock);
    bool ok = true;
    if (batch.chunk_count || batch.state_count || batch.event_count)
        ok = store_batch(f, &batch, err);
    states_fini(&states);
    if (!ok)
        return false;
    tr_stored(f->config.tracks);
    forget_events(f);
    pthread_mutex_lock(&f->lock);
    free_gone(f);
    pthread_mutex_unlock(&f->lock);
    return true;
}

/* What is in the synced store need not be in the journal. */
static bool let_go(struct fleet *f, struct err *err)
{
    uint64_t applied, tail;
    st_applied(f->config.store, &applied, &tail);
    if (!st_sync(f->config.store, err))
        return false;
    jr_release(f->config.journal, applied);
    return true;
}

static void watch(struct fleet *f, int64_t now_ms)
{
    double timeout_s = f->config.status_timeout_s ? f->config.status_timeout_s : 600;
    for (size_t i = 0; i < f->table_size; i++)
        for (struct vehicle *v = f->by_id[i]; v; v = v->next_id) {
            double limit = isnan(v->timeout_s) ? timeout_s : v->timeout_s;
            if (v->s.status == FL_ONLINE &&
                (double)(now_ms - v->s.last_update_ms) > limit * 1000)
                status_set(f, v, FL_UNKNOWN, now_ms);
        }
}

/* Who came, who went, who fell silent. */
static void keep_status(struct fleet *f, int64_t now_ms)
{
    size_t events_from = f->event_count;
    apply_notices(f);
    if (now_ms - f->watch_ms >= WATCH_MS || now_ms < f->watch_ms) {
        f->watch_ms = now_ms;
        pthread_mutex_lock(&f->lock);
        watch(f, now_ms);
        pthread_mutex_unlock(&f->lock);
    }
    f->told = NULL;
    tell(f, events_from, 0, NULL);
    for (size_t i = events_from; i < f->event_count; i++)
        bus_publish(f->config.bus,
                    &(struct bus_message){.kind = BUS_DEVICE,
                                          .device_id = f->events[i].device_id});
}

/* What the clock says is due.  Errors of the store are said and tried again: the journal
 * holds everything meanwhile. */
static void keep(struct fleet *f)
{
    int64_t now_ms = f->config.now_ms();
    struct err err = {0};
    keep_status(f, now_ms);
    bool due = now_ms - f->flush_ms >= FLUSH_MS || now_ms < f->flush_ms;
    if (!due && f->event_count < EVENTS_MAX)
        return;
    f->flush_ms = now_ms;
    if (flush(f, now_ms, false, &err) && now_ms - f->sync_ms >= SYNC_MS) {
        f->sync_ms = now_ms;
        let_go(f, &err);
    }
    if (err.code)
        fprintf(stderr, "milepost: store: %s\n", err.text);
}

/* Reads what is durable in both journals; the number of entries read. */
static unsigned read_some(struct fleet *f, struct err *err)
{
    unsigned count = 0;
    *err = (struct err){0};
    if (read_known(f, &count, err))
        read_strays(f, &count, err);
    return count;
}

static void *run(void *arg)
{
    struct fleet *f = arg;
    struct err err;
    while (!atomic_load(&f->stopping)) {
        unsigned count = read_some(f, &err);
        if (err.code)
            fprintf(stderr, "milepost: journal: %s\n", err.text);
        keep(f);
        if (!count || err.code)
            rest(f);
    }
    return NULL;
}

/* ---- open and close ---- */

struct adopting {
    int64_t ids[256];
    unsigned count;
};

static bool on_adopting(void *arg, const struct st_device *d)
{
    struct adopting *a = arg;
    if (d->adopting && a->count < sizeof a->ids / sizeof *a->ids)
        a->ids[a->count++] = d->id;
    return true;
}

/* Adoptions that a crash has interrupted. */
static bool resume_adoptions(struct fleet *f, struct err *err)
{
    struct adopting a = {.count = 0};
    bool ok = st_devices_each(f->config.store, on_adopting, &a, err);
    for (unsigned i = 0; ok && i < a.count; i++) {
        struct st_device d = {0};
        ok = st_device_get(f->config.store, a.ids[i], &d, err) && fl_adopt(f, &d, err);
        st_device_fini(&d);
    }
    return ok;
}

struct fleet *fl_open(const struct fleet_config *config, struct err *err)
{
    struct fleet *f = mem_zero(sizeof *f);
    f->config = *config;
    pthread_mutex_init(&f->lock, NULL);
    pthread_mutex_init(&f->wake_lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&f->wake, &attr);
    pthread_condattr_destroy(&attr);
    f->notices = mem_zero(NOTICES_MAX * sizeof *f->notices);
    f->strays = strays_new();
    uint64_t applied, tail;
    st_applied(config->store, &applied, &tail);
    atomic_store(&f->next_seq, applied);
    f->quiet_seq = jr_durable(config->journal);
    f->quiet_stray_seq = jr_durable(config->strays);
    if (!veh_load_all(f, err)) {
        fl_close(f);
        return NULL;
    }
    f->cursor = jr_cursor_open(config->journal, applied);
    f->stray_cursor = jr_cursor_open(config->strays, 0);
    return f;
}

bool fl_start(struct fleet *f, struct err *err)
{
    jr_listen(f->config.journal, wake, f);
    jr_listen(f->config.strays, wake, f);
    int e = pthread_create(&f->thread, NULL, run, f);
    if (e)
        return err_set(err, ERR_IO, "fleet: %s", strerror(e));
    f->started = true;
    return resume_adoptions(f, err);
}

bool fl_run(struct fleet *f, struct err *err)
{
    *err = (struct err){0};
    while (read_some(f, err))
        ;
    if (err->code)
        return false;
    keep_status(f, f->config.now_ms());
    return flush(f, f->config.now_ms(), false, err);
}

void fl_stop(struct fleet *f)
{
    struct err err = {0};
    if (f->started) {
        atomic_store(&f->stopping, true);
        wake(f);
        pthread_join(f->thread, NULL);
        jr_unlisten(f->config.journal, wake, f);
        jr_unlisten(f->config.strays, wake, f);
        f->started = false;
    }
    while (read_some(f, &err))
        ;
    apply_notices(f);
    if (!err.code && flush(f, f->config.now_ms(), true, &err))
        let_go(f, &err);
    if (err.code)
        fprintf(stderr, "milepost: stopping: %s\n", err.text);
}

void fl_close(struct fleet *f)
{
    if (!f)
        return;
    jr_cursor_close(f->cursor);
    jr_cursor_close(f->stray_cursor);
    forget_events(f);
    free_gone(f);
    free(f->events);
    veh_free_all(f);
    strays_free(f->strays);
    free(f->notices);
    pthread_mutex_destroy(&f->lock);
    pthread_mutex_destroy(&f->wake_lock);
    pthread_cond_destroy(&f->wake);
    free(f);
}

bool fl_settle(struct fleet *f, int timeout_ms)
{
    uint64_t seq = jr_durable(f->config.journal);
    pthread_mutex_lock(&f->wake_lock);
    for (int waited = 0; atomic_load(&f->next_seq) < seq && waited < timeout_ms;
         waited += 10)
        wait_until(&f->wake, &f->wake_lock, 10);
    pthread_mutex_unlock(&f->wake_lock);
    return atomic_load(&f->next_seq) >= seq;
}
