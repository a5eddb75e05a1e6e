/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_DETECT_H
#define HC_SIGMA_DETECT_H

#include "src/correlate/sigma/rules.h"

/*
 * Which detections match an event. What several rules ask is asked once; a rule that can only match where a
 * field equals one of some texts is looked at only for events in which it does.
 */
struct hc_sigma_detector;

/* The rules are linked, and live longer. */
struct hc_sigma_detector *hc_sigma_detector_new(const struct hc_sigma_rules *rules);
void hc_sigma_detector_free(struct hc_sigma_detector *detector);
/*
 * The numbers of the rules that match, ascending, in `matched` (size_t); only of those that are `allowed`, by
 * number, unless it is NULL. Fails when an expression gives up.
 */
bool hc_sigma_detect(struct hc_sigma_detector *detector, struct hc_sigma_event *event, const bool *allowed,
                     GArray *matched, GError **error);

#endif
