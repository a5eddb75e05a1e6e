/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/scope.h"

#include "src/base/json.h"
#include "src/base/keyed.h"
#include "src/base/text.h"
#include "src/evidence/needles.h"

#define PLAIN_MIN 3 /* bytes; shorter names stand in most texts, and their values are looked at */

struct hc_scope {
    GHashTable *names; /* as they are compared -> as they were written */
    GPtrArray *keys;   /* those of `names`, in order of their coming */
    bool full;
    bool plain; /* all of them are written in a file as they are: no escapes, no other encoding */
    /* Names are found one by one, between searches: where there are many, only the search for the last is
     * prepared anew each time. */
    struct hc_needles *search, *last; /* NULL: no names, or it has to be prepared */
    guint searched;                   /* names of `search` */
    unsigned char same[256];          /* what a byte is compared as */
};

static void prepare_bytes(struct hc_scope *scope)
{
    for (int c = 0; c < 256; c++)
        scope->same[c] = (unsigned char)(c == '_' || c == '.' ? '-' : g_ascii_tolower((char)c));
}

/* As it is compared; yours. */
static char *folded(const struct hc_scope *scope, struct hc_str name)
{
    g_autoptr(GString) text = g_string_new(NULL);

    hc_text_fold_into(text, name);
    for (size_t i = 0; i < text->len; i++)
        text->str[i] = (char)scope->same[(unsigned char)text->str[i]];
    return g_string_free(g_steal_pointer(&text), FALSE);
}

struct hc_scope *hc_scope_new(char **names, GError **error)
{
    struct hc_scope *scope = g_new0(struct hc_scope, 1);

    prepare_bytes(scope);
    scope->names = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);
    scope->keys = g_ptr_array_new();
    scope->plain = true;
    for (; *names; names++) {
        struct hc_str name = hc_str_trim(hc_str(*names));
        if (name.n == 0 || !hc_text_is_clean(name)) {
            hc_fail(error, HC_ERROR_USAGE, "a scope needs names, in UTF-8");
            hc_scope_free(scope);
            return NULL;
        }
        hc_scope_add(scope, name);
    }
    return scope;
}

void hc_scope_free(struct hc_scope *scope)
{
    if (!scope)
        return;
    hc_needles_free(scope->search);
    hc_needles_free(scope->last);
    g_ptr_array_unref(scope->keys);
    g_hash_table_unref(scope->names);
    g_free(scope);
}

/* A file may write it in another way: with escapes, or doubled quotes. */
static bool is_plain(struct hc_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || strchr("\"'\\/<>&", name.p[i]))
            return false;
    return name.n >= PLAIN_MIN;
}

void hc_scope_add(struct hc_scope *scope, struct hc_str name)
{
    char *key;

    if (name.n == 0)
        return;
    key = folded(scope, name);
    if (g_hash_table_contains(scope->names, key)) {
        g_free(key);
        return;
    }
    if (g_hash_table_size(scope->names) == HC_SCOPE_MAX) {
        scope->full = true;
        g_free(key);
        return;
    }
    scope->plain = scope->plain && is_plain(name);
    g_hash_table_insert(scope->names, key, hc_str_dup(name));
    g_ptr_array_add(scope->keys, key);
    g_clear_pointer(&scope->last, hc_needles_free);
}

bool hc_scope_has(const struct hc_scope *scope, struct hc_str name)
{
    g_autofree char *key = NULL;

    if (!name.n)
        return false;
    key = folded(scope, name);
    return g_hash_table_contains(scope->names, key);
}

size_t hc_scope_size(const struct hc_scope *scope)
{
    return g_hash_table_size(scope->names);
}

bool hc_scope_full(const struct hc_scope *scope)
{
    return scope->full;
}

static bool is_mark(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/* No word goes on to the left; "\t" before it is the end of a cell in the text of COPY. */
static bool begins_word(struct hc_str text, size_t at)
{
    if (at == 0)
        return true;
    if (at > 1 && text.p[at - 2] == '\\' && strchr("bfnrtv", text.p[at - 1]))
        return true;
    return !g_ascii_isalnum(text.p[at - 1]) && !is_mark(text.p[at - 1]) &&
           !((unsigned char)text.p[at - 1] & 0x80);
}

/* Nor to the right, where a version or the end of a sentence may follow. */
static bool ends_word(struct hc_str text, size_t at)
{
    char c = at < text.n ? text.p[at] : ' ', next = at + 1 < text.n ? text.p[at + 1] : ' ';

    if (is_mark(c))
        return !g_ascii_isalpha(next) && !is_mark(next);
    return !g_ascii_isalnum(c) && c != '@' && !((unsigned char)c & 0x80);
}

static bool is_word(struct hc_str text, size_t at, size_t length)
{
    return begins_word(text, at) && ends_word(text, at + length);
}

static struct hc_needles *search_for(const struct hc_scope *scope, guint from)
{
    const char *const *keys = (const char *const *)scope->keys->pdata;

    return hc_needles_new(keys + from, scope->keys->len - from, scope->same, true);
}

static void prepare_search(struct hc_scope *scope)
{
    guint n = scope->keys->len, since = n - scope->searched;

    if (!scope->search || since > HC_NEEDLES_FEW || (since && n <= HC_NEEDLES_FEW)) {
        hc_needles_free(scope->search);
        scope->search = search_for(scope, 0);
        scope->searched = n;
    }
    if (!scope->last && n > scope->searched)
        scope->last = search_for(scope, scope->searched);
}

static bool finds(struct hc_scope *scope, struct hc_str text)
{
    prepare_search(scope);
    return hc_needles_in(scope->search, text, is_word) ||
           (scope->last && hc_needles_in(scope->last, text, is_word));
}

bool hc_scope_touches(struct hc_scope *scope, struct hc_str text)
{
    return !scope->plain || finds(scope, text); /* else its values will tell */
}

bool hc_scope_finds(struct hc_scope *scope, struct hc_str value)
{
    g_autofree char *text = NULL;

    if (!value.n)
        return false;
    text = folded(scope, value);
    return finds(scope, hc_str(text));
}

bool hc_scope_is_plain(const struct hc_scope *scope)
{
    return scope->plain;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *hc_scope_text(const struct hc_scope *scope)
{
    g_autoptr(GString) text = g_string_new("[");
    guint n;
    g_autofree void **keys = g_hash_table_get_keys_as_array(scope->names, &n);

    qsort(keys, n, sizeof(*keys), by_text);
    for (guint i = 0; i < n; i++) {
        g_string_append(text, i ? "," : "");
        hc_text_json(text, hc_str(g_hash_table_lookup(scope->names, keys[i])));
    }
    g_string_append_c(text, ']');
    return g_string_free(g_steal_pointer(&text), FALSE);
}

struct hc_scope *hc_scope_parse(const char *json)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    struct hc_str value;
    size_t pos = 0;

    while ((value = hc_json_next(hc_str(json), &pos, NULL)).p) {
        g_autoptr(GString) text = g_string_new(NULL);
        if (hc_json_text(value, text))
            g_ptr_array_add(names, g_strdup(text->str));
    }
    g_ptr_array_add(names, NULL);
    return hc_scope_new((char **)names->pdata, NULL);
}
