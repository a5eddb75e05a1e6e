/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INSERT_H
#define HC_INSERT_H

#include "src/base/str.h"

/*
 * An SQL statement that writes one row: INSERT INTO table (columns) VALUES (values), as far as its text was
 * kept (a value that was not is '?'). Names are without quotes and schema, values the texts between single
 * quotes. Pure.
 */
struct insert {
    char *table;
    GPtrArray *columns, *values; /* char * */
};

/* NULL: it is none, writes several rows, or is not there to its end. Free with insert_free. */
struct insert *insert_read(const char *statement);
void insert_free(struct insert *insert);
typedef struct insert insert_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(insert_t, insert_free)

#endif
