/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DB_H
#define HC_DB_H

#include "src/base/error.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * The case database and the only door to SQLite. Statements live in src/sql, one file per stage, each after
 * a line "-- name: NAME"; they are prepared once per connection and owned by it.
 */
typedef struct hc_db hc_db;
typedef struct hc_stmt hc_stmt;

#define HC_DB_APPLICATION_ID 0x48696e64 /* "Hind" */
#define HC_DB_VERSION 21

enum hc_db_mode { HC_DB_READ, HC_DB_WRITE /* creates */, HC_DB_MEMORY };

#define HC_DB_CACHE_KIB 32768 /* of pages in memory */

/* Opens and, for a new database, runs src/sql/schema.sql. A file that is not ours is an error. */
hc_db *hc_db_open(const char *path, enum hc_db_mode mode, GError **error);
void hc_db_close(hc_db *db);
/* The folder that the database lies in, for files that belong to it; that of temporary files for one in
 * memory. Yours. */
char *hc_db_folder(const hc_db *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_db, hc_db_close)

/* How long a statement waits for another process that uses the database: ten seconds, unless this says
 * otherwise. */
void hc_db_patience(hc_db *db, int milliseconds);

bool hc_db_begin(hc_db *db, GError **error);
/* Fails where a step since `begin` has failed whose caller took no error: what rests on a query that failed
 * is never kept. */
bool hc_db_commit(hc_db *db, GError **error);
void hc_db_rollback(hc_db *db);
/* Inside of a transaction: a stretch that can be taken back by itself. */
bool hc_db_mark(hc_db *db, GError **error);
bool hc_db_keep(hc_db *db, GError **error);
bool hc_db_back(hc_db *db, GError **error);

/*
 * The statement `name` of src/sql/FILE.sql ("store", "insert_event"), reset and with cleared bindings. It is
 * the connection's; asking for it again resets it. Parameters are numbered from 1, columns from 0. A
 * statement that does not prepare is a bug and aborts (a test prepares every one).
 */
hc_stmt *hc_db_stmt(hc_db *db, const char *file, const char *name);
/* The same for one that is already at hand: a caller with a row per record asks once and keeps it. */
hc_stmt *hc_stmt_again(hc_stmt *st);
/* Runs every statement of the named part of a file that holds several ("-- name: reset" ... many ;). */
bool hc_db_run(hc_db *db, const char *file, const char *name, GError **error);

/*
 * The same with its parameters bound, one letter each: 'i' int64_t, 'n' int64_t where 0 means NULL, 't' const
 * char * (NULL is NULL).
 */
hc_stmt *hc_db_query(hc_db *db, const char *file, const char *name, const char *types, ...);

void hc_bind_int(hc_stmt *st, int index, int64_t value);
void hc_bind_text(hc_stmt *st, int index, struct hc_str value); /* copied; .p == NULL binds NULL */
/* The same without a copy: the bytes must stay until the statement is bound anew or reset by hc_db_stmt. For
 * many rows in a row. */
void hc_bind_borrowed(hc_stmt *st, int index, struct hc_str value);
void hc_bind_blob(hc_stmt *st, int index, struct hc_str value); /* borrowed as well */
/* 1 = a row, 0 = done (and reset), -1 = failed (and reset, error set). */
int hc_step(hc_stmt *st, GError **error);
/* Steps to the end and resets; for statements without rows. */
bool hc_exec(hc_stmt *st, GError **error);
void hc_stmt_reset(hc_stmt *st);

bool hc_col_null(hc_stmt *st, int column);
int64_t hc_col_int(hc_stmt *st, int column);
bool hc_col_is_blob(hc_stmt *st, int column);       /* ask before hc_col_text, which gives its bytes */
struct hc_str hc_col_text(hc_stmt *st, int column); /* until the next step; NULL -> .p == NULL */
char *hc_col_dup(hc_stmt *st, int column);          /* a copy that is yours; NULL -> NULL */
int64_t hc_db_last_id(hc_db *db);

/* For the test that prepares everything: calls `each` with file, name and whether it prepares. */
bool hc_db_check_all(hc_db *db, GError **error);

#endif
