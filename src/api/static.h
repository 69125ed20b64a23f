/*
 * static.h - the web app, built into the program, and files that win over it.
 */
#pragma once

#include "api/request.h"

/* Answers a GET outside /api. */
void static_serve(struct request *rq);

/* A file of web/dist, as the build put it in.  Sorted by path. */
struct web_file {
    const char *path; /* without a leading slash */
    const unsigned char *bytes, *bytes_end;
    const unsigned char *gzip, *gzip_end; /* the same, compressed; NULL: not smaller */
    const char *etag;                     /* in quotes */
};

extern const struct web_file web_files[];
extern const size_t web_file_count;
