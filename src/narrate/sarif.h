/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SARIF_H
#define HC_SARIF_H

#include "src/base/jsonout.h"
#include "src/narrate/finding.h"

/* Inside of the SARIF output. Which of its facilities are used for what is said in hindcast(1). */

#define SARIF_FINGERPRINT "hindcastFinding/v1"

/*
 * A text of the evidence or of ours as a message of SARIF, which knows placeholders, {0}, and links,
 * [text](target): neither may come to be. Characters that act on a display are made visible. Back again, but
 * for those: yours.
 */
void sarif_message(struct hc_jsonout *j, const char *key, const char *text);
char *sarif_plain(const char *message);

/* The files of the evidence, as far as SARIF tells them apart. */
struct artifacts;
struct artifacts *artifacts_new(const struct found *found);
void artifacts_free(struct artifacts *a);
typedef struct artifacts artifacts_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(artifacts_t, artifacts_free)
void artifacts_write(const struct artifacts *a, struct hc_jsonout *j);
/* A location under `key`: of the place, where there is one, with `message`, where that is not NULL. */
void spot_location(const struct artifacts *a, const struct spot *cited, const char *key, const char *message,
                   struct hc_jsonout *j);

#endif
