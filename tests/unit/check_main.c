/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

Suite *suite_authresults(void);
Suite *suite_btree(void);
Suite *suite_bulk(void);
Suite *suite_case(void);
Suite *suite_clock(void);
Suite *suite_common(void);
Suite *suite_doubts(void);
Suite *suite_detect(void);
Suite *suite_db(void);
Suite *suite_entities(void);
Suite *suite_exim(void);
Suite *suite_figure(void);
Suite *suite_habits(void);
Suite *suite_html(void);
Suite *suite_ahead(void);
Suite *suite_input(void);
Suite *suite_json(void);
Suite *suite_keyed(void);
Suite *suite_line(void);
Suite *suite_lines(void);
Suite *suite_logwords(void);
Suite *suite_markdown(void);
Suite *suite_mime(void);
Suite *suite_names(void);
Suite *suite_needles(void);
Suite *suite_others(void);
Suite *suite_own(void);
Suite *suite_pairs(void);
Suite *suite_pattern(void);
Suite *suite_pgarchive(void);
Suite *suite_pipe(void);
Suite *suite_profile(void);
Suite *suite_progress(void);
Suite *suite_rhythm(void);
Suite *suite_rotation(void);
Suite *suite_runs(void);
Suite *suite_skeleton(void);
Suite *suite_serials(void);
Suite *suite_skew(void);
Suite *suite_rollback(void);
Suite *suite_sqlite(void);
Suite *suite_tape(void);
Suite *suite_text(void);
Suite *suite_unpack(void);
Suite *suite_utc(void);
Suite *suite_witnesses(void);
Suite *suite_windows(void);
Suite *suite_words(void);
Suite *suite_yaml(void);

int main(void)
{
    SRunner *runner;
    int failed;

    setenv("CK_DEFAULT_TIMEOUT", "60", 0); /* seconds: the machine may be busy with something else */
    runner = srunner_create(suite_db());

    srunner_add_suite(runner, suite_authresults());
    srunner_add_suite(runner, suite_btree());
    srunner_add_suite(runner, suite_bulk());
    srunner_add_suite(runner, suite_case());
    srunner_add_suite(runner, suite_clock());
    srunner_add_suite(runner, suite_common());
    srunner_add_suite(runner, suite_doubts());
    srunner_add_suite(runner, suite_detect());
    srunner_add_suite(runner, suite_entities());
    srunner_add_suite(runner, suite_exim());
    srunner_add_suite(runner, suite_figure());
    srunner_add_suite(runner, suite_habits());
    srunner_add_suite(runner, suite_html());
    srunner_add_suite(runner, suite_ahead());
    srunner_add_suite(runner, suite_input());
    srunner_add_suite(runner, suite_json());
    srunner_add_suite(runner, suite_keyed());
    srunner_add_suite(runner, suite_line());
    srunner_add_suite(runner, suite_lines());
    srunner_add_suite(runner, suite_logwords());
    srunner_add_suite(runner, suite_markdown());
    srunner_add_suite(runner, suite_mime());
    srunner_add_suite(runner, suite_names());
    srunner_add_suite(runner, suite_needles());
    srunner_add_suite(runner, suite_others());
    srunner_add_suite(runner, suite_own());
    srunner_add_suite(runner, suite_pairs());
    srunner_add_suite(runner, suite_pattern());
    srunner_add_suite(runner, suite_pgarchive());
    srunner_add_suite(runner, suite_pipe());
    srunner_add_suite(runner, suite_profile());
    srunner_add_suite(runner, suite_progress());
    srunner_add_suite(runner, suite_rhythm());
    srunner_add_suite(runner, suite_rotation());
    srunner_add_suite(runner, suite_runs());
    srunner_add_suite(runner, suite_skeleton());
    srunner_add_suite(runner, suite_serials());
    srunner_add_suite(runner, suite_skew());
    srunner_add_suite(runner, suite_rollback());
    srunner_add_suite(runner, suite_sqlite());
    srunner_add_suite(runner, suite_tape());
    srunner_add_suite(runner, suite_text());
    srunner_add_suite(runner, suite_unpack());
    srunner_add_suite(runner, suite_utc());
    srunner_add_suite(runner, suite_witnesses());
    srunner_add_suite(runner, suite_windows());
    srunner_add_suite(runner, suite_words());
    srunner_add_suite(runner, suite_yaml());
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    printf("unit: %d passed, %d failed\n", srunner_ntests_run(runner) - failed, failed);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
