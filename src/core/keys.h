/*
 * keys.h - what a record can say besides time and place: one table of keys with
 * their name in the open vocabulary, type, unit and label.  Decoders, API,
 * reports and the web app draw on it.
 *
 * A family is a key with a number behind its name: temp1, adc3, in2.
 * Journals and chunks hold a key's place in these tables: new keys go to the end,
 * none is ever moved or taken out.
 *
 * Units: "" none, otherwise as people write them; durations are milliseconds.
 *
 * Packed records on disk know a key by its place in its table: new keys go to the
 * end of one, and none is taken out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_type { KEY_NUM, KEY_BOOL, KEY_TEXT };

/* constant, name, type, unit, label */
#define RECORD_KEYS(KEY)                                                                 \
    KEY(KEY_ALARM, "alarm", KEY_TEXT, "", "Alarm")                                       \
    KEY(KEY_ARCHIVE, "archive", KEY_BOOL, "", "Stored, sent later")                      \
    KEY(KEY_ARMED, "armed", KEY_BOOL, "", "Armed")                                       \
    KEY(KEY_BATTERY_V, "battery", KEY_NUM, "V", "Battery")                               \
    KEY(KEY_BATTERY_PCT, "batteryLevel", KEY_NUM, "%", "Battery level")                  \
    KEY(KEY_BLOCKED, "blocked", KEY_BOOL, "", "Cut-off relay active")                    \
    KEY(KEY_BOOT_REASON, "bootReason", KEY_NUM, "", "Reason of start")                   \
    KEY(KEY_CARD, "card", KEY_TEXT, "", "Card")                                          \
    KEY(KEY_CHARGE, "charge", KEY_BOOL, "", "External power")                            \
    KEY(KEY_CHECKSUM_OK, "checksumOk", KEY_BOOL, "", "Checksum fits")                    \
    KEY(KEY_COOLANT_CELSIUS, "coolantTemp", KEY_NUM, "°C", "Coolant temperature")        \
    KEY(KEY_DEVICE_CELSIUS, "deviceTemp", KEY_NUM, "°C", "Device temperature")           \
    KEY(KEY_DISTANCE_M, "distance", KEY_NUM, "m", "Distance")                            \
    KEY(KEY_DOOR, "door", KEY_BOOL, "", "Door open")                                     \
    KEY(KEY_DRIVER, "driverUniqueId", KEY_TEXT, "", "Driver")                            \
    KEY(KEY_DRIVING_TIME_MS, "drivingTime", KEY_NUM, "ms", "Driving time")               \
    KEY(KEY_DTCS, "dtcs", KEY_TEXT, "", "Trouble codes")                                 \
    KEY(KEY_EMERGENCY, "emergency", KEY_BOOL, "", "Emergency")                           \
    KEY(KEY_ENGINE_LOAD_PCT, "engineLoad", KEY_NUM, "%", "Engine load")                  \
    KEY(KEY_EVENT, "event", KEY_NUM, "", "Event code")                                   \
    KEY(KEY_EVENT_DATA, "eventData", KEY_NUM, "", "Event data")                          \
    KEY(KEY_FUEL_L, "fuel", KEY_NUM, "l", "Fuel")                                        \
    KEY(KEY_FUEL_PCT, "fuelLevel", KEY_NUM, "%", "Fuel level")                           \
    KEY(KEY_FUEL_USED_L, "fuelUsed", KEY_NUM, "l", "Fuel used")                          \
    KEY(KEY_GEOFENCE, "geofence", KEY_NUM, "", "Device's own fence")                     \
    KEY(KEY_G_SENSOR, "gSensor", KEY_TEXT, "", "Acceleration")                           \
    KEY(KEY_HDOP, "hdop", KEY_NUM, "", "HDOP")                                           \
    KEY(KEY_HOURS_MS, "hours", KEY_NUM, "ms", "Engine hours")                            \
    KEY(KEY_HUMIDITY_PCT, "humidity", KEY_NUM, "%", "Humidity")                          \
    KEY(KEY_ICCID, "iccid", KEY_TEXT, "", "SIM card (ICCID)")                            \
    KEY(KEY_IGNITION, "ignition", KEY_BOOL, "", "Ignition")                              \
    KEY(KEY_INDEX, "index", KEY_NUM, "", "Frame number")                                 \
    KEY(KEY_INPUT, "input", KEY_NUM, "", "Inputs, as bits")                              \
    KEY(KEY_LOCK, "lock", KEY_BOOL, "", "Locked")                                        \
    KEY(KEY_MOTION, "motion", KEY_BOOL, "", "Moving")                                    \
    KEY(KEY_OBD_ODOMETER_M, "obdOdometer", KEY_NUM, "m", "Odometer by OBD")              \
    KEY(KEY_OBD_SPEED_KMH, "obdSpeed", KEY_NUM, "km/h", "Speed by OBD")                  \
    KEY(KEY_ODOMETER_M, "odometer", KEY_NUM, "m", "Odometer")                            \
    KEY(KEY_OPERATOR, "operator", KEY_TEXT, "", "Network operator")                      \
    KEY(KEY_OUTPUT, "output", KEY_NUM, "", "Outputs, as bits")                           \
    KEY(KEY_PDOP, "pdop", KEY_NUM, "", "PDOP")                                           \
    KEY(KEY_POWER_V, "power", KEY_NUM, "V", "Supply")                                    \
    KEY(KEY_RESULT, "result", KEY_TEXT, "", "Answer to a command")                       \
    KEY(KEY_RPM, "rpm", KEY_NUM, "1/min", "Engine speed")                                \
    KEY(KEY_RSSI, "rssi", KEY_NUM, "", "Mobile signal")                                  \
    KEY(KEY_SAT, "sat", KEY_NUM, "", "Satellites used")                                  \
    KEY(KEY_SAT_VISIBLE, "satVisible", KEY_NUM, "", "Satellites visible")                \
    KEY(KEY_STATUS, "status", KEY_NUM, "", "Status bits")                                \
    KEY(KEY_STEPS, "steps", KEY_NUM, "", "Steps")                                        \
    KEY(KEY_TAMPER, "tamper", KEY_BOOL, "", "Cover open")                                \
    KEY(KEY_THROTTLE_PCT, "throttle", KEY_NUM, "%", "Throttle")                          \
    KEY(KEY_TOTAL_DISTANCE_M, "totalDistance", KEY_NUM, "m", "Total distance")           \
    KEY(KEY_TRIP_M, "tripOdometer", KEY_NUM, "m", "Trip")                                \
    KEY(KEY_TYPE, "type", KEY_NUM, "", "Message number")                                 \
    KEY(KEY_VDOP, "vdop", KEY_NUM, "", "VDOP")                                           \
    KEY(KEY_VERSION_FW, "versionFw", KEY_TEXT, "", "Firmware")                           \
    KEY(KEY_VERSION_HW, "versionHw", KEY_TEXT, "", "Hardware")                           \
    KEY(KEY_VIN, "vin", KEY_TEXT, "", "VIN")

/* constant, name before the number, type, unit, label before the number */
#define RECORD_FAMILIES(FAMILY)                                                          \
    FAMILY(KEY_ADC, "adc", KEY_NUM, "", "Analog input")                                  \
    FAMILY(KEY_COUNT_N, "count", KEY_NUM, "", "Counter")                                 \
    FAMILY(KEY_IN, "in", KEY_BOOL, "", "Input")                                          \
    FAMILY(KEY_IO, "io", KEY_NUM, "", "I/O element")                                     \
    FAMILY(KEY_OUT, "out", KEY_BOOL, "", "Output")                                       \
    FAMILY(KEY_TEMP_CELSIUS, "temp", KEY_NUM, "°C", "Temperature")

#define KEY_CONSTANT(constant, name, type, unit, label) constant,
enum key_id {
    KEY_NONE, /* a free key: its name stands with the value */
    RECORD_KEYS(KEY_CONSTANT) KEY_FIRST_FAMILY,
    KEY_BEFORE_FAMILIES = KEY_FIRST_FAMILY - 1,
    RECORD_FAMILIES(KEY_CONSTANT) KEY_COUNT
};

/* A key: an id, and the number of a family's member (0 otherwise). */
#define KEY_N(family, n) ((uint32_t)(family) | (uint32_t)(n) << 16)

struct key_info {
    const char *name;
    enum key_type type;
    const char *unit;
    const char *label;
    bool family;
};

extern const struct key_info key_table[KEY_COUNT]; /* by id; [KEY_NONE] is empty */

/* The key of a name such as "sat" or "temp12"; KEY_NONE when it is a free one. */
uint32_t key_find(const char *name, size_t len);

enum { KEY_NAME_MAX = 64 };

/* The name of a fixed key or a family's member.  Returns out. */
char *key_name(uint32_t key, char out[KEY_NAME_MAX + 1]);
