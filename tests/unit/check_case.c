/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/case.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

Suite *suite_case(void);

/* A folder with this case.yaml (NULL: none); removed by drop_folder. */
static char *folder(const char *yaml)
{
    char *dir = g_strdup_printf("%s/hindcast-case-XXXXXX", g_get_tmp_dir());
    g_autofree char *path = NULL;

    ck_assert_ptr_nonnull(g_mkdtemp(dir));
    path = g_build_filename(dir, "case.yaml", NULL);
    if (yaml)
        ck_assert(g_file_set_contents(path, yaml, -1, NULL));
    return dir;
}

static void drop_folder(char *dir)
{
    g_autofree char *path = g_build_filename(dir, "case.yaml", NULL);

    unlink(path);
    rmdir(dir);
    g_free(dir);
}

START_TEST(all_keys)
{
    char *dir = folder(
        "title: T\nwindow: [2023-11-20, 2023-11-22]\nsubjects: [ana, 'some project']\nresponders: [kit]\n"
        "mailboxes: [a@x.example]\nauthors: [me]\ntags: []\naudience: public\nsources:\n"
        "- {path: 'evidence/a/*', zone: Europe/Berlin, clock: +47s, label: before}\n"
        "- {path: 'evidence/**', zone: UTC, year: 2023, clock: -3m, taken: 2023-11-22T15:05:00Z, profile: "
        "p}\n");
    GError *error = NULL;
    g_autoptr(hc_case_t) c = hc_case_open(dir, &error);
    struct hc_case_source s;

    ck_assert_msg(c != NULL, "%s", error ? error->message : "");
    ck_assert(c->from_file && c->has_window);
    ck_assert_str_eq(c->title, "T");
    ck_assert_int_eq(c->window_to - c->window_from, INT64_C(3) * 86400 * HC_US_PER_S - 1);
    ck_assert_str_eq(c->subjects[1], "some project");
    ck_assert_ptr_null(c->tags[0]);
    s = hc_case_settings(c, "evidence/a/x.log"); /* each key from the first entry that has it */
    ck_assert_str_eq(s.zone, "Europe/Berlin");
    ck_assert_int_eq(s.year, 2023);
    ck_assert_int_eq(s.clock, 47 * HC_US_PER_S);
    ck_assert(s.has_taken);
    ck_assert_str_eq(s.label, "before");
    s = hc_case_settings(c, "evidence/a/b/x.log");
    ck_assert_str_eq(s.zone, "UTC");
    ck_assert_int_eq(s.clock, -180 * HC_US_PER_S);
    ck_assert_ptr_null(s.label);
    s = hc_case_settings(c, "external/x.log");
    ck_assert_ptr_null(s.zone);
    drop_folder(dir);
}
END_TEST

static const struct {
    const char *yaml, *error; /* error NULL: it is fine */
} files[] = {
    {NULL, NULL},
    {"", NULL},
    {"# nothing\n", NULL},
    {"subjects:\nsources:\n", NULL},
    {"titel: x\n", "case.yaml:1:1: unknown key \"titel\""},
    {"title: x\ntitle: y\n", "case.yaml:2:1: key \"title\" is given twice"},
    {"title: [x]\n", "case.yaml:1:8: a text is expected"},
    {"subjects: x\n", "case.yaml:1:11: subjects is a list"},
    {"attackers: [a]\nvictims: [b]\nshared: [10.0.0.0/8]\n", NULL},
    {"attackers: [a, Mal]\nvictims:\n- b\n- mal\n", "case.yaml:3:1: 'mal' is among the attackers too"},
    {"downloads:\n- {project: p, from: 2024-05-06, to: 2024-05-06, count: 1000000000000}\n", NULL},
    {"downloads:\n- {project: p, from: 2024-05-06, to: 2024-05-06, count: 1000000000001}\n",
     "case.yaml:2:57: a number is expected"},
    {"downloads:\n- {project: p, from: 2024-05-06, to: 2024-05-06, count: many}\n",
     "case.yaml:2:57: a number is expected"},
    {"downloads:\n- {project: p, from: 2024-05-06, count: 1}\n", "case.yaml:2:3: downloads need a to"},
    {"downloads:\n- {project: p, from: 2024-05-07, to: 2024-05-06, count: 1}\n",
     "case.yaml:2:3: the period ends before it begins"},
    {"downloads: 7\n", "case.yaml:1:12: downloads is a list"},
    {"tags: [{a: b}]\n", "case.yaml:1:8: a text is expected"},
    {"window: 2023-11-20\n", "case.yaml:1:9: a window is [from, to]"},
    {"window: [2023-11-22, 2023-11-20]\n", "case.yaml:1:9: the window ends before it begins"},
    {"window: [soon, later]\n", "case.yaml:1:10: a time is expected"},
    {"audience: everybody\n", "case.yaml:1:11: the audience is internal or public"},
    {"sources: {}\n", "case.yaml:1:10: sources is a list"},
    {"sources: [x]\n", "case.yaml:1:11: a mapping is expected here"},
    {"sources: [{zone: UTC}]\n", "case.yaml:1:11: a source needs a path"},
    {"sources: [{path: x, zone: Mars/Olympus}]\n",
     "case.yaml:1:27: there is no time zone called 'Mars/Olympus'"},
    {"sources: [{path: x, zone: [UTC]}]\n", "case.yaml:1:27: there is no time zone called ''"},
    {"sources: [{path: x, year: 1969}]\n", "case.yaml:1:27: a year is expected"},
    {"sources: [{path: x, columns: []}]\n", "case.yaml:1:30: between one and 1600 columns are expected"},
    {"sources: [{path: x, columns: [a, b, a]}]\n",
     "case.yaml:1:30: a column needs a name of one line that no other has"},
    {"sources: [{path: x, columns: [a, '']}]\n",
     "case.yaml:1:30: a column needs a name of one line that no other has"},
    {"sources: [{path: x, columns: a}]\n", "case.yaml:1:30: columns is a list"},
    {"sources: [{path: x, table: [a]}]\n", "case.yaml:1:28: a text is expected"},
    {"sources: [{path: x, year: 2250}]\n", "case.yaml:1:27: a year is expected"},
    {"sources: [{path: x, year: 2023x}]\n", "case.yaml:1:27: a year is expected"},
    {"sources: [{path: x, clock: fast}]\n", "case.yaml:1:28: a duration is expected"},
    {"sources: [{path: x, taken: today}]\n", "case.yaml:1:28: a time is expected"},
    {"sources: [{path: x, label: [y]}]\n", "case.yaml:1:28: a text is expected"},
    {"sources: [{path: x, profile: {y: z}}]\n", "case.yaml:1:30: a text is expected"},
    {"sources: [{path: x, secret: y}]\n", "case.yaml:1:21: unknown key \"secret\""},
    {"a: &b c\n", "case.yaml:1:4: anchors are not allowed here"},
};

START_TEST(reads)
{
    char *dir = folder(files[_i].yaml);
    GError *error = NULL;
    g_autoptr(hc_case_t) c = hc_case_open(dir, &error);
    g_autofree char *name = g_path_get_basename(dir);

    if (files[_i].error) {
        ck_assert_ptr_null(c);
        ck_assert_msg(g_str_has_prefix(error->message + strlen(dir) + 1, files[_i].error), "%s",
                      error->message);
        ck_assert_int_eq(hc_error_exit(error), HC_EXIT_USAGE);
        g_clear_error(&error);
    } else {
        ck_assert_msg(c != NULL, "%s", error ? error->message : "");
        ck_assert_str_eq(c->title, name);
        ck_assert_ptr_nonnull(c->subjects);
    }
    drop_folder(dir);
}
END_TEST

static const struct {
    const char *glob, *path;
    bool fits;
} globs[] = {
    {"evidence/*", "evidence/a", true},
    {"evidence/*", "evidence/a/b", false},
    {"evidence/**", "evidence/a/b", true},
    {"evidence/**/x", "evidence/a/b/x", true},
    {"evidence/mail.log*", "evidence/mail.log", true},
    {"evidence/?", "evidence/a", true},
    {"evidence?a", "evidence/a", false},
    {"*", "", true},
    {"evidence/[a]", "evidence/a", false},
    {"evidence/a*b*c", "evidence/axbyc", true},
    {"evidence/a*b*c", "evidence/axby", false},
};

START_TEST(fits)
{
    g_autofree char *yaml = g_strdup_printf("sources: [{path: '%s', year: 2000}]\n", globs[_i].glob);
    char *dir = folder(yaml);
    g_autoptr(hc_case_t) c = hc_case_open(dir, NULL);

    ck_assert_int_eq(hc_case_settings(c, globs[_i].path).year == 2000, globs[_i].fits);
    drop_folder(dir);
}
END_TEST

START_TEST(no_folder)
{
    GError *error = NULL;

    ck_assert_ptr_null(hc_case_open("/nonexistent", &error));
    ck_assert_str_eq(error->message, "/nonexistent: not a folder");
    ck_assert_int_eq(hc_error_exit(error), HC_EXIT_USAGE);
    g_clear_error(&error);
}
END_TEST

/* Links and pipes are listed, so that they can be named; links to folders are not entered. */
START_TEST(lists)
{
    char *dir = folder(NULL);
    g_autofree char *script = g_strdup_printf(
        "cd '%s' && mkdir -p evidence/b && : >evidence/b/z && : >evidence/a && ln -s / evidence/c && "
        "mkfifo evidence/d",
        dir);
    g_autofree char *clean = g_strdup_printf("rm -rf '%s/evidence'", dir);
    g_autoptr(hc_case_t) c = hc_case_open(dir, NULL);
    GError *error = NULL;
    GPtrArray *found;

    ck_assert_ptr_null(hc_case_files(c, &error));
    g_clear_error(&error);
    ck_assert_int_eq(system(script), 0);
    found = hc_case_files(c, NULL);
    ck_assert_uint_eq(found->len, 4);
    ck_assert_str_eq(found->pdata[0], "evidence/a");
    ck_assert_str_eq(found->pdata[1], "evidence/b/z");
    ck_assert_str_eq(found->pdata[3], "evidence/d");
    g_ptr_array_unref(found);
    ck_assert_int_eq(system(clean), 0);
    drop_folder(dir);
}
END_TEST

Suite *suite_case(void)
{
    Suite *suite = suite_create("case");
    TCase *tc = tcase_create("case");

    tcase_add_test(tc, all_keys);
    tcase_add_loop_test(tc, reads, 0, G_N_ELEMENTS(files));
    tcase_add_loop_test(tc, fits, 0, G_N_ELEMENTS(globs));
    tcase_add_test(tc, no_folder);
    tcase_add_test(tc, lists);
    suite_add_tcase(suite, tc);
    return suite;
}
