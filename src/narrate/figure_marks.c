/* SPDX-License-Identifier: Apache-2.0 */
/* Acts: where each symbol stands, which ones are too close and become one, what each looks like. */
#include "src/narrate/figure_sketch.h"

#define CLOSE 70     /* symbols nearer than this touch */
#define SHIFT_MAX 30 /* by which a later one may give way */
#define CLOSE_CAPS 20
#define WIDE 20 /* an interval that can be seen */
#define TITLES_MAX 6

static const char *const side_class[HC_SIDES] = {"mo", "md", "mr"};

bool hc_marks_is_cap(int kind)
{
    return kind == HC_MARK_DELETE || kind == HC_MARK_FREEZE;
}

static struct hc_row *row_at(struct hc_sketch *s, guint i)
{
    return &g_array_index(s->rows, struct hc_row, i);
}

static int part_of(const struct hc_scale *scale, int64_t us)
{
    int p = 0;

    while (p + 1 < scale->n && us >= scale->parts[p + 1].from)
        p++;
    return p;
}

/* The symbol of a wide interval stands in its middle; of one that reaches over a break, at its end. */
static struct hc_placed placed(const struct hc_sketch *s, const struct hc_figure_mark *mark)
{
    int x0 = hc_scale_x(&s->scale, mark->earliest), x1 = hc_scale_x(&s->scale, mark->latest);
    struct hc_placed p = {.x = x0,
                          .earliest = mark->earliest,
                          .latest = mark->latest,
                          .kind = (int)mark->kind,
                          .side = mark->side,
                          .count = 1};

    p.wide = x1 - x0 >= WIDE;
    if (part_of(&s->scale, mark->earliest) != part_of(&s->scale, mark->latest) || hc_marks_is_cap(p.kind))
        p.x = x1;
    else if (p.wide)
        p.x = (x0 + x1) / 2;
    p.label = mark->label && *mark->label ? g_string_new(mark->label) : NULL;
    p.title = mark->title && *mark->title ? g_string_new(mark->title) : NULL;
    return p;
}

static int by_place(const void *a, const void *b)
{
    const struct hc_placed *x = a, *y = b;

    return (x->x > y->x) - (x->x < y->x);
}

static void add_text(GString **to, GString *more, const char *between)
{
    if (!more)
        return;
    if (!*to) {
        *to = more;
        return;
    }
    if (strcmp((*to)->str, more->str) != 0)
        g_string_append_printf(*to, "%s%s", between, more->str);
    g_string_free(more, TRUE);
}

/* `later` disappears into `mark`. Beyond a few, its words do too: the table has them. */
static void merge(const struct hc_sketch *s, struct hc_placed *mark, struct hc_placed *later)
{
    if (mark->kind != later->kind || mark->side != later->side)
        mark->kind = HC_MARK_KINDS;
    if (later->wide) {
        mark->earliest = mark->wide ? MIN(mark->earliest, later->earliest) : later->earliest;
        mark->latest = mark->wide ? MAX(mark->latest, later->latest) : later->latest;
        mark->wide = true;
    }
    if (mark->count < TITLES_MAX) {
        add_text(&mark->label, later->label, s->figure->words[HC_WORD_JOIN]);
        add_text(&mark->title, later->title, " \xc2\xb7 ");
    } else {
        if (later->label)
            g_string_free(later->label, TRUE);
        if (later->title)
            g_string_free(later->title, TRUE);
    }
    mark->count += later->count;
}

/* The last mark of the same sort (symbol or cap) that is kept already, or NULL. */
static struct hc_placed *neighbour(GArray *kept, bool cap)
{
    for (guint i = kept->len; i-- > 0;) {
        struct hc_placed *mark = &g_array_index(kept, struct hc_placed, i);
        if (hc_marks_is_cap(mark->kind) == cap)
            return mark;
    }
    return NULL;
}

static void settle(const struct hc_sketch *s, struct hc_row *row)
{
    GArray *kept = g_array_new(FALSE, TRUE, sizeof(struct hc_placed));

    g_array_sort(row->marks, by_place);
    for (guint i = 0; i < row->marks->len; i++) {
        struct hc_placed mark = g_array_index(row->marks, struct hc_placed, i);
        bool cap = hc_marks_is_cap(mark.kind);
        struct hc_placed *before = neighbour(kept, cap);
        int missing = before ? (cap ? CLOSE_CAPS : CLOSE) - (mark.x - before->x) : 0;
        if (missing > (cap ? 0 : SHIFT_MAX) && (!cap || before->kind == mark.kind)) {
            merge(s, before, &mark);
            continue;
        }
        if (missing > 0 && !cap)
            mark.x += missing;
        g_array_append_val(kept, mark);
    }
    g_array_unref(row->marks);
    row->marks = kept;
}

/* The last of several merged titles says how many are not said. */
static void close_titles(struct hc_row *row)
{
    for (guint i = 0; i < row->marks->len; i++) {
        struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, i);
        if (mark->count > TITLES_MAX && mark->title)
            g_string_append_printf(mark->title, " \xc2\xb7 +%d", mark->count - TITLES_MAX);
    }
}

void hc_marks_plan(struct hc_sketch *s)
{
    for (guint i = 0; i < s->figure->marks->len; i++) {
        const struct hc_figure_mark *mark = &g_array_index(s->figure->marks, struct hc_figure_mark, i);
        struct hc_placed place = placed(s, mark);
        g_array_append_val(row_at(s, (guint)s->row_of[mark->lane])->marks, place);
    }
    for (guint i = 0; i < s->rows->len; i++) {
        if (row_at(s, i)->members > 1)
            continue;
        settle(s, row_at(s, i));
        close_titles(row_at(s, i));
    }
}

static void cross(struct hc_sketch *s, int x, int y, const char *title)
{
    hc_pen_path(s, "rmh", NULL, "M# #l8 8m0 -8l-8 8", x - 40, y - 40);
    hc_pen_path(s, "rm", title, "M# #l8 8m0 -8l-8 8", x - 40, y - 40);
}

static void square(struct hc_sketch *s, const char *css, int x, int y, int size, const char *title)
{
    hc_pen_rect(s, css, x - size / 2, y - size / 2, size, size, title);
}

void hc_marks_symbol(struct hc_sketch *s, int kind, enum hc_lane_group group, int side, int x, int y,
                     const char *title)
{
    switch (kind) {
    case HC_MARK_CREATE:
        hc_pen_circle(s, side_class[side], x, y, 50, title);
        break;
    case HC_MARK_INVITE:
        if (group == HC_LANE_PROJECTS)
            hc_pen_circle(s, "inv", x, y, 45, title);
        else
            hc_pen_path(s, side_class[side], title, "M# #l4.8 4.8l-4.8 4.8l-4.8 -4.8z", x, y - 48);
        break;
    case HC_MARK_ACCEPT:
        hc_pen_circle(s, side_class[side], x, y, 45, title);
        break;
    case HC_MARK_REMOVE:
        cross(s, x, y, title);
        break;
    case HC_MARK_NOTICE:
        hc_pen_path(s, "nt", title, "M# #h7l-3.5 8z", x - 35, y - 50);
        break;
    case HC_MARK_MAIL:
    case HC_MARK_CHAT:
    case HC_MARK_AUDIT:
        square(s, side_class[side], x, y, side == HC_SIDE_ADMINS ? 80 : 90, title);
        break;
    case HC_MARK_RESTORE:
    case HC_MARK_ROLE_BACK:
        hc_pen_path(s, side_class[side], title, "M# #h10.4l-5.2 -9.6z", x - 52, y + 44);
        break;
    case HC_MARK_ACT:
        hc_pen_rect(s, side_class[side], x - 25, y - 50, 50, 100, title);
        break;
    case HC_MARK_DELETE:
    case HC_MARK_FREEZE:
        break; /* hc_bars_uncertain */
    default:
        square(s, "mx", x, y, 90, title);
    }
}

void hc_marks_ticks(struct hc_sketch *s, const struct hc_row *row)
{
    static const char *const css[HC_SIDES] = {"to", "td", "tr"};
    int top = row->barred ? row->y - 115 : row->y - 40, length = row->barred ? 45 : 80;

    g_array_sort(row->marks, by_place);
    for (int side = 0; side < HC_SIDES; side++) {
        g_autoptr(GString) d = g_string_new(NULL);
        int last = -10;
        for (guint i = 0; i < row->marks->len; i++) {
            const struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, i);
            if (mark->side != side || mark->x - last < 10) /* one unit apart is all the eye can see */
                continue;
            last = mark->x;
            g_string_append_c(d, 'M');
            hc_pen_tenths(d, mark->x);
            g_string_append_c(d, ' ');
            hc_pen_tenths(d, top);
            g_string_append_c(d, 'v');
            hc_pen_tenths(d, length);
        }
        if (d->len)
            hc_pen_path(s, css[side], NULL, d->str);
    }
}

/* Obstacles for the labels. */
static void take_place(struct hc_sketch *s, const struct hc_row *row, const struct hc_placed *mark)
{
    int x0 = mark->x - 50, x1 = mark->x + 50, height = 50;

    if (hc_marks_is_cap(mark->kind)) {
        x0 = mark->x - 10;
        x1 = mark->x + 10;
        height = 90;
    }
    hc_box_add(s, (struct hc_box){x0, row->y - height, x1, row->y + height});
}

static void row_marks(struct hc_sketch *s, const struct hc_row *row)
{
    for (guint i = 0; i < row->marks->len; i++) {
        const struct hc_placed *mark = &g_array_index(row->marks, struct hc_placed, i);
        const char *title = mark->title ? mark->title->str : NULL;
        if (mark->wide || hc_marks_is_cap(mark->kind))
            hc_bars_uncertain(s, mark->earliest, mark->latest, row->y,
                              hc_marks_is_cap(mark->kind) ? title : NULL);
        hc_marks_symbol(s, mark->kind, row->group, mark->side, mark->x, row->y, title);
        take_place(s, row, mark);
    }
}

void hc_sketch_marks(struct hc_sketch *s)
{
    for (guint i = 0; i < s->rows->len; i++) {
        if (row_at(s, i)->members > 1)
            hc_marks_ticks(s, row_at(s, i));
        else
            row_marks(s, row_at(s, i));
    }
    for (guint i = 0; i < s->rows->len; i++)
        hc_labels_draw(s, i);
}
