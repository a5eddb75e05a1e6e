/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_EXIMMEMORY_H
#define HC_EXIMMEMORY_H

#include "src/evidence/log/flow.h"
#include "src/evidence/log/pieces.h"

/*
 * What the dialect of Exim remembers from line to line, beside the messages: entries in pieces, entries that
 * Exim writes into more than one log, the clock of its own times. It lives as long as the set of files.
 */
#define HC_EXIM_TEXTS_MAX 4096 /* entries that may have a copy; all are forgotten when there are more */

struct hc_exim_memory;
struct hc_exim_memory *hc_exim_memory_of(struct hc_flow *flow);

/* A piece of an entry in syslog, by the process that wrote it; as hc_pieces_take. */
enum hc_piece hc_exim_piece(struct hc_exim_memory *memory, const struct hc_logline *line,
                            struct hc_str *whole);

/*
 * Refusals stand in the main log and in the reject log. In files: the key by which the two are one event,
 * made of the folder (one host's logs lie together), the time, the text, and how many of the same there were
 * in that second.
 */
uint64_t hc_exim_key(struct hc_exim_memory *memory, const struct hc_logline *line, struct hc_str text);
/*
 * In syslog, where both come from the same process one behind the other (syslog_duplication): is this the
 * second of the two? Where the lines say their priority, the two differ in it.
 */
bool hc_exim_is_copy(struct hc_exim_memory *memory, const struct hc_logline *line, struct hc_str text);

/* Dates a line of syslog by the time that Exim wrote into it itself, where the carrier's has no year or
 * offset. */
void hc_exim_own_time(struct hc_exim_memory *memory, struct hc_logline *line, struct hc_str stamp);

#endif
