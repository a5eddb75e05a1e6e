/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SKELETON_H
#define HC_SKELETON_H

#include <glib.h>
#include <stdbool.h>

/*
 * What a name looks like: names of one skeleton can be taken for each other. After the method of Unicode
 * Technical Standard #39, section 4: compatibility decomposition, then each character by its prototype, marks
 * left out. The prototypes are a choice of our own, made by hand from what that standard's data file
 * (confusables.txt, Unicode 15) relates to letters and digits of ASCII; names are compared without case, so
 * that what looks alike in either case counts ("I", "l" and "1"). Dashes, dots and underscores are left out:
 * they are what registries ignore.
 *
 * Pure. `folded` is valid UTF-8, case-folded. The result is yours.
 */
char *skeleton_of(const char *folded);

/* How two folded names differ, when so little that one is taken for the other; LOOK_OTHER: more, or not at
 * all. */
enum look {
    LOOK_OTHER,
    LOOK_CONFUSABLE, /* characters that look alike */
    LOOK_SEPARATOR,  /* only in dashes, dots and underscores */
    LOOK_SWAPPED,    /* two neighbours changed places */
    LOOK_LETTER,     /* one letter more, less or other; a digit more, less or other tells people apart */
};
enum look look_of(const char *a, const char *b);
const char *look_name(enum look look);  /* "confusable", ...: static */
const char *look_words(enum look look); /* "by characters that look alike", ...: static */

/* Names shorter than this are near to too many others: only what looks the same counts, from
 * LOOK_SKELETON_MIN characters on. */
#define LOOK_LENGTH_MIN 5
#define LOOK_SKELETON_MIN 3

/*
 * Which of a few names may be near to one of very many: by what is left of both when one character is taken
 * out. Cost: a name's length. What is found has to be looked at with look_of; what is not found is none.
 */
struct near;
struct near *near_new(void);
void near_free(struct near *near);
void near_add(struct near *near, const char *folded, guint number);
/* Calls `each` with the number of each name that may be near, some more than once. Names of more than
 * NEAR_LENGTH_MAX characters are none. */
#define NEAR_LENGTH_MAX 320
void near_find(const struct near *near, const char *folded, void (*each)(void *data, guint number),
               void *data);

#endif
