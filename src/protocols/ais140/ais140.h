/*
 * ais140.h - what the parts of the AIS-140 decoder share.
 *
 * Makers agree on little more than the 15-digit IMEI and the coordinates with their
 * hemisphere letters.  So a frame is looked over as a row of tokens first, those
 * anchors are found, and then it is read in wire order: the walk knows how many tokens
 * stand before, between and behind the anchors, and thereby what each of them is.
 */
#pragma once

#include "core/protocol.h"

enum {
    AIS140_IMEI = 15,
    AIS140_SHORT_MAX = 1024,    /* a frame with commas */
    AIS140_BATCH_MAX = 16384,   /* a fixed-width batch */
    AIS140_HTTP_MAX = 3 * 8192, /* one that comes by HTTP, with its head */
    AIS140_TOKENS_MAX = 128,    /* what stands behind them is told as spare */
};

/* Whose words the device understands. */
enum ais140_dialect {
    AIS140_UNHEARD, /* it has said nothing yet */
    AIS140_OTHER,   /* a maker without commands of its own */
    AIS140_RLP,     /* @SET#RLP,OP1, */
    AIS140_AMD3,    /* $IMEI,<6>,SET,002:value*XX */
    AIS140_CDAC,    /* SET PU:value */
    AIS140_HTTP,    /* the same by HTTP: nothing can be sent unasked */
    AIS140_QUECTEL, /* SET PIP:value */
    AIS140_WETRACK, /* RELAY,1# */
};

struct ais140_state {
    uint8_t dialect;
    uint8_t ahead_count; /* live records 5:30 h before the clock: see ais140_utc_ms() */
};

/* Columns of the neighbour cells, three a cell. */
enum ais140_order { ORDER_NONE, ORDER_LCS, ORDER_CLS, ORDER_SLC, ORDER_SCL };

enum ais140_kind {
    KIND_POSITION,
    KIND_LOGIN,
    KIND_HEALTH,
    KIND_EMERGENCY,
    KIND_DIAGNOSIS,
    KIND_ANSWER,
    KIND_ANY, /* the same header for all of them */
};

/* What a header says. */
struct ais140_form {
    const char *header;
    bool comma;  /* "$,NRM" rather than "$NRM" */
    bool prefix; /* digits may follow the header */
    enum ais140_kind kind;
    enum ais140_order order;
};

/* The row of the header at the start of the text that follows '$'; NULL: none. */
const struct ais140_form *ais140_form_find(struct span text);

/* The row of tokens.  `at` is the next one that will be read. */
struct ais140_walk {
    struct reader *r;
    size_t at;
    size_t count;
    struct span token[AIS140_TOKENS_MAX];
};

/* Splits what the reader has not read yet. */
void ais140_walk_init(struct ais140_walk *w, struct reader *r);

/* The token at an index; empty beyond the last. */
struct span ais140_token(const struct ais140_walk *w, size_t i);

/* Reads the next token, without blanks; empty when there is none.  A number that is
 * none is absent. */
struct span ais140_text(struct ais140_walk *w, const char *name);
double ais140_num(struct ais140_walk *w, const char *name);

/* Reads tokens that mean nothing to us, up to an index, or all. */
void ais140_spare(struct ais140_walk *w, size_t end, const char *name);
void ais140_drain(struct ais140_walk *w);

/* Indices of the anchors from `from` on; w->count when there are none.  The place is
 * number, N or S, number, E or W. */
size_t ais140_find_imei(const struct ais140_walk *w, size_t from);
size_t ais140_find_place(const struct ais140_walk *w, size_t from);
bool ais140_is_imei(struct span token);
bool ais140_is_digits(struct span token, size_t min, size_t max);
bool ais140_is_place(const struct span *token);
bool ais140_is_fix(struct span token);
bool ais140_is_status(struct span token);

/* A frame that is being decoded. */
struct ais140_frame {
    struct session *s;
    struct out *o;
    const struct ais140_form *form; /* NULL: an unknown header */
    bool starred;                   /* a checksum stood behind the star */
    struct record *rec;
    const struct ais140_type *type; /* NULL: absent or unknown */
    size_t numbered;                /* the byte behind the frame number; 0: none */
    struct ais140_walk w;
};

/* ---- codes ---- */

struct ais140_type {
    const char *code;
    const char *text;
    const char *alarm; /* NULL: none */
    int8_t ignition;   /* 1 on, 0 off, -1 says nothing of it */
};

struct ais140_alert {
    const char *text; /* NULL: no such alert */
    const char *alarm;
    int8_t ignition;
};

const struct ais140_type *ais140_type_find(struct span code);
const struct ais140_alert *ais140_alert_find(double id);

/* Sets event, alarm and ignition.  The two letters win over the alert id, of which
 * firmware differs from 16 on. */
void ais140_event(struct record *rec, const struct ais140_type *type, double alert);

/* ---- fields that several frames have ---- */

/* Reads the IMEI and binds the session. */
void ais140_identify(struct ais140_frame *f);

/* Reads the tokens of date and time before index `end`: one to six of them.
 * TIME_NONE when they are empty or zero; a date that cannot be fails the reader. */
int64_t ais140_time_ms(struct ais140_walk *w, size_t end);

/* Device time to UTC: the device's setting timeOffset; without one a device whose
 * live records run 5:30 h ahead of the clock three times keeps Indian time. */
int64_t ais140_utc_ms(struct session *s, int64_t ms, bool live);

/* Reads latitude, letter, longitude, letter into the record. */
void ais140_place(struct ais140_walk *w, struct record *rec);
bool ais140_fix(struct ais140_walk *w);

/* Joins place and time.  A place of zeros is none; a record without a time has that of
 * its arrival. */
void ais140_settle(struct session *s, struct record *rec, int64_t ms, bool fix);

/* Inputs and outputs as binary numbers, leftmost first, and what the operator says of
 * the wires: doorInput, ignitionInput, panicInput, inverted, relayOutput. */
void ais140_inputs(struct session *s, struct record *rec, struct span digits);
void ais140_outputs(struct session *s, struct record *rec, struct span digits);

/* Reads signal, serving cell, and neighbours before index `end`. */
void ais140_cells(struct ais140_frame *f, size_t end);

/* dBm of 0-31 as modems count it; what is negative is dBm already. */
int16_t ais140_dbm(double signal);

/* Reads what stands behind the outputs. */
void ais140_tail(struct ais140_frame *f);

/* What came of a command, if anything did: source, command and result. */
void ais140_answered(struct ais140_frame *f, struct span text);

/* ---- checksums ---- */

/* Cuts the star, and a checksum behind it, off the end and checks it. */
void ais140_cut_star(struct ais140_frame *f, struct reader *r);

/* Reads a checksum that stands among the fields and checks it. */
void ais140_sum_field(struct ais140_frame *f);
bool ais140_is_sum(struct span token);

/* ---- kinds of frames ---- */

enum verdict ais140_position(struct ais140_frame *f);
enum verdict ais140_login(struct ais140_frame *f);
enum verdict ais140_login_dollars(struct ais140_frame *f, struct reader *r);
enum verdict ais140_health(struct ais140_frame *f);
enum verdict ais140_emergency(struct ais140_frame *f);
enum verdict ais140_diagnosis(struct ais140_frame *f);
enum verdict ais140_answer(struct ais140_frame *f);
enum verdict ais140_plain_text(struct session *s, struct reader *r, struct out *o);
enum verdict ais140_cdac(struct session *s, struct reader *r, struct out *o,
                         bool *registered);
enum verdict ais140_http(struct session *s, struct reader *r, struct out *o);

/* "$reg$imei$..." or "$LP$...": 1; 0 when it is not, -1 when that cannot be told yet. */
int ais140_is_dollars(struct span in);

/* A fixed-width frame starts here: 1; 0 and -1 as above. */
int ais140_is_cdac(struct span in);
int ais140_is_http(struct span in);

int ais140_detect(struct probe *p);
int ais140_frame_end(struct session *s, struct span in, bool whole);
int ais140_cdac_end(struct span in, bool whole);
int ais140_http_end(struct span in, bool whole);
bool ais140_http_body(struct span in, struct span *body);

bool ais140_encode(struct session *s, const struct command *c, struct out *o);
