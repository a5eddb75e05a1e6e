/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/item.h"

struct hc_sigma_lists {
    GHashTable *by_name; /* -> GPtrArray of char * */
};

struct hc_sigma_lists *hc_sigma_lists_new(void)
{
    struct hc_sigma_lists *lists = g_new0(struct hc_sigma_lists, 1);

    lists->by_name =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return lists;
}

void hc_sigma_lists_free(struct hc_sigma_lists *lists)
{
    g_hash_table_unref(lists->by_name);
    g_free(lists);
}

bool hc_sigma_lists_add(struct hc_sigma_lists *lists, const char *name, const char *value)
{
    GPtrArray *list = g_hash_table_lookup(lists->by_name, name);

    if (!list) {
        list = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(lists->by_name, g_strdup(name), list);
    }
    if (list->len == HC_SIGMA_LIST_MAX)
        return false;
    g_ptr_array_add(list, g_strdup(value));
    return true;
}

static void free_text(void *text)
{
    g_string_free(text, TRUE);
}

/* Each text so far with each of the values behind it. */
static bool multiply(GPtrArray *texts, const GPtrArray *values)
{
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(free_text);

    if (texts->len * values->len > HC_SIGMA_VARIANTS_MAX)
        return false;
    for (guint i = 0; i < texts->len; i++)
        g_ptr_array_add(before, texts->pdata[i]);
    g_ptr_array_set_size(texts, 0);
    for (guint i = 0; i < before->len; i++)
        for (guint v = 0; v < values->len; v++) {
            GString *text = g_string_new(((GString *)before->pdata[i])->str);
            g_string_append(text, values->pdata[v]);
            g_ptr_array_add(texts, text);
        }
    return true;
}

static void append(GPtrArray *texts, char c)
{
    for (guint i = 0; i < texts->len; i++)
        g_string_append_c(texts->pdata[i], c);
}

/* The placeholder that begins here: its end; NULL: none does, a percent sign is one. */
static const char *placeholder(const char *at)
{
    const char *end = at + 1;

    while (g_ascii_isalnum(*end) || *end == '_' || *end == '-')
        end++;
    return *at == '%' && *end == '%' && end > at + 1 ? end : NULL;
}

bool hc_sigma_lists_expand(const struct hc_sigma_lists *lists, const char *written, GPtrArray *out,
                           char **why)
{
    bool any = false;

    g_ptr_array_add(out, g_string_new(NULL));
    for (const char *at = written, *end; *at && !*why; at++) {
        if (at[0] == '\\' && at[1] == '%') {
            append(out, *++at);
        } else if ((end = placeholder(at))) {
            g_autofree char *name = g_strndup(at + 1, (gsize)(end - at - 1));
            const GPtrArray *values = g_hash_table_lookup(lists->by_name, name);
            if (!values)
                *why = g_strdup_printf("there is no list called \"%s\" for the placeholder: a file %s.txt "
                                       "beside the rules, or lists in case.yaml",
                                       name, name);
            else if (!multiply(out, values))
                *why = g_strdup_printf("more than %d variants", HC_SIGMA_VARIANTS_MAX);
            any = true;
            at = end;
        } else {
            append(out, *at);
        }
    }
    if (!*why && !any)
        *why = g_strdup("\"expand\" needs a placeholder, such as %names%");
    for (guint i = 0; *why && i < out->len; i++)
        free_text(out->pdata[i]);
    return !*why;
}
