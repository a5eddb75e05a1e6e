/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DBFILE_H
#define HC_DBFILE_H

#include "src/base/db.h"

/* What bulk.c needs of the connection, and nobody else: statements that are made up, and the file behind
 * it. */

/* Statements without rows; `format` is that of sqlite3_mprintf (%Q quotes a text). */
bool hc_db_exec(hc_db *db, GError **error, const char *format, ...);
/* The first column of the first row: a number, -1 where there is none; a text that is yours, or NULL. */
int64_t hc_db_number(hc_db *db, const char *sql);
char *hc_db_line(hc_db *db, const char *sql);
/* The text of a statement of src/sql. Yours. */
char *hc_db_text(hc_db *db, const char *file, const char *name);

/* The name of the file; NULL: it is in memory. */
const char *hc_db_file(const hc_db *db);
/* Bytes at the end of each page that SQLite leaves alone; -1: not known. */
int hc_db_reserved(hc_db *db);
/* Writes what has changed, with the journal before it; from here until the end of the transaction others
 * cannot read. */
bool hc_db_flush(hc_db *db, GError **error);
/* Forgets what pages hold that have not changed. */
void hc_db_forget(hc_db *db);
/* Writes into the file behind SQLite's back, but through its handle: a second one would take its locks away
 * when it is closed. */
bool hc_db_write(hc_db *db, const void *data, size_t n, int64_t at, GError **error);

/*
 * Brings to the disk what was written into the file, which may go on in another thread: the end of the
 * transaction need not wait for so much. `file` is asked for before.
 */
void *hc_db_handle(hc_db *db);
bool hc_db_sync(void *file, GError **error);

/* Between the two SQLite believes that it writes what lies from the place `from` on. */
struct hc_db_deaf;
struct hc_db_deaf *hc_db_deafen(hc_db *db, int64_t from);
void hc_db_hear(struct hc_db_deaf *deaf);

#endif
