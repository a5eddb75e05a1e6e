/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SAID_H
#define HC_SAID_H

#include <glib.h>
#include <stdbool.h>

/*
 * The table of a file that does not name it or its columns, such as one that COPY ... TO writes. `said` is
 * what case.yaml says: the table, which may be empty, and its columns, a line each; NULL: nothing (struct
 * hc_case_source).
 */

/* The columns (char *), yours; NULL: they are not said. */
GPtrArray *hc_said_columns(const char *said);
/* Are these names, such as those of a first row, the ones that are said? */
bool hc_said_same(const GPtrArray *names, const GPtrArray *said);
/*
 * The table, yours: as it is said, else the name of the file without folders and without the extensions of
 * packing and format.
 * `*extension`, that of the format, is yours, unless NULL.
 */
char *hc_said_table(const char *said, const char *path, char **extension);

#endif
