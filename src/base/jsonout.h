/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_JSONOUT_H
#define HC_JSONOUT_H

#include "src/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * JSON as it is written: commas, and a line of its own for each value of the outer containers. Keys are ours;
 * texts may be anybody's, control and format characters become escapes. Values of an object have a key, those
 * of an array have NULL.
 */
struct hc_jsonout {
    GString *out; /* the caller's, who may empty it between two values */
    int lines;    /* values inside of more containers than that share a line */
    int depth;
    bool any; /* in the present container something stands already */
};

void hc_jsonout_open(struct hc_jsonout *j, const char *key, char bracket /* '{' or '[' */);
void hc_jsonout_close(struct hc_jsonout *j, char bracket /* '}' or ']' */);
void hc_jsonout_text(struct hc_jsonout *j, const char *key, struct hc_str value); /* .p == NULL: null */
void hc_jsonout_int(struct hc_jsonout *j, const char *key, int64_t value);
void hc_jsonout_bool(struct hc_jsonout *j, const char *key, bool value);
/* JSON that was written or checked already. */
void hc_jsonout_raw(struct hc_jsonout *j, const char *key, struct hc_str value);

#endif
