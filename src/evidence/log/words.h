/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_WORDS_H
#define HC_LOG_WORDS_H

#include "src/base/event.h"

/*
 * What the lines of daemons are made of. A stranger chooses addresses, host names, message ids and the names
 * that he tries to sign in with, and may write into them whatever a daemon writes. So a value is never
 * searched for in the whole of a line: a reader goes from the start, or from the end, whichever side holds
 * only what the daemon itself has written. Slices are borrowed from the text. Pure.
 */

/* hc_str_starts for many words in turn, most of which already begin otherwise. */
static inline bool hc_word_begins(struct hc_str text, const char *word)
{
    return text.n && text.p[0] == word[0] && hc_str_starts(text, word);
}

/* Moves `rest` behind `word`, when it begins so. */
static inline bool hc_word(struct hc_str *rest, const char *word)
{
    bool there = hc_word_begins(*rest, word);

    if (there)
        *rest = hc_str_skip(*rest, strlen(word));
    return there;
}
/* The same whatever the case of its letters, as those of commands. */
bool hc_word_caseless(struct hc_str *rest, const char *word);
/* What stands before the first `mark`; `rest` moves behind it. .p == NULL: it does not occur, nothing
 * moves. */
struct hc_str hc_word_until(struct hc_str *rest, const char *mark);
/* Where `mark` stands last, or -1. */
ptrdiff_t hc_word_last(struct hc_str text, const char *mark);
/* What stands behind the last `mark`, which `text` then ends before. .p == NULL: it does not occur. */
struct hc_str hc_word_tail(struct hc_str *text, const char *mark);

/*
 * "<address>" at the start of `rest`, which moves behind it: without the angle brackets, empty for "<>". A
 * '>' ends it only where the text ends or one of the bytes `after` follows; inside of a quoted local part
 * none does. .p == NULL: no address, or it has no end.
 */
struct hc_str hc_word_angle(struct hc_str *rest, const char *after);

/* A network address as daemons write it: "IPv6:" is taken off, and "::ffff:" before an IPv4 address. .p ==
 * NULL: it is none. */
struct hc_str hc_word_ip(struct hc_str text);
/* "host [address] (may be forged)": the first, or the last, brackets that hold a network address. */
struct hc_str hc_word_first_ip(struct hc_str text);
struct hc_str hc_word_last_ip(struct hc_str text);
/* 127.0.0.0/8 or ::1. */
bool hc_word_loopback(struct hc_str ip);

/* A reference to a network address; none where there is none. */
struct hc_ref hc_word_address(struct hc_str ip);
/* Who a name at a sign-in is: a mailbox with an '@', else an account; none for an empty name. */
struct hc_ref hc_word_who(struct hc_str name);

#endif
