/*
 * api.h - the HTTP side: the open ecosystem's API, our own calls beside it, live data
 * by WebSocket, and the web app.
 */
#pragma once

#include "fleet/fleet.h"
#include "gateway/gateway.h"

struct api;

struct api_config {
    const char *host;               /* NULL: all addresses, IPv6 and IPv4 */
    uint16_t port;                  /* 0: any free one, for tests; see api_port() */
    const char *tls_cert, *tls_key; /* paths of PEM files, or NULL: plain HTTP */

    struct store *store;
    struct tracks *tracks;
    struct fleet *fleet;
    struct gateway *gateway;
    struct journal *journal, *strays;
    struct bus *bus;

    const char *version;
    const char *data_dir;
    uint16_t tracker_port; /* what devices are pointed at, for people */
    int64_t (*now_ms)(void);

    unsigned connections_max;     /* 0: 4096 */
    unsigned session_s;           /* a browser's session lives so long after its last use;
                                     0: 14 days */
    bool cookie_secure;           /* always; otherwise where the request came by TLS */
    const char *cookie_same_site; /* NULL: "Lax" */
    const char *cors_origin;      /* "*", or origins separated by blanks; NULL: none */
    const char *web_dir;          /* files that win over the built-in web app, or NULL */
};

struct api *api_open(const struct api_config *config, struct err *err);
void api_close(struct api *api);
uint16_t api_port(const struct api *api);

/* On a store without users makes the administrator, from MILEPOST_ADMIN_EMAIL and
 * MILEPOST_ADMIN_PASSWORD where they are set; otherwise `password` gets a random one,
 * to be shown once.  *made says whether it did. */
enum { ADMIN_EMAIL_MAX = 254, ADMIN_PASSWORD_MAX = 128 };
bool api_first_admin(struct store *st, char email[ADMIN_EMAIL_MAX + 1],
                     char password[ADMIN_PASSWORD_MAX + 1], bool *made, struct err *err);
