/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SHELL_H
#define HC_SHELL_H

#include "src/base/str.h"

/*
 * Embedded texts with places to fill in. A place is `{{name}}`; what is put there is not looked at again, so
 * a value may hold anything, and escaping it for its place is the caller's. The first line of an embedded
 * text is its licence and left out.
 */
struct hc_slot {
    const char *name;
    const char *value;
};

/* `slots` ends with name == NULL. A place without a slot is a bug and aborts. */
void hc_shell_fill(GString *out, const char *asset, const struct hc_slot *slots);

void hc_shell_asset(GString *out, const char *asset);

/* A Content-Security-Policy that allows the one style element with this content and nothing else; yours. */
char *hc_shell_policy(const char *style);

#endif
