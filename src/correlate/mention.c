/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/mention.h"

#include "src/base/keyed.h"
#include "src/base/text.h"

struct mentions {
    GHashTable *names;   /* char *, the incidents' -> GPtrArray of the incidents that are called so */
    GHashTable *answers; /* int64_t event -> GPtrArray of the incidents that it names */
    GArray *lengths;     /* gsize: how long names are, each once, ascending */
    gsize longest;
    GString *word; /* of the text, while it is looked up */
};

static void add_length(struct mentions *m, gsize length)
{
    for (guint i = 0; i < m->lengths->len; i++)
        if (g_array_index(m->lengths, gsize, i) == length)
            return;
    g_array_append_val(m->lengths, length);
    m->longest = MAX(m->longest, length);
}

static int by_length(const void *a, const void *b)
{
    gsize x = *(const gsize *)a, y = *(const gsize *)b;

    return (x > y) - (x < y);
}

static void add_name(struct mentions *m, char *name, struct incident *in)
{
    GPtrArray *called = g_hash_table_lookup(m->names, name);

    if (!*name)
        return;
    if (!called) {
        called = g_ptr_array_new();
        g_hash_table_insert(m->names, name, called);
        add_length(m, strlen(name));
    }
    g_ptr_array_add(called, in);
}

struct mentions *mentions_new(const GPtrArray *incidents)
{
    struct mentions *m = g_new0(struct mentions, 1);

    m->names = g_hash_table_new_full(hc_keyed_text, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    m->answers =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    m->lengths = g_array_new(FALSE, FALSE, sizeof(gsize));
    m->word = g_string_new(NULL);
    for (guint i = 0; i < incidents->len; i++) {
        struct incident *in = incidents->pdata[i];
        for (guint k = 0; k < in->names->len; k++)
            add_name(m, in->names->pdata[k], in);
    }
    g_array_sort(m->lengths, by_length);
    return m;
}

void mentions_free(struct mentions *m)
{
    if (!m)
        return;
    g_hash_table_unref(m->names);
    g_hash_table_unref(m->answers);
    g_array_unref(m->lengths);
    g_string_free(m->word, TRUE);
    g_free(m);
}

/* Names that stand as whole words from here on. */
static void look_up(struct mentions *m, const char *at, GPtrArray *named)
{
    gsize left = strnlen(at, m->longest);

    for (guint i = 0; i < m->lengths->len && g_array_index(m->lengths, gsize, i) <= left; i++) {
        gsize length = g_array_index(m->lengths, gsize, i);
        const GPtrArray *called;
        if ((at[length] & 0xC0) == 0x80 || !ends_word(at + length))
            continue;
        g_string_truncate(m->word, 0);
        g_string_append_len(m->word, at, (gssize)length);
        called = g_hash_table_lookup(m->names, m->word->str);
        for (guint k = 0; called && k < called->len; k++)
            if (!g_ptr_array_find(named, called->pdata[k], NULL))
                g_ptr_array_add(named, called->pdata[k]);
    }
}

const GPtrArray *named_in(struct mentions *m, int64_t event, struct hc_str text)
{
    GPtrArray *named = g_hash_table_lookup(m->answers, &event);
    g_autofree char *folded = NULL;

    if (named)
        return named;
    named = g_ptr_array_new();
    folded = text.p ? hc_text_fold(text) : g_strdup("");
    for (const char *at = folded; *at; at = g_utf8_next_char(at))
        if (begins_word(folded, at))
            look_up(m, at, named);
    g_hash_table_insert(m->answers, g_memdup2(&event, sizeof event), named);
    return named;
}

bool names_it(struct mentions *m, const struct incident *in, int64_t event, struct hc_str text)
{
    return g_ptr_array_find((GPtrArray *)named_in(m, event, text), in, NULL);
}

bool names_another(struct mentions *m, const struct incident *in, int64_t event, struct hc_str text)
{
    return named_in(m, event, text)->len && !names_it(m, in, event, text);
}
