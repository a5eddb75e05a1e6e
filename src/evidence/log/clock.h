/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_CLOCK_H
#define HC_LOG_CLOCK_H

#include "src/evidence/importer.h"
#include "src/evidence/log/falls.h"
#include "src/evidence/log/line.h"

/*
 * Makes instants of the times of log lines, by the order in which the lines stand: the year that no line
 * says, over a whole set of rotated files, and the repeated hour in which clocks are set back. What cannot be
 * told is not guessed: such a line is undated, or its time covers both readings, and its note says why.
 *
 * Year: the reading that is nearest to the line before it, so that lines out of order and clocks that are set
 * back never make a new year. Where even the nearest is days away, src/evidence/log/steps.h says which lines
 * have an assumed year, those before it too. The first line's year is said by the source's settings; else it
 * is assumed from a date in the file's name or from the case's window; where neither is known, lines without
 * a year are undated.
 *
 * Repeated hour: the second pass begins where the times fall back by a quarter of the hour or more, once.
 * Where they fall less, or again, or not at all, the order decides nothing. Lines ahead are looked at for
 * this, so that those of the first pass are known too.
 *
 * Set back: src/evidence/log/falls.h.
 */
/* bytes looked at ahead; a repeated hour that needs more stays undecided */
#define HC_CLOCK_AHEAD_MAX (32u << 20)

struct hc_clock;
/* That of the source's set of files, at the start of the source; freed with the set. */
struct hc_clock *hc_clock_of(struct hc_sink *sink);
/* Apart from a set; free it. */
struct hc_clock *hc_clock_new(void);
void hc_clock_free(struct hc_clock *clock);
typedef struct hc_clock hc_clock_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_clock_t, hc_clock_free)

/* The next file of the set begins. `settings` is borrowed until the next. */
void hc_clock_file(struct hc_clock *clock, const struct hc_settings *settings);

/*
 * Sets time and note by what `written` says; lines come in the order of the file, with their locators. False:
 * the lines behind it decide, and have to be looked at first; then it is asked again.
 */
bool hc_clock_date(struct hc_clock *clock, struct hc_logline *line);
/*
 * Looks at what `in` holds behind this line, which moves its buffer: the line has to stand elsewhere. What
 * cannot be read ends the look. NULL: there is nothing to look at.
 */
void hc_clock_look(struct hc_clock *clock, const struct hc_logline *line, struct hc_input *in);

#endif
