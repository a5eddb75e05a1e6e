/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sketch.h"

#include "src/base/event.h"
#include "src/base/text.h"

#define HC_KEPT_MAX (HC_ATTRIBUTES_MAX - 1) /* as many fields as a record keeps */

static void columns_free(void *columns)
{
    g_ptr_array_unref(columns);
}

GHashTable *hc_sketch_tables(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, columns_free);
}

static bool has(const GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (strcmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

void hc_sketch_add(GHashTable *tables, struct hc_str type, const GPtrArray *columns)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    GPtrArray *known;

    hc_text_utf8(clean, type);
    known = g_hash_table_lookup(tables, clean->str);
    if (!known) {
        known = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(tables, g_strdup(clean->str), known);
    }
    for (guint i = 0; i < columns->len; i++)
        if (!has(known, columns->pdata[i]))
            g_ptr_array_add(known, g_strdup(columns->pdata[i]));
}

/* ---- what a name sounds like ---- */

/* The words of a name, in lower case: "resetToken", "reset_token" and "RESET-TOKEN" have the same. */
static GStrv words_of(const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);
    char before = '_';

    for (; *name; before = *name++) {
        if (g_ascii_isupper(*name) && g_ascii_islower(before))
            g_string_append_c(out, '_');
        g_string_append_c(out, g_ascii_isalnum(*name) ? g_ascii_tolower(*name) : '_');
    }
    return g_strsplit(out->str, "_", -1);
}

static bool has_word(const char *name, const char *const *wanted)
{
    g_auto(GStrv) words = words_of(name);

    for (; *wanted; wanted++)
        if (g_strv_contains((const char *const *)words, *wanted))
            return true;
    return false;
}

static bool is_time(const char *name)
{
    static const char *const words[] = {"at",       "on",      "date",    "time",     "timestamp",
                                        "datetime", "created", "updated", "modified", "occurred",
                                        "when",     "ts",      NULL};
    static const char *const not [] = {"zone", "timezone", "by", "id", NULL};

    return has_word(name, words) && !has_word(name, not );
}

/* "password_changed_at" is when, "one_time_password" is not. */
static bool ends_as_time(const char *name)
{
    static const char *const ends[] = {"at", "on", "date", "timestamp", NULL};
    g_auto(GStrv) words = words_of(name);

    return g_strv_contains(ends, words[g_strv_length(words) - 1]);
}

/* What is called secret is not stored, and the user may say otherwise. */
bool hc_sketch_is_secret(const char *name)
{
    static const char *const parts[] = {"passw",      "passphrase", "secret",   "token", "apikey",
                                        "credential", "encrypted",  "recovery", NULL};
    static const char *const words[] = {
        "pass",    "pwd",   "pw",     "hash",     "hashed",    "salt",    "otp",     "totp",      "hotp",
        "mfa",     "seed",  "nonce",  "key",      "keys",      "private", "session", "sessions",  "cookie",
        "cookies", "crypt", "bcrypt", "scrypt",   "argon2",    "cipher",  "digest",  "signature", "jwt",
        "pin",     "cvv",   "cvc",    "card",     "iban",      "ssn",     "auth",    "bearer",    "oauth",
        "cert",    "pem",   "backup", "verifier", "challenge", NULL};
    g_autofree char *lower = g_ascii_strdown(name, -1);

    if (ends_as_time(name))
        return false;
    for (const char *const *p = parts; *p; p++)
        if (strstr(lower, *p))
            return true;
    return has_word(name, words);
}

/* A profile takes a brace for a template or a pattern, and YAML no characters that cannot be seen. */
static bool can_be_said(const char *name)
{
    if (!*name || strpbrk(name, "{}") || !g_utf8_validate(name, -1, NULL))
        return false;
    while (*name && g_unichar_isprint(g_utf8_get_char(name)))
        name = g_utf8_next_char(name);
    return !*name;
}

/* ---- YAML ---- */

static void add_text(GString *out, const char *text)
{
    static const char *const words[] = {"y",    "n",     "yes",  "no",   "on", "off",
                                        "true", "false", "null", "none", NULL};
    g_autofree char *lower = g_ascii_strdown(text, -1);
    bool plain = g_ascii_isalpha(*text) && !g_strv_contains(words, lower);

    for (const char *p = text; *p; p++)
        plain = plain && (g_ascii_isalnum(*p) || *p == '_' || (*p == '.' && p[1]));
    if (plain)
        g_string_append(out, text);
    else
        hc_text_json(out,
                     hc_str(text)); /* a double-quoted scalar of YAML can be written as a string of JSON */
}

static void add_list(GString *out, const GPtrArray *names)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < names->len; i++) {
        g_string_append(out, i ? ", " : "");
        add_text(out, names->pdata[i]);
    }
    g_string_append_c(out, ']');
}

/* One line of a comment, whatever the names hold. */
static void add_comment(GString *out, const char *what, const GPtrArray *names)
{
    g_string_append(out, what);
    for (guint i = 0; i < names->len; i++) {
        g_autoptr(GString) clean = g_string_new(NULL);
        hc_text_utf8(clean, hc_str(names->pdata[i]));
        g_string_append(out, i ? ", " : "");
        hc_text_visible(out, hc_str_n(clean->str, clean->len), false);
    }
    g_string_append_c(out, '\n');
}

/* ---- the columns of a table, by what they may be for ---- */

struct parts {
    GPtrArray *all; /* that can be said and are no secrets; the names are the table's */
    GPtrArray *times, *ids, *secrets, *unsaid;
    const char *key;
};

static void sort_columns(const GPtrArray *columns, struct parts *p)
{
    *p = (struct parts){g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(),
                        g_ptr_array_new(), g_ptr_array_new(), NULL};
    for (guint i = 0; i < columns->len; i++) {
        char *name = columns->pdata[i];
        bool said = can_be_said(name);
        if (!said || hc_sketch_is_secret(name)) {
            g_ptr_array_add(said ? p->secrets : p->unsaid, name);
            continue;
        }
        g_ptr_array_add(p->all, name);
        if (is_time(name))
            g_ptr_array_add(p->times, name);
        if (g_str_has_suffix(name, "_id") || g_str_has_suffix(name, "Id"))
            g_ptr_array_add(p->ids, name);
        if (!p->key && g_ascii_strcasecmp(name, "id") == 0)
            p->key = name;
    }
}

static void clear_parts(struct parts *p)
{
    GPtrArray *lists[] = {p->all, p->times, p->ids, p->secrets, p->unsaid};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
}

static const char *first_of(const GPtrArray *names, const char *const *wanted, const char *otherwise)
{
    for (guint i = 0; i < names->len; i++)
        if (has_word(names->pdata[i], wanted))
            return names->pdata[i];
    return otherwise;
}

static void suggest(GString *out, const char *key, const char *kind, const char *column)
{
    if (!column)
        return;
    g_string_append_printf(out, "#    %s: ", key);
    if (kind)
        g_string_append_printf(out, "{%s: ", kind);
    add_text(out, column);
    g_string_append(out, kind ? "}\n" : "\n");
}

/* What would make events of the rows, with the columns that sound like it. */
static void add_event(GString *out, const struct parts *p)
{
    static const char *const made[] = {"created", "occurred", "time", "timestamp", NULL},
                             *const who[] = {"user", "account", "actor", "author", "owner", NULL};
    static const char *const where[] = {"ip", "address", "host", NULL}, *const what[] = {"action", "event",
                                                                                         "tag",    "kind",
                                                                                         "type",   NULL};
    const char *time = p->times->len ? p->times->pdata[0] : NULL, *select = first_of(p->all, what, NULL);

    g_string_append(out, "#  event:\n");
    suggest(out, "time", NULL, first_of(p->times, made, time ? time : "COLUMN"));
    suggest(out, "actor", p->ids->len && first_of(p->ids, who, NULL) ? "account-id" : "account",
            first_of(p->ids, who, first_of(p->all, who, "COLUMN")));
    suggest(out, "address", "address", first_of(p->all, where, NULL));
    suggest(out, "text", NULL, select);
    suggest(out, "select", NULL, select);
    g_string_append(out, select ? "#    cases: {\"login\": login-success}\n" : "#    action: audit-other\n");
}

static void add_keep(GString *out, const struct parts *p)
{
    guint kept = MIN(p->all->len, HC_KEPT_MAX);
    g_autoptr(GPtrArray) rest = g_ptr_array_new();

    g_string_append(out, "    keep: {");
    for (guint i = 0; i < kept; i++) {
        g_string_append(out, i ? ", " : "");
        add_text(out, p->all->pdata[i]);
        g_string_append(out, ": ");
        add_text(out, p->all->pdata[i]);
    }
    g_string_append(out, "}\n    compare: ");
    add_list(out, p->all);
    g_string_append_c(out, '\n');
    for (guint i = kept; i < p->all->len; i++)
        g_ptr_array_add(rest, p->all->pdata[i]);
    if (rest->len)
        add_comment(out, "#   compared, but not kept, for a record keeps no more: ", rest);
}

static void add_record(GString *out, const char *type, const struct parts *p)
{
    g_string_append(out, "- type: ");
    add_text(out, type);
    g_string_append(out, "\n  key: ");
    if (p->key)
        add_text(out, p->key);
    else
        add_list(out, p->all);
    g_string_append_c(out, '\n');
    add_event(out, p);
    g_string_append(out, "  state:\n");
    for (guint i = 0; i < p->ids->len && i < 1; i++)
        suggest(out, "subject", "account-id", p->ids->pdata[i]);
    add_keep(out, p);
    if (p->unsaid->len)
        add_comment(out, "#   a profile cannot name these columns: ", p->unsaid);
}

/* ---- the whole ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_head(GString *out, const char *name, const char *const *formats)
{
    g_string_append(out, "# A draft of hindcast init. As it stands, each row of these tables is kept as what "
                         "it says, and compared between two dumps. Take the\n"
                         "# marks from the lines of an event to make the rows of a table events, and say "
                         "which column is what: time, actor, target,\n"
                         "# object, address; an action is one of the vocabulary of hindcast, or chosen by "
                         "the text of a column (select, cases). What\n"
                         "# stands under secret is not stored. Then remove hindcast.db and run again.\n"
                         "name: ");
    add_text(out, name);
    g_string_append(out, "\nformat: [");
    for (size_t i = 0; formats[i]; i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", formats[i]);
    g_string_append(out, "]\n#zone: UTC   # of times without offset, where you know it\n");
}

/* Tables of many columns tell a service from another better than those of few, which stand in only where
 * there are no others. */
static void add_recognition(GString *out, char **types, guint n, GHashTable *tables)
{
    guint least = 1;

    for (guint i = 0; i < n; i++)
        least = MAX(least, MIN(3, ((GPtrArray *)g_hash_table_lookup(tables, types[i]))->len));
    g_string_append(out, "recognise:\n  tables:\n");
    for (guint i = 0; i < n; i++) {
        const GPtrArray *columns = g_hash_table_lookup(tables, types[i]);
        g_autoptr(GPtrArray) said = g_ptr_array_new();
        for (guint k = 0; k < columns->len; k++)
            if (can_be_said(columns->pdata[k]))
                g_ptr_array_add(said, columns->pdata[k]);
        if (columns->len < least)
            continue;
        g_string_append(out, "    ");
        add_text(out, types[i]);
        g_string_append(out, ": ");
        add_list(out, said);
        g_string_append_c(out, '\n');
    }
}

static void add_secrets(GString *out, char **types, guint n, const struct parts *parts)
{
    bool any = false;

    for (guint i = 0; i < n; i++)
        for (guint k = 0; k < parts[i].secrets->len; k++) {
            g_autofree char *name = g_strdup_printf("%s.%s", types[i], (char *)parts[i].secrets->pdata[k]);
            g_string_append(out, any ? "- " : "secret:\n- ");
            add_text(out, name);
            g_string_append_c(out, '\n');
            any = true;
        }
}

/* Names that can be written, in order; those without a column that may be kept have nothing to say. */
static GPtrArray *usable(GHashTable *tables, GPtrArray *rest)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    void *type, *columns;

    g_hash_table_iter_init(&iter, tables);
    while (g_hash_table_iter_next(&iter, &type, &columns)) {
        struct parts p;
        sort_columns(columns, &p);
        g_ptr_array_add(can_be_said(type) && p.all->len ? names : rest, type);
        clear_parts(&p);
    }
    g_ptr_array_sort(names, by_name);
    g_ptr_array_sort(rest, by_name);
    return names;
}

char *hc_sketch_profile(const char *name, const char *const *formats, GHashTable *tables)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    g_autoptr(GPtrArray) names = usable(tables, rest);
    g_autofree struct parts *parts = g_new0(struct parts, names->len + 1);
    g_autoptr(GString) out = g_string_new(NULL);
    char **types = (char **)names->pdata;

    if (!names->len)
        return NULL;
    for (guint i = 0; i < names->len; i++)
        sort_columns(g_hash_table_lookup(tables, types[i]), &parts[i]);
    add_head(out, name, formats);
    add_recognition(out, types, names->len, tables);
    add_secrets(out, types, names->len, parts);
    g_string_append(out, "records:\n");
    for (guint i = 0; i < names->len; i++) {
        add_record(out, types[i], &parts[i]);
        clear_parts(&parts[i]);
    }
    if (rest->len)
        add_comment(out, "# Nothing can be kept of: ", rest);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
