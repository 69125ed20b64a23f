/*
 * schema.c - the steps.  Ids of what people make are never given twice.
 */
#include "store/schema.h"

/* Accounts and devices.  The _key columns are what people type, folded. */
#define OBJECTS                                                                          \
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"      \
    "CREATE TABLE device ("                                                              \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, unique_id TEXT NOT NULL UNIQUE,"  \
    " phone TEXT, model TEXT, contact TEXT, category TEXT, group_id INTEGER NOT NULL,"   \
    " calendar_id INTEGER NOT NULL, disabled INTEGER NOT NULL, expiration_ms INTEGER,"   \
    " created_ms INTEGER, adopting INTEGER NOT NULL, attributes TEXT NOT NULL);"         \
    "CREATE INDEX device_group_id ON device (group_id) WHERE group_id <> 0;"             \
    "CREATE TABLE device_group ("                                                        \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, group_id INTEGER NOT NULL,"       \
    " attributes TEXT NOT NULL);"                                                        \
    "CREATE TABLE account ("                                                             \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, login TEXT,"                      \
    " login_key TEXT UNIQUE, email TEXT, email_key TEXT UNIQUE, phone TEXT,"             \
    " password_hash TEXT, administrator INTEGER NOT NULL, readonly INTEGER NOT NULL,"    \
    " device_readonly INTEGER NOT NULL, limit_commands INTEGER NOT NULL,"                \
    " disable_reports INTEGER NOT NULL, fixed_email INTEGER NOT NULL,"                   \
    " disabled INTEGER NOT NULL, temporary INTEGER NOT NULL, expiration_ms INTEGER,"     \
    " device_limit INTEGER NOT NULL, user_limit INTEGER NOT NULL, map TEXT,"             \
    " coordinate_format TEXT, poi_layer TEXT, totp_key TEXT, latitude REAL,"             \
    " longitude REAL, zoom INTEGER NOT NULL, attributes TEXT NOT NULL);"                 \
    "CREATE TABLE link ("                                                                \
    " owner_kind INTEGER, owner_id INTEGER, member_kind INTEGER, member_id INTEGER,"     \
    " PRIMARY KEY (owner_kind, owner_id, member_kind, member_id)) WITHOUT ROWID;"        \
    "CREATE INDEX link_member ON link (member_kind, member_id);"                         \
    "CREATE TABLE session ("                                                             \
    " hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL, created_ms INTEGER,"              \
    " expires_ms INTEGER, used_ms INTEGER, token INTEGER NOT NULL,"                      \
    " origin TEXT NOT NULL, parent BLOB NOT NULL) WITHOUT ROWID;"                        \
    "CREATE INDEX session_parent ON session (parent);"                                   \
    "CREATE INDEX session_user ON session (user_id);"                                    \
    "CREATE INDEX session_expires ON session (expires_ms);"

/*
 * What the fleet makes of the journal.  progress has one row.  Chunks are appended, so
 * that pages fill up; the narrow index beside them finds them by device and time.
 * track has what adding positions asks first; doomed lists deleted devices whose rows
 * are still to go.  Boxes are in 1e-7 degree.
 */
#define HISTORY                                                                          \
    "CREATE TABLE progress ("                                                            \
    " applied_seq INTEGER NOT NULL, tail_seq INTEGER NOT NULL, widest INTEGER NOT NULL," \
    " syncs INTEGER NOT NULL);"                                                          \
    "INSERT INTO progress VALUES (0, 0, 0, 0);"                                          \
    "CREATE TABLE chunk ("                                                               \
    " id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, first_ms INTEGER NOT NULL,"    \
    " last_ms INTEGER NOT NULL, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,"    \
    " south INTEGER, west INTEGER, north INTEGER, east INTEGER,"                         \
    " count INTEGER NOT NULL, data BLOB NOT NULL);"                                      \
    "CREATE INDEX chunk_device ON chunk (device_id, first_ms, last_ms);"                 \
    "CREATE INDEX chunk_last_id ON chunk (last_id);"                                     \
    "CREATE TABLE track ("                                                               \
    " device_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL,"                          \
    " last_ms INTEGER NOT NULL, newest_ms INTEGER NOT NULL);"                            \
    "CREATE TABLE state (device_id INTEGER PRIMARY KEY, data BLOB NOT NULL);"            \
    "CREATE TABLE event ("                                                               \
    " id INTEGER PRIMARY KEY, type TEXT NOT NULL, event_ms INTEGER NOT NULL,"            \
    " device_id INTEGER NOT NULL, position_id INTEGER NOT NULL,"                         \
    " attributes TEXT NOT NULL);"                                                        \
    "CREATE INDEX event_device ON event (device_id, event_ms);"                          \
    "CREATE INDEX event_time ON event (event_ms);"                                       \
    "CREATE INDEX event_position ON event (position_id);"                                \
    "CREATE TABLE doomed (device_id INTEGER PRIMARY KEY);"

const char *const schema_steps[] = {OBJECTS HISTORY};

const int schema_count = sizeof schema_steps / sizeof *schema_steps;
