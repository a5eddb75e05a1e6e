/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search is that of Wu and Manber (1994): all names are looked for at once, by the last three bytes of a window as long as the shortest
 * of them; most places are passed over without being looked at.
 */
#include "src/evidence/scope.h"

#include "src/base/json.h"
#include "src/base/text.h"

#define BUCKETS 8192
#define WINDOW_MIN 3

struct hc_scope {
    GHashTable *names; /* as they are compared -> as they were written */
    bool full;
    bool plain;    /* all of them are written in a file as they are: no escapes, no other encoding */
    size_t window; /* 0: the search has to be prepared anew */
    guint8 shift[BUCKETS];
    GPtrArray *buckets[BUCKETS]; /* names whose window ends so; NULL: none */
    unsigned char same[256];     /* what a byte is compared as */
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
    scope->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
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

static void forget_search(struct hc_scope *scope)
{
    for (size_t i = 0; scope->window && i < BUCKETS; i++)
        g_clear_pointer(&scope->buckets[i], g_ptr_array_unref);
    scope->window = 0;
}

void hc_scope_free(struct hc_scope *scope)
{
    if (!scope)
        return;
    forget_search(scope);
    g_hash_table_unref(scope->names);
    g_free(scope);
}

/* A file may write it in another way: with escapes, or doubled quotes. */
static bool is_plain(struct hc_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || strchr("\"'\\/<>&", name.p[i]))
            return false;
    return name.n >= WINDOW_MIN;
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
    forget_search(scope);
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

/* Of the three bytes that end at `p`. */
static inline unsigned bucket(const unsigned char *same, const unsigned char *p)
{
    return ((unsigned)same[p[-2]] << 8 ^ (unsigned)same[p[-1]] << 4 ^ same[p[0]]) & (BUCKETS - 1);
}

static void prepare_search(struct hc_scope *scope)
{
    GHashTableIter iter;
    void *key;
    size_t window = 255;

    g_hash_table_iter_init(&iter, scope->names);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        window = MIN(window, strlen(key));
    scope->window = window;
    if (window < WINDOW_MIN)
        return;
    memset(scope->shift, (int)(window - 2), sizeof scope->shift);
    g_hash_table_iter_init(&iter, scope->names);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const unsigned char *name = key;
        for (size_t i = 2; i < window; i++) {
            guint8 *shift = &scope->shift[bucket(scope->same, name + i)];
            *shift = (guint8)MIN(*shift, window - 1 - i);
        }
        GPtrArray **last = &scope->buckets[bucket(scope->same, name + window - 1)];
        if (!*last)
            *last = g_ptr_array_new();
        g_ptr_array_add(*last, key);
    }
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
    return !g_ascii_isalnum(text.p[at - 1]) && !is_mark(text.p[at - 1]) && !((unsigned char)text.p[at - 1] & 0x80);
}

/* Nor to the right, where a version or the end of a sentence may follow. */
static bool ends_word(struct hc_str text, size_t at)
{
    char c = at < text.n ? text.p[at] : ' ', next = at + 1 < text.n ? text.p[at + 1] : ' ';

    if (is_mark(c))
        return !g_ascii_isalpha(next) && !is_mark(next);
    return !g_ascii_isalnum(c) && c != '@' && !((unsigned char)c & 0x80);
}

static bool stands_at(const struct hc_scope *scope, struct hc_str text, size_t at, const char *name)
{
    size_t n = 0;

    for (; name[n]; n++)
        if (at + n == text.n || scope->same[(unsigned char)text.p[at + n]] != (unsigned char)name[n])
            return false;
    return begins_word(text, at) && ends_word(text, at + n);
}

/* Of names of one or two letters, each is looked for everywhere. */
static bool finds_short(const struct hc_scope *scope, struct hc_str text)
{
    GHashTableIter iter;
    void *key;

    g_hash_table_iter_init(&iter, scope->names);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        for (size_t i = 0; i < text.n; i++)
            if (stands_at(scope, text, i, key))
                return true;
    return false;
}

static bool finds(const struct hc_scope *scope, struct hc_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t window = scope->window;

    for (size_t i = window - 1; i < text.n;) {
        unsigned b = bucket(scope->same, p + i);
        if (scope->shift[b]) {
            i += scope->shift[b];
            continue;
        }
        for (guint k = 0; scope->buckets[b] && k < scope->buckets[b]->len; k++)
            if (stands_at(scope, text, i + 1 - window, scope->buckets[b]->pdata[k]))
                return true;
        i++;
    }
    return false;
}

bool hc_scope_touches(struct hc_scope *scope, struct hc_str text)
{
    if (!scope->plain)
        return true; /* its values will tell */
    if (!scope->window)
        prepare_search(scope);
    return finds(scope, text);
}

bool hc_scope_finds(struct hc_scope *scope, struct hc_str value)
{
    g_autofree char *text = NULL;

    if (!value.n)
        return false;
    if (!scope->window)
        prepare_search(scope);
    text = folded(scope, value);
    return scope->window < WINDOW_MIN ? finds_short(scope, hc_str(text)) : finds(scope, hc_str(text));
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
