/*
 * chunk_position.c - positions put together from the columns of a chunk.
 */
#include "store/chunk_reader.h"

static struct span text_of(const struct chunk_reader *r, int64_t number)
{
    struct text_range range = r->texts[number];
    return (struct span){r->text.ptr + range.pos, range.len};
}

/* The device's time of the next position. */
static int64_t peek_device(const struct chunk_reader *r)
{
    uint64_t mask = (uint64_t)r->base[BASE_MASK][r->next];
    if (!(mask & MASK_DEVICE))
        return TIME_NONE;
    return time_after(r->base[BASE_TIME][r->next],
                      r->base[BASE_DEVICE][r->base_next[BASE_DEVICE]]);
}

static double peek_number(const struct chunk_reader *r, enum base base)
{
    return double_of(r->base[base][r->base_next[base]]);
}

bool cr_peek(const struct chunk_reader *r, struct chunk_key *key)
{
    enum { PLACED = MASK_LATITUDE | MASK_LONGITUDE };
    unsigned i = r->next;
    if (i >= r->count)
        return false;
    uint64_t mask = (uint64_t)r->base[BASE_MASK][i];
    bool own = !(mask & MASK_OUTDATED) && (mask & PLACED) == PLACED;
    double latitude_deg = own ? peek_number(r, BASE_LATITUDE) : NAN;
    double longitude_deg = own ? peek_number(r, BASE_LONGITUDE) : NAN;
    int64_t ms = r->base[BASE_TIME][i];
    *key = (struct chunk_key){
        .time_ms = ms,
        .id = r->base[BASE_ID][i],
        .own_ms = !own              ? peek_device(r)
                  : mask & MASK_FIX ? ms
                                    : TIME_NONE,
        .latitude_e7 = chunk_e7(latitude_deg),
        .longitude_e7 = chunk_e7(longitude_deg),
        .kind = (uint32_t)r->base[BASE_KIND][i],
    };
    return true;
}

static int64_t next_base(struct chunk_reader *r, enum base base)
{
    return r->base[base][r->base_next[base]++];
}

static double number_if(struct chunk_reader *r, enum base base, uint64_t has)
{
    return has ? double_of(next_base(r, base)) : NAN;
}

static void put_times(struct chunk_reader *r, struct position *p, uint64_t mask,
                      int64_t ms)
{
    p->server_ms = ms;
    p->rec.fix_ms = mask & MASK_FIX ? ms : TIME_NONE;
    if (mask & (MASK_FIX | MASK_DEVICE))
        p->server_ms = time_after(ms, next_base(r, BASE_SERVER));
    if (mask & MASK_DEVICE)
        p->rec.device_ms = time_after(ms, next_base(r, BASE_DEVICE));
}

static void put_head(struct chunk_reader *r, struct position *p, unsigned i)
{
    uint64_t mask = (uint64_t)r->base[BASE_MASK][i];
    struct record *rec = &p->rec;
    p->id = r->base[BASE_ID][i];
    p->device_id = r->device_id;
    p->kind = (uint32_t)r->base[BASE_KIND][i];
    p->outdated = mask & MASK_OUTDATED;
    span_copy(text_of(r, r->base[BASE_PROTOCOL][i]), p->protocol, sizeof p->protocol);
    rec_clear(rec);
    put_times(r, p, mask, r->base[BASE_TIME][i]);
    rec->latitude_deg = number_if(r, BASE_LATITUDE, mask & MASK_LATITUDE);
    rec->longitude_deg = number_if(r, BASE_LONGITUDE, mask & MASK_LONGITUDE);
    rec->altitude_m = number_if(r, BASE_ALTITUDE, mask & MASK_ALTITUDE);
    rec->speed_kmh = number_if(r, BASE_SPEED, mask & MASK_SPEED);
    rec->course_deg = number_if(r, BASE_COURSE, mask & MASK_COURSE);
    rec->accuracy_m = number_if(r, BASE_ACCURACY, mask & MASK_ACCURACY);
    rec->valid = mask & MASK_VALID;
    rec->full = mask & MASK_FULL;
}

/* check_texts() has seen that it fits. */
static uint16_t keep_text(struct record *rec, struct span text)
{
    uint16_t pos = rec->text_len;
    memcpy(rec->text + pos, text.ptr, text.len);
    rec->text_len += (uint16_t)text.len;
    return pos;
}

static void put_attrs(struct chunk_reader *r, struct record *rec, const struct shape *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        size_t number = s->columns[i];
        const struct column *c = &r->columns[number];
        int64_t value = c->v[r->column_next[number]++];
        struct attr a = {.key = c->key, .type = c->type};
        if (c->key == KEY_NONE) {
            struct span name = text_of(r, c->name);
            a.name_pos = keep_text(rec, name);
            a.name_len = (uint8_t)name.len;
            rec->free_count++;
        }
        if (c->type == ATTR_NUM) {
            a.num = double_of(value);
        } else if (c->type == ATTR_BOOL) {
            a.yes = value;
        } else {
            struct span text = text_of(r, value);
            a.text.pos = keep_text(rec, text);
            a.text.len = (uint16_t)text.len;
        }
        rec_append(rec, a);
    }
}

static void put_radio(struct chunk_reader *r, struct record *rec, unsigned i)
{
    rec->cell_count = (uint8_t)r->base[BASE_CELLS][i];
    rec->wifi_count = (uint8_t)r->base[BASE_WIFIS][i];
    for (unsigned j = 0; j < rec->cell_count; j++, r->cell_next++) {
        rec->cells[j] = r->cells[r->cell_which[r->cell_next]];
        rec->cells[j].signal_dbm = (int16_t)r->cell_signal[r->cell_next];
    }
    for (unsigned j = 0; j < rec->wifi_count; j++, r->wifi_next++) {
        rec->wifis[j] = r->wifis[r->wifi_which[r->wifi_next]];
        rec->wifis[j].signal_dbm = (int8_t)r->wifi_signal[r->wifi_next];
    }
}

bool cr_next(struct chunk_reader *r, struct position *p)
{
    if (r->next >= r->count)
        return false;
    unsigned i = r->next++;
    put_head(r, p, i);
    put_attrs(r, &p->rec, &r->shapes[r->base[BASE_SHAPE][i]]);
    put_radio(r, &p->rec, i);
    return true;
}

static void step_bases(struct chunk_reader *r, uint64_t mask)
{
    r->base_next[BASE_SERVER] += (mask & (MASK_FIX | MASK_DEVICE)) != 0;
    r->base_next[BASE_DEVICE] += (mask & MASK_DEVICE) != 0;
    r->base_next[BASE_LATITUDE] += (mask & MASK_LATITUDE) != 0;
    r->base_next[BASE_LONGITUDE] += (mask & MASK_LONGITUDE) != 0;
    r->base_next[BASE_ALTITUDE] += (mask & MASK_ALTITUDE) != 0;
    r->base_next[BASE_SPEED] += (mask & MASK_SPEED) != 0;
    r->base_next[BASE_COURSE] += (mask & MASK_COURSE) != 0;
    r->base_next[BASE_ACCURACY] += (mask & MASK_ACCURACY) != 0;
}

void cr_skip(struct chunk_reader *r)
{
    if (r->next >= r->count)
        return;
    unsigned i = r->next++;
    const struct shape *s = &r->shapes[r->base[BASE_SHAPE][i]];
    step_bases(r, (uint64_t)r->base[BASE_MASK][i]);
    for (unsigned j = 0; j < s->count; j++)
        r->column_next[s->columns[j]]++;
    r->cell_next += (size_t)r->base[BASE_CELLS][i];
    r->wifi_next += (size_t)r->base[BASE_WIFIS][i];
}
