/*
 * command.c - 80, a text command: size 1 (4 + text), server flag 4, text, [language 2].
 *
 * The texts are those that the device takes by SMS too; they end with "#" and separate
 * their fields by commas, so neither may stand in a value.  Settings of the device:
 *
 *     model            G109 and GT06 have other words for the cut-off, JC cameras take
 *                      pictures
 *     language         1 or zh Chinese, 2 or en English: adds the two bytes
 *     voiceMonitoring  the text that makes this model call back; without it there is none
 */
#include "protocols/gt06/gt06.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

enum {
    GT06_TEXT_MAX = 200,
    GT06_FIELD_MAX = 60,
    GT06_PHONE_MAX = 20,
    GT06_COMMAND = 0x80
};

static const char gt06_forbidden[] = ",# ";

/* ---- the frame ---- */

static size_t gt06_language_code(const struct session *s, uint8_t *out)
{
    const char *language = ses_setting(s, "language");
    bool chinese = language && (!strcmp(language, "1") || !strcasecmp(language, "zh"));
    bool english = language && (!strcmp(language, "2") || !strcasecmp(language, "en"));
    if (!chinese && !english)
        return 0;
    out[0] = 0;
    out[1] = chinese ? 1 : 2;
    return 2;
}

static bool gt06_text(struct session *s, const struct command *c, struct out *o,
                      const char *text)
{
    uint8_t content[5 + GT06_TEXT_MAX + 2];
    uint8_t frame[sizeof content + GT06_FRAMING];
    size_t len = strlen(text);
    if (!command_safe(text, GT06_TEXT_MAX, ""))
        return false;
    content[0] = (uint8_t)(4 + len);
    for (unsigned i = 0; i < 4; i++)
        content[1 + i] = (uint8_t)(c->id >> (24 - 8 * i));
    memcpy(content + 5, text, len);
    size_t size = 5 + len;
    size += gt06_language_code(s, content + size);
    out_send(o, frame,
             gt06_frame_make(frame, false, GT06_COMMAND, (uint16_t)c->id, content, size));
    return true;
}

static bool gt06_textf(struct session *s, const struct command *c, struct out *o,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool gt06_textf(struct session *s, const struct command *c, struct out *o,
                       const char *format, ...)
{
    char text[GT06_TEXT_MAX + 1];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return len > 0 && (size_t)len < sizeof text && gt06_text(s, c, o, text);
}

/* ---- values ---- */

static bool gt06_model(const struct session *s, const char *name, size_t len)
{
    const char *model = ses_setting(s, "model");
    return model && !strncasecmp(model, name, len);
}

static bool gt06_field(const char *text, size_t max)
{
    return command_safe(text, max, gt06_forbidden);
}

static bool gt06_phone(const char *phone)
{
    return gt06_field(phone, GT06_PHONE_MAX) && !phone[strspn(phone, "+0123456789")];
}

/* A whole number between the two, from a text. */
static bool gt06_number(const char *text, long least, long most, long *out)
{
    double value;
    if (!text || !text_num(span_of(text), &value) || !(value >= least && value <= most))
        return false;
    *out = (long)value;
    return (double)*out == value;
}

/* "+05:30", "UTC", "GMT+5", "-3": minutes east of Greenwich. */
static bool gt06_offset(const char *zone, int *min)
{
    static const char *const zero[] = {"", "Z", "UTC", "GMT", "Etc/UTC", "Etc/GMT"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        if (!strcasecmp(zone, zero[i])) {
            *min = 0;
            return true;
        }
    if (!strncasecmp(zone, "UTC", 3) || !strncasecmp(zone, "GMT", 3))
        zone += 3;
    if (*zone != '+' && *zone != '-')
        return false;
    struct span text = span_of(zone + 1);
    size_t mid = span_find(text, 0, ":", 1);
    double hours;
    double minutes = 0;
    if (!text_num(span_cut(text, 0, mid), &hours) || !(hours >= 0 && hours <= 14) ||
        (mid < text.len && (!text_num(span_cut(text, mid + 1, text.len), &minutes) ||
                            !(minutes >= 0 && minutes < 60))))
        return false;
    *min = (*zone == '-' ? -1 : 1) * ((int)hours * 60 + (int)minutes);
    return true;
}

/* ---- commands with values ---- */

static bool gt06_relay(struct session *s, const struct command *c, struct out *o,
                       bool cut)
{
    if (gt06_model(s, "G109", 4))
        return gt06_text(s, c, o, cut ? "DYD#" : "HFYD#");
    if (gt06_model(s, "GT06", 5))
        return gt06_text(s, c, o, cut ? "DYD,000000#" : "HFYD,000000#");
    return gt06_text(s, c, o, cut ? "RELAY,1#" : "RELAY,0#");
}

/* There is one relay. */
static bool gt06_output(struct session *s, const struct command *c, struct out *o)
{
    long on;
    if (!isnan(c->index) && c->index != 1)
        return false;
    if (!gt06_number(c->data, 0, 1, &on))
        return false;
    return gt06_relay(s, c, o, on);
}

static bool gt06_periodic(struct session *s, const struct command *c, struct out *o)
{
    if (!(c->period_s >= 5 && c->period_s <= 18000))
        return false;
    return gt06_textf(s, c, o, "TIMER,%u#", (unsigned)c->period_s);
}

static bool gt06_timezone(struct session *s, const struct command *c, struct out *o)
{
    int min;
    if (!gt06_offset(c->timezone ? c->timezone : "", &min))
        return false;
    unsigned size = (unsigned)(min < 0 ? -min : min);
    char side = min < 0 ? 'W' : 'E';
    if (size % 60)
        return gt06_textf(s, c, o, "GMT,%c,%u,%u#", side, size / 60, size % 60);
    return gt06_textf(s, c, o, "GMT,%c,%u#", side, size / 60);
}

static bool gt06_connection(struct session *s, const struct command *c, struct out *o)
{
    if (!gt06_field(c->server, GT06_FIELD_MAX) || !(c->port >= 1 && c->port <= 65535))
        return false;
    bool domain = c->server[strspn(c->server, "0123456789.")];
    return gt06_textf(s, c, o, "SERVER,%d,%s,%u,%d#", domain, c->server,
                      (unsigned)c->port, ses_transport(s) == TRANSPORT_UDP);
}

static bool gt06_sos(struct session *s, const struct command *c, struct out *o)
{
    if (!gt06_phone(c->phone))
        return false;
    return gt06_textf(s, c, o, "SOS,%c,%s#", c->enable == 0 ? 'D' : 'A', c->phone);
}

/* Ten seconds above the limit, reported over the data link alone. */
static bool gt06_speed(struct session *s, const struct command *c, struct out *o)
{
    long kmh;
    if (c->enable == 0 || (c->data && !strcmp(c->data, "0")))
        return gt06_text(s, c, o, "SPEED,OFF#");
    return gt06_number(c->data, 1, 255, &kmh) &&
           gt06_textf(s, c, o, "SPEED,ON,10,%ld,0#", kmh);
}

static bool gt06_odometer(struct session *s, const struct command *c, struct out *o)
{
    long value;
    return gt06_number(c->data, 0, 999999999, &value) &&
           gt06_textf(s, c, o, "MILEAGE,ON,%ld#", value);
}

static bool gt06_moving(struct session *s, const struct command *c, struct out *o)
{
    if (c->enable == 0)
        return gt06_text(s, c, o, "MOVING,OFF#");
    if (!(c->radius_m >= 1 && c->radius_m <= 100000))
        return false;
    return gt06_textf(s, c, o, "MOVING,ON,%u,0#", (unsigned)c->radius_m);
}

static bool gt06_update(struct session *s, const struct command *c, struct out *o)
{
    return command_safe(c->data, GT06_TEXT_MAX - 8, "#") &&
           gt06_textf(s, c, o, "UPDATE,%s#", c->data);
}

/* Camera 1 looks out, 2 in. */
static bool gt06_picture(struct session *s, const struct command *c, struct out *o)
{
    if (!gt06_model(s, "JC", 2))
        return false;
    if (isnan(c->index))
        return gt06_text(s, c, o, "PICTURE,INOUT#");
    return gt06_text(s, c, o, c->index == 2 ? "PICTURE,IN#" : "PICTURE,OUT#");
}

/* What the caller writes goes out as it stands; other commands are given in full. */
static bool gt06_given(struct session *s, const struct command *c, struct out *o,
                       const char *text)
{
    return text && gt06_text(s, c, o, text);
}

static bool gt06_video(struct session *s, const struct command *c, struct out *o)
{
    return gt06_model(s, "JC", 2) && gt06_text(s, c, o, "RTMP,ON,INOUT#");
}

static const char *gt06_switch(const struct command *c, const char *on, const char *off)
{
    return c->enable == 0 ? off : on;
}

/* ---- which is which ---- */

bool gt06_encode(struct session *s, const struct command *c, struct out *o)
{
    switch (c->kind) {
    case COMMAND_CUSTOM:
    case COMMAND_CONFIGURATION:
        return gt06_given(s, c, o, c->data);
    case COMMAND_ENGINE_STOP:
        return gt06_relay(s, c, o, true);
    case COMMAND_ENGINE_RESUME:
        return gt06_relay(s, c, o, false);
    case COMMAND_OUTPUT_CONTROL:
        return gt06_output(s, c, o);
    case COMMAND_DEVICE_IDENTIFICATION:
        return gt06_text(s, c, o, "PARAM#");
    case COMMAND_POSITION_SINGLE:
        return gt06_text(s, c, o, "WHERE#");
    case COMMAND_POSITION_PERIODIC:
        return gt06_periodic(s, c, o);
    case COMMAND_POSITION_STOP:
        return gt06_text(s, c, o, "TIMER,0#");
    case COMMAND_REBOOT_DEVICE:
        return gt06_text(s, c, o, "RESET#");
    case COMMAND_FACTORY_RESET:
        return gt06_text(s, c, o, "FACTORY#");
    case COMMAND_ALARM_ARM:
        return gt06_text(s, c, o, "111#");
    case COMMAND_ALARM_DISARM:
        return gt06_text(s, c, o, "000#");
    case COMMAND_ALARM_VIBRATION:
        return gt06_text(s, c, o, gt06_switch(c, "SENALM,ON#", "SENALM,OFF#"));
    case COMMAND_ALARM_BATTERY:
        return gt06_text(s, c, o, gt06_switch(c, "BATALM,ON,0#", "BATALM,OFF#"));
    case COMMAND_ALARM_GEOFENCE:
        return gt06_moving(s, c, o);
    case COMMAND_ALARM_SPEED:
    case COMMAND_SET_SPEED_LIMIT:
        return gt06_speed(s, c, o);
    case COMMAND_SET_TIMEZONE:
        return gt06_timezone(s, c, o);
    case COMMAND_SET_CONNECTION:
        return gt06_connection(s, c, o);
    case COMMAND_SET_ODOMETER:
        return gt06_odometer(s, c, o);
    case COMMAND_SOS_NUMBER:
        return gt06_sos(s, c, o);
    case COMMAND_GET_VERSION:
        return gt06_text(s, c, o, "VERSION#");
    case COMMAND_GET_DEVICE_STATUS:
        return gt06_text(s, c, o, "STATUS#");
    case COMMAND_GET_MODEM_STATUS:
        return gt06_text(s, c, o, "GPRSSET#");
    case COMMAND_VOICE_MONITORING:
        return gt06_given(s, c, o, ses_setting(s, "voiceMonitoring"));
    case COMMAND_REQUEST_PHOTO:
        return gt06_picture(s, c, o);
    case COMMAND_VIDEO_START:
        return gt06_video(s, c, o);
    case COMMAND_FIRMWARE_UPDATE:
        return gt06_update(s, c, o);
    default:
        return false;
    }
}
