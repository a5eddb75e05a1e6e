/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LITE_H
#define LITE_H

#include <check.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* For inner loops: Check notes the place of each of its own assertions in a file, which takes longer than
 * what is tested. */
#define LITE_NEED(condition)                                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ck_abort_msg("%s", #condition);                                                                  \
    } while (0)

/* Databases as SQLite itself sees them, for tests of what was written around it. A failing call ends the
 * test. */
sqlite3 *lite_open(const char *path);
/* All rows of a statement: columns divided by '|', each row with a line end. Yours. */
char *lite_ask(sqlite3 *db, const char *sql);
void lite_run(sqlite3 *db, const char *sql);
/* integrity_check finds nothing. */
void lite_sound(sqlite3 *db);
/* It finds nothing but pages that nobody uses: how many. */
int64_t lite_unused(sqlite3 *db);
/* Everything that a database holds, but not where: the schema, and all rows of its tables. Yours. */
char *lite_content(const char *path);

/* A folder of its own below the temporary files, and its end. */
char *lite_folder(void);
void lite_drop(char *folder);

/* Numbers that look like chance and are the same each time. */
uint64_t lite_random(uint64_t *state);

#endif
