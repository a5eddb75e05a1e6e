/* SPDX-License-Identifier: Apache-2.0 */
/* Places as SARIF has them: artifacts, of which some lie inside of others, and regions. */
#include "src/narrate/sarif.h"

#include "src/base/text.h"

void sarif_message(struct hc_jsonout *j, const char *key, const char *text)
{
    g_autoptr(GString) seen = g_string_new(NULL), out = g_string_new(NULL);

    hc_text_visible(seen, hc_str(text), false);
    for (const char *p = seen->str; *p; p++) {
        g_string_append_c(out, *p);
        if (*p == '{' || *p == '}')
            g_string_append_c(out, *p);
        else if (*p == ']' && p[1] == '(')
            g_string_append_c(out, '\\'); /* without "](" there is no link */
    }
    hc_jsonout_open(j, key, '{');
    hc_jsonout_text(j, "text", hc_str_n(out->str, out->len));
    hc_jsonout_close(j, '}');
}

char *sarif_plain(const char *message)
{
    GString *out = g_string_new(NULL);

    for (const char *p = message; *p; p++) {
        g_string_append_c(out, *p);
        if ((*p == '{' || *p == '}') && p[1] == *p)
            p++;
        else if (*p == ']' && p[1] == '\\' && p[2] == '(')
            p++;
    }
    return g_string_free(out, FALSE);
}

/* What lies where: for each origin its artifact, and the one inside of it that its places count in. */
struct artifacts {
    GPtrArray *all;            /* struct artifact * */
    GHashTable *whole, *inner; /* origin id -> index + 1 */
    GHashTable *by_name;       /* const struct origin */
};

struct artifact {
    const struct origin *origin;
    int64_t parent;   /* -1: none */
    const char *what; /* of one inside of a file that is none of its members: what it is; else NULL */
    bool text;        /* that of a database archive */
};

static gsize add_artifact(struct artifacts *a, const struct origin *o, int64_t parent, const char *what,
                          bool text)
{
    struct artifact *x = g_new0(struct artifact, 1);

    *x = (struct artifact){o, parent, what, text};
    g_ptr_array_add(a->all, x);
    return a->all->len;
}

static int64_t index_of(GHashTable *table, const int64_t *id)
{
    return (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(table, id)) - 1;
}

struct artifacts *artifacts_new(const struct found *found)
{
    struct artifacts *a = g_new0(struct artifacts, 1);

    a->all = g_ptr_array_new_with_free_func(g_free);
    a->whole = g_hash_table_new(g_int64_hash, g_int64_equal);
    a->inner = g_hash_table_new(g_int64_hash, g_int64_equal);
    a->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < found->origins->len; i++) {
        const struct origin *o = found->origins->pdata[i];
        int64_t parent = *o->member ? index_of(a->whole, &o->container) : -1;
        gsize at = add_artifact(a, o, parent, NULL, false);
        g_hash_table_insert(a->whole, (void *)&o->id, GSIZE_TO_POINTER(at));
        g_hash_table_insert(a->by_name, o->name, (void *)o);
        if (o->packed)
            at = add_artifact(a, o, (int64_t)at - 1, "what comes out of it when it is decompressed", false);
        if (o->as_text)
            at = add_artifact(a, o, (int64_t)at - 1, "the script of SQL that it stands for, as it is read",
                              true);
        g_hash_table_insert(a->inner, (void *)&o->id, GSIZE_TO_POINTER(at));
    }
    return a;
}

void artifacts_free(struct artifacts *a)
{
    if (!a)
        return;
    g_ptr_array_unref(a->all);
    g_hash_table_unref(a->whole);
    g_hash_table_unref(a->inner);
    g_hash_table_unref(a->by_name);
    g_free(a);
}

/*
 * What is inside of a file that is no archive has no name of its own: that of the file, without what says how
 * it is packed.
 */
static char *inner_name(const struct origin *o, bool text)
{
    static const char *const suffixes[] = {".gz", ".bz2", ".xz", ".zst", ".lzma", ".Z"};
    g_autofree char *name = g_path_get_basename(*o->member ? o->member : o->path);

    for (size_t i = 0; !text && i < G_N_ELEMENTS(suffixes); i++)
        if (g_str_has_suffix(name, suffixes[i]) && strlen(name) > strlen(suffixes[i])) {
            name[strlen(name) - strlen(suffixes[i])] = '\0';
            break;
        }
    return g_strconcat(name, text ? ".sql" : "", NULL);
}

/*
 * Everything but letters, digits, "-._~" and '/' is written as %XX, so that no name is taken for a scheme, a
 * query or a way up.
 */
static void write_uri(struct hc_jsonout *j, const struct artifact *x)
{
    bool outside = g_str_has_prefix(x->origin->path, "external/");
    const char *path = *x->origin->member ? x->origin->member
                       : outside          ? x->origin->path + strlen("external/")
                                          : x->origin->path;
    g_autofree char *inner = x->what ? inner_name(x->origin, x->text) : NULL;
    g_autofree char *escaped = g_uri_escape_string(inner ? inner : path, "/", FALSE);
    g_autofree char *uri = x->parent < 0 ? NULL : g_strconcat("/", escaped, NULL);

    hc_jsonout_text(j, "uri", hc_str(uri ? uri : escaped));
    if (x->parent < 0)
        hc_jsonout_text(j, "uriBaseId", hc_str(outside ? "EXTERNAL" : "CASE"));
}

static void write_artifact(const struct artifacts *a, guint i, struct hc_jsonout *j)
{
    const struct artifact *x = a->all->pdata[i];
    const struct origin *o = x->origin;

    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_open(j, "location", '{');
    write_uri(j, x);
    hc_jsonout_int(j, "index", i);
    hc_jsonout_close(j, '}');
    if (x->parent >= 0)
        hc_jsonout_int(j, "parentIndex", x->parent);
    if (x->what) {
        sarif_message(j, "description", x->what);
    } else {
        hc_jsonout_int(j, "length", o->size);
        hc_jsonout_open(j, "hashes", '{');
        if (o->sha256 && *o->sha256)
            hc_jsonout_text(j, "sha-256", hc_str(o->sha256));
        hc_jsonout_close(j, '}');
    }
    hc_jsonout_open(j, "roles", '[');
    hc_jsonout_text(j, NULL, HC_STR_LIT("analysisTarget"));
    hc_jsonout_close(j, ']');
    hc_jsonout_open(j, "properties", '{');
    hc_jsonout_text(j, "source", hc_str(o->name));
    hc_jsonout_text(j, "status", hc_str(o->status));
    if (o->format)
        hc_jsonout_text(j, "format", hc_str(o->format));
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
}

void artifacts_write(const struct artifacts *a, struct hc_jsonout *j)
{
    hc_jsonout_open(j, "artifacts", '[');
    for (guint i = 0; i < a->all->len; i++)
        write_artifact(a, i, j);
    hc_jsonout_close(j, ']');
}

/* A place lies in what is read, a file as a whole is what lies in the case. */
static void write_location(const struct artifacts *a, const struct spot *at, struct hc_jsonout *j)
{
    int64_t i = index_of(at->offset >= 0 ? a->inner : a->whole, &at->origin->id);

    hc_jsonout_open(j, "artifactLocation", '{');
    write_uri(j, a->all->pdata[i]);
    hc_jsonout_int(j, "index", i);
    hc_jsonout_close(j, '}');
}

static void write_region(const struct spot *at, struct hc_jsonout *j)
{
    hc_jsonout_open(j, "region", '{');
    if (at->start_line) {
        hc_jsonout_int(j, "startLine", at->start_line);
        hc_jsonout_int(j, "startColumn", at->start_column);
        hc_jsonout_int(j, "endLine", at->end_line);
        hc_jsonout_int(j, "endColumn", at->end_column);
    }
    hc_jsonout_int(j, "byteOffset", at->offset);
    hc_jsonout_int(j, "byteLength", at->length);
    hc_jsonout_close(j, '}');
}

/*
 * What lies behind the end of an SQLite file is a place of its write-ahead log, or of a page that the file no
 * longer has.
 */
static struct spot settle(const struct artifacts *a, struct spot at)
{
    const struct origin *o = at.origin, *log;
    g_autofree char *name = NULL;

    if (!o || o->packed || o->as_text || at.offset < 0 || at.offset + at.length <= o->size)
        return at;
    name = g_strconcat(o->name, "-wal", NULL);
    log = g_hash_table_lookup(a->by_name, name);
    if (log && at.offset >= o->size && at.offset + at.length <= o->size + log->size) {
        at.origin = log;
        at.offset -= o->size;
    } else {
        at.offset = at.length = -1;
    }
    at.start_line = 0;
    return at;
}

void spot_location(const struct artifacts *a, const struct spot *cited, const char *key, const char *message,
                   struct hc_jsonout *j)
{
    const struct spot settled = settle(a, *cited), *at = &settled;

    hc_jsonout_open(j, key, '{');
    if (at->origin) {
        hc_jsonout_open(j, "physicalLocation", '{');
        write_location(a, at, j);
        if (at->offset >= 0)
            write_region(at, j);
        hc_jsonout_close(j, '}');
    }
    if (message)
        sarif_message(j, "message", message);
    hc_jsonout_close(j, '}');
}
