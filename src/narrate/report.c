/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/report.h"

#include "src/base/asset.h"
#include "src/base/text.h"
#include "src/narrate/blocks.h"

#include <errno.h>

#define NOTE_FILE_MAX (1u << 20) /* bytes of one file of notes/ or templates/ */

static void prose_clear(struct prose *p)
{
    g_clear_pointer(&p->numbers, g_hash_table_unref);
    g_clear_pointer(&p->notes, g_ptr_array_unref);
}

const char *const *hc_report_languages(void)
{
    static const char *const languages[] = {"en", NULL};

    return languages;
}

static void block_title(struct prose *p, GString *out)
{
    g_autofree char *returned = act_by_key(p, "restore") ? say(p, "title.returned") : NULL;
    g_autofree char *title = say(p, p->m->has_incident ? "title.takeover" : "title.nothing");

    g_string_append(out, returned ? returned : title ? title : "");
}

static void block_front(struct prose *p, GString *out)
{
    g_autoptr(GString) title = g_string_new(NULL);
    g_autofree char *about = say(p, p->m->has_incident ? "description.takeover" : "description.nothing"),
                    *date = iso_date(p->m->cut_off);
    char **lists[] = {p->m->c->authors, p->m->c->tags};
    static const char *const keys[] = {"authors", "tags"};

    g_string_append(out, "---\ntitle: ");
    block_title(p, title);
    hc_text_json(out, hc_str(title->str));
    g_string_append(out, "\ndescription: ");
    hc_text_json(out, hc_str(about ? about : ""));
    g_string_append_printf(out, "\ndate: %s\n", date);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_string_append_printf(out, "%s: [", keys[i]);
        for (char **item = lists[i]; *item; item++) {
            g_string_append(out, item == lists[i] ? "" : ", ");
            hc_text_json(out, hc_str(*item));
        }
        g_string_append(out, "]\n");
    }
    g_string_append(out, "---\n");
}

static void block_lead(struct prose *p, GString *out)
{
    write_section(p, section(p, p->m->has_incident ? "lead" : "nothing"), out);
}

static void block_advice(struct prose *p, GString *out)
{
    write_section(p, section(p, "advice"), out);
}

static void block_thanks(struct prose *p, GString *out)
{
    write_section(p, section(p, "thanks"), out);
}

static void block_references(struct prose *p, GString *out)
{
    for (guint i = 0; i < p->notes->len; i++)
        g_string_append_printf(out, "[^e%u]: %s\n", i + 1, (const char *)p->notes->pdata[i]);
}

static void block_whole_timeline(struct prose *p, GString *out)
{
    block_timeline(p, out);
    block_projects(p, out);
}

static const struct {
    const char *name;
    void (*write)(struct prose *p, GString *out);
} blocks[] = {
    {"front", block_front},       {"title", block_title},           {"lead", block_lead},
    {"summary", block_summary},   {"story", block_story},           {"timeline", block_whole_timeline},
    {"impact", block_impact},     {"response", block_response},     {"unknown", block_unknown},
    {"lessons", block_lessons},   {"advice", block_advice},         {"thanks", block_thanks},
    {"evidence", block_evidence}, {"references", block_references},
};

/* A file of the case that is optional; NULL when it is not there or too large. */
static char *case_file(const struct hc_case *c, const char *folder, const char *name)
{
    g_autofree char *inside = g_strdup_printf("%s/%s.md", folder, name), *path = hc_case_path(c, inside);
    g_autofree char *text = NULL;
    gsize n = 0;
    GString *clean;

    if (!g_file_get_contents(path, &text, &n, NULL) || n > NOTE_FILE_MAX)
        return NULL;
    clean = g_string_new(NULL);
    hc_text_utf8(clean, hc_str_trim(hc_str_n(text, n)));
    return g_string_free(clean, FALSE);
}

/* Text by the writer of the report, as it stands. */
static void write_note(struct prose *p, const char *slot, GString *out)
{
    g_autofree char *text = case_file(p->m->c, "notes", slot);

    if (text && *text)
        g_string_append_printf(out, "%s\n\n", text);
}

static bool write_block(struct prose *p, const char *name, GString *out)
{
    if (g_str_has_prefix(name, "notes.")) {
        write_note(p, name + strlen("notes."), out);
        return true;
    }
    if (g_str_has_prefix(name, "heading.")) {
        g_string_append(out, phrase(p, name));
        return section(p, name) != NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (strcmp(name, blocks[i].name) == 0) {
            blocks[i].write(p, out);
            return true;
        }
    return false;
}

/* Empty lines are folded to one, so that blocks that had nothing to say leave no hole. */
static void tidy(GString *text)
{
    gsize to = 0, breaks = 0;

    for (gsize i = 0; i < text->len; i++) {
        breaks = text->str[i] == '\n' ? breaks + 1 : 0;
        if (breaks <= 2)
            text->str[to++] = text->str[i];
    }
    g_string_truncate(text, to);
}

static bool fill_template(struct prose *p, const char *text, const char *file, GString *out, GError **error)
{
    while (*text) {
        const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
        g_autofree char *name = close ? g_strndup(open + 2, (gsize)(close - open - 2)) : NULL;
        if (!close) {
            g_string_append(out, text);
            break;
        }
        g_string_append_len(out, text, open - text);
        if (!write_block(p, name, out))
            return hc_fail(error, HC_ERROR_CONFIG, "%s: there is no block called '%s'", file, name);
        text = close + 2;
        if (*text == '\n' && out->len && out->str[out->len - 1] == '\n')
            text++;
    }
    tidy(out);
    return true;
}

static bool write_markdown(struct prose *p, GString *out, GError **error)
{
    const char *name = p->m->has_incident ? "incident" : "nothing";
    g_autofree char *own = case_file(p->m->c, "templates", name),
                    *file = g_strdup_printf("reports/templates/%s.md", name);
    g_autofree char *shipped = own ? NULL : hc_str_dup(hc_asset(file));

    return fill_template(p, own ? own : shipped, own ? "templates" : file, out, error);
}

static bool put_file(const struct hc_renderer *renderer, const struct hc_report_text *text, const char *dir,
                     GPtrArray *written, GError **error)
{
    g_autofree char *path = g_build_filename(dir, renderer->file, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) failed = NULL;

    if (!renderer->render(text, out, error))
        return false;
    if (!out->len)
        return true;
    if (!g_file_set_contents(path, out->str, (gssize)out->len, &failed))
        return hc_fail(error, HC_ERROR_IO, "%s", failed->message);
    g_ptr_array_add(written, g_steal_pointer(&path));
    return true;
}

static bool draw(struct prose *p, GString *page, GString *alone, GError **error)
{
    struct hc_figure *figure = figure_of(p);
    bool ok =
        !figure || (hc_figure_svg(figure, false, page, error) && hc_figure_svg(figure, true, alone, error));

    hc_figure_free(figure);
    return ok;
}

static bool render_all(struct prose *p, const struct hc_renderer *const *renderers, const char *lang,
                       const char *dir, GPtrArray *written, GError **error)
{
    g_autoptr(GString) markdown = g_string_new(NULL), svg = g_string_new(NULL), alone = g_string_new(NULL),
                       title = g_string_new(NULL);
    g_autofree char *about = say(p, p->m->has_incident ? "description.takeover" : "description.nothing"),
                    *date = iso_date(p->m->cut_off);
    struct hc_report_text text = {.description = about ? about : "",
                                  .lang = lang,
                                  .date = date,
                                  .tags = (const char *const *)p->m->c->tags};

    if (!write_markdown(p, markdown, error) || !draw(p, svg, alone, error))
        return false;
    block_title(p, title);
    text.title = title->str;
    text.markdown = hc_str_n(markdown->str, markdown->len);
    text.svg = hc_str_n(svg->str, svg->len);
    text.svg_alone = hc_str_n(alone->str, alone->len);
    if (g_mkdir_with_parents(dir, 0777) != 0)
        return hc_fail(error, HC_ERROR_IO, "%s: %s", dir, g_strerror(errno));
    for (; *renderers; renderers++)
        if (!put_file(*renderers, &text, dir, written, error))
            return false;
    return true;
}

bool hc_report_write(hc_db *db, const struct hc_case *c, const struct hc_renderer *const *renderers,
                     const char *lang, const char *dir, GPtrArray *written, GError **error)
{
    g_autofree char *file = g_strdup_printf("reports/lang/%s.yaml", lang), *own = hc_case_path(c, "report");
    g_autoptr(model_t) m = model_load(db, c, error);
    g_autoptr(hc_yaml_t) words = m ? hc_yaml_parse(hc_asset(file), file, error) : NULL;
    struct prose p = {.m = m, .lang = words};
    bool ok;

    if (!words)
        return false;
    p.notes = g_ptr_array_new_with_free_func(g_free);
    p.numbers = g_hash_table_new(g_str_hash, g_str_equal);
    ok = render_all(&p, renderers, lang, dir ? dir : own, written, error);
    prose_clear(&p);
    return ok;
}
