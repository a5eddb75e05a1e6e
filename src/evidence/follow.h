/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FOLLOW_H
#define HC_FOLLOW_H

#include "src/evidence/profile.h"
#include "src/evidence/scope.h"

/* What a record has to do with the scope of an import. */

/* Does one of the names stand in the values that the profile reads of a record, or in what an event says? */
bool hc_follow_values(struct hc_scope *scope, const struct hc_plan *plan, const struct hc_str *values);
bool hc_follow_event(struct hc_scope *scope, const struct hc_event *event);

/* Adds the other names of what is named, and what a row that is about it is called itself; the message of an
 * event. */
void hc_follow_record(struct hc_scope *scope, const struct hc_meaning *meaning);
void hc_follow_message(struct hc_scope *scope, const struct hc_event *event);

#endif
