/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a figure, and the pens it is drawn with. */
#include "src/narrate/figure_sketch.h"

#include <stdarg.h>

#define AXIS 580
#define DATE_LINE 140

static void add_time(GArray *times, int64_t us)
{
    g_array_append_val(times, us);
}

static void fit_scale(struct hc_sketch *s)
{
    const struct hc_figure *f = s->figure;
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) acts = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (guint i = 0; i < f->marks->len; i++) {
        const struct hc_figure_mark *mark = &g_array_index(f->marks, struct hc_figure_mark, i);
        add_time(times, mark->earliest);
        add_time(times, mark->latest);
        add_time(acts, mark->earliest);
    }
    for (guint i = 0; i < f->bars->len; i++) {
        const struct hc_figure_bar *bar = &g_array_index(f->bars, struct hc_figure_bar, i);
        if (!bar->open_from)
            add_time(times, bar->from);
        if (!bar->open_to)
            add_time(times, bar->to);
    }
    for (guint i = 0; i < f->links->len; i++) {
        add_time(times, g_array_index(f->links, struct hc_figure_link, i).from);
        add_time(times, g_array_index(f->links, struct hc_figure_link, i).to);
    }
    for (guint i = 0; i < f->phases->len; i++) {
        add_time(times, g_array_index(f->phases, struct hc_figure_phase, i).from);
        add_time(times, g_array_index(f->phases, struct hc_figure_phase, i).to);
    }
    hc_scale_fit(&s->scale, times, acts);
}

static bool has_dates(const GArray *ticks)
{
    for (guint i = 0; i < ticks->len; i++)
        if (g_array_index(ticks, struct hc_tick, i).date[0])
            return true;
    return false;
}

static void clear_row(void *p)
{
    struct hc_row *row = p;

    for (guint i = 0; i < row->marks->len; i++) {
        struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, i);
        if (mark->label)
            g_string_free(mark->label, TRUE);
        if (mark->title)
            g_string_free(mark->title, TRUE);
    }
    g_array_unref(row->marks);
    g_free(row->name);
    g_free(row->full);
}

static void clear_item(void *p)
{
    g_free(((struct hc_legend_item *)p)->text);
}

void hc_sketch_begin(struct hc_sketch *s, const struct hc_figure *figure, GString *out)
{
    *s = (struct hc_sketch){.figure = figure, .xml = hc_xml_new(out)};
    s->rows = g_array_new(FALSE, TRUE, sizeof(struct hc_row));
    g_array_set_clear_func(s->rows, clear_row);
    s->boxes = g_array_new(FALSE, FALSE, sizeof(struct hc_box));
    s->legend = g_array_new(FALSE, TRUE, sizeof(struct hc_legend_item));
    g_array_set_clear_func(s->legend, clear_item);
    s->row_of = g_new0(int, figure->lanes->len + 1);
    fit_scale(s);
    s->ticks = hc_scale_ticks(&s->scale);
    s->axis = AXIS;
    s->date_line = has_dates(s->ticks) ? DATE_LINE : 0;
    hc_rows_plan(s);
    hc_marks_plan(s);
    hc_legend_plan(s);
}

bool hc_sketch_end(struct hc_sketch *s, GError **error)
{
    hc_xml_close(s->xml);
    g_array_unref(s->ticks);
    g_array_unref(s->rows);
    g_array_unref(s->boxes);
    g_array_unref(s->legend);
    g_free(s->row_of);
    return hc_xml_end(s->xml, error);
}

/* One decimal where there is one; never by a formatter that knows locales. */
void hc_pen_tenths(GString *out, int tenths)
{
    char digits[16];

    if (tenths < 0)
        g_string_append_c(out, '-');
    g_snprintf(digits, sizeof digits, "%d", ABS(tenths) / 10);
    g_string_append(out, digits);
    if (tenths % 10) {
        g_string_append_c(out, '.');
        g_string_append_c(out, (char)('0' + ABS(tenths) % 10));
    }
}

void hc_pen_attr(struct hc_sketch *s, const char *name, int tenths)
{
    g_autoptr(GString) value = g_string_new(NULL);

    hc_pen_tenths(value, tenths);
    hc_xml_attr(s->xml, name, value->str);
}

static void begin(struct hc_sketch *s, const char *name, const char *css)
{
    hc_xml_open(s->xml, name);
    hc_xml_attr(s->xml, "class", css);
}

static void end(struct hc_sketch *s, const char *title)
{
    if (title)
        hc_xml_leaf(s->xml, "title", title);
    hc_xml_close(s->xml);
}

void hc_pen_rect(struct hc_sketch *s, const char *css, int x, int y, int width, int height, const char *title)
{
    begin(s, "rect", css);
    hc_pen_attr(s, "x", x);
    hc_pen_attr(s, "y", y);
    hc_pen_attr(s, "width", width);
    hc_pen_attr(s, "height", height);
    end(s, title);
}

void hc_pen_circle(struct hc_sketch *s, const char *css, int x, int y, int radius, const char *title)
{
    begin(s, "circle", css);
    hc_pen_attr(s, "cx", x);
    hc_pen_attr(s, "cy", y);
    hc_pen_attr(s, "r", radius);
    end(s, title);
}

void hc_pen_path(struct hc_sketch *s, const char *css, const char *title, const char *form, ...)
{
    g_autoptr(GString) d = g_string_new(NULL);
    va_list args;

    va_start(args, form);
    for (; *form; form++) {
        if (*form == '#')
            hc_pen_tenths(d, va_arg(args, int));
        else
            g_string_append_c(d, *form);
    }
    va_end(args);
    begin(s, "path", css);
    hc_xml_attr(s->xml, "d", d->str);
    end(s, title);
}

struct hc_box hc_box_text(const char *text, int size, int x, int y, enum hc_anchor anchor)
{
    int width = hc_text_width(text, size);

    x -= anchor == HC_ANCHOR_MIDDLE ? width / 2 : anchor == HC_ANCHOR_END ? width : 0;
    return (struct hc_box){x, y - size * 8 / 10, x + width, y + size / 4};
}

bool hc_box_free(const struct hc_sketch *s, struct hc_box box)
{
    for (guint i = 0; i < s->boxes->len; i++) {
        const struct hc_box *b = &g_array_index(s->boxes, struct hc_box, i);
        if (box.x0 < b->x1 && b->x0 < box.x1 && box.y0 < b->y1 && b->y0 < box.y1)
            return false;
    }
    return true;
}

void hc_box_add(struct hc_sketch *s, struct hc_box box)
{
    g_array_append_val(s->boxes, box);
}

void hc_pen_text(struct hc_sketch *s, const char *css, const char *text, int size, int x, int y,
                 enum hc_anchor anchor)
{
    static const char *const anchors[] = {NULL, "middle", "end"};

    if (!*text)
        return;
    begin(s, "text", css);
    hc_pen_attr(s, "x", x);
    hc_pen_attr(s, "y", y);
    hc_xml_attr(s->xml, "text-anchor", anchors[anchor]);
    hc_xml_text(s->xml, text);
    hc_xml_close(s->xml);
    hc_box_add(s, hc_box_text(text, size, x, y, anchor));
}
