/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PROSE_H
#define HC_PROSE_H

#include "src/base/yaml.h"
#include "src/narrate/finding.h"
#include "src/narrate/model.h"

/*
 * Sentences of the phrase catalogue (reports/lang/LANG.yaml) and lesson files, filled from the model. A
 * sentence names what it needs in braces and is left out as a whole when one of them is missing, so that a
 * report never says more than is known:
 *
 *   {taken} {other} {service} {projects} ...   values of the model, escaped for Markdown
 *   {@KEY} {@KEY.clock} {@KEY.date}            when an act was: "at 08:42:33", "between A and B", "by T";
 * 08:42:33; 22 November 2023; with the date, where that is not the first of the page: "08:42:33 on 23
 * November 2023"
 *   {%NAME}                                    a metric: "5 h 50 min 34 s", "less than 13 min 15 s"
 *   {#FACT} {#FACT.words} {#FACT.clock|moment|date|minute|duration|text}   a figure of the claim, gap or
 * lesson at hand
 *   {#FACT.codes}                              what it lists with commas, each as code
 *   {#FACT.hides} {#FACT.hides-of}             what records of the actions that it lists would tell, by the
 * catalogue's maps of these names
 *   {^KEY}                                     reference to its evidence, a numbered note; needed like all
 * else
 *   {?KEY} {!KEY} {?KEY=VALUE}                 nothing, but the sentence needs KEY to be there (not to be
 * there, to be VALUE)
 *
 * KEY of acts: create signin verify invite invite-last accept accept-last remove remove-last delete report
 * chat freeze reply restore close. KEY of references: those, invites accepts removals returns notices earlier
 * claim:NAME cite:FACT rule lost.
 */
struct prose {
    const struct model *m;
    const struct hc_yaml *lang;      /* the catalogue */
    const struct m_statement *about; /* whose figures {#...} are; NULL: none */
    const char *about_what;          /* "claim", "gap" or "lesson" */
    int depth; /* headings of blocks stand so much deeper: 1 in a part of a report on several incidents */
    GPtrArray *all;            /* struct model *: of each incident, in order */
    const struct found *found; /* where the case file suppresses findings: all of them; else NULL */
    GError *failed;            /* of a part's template */
    bool public;               /* what everybody may not see is masked */
    int64_t several;           /* incidents that the report is about, where there are more than one; else 0 */
    GPtrArray *notes;          /* char *: texts of the references, in order of first use */
    GHashTable *numbers;       /* text -> number */
};

/* Text of the catalogue at "a.b.c"; a missing one is a bug of the catalogue and shows as its key. */
const char *phrase(const struct prose *p, const char *key);
/* The same where the catalogue need not have it: NULL. */
const char *phrase_if(const struct prose *p, const char *key);
/* The sentence filled, or NULL when something that it needs is missing. Yours. */
char *fill_sentence(struct prose *p, const char *sentence);
/* The same with a capital letter at its beginning. */
char *say_sentence(struct prose *p, const char *sentence);
/* phrase(key) filled; NULL likewise. */
char *say(struct prose *p, const char *key);
/*
 * A section of the catalogue: a list of paragraphs, each a list of sentences (or one). Paragraphs without a
 * sentence left are left out; those that begin with "- " stand together as a list. Appends blocks, each
 * followed by an empty line.
 */
void write_section(struct prose *p, const struct hc_yaml *paragraphs, GString *out);
const struct hc_yaml *section(const struct prose *p, const char *key);

/* "### Text" and an empty line; level 3 is a heading inside of a section. */
void write_heading(const struct prose *p, int level, const char *text, GString *out);
/* "lead" for a takeover, "lead-finding", "lead-subject", "lead-nothing": what an incident of its kind has at
 * `key`. Yours. */
char *key_of_style(const struct prose *p, const char *key);

/* Markdown of a name: a code span. */
char *name_span(const char *name);
/* "A, B and C" of Markdown pieces. */
char *join_words(const struct prose *p, const GPtrArray *words);
/* "four projects", "one project", "12 projects": a noun of the catalogue with its number in words up to
 * ten. */
char *count_noun(const struct prose *p, const char *noun, int64_t n);
char *number_word(const struct prose *p, int64_t n);
char *group_digits(int64_t n); /* 2,174 */

/* Times as text; clock times are cut, never rounded. */
char *clock_of(int64_t us);                       /* "08:42:33" */
char *date_of(const struct prose *p, int64_t us); /* "22 November 2023" */
char *iso_date(int64_t us);                       /* "2023-11-22" */
/* The same with its date, where that is not the day which the page says that it begins on. */
char *moment_of(const struct prose *p, int64_t us);
/* "at ...", "between ... and ...", "by ..."; with the date of an end that is not of the day of `day`. */
char *when_phrase(const struct prose *p, const struct m_act *act, int64_t day);
/* An instant of the day on which the acts of the page begin: its lead names that day. */
int64_t first_day(const struct prose *p);
/* An interval as long as this is told by its end alone: "by 14:46:21". */
#define HC_BY_FROM (10 * 60 * HC_US_PER_S)

/* "5 min 12 s", "less than 13 min 15 s" where only the upper bound is known (least -1) or the lower one says
 * little. Yours. */
char *duration_words(const struct prose *p, int64_t least, int64_t most);
/* Of p->found: does it accuse, and does the case file leave it out? */
bool is_left_out(const struct finding *f);
/* The role that an act is about, as Markdown: a record's own word. */
char *role_words(const struct m_act *a);
/* Is it that of an account that suffered, by the notices that went to it? */
bool is_owners_mailbox(const struct prose *p, const char *mailbox);
/* The act a key names, or NULL. */
const struct m_act *act_by_key(const struct prose *p, const char *key);

/* References: "[^e3]" for what attests acts (all repeats of one act together), or for a text. Yours. */
char *note_text(struct prose *p, const char *text);
char *note_acts(struct prose *p, const struct m_act *const *acts, size_t n);
char *note_key(struct prose *p, const char *key); /* NULL when there is nothing to refer to */

#endif
