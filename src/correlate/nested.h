/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_NESTED_H
#define HC_NESTED_H

#include "src/base/str.h"

/*
 * Kept fields are a JSON object of texts; a text may be JSON itself, an object or a list that the profile
 * keeps as it is. Writes the object with these as parts of the whole, over what `out` held. False: it has
 * none, and is what it is.
 */
bool nested_write(struct hc_str fields, GString *out);

#endif
