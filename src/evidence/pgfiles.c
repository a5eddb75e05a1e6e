/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgdata.h"

#include "src/base/keyed.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

/* How a file of a table may be called beyond what the contents say, and what that means. */
static const struct {
    const char *suffix;
    enum hc_packing packing;
} suffixes[] = {{"", HC_PACK_NONE}, {".gz", HC_PACK_GZIP}, {".lz4", HC_PACK_LZ4}, {".zst", HC_PACK_ZSTD}};

struct files {
    struct hc_pg_data d;
    struct hc_input *file; /* of members, all of their archive */
    bool objects;          /* the lines of `file` name large objects */
    /* directory */
    char *dir;
    guint n;   /* items that were looked at */
    char *bad; /* why the present file cannot be read */
    /* members */
    char *folder;        /* where they lie inside of an archive, with its '/'; NULL: they are all of a tar */
    GHashTable *by_file; /* name -> item; NULL before the first step */
    int64_t counted;     /* of the bytes that were read for them, as those that text is made of */
    bool ended;
};

static struct files *files_new(const struct hc_pg_carrier *carrier, struct hc_input *in,
                               const struct hc_pg_head *head, const struct hc_pg_items *items)
{
    struct files *f = g_new0(struct files, 1);

    f->d = (struct hc_pg_data){carrier, in, head, items, HC_PACK_NONE, true};
    return f;
}

static void files_free(struct hc_pg_data *d)
{
    struct files *f = (struct files *)d;

    hc_input_close(f->file);
    g_clear_pointer(&f->by_file, g_hash_table_unref);
    g_free(f->folder);
    g_free(f->bad);
    g_free(f->dir);
    g_free(f);
}

/* What large objects are listed in: the name has changed over the versions, and old contents do not say
 * it. */
static char *objects_name(const struct hc_pg_item *item, int which)
{
    if (which == 0)
        return g_strdup(item->file && g_str_has_prefix(item->file, "blobs") ? item->file : "blobs.toc");
    return which == 1 ? g_strdup_printf("blobs_%" G_GINT64_FORMAT ".toc", item->id) : NULL;
}

/* "OID FILE": 1, 0 = no more, -1 = `*why`. */
static int next_object(struct files *f, uint64_t *oid, char **name, char **why)
{
    g_autoptr(GError) error = NULL;
    struct hc_locator at;
    struct hc_str line;
    const char *end = NULL;
    g_autofree char *text = NULL;
    int rc = hc_input_line(f->file, &line, &at, &error);

    if (rc < 0)
        *why = g_strdup_printf("the list of large objects: %s", hc_input_reason(f->file, error));
    if (rc <= 0)
        return rc;
    text = line.p && line.n <= HC_PG_BLOBS_LINE_MAX ? hc_str_dup(line) : g_strdup("");
    if (!g_ascii_isdigit(*text) || (*oid = g_ascii_strtoull(text, (char **)&end, 10), *end != ' ')) {
        *why = g_strdup_printf("line %" G_GINT64_FORMAT " of the list of large objects names none", at.line);
        return -1;
    }
    *name = g_strdup(end + 1);
    return 1;
}

static int file_piece(struct hc_pg_data *d, struct hc_str *piece, char **why)
{
    struct files *f = (struct files *)d;
    g_autoptr(GError) error = NULL;
    int rc = f->bad ? -1 : hc_input_bytes(f->file, 1, piece, &error);

    if (rc < 0)
        *why = f->bad ? g_steal_pointer(&f->bad) : g_strdup(hc_input_reason(f->file, error));
    return rc;
}

static void file_used(struct hc_pg_data *d, size_t n)
{
    hc_input_take(((struct files *)d)->file, n);
}

/* Names */

/* BEFORE, digits, AFTER. */
static bool is_numbered(const char *name, const char *before, const char *after)
{
    size_t digits;

    if (!g_str_has_prefix(name, before))
        return false;
    name += strlen(before);
    digits = strspn(name, "0123456789");
    return digits > 0 && digits < 20 && strcmp(name + digits, after) == 0;
}

/* Only names that pg_dump gives: contents that name anything else would hide other evidence, or lead out of
 * the folder. */
static bool is_data_name(const char *name)
{
    return is_numbered(name, "", ".dat") || is_numbered(name, "blob_", ".dat") ||
           is_numbered(name, "blobs_", ".toc") || strcmp(name, "blobs.toc") == 0;
}

/* Members */

static void name_members(struct files *f)
{
    f->by_file = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    for (guint i = 0; i < f->d.items->all->len; i++) {
        struct hc_pg_item *item = f->d.items->all->pdata[i];
        if (item->file && (!f->folder || is_data_name(item->file)))
            g_hash_table_insert(f->by_file, g_strdup(item->file), item);
        for (int which = 0; item->blobs && which < 2; which++)
            g_hash_table_insert(f->by_file, objects_name(item, which), item);
    }
}

/* The item that a member is of, and how it is packed. */
static struct hc_pg_item *item_of(struct files *f, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *base = NULL;
        struct hc_pg_item *item;
        if (!g_str_has_suffix(name, suffixes[i].suffix))
            continue;
        base = g_strndup(name, strlen(name) - strlen(suffixes[i].suffix));
        item = g_hash_table_lookup(f->by_file, base);
        f->d.packing = suffixes[i].packing;
        if (item)
            return item;
    }
    return NULL;
}

/* The contents, the script that pg_dump adds for those without pg_restore, and large objects, which are
 * counted by their list. */
static bool is_no_data(const char *name)
{
    return strcmp(name, "toc.dat") == 0 || strcmp(name, "restore.sql") == 0 ||
           g_str_has_prefix(name, "blob_");
}

/* The name that the contents may have for the member; NULL: it lies elsewhere. */
static const char *own_name(const struct files *f, const char *name)
{
    if (!f->folder)
        return name + (g_str_has_prefix(name, "./") ? 2 : 0);
    return g_str_has_prefix(name, f->folder) ? name + strlen(f->folder) : NULL;
}

/* What the contents do not name is, inside of an archive, some other evidence. */
static enum hc_pg_step open_member(struct files *f, struct hc_pg_item **item, char **why)
{
    const char *name = own_name(f, hc_input_member(f->file));

    *item = name ? item_of(f, name) : NULL;
    if (!*item && (f->folder || is_no_data(name)))
        return HC_PG_STEP_END;
    if (!*item || (*item)->seen) {
        *why = *item ? g_strdup_printf("%s: its data are there a second time, as %s", (*item)->name, name)
                     : g_strdup_printf("the contents do not name the member %s", name);
        return HC_PG_STEP_FAULT;
    }
    (*item)->seen = true;
    f->objects = (*item)->blobs;
    return f->objects ? HC_PG_STEP_END : HC_PG_STEP_ROWS;
}

/* What was read for the members since this was asked last is what the text is made of. */
static void count_read(struct files *f)
{
    int64_t read = hc_input_read(f->file);

    hc_input_beside(f->d.in, read - f->counted);
    f->counted = read;
}

static enum hc_pg_step next_member(struct hc_pg_data *d, struct hc_pg_item **item, uint64_t *oid, char **why,
                                   GError **error)
{
    struct files *f = (struct files *)d;
    g_autoptr(GError) failed = NULL;
    enum hc_pg_step step = HC_PG_STEP_END;
    g_autofree char *name = NULL;
    int rc;

    if (!f->by_file)
        name_members(f);
    if (f->objects) {
        if ((rc = next_object(f, oid, &name, why)) != 0)
            return rc > 0 ? HC_PG_STEP_OBJECT : HC_PG_STEP_FAULT;
        f->objects = false;
    }
    while (step == HC_PG_STEP_END && !f->objects && !f->ended) {
        rc = hc_input_next(f->file, &failed);
        count_read(f);
        f->ended = rc != 1;
        if (rc < 0)
            *why = g_strdup_printf("the archive cannot be read on: %s", hc_input_reason(f->file, failed));
        step = rc < 0 ? HC_PG_STEP_FAULT : rc ? open_member(f, item, why) : HC_PG_STEP_END;
    }
    return f->objects ? next_member(d, item, oid, why, error) : step;
}

static int member_piece(struct hc_pg_data *d, struct hc_str *piece, char **why)
{
    int rc = file_piece(d, piece, why);

    count_read((struct files *)d);
    return rc;
}

/* The archive of which `in` has a member, read as its data lie in it: those of one that is nested are not
 * unpacked anyway. */
static struct hc_input *members_of(const struct hc_input *in)
{
    return hc_input_again(in, hc_input_is_nested(in) ? HC_READ_ANY : HC_READ_PACKED, NULL);
}

struct hc_pg_data *hc_pg_members_new(struct hc_input *in, const char *folder, const struct hc_pg_head *head,
                                     const struct hc_pg_items *items)
{
    static const struct hc_pg_carrier carrier = {next_member, member_piece, file_used, files_free};
    struct files *f = files_new(&carrier, in, head, items);

    f->folder = g_strdup(folder);
    f->file = members_of(in);
    f->ended = !f->file;
    return &f->d;
}

/* Directory */

/* The names that the member may have, be it packed. */
static void add_packings(GPtrArray *names, const char *folder, const char *name)
{
    for (size_t i = 0; is_data_name(name) && i < G_N_ELEMENTS(suffixes); i++)
        g_ptr_array_add(names, g_strconcat(folder, name, suffixes[i].suffix, NULL));
}

/* The file of this name as it is there, packed or not; NULL when none is. */
static char *find_file(const char *dir, const char *name, enum hc_packing *packing)
{
    for (size_t i = 0; is_data_name(name) && i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *full = g_strconcat(name, suffixes[i].suffix, NULL),
                        *path = g_build_filename(dir, full, NULL);
        GStatBuf st;
        if (g_lstat(path, &st) != 0)
            continue;
        *packing = suffixes[i].packing;
        return g_steal_pointer(&full);
    }
    return NULL;
}

static char *find_objects(const char *dir, const struct hc_pg_item *item, enum hc_packing *packing)
{
    for (int which = 0; which < 2; which++) {
        g_autofree char *name = objects_name(item, which);
        char *found = find_file(dir, name, packing);
        if (found)
            return found;
    }
    return NULL;
}

/* Opens the file `name`, an empty one too; false with the reason in f->bad. */
static bool open_file(struct files *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->dir, name, NULL);
    g_autoptr(GError) error = NULL;
    GStatBuf st;

    if (g_lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
        f->bad = g_strdup_printf("%s is a symbolic link, which is not followed", name);
        return false;
    }
    f->file = hc_input_open_bytes(path, &error);
    if (f->file && f->d.in)
        *hc_input_limits(f->file) = *hc_input_limits(f->d.in);
    if (f->file && hc_input_next(f->file, &error) == 1) {
        if (f->d.in)
            hc_input_beside(f->d.in, st.st_size);
        return true;
    }
    f->bad = g_strdup_printf(
        "%s: %s", name, error->message + (g_str_has_prefix(error->message, path) ? strlen(path) + 2 : 0));
    return false;
}

static void open_item(struct files *f, const struct hc_pg_item *item)
{
    g_autofree char *name = item->blobs ? find_objects(f->dir, item, &f->d.packing)
                                        : find_file(f->dir, item->file ? item->file : "", &f->d.packing);

    g_clear_pointer(&f->file, hc_input_close);
    g_clear_pointer(&f->bad, g_free);
    if (name)
        open_file(f, name);
    else
        f->bad = g_strdup_printf("the file %s with its data is missing", item->file ? item->file : "");
}

/* The next large object of the list; it is not read, but it should be there. */
static enum hc_pg_step list_object(struct files *f, uint64_t *oid, char **why)
{
    g_autofree char *name = NULL, *found = NULL;
    enum hc_packing packing;
    int rc = next_object(f, oid, &name, why);

    if (rc <= 0) {
        f->objects = rc != 0;
        return rc ? HC_PG_STEP_FAULT : HC_PG_STEP_END;
    }
    found = find_file(f->dir, name, &packing);
    if (found)
        return HC_PG_STEP_OBJECT;
    *why = g_strdup_printf("the file %s of a large object is missing", name);
    return HC_PG_STEP_FAULT;
}

static enum hc_pg_step next_file(struct hc_pg_data *d, struct hc_pg_item **item, uint64_t *oid, char **why,
                                 GError **error)
{
    struct files *f = (struct files *)d;
    enum hc_pg_step step = f->objects ? list_object(f, oid, why) : HC_PG_STEP_END;

    while (step == HC_PG_STEP_END && f->n < d->items->all->len) {
        *item = d->items->all->pdata[f->n++];
        (*item)->seen = true;
        open_item(f, *item);
        if (!(*item)->blobs)
            return HC_PG_STEP_ROWS;
        if (f->bad) {
            *why = g_strdup_printf("large objects: %s", f->bad);
            return HC_PG_STEP_FAULT;
        }
        f->objects = true;
        step = list_object(f, oid, why);
    }
    return step;
}

struct hc_pg_data *hc_pg_files_new(struct hc_input *in, const char *path, const struct hc_pg_head *head,
                                   const struct hc_pg_items *items)
{
    static const struct hc_pg_carrier carrier = {next_file, file_piece, file_used, files_free};
    struct files *f = files_new(&carrier, in, head, items);

    f->dir = g_path_get_dirname(path);
    return &f->d;
}

/* The files of the large objects that the list names: where they lie in a folder, as they are there. */
static void add_objects(struct files *f, GPtrArray *names)
{
    enum hc_packing packing;
    g_autofree char *why = NULL;
    uint64_t oid;
    int rc;

    do {
        g_autofree char *name = NULL, *found = NULL;
        g_clear_pointer(&why, g_free);
        rc = next_object(f, &oid, &name, &why);
        if (rc > 0 && f->folder)
            add_packings(names, f->folder, name);
        else if (rc > 0 && (found = find_file(f->dir, name, &packing)))
            g_ptr_array_add(names, g_steal_pointer(&found));
    } while (rc > 0);
}

/* Those of all lists. These are no larger than what is remembered of the contents, and are never compressed
 * by pg_dump. */
static void add_member_objects(struct hc_input *in, const char *folder, const struct hc_pg_items *items,
                               GPtrArray *names)
{
    struct files f = {.d = {.in = in, .items = items}, .folder = (char *)folder, .file = members_of(in)};

    name_members(&f);
    while (f.file && hc_input_next(f.file, NULL) == 1) {
        const char *name = own_name(&f, hc_input_member(f.file));
        const struct hc_pg_item *item = name ? item_of(&f, name) : NULL;
        if (item && item->blobs)
            add_objects(&f, names);
    }
    hc_input_close(f.file);
    g_hash_table_unref(f.by_file);
}

GPtrArray *hc_pg_member_names(struct hc_input *in, const char *folder, const struct hc_pg_items *items)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    bool blobs = false;

    for (guint i = 0; i < items->all->len; i++) {
        const struct hc_pg_item *item = items->all->pdata[i];
        if (!item->blobs && item->file)
            add_packings(names, folder, item->file);
        for (int which = 0; item->blobs && which < 2; which++) {
            g_autofree char *list = objects_name(item, which);
            add_packings(names, folder, list);
        }
        blobs = blobs || item->blobs;
    }
    if (blobs)
        add_member_objects(in, folder, items, names);
    if (g_str_has_suffix(folder, "!"))
        g_ptr_array_add(names, g_strconcat(folder, "restore.sql", NULL));
    return names;
}

GPtrArray *hc_pg_file_names(const char *path, const struct hc_pg_head *head, const struct hc_pg_items *items)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *dir = g_path_get_dirname(path);
    enum hc_packing packing;

    for (guint i = 0; i < items->all->len; i++) {
        struct hc_pg_item *item = items->all->pdata[i];
        char *name = item->blobs ? find_objects(dir, item, &packing)
                                 : find_file(dir, item->file ? item->file : "", &packing);
        struct files f = {.dir = dir}; /* for the list of large objects alone */
        if (name)
            g_ptr_array_add(names, name);
        if (!name || !item->blobs)
            continue;
        if (open_file(&f, name))
            add_objects(&f, names);
        hc_input_close(f.file);
        g_free(f.bad);
    }
    return names;
}
