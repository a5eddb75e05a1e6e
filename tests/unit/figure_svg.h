/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FIGURE_SVG_H
#define HC_FIGURE_SVG_H

#include <glib.h>

/* A drawing read back. Coordinates in user units. */
struct svg_text {
    char *css, *text;
    double x0, y0, x1, y1; /* the room it takes, by the estimate of 0.62 em and 1 em */
    double x, y;
};
struct svg_path {
    char *css, *d;
};
struct svg {
    double x0, y0, x1, y1; /* viewBox */
    GArray *texts;         /* of struct svg_text */
    GArray *paths;         /* of struct svg_path */
    GArray *rects;         /* of struct svg_path: css, "x y width height" */
    char *title, *description;
    unsigned styles;
};

/* Parses and checks what must hold of every drawing: well-formed, only the elements and attributes we know,
 * ids unique and with the prefix, everything inside the viewBox, no control character. Fails the test
 * otherwise. */
struct svg *svg_read(const GString *bytes, const char *prefix);
void svg_free(struct svg *svg);
/* No two texts overlap, names stand at least a lane apart, ticks go up. */
void svg_check_texts(const struct svg *svg);
/* The n-th text of a class, or NULL. */
const char *svg_nth(const struct svg *svg, const char *css, unsigned n);
unsigned svg_count(const struct svg *svg, const char *css);
/* Is there a text that reads so? */
gboolean svg_says(const struct svg *svg, const char *text);

#endif
