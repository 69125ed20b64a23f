/*
 * secret.c - random secrets and their hashes, by libsodium.
 */
#include "api/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "core/mem.h"

_Static_assert(SECRET_HASH == crypto_hash_sha256_BYTES, "sessions are kept by SHA-256");
_Static_assert(PASSWORD_HASH_TEXT >= crypto_pwhash_STRBYTES, "Argon2id fits");

void secret_make(char out[SECRET_TEXT])
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, SECRET_TEXT, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

void secret_hash(struct span secret, unsigned char hash[SECRET_HASH])
{
    crypto_hash_sha256(hash, secret.ptr, secret.len);
}

bool password_hash(const char *password, char out[PASSWORD_HASH_TEXT])
{
    return !crypto_pwhash_str(out, password, strlen(password),
                              crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE);
}

bool password_check(const char *hash, const char *password)
{
    char made[PASSWORD_HASH_TEXT];
    if (!hash || !*hash) {
        password_hash(password, made);
        return false;
    }
    return !crypto_pwhash_str_verify(hash, password, strlen(password));
}

/* ---- remembered ---- */

enum { REMEMBERED_COUNT = 256, REMEMBERED_WAYS = 4, REMEMBERED_MS = 300000 };

struct memory {
    unsigned char hash[SECRET_HASH];
    int64_t until_ms;
};

struct remembered {
    pthread_mutex_t lock;
    unsigned char key[crypto_generichash_KEYBYTES];
    struct memory memories[REMEMBERED_COUNT];
};

struct remembered *remembered_new(void)
{
    struct remembered *r = mem_zero(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    randombytes_buf(r->key, sizeof r->key);
    return r;
}

void remembered_free(struct remembered *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    sodium_memzero(r->key, sizeof r->key);
    free(r);
}

/* The places that a memory may stand in. */
static struct memory *places(struct remembered *r, struct span sent, const char *hash,
                             unsigned char keyed[SECRET_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, r->key, sizeof r->key, SECRET_HASH);
    crypto_generichash_update(&state, (const unsigned char *)hash, strlen(hash) + 1);
    crypto_generichash_update(&state, sent.ptr, sent.len);
    crypto_generichash_final(&state, keyed, SECRET_HASH);
    return &r->memories[keyed[0] % (REMEMBERED_COUNT / REMEMBERED_WAYS) *
                        REMEMBERED_WAYS];
}

void remembered_put(struct remembered *r, struct span sent, const char *hash,
                    int64_t now_ms)
{
    unsigned char keyed[SECRET_HASH];
    struct memory *m = places(r, sent, hash, keyed), *oldest = m;
    pthread_mutex_lock(&r->lock);
    for (unsigned i = 1; i < REMEMBERED_WAYS; i++)
        if (m[i].until_ms < oldest->until_ms)
            oldest = &m[i];
    memcpy(oldest->hash, keyed, sizeof keyed);
    oldest->until_ms = now_ms + REMEMBERED_MS;
    pthread_mutex_unlock(&r->lock);
}

bool remembered_has(struct remembered *r, struct span sent, const char *hash,
                    int64_t now_ms)
{
    unsigned char keyed[SECRET_HASH];
    struct memory *m = places(r, sent, hash, keyed);
    bool found = false;
    pthread_mutex_lock(&r->lock);
    for (unsigned i = 0; i < REMEMBERED_WAYS; i++)
        found |= m[i].until_ms > now_ms && !sodium_memcmp(m[i].hash, keyed, sizeof keyed);
    pthread_mutex_unlock(&r->lock);
    return found;
}
