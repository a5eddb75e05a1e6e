/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utc.h"
#include "src/base/xmlout.h"
#include "src/narrate/figure_sketch.h"
#include "tests/unit/figure_model.h"
#include "tests/unit/figure_svg.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_figure(void);

/* HINDCAST_FIGURES=DIR keeps what is drawn, to be looked at. */
static void keep(const char *name, const GString *bytes)
{
    const char *folder = getenv("HINDCAST_FIGURES");

    if (folder) {
        g_autofree char *path = g_strdup_printf("%s/%s.svg", folder, name);
        g_file_set_contents(path, bytes->str, (gssize)bytes->len, NULL);
    }
}

/* Draws twice, as a file and for a page; frees the figure. */
static struct svg *draw(struct hc_figure *figure, const char *name)
{
    g_autoptr(GString) alone = g_string_new(NULL), again = g_string_new(NULL), page = g_string_new("before");
    GError *error = NULL;

    ck_assert_msg(hc_figure_svg(figure, true, alone, &error), "%s", error ? error->message : "");
    ck_assert(hc_figure_svg(figure, true, again, NULL) && hc_figure_svg(figure, false, page, NULL));
    keep(name, alone);
    ck_assert_str_eq(alone->str, again->str);
    ck_assert(g_str_has_prefix(page->str, "before<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tl\""));
    g_string_erase(page, 0, 6);
    struct svg *in_page = svg_read(page, figure->prefix), *svg = svg_read(alone, figure->prefix);
    ck_assert_uint_eq(in_page->styles, 0);
    ck_assert_uint_eq(svg->styles, 1);
    ck_assert(in_page->x0 == 0 && in_page->y0 == 0 && in_page->x1 == 960);
    ck_assert(svg->x0 == -16 && svg->x1 == 976);
    svg_check_texts(svg);
    svg_free(in_page);
    hc_figure_free(figure);
    return svg;
}

static void expect_texts(const struct svg *svg, const char *css, const char *const *want)
{
    unsigned n = 0;

    for (; want[n]; n++) {
        const char *is = svg_nth(svg, css, n);
        ck_assert_msg(is && strcmp(is, want[n]) == 0, "%s %u: %s, not %s", css, n, is ? is : "nothing",
                      want[n]);
    }
    ck_assert_uint_eq(svg_count(svg, css), n);
}

static bool has_shape(const GArray *shapes, const char *css, const char *d)
{
    for (guint i = 0; i < shapes->len; i++) {
        const struct svg_path *p = &g_array_index(shapes, struct svg_path, i);
        if (strcmp(p->css, css) == 0 && strcmp(p->d, d) == 0)
            return true;
    }
    return false;
}

START_TEST(model_case)
{
    static const char *const names[] = {
        "dvolk",   "meisnate12", "arrapi", "tmdbapis", "nagerapi", "pmmutils", "Owner\xe2\x80\x99s mail",
        "Admin A", "Admin B",    NULL};
    static const char *const ticks[] = {"08:42", "08:43", "08:44", "08:45", "08:46", "08:47", "08:48",
                                        "08:49", "08:50", "14:40", "15:00", "15:20", "15:40", NULL};
    static const char *const labels[] = {"registered",
                                         "frozen by 14:46:21",
                                         "own records deleted with the account",
                                         "deleted in here",
                                         "no account",
                                         "restored",
                                         "9 notices delivered",
                                         "report 14:33:07",
                                         "chat, reply, repository",
                                         "closed",
                                         "decision",
                                         "transaction",
                                         "5 h 42 min without a recorded act",
                                         "Preparation",
                                         "Handover",
                                         "Deletion",
                                         "Report",
                                         "Response",
                                         "Recovery",
                                         "held by dvolk",
                                         "axis broken: 1 min on the left is as wide as 14 min on the right"};
    struct svg *svg = draw(figure_model_case(), "model");

    expect_texts(svg, "ln", names);
    expect_texts(svg, "ax", ticks);
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        ck_assert_msg(svg_says(svg, labels[i]), "%s is not there", labels[i]);
    ck_assert(has_shape(svg->paths, "axis", "M132 58H606M634 58H952"));
    ck_assert(has_shape(svg->rects, "bd", "161 101 445 8"));      /* dvolk, up to the break */
    ck_assert(has_shape(svg->rects, "bo", "132 189 282.1 8"));    /* arrapi, up to the acceptance */
    ck_assert(has_shape(svg->rects, "unc", "537.7 130 34.2 10")); /* the deletion */
    ck_assert(has_shape(svg->paths, "link", "M283.8 188.5V184H414.1V188.5"));
    ck_assert_str_eq(svg->title, "Timeline of 22 November 2023 by account, project and person (UTC)");
    ck_assert_str_eq(svg->description, "dvolk is registered at 08:42:33. Ownership is back at 15:31:21.");
    svg_free(svg);
}
END_TEST

START_TEST(nothing_to_draw)
{
    struct svg *svg = draw(hc_figure_new(), "empty");

    ck_assert_uint_eq(svg->texts->len, 0);
    svg_free(svg);
    struct hc_figure *figure = hc_figure_new(); /* lanes without a time */
    hc_figure_bar(figure, &(struct hc_figure_bar){.lane = hc_figure_lane(figure, HC_LANE_PROJECTS, "p"),
                                                  .open_from = true,
                                                  .open_to = true});
    svg = draw(figure, "timeless");
    ck_assert(has_shape(svg->rects, "bo", "132 101 820 8"));
    ck_assert_uint_eq(svg_count(svg, "ax"), 0);
    svg_free(svg);
}
END_TEST

START_TEST(one_instant)
{
    struct hc_figure *figure = hc_figure_new();
    struct hc_figure_mark mark = {.lane = hc_figure_lane(figure, HC_LANE_PEOPLE, "A"), .kind = HC_MARK_CHAT};

    mark.earliest = mark.latest = figure_time("2023-11-22 23:59:59Z");
    mark.label = (char *)"here";
    for (int i = 0; i < 9; i++)
        hc_figure_mark(figure, &mark);
    struct svg *svg = draw(figure, "instant");
    ck_assert(svg_says(svg, "here"));
    ck_assert(svg_says(svg, "\xc3\x97"
                            "9")); /* merged, with the count */
    ck_assert_uint_gt(svg_count(svg, "ax"), 2);
    svg_free(svg);
}
END_TEST

START_TEST(dates_where_days_change)
{
    struct hc_figure *figure = hc_figure_new();
    int lane = hc_figure_lane(figure, HC_LANE_PEOPLE, "A");
    static const char *const times[] = {"2023-11-22 22:00:00Z", "2023-11-22 23:10:00Z",
                                        "2023-11-23 00:50:00Z", "2023-11-23 01:30:00Z",
                                        "2023-12-31 12:00:00Z"};

    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        struct hc_figure_mark mark = {.lane = lane, .kind = HC_MARK_CHAT, .earliest = figure_time(times[i])};
        mark.latest = mark.earliest;
        hc_figure_mark(figure, &mark);
    }
    struct svg *svg = draw(figure, "days");
    ck_assert(svg_says(svg, "2023-11-22") && svg_says(svg, "2023-11-23") && svg_says(svg, "2023-12-31"));
    ck_assert(svg_says(svg, "38 d without a recorded act") || svg_says(svg, "38 d"));
    svg_free(svg);
}
END_TEST

static const struct {
    int accounts, projects, people, rows;
} crowds[] = {{0, 0, 0, 0}, {1, 1, 0, 2}, {6, 12, 5, 23}, {7, 13, 6, 18}, {40, 100, 30, 18}, {0, 3000, 0, 7}};

START_TEST(many_lanes)
{
    struct svg *svg =
        draw(figure_of_many(crowds[_i].accounts, crowds[_i].projects, crowds[_i].people), "many");

    ck_assert_uint_eq(svg_count(svg, "ln"), (unsigned)crowds[_i].rows);
    ck_assert(svg->y1 <= 30 * 24 + 320); /* with axis, names of groups and legend */
    if (crowds[_i].projects == 100) {
        ck_assert(svg_says(svg, "94 more projects") && svg_says(svg, "35 more") && svg_says(svg, "26 more"));
        ck_assert(svg_says(svg, "a-rather\xe2\x80\xa6"
                                "ame-1#2"));
    }
    svg_free(svg);
}
END_TEST

START_TEST(names_are_cut)
{
    struct hc_figure *figure = hc_figure_new();

    hc_figure_lane(figure, HC_LANE_PROJECTS, "very-long-project-name");
    hc_figure_lane(figure, HC_LANE_PROJECTS, "sixteen-columns!");
    hc_figure_lane(
        figure, HC_LANE_PROJECTS,
        "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
        "\xe4\xb8\xad");
    hc_figure_lane(figure, HC_LANE_PROJECTS,
                   "a\xe2\x80\xae"
                   "b");
    struct svg *svg = draw(figure, "names");
    ck_assert_str_eq(svg_nth(svg, "ln", 0), "very-long\xe2\x80\xa6t-name");
    ck_assert_str_eq(svg_nth(svg, "ln", 1), "sixteen-columns!");
    ck_assert_str_eq(svg_nth(svg, "ln", 2), "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe2\x80\xa6"
                                            "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad");
    ck_assert_str_eq(svg_nth(svg, "ln", 3), "a\\u{202E}b");
    svg_free(svg);
}
END_TEST

START_TEST(anything)
{
    for (guint32 seed = 1; seed <= 40; seed++)
        svg_free(draw(figure_at_random(seed * 16 + (guint32)_i), "random"));
}
END_TEST

START_TEST(callers_mistakes)
{
    struct hc_figure *figure = hc_figure_new();
    g_autoptr(GString) out = g_string_new("kept");
    GError *error = NULL;

    hc_figure_mark(figure, &(struct hc_figure_mark){.lane = 0, .kind = HC_MARK_MAIL});
    ck_assert(!hc_figure_svg(figure, false, out, &error));
    ck_assert(error && error->domain == HC_ERROR);
    ck_assert_str_eq(out->str, "kept");
    g_clear_error(&error);
    hc_figure_free(figure);
    figure = hc_figure_new();
    hc_figure_set_prefix(figure, "9\"><b a-1");
    ck_assert_str_eq(figure->prefix, "ba-1");
    hc_figure_set_prefix(figure, NULL);
    ck_assert_str_eq(figure->prefix, "tl");
    hc_figure_free(figure);
}
END_TEST

/* ---- the time axis by itself ---- */

/* Minutes to a scale. */
static struct hc_scale scale_of(const int64_t *minutes, size_t n)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) acts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    struct hc_scale scale;

    for (size_t i = 0; i < n; i++) {
        int64_t us = figure_time("2023-11-22 00:00:00Z") + minutes[i] * 60 * HC_US_PER_S;
        g_array_append_val(times, us);
        g_array_append_val(acts, us);
    }
    hc_scale_fit(&scale, times, acts);
    return scale;
}

#define PARTS(...)                                                                                           \
    scale_of((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)).n

START_TEST(breaks)
{
    int64_t even[24];

    ck_assert_int_eq(PARTS(0), 1);
    ck_assert_int_eq(PARTS(0, 30), 1); /* not more than 30 minutes */
    ck_assert_int_eq(PARTS(0, 31), 2);
    ck_assert_int_eq(PARTS(0, 20, 51), 2);
    ck_assert_int_eq(PARTS(0, 30, 60, 90, 120, 150, 180, 210, 240, 271),
                     1); /* would cost more room than it saves */
    ck_assert_int_eq(PARTS(0, 5, 600, 605, 2000, 2005, 5000, 5005, 9000, 9005),
                     4); /* three breaks, the largest */
    ck_assert_int_eq(PARTS(0, 8, 351, 362, 381, 399, 421), 2);
    for (int i = 0; i < 24; i++)
        even[i] = i * 40;
    ck_assert_int_eq(scale_of(even, 24).n, 1);
}
END_TEST

START_TEST(widths)
{
    struct hc_scale two = scale_of((const int64_t[]){0, 1, 2, 3, 4, 5, 6, 7, 500}, 9);
    struct hc_scale four = scale_of((const int64_t[]){0, 1, 2, 3, 4, 500, 1500, 3000}, 8);

    ck_assert_int_eq(two.parts[0].x1 - two.parts[0].x0, 4680);
    ck_assert_int_eq(two.parts[1].x1 - two.parts[1].x0, 3120);
    ck_assert_int_eq(four.n, 4);
    for (int p = 0; p < 4; p++)
        ck_assert_int_ge(four.parts[p].x1 - four.parts[p].x0, 1750);
}
END_TEST

START_TEST(places_keep_the_order)
{
    GRand *r = g_rand_new_with_seed((guint32)_i);
    int64_t minutes[40];
    size_t n = (size_t)g_rand_int_range(r, 1, 40);

    for (size_t i = 0; i < n; i++)
        minutes[i] =
            g_rand_int_range(r, 0, 3) ? g_rand_int_range(r, 0, 90) : g_rand_int_range(r, -400000, 400000);
    struct hc_scale scale = scale_of(minutes, n);
    int64_t midnight = figure_time("2023-11-22 00:00:00Z");
    int before = HC_PLOT_LEFT;
    for (int64_t m = -400100; m < 400100; m += 97) {
        int x = hc_scale_x(&scale, midnight + m * 60 * HC_US_PER_S);
        if (x < before || x > HC_PLOT_RIGHT)
            ck_abort_msg("minute %d", (int)m);
        before = x;
    }
    for (int p = 0; p + 1 < scale.n; p++) {
        ck_assert(scale.parts[p].to < scale.parts[p + 1].from);
        ck_assert_int_eq(scale.parts[p + 1].x0 - scale.parts[p].x1, HC_BREAK_WIDTH);
    }
    g_rand_free(r);
}
END_TEST

START_TEST(durations)
{
    static const struct {
        int64_t seconds;
        const char *gap, *amount;
    } want[] = {
        {59, "0 h", "59 s"},       {20559, "5 h 42 min", "5 h 43 min"}, {3600, "1 h", "1 h"},
        {850, "14 min", "14 min"}, {78, "1 min", "1 min 18 s"},         {183600, "2 d 3 h", "2 d 3 h"},
        {1036800, "12 d", "12 d"}, {108000, "30 h", "1 d 6 h"},
    };
    struct hc_figure *figure = hc_figure_new();

    for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
        g_autofree char *gap = hc_text_gap(figure, want[i].seconds * HC_US_PER_S);
        g_autofree char *amount = hc_text_amount(figure, want[i].seconds * HC_US_PER_S);
        ck_assert_str_eq(gap, want[i].gap);
        ck_assert_str_eq(amount, want[i].amount);
    }
    hc_figure_free(figure);
}
END_TEST

/* ---- the writer ---- */

START_TEST(xml_escapes)
{
    g_autoptr(GString) out = g_string_new("<!---->");
    struct hc_xml *xml = hc_xml_new(out);

    hc_xml_open(xml, "a");
    hc_xml_attr(xml, "b", "<\"'&>\n\t\x01\xc3\xa9");
    hc_xml_attr(xml, "none", NULL);
    hc_xml_leaf(xml, "c", "]]>\xff\xef\xbf\xbf\xe2\x80\xae&#1;");
    hc_xml_lines(xml, HC_STR_LIT("x\ny"));
    hc_xml_open(xml, "d");
    hc_xml_close(xml);
    hc_xml_close(xml);
    ck_assert(hc_xml_end(xml, NULL));
    ck_assert_str_eq(out->str,
                     "<!----><a b=\"&lt;&quot;'&amp;&gt;\\u{000A} \\u{0001}\xc3\xa9\"><c>]]&gt;\xef\xbf\xbd"
                     "\\u{FFFF}\\u{202E}&amp;#1;</c>x\ny<d/></a>");
}
END_TEST

START_TEST(xml_refuses)
{
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;
    struct hc_xml *xml = hc_xml_new(out);

    if (_i != 4)
        hc_xml_open(xml, "a");
    if (_i == 1)
        hc_xml_text(xml, "x");
    if (_i == 1 || _i == 2)
        hc_xml_attr(xml, _i == 1 ? "late" : "on load", "x");
    if (_i == 3)
        hc_xml_open(xml, "a><b");
    if (_i != 0)
        hc_xml_close(xml);
    if (_i == 5)
        hc_xml_text(xml, "outside");
    ck_assert(!hc_xml_end(xml, &error));
    ck_assert(error && error->domain == HC_ERROR);
    g_clear_error(&error);
}
END_TEST

Suite *suite_figure(void)
{
    Suite *suite = suite_create("figure");
    TCase *tc = tcase_create("figure");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, model_case);
    tcase_add_test(tc, nothing_to_draw);
    tcase_add_test(tc, one_instant);
    tcase_add_test(tc, dates_where_days_change);
    tcase_add_loop_test(tc, many_lanes, 0, (int)G_N_ELEMENTS(crowds));
    tcase_add_test(tc, names_are_cut);
    tcase_add_loop_test(tc, anything, 0, 16);
    tcase_add_test(tc, callers_mistakes);
    tcase_add_test(tc, breaks);
    tcase_add_test(tc, widths);
    tcase_add_loop_test(tc, places_keep_the_order, 0, 50);
    tcase_add_test(tc, durations);
    tcase_add_test(tc, xml_escapes);
    tcase_add_loop_test(tc, xml_refuses, 0, 6);
    suite_add_tcase(suite, tc);
    return suite;
}
