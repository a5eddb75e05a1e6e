/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ERROR_H
#define HC_ERROR_H

#include <glib.h>
#include <stdbool.h>

/*
 * Every function that can fail returns bool or a pointer and takes a last `GError **error`, left alone on
 * success. The message is complete enough to be printed as it stands ("evidence/mail.log:10: ...").
 * Nothing but main.c prints or exits.
 */
#define HC_ERROR hc_error_quark()
GQuark hc_error_quark(void);

enum hc_error_code {
    HC_ERROR_USAGE,  /* the caller asked for something that cannot be: exit status 2 */
    HC_ERROR_CONFIG, /* case.yaml, a profile or a rule is wrong: exit status 2 */
    HC_ERROR_INPUT,  /* evidence cannot be read on; its source is rolled back */
    HC_ERROR_DB,     /* the case database */
    HC_ERROR_IO,     /* files outside the evidence */
};

/* Exit statuses of the program (contract). */
enum hc_exit {
    HC_EXIT_OK = 0,
    HC_EXIT_FINDINGS = 1,
    HC_EXIT_USAGE = 2,
    HC_EXIT_PARTIAL = 3,
    HC_EXIT_FAILED = 4,
};

/* Sets `error` and returns false, so that a failing branch is one statement. */
bool hc_fail(GError **error, enum hc_error_code code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The exit status that belongs to an error (HC_EXIT_FAILED for foreign domains). */
enum hc_exit hc_error_exit(const GError *error);

/*
 * Not to be used anywhere in the project: sprintf, strcpy, strcat, strtok, gets, atoi, localtime, mktime,
 * setlocale-dependent formatting of numbers. tests/layers.sh refuses them.
 */
#endif
