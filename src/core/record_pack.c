/*
 * record_pack.c - a record as a few dozen bytes, exactly.
 *
 *     u8   form        1
 *     u16  what there is, HAS_...
 *     ...  times, place, and numbers, as HAS_... says, in its order
 *     varint, attributes     u8 key, [u8 type], [number], [name], value
 *     varint, cells          where HAS_CELLS
 *     varint, Wi-Fi          where HAS_WIFIS
 *
 * Integers are little-endian; varint is seven bits a byte, low ones first.  A number
 * is a varint of places in its low three bits and zigzag digits above them, or RAW
 * and the eight bytes of the double where it is no short decimal.  A key is a byte:
 * 0 free, fixed ones by their place in the table upwards from 1, families downwards
 * from 7f; its high bit says that the value is not of the key's own type, and that
 * the type follows.
 */
#include "core/record.h"

#include <assert.h>
#include <endian.h>

#include "core/decimal.h"
#include "core/reader.h"

enum { FORM = 1, RAW = 7, CODE_FAMILIES = 0x7f, CODE_TYPED = 0x80 };

_Static_assert((int)KEY_COUNT <= CODE_FAMILIES, "keys and families share 127 codes");
_Static_assert((int)DECIMAL_PLACES < RAW, "places share three bits with RAW");

enum {
    HAS_FIX_S = 1 << 0,    /* u32 seconds since 1970 */
    HAS_FIX_MS = 1 << 1,   /* s64 milliseconds */
    HAS_DEVICE = 1 << 2,   /* zigzag varint: milliseconds after the fix, or after 0 */
    HAS_PLACE_E7 = 1 << 3, /* latitude and longitude, s32 1e-7 degree each */
    HAS_PLACE = 1 << 4,    /* both as eight bytes */
    HAS_ALTITUDE = 1 << 5,
    HAS_SPEED = 1 << 6,
    HAS_COURSE = 1 << 7,
    HAS_ACCURACY = 1 << 8,
    HAS_CELLS = 1 << 9,
    HAS_WIFIS = 1 << 10,
    IS_VALID = 1 << 11,
    IS_FULL = 1 << 12,
    HAS_END = 1 << 13,
};

/* ---- writing ---- */

/* Each writes at `at` and returns what is behind it.  The lengths are bounded by the
 * record's own arrays: see REC_PACK_MAX. */

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static inline uint8_t *put_int(uint8_t *at, uint64_t value, unsigned size)
{
    value = htole64(value);
    return put_bytes(at, &value, size);
}

static inline uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static uint8_t *put_double(uint8_t *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return put_int(at, bits, 8);
}

static uint8_t *put_number(uint8_t *at, double value)
{
    int64_t digits;
    int places = decimal_split(value, &digits);
    if (places >= 0)
        return put_varint(at, zigzag(digits) << 3 | (unsigned)places);
    *at++ = RAW;
    return put_double(at, value);
}

static uint8_t *put_span(uint8_t *at, struct span s)
{
    at = put_varint(at, s.len);
    return put_bytes(at, s.ptr, s.len);
}

/* True where the degrees are exactly a whole number of 1e-7. */
static bool split_e7(double deg, int32_t *e7)
{
    double scaled = deg * 1e7;
    if (!(fabs(scaled) < INT32_MAX))
        return false;
    *e7 = (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    return *e7 / 1e7 == deg && !(*e7 == 0 && signbit(deg));
}

static unsigned has_if(double value, unsigned bit)
{
    return isnan(value) ? 0 : bit;
}

/* Where it says HAS_PLACE_E7, latitude and longitude are in e7. */
static unsigned what_is_there(const struct record *rec, int32_t e7[2])
{
    unsigned has = 0;
    if (rec->fix_ms != TIME_NONE) {
        bool seconds = rec->fix_ms % 1000 == 0 && rec->fix_ms >= 0 &&
                       rec->fix_ms / 1000 <= UINT32_MAX;
        has |= seconds ? HAS_FIX_S : HAS_FIX_MS;
    }
    if (rec->device_ms != TIME_NONE)
        has |= HAS_DEVICE;
    if (split_e7(rec->latitude_deg, &e7[0]) && split_e7(rec->longitude_deg, &e7[1]))
        has |= HAS_PLACE_E7;
    else if (!isnan(rec->latitude_deg) || !isnan(rec->longitude_deg))
        has |= HAS_PLACE;
    has |= has_if(rec->altitude_m, HAS_ALTITUDE) | has_if(rec->speed_kmh, HAS_SPEED);
    has |= has_if(rec->course_deg, HAS_COURSE) | has_if(rec->accuracy_m, HAS_ACCURACY);
    has |= (rec->cell_count ? HAS_CELLS : 0) | (rec->wifi_count ? HAS_WIFIS : 0);
    return has | (rec->valid ? IS_VALID : 0) | (rec->full ? IS_FULL : 0);
}

static uint8_t *put_head(uint8_t *at, const struct record *rec)
{
    int32_t e7[2] = {0};
    unsigned has = what_is_there(rec, e7);
    *at++ = FORM;
    at = put_int(at, has, 2);
    if (has & HAS_FIX_S)
        at = put_int(at, (uint64_t)(rec->fix_ms / 1000), 4);
    if (has & HAS_FIX_MS)
        at = put_int(at, (uint64_t)rec->fix_ms, 8);
    if (has & HAS_DEVICE) {
        uint64_t base = rec->fix_ms == TIME_NONE ? 0 : (uint64_t)rec->fix_ms;
        at = put_varint(at, zigzag((int64_t)((uint64_t)rec->device_ms - base)));
    }
    if (has & HAS_PLACE_E7) {
        at = put_int(at, (uint32_t)e7[0], 4);
        at = put_int(at, (uint32_t)e7[1], 4);
    }
    if (has & HAS_PLACE) {
        at = put_double(at, rec->latitude_deg);
        at = put_double(at, rec->longitude_deg);
    }
    if (has & HAS_ALTITUDE)
        at = put_number(at, rec->altitude_m);
    if (has & HAS_SPEED)
        at = put_number(at, rec->speed_kmh);
    if (has & HAS_COURSE)
        at = put_number(at, rec->course_deg);
    if (has & HAS_ACCURACY)
        at = put_number(at, rec->accuracy_m);
    return at;
}

_Static_assert((int)KEY_NUM == (int)ATTR_NUM && (int)KEY_BOOL == (int)ATTR_BOOL &&
                   (int)KEY_TEXT == (int)ATTR_TEXT,
               "a key's type is that of its values");

/* The type that a value has unless a type follows its key. */
static uint8_t own_type(uint32_t id)
{
    return (uint8_t)key_table[id].type;
}

static uint8_t *put_attr(uint8_t *at, const struct record *rec, const struct attr *a)
{
    uint32_t id = a->key & UINT16_MAX;
    bool family = id >= KEY_FIRST_FAMILY;
    unsigned code = family ? CODE_FAMILIES - (id - KEY_FIRST_FAMILY) : id;
    bool typed = a->type != own_type(id);
    *at++ = (uint8_t)(code | (typed ? CODE_TYPED : 0));
    if (typed)
        *at++ = a->type;
    if (family)
        at = put_varint(at, a->key >> 16);
    if (id == KEY_NONE)
        at = put_span(at, rec_attr_name(rec, a, NULL));
    if (a->type == ATTR_NUM)
        return put_number(at, a->num);
    if (a->type == ATTR_TEXT)
        return put_span(at, rec_attr_text(rec, a));
    *at++ = a->yes;
    return at;
}

static uint8_t *put_radio(uint8_t *at, const struct record *rec)
{
    if (rec->cell_count)
        at = put_varint(at, rec->cell_count);
    for (unsigned i = 0; i < rec->cell_count; i++) {
        const struct cell *c = &rec->cells[i];
        at = put_varint(at, c->mcc);
        at = put_varint(at, c->mnc);
        at = put_varint(at, c->lac);
        at = put_varint(at, c->cid);
        at = put_varint(at, zigzag(c->signal_dbm));
        *at++ = c->radio;
    }
    if (rec->wifi_count)
        at = put_varint(at, rec->wifi_count);
    for (unsigned i = 0; i < rec->wifi_count; i++) {
        at = put_bytes(at, rec->wifis[i].mac, sizeof rec->wifis[i].mac);
        *at++ = (uint8_t)rec->wifis[i].signal_dbm;
        *at++ = rec->wifis[i].channel;
    }
    return at;
}

size_t rec_pack(const struct record *rec, uint8_t *out)
{
    uint8_t *at = put_head(out, rec);
    at = put_varint(at, rec->attr_count);
    for (unsigned i = 0; i < rec->attr_count; i++)
        at = put_attr(at, rec, &rec->attrs[i]);
    at = put_radio(at, rec);
    size_t len = (size_t)(at - out);
    assert(len <= REC_PACK_MAX);
    return len;
}

/* ---- reading ---- */

/* Of more than one byte, of which the first has been read. */
static uint64_t get_long(struct reader *r, uint8_t byte, uint64_t max, const char *name)
{
    uint64_t value = byte & 0x7f;
    unsigned shift = 7;
    do {
        byte = rd_u8(r, name);
        uint64_t bits = byte & 0x7f;
        if (shift > 63 || (bits << shift) >> shift != bits) {
            rd_bad(r, name);
            return 0;
        }
        value |= bits << shift;
        shift += 7;
    } while (byte & 0x80);
    if (value > max) {
        rd_bad(r, name);
        return 0;
    }
    return value;
}

static inline uint64_t get_varint(struct reader *r, uint64_t max, const char *name)
{
    uint8_t byte = rd_u8(r, name);
    if (byte & 0x80)
        return get_long(r, byte, max, name);
    if (byte > max)
        rd_bad(r, name);
    return byte > max ? 0 : byte;
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static double get_double(struct reader *r, const char *name)
{
    uint64_t bits = rd_u64_le(r, name);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double get_number(struct reader *r, const char *name)
{
    uint64_t word = get_varint(r, UINT64_MAX, name);
    unsigned places = word & 7;
    if (places == RAW)
        return get_double(r, name);
    return decimal_join(unzigzag(word >> 3), places);
}

static struct span get_span(struct reader *r, const char *name)
{
    return rd_raw(r, get_varint(r, REC_TEXT_MAX, name), name);
}

static void get_place(struct reader *r, struct record *rec, unsigned has)
{
    if (has & HAS_FIX_S)
        rec->fix_ms = rd_u32_le(r, "fix") * INT64_C(1000);
    if (has & HAS_FIX_MS)
        rec->fix_ms = (int64_t)rd_u64_le(r, "fix");
    if (has & HAS_DEVICE) {
        uint64_t base = rec->fix_ms == TIME_NONE ? 0 : (uint64_t)rec->fix_ms;
        uint64_t after = (uint64_t)unzigzag(get_varint(r, UINT64_MAX, "device"));
        rec->device_ms = (int64_t)(base + after);
    }
    if (has & HAS_PLACE_E7) {
        rec->latitude_deg = rd_s32_le(r, "latitude") / 1e7;
        rec->longitude_deg = rd_s32_le(r, "longitude") / 1e7;
    }
    if (has & HAS_PLACE) {
        rec->latitude_deg = get_double(r, "latitude");
        rec->longitude_deg = get_double(r, "longitude");
    }
}

static void get_numbers(struct reader *r, struct record *rec, unsigned has)
{
    if (has & HAS_ALTITUDE)
        rec->altitude_m = get_number(r, "altitude");
    if (has & HAS_SPEED)
        rec->speed_kmh = get_number(r, "speed");
    if (has & HAS_COURSE)
        rec->course_deg = get_number(r, "course");
    if (has & HAS_ACCURACY)
        rec->accuracy_m = get_number(r, "accuracy");
    rec->valid = has & IS_VALID;
    rec->full = has & IS_FULL;
}

/* The text behind the record's others; fails where setters would not have let it
 * in, so that nobody behind us has to look at it again. */
static uint16_t keep_text(struct reader *r, struct record *rec, struct span text)
{
    uint16_t pos = rec->text_len;
    bool clean = text.len && text.len <= (size_t)(REC_TEXT_MAX - pos);
    for (struct span left = text; clean && left.len;) {
        size_t len = utf8_len(left);
        clean = len && !utf8_control(left);
        left = span_cut(left, len, left.len);
    }
    if (!clean) {
        rd_bad(r, "text");
        return 0;
    }
    memcpy(rec->text + pos, text.ptr, text.len);
    rec->text_len += (uint16_t)text.len;
    return pos;
}

static uint32_t get_key(struct reader *r, unsigned code)
{
    if (code < KEY_FIRST_FAMILY)
        return code;
    uint32_t id = KEY_FIRST_FAMILY + (CODE_FAMILIES - code);
    if (id < KEY_COUNT)
        return KEY_N(id, get_varint(r, UINT16_MAX, "number"));
    rd_bad(r, "key");
    return KEY_NONE;
}

static void get_value(struct reader *r, struct record *rec, struct attr *a)
{
    struct span text;
    switch (a->type) {
    case ATTR_NUM:
        a->num = get_number(r, "value");
        if (!isfinite(a->num))
            rd_bad(r, "value");
        break;
    case ATTR_BOOL:
        a->yes = rd_u8(r, "value");
        break;
    case ATTR_TEXT:
        text = get_span(r, "value");
        a->text.pos = keep_text(r, rec, text);
        a->text.len = (uint16_t)text.len;
        break;
    default:
        rd_bad(r, "type");
    }
}

static void get_attr(struct reader *r, struct record *rec)
{
    uint8_t code = rd_u8(r, "key");
    uint8_t type = code & CODE_TYPED ? rd_u8(r, "type") : ATTR_NUM;
    struct attr a = {.key = get_key(r, code & ~CODE_TYPED & 0xff)};
    a.type = code & CODE_TYPED ? type : own_type(a.key & UINT16_MAX);
    if (a.key == KEY_NONE) {
        struct span name = get_span(r, "name");
        if (name.len > KEY_NAME_MAX || rec->free_count == REC_FREE_MAX)
            rd_bad(r, "name");
        a.name_pos = keep_text(r, rec, name);
        a.name_len = (uint8_t)name.len;
        rec->free_count++;
    }
    get_value(r, rec, &a);
    rec_append(rec, a);
}

static void get_cell(struct reader *r, struct record *rec)
{
    struct cell *c = &rec->cells[rec->cell_count++];
    *c = (struct cell){0};
    c->mcc = (uint16_t)get_varint(r, UINT16_MAX, "mcc");
    c->mnc = (uint16_t)get_varint(r, UINT16_MAX, "mnc");
    c->lac = (uint32_t)get_varint(r, UINT32_MAX, "lac");
    c->cid = get_varint(r, UINT64_MAX, "cid");
    c->signal_dbm = (int16_t)unzigzag(get_varint(r, UINT16_MAX, "signal"));
    c->radio = rd_u8(r, "radio");
    if (c->radio > RADIO_NR)
        rd_bad(r, "radio");
}

static void get_wifi(struct reader *r, struct record *rec)
{
    struct wifi *wifi = &rec->wifis[rec->wifi_count++];
    *wifi = (struct wifi){0};
    struct span mac = rd_raw(r, sizeof wifi->mac, "mac");
    memcpy(wifi->mac, mac.ptr, mac.len);
    wifi->signal_dbm = rd_s8(r, "signal");
    wifi->channel = rd_u8(r, "channel");
}

/* From the form to the place; returns what there is. */
static unsigned get_front(struct reader *r, struct record *rec)
{
    rec_clear(rec);
    uint8_t form = rd_u8(r, "form");
    unsigned has = rd_u16_le(r, "has");
    if (form != FORM || has >= HAS_END)
        rd_bad(r, "form");
    get_place(r, rec, has);
    return has;
}

bool rec_unpack_head(struct span in, struct record *rec)
{
    struct reader r = rd_open(in, 0, NULL);
    get_front(&r, rec);
    if (r.fault)
        rec_clear(rec);
    return !r.fault;
}

size_t rec_unpack(struct span in, struct record *rec)
{
    struct reader r = rd_open(in, 0, NULL);
    unsigned has = get_front(&r, rec);
    get_numbers(&r, rec, has);
    uint64_t attrs = get_varint(&r, REC_ATTRS_MAX, "attributes");
    for (uint64_t i = 0; i < attrs && !r.fault; i++)
        get_attr(&r, rec);
    uint64_t cells = has & HAS_CELLS ? get_varint(&r, REC_CELLS_MAX, "cells") : 0;
    for (uint64_t i = 0; i < cells && !r.fault; i++)
        get_cell(&r, rec);
    uint64_t wifis = has & HAS_WIFIS ? get_varint(&r, REC_WIFIS_MAX, "wifis") : 0;
    for (uint64_t i = 0; i < wifis && !r.fault; i++)
        get_wifi(&r, rec);
    if (!r.fault)
        return r.pos;
    rec_clear(rec);
    return 0;
}
