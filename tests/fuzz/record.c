/*
 * record.c - any bytes as a packed record: what is taken for one packs and comes back
 * the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "core/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct record rec, back;
    static uint8_t packed[REC_PACK_MAX];
    char name[KEY_NAME_MAX + 1];
    size_t taken = rec_unpack((struct span){data, size}, &rec);
    assert(taken <= size);
    if (!taken)
        return 0;
    for (unsigned i = 0; i < rec.attr_count; i++)
        assert(rec_attr_name(&rec, &rec.attrs[i], name).len > 0);
    size_t len = rec_pack(&rec, packed);
    size_t again = rec_unpack((struct span){packed, len}, &back);
    assert(again == len && rec_equal(&rec, &back));
    return 0;
}
