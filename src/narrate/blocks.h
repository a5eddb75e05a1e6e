/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BLOCKS_H
#define HC_BLOCKS_H

#include "src/narrate/figure.h"
#include "src/narrate/prose.h"

/* Inside of reports: the blocks that a template asks for by name. Each appends Markdown that ends with an
 * empty line. */
void block_summary(struct prose *p, GString *out);
void block_timeline(struct prose *p, GString *out);
void block_story(struct prose *p, GString *out);
void block_impact(struct prose *p, GString *out);
void block_response(struct prose *p, GString *out);
void block_asked(struct prose *p, GString *out);
void block_unknown(struct prose *p, GString *out);
void block_lessons(struct prose *p, GString *out);
void block_evidence(struct prose *p, GString *out);
/* How long each project was in wrong hands, and what was released meanwhile, as a table. */
void block_exposures(struct prose *p, GString *out);
/* The projects as a table, the words of the figure. */
void block_projects(struct prose *p, GString *out);

/* The figure of an incident, of a takeover or of what rules found in two acts and more; NULL for what is
 * none. Free with hc_figure_free. */
bool has_figure(const struct prose *p);
struct hc_figure *figure_of(struct prose *p);

/* The acts in the order in which a reader looks for them: what was derived as an interval stands at its end.
 * Yours. */
GPtrArray *acts_for_readers(const struct prose *p);

/* The sentence that tells an act, present tense, without references; as Markdown, or as plain text for a
 * figure. Yours. */
char *act_sentence(struct prose *p, const struct m_act *act, bool markdown);

/* Inside of the appendix: which names are those of the parties of the incidents. */
void write_who(struct prose *p, GString *out);

#endif
