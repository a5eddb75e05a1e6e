/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_COMMANDS_H
#define HC_COMMANDS_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/options.h"

/*
 * The commands, with main.c the only part of the program that prints. Each takes its options, and gives its
 * exit status; an error that it leaves is told by main.c, with the status of its kind.
 */

/* What works on a case (commands_case.c). */
int hc_command_init(struct hc_options *o, GError **error);
int hc_command_run(struct hc_options *o, GError **error);
int hc_command_report(struct hc_options *o, GError **error);
int hc_command_correlate(struct hc_options *o, GError **error);
int hc_command_import(struct hc_options *o, GError **error);

/* What shows something of it, or of what can be read and told (commands_show.c). */
int hc_command_events(struct hc_options *o, GError **error);
int hc_command_timeline(struct hc_options *o, GError **error);
int hc_command_sources(struct hc_options *o, GError **error);
int hc_command_claims(struct hc_options *o, GError **error);
int hc_command_identities(struct hc_options *o, GError **error);
int hc_command_findings(struct hc_options *o, GError **error);
int hc_command_diff(struct hc_options *o, GError **error);
int hc_command_verify(struct hc_options *o, GError **error);
int hc_command_formats(struct hc_options *o, GError **error);
int hc_command_rules(struct hc_options *o, GError **error);

/* A line for the user, on the standard error: names of evidence reach the terminal too, and are made visible.
 */
void hc_complain(const char *text);
/* An hc_writer's: to the standard output. */
bool hc_command_out(void *data, const char *bytes, size_t n, GError **error);
/* Is --audience one that there is? */
bool hc_command_audience(const struct hc_options *o, GError **error);
/* For everybody: by the option, else by the case file. */
bool hc_command_is_public(const struct hc_options *o, const struct hc_case *c);
/* The case in `dir`, NULL: here, and its database; yours. To read one, something must have been imported. */
struct hc_case *hc_command_case(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error);

#endif
