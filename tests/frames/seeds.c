/*
 * seeds.c - writes test frames as what the fuzzers start from.
 *
 * A conversation becomes one file for fuzz_decode (see tests/fuzz/decode.c), each
 * frame one for fuzz_detect, each record one for fuzz_record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "frames.h"

static void write_seed(const struct run *run, const char *target, const char *name,
                       unsigned number, struct span bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", run->seeds, target);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s-%u", run->seeds, target, name, number);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len || fclose(f)) {
        printf("%s: cannot be written\n", path);
        exit(1);
    }
}

struct seeding {
    struct run *run;
    unsigned records;
};

static void seed_records(void *arg, const struct frame *f)
{
    static uint8_t packed[REC_PACK_MAX];
    struct seeding *s = arg;
    for (unsigned i = 0; i < f->record_count; i++) {
        struct span bytes = {packed, rec_pack(&f->records[i], packed)};
        write_seed(s->run, "record", s->run->protocol->name, s->records++, bytes);
    }
}

/* Where a protocol stands in the registry, two bytes. */
static void put_protocol(struct buffer *out, const struct protocol *p)
{
    uint16_t at = 0;
    while (protocols[at] != p)
        at++;
    buf_add(out, (uint8_t[]){(uint8_t)at, (uint8_t)(at >> 8)}, 2);
}

void seed_script(struct run *run)
{
    struct seeding s = {.run = run};
    unsigned frames = 0;
    for (unsigned i = 0; i < run->script->conversation_count; i++) {
        struct conversation *conv = run->conversation = &run->script->conversations[i];
        struct ch_env env = {run, identify_step};
        struct channel *c = begin(run, &env, TRANSPORT_UDP);
        struct buffer out = {0};
        put_protocol(&out, run->protocol);
        buf_add(&out, &(uint8_t){conv->udp}, 1);
        for (unsigned k = 0; k < conv->step_count; k++) {
            struct span bytes = {conv->steps[k].bytes.ptr, conv->steps[k].bytes.len};
            if (!bytes.len)
                continue;
            ch_feed(c, run->scratch, bytes, true, conv->steps[k].now_ms, seed_records,
                    &s);
            write_seed(run, "detect", run->protocol->name, frames++, bytes);
            buf_add(&out, (uint8_t[]){(uint8_t)bytes.len, (uint8_t)(bytes.len >> 8)}, 2);
            buf_add(&out, bytes.ptr, bytes.len);
        }
        write_seed(run, "decode", run->protocol->name, i,
                   (struct span){out.ptr, out.len});
        buf_fini(&out);
        ch_free(c);
    }
}
