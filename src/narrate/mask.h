/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MASK_H
#define HC_MASK_H

#include "src/narrate/model.h"

/*
 * What a page that everybody may read does not show: of a mail address its first letter is left ("m•••@•••",
 * of the next one "m•••2@•••"), but for the service's own addresses (`mailboxes`); network addresses are
 * numbered in the order in which they are met; of long identifiers the first eight characters are left;
 * responders are letters, in the order of case.yaml; what case.yaml withholds is three dots. Accounts and
 * projects of the service keep their names.
 */
struct mask;
/* `address`: what a network address is called, with {n} for its number. Both have to live as long as it does.
 */
struct mask *mask_new(const struct hc_case *c, const char *address);
void mask_free(struct mask *mask);
typedef struct mask mask_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mask_t, mask_free)

/* The text as it may be shown; yours. */
char *mask_text(struct mask *mask, const char *text);
/* An identifier, whatever it looks like: its first eight characters; yours. */
char *mask_identifier(const char *text);
/* Everything in a model that a page may show. */
void mask_model(struct mask *mask, struct model *m);

#endif
