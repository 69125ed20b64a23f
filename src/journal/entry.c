/*
 * entry.c - the packed form of an entry.
 *
 *     u8      flags        bit 0 UDP, 1-2 verdict, 3 checksum bad, 4 split, 5 IPv4,
 *                          6 links follow
 *     varint  arrival_ms   zigzag
 *     varint  connection
 *     varint  number of records
 *     4 or 16 address, u16 port
 *     [u8     which links: bits 0-3 leans, 4 origin; a varint for each]
 *     u8 + bytes           device, protocol, message, fault
 *     varint + bytes       frame, replies
 *     bytes                records, up to the end
 *
 * The seq is not in it: it stands before it in the segment.
 */
#include "journal/entry.h"

#include <assert.h>

#include "journal/pack.h"

enum {
    IS_UDP = 1 << 0,
    VERDICT_SHIFT = 1,
    IS_CHECKSUM_BAD = 1 << 3,
    IS_SPLIT = 1 << 4,
    IS_IPV4 = 1 << 5,
    HAS_LINKS = 1 << 6,
    FLAGS_KNOWN = (1 << 7) - 1,
    LINK_ORIGIN = 1 << ENTRY_LEANS_MAX,
    LINKS_KNOWN = 2 * LINK_ORIGIN - 1,
    /* All but the bytes of the spans. */
    FIXED_MAX = 1 + 3 * VARINT_MAX + 18 + 1 + (ENTRY_LEANS_MAX + 1) * VARINT_MAX + 4 +
                2 * VARINT_MAX,
};

static const uint8_t ipv4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool replies_whole(struct span replies)
{
    struct span reply;
    while (entry_next_reply(&replies, &reply))
        ;
    return replies.len == 0;
}

bool entry_valid(const struct entry *e)
{
    return e->transport <= TRANSPORT_UDP && e->verdict <= MALFORMED &&
           e->device.len <= ENTRY_DEVICE_MAX && e->frame.len <= ENTRY_BYTES_MAX &&
           e->replies.len <= ENTRY_BYTES_MAX && e->records.len <= ENTRY_BYTES_MAX &&
           e->record_count <= e->records.len && !e->record_count == !e->records.len &&
           replies_whole(e->replies);
}

/* ---- packing ---- */

static uint8_t *put_bytes(uint8_t *p, struct span s)
{
    if (s.len)
        memcpy(p, s.ptr, s.len);
    return p + s.len;
}

static uint8_t *put_short(uint8_t *p, struct span s, size_t max)
{
    if (s.len > max)
        s.len = max;
    *p++ = (uint8_t)s.len;
    return put_bytes(p, s);
}

static uint8_t *put_long(uint8_t *p, struct span s)
{
    return put_bytes(put_varint(p, s.len), s);
}

static uint8_t links_of(const struct entry *e)
{
    unsigned links = e->origin_seq ? LINK_ORIGIN : 0;
    for (unsigned i = 0; i < ENTRY_LEANS_MAX; i++)
        links |= e->leans[i] ? 1u << i : 0;
    return (uint8_t)links;
}

static uint8_t *put_links(uint8_t *p, const struct entry *e, uint8_t links)
{
    *p++ = links;
    for (unsigned i = 0; i < ENTRY_LEANS_MAX; i++)
        if (e->leans[i])
            p = put_varint(p, e->leans[i]);
    return e->origin_seq ? put_varint(p, e->origin_seq) : p;
}

static uint8_t *put_peer(uint8_t *p, const struct peer *peer, bool ipv4)
{
    size_t skip = ipv4 ? sizeof ipv4_prefix : 0;
    size_t len = sizeof peer->address - skip;
    memcpy(p, peer->address + skip, len);
    return put_le(p + len, peer->port, 2);
}

size_t entry_bound(const struct entry *e)
{
    return FIXED_MAX + ENTRY_DEVICE_MAX + 3 * ENTRY_NAME_MAX + e->frame.len +
           e->replies.len + e->records.len;
}

size_t entry_write(const struct entry *e, uint8_t *out)
{
    assert(entry_valid(e));
    bool ipv4 = !memcmp(e->peer.address, ipv4_prefix, sizeof ipv4_prefix);
    uint8_t links = links_of(e);
    uint8_t *p = out;
    *p++ = (uint8_t)((e->transport == TRANSPORT_UDP ? IS_UDP : 0) |
                     (unsigned)e->verdict << VERDICT_SHIFT |
                     (e->checksum_bad ? IS_CHECKSUM_BAD : 0) | (e->split ? IS_SPLIT : 0) |
                     (ipv4 ? IS_IPV4 : 0) | (links ? HAS_LINKS : 0));
    p = put_varint(p, zigzag(e->arrival_ms));
    p = put_varint(p, e->connection);
    p = put_varint(p, e->record_count);
    p = put_peer(p, &e->peer, ipv4);
    if (links)
        p = put_links(p, e, links);
    p = put_short(p, e->device, ENTRY_DEVICE_MAX);
    p = put_short(p, e->protocol, ENTRY_NAME_MAX);
    p = put_short(p, e->message, ENTRY_NAME_MAX);
    p = put_short(p, e->fault, ENTRY_NAME_MAX);
    p = put_long(p, e->frame);
    p = put_long(p, e->replies);
    p = put_bytes(p, e->records);
    return (size_t)(p - out);
}

void entry_pack(const struct entry *e, struct buffer *out)
{
    out->len += entry_write(e, buf_room(out, entry_bound(e)));
}

/* ---- unpacking ---- */

static bool take_bytes(struct span *rest, size_t len, struct span *bytes)
{
    if (len > rest->len)
        return false;
    *bytes = (struct span){rest->ptr, len};
    *rest = (struct span){rest->ptr + len, rest->len - len};
    return true;
}

static bool take_short(struct span *rest, size_t max, struct span *bytes)
{
    struct span len;
    return take_bytes(rest, 1, &len) && *len.ptr <= max &&
           take_bytes(rest, *len.ptr, bytes);
}

static bool take_long(struct span *rest, struct span *bytes)
{
    uint64_t len;
    return take_varint(rest, &len) && len <= rest->len &&
           take_bytes(rest, (size_t)len, bytes);
}

static bool take_peer(struct span *rest, bool ipv4, struct peer *peer)
{
    size_t skip = ipv4 ? sizeof ipv4_prefix : 0;
    size_t len = sizeof peer->address - skip;
    struct span bytes;
    if (!take_bytes(rest, len + 2, &bytes))
        return false;
    memcpy(peer->address, ipv4_prefix, skip);
    memcpy(peer->address + skip, bytes.ptr, len);
    peer->port = le16(bytes.ptr + len);
    return true;
}

static bool take_links(struct span *rest, struct entry *e)
{
    struct span links;
    if (!take_bytes(rest, 1, &links) || *links.ptr & ~LINKS_KNOWN)
        return false;
    for (unsigned i = 0; i < ENTRY_LEANS_MAX; i++)
        if (*links.ptr >> i & 1 && !take_varint(rest, &e->leans[i]))
            return false;
    return !(*links.ptr & LINK_ORIGIN) || take_varint(rest, &e->origin_seq);
}

static void read_flags(uint8_t flags, struct entry *e)
{
    e->transport = flags & IS_UDP ? TRANSPORT_UDP : TRANSPORT_TCP;
    e->verdict = (enum verdict)(flags >> VERDICT_SHIFT & 3);
    e->checksum_bad = flags & IS_CHECKSUM_BAD;
    e->split = flags & IS_SPLIT;
}

bool entry_unpack(struct span packed, struct entry *e)
{
    struct span rest = packed;
    struct span flags;
    uint64_t arrival;
    uint64_t records;
    *e = (struct entry){0};
    if (!take_bytes(&rest, 1, &flags) || *flags.ptr & ~FLAGS_KNOWN ||
        !take_varint(&rest, &arrival) || !take_varint(&rest, &e->connection) ||
        !take_varint(&rest, &records) || records > packed.len ||
        !take_peer(&rest, *flags.ptr & IS_IPV4, &e->peer))
        return false;
    read_flags(*flags.ptr, e);
    e->arrival_ms = unzigzag(arrival);
    e->record_count = (unsigned)records;
    if (*flags.ptr & HAS_LINKS && !take_links(&rest, e))
        return false;
    if (!take_short(&rest, ENTRY_DEVICE_MAX, &e->device) ||
        !take_short(&rest, ENTRY_NAME_MAX, &e->protocol) ||
        !take_short(&rest, ENTRY_NAME_MAX, &e->message) ||
        !take_short(&rest, ENTRY_NAME_MAX, &e->fault) || !take_long(&rest, &e->frame) ||
        !take_long(&rest, &e->replies))
        return false;
    e->records = rest;
    return packed.len <= ENTRY_BYTES_MAX && entry_valid(e);
}

bool entry_next_reply(struct span *rest, struct span *reply)
{
    if (rest->len < 2 || rest->len - 2 < be16(rest->ptr))
        return false;
    size_t len = be16(rest->ptr);
    *reply = (struct span){rest->ptr + 2, len};
    *rest = (struct span){rest->ptr + 2 + len, rest->len - 2 - len};
    return true;
}

/* ---- subjects ---- */

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* Indexes on disk are sorted by this: it never changes. */
static uint64_t hash(struct span s, uint64_t kind)
{
    uint64_t h = mix(kind << 32 | s.len);
    for (; s.len >= 8; s = span_cut(s, 8, s.len))
        h = mix(h ^ le64(s.ptr));
    uint8_t tail[8] = {0};
    memcpy(tail, s.ptr, s.len);
    return mix(h ^ le64(tail));
}

uint64_t entry_subject(struct span device, const struct peer *peer)
{
    if (device.len)
        return hash(device, 1);
    return hash((struct span){peer->address, sizeof peer->address}, 2);
}
