/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_ITEM_H
#define HC_SIGMA_ITEM_H

#include "src/base/yaml.h"
#include "src/correlate/sigma/event.h"

/*
 * One entry of a selection: "field|modifier|...: value" or a list of values; with an empty field, and in
 * lists of plain values, keywords that are looked for in all of the event. A modifier that is not known is
 * refused, never left out.
 */
#define HC_SIGMA_VARIANTS_MAX 4096 /* that modifiers make of one value */

struct hc_sigma_item;

/* Lists by which placeholders of "expand" are replaced: "%name%" becomes each of the values of the list of
 * this name. */
#define HC_SIGMA_LIST_MAX 100000 /* values of one list */
struct hc_sigma_lists;
struct hc_sigma_lists *hc_sigma_lists_new(void);
void hc_sigma_lists_free(struct hc_sigma_lists *lists);
/* A value is written as in a rule: "*" and "?" are wildcards. False: the list is full. */
bool hc_sigma_lists_add(struct hc_sigma_lists *lists, const char *name, const char *value);
/* The texts that a value with placeholders stands for, appended to `out` (GString *, yours). False with a
 * reason, yours, and no texts. */
bool hc_sigma_lists_expand(const struct hc_sigma_lists *lists, const char *written, GPtrArray *out,
                           char **why);

/* `key` is the field with its modifiers, "" for keywords; `values` a scalar or a sequence of them. Fails with
 * file:line:column. */
struct hc_sigma_item *hc_sigma_item_read(const char *key, const struct hc_yaml *values,
                                         struct hc_sigma_fields *fields, const struct hc_sigma_lists *lists,
                                         GError **error);
void hc_sigma_item_free(struct hc_sigma_item *item);
/* Two items of this same text (field, modifiers, values) mean the same. */
const char *hc_sigma_item_text(const struct hc_sigma_item *item);
/* Appends what it asks for, in words. */
void hc_sigma_item_explain(const struct hc_sigma_item *item, GString *out);

/* Is it looked for in all of the event? */
bool hc_sigma_item_is_keywords(const struct hc_sigma_item *item);
/* 1, 0, or -1: an expression gave up on this event. */
int hc_sigma_item_match(const struct hc_sigma_item *item, struct hc_sigma_event *event);

/* It can only match where the field is there: true, and which one. */
bool hc_sigma_item_needs(const struct hc_sigma_item *item, size_t *slot);
/*
 * Where it can only match when a field equals one of some texts: true, and for each `fn` is called with the
 * slot and the folded text.
 */
typedef void (*hc_sigma_equal_fn)(void *data, size_t slot, struct hc_str text);
bool hc_sigma_item_equals(const struct hc_sigma_item *item, hc_sigma_equal_fn fn, void *data);

#endif
