/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PLANCOMPILE_H
#define HC_PLANCOMPILE_H

#include "src/evidence/planparts.h"

/* How the texts of a profile become the values of a plan: of plan.c, which compiles what they belong to. What
 * fails says where in the profile. */

/* While compiling. */
struct compiler {
    struct hc_plan *plan;
    const struct branch *branch; /* whose captures are in reach */
    enum hc_time_form form;
};

/* The number of the field of this name: a new one where the plan has none yet. */
size_t hc_plan_slot_of(struct hc_plan *plan, const char *name);

/* A field, a template or a list of them. In place of what `value` was, as with all of these. */
bool hc_compile_value(const struct compiler *c, const struct hc_yaml *node, struct value *value,
                      GError **error);
/* A field that is called so, whatever stands in its name. */
void hc_compile_field(const struct compiler *c, const char *name, struct value *value);
/* "{account: FIELD}"; "none": no reference. */
bool hc_compile_reference(const struct compiler *c, const struct hc_yaml *node, struct reference *ref,
                          GError **error);
/* struct keep, empty: yours. */
GArray *hc_keeps_new(void);
/* Adds "NAME: VALUE, ..."; fails when there are more than may be kept. */
bool hc_compile_keeps(const struct compiler *c, const struct hc_yaml *node, GArray *keeps, GError **error);

#endif
