/* SPDX-License-Identifier: Apache-2.0 */
/* States: bars, hatching, "some time in here", and the brackets from invitation to acceptance. */
#include "src/narrate/figure_sketch.h"

#define SEEN 5    /* a narrower bar is not drawn */
#define NARROW 20 /* two caps nearer than this are one */

void hc_bars_hatching(struct hc_sketch *s, int x0, int x1, int y, int half)
{
    g_autofree char *fill = g_strconcat("url(#", s->figure->prefix, "-h)", NULL);

    hc_xml_open(s->xml, "rect");
    hc_xml_attr(s->xml, "fill", fill);
    hc_pen_attr(s, "x", x0);
    hc_pen_attr(s, "y", y - half);
    hc_pen_attr(s, "width", x1 - x0);
    hc_pen_attr(s, "height", 2 * half);
    hc_xml_close(s->xml);
}

void hc_bars_piece(struct hc_sketch *s, enum hc_bar_kind kind, int x0, int x1, int y)
{
    switch (kind) {
    case HC_BAR_OWN:
        hc_pen_rect(s, "bo", x0, y - 40, x1 - x0, 80, NULL);
        break;
    case HC_BAR_OTHER:
        hc_pen_rect(s, "bd", x0, y - 40, x1 - x0, 80, NULL);
        break;
    case HC_BAR_BOTH:
        hc_pen_rect(s, "bo", x0, y - 40, x1 - x0, 40, NULL);
        hc_pen_rect(s, "bd", x0, y, x1 - x0, 40, NULL);
        break;
    case HC_BAR_FROZEN:
        hc_pen_rect(s, "fz", x0, y - 40, x1 - x0, 80, NULL);
        break;
    case HC_BAR_GONE:
        hc_pen_path(s, "gone", NULL, "M# #H#", x0, y, x1);
        break;
    case HC_BAR_LOST:
        hc_bars_hatching(s, x0, x1, y, 110);
        break;
    case HC_BAR_UNCERTAIN:
    case HC_BAR_KINDS:
        hc_pen_rect(s, "unc", x0, y - 50, x1 - x0, 100, NULL);
        break;
    }
}

void hc_bars_uncertain(struct hc_sketch *s, int64_t from, int64_t to, int y, const char *title)
{
    int a = hc_scale_x(&s->scale, from), b = hc_scale_x(&s->scale, to), x0, x1;

    if (b - a < NARROW) {
        hc_pen_path(s, "cap", title, "M# #v18", b, y - 90);
        return;
    }
    for (int p = 0; p < s->scale.n; p++)
        if (hc_scale_piece(&s->scale, p, from, to, &x0, &x1) && x1 - x0 >= SEEN)
            hc_bars_piece(s, HC_BAR_UNCERTAIN, x0, x1, y);
    hc_pen_path(s, "cap", title, "M# #v20M# #v20", a, y - 100, b, y - 100);
}

static void bar(struct hc_sketch *s, const struct hc_figure_bar *bar, int y)
{
    int x0, x1;

    if (bar->kind == HC_BAR_UNCERTAIN) {
        hc_bars_uncertain(s, bar->from, bar->to, y, NULL);
        return;
    }
    for (int p = 0; p < s->scale.n; p++)
        if (hc_scale_piece(&s->scale, p, bar->from, bar->to, &x0, &x1) && x1 - x0 >= SEEN)
            hc_bars_piece(s, bar->kind, x0, x1, y);
}

/* The bars of one row: hatching behind, what is uncertain in front. */
static void row_bars(struct hc_sketch *s, guint row, int y)
{
    static const enum hc_bar_kind order[] = {HC_BAR_LOST, HC_BAR_OWN,    HC_BAR_OTHER,    HC_BAR_BOTH,
                                             HC_BAR_GONE, HC_BAR_FROZEN, HC_BAR_UNCERTAIN};

    for (size_t k = 0; k < G_N_ELEMENTS(order); k++)
        for (guint i = 0; i < s->figure->bars->len; i++) {
            const struct hc_figure_bar *b = &g_array_index(s->figure->bars, struct hc_figure_bar, i);
            if (b->kind == order[k] && s->row_of[b->lane] == (int)row)
                bar(s, b, y);
        }
}

/* A bracket 9 above the bar, cut at a break. */
static void link_piece(struct hc_sketch *s, const struct hc_figure_link *link, int p, int y)
{
    const struct hc_scale_part *part = &s->scale.parts[p];
    int x0, x1;

    if (!hc_scale_piece(&s->scale, p, link->from, link->to, &x0, &x1) || x1 - x0 < NARROW)
        return;
    if (link->from >= part->from && link->to <= part->to)
        hc_pen_path(s, "link", NULL, "M# #V#H#V#", x0, y - 45, y - 90, x1, y - 45);
    else if (link->from >= part->from)
        hc_pen_path(s, "link", NULL, "M# #V#H#", x0, y - 45, y - 90, x1);
    else if (link->to <= part->to)
        hc_pen_path(s, "link", NULL, "M# #H#V#", x0, y - 90, x1, y - 45);
    else
        hc_pen_path(s, "link", NULL, "M# #H#", x0, y - 90, x1);
    hc_box_add(s, (struct hc_box){x0, y - 95, x1, y - 85});
}

static void links(struct hc_sketch *s)
{
    for (guint i = 0; i < s->figure->links->len; i++) {
        const struct hc_figure_link *link = &g_array_index(s->figure->links, struct hc_figure_link, i);
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, s->row_of[link->lane]);
        for (int p = 0; p < s->scale.n && row->members == 1; p++)
            link_piece(s, link, p, row->y);
    }
}

void hc_sketch_bars(struct hc_sketch *s)
{
    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        if (row->members > 1 && row->barred)
            hc_rows_share(s, i);
        else if (row->members == 1)
            row_bars(s, i, row->y);
    }
    links(s);
}
