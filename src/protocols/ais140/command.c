/*
 * command.c - what can be asked of AIS-140 units.
 *
 * The standard leaves the way down to the maker; what a unit has sent tells whose words
 * it knows.  One that has sent nothing is taken for the RLP family where the engine is
 * concerned, for that is the only maker whose words for it are published, and for the
 * key list of C-DAC otherwise.  Setting model WETRACK140 gives the words of Concox,
 * which end with #.
 */
#include "protocols/ais140/ais140.h"

#include <stdio.h>
#include <strings.h>

#include "core/checksum.h"

enum { TEXT_MAX = 512, VALUE_MAX = 128, PHONE_MAX = 20, PERIOD_MAX_S = 86400 };

/* What would end a value, a field or a frame. */
static const char forbidden[] = ",:*$#|() \"";

/* A value that can stand in a command, or NULL. */
static const char *ais140_safe(const char *text)
{
    return command_safe(text, VALUE_MAX, forbidden) ? text : NULL;
}

static const char *ais140_safe_phone(const char *text)
{
    if (!command_safe(text, PHONE_MAX, forbidden))
        return NULL;
    const char *digits = text + (*text == '+');
    return *digits && strspn(digits, "0123456789") == strlen(digits) ? text : NULL;
}

/* A whole number from min to max, or -1. */
static long ais140_whole(double value, long min, long max)
{
    return value >= min && value <= max ? (long)value : -1;
}

static long ais140_number(const char *text, long min, long max)
{
    double value;
    if (!text || !text_num(span_of(text), &value))
        return -1;
    return ais140_whole(value, min, max);
}

/* Addresses of digits and points are told apart from names. */
static bool ais140_is_address(const char *server)
{
    return strspn(server, "0123456789.") == strlen(server);
}

/* A command as parameters that have been found to be safe. */
struct request {
    enum command_kind kind;
    const char *server, *phone, *text; /* NULL: none, or not safe */
    long port, period_s, index, limit_kmh;
    bool on;
};

static struct request ais140_request_of(const struct command *c)
{
    struct request q = {.kind = c->kind};
    q.server = ais140_safe(c->server);
    q.phone = ais140_safe_phone(c->phone ? c->phone : c->data);
    q.text = ais140_safe(c->data);
    q.port = ais140_whole(c->port, 1, 65535);
    q.period_s = ais140_whole(c->period_s, 1, PERIOD_MAX_S);
    q.index = isnan(c->index) ? 1 : ais140_whole(c->index, 1, 3);
    q.limit_kmh = ais140_number(c->data, 1, 255);
    q.on = c->data && (!strcmp(c->data, "1") || !strcmp(c->data, "true"));
    return q;
}

/* ---- the RLP family ---- */

static bool ais140_encode_rlp(const struct request *q, struct out *o)
{
    long output = q->kind == COMMAND_OUTPUT_CONTROL ? q->index : 1;
    bool set = q->kind == COMMAND_ENGINE_STOP || q->on;
    if (q->kind != COMMAND_ENGINE_STOP && q->kind != COMMAND_ENGINE_RESUME &&
        q->kind != COMMAND_OUTPUT_CONTROL)
        return false;
    if (output < 1 || output > 2)
        return false;
    out_printf(o, "@%s#RLP,OP%ld,", set ? "SET" : "CLR", output);
    return true;
}

/* ---- Amendment 3: numbered keys, XOR between $ and * ---- */

static bool ais140_send_numbered(struct session *s, struct out *o, const char *body)
{
    enum { LAST_DIGITS = 6 };
    char text[TEXT_MAX];
    const char *id = ses_id(s);
    if (!ais140_is_imei(span_of(id)))
        return false;
    int len = snprintf(text, sizeof text, "$%s,%s,%s", id, id + AIS140_IMEI - LAST_DIGITS,
                       body);
    if (len < 0 || (size_t)len >= sizeof text)
        return false;
    out_printf(o, "%s*%02X\r\n", text, xor8(span_of(text + 1)));
    return true;
}

static const char *ais140_text_of(const char *text)
{
    return text ? text : "";
}

static bool ais140_encode_numbered(struct session *s, const struct request *q,
                                   struct out *o)
{
    char body[TEXT_MAX];
    switch (q->kind) {
    case COMMAND_SET_CONNECTION:
        snprintf(body, sizeof body, "SET,002:%s,003:%ld", ais140_text_of(q->server),
                 q->port);
        return q->server && q->port > 0 && ais140_send_numbered(s, o, body);
    case COMMAND_POSITION_PERIODIC:
        snprintf(body, sizeof body, "SET,014:%ld", q->period_s);
        return q->period_s > 0 && ais140_send_numbered(s, o, body);
    case COMMAND_SET_SPEED_LIMIT:
        snprintf(body, sizeof body, "SET,009:%ld", q->limit_kmh);
        return q->limit_kmh > 0 && ais140_send_numbered(s, o, body);
    case COMMAND_SOS_NUMBER:
        snprintf(body, sizeof body, "SET,021:%s", ais140_text_of(q->phone));
        return q->phone && ais140_send_numbered(s, o, body);
    case COMMAND_FIRMWARE_UPDATE:
        snprintf(body, sizeof body, "SET,001:%s", ais140_text_of(q->text));
        return q->text && ais140_send_numbered(s, o, body);
    case COMMAND_REBOOT_DEVICE:
        return ais140_send_numbered(s, o, "SET,018:1");
    case COMMAND_ALARM_DISMISS:
        return ais140_send_numbered(s, o, "CLR,020");
    case COMMAND_GET_DEVICE_STATUS:
        return ais140_send_numbered(s, o, "GET,002,003,008,009,014,015,016,022");
    default:
        return false;
    }
}

/* ---- the key list of C-DAC, and Quectel's, which names address and port apart ---- */

static bool ais140_send_address(const struct request *q, struct out *o, bool quectel)
{
    if (!q->server || q->port < 1)
        return false;
    if (quectel)
        out_printf(o, "SET PIP:%s,PPT:%ld\r\n", q->server, q->port);
    else
        out_printf(o, "SET PU:%s:%ld\r\n", q->server, q->port);
    return true;
}

static bool ais140_send_key(struct out *o, const char *key, long value)
{
    if (value < 1)
        return false;
    out_printf(o, "SET %s:%ld\r\n", key, value);
    return true;
}

static bool ais140_encode_keys(const struct request *q, struct out *o, bool quectel)
{
    switch (q->kind) {
    case COMMAND_SET_CONNECTION:
        return ais140_send_address(q, o, quectel);
    case COMMAND_POSITION_PERIODIC:
        return ais140_send_key(o, "UR", q->period_s);
    case COMMAND_SET_SPEED_LIMIT:
        return ais140_send_key(o, "SL", q->limit_kmh);
    case COMMAND_SOS_NUMBER:
        if (!q->phone || q->index < 1)
            return false;
        out_printf(o, "SET M%ld:%s\r\n", q->index, q->phone);
        return true;
    case COMMAND_ALARM_DISMISS:
        out_printf(o, "SET EO\r\n");
        return true;
    case COMMAND_GET_VERSION:
        out_printf(o, "GET FV\r\n");
        return true;
    case COMMAND_DEVICE_IDENTIFICATION:
        out_printf(o, "GET VID,FV\r\n");
        return true;
    case COMMAND_GET_DEVICE_STATUS:
        out_printf(o, quectel ? "GET PIP,PPT,SIP,SPT,APN,SL,VN,UR,URE,URH\r\n"
                              : "GET PU,SU,EU,SL,ST,HT,UR,URT,URS,URE,URF,URH\r\n");
        return true;
    default:
        return false;
    }
}

/* ---- Concox: WeTrack140 ---- */

/* Commands without parameters. */
static const struct {
    enum command_kind kind;
    const char *text;
} plain[] = {
    {COMMAND_ENGINE_STOP, "RELAY,1#"},      {COMMAND_ENGINE_RESUME, "RELAY,0#"},
    {COMMAND_POSITION_SINGLE, "WHERE#"},    {COMMAND_REBOOT_DEVICE, "RESET#"},
    {COMMAND_FACTORY_RESET, "FACTORY#"},    {COMMAND_GET_VERSION, "VERSION#"},
    {COMMAND_GET_DEVICE_STATUS, "STATUS#"}, {COMMAND_ALARM_DISMISS, "SET EO"},
};

static bool ais140_encode_plain(enum command_kind kind, struct out *o)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (plain[i].kind != kind)
            continue;
        out_printf(o, "%s", plain[i].text);
        return true;
    }
    return false;
}

/* This firmware reports in UTC and is to be left so. */
static bool ais140_is_utc(const char *zone)
{
    static const char *const names[] = {"UTC", "GMT", "Z", "+00:00", "Etc/UTC"};
    for (size_t i = 0; zone && i < sizeof names / sizeof *names; i++)
        if (!strcmp(zone, names[i]))
            return true;
    return !zone;
}

static bool ais140_encode_concox(struct session *s, const struct command *c,
                                 const struct request *q, struct out *o)
{
    int udp = ses_transport(s) == TRANSPORT_UDP;
    switch (q->kind) {
    case COMMAND_SET_CONNECTION:
        if (!q->server || q->port < 1)
            return false;
        out_printf(o, "SERVER,%d,%s,%ld,%d#", !ais140_is_address(q->server), q->server,
                   q->port, udp);
        return true;
    case COMMAND_POSITION_PERIODIC:
        if (q->period_s < 1)
            return false;
        out_printf(o, "TIMER,%ld#", q->period_s);
        return true;
    case COMMAND_SET_SPEED_LIMIT:
        if (q->limit_kmh < 1)
            return false;
        out_printf(o, "SPEED,ON,10,%ld,1#", q->limit_kmh);
        return true;
    case COMMAND_SOS_NUMBER:
        if (!q->phone)
            return false;
        out_printf(o, "SOS,A,%s#", q->phone);
        return true;
    case COMMAND_SET_TIMEZONE:
        if (!ais140_is_utc(c->timezone))
            return false;
        out_printf(o, "GMT,E,0#");
        return true;
    case COMMAND_OUTPUT_CONTROL:
        if (q->index != 1)
            return false;
        out_printf(o, "RELAY,%d#", q->on);
        return true;
    default:
        return ais140_encode_plain(q->kind, o);
    }
}

/* ---- whose words? ---- */

static enum ais140_dialect ais140_dialect_of(struct session *s)
{
    const struct ais140_state *state = ses_state(s);
    const char *model = ses_setting(s, "model");
    bool http = state->dialect == AIS140_HTTP;
    return model && !http && !strcasecmp(model, "WETRACK140")
               ? AIS140_WETRACK
               : (enum ais140_dialect)state->dialect;
}

static bool ais140_is_for_engine(enum command_kind kind)
{
    return kind == COMMAND_ENGINE_STOP || kind == COMMAND_ENGINE_RESUME ||
           kind == COMMAND_OUTPUT_CONTROL;
}

bool ais140_encode(struct session *s, const struct command *c, struct out *o)
{
    enum ais140_dialect dialect = ais140_dialect_of(s);
    struct request q = ais140_request_of(c);
    if (dialect == AIS140_HTTP)
        return false;
    if (c->kind == COMMAND_CUSTOM) {
        if (!command_safe(c->data, TEXT_MAX, ""))
            return false;
        out_printf(o, "%s", c->data);
        return true;
    }
    switch (dialect) {
    case AIS140_WETRACK:
        return ais140_encode_concox(s, c, &q, o);
    case AIS140_AMD3:
        return ais140_encode_numbered(s, &q, o);
    case AIS140_RLP:
        return ais140_encode_rlp(&q, o);
    case AIS140_UNHEARD:
        return ais140_is_for_engine(c->kind) ? ais140_encode_rlp(&q, o)
                                             : ais140_encode_keys(&q, o, false);
    default:
        return ais140_encode_keys(&q, o, dialect == AIS140_QUECTEL);
    }
}
