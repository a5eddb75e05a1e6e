/* SPDX-License-Identifier: Apache-2.0 */
/* The legend: only what is drawn is explained. */
#include "src/narrate/figure_sketch.h"

#include "src/base/utc.h"

#define SYMBOL_ROOM 200 /* symbol and the space after it */
#define BETWEEN 130
#define LEGEND_COLUMNS 110

/* Of a scale with two parts. */
static const char scale_words[] = "axis broken: {left} on the left is as wide as {right} on the right";

static void add(struct hc_sketch *s, struct hc_legend_item item, const char *text)
{
    item.text = hc_text_short(text, LEGEND_COLUMNS);
    g_array_append_val(s->legend, item);
}

static bool folded(const struct hc_sketch *s, int lane)
{
    return g_array_index(s->rows, struct hc_row, s->row_of[lane]).members > 1;
}

/* In a row of many there are only blue and red. */
static void note_share(bool used[HC_BAR_KINDS], enum hc_bar_kind kind)
{
    used[HC_BAR_OWN] |= kind == HC_BAR_OWN || kind == HC_BAR_BOTH;
    used[HC_BAR_OTHER] |= kind == HC_BAR_OTHER || kind == HC_BAR_BOTH || kind == HC_BAR_FROZEN;
}

static bool any_wide(const struct hc_sketch *s)
{
    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        for (guint m = 0; m < row->marks->len && row->members == 1; m++)
            if (g_array_index(row->marks, struct hc_placed, m).wide)
                return true;
    }
    return false;
}

static void plan_bars(struct hc_sketch *s)
{
    bool used[HC_BAR_KINDS] = {false};

    for (guint i = 0; i < s->figure->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(s->figure->bars, struct hc_figure_bar, i);
        if (folded(s, bar->lane))
            note_share(used, bar->kind);
        else
            used[bar->kind] = true;
    }
    used[HC_BAR_UNCERTAIN] |= any_wide(s);
    for (int kind = 0; kind < HC_BAR_KINDS; kind++)
        if (used[kind])
            add(s, (struct hc_legend_item){.what = HC_LEGEND_BAR, .kind = kind}, s->figure->words[kind]);
}

/* The marks that share a symbol share a line of the legend; the first that is found shows it. */
static const struct {
    enum hc_figure_word word;
    unsigned kinds; /* bits */
    bool projects;  /* INVITE only: the ring */
} entries[] = {
    {HC_WORD_INVITED, 1u << HC_MARK_INVITE, true},
    {HC_WORD_ACCEPTED, 1u << HC_MARK_ACCEPT, false},
    {HC_WORD_REGISTERED, 1u << HC_MARK_CREATE, false},
    {HC_WORD_REMOVED, 1u << HC_MARK_REMOVE, false},
    {HC_WORD_INVITES, 1u << HC_MARK_INVITE, false},
    {HC_WORD_NOTICE, 1u << HC_MARK_NOTICE, false},
    {HC_WORD_MESSAGE, 1u << HC_MARK_MAIL | 1u << HC_MARK_CHAT | 1u << HC_MARK_AUDIT, false},
    {HC_WORD_ADMIN, 1u << HC_MARK_MAIL | 1u << HC_MARK_CHAT | 1u << HC_MARK_AUDIT, false},
    {HC_WORD_BACK, 1u << HC_MARK_RESTORE | 1u << HC_MARK_ROLE_BACK, false},
    {HC_WORD_ACT, 1u << HC_MARK_ACT, false},
    {HC_WORD_SEVERAL, 1u << HC_MARK_KINDS, false},
};

static bool entry_takes(size_t e, const struct hc_row *row, const struct hc_placed *mark)
{
    if (!(entries[e].kinds >> mark->kind & 1))
        return false;
    if (mark->kind == HC_MARK_INVITE)
        return entries[e].projects == (row->group == HC_LANE_PROJECTS);
    if (entries[e].word == HC_WORD_MESSAGE || entries[e].word == HC_WORD_ADMIN)
        return (entries[e].word == HC_WORD_ADMIN) == (mark->side == HC_SIDE_ADMINS);
    return true;
}

/* A dot says "accepted" as well as "registered": where both are drawn, the label at the account says which it
 * is. */
static void plan_marks(struct hc_sketch *s)
{
    struct hc_legend_item found[G_N_ELEMENTS(entries)] = {0};
    bool used[G_N_ELEMENTS(entries)] = {false};

    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        for (guint m = 0; m < row->marks->len && row->members == 1; m++) {
            const struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, m);
            for (size_t e = 0; e < G_N_ELEMENTS(entries); e++)
                if (!used[e] && entry_takes(e, row, mark)) {
                    found[e] = (struct hc_legend_item){
                        .what = HC_LEGEND_MARK, .kind = mark->kind, .group = row->group, .side = mark->side};
                    used[e] = true;
                }
        }
    }
    for (size_t e = 0; e < G_N_ELEMENTS(entries); e++)
        if (used[e] && !(entries[e].word == HC_WORD_REGISTERED && used[e - 1]))
            add(s, found[e], s->figure->words[entries[e].word]);
}

static void plan_ticks(struct hc_sketch *s)
{
    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        if (row->members > 1 && row->marks->len) {
            add(s, (struct hc_legend_item){.what = HC_LEGEND_TICK}, s->figure->words[HC_WORD_TICK]);
            return;
        }
    }
}

/* A unit that fits twice into the finest part. */
static int64_t base_of(int64_t per_part)
{
    static const int64_t bases[] = {86400 * HC_US_PER_S, 3600 * HC_US_PER_S, 60 * HC_US_PER_S};

    for (size_t i = 0; i < G_N_ELEMENTS(bases); i++)
        if (bases[i] <= per_part / 2)
            return bases[i];
    return HC_US_PER_S;
}

/* Microseconds of part `p` that are as wide as `base` in part `finest`: without overflow, exact enough to be
 * shown. */
static int64_t same_width(const struct hc_scale *scale, int p, int finest, int64_t base)
{
    const struct hc_scale_part *a = &scale->parts[p], *b = &scale->parts[finest];
    int64_t a_per = MAX((a->to - a->from) / (a->x1 - a->x0), 1),
            b_per = MAX((b->to - b->from) / (b->x1 - b->x0), 1);

    /* base / b_per is at most a part's width, about 8200 */
    return p == finest ? base : a_per * (base / b_per) + a_per / 1000 * (base % b_per * 1000 / b_per);
}

static void plan_scales(struct hc_sketch *s)
{
    const struct hc_scale *scale = &s->scale;
    int finest = 0;
    char *amounts[HC_PARTS_MAX + 1] = {NULL};
    g_autofree char *text = NULL;

    if (scale->n < 2)
        return;
    for (int p = 1; p < scale->n; p++) {
        const struct hc_scale_part *a = &scale->parts[p], *b = &scale->parts[finest];
        if ((a->to - a->from) / (a->x1 - a->x0) < (b->to - b->from) / (b->x1 - b->x0))
            finest = p;
    }
    int64_t base = base_of(scale->parts[finest].to - scale->parts[finest].from);
    for (int p = 0; p < scale->n; p++)
        amounts[p] = hc_text_amount(s->figure, same_width(scale, p, finest, base));
    if (scale->n == 2) {
        g_autofree char *left = hc_text_fill(scale_words, "left", amounts[0]);
        text = hc_text_fill(left, "right", amounts[1]);
    } else {
        g_autofree char *list = g_strjoinv(s->figure->words[HC_WORD_JOIN], amounts);
        text = hc_text_fill(s->figure->words[HC_WORD_SCALES], "list", list);
    }
    add(s, (struct hc_legend_item){.what = HC_LEGEND_SCALE}, text);
    for (int p = 0; p < scale->n; p++)
        g_free(amounts[p]);
}

void hc_legend_plan(struct hc_sketch *s)
{
    int x = 0, n = 0;

    plan_bars(s);
    plan_marks(s);
    plan_ticks(s);
    plan_scales(s);
    for (guint i = 0; i < s->legend->len; i++) {
        struct hc_legend_item *item = &g_array_index(s->legend, struct hc_legend_item, i);
        int width = SYMBOL_ROOM + hc_text_width(item->text, HC_LABEL_SIZE);
        if (x && x + width > HC_PLOT_WIDTH) {
            x = 0;
            n++;
        }
        item->x = x;
        item->line = n;
        x += width + BETWEEN;
    }
    s->height = s->bottom + (s->legend->len ? 260 + n * HC_LINE + 240 : 60);
}

static void symbol(struct hc_sketch *s, const struct hc_legend_item *item, int y)
{
    int x = item->x;

    if (item->what == HC_LEGEND_MARK)
        hc_marks_symbol(s, item->kind, item->group, item->side, x + 70, y, NULL);
    else if (item->what == HC_LEGEND_TICK)
        hc_pen_path(s, "to", NULL, "M# #v4.5", x + 70, y - 22);
    else if (item->what == HC_LEGEND_SCALE)
        hc_pen_path(s, "axis", NULL, "M# #l8 -12", x + 30, y + 60);
    else if (item->kind == HC_BAR_LOST)
        hc_bars_hatching(s, x, x + 140, y, 70);
    else
        hc_bars_piece(s, (enum hc_bar_kind)item->kind, x, x + 140, y);
    if (item->what == HC_LEGEND_BAR && item->kind == HC_BAR_UNCERTAIN)
        hc_pen_path(s, "cap", NULL, "M# #v14M# #v14", x, y - 70, x + 140, y - 70);
}

void hc_sketch_legend(struct hc_sketch *s)
{
    for (guint i = 0; i < s->legend->len; i++) {
        const struct hc_legend_item *item = &g_array_index(s->legend, struct hc_legend_item, i);
        int y = s->bottom + 260 + item->line * HC_LINE;
        symbol(s, item, y);
        hc_pen_text(s, "lg", item->text, HC_LABEL_SIZE, item->x + SYMBOL_ROOM, y + 40, HC_ANCHOR_START);
    }
}
