/*
 * record.h - what one report of a tracker says: when, where, and attributes.
 *
 * What was absent on the wire is absent here: times are TIME_NONE, numbers NAN,
 * attributes not there.  Setters drop what is absent, so decoders need no `if`.
 * Everything is bounded: what does not fit is left out and `full` says so.
 */
#pragma once

#include <math.h>

#include "core/bytes.h"
#include "core/civil.h"
#include "core/keys.h"

enum {
    REC_ATTRS_MAX = 160,
    REC_FREE_MAX = 64, /* free keys among them */
    REC_CELLS_MAX = 16,
    REC_WIFIS_MAX = 32,
    REC_TEXT_MAX = 6144, /* all texts and names of a record together */
};

enum attr_type { ATTR_NUM, ATTR_BOOL, ATTR_TEXT };

struct attr {
    uint32_t key;      /* KEY_..., KEY_N(...), or KEY_NONE: a free one */
    uint8_t type;      /* enum attr_type */
    uint8_t name_len;  /* of a free key */
    uint16_t name_pos; /* in the record's text */
    union {
        double num;
        bool yes;
        struct {
            uint16_t pos, len; /* in the record's text */
        } text;
    };
};

enum radio { RADIO_GSM, RADIO_LTE, RADIO_WCDMA, RADIO_CDMA, RADIO_NR };

struct cell {
    uint64_t cid;
    uint32_t lac;
    uint16_t mcc, mnc;
    int16_t signal_dbm; /* 0: absent */
    uint8_t radio;      /* enum radio */
};

struct wifi {
    uint8_t mac[6];
    int8_t signal_dbm; /* 0: absent */
    uint8_t channel;   /* 0: absent */
};

struct record {
    int64_t fix_ms;      /* when the place was taken */
    int64_t device_ms;   /* when the device spoke */
    double latitude_deg; /* NAN with longitude_deg: no place of its own */
    double longitude_deg;
    double altitude_m;
    double speed_kmh;
    double course_deg;
    double accuracy_m;
    bool valid; /* the device calls the place a fix */
    bool full;  /* something did not fit and was left out */
    uint8_t cell_count;
    uint8_t wifi_count;
    uint16_t attr_count;
    uint16_t free_count;
    uint16_t text_len;
    uint64_t seen; /* bit key % 64 of each attribute: where it is clear, none is there */
    struct attr attrs[REC_ATTRS_MAX];
    struct cell cells[REC_CELLS_MAX];
    struct wifi wifis[REC_WIFIS_MAX];
    char text[REC_TEXT_MAX];
};

/* Everything absent.  Touches only the head, not the arrays. */
static inline void rec_clear(struct record *rec)
{
    rec->fix_ms = TIME_NONE;
    rec->device_ms = TIME_NONE;
    rec->latitude_deg = rec->longitude_deg = NAN;
    rec->altitude_m = rec->speed_kmh = rec->course_deg = rec->accuracy_m = NAN;
    rec->valid = rec->full = false;
    rec->cell_count = rec->wifi_count = 0;
    rec->attr_count = rec->free_count = rec->text_len = 0;
    rec->seen = 0;
}

/* Has a place of its own. */
static inline bool rec_placed(const struct record *rec)
{
    return !isnan(rec->latitude_deg) && !isnan(rec->longitude_deg);
}

/* Something under this key may be there; false is certain. */
static inline bool rec_seen(const struct record *rec, uint32_t key)
{
    return rec->seen >> (key % 64) & 1;
}

/* Puts an attribute behind the others; its key must not be there yet. */
static inline void rec_append(struct record *rec, struct attr attr)
{
    if (rec->attr_count == REC_ATTRS_MAX) {
        rec->full = true;
        return;
    }
    rec->seen |= UINT64_C(1) << attr.key % 64;
    rec->attrs[rec->attr_count++] = attr;
}

/* Sets a value; one that is already there under the key is replaced.  NAN and
 * empty texts are absent and dropped.  Texts are made valid UTF-8. */
void rec_num(struct record *rec, uint32_t key, double value);
void rec_bool(struct record *rec, uint32_t key, bool value);
void rec_text(struct record *rec, uint32_t key, const char *value);
void rec_span(struct record *rec, uint32_t key, struct span value);

/* The same bytes as lower-case hexadecimal digits. */
void rec_hex(struct record *rec, uint32_t key, struct span value);

/* Free keys, by name: lower camel case, 1 to 64 letters and digits; a name of the
 * table is taken for what it is there. */
void rec_free_num(struct record *rec, const char *name, double value);
void rec_free_bool(struct record *rec, const char *name, bool value);
void rec_free_span(struct record *rec, const char *name, struct span value);

/* Adds an alarm to those that the record already has ("sos,powerCut"). */
void rec_alarm(struct record *rec, const char *alarm);

/* Cells whose lac and cid are both 0, and Wi-Fi without an address, are empty and
 * dropped. */
static inline void rec_cell(struct record *rec, struct cell cell)
{
    if (!cell.lac && !cell.cid)
        return;
    if (rec->cell_count == REC_CELLS_MAX)
        rec->full = true;
    else
        rec->cells[rec->cell_count++] = cell;
}

void rec_wifi(struct record *rec, struct wifi wifi);

/* NULL when it is absent. */
const struct attr *rec_find(const struct record *rec, uint32_t key);
double rec_get_num(const struct record *rec, uint32_t key); /* NAN when absent */
/* 1, 0, or -1 when absent. */
int rec_get_bool(const struct record *rec, uint32_t key);
struct span rec_get_text(const struct record *rec, uint32_t key); /* empty when absent */
struct span rec_attr_text(const struct record *rec, const struct attr *a);
/* The attribute's name; out is used where it has to be composed. */
struct span rec_attr_name(const struct record *rec, const struct attr *a,
                          char out[KEY_NAME_MAX + 1]);
void rec_remove(struct record *rec, uint32_t key);

/* Copies only what is in use. */
void rec_copy(struct record *to, const struct record *from);

/* The same in every value (NAN equals NAN; the order of attributes counts). */
bool rec_equal(const struct record *a, const struct record *b);

/* A record as a few dozen bytes, exactly: what goes in comes out.  rec_pack()
 * writes at most REC_PACK_MAX bytes and returns how many; rec_unpack() returns how
 * many it took, or 0 where the bytes are no record. */
enum { REC_PACK_MAX = 16384 };
size_t rec_pack(const struct record *rec, uint8_t *out);
size_t rec_unpack(struct span in, struct record *rec);

/* The times and the place alone: quicker, and the rest stays absent. */
bool rec_unpack_head(struct span in, struct record *rec);
