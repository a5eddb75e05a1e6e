/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/import.h"

#include "src/evidence/detect.h"
#include "src/evidence/profile.h"
#include "src/evidence/store.h"

/* What stays the same over all files of one call. */
struct job {
    hc_db *db;
    const struct hc_case *c;
    const struct hc_import_options *options;
    struct hc_import_result *result;
    GPtrArray *profiles;
};

/* One file: where it lies and what it is called in the case. */
struct file {
    const char *disk, *name;
    char sha256[HC_SHA256_HEX];
    int64_t size;
    struct hc_case_source said;
    GPtrArray *members; /* names, NULL-ended, of an archive; NULL otherwise */
    struct hc_zone *zone;
};

void hc_import_result_clear(struct hc_import_result *result)
{
    g_clear_pointer(&result->messages, g_ptr_array_unref);
}

static void tell(struct job *job, const char *name, const char *text)
{
    g_ptr_array_add(job->result->messages, g_strdup_printf("%s: %s", name, text));
}

/* The names of an archive's members, so that a profile can be known by them before the first is read. */
static bool list_members(struct file *f, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(f->disk, error);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    int rc;

    while (in && (rc = hc_input_next(in, error)) == 1 && hc_input_is_archive(in))
        g_ptr_array_add(names, g_strdup(hc_input_member(in)));
    if (!in || rc < 0) {
        g_ptr_array_unref(names);
        return false;
    }
    if (hc_input_is_archive(in)) {
        g_ptr_array_add(names, NULL);
        f->members = names;
    } else {
        g_ptr_array_unref(names);
    }
    return true;
}

static struct hc_profile *by_name(struct job *job, const char *name)
{
    for (guint i = 0; i < job->profiles->len; i++)
        if (strcmp(hc_profile_name(job->profiles->pdata[i]), name) == 0)
            return job->profiles->pdata[i];
    return NULL;
}

/* Asked for by name, or the one that recognises the file. NULL without an error: none does. */
static struct hc_profile *choose_profile(struct job *job, const struct file *f, const char *format, struct hc_str head,
                                         GError **error)
{
    const char *asked = job->options->profile ? job->options->profile : f->said.profile;
    const char *const *members = f->members ? (const char *const *)f->members->pdata : NULL;
    struct hc_profile *found = NULL;

    if (asked) {
        found = by_name(job, asked);
        if (!found)
            hc_fail(error, HC_ERROR_CONFIG, "%s: there is no profile called '%s'", f->name, asked);
        return found;
    }
    for (guint i = 0; i < job->profiles->len; i++) {
        struct hc_profile *profile = job->profiles->pdata[i];
        if (!hc_profile_recognises(profile, format, head, members))
            continue;
        if (found) {
            hc_fail(error, HC_ERROR_CONFIG, "%s: fits the profiles %s and %s; say which in case.yaml", f->name,
                    hc_profile_name(found), hc_profile_name(profile));
            return NULL;
        }
        found = profile;
    }
    return found;
}

static void set_zone(struct job *job, const struct file *f, struct hc_source_info *info, const struct hc_zone *utc)
{
    const struct hc_zone *service = info->profile ? hc_profile_zone(info->profile) : NULL;

    info->zone = job->options->zone ? job->options->zone : f->said.zone;
    info->zone_basis = info->zone ? "given" : service ? "profile" : "assumed";
    info->settings.zone = f->zone ? f->zone : service ? service : utc;
    info->settings.zone_given = f->zone || service;
}

static void fill_info(struct job *job, const struct file *f, struct hc_source_info *info, const struct hc_zone *utc)
{
    info->path = f->name;
    info->sha256 = f->sha256;
    info->size = f->size;
    info->label = f->said.label;
    info->clock = f->said.clock;
    info->has_taken = f->said.has_taken;
    info->taken = f->said.taken;
    info->settings.path = f->name;
    info->settings.member = info->member ? info->member : "";
    info->settings.year = job->options->year ? job->options->year : f->said.year;
    info->settings.window_from = job->c->window_from;
    info->settings.window_to = job->c->window_to;
    info->settings.mailboxes = (const char *const *)job->c->mailboxes;
    set_zone(job, f, info, utc);
}

/* Reads the current member: true with `*read` false when no importer takes it. */
static bool read_member(struct job *job, const struct file *f, struct hc_input *in, int64_t container, bool *read,
                        GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    struct hc_source_info info = {.container = container, .status = "read", .member = hc_input_member(in)};
    struct hc_peek peek = {*info.member ? info.member : f->name, hc_input_peek(in), false};
    const struct hc_importer *importer;
    struct hc_sink *sink;
    char sha256[HC_SHA256_HEX];
    g_autoptr(GError) failed = NULL;
    int64_t id, size;
    int score = 0;
    bool ok;

    peek.whole = peek.head.n < HC_PEEK_SIZE;
    importer = job->options->format ? hc_importer_by_name(job->options->importers, job->options->format)
                                    : hc_detect(job->options->importers, &peek, &score, &info.why, &failed);
    if (importer && !failed)
        info.profile = choose_profile(job, f, importer->name, peek.head, &failed);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    *read = importer != NULL;
    info.format = importer ? importer->name : NULL;
    info.status = importer ? "read" : "unread";
    info.why = importer ? info.why : "no importer takes it";
    fill_info(job, f, &info, utc);
    if (container)
        info.sha256 = "";
    id = hc_store_source(job->db, &info, error);
    sink = id > 0 ? hc_store_sink(job->db, id, &info, error) : NULL;
    ok = sink && (!importer || importer->run(in, sink, error)) && hc_input_finish(in, sha256, &size, error) &&
         hc_store_finish(sink, container ? sha256 : NULL, size, error);
    if (ok)
        job->result->rejected += hc_store_rejected(sink);
    hc_store_free(sink);
    return ok;
}

static int64_t add_plain(struct job *job, const struct file *f, const char *status, const char *why, GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    struct hc_source_info info = {.status = status, .why = why};

    fill_info(job, f, &info, utc);
    info.zone = info.zone_basis = NULL;
    return hc_store_source(job->db, &info, error);
}

/* Everything of one file, inside the transaction of the caller. */
static bool read_file(struct job *job, struct file *f, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(f->disk, error);
    int64_t container = 0;
    bool read = false, any = false;
    int rc;

    if (!in)
        return false;
    if (f->members && (container = add_plain(job, f, "archive", NULL, error)) < 0)
        return false;
    while ((rc = hc_input_next(in, error)) == 1) {
        if (!read_member(job, f, in, container, &read, error))
            return false;
        any = any || read;
        if (!read) {
            g_autofree char *name = g_strdup_printf("%s%s%s", f->name, container ? "!" : "", hc_input_member(in));
            tell(job, name, "no importer takes it");
            job->result->unread++;
        }
    }
    job->result->read += any;
    return rc == 0;
}

/* Known already: the same path with the same bytes (nothing to do), or the same bytes elsewhere (a copy). */
static bool known(struct job *job, const struct file *f, bool *skip, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "known_path");
    g_autofree char *first = NULL, *why = NULL;
    int rc;

    hc_bind_text(st, 1, hc_str(f->name));
    rc = hc_step(st, error);
    *skip = rc == 1;
    if (rc == 1 && !hc_str_is(hc_col_text(st, 0), f->sha256)) {
        hc_stmt_reset(st);
        return hc_fail(error, HC_ERROR_INPUT, "changed since it was imported; remove hindcast.db to import again");
    }
    hc_stmt_reset(st);
    if (rc != 0)
        return rc == 1;
    st = hc_db_stmt(job->db, "import", "known_hash");
    hc_bind_text(st, 1, hc_str(f->sha256));
    rc = hc_step(st, error);
    if (rc == 1)
        first = hc_str_dup(hc_col_text(st, 0));
    hc_stmt_reset(st);
    if (rc != 1)
        return rc == 0;
    *skip = true;
    why = g_strdup_printf("same bytes as %s", first);
    job->result->copies++;
    return add_plain(job, f, "copy", why, error) > 0;
}

static bool import_known(struct job *job, struct file *f, GError **error)
{
    const char *zone = job->options->zone ? job->options->zone : f->said.zone;
    bool skip = false;

    if (zone && !(f->zone = hc_zone_new(zone, error)))
        return false;
    if (!hc_input_hash(f->disk, f->sha256, &f->size, error) || !known(job, f, &skip, error))
        return false;
    /* Conclusions drawn from less evidence do not outlive it. */
    return skip || (hc_store_stale(job->db, error) && list_members(f, error) && read_file(job, f, error));
}

static bool forget(struct job *job, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "forget_failed");

    hc_bind_text(st, 1, hc_str(name));
    return hc_exec(st, error);
}

/* A file that cannot be read on leaves nothing but the row that says so. */
static bool record_failure(struct job *job, struct file *f, const char *why, GError **error)
{
    job->result->failed++;
    tell(job, f->name, why);
    if (!hc_db_begin(job->db, error))
        return false;
    if (!forget(job, f->name, error)) {
        hc_db_rollback(job->db);
        return false;
    }
    if (add_plain(job, f, "failed", why, NULL) < 0) {
        hc_db_rollback(job->db); /* its row of an earlier import stays */
        return true;
    }
    return hc_db_commit(job->db, error);
}

static bool import_one(struct job *job, const char *disk, const char *name, GError **error)
{
    struct file f = {.disk = disk, .name = name, .said = hc_case_settings(job->c, name)};
    g_autoptr(GError) failed = NULL;
    bool ok = hc_db_begin(job->db, error);

    if (!ok)
        return false;
    if (forget(job, name, &failed) && import_known(job, &f, &failed)) {
        ok = hc_db_commit(job->db, error);
    } else {
        hc_db_rollback(job->db);
        if (g_error_matches(failed, HC_ERROR, HC_ERROR_DB) || g_error_matches(failed, HC_ERROR, HC_ERROR_CONFIG) ||
            g_error_matches(failed, HC_ERROR, HC_ERROR_USAGE)) {
            g_propagate_error(error, g_steal_pointer(&failed));
            ok = false;
        } else {
            ok = record_failure(job, &f, failed ? failed->message : "cannot be read", error);
        }
    }
    g_clear_pointer(&f.members, g_ptr_array_unref);
    hc_zone_free(f.zone);
    return ok;
}

static bool start(struct job *job, GError **error)
{
    const char *format = job->options->format;

    memset(job->result, 0, sizeof(*job->result));
    job->result->messages = g_ptr_array_new_with_free_func(g_free);
    if (format && !hc_importer_by_name(job->options->importers, format))
        return hc_fail(error, HC_ERROR_USAGE, "there is no format called '%s'", format);
    job->profiles = hc_profiles_load(job->c->dir, error);
    return job->profiles != NULL;
}

static void progress(const struct job *job, const char *path, guint done, guint total)
{
    if (job->options->progress)
        job->options->progress(job->options->progress_data, path, done, total);
}

bool hc_import_case(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                    struct hc_import_result *result, GError **error)
{
    struct job job = {db, c, options, result, NULL};
    g_autoptr(GPtrArray) files = hc_case_files(c, error);
    bool ok = start(&job, files ? error : NULL) && files;

    for (guint i = 0; ok && i < files->len; i++) {
        g_autofree char *disk = hc_case_path(c, files->pdata[i]);
        progress(&job, files->pdata[i], i, files->len);
        ok = import_one(&job, disk, files->pdata[i], error);
    }
    ok = ok && hc_store_index(db, error);
    g_clear_pointer(&job.profiles, g_ptr_array_unref);
    return ok;
}

/* The name a file has in the case: its path inside, or external/NAME. */
static char *inside(const struct hc_case *c, const char *file)
{
    g_autofree char *dir = g_canonicalize_filename(c->dir, NULL), *full = g_canonicalize_filename(file, NULL);
    g_autofree char *base = g_path_get_basename(full), *prefix = g_strconcat(dir, "/", NULL);

    if (g_str_has_prefix(full, prefix))
        return g_strdup(full + strlen(prefix));
    return g_strconcat("external/", base, NULL);
}

bool hc_import_files(hc_db *db, const struct hc_case *c, const struct hc_import_options *options, char **files,
                     struct hc_import_result *result, GError **error)
{
    struct job job = {db, c, options, result, NULL};
    bool ok = start(&job, error);

    for (; ok && *files; files++) {
        g_autofree char *name = inside(c, *files);
        ok = import_one(&job, *files, name, error);
    }
    ok = ok && hc_store_index(db, error);
    g_clear_pointer(&job.profiles, g_ptr_array_unref);
    return ok;
}
