/*
 * links.c - who sees what.
 */
#include "store/inside.h"

/* The numbers are kept on disk. */
_Static_assert(ST_USER == 0 && ST_GROUP == 1 && ST_DEVICE == 2, "kinds are kept");

static const char *const kind_names[] = {"user", "group", "device"};

static bool check_there(struct store *st, enum st_kind kind, int64_t id, struct err *err)
{
    static const char *const look[] = {"SELECT 1 FROM account WHERE id = ?",
                                       "SELECT 1 FROM device_group WHERE id = ?",
                                       "SELECT 1 FROM device WHERE id = ?"};
    struct query q = db_query(st->writer, look[kind]);
    q_int(&q, id);
    bool there = q_row(&q);
    if (!q_end(&q, err))
        return false;
    return there || err_set(err, ERR_MISSING, "%s %lld: there is none", kind_names[kind],
                            (long long)id);
}

bool st_link(struct store *st, enum st_kind owner, int64_t owner_id, enum st_kind member,
             int64_t member_id, bool linked, struct err *err)
{
    if (owner != ST_USER || member > ST_DEVICE)
        return err_set(err, ERR_INPUT, "link: such objects are not linked");
    if (!st_begin(st, true, err))
        return false;
    bool ok = !linked || (check_there(st, owner, owner_id, err) &&
                          check_there(st, member, member_id, err));
    if (ok) {
        struct query q =
            db_query(st->writer, linked ? "INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)"
                                        : "DELETE FROM link WHERE owner_kind = ?"
                                          " AND owner_id = ? AND member_kind = ?"
                                          " AND member_id = ?");
        q_int(&q, owner);
        q_int(&q, owner_id);
        q_int(&q, member);
        q_int(&q, member_id);
        ok = q_run(&q, err);
    }
    return st_commit(st, ok, err);
}

bool st_links_each(struct store *st,
                   bool (*visit)(void *arg, enum st_kind owner, int64_t owner_id,
                                 enum st_kind member, int64_t member_id),
                   void *arg, struct err *err)
{
    struct db *db = st_reader(st, err);
    if (!db)
        return false;
    struct query q = db_query(db, "SELECT owner_kind, owner_id, member_kind, member_id"
                                  " FROM link ORDER BY 1, 2, 3, 4");
    bool more = true;
    while (more && q_row(&q)) {
        enum st_kind owner = (enum st_kind)q_get_int(&q);
        int64_t owner_id = q_get_int(&q);
        enum st_kind member = (enum st_kind)q_get_int(&q);
        int64_t member_id = q_get_int(&q);
        more = visit(arg, owner, owner_id, member, member_id);
    }
    return st_read_end(st, &q, err);
}
