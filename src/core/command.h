/*
 * command.h - what people may ask of a device, whatever its protocol.
 *
 * One table: constant and name in the open vocabulary.  A command carries its
 * parameters as texts and numbers; what was not given is NULL or NAN.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMANDS(COMMAND)                                                                \
    COMMAND(COMMAND_CUSTOM, "custom")                                                    \
    COMMAND(COMMAND_DEVICE_IDENTIFICATION, "deviceIdentification")                       \
    COMMAND(COMMAND_POSITION_SINGLE, "positionSingle")                                   \
    COMMAND(COMMAND_POSITION_PERIODIC, "positionPeriodic")                               \
    COMMAND(COMMAND_POSITION_STOP, "positionStop")                                       \
    COMMAND(COMMAND_ENGINE_STOP, "engineStop")                                           \
    COMMAND(COMMAND_ENGINE_RESUME, "engineResume")                                       \
    COMMAND(COMMAND_ALARM_ARM, "alarmArm")                                               \
    COMMAND(COMMAND_ALARM_DISARM, "alarmDisarm")                                         \
    COMMAND(COMMAND_ALARM_DISMISS, "alarmDismiss")                                       \
    COMMAND(COMMAND_SET_TIMEZONE, "setTimezone")                                         \
    COMMAND(COMMAND_REQUEST_PHOTO, "requestPhoto")                                       \
    COMMAND(COMMAND_POWER_OFF, "powerOff")                                               \
    COMMAND(COMMAND_REBOOT_DEVICE, "rebootDevice")                                       \
    COMMAND(COMMAND_FACTORY_RESET, "factoryReset")                                       \
    COMMAND(COMMAND_SEND_SMS, "sendSms")                                                 \
    COMMAND(COMMAND_SEND_USSD, "sendUssd")                                               \
    COMMAND(COMMAND_SOS_NUMBER, "sosNumber")                                             \
    COMMAND(COMMAND_SILENCE_TIME, "silenceTime")                                         \
    COMMAND(COMMAND_SET_PHONEBOOK, "setPhonebook")                                       \
    COMMAND(COMMAND_MESSAGE, "message")                                                  \
    COMMAND(COMMAND_VOICE_MESSAGE, "voiceMessage")                                       \
    COMMAND(COMMAND_OUTPUT_CONTROL, "outputControl")                                     \
    COMMAND(COMMAND_VOICE_MONITORING, "voiceMonitoring")                                 \
    COMMAND(COMMAND_SET_AGPS, "setAgps")                                                 \
    COMMAND(COMMAND_SET_INDICATOR, "setIndicator")                                       \
    COMMAND(COMMAND_CONFIGURATION, "configuration")                                      \
    COMMAND(COMMAND_GET_VERSION, "getVersion")                                           \
    COMMAND(COMMAND_FIRMWARE_UPDATE, "firmwareUpdate")                                   \
    COMMAND(COMMAND_SET_CONNECTION, "setConnection")                                     \
    COMMAND(COMMAND_SET_ODOMETER, "setOdometer")                                         \
    COMMAND(COMMAND_GET_MODEM_STATUS, "getModemStatus")                                  \
    COMMAND(COMMAND_GET_DEVICE_STATUS, "getDeviceStatus")                                \
    COMMAND(COMMAND_SET_SPEED_LIMIT, "setSpeedLimit")                                    \
    COMMAND(COMMAND_MODE_POWER_SAVING, "modePowerSaving")                                \
    COMMAND(COMMAND_MODE_DEEP_SLEEP, "modeDeepSleep")                                    \
    COMMAND(COMMAND_VIDEO_START, "videoStart")                                           \
    COMMAND(COMMAND_VIDEO_STOP, "videoStop")                                             \
    COMMAND(COMMAND_ALARM_GEOFENCE, "alarmGeofence")                                     \
    COMMAND(COMMAND_ALARM_BATTERY, "alarmBattery")                                       \
    COMMAND(COMMAND_ALARM_SOS, "alarmSos")                                               \
    COMMAND(COMMAND_ALARM_REMOVE, "alarmRemove")                                         \
    COMMAND(COMMAND_ALARM_CLOCK, "alarmClock")                                           \
    COMMAND(COMMAND_ALARM_SPEED, "alarmSpeed")                                           \
    COMMAND(COMMAND_ALARM_FALL, "alarmFall")                                             \
    COMMAND(COMMAND_ALARM_VIBRATION, "alarmVibration")

#define COMMAND_CONSTANT(constant, name) constant,
enum command_kind { COMMANDS(COMMAND_CONSTANT) COMMAND_COUNT };

struct command {
    enum command_kind kind;
    uint32_t id;          /* comes back with the device's answer where it can */
    const char *data;     /* text, or NULL */
    const char *phone;    /* NULL: none */
    const char *message;  /* NULL: none */
    const char *server;   /* host name or address, or NULL */
    const char *timezone; /* zone name or "+05:30", or NULL */
    double period_s;      /* "frequency"; NAN: none, as the following */
    double index;
    double port;
    double radius_m;
    int enable; /* 1, 0, or -1: not given */
};

extern const char *const command_names[COMMAND_COUNT];

/* COMMAND_COUNT when there is no such command. */
enum command_kind command_find(const char *name);

/* A text that can stand in a device's command without breaking out of its field:
 * printable UTF-8, none of the characters in `forbidden`, 1 to max bytes long. */
bool command_safe(const char *text, size_t max, const char *forbidden);
