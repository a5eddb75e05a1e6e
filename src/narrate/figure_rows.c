/* SPDX-License-Identifier: Apache-2.0 */
/* Which lane is drawn in which row: many lanes of a group share one, so that the height stays bounded. */
#include "src/narrate/figure_sketch.h"

#include "src/base/text.h"

#define NAME_COLUMNS 16
#define NAME_SIZE 130
#define PROJECTS_MAX 12
#define ACCOUNTS_MAX 6
#define PEOPLE_MAX 5

static const struct hc_figure_lane *lane_at(const struct hc_figure *figure, guint lane)
{
    return &g_array_index(figure->lanes, struct hc_figure_lane, lane);
}

struct candidate {
    guint lane;
    int acts;
    bool kept;
};

/* The lanes of a group in order, with their acts. */
static GArray *candidates(const struct hc_figure *figure, enum hc_lane_group group)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(struct candidate));
    g_autofree int *acts = g_new0(int, figure->lanes->len + 1);

    for (guint i = 0; i < figure->marks->len; i++)
        acts[g_array_index(figure->marks, struct hc_figure_mark, i).lane]++;
    for (guint i = 0; i < figure->lanes->len; i++)
        if (lane_at(figure, i)->group == group) {
            struct candidate c = {i, acts[i], true};
            g_array_append_val(list, c);
        }
    return list;
}

/* Keeps the `n` lanes with most acts among those from `first` on; equal ones in their order. */
static void keep_busiest(GArray *list, guint first, int n)
{
    for (guint i = first; i < list->len; i++)
        g_array_index(list, struct candidate, i).kept = false;
    while (n-- > 0) {
        struct candidate *best = NULL;
        for (guint i = first; i < list->len; i++) {
            struct candidate *c = &g_array_index(list, struct candidate, i);
            if (!c->kept && (!best || c->acts > best->acts))
                best = c;
        }
        if (best)
            best->kept = true;
    }
}

static void choose(GArray *list, enum hc_lane_group group)
{
    if (group == HC_LANE_ACCOUNTS && list->len > ACCOUNTS_MAX)
        keep_busiest(list, 0, ACCOUNTS_MAX - 1);
    else if (group == HC_LANE_PEOPLE && list->len > PEOPLE_MAX)
        keep_busiest(list, 1, PEOPLE_MAX - 2);
    else if (group == HC_LANE_PROJECTS && list->len > PROJECTS_MAX)
        for (guint i = 5; i + 1 < list->len; i++)
            g_array_index(list, struct candidate, i).kept = false;
}

static void add_row(struct hc_sketch *s, enum hc_lane_group group, int members, char *name, const char *full)
{
    struct hc_row row = {.group = group, .members = members, .name = name};

    if (full && strcmp(full, name) != 0)
        row.full = g_strdup(full);
    row.marks = g_array_new(FALSE, TRUE, sizeof(struct hc_placed));
    g_array_append_val(s->rows, row);
}

static void group_rows(struct hc_sketch *s, enum hc_lane_group group)
{
    static const enum hc_figure_word more[] = {HC_WORD_MORE_ACCOUNTS, HC_WORD_MORE_PROJECTS,
                                               HC_WORD_MORE_PEOPLE};
    g_autoptr(GArray) list = candidates(s->figure, group);
    int folded = 0;

    choose(list, group);
    for (guint i = 0; i < list->len; i++) {
        const struct candidate *c = &g_array_index(list, struct candidate, i);
        const char *name = lane_at(s->figure, c->lane)->name;
        s->row_of[c->lane] = c->kept ? (int)s->rows->len : -1;
        if (c->kept)
            add_row(s, group, 1, hc_text_short(name, NAME_COLUMNS), name);
        else
            folded++;
    }
    if (!folded)
        return;
    g_autofree char *text = hc_text_fill_n(s->figure->words[more[group]], folded);
    for (guint i = 0; i < list->len; i++)
        if (!g_array_index(list, struct candidate, i).kept)
            s->row_of[g_array_index(list, struct candidate, i).lane] = (int)s->rows->len;
    add_row(s, group, folded, hc_text_short(text, NAME_COLUMNS + 2), NULL);
}

/* Two names that became the same by cutting get a number, in place of some more of their middle. */
static void tell_apart(struct hc_sketch *s)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal); /* name -> how many have it */
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        g_ptr_array_add(names, g_strdup(row->name));
        if (row->full)
            g_hash_table_insert(seen, names->pdata[i],
                                GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(seen, row->name)) + 1));
    }
    g_autofree int *number = g_new0(int, s->rows->len + 1);
    for (guint i = 0; i < s->rows->len; i++) {
        struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        if (!row->full || GPOINTER_TO_INT(g_hash_table_lookup(seen, names->pdata[i])) < 2)
            continue;
        int n = 1;
        for (guint j = 0; j < i; j++)
            n += number[j] && strcmp(names->pdata[j], names->pdata[i]) == 0;
        number[i] = n;
        g_autofree char *tail = g_strdup_printf("#%d", n);
        g_autofree char *cut = hc_text_short(row->full, NAME_COLUMNS - (int)strlen(tail));
        g_free(row->name);
        row->name = g_strconcat(cut, tail, NULL);
    }
}

static void note_bars(struct hc_sketch *s)
{
    for (guint i = 0; i < s->figure->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(s->figure->bars, struct hc_figure_bar, i);
        struct hc_row *row = &g_array_index(s->rows, struct hc_row, s->row_of[bar->lane]);
        row->barred = true;
        row->hatched |= bar->kind == HC_BAR_LOST && row->members == 1;
    }
}

/* From top to bottom: 16 above and 12 below a group's name, 30 for a row. */
static void set_places(struct hc_sketch *s)
{
    int y = s->axis + s->date_line + 40;

    for (guint i = 0; i < s->rows->len; i++) {
        struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        if (i == 0 || row->group != row[-1].group)
            y += 280;
        row->y = y + 150;
        y += 300;
    }
    s->bottom = y + 60;
}

void hc_rows_plan(struct hc_sketch *s)
{
    for (int group = 0; group < HC_LANE_GROUPS; group++)
        group_rows(s, (enum hc_lane_group)group);
    tell_apart(s);
    note_bars(s);
    set_places(s);
}

/* ---- the row of many: for every unit of the plot, how many are held by whom ---- */

#define CELLS ((HC_PLOT_RIGHT - HC_PLOT_LEFT) / 10 + 2)

/* Halves of lanes: one held by both counts one half for each. */
static const struct {
    int own, other;
} halves[HC_BAR_KINDS] = {
    [HC_BAR_OWN] = {2, 0}, [HC_BAR_OTHER] = {0, 2}, [HC_BAR_BOTH] = {1, 1}, [HC_BAR_FROZEN] = {0, 2}};

static void count_halves(const struct hc_sketch *s, int row, int part, int own[CELLS], int other[CELLS])
{
    for (guint i = 0; i < s->figure->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(s->figure->bars, struct hc_figure_bar, i);
        int x0, x1;
        if (s->row_of[bar->lane] != row || !hc_scale_piece(&s->scale, part, bar->from, bar->to, &x0, &x1))
            continue;
        int a = CLAMP((x0 - HC_PLOT_LEFT) / 10, 0, CELLS - 1),
            b = CLAMP((x1 - HC_PLOT_LEFT) / 10, 0, CELLS - 1);
        own[a] += halves[bar->kind].own;
        own[b] -= halves[bar->kind].own;
        other[a] += halves[bar->kind].other;
        other[b] -= halves[bar->kind].other;
    }
    for (int i = 1; i < CELLS; i++) {
        own[i] += own[i - 1];
        other[i] += other[i - 1];
    }
}

/* The height of a share of 12; what exists at all is seen. */
static int share_height(int count, int all)
{
    return count <= 0 ? 0 : CLAMP(120 * count / all, 5, 120);
}

/* One outline for all stretches: rectangles side by side would show seams. `edge` is the straight side. */
static void share_outline(struct hc_sketch *s, const char *css, const int *counts, int all, int edge,
                          int direction)
{
    g_autoptr(GString) d = g_string_new("M");
    int before = 0;

    hc_pen_tenths(d, HC_PLOT_LEFT);
    g_string_append_c(d, ' ');
    hc_pen_tenths(d, edge);
    for (int i = 0; i < CELLS; i++) {
        int height = i + 1 < CELLS ? share_height(counts[i], all) : 0;
        if (height == before)
            continue;
        g_string_append_c(d, 'H');
        hc_pen_tenths(d, HC_PLOT_LEFT + i * 10);
        g_string_append_c(d, 'V');
        hc_pen_tenths(d, edge + direction * height);
        before = height;
    }
    if (strchr(d->str, 'H'))
        hc_pen_path(s, css, NULL, d->str);
}

/* Blue from above, red from below, 12 high together when every lane is held. */
void hc_rows_share(struct hc_sketch *s, guint index)
{
    const struct hc_row *row = &g_array_index(s->rows, struct hc_row, index);

    for (int part = 0; part < s->scale.n; part++) {
        int own[CELLS] = {0}, other[CELLS] = {0};
        count_halves(s, (int)index, part, own, other);
        share_outline(s, "bo", own, 2 * row->members, row->y - 60, 1);
        share_outline(s, "bd", other, 2 * row->members, row->y + 60, -1);
    }
}
