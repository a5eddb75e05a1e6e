/* SPDX-License-Identifier: Apache-2.0 */
/* References: where in the evidence a sentence stands, as numbered notes. */
#include "src/narrate/prose.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"

#define QUOTE_MAX 120 /* bytes of a record's own words in a note */

char *note_text(struct prose *p, const char *text)
{
    void *number = g_hash_table_lookup(p->numbers, text);

    if (!number) {
        char *copy = g_strdup(text);
        g_ptr_array_add(p->notes, copy);
        number = GINT_TO_POINTER((int)p->notes->len);
        g_hash_table_insert(p->numbers, copy, number);
    }
    return g_strdup_printf("[^e%d]", GPOINTER_TO_INT(number));
}

/* The lines of one record type in one source. */
struct lines {
    const struct m_source *source;
    const char *type, *native;
    GArray *numbers; /* int64_t */
};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* "line 3", "lines 3, 5-7". */
static char *line_list(const struct prose *p, GArray *numbers)
{
    GString *out = g_string_new(NULL);
    guint n = 0;

    g_array_sort(numbers, by_number);
    for (guint i = 0; i < numbers->len; n++) {
        int64_t from = g_array_index(numbers, int64_t, i), to = from;
        while (++i < numbers->len && g_array_index(numbers, int64_t, i) <= to + 1)
            to = g_array_index(numbers, int64_t, i);
        g_string_append_printf(out,
                               to > from ? "%s%" G_GINT64_FORMAT "–%" G_GINT64_FORMAT : "%s%" G_GINT64_FORMAT,
                               n ? ", " : "", from, to);
    }
    g_string_prepend(out, phrase(p, numbers->len > 1 ? "note.lines" : "note.line"));
    return g_string_free(out, FALSE);
}

static void add_line(GArray *groups, const struct m_attest *a)
{
    struct lines new = {a->source, a->type, a->native, NULL};

    for (guint i = 0; i < groups->len; i++) {
        struct lines *g = &g_array_index(groups, struct lines, i);
        if (g->source == a->source && g_strcmp0(g->type, a->type) == 0) {
            g_array_append_val(g->numbers, a->line);
            return;
        }
    }
    new.numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_append_val(new.numbers, a->line);
    g_array_append_val(groups, new);
}

static void lines_clear(void *data)
{
    g_array_unref(((struct lines *)data)->numbers);
}

static bool is_table(const struct lines *g)
{
    return g->source->system == M_DATABASE;
}

static void write_group(const struct prose *p, const struct lines *g, bool path, bool quote, GString *out)
{
    g_autofree char *lines = line_list(p, g->numbers), *name = name_span(g->source->path),
                    *type = name_span(g->type);

    if (path)
        g_string_append_printf(out, "%s, ", name);
    if (is_table(g))
        g_string_append_printf(out, "%s, ", type);
    g_string_append(out, lines);
    if (quote && g->native && is_table(g)) {
        g_autoptr(GString) words = g_string_new(NULL);
        hc_markdown_escape(words, hc_text_cut(hc_str(g->native), QUOTE_MAX));
        g_string_append_printf(out, ": “%s”", words->str);
    }
}

/* `how` is a NULL-ended list of the ways of attesting that are wanted. */
static void write_places(const struct prose *p, const struct m_act *const *acts, size_t n,
                         const char *const *how, bool quote, GString *out)
{
    g_autoptr(GArray) groups = g_array_new(FALSE, TRUE, sizeof(struct lines));
    const struct m_source *last = NULL;

    g_array_set_clear_func(groups, lines_clear);
    for (size_t i = 0; i < n; i++)
        for (guint j = 0; j < acts[i]->attests->len; j++) {
            const struct m_attest *a = &g_array_index(acts[i]->attests, struct m_attest, j);
            if (a->source && g_strv_contains(how, a->how))
                add_line(groups, a);
        }
    for (guint i = 0; i < groups->len; i++) {
        const struct lines *g = &g_array_index(groups, struct lines, i);
        if (out->len)
            g_string_append(out, "; ");
        write_group(p, g, g->source != last, quote, out);
        last = g->source;
    }
}

/* What follows after a semicolon and some words, when there is anything. */
static void add_part(const struct prose *p, const char *words, const GString *part, GString *out)
{
    if (part->len)
        g_string_append_printf(out, "%s%s%s", out->len ? "; " : "", out->len ? phrase(p, words) : "",
                               part->str);
}

char *note_acts(struct prose *p, const struct m_act *const *acts, size_t n)
{
    static const char *const own[] = {"record", "state", "statement", NULL}, *const copies[] = {"record-copy",
                                                                                                NULL};
    static const char *const mails[] = {"notice", NULL}, *const bounds[] = {"bound", NULL};
    g_autoptr(GString) text = g_string_new(NULL), copy = g_string_new(NULL), mail = g_string_new(NULL),
                       bound = g_string_new(NULL);

    write_places(p, acts, n, own, true, text);
    write_places(p, acts, n, copies, false, copy);
    write_places(p, acts, n, mails, false, mail);
    write_places(p, acts, n, bounds, false, bound);
    add_part(p, "note.copies", copy, text);
    add_part(p, "note.notices", mail, text);
    add_part(p, "note.bounds", bound, text);
    return text->len ? note_text(p, text->str) : NULL;
}

static char *acts_of(struct prose *p, enum hc_action action, enum hc_action or, const char *phase)
{
    g_autoptr(GPtrArray) acts = g_ptr_array_new();

    for (guint i = 0; i < p->m->acts->len; i++) {
        struct m_act *a = p->m->acts->pdata[i];
        if ((a->action == action || a->action == or) && strcmp(a->phase, phase) == 0)
            g_ptr_array_add(acts, a);
    }
    return acts->len ? note_acts(p, (const struct m_act *const *)acts->pdata, acts->len) : NULL;
}

/* All cites with this fact of a statement, one note. */
static char *cites_of(struct prose *p, const char *of, const char *name, const char *fact)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < p->m->cites->len; i++) {
        const struct m_cite *c = &g_array_index(p->m->cites, struct m_cite, i);
        g_autofree char *path = c->source ? name_span(c->source->path) : NULL;
        g_autoptr(GString) words = g_string_new(NULL);
        if (strcmp(c->of, of) != 0 || strcmp(c->name, name) != 0 || strcmp(c->fact, fact) != 0)
            continue;
        hc_markdown_escape(words, hc_str(c->text));
        if (text->len)
            g_string_append(text, "; ");
        if (path)
            g_string_append_printf(text, "%s, ", path);
        if (c->line)
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT ": ", phrase(p, "note.line"), c->line);
        g_string_append(text, words->str);
    }
    return text->len ? note_text(p, text->str) : NULL;
}

static char *rule_note(struct prose *p, const char *fact)
{
    g_autofree char *rule = fact_string(p->about, fact);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!rule)
        return NULL;
    g_string_append(text, phrase(p, "note.rule"));
    hc_markdown_escape(text, hc_str(rule));
    return note_text(p, text->str);
}

/* The acts that notices to the owner's mailbox were about: their notes name the mail rows. */
static char *notices_note(struct prose *p)
{
    static const char *const how[] = {"notice", "delivery", NULL};
    g_autoptr(GPtrArray) acts = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < p->m->notices->len; i++) {
        const struct m_notice *n = &g_array_index(p->m->notices, struct m_notice, i);
        const struct m_act *a = model_act(p->m, n->act);
        if (a && g_strcmp0(n->role, "owner-mailbox") == 0 && !g_ptr_array_find(acts, a, NULL))
            g_ptr_array_add(acts, (void *)a);
    }
    write_places(p, (const struct m_act *const *)acts->pdata, acts->len, how, false, text);
    return text->len ? note_text(p, text->str) : NULL;
}

char *note_key(struct prose *p, const char *key)
{
    const struct m_act *act = act_by_key(p, key);

    if (act)
        return note_acts(p, &act, 1);
    if (strcmp(key, "invites") == 0)
        return acts_of(p, HC_ACTION_ROLE_INVITE, HC_ACTION_NONE, "takeover");
    if (strcmp(key, "accepts") == 0)
        return acts_of(p, HC_ACTION_ROLE_ACCEPT, HC_ACTION_NONE, "takeover");
    if (strcmp(key, "removals") == 0)
        return acts_of(p, HC_ACTION_ROLE_REMOVE, HC_ACTION_NONE, "takeover");
    if (strcmp(key, "returns") == 0)
        return acts_of(p, HC_ACTION_ROLE_ADD, HC_ACTION_ROLE_REMOVE, "recovery");
    if (strcmp(key, "deletes") == 0)
        return acts_of(p, HC_ACTION_ACCOUNT_DELETE, HC_ACTION_NONE, "destruction");
    if (strcmp(key, "finding") == 0 && p->m->findings->len) {
        const GPtrArray *acts = g_array_index(p->m->findings, struct m_finding, 0).acts;
        return note_acts(p, (const struct m_act *const *)acts->pdata, acts->len);
    }
    if (strcmp(key, "notices") == 0)
        return notices_note(p);
    if (g_str_has_prefix(key, "claim:"))
        return cites_of(p, "claim", key + 6, "examined");
    if (g_str_has_prefix(key, "cite:") && p->about)
        return cites_of(p, p->about_what, p->about->name, key + 5);
    if (g_str_has_prefix(key, "rule:"))
        return rule_note(p, key + 5);
    return NULL;
}
