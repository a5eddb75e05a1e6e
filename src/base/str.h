/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STR_H
#define HC_STR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A borrowed slice of bytes: never owned, never NUL-terminated, may hold NULs and any bytes. It lives as
 * long as whatever it was cut from; the function that hands one out says how long.
 * `p == NULL` is "absent" (SQL NULL, missing key); an empty text has `p != NULL` and `n == 0`.
 */
struct hc_str {
    const char *p;
    size_t n;
};

#define HC_STR_LIT(s) ((struct hc_str){(s), sizeof(s) - 1})
#define HC_STR_NONE ((struct hc_str){NULL, 0})
#define HC_STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct hc_str hc_str(const char *text)
{
    return (struct hc_str){text, text ? strlen(text) : 0};
}

static inline struct hc_str hc_str_n(const char *p, size_t n)
{
    return (struct hc_str){p, n};
}

static inline bool hc_str_eq(struct hc_str a, struct hc_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool hc_str_is(struct hc_str a, const char *text)
{
    return hc_str_eq(a, hc_str(text));
}

static inline bool hc_str_starts(struct hc_str a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

static inline bool hc_str_ends(struct hc_str a, const char *suffix)
{
    size_t n = strlen(suffix);
    return a.n >= n && memcmp(a.p + a.n - n, suffix, n) == 0;
}

/* What follows the first `n` bytes (empty when there are fewer). */
static inline struct hc_str hc_str_skip(struct hc_str a, size_t n)
{
    return n >= a.n ? hc_str_n(a.p ? a.p + a.n : NULL, 0) : hc_str_n(a.p + n, a.n - n);
}

static inline struct hc_str hc_str_head(struct hc_str a, size_t n)
{
    return hc_str_n(a.p, n < a.n ? n : a.n);
}

/* Index of byte `c`, or -1. */
static inline ptrdiff_t hc_str_chr(struct hc_str a, char c)
{
    const char *hit = a.n ? memchr(a.p, c, a.n) : NULL;
    return hit ? hit - a.p : -1;
}

/* Index of `needle` at or after `from`, or -1. */
static inline ptrdiff_t hc_str_find(struct hc_str a, const char *needle, size_t from)
{
    size_t n = strlen(needle);
    if (n == 0 || from > a.n || a.n - from < n)
        return -1;
    const char *hit = memmem(a.p + from, a.n - from, needle, n);
    return hit ? hit - a.p : -1;
}

static inline struct hc_str hc_str_trim(struct hc_str a)
{
    while (a.n && g_ascii_isspace(a.p[0]))
        a = hc_str_skip(a, 1);
    while (a.n && g_ascii_isspace(a.p[a.n - 1]))
        a.n--;
    return a;
}

/* A NUL-terminated copy that is yours (NULs inside cut it short; use GBytes where that matters). */
/* Without the byte order mark of UTF-8. */
static inline struct hc_str hc_str_without_bom(struct hc_str a)
{
    return hc_str_starts(a, "\xef\xbb\xbf") ? hc_str_skip(a, 3) : a;
}

static inline char *hc_str_dup(struct hc_str a)
{
    return a.p ? g_strndup(a.p, a.n) : NULL;
}

#endif
