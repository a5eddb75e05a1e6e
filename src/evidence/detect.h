/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DETECT_H
#define HC_DETECT_H

#include "src/evidence/importer.h"

/*
 * The importer with the highest bid, or NULL when nobody wants it. A tie of the two highest is an error that
 * asks for --format. `why` gets the winner's reason. `table` is NULL-ended.
 */
const struct hc_importer *hc_detect(const struct hc_importer *const *table, const struct hc_peek *peek,
                                    int *score, const char **why, GError **error);
/*
 * Where nothing is known by the head: more of the member, which is not consumed, so that tables are seen that
 * are not at its beginning. False: the head is all there is, or no more can be read.
 */
#define HC_PEEK_FURTHER (16u << 20)
bool hc_peek_further(struct hc_input *in, struct hc_peek *peek);

const struct hc_importer *hc_importer_by_name(const struct hc_importer *const *table, const char *name);

#endif
