/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STRANGER_H
#define HC_STRANGER_H

#include "src/base/str.h"

/* Why nothing is read of a file that no importer takes: by its first bytes what it seems to be, and what can
 * be done. Static. */
const char *hc_stranger(struct hc_str head);

#endif
