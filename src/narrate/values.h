/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_VALUES_H
#define HC_VALUES_H

#include "src/narrate/prose.h"

/* What sentences can ask of the model by name (prose.h): of prose.c. */

/* "{taken}": names, counts and conditions, as Markdown; NULL: it is not there, or does not hold. Yours. */
char *value_of_model(const struct prose *p, const char *name);

#endif
