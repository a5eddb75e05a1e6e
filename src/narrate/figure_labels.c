/* SPDX-License-Identifier: Apache-2.0 */
/* Words in the plot. Each is set where it touches nothing, or left out. */
#include "src/narrate/figure_sketch.h"

#define LABEL_COLUMNS 44
#define RUN 340 /* symbols of a row nearer than this may share a label */

static const struct hc_placed *mark_at(const struct hc_row *row, guint i)
{
    return &g_array_index(row->marks, struct hc_placed, i);
}

/* Above the bar, over the hatching, or beside the symbol where the row has no bars. */
static int base_line(const struct hc_row *row)
{
    return row->hatched ? row->y - 135 : row->barred ? row->y - 90 : row->y + 40;
}

/* A label stays in the part of the axis that `x` lies in: in a break it would belong to nothing. */
static bool inside(const struct hc_sketch *s, struct hc_box box, int x)
{
    for (int p = 0; p < s->scale.n; p++) {
        const struct hc_scale_part *part = &s->scale.parts[p];
        int left = part->broken0 ? part->x0 - HC_OVERHANG : part->x0;
        int right = part->broken1 ? part->x1 + HC_OVERHANG : HC_PLOT_WIDTH;
        if (x >= left && x <= right)
            return box.x0 >= left && box.x1 <= right;
    }
    return false;
}

/* `x`: what the label belongs to; `at`: where it is anchored. */
static bool try_label(struct hc_sketch *s, const struct hc_row *row, const char *text, int x, int at,
                      enum hc_anchor anchor)
{
    struct hc_box box = hc_box_text(text, HC_LABEL_SIZE, at, base_line(row), anchor);

    if (!inside(s, box, x) || !hc_box_free(s, box))
        return false;
    hc_pen_text(s, row->barred && !row->hatched ? "lb" : "lb halo", text, HC_LABEL_SIZE, at, base_line(row),
                anchor);
    return true;
}

/* To the right of the last, else to the left of the first; a wide interval may have it over itself. */
static bool beside(struct hc_sketch *s, const struct hc_row *row, const char *text, guint first, guint last)
{
    const struct hc_placed *a = mark_at(row, first), *b = mark_at(row, last);
    bool cap_a = hc_marks_is_cap(a->kind), cap_b = hc_marks_is_cap(b->kind);
    int start = cap_a && a->wide ? hc_scale_x(&s->scale, a->earliest) : a->x, space = row->barred ? 90 : 75;

    return try_label(s, row, text, b->x, b->x + (cap_b ? 50 : space), HC_ANCHOR_START) ||
           (first == last && cap_a && a->wide && row->hatched &&
            try_label(s, row, text, a->x, a->x + 40, HC_ANCHOR_END)) ||
           try_label(s, row, text, start, start - (cap_a ? 50 : space), HC_ANCHOR_END);
}

/* Over a bar the count stands before the label: there is no room for both. */
static void single(struct hc_sketch *s, const struct hc_row *row, guint i)
{
    struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, i);
    g_autofree char *count =
        mark->count > 1 && row->barred ? g_strdup_printf("\xc3\x97%d ", mark->count) : NULL;

    if (!mark->label)
        return;
    g_autofree char *label = hc_text_short(mark->label->str, LABEL_COLUMNS);
    g_autofree char *text = g_strconcat(count ? count : "", label, NULL);
    mark->counted = beside(s, row, text, i, i) && count;
}

/* The last mark of a run that begins at `first`: neighbours with labels of their own, beside a row without
 * bars. */
static guint run_end(const struct hc_row *row, guint first)
{
    guint last = first;

    while (!row->barred && mark_at(row, last)->label && last + 1 < row->marks->len &&
           mark_at(row, last + 1)->label && mark_at(row, last + 1)->x - mark_at(row, last)->x < RUN)
        last++;
    return last;
}

static char *run_text(const struct hc_sketch *s, const struct hc_row *row, guint first, guint last)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = first; i <= last && text->len < 400; i++) {
        const char *label = mark_at(row, i)->label->str;
        if (i > first && strcmp(label, mark_at(row, i - 1)->label->str) == 0)
            continue;
        g_string_append_printf(text, "%s%s", i > first ? s->figure->words[HC_WORD_JOIN] : "", label);
    }
    return hc_text_short(text->str, LABEL_COLUMNS);
}

static void mark_labels(struct hc_sketch *s, const struct hc_row *row)
{
    for (guint first = 0, last; first < row->marks->len; first = last + 1) {
        last = run_end(row, first);
        if (last > first) {
            g_autofree char *text = run_text(s, row, first, last);
            if (beside(s, row, text, first, last))
                continue;
        }
        for (guint i = first; i <= last; i++)
            single(s, row, i);
    }
}

/* How many acts a merged symbol stands for, above it. */
static void counts(struct hc_sketch *s, const struct hc_row *row)
{
    for (guint i = 0; i < row->marks->len; i++) {
        const struct hc_placed *mark = mark_at(row, i);
        if (mark->count < 2 || mark->counted)
            continue;
        char text[16];
        g_snprintf(text, sizeof text, "\xc3\x97%d", mark->count);
        int y = row->y - (row->hatched ? 135 : 80);
        struct hc_box box = hc_box_text(text, HC_LABEL_SIZE, mark->x, y, HC_ANCHOR_MIDDLE);
        if (box.x0 >= HC_PLOT_LEFT && box.x1 <= HC_PLOT_WIDTH && hc_box_free(s, box))
            hc_pen_text(s, "lb halo", text, HC_LABEL_SIZE, mark->x, y, HC_ANCHOR_MIDDLE);
    }
}

/* Above the widest piece of the bar: at its beginning, or where it leads to. */
static void bar_label(struct hc_sketch *s, const struct hc_row *row, const struct hc_figure_bar *bar)
{
    g_autofree char *text = hc_text_short(bar->label, LABEL_COLUMNS);
    int x0, x1, best0 = 0, best1 = 0;

    for (int p = 0; p < s->scale.n; p++)
        if (hc_scale_piece(&s->scale, p, bar->from, bar->to, &x0, &x1) && x1 - x0 > best1 - best0) {
            best0 = x0;
            best1 = x1;
        }
    if (hc_text_width(text, HC_LABEL_SIZE) + 100 > best1 - best0)
        return;
    if (!try_label(s, row, text, best0, best0 + 60, HC_ANCHOR_START))
        try_label(s, row, text, best1, best1 - 60, HC_ANCHOR_END);
}

void hc_labels_draw(struct hc_sketch *s, guint index)
{
    const struct hc_row *row = &g_array_index(s->rows, struct hc_row, index);

    if (row->members > 1)
        return;
    mark_labels(s, row);
    counts(s, row);
    for (guint i = 0; i < s->figure->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(s->figure->bars, struct hc_figure_bar, i);
        if (s->row_of[bar->lane] == (int)index && bar->label && *bar->label)
            bar_label(s, row, bar);
    }
}
