/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our scanner against jansson: both must accept the same texts and find the same values in them. Texts are
 * made from a fixed seed, and from the lines of the files given, and then mutated.
 *
 *   json_vs_jansson [ROUNDS [FILE...]]
 *
 * Known differences: we accept unpaired surrogate escapes, \u0000 in keys and numbers of any size; we stop at
 * HC_JSON_DEPTH_MAX where jansson goes on to 2048; jansson overlooks a NUL byte behind a number.
 */
#include "src/base/json.h"

#include <jansson.h>
#include <math.h>

#define SEED 20231122
#define ROUNDS 20000 /* texts, each with MUTANTS mutations */
#define MUTANTS 20
#define TEXT_MAX 4096

struct tally {
    struct hc_json_paths *none; /* no paths */
    guint64 texts, both, neither, excused, different;
};

/* ---- texts ---- */

static const char *pick(GRand *rand, const char *const *from, size_t n)
{
    return from[g_rand_int_range(rand, 0, (gint32)n)];
}

static void make_space(GRand *rand, GString *out)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\t", "\r\n  ", "                    "};

    g_string_append(out, pick(rand, spaces, G_N_ELEMENTS(spaces)));
}

static void make_string(GRand *rand, GString *out)
{
    static const char *const bits[] = {
        "a",
        "key",
        "x.y",
        " ",
        "{}[],:",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\u0041",
        "\\u0000",
        "\\u00e9",
        "\\uD83D\\uDE00",
        "\\ud800",
        "\\udc00",
        "\xc3\xa9",
        "\xe4\xb8\xad",
        "\xf0\x9f\x98\x80",
        "\x7f",
        "sixteen bytes of",
        "a longer run of text without any escape in it",
        "\xed\x9f\xbf",
        "\xef\xbf\xbf",
    };

    g_string_append_c(out, '"');
    for (gint32 i = g_rand_int_range(rand, 0, 5); i > 0; i--)
        g_string_append(out, pick(rand, bits, G_N_ELEMENTS(bits)));
    g_string_append_c(out, '"');
}

static void make_scalar(GRand *rand, GString *out)
{
    static const char *const words[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-17",
        "1.5",
        "-0.25",
        "1e3",
        "2E-2",
        "1.5e+10",
        "1700461655285",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "0.1",
        "1e400",
        "12345678901234567890123",
    };

    if (g_rand_boolean(rand))
        make_string(rand, out);
    else
        g_string_append(out, pick(rand, words, G_N_ELEMENTS(words)));
}

static void make_value(GRand *rand, GString *out, int depth)
{
    gint32 kind = out->len > TEXT_MAX || depth > 6 ? 0 : g_rand_int_range(rand, 0, 4);

    make_space(rand, out);
    if (kind < 2) {
        make_scalar(rand, out);
    } else {
        bool object = kind == 3;
        gint32 n = g_rand_int_range(rand, 0, 5);
        g_string_append_c(out, object ? '{' : '[');
        for (gint32 i = 0; i < n; i++) {
            if (i)
                g_string_append_c(out, ',');
            make_space(rand, out);
            if (object) {
                make_string(rand, out);
                make_space(rand, out);
                g_string_append_c(out, ':');
            }
            make_value(rand, out, depth + 1);
        }
        make_space(rand, out);
        g_string_append_c(out, object ? '}' : ']');
    }
    make_space(rand, out);
}

static void make_text(GRand *rand, GString *out)
{
    gint32 wraps = g_rand_int_range(rand, 0, 20) ? 0 : g_rand_int_range(rand, 100, 140);

    for (gint32 i = 0; i < wraps; i++)
        g_string_append_c(out, '[');
    make_value(rand, out, 0);
    for (gint32 i = 0; i < wraps; i++)
        g_string_append_c(out, ']');
}

static void mutate(GRand *rand, GString *text)
{
    static const char bytes[] =
        "\0\x01\x1f\"\\{}[],:.-+eE0123456789tfnu \n\t\r/'\x7f\x80\xbf\xc0\xc2\xe0\xed\xf0\xf4\xff";
    static const char *const tokens[] = {"\"",
                                         "\\u",
                                         "\\ud83d",
                                         "\\udc00",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "null",
                                         "true",
                                         "1e",
                                         "-",
                                         "0",
                                         "\xe2\x82\xac",
                                         "\xed\xa0\x80",
                                         "\xc0\x80",
                                         "\xf4\x90\x80\x80",
                                         "\"\":",
                                         "\xef\xbb\xbf",
                                         "//",
                                         "NaN"};
    gint32 at = g_rand_int_range(rand, 0, (gint32)text->len + 1), n = g_rand_int_range(rand, 1, 4);

    switch (g_rand_int_range(rand, 0, 5)) {
    case 0:
        if ((gsize)at < text->len)
            text->str[at] = bytes[g_rand_int_range(rand, 0, sizeof bytes - 1)];
        break;
    case 1:
        g_string_insert(text, at, pick(rand, tokens, G_N_ELEMENTS(tokens)));
        break;
    case 2:
        g_string_erase(text, at, MIN(n, (gssize)text->len - at));
        break;
    case 3:
        g_string_truncate(text, (gsize)at);
        break;
    default:
        g_string_insert_c(text, at, bytes[g_rand_int_range(rand, 0, sizeof bytes - 1)]);
    }
}

/* ---- values ---- */

static bool same_value(struct hc_str ours, json_t *theirs);

static GString *text_of(struct hc_str value)
{
    GString *text = g_string_new(NULL);

    if (!hc_json_text(value, text))
        g_string_assign(text, "(none)");
    return text;
}

static bool same_string(struct hc_str ours, json_t *theirs)
{
    g_autoptr(GString) text = text_of(ours);
    g_autoptr(GString) want = g_string_new(NULL);

    for (size_t i = 0; i < json_string_length(theirs); i++) {
        char c = json_string_value(theirs)[i];
        if (c)
            g_string_append_c(want, c);
        else
            g_string_append(want, "\xe2\x90\x80"); /* U+2400 */
    }
    return hc_json_type(ours) == HC_JSON_STRING && g_string_equal(text, want);
}

static bool same_array(struct hc_str ours, json_t *theirs)
{
    struct hc_str value;
    size_t pos = 0, i = 0;

    for (; (value = hc_json_next(ours, &pos, NULL)).p; i++) {
        g_autofree char *path = g_strdup_printf("%zu", i);
        struct hc_str got = hc_json_get(ours, path);
        if (got.p != value.p || got.n != value.n || !same_value(value, json_array_get(theirs, i)))
            return false;
    }
    return hc_json_type(ours) == HC_JSON_ARRAY && i == json_array_size(theirs);
}

/* One pass finds what is found by looking for each of these paths alone, and what lies directly inside of
 * it. */
static bool same_scan(struct hc_str ours, GPtrArray *names)
{
    struct hc_json_paths *paths = hc_json_paths_new();
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    g_autofree struct hc_str *found = g_new0(struct hc_str, 3 * names->len + 1);
    size_t at;
    const char *why;
    bool same;

    for (guint i = 0; i < 3 * names->len; i++) {
        static const char *const inner[] = {"", ".0", ".key"};
        g_ptr_array_add(all, g_strconcat(names->pdata[i / 3], inner[i % 3], NULL));
        hc_json_paths_add(paths, all->pdata[i]);
    }
    same = hc_json_scan(paths, ours, found, &at, &why) == ours.n;
    for (guint i = 0; same && i < all->len; i++) {
        struct hc_str want = hc_json_get(ours, all->pdata[i]);
        same = found[i].p == want.p && found[i].n == want.n;
    }
    hc_json_paths_free(paths);
    return same;
}

/* The last value of each key. */
static bool same_object(struct hc_str ours, json_t *theirs)
{
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct hc_str key, value;
    size_t pos = 0;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name, slot;

    while ((value = hc_json_next(ours, &pos, &key)).p)
        g_hash_table_replace(last, g_string_free(text_of(key), FALSE), g_memdup2(&value, sizeof value));
    if (hc_json_type(ours) != HC_JSON_OBJECT || g_hash_table_size(last) != json_object_size(theirs))
        return false;
    g_hash_table_iter_init(&iter, last);
    while (g_hash_table_iter_next(&iter, &name, &slot)) {
        const struct hc_str *want = slot;
        struct hc_str got = hc_json_get(ours, name);
        bool named = *(char *)name && !strchr(name, '.');
        if (named)
            g_ptr_array_add(names, name);
        if (named && (got.p != want->p || got.n != want->n))
            return false;
        if (!json_object_get(theirs, name) || !same_value(*want, json_object_get(theirs, name)))
            return false;
    }
    return same_scan(ours, names);
}

static bool same_number(struct hc_str ours, json_t *theirs)
{
    g_autoptr(GString) text = text_of(ours);

    if (hc_json_type(ours) != HC_JSON_NUMBER)
        return false;
    if (json_is_integer(theirs))
        return g_ascii_strtoll(text->str, NULL, 10) == json_integer_value(theirs);
    return fabs(g_ascii_strtod(text->str, NULL) - json_real_value(theirs)) <= 0;
}

static bool same_value(struct hc_str ours, json_t *theirs)
{
    switch (json_typeof(theirs)) {
    case JSON_OBJECT:
        return same_object(ours, theirs);
    case JSON_ARRAY:
        return same_array(ours, theirs);
    case JSON_STRING:
        return same_string(ours, theirs);
    case JSON_INTEGER:
    case JSON_REAL:
        return same_number(ours, theirs);
    case JSON_TRUE:
        return hc_json_type(ours) == HC_JSON_TRUE;
    case JSON_FALSE:
        return hc_json_type(ours) == HC_JSON_FALSE;
    default:
        return hc_json_type(ours) == HC_JSON_NULL;
    }
}

/* ---- verdicts ---- */

static bool excused_refusal(struct hc_str text, const char *why)
{
    return strcmp(why, "nested too deeply") == 0 || hc_str_chr(text, '\0') >= 0;
}

/* What jansson refuses and we accept on purpose. */
static bool excused(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_null_byte_in_key || code == json_error_numeric_overflow ||
           (code == json_error_invalid_syntax && strstr(error->text, "invalid Unicode '\\u"));
}

static bool only_space(struct hc_str rest)
{
    for (size_t i = 0; i < rest.n; i++)
        if (!strchr(" \t\r\n", rest.p[i]) || !rest.p[i])
            return false;
    return true;
}

static void report(struct tally *tally, struct hc_str text, const char *what, const char *detail)
{
    g_autofree char *shown = g_strndup(text.p, text.n);
    g_autofree char *escaped = g_strescape(shown, NULL);

    tally->different++;
    g_printerr("%s (%s): %zu bytes: %s\n", what, detail, text.n, escaped);
}

/* What must hold whatever the text is. */
static bool is_sound(const struct hc_json_paths *none, struct hc_str text, size_t n, size_t at,
                     const char *why)
{
    size_t again_at;
    const char *again_why;

    if (hc_json_scan(none, text, NULL, &again_at, &again_why) != n ||
        (!n && (again_at != at || again_why != why)))
        return false;
    if (!n)
        return why && at <= text.n;
    return n <= text.n && hc_json_check(hc_str_head(text, n), &again_at, &again_why) == n;
}

static void compare(struct tally *tally, struct hc_str text)
{
    json_error_t error = {0};
    size_t at = 0;
    const char *why = NULL;
    size_t n = hc_json_check(text, &at, &why);
    bool accepted = n && only_space(hc_str_skip(text, n));
    json_t *theirs = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    const char *detail = accepted ? error.text : why ? why : "more text follows";

    tally->texts++;
    if (!is_sound(tally->none, text, n, at, why))
        report(tally, text, "unsound answer", detail);
    else if (accepted && theirs && !same_value(hc_str_trim(hc_str_head(text, n)), theirs))
        report(tally, text, "another value", "-");
    else if (accepted && theirs)
        tally->both++;
    else if (!accepted && !theirs)
        tally->neither++;
    else if (accepted ? excused(&error) : excused_refusal(text, detail))
        tally->excused++;
    else
        report(tally, text, accepted ? "only we accept" : "only jansson accepts", detail);
    json_decref(theirs);
}

/* In memory of exactly its size, so that a sanitizer sees a read behind it. */
static void compare_exact(struct tally *tally, const GString *text)
{
    g_autofree char *copy = g_malloc(MAX(text->len, 1));

    memcpy(copy, text->str, text->len);
    compare(tally, hc_str_n(copy, text->len));
}

static void compare_mutants(GRand *rand, struct tally *tally, const GString *text)
{
    compare_exact(tally, text);
    for (int i = 0; i < MUTANTS; i++) {
        g_autoptr(GString) mutant = g_string_new_len(text->str, (gssize)text->len);
        for (gint32 j = g_rand_int_range(rand, 1, 4); j > 0; j--)
            mutate(rand, mutant);
        compare_exact(tally, mutant);
    }
}

static bool compare_file(GRand *rand, struct tally *tally, const char *path)
{
    g_autofree char *data = NULL;
    gsize n;

    if (!g_file_get_contents(path, &data, &n, NULL)) {
        g_printerr("%s: cannot be read\n", path);
        return false;
    }
    compare(tally, hc_str_n(data, n));
    for (struct hc_str rest = hc_str_n(data, n); rest.n;) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        size_t length = end < 0 ? rest.n : (size_t)end;
        g_autoptr(GString) line = g_string_new_len(rest.p, (gssize)length);
        compare_mutants(rand, tally, line);
        rest = hc_str_skip(rest, length + 1);
    }
    return true;
}

int main(int argc, char **argv)
{
    gint64 rounds = argc > 1 ? g_ascii_strtoll(argv[1], NULL, 10) : ROUNDS;
    GRand *rand = g_rand_new_with_seed(SEED);
    struct tally tally = {.none = hc_json_paths_new()};
    bool ok = true;

    for (gint64 i = 0; i < rounds && tally.different < 20; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        make_text(rand, text);
        compare_mutants(rand, &tally, text);
    }
    for (int i = 2; i < argc; i++)
        ok = compare_file(rand, &tally, argv[i]) && ok;
    g_rand_free(rand);
    hc_json_paths_free(tally.none);
    g_printerr("%" G_GUINT64_FORMAT " texts: %" G_GUINT64_FORMAT " valid, %" G_GUINT64_FORMAT
               " invalid, %" G_GUINT64_FORMAT " known differences, %" G_GUINT64_FORMAT " unknown\n",
               tally.texts, tally.both, tally.neither, tally.excused, tally.different);
    return ok && tally.different == 0 ? 0 : 1;
}
