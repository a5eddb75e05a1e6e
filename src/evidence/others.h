/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_OTHERS_H
#define HC_OTHERS_H

#include "src/base/db.h"
#include "src/evidence/waiting.h"

/*
 * Events that other sources have told already. One is the same as a row when both have the time, the key of
 * the record, action, actor and object, and nothing else that is named differs, though one of them may leave
 * it out; its words may differ in form, as those of one dump in two formats do. Each is the same as one row
 * of a source at most: two equal rows in each of two sources are two events, whichever came first.
 */
struct hc_others;
/* `source`: the one that is written. It may be added to while others are asked for: nothing of its own is
 * found. */
struct hc_others *hc_others_new(hc_db *db, int64_t source);
void hc_others_free(struct hc_others *others);

/*
 * The number of the event that `row` is the same as; 0: there is none. The numbers of the row's time are
 * `first` to `last` and, as long as they are all taken, so many behind; the rows come in the order of time.
 */
#define HC_OTHERS_MAX                                                                                        \
    64 /* events of one record that are looked through for one that leaves out what the row names */
bool hc_others_find(struct hc_others *others, const struct hc_waiting *row, int64_t first, int64_t last,
                    int64_t *event, GError **error);

/* Of the event that was found last: what it leaves out and the row names is filled in. `*filled`: something
 * was. */
bool hc_others_complete(struct hc_others *others, const struct hc_waiting *row, bool *filled, GError **error);

/* Where the row stands, and the lines of its source that it cites, are further witnesses of the event. */
bool hc_others_cite(struct hc_others *others, int64_t event, const struct hc_waiting *row, GError **error);

/* The row is shown for the event from now on, if the name of its source comes before that of the one that is
 * shown. */
bool hc_others_show(struct hc_others *others, int64_t event, const struct hc_waiting *row, GError **error);

#endif
