/*
 * x1.c - the reports of X1 and of AZ735, which share only their frames with the rest.
 *
 *     34  X1, short frame, unanswered
 *         data and alarm bits 4, GPS block 18, terminal info 2, mileage 4 (m), mcc 2,
 *         mnc 1, lac 2, cid 4, driver 4 (0 none), battery V 2 (/100), external V 2,
 *         port info 4, inputs 1, outputs 1, analog inputs 2 each (/100): as many as bits
 *         23-20 of the port info say
 *
 *     32  AZ735 location, 33 alarm: long frames, answered with long frames
 *         time 6, GPS size 1 (0 or 12), GPS block without time, cell size 1 (0 or 9),
 *         mcc 2, mnc 1, lac 2, cid 3, rssi 1, neighbours' size 1, lac 2, cid 3, rssi 1
 *         each, Wi-Fi size 1, address 6, signal 1 each, status 1, extension size 1,
 *         extension
 */
#include "protocols/gt06/gt06.h"

#include <stdio.h>

static void gt06_x1_analog(struct gt06 *f, struct record *rec, unsigned count)
{
    for (unsigned i = 1; i <= count; i++)
        gt06_volts(f, rec, KEY_N(KEY_ADC, i), "adc_v_e2");
}

static void gt06_x1_driver(struct gt06 *f, struct record *rec)
{
    char text[16];
    uint32_t driver = rd_u32(f->r, "driver_id");
    if (!driver)
        return;
    snprintf(text, sizeof text, "%lu", (unsigned long)driver);
    rec_text(rec, KEY_DRIVER, text);
}

void gt06_x1(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "location");
    rd_u32(r, "data_and_alarm_bits");
    gt06_gps(f, rec);
    rd_u16(r, "terminal_info");
    gt06_mileage(f, rec);
    gt06_cell(f, rec, 9);
    gt06_x1_driver(f, rec);
    gt06_volts(f, rec, KEY_BATTERY_V, "battery_v_e2");
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    uint32_t ports = rd_u32(r, "port_info");
    unsigned analog = (unsigned)rd_bits(r, ports, 23, 20, "adc_count");
    rec_num(rec, KEY_INPUT, rd_u8(r, "inputs"));
    rec_num(rec, KEY_OUTPUT, rd_u8(r, "outputs"));
    gt06_x1_analog(f, rec, analog);
    gt06_rest(f, "extension");
}

/* ---- AZ735 ---- */

static void gt06_az735_cell(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    struct cell cell = {0};
    size_t outer = rd_enter(r, rd_u8(r, "cell_size"), "cell");
    if (rd_more(r)) {
        cell = gt06_operator(f);
        cell.lac = rd_u16(r, "lac");
        cell.cid = rd_u24(r, "cid");
        uint8_t rssi = rd_u8(r, "rssi");
        rec_num(rec, KEY_RSSI, rssi);
        cell.signal_dbm = (int16_t)-rssi;
        rec_cell(rec, cell);
    }
    rd_leave(r, outer);
    outer = rd_enter(r, rd_u8(r, "neighbours_size"), "neighbours");
    gt06_cell_list(f, rec, cell, (unsigned)rd_left(r) / 6, 2, 3);
    rd_leave(r, outer);
}

static void gt06_az735_status(struct gt06 *f, struct record *rec)
{
    static const struct {
        uint8_t code;
        const char *means;
        const char *alarm;
    } known[] = {
        {0xa0, "armed", NULL},
        {0xa1, "disarmed", NULL},
        {0xa2, "low battery", "lowBattery"},
        {0xa3, "low battery", "lowBattery"},
        {0xa4, "alarm", "general"},
        {0xa5, "door", "door"},
    };
    uint8_t status = rd_u8(f->r, "status");
    rec_num(rec, KEY_STATUS, status);
    if (f->number != 0x33)
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == status) {
            rd_means(f->r, known[i].means);
            rec_alarm(rec, known[i].alarm);
        }
    if (status == 0xa0 || status == 0xa1)
        rec_bool(rec, KEY_ARMED, status == 0xa0);
}

void gt06_az735(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, f->number == 0x33 ? "alarm" : "location");
    gt06_times(rec, gt06_time_ms(f, "time"));
    size_t outer = rd_enter(r, rd_u8(r, "gps_size"), "gps");
    if (rd_more(r))
        gt06_place(f, rec);
    rd_leave(r, outer);
    gt06_az735_cell(f, rec);
    outer = rd_enter(r, rd_u8(r, "wifi_size"), "wifi");
    gt06_wifi_list(f, rec, (unsigned)rd_left(r) / 7);
    rd_leave(r, outer);
    gt06_az735_status(f, rec);
    outer = rd_enter(r, rd_u8(r, "extension_size"), "extension");
    gt06_rest(f, "extension");
    rd_leave(r, outer);
    gt06_rest(f, "reserved");
    gt06_ack_wide(f);
}
