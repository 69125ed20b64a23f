/*
 * api.c - opening and closing the room, and its first administrator.
 */
#include "api/api.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/demo.h"
#include "api/http.h"
#include "api/sockets.h"
#include "api/user_json.h"

enum {
    API_WORKERS = 2, /* each hashing takes 64 MiB */
    API_WORK_MAX = 256,
    PEM_MAX = 1 << 20,
};

int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* A whole text file; NULL with the reason. */
static char *read_pem(const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = mem_zero(PEM_MAX + 1);
    size_t len = fread(text, 1, PEM_MAX, f);
    fclose(f);
    if (len && len < PEM_MAX)
        return text;
    free(text);
    err_set(err, ERR_INPUT, "%s: not a PEM file", path);
    return NULL;
}

static bool read_tls(struct api *api, struct err *err)
{
    const struct api_config *c = &api->config;
    if (!c->tls_cert && !c->tls_key)
        return true;
    if (!c->tls_cert || !c->tls_key)
        return err_set(err, ERR_INPUT, "tls: certificate and key belong together");
    api->cert = read_pem(c->tls_cert, err);
    api->key = api->cert ? read_pem(c->tls_key, err) : NULL;
    return api->key != NULL;
}

struct api *api_open(const struct api_config *config, struct err *err)
{
    struct api *api = mem_zero(sizeof *api);
    api->config = *config;
    api->start_ms = config->now_ms();
    if (sodium_init() < 0) {
        err_set(err, ERR_IO, "libsodium does not start");
        goto fail;
    }
    api->access = acc_new(config->store);
    api->guard = guard_new();
    api->remembered = remembered_new();
    api->demo = demo_new();
    api->work = work_open(API_WORKERS, API_WORK_MAX);
    api->settings = settings_open(config->store, err);
    if (!api->settings || !read_tls(api, err))
        goto fail;
    api->sockets = sockets_open(api, err);
    if (!api->sockets || !http_open(api, err))
        goto fail;
    return api;

fail:
    api_close(api);
    return NULL;
}

void api_close(struct api *api)
{
    if (!api)
        return;
    atomic_store(&api->closing, true);
    http_quiesce(api);
    work_close(api->work);
    sockets_close(api->sockets);
    http_close(api);
    sockets_free(api->sockets);
    demo_free(api->demo);
    settings_close(api->settings);
    remembered_free(api->remembered);
    guard_free(api->guard);
    acc_free(api->access);
    if (api->key)
        sodium_memzero(api->key, strlen(api->key));
    free(api->key);
    free(api->cert);
    free(api);
}

uint16_t api_port(const struct api *api)
{
    return api->port;
}

/* ---- the first administrator ---- */

static bool see_one(void *arg, const struct st_user *u)
{
    (void)u;
    *(bool *)arg = true;
    return false;
}

bool api_has_users(struct store *st, bool *has, struct err *err)
{
    *has = false;
    return st_users_each(st, see_one, has, err);
}

/* Four groups of letters and digits that are not mistaken for each other. */
static void make_password(char *out)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (unsigned i = 0; i < 19; i++)
        out[i] = i % 5 == 4 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
    out[19] = 0;
}

bool api_first_admin(struct store *st, char email[ADMIN_EMAIL_MAX + 1],
                     char password[ADMIN_PASSWORD_MAX + 1], bool *made, struct err *err)
{
    const char *given_email = getenv("MILEPOST_ADMIN_EMAIL");
    const char *given = getenv("MILEPOST_ADMIN_PASSWORD");
    char hash[PASSWORD_HASH_TEXT];
    struct st_user u;
    bool has_users;
    *made = false;
    *password = 0;
    if (!api_has_users(st, &has_users, err))
        return false;
    if (has_users)
        return true;
    if (sodium_init() < 0)
        return err_set(err, ERR_IO, "libsodium does not start");
    bool ready = given && *given;
    if (!ready)
        make_password(password);
    snprintf(email, ADMIN_EMAIL_MAX + 1, "%s",
             given_email && *given_email ? given_email : "admin@localhost");
    if (!password_hash(ready ? given : password, hash))
        return err_set(err, ERR_FULL, "administrator: no memory to hash the password");
    user_defaults(&u);
    u.name = mem_text("Administrator");
    u.email = mem_text(email);
    u.administrator = true;
    u.user_limit = -1;
    u.password_hash = mem_text(hash);
    *made = st_user_put(st, &u, err);
    st_user_fini(&u);
    return *made;
}
