/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WAITING_H
#define HC_WAITING_H

#include "src/base/btree.h"
#include "src/base/event.h"
#include "src/evidence/index.h"
#include "src/evidence/runs.h"

/*
 * Rows of table `event_row` that wait for their place in time, which is that of their number: as the records
 * that they will be, so that nothing is left to do when they are taken out but to number them.
 */
#define HC_SLOT_BITS 10 /* of a number: its place among those of one microsecond */
#define HC_WAITING_UNDATED INT64_MIN

struct hc_waiting {
    int64_t time;         /* earliest instant, which its number begins with; or HC_WAITING_UNDATED */
    bool more;            /* its record was counted with another row */
    struct hc_str record; /* its column `time` is null unless the number cannot hold it */
    struct hc_str parts;  /* by hc_parts_pack (witnesses.h) */
};
bool hc_waiting_add(struct hc_runs *runs, const struct hc_waiting *row, GError **error);
/* The next in the order of time, once they are sorted, until the next call: 1, 0 = there are no more, -1 =
 * failed. */
int hc_waiting_next(struct hc_runs *runs, struct hc_waiting *row, GError **error);

/* The record of a row that has this number: it has its exact time where the number cannot say it. In `room`
 * when it is another. */
struct hc_str hc_waiting_record(const struct hc_waiting *row, int64_t id, struct hc_record *room);
/* All columns of its record, those at the end that it does without as they are read then. */
void hc_waiting_values(const struct hc_waiting *row, struct hc_value values[HC_RECORD_COLUMNS]);
/* As hc_index_entries_add asks for them. */
void hc_waiting_columns(const struct hc_waiting *row, int64_t columns[HC_INDEX_COLUMNS]);

/* The columns of the table, as its records have them. */
enum hc_event_column {
    HC_EVENT_ID,
    HC_EVENT_PRECISION,
    HC_EVENT_BASIS,
    HC_EVENT_RAW,
    HC_EVENT_SOURCE,
    HC_EVENT_RECORD,
    HC_EVENT_BEYOND,
    HC_EVENT_OFFSET,
    HC_EVENT_LENGTH,
    HC_EVENT_TYPE,
    HC_EVENT_ACTION,
    HC_EVENT_ROW_KEY,
    HC_EVENT_OWN,
    HC_EVENT_SHARED, /* from here on those that a row may leave out, with all behind them */
    HC_EVENT_ACTOR,
    HC_EVENT_TARGET,
    HC_EVENT_OBJECT,
    HC_EVENT_ADDRESS,
    HC_EVENT_MESSAGE,
    HC_EVENT_LINES,
    HC_EVENT_SPAN, /* 0 where it is left out, as the outcome; all others are null */
    HC_EVENT_VERSION,
    HC_EVENT_FILE,
    HC_EVENT_TXN,
    HC_EVENT_TEXT,
    HC_EVENT_TIME,
    HC_EVENT_OUTCOME,
    HC_EVENT_COLUMNS
};

/* What it is compared with rows of other sources by. */
struct hc_waiting_facts {
    int64_t type, row_key;
};
struct hc_waiting_facts hc_waiting_facts(const struct hc_waiting *row);

#endif
