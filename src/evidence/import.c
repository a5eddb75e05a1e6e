/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/import.h"

#include "src/base/file.h"
#include "src/evidence/detect.h"
#include "src/evidence/known.h"
#include "src/evidence/parts.h"
#include "src/evidence/pgarchive.h"
#include "src/evidence/place.h"
#include "src/evidence/profile.h"
#include "src/evidence/set.h"
#include "src/evidence/store.h"

#include <fcntl.h>
#include <unistd.h>

#define HC_HASHED_ASIDE (INT64_C(16) << 20) /* bytes from which on a thread of its own is worth it */
#define HC_SCOPE_PASSES 8 /* a file is read, so that the names found in it are followed to their end */

/* What stays the same over all files of one call. */
struct job {
    hc_db *db;
    struct hc_store *store;
    const struct hc_case *c;
    const struct hc_import_options *options;
    struct hc_import_result *result;
    GPtrArray *profiles;
    struct hc_scope *scope; /* NULL: everything is kept */
    size_t scoped;          /* names of it that all files so far were read with */
    const char *name;    /* of the file that is read now */
    int64_t done, total; /* bytes of the files before it, and of all */
    hc_db *from; /* where it was imported before, to be read in the same way; NULL: for the first time */
};

/* One file: where it lies and what it is called in the case. */
struct file {
    const char *disk, *name;
    char sha256[HC_SHA256_HEX]; /* "" while it is hashed aside */
    int64_t size;
    struct hc_hashing *hashing;
    struct hc_case_source said;
    GPtrArray *members; /* names, NULL-ended, of an archive; NULL otherwise */
    GPtrArray *parts;   /* files that are read with it; NULL: none */
    bool whole;         /* an archive that is one source, not one for each member */
    bool link;          /* a symbolic link inside of the case */
    GHashTable *seen;   /* names under which members were read */
    struct hc_beside *beside;
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

    while (in && (rc = hc_input_next(in, error)) == 1 && hc_input_is_archive(in)) {
        f->whole = names->len == 0 && hc_pgarchive_is_tar(in);
        if (f->whole)
            break;
        g_ptr_array_add(names, g_strdup(hc_input_member(in)));
        hc_input_leave(in);
    }
    if (!in || rc < 0) {
        g_ptr_array_unref(names);
        return false;
    }
    if (hc_input_is_archive(in) && !f->whole) {
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

/* The one that the user asked for; of an archive it is asked for those members that it understands. */
static struct hc_profile *asked_profile(struct job *job, const struct file *f, const char *asked, const char *format,
                                        GError **error)
{
    struct hc_profile *found = by_name(job, asked);

    if (!found)
        hc_fail(error, HC_ERROR_CONFIG, "%s: there is no profile called '%s'", f->name, asked);
    if (!found || hc_profile_understands(found, format))
        return found;
    if (!f->members)
        hc_fail(error, HC_ERROR_CONFIG, "%s: the profile %s does not understand %s, which this is", f->name, asked, format);
    return NULL;
}

/* Asked for by name, or the one that recognises the file. NULL without an error: none does. */
static struct hc_profile *choose_profile(struct job *job, const struct file *f, const struct hc_importer *importer,
                                         const struct hc_peek *peek, GError **error)
{
    const char *asked = job->options->profile ? job->options->profile : f->said.profile;
    g_autoptr(GPtrArray) tables = asked || !importer->tables ? NULL : importer->tables(peek);
    struct hc_shown shown = {importer->name, peek->head, f->members ? (const char *const *)f->members->pdata : NULL, tables};
    struct hc_profile *found = NULL;

    if (asked)
        return asked_profile(job, f, asked, importer->name, error);
    for (guint i = 0; i < job->profiles->len; i++) {
        struct hc_profile *profile = job->profiles->pdata[i];
        if (!hc_profile_recognises(profile, &shown))
            continue;
        if (found) {
            hc_fail(error, HC_ERROR_INPUT, "%s: fits the profiles %s and %s; say which in case.yaml", f->name,
                    hc_profile_name(found), hc_profile_name(profile));
            return NULL;
        }
        found = profile;
    }
    return found;
}

/* What an earlier import took the member for, and its profile. */
static bool recall_choice(struct job *job, const struct file *f, const char *member, const struct hc_importer **importer,
                          struct hc_profile **profile, GError **error)
{
    hc_stmt *st = hc_db_query(job->from, "import", "choice", "tt", f->name, member);
    int rc = hc_step(st, error);

    if (rc == 1) {
        g_autofree char *format = hc_col_dup(st, 0), *name = hc_col_dup(st, 1);
        *importer = format ? hc_importer_by_name(job->options->importers, format) : NULL;
        *profile = name ? by_name(job, name) : NULL;
    }
    hc_stmt_reset(st);
    return rc >= 0;
}

/* What takes the current member, NULL when nothing does, and what its records mean. */
static bool choose(struct job *job, const struct file *f, const struct hc_peek *peek, const struct hc_importer **importer,
                   struct hc_source_info *info, GError **error)
{
    g_autoptr(GError) failed = NULL;
    int score = 0;

    *importer = NULL;
    if (job->from)
        return recall_choice(job, f, info->member, importer, &info->profile, error);
    *importer = job->options->format ? hc_importer_by_name(job->options->importers, job->options->format)
                                     : hc_detect(job->options->importers, peek, &score, &info->why, &failed);
    if (*importer && !failed)
        info->profile = choose_profile(job, f, *importer, peek, &failed);
    if (!failed)
        return true;
    g_propagate_error(error, g_steal_pointer(&failed));
    return false;
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
    info->scope = job->scope;
    info->has_taken = f->said.has_taken;
    info->taken = f->said.taken;
    info->settings.path = f->name;
    info->settings.member = info->member ? info->member : "";
    info->settings.year = job->options->year ? job->options->year : f->said.year;
    info->settings.window_from = job->c->window_from;
    info->settings.window_to = job->c->window_to;
    info->settings.mailboxes = (const char *const *)job->c->mailboxes;
    info->settings.beside = f->beside;
    set_zone(job, f, info, utc);
}

/* An archive may hold several members of one name (a tar that was added to): the second is called NAME#2. */
static char *own_name(const struct file *f, const char *member)
{
    char *name = g_strdup(member);

    for (int n = 2; f->members && !g_hash_table_add(f->seen, g_strdup(name)); n++) {
        g_free(name);
        name = g_strdup_printf("%s#%d", member, n);
    }
    return name;
}

/* Is the current member a database archive? Then it is read as the text that it stands for, and `*what` says what it is. */
static enum hc_pgarchive present(const struct file *f, struct hc_input *in, int64_t container, char **what)
{
    return hc_pgarchive_present(in, container ? NULL : f->disk, what);
}

/* What takes the member; an archive that is refused has no importer, and a reason. */
static bool choose_member(struct job *job, const struct file *f, const struct hc_peek *peek, enum hc_pgarchive archive,
                          const char *what, const struct hc_importer **importer, struct hc_source_info *info, GError **error)
{
    const char *unread = peek->head.n ? "no importer takes it" : "the file is empty";

    *importer = NULL;
    if (info->container && hc_beside_was_used(f->beside, peek->name)) {
        info->status = "part";
        info->why = "read with another member";
        return true;
    }
    if (archive != HC_PGARCHIVE_REFUSED && !choose(job, f, peek, importer, info, error))
        return false;
    info->format = *importer ? (*importer)->name : NULL;
    info->status = *importer ? "read" : "unread";
    info->why = what ? what : *importer ? info->why : unread;
    return true;
}

/* How long the text of an archive was, in which its locators count. */
static bool store_text(struct job *job, int64_t id, const struct hc_input *in, GError **error)
{
    int64_t made = hc_input_made(in);

    return made == 0 || hc_exec(hc_db_query(job->db, "import", "text", "ii", id, made), error);
}

/* Reads the current member: true with `*read` false when no importer takes it. */
static bool read_member(struct job *job, const struct file *f, struct hc_input *in, int64_t container, const char *name, bool *read,
                        GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    g_autofree char *what = NULL;
    struct hc_source_info info = {.container = container, .member = name, .tables = job->options->tables};
    enum hc_pgarchive archive = present(f, in, container, &what);
    struct hc_peek peek = {container ? hc_input_member(in) : f->name, hc_input_peek(in), false, f->beside};
    const struct hc_importer *importer;
    struct hc_sink *sink;
    char sha256[HC_SHA256_HEX];
    int64_t id, size;
    bool ok;
    struct hc_set *set;

    peek.whole = peek.head.n < HC_PEEK_SIZE;
    if (!choose_member(job, f, &peek, archive, what, &importer, &info, error))
        return false;
    *read = importer != NULL;
    fill_info(job, f, &info, utc);
    info.settings.member = f->whole ? "" : hc_input_member(in);
    if (container)
        info.sha256 = "";
    else
        hc_input_without_hash(in); /* that of the file is known */
    info.settings.set = set = hc_set_new(1);
    id = hc_store_source(job->db, &info, error);
    sink = id > 0 ? hc_sink_new(job->store, id, &info, error) : NULL;
    ok = sink && (!importer || importer->run(in, sink, error)) && hc_input_finish(in, sha256, &size, error) &&
         hc_sink_finish(sink, container ? sha256 : NULL, size, error) && store_text(job, id, in, error);
    hc_set_free(set);
    hc_sink_free(sink);
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

/* Faults of the file itself are recorded; those of the case, a profile or the database end the import. */
static bool is_of_file(const GError *error)
{
    return !g_error_matches(error, HC_ERROR, HC_ERROR_DB) && !g_error_matches(error, HC_ERROR, HC_ERROR_CONFIG) &&
           !g_error_matches(error, HC_ERROR, HC_ERROR_USAGE);
}

/* A member that cannot be read on leaves nothing but the row that says so: the others are read. */
static bool record_member(struct job *job, const struct file *f, int64_t container, const char *name, const char *message, GError **error)
{
    g_autofree char *place = g_strdup_printf("%s!%s: ", f->disk, name);
    const char *why = g_str_has_prefix(message, place) ? message + strlen(place) : message;
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    struct hc_source_info info = {.container = container, .member = name, .status = "failed", .why = why};

    fill_info(job, f, &info, utc);
    info.zone = info.zone_basis = NULL;
    info.sha256 = "";
    info.size = 0;
    return hc_store_source(job->db, &info, error) > 0;
}

static bool read_apart(struct job *job, const struct file *f, struct hc_input *in, int64_t container, bool *read, GError **error)
{
    g_autofree char *name = f->whole ? g_strdup("") : own_name(f, hc_input_member(in));
    g_autoptr(GError) failed = NULL;

    *read = false;
    if (!container)
        return read_member(job, f, in, container, name, read, error);
    if (!hc_store_mark(job->store, error))
        return false;
    if (read_member(job, f, in, container, name, read, &failed))
        return hc_store_keep(job->store, error);
    if (!is_of_file(failed)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    *read = false;
    hc_input_leave(in);
    return hc_store_back(job->store, error) && record_member(job, f, container, name, failed->message, error);
}

static void progress(const struct job *job, const char *what, int64_t done)
{
    if (job->options->progress)
        job->options->progress(job->options->progress_data, what, done, job->total);
}

/* An hc_input_fn. */
static void watch(void *data, int64_t taken)
{
    const struct job *job = data;

    progress(job, job->name, job->done + taken);
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
    hc_input_watch(in, watch, job);
    f->beside = hc_beside_new(f->disk, f->members ? (const char *const *)f->members->pdata : NULL);
    if (f->members && (container = add_plain(job, f, "archive", NULL, error)) < 0)
        return false;
    while ((rc = hc_input_next(in, error)) == 1) {
        if (!read_apart(job, f, in, container, &read, error))
            return false;
        any = any || read;
        if (f->whole)
            break;
    }
    job->result->read += any;
    return (rc == 0 || f->whole) && hc_parts_record(job->db, f->name, f->parts, NULL, error);
}

/* Known already: nothing to do, but for the row that says so of a copy. */
static bool known(struct job *job, const struct file *f, bool *skip, GError **error)
{
    const struct hc_candidate file = {f->name,           f->sha256, f->parts, &f->said, job->options->zone, job->options->year,
                                      job->options->scope};
    g_autofree char *first = NULL, *why = NULL;
    enum hc_known known;

    if (!hc_known(job->db, &file, &known, &first, error))
        return false;
    *skip = known != HC_KNOWN_NOT;
    if (known != HC_KNOWN_COPY)
        return true;
    why = g_strdup_printf("same bytes as %s", first);
    job->result->copies++;
    return add_plain(job, f, "copy", why, error) > 0 && hc_parts_record(job->db, f->name, f->parts, NULL, error);
}

/* What was not read of a file is told each time, whether it was imported now or before. */
static bool tell_fate(struct job *job, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "fate");
    int rc;

    hc_bind_text(st, 1, hc_str(name));
    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *part = hc_str_dup(hc_col_text(st, 0)), *why = hc_str_dup(hc_col_text(st, 1));
        job->result->rejected += hc_col_int(st, 2);
        if (!why)
            continue;
        tell(job, part, why);
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

/* Whether it is known is asked by its hash: a large file that cannot be, by its path and size, is hashed while it is read. */
static bool hash_file(struct job *job, struct file *f, GError **error)
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
    f->hashing = hc_hashing_start(f->disk);
    return true;
}

static bool end_hashing(struct job *job, struct file *f, GError **error)
{
    struct hc_hashing *hashing = g_steal_pointer(&f->hashing);

    return !hashing || (hc_hashing_end(hashing, f->sha256, &f->size, error) &&
                        hc_exec(hc_db_query(job->db, "import", "hashed", "tti", f->name, f->sha256, f->size), error));
}

static bool import_known(struct job *job, struct file *f, GError **error)
{
    const char *zone = job->options->zone ? job->options->zone : f->said.zone;
    bool skip = false, ok;

    if (zone && !(f->zone = hc_zone_new(zone, error)))
        return false;
    if (f->link)
        return hc_fail(error, HC_ERROR_INPUT, "is a symbolic link; put the file itself here, links are not followed");
    f->parts = hc_parts_of(f->disk, f->name);
    if ((!*f->sha256 && !hash_file(job, f, error)) || (!f->hashing && !known(job, f, &skip, error)))
        return false;
    /* Conclusions drawn from less evidence do not outlive it. */
    ok = skip || (hc_store_stale(job->db, error) && list_members(f, error) && read_file(job, f, error) && end_hashing(job, f, error));
    return ok && tell_fate(job, f->name, error);
}

static bool forget(struct job *job, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(job->db, "import", "forget_failed");

    hc_bind_text(st, 1, hc_str(name));
    return hc_exec(st, error);
}

/* Messages of the input begin with where the file lies on this machine; that is nobody's business later. */
static char *without_place(const struct file *f, const char *why)
{
    size_t n = strlen(f->disk);

    if (!g_str_has_prefix(why, f->disk))
        return g_strdup(why);
    if (g_str_has_prefix(why + n, ": "))
        return g_strdup(why + n + 2);
    return why[n] == '!' ? g_strconcat("in ", why + n + 1, NULL) : g_strdup(why);
}

/* A file that cannot be read on leaves nothing but the row that says so. */
static bool record_failure(struct job *job, struct file *f, const char *message, GError **error)
{
    g_autofree char *why = without_place(f, message);

    job->result->failed++;
    tell(job, f->name, why);
    if (!hc_db_begin(job->db, error))
        return false;
    if (!forget(job, f->name, error)) {
        hc_db_rollback(job->db);
        return false;
    }
    if (add_plain(job, f, "failed", why, NULL) < 0 || !hc_parts_record(job->db, f->name, f->parts, why, NULL)) {
        hc_db_rollback(job->db); /* its row of an earlier import stays */
        return true;
    }
    return hc_db_commit(job->db, error);
}

/* `again`: names were found on the way that may stand in what was passed over before; nothing was kept. */
static bool import_once(struct job *job, struct file *f, bool last, bool *again, GError **error)
{
    size_t names = job->scope ? hc_scope_size(job->scope) : 0;
    g_autoptr(GError) failed = NULL;
    bool ok = hc_db_begin(job->db, error);

    if (!ok)
        return false;
    f->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ok = forget(job, f->name, &failed) && import_known(job, f, &failed);
    *again = ok && !last && job->scope && hc_scope_size(job->scope) > names;
    if (ok && !*again) {
        ok = hc_db_commit(job->db, error);
        hc_store_kept(job->store);
    } else {
        hc_db_rollback(job->db);
        hc_store_lost(job->store);
    }
    if (failed) {
        if (f->hashing) /* what is said of the file has its hash */
            hc_hashing_end(g_steal_pointer(&f->hashing), f->sha256, &f->size, NULL);
        ok = is_of_file(failed) && record_failure(job, f, failed->message, error);
        if (!is_of_file(failed))
            g_propagate_error(error, g_steal_pointer(&failed));
    }
    g_clear_pointer(&f->beside, hc_beside_free);
    g_clear_pointer(&f->members, g_ptr_array_unref);
    g_clear_pointer(&f->parts, g_ptr_array_unref);
    g_clear_pointer(&f->seen, g_hash_table_unref);
    g_clear_pointer(&f->zone, hc_zone_free);
    return ok;
}

/* What the names found last may have been missed for; `names`: with how many the file was read in the end. */
static void check_scope(struct job *job, const struct file *f, size_t names)
{
    const char *why = hc_scope_full(job->scope)                     ? "more names belong to the scope than can be followed"
                      : hc_scope_size(job->scope) > names           ? "names of the scope were still being found when it was read last"
                      : job->scoped && names > job->scoped          ? "names of the scope that it adds were not looked for in the files before it"
                                                                    : NULL;

    job->scoped = hc_scope_size(job->scope);
    if (!why)
        return;
    tell(job, f->name, why);
    job->result->unread++; /* records may have been passed over */
}

static bool import_one(struct job *job, struct file *f, GError **error)
{
    const struct hc_import_result before = *job->result;
    guint told = before.messages->len;
    size_t names = 0;
    bool again = true;

    for (int pass = 1; again; pass++) {
        names = job->scope ? hc_scope_size(job->scope) : 0;
        *job->result = before;
        g_ptr_array_set_size(before.messages, (int)told);
        if (!import_once(job, f, pass == HC_SCOPE_PASSES, &again, error))
            return false;
    }
    if (job->scope)
        check_scope(job, f, names);
    return true;
}

static bool start(struct job *job, GError **error)
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

static void end(struct job *job)
{
    hc_store_free(job->store);
    hc_scope_free(job->scope);
    g_clear_pointer(&job->profiles, g_ptr_array_unref);
}

/* With what the user is told meanwhile. */
static bool import_told(struct job *job, struct file *f, GError **error)
{
    bool ok;

    job->name = f->name;
    progress(job, f->name, job->done);
    ok = import_one(job, f, error);
    job->done += f->size;
    return ok;
}

/* The indexes, which take as long as many a file. */
static bool finish(struct job *job, GError **error)
{
    progress(job, "indexes", job->done);
    return hc_store_index(job->store, error);
}

bool hc_import_case(hc_db *db, const struct hc_case *c, const struct hc_import_options *options,
                    struct hc_import_result *result, GError **error)
{
    struct job job = {.db = db, .c = c, .options = options, .result = result};
    g_autoptr(GPtrArray) files = hc_case_files(c, error);
    bool ok = start(&job, files ? error : NULL) && files;
    g_autoptr(GHashTable) parts = ok ? hc_parts_among(c, files) : NULL;

    for (guint i = 0; ok && i < files->len; i++) {
        g_autofree char *disk = hc_case_path(c, files->pdata[i]);
        job.total += size_of(disk);
    }
    for (guint i = 0; ok && i < files->len; i++) {
        if (g_hash_table_contains(parts, files->pdata[i]))
            continue; /* read with the file that it is part of */
        g_autofree char *disk = hc_case_path(c, files->pdata[i]);
        struct file f = {.disk = disk, .name = files->pdata[i], .said = hc_case_settings(c, files->pdata[i])};
        f.link = g_file_test(disk, G_FILE_TEST_IS_SYMLINK);
        ok = import_told(&job, &f, error);
    }
    ok = ok && finish(&job, error);
    end(&job);
    return ok;
}

bool hc_import_files(hc_db *db, const struct hc_case *c, const struct hc_import_options *options, char **files,
                     struct hc_import_result *result, GError **error)
{
    struct job job = {.db = db, .c = c, .options = options, .result = result};
    bool ok = start(&job, error);

    for (char **file = files; ok && *file; file++) {
        g_autofree char *disk = hc_place_given(*file);
        job.total += size_of(disk);
    }
    for (; ok && *files; files++) {
        g_autofree char *disk = hc_place_given(*files), *name = hc_place_name(c, disk);
        struct file f = {.disk = disk, .name = name, .said = hc_case_settings(c, name)};
        ok = import_told(&job, &f, error);
    }
    ok = ok && finish(&job, error);
    end(&job);
    return ok;
}

/* The settings that a source was imported with, in place of those of the case file. */
static void recall(struct job *job, hc_stmt *st, struct file *f, char *texts[3])
{
    g_autofree char *scope = hc_col_dup(st, 6);

    for (int i = 0; i < 3; i++)
        texts[i] = hc_col_dup(st, i); /* path, zone, label */
    g_clear_pointer(&job->scope, hc_scope_free);
    job->scope = scope ? hc_scope_parse(scope) : NULL;
    f->name = texts[0];
    f->said = (struct hc_case_source){.zone = texts[1], .label = texts[2], .year = (int)hc_col_int(st, 3),
                                      .clock = hc_col_int(st, 4), .has_taken = !hc_col_null(st, 5), .taken = hc_col_int(st, 5)};
}

bool hc_import_again(hc_db *from, hc_db *db, const struct hc_case *c, const struct hc_importer *const *importers,
                     const char *external, GError **error)
{
    struct hc_import_options options = {.importers = importers};
    struct hc_import_result result = {0};
    struct job job = {.db = db, .c = c, .options = &options, .result = &result, .from = from};
    hc_stmt *st = hc_db_stmt(from, "import", "again");
    bool ok = start(&job, error);
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct file f = {0};
        char *texts[3];
        g_autofree char *disk = NULL;
        recall(&job, st, &f, texts);
        f.disk = disk = hc_place_disk(c, f.name, external);
        ok = disk && import_one(&job, &f, error);
        for (int i = 0; i < 3; i++)
            g_free(texts[i]);
    }
    hc_stmt_reset(st);
    end(&job);
    hc_import_result_clear(&result);
    return ok && rc == 0;
}
