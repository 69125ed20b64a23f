/*
 * wetrack_ais.c - the AIS-140 text firmware.
 *
 *     $,LGN,MARK,<reg>,<IMEI>,<firmware>,AIS140,<lat>,N,<lon>,E,*
 *     $,NRM,MARK,<firmware>,<type>,<alert>,<L|H>,<IMEI>,<reg>,<fix>,<DDMMYYYY>,<hhmmss>,
 *         <lat>,N,<lon>,E,<km/h>,<degrees>,<satellites>,<m>,<pdop>,<hdop>,<operator>,
 *         <ignition>,<supplied>,<supply V>,<battery V>,<emergency>,<cover>,<signal>,
 *         <mcc>,<mnc>,<lac>,<cell>,4 x (<lac>,<cell>,<signal>),<inputs>,<outputs>,
 *         <analog V>,<odometer m>,<number>,<source>,<command>,<result>,<crc>,*
 *     $,HBT,MARK,<firmware>,<IMEI>,<battery %>,<low %>,<memory %>,<s>,<s>,<inputs>,
 *         <analog V>*
 *     $,EPB,<EMR|SEM>,<IMEI>,<NM|SP>,<DDMMYYYYhhmmss>,<A|V>,<lat>,N,<lon>,E,<m>,<km/h>,
 *         <m>,G,<reg>,<reply number>,*
 *
 * The crc is CRC-16/X-25 of all between $ and the comma behind the number.  Source,
 * command and result are the answer to a command, else zeros.
 */
#include <math.h>
#include <stdlib.h>

#include "core/checksum.h"
#include "simulate/wetrack.h"

#define VENDOR   "MARK"
#define FIRMWARE "V0.0.1"

enum { NUMBER_MAX = 999999, NEIGHBOURS = 4, LOW_BATTERY_PCT = 20 };

static void write_degrees(int32_t e7, unsigned width, char positive, char negative,
                          struct writer *w)
{
    wr_printf(w, "%0*.6f,%c,", (int)width, fabs(e7 / 1e7), e7 < 0 ? negative : positive);
}

static void write_place(const struct report *r, unsigned longitude_width,
                        struct writer *w)
{
    write_degrees(r->latitude_e7, 9, 'N', 'S', w);
    write_degrees(r->longitude_e7, longitude_width, 'E', 'W', w);
}

static void write_date(const struct report *r, const char *between, struct writer *w)
{
    struct civil c = civil_of(r->time_ms);
    wr_printf(w, "%02d%02d%04d%s%02d%02d%02d,", c.day, c.month, c.year, between, c.hour,
              c.minute, c.second);
}

/* Ignition, door, a spare wire, panic button. */
static void write_inputs(const struct report *r, struct writer *w)
{
    wr_printf(w, "%d%d%d%d", wetrack_has(r, REPORT_IGNITION), wetrack_has(r, REPORT_DOOR),
              wetrack_has(r, REPORT_INPUT_3), wetrack_has(r, REPORT_PANIC));
}

static void write_cells(const struct report *r, struct writer *w)
{
    struct wetrack_cell serving = wetrack_cell(r, 0);
    wr_printf(w, "%d,%d,%X,%X,", MCC_INDIA, MNC_AIRTEL, serving.lac, serving.id);
    for (unsigned i = 1; i <= NEIGHBOURS; i++) {
        struct wetrack_cell cell = wetrack_cell(r, i);
        wr_printf(w, "%X,%X,%u,", cell.lac, cell.id, cell.signal);
    }
}

/* ---- messages ---- */

static void ais_login(const struct tracker *t, uint16_t serial, struct writer *w)
{
    (void)serial;
    struct report now = trk_look(t, EVENT_INTERVAL);
    wr_printf(w, "$,LGN," VENDOR ",%s,%s," FIRMWARE ",AIS140,", t->set.registration,
              t->imei);
    write_place(&now, 9, w);
    wr_text(w, "*");
}

static void ais_heartbeat(const struct tracker *t, uint16_t serial, struct writer *w)
{
    (void)serial;
    struct report now = trk_look(t, EVENT_INTERVAL);
    double charge = (now.battery_mv - 3200) / 9.0;
    double memory = 100.0 * (double)t->up.count / UP_MEMORY_MAX;
    wr_printf(w, "$,HBT," VENDOR "," FIRMWARE ",%s,%.0f,%d,%.1f,%u,%u,", t->imei,
              fmin(fmax(charge, 0), 100), LOW_BATTERY_PCT, memory, t->set.on_s,
              t->set.off_s);
    write_inputs(&now, w);
    wr_printf(w, ",%.1f*", now.analog_mv / 1e3);
}

/* Type and alert of a packet. */
static const struct {
    const char *type;
    unsigned alert;
} packets[EVENT_COUNT] = {
    [EVENT_IGNITION_ON] = {"IN", 7}, [EVENT_IGNITION_OFF] = {"IF", 8},
    [EVENT_PANIC] = {"EA", 10},      [EVENT_PANIC_OVER] = {"EO", 11},
    [EVENT_PANIC_WIRE] = {"WD", 16}, [EVENT_TAMPER] = {"TA", 9},
    [EVENT_POWER_CUT] = {"BD", 3},   [EVENT_POWER_BACK] = {"BR", 6},
    [EVENT_BATTERY_LOW] = {"BL", 4}, [EVENT_BATTERY_OK] = {"BH", 5},
    [EVENT_BRAKE] = {"HB", 13},      [EVENT_ACCELERATE] = {"HA", 14},
    [EVENT_TURN_LEFT] = {"RT", 15},  [EVENT_TURN_RIGHT] = {"RT", 15},
    [EVENT_OVERSPEED] = {"OS", 17},  [EVENT_FENCE_IN] = {"GI", 18},
    [EVENT_FENCE_OUT] = {"GO", 19},  [EVENT_TILT] = {"TL", 22},
    [EVENT_IMPACT] = {"TL", 23},
};

static void write_head(const struct tracker *t, const struct report *r, const char *type,
                       unsigned alert, bool stored, struct writer *w)
{
    wr_printf(w, "$,NRM," VENDOR "," FIRMWARE ",%s,%02u,%c,%s,%s,%d,", type, alert,
              stored ? 'H' : 'L', t->imei, t->set.registration,
              wetrack_has(r, REPORT_FIX));
    write_date(r, ",", w);
    write_place(r, 9, w);
}

static void write_body(const struct report *r, struct writer *w)
{
    wr_printf(w, "%.1f,%.2f,%u,%.1f,%.1f,%.1f,AIRTEL,", r->speed_kmh_e1 / 10.0,
              (double)r->course_deg, r->satellites, (double)r->altitude_m,
              r->hdop_e1 * 0.175, r->hdop_e1 / 10.0);
    wr_printf(w, "%d,%d,%.1f,%.1f,%d,%c,%u,", wetrack_has(r, REPORT_IGNITION),
              wetrack_has(r, REPORT_SUPPLIED), r->supply_mv / 1e3, r->battery_mv / 1e3,
              wetrack_has(r, REPORT_PANIC), wetrack_has(r, REPORT_COVER_OPEN) ? 'O' : 'C',
              r->gsm);
    write_cells(r, w);
    write_inputs(r, w);
    wr_printf(w, ",%d0,%.1f,%u,%06u,", wetrack_has(r, REPORT_CUT), r->analog_mv / 1e3,
              r->odometer_m, (r->number - 1) % NUMBER_MAX + 1);
}

static void write_crc(struct writer *w, struct span summed)
{
    wr_printf(w, ",%04X,*", crc16_x25(summed));
}

static void write_emergency(const struct tracker *t, const struct report *r, bool stored,
                            struct writer *w)
{
    bool fix = wetrack_has(r, REPORT_FIX);
    wr_printf(w, "$,EPB,%s,%s,%s,", wetrack_has(r, REPORT_PANIC) ? "EMR" : "SEM", t->imei,
              stored ? "SP" : "NM");
    write_date(r, "", w);
    wr_text(w, fix ? "A," : "V,");
    write_place(r, 10, w);
    wr_printf(w, "%.1f,%.1f,%u,%c,%s,%s,*", (double)r->altitude_m, r->speed_kmh_e1 / 10.0,
              r->distance_m, fix ? 'G' : 'N', t->set.registration,
              *t->set.phones[0] ? t->set.phones[0] : "0");
}

static void ais_report(const struct tracker *t, const struct report *r, bool stored,
                       uint16_t serial, struct writer *w)
{
    (void)serial;
    if (r->frame == FRAME_EMERGENCY) {
        write_emergency(t, r, stored, w);
        return;
    }
    const char *type = packets[r->event].type;
    write_head(t, r, type ? type : "NR",
               type     ? packets[r->event].alert
               : stored ? 2
                        : 1,
               stored, w);
    write_body(r, w);
    struct span summed = wr_since(w, 1);
    wr_text(w, "0,0,0");
    write_crc(w, summed);
}

/* A character that ends a field or a frame cannot stand in one. */
static void write_field(const char *text, struct writer *w)
{
    for (; *text; text++)
        wr_u8(w, (uint8_t)(*text == ','                 ? ';'
                           : strchr("$*\r\n", *text)    ? ' '
                           : *text < ' ' || *text > '~' ? '?'
                                                        : *text));
}

static void ais_answer(const struct tracker *t, uint32_t id, const char *command,
                       const char *text, uint16_t serial, struct writer *w)
{
    (void)id;
    (void)serial;
    struct report now = trk_look(t, EVENT_ASKED);
    now.number = t->reports;
    write_head(t, &now, "OT", 12, false, w);
    write_body(&now, w);
    struct span summed = wr_since(w, 1);
    wr_text(w, "GPRS,");
    write_field(command, w);
    wr_text(w, ",");
    write_field(text, w);
    write_crc(w, summed);
}

/* ---- what the server says ---- */

static void receive_frame(struct tracker *t, struct span frame)
{
    if (span_starts(frame, "$LGN"))
        up_accepted(t);
    else if (span_starts(frame, "$HBT"))
        up_heartbeat_answered(t);
    else if (span_starts(frame, "$,NRM,"))
        up_position_answered(t);
}

/* Frames begin with $ and end with *.  Anything else is a command, and what has arrived
 * of it is all of it. */
static size_t ais_receive(struct tracker *t, struct span in)
{
    bool frame = in.ptr[0] == '$';
    size_t end = 0;
    while (end < in.len && !strchr(frame ? "*" : "#*\r\n", in.ptr[end]))
        end++;
    if (frame && end == in.len)
        return 0;
    size_t taken = end < in.len ? end + 1 : end;
    if (frame)
        receive_frame(t, span_cut(in, 0, end));
    else if (span_trim(span_cut(in, 0, end)).len)
        trk_command(t, 0, span_cut(in, 0, end));
    return taken;
}

const struct firmware wetrack_ais = {
    .protocol = "ais140",
    .newest_first = true,
    .heartbeat_s = 60,
    .frames =
        {
            [EVENT_INTERVAL] = FRAME_POSITION,
            [EVENT_CORNER] = FRAME_POSITION,
            [EVENT_START] = FRAME_POSITION,
            [EVENT_ASKED] = FRAME_POSITION,
            [EVENT_IGNITION_ON] = FRAME_POSITION,
            [EVENT_IGNITION_OFF] = FRAME_POSITION,
            [EVENT_DOOR_OPEN] = FRAME_POSITION,
            [EVENT_DOOR_CLOSED] = FRAME_POSITION,
            [EVENT_INPUT] = FRAME_POSITION,
            [EVENT_PANIC] = FRAME_POSITION | FRAME_EMERGENCY,
            [EVENT_PANIC_OVER] = FRAME_POSITION | FRAME_EMERGENCY,
            [EVENT_PANIC_WIRE] = FRAME_POSITION,
            [EVENT_TAMPER] = FRAME_POSITION,
            [EVENT_TAMPER_OVER] = FRAME_POSITION,
            [EVENT_POWER_CUT] = FRAME_POSITION,
            [EVENT_POWER_BACK] = FRAME_POSITION,
            [EVENT_BATTERY_LOW] = FRAME_POSITION,
            [EVENT_BATTERY_OK] = FRAME_POSITION,
            [EVENT_BRAKE] = FRAME_POSITION,
            [EVENT_ACCELERATE] = FRAME_POSITION,
            [EVENT_TURN_LEFT] = FRAME_POSITION,
            [EVENT_TURN_RIGHT] = FRAME_POSITION,
            [EVENT_OVERSPEED] = FRAME_POSITION,
            [EVENT_IMPACT] = FRAME_POSITION,
            [EVENT_TILT] = FRAME_POSITION,
            [EVENT_FENCE_IN] = FRAME_POSITION,
            [EVENT_FENCE_OUT] = FRAME_POSITION,
            [EVENT_RELAY] = FRAME_POSITION,
        },
    .login = ais_login,
    .heartbeat = ais_heartbeat,
    .report = ais_report,
    .answer = ais_answer,
    .receive = ais_receive,
};
