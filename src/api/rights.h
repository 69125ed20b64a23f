/*
 * rights.h - what the caller may see and change, and lists cut to what was asked for.
 *
 * To who may not see it, an object answers exactly as one that does not exist.
 */
#pragma once

#include "api/state.h"

/* Fill the object, which its _fini frees; false with the answer made: 404 to
 * administrators, "... access denied" to others. */
bool right_device(struct request *rq, int64_t id, struct st_device *d);
bool right_group(struct request *rq, int64_t id, struct st_group *g);
/* Oneself, a managed user, or anybody for an administrator. */
bool right_user(struct request *rq, int64_t id, struct st_user *u);

/* The object is one that the body refers to: that it is not there is the body's fault. */
bool right_refers(struct request *rq, bool found);

/* The same without reading the object. */
bool right_sees_device(struct request *rq, int64_t id);

/* May add, change and delete devices; false with the answer made. */
bool right_edit_devices(struct request *rq);

/* May look at history; false with the answer made. */
bool right_reports(struct request *rq);

/* Has a limit of users above 0, or none. */
bool right_is_manager(const struct request *rq);

/* What a list is asked for. */
struct list {
    bool all;        /* everything there is */
    int64_t user_id; /* what is linked to this user: oneself, unless asked for another */
    bool direct;     /* by a link of its own, groups not expanded */
    int64_t limit, offset; /* limit 0: none */
    const char *keyword;   /* of the query, or NULL */
    bool exclude_attributes;
};

bool list_open(struct request *rq, struct list *l);

/* One of the texts holds the keyword, without regard to case.  NULL texts do not. */
bool list_matches(const struct list *l, const char *const *texts, size_t count);

/* An object's place in a list that is being gathered; the names are freed with it. */
struct listed {
    int64_t id;
    char *name;
};

struct gathered {
    struct listed *items;
    size_t count;
};

void list_add(struct gathered *g, int64_t id, const char *name);
void list_drop(struct gathered *g);

/* Why an object could not be read: true where it was deleted meanwhile, and then it is no
 * error any more. */
bool list_is_gone(struct err *err);

/* Answers with an array, sorted by name and cut to offset and limit.  Each object is read
 * when its turn comes, so that long lists need no memory; one that is gone by then is
 * left out (write() returns true without writing).  Takes over what was gathered. */
void list_answer(struct request *rq, const struct list *l, struct gathered *g,
                 bool (*write)(struct api *api, struct json *j, int64_t id, bool exclude,
                               struct err *err));
