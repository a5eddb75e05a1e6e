/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/markdown.h"
#include "src/base/text.h"

#include <check.h>

Suite *suite_markdown(void);

#define LIT(s) HC_STR_LIT(s)

/* What an attacker may write into a name, a subject or a message. */
static const char *const hostile[] = {
    "plain",
    "",
    " ",
    "  two  spaces  ",
    "<script>alert(1)</script>",
    "<b>bold</b> & <!-- comment --> <img src=x onerror=alert(1)>",
    "</p></section><h1>x</h1>",
    "<?php echo 1 ?> <![CDATA[x]]> <!DOCTYPE html>",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "[x]: http://evil.example/ \"t\"",
    "[x][y] [^e1] [^e1]: text",
    "[^e1]",
    "<http://evil.example/> <a@evil.example> http://evil.example/ www.evil.example a@evil.example",
    "&amp; &lt;script&gt; &#60; &#x3c; &nbsp; AT&T a&",
    "**bold** __bold__ *em* _em_ ~~gone~~ snake_case_name *",
    "`code` ``co`de`` ` unmatched",
    "``` fence",
    "~~~ fence",
    "# heading",
    "C #",
    "## x ##",
    "===",
    "---",
    "- - -",
    "***",
    "> quotation",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "123456789. item",
    "1986",
    "    indented code",
    "\tindented by a tab",
    "| a | b |",
    "|---|---|",
    "a|b\\|c\\\\|d",
    "\\",
    "\\\\",
    "a\\*b\\",
    "\\`",
    "ends with a backslash \\",
    "ends with a mark!",
    "!",
    "&",
    "{{ 7 * 7 }} {% include x %} {# no #} {{< shortcode >}} {{% x %}} ${x} #{x}",
    "dvolk{: onclick=alert(1) }",
    "{: #id .class }",
    "line one\nline two",
    "line one\n\n# line two\n- three\n",
    "hard break  \nafter",
    "cr\rlf\r\n",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\xe2\x80\xae right to left \xe2\x80\x8f \xe2\x81\xa6",
    "zero\xe2\x80\x8bwidth \xef\xbb\xbf bom",
    ("%\xef\xb7\x90"
     "0\xef\xb7\x91%"),
    "%\\ %[^e1]% %",
    "\xf0\x9f\x98\x80 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 \xe4\xb8\xad\xe6\x96\x87 \xd8\xa7",
    "\xc2\xa0nbsp\xc2\xa0",
    "'single' \"double\" (round) :colon: 50% $5 a=b a^b a@b",
    ": definition",
    "x\n: definition",
    ".dot",
    ")",
    "a<b>c d>e",
    "<",
    "-->",
    "--",
    "Setext\n---",
};

/* The characters of `hostile`, for random texts. */
static const char *const letters[] = {
    "\\",
    "`",
    "*",
    "_",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "#",
    "+",
    "-",
    ".",
    "!",
    "|",
    "<",
    ">",
    "&",
    "~",
    ":",
    "/",
    "^",
    "\"",
    "'",
    "%",
    "=",
    ";",
    "0",
    "1",
    "a",
    "b",
    "e1",
    " ",
    "  ",
    "\n",
    "\xc3\xa9",
    "\xe4\xb8\xad",
    "\t",
    "amp;",
    "#32;",
    "http:",
    "\xe2\x80\x9c",
};

static void random_text(GRand *rand, GString *out)
{
    int n = g_rand_int_range(rand, 1, 14);

    g_string_truncate(out, 0);
    while (n--)
        g_string_append(out, letters[g_rand_int_range(rand, 0, G_N_ELEMENTS(letters))]);
}

static char *visible(const char *text)
{
    GString *out = g_string_new(NULL);

    hc_text_visible(out, hc_str(text), true);
    return g_strdelimit(g_string_free(out, FALSE), "\n", ' ');
}

static const char *entity_at(const char *p, const char **text)
{
    static const char *const entities[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};

    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
        if (g_str_has_prefix(p, entities[i][0])) {
            *text = entities[i][1];
            return p + strlen(entities[i][0]);
        }
    ck_abort_msg("an entity that is not ours: %s", p);
}

/* The text of HTML; `tags` are all that it may have, "<p>" "</p>" .... */
static char *text_of(const char *html, const char *const *tags)
{
    GString *out = g_string_new(NULL);

    for (const char *p = html; *p;) {
        const char *text = NULL;
        size_t n = 0;
        for (const char *const *tag = tags; *tag && *p == '<'; tag++)
            if (g_str_has_prefix(p, *tag))
                n = MAX(n, strlen(*tag));
        ck_assert_msg(*p != '<' || n, "a tag that is not ours: %s", html);
        ck_assert_msg(*p != '>', "a bare bracket: %s", html);
        if (*p == '&')
            p = entity_at(p, &text);
        else
            p += n ? n : 1;
        if (text)
            g_string_append(out, text);
        else if (!n)
            g_string_append_c(out, p[-1]);
    }
    return g_string_free(out, FALSE);
}

static void count_references(GString *out, const struct hc_reference *group, size_t n, void *data)
{
    *(size_t *)data += n;
    g_string_append(out, "<sup>");
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(out, "%s%zu", i ? "," : "", group[i].note);
    g_string_append(out, "</sup>");
}

static hc_markdown *parse(const char *text, size_t *references)
{
    GError *error = NULL;
    hc_markdown *md = hc_markdown_parse(hc_str(text), count_references, references, &error);

    ck_assert_msg(md != NULL, "%s: %s", text, error ? error->message : "");
    return md;
}

/* HTML of all blocks but tables and notes. */
static char *page(const char *text)
{
    GString *out = g_string_new(NULL);
    size_t references = 0;
    g_autoptr(hc_markdown) md = parse(text, &references);

    for (const struct hc_block *b = hc_markdown_first(md); b; b = hc_block_next(b))
        if (hc_block_kind(b) != HC_BLOCK_TABLE && hc_block_kind(b) != HC_BLOCK_NOTES)
            hc_block_html(out, b);
    return g_string_free(out, FALSE);
}

#define expect_page(in, want)                                                                                \
    do {                                                                                                     \
        g_autofree char *got_ = page(in);                                                                    \
        ck_assert_str_eq(got_, want);                                                                        \
    } while (0)

/* ---- escaping ---- */

static const char *const places[][3] = {
    /* before, after, text that HTML shows in addition before the escaped text */
    {"", "\n", ""},
    {"- ", "\n", ""},
    {"> ", "\n", ""},
    {"# ", "\n", ""},
    {"word ", "\n", "word "},
    {"word\n", "\n", "word "},
    {"1. ", "\n", ""},
    {"**bold** \xe2\x80\x93 ", "\n", "bold \xe2\x80\x93 "},
    {"- a\n\n    ", "\n", "a"},
};
static const char *const page_tags[] = {
    "<p>",   "</p>",     "<ul>",      "</ul>",        "<li>",          "</li>",  "<ol>",    "</ol>", "<h1>",
    "</h1>", "<strong>", "</strong>", "<blockquote>", "</blockquote>", "<code>", "</code>", NULL};
static const char *const cell_tags[] = {"<code>", "</code>", NULL};

/* Newlines are the renderer's, or the one of the place; the text has none. */
static char *text_on_page(const char *markdown)
{
    g_autofree char *html = page(markdown);
    char *text = text_of(html, page_tags), *to = text;

    for (const char *p = text; *p; p++)
        if (*p != '\n')
            *to++ = *p;
        else if (g_str_has_prefix(html, "<p>word\n") && p == text + 4)
            *to++ = ' ';
    *to = '\0';
    return text;
}

static void escape_in_place(const char *text, size_t place)
{
    g_autoptr(GString) markdown = g_string_new(places[place][0]);
    g_autofree char *seen = visible(text);
    g_autofree char *want = g_strconcat(places[place][2], seen, NULL);

    hc_markdown_escape(markdown, hc_str(text));
    g_string_append(markdown, places[place][1]);
    g_autofree char *got = text_on_page(markdown->str);
    if (*seen)
        ck_assert_msg(strcmp(got, want) == 0, "place %zu: [%s] became [%s] by [%s]", place, want, got,
                      markdown->str);
}

START_TEST(escaped_text_stays_text)
{
    for (size_t place = 0; place < G_N_ELEMENTS(places); place++)
        escape_in_place(hostile[_i], place);
}
END_TEST

static void cell_holds(void (*write)(GString *, struct hc_str), const char *text)
{
    g_autoptr(GString) markdown = g_string_new("| a | b | c |\n|---|:-:|--:|\n| x | ");
    g_autofree char *want = visible(text);
    size_t references = 0;

    write(markdown, hc_str(text));
    g_string_append(markdown, " | z |\n");
    g_autoptr(hc_markdown) md = parse(markdown->str, &references);
    const struct hc_block *block = hc_markdown_first(md);
    ck_assert_msg(hc_block_kind(block) == HC_BLOCK_TABLE && !hc_block_next(block), "%s", markdown->str);
    const struct hc_table *table = hc_block_table(block);
    ck_assert_uint_eq(table->columns, 3);
    ck_assert_uint_eq(table->rows, 1);
    g_autofree char *got = text_of(table->cells[4], cell_tags);
    ck_assert_msg(strcmp(got, want) == 0, "[%s] became [%s] in %s", want, got, markdown->str);
    ck_assert_str_eq(table->cells[5], "z");
}

START_TEST(escaped_text_stays_in_its_cell)
{
    cell_holds(hc_markdown_escape, hostile[_i]);
    cell_holds(hc_markdown_code, hostile[_i]);
}
END_TEST

static void inline_holds(void (*write)(GString *, struct hc_str), const char *text)
{
    g_autoptr(GString) markdown = g_string_new(NULL), html = g_string_new(NULL);
    g_autofree char *want = visible(text);

    write(markdown, hc_str(text));
    hc_markdown_inline(html, hc_str_n(markdown->str, markdown->len));
    g_autofree char *got = text_of(html->str, cell_tags);
    ck_assert_msg(strcmp(got, want) == 0, "[%s] became [%s] by [%s]", want, got, markdown->str);
}

START_TEST(inline_text_stays_text)
{
    inline_holds(hc_markdown_escape, hostile[_i]);
    inline_holds(hc_markdown_code, hostile[_i]);
}
END_TEST

START_TEST(random_text_stays_text)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GRand *rand = g_rand_new_with_seed(20231122);

    for (int i = 0; i < 4000; i++) {
        random_text(rand, text);
        inline_holds(hc_markdown_escape, text->str);
        inline_holds(hc_markdown_code, text->str);
        cell_holds(hc_markdown_escape, text->str);
        cell_holds(hc_markdown_code, text->str);
        escape_in_place(text->str, (size_t)i % G_N_ELEMENTS(places));
    }
    g_rand_free(rand);
}
END_TEST

START_TEST(long_text_stays_text)
{
    g_autofree char *ticks = g_strnfill(3000, '`'), *stars = g_strnfill(30000, '*'),
                    *brackets = g_strnfill(30000, '[');

    inline_holds(hc_markdown_code, ticks);
    inline_holds(hc_markdown_escape, ticks);
    inline_holds(hc_markdown_escape, stars);
    inline_holds(hc_markdown_escape, brackets);
}
END_TEST

START_TEST(escape_is_sparing)
{
    static const char *const pairs[][2] = {
        {"meisnate12", "meisnate12"},
        {"a-b, c: d (e) f! g's \"h\" 1.2.3 50%", "a-b, c: d (e) f! g's \"h\" 1.2.3 50%"},
        {"this & that", "this & that"},
        {"a@b.example", "a@b.example"},
        {"http://x", "http\\://x"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(GString) out = g_string_new("> ");
        hc_markdown_escape(out, hc_str(pairs[i][0]));
        ck_assert_str_eq(out->str + 2, pairs[i][1]);
    }
}
END_TEST

START_TEST(code_chooses_its_fence)
{
    static const char *const pairs[][2] = {
        {"a", "`a`"},   {"a`b", "``a`b``"}, {"`a", "`` `a ``"},         {" a ", "`  a  `"}, {" a", "` a`"},
        {"  ", "`  `"}, {"a|b", "a\\|b"},   {"{{x}}", "\\{\\{x\\}\\}"}, {"", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        hc_markdown_code(out, hc_str(pairs[i][0]));
        ck_assert_str_eq(out->str, pairs[i][1]);
    }
}
END_TEST

START_TEST(html_escape)
{
    g_autoptr(GString) out = g_string_new(NULL);

    hc_html_escape(out, LIT("<a b=\"c\" d='e'>&\n\x1b"));
    ck_assert_str_eq(out->str, "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp; \\u{001B}");
}
END_TEST

/* ---- what a writer may do ---- */

START_TEST(raw_html_becomes_text)
{
    expect_page("a <b onclick=x>c</b>\n", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>\n");
    expect_page("<script>\nalert(1)\n</script>\n", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>\n");
    expect_page("<div>\n\n*x*\n", "<p>&lt;div&gt;</p>\n<p><em>x</em></p>\n");
    expect_page("a <!-- b --> c\n", "<p>a  c</p>\n");
    expect_page("<!-- more -->\n", "");
    expect_page("> <!-- x -->\n", "<blockquote>\n</blockquote>\n");
    expect_page("<!-- a --> <i>b</i>\n", "<p>&lt;!-- a --&gt; &lt;i&gt;b&lt;/i&gt;</p>\n");
}
END_TEST

START_TEST(links_are_harmless)
{
    expect_page("[a](javascript:alert(1))\n", "<p>a</p>\n");
    expect_page("[a](<JavaScript:alert(1)>)\n", "<p>a</p>\n");
    expect_page("[a](java&#9;script:alert(1))\n", "<p>a</p>\n");
    expect_page("[a](data:text/html,x) [b](vbscript:x) [c](file:///etc/passwd)\n", "<p>a b c</p>\n");
    expect_page(
        "[a](https://x.example/?q=1:2) [b](#id) [c](d/e:f)\n",
        "<p><a href=\"https://x.example/?q=1:2\">a</a> <a href=\"#id\">b</a> <a href=\"d/e:f\">c</a></p>\n");
    expect_page("<mailto:a@b.example>\n", "<p><a href=\"mailto:a@b.example\">mailto:a@b.example</a></p>\n");
    expect_page("![*alt* text](http://x.example/y.png \"t\") b\n", "<p>image: <em>alt</em> text b</p>\n");
    expect_page("[![alt](x.png)](javascript:x)\n", "<p>image: alt</p>\n");
}
END_TEST

START_TEST(controls_of_a_writer_are_visible)
{
    expect_page("a\xe2\x80\xae"
                "b\x1b\r\nc\rd\n",
                "<p>a\\u{202E}b\\u{001B}\nc\\u{000D}d</p>\n");
    expect_page("\tcode\n", "<pre><code>code\n</code></pre>\n");
    expect_page("```sh onclick=x\na\tb\n```\n", "<pre><code>a b\n</code></pre>\n");
}
END_TEST

START_TEST(front_matter_is_skipped)
{
    expect_page("---\ntitle: x\n---\n\ntext\n", "<p>text</p>\n");
    expect_page("---\ntitle: x\n", "<hr />\n<p>title: x</p>\n");
    expect_page("text\n\n---\n", "<p>text</p>\n<hr />\n");
    expect_page("", "");
}
END_TEST

/* ---- notes ---- */

START_TEST(references_are_grouped_and_sorted)
{
    expect_page("a [^e2][^e1][^e2] b **c.**[^e1]\n\n[^e1]: one\n[^e2]: two\n",
                "<p>a<sup>0,1</sup> b <strong>c.</strong><sup>0</sup></p>\n");
    expect_page("[^e1](x) [^e1]: y\n\n[^e1]: one\n", "<p><sup>0</sup>(x)<sup>0</sup>: y</p>\n");
    expect_page("`[^e1]` \\[^e1] \\\\[^e1] [z[^e1]](#x)\n\n    [^e1]\n\n[^e1]: one\n",
                "<p><code>[^e1]</code> [^e1] \\<sup>0</sup> <a "
                "href=\"#x\">z[^e1]</a></p>\n<pre><code>[^e1]\n</code></pre>\n");
    expect_page("| [^e1] [^] [^a b]\n\n[^e1]: x\n", "<p>|<sup>0</sup> [^] [^a b]</p>\n");
}
END_TEST

START_TEST(notes_are_read)
{
    size_t references = 0, n = 0;
    g_autoptr(hc_markdown) md = parse(
        "x[^b]\n\n[^a]: `p`: **t** <i>\n  goes on\n[^b]: ref[^a]\n\n[^c]: never used, http://x.example/\n",
        &references);
    const struct hc_note *notes = hc_markdown_notes(md, &n);

    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(references, 2);
    ck_assert_str_eq(notes[0].label, "a");
    ck_assert_str_eq(notes[0].html, "<code>p</code>: <strong>t</strong> &lt;i&gt; goes on");
    ck_assert_str_eq(notes[1].html, "ref<sup>0</sup>");
    ck_assert_str_eq(notes[2].html, "never used, http://x.example/");
}
END_TEST

static void expect_error(const char *text, const char *want)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(hc_markdown_parse(hc_str(text), NULL, NULL, &error));
    ck_assert_int_eq(error->code, HC_ERROR_CONFIG);
    ck_assert_msg(strstr(error->message, want) != NULL, "%s", error->message);
}

START_TEST(notes_that_are_wrong)
{
    expect_error("x[^e9] y[^e8]\n", "[^e9] has no note");
    expect_error("| a |\n|---|\n| x[^e9] |\n", "[^e9] has no note");
    expect_error("[^e1]: x\n[^e1]: y\n", "two notes [^e1]");
    expect_error("text\n[^e1]: x\n", "[^e1] has no note");
}
END_TEST

/* ---- tables ---- */

START_TEST(tables)
{
    size_t references = 0;
    g_autoptr(hc_markdown) md = parse(
        "| a | `b\\|c` |  |\n| --- | :-: | --: |\n| 1 |\n| 1 | 2 | 3 | 4 |\n|[^n]|# x|- y|\n\n[^n]: x\n",
        &references);
    const struct hc_block *block = hc_markdown_first(md);
    const struct hc_table *table = hc_block_table(block);
    static const char *const want[] = {"a",     "<code>b|c</code>", "",    "1",  "", "", "1", "2",
                                       "3 | 4", "<sup>0</sup>",     "# x", "- y"};

    ck_assert_int_eq(hc_block_kind(block), HC_BLOCK_TABLE);
    ck_assert_int_eq(hc_block_kind(hc_block_next(block)), HC_BLOCK_NOTES);
    ck_assert_uint_eq(table->columns, 3);
    ck_assert_uint_eq(table->rows, 3);
    ck_assert_str_eq(table->align, "-cr");
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
        ck_assert_str_eq(table->cells[i], want[i]);
}
END_TEST

START_TEST(no_tables)
{
    static const char *const texts[] = {
        "| a | b |\n", "| a | b |\n|---|\n", "| a |\n| b |\n",          "| a |\n|-x-|\n",
        "a\n|---|\n",  "- | a |\n  |---|\n", "```\n| a |\n|---|\n```\n"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        size_t references = 0;
        g_autoptr(hc_markdown) md = parse(texts[i], &references);
        ck_assert_int_ne(hc_block_kind(hc_markdown_first(md)), HC_BLOCK_TABLE);
    }
}
END_TEST

/* ---- blocks ---- */

static void expect_text(const struct hc_block *block, enum hc_block_kind kind, const char *want)
{
    g_autoptr(GString) text = g_string_new(NULL);

    ck_assert_int_eq(hc_block_kind(block), kind);
    hc_block_text(text, block);
    ck_assert_str_eq(text->str, want);
}

START_TEST(blocks)
{
    size_t references = 0;
    g_autoptr(hc_markdown) md = parse(
        "## A `b` *c*[^n]\n\n<!-- figure -->\n\n- x\n  y\n- z\n\n1. o\n\n> # q\n\n[^n]: x\n", &references);
    const struct hc_block *block = hc_markdown_first(md);

    expect_text(block, HC_BLOCK_HEADING, "A b c");
    ck_assert_int_eq(hc_block_level(block), 2);
    expect_text(block = hc_block_next(block), HC_BLOCK_COMMENT, "figure");
    block = hc_block_next(block);
    ck_assert_int_eq(hc_block_kind(block), HC_BLOCK_LIST);
    const struct hc_block *item = hc_block_child(block);
    ck_assert_int_eq(hc_block_kind(item), HC_BLOCK_ITEM);
    expect_text(hc_block_child(item), HC_BLOCK_PARAGRAPH, "x y");
    ck_assert_ptr_null(hc_block_next(hc_block_next(item)));
    expect_text(block = hc_block_next(block), HC_BLOCK_OTHER, "o");
    block = hc_block_next(block);
    ck_assert_int_eq(hc_block_level(hc_block_child(block)), 4);
}
END_TEST

Suite *suite_markdown(void)
{
    Suite *suite = suite_create("markdown");
    TCase *tc = tcase_create("markdown");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, escaped_text_stays_text, 0, (int)G_N_ELEMENTS(hostile));
    tcase_add_loop_test(tc, escaped_text_stays_in_its_cell, 0, (int)G_N_ELEMENTS(hostile));
    tcase_add_loop_test(tc, inline_text_stays_text, 0, (int)G_N_ELEMENTS(hostile));
    tcase_add_test(tc, random_text_stays_text);
    tcase_add_test(tc, long_text_stays_text);
    tcase_add_test(tc, escape_is_sparing);
    tcase_add_test(tc, code_chooses_its_fence);
    tcase_add_test(tc, html_escape);
    tcase_add_test(tc, raw_html_becomes_text);
    tcase_add_test(tc, links_are_harmless);
    tcase_add_test(tc, controls_of_a_writer_are_visible);
    tcase_add_test(tc, front_matter_is_skipped);
    tcase_add_test(tc, references_are_grouped_and_sorted);
    tcase_add_test(tc, notes_are_read);
    tcase_add_test(tc, notes_that_are_wrong);
    tcase_add_test(tc, tables);
    tcase_add_test(tc, no_tables);
    tcase_add_test(tc, blocks);
    suite_add_tcase(suite, tc);
    return suite;
}
