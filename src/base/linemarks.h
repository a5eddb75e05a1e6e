/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LINEMARKS_H
#define HC_LINEMARKS_H

#include <stdint.h>

/*
 * What is known about a line of a text that was made of something else, and no text can say, be the evidence
 * what it will: that nothing before goes on in it (START), that it ends a table's rows (END), or that what it
 * was made of could not be read whole (BROKEN, with the reason).
 */
enum hc_mark { HC_MARK_NONE, HC_MARK_START, HC_MARK_END, HC_MARK_BROKEN };

/* Marks by their places in the text, on their way from where it is made to where it is read. */
struct hc_linemarks;
struct hc_linemarks *hc_linemarks_new(void);
void hc_linemarks_free(struct hc_linemarks *marks);
void hc_linemarks_clear(struct hc_linemarks *marks);
/* In the order of the offsets. `why` is copied; NULL: there is no reason to give. */
void hc_linemarks_add(struct hc_linemarks *marks, int64_t offset, enum hc_mark kind, const char *why);
/* Those that wait among `from` follow those of `marks`. */
void hc_linemarks_move(struct hc_linemarks *marks, struct hc_linemarks *from);
/* Lines up to `offset` were read: the last mark before it becomes the present one, or none is. */
void hc_linemarks_pass(struct hc_linemarks *marks, int64_t offset);
/* The present one; `*why` lives until the next call of another function. */
enum hc_mark hc_linemarks_now(const struct hc_linemarks *marks, const char **why);

#endif
