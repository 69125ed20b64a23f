/*
 * store_stage.h - what the tests of the store share: a database of their own, and
 * positions of every kind, the same at every run.
 */
#pragma once

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "store/chunk.h"
#include "unit.h"

enum { STAGE_DAY_MS = 86400000 };
static const int64_t stage_ms = INT64_C(1714979289000);

/* ---- databases ---- */

struct stage {
    char path[40];
    struct err err;
};

static inline void stage_open(struct stage *s)
{
    *s = (struct stage){.path = "/tmp/unit-store-XXXXXX"};
    int fd = mkstemp(s->path);
    CHECK(fd >= 0, "a file");
    close(fd);
}

static inline void stage_close(struct stage *s)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT(endings); i++) {
        char path[64];
        snprintf(path, sizeof path, "%s%s", s->path, endings[i]);
        unlink(path);
    }
}

/* Registers devices; their ids are 1 to count. */
static inline void stage_devices(struct store *st, unsigned count)
{
    struct err err = {0};
    for (unsigned i = 1; i <= count; i++) {
        char unique_id[24];
        snprintf(unique_id, sizeof unique_id, "stage%u", i);
        struct st_device d = {.unique_id = unique_id, .expiration_ms = TIME_NONE};
        CHECK(st_device_put(st, &d, &err) && d.id == i, err.text);
    }
}

/* Whether a call failed with this code, saying this; then it is forgotten. */
static inline bool stage_said(struct err *err, enum err_code code, const char *text)
{
    bool so = err->code == code && strstr(err->text, text);
    *err = (struct err){0};
    return so;
}

/* Behind the store's back. */
static inline void stage_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    CHECK(sqlite3_open(path, &db) == SQLITE_OK, path);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
    sqlite3_close(db);
}

/* ---- positions ---- */

/* Numbers as devices send them, and as they do not. */
static inline double stage_number(struct chance *c)
{
    static const double over[] = {1, 10, 100, 1e3, 1e6, 1e7};
    double digits = (double)chance_below(c, UINT64_C(1) << chance_below(c, 53));
    switch (chance_below(c, 8)) {
    case 0:
        return digits / 3;
    case 1:
        return digits / 10 * 1.852;
    case 2:
        return -digits * 0.1;
    case 3:
        return -0.0;
    default:
        return digits / over[chance_below(c, COUNT(over))];
    }
}

static inline double stage_or_none(struct chance *c)
{
    return chance_below(c, 3) ? stage_number(c) : NAN;
}

static inline void stage_attr(struct chance *c, struct record *rec)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char name[3] = {letters[chance_below(c, 26)], letters[chance_below(c, 26)], 0};
    uint8_t text[40];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)chance_next(c);
    struct span span = {text, chance_below(c, sizeof text)};
    uint32_t id = 1 + (uint32_t)chance_below(c, KEY_COUNT - 1);
    uint32_t key = key_table[id].family ? KEY_N(id, chance_below(c, 20)) : id;
    switch (chance_below(c, 6)) {
    case 0:
        rec_bool(rec, key, chance_below(c, 2));
        break;
    case 1:
        rec_span(rec, key, span);
        break;
    case 2:
        rec_free_span(rec, name, span);
        break;
    case 3:
        rec_free_num(rec, name, stage_number(c));
        break;
    default:
        rec_num(rec, key, stage_number(c));
    }
}

static inline void stage_radio(struct chance *c, struct record *rec)
{
    for (uint64_t n = chance_below(c, 5); n; n--)
        rec_cell(rec, (struct cell){.cid = chance_next(c) >> chance_below(c, 64),
                                    .lac = (uint32_t)chance_below(c, 4) * 77777777,
                                    .mcc = (uint16_t)chance_below(c, 999),
                                    .mnc = (uint16_t)chance_below(c, 99),
                                    .signal_dbm = (int16_t)chance_next(c),
                                    .radio = (uint8_t)chance_below(c, RADIO_NR + 1)});
    for (uint64_t n = chance_below(c, 4); n; n--) {
        struct wifi wifi = {.signal_dbm = (int8_t)chance_next(c),
                            .channel = (uint8_t)chance_below(c, 14)};
        uint64_t mac = chance_below(c, 9) * UINT64_C(0x1234567890ab);
        memcpy(wifi.mac, &mac, sizeof wifi.mac);
        rec_wifi(rec, wifi);
    }
}

/* A record of a kind that only chance knows; `wild` ones are like no other. */
static inline void stage_record(struct chance *c, struct record *rec, bool wild)
{
    rec_clear(rec);
    int64_t ms = stage_ms + (int64_t)chance_below(c, STAGE_DAY_MS) / 1000 * 1000;
    rec->fix_ms = chance_below(c, 5) ? ms : TIME_NONE;
    rec->device_ms = chance_below(c, 5) ? ms + (int64_t)chance_below(c, 9000) : TIME_NONE;
    if (chance_below(c, 5)) {
        rec->latitude_deg = (double)(int32_t)chance_next(c) / 1e7 / (wild ? 3 : 4);
        rec->longitude_deg = (double)(int32_t)chance_next(c) / 1e7;
    }
    rec->altitude_m = stage_or_none(c);
    rec->speed_kmh = stage_or_none(c);
    rec->course_deg = stage_or_none(c);
    rec->accuracy_m = stage_or_none(c);
    rec->valid = chance_below(c, 2);
    rec->full = chance_below(c, 9) == 0;
    for (uint64_t n = chance_below(c, wild ? 40 : 6); n; n--)
        stage_attr(c, rec);
    if (chance_below(c, 2))
        stage_radio(c, rec);
}

/* A position of device 1 with such a record. */
static inline void stage_position(struct chance *c, struct position *p, bool wild)
{
    static const char *const protocols[] = {"gt06", "ais140", ""};
    stage_record(c, &p->rec, wild);
    p->id = 1 + (int64_t)(chance_next(c) >> 12);
    p->device_id = 1;
    p->server_ms = stage_ms + (int64_t)chance_below(c, STAGE_DAY_MS);
    p->outdated = chance_below(c, 4) == 0;
    p->kind = (uint32_t)chance_below(c, 3) * 0x9e3779b9;
    strcpy(p->protocol, protocols[wild ? chance_below(c, 3) : 0]);
}

static inline bool stage_same_number(double a, double b)
{
    return !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b));
}

/* The same in all values, minus zeros told from zeros. */
static inline bool stage_equal(const struct position *a, const struct position *b)
{
    const struct record *x = &a->rec, *y = &b->rec;
    return a->id == b->id && a->device_id == b->device_id && a->kind == b->kind &&
           a->server_ms == b->server_ms && a->outdated == b->outdated &&
           !strcmp(a->protocol, b->protocol) && rec_equal(x, y) &&
           stage_same_number(x->latitude_deg, y->latitude_deg) &&
           stage_same_number(x->longitude_deg, y->longitude_deg) &&
           stage_same_number(x->altitude_m, y->altitude_m) &&
           stage_same_number(x->speed_kmh, y->speed_kmh) &&
           stage_same_number(x->course_deg, y->course_deg) &&
           stage_same_number(x->accuracy_m, y->accuracy_m);
}
