/*
 * codes.c - packet types, alert ids and headers of AIS-140.
 */
#include "protocols/ais140/ais140.h"

static const struct ais140_type types[] = {
    {"NR", "normal", NULL, -1},
    {"EA", "emergency", "sos", -1},
    {"EO", "emergency off", NULL, -1},
    {"TA", "tamper", "tampering", -1},
    {"DT", "device or button wire tampered", "tampering", -1},
    /* Makers mean a cut button wire; an alarm that may be a call for help is one. */
    {"WD", "emergency wire disconnected", "sos", -1},
    {"HP", "health", NULL, -1},
    {"IN", "ignition on", NULL, 1},
    {"IF", "ignition off", NULL, 0},
    {"BD", "main battery disconnected", "powerCut", -1},
    {"BR", "main battery reconnected", "powerRestored", -1},
    {"BL", "internal battery low", "lowBattery", -1},
    {"BH", "internal battery no longer low", NULL, -1},
    {"BC", "internal battery charged", NULL, -1},
    {"HB", "harsh braking", "hardBraking", -1},
    {"HA", "harsh acceleration", "hardAcceleration", -1},
    {"RT", "rash turning", "hardCornering", -1},
    {"OS", "over-speed", "overspeed", -1},
    {"GI", "fence entered", "geofenceEnter", -1},
    {"GO", "fence left", "geofenceExit", -1},
    {"TL", "tilt", "accident", -1},
    {"RF", "RFID", NULL, -1},
    {"TR", "trip", NULL, -1},
    {"OT", "over-the-air change", NULL, -1},
    {"OA", "over-the-air answer", NULL, -1},
    {"CC", "configuration changed", NULL, -1},
    {"PC", "parameter changed", NULL, -1},
    {"CFG", "configuration", NULL, -1},
};

static const struct ais140_alert alerts[] = {
    [1] = {"live location", NULL, -1},
    [2] = {"history", NULL, -1},
    [3] = {"main battery disconnected", "powerCut", -1},
    [4] = {"internal battery low", "lowBattery", -1},
    [5] = {"internal battery no longer low", NULL, -1},
    [6] = {"main battery reconnected", "powerRestored", -1},
    [7] = {"ignition on", NULL, 1},
    [8] = {"ignition off", NULL, 0},
    [9] = {"box opened", "tampering", -1},
    [10] = {"emergency", "sos", -1},
    [11] = {"emergency off", NULL, -1},
    [12] = {"over-the-air change", NULL, -1},
    [13] = {"harsh braking", "hardBraking", -1},
    [14] = {"harsh acceleration", "hardAcceleration", -1},
    [15] = {"rash turning", "hardCornering", -1},
    [16] = {"emergency wire cut", "tampering", -1},
    [17] = {"over-speed", "overspeed", -1},
    [18] = {"fence entered", "geofenceEnter", -1},
    [19] = {"fence left", "geofenceExit", -1},
    [20] = {"over-speed, fence entered", "geofenceEnter", -1},
    [21] = {"over-speed, fence left", "geofenceExit", -1},
    [22] = {"tilt", "accident", -1},
    [23] = {"impact", "accident", -1},
    [24] = {"tilt or other", NULL, -1},
    [25] = {"RFID or full packet", NULL, -1},
};

enum { ALERT_FAST_IN = 20, ALERT_FAST_OUT = 21, ALERTS = sizeof alerts / sizeof *alerts };

const struct ais140_type *ais140_type_find(struct span code)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_is(code, types[i].code))
            return &types[i];
    return NULL;
}

const struct ais140_alert *ais140_alert_find(double id)
{
    if (!(id >= 1 && id < ALERTS) || !alerts[(unsigned)id].text)
        return NULL;
    return &alerts[(unsigned)id];
}

void ais140_event(struct record *rec, const struct ais140_type *type, double alert)
{
    const struct ais140_alert *row = ais140_alert_find(alert);
    rec_num(rec, KEY_EVENT, alert);
    const char *alarm = type ? type->alarm : row ? row->alarm : NULL;
    int ignition = type ? type->ignition : row ? row->ignition : -1;
    bool both = (alert == ALERT_FAST_IN || alert == ALERT_FAST_OUT) && (!type || alarm);
    if (both) {
        rec_alarm(rec, "overspeed");
        rec_alarm(rec, row->alarm);
    } else if (alarm) {
        rec_alarm(rec, alarm);
    }
    if (ignition >= 0)
        rec_bool(rec, KEY_IGNITION, ignition);
}

/* KIND_ANY: one maker's login, positions, health and emergencies alike. */
static const struct ais140_form forms[] = {
    {"NRM", true, false, KIND_POSITION, ORDER_LCS},
    {"NRM", false, true, KIND_POSITION, ORDER_SLC},
    {"Header", false, false, KIND_ANY, ORDER_SCL},
    {"NMP", true, false, KIND_POSITION, ORDER_SLC},
    {"NMP", false, false, KIND_POSITION, ORDER_SLC},
    {"PVT", true, false, KIND_POSITION, ORDER_NONE},
    {"PVT", false, false, KIND_POSITION, ORDER_NONE},
    {"RLP", false, false, KIND_POSITION, ORDER_CLS},
    {"TEL", false, true, KIND_POSITION, ORDER_SCL},
    {"ALT", false, false, KIND_POSITION, ORDER_NONE},
    {"ALT", true, false, KIND_POSITION, ORDER_NONE},
    {"DP", false, false, KIND_POSITION, ORDER_NONE},
    {"03", true, false, KIND_POSITION, ORDER_CLS},
    {"04", true, false, KIND_POSITION, ORDER_CLS},
    {"C", true, false, KIND_POSITION, ORDER_CLS},
    {"CP", true, false, KIND_POSITION, ORDER_CLS},
    {"A", true, false, KIND_POSITION, ORDER_LCS},
    {"1", true, false, KIND_POSITION, ORDER_NONE},
    {"ID01", true, false, KIND_POSITION, ORDER_CLS},
    {"10", true, false, KIND_POSITION, ORDER_NONE},
    {"200", true, false, KIND_POSITION, ORDER_NONE},
    {"EPB", false, false, KIND_EMERGENCY, ORDER_NONE},
    {"EPB", true, false, KIND_EMERGENCY, ORDER_NONE},
    {"LGN", false, false, KIND_LOGIN, ORDER_NONE},
    {"LGN", true, false, KIND_LOGIN, ORDER_NONE},
    {"LI", false, false, KIND_LOGIN, ORDER_NONE},
    {"LI", true, false, KIND_LOGIN, ORDER_NONE},
    {"01", true, false, KIND_LOGIN, ORDER_NONE},
    {"HLM", false, false, KIND_HEALTH, ORDER_NONE},
    {"HLM", true, false, KIND_HEALTH, ORDER_NONE},
    {"HLP", false, false, KIND_HEALTH, ORDER_NONE},
    {"HEL", false, false, KIND_HEALTH, ORDER_NONE},
    {"HMP", false, false, KIND_HEALTH, ORDER_NONE},
    {"HBT", false, false, KIND_HEALTH, ORDER_NONE},
    {"HBT", true, false, KIND_HEALTH, ORDER_NONE},
    {"02", true, false, KIND_HEALTH, ORDER_NONE},
    {"101", true, false, KIND_HEALTH, ORDER_NONE},
    {"500", true, false, KIND_DIAGNOSIS, ORDER_NONE},
    {"PC", true, false, KIND_ANSWER, ORDER_NONE},
    {"ACK", false, false, KIND_ANSWER, ORDER_NONE},
    {"ACTVR", false, false, KIND_ANSWER, ORDER_NONE},
    {"HCHKR", false, false, KIND_ANSWER, ORDER_NONE},
};

static bool ais140_header_is(const struct ais140_form *form, struct span header)
{
    if (!form->prefix)
        return span_is(header, form->header);
    return span_starts(header, form->header) &&
           (header.len == strlen(form->header) ||
            ais140_is_digits(span_cut(header, strlen(form->header), header.len), 1, 8));
}

const struct ais140_form *ais140_form_find(struct span text)
{
    bool comma = text.len && *text.ptr == ',';
    size_t end = span_find(text, comma, ",", 1);
    struct span header = span_cut(text, comma, end);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].comma == comma && ais140_header_is(&forms[i], header))
            return &forms[i];
    return NULL;
}
