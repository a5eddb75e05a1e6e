/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITEVALUE_H
#define HC_SQLITEVALUE_H

#include "src/base/str.h"
#include "src/evidence/sqlitepages.h"

/* Values of SQLite (SQLite documentation, "Database File Format", section 2.1, and "Datatypes In SQLite"):
 * from records and from SQL text. */

enum hc_sqlite_type { HC_SQLITE_NULL, HC_SQLITE_INTEGER, HC_SQLITE_REAL, HC_SQLITE_TEXT, HC_SQLITE_BLOB };

struct hc_sqlite_value {
    enum hc_sqlite_type type;
    int64_t integer;
    double real;
    struct hc_str
        bytes;   /* borrowed; of a text in the encoding of the database, but where it is of SQL text */
    bool of_sql; /* then it is UTF-8 */
};

/* What a column makes of the values that are put into it. */
enum hc_sqlite_affinity {
    HC_SQLITE_AS_NUMERIC,
    HC_SQLITE_AS_REAL,
    HC_SQLITE_AS_BLOB,
    HC_SQLITE_AS_TEXT,
    HC_SQLITE_AS_INTEGER
};

/* A value of a record: what its type is, where it stands from the start of the record, and its bytes. */
struct hc_sqlite_field {
    uint64_t type; /* "serial type" */
    int64_t at, size;
};

/* Bytes of the header of a record, from its first bytes; 0 when it has none. */
int64_t hc_sqlite_record_header(struct hc_str start);
/*
 * The fields of a record of `size` bytes whose first bytes, at least those of its header, are `record`: their
 * number, of which up to `max` are kept; -1 when they cannot be told apart or do not fit.
 */
int hc_sqlite_record_fields(struct hc_str record, int64_t size, struct hc_sqlite_field *fields, int max);
/* The value of a field; the record has to reach behind it. NaN, which SQLite does not know, is NULL. */
struct hc_sqlite_value hc_sqlite_field_value(struct hc_str record, const struct hc_sqlite_field *field);

/*
 * As text: an integer in decimal; a real with 15 digits, or the 16 or 17 that give it back, always with a
 * point ("5.0", "1.0e+100") or "Inf", "-Inf"; a text as UTF-8; a blob as hexadecimal digits in lower case. .p
 * == NULL for NULL. What is not in the file as it is stands in `buffer`, which is overwritten.
 */
struct hc_str hc_sqlite_value_text(const struct hc_sqlite_value *value, enum hc_sqlite_encoding encoding,
                                   GString *buffer);
void hc_sqlite_append_real(GString *out, double real);

/* The affinity of a column by its declared type; an empty one is none. */
enum hc_sqlite_affinity hc_sqlite_affinity_of(struct hc_str type);
/* A value of SQL text (UTF-8) as a column of this affinity holds it; new text is put into `chunk`. */
void hc_sqlite_apply_affinity(struct hc_sqlite_value *value, enum hc_sqlite_affinity affinity,
                              GStringChunk *chunk);
/* An integer (also 0x...) or a real, all of `text`; false when it is none. An integer that is too large is a
 * real. */
bool hc_sqlite_number(struct hc_str text, struct hc_sqlite_value *value);

#endif
