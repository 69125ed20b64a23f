/*
 * cells.c - the serving cell and its neighbours.
 *
 * The serving cell is always LAC, cell.  The neighbours are triples whose order depends
 * on the maker; the values show whether the order that the header suggests can be true.
 */
#include "protocols/ais140/ais140.h"

enum { NEIGHBOURS_MAX = 8, COLUMNS = 3 };

/* Columns of LAC, cell and signal. */
static const uint8_t columns[][COLUMNS] = {
    [ORDER_LCS] = {0, 1, 2},
    [ORDER_CLS] = {1, 0, 2},
    [ORDER_SLC] = {1, 2, 0},
    [ORDER_SCL] = {2, 1, 0},
};

struct serving {
    double mcc, mnc, lac, cid;
};

struct neighbours {
    size_t count; /* triples */
    struct span token[NEIGHBOURS_MAX * COLUMNS];
};

int16_t ais140_dbm(double signal)
{
    if (signal < 0 && signal >= -140)
        return (int16_t)signal;
    return signal >= 0 && signal <= 31 ? (int16_t)(-113 + 2 * signal) : 0;
}

/* Neighbours are printed as GSM counts them, 0 to 63, or in dBm. */
static int16_t ais140_neighbour_dbm(double signal)
{
    if (signal < 0)
        return ais140_dbm(signal);
    return signal > 0 && signal <= 63 ? (int16_t)(-110 + signal) : 0;
}

/* Networks pad with x: "x10". */
static double ais140_network_num(struct ais140_walk *w, const char *name)
{
    struct span text = ais140_text(w, name);
    double value;
    while (text.len && *text.ptr == 'x')
        text = span_cut(text, 1, text.len);
    return text_num(text, &value) ? value : NAN;
}

static double ais140_hex_of(struct span text)
{
    double value;
    return text_hex(span_trim(text), &value) ? value : NAN;
}

static bool ais140_is_absent(struct span text)
{
    double value = ais140_hex_of(text);
    return isnan(value) || value == 0 || value == 0xffff;
}

/* A triple without a cell: the values beside it prove nothing. */
static bool ais140_is_empty(const struct span *triple)
{
    int absent = 0;
    for (int i = 0; i < COLUMNS; i++)
        absent += ais140_is_absent(triple[i]);
    return absent >= 2;
}

static bool ais140_is_signal(struct span text)
{
    double value;
    size_t sign = text.len && (*text.ptr == '-' || *text.ptr == '+');
    return text.len - sign <= 3 && text_num(text, &value) && !isnan(value);
}

/* Whether all triples can be read in this order; *same: one has the serving LAC. */
static bool ais140_order_fits(const struct neighbours *n, enum ais140_order order,
                              double lac, bool *same)
{
    const uint8_t *column = columns[order];
    *same = false;
    for (size_t i = 0; i < n->count; i++) {
        const struct span *triple = &n->token[i * COLUMNS];
        if (ais140_is_empty(triple))
            continue;
        double value = ais140_hex_of(triple[column[0]]);
        if (!ais140_is_signal(triple[column[2]]) || isnan(value) ||
            isnan(ais140_hex_of(triple[column[1]])))
            return false;
        *same = *same || value == lac;
    }
    return true;
}

/* The order that the header suggests, else the only one with the serving LAC. */
static enum ais140_order ais140_find_order(const struct neighbours *n,
                                           enum ais140_order hint, double lac)
{
    enum ais140_order found = ORDER_NONE;
    bool same;
    if (hint != ORDER_NONE && ais140_order_fits(n, hint, lac, &same))
        return hint;
    for (enum ais140_order o = ORDER_LCS; o <= ORDER_SCL; o++) {
        if (!ais140_order_fits(n, o, lac, &same) || !same)
            continue;
        if (found != ORDER_NONE)
            return ORDER_NONE;
        found = o;
    }
    return found;
}

static void ais140_add_cell(struct record *rec, const struct serving *net, double lac,
                            double cid, int16_t dbm)
{
    bool fits = net->mcc >= 1 && net->mcc <= 999 && net->mnc >= 0 && net->mnc <= 999 &&
                lac > 0 && lac <= UINT32_MAX && cid > 0;
    if (fits)
        rec_cell(rec, (struct cell){.mcc = (uint16_t)net->mcc,
                                    .mnc = (uint16_t)net->mnc,
                                    .lac = (uint32_t)lac,
                                    .cid = (uint64_t)cid,
                                    .signal_dbm = dbm,
                                    .radio = RADIO_GSM});
}

static void ais140_add_neighbour(struct record *rec, const struct serving *net,
                                 const struct span *triple, const uint8_t *column)
{
    struct span lac = triple[column[0]];
    struct span cid = triple[column[1]];
    double signal;
    if (ais140_is_absent(lac) || ais140_is_absent(cid) ||
        !text_num(triple[column[2]], &signal))
        return;
    ais140_add_cell(rec, net, ais140_hex_of(lac), ais140_hex_of(cid),
                    ais140_neighbour_dbm(signal));
}

/* The list may stand in brackets, which belong to its first and last token. */
static struct span ais140_without_brackets(struct span text)
{
    size_t from = text.len && *text.ptr == '(';
    size_t to = text.len && text.ptr[text.len - 1] == ')' ? text.len - 1 : text.len;
    return span_cut(text, from, to);
}

static void ais140_read_neighbours(struct ais140_frame *f, const struct serving *net,
                                   size_t end)
{
    static const char *const names[] = {"neighbour_lac", "neighbour_cell",
                                        "neighbour_signal"};
    struct ais140_walk *w = &f->w;
    struct neighbours n = {0};
    size_t count = end > w->at ? end - w->at : 0;
    if (!count || count % COLUMNS || count > NEIGHBOURS_MAX * COLUMNS) {
        ais140_spare(w, end, "neighbours");
        return;
    }
    n.count = count / COLUMNS;
    for (size_t i = 0; i < count; i++)
        n.token[i] = ais140_without_brackets(ais140_token(w, w->at + i));
    enum ais140_order order =
        ais140_find_order(&n, f->form ? f->form->order : ORDER_NONE, net->lac);
    if (order == ORDER_NONE) {
        ais140_spare(w, end, "neighbours");
        return;
    }
    const uint8_t *column = columns[order];
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < COLUMNS; k++)
            if (column[k] == i % COLUMNS)
                ais140_text(w, names[k]);
    for (size_t i = 0; i < n.count; i++)
        ais140_add_neighbour(f->rec, net, &n.token[i * COLUMNS], column);
}

void ais140_cells(struct ais140_frame *f, size_t end)
{
    struct ais140_walk *w = &f->w;
    double signal = ais140_num(w, "gsm_signal");
    if (signal >= 0 && signal <= 31)
        rec_num(f->rec, KEY_RSSI, signal);
    struct serving net;
    net.mcc = ais140_network_num(w, "mcc");
    net.mnc = ais140_network_num(w, "mnc");
    struct span lac = ais140_text(w, "lac");
    struct span cid = ais140_text(w, "cell");
    net.lac = ais140_hex_of(lac);
    net.cid = ais140_hex_of(cid);
    if (!ais140_is_absent(lac) && !ais140_is_absent(cid))
        ais140_add_cell(f->rec, &net, net.lac, net.cid, ais140_dbm(signal));
    if (w->at < end)
        ais140_read_neighbours(f, &net, end);
}
