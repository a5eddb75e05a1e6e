/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who: what was joined and why, and what was not; as a list, and in the appendix for those that a
 * report is about. */
#include "src/narrate/blocks.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"
#include "src/narrate/cells.h"
#include "src/narrate/mask.h"

static const struct column identity_columns[] = {
    {"name", KIND_TEXT},     {"realm", KIND_TEXT},    {"kind", KIND_TEXT},    {"relation", KIND_TEXT},
    {"member", KIND_TEXT},   {"of_realm", KIND_TEXT}, {"of_kind", KIND_TEXT}, {"reason", KIND_TEXT},
    {"strength", KIND_TEXT}, {"since", KIND_TIME},    {"until", KIND_TIME},   {"because", KIND_TEXT},
    {"source", KIND_TEXT},   {"line", KIND_INT},
};
enum {
    WHO_NAME,
    WHO_REALM,
    WHO_KIND,
    WHO_RELATION,
    WHO_MEMBER,
    WHO_OF_REALM,
    WHO_OF_KIND,
    WHO_REASON,
    WHO_STRENGTH,
    WHO_BECAUSE = 11,
    WHO_SOURCE,
    WHO_LINE,
    WHO_ID
};

/* A cell_fn: as everybody may see it. */
static void mask_cell(void *data, hc_stmt *st, size_t i, GString *text)
{
    bool member = i == WHO_MEMBER, named = member || i == WHO_NAME;
    struct hc_str kind = named ? hc_col_text(st, member ? WHO_OF_KIND : WHO_KIND) : HC_STR_NONE;
    g_autofree char *shown = NULL;

    if (!named && i != WHO_BECAUSE && i != WHO_SOURCE)
        return;
    shown = kind.n > 3 && hc_str_ends(kind, " id") ? mask_identifier(text->str) : mask_text(data, text->str);
    g_string_assign(text, shown);
}

static void show_cell(hc_stmt *st, size_t i, enum kind kind, const struct cell_change *change, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!cell_text(st, (int)i, kind, text))
        g_string_assign(text, "-");
    else if (change)
        change->fn(change->data, st, i, text);
    hc_text_visible(out, hc_str_n(text->str, text->len), false);
}

/* "    is the mailbox ann@mail.example of mail (strong, notices): why  [path:line]" */
static void member_text(hc_stmt *st, const struct cell_change *change, GString *out)
{
    static const struct {
        const char *before;
        int column;
    } parts[] = {{"    ", WHO_RELATION}, {" the ", WHO_OF_KIND}, {" ", WHO_MEMBER}, {" of ", WHO_OF_REALM}};

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_string_append(out, parts[i].before);
        show_cell(st, (size_t)parts[i].column, KIND_TEXT, change, out);
    }
    g_string_append(out, " (");
    if (!hc_col_null(st, WHO_STRENGTH)) {
        show(st, WHO_STRENGTH, KIND_TEXT, out);
        g_string_append(out, ", ");
    }
    show(st, WHO_REASON, KIND_TEXT, out);
    g_string_append(out, "): ");
    show_cell(st, WHO_BECAUSE, KIND_TEXT, change, out);
    if (!hc_col_null(st, WHO_SOURCE)) {
        g_string_append(out, "  [");
        show_cell(st, WHO_SOURCE, KIND_TEXT, change, out);
        g_string_append_c(out, ':');
        show(st, WHO_LINE, KIND_INT, out);
        g_string_append_c(out, ']');
    }
    g_string_append_c(out, '\n');
}

static void head_text(hc_stmt *st, const struct cell_change *change, GString *out)
{
    show(st, WHO_KIND, KIND_TEXT, out);
    g_string_append_c(out, ' ');
    show_cell(st, WHO_NAME, KIND_TEXT, change, out);
    g_string_append(out, " of ");
    show(st, WHO_REALM, KIND_TEXT, out);
    g_string_append_c(out, '\n');
}

bool hc_rows_identities(hc_db *db, const struct hc_case *public, enum hc_rows_format format,
                        struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(mask_t) mask = public ? mask_new(public, "network address {n}") : NULL;
    const struct cell_change masked = {mask_cell, mask}, *change = mask ? &masked : NULL;
    hc_stmt *st = hc_db_stmt(db, "rows", "identities");
    int64_t last = 0;
    bool ok = true;
    int rc = 0;

    if (format == HC_ROWS_CSV)
        head_csv(identity_columns, G_N_ELEMENTS(identity_columns), out);
    while (ok && (rc = hc_step(st, error)) == 1) {
        if (!row_changed_in(format, st, identity_columns, G_N_ELEMENTS(identity_columns), change, out)) {
            if (hc_col_int(st, WHO_ID) != last)
                head_text(st, change, out);
            last = hc_col_int(st, WHO_ID);
            member_text(st, change, out);
        }
        ok = flush_rows(w, out, FLUSH_SIZE, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0 && flush_rows(w, out, 0, error);
}

/* One line of the appendix, unless another incident has told it. */
static void write_identity(struct prose *p, const struct m_identity *i, GHashTable *told, GString *out)
{
    g_autofree char *key = g_strconcat("who.", i->relation, NULL), *name = name_span(i->name),
                    *member = name_span(i->member);
    g_autoptr(GString) because = g_string_new(NULL);
    g_autofree char *place = i->path ? name_span(i->path) : NULL, *note = NULL, *text = NULL;
    const char *strength = i->strength ? i->strength : "";

    hc_markdown_escape(because, hc_str(i->because));
    const char *const pairs[] = {"name",       name,       "member", member, "because",
                                 because->str, "strength", strength, NULL};
    text = hc_words_fill(phrase(p, key), pairs);
    if (!g_hash_table_add(told, g_strdup(text)))
        return;
    if (place) {
        g_autofree char *where = g_strdup_printf("%s, line %" G_GINT64_FORMAT, place, i->line);
        note = note_text(p, where);
    }
    g_string_append_printf(out, "%s%s\n", text, note ? note : "");
}

void write_who(struct prose *p, GString *out)
{
    g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) lines = g_string_new(NULL);

    for (guint n = 0; p->all && n < p->all->len; n++) {
        const struct model *m = p->all->pdata[n];
        for (guint i = 0; i < m->identities->len; i++)
            write_identity(p, &g_array_index(m->identities, struct m_identity, i), told, lines);
    }
    if (!lines->len)
        return;
    write_heading(p, 3, phrase(p, "who.heading"), out);
    g_string_append_printf(out, "%s\n\n%s\n", phrase(p, "who.intro"), lines->str);
}
