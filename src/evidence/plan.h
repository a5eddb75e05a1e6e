/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PLAN_H
#define HC_PLAN_H

#include "src/base/yaml.h"
#include "src/evidence/profile.h"

/* Inside of profiles: one entry of `records`, compiled for one record type. */

enum hc_time_form {
    HC_FORM_ISO,
    HC_FORM_ISO_US,
    HC_FORM_EPOCH, /* the unit is guessed, and marked as assumed */
    HC_FORM_EPOCH_S,
    HC_FORM_EPOCH_MS,
    HC_FORM_EPOCH_US,
    HC_FORM_EPOCH_NS,
    HC_FORM_RFC5322,
    HC_FORM_FILETIME,
    HC_FORM_DOTNET,
    HC_FORM_COCOA,
    HC_FORM_COCOA_NS,
    HC_FORM_TAI64N,
    HC_FORM_TAI64N_LEAP,
    HC_FORM_COUNT
};

/* HC_FORM_COUNT for a name that is none. */
enum hc_time_form hc_time_form_by_name(const char *name);

struct hc_plan *hc_plan_new(const struct hc_profile *profile, const struct hc_yaml *record,
                            struct hc_str type, enum hc_time_form form, GError **error);
void hc_plan_free(struct hc_plan *plan);
/* The first so many slots may reach the database; the others are only asked whether they hold something. */
size_t hc_plan_kept_slots(const struct hc_plan *plan);

#endif
