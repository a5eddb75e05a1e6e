/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_YAML_H
#define HC_YAML_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * A YAML document as a tree of mappings, sequences and scalars with their positions: what case files,
 * profiles, rules and phrase catalogues need. The only door to libyaml. Anchors, aliases and tags are
 * refused; depth, size and documents are bounded; a duplicate key is an error.
 */
#define HC_YAML_DEPTH_MAX 32
#define HC_YAML_SIZE_MAX (4u << 20)
#define HC_YAML_DOCUMENTS_MAX 10000

enum hc_yaml_type { HC_YAML_SCALAR, HC_YAML_SEQUENCE, HC_YAML_MAPPING };

struct hc_yaml {
    enum hc_yaml_type type;
    int line, column; /* from 1 */
    char *key;        /* of a mapping's member */
    int key_line, key_column;
    char *text;            /* of a scalar */
    bool plain;            /* scalar written without quotes (so "null" or "~" can mean nothing) */
    struct hc_yaml *first; /* members */
    struct hc_yaml *next;
    const char *file; /* as given to the parser; owned by the root */
};

/* `file` is used in messages only ("case.yaml:3:5: ..."). An empty document is an empty mapping. */
struct hc_yaml *hc_yaml_parse(struct hc_str text, const char *file,
                              GError **error); /* more than one document is refused */
/* All documents of a stream, struct hc_yaml each, those that hold nothing left out; frees them itself. NULL
 * when one cannot be parsed. */
GPtrArray *hc_yaml_parse_all(struct hc_str text, const char *file, GError **error);
void hc_yaml_free(struct hc_yaml *root);
typedef struct hc_yaml hc_yaml_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_yaml_t, hc_yaml_free)

/* Member of a mapping, or NULL. */
const struct hc_yaml *hc_yaml_get(const struct hc_yaml *map, const char *key);
/* Scalar text of a member, or NULL when absent or not a scalar. */
const char *hc_yaml_text(const struct hc_yaml *map, const char *key);
/* Fails (HC_ERROR_CONFIG, with position) when `map` is no mapping or has a key outside `allowed`
 * (NULL-ended). */
bool hc_yaml_allow(const struct hc_yaml *map, const char *const *allowed, GError **error);
/* A failure at this node: "file:line:column: ...". */
bool hc_yaml_fail(const struct hc_yaml *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
