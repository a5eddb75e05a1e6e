/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SCOPE_H
#define HC_SCOPE_H

#include "src/base/error.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * What an import is narrowed to: names of accounts, projects, addresses, and ids. A record is inside when one
 * of them stands in its text as a word: case does not matter, nor which of "-", "_" and "." is written;
 * "requests" stands in "add Owner requests" and in "requests-2.31.0.tar.gz", but not in "requests-mock" nor
 * in "requests@example.com". The ids of what is named are added as they are found.
 */
#define HC_SCOPE_MAX 100000 /* names; those found beyond are not followed, and that is said */

struct hc_scope;
/* `names`: NULL-ended, not empty; each valid UTF-8. */
struct hc_scope *hc_scope_new(char **names, GError **error);
void hc_scope_free(struct hc_scope *scope);

/* May one of the names stand in this text of a file? Escapes are not decoded: where a name could have some,
 * the answer is yes. */
bool hc_scope_touches(struct hc_scope *scope, struct hc_str text);
/* Does one of them stand in this value? */
bool hc_scope_finds(struct hc_scope *scope, struct hc_str value);
/* Is the answer of hc_scope_touches the last word? */
bool hc_scope_is_plain(const struct hc_scope *scope);
/* Is this one of the names, as a whole? */
bool hc_scope_has(const struct hc_scope *scope, struct hc_str name);
/* One more; nothing happens when it is known. */
void hc_scope_add(struct hc_scope *scope, struct hc_str name);
/* How many there are: grows as they are found. */
size_t hc_scope_size(const struct hc_scope *scope);
/* Some were found that there was no room for. */
bool hc_scope_full(const struct hc_scope *scope);
/* All of them, sorted, as a JSON array; yours. And back. */
char *hc_scope_text(const struct hc_scope *scope);
struct hc_scope *hc_scope_parse(const char *json);

#endif
