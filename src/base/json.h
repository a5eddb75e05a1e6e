/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_JSON_H
#define HC_JSON_H

#include "src/base/str.h"

/*
 * A validating JSON scanner (RFC 8259) over text in memory. It builds no tree: values are slices of the
 * input. Depth is bounded, there is no recursion without bound and no allocation except for decoded strings.
 */
#define HC_JSON_DEPTH_MAX 128

enum hc_json_type {
    HC_JSON_INVALID,
    HC_JSON_NULL,
    HC_JSON_FALSE,
    HC_JSON_TRUE,
    HC_JSON_NUMBER,
    HC_JSON_STRING,
    HC_JSON_ARRAY,
    HC_JSON_OBJECT,
};

/*
 * Validates the first value of `in` (after white space). Returns the number of bytes up to and including
 * its last byte, or 0 with `*at` = offset of the first wrong byte and `*why` = a static reason. Strings must
 * be valid UTF-8 without raw control characters; unpaired surrogate escapes are accepted (decoded as
 * U+FFFD), as real exports contain them. Duplicate keys are accepted.
 */
size_t hc_json_check(struct hc_str in, size_t *at, const char **why);

/* Type of a (validated) value slice. */
enum hc_json_type hc_json_type(struct hc_str value);

/*
 * The value at `path` inside a validated value: "actor_location.country_code", "recipients.0" (array
 * index). Keys are compared with escapes decoded; of duplicate keys the last counts. A key that holds a
 * dot itself cannot be named. Absent -> .p == NULL. An empty path is the value itself.
 */
struct hc_str hc_json_get(struct hc_str value, const char *path);

/*
 * Several paths that are looked for in one pass. hc_json_pick gives for each what hc_json_get would give;
 * `found` has a place for each, in the order in which they were added.
 */
#define HC_JSON_PATHS_MAX 60000 /* different members of one object */
struct hc_json_paths;
struct hc_json_paths *hc_json_paths_new(void);
void hc_json_paths_free(struct hc_json_paths *paths);
void hc_json_paths_add(struct hc_json_paths *paths, const char *path);
void hc_json_pick(const struct hc_json_paths *paths, struct hc_str value, struct hc_str *found);
/*
 * hc_json_check and, where it is valid, hc_json_pick of the value without the white space around it, in one
 * pass over the bytes. Where it is not, `found` says nothing.
 */
size_t hc_json_scan(const struct hc_json_paths *paths, struct hc_str in, struct hc_str *found, size_t *at,
                    const char **why);

/* Text of a scalar: strings decoded (NUL escapes as U+2400 by hc_text_utf8's rule), numbers and literals as
 * written, null -> false; arrays and objects as written. Appends to `out`. */
bool hc_json_text(struct hc_str value, GString *out);

/*
 * Walks an array or object: returns the next element (for objects `key` is its raw quoted slice), .p == NULL
 * at the end. `*pos` starts at 0.
 */
struct hc_str hc_json_next(struct hc_str container, size_t *pos, struct hc_str *key);

#endif
