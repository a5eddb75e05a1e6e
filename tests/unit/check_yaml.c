/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/yaml.h"

#include <check.h>

Suite *suite_yaml(void);

static struct hc_yaml *parse(const char *text)
{
    GError *error = NULL;
    struct hc_yaml *root = hc_yaml_parse(hc_str(text), "case.yaml", &error);

    if (error)
        ck_abort_msg("%s", error->message);
    ck_assert_ptr_nonnull(root);
    return root;
}

static void refuse(struct hc_str text, const char *message)
{
    g_autoptr(GError) error = NULL;
    struct hc_yaml *root = hc_yaml_parse(text, "case.yaml", &error);

    ck_assert_ptr_null(root);
    ck_assert(g_error_matches(error, HC_ERROR, HC_ERROR_CONFIG));
    ck_assert_str_eq(error->message, message);
}

START_TEST(tree_and_positions)
{
    g_autoptr(hc_yaml_t) root = parse("title: \"A b\"\nlist:\n- one\n- {a: 1}\nempty:\n");
    const struct hc_yaml *list = hc_yaml_get(root, "list");
    const struct hc_yaml *title = hc_yaml_get(root, "title");

    ck_assert_int_eq(root->type, HC_YAML_MAPPING);
    ck_assert_str_eq(root->file, "case.yaml");
    ck_assert_str_eq(title->text, "A b");
    ck_assert(!title->plain);
    ck_assert_int_eq(title->line, 1);
    ck_assert_int_eq(title->column, 8);
    ck_assert_int_eq(title->key_column, 1);
    ck_assert_int_eq(list->type, HC_YAML_SEQUENCE);
    ck_assert_int_eq(list->key_line, 2);
    ck_assert_int_eq(list->line, 3);
    ck_assert_str_eq(list->first->text, "one");
    ck_assert(list->first->plain);
    ck_assert_int_eq(list->first->line, 3);
    ck_assert_int_eq(list->first->column, 3);
    ck_assert_str_eq(hc_yaml_text(list->first->next, "a"), "1");
    ck_assert_ptr_null(list->first->next->next);
    ck_assert_str_eq(hc_yaml_text(root, "empty"), "");
    ck_assert(hc_yaml_get(root, "empty")->plain);
    ck_assert_ptr_null(hc_yaml_text(root, "list"));
    ck_assert_ptr_null(hc_yaml_get(root, "none"));
    ck_assert_ptr_null(hc_yaml_get(list, "one"));
}
END_TEST

START_TEST(order_is_kept)
{
    g_autoptr(hc_yaml_t) root = parse("b: 1\na: 2\nc: 3\n");
    g_autoptr(GString) keys = g_string_new(NULL);

    for (const struct hc_yaml *node = root->first; node; node = node->next)
        g_string_append(keys, node->key);
    ck_assert_str_eq(keys->str, "bac");
}
END_TEST

START_TEST(nothing_is_an_empty_mapping)
{
    static const char *const texts[] = {"", "\n", "# only a comment\n", "---\n", "\xef\xbb\xbf", "{}"};
    g_autoptr(hc_yaml_t) root = parse(texts[_i]);

    ck_assert_int_eq(root->type, HC_YAML_MAPPING);
    ck_assert_ptr_null(root->first);
    ck_assert_int_eq(root->line, 1);
    ck_assert_int_eq(root->column, 1);
    ck_assert_str_eq(root->file, "case.yaml");
}
END_TEST

START_TEST(refusals)
{
    refuse(hc_str("a: &x 1\n"), "case.yaml:1:4: anchors are not allowed here");
    refuse(hc_str("a: &x [1]\n"), "case.yaml:1:4: anchors are not allowed here");
    refuse(hc_str("a: 1\nb: *x\n"), "case.yaml:2:4: aliases are not allowed here");
    refuse(hc_str("*x : 1\n"), "case.yaml:1:1: aliases are not allowed here");
    refuse(hc_str("a: !!str 1\n"), "case.yaml:1:4: tags are not allowed here");
    refuse(hc_str("a: !local {b: 1}\n"), "case.yaml:1:4: tags are not allowed here");
    refuse(hc_str("a: 1\n---\nb: 1\n"), "case.yaml:2:1: only one document is allowed");
    refuse(hc_str("a: 1\nb: 2\na: 3\n"), "case.yaml:3:1: key \"a\" is given twice");
    refuse(hc_str("x: {\"q\": 1, 'q': 2}\n"), "case.yaml:1:13: key \"q\" is given twice");
    refuse(hc_str("? [a]\n: b\n"), "case.yaml:1:3: a key must be a text");
    refuse(hc_str("a: \"\\0\"\n"), "case.yaml:1:4: a NUL character is not allowed here");
}
END_TEST

START_TEST(syntax_errors_have_positions)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(hc_yaml_parse(hc_str("a: 1\nb: [1, 2\n"), "x.yaml", &error));
    ck_assert(g_str_has_prefix(error->message, "x.yaml:3:1: "));
    g_clear_error(&error);
    ck_assert_ptr_null(hc_yaml_parse(hc_str("a: 1\nbb: \xff\n"), "x.yaml", &error));
    ck_assert(g_str_has_prefix(error->message, "x.yaml:2:5: "));
    g_clear_error(&error);
    ck_assert_ptr_null(hc_yaml_parse(HC_STR_LIT("a: \0\n"), "x.yaml", &error));
    ck_assert(g_str_has_prefix(error->message, "x.yaml:1:4: "));
    g_clear_error(&error);
    ck_assert_ptr_null(hc_yaml_parse(hc_str("a: \x1b[31m\n"), "x.yaml", &error));
    ck_assert_ptr_null(strchr(error->message, '\x1b'));
}
END_TEST

START_TEST(messages_show_what_is_hidden)
{
    refuse(hc_str("\"a\\e\": 1\n\"a\\e\": 2\n"), "case.yaml:2:1: key \"a\\u{001B}\" is given twice");
}
END_TEST

static char *nested(int depth)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < depth; i++)
        g_string_append_c(text, '[');
    for (int i = 0; i < depth; i++)
        g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

START_TEST(depth_limit)
{
    g_autofree char *most = nested(HC_YAML_DEPTH_MAX), *more = nested(HC_YAML_DEPTH_MAX + 1);
    g_autofree char *far_more = nested(100000);
    g_autoptr(hc_yaml_t) root = parse(most);

    ck_assert_int_eq(root->type, HC_YAML_SEQUENCE);
    refuse(hc_str(more), "case.yaml:1:33: nested too deeply");
    refuse(hc_str(far_more), "case.yaml:1:33: nested too deeply");
}
END_TEST

START_TEST(size_limit)
{
    g_autofree char *text = g_strnfill(HC_YAML_SIZE_MAX + 1, '#');

    refuse(hc_str(text), "case.yaml: larger than 4194304 bytes");
    text[HC_YAML_SIZE_MAX] = '\0';
    g_autoptr(hc_yaml_t) root = parse(text);
    ck_assert_ptr_null(root->first);
}
END_TEST

START_TEST(many_keys_are_quick)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < 200000; i++)
        g_string_append_printf(text, "k%d: 1\n", i);
    g_autoptr(hc_yaml_t) root = parse(text->str);
    ck_assert_str_eq(hc_yaml_text(root, "k199999"), "1");
}
END_TEST

START_TEST(allowed_keys)
{
    static const char *const allowed[] = {"title", "window", NULL};
    g_autoptr(hc_yaml_t) root = parse("title: a\nsources:\n- x\n");
    g_autoptr(GError) error = NULL;

    ck_assert(!hc_yaml_allow(root, allowed, &error));
    ck_assert_str_eq(error->message, "case.yaml:2:1: unknown key \"sources\" (known: title, window)");
    g_clear_error(&error);
    ck_assert(!hc_yaml_allow(hc_yaml_get(root, "sources"), allowed, &error));
    ck_assert_str_eq(error->message, "case.yaml:3:1: a mapping is expected here");
    ck_assert(g_error_matches(error, HC_ERROR, HC_ERROR_CONFIG));
    g_clear_error(&error);
    g_autoptr(hc_yaml_t) good = parse("window: [a, b]\n");
    ck_assert(hc_yaml_allow(good, allowed, &error));
    ck_assert_ptr_null(error);
}
END_TEST

START_TEST(fail_at_node)
{
    g_autoptr(hc_yaml_t) root = parse("a:\n  b: 1\n");
    g_autoptr(GError) error = NULL;

    ck_assert(!hc_yaml_fail(hc_yaml_get(hc_yaml_get(root, "a"), "b"), &error, "bad %s %d", "value", 7));
    ck_assert_str_eq(error->message, "case.yaml:2:6: bad value 7");
    ck_assert(!hc_yaml_fail(root, NULL, "nobody listens"));
}
END_TEST

Suite *suite_yaml(void)
{
    Suite *suite = suite_create("yaml");
    TCase *tc = tcase_create("yaml");

    tcase_add_test(tc, tree_and_positions);
    tcase_add_test(tc, order_is_kept);
    tcase_add_loop_test(tc, nothing_is_an_empty_mapping, 0, 6);
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, syntax_errors_have_positions);
    tcase_add_test(tc, messages_show_what_is_hidden);
    tcase_add_test(tc, depth_limit);
    tcase_add_test(tc, size_limit);
    tcase_add_test(tc, many_keys_are_quick);
    tcase_add_test(tc, allowed_keys);
    tcase_add_test(tc, fail_at_node);
    suite_add_tcase(suite, tc);
    return suite;
}
