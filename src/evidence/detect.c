/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/detect.h"

const struct hc_importer *hc_importer_by_name(const struct hc_importer *const *table, const char *name)
{
    for (; *table; table++)
        if (strcmp((*table)->name, name) == 0)
            return *table;
    return NULL;
}

const struct hc_importer *hc_detect(const struct hc_importer *const *table, const struct hc_peek *peek,
                                    int *score, const char **why, GError **error)
{
    const struct hc_importer *best = NULL, *tied = NULL;

    *score = 0;
    for (; *table; table++) {
        const char *reason = NULL;
        int bid = (*table)->bid(peek, &reason);
        if (bid > *score) {
            best = *table;
            tied = NULL;
            *score = bid;
            *why = reason;
        } else if (bid && bid == *score) {
            tied = *table;
        }
    }
    if (tied) {
        hc_fail(error, HC_ERROR_INPUT, "%s: could be %s or %s; say which with --format", peek->name,
                best->name, tied->name);
        return NULL;
    }
    return best;
}

bool hc_peek_further(struct hc_input *in, struct hc_peek *peek)
{
    struct hc_locator at;
    struct hc_str ahead;

    if (peek->whole || peek->head.n < HC_PEEK_SIZE ||
        hc_input_ahead(in, HC_PEEK_FURTHER, &ahead, &at, NULL) != 1)
        return false;
    peek->head = hc_str_head(ahead, HC_PEEK_FURTHER);
    peek->whole = ahead.n < HC_PEEK_FURTHER;
    return true;
}
