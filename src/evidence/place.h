/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PLACE_H
#define HC_PLACE_H

#include "src/base/case.h"

/* Where files lie, and what they are called in a case. All texts are yours. */

/* The file that a name on the command line means: a folder stands for the contents of the directory archive
 * that it is. */
char *hc_place_given(const char *file);
/* The name of a file in the case: its path inside, or external/NAME; where other files are read with it,
 * external/FOLDER/NAME. */
char *hc_place_name(const struct hc_case *c, const char *file);

#endif
