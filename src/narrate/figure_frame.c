/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the lanes: head of the file, phases, axis, names. */
#include "src/narrate/figure_sketch.h"

#define PHASE_TOP 280
#define PHASE_LABEL_Y 200
#define PHASE_SIZE 120
#define PHASE_COLUMNS 24
#define PHASE_LEAST 40 /* width of a column */
#define TICK_Y 500
#define GROUP_SIZE 110
#define NAME_SIZE 130
#define NAME_ROOM 1240

static void view_box(struct hc_sketch *s, bool alone)
{
    g_autoptr(GString) box = g_string_new(alone ? "-16 -4 992 " : "0 0 960 ");

    hc_pen_tenths(box, s->height + (alone ? 80 : 0));
    hc_xml_attr(s->xml, "viewBox", box->str);
}

static void id_attr(struct hc_sketch *s, const char *suffix)
{
    g_autofree char *id = g_strconcat(s->figure->prefix, "-", suffix, NULL);

    hc_xml_attr(s->xml, "id", id);
}

static void id_leaf(struct hc_sketch *s, const char *name, const char *suffix, const char *text)
{
    hc_xml_open(s->xml, name);
    id_attr(s, suffix);
    hc_xml_text(s->xml, text);
    hc_xml_close(s->xml);
    hc_xml_lines(s->xml, HC_STR_LIT("\n"));
}

static void hatching(struct hc_sketch *s)
{
    hc_xml_open(s->xml, "defs");
    hc_xml_open(s->xml, "pattern");
    id_attr(s, "h");
    hc_xml_attr(s->xml, "width", "6");
    hc_xml_attr(s->xml, "height", "6");
    hc_xml_attr(s->xml, "patternUnits", "userSpaceOnUse");
    hc_xml_attr(s->xml, "patternTransform", "rotate(45)");
    hc_pen_path(s, "hat", NULL, "M0 0V6");
    hc_xml_close(s->xml);
    hc_xml_close(s->xml);
}

static void head(struct hc_sketch *s, bool alone)
{
    const struct hc_figure *f = s->figure;
    g_autofree char *labelled = g_strdup_printf("%s-t %s-d", f->prefix, f->prefix);

    hc_xml_open(s->xml, "svg");
    hc_xml_attr(s->xml, "xmlns", "http://www.w3.org/2000/svg");
    hc_xml_attr(s->xml, "class", "tl");
    view_box(s, alone);
    hc_xml_attr(s->xml, "role", "img");
    hc_xml_attr(s->xml, "aria-labelledby", labelled);
    hc_xml_lines(s->xml, HC_STR_LIT("\n"));
    id_leaf(s, "title", "t", f->title);
    id_leaf(s, "desc", "d", f->description);
    if (alone) {
        hc_xml_open(s->xml, "style");
        hc_xml_lines(s->xml, hc_figure_css());
        hc_xml_close(s->xml);
    }
    hatching(s);
}

static void phase_column(struct hc_sketch *s, const struct hc_figure_phase *phase)
{
    char css[] = "ph p0";
    int x0, x1;

    css[4] = (char)('0' + phase->tint);
    for (int p = 0; p < s->scale.n; p++) {
        if (!hc_scale_piece(&s->scale, p, phase->from, phase->to, &x0, &x1))
            continue;
        if (x1 - x0 < PHASE_LEAST)
            x0 = CLAMP((x0 + x1 - PHASE_LEAST) / 2, s->scale.parts[p].x0, s->scale.parts[p].x1 - PHASE_LEAST);
        hc_pen_rect(s, css, x0, PHASE_TOP, MAX(x1 - x0, PHASE_LEAST), s->bottom - PHASE_TOP, NULL);
    }
}

/* Over the middle of the widest piece. */
static bool phase_label(struct hc_sketch *s, const struct hc_figure_phase *phase, bool roomy)
{
    g_autofree char *text = hc_text_short(phase->label, PHASE_COLUMNS);
    int x0, x1, best0 = 0, best1 = -1, width = hc_text_width(text, PHASE_SIZE);

    for (int p = 0; p < s->scale.n; p++)
        if (hc_scale_piece(&s->scale, p, phase->from, phase->to, &x0, &x1) && x1 - x0 > best1 - best0) {
            best0 = x0;
            best1 = x1;
        }
    if (best1 < best0 || (roomy && width > best1 - best0 + 160))
        return false;
    int x = CLAMP((best0 + best1) / 2, HC_PLOT_LEFT + width / 2, HC_PLOT_WIDTH - width / 2 - 1);
    struct hc_box box = hc_box_text(text, PHASE_SIZE, x, PHASE_LABEL_Y, HC_ANCHOR_MIDDLE);
    box.x0 -= 80;
    box.x1 += 80;
    if (!hc_box_free(s, box))
        return false;
    hc_pen_text(s, "phl", text, PHASE_SIZE, x, PHASE_LABEL_Y, HC_ANCHOR_MIDDLE);
    return true;
}

/* First the labels that fit over their columns, then those that stand out over a narrow one without harm. */
static void phases(struct hc_sketch *s)
{
    GArray *list = s->figure->phases;
    g_autofree bool *done = g_new0(bool, list->len + 1);

    for (guint i = 0; i < list->len; i++)
        phase_column(s, &g_array_index(list, struct hc_figure_phase, i));
    for (int roomy = 1; roomy >= 0; roomy--)
        for (guint i = 0; i < list->len; i++)
            done[i] = done[i] || phase_label(s, &g_array_index(list, struct hc_figure_phase, i), roomy);
}

static void ticks(struct hc_sketch *s)
{
    for (guint i = 0; i < s->ticks->len; i++) {
        const struct hc_tick *tick = &g_array_index(s->ticks, struct hc_tick, i);
        int top = tick->date[0] ? s->axis + s->date_line + 20 : s->axis;
        hc_pen_path(s, "grid", NULL, "M# #V#", tick->x, top, s->bottom);
        if (tick->date[0])
            hc_pen_path(s, "grid", NULL, "M# #V#", tick->x, s->axis, s->axis + 40);
        hc_pen_text(s, "ax", tick->label, HC_LABEL_SIZE, tick->x, TICK_Y, HC_ANCHOR_MIDDLE);
        hc_pen_text(s, "ax", tick->date, HC_LABEL_SIZE, tick->x, s->axis + s->date_line, HC_ANCHOR_MIDDLE);
    }
}

/* A horizontal through all parts, cut at the breaks. */
static void line(struct hc_sketch *s, const char *css, int y)
{
    g_autoptr(GString) d = g_string_new(NULL);

    for (int p = 0; p < s->scale.n; p++) {
        const struct hc_scale_part *part = &s->scale.parts[p];
        g_string_append_c(d, 'M');
        hc_pen_tenths(d, part->x0 - (part->broken0 ? HC_OVERHANG : 0));
        g_string_append_c(d, ' ');
        hc_pen_tenths(d, y);
        g_string_append_c(d, 'H');
        hc_pen_tenths(d, part->x1 + (part->broken1 ? HC_OVERHANG : 0));
    }
    hc_pen_path(s, css, NULL, d->str);
}

static void upright(struct hc_sketch *s, const char *text, int x, int y)
{
    g_autoptr(GString) turn = g_string_new("rotate(-90 ");

    hc_pen_tenths(turn, x);
    g_string_append_c(turn, ' ');
    hc_pen_tenths(turn, y);
    g_string_append_c(turn, ')');
    hc_xml_open(s->xml, "text");
    hc_xml_attr(s->xml, "class", "lb");
    hc_pen_attr(s, "x", x);
    hc_pen_attr(s, "y", y);
    hc_xml_attr(s->xml, "text-anchor", "middle");
    hc_xml_attr(s->xml, "transform", turn->str);
    hc_xml_text(s->xml, text);
    hc_xml_close(s->xml);
    int half = hc_text_width(text, HC_LABEL_SIZE) / 2;
    hc_box_add(s, (struct hc_box){x - 92, y - half, x + 29, y + half});
}

/* Two slanted strokes, and how long nothing happened: in a sentence, else the bare duration, else nothing. */
static void gap(struct hc_sketch *s, int p)
{
    const struct hc_scale_part *left = &s->scale.parts[p], *right = left + 1;
    int top = s->axis + 60, room = s->bottom - top;
    g_autofree char *duration = hc_text_gap(s->figure, right->first - left->last);
    g_autofree char *sentence = hc_text_fill(s->figure->words[HC_WORD_GAP], "duration", duration);
    const char *text = hc_text_width(sentence, HC_LABEL_SIZE) + 100 <= room ? sentence : duration;

    hc_pen_path(s, "axis", NULL, "M# #l8 -12M# #l8 -12", left->x1 + 20, s->axis + 60, right->x0 - 100,
                s->axis + 60);
    if (hc_text_width(text, HC_LABEL_SIZE) + 100 <= room)
        upright(s, text, left->x1 + HC_BREAK_WIDTH / 2 + 40, top + room / 2);
}

/*
 * A name that might run into the plot in some font is told how long to be: a little under the generous
 * estimate, so that in most fonts nothing changes. Only what cannot fit by closer letters has its letters
 * narrowed.
 */
static void hold_name(struct hc_sketch *s, int width)
{
    if (width <= NAME_ROOM * 93 / 100)
        return;
    hc_pen_attr(s, "textLength", MIN(width * 94 / 100, NAME_ROOM));
    hc_xml_attr(s->xml, "lengthAdjust", width > NAME_ROOM * 6 / 5 ? "spacingAndGlyphs" : "spacing");
}

static void name(struct hc_sketch *s, const struct hc_row *row)
{
    hc_xml_open(s->xml, "text");
    hc_xml_attr(s->xml, "class", "ln");
    hc_pen_attr(s, "x", 0);
    hc_pen_attr(s, "y", row->y + 40);
    hold_name(s, hc_text_width(row->name, NAME_SIZE));
    if (row->full)
        hc_xml_leaf(s->xml, "title", row->full);
    hc_xml_text(s->xml, row->name);
    hc_xml_close(s->xml);
    hc_box_add(
        s, (struct hc_box){0, row->y - 64, MIN(hc_text_width(row->name, NAME_SIZE), NAME_ROOM), row->y + 72});
}

static void names(struct hc_sketch *s)
{
    for (guint i = 0; i < s->rows->len; i++) {
        const struct hc_row *row = &g_array_index(s->rows, struct hc_row, i);
        if (i == 0 || row->group != row[-1].group) {
            g_autofree char *group = hc_text_short(s->figure->group_names[row->group], 14);
            hc_pen_text(s, "grp", group, GROUP_SIZE, 0, row->y - 220, HC_ANCHOR_START);
        }
        name(s, row);
        line(s, "base", row->y);
    }
}

void hc_sketch_frame(struct hc_sketch *s, bool alone)
{
    head(s, alone);
    phases(s);
    ticks(s);
    line(s, "axis", s->axis);
    names(s);
    for (int p = 0; p + 1 < s->scale.n; p++)
        gap(s, p);
}
