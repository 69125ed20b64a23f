/*
 * layout.c - what writing and reading a chunk have in common.
 */
#include "store/layout.h"

/* Clocks of devices that have no fix start at any time. */
static bool is_plausible(int64_t device_ms, int64_t server_ms)
{
    const int64_t least_ms = INT64_C(946684800000), day_ms = 86400000;
    return device_ms >= least_ms &&
           (server_ms >= INT64_MAX - day_ms || device_ms <= server_ms + day_ms);
}

int64_t choose_time(int64_t fix_ms, int64_t device_ms, int64_t server_ms)
{
    if (fix_ms != TIME_NONE)
        return fix_ms;
    return is_plausible(device_ms, server_ms) ? device_ms : server_ms;
}

int64_t chunk_time(const struct position *p)
{
    return choose_time(p->rec.fix_ms, p->rec.device_ms, p->server_ms);
}

int64_t chunk_newest(const struct position *p, int64_t newest_ms)
{
    int64_t ms = chunk_time(p), device_ms = p->rec.device_ms;
    if (device_ms > ms && is_plausible(device_ms, p->server_ms))
        ms = device_ms;
    return ms > newest_ms ? ms : newest_ms;
}

int32_t chunk_e7(double deg)
{
    double scaled = deg * 1e7;
    if (!(scaled < INT32_MAX && scaled > INT32_MIN))
        return CHUNK_NO_PLACE;
    return (int32_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
}

int64_t chunk_own_time(const struct position *p)
{
    return !p->outdated && rec_placed(&p->rec) ? p->rec.fix_ms : p->rec.device_ms;
}

struct chunk_key chunk_key(const struct position *p)
{
    bool own = !p->outdated && rec_placed(&p->rec);
    return (struct chunk_key){
        .time_ms = chunk_time(p),
        .id = p->id,
        .own_ms = chunk_own_time(p),
        .latitude_e7 = chunk_e7(own ? p->rec.latitude_deg : NAN),
        .longitude_e7 = chunk_e7(own ? p->rec.longitude_deg : NAN),
        .kind = p->kind,
    };
}

void set_places(struct places *p, const int64_t *masks, unsigned count, bool exact,
                const int64_t *latitude_e7, const int64_t *longitude_e7)
{
    enum { BOTH = MASK_LATITUDE | MASK_LONGITUDE };
    p->first_e7 = 0;
    for (unsigned i = count; i--;)
        p->known[i] = false;
    bool found = false;
    for (unsigned i = 0; exact && i < count; i++) {
        int64_t latitude = masks[i] & MASK_LATITUDE ? *latitude_e7++ : 0;
        int64_t longitude = masks[i] & MASK_LONGITUDE ? *longitude_e7++ : 0;
        p->known[i] = (masks[i] & BOTH) == BOTH;
        p->latitude_e7[i] = latitude;
        p->longitude_e7[i] = longitude;
        if (p->known[i] && !found)
            p->first_e7 = latitude;
        found |= p->known[i];
    }
}

void foretell_cm(const struct places *p, const struct flat *f, unsigned count,
                 int64_t cm[CHUNK_MAX])
{
    int last = -1;
    for (unsigned i = 0; i < count; i++) {
        cm[i] = 0;
        if (!p->known[i])
            continue;
        if (last >= 0)
            cm[i] = flat_cm(f, p->latitude_e7[last], p->longitude_e7[last],
                            p->latitude_e7[i], p->longitude_e7[i]);
        last = (int)i;
    }
}

void count_cm(const struct column *c, int64_t cm[CHUNK_MAX])
{
    int64_t digits[CHUNK_MAX];
    if (!form_split(FORM_CM, c->v, c->count, digits))
        return;
    for (unsigned i = 0; i < c->count; i++)
        cm[c->at[i]] = digits[i];
}
