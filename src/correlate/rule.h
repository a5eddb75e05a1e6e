/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_RULE_H
#define HC_RULE_H

#include "src/base/error.h"
#include "src/base/str.h"

#include <glib.h>
#include <stdint.h>

/* A file of reports/rules that words a pass of our own, in the layout of Sigma: how serious it is, and its
 * message. */
struct rule {
    char *id, *title, *description, *message;
    char *severity;    /* as Sigma calls it: "informational", ... */
    const char *level; /* "note", "warning", "error" */
    char *pass;        /* which of our passes it words */
};

/* Sigma's five levels are our three: "note", "warning", "error"; NULL for what is no level. */
const char *rule_level(const char *sigma);

/* `file` is an asset ("reports/rules/evidence-rejected.yaml"). Free with rule_free. */
struct rule *rule_load(const char *file, GError **error);
struct rule *rule_parse(struct hc_str text, const char *file, GError **error);
void rule_free(struct rule *rule);

/* All of them by id: a line each, like that of a Sigma rule with the kind "built-in"; and what each looks
 * for. */
bool rule_list_own(GString *out, GError **error);
bool rule_explain_own(GString *out, GError **error);
typedef struct rule rule_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(rule_t, rule_free)

#endif
