/*
 * camera.c - 95, events of dash cameras.
 *
 *     JC100       time 6, event 1 (length 0C)
 *     JC100, 200  time 6, latitude 4, longitude 4, course 2, event 1, value 2, files
 *     JC261, 400  FFFF, version 1, time 6, satellites 1, latitude 4, longitude 4, course
 * 2, speed 2, external V 2 (/10), event 1, value 2, files
 *
 * Files are names with commas between them; the camera uploads them by HTTP, elsewhere.
 */
#include "protocols/gt06/gt06.h"

static const struct {
    uint8_t code;
    const char *means;
    const char *alarm;
} gt06_camera_events[] = {
    {0x01, "SOS", "sos"},
    {0x0e, "low supply", "lowPower"},
    {0x47, "eyes closed", "fatigueDriving"},
    {0x51, "door", "door"},
    {0x53, "fuel theft", "fuelLeak"},
    {0x6b, "camera fault", "fault"},
    {0x6f, "memory card fault", "fault"},
    {0x76, "temperature", "temperature"},
    {0x80, "vibration", "vibration"},
    {0x81, "data volume of the SIM used up", NULL},
    {0x84, "seat belt", NULL},
    {0x87, "overspeed", "overspeed"},
    {0x88, "power cut", "powerCut"},
    {0x8c, "eyes closed", "fatigueDriving"},
    {0x8f, "distracted", NULL},
    {0x90, "hard acceleration", "hardAcceleration"},
    {0x91, "hard braking", "hardBraking"},
    {0x92, "sharp turn", "hardCornering"},
    {0x93, "collision", "accident"},
    {0x94, "face lost", NULL},
    {0x97, "telephone", NULL},
    {0x9a, "smoking", NULL},
    {0xa0, "yawning", NULL},
    {0xa7, "seat belt", NULL},
    {0xcc, "forward collision warning", NULL},
    {0xcd, "lane change", "laneChange"},
    {0xce, "too close", NULL},
    {0xd4, "driver recognised", NULL},
    {0xd5, "driver not recognised", NULL},
};

/* The short form of JC100 uses 01 for events of any kind. */
static void gt06_camera_event(struct gt06 *f, struct record *rec, bool alone)
{
    uint8_t event = rd_u8(f->r, "event");
    rec_num(rec, KEY_EVENT, event);
    if (alone && event == 0x01) {
        rd_means(f->r, "general");
        rec_alarm(rec, "general");
        return;
    }
    size_t count = sizeof gt06_camera_events / sizeof *gt06_camera_events;
    for (size_t i = 0; i < count; i++)
        if (gt06_camera_events[i].code == event) {
            rd_means(f->r, gt06_camera_events[i].means);
            rec_alarm(rec, gt06_camera_events[i].alarm);
        }
}

static void gt06_camera_files(struct gt06 *f, struct record *rec)
{
    rec_num(rec, KEY_EVENT_DATA, rd_u16(f->r, "event_value"));
    if (rd_more(f->r))
        rec_free_span(rec, "eventFiles",
                      span_trim(rd_raw(f->r, rd_left(f->r), "event_files")));
}

static void gt06_camera_place(struct gt06 *f, struct record *rec)
{
    uint32_t latitude = gt06_angle(f->r, "latitude_min_x30000", GT06_LATITUDE_MAX);
    uint32_t longitude = gt06_angle(f->r, "longitude_min_x30000", GT06_LONGITUDE_MAX);
    gt06_course(f->r, rec, latitude, longitude);
}

static void gt06_camera_new(struct gt06 *f, struct record *rec)
{
    struct reader *r = f->r;
    rd_u16(r, "form");
    rd_u8(r, "version");
    gt06_times(rec, gt06_time_ms(f, "time"));
    uint8_t satellites = rd_u8(r, "satellites");
    rec_num(rec, KEY_SAT, (double)rd_bits(r, satellites, 3, 0, "satellites_used"));
    gt06_camera_place(f, rec);
    uint16_t speed_kmh = rd_u16(r, "speed_kmh");
    if (rec_placed(rec))
        rec->speed_kmh = speed_kmh;
    rec_num(rec, KEY_POWER_V, rd_u16(r, "external_v_e1") / 10.0);
}

void gt06_camera(struct gt06 *f)
{
    struct reader *r = f->r;
    struct record *rec = gt06_record(f);
    struct span head = rd_look(r, 2);
    out_message(f->o, "cameraEvent");
    if (rd_left(r) == 7) {
        rec->device_ms = gt06_time_ms(f, "time");
        gt06_camera_event(f, rec, true);
        gt06_ack(f);
        return;
    }
    if (head.len == 2 && be16(head.ptr) == 0xffff) {
        gt06_camera_new(f, rec);
    } else {
        gt06_times(rec, gt06_time_ms(f, "time"));
        gt06_camera_place(f, rec);
    }
    gt06_camera_event(f, rec, false);
    gt06_camera_files(f, rec);
    gt06_ack(f);
}
