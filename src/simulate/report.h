/*
 * report.h - what a tracker knows at one moment and wants the server to know too.
 *
 * Small and of one size: a tracker out of coverage keeps tens of thousands of them.  It
 * becomes a frame when it is sent, for only then is it clear whether it is live or
 * stored.
 */
#pragma once

#include <stdint.h>

/* Why there is a report.  A name for people stands with each. */
#define EVENTS(EVENT)                                                                    \
    EVENT(EVENT_INTERVAL, "interval")                                                    \
    EVENT(EVENT_CORNER, "corner")                                                        \
    EVENT(EVENT_START, "power on")                                                       \
    EVENT(EVENT_ASKED, "asked for")                                                      \
    EVENT(EVENT_IGNITION_ON, "ignition on")                                              \
    EVENT(EVENT_IGNITION_OFF, "ignition off")                                            \
    EVENT(EVENT_DOOR_OPEN, "door open")                                                  \
    EVENT(EVENT_DOOR_CLOSED, "door closed")                                              \
    EVENT(EVENT_INPUT, "input changed")                                                  \
    EVENT(EVENT_PANIC, "panic button")                                                   \
    EVENT(EVENT_PANIC_OVER, "panic over")                                                \
    EVENT(EVENT_PANIC_WIRE, "panic wire cut")                                            \
    EVENT(EVENT_TAMPER, "cover open")                                                    \
    EVENT(EVENT_TAMPER_OVER, "cover closed")                                             \
    EVENT(EVENT_POWER_CUT, "power cut")                                                  \
    EVENT(EVENT_POWER_BACK, "power back")                                                \
    EVENT(EVENT_BATTERY_LOW, "battery low")                                              \
    EVENT(EVENT_BATTERY_OK, "battery charged")                                           \
    EVENT(EVENT_BRAKE, "harsh braking")                                                  \
    EVENT(EVENT_ACCELERATE, "harsh acceleration")                                        \
    EVENT(EVENT_TURN_LEFT, "harsh turn to the left")                                     \
    EVENT(EVENT_TURN_RIGHT, "harsh turn to the right")                                   \
    EVENT(EVENT_OVERSPEED, "over-speed")                                                 \
    EVENT(EVENT_IMPACT, "impact")                                                        \
    EVENT(EVENT_TILT, "tilt")                                                            \
    EVENT(EVENT_FENCE_IN, "fence entered")                                               \
    EVENT(EVENT_FENCE_OUT, "fence left")                                                 \
    EVENT(EVENT_RELAY, "relay")

#define EVENT_CONSTANT(constant, name) constant,
enum event { EVENTS(EVENT_CONSTANT) EVENT_COUNT };

/* What a report is sent as; which of them an event makes is up to the firmware. */
enum frame_kind {
    FRAME_POSITION = 1,
    FRAME_ALARM = 2,
    FRAME_DOOR = 4,
    FRAME_EMERGENCY = 8,
    FRAME_HEARTBEAT = 16, /* no report of its own: the state as it is when it is sent */
    FRAME_SETTINGS = 32,  /* likewise */
};

enum report_flag {
    REPORT_FIX = 1,
    REPORT_IGNITION = 2,
    REPORT_DOOR = 4,
    REPORT_PANIC = 8,
    REPORT_COVER_OPEN = 16,
    REPORT_SUPPLIED = 32, /* from the vehicle's battery */
    REPORT_CUT = 64,      /* the relay */
    REPORT_INPUT_3 = 128,
};

struct report {
    int64_t time_ms; /* by the tracker's clock, UTC */
    uint32_t number; /* counts reports from 1 */
    int32_t latitude_e7, longitude_e7;
    uint32_t odometer_m;
    uint16_t speed_kmh_e1, course_deg;
    int16_t altitude_m;
    uint16_t supply_mv, battery_mv, analog_mv;
    uint16_t distance_m;              /* since the report before */
    uint8_t satellites, hdop_e1, gsm; /* gsm 0 to 31 */
    uint8_t event;                    /* enum event */
    uint8_t frame;                    /* enum frame_kind */
    uint8_t flags;                    /* enum report_flag */
};
