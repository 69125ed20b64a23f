/*
 * obd.c - what an FM08ABC reads from the car: trouble codes (65), raw parameters (66) and
 * the data stream (8C), in long frames that are not answered.
 *
 *     time 6, ACC 1, text, satellites 1, latitude 4, longitude 4, speed 1, course 2
 *
 * The last 12 bytes are a GPS block whose time stands at the front.  The text is a list
 * "key=hexadecimal,..." (8C, 66) or "code,..." (65).  The first two digits of a key of 8C
 * are its id, a third the form of its value; four bytes of value are in hundredths.
 * Keys of 66 are service and parameter of the OBD standard.
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

enum { GT06_OBD_PLACE = 12, GT06_OBD_HUNDREDTHS = 8 };

static const struct {
    const char *id;
    uint32_t key;
    double scale;
} gt06_obd_keys[] = {
    {"28", KEY_ODOMETER_M, 1000}, /* km */
    {"2B", KEY_FUEL_L, 1},
    {"2D", KEY_COOLANT_CELSIUS, 1},
    {"35", KEY_OBD_SPEED_KMH, 1},
    {"36", KEY_RPM, 1},
    {"47", KEY_FUEL_USED_L, 1},
    {"49", KEY_HOURS_MS, 1000}, /* s */
    {"2105", KEY_COOLANT_CELSIUS, 1},
    {"210C", KEY_RPM, 1},
    {"210D", KEY_OBD_SPEED_KMH, 1},
    {"212F", KEY_FUEL_PCT, 1},
};

/* What is not in the table is kept under its id: obd30, pid2145. */
static void gt06_obd_value(struct record *rec, const char *id, bool raw, double value)
{
    char name[16];
    for (size_t i = 0; i < sizeof gt06_obd_keys / sizeof *gt06_obd_keys; i++)
        if (!strcmp(gt06_obd_keys[i].id, id)) {
            rec_num(rec, gt06_obd_keys[i].key, value * gt06_obd_keys[i].scale);
            return;
        }
    snprintf(name, sizeof name, "%s%s", raw ? "pid" : "obd", id);
    rec_free_num(rec, name, value);
}

static void gt06_obd_pair(struct gt06 *f, struct record *rec, struct span pair)
{
    bool raw = f->number == 0x66;
    size_t id_len = raw ? 4 : 2;
    size_t mid = span_find(pair, 0, "=", 1);
    struct span value = span_trim(span_cut(pair, mid + 1, pair.len));
    char id[5];
    double number;
    if (mid < id_len || !value.len)
        return;
    span_copy(span_cut(pair, 0, id_len), id, sizeof id);
    if (!raw && !strcmp(id, "4A"))
        rec_span(rec, KEY_VIN, value);
    else if (text_hex(value, &number))
        gt06_obd_value(rec, id, raw,
                       value.len == GT06_OBD_HUNDREDTHS ? number / 100 : number);
}

static void gt06_obd_list(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    while (rd_more(r)) {
        struct span rest = rd_rest(r);
        size_t end = span_find(rest, 0, ",", 1);
        struct span pair = rd_raw(r, end < rest.len ? end + 1 : end, "obd_item");
        gt06_obd_pair(f, rec, span_trim(span_cut(pair, 0, end)));
    }
}

/* The codes as they stand, blanks between them. */
static void gt06_obd_codes(struct gt06 *f, struct record *rec)
{
    char codes[512];
    struct span text = span_trim(rd_raw(f->r, rd_left(f->r), "trouble_codes"));
    span_copy(text, codes, sizeof codes);
    for (char *p = codes; *p; p++)
        if (*p == ',')
            *p = ' ';
    rec_span(rec, KEY_DTCS, span_trim(span_of(codes)));
}

void gt06_obd(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "obd");
    gt06_times(rec, gt06_time_ms(f, "time"));
    bool acc = rd_u8(r, "acc");
    rd_means(r, acc ? "on" : "off");
    size_t left = rd_left(r);
    size_t outer =
        rd_enter(r, left >= GT06_OBD_PLACE ? left - GT06_OBD_PLACE : 0, "obd_list");
    if (f->number == 0x65)
        gt06_obd_codes(f, rec);
    else
        gt06_obd_list(f, rec);
    rd_leave(r, outer);
    gt06_place(f, rec);
    rec_bool(rec, KEY_IGNITION, acc);
}
