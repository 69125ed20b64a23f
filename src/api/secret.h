/*
 * secret.h - what must not be guessed: session ids, tokens, passwords.
 *
 * Of ids and tokens only the SHA-256 is kept; they are random, so it needs no salt.
 * Passwords are kept as Argon2id: a check costs some 60 ms and 64 MiB, so it belongs
 * on the threads of work.h.
 */
#pragma once

#include <stdbool.h>

#include "core/bytes.h"

enum { SECRET_TEXT = 44, SECRET_HASH = 32, PASSWORD_HASH_TEXT = 128 };
enum { PASSWORD_MAX = 1024 };

/* A new one, URL-safe, NUL-ended. */
void secret_make(char out[SECRET_TEXT]);
void secret_hash(struct span secret, unsigned char hash[SECRET_HASH]);

/* False: there is no memory for it. */
bool password_hash(const char *password, char out[PASSWORD_HASH_TEXT]);

/* `hash` NULL: there is no such account; takes as long, and is false. */
bool password_check(const char *hash, const char *password);

/* ---- passwords that were right a moment ago ---- */

/* Basic authentication sends the password with every call; so that not each one costs
 * an Argon2, what was right is remembered for a few minutes, as a keyed hash that dies
 * with the process. */
struct remembered;

struct remembered *remembered_new(void);
void remembered_free(struct remembered *r);

/* The text is what was sent; the hash is the account's at that time: a new password
 * makes it forgotten. */
void remembered_put(struct remembered *r, struct span sent, const char *hash,
                    int64_t now_ms);
bool remembered_has(struct remembered *r, struct span sent, const char *hash,
                    int64_t now_ms);
