/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/gather.h"

#include "src/base/file.h"
#include "src/base/keyed.h"

static void free_file(void *f)
{
    hc_file_free(f);
}

static void free_group(void *group)
{
    g_ptr_array_unref(group);
}

GPtrArray *hc_files_new(void)
{
    return g_ptr_array_new_with_free_func(free_file);
}

static GPtrArray *group_new(struct hc_file *first)
{
    GPtrArray *group = hc_files_new();

    g_ptr_array_add(group, first);
    return group;
}

/* Oldest first by their names. */
static int by_age(const void *a, const void *b)
{
    const struct hc_file *x = *(struct hc_file *const *)a, *y = *(struct hc_file *const *)b;

    return x->age != y->age ? (x->age > y->age ? -1 : 1) : strcmp(x->name, y->name);
}

/* By the times in them, where those say otherwise. */
static void order_group(struct hc_job *job, GPtrArray *group)
{
    const size_t n = group->len;
    g_autofree struct hc_beginning *begins = g_new(struct hc_beginning, n);
    g_autofree size_t *order = g_new(size_t, n);
    g_autofree void **files = NULL;

    g_ptr_array_sort(group, by_age);
    for (size_t i = 0; i < n; i++)
        begins[i] = ((struct hc_file *)group->pdata[i])->begins;
    if (hc_rotation_check(begins, n, order))
        return;
    files = g_memdup2(group->pdata, n * sizeof(void *));
    for (size_t i = 0; i < n; i++)
        group->pdata[i] = files[order[i]];
    for (size_t i = 0; i < n; i++)
        hc_job_tell(
            job, ((struct hc_file *)group->pdata[i])->name,
            "the times in the rotated files contradict the order of their names: read in that of the times");
}

/* "mail.log.1" and "mail.log.1.gz": one of them is too many, and it cannot be told which. */
static bool has_place(struct hc_job *job, const GPtrArray *group, const struct hc_file *f)
{
    for (guint i = 0; i < group->len; i++) {
        const struct hc_file *other = group->pdata[i];
        if (other->age != f->age)
            continue;
        g_autofree char *why = g_strdup_printf(
            "has the place of %s in the rotation: read by itself, what both hold counts twice", other->name);
        hc_job_tell(job, f->name, why);
        return false;
    }
    return true;
}

/* The files of each stem: their numbers in `files`. */
static GHashTable *stems_of(const GPtrArray *files)
{
    GHashTable *stems = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);

    for (guint i = 0; i < files->len; i++) {
        struct hc_file *f = files->pdata[i];
        struct hc_rotation r = hc_rotation_of(f->name);
        f->age = r.age;
        f->alone = g_hash_table_lookup(stems, r.stem) == NULL;
        if (!f->alone)
            ((struct hc_file *)g_hash_table_lookup(stems, r.stem))->alone = false;
        else
            g_hash_table_insert(stems, g_strdup(r.stem), f);
        f->stem = r.stem;
    }
    return stems;
}

/* Puts the file into the group of its log, which is made when it is the first. */
static void add_rotated(struct hc_job *job, GPtrArray *groups, GHashTable *logs, struct hc_file *f)
{
    GPtrArray *group = g_hash_table_lookup(logs, f->stem);

    if (group && has_place(job, group, f)) {
        g_ptr_array_add(group, f);
        return;
    }
    g_ptr_array_add(groups, group_new(f));
    if (!group)
        g_hash_table_insert(logs, f->stem, groups->pdata[groups->len - 1]);
}

GPtrArray *hc_gather(struct hc_job *job, GPtrArray *files)
{
    G_GNUC_UNUSED g_autoptr(GHashTable) stems = stems_of(files); /* owns the names that are compared below */
    g_autoptr(GHashTable) logs = g_hash_table_new(hc_keyed_text, g_str_equal);
    GPtrArray *groups = g_ptr_array_new_with_free_func(free_group);

    for (guint i = 0; i < files->len; i++) {
        struct hc_file *f = files->pdata[i];
        if (!f->alone && hc_file_begins(job, f))
            add_rotated(job, groups, logs, f);
        else
            g_ptr_array_add(groups, group_new(f));
    }
    for (guint i = 0; i < groups->len; i++)
        order_group(job, groups->pdata[i]);
    g_ptr_array_set_free_func(files, NULL);
    g_ptr_array_unref(files);
    return groups;
}

void hc_file_said(struct hc_file *f, hc_stmt *st)
{
    g_free(f->zone_said);
    g_free(f->label_said);
    g_free(f->columns_said);
    f->zone_said = hc_col_dup(st, 1);
    f->label_said = hc_col_dup(st, 2);
    f->columns_said = hc_col_dup(st, 8);
    f->said = (struct hc_case_source){.columns = f->columns_said,
                                      .zone = f->zone_said,
                                      .label = f->label_said,
                                      .year = (int)hc_col_int(st, 3),
                                      .clock = hc_col_int(st, 4),
                                      .has_taken = !hc_col_null(st, 5),
                                      .taken = hc_col_int(st, 5)};
}

bool hc_file_is_fresh(const struct hc_file *f)
{
    return !f->failed && f->known == HC_KNOWN_NOT;
}

/* The source `path` as it was read, and what it followed then. NULL without an error: it is none that can be
 * read here. */
static struct hc_file *recalled(struct hc_job *job, const char *path, char **follows, GError **error)
{
    hc_stmt *st = hc_db_query(job->db, "import", "recalled", "t", path);
    struct hc_file *f = NULL;

    *follows = NULL;
    if (hc_step(st, error) == 1) {
        f = g_new0(struct hc_file, 1);
        f->name = g_strdup(path);
        f->disk = hc_case_disk(job->c, path, NULL);
        hc_file_said(f, st);
        f->row = hc_col_int(st, 6);
        f->source = hc_col_int(st, 7);
        *follows = hc_col_dup(st, 9);
    }
    hc_stmt_reset(st);
    if (f && f->said.zone && !(f->zone = hc_zone_new(f->said.zone, error)))
        g_clear_pointer(&f, hc_file_free);
    return f;
}

/* The known one in front of the first that is not; NULL: there is none. */
static const struct hc_file *in_front(const GPtrArray *group)
{
    const struct hc_file *before = NULL, *f;

    for (guint i = 0; i < group->len; i++) {
        f = group->pdata[i];
        if (hc_file_is_fresh(f))
            break;
        before = f->failed ? before : f;
    }
    return before;
}

/* A file that comes later than what was to follow it. */
static void tell_late(struct hc_job *job, const GPtrArray *group)
{
    const struct hc_file *fresh = NULL;

    for (guint i = 0; i < group->len; i++) {
        const struct hc_file *f = group->pdata[i];
        if (!f->failed && f->known != HC_KNOWN_NOT && fresh)
            hc_job_tell(job, fresh->name,
                        "the file that follows in the rotation was imported before: messages that go on "
                        "there are not joined");
        fresh = hc_file_is_fresh(f) ? f : NULL;
    }
}

/* The name of the source that the first of these followed when they were imported. */
static char *followed(struct hc_job *job, const GPtrArray *group)
{
    const struct hc_file *f = group->pdata[0];
    hc_stmt *st = hc_db_query(job->from, "import", "followed", "t", f->name);
    char *name = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;

    hc_stmt_reset(st);
    return name;
}

GPtrArray *hc_gather_before(struct hc_job *job, const GPtrArray *group, GError **error)
{
    const struct hc_file *known = in_front(group);
    g_autofree char *name = job->from ? followed(job, group) : g_strdup(known ? known->name : NULL);
    GPtrArray *files = hc_files_new();
    GError *failed = NULL;

    tell_late(job, group);
    if (name && g_str_has_prefix(name, "external/")) {
        hc_job_tell(
            job, name,
            "is not read again: messages that go on from it in the next file of the rotation are not joined");
        return files;
    }
    while (name && !failed) {
        char *follows;
        struct hc_file *f = recalled(job, name, &follows, &failed);
        g_free(name);
        name = follows;
        if (f)
            g_ptr_array_insert(files, 0, f);
    }
    if (!failed)
        return files;
    g_propagate_error(error, failed);
    g_ptr_array_unref(files);
    return NULL;
}

static bool is_among(const GPtrArray *files, const char *name)
{
    for (guint i = 0; i < files->len; i++)
        if (!strcmp(((struct hc_file *)files->pdata[i])->name, name))
            return true;
    return false;
}

/* The name of a file of the same log, in the same folder of the case, that is older and none of `files`;
 * NULL: there is none. */
static char *older_beside(const struct hc_file *f, const GPtrArray *files)
{
    g_autofree char *folder = g_path_get_dirname(f->name), *place = g_path_get_dirname(f->disk);
    const struct hc_rotation own = hc_rotation_of(f->name);
    g_autofree char *stem = own.stem, *found = NULL;
    g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);
    int64_t age = own.age;

    for (const char *entry = dir ? g_dir_read_name(dir) : NULL; entry; entry = g_dir_read_name(dir)) {
        g_autofree char *name = g_build_filename(folder, entry, NULL);
        const struct hc_rotation other = hc_rotation_of(name);
        g_autofree char *other_stem = other.stem;
        if (strcmp(other_stem, stem) || other.age <= age || is_among(files, name))
            continue;
        age = other.age; /* the oldest: the answer does not depend on the order of a folder */
        g_free(found);
        found = g_steal_pointer(&name);
    }
    return g_steal_pointer(&found);
}

void hc_gather_years(struct hc_job *job, GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++) {
        struct hc_file *f = files->pdata[i];
        g_autofree char *older = f->said.year && !job->options->year ? older_beside(f, files) : NULL;
        if (!older)
            continue;
        g_autofree char *why = g_strdup_printf(
            "the year that the case gives is that of the log's oldest line, in %s, which was not given "
            "with it: not taken for this file",
            older);
        f->said.year = 0;
        hc_job_tell(job, f->name, why);
    }
}

/* Where a file of the log that `f` is of lies: a file from elsewhere has left no word of its folder, and is
 * looked for beside it. */
static char *place_beside(const struct hc_job *job, const struct hc_file *f, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(f->disk), *base = g_path_get_basename(name);

    return g_str_has_prefix(name, "external/") ? g_build_filename(folder, base, NULL)
                                               : hc_case_path(job->c, name);
}

#define ALONE                                                                                                \
    "which is of the same log: years and messages do not go on from one to the other. Import all files of "  \
    "a log in one call"

/* The source that the row is about, to be read again; NULL: it cannot be, which is told. */
static struct hc_file *known_beside(struct hc_job *job, const struct hc_file *f, hc_stmt *row)
{
    struct hc_file *found = g_new0(struct hc_file, 1);
    g_autofree char *why = NULL;

    found->name = hc_col_dup(row, 0);
    found->disk = place_beside(job, f, found->name);
    found->said = hc_case_settings(job->c, found->name);
    found->recalled = true;
    if (job->scope || hc_col_int(row, 2))
        why = g_strdup_printf("is read apart from %s, since an import was narrowed, " ALONE, found->name);
    else if (!hc_file_hash(found->disk, found->sha256, &found->size, NULL))
        why = g_strdup_printf("is read apart from %s, which is not there any more, " ALONE, found->name);
    else if (!hc_str_is(hc_col_text(row, 1), found->sha256))
        why = g_strdup_printf("is read apart from %s, which has changed since it was imported, " ALONE,
                              found->name);
    if (!why)
        return found;
    hc_job_tell(job, f->name, why);
    hc_file_free(found);
    return NULL;
}

/* The source is a file of the log that `f`, with this stem, is one of. */
static bool is_of_log(const struct hc_job *job, hc_stmt *row, const char *stem, const GPtrArray *files)
{
    g_autofree char *name = hc_col_dup(row, 0), *other = hc_rotation_of(name).stem;

    return strcmp(stem, other) == 0 && !is_among(files, name) &&
           (!job->options->format || hc_str_is(hc_col_text(row, 3), job->options->format));
}

static bool add_known(struct hc_job *job, const struct hc_file *f, GPtrArray *files, GError **error)
{
    g_autofree char *stem = hc_rotation_of(f->name).stem;
    hc_stmt *st = hc_db_stmt(job->db, "import", "logs");
    g_autoptr(GPtrArray) found = hc_files_new();
    bool all = true;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct hc_file *known = is_of_log(job, st, stem, files) ? known_beside(job, f, st) : NULL;
        if (known)
            g_ptr_array_add(found, known);
        else
            all = all && !is_of_log(job, st, stem, files);
    }
    if (all && rc == 0)
        g_ptr_array_extend_and_steal(files, g_steal_pointer(&found));
    return rc == 0;
}

static bool is_known(struct hc_job *job, const struct hc_file *f, bool *known, GError **error)
{
    hc_stmt *st = hc_db_query(job->db, "import", "is_known", "t", f->name);
    int rc = hc_step(st, error);

    *known = rc == 1 && hc_col_int(st, 0);
    hc_stmt_reset(st);
    return rc == 1;
}

bool hc_gather_known(struct hc_job *job, GPtrArray *files, GError **error)
{
    const guint n = files->len;

    for (guint i = 0; i < n; i++) {
        struct hc_file *f = files->pdata[i];
        bool known;
        if (!is_known(job, f, &known, error))
            return false;
        if (!known && hc_file_begins(job, f) && !add_known(job, f, files, error))
            return false;
    }
    return true;
}

/* Are there some of each, and can all known ones be read again? */
static bool can_read_again(struct hc_job *job, const GPtrArray *group)
{
    bool fresh = false, known = false;

    for (guint i = 0; i < group->len; i++) {
        const struct hc_file *f = group->pdata[i];
        bool was = false;
        if (f->known == HC_KNOWN_COPY || (f->failed && (!is_known(job, f, &was, NULL) || was)))
            return false;
        fresh = fresh || hc_file_is_fresh(f);
        known = known || f->known == HC_KNOWN_SAME;
    }
    return fresh && known && !job->scope;
}

static bool forget(struct hc_job *job, struct hc_file *f, GError **error)
{
    hc_stmt *st = hc_db_query(job->db, "import", "recalled", "t", f->name);
    int rc = hc_step(st, error);

    if (rc == 1) {
        hc_file_said(f, st);
        f->row = hc_col_int(st, 6);
        f->recalled = true;
    }
    hc_stmt_reset(st);
    g_clear_pointer(&f->zone, hc_zone_free);
    if (rc != 1 || (f->said.zone && !(f->zone = hc_zone_new(f->said.zone, error))) ||
        !hc_store_forget(job->store, f->row, error))
        return false;
    f->known = HC_KNOWN_NOT;
    hc_job_tell(job, f->name, "is read again, as one log with what it was rotated from or into");
    return true;
}

bool hc_gather_again(struct hc_job *job, GPtrArray *group, GError **error)
{
    if (!can_read_again(job, group))
        return true;
    for (guint i = 0; i < group->len; i++) {
        struct hc_file *f = group->pdata[i];
        if (!f->failed && f->known == HC_KNOWN_SAME && !forget(job, f, error))
            return false;
    }
    return true;
}

/* The year of the first of them, where file `k` has this one; 0: it cannot be told. */
static int year_before(const GPtrArray *group, guint k, int year)
{
    for (; k > 0; k--) {
        const struct hc_beginning *a = &((struct hc_file *)group->pdata[k - 1])->begins,
                                  *b = &((struct hc_file *)group->pdata[k])->begins;
        if (!a->known || !b->known || !a->yearless || !b->yearless)
            return 0;
        year -= a->local > b->local;
    }
    return year;
}

void hc_gather_guess(struct hc_job *job, GPtrArray *group)
{
    guint k = 0;

    while (k < group->len && !hc_file_year(job, group->pdata[k]))
        k++;
    for (guint i = 0; k < group->len && i <= k; i++)
        if (!((struct hc_file *)group->pdata[i])->begins.known)
            hc_file_begins(job, group->pdata[i]);
    if (k > 0 && k < group->len)
        ((struct hc_file *)group->pdata[0])->year_guess =
            year_before(group, k, hc_file_year(job, group->pdata[k]));
}
