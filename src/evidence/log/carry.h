/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_CARRY_H
#define HC_LOG_CARRY_H

#include "src/evidence/log/flow.h"

/*
 * What every carrier does with a line that is split and dated: the program's dialect reads it. A line of a program that nobody knows is kept as
 * audit-other, with the program as its type and the message as its text: what an intruder did stands there as often as in those that we read.
 * False only when storing failed.
 */
bool hc_carry(struct hc_flow *flow, struct hc_sink *sink, const struct hc_logline *line, GError **error);

/* Is the program one of a dialect? For bids. */
bool hc_carry_knows(const struct hc_logline *line);

#endif
