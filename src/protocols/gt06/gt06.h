/*
 * gt06.h - what the files of the gt06 decoder share: the frame in hand, and the blocks
 * that many of its messages are made of.  The layout of all of them stands in gt06.c.
 *
 * Readers take their block from f->r and put what it says into the record; a block that
 * is not there fails the reader, and with it the frame.  Handlers, one a message, are
 * called by the switch in gt06.c and nowhere else.
 */
#pragma once

#include "core/protocol.h"

/* A file that comes in pieces. */
struct gt06_file {
    uint32_t id;
    uint32_t total;
    uint32_t received;
    uint16_t packet; /* the next one, where pieces are numbered */
};

struct gt06_state {
    int16_t zone_min;  /* announced in the login: local time is UTC plus this */
    bool zone_refuted; /* a live fix showed that the times are UTC all the same */
    bool dialect;      /* frames without serial number and checksum */
    struct gt06_file photo;
    struct gt06_file clip;
};

/* One frame while it is read. */
struct gt06 {
    struct session *s;
    struct reader *r; /* the content: narrowed to what stands before the serial number */
    struct out *o;
    struct gt06_state *state;
    uint8_t number;
    bool wide;    /* 79 79: two bytes of length */
    bool ignored; /* nothing in it is known */
    uint16_t serial;
    uint16_t size; /* what the length field should say; variants are told by it */
};

/* ---- session.c: who speaks, and what it is answered ---- */

/* The peer has not said who it is, and no connection stands for it. */
bool gt06_nobody(const struct gt06 *f);

/* Sends a frame; not to nobody, who would take data for safe that belongs to no device.
 * The content holds at most GT06_REPLY_MAX bytes. */
void gt06_reply(struct gt06 *f, bool wide, uint8_t number, uint16_t serial,
                struct span content);

/* The short or the long frame of the same number and serial without content. */
void gt06_ack(struct gt06 *f);
void gt06_ack_wide(struct gt06 *f);

/* A frame with this content around which start, length, serial and checksum are put.
 * It takes GT06_FRAMING bytes more than the content.  Returns its length. */
enum { GT06_REPLY_MAX = 32, GT06_FRAMING = 12 };
size_t gt06_frame_make(uint8_t *out, bool wide, uint8_t number, uint16_t serial,
                       const uint8_t *content, size_t size);

/* Reads 8 bytes of BCD; they name the device where no login has. */
void gt06_imei(struct gt06 *f, const char *name);

/* Reads the 8 bytes of the SIM card's subscriber. */
void gt06_imsi(struct gt06 *f, struct record *rec);

/* Do the 8 bytes at this offset of the content name the session's device?  Where none is
 * known yet: do they look like an IMEI? */
bool gt06_holds_imei(const struct gt06 *f, size_t offset);

/* The setting "model" begins with this, in any case of letters. */
bool gt06_model_is(const struct gt06 *f, const char *prefix);

void gt06_login(struct gt06 *f);
void gt06_time_request(struct gt06 *f);
void gt06_time_sync(struct gt06 *f);
void gt06_address_request(struct gt06 *f);
void gt06_version(struct gt06 *f);
void gt06_server_message(struct gt06 *f);
void gt06_unknown(struct gt06 *f);
void gt06_silent(struct gt06 *f);

/* ---- position.c: time, place, cell ---- */

/* A record that knows its message number. */
struct record *gt06_record(struct gt06 *f);

/* By how much the device's clock is before UTC. */
int64_t gt06_zone_ms(const struct gt06 *f);

/* Six bytes in the device's zone; UTC milliseconds, TIME_NONE while its clock is not
 * set. */
int64_t gt06_time_ms(struct gt06 *f, const char *name);

/* Latitude or longitude without its sign, in 1/30000 of a minute. */
uint32_t gt06_angle(struct reader *r, const char *name, uint32_t max);
enum { GT06_LATITUDE_MAX = 90 * 1800000, GT06_LONGITUDE_MAX = 180 * 1800000 };

/* The word with course, hemispheres and fix; places the record. */
void gt06_course(struct reader *r, struct record *rec, uint32_t latitude,
                 uint32_t longitude);
/* The 12 bytes from satellites to course, and the 18 with the time before them. */
void gt06_place(struct gt06 *f, struct record *rec);
void gt06_gps(struct gt06 *f, struct record *rec);
/* The same with both times given. */
void gt06_times(struct record *rec, int64_t ms);

/* A cell of 8, 9, 10, 15 or 16 bytes. */
void gt06_cell(struct gt06 *f, struct record *rec, size_t width);
/* Its width when it takes all of `size` but the tail; 0 where that is no width. */
size_t gt06_cell_width(const struct gt06 *f, size_t size, size_t tail);
/* Its width by the bit in its country code that says how long the network code is. */
size_t gt06_cell_guess(const struct gt06 *f);

/* ACC, upload mode and re-upload; the last two alone. */
void gt06_acc(struct gt06 *f, struct record *rec);
void gt06_upload(struct gt06 *f, struct record *rec);

/* What is left after the known fields. */
void gt06_rest(struct gt06 *f, const char *name);

/* Numbers of the units that they are sent in. */
void gt06_volts(struct gt06 *f, struct record *rec, uint32_t key, const char *name);
void gt06_mileage(struct gt06 *f, struct record *rec);
void gt06_hours24(struct gt06 *f, struct record *rec);

/* A cell that says its network type first, and its signal last. */
void gt06_cell_typed(struct gt06 *f, struct record *rec);

void gt06_gps_only(struct gt06 *f);
void gt06_gps_cell(struct gt06 *f);
void gt06_location(struct gt06 *f);
void gt06_location_acc(struct gt06 *f);
void gt06_location_4g(struct gt06 *f);
void gt06_gps_cells(struct gt06 *f);

/* ---- vendor.c: locations that single makers have changed ---- */

void gt06_vxt01(struct gt06 *f, struct record *rec);
void gt06_s5(struct gt06 *f, struct record *rec);
bool gt06_is_wetrust(const struct gt06 *f);
void gt06_wetrust(struct gt06 *f, struct record *rec);
void gt06_card(struct gt06 *f, struct record *rec);
void gt06_benway(struct gt06 *f, struct record *rec);
void gt06_seeworld(struct gt06 *f);
void gt06_source(struct gt06 *f);
void gt06_sr411(struct gt06 *f);
void gt06_lw4g(struct gt06 *f);
void gt06_trx16i(struct gt06 *f);
/* Eight bytes, zero where there is no tag. */
void gt06_tag(struct gt06 *f, struct record *rec);
void gt06_rfid_or_address(struct gt06 *f);
void gt06_ibutton(struct gt06 *f);
void gt06_x1(struct gt06 *f);
void gt06_az735(struct gt06 *f);

/* ---- status.c ---- */

/* The byte of terminal information; returns it. */
uint8_t gt06_info(struct gt06 *f, struct record *rec);
void gt06_level(struct gt06 *f, struct record *rec);
void gt06_gsm(struct gt06 *f, struct record *rec);
/* Info, level, signal, alarm, language. */
void gt06_status(struct gt06 *f, struct record *rec);
/* The items id 2, length 1 of the 4G messages, to the end. */
void gt06_items(struct gt06 *f, struct record *rec);

void gt06_heartbeat(struct gt06 *f);
void gt06_heartbeat_volts(struct gt06 *f);
void gt06_status_4g(struct gt06 *f);
void gt06_status_seeworld(struct gt06 *f);
void gt06_satellites(struct gt06 *f);

/* ---- alarm.c ---- */

/* Reads alarm and language; the alarm bits of `info` count where the byte is 0. */
void gt06_alarm_bytes(struct gt06 *f, struct record *rec, uint8_t info);
void gt06_alarm_code(struct gt06 *f, struct record *rec, uint8_t info, unsigned code);
unsigned gt06_alarm_byte(struct gt06 *f, const char *name);
void gt06_language(struct gt06 *f);

void gt06_alarm(struct gt06 *f);
void gt06_alarm_cell(struct gt06 *f);
void gt06_alarm_4g(struct gt06 *f);

/* ---- cells.c ---- */

void gt06_cells(struct gt06 *f);
void gt06_cells_wifi(struct gt06 *f);
void gt06_cells_24(struct gt06 *f);
void gt06_cells_sl4x(struct gt06 *f);
void gt06_wifi_scan(struct gt06 *f);
/* `count` cells of these widths, and signal 1; wifi: address 6, signal 1. */
void gt06_cell_list(struct gt06 *f, struct record *rec, struct cell operator_,
                    unsigned count, unsigned lac_size, unsigned cid_size);
void gt06_wifi_list(struct gt06 *f, struct record *rec, unsigned count);
/* Country 2, network 1, or 2 where the country's highest bit says so. */
struct cell gt06_operator(struct gt06 *f);

/* ---- what single files hold ---- */

void gt06_information(struct gt06 *f);  /* info.c */
void gt06_modular(struct gt06 *f);      /* modular.c */
void gt06_device_items(struct gt06 *f); /* peripheral.c, with the following four */
void gt06_peripheral(struct gt06 *f);
void gt06_bluetooth(struct gt06 *f);
void gt06_attendance(struct gt06 *f);
void gt06_bms(struct gt06 *f);
void gt06_obd(struct gt06 *f);        /* obd.c */
void gt06_camera(struct gt06 *f);     /* camera.c */
void gt06_photo_info(struct gt06 *f); /* media.c, with the following three */
void gt06_photo_piece(struct gt06 *f);
void gt06_multimedia(struct gt06 *f);
void gt06_recording(struct gt06 *f);
void gt06_answer(struct gt06 *f); /* answer.c, with the following two */
void gt06_answer_wide(struct gt06 *f);
void gt06_transparent(struct gt06 *f);

/* dialect.c: frames without serial number and checksum.  cut() finds their end, as
 * frame() does. */
bool gt06_dialect_number(uint8_t number);
bool gt06_dialect_login(struct span in);
int gt06_dialect_cut(struct span in, bool whole);
void gt06_dialect(struct gt06 *f);

/* command.c */
bool gt06_encode(struct session *s, const struct command *c, struct out *o);
