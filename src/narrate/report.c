/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/report.h"

#include "src/base/asset.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/narrate/blocks.h"
#include "src/narrate/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define NOTE_FILE_MAX (1u << 20) /* bytes of one file of notes/ or templates/ */

static void prose_clear(struct prose *p)
{
    g_clear_error(&p->failed);
    g_clear_pointer(&p->numbers, g_hash_table_unref);
    g_clear_pointer(&p->notes, g_ptr_array_unref);
}

const char *const *hc_report_languages(void)
{
    static const char *const languages[] = {"en", NULL};

    return languages;
}

/* What the page as a whole is called, and what it is about: the first sentence of these that can be said. */
static char *page_words(struct prose *p, const char *what)
{
    g_autofree char *own = key_of_style(p, what);
    const char *const endings[] = {p->several                                              ? "-several"
                                   : p->m->style == M_TAKEOVER && act_by_key(p, "restore") ? "-returned"
                                                                                           : NULL,
                                   "",
                                   "-plural",
                                   "-finding",
                                   "-nothing",
                                   "-left-out"};

    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *key = endings[i] ? g_strconcat(*endings[i] ? what : own, endings[i], NULL) : NULL,
                        *text = key && section(p, key) ? say(p, key) : NULL;
        if (text)
            return g_steal_pointer(&text);
    }
    return g_strdup("");
}

/* The title where it is no Markdown: without the backslashes that keep it from being markup. */
static char *plain_title(struct prose *p)
{
    char *title = page_words(p, "title"), *to = title;

    for (const char *from = title; *from; from++)
        if (*from != '\\' || !g_ascii_ispunct(from[1]))
            *to++ = *from;
        else
            *to++ = *++from;
    *to = '\0';
    return title;
}

static void block_title(struct prose *p, GString *out)
{
    g_autofree char *title = page_words(p, "title");

    g_string_append(out, title);
}

/* Of the last record or dump; "" where nothing is dated. */
static char *cut_off_date(const struct prose *p)
{
    return p->m->cut_off ? iso_date(p->m->cut_off) : g_strdup("");
}

static void block_front(struct prose *p, GString *out)
{
    g_autofree char *title = plain_title(p), *about = page_words(p, "description"), *date = cut_off_date(p);
    char **lists[] = {p->m->c->authors, p->m->c->tags};
    static const char *const keys[] = {"authors", "tags"};

    g_string_append(out, "---\ntitle: ");
    hc_text_json(out, hc_str(title));
    g_string_append(out, "\ndescription: ");
    hc_text_json(out, hc_str(about));
    g_string_append(out, *date ? "\ndate: " : "");
    g_string_append_printf(out, "%s\n", date);
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
    g_autofree char *key = p->several && !p->depth ? g_strdup("lead-several") : key_of_style(p, "lead");

    write_section(p, section(p, key), out);
}

/* "Incident 2: `ann` taken over" */
static void block_part(struct prose *p, GString *out)
{
    g_autofree char *key = key_of_style(p, "part"), *text = say(p, key);

    g_string_append(out, text ? text : "");
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
    if (p->m->style == M_TAKEOVER)
        block_projects(p, out);
}

static void block_overview(struct prose *p, GString *out);
static void block_parts(struct prose *p, GString *out);

static const struct {
    const char *name;
    void (*write)(struct prose *p, GString *out);
} blocks[] = {
    {"front", block_front},       {"title", block_title},           {"lead", block_lead},
    {"summary", block_summary},   {"story", block_story},           {"timeline", block_whole_timeline},
    {"impact", block_impact},     {"response", block_response},     {"unknown", block_unknown},
    {"lessons", block_lessons},   {"advice", block_advice},         {"thanks", block_thanks},
    {"evidence", block_evidence}, {"references", block_references}, {"part", block_part},
    {"overview", block_overview}, {"parts", block_parts},           {"asked", block_asked},
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
    if (strcmp(name, "notes.part") == 0) {
        g_autofree char *slot = g_strdup_printf("incident-%" G_GINT64_FORMAT, p->m->number);
        write_note(p, slot, out);
        return true;
    }
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

/* A heading that waits for what it heads. */
struct pending {
    gsize at, behind; /* of its line, and of what comes after it */
    int level;        /* 0: none */
};

static int level_of(const GString *out, gsize *line)
{
    int level = 0;

    for (*line = out->len; *line && out->str[*line - 1] != '\n';)
        level += out->str[--*line] == '#';
    return level;
}

/* Takes the heading back when nothing but another of its rank, or the end, came after it. */
static void drop_empty(GString *out, const struct pending *heading, gsize end)
{
    const char *text = out->str + heading->behind;

    if (heading->level && strspn(text, " \n") >= end - heading->behind)
        g_string_erase(out, (gssize)heading->at, (gssize)(end - heading->at));
}

static bool fill_template(struct prose *p, const char *text, const char *file, GString *out, GError **error)
{
    struct pending heading = {0};

    while (*text) {
        const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
        g_autofree char *name = close ? g_strndup(open + 2, (gsize)(close - open - 2)) : NULL;
        if (!close) {
            g_string_append(out, text);
            break;
        }
        g_string_append_len(out, text, open - text);
        if (g_str_has_prefix(name, "heading.")) {
            gsize line;
            int level = level_of(out, &line);
            if (level <= heading.level) {
                gsize before = out->len;
                drop_empty(out, &heading, line);
                line -= before - out->len;
            }
            heading = (struct pending){line, 0, level};
        }
        if (!write_block(p, name, out))
            return hc_fail(error, HC_ERROR_CONFIG, "%s: there is no block called '%s'", file, name);
        if (g_str_has_prefix(name, "heading."))
            heading.behind = out->len;
        text = close + 2;
        if (*text == '\n' && out->len && out->str[out->len - 1] == '\n')
            text++;
    }
    drop_empty(out, &heading, out->len);
    tidy(out);
    return true;
}

/* A template of the case, or ours. */
static bool write_template(struct prose *p, const char *name, GString *out, GError **error)
{
    g_autofree char *own = case_file(p->m->c, "templates", name),
                    *file = g_strdup_printf("reports/templates/%s.md", name);
    g_autofree char *shipped = own ? NULL : hc_str_dup(hc_asset(file));

    return fill_template(p, own ? own : shipped, own ? "templates" : file, out, error);
}

/* One row for each incident: what, when, who. */
static void block_overview(struct prose *p, GString *out)
{
    const struct model *first = p->m;

    g_string_append_printf(out, "%s\n|---|---|---|---|---|---|\n", phrase(p, "overview.head"));
    for (guint i = 0; i < p->all->len; i++) {
        g_autofree char *row = NULL, *none = NULL;
        p->m = p->all->pdata[i];
        none = key_of_style(p, "overview.row");
        row = say(p, none);
        g_string_append_printf(out, "%s\n", row ? row : "");
    }
    p->m = first;
    g_string_append_c(out, '\n');
}

/* Each incident through the template of a part; a wrong one of the case's is told when the whole is
 * filled. */
static void block_parts(struct prose *p, GString *out)
{
    const struct model *first = p->m;

    p->depth = 1;
    for (guint i = 0; !p->failed && i < p->all->len; i++) {
        g_autoptr(GString) part = g_string_new(NULL);
        p->m = p->all->pdata[i];
        write_template(p, "part", part, &p->failed);
        g_string_append(out, part->str);
    }
    p->depth = 0;
    p->m = first;
}

static bool write_markdown(struct prose *p, GString *out, GError **error)
{
    const char *name = p->several ? "incidents" : p->m->style == M_NOTHING ? "nothing" : "incident";

    if (!write_template(p, name, out, error))
        return false;
    if (p->failed)
        g_propagate_error(error, g_steal_pointer(&p->failed));
    return !*error;
}

/* "incident.html", or "timeline-2.svg", with what makes the name of a file that is not complete yet: a dot
 * and six characters. */
static bool is_leftover(const struct hc_renderer *renderer, const char *name)
{
    const char *dot = strrchr(renderer->file, '.'), *more = strrchr(name, '.');
    const size_t stem = (size_t)(dot - renderer->file);
    const char *p = name + stem;

    if (!more || strlen(more) != 7 || strncmp(name, renderer->file, stem) != 0)
        return false;
    if (*p == '-')
        for (p++; g_ascii_isdigit(*p); p++)
            ;
    return g_str_has_prefix(p, dot) && p + strlen(dot) == more;
}

/* A file is written beside its place and then put there; what a run that was killed in between has left is
 * removed. */
static void clear_leftovers(const struct hc_renderer *const *renderers, const char *dir)
{
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    const char *name;

    while (entries && (name = g_dir_read_name(entries)))
        for (size_t i = 0; renderers[i]; i++)
            if (is_leftover(renderers[i], name)) {
                g_autofree char *path = g_build_filename(dir, name, NULL);
                g_unlink(path);
            }
}

/* Which of several files of this renderer has the name, from 1; 0: it is none of them. */
static guint number_of(const struct hc_renderer *renderer, const char *name)
{
    const char *dot = strrchr(renderer->file, '.'), *p = name + (dot - renderer->file);
    char *end;
    guint64 n;

    if (strcmp(name, renderer->file) == 0)
        return 1;
    if (strncmp(name, renderer->file, (size_t)(dot - renderer->file)) != 0 || *p != '-' ||
        !g_ascii_isdigit(p[1]) || p[1] == '0')
        return 0;
    n = g_ascii_strtoull(p + 1, &end, 10);
    return strcmp(end, dot) == 0 && n > 1 && n <= G_MAXUINT ? (guint)n : 0;
}

/* Does the file begin as those of the renderer do? What somebody else has put there under such a name
 * stays. */
static bool is_own(const struct hc_renderer *renderer, const char *path)
{
    const size_t n = strlen(renderer->begins);
    g_autofree char *head = g_malloc(n);
    int64_t size;
    int fd = hc_file_open(path, O_NOFOLLOW, &size, NULL);
    bool own;

    if (fd < 0)
        return false;
    own = read(fd, head, n) == (ssize_t)n && memcmp(head, renderer->begins, n) == 0;
    close(fd);
    return own;
}

/* Files that a report of more figures has left, of which this one has so many. */
static void clear_rest(const struct hc_renderer *renderer, guint figures, const char *dir)
{
    g_autoptr(GDir) entries = renderer->each_figure ? g_dir_open(dir, 0, NULL) : NULL;
    const char *name;

    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (number_of(renderer, name) > figures && is_own(renderer, path))
            g_unlink(path);
    }
}

/* `number`: which of several files of this renderer, from 1. */
static bool put_file(const struct hc_renderer *renderer, const struct hc_report_text *text, guint number,
                     const char *dir, GPtrArray *written, GError **error)
{
    const char *dot = strrchr(renderer->file, '.');
    g_autofree char *name = number > 1 ? g_strdup_printf("%.*s-%u%s", (int)(dot - renderer->file),
                                                         renderer->file, number, dot)
                                       : g_strdup(renderer->file),
                    *path = g_build_filename(dir, name, NULL);
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

/* Its file, or one for each figure. */
static bool put_files(const struct hc_renderer *renderer, const struct hc_report_text *text, guint figures,
                      const char *dir, GPtrArray *written, GError **error)
{
    struct hc_report_text one = *text;

    for (guint i = 0; i < (renderer->each_figure ? figures : 1); i++) {
        one.svg = text->svg + (renderer->each_figure ? i : 0);
        one.svg_alone = text->svg_alone + (renderer->each_figure ? i : 0);
        if (!put_file(renderer, &one, i + 1, dir, written, error))
            return false;
    }
    return true;
}

static void figure_text_free(void *data)
{
    g_string_free(data, TRUE);
}

/* A figure of each incident that has one, in their order: inside of the page, and as a file of its own. */
static bool draw(struct prose *p, GPtrArray *pages, GPtrArray *alone, GError **error)
{
    const struct model *first = p->m;
    bool ok = true;

    for (guint i = 0; ok && i < p->all->len; i++) {
        g_autoptr(hc_figure_t) figure = NULL;
        GString *page = g_string_new(NULL), *file = g_string_new(NULL);
        g_ptr_array_add(pages, page);
        g_ptr_array_add(alone, file);
        p->m = p->all->pdata[i];
        figure = figure_of(p);
        ok = !figure ||
             (hc_figure_svg(figure, false, page, error) && hc_figure_svg(figure, true, file, error));
        if (!figure) {
            g_ptr_array_set_size(pages, (int)pages->len - 1);
            g_ptr_array_set_size(alone, (int)alone->len - 1);
        }
    }
    p->m = first;
    return ok;
}

static struct hc_str *as_texts(const GPtrArray *strings)
{
    struct hc_str *texts = g_new0(struct hc_str, strings->len + 1);

    for (guint i = 0; i < strings->len; i++) {
        const GString *s = strings->pdata[i];
        texts[i] = hc_str_n(s->str, s->len);
    }
    return texts;
}

static bool render_all(struct prose *p, const struct hc_renderer *const *renderers, const char *lang,
                       const char *dir, GPtrArray *written, GError **error)
{
    g_autoptr(GString) markdown = g_string_new(NULL);
    g_autoptr(GPtrArray) pages = g_ptr_array_new_with_free_func(figure_text_free),
                         alone = g_ptr_array_new_with_free_func(figure_text_free);
    g_autofree char *title = plain_title(p), *about = page_words(p, "description"), *date = cut_off_date(p);
    g_autofree struct hc_str *in_page = NULL, *as_file = NULL;
    struct hc_report_text text = {.title = title,
                                  .description = about,
                                  .lang = lang,
                                  .date = date,
                                  .tags = (const char *const *)p->m->c->tags};

    if (!write_markdown(p, markdown, error) || !draw(p, pages, alone, error))
        return false;
    text.markdown = hc_str_n(markdown->str, markdown->len);
    text.svg = in_page = as_texts(pages);
    text.svg_alone = as_file = as_texts(alone);
    if (g_mkdir_with_parents(dir, 0777) != 0)
        return hc_fail(error, HC_ERROR_IO, "%s: %s", dir, g_strerror(errno));
    clear_leftovers(renderers, dir);
    for (; *renderers; renderers++) {
        if (!put_files(*renderers, &text, alone->len, dir, written, error))
            return false;
        clear_rest(*renderers, alone->len, dir);
    }
    return true;
}

static void model_done(void *data)
{
    model_free(data);
}

/* A model for each incident; one without any where there is none. */
static bool load_all(hc_db *db, const struct hc_case *c, GPtrArray *all, GError **error)
{
    g_autoptr(GArray) ids = model_incidents(db, error);

    for (guint i = 0; ids && i < MAX(ids->len, 1); i++) {
        struct model *m = model_load(db, c, ids->len ? g_array_index(ids, int64_t, i) : 0, error);
        if (!m)
            return false;
        g_ptr_array_add(all, m);
    }
    return ids != NULL;
}

/* In place: nothing that is masked is there to be told. */
static void mask_all(const struct prose *p, const struct found *found)
{
    g_autoptr(mask_t) mask = mask_new(p->m->c, phrase(p, "mask.address"));

    for (guint i = 0; i < p->all->len; i++)
        mask_model(mask, p->all->pdata[i]);
    for (guint i = 0; found && i < found->findings->len; i++) {
        struct finding *f = found->findings->pdata[i];
        char *message = mask_text(mask, f->message);
        g_free(f->message);
        f->message = message;
    }
}

bool hc_report_write(hc_db *db, const struct hc_case *c, const struct hc_renderer *const *renderers,
                     const char *lang, bool public, const char *dir, GPtrArray *written, GError **error)
{
    g_autofree char *file = g_strdup_printf("reports/lang/%s.yaml", lang), *own = hc_case_path(c, "report");
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(model_done);
    g_autoptr(hc_yaml_t) words = NULL;
    g_autoptr(found_t) found = NULL;
    struct prose p = {.all = all};
    bool ok;

    if (!load_all(db, c, all, error) || !(words = hc_yaml_parse(hc_asset(file), file, error)))
        return false;
    if (c->n_suppressions && !(found = found_load(db, c, error)))
        return false;
    p.found = found;
    p.m = all->pdata[0];
    p.lang = words;
    p.public = public;
    if (public)
        mask_all(&p, found);
    p.several = all->len > 1 ? all->len : 0;
    p.notes = g_ptr_array_new_with_free_func(g_free);
    p.numbers = g_hash_table_new(g_str_hash, g_str_equal);
    ok = render_all(&p, renderers, lang, dir ? dir : own, written, error);
    prose_clear(&p);
    return ok;
}
