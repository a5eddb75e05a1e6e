/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/mask.h"

#include "src/base/text.h"
#include "src/base/words.h"

#include <arpa/inet.h>

#define DOTS "•••"
#define SHOWN 8           /* characters of an identifier */
#define IDENTIFIER_MIN 16 /* characters of what is one for its length */
#define UUID_LENGTH 36

struct mask {
    const struct hc_case *c;
    const char *address;
    GHashTable *addresses; /* text -> its number */
    GHashTable *mails;     /* folded -> how it is shown */
    GHashTable *shown;     /* those -> how many addresses begin so */
};

struct mask *mask_new(const struct hc_case *c, const char *address)
{
    struct mask *mask = g_new0(struct mask, 1);

    mask->c = c;
    mask->address = address;
    mask->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    mask->mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mask->shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return mask;
}

void mask_free(struct mask *mask)
{
    if (!mask)
        return;
    g_hash_table_unref(mask->addresses);
    g_hash_table_unref(mask->mails);
    g_hash_table_unref(mask->shown);
    g_free(mask);
}

static bool is_wide(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || is_wide(c);
}

static bool is_local(char c)
{
    return is_word(c) || (c && strchr(".%+-'!#$&*/=?^`{|}~", c));
}

static bool is_domain(char c)
{
    return g_ascii_isalnum(c) || c == '.' || c == '-' || is_wide(c);
}

static bool is_ours(const struct mask *mask, struct hc_str address)
{
    for (char **own = mask->c->mailboxes; *own; own++)
        if (strlen(*own) == address.n && g_ascii_strncasecmp(*own, address.p, address.n) == 0)
            return true;
    return false;
}

/* A mail address that begins here; how many bytes it has, 0: none does. What stands around it in a text may
 * look like a part of it: then more is taken away, never less. */
static size_t mail_at(const char *at)
{
    size_t n = 0, domain;

    while (is_local(at[n]))
        n++;
    if (!n || at[n] != '@')
        return 0;
    domain = ++n;
    while (is_domain(at[n]))
        n++;
    while (n > domain && (at[n - 1] == '.' || at[n - 1] == '-'))
        n--;
    return n > domain ? n : 0;
}

/* One of these words, upper and lower case alike: its number, or -1. */
static ptrdiff_t word_at(char *const *words, const char *at, size_t *n)
{
    for (ptrdiff_t i = 0; words[i]; i++) {
        *n = strlen(words[i]);
        if (*n && g_ascii_strncasecmp(words[i], at, *n) == 0 && !is_word(at[*n]))
            return i;
    }
    return -1;
}

static void add_letter(ptrdiff_t i, GString *out)
{
    g_string_append_c(out, (char)('A' + i % 26));
    if (i >= 26)
        g_string_append_printf(out, "%d", (int)(i / 26));
}

/* Two addresses never look the same: a page may say that one is another, or is not. */
static char *masked_mail(struct mask *mask, const char *folded)
{
    size_t named;
    ptrdiff_t responder = word_at(mask->c->responders, folded, &named);
    g_autoptr(GString) first = g_string_new_len(folded, g_utf8_next_char(folded) - folded);
    g_autofree char *begins = NULL;
    char *text;
    guint n;

    if (responder >= 0) {
        g_string_truncate(first, 0);
        add_letter(responder, first);
    }
    begins = g_strdup(first->str);
    n = GPOINTER_TO_UINT(g_hash_table_lookup(mask->shown, begins)) + 1;
    text = n > 1 ? g_strdup_printf("%s" DOTS "%u@" DOTS, begins, n)
                 : g_strdup_printf("%s" DOTS "@" DOTS, begins);

    g_hash_table_insert(mask->shown, g_steal_pointer(&begins), GUINT_TO_POINTER(n));
    return text;
}

static void add_mail(struct mask *mask, struct hc_str mail, GString *out)
{
    g_autofree char *text = hc_str_dup(mail), *folded = g_ascii_strdown(text, -1);
    const char *shown = is_ours(mask, mail) ? text : g_hash_table_lookup(mask->mails, folded);

    if (!shown) {
        char *masked = masked_mail(mask, folded);
        g_string_append(out, masked);
        g_hash_table_insert(mask->mails, g_steal_pointer(&folded), masked);
        return;
    }
    g_string_append(out, shown);
}

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return strpbrk(text, "0123456789abcdefABCDEF") &&
           (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

/* A network address that begins here, as it is written; a port may follow that of four numbers. */
static char *address_at(const char *at)
{
    size_t n = strspn(at, "0123456789abcdefABCDEF:.");
    g_autofree char *text = NULL;
    char *colon;

    if (n < 3 || n > INET6_ADDRSTRLEN || is_word(at[n]))
        return NULL;
    while (n && (at[n - 1] == '.' || (at[n - 1] == ':' && (n < 2 || at[n - 2] != ':'))))
        n--;
    text = g_strndup(at, n);
    if (!is_address(text) && strchr(text, '.') && (colon = strchr(text, ':')))
        *colon = 0;
    return is_address(text) ? g_steal_pointer(&text) : NULL;
}

static void add_address(struct mask *mask, const char *address, GString *out)
{
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(mask->addresses, address));
    char number[16];
    const char *const pairs[] = {"n", number, NULL};
    g_autofree char *called = NULL;

    if (!n) {
        n = g_hash_table_size(mask->addresses) + 1;
        g_hash_table_insert(mask->addresses, g_strdup(address), GUINT_TO_POINTER(n));
    }
    g_snprintf(number, sizeof number, "%u", n);
    called = hc_words_fill(mask->address, pairs);
    g_string_append(out, called);
}

static bool is_uuid(const char *at)
{
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? at[i] != '-' : !g_ascii_isxdigit(at[i]))
            return false;
    }
    return !is_word(at[UUID_LENGTH]);
}

/* An identifier that begins here: how many bytes it has, 0: none does. Numbers alone are counts and times. */
static size_t identifier_at(const char *at)
{
    size_t n = 0;
    bool letter = false, digit = false;

    if (is_uuid(at))
        return UUID_LENGTH;
    for (; g_ascii_isxdigit(at[n]); n++) {
        letter = letter || g_ascii_isalpha(at[n]);
        digit = digit || g_ascii_isdigit(at[n]);
    }
    return n >= IDENTIFIER_MIN && letter && digit && !is_word(at[n]) ? n : 0;
}

/* What is masked as a whole word, and begins here; how many bytes of the text that is. */
static size_t add_word(struct mask *mask, const char *at, GString *out)
{
    g_autofree char *address = NULL;
    ptrdiff_t i;
    size_t n;

    if (word_at(mask->c->withhold, at, &n) >= 0) {
        g_string_append(out, DOTS);
        return n;
    }
    if ((n = mail_at(at))) {
        add_mail(mask, hc_str_n(at, n), out);
        return n;
    }
    if ((address = address_at(at))) {
        add_address(mask, address, out);
        return strlen(address);
    }
    if ((n = identifier_at(at))) {
        g_string_append_len(out, at, SHOWN);
        g_string_append(out, "…");
        return n;
    }
    if ((i = word_at(mask->c->responders, at, &n)) < 0)
        return 0;
    add_letter(i, out);
    return n;
}

char *mask_text(struct mask *mask, const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at;) {
        bool begins = at == text || !is_word(at[-1]);
        size_t n = begins ? add_word(mask, at, out) : 0;
        if (!n) {
            g_string_append_c(out, *at);
            n = 1;
        }
        at += n;
    }
    return g_string_free(out, FALSE);
}

char *mask_identifier(const char *text)
{
    if (g_utf8_strlen(text, -1) <= SHOWN)
        return g_strdup(text);
    g_autofree char *head = g_utf8_substring(text, 0, SHOWN);

    return g_strconcat(head, "…", NULL);
}
