/*
 * status.c - what a device says of itself: heartbeats, and the blocks that alarms and
 * 4G messages share with them.
 *
 *     status block  info 1, voltage level 1, signal 1, alarm 1, language 1
 *     info          bit 7 relay cut, 6 GPS on, 5-3 alarm, 2 external power, 1 ACC,
 *                   0 armed
 *     level         0 to 6, or percent above
 *
 *     13  heartbeat: the status block, [port status]; for single models
 *         R11       info 1, external V 2 (/100), signal 1, alarm 1
 *         LW        info 1, level 1, signal 1, word 2: bits 11-0 external V (/10)
 *         SEEWORLD  info 1, level 1, signal % 1, external V 1, language 1
 *         length 13 info 1, signal word 2, alarm 1, language 1, battery % 1, mode 1,
 *                   V 2 (/100), reserved 1, working time 2, temperature 2 (/10)
 *         length 15 the same with uploads 2 before the working time; temperature's bit
 *                   15 set: above zero
 *     23  heartbeat: info 1, battery V 2 (/100), signal 1, [language 2]
 *     36  4G status: the status block, items
 *     A3  SEEWORLD: info 1, extension bits 2, level 1, signal % 1, external V 1,
 *         language 1, [sound 1, light 1, steps 4, battery % 1, charging 1, motion 1,
 *         reserved 3]
 *     14  satellites: [time 6], count 1, signal 1 each; seen, not documented
 *
 *     items  id 2, size 1, value: 0018 battery V 2 (/100), 0027 external V 2,
 *            002E mileage 4 (m), 0032 start-up status 1, 003B accuracy 2 (/100),
 *            003C state 4, 006A battery % 1
 */
#include "protocols/gt06/gt06.h"

uint8_t gt06_info(struct gt06 *f, struct record *rec)
{
    static const char *const alarms[] = {
        "no alarm", "vibration", "power cut", "low battery",
        "SOS",      "reserved",  "geofence",  "removed",
    };
    struct reader *r = f->r;
    uint8_t info = rd_u8(r, "terminal_info");
    rec_num(rec, KEY_STATUS, info);
    rec_bool(rec, KEY_BLOCKED, rd_flag(r, info, 7, "relay_cut"));
    rd_flag(r, info, 6, "gps_on");
    rd_means(r, alarms[rd_bits(r, info, 5, 3, "alarm_bits")]);
    rec_bool(rec, KEY_CHARGE, rd_flag(r, info, 2, "external_power"));
    bool acc = rd_flag(r, info, 1, "acc");
    rec_bool(rec, KEY_ARMED, rd_flag(r, info, 0, "armed"));
    /* An ACC of its own, or one among the flags of the place, knows better. */
    if (rec_get_bool(rec, KEY_IGNITION) < 0)
        rec_bool(rec, KEY_IGNITION, acc);
    return info;
}

void gt06_level(struct gt06 *f, struct record *rec)
{
    static const char *const levels[] = {"none",   "extremely low", "very low", "low",
                                         "medium", "high",          "full"};
    uint8_t level = rd_u8(f->r, "battery_level");
    if (level <= 6) {
        rd_means(f->r, levels[level]);
        rec_num(rec, KEY_BATTERY_PCT, level * 100 / 6);
    } else if (level <= 100) {
        rec_num(rec, KEY_BATTERY_PCT, level);
    }
}

static void gt06_percent(struct gt06 *f, struct record *rec)
{
    uint8_t percent = rd_u8(f->r, "battery_pct");
    if (percent <= 100)
        rec_num(rec, KEY_BATTERY_PCT, percent);
}

void gt06_gsm(struct gt06 *f, struct record *rec)
{
    static const char *const levels[] = {"none", "extremely weak", "weak", "good",
                                         "strong"};
    uint8_t signal = rd_u8(f->r, "gsm_signal");
    if (signal < sizeof levels / sizeof *levels)
        rd_means(f->r, levels[signal]);
    rec_num(rec, KEY_RSSI, signal);
}

void gt06_status(struct gt06 *f, struct record *rec)
{
    uint8_t info = gt06_info(f, rec);
    gt06_level(f, rec);
    gt06_gsm(f, rec);
    gt06_alarm_bytes(f, rec, info);
}

/* ---- heartbeat 13 ---- */

static void gt06_heartbeat_r11(struct gt06 *f, struct record *rec)
{
    uint8_t info = gt06_info(f, rec);
    gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
    gt06_gsm(f, rec);
    gt06_alarm_code(f, rec, info, gt06_alarm_byte(f, "alarm"));
}

static void gt06_heartbeat_lw(struct gt06 *f, struct record *rec)
{
    uint8_t info = gt06_info(f, rec);
    gt06_level(f, rec);
    gt06_gsm(f, rec);
    uint16_t word = rd_u16(f->r, "external_word");
    rec_num(rec, KEY_POWER_V, (double)rd_bits(f->r, word, 11, 0, "external_v_e1") / 10);
    gt06_alarm_code(f, rec, info, 0);
}

static void gt06_heartbeat_seeworld(struct gt06 *f, struct record *rec)
{
    uint8_t info = gt06_info(f, rec);
    gt06_level(f, rec);
    gt06_gsm(f, rec);
    rec_num(rec, KEY_POWER_V, rd_u8(f->r, "external_v"));
    rd_u8(f->r, "language");
    gt06_alarm_code(f, rec, info, 0);
}

/* Units with a magnet: satellites of two systems and the mobile signal in one word. */
static void gt06_heartbeat_magnet(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    bool has_uploads = f->size == 0x15;
    uint8_t info = gt06_info(f, rec);
    uint16_t word = rd_u16(r, "signal_word");
    uint64_t gps = rd_bits(r, word, 14, 10, "gps_satellites");
    uint64_t bds = rd_bits(r, word, 9, 5, "bds_satellites");
    rec_num(rec, KEY_SAT, (double)(gps + bds));
    rec_num(rec, KEY_RSSI, (double)rd_bits(r, word, 4, 0, "rssi"));
    gt06_alarm_code(f, rec, info, gt06_alarm_byte(f, "alarm"));
    rd_u8(r, "language");
    gt06_percent(f, rec);
    uint8_t mode = rd_u8(r, "work_mode");
    rec_free_num(rec, "workMode", mode);
    gt06_volts(f, rec, KEY_POWER_V, "voltage_v_e2");
    rd_u8(r, "reserved");
    if (has_uploads)
        rd_u16(r, "uploads");
    rd_u16(r, "working_time_min");
    if (has_uploads) {
        uint16_t temperature = rd_u16(r, "temperature_celsius_e1");
        double tenths = temperature & 0x7fff;
        rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1),
                (temperature >> 15 ? tenths : -tenths) / 10);
        return;
    }
    double tenths = rd_s16(r, "temperature_celsius_e1");
    if (mode == 4)
        rec_num(rec, KEY_N(KEY_TEMP_CELSIUS, 1), tenths / 10);
}

static void gt06_heartbeat_body(struct gt06 *f, struct record *rec)
{
    if (f->size == 0x13 || f->size == 0x15)
        gt06_heartbeat_magnet(f, rec);
    else if (f->size == 0x0a && gt06_model_is(f, "R11"))
        gt06_heartbeat_r11(f, rec);
    else if (f->size == 0x0a && gt06_model_is(f, "LW"))
        gt06_heartbeat_lw(f, rec);
    else if (f->size == 0x0a && gt06_model_is(f, "SEEWORLD"))
        gt06_heartbeat_seeworld(f, rec);
    else
        gt06_status(f, rec);
}

void gt06_heartbeat(struct gt06 *f)
{
    out_message(f->o, "heartbeat");
    gt06_heartbeat_body(f, gt06_record(f));
    gt06_rest(f, "port_status");
    gt06_ack(f);
}

/* ---- the others ---- */

/* Its alarm bits are used for other things, and so is bit 7. */
void gt06_heartbeat_volts(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "heartbeat");
    uint8_t info = rd_u8(r, "terminal_info");
    rec_num(rec, KEY_STATUS, info);
    rec_bool(rec, KEY_CHARGE, rd_flag(r, info, 2, "charging"));
    rec_bool(rec, KEY_IGNITION, rd_flag(r, info, 1, "acc"));
    rec_bool(rec, KEY_ARMED, rd_flag(r, info, 0, "armed"));
    if (rd_left(r) >= 2)
        gt06_volts(f, rec, KEY_BATTERY_V, "battery_v_e2");
    if (rd_more(r))
        gt06_gsm(f, rec);
    gt06_rest(f, "language_or_ports");
    gt06_ack(f);
}

/* 0 stands for unknown. */
static void gt06_accuracy(struct gt06 *f, struct record *rec)
{
    uint16_t accuracy = rd_u16(f->r, "accuracy_m_e2");
    if (accuracy)
        rec->accuracy_m = accuracy / 100.0;
}

void gt06_items(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    while (rd_left(r) >= 3) {
        uint16_t item = rd_u16(r, "item");
        size_t outer = rd_enter(r, rd_u8(r, "item_size"), "item_value");
        switch (item) {
        case 0x0018:
            gt06_volts(f, rec, KEY_BATTERY_V, "battery_v_e2");
            break;
        case 0x0027:
            gt06_volts(f, rec, KEY_POWER_V, "external_v_e2");
            break;
        case 0x002e:
            gt06_mileage(f, rec);
            break;
        case 0x0032:
            rec_free_num(rec, "startupStatus", rd_u8(r, "startup_status"));
            break;
        case 0x003b:
            gt06_accuracy(f, rec);
            break;
        case 0x003c:
            rd_u32(r, "state");
            break;
        case 0x006a:
            gt06_percent(f, rec);
            break;
        default:
            gt06_rest(f, "unknown_item");
        }
        rd_leave(r, outer);
    }
    gt06_rest(f, "padding");
}

void gt06_status_4g(struct gt06 *f)
{
    struct record *rec = gt06_record(f);
    out_message(f->o, "status");
    gt06_status(f, rec);
    gt06_items(f, rec);
    gt06_ack(f);
}

static void gt06_seeworld_extras(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    rd_u8(r, "sound_switch");
    rd_u8(r, "light_switch");
    rec_num(rec, KEY_STEPS, rd_u32(r, "steps"));
    gt06_percent(f, rec);
    rec_bool(rec, KEY_CHARGE, rd_u8(r, "charging"));
    rec_bool(rec, KEY_MOTION, rd_u8(r, "moving"));
    gt06_rest(f, "reserved");
}

void gt06_status_seeworld(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    out_message(f->o, "status");
    uint8_t info = gt06_info(f, rec);
    rd_u16(r, "extension_bits");
    gt06_level(f, rec);
    gt06_gsm(f, rec);
    rec_num(rec, KEY_POWER_V, rd_u8(r, "external_v"));
    gt06_language(f);
    if (rd_more(r))
        gt06_seeworld_extras(f, rec);
    gt06_alarm_code(f, rec, info, 0);
    gt06_ack(f);
}

void gt06_satellites(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span head = rd_look(r, 7);
    out_message(f->o, "satellites");
    if (head.len == 7 && head.ptr[6] == rd_left(r) - 7)
        rec->device_ms = gt06_time_ms(f, "time");
    rec_num(rec, KEY_SAT_VISIBLE, rd_u8(r, "satellites_visible"));
    gt06_rest(f, "snr_db");
}
