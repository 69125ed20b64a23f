/*
 * entry.c - entries packed and unpacked, whole and broken.
 */
#include "journal/entry.h"

#include <stdlib.h>

#include "unit.h"

#define SPAN(text)                                                                       \
    {                                                                                    \
        (const uint8_t *)(text), sizeof(text) - 1                                        \
    }

static const struct {
    const char *name;
    struct entry e;
} entries[] = {
    {"bare", {.arrival_ms = 0}},
    {"no time", {.arrival_ms = TIME_NONE}},
    {"latest time", {.arrival_ms = INT64_MAX, .connection = UINT64_MAX}},
    {"a position",
     {.origin_seq = 0,
      .connection = 77,
      .leans = {9007199254740991, 0, 3, 0},
      .arrival_ms = INT64_C(1714979289000),
      .peer = {.address = {[10] = 0xff, [11] = 0xff, 203, 0, 113, 7}, .port = 40112},
      .device = SPAN("359880140012347"),
      .protocol = SPAN("gt06"),
      .message = SPAN("location"),
      .frame = SPAN("\x78\x78\x01\x13\x0d\x0a"),
      .replies = SPAN("\x00\x03one\x00\x00\x00\x01x"),
      .records = SPAN("\x01\x00\x00\x01\x00\x00"),
      .record_count = 2}},
    {"a broken datagram",
     {.peer = {.address = {0x20, 0x01, 0x0d, 0xb8, [15] = 7}, .port = 65535},
      .transport = TRANSPORT_UDP,
      .verdict = MALFORMED,
      .checksum_bad = true,
      .fault = SPAN("latitude_deg"),
      .frame = SPAN("x")}},
    {"adopted and split",
     {.origin_seq = UINT64_MAX,
      .leans = {1, 2, 3, 4},
      .verdict = IGNORED,
      .split = true,
      .device = SPAN("0123456789012345678901234567890123456789012345678901234567890123"),
      .protocol = SPAN("01234567890123456789012345678901")}},
};

static bool same(const struct entry *a, const struct entry *b)
{
    return a->origin_seq == b->origin_seq && a->connection == b->connection &&
           !memcmp(a->leans, b->leans, sizeof a->leans) &&
           a->arrival_ms == b->arrival_ms && peer_equal(&a->peer, &b->peer) &&
           a->transport == b->transport && a->verdict == b->verdict &&
           a->checksum_bad == b->checksum_bad && a->split == b->split &&
           span_equal(a->device, b->device) && span_equal(a->protocol, b->protocol) &&
           span_equal(a->message, b->message) && span_equal(a->fault, b->fault) &&
           span_equal(a->frame, b->frame) && span_equal(a->replies, b->replies) &&
           span_equal(a->records, b->records) && a->record_count == b->record_count;
}

static void test_round_trip(void)
{
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct buffer packed = {0};
        struct entry e;
        buf_text(&packed, "before");
        entry_pack(&entries[i].e, &packed);
        struct span s = {packed.ptr + 6, packed.len - 6};
        CHECK(s.len <= entry_bound(&entries[i].e), entries[i].name);
        CHECK(entry_unpack(s, &e) && same(&entries[i].e, &e), entries[i].name);
        buf_fini(&packed);
    }
}

/* In memory of its own, so that a sanitizer sees any read beyond it. */
static bool unpack_alone(struct span packed, struct entry *e)
{
    uint8_t *alone = mem_copy(packed.ptr, packed.len);
    bool ok = entry_unpack((struct span){alone, packed.len}, e);
    if (ok)
        ok = entry_valid(e) && e->records.len <= packed.len;
    free(alone);
    return ok;
}

static void test_cut(void)
{
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct buffer packed = {0};
        entry_pack(&entries[i].e, &packed);
        size_t head = packed.len - entries[i].e.records.len;
        for (size_t len = 0; len < packed.len; len++) {
            struct entry e;
            bool ok = unpack_alone((struct span){packed.ptr, len}, &e);
            CHECK(!ok || len >= head, entries[i].name);
        }
        buf_fini(&packed);
    }
}

/* What is taken for an entry packs again as one. */
static void test_flipped(void)
{
    unsigned refused = 0;
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct buffer packed = {0};
        struct buffer again = {0};
        entry_pack(&entries[i].e, &packed);
        for (size_t bit = 0; bit < 8 * packed.len; bit++) {
            struct entry e;
            struct entry back;
            packed.ptr[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (entry_unpack((struct span){packed.ptr, packed.len}, &e)) {
                again.len = 0;
                entry_pack(&e, &again);
                CHECK(entry_unpack((struct span){again.ptr, again.len}, &back) &&
                          same(&e, &back),
                      entries[i].name);
            } else {
                refused++;
            }
            packed.ptr[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        buf_fini(&packed);
        buf_fini(&again);
    }
    CHECK(refused > 100, "flipped bits are refused");
}

static uint8_t many[ENTRY_BYTES_MAX + 1];

static const struct {
    const char *name;
    struct entry e;
} refused[] = {
    {"a long device",
     {.device =
          SPAN("01234567890123456789012345678901234567890123456789012345678901234")}},
    {"records not counted", {.records = SPAN("r")}},
    {"counted records missing", {.record_count = 1}},
    {"more records than bytes", {.records = SPAN("rr"), .record_count = 3}},
    {"half a reply", {.replies = SPAN("\x00\x02x")}},
    {"half a length", {.replies = SPAN("\x00\x01x\x00")}},
    {"a large frame", {.frame = {many, sizeof many}}},
    {"no such verdict", {.verdict = (enum verdict)3}},
    {"no such transport", {.transport = (enum transport)2}},
};

static void test_refused(void)
{
    for (size_t i = 0; i < COUNT(refused); i++)
        CHECK(!entry_valid(&refused[i].e), refused[i].name);
    for (size_t i = 0; i < COUNT(entries); i++)
        CHECK(entry_valid(&entries[i].e), entries[i].name);
}

static void test_names_cut(void)
{
    struct entry e = {.message = SPAN("0123456789012345678901234567890123456789")};
    struct entry back;
    struct buffer packed = {0};
    entry_pack(&e, &packed);
    CHECK(entry_unpack((struct span){packed.ptr, packed.len}, &back), "a long name");
    CHECK(span_is(back.message, "01234567890123456789012345678901"), "a long name");
    buf_fini(&packed);
}

static void test_replies(void)
{
    struct span rest = SPAN("\x00\x03one\x00\x00\x00\x01x");
    struct span reply;
    CHECK(entry_next_reply(&rest, &reply) && span_is(reply, "one"), "first");
    CHECK(entry_next_reply(&rest, &reply) && reply.len == 0, "empty");
    CHECK(entry_next_reply(&rest, &reply) && span_is(reply, "x"), "last");
    CHECK(!entry_next_reply(&rest, &reply), "end");
}

/* Indexes on disk are sorted by these. */
static void test_subjects(void)
{
    struct peer a = {.address = {[10] = 0xff, [11] = 0xff, 203, 0, 113, 7}, .port = 1};
    struct peer b = a;
    struct span device = SPAN("359880140012347");
    b.port = 2;
    CHECK(entry_subject(device, &a) == UINT64_C(0x1ad048a625e17351), "device");
    CHECK(entry_subject((struct span){NULL, 0}, &a) == UINT64_C(0xede0275242762056),
          "peer");
    CHECK(entry_subject(device, NULL) == entry_subject(device, &a), "device alone");
    CHECK(entry_subject((struct span){NULL, 0}, &a) ==
              entry_subject((struct span){NULL, 0}, &b),
          "port");
    struct span as_device = {a.address, sizeof a.address};
    CHECK(entry_subject(as_device, &a) != entry_subject((struct span){NULL, 0}, &a),
          "an id of an address's bytes");
    b.address[15]++;
    CHECK(entry_subject((struct span){NULL, 0}, &a) !=
              entry_subject((struct span){NULL, 0}, &b),
          "another address");
}

void test_entry(void)
{
    test_round_trip();
    test_cut();
    test_flipped();
    test_refused();
    test_names_cut();
    test_replies();
    test_subjects();
}
