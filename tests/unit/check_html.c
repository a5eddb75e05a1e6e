/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/hash.h"
#include "src/narrate/renderer.h"
#include "src/narrate/typeset.h"

#include <check.h>

Suite *suite_html(void);

static const struct hc_renderer *renderer(const char *name)
{
    for (const struct hc_renderer *const *r = hc_renderers; *r; r++)
        if (strcmp((*r)->name, name) == 0)
            return *r;
    ck_abort_msg("no renderer is called %s", name);
}

#define TEXT(s)                                                                                              \
    {                                                                                                        \
        (s), sizeof(s) - 1                                                                                   \
    }
static const struct hc_str figures[] = {
    TEXT("<svg id=\"summary\"></svg>"), TEXT("<svg id=\"second\"></svg>"), {NULL, 0}};
static const struct hc_str files[] = {TEXT("<svg/>"), {NULL, 0}};

static struct hc_report_text report_of(const char *markdown, const char *lang)
{
    static const char *const tags[] = {"a&b", NULL};

    return (struct hc_report_text){
        .title = "Title <t>",
        .description = "\"d\"",
        .lang = lang,
        .date = "2023-11-22",
        .tags = tags,
        .markdown = hc_str(markdown),
        .svg = figures,
        .svg_alone = files + 1,
    };
}

static char *page_in(const char *markdown, const char *lang)
{
    struct hc_report_text report = report_of(markdown, lang);
    GString *out = g_string_new(NULL);
    GError *error = NULL;

    ck_assert_msg(renderer("html")->render(&report, out, &error), "%s", error ? error->message : "");
    return g_string_free(out, FALSE);
}

static void has(const char *page, const char *want)
{
    const char *body = strstr(page, "<body>");

    ck_assert_msg(strstr(page, want) != NULL, "no [%s] in %.3000s", want, body ? body : page);
}

#define expect(markdown, ...)                                                                                \
    do {                                                                                                     \
        g_autofree char *page_ = page_in(markdown, "en");                                                    \
        const char *const wants_[] = {__VA_ARGS__};                                                          \
        for (size_t i_ = 0; i_ < G_N_ELEMENTS(wants_); i_++)                                                 \
            has(page_, wants_[i_]);                                                                          \
    } while (0)

START_TEST(renderers_are_registered)
{
    struct hc_report_text report = report_of("# x\n", "en");
    g_autoptr(GString) out = g_string_new(NULL);

    ck_assert_str_eq(renderer("html")->file, "incident.html");
    ck_assert_str_eq(renderer("markdown")->file, "incident.md");
    ck_assert_str_eq(renderer("svg")->file, "timeline.svg");
    ck_assert(renderer("svg")->render(&report, out, NULL));
    ck_assert_uint_eq(out->len, 0);
    report.svg_alone = files;
    ck_assert(renderer("svg")->render(&report, out, NULL));
    ck_assert_str_eq(out->str, "<svg/>");
    g_string_truncate(out, 0);
    ck_assert(renderer("markdown")->render(&report, out, NULL));
    ck_assert_str_eq(out->str, "# x\n");
}
END_TEST

/* The browser refuses a style whose hash is another one. */
START_TEST(policy_names_the_style)
{
    g_autofree char *page = page_in("# x\n", "en");
    const char *style = strstr(page, "<style>") + strlen("<style>"), *end = strstr(style, "</style>");
    struct hc_sha256 *hash = hc_sha256_new();
    char hex[HC_SHA256_HEX];
    gsize n;

    hc_sha256_add(hash, style, (size_t)(end - style));
    hc_sha256_end(hash, hex);
    const char *named = strstr(page, "style-src 'sha256-") + strlen("style-src 'sha256-");
    g_autofree char *base64 = g_strndup(named, strcspn(named, "'"));
    g_autofree guchar *digest = g_base64_decode(base64, &n);
    ck_assert_uint_eq(n, 32);
    for (size_t i = 0; i < n; i++) {
        char two[3];
        g_snprintf(two, sizeof two, "%02x", digest[i]);
        ck_assert_int_eq(strncmp(two, hex + 2 * i, 2), 0);
    }
    has(page, "default-src 'none'; ");
    ck_assert_ptr_null(strstr(page, "SPDX"));
}
END_TEST

START_TEST(shell_is_escaped)
{
    expect("no heading\n", "<title>Title &lt;t&gt;</title>", "content=\"&quot;d&quot;\"",
           "<h1>Title &lt;t&gt;</h1>", "<span class=\"tag\">a&amp;b</span>",
           "<time datetime=\"2023-11-22\">22 November 2023</time>", "<p class=\"lead\">no heading</p>");
    expect("# {{body}} {{x}}\n", "<h1>{{body}} {{x}}</h1>");
}
END_TEST

START_TEST(sections_and_anchors)
{
    expect("# A\n\nlead\n\n<!-- more -->\n\nintro\n\n## Summary\n\n## Summary\n\n### main\n\n# Again\n\n## "
           "dvolk’s e1\n\n[^e1]: x\n",
           "<p class=\"lead\">lead</p>", "<div class=\"sec\">\n<p>intro</p>\n</div>",
           "<section class=\"sec\" aria-labelledby=\"summary-2\">\n<h2 id=\"summary-2\">Summary</h2>",
           "<h2 id=\"summary-3\">", "<li><a href=\"#summary-3\">Summary</a></li>",
           "<h3 id=\"main-2\">main</h3>", "<h2 id=\"again\">Again</h2>", "<h2 id=\"dvolks-e1\">",
           "<h2 id=\"references\">References</h2>\n<ol class=\"ev\"");
}
END_TEST

START_TEST(references_lead_there_and_back)
{
    expect(
        "# A\n\nx.[^e2][^e1]\n\ny[^e1] z[^note]\n\n## References\n\n[^e1]: `a/b`, line 1: 2023-06-12\n[^e2]: "
        "two\n[^e3]: never\n[^note]: n\n",
        "x.<sup class=\"fn\">\xe2\x81\xa0<a id=\"r_e1-1\" href=\"#e1\" aria-label=\"Evidence 1\">1</a>"
        "<span aria-hidden=\"true\">, </span><a id=\"r_e2-1\" href=\"#e2\" aria-label=\"Evidence "
        "2\">2</a></sup>",
        "<a id=\"r_note-1\" href=\"#n_note\" aria-label=\"Evidence note\">note</a>",
        "<li id=\"e1\"><span class=\"no\">1</span><div class=\"s\"><code>a/<wbr>b</code>, line 1</div>"
        "<div class=\"qq\"><span class=\"nb\">2023-06-12</span></div><div class=\"bk\">"
        "<a href=\"#r_e1-1\" aria-label=\"Back to use 1 of evidence 1\">a</a> "
        "<a href=\"#r_e1-2\" aria-label=\"Back to use 2 of evidence 1\">b</a></div></li>",
        "aria-label=\"Back to use 1 of evidence 2\">\xe2\x86\x91</a>",
        "<li id=\"e3\"><span class=\"no\">3</span><div class=\"s\">never</div><div class=\"qq\"></div></li>",
        "<li id=\"n_note\">", "<h2 id=\"references\">References</h2>\n<ol class=\"ev\"");
}
END_TEST

START_TEST(a_missing_note_is_told)
{
    struct hc_report_text report = report_of("# A\n\nx[^e7]\n", "en");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(!renderer("html")->render(&report, out, &error));
    ck_assert_int_eq(error->code, HC_ERROR_CONFIG);
    ck_assert_msg(strstr(error->message, "[^e7]") != NULL, "%s", error->message);
    ck_assert_uint_eq(out->len, 0);
}
END_TEST

START_TEST(tables_and_key_figures)
{
    expect("# A\n\n## S\n\n| Key figure | Value |\n|---|---|\n| `a` | 4 of 43 |\n| b | less than 13 min 15 s "
           "|\n| c | <x> |\n\n"
           "## T\n\n| x | y |\n|---|--:|\n| 2023-06-12 | 5 s |\n",
           "<dl class=\"key\">\n<div><dt><code>a</code></dt><dd>4<span class=\"u\">\xc2\xa0of "
           "43</span></dd></div>",
           "<dd><span class=\"u\">less than</span> 13<span class=\"u\">\xc2\xa0min</span> 15<span "
           "class=\"u\">\xc2\xa0s</span></dd>",
           "<dd><span class=\"u\">&lt;x&gt;</span></dd>",
           "<div class=\"wide\"><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1: "
           "T\">\n<table class=\"small\">\n"
           "<thead><tr><th scope=\"col\">x</th><th scope=\"col\" class=\"n\">y</th></tr></thead>",
           "<td class=\"nb\"><span class=\"nb\">2023-06-12</span></td><td class=\"n\">5\xc2\xa0s</td>");
}
END_TEST

#define TIMELINE(item)                                                                                       \
    "# A\n\n## T\n\nLetters: `D` the \"base\", `M` mail logs.\n\n### Wednesday, 22 November 2023\n\n" item

START_TEST(timeline_entries)
{
    expect(TIMELINE("- **08:42:33** – `x` comes. `D` `M` [^e1]\n    Repeated.\n- **by 09:00** – removes "
                    "`M`.\n\n    > quoted\n\n[^e1]: n\n"),
           "<p>Letters: <span class=\"src\"><b>D</b></span>\xc2\xa0the &quot;base&quot;, ",
           "<ol class=\"tlist\" role=\"list\">",
           "<li><div class=\"t\"><time "
           "datetime=\"2023-11-22T08:42:33Z\">08:42:33</time></div><div><p><code>x</code> comes."
           "\xc2\xa0<span class=\"src\"><abbr title=\"the &quot;base&quot;\">D</abbr> <abbr title=\"mail "
           "logs\">M</abbr></span><sup",
           "<p class=\"rep\">Repeated.</p>",
           "<div class=\"t q\">by <time datetime=\"2023-11-22T09:00Z\">09:00</time></div>",
           "<p>removes <code>M</code>.</p>", "<blockquote>\n<p>quoted</p>\n</blockquote>\n</div></li>");
    /* an account that is called like a mark is no mark; a list that is no timeline is left alone */
    expect(TIMELINE("- **08:00** – a removes `M`\n"), "<p>a removes <code>M</code></p>");
    expect("# A\n\n## T\n\n- **x:** y\n- **08:00** – z\n", "<li><strong>x:</strong> y</li>");
    expect("# A\n\n## T\n\n- **x** y **08:00** – z\n",
           "<li><strong>x</strong> y <strong>08:00</strong> – z</li>");
}
END_TEST

START_TEST(figure_and_caption)
{
    expect("# A\n\n## T\n\n<!-- figure -->\n\nFigure: who *held* what\n\nmore\n\n<!-- figure -->\n\nFigure "
           "2\n\n<!-- figure -->\n",
           "<figure class=\"wide\" aria-labelledby=\"figure-caption\">\n<div class=\"scroll\" "
           "role=\"region\" tabindex=\"0\"",
           "<svg id=\"summary\"></svg>\n</div>\n<figcaption id=\"figure-caption\">Figure: who <em>held</em> "
           "what</figcaption>\n</figure>\n<p>more</p>\n",
           "<svg id=\"second\"></svg>\n</div>\n<figcaption id=\"figure-caption-2\">Figure "
           "2</figcaption>\n</figure>\n</section>");
    expect("# A\n\n## T\n\n<!-- figure -->\n\ntext\n", "<figure class=\"wide\">\n", "</figure>\n<p>text</p>");
}
END_TEST

/* A page of several parts: each has its key figures, and a legend under a heading of its own. */
START_TEST(parts)
{
    expect("# A\n\n## S\n\n| a | b |\n|---|---|\n| c | d |\n\n## T\n\n| a | b |\n|---|---|\n| a | d "
           "|\n\n<!-- key figures -->\n\n"
           "| a | b |\n|---|---|\n| e | f |\n\n| a | b |\n|---|---|\n| g | h |\n",
           "<dl class=\"key\">\n<div><dt>c</dt>", "<td>a</td>", "<dl class=\"key\">\n<div><dt>e</dt>",
           "<td>g</td>");
    expect("# A\n\n## T\n\n### Timeline\n\n`D` database, `M` mail.\n\n#### Monday, 6 May 2024\n\n- "
           "**08:00:00** – x. `D`\n",
           "<abbr title=\"database\">D</abbr>", "<time datetime=\"2024-05-06T08:00:00Z\">");
}
END_TEST

START_TEST(forms)
{
    expect(
        "# A\n\n## T\n\n**Action:** do it.  \n**Owner:** ______ · **Due:** ______\n\n**x** `____`\n",
        "<div class=\"act\"><p><strong>Action:</strong> do it.</p><p class=\"todo\"><strong>Owner:</strong> "
        "<span class=\"blank\">______</span> · <strong>Due:</strong> <span "
        "class=\"blank\">______</span></p></div>",
        "<p><strong>x</strong> <code>____</code></p>");
}
END_TEST

START_TEST(chinese)
{
    g_autofree char *page = page_in("# 甲\n\n## 时间线\n\n### 2023 年 11 月 22 日，星期三\n\n- **不晚于 "
                                    "08:42** – 乙。`D`[^e1]\n\n[^e1]: `a`，行：文\n",
                                    "zh-CN");

    has(page, "<html lang=\"zh-CN\">");
    has(page, "2023 年 11 月 22 日</time>");
    has(page, "<h3 id=\"2023-年-11-月-22-日-星期三\">");
    has(page, "不晚于 <time datetime=\"2023-11-22T08:42Z\">08:42</time>");
    has(page, "<p>乙。\xc2\xa0<span class=\"src\"><b>D</b></span><sup");
    has(page, "<div class=\"s\"><code>a</code>，行</div><div class=\"qq\">文</div>");
    has(page, "<h2 id=\"证据引用\">证据引用</h2>");
}
END_TEST

START_TEST(typesetting)
{
    static const char *const days[][2] = {
        {"Wednesday, 22 November 2023", "2023-11-22"},
        {"3 May 2024", "2024-05-03"},
        {"2023 年 2 月 29 日", ""},
        {"31 February 2023", ""},
        {"Handover", ""},
        {"May I 2023", ""},
        {"2024 年 2 月 29 日，星期四", "2024-02-29"},
        {"99999999999 May 2024", ""},
    };
    static const char *const slugs[][2] = {{"What happened?", "what-happened"},
                                           {"  ", "section"},
                                           {"“Quoted” — text", "quoted-text"},
                                           {"<b>", "b"},
                                           {"甲、乙", "甲-乙"}};
    static const char *const pairs[][2] = {
        {"2023-06-12, x2023-06-12 12023-06-12 2023-06-123",
         "<span class=\"nb\">2023-06-12</span>, x2023-06-12 12023-06-12 2023-06-123"},
        {"5 h 6 min 7 seconds", "5\xc2\xa0h 6\xc2\xa0min 7 seconds"},
        {"<code>5 h 2023-06-12</code> <a href=\"5 h\">", "<code>5 h 2023-06-12</code> <a href=\"5 h\">"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
        char day[HC_DAY_SIZE];
        hc_typeset_day(days[i][0], day);
        ck_assert_str_eq(day, days[i][1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(slugs); i++) {
        g_autofree char *slug = hc_typeset_slug(slugs[i][0]);
        ck_assert_str_eq(slug, slugs[i][1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        hc_typeset(out, pairs[i][0]);
        ck_assert_str_eq(out->str, pairs[i][1]);
    }
    static const guint numbers[] = {0, 25, 26, 27, 701, 702};
    g_autoptr(GString) letters = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        hc_typeset_letters(letters, numbers[i]);
    ck_assert_str_eq(letters->str, "azaaabzzaaa");
    ck_assert_int_eq(hc_typeset_find("<b>x</b><br />y x", "x"), 16);
}
END_TEST

/* Cut at every byte, a report is still a page or an error, never a crash. */
START_TEST(cut_anywhere)
{
    static const char text[] = TIMELINE("- **08:42:33** – `x`. `D` [^e1]\n    R.\n\n| a | b |\n|---|---|\n| "
                                        "`\\|` | <!-- |\n\n**A:** b  \n**O:** ____\n\n"
                                        "<!-- figure -->\n\nFigure\n\n[^e1]: n\n");

    for (size_t n = 0; n < sizeof text; n++) {
        struct hc_report_text report = report_of(text, "en");
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        report.markdown.n = n;
        ck_assert(renderer("html")->render(&report, out, &error) == (error == NULL));
    }
}
END_TEST

Suite *suite_html(void)
{
    Suite *suite = suite_create("html");
    TCase *tc = tcase_create("html");

    tcase_add_test(tc, renderers_are_registered);
    tcase_add_test(tc, policy_names_the_style);
    tcase_add_test(tc, shell_is_escaped);
    tcase_add_test(tc, sections_and_anchors);
    tcase_add_test(tc, references_lead_there_and_back);
    tcase_add_test(tc, a_missing_note_is_told);
    tcase_add_test(tc, tables_and_key_figures);
    tcase_add_test(tc, timeline_entries);
    tcase_add_test(tc, figure_and_caption);
    tcase_add_test(tc, parts);
    tcase_add_test(tc, forms);
    tcase_add_test(tc, chinese);
    tcase_add_test(tc, typesetting);
    tcase_add_test(tc, cut_anywhere);
    suite_add_tcase(suite, tc);
    return suite;
}
