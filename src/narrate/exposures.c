/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/blocks.h"

#include "src/base/markup.h"
#include "src/base/words.h"

/* "2024-05-06 10:01:00", "by 2024-05-06 14:46:21", with its reference. */
static char *when_cell(struct prose *p, const struct m_act *a)
{
    int64_t us = a->inferred ? a->until : a->time;
    g_autofree char *date = iso_date(us), *clock = clock_of(us), *note = note_acts(p, &a, 1),
                    *stamp = g_strdup_printf("%s %s", date, clock);
    const char *const pairs[] = {"to", stamp, NULL};
    g_autofree char *when = a->inferred ? hc_words_fill(phrase(p, "time.by"), pairs) : g_strdup(stamp);

    return g_strconcat(when, note, NULL);
}

static char *releases_cell(const struct prose *p, const struct m_exposure *x)
{
    g_autofree char *n = x->releases < 0 ? NULL : group_digits(x->releases);

    return n ? g_steal_pointer(&n) : g_strdup(phrase(p, "exposure.unknown"));
}

static char *downloads_cell(const struct prose *p, const struct m_exposure *x)
{
    g_autofree char *least = group_digits(x->downloads_least), *most = group_digits(x->downloads_most);
    const char *const pairs[] = {"least", least, "most", most, NULL};

    if (x->downloads_most < 0)
        return g_strdup(phrase(p, "exposure.not-given"));
    return x->downloads_least == x->downloads_most ? g_steal_pointer(&most)
                                                   : hc_words_fill(phrase(p, "time.least-to-most"), pairs);
}

static void write_row(struct prose *p, const struct m_exposure *x, bool downloads, GString *out)
{
    g_autofree char *name = name_span(x->project), *from = when_cell(p, x->from),
                    *to = x->to ? when_cell(p, x->to) : g_strdup(phrase(p, "exposure.open")),
                    *took = x->most < 0 ? g_strdup(phrase(p, "none")) : duration_words(p, x->least, x->most),
                    *releases = releases_cell(p, x), *loads = downloads_cell(p, x);

    g_string_append_printf(out, "| %s | %s | %s | %s | %s |", name, from, to, took, releases);
    g_string_append_printf(out, downloads ? " %s |\n" : "\n", loads);
}

void block_exposures(struct prose *p, GString *out)
{
    bool downloads = false;
    guint n = 0;

    for (guint i = 0; i < p->m->exposures->len; i++)
        downloads |= g_array_index(p->m->exposures, struct m_exposure, i).downloads_most >= 0;
    for (guint i = 0; i < p->m->exposures->len; i++) {
        const struct m_exposure *x = &g_array_index(p->m->exposures, struct m_exposure, i);
        if (!x->from)
            continue;
        if (!n++)
            g_string_append_printf(out, "%s\n\n%s\n%s\n",
                                   phrase(p, p->m->other->len ? "exposure.intro" : "exposure.intro-nobody"),
                                   phrase(p, downloads ? "exposure.head-downloads" : "exposure.head"),
                                   downloads ? "|---|---|---|---|--:|--:|" : "|---|---|---|---|--:|");
        write_row(p, x, downloads, out);
    }
    if (n)
        g_string_append_c(out, '\n');
}
