/*
 * static.c - files for browsers.
 *
 * Names with a hash in them never change; everything else is asked for again each time.
 * A path that looks like a page of the app gets the app's one page.
 */
#include "api/static.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/state.h"

enum { PATH_MAX_LEN = 512, CSP_MAX = 2048 };

static const char unbuilt_page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Milepost</title>"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;"
    "padding:0 1em}</style><h1>Milepost is running</h1><p>This program was built without"
    " its web app. Run <code>make</code> in its source directory, which builds the app"
    " in <code>web/</code> first, and start it again.</p><p>The API is at"
    " <a href=\"/api/server\">/api/server</a>.</p></html>";

/* ---- what a file is ---- */

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"webp", "image/webp"},
        {"ico", "image/x-icon"},
        {"json", "application/json"},
        {"geojson", "application/geo+json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"woff2", "font/woff2"},
        {"pbf", "application/x-protobuf"},
        {"mp3", "audio/mpeg"},
        {"txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (!strcmp(dot + 1, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

/* ---- where the page may load from ---- */

/* Appends the origin of a map's address, "{s}." as any host below; what is none adds
 * nothing. */
static void add_origin(char *list, size_t size, const char *url)
{
    char origin[256];
    size_t scheme = !url                               ? 0
                    : !strncasecmp(url, "https://", 8) ? 8
                    : !strncasecmp(url, "http://", 7)  ? 7
                                                       : 0;
    if (!scheme)
        return;
    const char *host = url + scheme;
    const char *below = *host == '{' ? strstr(host, "}.") : NULL;
    const char *from = below ? below + 1 : host;
    size_t len = strcspn(from, "/?#");
    if (!len || len > 200 ||
        strspn(from, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789.-:") < len)
        return;
    snprintf(origin, sizeof origin, " %.*s%s%.*s", (int)scheme, url, below ? "*" : "",
             (int)len, from);
    if (strlen(list) + strlen(origin) < size)
        strcat(list, origin);
}

/* The maps that the server page names.  A whole style may load from anywhere. */
static void map_origins(struct request *rq, char *list, size_t size)
{
    static const char tiles[] = "https://tile.openstreetmap.org/";
    struct settings *s = rq->api->settings;
    char *urls[] = {settings_text(s, "mapUrl"), settings_attribute(s, "mapUrlDark"),
                    settings_text(s, "overlayUrl"), settings_text(s, "poiLayer")};
    *list = 0;
    if (!urls[0])
        add_origin(list, size, tiles);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        if (i < 2 && urls[i] && !strstr(urls[i], "{z}") && strstr(urls[i], "://"))
            snprintf(list, size, " https:");
        add_origin(list, size, urls[i]);
        free(urls[i]);
    }
}

/* The socket's address by name: "self" is not enough for every browser. */
static void socket_origin(struct request *rq, char *out, size_t size)
{
    const char *host = rq_header_in(rq, "Host");
    *out = 0;
    if (host && strlen(host) < 200 &&
        strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789.-:[]") == strlen(host))
        snprintf(out, size, " ws://%s wss://%s", host, host);
}

static void add_policy(struct request *rq)
{
    char maps[512], socket[512], policy[CSP_MAX];
    map_origins(rq, maps, sizeof maps);
    socket_origin(rq, socket, sizeof socket);
    snprintf(policy, sizeof policy,
             "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline';"
             " img-src 'self' data: blob:%s; font-src 'self' data:%s;"
             " connect-src 'self'%s%s; worker-src 'self' blob:; child-src blob:;"
             " object-src 'none'; base-uri 'self'; form-action 'self';"
             " frame-ancestors 'none'",
             maps, maps, socket, maps);
    rq_header(rq, "Content-Security-Policy", "%s", policy);
}

/* ---- answers ---- */

static void add_cache(struct request *rq, const char *path)
{
    bool hashed = !strncmp(path, "assets/", 7);
    rq_header(rq, "Cache-Control", "%s",
              hashed ? "public, max-age=31536000, immutable" : "no-cache");
    rq->type = type_of(path);
    if (!strncmp(rq->type, "text/html", 9))
        add_policy(rq);
}

/* A file in the operator's folder.  Its segments are plain names. */
static bool serve_override(struct request *rq, const char *path)
{
    char full[PATH_MAX_LEN * 2];
    struct stat st;
    if (!rq->api->config.web_dir)
        return false;
    int len = snprintf(full, sizeof full, "%s/%s", rq->api->config.web_dir, path);
    int fd = len < (int)sizeof full ? open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0)
        return false;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return false;
    }
    rq->response = MHD_create_response_from_fd((uint64_t)st.st_size, fd);
    rq->status = MHD_HTTP_OK;
    rq_header(rq, "Cache-Control", "no-cache");
    rq->type = type_of(path);
    if (!strncmp(rq->type, "text/html", 9))
        add_policy(rq);
    return true;
}

static int by_path(const void *key, const void *item)
{
    return strcmp(key, ((const struct web_file *)item)->path);
}

static void serve_bytes(struct request *rq, const unsigned char *from,
                        const unsigned char *end)
{
    rq->response = MHD_create_response_from_buffer((size_t)(end - from), (void *)from,
                                                   MHD_RESPMEM_PERSISTENT);
    rq->status = MHD_HTTP_OK;
}

static bool serve_built_in(struct request *rq, const char *path)
{
    const struct web_file *f =
        bsearch(path, web_files, web_file_count, sizeof *web_files, by_path);
    const char *known = rq_header_in(rq, "If-None-Match");
    const char *encodings = rq_header_in(rq, "Accept-Encoding");
    if (!f)
        return false;
    rq_header(rq, "ETag", "%s", f->etag);
    rq_header(rq, "Vary", "Accept-Encoding");
    if (known && strstr(known, f->etag)) {
        rq_empty(rq);
        rq->status = MHD_HTTP_NOT_MODIFIED;
    } else if (f->gzip && encodings && strstr(encodings, "gzip")) {
        rq_header(rq, "Content-Encoding", "gzip");
        serve_bytes(rq, f->gzip, f->gzip_end);
    } else {
        serve_bytes(rq, f->bytes, f->bytes_end);
    }
    add_cache(rq, path);
    return true;
}

/* The path again, of segments that are plain names; false where one is not. */
static bool join_path(const struct request *rq, char out[PATH_MAX_LEN])
{
    size_t len = 0;
    *out = 0;
    for (unsigned i = 0; i < rq->segment_count; i++) {
        const char *s = rq->segments[i];
        if (*s == '.' || strpbrk(s, "/\\") || len + strlen(s) + 2 > PATH_MAX_LEN)
            return false;
        len += (size_t)snprintf(out + len, PATH_MAX_LEN - len, "%s%s", i ? "/" : "", s);
    }
    return true;
}

/* A page of the app: no file's name, asked for by a browser that wants a page. */
static bool is_page(const struct request *rq)
{
    const char *accept = rq_header_in(rq, "Accept");
    return !rq->segment_count || (!strchr(rq->segments[rq->segment_count - 1], '.') &&
                                  accept && strstr(accept, "text/html"));
}

void static_serve(struct request *rq)
{
    static const char index[] = "index.html";
    char path[PATH_MAX_LEN];
    if (join_path(rq, path) && *path &&
        (serve_override(rq, path) || serve_built_in(rq, path)))
        return;
    if (!is_page(rq)) {
        rq_fail(rq, MHD_HTTP_NOT_FOUND, "There is no such file");
        return;
    }
    if (serve_override(rq, index) || serve_built_in(rq, index))
        return;
    rq_text(rq, unbuilt_page);
    rq->type = type_of(index);
}
