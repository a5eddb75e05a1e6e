/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/insert.h"

void insert_free(struct insert *insert)
{
    if (!insert)
        return;
    g_free(insert->table);
    g_ptr_array_unref(insert->columns);
    g_ptr_array_unref(insert->values);
    g_free(insert);
}

static void skip_blank(const char **p)
{
    while (g_ascii_isspace(**p))
        (*p)++;
}

static bool is_letter(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '$' || (c & 0x80);
}

static bool eat_word(const char **p, const char *word)
{
    size_t n = strlen(word);

    skip_blank(p);
    if (g_ascii_strncasecmp(*p, word, n) != 0 || is_letter((*p)[n]))
        return false;
    *p += n;
    return true;
}

static bool eat(const char **p, char c)
{
    skip_blank(p);
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* What stands between quotes, a doubled one standing for itself; NULL: it does not end. */
static char *quoted(const char **p)
{
    g_autoptr(GString) out = g_string_new(NULL);
    char quote = *(*p)++;

    for (; **p; (*p)++) {
        if (**p == quote && (*p)[1] != quote) {
            (*p)++;
            return g_strdup(out->str);
        }
        *p += **p == quote;
        g_string_append_c(out, **p);
    }
    return NULL;
}

/* One part of a name; NULL: none stands there. */
static char *name_part(const char **p)
{
    const char *start;

    skip_blank(p);
    if (**p == '"' || **p == '`')
        return quoted(p);
    for (start = *p; is_letter(**p); (*p)++)
        ;
    return *p > start ? g_strndup(start, (gsize)(*p - start)) : NULL;
}

/* The last part of schema.name. */
static char *read_name(const char **p)
{
    char *name = name_part(p);

    while (name && **p == '.') {
        (*p)++;
        g_free(name);
        name = name_part(p);
    }
    return name;
}

static bool read_columns(const char **p, GPtrArray *columns)
{
    do {
        char *name = read_name(p);
        if (!name)
            return false;
        g_ptr_array_add(columns, name);
    } while (eat(p, ','));
    return eat(p, ')');
}

/* Behind the bracket that opens them, over the one that closes them. */
static bool read_values(const char **p, GPtrArray *values)
{
    for (int depth = 1; depth > 0;) {
        char *text;
        if (**p == '\'') {
            text = quoted(p);
            if (!text)
                return false;
            g_ptr_array_add(values, text);
            continue;
        }
        if (!**p)
            return false;
        depth += **p == '(' ? 1 : **p == ')' ? -1 : 0;
        (*p)++;
    }
    return true;
}

struct insert *insert_read(const char *statement)
{
    g_autoptr(insert_t) insert = g_new0(struct insert, 1);
    const char *p = statement;

    insert->columns = g_ptr_array_new_with_free_func(g_free);
    insert->values = g_ptr_array_new_with_free_func(g_free);
    if (!eat_word(&p, "insert") || !eat_word(&p, "into") || !(insert->table = read_name(&p)) ||
        !eat(&p, '(') || !read_columns(&p, insert->columns) ||
        !(eat_word(&p, "values") || eat_word(&p, "value")) || !eat(&p, '(') ||
        !read_values(&p, insert->values) || eat(&p, ','))
        return NULL;
    return g_steal_pointer(&insert);
}
