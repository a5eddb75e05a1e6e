/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UNWRAP_H
#define HC_UNWRAP_H

#include "src/base/error.h"
#include "src/base/event.h"

/*
 * JSON records inside of JSON records: a queue or a notification service puts what it carries into a member
 * of its own, as an object, as a list, or as a text that is JSON itself, and such wrappers lie in one
 * another. A profile names the places (profile.h, `unwrap`); of one record the first that holds something
 * counts, and what is in there may be a wrapper again.
 */
#define HC_UNWRAP_DEPTH_MAX 8 /* wrappers in one another; what is deeper is rejected */

struct hc_unwrap;
/* `paths` are borrowed and NULL-ended. Free with hc_unwrap_free. */
struct hc_unwrap *hc_unwrap_new(const char *const *paths);
void hc_unwrap_free(struct hc_unwrap *unwrap);

/*
 * Called for each record that is no wrapper. A record that lies in the text of the file has its own place; of
 * one that was decoded from a text it is that of the record around it. `record` is the caller's to set.
 * `why`: it is none, because of this (static); else NULL.
 */
typedef bool (*hc_unwrap_fn)(void *data, struct hc_str record, const struct hc_locator *at, const char *why,
                             GError **error);
/* `record` is a validated object at `at`. What is passed on lives until `each` returns. False when `each`
 * says so. */
bool hc_unwrap_each(struct hc_unwrap *unwrap, struct hc_str record, const struct hc_locator *at,
                    hc_unwrap_fn each, void *data, GError **error);

#endif
