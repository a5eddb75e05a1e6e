/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/words.h"

#define IP_MAX 64 /* the longest network address with its interface is shorter */

bool hc_word_caseless(struct hc_str *rest, const char *word)
{
    size_t n = strlen(word);
    bool there = rest->n >= n && g_ascii_strncasecmp(rest->p, word, n) == 0;

    if (there)
        *rest = hc_str_skip(*rest, n);
    return there;
}

struct hc_str hc_word_until(struct hc_str *rest, const char *mark)
{
    ptrdiff_t at = hc_str_find(*rest, mark, 0);
    struct hc_str before = at < 0 ? HC_STR_NONE : hc_str_head(*rest, (size_t)at);

    if (before.p)
        *rest = hc_str_skip(*rest, before.n + strlen(mark));
    return before;
}

ptrdiff_t hc_word_last(struct hc_str text, const char *mark)
{
    size_t n = strlen(mark), left = text.n < n ? 0 : text.n - n + 1;

    while (left) {
        const char *hit = memrchr(text.p, mark[0], left);
        if (!hit)
            break;
        if (memcmp(hit, mark, n) == 0)
            return hit - text.p;
        left = (size_t)(hit - text.p);
    }
    return -1;
}

struct hc_str hc_word_tail(struct hc_str *text, const char *mark)
{
    ptrdiff_t at = hc_word_last(*text, mark);
    struct hc_str tail = at < 0 ? HC_STR_NONE : hc_str_skip(*text, (size_t)at + strlen(mark));

    if (tail.p)
        *text = hc_str_head(*text, (size_t)at);
    return tail;
}

/* Behind a quoted local part, or 0: a quote that is not closed is none. */
static size_t behind_quoted(struct hc_str text)
{
    size_t i;

    if (!text.n || text.p[0] != '"')
        return 0;
    for (i = 1; i < text.n && text.p[i] != '"'; i++)
        i += text.p[i] == '\\';
    return i < text.n ? i : 0;
}

struct hc_str hc_word_angle(struct hc_str *rest, const char *after)
{
    struct hc_str text = hc_str_skip(*rest, 1);

    if (!rest->n || rest->p[0] != '<')
        return HC_STR_NONE;
    for (size_t i = behind_quoted(text); i < text.n; i++) {
        if (text.p[i] != '>' || (i + 1 < text.n && !strchr(after, text.p[i + 1])))
            continue;
        *rest = hc_str_skip(text, i + 1);
        return hc_str_head(text, i);
    }
    return HC_STR_NONE;
}

/* Hexadecimal digits with dots or colons: enough to tell it from a name. */
static bool is_ip(struct hc_str text)
{
    bool mark = false;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' && mark) /* the interface of a link-local address */
            return i + 1 < text.n;
        if (!g_ascii_isxdigit(text.p[i]) && text.p[i] != '.' && text.p[i] != ':')
            return false;
        mark = mark || text.p[i] == '.' || text.p[i] == ':';
    }
    return mark && text.n <= IP_MAX;
}

struct hc_str hc_word_ip(struct hc_str text)
{
    if (text.n > 5 && g_ascii_strncasecmp(text.p, "IPv6:", 5) == 0)
        text = hc_str_skip(text, 5);
    if (text.n > 7 && g_ascii_strncasecmp(text.p, "::ffff:", 7) == 0 && hc_str_chr(text, '.') > 0)
        text = hc_str_skip(text, 7);
    return is_ip(text) ? text : HC_STR_NONE;
}

/* "address]..." */
static struct hc_str ip_in_brackets(struct hc_str rest)
{
    rest = hc_str_head(rest, IP_MAX + 16);
    return hc_word_ip(hc_word_until(&rest, "]"));
}

struct hc_str hc_word_first_ip(struct hc_str text)
{
    struct hc_str rest = text, ip;

    while (hc_word_until(&rest, "[").p) {
        ip = ip_in_brackets(rest);
        if (ip.p)
            return ip;
    }
    return HC_STR_NONE;
}

struct hc_str hc_word_last_ip(struct hc_str text)
{
    struct hc_str tail, ip;

    while ((tail = hc_word_tail(&text, "[")).p) {
        ip = ip_in_brackets(tail);
        if (ip.p)
            return ip;
    }
    return HC_STR_NONE;
}

bool hc_word_loopback(struct hc_str ip)
{
    return hc_str_starts(ip, "127.") || hc_str_is(ip, "::1");
}

struct hc_ref hc_word_address(struct hc_str ip)
{
    return ip.n ? (struct hc_ref){HC_ENTITY_ADDRESS, ip} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

struct hc_ref hc_word_who(struct hc_str name)
{
    if (!name.n)
        return (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
    return (struct hc_ref){hc_str_chr(name, '@') > 0 ? HC_ENTITY_MAILBOX : HC_ENTITY_ACCOUNT, name};
}
