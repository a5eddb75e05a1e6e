/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_HTML_WORDS_H
#define HC_HTML_WORDS_H

/* What the page says of itself, beside the report: HTML, in the report's language. */

struct hc_page_words {
    const char *lang; /* prefix of the language tag */
    const char *skip, *contents, *kicker, *evidence, *back, *of_evidence, *figure, *table, *references,
        *footer;
};

/* For a language tag, NULL: unknown; English where the language has no words of its own. */
const struct hc_page_words *hc_page_words_for(const char *lang);

#endif
