/*
 * record.c - filling and asking a record.
 *
 * Attributes stand in the order in which they were set, each key once; a look-up
 * walks them, for there are few.  Texts lie one behind the other; one that is
 * replaced stays where it is until the record is packed.
 */
#include "core/record.h"

#include <assert.h>

#include "core/decimal.h"
#include "core/reader.h"

static const struct key_info *info_of(uint32_t key)
{
    uint32_t id = key & UINT16_MAX;
    assert(id != KEY_NONE && id < KEY_COUNT);
    return &key_table[id];
}

/* ---- texts ---- */

/* How many printable ASCII characters the text starts with. */
static size_t plain_len(struct span text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] >= ' ' && text.ptr[len] <= '~')
        len++;
    return len;
}

/* The text with what is no UTF-8 replaced and control characters dropped, behind
 * the other texts.  Empty where nothing is left of it, or where it does not fit. */
static struct span add_text(struct record *rec, struct span text)
{
    char *start = rec->text + rec->text_len;
    size_t room = REC_TEXT_MAX - rec->text_len;
    size_t len = 0;
    while (text.len) {
        size_t plain = plain_len(text);
        size_t taken = plain ? plain : utf8_len(text);
        const void *from = taken ? (const void *)text.ptr : "\xef\xbf\xbd";
        size_t size = utf8_control(text) ? 0 : taken ? taken : 3;
        if (size > room - len) {
            rec->full = true;
            return (struct span){(const uint8_t *)start, 0};
        }
        memcpy(start + len, from, size);
        len += size;
        text = span_cut(text, taken ? taken : 1, text.len);
    }
    rec->text_len += (uint16_t)len;
    return (struct span){(const uint8_t *)start, len};
}

static uint16_t text_pos(const struct record *rec, struct span text)
{
    return (uint16_t)((const char *)text.ptr - rec->text);
}

static struct attr text_attr(const struct record *rec, uint32_t key, struct span text)
{
    struct attr a = {.key = key, .type = ATTR_TEXT};
    a.text.pos = text_pos(rec, text);
    a.text.len = (uint16_t)text.len;
    return a;
}

/* ---- attributes ---- */

/* NULL where it is not there, and for free keys. */
static struct attr *find(struct record *rec, uint32_t key)
{
    return (struct attr *)rec_find(rec, key);
}

/* Takes the place of the one under the same key, or goes behind the others. */
static inline void put(struct record *rec, struct attr attr)
{
    info_of(attr.key);
    struct attr *old = rec_seen(rec, attr.key) ? find(rec, attr.key) : NULL;
    if (old)
        *old = attr;
    else
        rec_append(rec, attr);
}

void rec_num(struct record *rec, uint32_t key, double value)
{
    /* Adding 0 turns -0.0 into 0. */
    if (isfinite(value))
        put(rec, (struct attr){.key = key, .type = ATTR_NUM, .num = value + 0.0});
}

void rec_bool(struct record *rec, uint32_t key, bool value)
{
    put(rec, (struct attr){.key = key, .type = ATTR_BOOL, .yes = value});
}

void rec_text(struct record *rec, uint32_t key, const char *value)
{
    if (value)
        rec_span(rec, key, span_of(value));
}

void rec_span(struct record *rec, uint32_t key, struct span value)
{
    struct span text = add_text(rec, value);
    if (text.len)
        put(rec, text_attr(rec, key, text));
}

void rec_hex(struct record *rec, uint32_t key, struct span value)
{
    if (value.len >= (REC_TEXT_MAX - rec->text_len) / 2u) {
        rec->full = true;
        return;
    }
    if (!value.len)
        return;
    char *start = rec->text + rec->text_len;
    hex_format(value, start);
    rec->text_len += (uint16_t)(value.len * 2);
    put(rec, text_attr(rec, key, (struct span){(const uint8_t *)start, value.len * 2}));
}

/* ---- free keys ---- */

/* The name as it may stand in a record: letters, digits, "_", "." and "-", from the
 * first letter on. */
static struct span clean_name(const char *name, char out[KEY_NAME_MAX])
{
    size_t len = 0;
    for (; *name && len < KEY_NAME_MAX; name++) {
        char letter = (char)(*name | 0x20);
        bool is_letter = letter >= 'a' && letter <= 'z';
        bool inside = (*name >= '0' && *name <= '9') || *name == '_' || *name == '.' ||
                      *name == '-';
        if (is_letter || (len && inside))
            out[len++] = *name;
    }
    return (struct span){(const uint8_t *)out, len};
}

static uint32_t key_of(struct span name)
{
    return key_find((const char *)name.ptr, name.len);
}

static struct span free_name(const struct record *rec, const struct attr *a)
{
    return (struct span){(const uint8_t *)rec->text + a->name_pos, a->name_len};
}

/* The attribute's name, kept in it, is set here; an older one of the name makes way. */
static void put_free(struct record *rec, struct span name, struct attr attr)
{
    for (unsigned i = 0; i < rec->attr_count; i++) {
        struct attr *a = &rec->attrs[i];
        if (a->key == KEY_NONE && span_equal(free_name(rec, a), name)) {
            attr.name_pos = a->name_pos;
            attr.name_len = a->name_len;
            *a = attr;
            return;
        }
    }
    bool room = rec->free_count < REC_FREE_MAX && rec->attr_count < REC_ATTRS_MAX;
    struct span kept = add_text(rec, room ? name : (struct span){NULL, 0});
    if (!kept.len) {
        rec->full = true;
        return;
    }
    attr.name_pos = text_pos(rec, kept);
    attr.name_len = (uint8_t)kept.len;
    rec->free_count++;
    rec_append(rec, attr);
}

void rec_free_num(struct record *rec, const char *name, double value)
{
    char clean[KEY_NAME_MAX];
    char text[DECIMAL_TEXT];
    struct span known = clean_name(name, clean);
    if (!known.len || !isfinite(value))
        return;
    uint32_t key = key_of(known);
    if (!key) {
        put_free(rec, known, (struct attr){.type = ATTR_NUM, .num = value + 0.0});
    } else if (info_of(key)->type == KEY_BOOL) {
        rec_bool(rec, key, value != 0);
    } else if (info_of(key)->type == KEY_TEXT) {
        rec_text(rec, key, decimal_format(value, text));
    } else {
        rec_num(rec, key, value);
    }
}

void rec_free_bool(struct record *rec, const char *name, bool value)
{
    char clean[KEY_NAME_MAX];
    struct span known = clean_name(name, clean);
    if (!known.len)
        return;
    uint32_t key = key_of(known);
    if (!key) {
        put_free(rec, known, (struct attr){.type = ATTR_BOOL, .yes = value});
    } else if (info_of(key)->type == KEY_NUM) {
        rec_num(rec, key, value);
    } else if (info_of(key)->type == KEY_TEXT) {
        rec_text(rec, key, value ? "true" : "false");
    } else {
        rec_bool(rec, key, value);
    }
}

/* 1, 0, or -1 where the text is no truth. */
static int truth_of(struct span text)
{
    if (span_is(text, "true") || span_is(text, "yes") || span_is(text, "1"))
        return 1;
    return span_is(text, "false") || span_is(text, "no") || span_is(text, "0") ? 0 : -1;
}

/* A text that does not fit the key's type stays a text. */
void rec_free_span(struct record *rec, const char *name, struct span value)
{
    char clean[KEY_NAME_MAX];
    struct span known = clean_name(name, clean);
    if (!known.len || !value.len)
        return;
    uint32_t key = key_of(known);
    double num;
    if (key && info_of(key)->type == KEY_NUM && text_num(value, &num)) {
        rec_num(rec, key, num);
    } else if (key && info_of(key)->type == KEY_BOOL && truth_of(value) >= 0) {
        rec_bool(rec, key, truth_of(value));
    } else if (key) {
        rec_span(rec, key, value);
    } else {
        struct span text = add_text(rec, value);
        if (text.len)
            put_free(rec, known, text_attr(rec, KEY_NONE, text));
    }
}

/* ---- alarms, cells, Wi-Fi ---- */

/* The alarm stands in a list such as "sos,powerCut". */
static bool has_alarm(struct span list, struct span alarm)
{
    while (list.len) {
        size_t end = span_find(list, 0, ",", 1);
        if (span_equal(span_cut(list, 0, end), alarm))
            return true;
        list = span_cut(list, end + 1, list.len);
    }
    return false;
}

void rec_alarm(struct record *rec, const char *alarm)
{
    if (!alarm || !*alarm)
        return;
    struct span list = rec_get_text(rec, KEY_ALARM);
    if (!list.len) {
        rec_text(rec, KEY_ALARM, alarm);
        return;
    }
    char longer[512];
    size_t len = strlen(alarm);
    if (has_alarm(list, span_of(alarm)))
        return;
    if (list.len + 1 + len > sizeof longer) {
        rec->full = true;
        return;
    }
    memcpy(longer, list.ptr, list.len);
    longer[list.len] = ',';
    memcpy(longer + list.len + 1, alarm, len);
    rec_span(rec, KEY_ALARM, (struct span){(uint8_t *)longer, list.len + 1 + len});
}

void rec_wifi(struct record *rec, struct wifi wifi)
{
    static const uint8_t none[sizeof wifi.mac];
    if (!memcmp(wifi.mac, none, sizeof none))
        return;
    if (rec->wifi_count == REC_WIFIS_MAX)
        rec->full = true;
    else
        rec->wifis[rec->wifi_count++] = wifi;
}

/* ---- asking ---- */

const struct attr *rec_find(const struct record *rec, uint32_t key)
{
    if (!key || !rec_seen(rec, key))
        return NULL;
    for (unsigned i = 0; i < rec->attr_count; i++)
        if (rec->attrs[i].key == key)
            return &rec->attrs[i];
    return NULL;
}

double rec_get_num(const struct record *rec, uint32_t key)
{
    const struct attr *a = rec_find(rec, key);
    return a && a->type == ATTR_NUM ? a->num : NAN;
}

int rec_get_bool(const struct record *rec, uint32_t key)
{
    const struct attr *a = rec_find(rec, key);
    return a && a->type == ATTR_BOOL ? a->yes : -1;
}

struct span rec_get_text(const struct record *rec, uint32_t key)
{
    const struct attr *a = rec_find(rec, key);
    return a ? rec_attr_text(rec, a) : (struct span){(const uint8_t *)rec->text, 0};
}

struct span rec_attr_text(const struct record *rec, const struct attr *a)
{
    if (a->type != ATTR_TEXT)
        return (struct span){(const uint8_t *)rec->text, 0};
    return (struct span){(const uint8_t *)rec->text + a->text.pos, a->text.len};
}

struct span rec_attr_name(const struct record *rec, const struct attr *a,
                          char out[KEY_NAME_MAX + 1])
{
    if (a->key == KEY_NONE)
        return free_name(rec, a);
    const struct key_info *info = info_of(a->key);
    return span_of(info->family ? key_name(a->key, out) : info->name);
}

void rec_remove(struct record *rec, uint32_t key)
{
    struct attr *a = find(rec, key);
    if (!a)
        return;
    size_t after = (size_t)(&rec->attrs[rec->attr_count] - (a + 1));
    memmove(a, a + 1, after * sizeof *a);
    rec->attr_count--;
}

void rec_copy(struct record *to, const struct record *from)
{
    memcpy(to, from, offsetof(struct record, attrs));
    memcpy(to->attrs, from->attrs, from->attr_count * sizeof *from->attrs);
    memcpy(to->cells, from->cells, from->cell_count * sizeof *from->cells);
    memcpy(to->wifis, from->wifis, from->wifi_count * sizeof *from->wifis);
    memcpy(to->text, from->text, from->text_len);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_attr(const struct record *a, const struct attr *x,
                      const struct record *b, const struct attr *y)
{
    if (x->key != y->key || x->type != y->type)
        return false;
    if (x->key == KEY_NONE && !span_equal(free_name(a, x), free_name(b, y)))
        return false;
    if (x->type == ATTR_NUM)
        return same(x->num, y->num);
    if (x->type == ATTR_BOOL)
        return x->yes == y->yes;
    return span_equal(rec_attr_text(a, x), rec_attr_text(b, y));
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->cid == b->cid && a->lac == b->lac && a->mcc == b->mcc && a->mnc == b->mnc &&
           a->signal_dbm == b->signal_dbm && a->radio == b->radio;
}

static bool same_head(const struct record *a, const struct record *b)
{
    return a->fix_ms == b->fix_ms && a->device_ms == b->device_ms &&
           same(a->latitude_deg, b->latitude_deg) &&
           same(a->longitude_deg, b->longitude_deg) &&
           same(a->altitude_m, b->altitude_m) && same(a->speed_kmh, b->speed_kmh) &&
           same(a->course_deg, b->course_deg) && same(a->accuracy_m, b->accuracy_m) &&
           a->valid == b->valid && a->full == b->full && a->cell_count == b->cell_count &&
           a->wifi_count == b->wifi_count && a->attr_count == b->attr_count;
}

bool rec_equal(const struct record *a, const struct record *b)
{
    if (!same_head(a, b))
        return false;
    for (unsigned i = 0; i < a->attr_count; i++)
        if (!same_attr(a, &a->attrs[i], b, &b->attrs[i]))
            return false;
    for (unsigned i = 0; i < a->cell_count; i++)
        if (!same_cell(&a->cells[i], &b->cells[i]))
            return false;
    return !memcmp(a->wifis, b->wifis, a->wifi_count * sizeof *a->wifis);
}
