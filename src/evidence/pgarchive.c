/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgarchive.h"

#include "src/evidence/pgdata.h"
#include "src/evidence/pgtext.h"

#define TAIL 16 /* of a table's data, held back until it is known whether more follows */

#define PIECE (64u << 10) /* of text, at least, at a time */

/* The data of the table that is being presented. */
struct body {
    struct hc_pg_item *item;
    struct hc_unpack *unpack;
    enum hc_packing packing;
    bool ended; /* the packed stream did */
    bool begun; /* more came out than the tail holds */
    char tail[TAIL];
    size_t n; /* bytes of the tail */
};

struct archive {
    struct hc_input *in;
    struct hc_pg_head head;
    struct hc_pg_items items;
    struct hc_pg_data *data;
    enum { HEAD, CONTENTS, DATA, BODY, MISSING, DONE } stage;
    int64_t entry, kept;
    guint missing;
    struct body body;
};

/* Items */

static void item_free(void *data)
{
    struct hc_pg_item *item = data;

    g_free(item->name);
    g_free(item->schema);
    g_free(item->table);
    if (item->copy)
        g_string_free(item->copy, TRUE);
    g_free(item->file);
    g_free(item);
}

static void items_init(struct hc_pg_items *items)
{
    items->all = g_ptr_array_new_with_free_func(item_free);
    items->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
}

static void items_clear(struct hc_pg_items *items)
{
    g_hash_table_unref(items->by_id);
    g_ptr_array_unref(items->all);
}

static void append_name(GString *out, const char *name)
{
    bool plain = g_ascii_islower(*name) || *name == '_';

    for (const char *p = name; *p; p++)
        plain = plain && (g_ascii_islower(*p) || g_ascii_isdigit(*p) || *p == '_');
    if (!plain)
        g_string_append_c(out, '"');
    for (const char *p = name; *p; p++) {
        if (*p == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *p);
    }
    if (!plain)
        g_string_append_c(out, '"');
}

/* A statement, with the schema before the table that follows `keyword` where it has none. */
static GString *qualified(struct hc_str statement, const char *keyword, const char *schema)
{
    GString *out = g_string_sized_new(statement.n + 64);
    ptrdiff_t at = hc_str_find(statement, keyword, 0);
    struct hc_str rest = hc_str_skip(statement, at < 0 ? 0 : (size_t)at + strlen(keyword)), name = rest;
    g_autofree char *own = NULL, *table = at < 0 ? NULL : hc_pg_table(&name, &own);

    g_string_append_len(out, statement.p, (gssize)(statement.n - rest.n));
    if (table && !*own && *schema) {
        append_name(out, schema);
        g_string_append_c(out, '.');
    }
    g_string_append_len(out, rest.p, (gssize)rest.n);
    while (out->len && out->str[out->len - 1] == '\n')
        g_string_truncate(out, out->len - 1);
    g_string_append_c(out, '\n');
    return out;
}

/* Nothing but COPY of a table from standard input, so that its rows follow it. */
static bool is_copy(const GString *copy)
{
    struct hc_str text = hc_str_n(copy->str, copy->len);
    g_autofree char *schema = NULL, *table = NULL;

    if (!hc_str_starts(text, "COPY "))
        return false;
    text = hc_str_skip(text, strlen("COPY "));
    table = hc_pg_table(&text, &schema);
    g_ptr_array_unref(hc_pg_names(&text));
    return *table && hc_str_is(hc_str_trim(text), "FROM stdin;");
}

static bool is_data(const struct hc_pg_entry *e)
{
    return e->has_data && (hc_str_is(e->kind, "TABLE DATA") || hc_str_is(e->kind, "BLOBS"));
}

static char *dup_or_empty(struct hc_str text)
{
    return text.p ? hc_str_dup(text) : g_strdup("");
}

/* Remembers an entry that has data; the reason why not is static. */
static const char *keep_item(struct hc_pg_items *items, const struct hc_pg_entry *e, int64_t *kept)
{
    struct hc_pg_item *item;

    *kept += (int64_t)(sizeof(*item) + 2 * (e->tag.n + e->schema.n) + e->copy.n + e->file.n);
    if (*kept > HC_PG_KEPT_MAX)
        return "the contents are too large to be remembered";
    if (g_hash_table_contains(items->by_id, &e->id))
        return "a second entry has its number";
    item = g_new0(struct hc_pg_item, 1);
    item->id = e->id;
    item->blobs = hc_str_is(e->kind, "BLOBS");
    item->where = e->where;
    item->offset = e->offset;
    item->schema = dup_or_empty(e->schema);
    item->table = dup_or_empty(e->tag);
    item->name = item->blobs ? g_strdup("large objects")
                             : g_strconcat(item->schema, *item->schema ? "." : "", item->table, NULL);
    item->file = e->file.n ? hc_str_dup(e->file) : NULL;
    if (e->copy.n && !item->blobs) {
        item->copy = qualified(e->copy, "COPY ", item->schema);
        item->bad = is_copy(item->copy) ? NULL : "its COPY statement is none that is read";
    }
    g_ptr_array_add(items->all, item);
    g_hash_table_insert(items->by_id, &item->id, item);
    return NULL;
}

/* Writing */

static void put(GByteArray *out, struct hc_str text)
{
    g_byte_array_append(out, (const guint8 *)text.p, (guint)text.n);
}

/* A text that begins a part. */
static void put_part(struct archive *a, GByteArray *out, struct hc_str text)
{
    hc_input_mark(a->in, HC_MARK_START, NULL);
    put(out, text);
}

/* A line that stands for what is not there. */
static void put_broken(struct archive *a, GByteArray *out, const char *what, const char *why)
{
    g_autofree char *text = what ? g_strdup_printf("%s: %s", what, why) : g_strdup(why);

    hc_input_mark(a->in, HC_MARK_BROKEN, text);
    put(out, HC_STR_LIT("\n"));
}

static void put_head(struct archive *a, GByteArray *out)
{
    const struct hc_pg_head *h = &a->head;
    g_autoptr(GString) text = g_string_new("--\n-- PostgreSQL database dump\n--\n\n");

    if (*h->server)
        g_string_append_printf(text, "-- Dumped from database version %s\n", h->server);
    if (*h->dumper)
        g_string_append_printf(text, "-- Dumped by pg_dump version %s\n", h->dumper);
    if (h->made[0])
        g_string_append_printf(text, "-- Started on %04d-%02d-%02d %02d:%02d:%02d\n", (int)h->made[0],
                               (int)h->made[1], (int)h->made[2], (int)h->made[3], (int)h->made[4],
                               (int)h->made[5]);
    g_string_append(text, "\nSET standard_conforming_strings = off;\n\n");
    put(out, hc_str_n(text->str, text->len));
}

/* Contents */

static void put_table(struct archive *a, GByteArray *out, const struct hc_pg_entry *e)
{
    g_autofree char *schema = dup_or_empty(e->schema);
    GString *text = qualified(e->definition, "TABLE ", schema);

    put_part(a, out, hc_str_n(text->str, text->len));
    put(out, HC_STR_LIT("\n"));
    g_string_free(text, TRUE);
}

static void take_entry(struct archive *a, GByteArray *out, const struct hc_pg_entry *e)
{
    const char *why = NULL;

    if (hc_str_is(e->kind, "STDSTRINGS") && hc_str_starts(e->definition, "SET standard_conforming_strings")) {
        put_part(a, out, e->definition);
        put(out, HC_STR_LIT("\n"));
    } else if ((hc_str_is(e->kind, "TABLE") || hc_str_is(e->kind, "FOREIGN TABLE")) && e->definition.n) {
        put_table(a, out, e);
    } else if (is_data(e)) {
        why = keep_item(&a->items, e, &a->kept);
    }
    if (why) {
        g_autofree char *tag = dup_or_empty(e->tag);
        put_broken(a, out, tag, why);
    }
}

/* One entry; whatever is behind one that cannot be read is unknown. */
static void read_contents(struct archive *a, GByteArray *out)
{
    g_autofree char *why = NULL;
    struct hc_pg_entry e;

    if (a->entry == 0 && (a->head.entries < 0 || a->head.entries > HC_PG_ENTRIES_MAX)) {
        why = g_strdup_printf("there are said to be %" G_GINT64_FORMAT " entries, of which up to %d are read",
                              a->head.entries, HC_PG_ENTRIES_MAX);
        put_broken(a, out, "the contents of the archive", why);
        a->head.entries = HC_PG_ENTRIES_MAX;
        g_clear_pointer(&why, g_free);
    }
    if (a->entry == a->head.entries) {
        a->stage = DATA;
        return;
    }
    a->entry++;
    if (hc_pg_read_entry(a->in, &a->head, &e, &why)) {
        take_entry(a, out, &e);
        return;
    }
    put_broken(a, out, "the contents of the archive", why);
    a->stage = DATA;
}

/* Data */

static void open_body(struct archive *a, struct hc_pg_item *item)
{
    a->body =
        (struct body){.item = item, .packing = a->data->packing, .unpack = hc_unpack_new(a->data->packing)};
    a->stage = BODY;
}

static void put_search_path(struct archive *a, GByteArray *out, const struct hc_pg_item *item)
{
    g_autoptr(GString) text = g_string_new("SET search_path = ");

    append_name(text, *item->schema ? item->schema : "public");
    g_string_append(text, ", pg_catalog;\n\n");
    put_part(a, out, hc_str_n(text->str, text->len));
}

/* What stands before the data of a table. */
static void put_table_head(struct archive *a, GByteArray *out, const struct hc_pg_item *item)
{
    if (item->bad)
        put_broken(a, out, item->name, item->bad);
    else if (item->copy)
        put_part(a, out, hc_str_n(item->copy->str, item->copy->len));
    else
        put_search_path(a, out, item);
}

static void put_end_mark(struct archive *a, GByteArray *out)
{
    hc_input_mark(a->in, HC_MARK_END, NULL);
    put(out, HC_STR_LIT("\\.\n\n\n"));
}

/* How much of the tail stands before the mark that ends the data of COPY; -1 when it does not end so. */
static int before_end_mark(const struct body *b)
{
    size_t n = b->n;

    while (n && b->tail[n - 1] == '\n')
        n--;
    if (n < 2 || n == b->n || b->tail[n - 2] != '\\' || b->tail[n - 1] != '.')
        return -1;
    return n == 2 ? (b->begun ? -1 : 0) : b->tail[n - 3] == '\n' ? (int)n - 2 : -1;
}

/* All has come, or what has come is all that there is, for a reason. */
static void close_body(struct archive *a, GByteArray *out, const char *why)
{
    struct body *b = &a->body;
    int n = b->item->copy ? before_end_mark(b) : -1;

    hc_unpack_free(b->unpack);
    a->stage = DATA;
    if (b->item->bad)
        return;
    put(out, hc_str_n(b->tail, n < 0 ? b->n : (size_t)n));
    if (why || (b->item->copy && n < 0))
        put_broken(a, out, b->item->name, why ? why : "its data lack their end");
    if (b->item->copy)
        put_end_mark(a, out);
    else
        put(out, HC_STR_LIT("\n\n"));
}

/* The last bytes wait for what follows. */
static void hold_back(struct body *b, GByteArray *out, guint before)
{
    size_t n = out->len - before;

    b->begun = b->begun || n > TAIL;
    b->n = MIN(n, TAIL);
    memcpy(b->tail, out->data + out->len - b->n, b->n);
    g_byte_array_set_size(out, out->len - (guint)b->n);
}

/* Puts what one step of decompression gives: 1, 0 = no more is to come, -1 = broken. */
static int unpack(struct archive *a, GByteArray *out, char **why)
{
    struct body *b = &a->body;
    bool pending = hc_unpack_pending(b->unpack);
    struct hc_str piece = HC_STR_NONE;
    const char *reason = NULL;
    size_t given;
    int rc = pending ? 1 : a->data->carrier->piece(a->data, &piece, why);

    if (rc == 0 && b->packing != HC_PACK_NONE && !b->ended)
        return *why = g_strdup("its compressed data end too early"), -1;
    if (rc <= 0)
        return rc;
    if (b->ended && !a->data->frames)
        return *why = g_strdup("something stands behind its compressed data"), -1;
    if (b->ended) {
        hc_unpack_free(b->unpack);
        b->unpack = hc_unpack_new(b->packing);
    }
    given = piece.n;
    rc = hc_unpack(b->unpack, &piece, out, &reason);
    if (given > piece.n)
        a->data->carrier->used(a->data, given - piece.n);
    b->ended = rc == 0;
    if (rc < 0)
        *why = g_strdup_printf("its compressed data are broken: %s", reason);
    return rc < 0 ? -1 : 1;
}

static void read_body(struct archive *a, GByteArray *out)
{
    struct body *b = &a->body;
    g_autofree char *why = NULL;
    guint before = out->len;
    int rc;

    put(out, hc_str_n(b->tail, b->n));
    rc = unpack(a, out, &why);
    if (b->item->bad)
        g_byte_array_set_size(out, before);
    hold_back(b, out, before);
    if (rc <= 0)
        close_body(a, out, why);
}

static int next_data(struct archive *a, GByteArray *out, GError **error)
{
    g_autofree char *why = NULL;
    struct hc_pg_item *item = NULL;
    uint64_t oid = 0;

    switch (a->data->carrier->next(a->data, &item, &oid, &why, error)) {
    case HC_PG_STEP_FAILED:
        return -1;
    case HC_PG_STEP_END:
        a->stage = MISSING;
        break;
    case HC_PG_STEP_ROWS:
        put_table_head(a, out, item);
        open_body(a, item);
        break;
    case HC_PG_STEP_OBJECT: {
        g_autofree char *text =
            g_strdup_printf("SELECT pg_catalog.lo_open('%" G_GUINT64_FORMAT "', 131072);\n", oid);
        put_part(a, out, hc_str(text));
        break;
    }
    case HC_PG_STEP_FAULT:
        put_broken(a, out, NULL, why);
        break;
    }
    return 1;
}

/* Tables of which nothing was met. */
static void tell_missing(struct archive *a, GByteArray *out)
{
    const struct hc_pg_item *item;

    if (a->missing == a->items.all->len) {
        put_part(a, out, HC_STR_LIT("--\n-- PostgreSQL database dump complete\n--\n"));
        a->stage = DONE;
        return;
    }
    item = a->items.all->pdata[a->missing++];
    if (item->seen || item->where == HC_PG_NO_DATA)
        return;
    put_table_head(a, out, item);
    put_broken(a, out, item->name, "its data are not in the archive");
    if (item->copy && !item->bad)
        put_end_mark(a, out);
}

static int make(void *data, GByteArray *out, GError **error)
{
    struct archive *a = data;
    guint before = out->len;
    int rc = 1;

    while (rc == 1 && out->len - before < PIECE && a->stage != DONE)
        switch (a->stage) {
        case HEAD:
            put_head(a, out);
            a->stage = CONTENTS;
            break;
        case CONTENTS:
            read_contents(a, out);
            break;
        case DATA:
            rc = next_data(a, out, error);
            break;
        case BODY:
            read_body(a, out);
            break;
        case MISSING:
            tell_missing(a, out);
            break;
        case DONE:
            break;
        }
    return rc < 0 ? -1 : out->len > before;
}

static void archive_free(void *data)
{
    struct archive *a = data;

    if (a->stage == BODY)
        hc_unpack_free(a->body.unpack);
    a->data->carrier->free(a->data);
    items_clear(&a->items);
    g_free(a);
}

/* What it is */

static bool is_archive(struct hc_input *in)
{
    return hc_str_starts(hc_input_peek(in), "PGDMP");
}

static bool is_contents_name(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    const char *inner = strrchr(base, '!'), *name = inner ? inner + 1 : base;

    return strcmp(name, "toc.dat") == 0 || strcmp(name, "toc.dat.gz") == 0 ||
           strcmp(name, "toc.dat.zst") == 0;
}

bool hc_pgarchive_is_tar(struct hc_input *in)
{
    const char *name = hc_input_member(in);
    struct hc_str head = hc_input_is_archive(in) ? hc_input_peek(in) : HC_STR_NONE;

    return (strcmp(name, "toc.dat") == 0 || strcmp(name, "./toc.dat") == 0) && is_archive(in) &&
           head.n > 10 && head.p[10] == HC_PG_FILES;
}

/* The start of a member's name: "db/toc.dat" lies in "db/", "x.tar!toc.dat" in "x.tar!". */
static char *folder_of(const char *member)
{
    g_autofree char *base = g_path_get_basename(member);
    const char *own = strrchr(base, '!');

    return g_strndup(member, strlen(member) - strlen(own ? own + 1 : base));
}

/* Where the data of the archive are to come from; NULL with the reason when that cannot be known. */
static struct hc_pg_data *find_data(struct archive *a, const char *path, char **what)
{
    bool whole = hc_input_is_archive(a->in) && path;

    if (a->head.form == HC_PG_CUSTOM) {
        *what = g_strdup_printf("PostgreSQL custom archive 1.%d, %s", a->head.minor,
                                hc_packing_names[a->head.packing]);
        return hc_pg_blocks_new(a->in, &a->head, &a->items);
    }
    if (whole) {
        *what = g_strdup_printf("PostgreSQL tar archive 1.%d; its restore.sql is not read", a->head.minor);
        return hc_pg_members_new(a->in, NULL, &a->head, &a->items);
    }
    if (hc_input_is_archive(a->in) && is_contents_name(hc_input_member(a->in))) {
        g_autofree char *folder = folder_of(hc_input_member(a->in));
        *what = g_strdup_printf("PostgreSQL %s archive 1.%d",
                                g_str_has_suffix(folder, "!") ? "tar" : "directory", a->head.minor);
        return hc_pg_members_new(a->in, folder, &a->head, &a->items);
    }
    if (path && is_contents_name(path)) {
        *what = g_strdup_printf("PostgreSQL directory archive 1.%d", a->head.minor);
        return hc_pg_files_new(a->in, path, &a->head, &a->items);
    }
    *what = g_strdup("the contents of a PostgreSQL archive, of which the data are elsewhere; a directory "
                     "archive is read by its toc.dat");
    return NULL;
}

enum hc_pgarchive hc_pgarchive_present(struct hc_input *in, const char *path, char **what)
{
    static const struct hc_maker maker = {make, archive_free};
    struct archive *a;

    if (!is_archive(in))
        return HC_PGARCHIVE_NONE;
    a = g_new0(struct archive, 1);
    a->in = in;
    items_init(&a->items);
    if (hc_pg_read_head(in, &a->head, what) && (a->data = find_data(a, path, what))) {
        hc_input_present(in, &maker, a);
        return HC_PGARCHIVE_PRESENTED;
    }
    items_clear(&a->items);
    g_free(a);
    return HC_PGARCHIVE_REFUSED;
}

/* What the contents at the front of `in` say of data. False: they are not those of a directory archive. */
static bool read_items(struct hc_input *in, struct hc_pg_head *head, struct hc_pg_items *items)
{
    g_autofree char *why = NULL;
    struct hc_pg_entry e;
    int64_t kept = 0;

    if (!is_archive(in) || !hc_pg_read_head(in, head, &why) || head->form != HC_PG_FILES)
        return false;
    items_init(items);
    for (int64_t n = CLAMP(head->entries, 0, HC_PG_ENTRIES_MAX);
         n > 0 && hc_pg_read_entry(in, head, &e, &why); n--)
        if (is_data(&e))
            keep_item(items, &e, &kept);
    return true;
}

GPtrArray *hc_pgarchive_parts(const char *path)
{
    g_autoptr(hc_input_t) in = is_contents_name(path) ? hc_input_open(path, NULL) : NULL;
    struct hc_pg_items items;
    struct hc_pg_head head;
    GPtrArray *names;

    if (!in || hc_input_next(in, NULL) != 1 || hc_input_is_archive(in) || !read_items(in, &head, &items))
        return NULL;
    names = hc_pg_file_names(path, &head, &items);
    items_clear(&items);
    return names;
}

GPtrArray *hc_pgarchive_members(struct hc_input *in)
{
    const char *member = hc_input_member(in);
    g_autofree char *folder = folder_of(member);
    struct hc_pg_items items;
    struct hc_pg_head head;
    GPtrArray *names;

    if (!is_contents_name(member) || !read_items(in, &head, &items))
        return NULL;
    names = hc_pg_member_names(in, folder, &items);
    items_clear(&items);
    return names;
}
