/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/reading.h"

#include "src/base/file.h"
#include "src/base/keyed.h"
#include "src/evidence/archived.h"
#include "src/evidence/choice.h"
#include "src/evidence/parts.h"
#include "src/evidence/pgarchive.h"
#include "src/evidence/profile.h"
#include "src/evidence/set.h"
#include "src/evidence/sqlitepages.h"
#include "src/evidence/widetext.h"

void hc_file_reset(struct hc_file *f)
{
    g_clear_pointer(&f->beside, hc_beside_free);
    g_clear_pointer(&f->members, g_ptr_array_unref);
    g_clear_pointer(&f->parts, g_ptr_array_unref);
    g_clear_pointer(&f->seen, g_hash_table_unref);
    g_clear_pointer(&f->zone, hc_zone_free);
}

void hc_file_free(struct hc_file *f)
{
    if (!f)
        return;
    hc_file_reset(f);
    g_free(f->stem);
    g_free(f->zone_said);
    g_free(f->label_said);
    g_free(f->columns_said);
    g_free(f->failed);
    g_free(f->disk);
    g_free(f->name);
    g_free(f);
}

static void free_sink(void *sink)
{
    hc_sink_free(sink);
}

struct hc_joint hc_joint_new(void)
{
    return (struct hc_joint){hc_set_new(), g_ptr_array_new_with_free_func(free_sink)};
}

bool hc_joint_end(struct hc_joint *joint, GError **error)
{
    if (!hc_set_end(joint->set, error))
        return false;
    for (guint i = 0; i < joint->sinks->len; i++)
        if (!hc_sink_account(joint->sinks->pdata[i], error))
            return false;
    return true;
}

void hc_joint_clear(struct hc_joint *joint)
{
    hc_set_free(joint->set);
    g_ptr_array_unref(joint->sinks);
}

void hc_job_tell(struct hc_job *job, const char *name, const char *text)
{
    g_ptr_array_add(job->result->messages, g_strdup_printf("%s: %s", name, text));
}

/* The names of members that are read with the current one of `in`, though they may come before it, as far as
 * `names` did. */
static void find_parts(struct hc_input *in, GHashTable *names, GPtrArray *parts)
{
    GPtrArray *found[] = {hc_pgarchive_members(in), hc_sqlite_members(in, names)};

    for (size_t i = 0; i < G_N_ELEMENTS(found); i++)
        if (found[i])
            g_ptr_array_extend_and_steal(parts, found[i]);
}

static void take_parts(struct hc_beside *beside, GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        if (hc_beside_has(beside, parts->pdata[i]))
            hc_beside_take(beside, parts->pdata[i]);
}

bool hc_file_list(struct hc_file *f, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(f->disk, error);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(hc_keyed_text, g_str_equal);
    g_autoptr(GError) failed = NULL; /* an archive may be damaged behind members that can be read */
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    int rc = 0;

    while (in && (rc = hc_input_next(in, &failed)) == 1 && hc_input_is_archive(in)) {
        f->whole = names->len == 0 && hc_pgarchive_is_tar(in);
        if (f->whole)
            break;
        g_ptr_array_add(names, g_strdup(hc_input_member(in)));
        g_hash_table_add(seen, names->pdata[names->len - 1]);
        find_parts(in, seen, parts);
        hc_input_leave(in);
    }
    if (!in || (rc < 0 && !names->len)) {
        if (failed)
            g_propagate_error(error, g_steal_pointer(&failed));
        g_ptr_array_unref(names);
        return false;
    }
    if (hc_input_is_archive(in) && !f->whole) {
        g_ptr_array_add(names, NULL);
        f->members = names;
    } else {
        g_ptr_array_unref(names);
    }
    f->beside = hc_beside_new(f->disk, f->members ? (const char *const *)f->members->pdata : NULL);
    take_parts(f->beside, parts);
    return true;
}

const char *hc_file_zone(const struct hc_job *job, const struct hc_file *f)
{
    return job->options->zone && !f->recalled ? job->options->zone : f->said.zone;
}

int hc_file_year(const struct hc_job *job, const struct hc_file *f)
{
    return job->options->year && !f->recalled ? job->options->year : f->said.year;
}

static void set_zone(struct hc_job *job, const struct hc_file *f, struct hc_source_info *info,
                     const struct hc_zone *utc)
{
    const struct hc_zone *service = info->profile ? hc_profile_zone(info->profile) : NULL;

    info->zone = hc_file_zone(job, f);
    info->zone_basis = info->zone ? "given" : service ? "profile" : "assumed";
    info->settings.zone = f->zone ? f->zone : service ? service : utc;
    info->settings.zone_given = f->zone || service;
}

static void fill_info(struct hc_job *job, const struct hc_file *f, struct hc_source_info *info,
                      const struct hc_zone *utc)
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
    info->settings.year = hc_file_year(job, f);
    info->settings.year_guess = f->year_guess;
    info->settings.window_from = job->c->window_from;
    info->settings.window_to = job->c->window_to;
    info->settings.mailboxes = (const char *const *)job->c->mailboxes;
    info->settings.beside = f->beside;
    info->settings.columns = f->said.columns;
    set_zone(job, f, info, utc);
}

/* An archive may hold several members of one name (a tar that was added to). */
static char *member_called(const struct hc_file *f, const char *member)
{
    char *name = g_strdup(member);

    for (int n = 2; f->members && !g_hash_table_add(f->seen, g_strdup(name)); n++) {
        g_free(name);
        name = g_strdup_printf("%s#%d", member, n);
    }
    return name;
}

char *hc_member_name(const struct hc_file *f, struct hc_input *in)
{
    return member_called(f, hc_input_member(in));
}

/* Is the current member a database archive? Then it is read as the text that it stands for, and `*what` says
 * what it is. */
static enum hc_pgarchive present(const struct hc_file *f, struct hc_input *in, int64_t container, char **what)
{
    return hc_pgarchive_present(in, container ? NULL : f->disk, what);
}

/* What the locators count in, where that is not the file: the text of a database archive, and how long it
 * was; what comes out of a .gz. */
static bool store_text(struct hc_job *job, int64_t id, const struct hc_input *in, GError **error)
{
    int64_t made = hc_input_made(in);
    const char *packed = hc_input_is_archive(in) ? NULL : hc_input_packed(in);

    return (made == 0 && !packed) ||
           hc_exec(hc_db_query(job->db, "import", "text", "int", id, made, packed), error);
}

static struct hc_peek peek_at(const struct hc_file *f, struct hc_input *in)
{
    struct hc_peek peek = {f->members ? hc_input_member(in) : f->name, hc_input_peek(in), false, f->beside,
                           f->said.columns};

    peek.whole = peek.head.n < HC_PEEK_SIZE;
    return peek;
}

/* What the input has to say of a member that was read to its end, or as far as it goes: that is no record,
 * and it is told of the source as well. */
static bool say_remark(struct hc_job *job, int64_t id, const struct hc_input *in, struct hc_sink *sink,
                       int64_t size, GError **error)
{
    struct hc_locator at = {.offset = size};
    const char *fault = hc_input_fault(in), *remark = hc_input_remark(in);

    if (fault && !hc_exec(hc_db_query(job->db, "import", "damage", "iti", id, fault, size), error))
        return false;
    if (fault)
        remark = fault;
    return !remark || hc_sink_remark(sink, &at, remark, error);
}

static int64_t place_in_file(void *wide, int64_t offset)
{
    return hc_widetext_place(wide, offset);
}

static bool run_importer(const struct hc_importer *importer, struct hc_input *in, struct hc_sink *sink,
                         struct hc_widetext *wide, GError **error)
{
    bool ok;

    hc_sink_places(sink, wide ? place_in_file : NULL, wide);
    ok = importer->run(in, sink, error);
    hc_sink_places(sink, NULL, NULL);
    return ok;
}

/* The records of the current member, by `importer` or, where that is NULL, none; then its sink belongs to
 * `joint`. */
static bool run(struct hc_job *job, struct hc_input *in, const struct hc_importer *importer,
                struct hc_source_info *info, int64_t id, struct hc_joint *joint, GError **error)
{
    char sha256[HC_SHA256_HEX];
    struct hc_sink *sink;
    int64_t size;

    info->settings.set = joint->set;
    sink = hc_sink_new(job->store, id, info, error);
    if (!sink)
        return false;
    g_ptr_array_add(joint->sinks, sink);
    if ((importer && !run_importer(importer, in, sink, info->wide, error)) ||
        !hc_input_finish(in, sha256, &size, error) ||
        (importer && !say_remark(job, id, in, sink, size, error)) ||
        !hc_sink_end(sink, *sha256 ? sha256 : NULL, size, error))
        return false;
    return store_text(job, id, in, error);
}

static bool run_alone(struct hc_job *job, struct hc_input *in, const struct hc_importer *importer,
                      struct hc_source_info *info, int64_t id, GError **error)
{
    struct hc_joint joint = hc_joint_new();
    bool ok;

    hc_set_last(joint.set);
    ok = run(job, in, importer, info, id, &joint, error) && hc_joint_end(&joint, error);

    hc_joint_clear(&joint);
    return ok;
}

/* The hash of a large file that is read as it lies there is found in passing; that of another by a thread
 * that reads it once more. */
static bool hash_in_passing(struct hc_file *f, const struct hc_input *in)
{
    if (!f->aside || f->hashing)
        return false;
    if (hc_input_is_plain(in))
        return true;
    f->hashing = hc_hashing_start(f->disk);
    return false;
}

bool hc_member_read(struct hc_job *job, struct hc_file *f, struct hc_input *in, int64_t container,
                    const char *name, struct hc_joint *joint, bool *read, GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    g_autofree char *what = NULL;
    struct hc_source_info info = {.container = container, .member = name, .tables = job->options->tables};
    enum hc_pgarchive archive = present(f, in, container, &what);
    struct hc_widetext *wide = archive == HC_PGARCHIVE_NONE ? hc_widetext_present(in) : NULL;
    struct hc_peek peek = peek_at(f, in);
    const struct hc_importer *importer;
    int64_t id;

    info.settings.inside = f->members ? hc_input_inside(in) : 0;
    if (!hc_choose_member(job, f, in, &peek, archive, &what, &importer, &info, error))
        return false;
    *read = importer != NULL;
    info.wide = wide;
    fill_info(job, f, &info, utc);
    info.settings.member = f->whole ? "" : hc_input_member(in);
    if (container)
        info.sha256 = "";
    else if (!hash_in_passing(f, in))
        hc_input_without_hash(in);
    id = hc_store_source(job->db, &info, error);
    if (id <= 0)
        return false;
    f->source = id;
    return joint ? run(job, in, importer, &info, id, joint, error)
                 : run_alone(job, in, importer, &info, id, error);
}

int64_t hc_file_add(struct hc_job *job, const struct hc_file *f, const char *status, const char *why,
                    GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    struct hc_source_info info = {.status = status, .why = why};

    fill_info(job, f, &info, utc);
    info.zone = info.zone_basis = NULL;
    return hc_store_source(job->db, &info, error);
}

/* Faults of the file itself are recorded; those of the case, a profile or the database end the import. */
bool hc_is_of_file(const GError *error)
{
    return !g_error_matches(error, HC_ERROR, HC_ERROR_DB) &&
           !g_error_matches(error, HC_ERROR, HC_ERROR_CONFIG) &&
           !g_error_matches(error, HC_ERROR, HC_ERROR_USAGE);
}

bool hc_member_failed(struct hc_job *job, const struct hc_file *f, int64_t container, const char *name,
                      const char *message, GError **error)
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

static bool read_apart(struct hc_job *job, struct hc_file *f, struct hc_input *in, int64_t container,
                       struct hc_joint *joint, bool *read, GError **error)
{
    g_autofree char *name = f->whole ? g_strdup("") : hc_member_name(f, in);
    g_autoptr(GError) failed = NULL;

    *read = false;
    if (!container)
        return hc_member_read(job, f, in, container, name, joint, read, error);
    if (!hc_store_mark(job->store, error))
        return false;
    if (hc_member_read(job, f, in, container, name, joint, read, &failed))
        return hc_store_keep(job->store, error);
    if (!hc_is_of_file(failed)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    *read = false;
    hc_input_leave(in);
    return hc_store_back(job->store, error) &&
           hc_member_failed(job, f, container, name, failed->message, error);
}

/* Where an archive cannot be read on: what comes from its member number `at` on, of which no name is known,
 * is a member that failed. */
static bool rest_failed(struct hc_job *job, const struct hc_file *f, const struct hc_input *in,
                        int64_t container, size_t at, const GError *failed, GError **error)
{
    g_autofree char *plain = g_strdup_printf("member-%zu", at + 1), *name = member_called(f, plain);

    return hc_member_failed(job, f, container, name, hc_input_reason(in, failed), error);
}

void hc_job_progress(const struct hc_job *job, const char *what, int64_t done)
{
    if (job->options->progress)
        job->options->progress(job->options->progress_data, what, done, job->total);
}

/* An hc_input_fn. */
static void watch(void *data, int64_t taken)
{
    const struct hc_job *job = data;

    hc_job_progress(job, job->name, job->done + taken);
}

bool hc_file_read(struct hc_job *job, struct hc_file *f, struct hc_joint *joint, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(f->disk, error);
    g_autofree char *folder = hc_db_folder(job->db);
    int64_t container = 0;
    g_autoptr(GError) failed = NULL;
    bool read = false, any = false, ok = true;
    GPtrArray *logs;
    size_t at = 0;
    int rc = 0;

    if (!in)
        return false;
    if (f->members && f->said.columns)
        return hc_fail(error, HC_ERROR_INPUT,
                       "table and columns are said of it, and it is an archive: unpack what they belong to");
    hc_input_partly(in);
    hc_input_temp(in, folder);
    hc_beside_temp(f->beside, folder);
    hc_input_watch(in, watch, job);
    f->seen = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    if (f->members && (container = hc_file_add(job, f, "archive", NULL, error)) < 0)
        return false;
    logs = f->members ? hc_archived_logs(job, f, in) : NULL;
    for (; ok && !(f->whole && at) && (rc = hc_input_next(in, &failed)) == 1; at++) {
        struct hc_archived_log *log = logs ? hc_archived_log_of(logs, at) : NULL;
        ok = log ? hc_archived_read(job, f, in, container, log, &read, error)
                 : read_apart(job, f, in, container, joint, &read, error);
        any = any || read;
    }
    g_clear_pointer(&logs, g_ptr_array_unref);
    job->result->read += any;
    if (failed && container && hc_is_of_file(failed)) {
        ok = rest_failed(job, f, in, container, at, failed, error);
    } else if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        ok = false;
    }
    return ok && hc_parts_record(job->db, f->name, f->parts, NULL, error);
}

bool hc_file_recall(struct hc_job *job, struct hc_file *f, struct hc_joint *joint, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(f->disk, error);
    g_autoptr(hc_zone_t) utc = in ? hc_zone_new("UTC", error) : NULL;
    struct hc_source_info info = {.member = ""};
    const struct hc_importer *importer;
    struct hc_sink *sink;

    if (!utc)
        return false;
    hc_input_partly(in);
    if (hc_input_next(in, error) != 1)
        return false;
    struct hc_peek peek = peek_at(f, in);
    if (!hc_choose(job, f, in, &peek, &importer, &info, error))
        return false;
    fill_info(job, f, &info, utc);
    info.settings.set = joint->set;
    sink = hc_sink_mute(f->source, &info);
    g_ptr_array_add(joint->sinks, sink);
    return !importer || importer->run(in, sink, error);
}

bool hc_member_begins(struct hc_job *job, const struct hc_file *f, struct hc_input *in,
                      struct hc_beginning *begins)
{
    struct hc_peek peek = peek_at(f, in);
    const struct hc_importer *importer =
        hc_choose_importer(job, f, &peek, f->members ? hc_input_member(in) : "");

    if (!importer || !importer->begins)
        return false;
    importer->begins(&peek, begins);
    return true;
}

bool hc_file_begins(struct hc_job *job, struct hc_file *f)
{
    g_autoptr(hc_input_t) in = f->link ? NULL : hc_input_open(f->disk, NULL);

    if (!in || hc_input_next(in, NULL) != 1 || hc_input_is_archive(in))
        return false;
    hc_input_without_hash(in); /* it is hashed when it is read */
    return hc_member_begins(job, f, in, &f->begins);
}
