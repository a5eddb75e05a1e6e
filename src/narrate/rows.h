/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ROWS_H
#define HC_ROWS_H

#include "src/base/case.h"
#include "src/base/db.h"

/*
 * The list commands. Each appends its whole output to a callback in pieces, so
 * that memory does not grow with the case. Text output is made harmless for a terminal.
 */
typedef bool (*hc_write_fn)(void *data, const char *bytes, size_t n, GError **error);
struct hc_writer {
    hc_write_fn write;
    void *data;
};

enum hc_rows_format { HC_ROWS_TEXT, HC_ROWS_JSONL, HC_ROWS_CSV };

/* `source`: a path inside the case, or NULL for all. Order: time, until, source path, member, offset; undated
 * last. */
bool hc_rows_events(hc_db *db, const char *source, enum hc_rows_format format, struct hc_writer *out,
                    GError **error);
bool hc_rows_sources(hc_db *db, bool rejects, enum hc_rows_format format, struct hc_writer *out,
                     GError **error);
/* The acts of all incidents; machine formats keep one row per act, the text folds repeats. */
bool hc_rows_timeline(hc_db *db, enum hc_rows_format format, struct hc_writer *out, GError **error);

/* What was claimed not to have happened, by ourselves or by the case file, with its denominator. */
bool hc_rows_claims(hc_db *db, enum hc_rows_format format, struct hc_writer *out, GError **error);

/* Which names, ids and addresses are one, why and how surely; which might be taken for one and are not
 * joined. `public`: masked, with this case's settings (mask.h); NULL: as the evidence has them. */
bool hc_rows_identities(hc_db *db, const struct hc_case *public, enum hc_rows_format format,
                        struct hc_writer *out, GError **error);

#endif
