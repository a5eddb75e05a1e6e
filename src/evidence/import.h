/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_IMPORT_H
#define HC_IMPORT_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/evidence/importer.h"

/* Imports files into a case database: unpack, choose importer and profile, one transaction per file. */

struct hc_import_options {
    const struct hc_importer *const *importers;
    const char *format;  /* forced, or NULL */
    const char *profile; /* forced, or NULL */
    const char *zone;    /* overrides case.yaml */
    int year;
    char **scope;       /* names that the import is narrowed to, NULL-ended; NULL: everything */
    bool safe;          /* tables are only written through SQLite: slower, for comparison */
    GHashTable *tables; /* of services that no profile knows, listed here (src/evidence/sketch.h); or NULL */
    /* Progress: called now and then, with what is being done and how many bytes of all files; may be NULL. */
    void (*progress)(void *data, const char *what, int64_t done, int64_t total);
    void *progress_data;
};

struct hc_import_result {
    int64_t read, copies, unread, failed, rejected; /* files; rejected: records */
    int64_t kept;        /* records of the files that were asked for, as events and states */
    int64_t unknown;     /* of the unread: files of tables that no profile knows */
    GPtrArray *messages; /* char *: one line each, "path: why", in order; for the caller to print */
};
void hc_import_result_clear(struct hc_import_result *result);

/* All of evidence/, in sorted order. A file that was imported before (same path and SHA-256) is passed
 * over. */
bool hc_import_case(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                    struct hc_import_result *result, GError **error);
/* Single files; one outside the case is recorded as external/NAME. */
bool hc_import_files(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                     char **files, struct hc_import_result *result, GError **error);

/*
 * Imports into the empty `db` what `from` holds, in the same order and with the settings that were given
 * then, whatever the case file says by now. `external` as for hc_place_disk. What cannot be read is left out.
 */
bool hc_import_again(hc_db *from, hc_db *db, const struct hc_case *c,
                     const struct hc_importer *const *importers, const char *external, GError **error);

#endif
