/*
 * sockets.c - what a user gets to see of a batch, as WebSocket frames.
 */
#include <stdlib.h>

#include "api/sockets_inside.h"
#include "unit.h"

static const struct {
    size_t len;
    unsigned head_len;
    uint8_t head[10];
} frames[] = {
    {0, 2, {0x81, 0}},
    {125, 2, {0x81, 125}},
    {126, 4, {0x81, 126, 0, 126}},
    {65535, 4, {0x81, 126, 0xff, 0xff}},
    {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    {200000, 10, {0x81, 127, 0, 0, 0, 0, 0, 3, 0x0d, 0x40}},
};

static void test_heads(void)
{
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct buffer b = {0};
        buf_add(&b, "before", 6);
        memset(buf_room(&b, VIEW_HEAD + frames[i].len), 'x', VIEW_HEAD + frames[i].len);
        b.len += VIEW_HEAD + frames[i].len;
        size_t start = view_wrap(&b, 6);
        CHECK(b.len - start == frames[i].head_len + frames[i].len, unit_row(i));
        CHECK(!memcmp(b.ptr + start, frames[i].head, frames[i].head_len), unit_row(i));
        CHECK(!memcmp(b.ptr, "before", 6), unit_row(i));
        buf_fini(&b);
    }
}

static void add(struct batch **first, struct batch **last, enum item_kind kind,
                int64_t device_id, const char *json)
{
    struct buffer *out =
        batch_begin(first, last, (struct item){.device_id = device_id, .kind = kind});
    size_t start = out->len - sizeof(struct item);
    buf_text(out, json);
    batch_end(*last, start);
}

/* Who sees what of one batch: by owned devices, administrator, logs. */
static const struct {
    int64_t owned; /* 0: none */
    bool administrator, logs;
    const char *json; /* "" where there is nothing to send */
} shares[] = {
    {0, false, false, ""},
    {0, false, true, ""},
    {9, false, true, ""},
    {1, false, false, "{\"positions\":[11,12],\"events\":[13]}"},
    {1, false, true, "{\"positions\":[11,12],\"events\":[13],\"logs\":[14]}"},
    {2, false, true, "{\"positions\":[21],\"devices\":[22]}"},
    {0, true, false, "{\"unknown\":5}"},
    {0, true, true, "{\"logs\":[14,31],\"unknown\":5}"},
    {1, true, true,
     "{\"positions\":[11,12],\"events\":[13],\"logs\":[14,31],\"unknown\":5}"},
};

static void test_shares(void)
{
    struct batch *first = NULL, *last = NULL;
    add(&first, &last, ITEM_POSITIONS, 1, "11");
    add(&first, &last, ITEM_POSITIONS, 2, "21");
    add(&first, &last, ITEM_UNKNOWN, 0, "4");
    add(&first, &last, ITEM_EVENTS, 1, "13");
    add(&first, &last, ITEM_DEVICES, 2, "22");
    add(&first, &last, ITEM_LOGS, 1, "14");
    add(&first, &last, ITEM_POSITIONS, 1, "12");
    add(&first, &last, ITEM_LOGS, 0, "31");
    add(&first, &last, ITEM_UNKNOWN, 0, "5");
    CHECK(first == last && !first->next, "one batch");
    for (size_t i = 0; i < COUNT(shares); i++) {
        struct viewer *v = mem_zero(sizeof *v);
        v->administrator = shares[i].administrator;
        idmap_put(&v->owned, shares[i].owned, 1);
        first->number = i + 1;
        for (unsigned again = 0; again < 2; again++) {
            struct span frame = view_batch(v, first, shares[i].logs);
            size_t len = strlen(shares[i].json);
            CHECK(frame.len == (len ? len + 2 : 0), shares[i].json);
            CHECK(!len || !memcmp(frame.ptr + 2, shares[i].json, len), shares[i].json);
        }
        viewer_free(v);
    }
    batch_free(first);
}

static void test_full(void)
{
    struct batch *first = NULL, *last = NULL;
    char *big = mem_zero(SOCKETS_BATCH_BYTES + 1);
    memset(big, '1', SOCKETS_BATCH_BYTES);
    add(&first, &last, ITEM_POSITIONS, 1, big);
    add(&first, &last, ITEM_POSITIONS, 1, "2");
    CHECK(first != last && first->next == last, "a full batch is closed");
    batch_free(first);
    batch_free(last);
    free(big);
}

static const struct {
    const char *text;
    bool known, logs;
} messages[] = {
    {"{\"logs\":true}", true, true},
    {"{\"logs\":false}", true, false},
    {"{}", true, false},
    {"{\"logs\":1}", true, false},
    {"[]", false, false},
    {"", false, false},
    {"{\"logs\":true", false, false},
    {"{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}", false, false},
};

void test_sockets(void)
{
    test_heads();
    test_shares();
    test_full();
    for (size_t i = 0; i < COUNT(messages); i++) {
        bool logs = false;
        CHECK(sockets_read_message(span_of(messages[i].text), &logs) == messages[i].known,
              messages[i].text);
        CHECK(logs == messages[i].logs, messages[i].text);
    }
}
