/*
 * detect.c - any bytes as the start of a conversation: every protocol looks at them,
 * says something it may say, and says it again.
 */
#include <assert.h>
#include <stdlib.h>

#include "core/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < protocol_count; i++)
        for (int whole = 0; whole < 2; whole++) {
            struct probe probe = {{data, size}, whole, ""};
            int score = protocols[i]->detect(&probe);
            assert(score >= DETECT_MORE && score <= DETECT_SURE && probe.why);
            assert(protocols[i]->detect(&probe) == score);
        }
    return 0;
}
