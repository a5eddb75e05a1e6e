/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FIGURE_SKETCH_H
#define HC_FIGURE_SKETCH_H

#include "src/base/xmlout.h"
#include "src/narrate/figure.h"

/*
 * The inside of the figure, for figure_*.c only. All coordinates are tenths of an SVG user unit, as whole
 * numbers. A sketch is first planned (which rows, which scale, where each mark), then written from back to
 * front.
 */

/* Years 1700 to 2249. */
#define HC_FIGURE_FIRST (INT64_C(-8520336000) * 1000000)
#define HC_FIGURE_LAST (INT64_C(8835955200) * 1000000 - 1)

/* The frame: names to the left of the plot, a margin of 8 to its right. */
#define HC_PLOT_LEFT 1320
#define HC_PLOT_RIGHT 9520
#define HC_PLOT_WIDTH 9600
#define HC_BREAK_WIDTH 400
#define HC_OVERHANG 60 /* how far lines run into a break */
#define HC_LABEL_SIZE 115
#define HC_LINE 240 /* pitch of the legend */

/* ---- figure_scale.c: time to place ---- */

#define HC_PARTS_MAX 4
struct hc_scale_part {
    int64_t from, to;    /* from < to */
    int64_t first, last; /* recorded times inside */
    int x0, x1;
    bool broken0, broken1; /* a break to the left, to the right */
    int step;              /* of the ticks: index into the ladder */
};
struct hc_scale {
    struct hc_scale_part parts[HC_PARTS_MAX];
    int n;      /* at least 1 */
    bool dated; /* false: there was no time at all, the one part means nothing */
    bool several_days;
};

/* `times`: all that must be inside; `acts`: those that count for the width of a part and the length of a gap.
 * Both are sorted here. */
void hc_scale_fit(struct hc_scale *scale, GArray *times, GArray *acts);
/* Place of an instant; one in a gap or outside goes to the nearest edge on its left, else right. */
int hc_scale_x(const struct hc_scale *scale, int64_t us);
/* The piece of [from, to] inside a part, running on into a break where the interval does; false when there is
 * none. */
bool hc_scale_piece(const struct hc_scale *scale, int part, int64_t from, int64_t to, int *x0, int *x1);

struct hc_tick {
    int x;
    char label[16]; /* empty: a line only */
    char date[16];  /* second line, mostly empty */
};
/* Of struct hc_tick, from left to right; yours. */
GArray *hc_scale_ticks(const struct hc_scale *scale);

/* ---- figure_text.c: how wide, how cut ---- */

/* Columns on a display: wide characters count 2, monsters more. */
int hc_text_columns(const char *text);
/* 0.62 em for a column of one (more for M and the like), 1 em for two: generous, as the font is not known. */
int hc_text_width(const char *text, int size);
/* Visible form, cut in the middle to `max` columns. Yours. */
char *hc_text_short(const char *text, int max);
/* Visible form with the first "{name}" replaced; yours. */
char *hc_text_fill(const char *pattern, const char *name, const char *value);
char *hc_text_fill_n(const char *pattern, int64_t n);
/* "5 h 42 min": rounded down to the minute; from two days on days and hours, from ten days on days. Yours. */
char *hc_text_gap(const struct hc_figure *figure, int64_t us);
/* Rounded to what the eye can compare; yours. */
char *hc_text_amount(const struct hc_figure *figure, int64_t us);

/* ---- figure_rows.c: lanes to rows ---- */

struct hc_placed {
    int x;                    /* of the symbol */
    bool wide;                /* the interval is drawn too */
    int64_t earliest, latest; /* the interval */
    int kind;                 /* enum hc_mark_kind, or HC_MARK_KINDS: of several kinds */
    int side;
    int count;
    bool counted;           /* the count is written */
    GString *label, *title; /* NULL when there is none */
};
struct hc_row {
    enum hc_lane_group group;
    int members;   /* lanes in it */
    char *name;    /* as drawn */
    char *full;    /* when it differs, else NULL */
    int y;         /* middle */
    bool hatched;  /* some records are lost */
    bool barred;   /* has bars, so its labels stand above */
    GArray *marks; /* of struct hc_placed, by x */
};

struct hc_box {
    int x0, y0, x1, y1;
};

struct hc_sketch {
    const struct hc_figure *figure;
    struct hc_xml *xml;
    struct hc_scale scale;
    GArray *ticks;
    GArray *rows;   /* of struct hc_row */
    int *row_of;    /* of each lane */
    GArray *boxes;  /* of struct hc_box: what a label must not touch */
    GArray *legend; /* of struct hc_legend_item */
    int axis, bottom, height;
    int date_line; /* room for the second line of the ticks, 0 when there is none */
};

void hc_rows_plan(struct hc_sketch *sketch);
/* Draws the bars of a row of many as shares. */
void hc_rows_share(struct hc_sketch *sketch, guint row);

/* ---- figure_marks.c ---- */

void hc_marks_plan(struct hc_sketch *sketch);
/* Drawn as caps, without a symbol of its own. */
bool hc_marks_is_cap(int kind);
/* Marks of a row of many: one tick for each, in `side`'s colour. */
void hc_marks_ticks(struct hc_sketch *sketch, const struct hc_row *row);
/* The symbol of a kind at a place; `title` may be NULL. */
void hc_marks_symbol(struct hc_sketch *sketch, int kind, enum hc_lane_group group, int side, int x, int y,
                     const char *title);

/* ---- figure_bars.c ---- */

/* "Some time in here": hollow, with a cap at each end; one cap where it is too narrow to be seen. */
void hc_bars_uncertain(struct hc_sketch *sketch, int64_t from, int64_t to, int y, const char *title);
/* `half` of its height on both sides of `y`. */
void hc_bars_hatching(struct hc_sketch *sketch, int x0, int x1, int y, int half);
void hc_bars_piece(struct hc_sketch *sketch, enum hc_bar_kind kind, int x0, int x1, int y);

/* ---- figure_labels.c: words in the plot, where there is room ---- */

/* Of one row: its marks, their counts, its bars. The symbols have taken their places already. */
void hc_labels_draw(struct hc_sketch *sketch, guint row);

/* ---- figure_legend.c ---- */

struct hc_legend_item {
    enum { HC_LEGEND_BAR, HC_LEGEND_MARK, HC_LEGEND_TICK, HC_LEGEND_SCALE } what;
    int kind;
    enum hc_lane_group group;
    int side;
    char *text;
    int x, line;
};
void hc_legend_plan(struct hc_sketch *sketch);

/* ---- figure_sketch.c: plan and pen ---- */

void hc_sketch_begin(struct hc_sketch *sketch, const struct hc_figure *figure, GString *out);
bool hc_sketch_end(struct hc_sketch *sketch, GError **error);

/* The layers, from back to front. */
void hc_sketch_frame(struct hc_sketch *sketch, bool alone);
void hc_sketch_bars(struct hc_sketch *sketch);
void hc_sketch_marks(struct hc_sketch *sketch);
void hc_sketch_legend(struct hc_sketch *sketch);

/* Pens. `css` is the class, `title` what is shown when pointed at (or NULL). In `form` every '#' stands for
 * one int. */
void hc_pen_attr(struct hc_sketch *sketch, const char *name, int tenths);
void hc_pen_rect(struct hc_sketch *sketch, const char *css, int x, int y, int width, int height,
                 const char *title);
void hc_pen_circle(struct hc_sketch *sketch, const char *css, int x, int y, int radius, const char *title);
void hc_pen_path(struct hc_sketch *sketch, const char *css, const char *title, const char *form, ...);
void hc_pen_tenths(GString *out, int tenths);

enum hc_anchor { HC_ANCHOR_START, HC_ANCHOR_MIDDLE, HC_ANCHOR_END };
/* The place that a text takes. */
struct hc_box hc_box_text(const char *text, int size, int x, int y, enum hc_anchor anchor);
/* Does `box` touch what is there? */
bool hc_box_free(const struct hc_sketch *sketch, struct hc_box box);
void hc_box_add(struct hc_sketch *sketch, struct hc_box box);
/* Writes a text and takes its place. */
void hc_pen_text(struct hc_sketch *sketch, const char *css, const char *text, int size, int x, int y,
                 enum hc_anchor anchor);

#endif
