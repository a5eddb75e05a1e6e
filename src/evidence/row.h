/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ROW_H
#define HC_ROW_H

#include "src/evidence/fact.h"

/* A row of table `event` before it has its number, and the small form in which rows wait to be sorted. */
struct hc_row {
    struct hc_time time;
    struct hc_locator at;
    int64_t ids[HC_FACT_PLACES]; /* numbers of names; 0: none */
    uint64_t row_key;
    unsigned action, outcome;
    unsigned raw_form;           /* of the raw time where its text is not kept */
    bool more;                   /* of a record that was counted with another row */
    struct hc_str raw_time, text, fields; /* valid UTF-8, cut to their limits */
    struct hc_str parts;                  /* by hc_parts_pack */
};

/* Appends the small form of places, each as it differs from the one before: a mail log cites nearly every line. */
void hc_parts_pack(const struct hc_event_part *parts, size_t n, struct hc_buffer *out);
/* The next of them, `packed` moves behind it; `part` is zeroes at first, and then the one before. False: there is none. */
bool hc_parts_next(struct hc_str *packed, struct hc_event_part *part);

/* Appends the small form. */
void hc_row_pack(const struct hc_row *row, struct hc_buffer *out);
/* Its texts lie in `packed`. */
void hc_row_unpack(const void *packed, struct hc_row *row);

#endif
