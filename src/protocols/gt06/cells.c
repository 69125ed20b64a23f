/*
 * cells.c - cells and Wi-Fi without a fix.
 *
 *     18, 24, 28, 2E  time 6, mcc 2, mnc 1 or 2, 7 cells (lac 2, cid 3, rssi 1), timing
 *                     advance 1, language 2
 *     A1              the same with cells of lac 4, cid 8, rssi 1
 *     2C, A2          the cells of 28 and A1, timing advance 1, Wi-Fi count 1, Wi-Fi
 *     33              6 cells (lac 2, cid 4, rssi 1), timing advance 1, count 1, Wi-Fi
 *     A9              time 6, mcc, mnc, network 1 (0: 2G or 3G), count 1, cells as in 28
 * or A1, timing advance 1, count 1, Wi-Fi, alarm 1, language 1 24 of length 31 (S20):
 * time 6, timing advance 1, mcc 2, mnc 1, count 1, cells 34 of length 37 (SL4X): time 6,
 * timing advance 1, mcc 2, mnc 2, cells (lac 2, cid 4, rssi 1) to the end F3 time 6,
 * count 1, reserved 2 and address 6 each
 *
 *     Wi-Fi           address 6, signal 1
 *
 * The network code takes two bytes where bit 15 of the country code is set.  Signals are
 * sent without their minus, those of Wi-Fi also as the signed byte that they are.
 */
#include "protocols/gt06/gt06.h"

enum { GT06_WIFI_MAX = 31 };

struct cell gt06_operator(struct gt06 *f)
{
    struct reader *r = f->r;
    uint16_t mcc = rd_u16(r, "mcc");
    uint16_t mnc = mcc >> 15 ? rd_u16(r, "mnc") : rd_u8(r, "mnc");
    return (struct cell){.mcc = mcc & 0x7fff, .mnc = mnc};
}

/* Some fill the list with one cell over and over. */
static bool gt06_has_cell(const struct record *rec, const struct cell *c)
{
    for (unsigned i = 0; i < rec->cell_count; i++)
        if (rec->cells[i].lac == c->lac && rec->cells[i].cid == c->cid)
            return true;
    return false;
}

void gt06_cell_list(struct gt06 *f, struct record *rec, struct cell operator_,
                    unsigned count, unsigned lac_size, unsigned cid_size)
{
    struct reader *r = f->r;
    for (unsigned i = 0; i < count && !r->fault; i++) {
        struct cell c = {.mcc = operator_.mcc, .mnc = operator_.mnc};
        c.radio = cid_size == 8 ? RADIO_LTE : RADIO_GSM;
        c.lac = (uint32_t)rd_uint(r, lac_size, "lac");
        c.cid = rd_uint(r, cid_size, "cid");
        c.signal_dbm = (int16_t)-rd_u8(r, "rssi_dbm_negative");
        if (c.lac && !gt06_has_cell(rec, &c))
            rec_cell(rec, c);
    }
}

void gt06_wifi_list(struct gt06 *f, struct record *rec, unsigned count)
{
    struct reader *r = f->r;
    if (count > GT06_WIFI_MAX)
        rd_bad(r, "wifi_count");
    for (unsigned i = 0; i < count && !r->fault; i++) {
        struct wifi w = {0};
        struct span mac = rd_raw(r, sizeof w.mac, "wifi_address");
        uint8_t signal = rd_u8(r, "wifi_signal_dbm_negative");
        if (mac.len != sizeof w.mac)
            return;
        memcpy(w.mac, mac.ptr, sizeof w.mac);
        w.signal_dbm = signal > 127 ? (int8_t)signal : (int8_t)-signal;
        rec_wifi(rec, w);
    }
}

static struct record *gt06_cells_open(struct gt06 *f, const char *message)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, message);
    rec->device_ms = gt06_time_ms(f, "time");
    return rec;
}

void gt06_cells(struct gt06 *f)
{
    bool far = f->number == 0xa1;
    struct record *rec = gt06_cells_open(f, "cells");
    gt06_cell_list(f, rec, gt06_operator(f), 7, far ? 4 : 2, far ? 8 : 3);
    rd_u8(f->r, "timing_advance");
    gt06_rest(f, "language");
    gt06_ack(f);
}

static void gt06_cells_of_a9(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    struct cell operator_ = gt06_operator(f);
    bool far = rd_u8(r, "network_type");
    rd_means(r, far ? "4G" : "2G or 3G");
    unsigned count = rd_u8(r, "cell_count");
    gt06_cell_list(f, rec, operator_, count, far ? 4 : 2, far ? 8 : 3);
}

void gt06_cells_wifi(struct gt06 *f)
{
    if (f->number == 0xa2 && f->size == 0x40) {
        gt06_lw4g(f);
        return;
    }
    struct reader *r = f->r;
    struct record *rec = gt06_cells_open(f, f->number == 0xa9 ? "alarm" : "wifi");
    if (f->number == 0xa9)
        gt06_cells_of_a9(f, rec);
    else if (f->number == 0x33)
        gt06_cell_list(f, rec, gt06_operator(f), 6, 2, 4);
    else if (f->number == 0xa2)
        gt06_cell_list(f, rec, gt06_operator(f), 7, 4, 8);
    else
        gt06_cell_list(f, rec, gt06_operator(f), 7, 2, 3);
    rd_u8(r, "timing_advance");
    gt06_wifi_list(f, rec, rd_u8(r, "wifi_count"));
    if (f->number == 0xa9)
        gt06_alarm_bytes(f, rec, 0);
    gt06_rest(f, "language");
    gt06_ack(f);
}

static void gt06_cells_s20(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_cells_open(f, "cells");
    rd_u8(r, "timing_advance");
    struct cell operator_ = gt06_operator(f);
    gt06_cell_list(f, rec, operator_, rd_u8(r, "cell_count"), 2, 3);
    gt06_rest(f, "padding");
    gt06_ack(f);
}

void gt06_cells_24(struct gt06 *f)
{
    if (f->size == 0x31)
        gt06_cells_s20(f);
    else if (f->size == 0x2e)
        gt06_sr411(f);
    else
        gt06_cells(f);
}

void gt06_cells_sl4x(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_cells_open(f, "cells");
    rd_u8(r, "timing_advance");
    struct cell operator_ = {.mcc = rd_u16(r, "mcc") & 0x7fff};
    operator_.mnc = rd_u16(r, "mnc");
    gt06_cell_list(f, rec, operator_, (unsigned)rd_left(r) / 7, 2, 4);
    gt06_rest(f, "padding");
    gt06_ack(f);
}

void gt06_wifi_scan(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_cells_open(f, "wifi");
    unsigned count = rd_u8(r, "wifi_count");
    if (count > GT06_WIFI_MAX)
        rd_bad(r, "wifi_count");
    for (unsigned i = 0; i < count && !r->fault; i++) {
        struct wifi w = {0};
        rd_u16(r, "reserved");
        struct span mac = rd_raw(r, sizeof w.mac, "wifi_address");
        if (mac.len == sizeof w.mac) {
            memcpy(w.mac, mac.ptr, sizeof w.mac);
            rec_wifi(rec, w);
        }
    }
    gt06_rest(f, "extension");
}
