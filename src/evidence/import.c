/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/gather.h"

#include "src/base/file.h"
#include "src/evidence/detect.h"
#include "src/evidence/parts.h"
#include "src/evidence/place.h"
#include "src/evidence/profile.h"
#include "src/evidence/set.h"

#include <fcntl.h>
#include <unistd.h>

#define HC_HASHED_ASIDE (INT64_C(16) << 20) /* bytes from which on a thread of its own is worth it */
#define HC_SMALL_FILE (INT64_C(1) << 20)    /* bytes up to which files share a transaction */
#define HC_SMALL_FILES 256                  /* so many of them */
#define HC_SCOPE_PASSES 8 /* a file is read, so that the names found in it are followed to their end */

void hc_import_result_clear(struct hc_import_result *result)
{
    g_clear_pointer(&result->messages, g_ptr_array_unref);
}

/* Known already: nothing to do, but for the row that says so of a copy. */
static bool look_up(struct hc_job *job, struct hc_file *f, GError **error)
{
    const struct hc_candidate file = {
        f->name, f->sha256, f->parts, &f->said, job->options->zone, job->options->year, job->options->scope};
    g_autofree char *first = NULL, *why = NULL;

    if (f->recalled) {
        f->known = HC_KNOWN_SAME;
        return true;
    }
    if (!hc_known(job->db, &file, &f->known, &first, error))
        return false;
    if (f->known != HC_KNOWN_COPY)
        return true;
    why = g_strdup_printf("same bytes as %s", first);
    job->result->copies++;
    return hc_file_add(job, f, "copy", why, error) > 0 &&
           hc_parts_record(job->db, f->name, f->parts, NULL, error) &&
           hc_known_put_first(job->db, &file, first, error);
}

/* What was not read of a file is told each time, whether it was imported now or before. */
static bool tell_fate(struct hc_job *job, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "fate");
    int rc;

    hc_bind_text(st, 1, hc_str(name));
    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *part = hc_str_dup(hc_col_text(st, 0)), *why = hc_str_dup(hc_col_text(st, 1));
        job->result->rejected += hc_col_int(st, 2);
        job->result->kept += hc_col_int(st, 4);
        if (!why)
            continue;
        hc_job_tell(job, part, why);
        job->result->unread++;
        job->result->unknown += hc_col_int(st, 3);
    }
    return rc == 0;
}

static int64_t size_of(const char *disk)
{
    int64_t size;
    int fd = hc_file_open(disk, O_NOFOLLOW, &size, NULL);

    if (fd < 0)
        return 0;
    close(fd);
    return size;
}

/* Whether it is known is asked by its hash: a large file that cannot be, by its path and size, is hashed
 * while it is read. */
static bool hash_file(struct hc_job *job, struct hc_file *f, GError **error)
{
    int64_t size = size_of(f->disk);
    bool known = true;

    if (size >= HC_HASHED_ASIDE) {
        hc_stmt *st = hc_db_query(job->db, "import", "may_be_known", "ti", f->name, size);
        if (hc_step(st, error) != 1)
            return false;
        known = hc_col_int(st, 0);
        hc_stmt_reset(st);
    }
    if (known)
        return hc_file_hash(f->disk, f->sha256, &f->size, error);
    f->size = size;
    f->aside = true;
    return true;
}

static bool end_hashing(struct hc_job *job, struct hc_file *f, GError **error)
{
    struct hc_hashing *hashing = g_steal_pointer(&f->hashing);

    return !hashing ||
           (hc_hashing_end(hashing, f->sha256, &f->size, error) &&
            hc_exec(hc_db_query(job->db, "import", "hashed", "tti", f->name, f->sha256, f->size), error));
}

static bool forget(struct hc_job *job, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "forget_failed");

    hc_bind_text(st, 1, hc_str(name));
    return hc_exec(st, error);
}

/* Messages of the input begin with where the file lies on this machine; that is nobody's business later. */
static char *without_place(const struct hc_file *f, const char *why)
{
    size_t n = strlen(f->disk);

    if (!g_str_has_prefix(why, f->disk))
        return g_strdup(why);
    if (g_str_has_prefix(why + n, ": "))
        return g_strdup(why + n + 2);
    return why[n] == '!' ? g_strconcat("in ", why + n + 1, NULL) : g_strdup(why);
}

/* A file that cannot be read on leaves nothing but the row that says so, or its row of an earlier import. */
static bool record_failure(struct hc_job *job, struct hc_file *f, GError **error)
{
    hc_stmt *st = hc_db_query(job->db, "import", "known_path", "t", f->name);
    int known = hc_step(st, error);

    hc_stmt_reset(st);
    job->result->failed++;
    hc_job_tell(job, f->name, f->failed);
    if (known)
        return known == 1;
    return hc_file_add(job, f, "failed", f->failed, error) > 0 &&
           hc_parts_record(job->db, f->name, f->parts, f->failed, error);
}

/* What has to be known of a file before any of its group is read. */
static bool prepare(struct hc_job *job, struct hc_file *f, GError **error)
{
    const char *zone = hc_file_zone(job, f);

    f->known = HC_KNOWN_NOT;
    f->aside = false;
    if (!forget(job, f->name, error) || (zone && !(f->zone = hc_zone_new(zone, error))))
        return false;
    if (f->link && !f->failed)
        return hc_fail(error, HC_ERROR_INPUT,
                       "is a symbolic link; put the file itself here, links are not followed");
    f->parts = f->link ? NULL : hc_parts_of(f->disk, f->name);
    if (f->failed)
        return record_failure(job, f, error);
    return (*f->sha256 || hash_file(job, f, error)) && (f->aside || look_up(job, f, error));
}

static bool read_fresh(struct hc_job *job, struct hc_file *f, struct hc_joint *joint, GError **error)
{
    /* Conclusions drawn from less evidence do not outlive it. */
    return hc_store_stale(job->db, error) && hc_file_list(f, error) && hc_file_read(job, f, joint, error) &&
           end_hashing(job, f, error);
}

static const char *name_of(const void *file)
{
    return ((const struct hc_file *)file)->name;
}

/* All of a log's rotated files that are not known yet, behind those that are; `*at`: the one that is read. */
static bool read_rotated(struct hc_job *job, GPtrArray *files, struct hc_file **at, GError **error)
{
    g_autoptr(GPtrArray) before =
        hc_gather_again(job, files, error) ? hc_gather_before(job, files, error) : NULL;
    const struct hc_file *final = NULL;
    struct hc_joint joint;
    int64_t last = 0, first = 0;
    bool ok = before != NULL;

    if (!ok)
        return false;
    joint = hc_joint_new();
    hc_gather_guess(job, files);
    if (!hc_rotation_is_order(files, name_of))
        hc_set_doubt(joint.set);
    for (guint i = 0; ok && i < before->len; i++) {
        struct hc_file *f = before->pdata[i];
        ok = hc_file_recall(job, f, &joint, error);
        last = f->row;
    }
    for (guint i = 0; i < files->len; i++)
        final = hc_file_is_fresh(files->pdata[i]) ? files->pdata[i] : final;
    for (guint i = 0; ok && i < files->len; i++) {
        struct hc_file *f = files->pdata[i];
        if (!hc_file_is_fresh(f))
            continue;
        *at = f;
        if (f == final)
            hc_set_last(joint.set);
        ok = read_fresh(job, f, &joint, error);
        first = first ? first : f->source;
        ok = ok && hc_exec(hc_db_query(job->db, "import", "rotated", "iin", f->source, first, last), error);
        last = f->source;
    }
    ok = ok && hc_joint_end(&joint, error);
    hc_joint_clear(&joint);
    return ok;
}

static bool read_group(struct hc_job *job, GPtrArray *files, struct hc_file **at, GError **error)
{
    bool fresh = false;
    bool rotated;

    for (guint i = 0; i < files->len; i++) {
        *at = files->pdata[i];
        if (!prepare(job, *at, error))
            return false;
        fresh = fresh || hc_file_is_fresh(*at);
    }
    rotated = files->len > 1 || (*at)->rotated;
    if (fresh && !(rotated ? read_rotated(job, files, at, error) : read_fresh(job, *at, NULL, error)))
        return false;
    for (guint i = 0; i < files->len; i++) {
        *at = files->pdata[i];
        if (!(*at)->failed && !tell_fate(job, (*at)->name, error))
            return false;
    }
    return true;
}

static void reset(GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++)
        hc_file_reset(files->pdata[i]);
}

/* What waits is committed, or taken back. */
static bool settle(struct hc_job *job, bool keep, GError **error)
{
    job->waiting = 0;
    if (keep) {
        keep = hc_db_commit(job->db, error);
        hc_store_kept(job->store);
        return keep;
    }
    hc_db_rollback(job->db);
    hc_store_lost(job->store);
    return true;
}

static bool is_small(GPtrArray *files)
{
    const struct hc_file *f = files->pdata[0];

    return files->len == 1 && size_of(f->disk) <= HC_SMALL_FILE;
}

/* A small file is one of many in a transaction, which takes as long to commit as it does for one. */
static bool attempt_small(struct hc_job *job, GPtrArray *files, bool last, bool *again, struct hc_file **at,
                          GError **error)
{
    size_t names = job->scope ? hc_scope_size(job->scope) : 0;
    bool ok;

    if ((!job->waiting && !hc_db_begin(job->db, error)) || !hc_store_mark(job->store, error))
        return false;
    job->waiting++;
    ok = read_group(job, files, at, error);
    *again = ok && !last && job->scope && hc_scope_size(job->scope) > names;
    if (!ok || *again)
        return hc_store_back(job->store, NULL) && ok;
    return hc_store_keep(job->store, error) && (job->waiting < HC_SMALL_FILES || settle(job, true, error));
}

/* `again`: names were found on the way that may stand in what was passed over before; nothing was kept. */
static bool attempt(struct hc_job *job, GPtrArray *files, bool last, bool *again, struct hc_file **at,
                    GError **error)
{
    size_t names = job->scope ? hc_scope_size(job->scope) : 0;
    bool ok;

    if (is_small(files))
        return attempt_small(job, files, last, again, at, error);
    if ((job->waiting && !settle(job, true, error)) || !hc_db_begin(job->db, error))
        return false;
    ok = read_group(job, files, at, error);
    *again = ok && !last && job->scope && hc_scope_size(job->scope) > names;
    return settle(job, ok && !*again, error) && ok;
}

/* What an attempt that was taken back has counted and told. */
struct before {
    struct hc_import_result result;
    guint told;
};

static struct before before_attempt(const struct hc_job *job)
{
    return (struct before){*job->result, job->result->messages->len};
}

static void go_back(struct hc_job *job, const struct before *before)
{
    *job->result = before->result;
    g_ptr_array_set_size(job->result->messages, (int)before->told);
}

/* What is said of the file has its hash. */
static void hash_failed(struct hc_file *f)
{
    if (f->hashing)
        hc_hashing_end(g_steal_pointer(&f->hashing), f->sha256, &f->size, NULL);
    else if (f->aside)
        hc_file_hash(f->disk, f->sha256, &f->size, NULL);
}

/* All files of a group, or none. One that cannot be read on is recorded as such, and the others are read
 * without it. */
static bool import_once(struct hc_job *job, GPtrArray *files, bool last, bool *again, GError **error)
{
    const struct before before = before_attempt(job);

    for (;;) {
        g_autoptr(GError) failed = NULL;
        struct hc_file *at = NULL;
        bool ok = attempt(job, files, last, again, &at, &failed);
        if (at && !ok)
            hash_failed(at);
        reset(files);
        if (ok)
            return true;
        if (!at || at->failed || !hc_is_of_file(failed)) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return false;
        }
        at->failed = without_place(at, failed->message);
        go_back(job, &before);
    }
}

/* What the names found last may have been missed for; `names`: with how many the file was read in the end. */
static void check_scope(struct hc_job *job, const struct hc_file *f, size_t names)
{
    const char *why = hc_scope_full(job->scope) ? "more names belong to the scope than can be followed"
                      : hc_scope_size(job->scope) > names
                          ? "names of the scope were still being found when it was read last"
                      : job->scoped && names > job->scoped
                          ? "names of the scope that it adds were not looked for in the files before it"
                          : NULL;

    job->scoped = hc_scope_size(job->scope);
    if (!why)
        return;
    hc_job_tell(job, f->name, why);
    job->result->unread++; /* records may have been passed over */
}

static bool import_group(struct hc_job *job, GPtrArray *files, GError **error)
{
    const struct before before = before_attempt(job);
    size_t names = 0;
    bool again = true;

    for (int pass = 1; again; pass++) {
        names = job->scope ? hc_scope_size(job->scope) : 0;
        go_back(job, &before);
        if (!import_once(job, files, pass == HC_SCOPE_PASSES, &again, error))
            return false;
    }
    if (job->scope)
        check_scope(job, files->pdata[files->len - 1], names);
    return true;
}

static bool start(struct hc_job *job, GError **error)
{
    const char *format = job->options->format;

    memset(job->result, 0, sizeof(*job->result));
    job->result->messages = g_ptr_array_new_with_free_func(g_free);
    if (format && !hc_importer_by_name(job->options->importers, format))
        return hc_fail(error, HC_ERROR_USAGE, "there is no format called '%s'", format);
    if (job->options->scope && !(job->scope = hc_scope_new(job->options->scope, error)))
        return false;
    job->profiles = hc_profiles_load(job->c->dir, error);
    job->store = job->profiles ? hc_store_new(job->db, job->options->safe, error) : NULL;
    return job->store != NULL;
}

static void end(struct hc_job *job)
{
    hc_store_free(job->store);
    hc_scope_free(job->scope);
    g_clear_pointer(&job->profiles, g_ptr_array_unref);
}

static struct hc_file *file_new(char *disk, char *name)
{
    struct hc_file *f = g_new0(struct hc_file, 1);

    f->disk = disk;
    f->name = name;
    return f;
}

/* Takes the files. With what the user is told meanwhile. */
static bool import_all(struct hc_job *job, GPtrArray *files, GError **error)
{
    g_autoptr(GPtrArray) groups = NULL;
    bool ok = true;

    for (guint i = 0; i < files->len; i++)
        job->total += size_of(((struct hc_file *)files->pdata[i])->disk);
    groups = hc_gather(job, files);
    for (guint i = 0; ok && i < groups->len; i++)
        ok = import_group(job, groups->pdata[i], error);
    if (ok && job->scope && groups->len && !job->result->kept)
        hc_job_tell(job, "scope", "no record touches any of its names");
    return (!job->waiting || settle(job, ok, error)) && ok;
}

/* The indexes, which take as long as many a file. */
static bool finish(struct hc_job *job, GError **error)
{
    hc_job_progress(job, "indexes", job->done);
    return hc_store_index(job->store, error);
}

bool hc_import_case(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                    struct hc_import_result *result, GError **error)
{
    struct hc_job job = {.db = db, .c = c, .options = options, .result = result};
    g_autoptr(GPtrArray) names = hc_case_files(c, error);
    bool ok = start(&job, names ? error : NULL) && names;
    g_autoptr(GHashTable) parts = ok ? hc_parts_among(c, names) : NULL;
    GPtrArray *files = hc_files_new();

    for (guint i = 0; ok && i < names->len; i++) {
        if (g_hash_table_contains(parts, names->pdata[i]))
            continue; /* read with the file that it is part of */
        struct hc_file *f = file_new(hc_case_path(c, names->pdata[i]), g_strdup(names->pdata[i]));
        f->said = hc_case_settings(c, f->name);
        f->link = g_file_test(f->disk, G_FILE_TEST_IS_SYMLINK);
        g_ptr_array_add(files, f);
    }
    ok = import_all(&job, files, error) && ok && finish(&job, error);
    end(&job);
    return ok;
}

bool hc_import_files(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                     char **files, struct hc_import_result *result, GError **error)
{
    struct hc_job job = {.db = db, .c = c, .options = options, .result = result};
    bool ok = start(&job, error);
    GPtrArray *given = hc_files_new();

    for (; ok && *files; files++) {
        char *disk = hc_place_given(*files);
        struct hc_file *f = file_new(disk, hc_place_name(c, disk));
        f->said = hc_case_settings(c, f->name);
        g_ptr_array_add(given, f);
    }
    ok = ok && hc_gather_known(&job, given, error);
    if (ok)
        hc_gather_years(&job, given);
    ok = import_all(&job, given, error) && ok && finish(&job, error);
    end(&job);
    return ok;
}

/* A source with the settings that it was imported with, in place of those of the case file. NULL: it does not
 * lie anywhere. */
static struct hc_file *recall(struct hc_job *job, hc_stmt *st, const char *external)
{
    char *name = hc_col_dup(st, 0), *disk = hc_case_disk(job->c, name, external);
    struct hc_file *f = file_new(disk, name);

    hc_file_said(f, st);
    f->rotated = hc_col_int(st, 7) != 0;
    return f;
}

/* The scope of the source that the row is about. */
static void recall_scope(struct hc_job *job, hc_stmt *st)
{
    g_autofree char *scope = hc_col_dup(st, 6);

    g_clear_pointer(&job->scope, hc_scope_free);
    job->scope = scope ? hc_scope_parse(scope) : NULL;
}

/* Sources that were read as one have one number; those that were not have none. */
static bool is_same_group(const GPtrArray *group, int64_t of, int64_t next)
{
    return group->len == 0 || (of && of == next);
}

bool hc_import_again(hc_db *from, hc_db *db, const struct hc_case *c,
                     const struct hc_importer *const *importers, const char *external, GError **error)
{
    struct hc_import_options options = {.importers = importers};
    struct hc_import_result result = {0};
    struct hc_job job = {.db = db, .c = c, .options = &options, .result = &result, .from = from};
    hc_stmt *st = hc_db_stmt(from, "import", "again");
    g_autoptr(GPtrArray) group = hc_files_new();
    bool ok = start(&job, error);
    int64_t of = 0;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        if (!is_same_group(group, of, hc_col_int(st, 7))) {
            ok = import_group(&job, group, error);
            g_ptr_array_set_size(group, 0);
        }
        of = hc_col_int(st, 7);
        recall_scope(&job, st);
        g_ptr_array_add(group, recall(&job, st, external));
        ok = ok && ((struct hc_file *)group->pdata[group->len - 1])->disk;
    }
    ok = ok && (!group->len || import_group(&job, group, error));
    ok = (!job.waiting || settle(&job, ok, error)) && ok;
    hc_stmt_reset(st);
    end(&job);
    hc_import_result_clear(&result);
    return ok && rc == 0;
}
