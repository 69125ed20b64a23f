/*
 * said.c - frames as lines of text, and scripts' lines in the same form.
 */
#include "said.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/decimal.h"

/* What is said, in the order of printing. */
enum kind { VERDICT, MESSAGE, DEVICE, RECORD, ANSWER, MEDIA, SEND };
enum part { PART_HEAD, PART_ATTR, PART_CELL, PART_WIFI };

static const char *const radios[] = {"gsm", "lte", "wcdma", "cdma", "nr"};

static unsigned rank_of(enum kind kind, unsigned record, enum part part)
{
    return (unsigned)kind << 24 | record << 4 | (unsigned)part;
}

static bool is_attr(unsigned rank)
{
    return rank >> 24 == RECORD && (rank & 0xf) == PART_ATTR;
}

void said_init(struct said *s)
{
    *s = (struct said){.first_ms = TIME_NONE};
}

void said_fini(struct said *s)
{
    for (unsigned i = 0; i < s->count; i++)
        free(s->all[i].text);
    free(s->all);
    said_init(s);
}

static void add(struct said *s, unsigned rank, struct buffer *text)
{
    if (s->count == s->size) {
        s->size = s->size ? s->size * 2 : 16;
        s->all = mem_grow(s->all, s->size * sizeof *s->all);
    }
    buf_add(text, "", 1);
    s->all[s->count++] = (struct saying){rank, (char *)text->ptr};
    *text = (struct buffer){0};
}

/* ---- bytes and texts ---- */

static bool is_text(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] > '~' || (s.ptr[i] < ' ' && !strchr("\r\n\t", s.ptr[i])) ||
            !s.ptr[i])
            return false;
    return s.len > 0;
}

static void put_quoted(struct buffer *out, struct span s)
{
    buf_text(out, "\"");
    for (size_t i = 0; i < s.len; i++) {
        const char *special = s.ptr[i] == '\r'   ? "\\r"
                              : s.ptr[i] == '\n' ? "\\n"
                              : s.ptr[i] == '\t' ? "\\t"
                              : s.ptr[i] == '"'  ? "\\\""
                              : s.ptr[i] == '\\' ? "\\\\"
                                                 : NULL;
        if (special)
            buf_text(out, special);
        else
            buf_add(out, s.ptr + i, 1);
    }
    buf_text(out, "\"");
}

static void put_bytes(struct buffer *out, struct span s)
{
    if (is_text(s)) {
        put_quoted(out, s);
        return;
    }
    for (size_t i = 0; i < s.len; i++)
        buf_printf(out, "%s%02x", i ? " " : "", s.ptr[i]);
}

/* A quoted text at *text, which moves behind it. */
static const char *quoted_parse(const char **text, struct buffer *out)
{
    const char *p = *text + 1;
    for (; *p != '"'; p++) {
        uint8_t byte = (uint8_t)*p;
        if (!*p)
            return "the quote has no end";
        if (*p == '\\') {
            p++;
            byte = *p == 'r'   ? '\r'
                   : *p == 'n' ? '\n'
                   : *p == 't' ? '\t'
                   : *p == '0' ? '\0'
                               : (uint8_t)*p;
            if (*p == 'x') {
                struct span pair = {(const uint8_t *)p + 1, strnlen(p + 1, 2)};
                if (hex_parse(pair, &byte, 1) != 1)
                    return "\\x takes two hexadecimal digits";
                p += 2;
            } else if (!*p || !strchr("rnt0\\\"", *p)) {
                return "unknown escape";
            }
        }
        buf_add(out, &byte, 1);
    }
    *text = p + 1;
    return NULL;
}

const char *bytes_parse(const char *text, struct buffer *out)
{
    if (*text == '"') {
        const char *wrong = quoted_parse(&text, out);
        return wrong || !*text ? wrong : "something follows the quote";
    }
    size_t size = strlen(text) / 2 + 1;
    long len = hex_parse(span_of(text), buf_room(out, size), size);
    if (len < 0)
        return "neither quoted text nor pairs of hexadecimal digits";
    out->len += (size_t)len;
    return NULL;
}

/* ---- values ---- */

static void put_time(struct buffer *out, int64_t ms)
{
    char text[CIVIL_TEXT];
    civil_iso(ms, text);
    char *fraction = strstr(text, ".000Z");
    if (fraction)
        memcpy(fraction, "Z", 2);
    buf_text(out, text);
}

static void put_number(struct buffer *out, const char *before, double value)
{
    char text[DECIMAL_TEXT];
    if (!isnan(value))
        buf_printf(out, "%s%s", before, decimal_format(value, text));
}

/* A text that can stand without quotes in a list. */
static bool is_bare(struct span s)
{
    return s.len && s.ptr[0] != '"' && s.ptr[0] != ' ' && s.ptr[s.len - 1] != ' ' &&
           s.ptr[s.len - 1] != ',' && span_find(s, 0, ", ", 2) == s.len;
}

static void put_text(struct buffer *out, struct span s)
{
    if (is_bare(s))
        buf_add(out, s.ptr, s.len);
    else
        put_quoted(out, s);
}

/* The type that a reader of the script takes a value for. */
static enum attr_type expected_type(const struct record *rec, const struct attr *a)
{
    static const enum attr_type own[] = {
        [KEY_NUM] = ATTR_NUM, [KEY_BOOL] = ATTR_BOOL, [KEY_TEXT] = ATTR_TEXT};
    if (a->key)
        return own[key_table[a->key & UINT16_MAX].type];
    struct span text = rec_attr_text(rec, a);
    double num;
    if (a->type != ATTR_TEXT)
        return (enum attr_type)a->type;
    if (span_is(text, "yes") || span_is(text, "no"))
        return ATTR_BOOL;
    return text_num(text, &num) ? ATTR_NUM : ATTR_TEXT;
}

static void put_attr(struct buffer *out, const struct record *rec, const struct attr *a)
{
    static const char *const types[] = {
        [ATTR_NUM] = "number ", [ATTR_BOOL] = "truth ", [ATTR_TEXT] = "text "};
    char composed[KEY_NAME_MAX + 1];
    struct span name = rec_attr_name(rec, a, composed);
    buf_add(out, name.ptr, name.len);
    buf_text(out, " ");
    if (a->type != expected_type(rec, a))
        buf_text(out, types[a->type]);
    if (a->type == ATTR_NUM)
        put_number(out, "", a->num);
    else if (a->type == ATTR_BOOL)
        buf_text(out, a->yes ? "yes" : "no");
    else
        put_text(out, rec_attr_text(rec, a));
}

/* ---- what was heard ---- */

static void say_head(struct said *s, const char *device, const struct record *rec)
{
    struct buffer out = {0};
    bool placed = rec_placed(rec);
    int64_t ms = placed ? rec->fix_ms : rec->device_ms;
    buf_text(&out, *device ? device : "-");
    if (!placed)
        buf_text(&out, " status");
    if (ms != TIME_NONE) {
        buf_text(&out, " ");
        put_time(&out, ms);
    }
    if (placed) {
        buf_text(&out, rec->valid ? " fix" : " nofix");
        put_number(&out, " ", rec->latitude_deg);
        put_number(&out, " ", rec->longitude_deg);
    }
    put_number(&out, " alt ", rec->altitude_m);
    put_number(&out, " speed ", rec->speed_kmh);
    put_number(&out, " course ", rec->course_deg);
    put_number(&out, " accuracy ", rec->accuracy_m);
    if (placed && rec->device_ms != ms) {
        buf_text(&out, " sent ");
        put_time(&out, rec->device_ms);
    }
    if (rec->full)
        buf_text(&out, " full");
    add(s, rank_of(RECORD, s->records, PART_HEAD), &out);
}

static void say_radio(struct said *s, const struct record *rec)
{
    struct buffer out = {0};
    for (unsigned i = 0; i < rec->cell_count; i++) {
        const struct cell *c = &rec->cells[i];
        buf_printf(&out, "cell %u %u %u %llu", c->mcc, c->mnc, c->lac,
                   (unsigned long long)c->cid);
        if (c->signal_dbm)
            buf_printf(&out, " %d", c->signal_dbm);
        if (c->radio)
            buf_printf(&out, " %s", radios[c->radio]);
        add(s, rank_of(RECORD, s->records, PART_CELL), &out);
    }
    for (unsigned i = 0; i < rec->wifi_count; i++) {
        const struct wifi *w = &rec->wifis[i];
        buf_printf(&out, "wifi %02x:%02x:%02x:%02x:%02x:%02x", w->mac[0], w->mac[1],
                   w->mac[2], w->mac[3], w->mac[4], w->mac[5]);
        if (w->signal_dbm)
            buf_printf(&out, " %d", w->signal_dbm);
        if (w->channel)
            buf_printf(&out, " channel %u", w->channel);
        add(s, rank_of(RECORD, s->records, PART_WIFI), &out);
    }
}

static void say_record(struct said *s, const char *device, const struct record *rec)
{
    struct buffer out = {0};
    s->records++;
    if (s->first_ms == TIME_NONE)
        s->first_ms = rec_placed(rec) ? rec->fix_ms : rec->device_ms;
    say_head(s, device, rec);
    for (unsigned i = 0; i < rec->attr_count; i++) {
        put_attr(&out, rec, &rec->attrs[i]);
        add(s, rank_of(RECORD, s->records, PART_ATTR), &out);
    }
    say_radio(s, rec);
}

static void say_verdict(struct said *s, const struct frame *f)
{
    struct buffer out = {0};
    if (f->verdict == MALFORMED)
        buf_printf(&out, "malformed %s", f->fault);
    else if (f->verdict == IGNORED)
        buf_text(&out, "ignored");
    else if (f->checksum_bad && !f->record_count)
        buf_text(&out, "checksum bad");
    if (out.len)
        add(s, rank_of(VERDICT, 0, 0), &out);
}

static void say_line(struct said *s, enum kind kind, const char *before, const char *text)
{
    struct buffer out = {0};
    buf_printf(&out, "%s %s", before, text);
    add(s, rank_of(kind, 0, 0), &out);
}

static void say_bytes(struct said *s, enum kind kind, const char *before,
                      struct span bytes)
{
    struct buffer out = {0};
    buf_text(&out, before);
    put_bytes(&out, bytes);
    add(s, rank_of(kind, 0, 0), &out);
}

void said_frame(struct said *s, const struct frame *f)
{
    char before[96];
    say_verdict(s, f);
    if (*f->message)
        say_line(s, MESSAGE, "message", f->message);
    if (f->identified)
        say_line(s, DEVICE, "device", f->device);
    for (unsigned i = 0; i < f->record_count; i++) {
        const char *other = f->record_devices ? f->record_devices[i] : NULL;
        say_record(s, other ? other : f->device, &f->records[i]);
    }
    for (unsigned i = 0; i < f->answer_count; i++) {
        snprintf(before, sizeof before, "answer %u ", f->answers[i].id);
        say_bytes(s, ANSWER, before, f->answers[i].text);
    }
    for (unsigned i = 0; i < f->piece_count; i++) {
        const struct piece *p = &f->pieces[i];
        snprintf(before, sizeof before, "media %.16s %llu %zu %zu ", p->type,
                 (unsigned long long)p->name, p->offset, p->total);
        say_bytes(s, MEDIA, before, p->bytes);
    }
    for (unsigned i = 0; i < f->reply_count; i++)
        say_bytes(s, SEND, f->replies[i].now ? "send now " : "send ",
                  f->replies[i].bytes);
}

void said_command(struct said *s, bool encoded, struct span bytes)
{
    struct buffer out = {0};
    if (encoded) {
        say_bytes(s, SEND, "send ", bytes);
        return;
    }
    buf_text(&out, "refused");
    add(s, rank_of(VERDICT, 0, 0), &out);
}

/* ---- what is expected ---- */

/* "key value, key value": an item each, texts in the one form. */
static const char *expect_attrs(struct said *s, const char *line)
{
    struct buffer out = {0};
    while (*line) {
        struct buffer text = {0};
        size_t key = strcspn(line, " ");
        const char *wrong = line[key] ? NULL : "a key without a value";
        const char *value = line + key + (line[key] ? 1 : 0);
        if (!strncmp(value, "text ", 5))
            value += 5;
        buf_add(&out, line, (size_t)(value - line));
        line = value;
        if (!wrong && *value == '"') {
            wrong = quoted_parse(&line, &text);
        } else {
            const char *end = strstr(value, ", ");
            line = end ? end : value + strlen(value);
            buf_add(&text, value, (size_t)(line - value));
        }
        if (!wrong && *line && strncmp(line, ", ", 2) != 0)
            wrong = "items are separated by a comma and a blank";
        if (!wrong)
            put_text(&out, (struct span){text.ptr ? text.ptr : (uint8_t *)"", text.len});
        buf_fini(&text);
        if (wrong) {
            buf_fini(&out);
            return wrong;
        }
        add(s, rank_of(RECORD, s->records, PART_ATTR), &out);
        line += *line ? 2 : 0;
    }
    return NULL;
}

/* A line that ends with bytes, after `words` words. */
static const char *expect_bytes(struct said *s, enum kind kind, const char *line,
                                unsigned words)
{
    const char *p = line;
    for (unsigned i = 0; i < words && *p; i++) {
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    struct buffer bytes = {0};
    struct buffer out = {0};
    const char *wrong = bytes_parse(p, &bytes);
    if (!wrong) {
        buf_add(&out, line, (size_t)(p - line));
        put_bytes(&out, (struct span){bytes.ptr, bytes.len});
        add(s, rank_of(kind, 0, 0), &out);
    }
    buf_fini(&bytes);
    return wrong;
}

static const char *expect_head(struct said *s, const char *line)
{
    const char *p = line + strcspn(line, " ");
    if (!*p)
        return "unknown line";
    p++;
    bool placeless = !strncmp(p, "status", 6) && (!p[6] || p[6] == ' ');
    if (placeless)
        p += p[6] ? 7 : 6;
    int64_t ms;
    size_t len = strcspn(p, " ");
    bool timed = civil_parse((struct span){(const uint8_t *)p, len}, &ms);
    const char *rest = p + len;
    if (!placeless && !timed)
        return "neither a known word, nor a record's device and time";
    if (!placeless && strncmp(rest, " fix ", 5) != 0 && strncmp(rest, " nofix ", 7) != 0)
        return "a record has fix or nofix, latitude and longitude, or is a status";
    if (timed && s->first_ms == TIME_NONE)
        s->first_ms = ms;
    struct buffer out = {0};
    buf_text(&out, line);
    s->records++;
    add(s, rank_of(RECORD, s->records, PART_HEAD), &out);
    return NULL;
}

static bool word_is(const char *line, const char *word)
{
    size_t len = strlen(word);
    return !strncmp(line, word, len) && (!line[len] || line[len] == ' ');
}

const char *said_expect(struct said *s, const char *line)
{
    static const struct {
        const char *word;
        enum kind kind;
        enum part part;
        int bytes_after; /* words; -1: the line is taken as it is */
    } words[] = {
        {"malformed", VERDICT, 0, -1},   {"ignored", VERDICT, 0, -1},
        {"refused", VERDICT, 0, -1},     {"checksum", VERDICT, 0, -1},
        {"message", MESSAGE, 0, -1},     {"device", DEVICE, 0, -1},
        {"cell", RECORD, PART_CELL, -1}, {"wifi", RECORD, PART_WIFI, -1},
        {"answer", ANSWER, 0, 2},        {"media", MEDIA, 0, 5},
        {"send now", SEND, 0, 2},        {"send", SEND, 0, 1},
    };
    if (line[0] != ' ' || !line[1])
        return "a blank stands behind <";
    if (!strncmp(line, "   ", 3))
        return s->records ? expect_attrs(s, line + 3) : "attributes without a record";
    line++;
    if (word_is(line, "nothing"))
        return NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!word_is(line, words[i].word))
            continue;
        if (words[i].bytes_after >= 0)
            return expect_bytes(s, words[i].kind, line, (unsigned)words[i].bytes_after);
        bool of_record = words[i].kind == RECORD;
        if (of_record && !s->records)
            return "a cell or Wi-Fi without a record";
        struct buffer out = {0};
        buf_text(&out, line);
        add(s, rank_of(words[i].kind, of_record ? s->records : 0, words[i].part), &out);
        return NULL;
    }
    return expect_head(s, line);
}

/* ---- comparing ---- */

/* Insertion keeps equals in order; there are few, and they are nearly sorted. */
static void sort(struct said *s)
{
    for (unsigned i = 1; i < s->count; i++) {
        struct saying x = s->all[i];
        unsigned at = i;
        for (; at > 0; at--) {
            const struct saying *y = &s->all[at - 1];
            if (y->rank < x.rank ||
                (y->rank == x.rank && !(is_attr(x.rank) && strcmp(y->text, x.text) > 0)))
                break;
            s->all[at] = s->all[at - 1];
        }
        s->all[at] = x;
    }
}

static bool has_kind(const struct said *s, enum kind kind)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->all[i].rank >> 24 == kind)
            return true;
    return false;
}

static void drop_kind(struct said *s, enum kind kind)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < s->count; i++) {
        if (s->all[i].rank >> 24 == kind)
            free(s->all[i].text);
        else
            s->all[kept++] = s->all[i];
    }
    s->count = kept;
}

void said_settle(struct said *want, struct said *got)
{
    if (!has_kind(want, MESSAGE))
        drop_kind(got, MESSAGE);
    if (!has_kind(want, DEVICE))
        drop_kind(got, DEVICE);
    sort(want);
    sort(got);
}

bool said_same(const struct said *a, const struct said *b)
{
    if (a->count != b->count)
        return false;
    for (unsigned i = 0; i < a->count; i++)
        if (a->all[i].rank != b->all[i].rank || strcmp(a->all[i].text, b->all[i].text))
            return false;
    return true;
}

static bool says(const struct said *s, const struct saying *x)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->all[i].rank == x->rank && !strcmp(s->all[i].text, x->text))
            return true;
    return false;
}

static void print_missing(const struct said *in, const struct said *from, char sign)
{
    for (unsigned i = 0; i < in->count; i++)
        if (!says(from, &in->all[i]))
            printf("    %c %s\n", sign, in->all[i].text);
}

void said_print_difference(const struct said *want, const struct said *got)
{
    print_missing(want, got, '-');
    print_missing(got, want, '+');
}

void said_print(const struct said *s)
{
    size_t column = 0;
    bool begun = false;
    for (unsigned i = 0; i < s->count; i++) {
        /* The records say it, too. */
        if (s->records && s->all[i].rank >> 24 == DEVICE)
            continue;
        const char *text = s->all[i].text;
        bool attr = is_attr(s->all[i].rank);
        bool joined = attr && column && column + strlen(text) < 86;
        if (joined)
            column += (size_t)printf(", %s", text);
        else
            column =
                (size_t)printf("%s<%s%s", begun ? "\n" : "", attr ? "   " : " ", text);
        if (!attr)
            column = 0;
        begun = true;
    }
    puts(begun ? "" : "< nothing");
}
