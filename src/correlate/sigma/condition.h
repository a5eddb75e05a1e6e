/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_CONDITION_H
#define HC_SIGMA_CONDITION_H

#include "src/base/yaml.h"

/*
 * Conditions: "a and not (b or 1 of c_*)" over names that stand for something. The operators are and, or,
 * not, in lower case; not binds most tightly, or least. "1 of", "any of" and "all of" take a pattern or
 * "them"; names with an underscore in front are only meant by a pattern that begins with one.
 */
#define HC_SIGMA_CONDITION_MAX 65536 /* bytes */
#define HC_SIGMA_DEPTH_MAX 64        /* of parentheses and nots */

enum hc_sigma_op { HC_SIGMA_AND, HC_SIGMA_OR, HC_SIGMA_NOT, HC_SIGMA_LEAF };

struct hc_sigma_node {
    enum hc_sigma_op op;
    GPtrArray *of; /* struct hc_sigma_node *, each owned by one pool; NULL for a leaf */
    size_t leaf;   /* what it is, is said by whoever made it */
};

/* Owns nodes, which may have several parents. */
GPtrArray *hc_sigma_pool_new(void);
struct hc_sigma_node *hc_sigma_leaf(GPtrArray *pool, size_t leaf);
struct hc_sigma_node *hc_sigma_join(GPtrArray *pool, enum hc_sigma_op op);
void hc_sigma_add(struct hc_sigma_node *parent, struct hc_sigma_node *child);

/* A name of the condition and what it stands for. */
struct hc_sigma_name {
    const char *name;
    struct hc_sigma_node *node;
    bool used; /* set when the condition asks for it */
};
/* `where` is the scalar that holds it, for the message. NULL with a reason that names the place. */
struct hc_sigma_node *hc_sigma_condition(const struct hc_yaml *where, struct hc_sigma_name *names, size_t n,
                                         GPtrArray *pool, GError **error);

#endif
