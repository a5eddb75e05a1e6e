/* SPDX-License-Identifier: Apache-2.0 */
/* The model of the figure: what is to be drawn. How it is drawn is in the other figure_*.c. */
#include "src/narrate/figure.h"

#include "src/base/asset.h"
#include "src/narrate/figure_sketch.h"

static const char *const english[HC_WORD_COUNT] = {
    [HC_WORD_BAR_OWN] = "held by the rightful account",
    [HC_WORD_BAR_OTHER] = "held by the other account",
    [HC_WORD_BAR_BOTH] = "held by both",
    [HC_WORD_BAR_FROZEN] = "frozen",
    [HC_WORD_BAR_GONE] = "no account",
    [HC_WORD_BAR_UNCERTAIN] = "some time within",
    [HC_WORD_BAR_LOST] = "own records lost by the deletion",
    [HC_WORD_REGISTERED] = "registered",
    [HC_WORD_INVITED] = "invited",
    [HC_WORD_INVITES] = "invites",
    [HC_WORD_ACCEPTED] = "accepted",
    [HC_WORD_REMOVED] = "removed",
    [HC_WORD_NOTICE] = "notice",
    [HC_WORD_MESSAGE] = "message",
    [HC_WORD_ADMIN] = "act of an administrator",
    [HC_WORD_BACK] = "given back",
    [HC_WORD_ACT] = "act",
    [HC_WORD_SEVERAL] = "several acts",
    [HC_WORD_TICK] = "one act",
    [HC_WORD_MORE_ACCOUNTS] = "{n} more",
    [HC_WORD_MORE_PROJECTS] = "{n} more projects",
    [HC_WORD_MORE_PEOPLE] = "{n} more",
    [HC_WORD_GAP] = "{duration} without a recorded act",
    [HC_WORD_SCALES] = "axis broken, equally wide: {list}",
    [HC_WORD_JOIN] = ", ",
    [HC_WORD_DAYS] = "{n} d",
    [HC_WORD_HOURS] = "{n} h",
    [HC_WORD_MINUTES] = "{n} min",
    [HC_WORD_SECONDS] = "{n} s",
};
static const char *const english_groups[HC_LANE_GROUPS] = {"Accounts", "Projects", "People"};

static void clear_lane(void *p)
{
    g_free(((struct hc_figure_lane *)p)->name);
}

static void clear_bar(void *p)
{
    g_free(((struct hc_figure_bar *)p)->label);
}

static void clear_mark(void *p)
{
    struct hc_figure_mark *mark = p;

    g_free(mark->label);
    g_free(mark->title);
}

static void clear_phase(void *p)
{
    g_free(((struct hc_figure_phase *)p)->label);
}

static GArray *list_of(size_t size, GDestroyNotify clear)
{
    GArray *list = g_array_new(FALSE, FALSE, (guint)size);

    if (clear)
        g_array_set_clear_func(list, clear);
    return list;
}

struct hc_figure *hc_figure_new(void)
{
    struct hc_figure *figure = g_new0(struct hc_figure, 1);

    figure->title = g_strdup("");
    figure->description = g_strdup("");
    figure->prefix = g_strdup("tl");
    for (int i = 0; i < HC_LANE_GROUPS; i++)
        figure->group_names[i] = g_strdup(english_groups[i]);
    for (int i = 0; i < HC_WORD_COUNT; i++)
        figure->words[i] = g_strdup(english[i]);
    figure->lanes = list_of(sizeof(struct hc_figure_lane), clear_lane);
    figure->bars = list_of(sizeof(struct hc_figure_bar), clear_bar);
    figure->marks = list_of(sizeof(struct hc_figure_mark), clear_mark);
    figure->links = list_of(sizeof(struct hc_figure_link), NULL);
    figure->phases = list_of(sizeof(struct hc_figure_phase), clear_phase);
    return figure;
}

void hc_figure_free(struct hc_figure *figure)
{
    if (!figure)
        return;
    g_free(figure->title);
    g_free(figure->description);
    g_free(figure->prefix);
    for (int i = 0; i < HC_LANE_GROUPS; i++)
        g_free(figure->group_names[i]);
    for (int i = 0; i < HC_WORD_COUNT; i++)
        g_free(figure->words[i]);
    g_array_unref(figure->lanes);
    g_array_unref(figure->bars);
    g_array_unref(figure->marks);
    g_array_unref(figure->links);
    g_array_unref(figure->phases);
    g_free(figure);
}

static void set(char **place, const char *text)
{
    char *copy = g_strdup(text ? text : "");

    g_free(*place);
    *place = copy;
}

void hc_figure_describe(struct hc_figure *figure, const char *title, const char *description)
{
    set(&figure->title, title);
    set(&figure->description, description);
}

void hc_figure_set_prefix(struct hc_figure *figure, const char *prefix)
{
    g_autoptr(GString) kept = g_string_new(NULL);

    for (const char *p = prefix ? prefix : ""; *p; p++)
        if (g_ascii_isalpha(*p) || (kept->len && (g_ascii_isdigit(*p) || *p == '-')))
            g_string_append_c(kept, *p);
    set(&figure->prefix, kept->len ? kept->str : "tl");
}

void hc_figure_set_word(struct hc_figure *figure, enum hc_figure_word word, const char *text)
{
    set(&figure->words[word], text);
}

void hc_figure_set_group(struct hc_figure *figure, enum hc_lane_group group, const char *name)
{
    set(&figure->group_names[group], name);
}

int hc_figure_lane(struct hc_figure *figure, enum hc_lane_group group, const char *name)
{
    struct hc_figure_lane lane = {group, g_strdup(name ? name : "")};

    g_array_append_val(figure->lanes, lane);
    return (int)figure->lanes->len - 1;
}

/* Times are held between two edges, so that differences never overflow; a swapped pair is put right. */
static void order(int64_t *from, int64_t *to)
{
    int64_t a = CLAMP(*from, HC_FIGURE_FIRST, HC_FIGURE_LAST),
            b = CLAMP(*to, HC_FIGURE_FIRST, HC_FIGURE_LAST);

    *from = MIN(a, b);
    *to = MAX(a, b);
}

void hc_figure_bar(struct hc_figure *figure, const struct hc_figure_bar *given)
{
    struct hc_figure_bar bar = *given;

    if (bar.open_from)
        bar.from = HC_FIGURE_FIRST;
    if (bar.open_to)
        bar.to = HC_FIGURE_LAST;
    order(&bar.from, &bar.to);
    bar.label = g_strdup(given->label);
    g_array_append_val(figure->bars, bar);
}

void hc_figure_mark(struct hc_figure *figure, const struct hc_figure_mark *given)
{
    struct hc_figure_mark mark = *given;

    order(&mark.earliest, &mark.latest);
    mark.label = g_strdup(given->label);
    mark.title = g_strdup(given->title);
    g_array_append_val(figure->marks, mark);
}

void hc_figure_link(struct hc_figure *figure, int lane, int64_t from, int64_t to)
{
    struct hc_figure_link link = {lane, from, to};

    order(&link.from, &link.to);
    g_array_append_val(figure->links, link);
}

void hc_figure_phase(struct hc_figure *figure, const char *label, int tint, int64_t from, int64_t to)
{
    struct hc_figure_phase phase = {g_strdup(label ? label : ""), CLAMP(tint, 0, 5), from, to};

    order(&phase.from, &phase.to);
    g_array_append_val(figure->phases, phase);
}

/* The comment at the head of the file is for its readers, not for those of a report. */
struct hc_str hc_figure_css(void)
{
    struct hc_str css = hc_asset("reports/templates/figure.css");
    ptrdiff_t end;

    while (hc_str_starts(css, "/*") && (end = hc_str_find(css, "*/", 2)) > 0)
        css = hc_str_trim(hc_str_skip(css, (size_t)end + 2));
    return css;
}

static bool is_in(int value, unsigned n)
{
    return value >= 0 && (unsigned)value < n;
}

static bool check_model(const struct hc_figure *figure, GError **error)
{
    bool ok = true;
    guint n = figure->lanes->len;

    for (guint i = 0; i < n; i++)
        ok = ok && is_in((int)g_array_index(figure->lanes, struct hc_figure_lane, i).group, HC_LANE_GROUPS);
    for (guint i = 0; i < figure->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(figure->bars, struct hc_figure_bar, i);
        ok = ok && is_in(bar->lane, n) && is_in((int)bar->kind, HC_BAR_KINDS);
    }
    for (guint i = 0; i < figure->marks->len; i++) {
        const struct hc_figure_mark *mark = &g_array_index(figure->marks, struct hc_figure_mark, i);
        ok = ok && is_in(mark->lane, n) && is_in((int)mark->kind, HC_MARK_KINDS) &&
             is_in(mark->side, HC_SIDES);
    }
    for (guint i = 0; i < figure->links->len; i++)
        ok = ok && is_in(g_array_index(figure->links, struct hc_figure_link, i).lane, n);
    return ok ? true : hc_fail(error, HC_ERROR_USAGE, "figure: a lane, kind or side that does not exist");
}

bool hc_figure_svg(const struct hc_figure *figure, bool alone, GString *out, GError **error)
{
    struct hc_sketch sketch;
    gsize start = out->len;
    bool ok;

    if (!check_model(figure, error))
        return false;
    hc_sketch_begin(&sketch, figure, out);
    hc_sketch_frame(&sketch, alone);
    hc_sketch_bars(&sketch);
    hc_sketch_marks(&sketch);
    hc_sketch_legend(&sketch);
    ok = hc_sketch_end(&sketch, error);
    if (ok)
        g_string_append_c(out, '\n');
    else
        g_string_truncate(out, start);
    return ok;
}
