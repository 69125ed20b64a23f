/*
 * writer.h - a bounded cursor that writes one frame: what reader.h takes apart.
 *
 * A write that does not fit, or whose value cannot stand on the wire, writes nothing
 * and makes every later one write nothing too; so an encoder writes straight through
 * and takes the frame from wr_done() once, at the end.
 *
 *     uint8_t bytes[32];
 *     struct writer w = wr_open(bytes, sizeof bytes);
 *     wr_u16(&w, 0x7878);
 *     size_t size = wr_skip(&w, 1);
 *     ...
 *     wr_patch_u8(&w, size, (uint8_t)wr_since(&w, size + 1).len);
 */
#pragma once

#include "core/bytes.h"

struct writer {
    uint8_t *buf; /* borrowed */
    size_t len;   /* bytes written */
    size_t size;  /* bytes there are */
    bool failed;
};

struct writer wr_open(void *buf, size_t size);

/* All that was written; empty once any write has failed. */
struct span wr_done(const struct writer *w);

/* What was written from a position on; empty once any write has failed. */
struct span wr_since(const struct writer *w, size_t pos);

/* Fails the writer at a value that cannot stand; for encoders' own checks. */
void wr_bad(struct writer *w);

/* Network byte order, or little-endian with _le. */
void wr_u8(struct writer *w, uint8_t value);
void wr_u16(struct writer *w, uint16_t value);
void wr_u16_le(struct writer *w, uint16_t value);
void wr_u24(struct writer *w, uint32_t value);
void wr_u32(struct writer *w, uint32_t value);
void wr_u32_le(struct writer *w, uint32_t value);
void wr_u64(struct writer *w, uint64_t value);

/* A big-endian number in n bytes, 1 to 8; one that needs more of them cannot stand. */
void wr_uint(struct writer *w, unsigned n, uint64_t value);

void wr_bytes(struct writer *w, const void *bytes, size_t len);
void wr_span(struct writer *w, struct span s);
void wr_text(struct writer *w, const char *text);

/* At most 511 bytes a call; without the NUL that printf ends with. */
void wr_printf(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal digits, two a byte, in n bytes with zeros in front: "12345" in 4 bytes is
 * 00 01 23 45.  Anything but digits, and more than fit, cannot stand. */
void wr_digits(struct writer *w, const char *digits, size_t n);

/* Six bytes YY MM DD hh mm ss, year 2000 + YY, of UTC milliseconds. */
void wr_time6(struct writer *w, int64_t ms);

/* Leaves n zero bytes for wr_patch_*(); returns where they start. */
size_t wr_skip(struct writer *w, size_t n);

/* Overwrites bytes that were written; beyond them it cannot stand. */
void wr_patch_u8(struct writer *w, size_t pos, uint8_t value);
void wr_patch_u16(struct writer *w, size_t pos, uint16_t value);
