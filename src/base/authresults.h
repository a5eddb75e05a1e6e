/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_AUTHRESULTS_H
#define HC_AUTHRESULTS_H

#include "src/base/str.h"

#include <stdbool.h>

/*
 * An Authentication-Results header (RFC 8601), without its name and unfolded: does it say, in the name of one
 * of the hosts in `trusted` (NULL-ended), that a mail of this domain is its own? It does by a passed DKIM
 * signature of the domain or of one above it that has a dot, or by a passed DMARC check of the domain. What a
 * host that is not ours says proves nothing, nor does a seal (ARC) over what others say.
 */
bool hc_authresults_pass(struct hc_str header, const char *const *trusted, const char *domain);

#endif
