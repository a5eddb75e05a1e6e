/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_CARRY_H
#define HC_LOG_CARRY_H

#include "src/evidence/log/dialect.h"

/*
 * What every carrier does with a line that is split and dated: the program's dialect (hc_dialect_of) reads
 * it. NULL: nobody knows the program, and the line is kept as audit-other, with the program as its type and
 * the message as its text: what an intruder did stands there as often as in those that are read. False only
 * when storing failed.
 */
bool hc_carry(struct hc_flow *flow, struct hc_sink *sink, const struct hc_dialect *dialect,
              const struct hc_logline *line, GError **error);

#endif
