/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_MODIFIER_H
#define HC_SIGMA_MODIFIER_H

#include "src/base/yaml.h"

/* What stands behind the name of a field, read from left to right. */
enum hc_sigma_order { ORDER_EQUAL, ORDER_LESS, ORDER_LESS_EQUAL, ORDER_MORE, ORDER_MORE_EQUAL };
enum hc_sigma_part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };
enum hc_sigma_coding {
    CODING_WINDASH,
    CODING_BASE64,
    CODING_BASE64_OFFSET,
    CODING_UTF16LE,
    CODING_UTF16BE,
    CODING_UTF16
};

#define HC_SIGMA_CODINGS_MAX 8

struct modifiers {
    bool before, behind; /* any text may stand there */
    bool all, cased, negate, exists, regex, network, field, ordered, expand;
    unsigned regex_flags;
    enum hc_sigma_order order; /* where `ordered` */
    enum hc_sigma_part part;
    enum hc_sigma_coding codings[HC_SIGMA_CODINGS_MAX];
    size_t n_codings;
};

/* `names`: NULL-ended; `node` is where a failure is said to be. Combinations that mean nothing are
 * refused. */
bool modifiers_read(char *const *names, const struct hc_yaml *node, struct modifiers *out, GError **error);

/*
 * A value as modifiers recode it: several variants of it, any of which may match. `raw`: its bytes stand for
 * themselves, without wildcards and escapes.
 */
struct variant {
    GString *text;
    bool raw;
};
void variant_clear(void *variant);
/* `variants`: struct variant, one or more; replaced by what the coding makes of them. False with a static
 * reason. */
bool coding_apply(enum hc_sigma_coding coding, GArray *variants, const char **why);

#endif
