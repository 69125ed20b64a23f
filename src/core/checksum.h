/*
 * checksum.h - the sums that trackers put behind their frames.
 *
 * Check values of the nine digits "123456789" stand with each.
 */
#pragma once

#include "core/bytes.h"

uint16_t crc16_x25(struct span s);       /* 906e: Concox, WeTrack140 */
uint16_t crc16_xmodem(struct span s);    /* 31c3: Odisha AIS-140 */
uint32_t crc32_zip(struct span s);       /* cbf43926 */
uint32_t crc32_mpeg2(struct span s);     /* 0376e6e7 */
uint32_t crc32c(struct span s);          /* e3069283: the journal */
uint32_t crc32c_portable(struct span s); /* the same on any processor */
uint8_t crc8_maxim(struct span s);       /* a1 */
uint8_t xor8(struct span s);             /* 31 */
