/*
 * auth.h - who asks: by cookie, token, or e-mail and password.
 */
#pragma once

#include "api/request.h"

/* Finds the caller of a request whose route is known, and holds the route's demands
 * against them.  False: the answer is made, or the request is put aside. */
bool auth_head(struct request *rq);

/* Ends what a password check has kept. */
void auth_forget(struct request *rq);

/* Checks a password on another thread, as slowly as earlier failures ask for.  True: the
 * request is put aside, and when its handler is called again later.done is set, with
 * later.passed and later.user_id.  False: the answer is made. */
bool auth_check(struct request *rq, const char *name, const char *password);

/* Hashes a password on another thread; as above, with later.hash. */
bool auth_hash(struct request *rq, const char *password);

/* May this user come in now? */
bool auth_is_active(const struct st_user *u, int64_t now_ms);

/* Makes a browser's session for the user, and its cookie.  `from` is the session or token
 * that it is made with, or NULL: what a token opens ends with the token.  False with the
 * answer made. */
bool auth_start_session(struct request *rq, const struct st_user *u,
                        const struct st_session *from);

/* Puts down in a new session what it is made with. */
void auth_inherit(struct st_session *s, const struct st_session *from);
void auth_end_session(struct request *rq);

/* Makes the caller the one whose session, or token, has this secret.  False: there is
 * none, it is over, or the user may not come in; then the caller is nobody. */
bool auth_by_secret(struct request *rq, struct span secret, bool token);

/* Is a login still good?  For what outlives its request: sockets.  `session` NULL: it
 * came with a password.  *administrator is set anew. */
bool auth_still_good(struct api *api, const unsigned char *session, int64_t user_id,
                     bool *administrator);
