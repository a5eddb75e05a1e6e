/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/archived.h"

#include "src/base/keyed.h"

#include "src/evidence/set.h"

struct member {
    size_t at; /* among the archive's members */
    char *stem;
    int64_t age;
    struct hc_beginning begins;
    char *name;   /* as a source, once it is read */
    char *failed; /* why it cannot be read */
};

struct hc_archived_log {
    GPtrArray *members; /* struct member, oldest first */
    bool read;
};

static void member_free(void *data)
{
    struct member *m = data;

    g_free(m->stem);
    g_free(m->name);
    g_free(m->failed);
    g_free(m);
}

static void log_free(void *data)
{
    struct hc_archived_log *log = data;

    g_ptr_array_unref(log->members);
    g_free(log);
}

/* Members whose name is a rotation of another's: their numbers, and what their names say. */
static GPtrArray *candidates(const struct hc_file *f)
{
    g_autoptr(GHashTable) stems = g_hash_table_new(hc_keyed_text, g_str_equal);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(member_free);
    GPtrArray *found = g_ptr_array_new_with_free_func(member_free);

    for (guint i = 0; i + 1 < f->members->len; i++) {
        struct hc_rotation r = hc_rotation_of(f->members->pdata[i]);
        struct member *m = g_new0(struct member, 1);
        *m = (struct member){.at = i, .stem = r.stem, .age = r.age};
        g_hash_table_insert(stems, m->stem,
                            GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(stems, m->stem)) + 1));
        g_ptr_array_add(all, m);
    }
    for (guint i = 0; i < all->len; i++) {
        struct member *m = all->pdata[i];
        if (GPOINTER_TO_INT(g_hash_table_lookup(stems, m->stem)) < 2)
            continue;
        g_ptr_array_add(found, m);
        all->pdata[i] = g_new0(struct member, 1);
    }
    return found;
}

static bool has_place(const struct hc_archived_log *log, const struct member *m)
{
    for (guint i = 0; i < log->members->len; i++)
        if (((const struct member *)log->members->pdata[i])->age == m->age)
            return true;
    return false;
}

/* Takes the member, unless another has its place already: that one is read by itself. */
static void add_member(GPtrArray *logs, GHashTable *by_stem, struct member *m)
{
    struct hc_archived_log *log = g_hash_table_lookup(by_stem, m->stem);

    if (log && has_place(log, m)) {
        member_free(m);
        return;
    }
    if (!log) {
        log = g_new0(struct hc_archived_log, 1);
        log->members = g_ptr_array_new_with_free_func(member_free);
        g_hash_table_insert(by_stem, m->stem, log);
        g_ptr_array_add(logs, log);
    }
    g_ptr_array_add(log->members, m);
}

static int by_age(const void *a, const void *b)
{
    const struct member *x = *(struct member *const *)a, *y = *(struct member *const *)b;

    return x->age != y->age ? (x->age > y->age ? -1 : 1) : x->at < y->at ? -1 : 1;
}

/* By their names, or by the times in them where those say otherwise. */
static void order_log(struct hc_job *job, const struct hc_file *f, struct hc_archived_log *log)
{
    const size_t n = log->members->len;
    g_autofree struct hc_beginning *begins = g_new(struct hc_beginning, n);
    g_autofree size_t *order = g_new(size_t, n);
    g_autofree void **members = NULL;

    g_ptr_array_sort(log->members, by_age);
    for (size_t i = 0; i < n; i++)
        begins[i] = ((struct member *)log->members->pdata[i])->begins;
    if (hc_rotation_check(begins, n, order))
        return;
    members = g_memdup2(log->members->pdata, n * sizeof(void *));
    for (size_t i = 0; i < n; i++)
        log->members->pdata[i] = members[order[i]];
    hc_job_tell(
        job, f->name,
        "the times in rotated files of it contradict the order of their names: read in that of the times");
}

GPtrArray *hc_archived_logs(struct hc_job *job, const struct hc_file *f, const struct hc_input *in)
{
    g_autoptr(GPtrArray) found = candidates(f);
    g_autoptr(GHashTable) by_stem = g_hash_table_new(hc_keyed_text, g_str_equal);
    g_autoptr(hc_input_t) again = found->len ? hc_input_again(in, HC_READ_ANY, NULL) : NULL;
    GPtrArray *logs = g_ptr_array_new_with_free_func(log_free);
    guint k = 0;

    for (size_t at = 0; again && k < found->len && hc_input_next(again, NULL) == 1; at++) {
        struct member *m = found->pdata[k];
        if (m->at == at) {
            found->pdata[k++] = g_new0(struct member, 1);
            if (hc_member_begins(job, f, again, &m->begins))
                add_member(logs, by_stem, m);
            else
                member_free(m);
        }
        hc_input_leave(again);
    }
    for (guint i = 0; i < logs->len; i++) {
        struct hc_archived_log *log = logs->pdata[i];
        if (log->members->len <= HC_ARCHIVED_FILES_MAX) {
            order_log(job, f, log);
            continue;
        }
        g_ptr_array_set_size(log->members, 0);
        hc_job_tell(job, f->name,
                    "a log in it was rotated too often: its files are read one by one, messages that go on "
                    "in the next are not joined");
    }
    return logs;
}

struct hc_archived_log *hc_archived_log_of(const GPtrArray *logs, size_t at)
{
    for (guint i = 0; i < logs->len; i++) {
        struct hc_archived_log *log = logs->pdata[i];
        for (guint k = 0; log->members->len > 1 && k < log->members->len; k++)
            if (((struct member *)log->members->pdata[k])->at == at)
                return log;
    }
    return NULL;
}

/* The input before its member number `at`, which is current. */
static struct hc_input *member_at(const struct hc_input *in, size_t at, GError **error)
{
    struct hc_input *again = hc_input_again(in, HC_READ_ANY, error);
    int rc;

    if (!again)
        return NULL;
    hc_input_partly(again);
    rc = hc_input_next(again, error);
    for (; rc == 1 && at > 0; at--) {
        hc_input_leave(again);
        rc = hc_input_next(again, error);
    }
    if (rc == 1)
        return again;
    if (rc == 0)
        hc_fail(error, HC_ERROR_INPUT, "%s: a member is gone", hc_input_member(again));
    hc_input_close(again);
    return NULL;
}

/* One of the log's files; `*last`: the number of the source before it. */
static bool read_one(struct hc_job *job, struct hc_file *f, const struct hc_input *in, int64_t container,
                     struct member *m, struct hc_joint *joint, int64_t ends[2], bool *any, GError **error)
{
    g_autoptr(hc_input_t) at = member_at(in, m->at, error);
    bool read;

    if (!at)
        return false;
    if (!m->name)
        m->name = hc_member_name(f, at);
    if (!hc_member_read(job, f, at, container, m->name, joint, &read, error))
        return false;
    *any = *any || read;
    ends[0] = ends[0] ? ends[0] : f->source;
    if (!hc_exec(hc_db_query(job->db, "import", "rotated", "iin", f->source, ends[0], ends[1]), error))
        return false;
    ends[1] = f->source;
    return true;
}

/* All files that can be read; `*now`: the one that is. */
static bool read_log(struct hc_job *job, struct hc_file *f, const struct hc_input *in, int64_t container,
                     struct hc_archived_log *log, struct member **now, bool *any, GError **error)
{
    struct hc_joint joint = hc_joint_new();
    int64_t ends[2] = {0, 0}; /* first and last source so far */
    const struct member *final = NULL;
    bool ok = true;

    for (guint i = 1; i < log->members->len; i++)
        if (((const struct member *)log->members->pdata[i - 1])->age <
            ((const struct member *)log->members->pdata[i])->age)
            hc_set_doubt(joint.set);

    for (guint i = 0; i < log->members->len; i++)
        final = ((struct member *)log->members->pdata[i])->failed ? final : log->members->pdata[i];
    for (guint i = 0; ok && i < log->members->len; i++) {
        *now = log->members->pdata[i];
        if (*now == final)
            hc_set_last(joint.set);
        ok = (*now)->failed ? hc_member_failed(job, f, container, (*now)->name, (*now)->failed, error)
                            : read_one(job, f, in, container, *now, &joint, ends, any, error);
    }
    ok = ok && hc_joint_end(&joint, error);
    hc_joint_clear(&joint);
    return ok;
}

bool hc_archived_read(struct hc_job *job, struct hc_file *f, struct hc_input *in, int64_t container,
                      struct hc_archived_log *log, bool *read, GError **error)
{
    *read = false;
    while (!log->read) {
        g_autoptr(GError) failed = NULL;
        struct member *now = NULL;
        if (!hc_store_mark(job->store, error))
            return false;
        *read = false;
        log->read = read_log(job, f, in, container, log, &now, read, &failed);
        if (log->read ? !hc_store_keep(job->store, error) : !hc_store_back(job->store, error))
            return false;
        if (log->read)
            break;
        if (!hc_is_of_file(failed) || now->failed || !now->name) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return false;
        }
        now->failed = g_strdup(failed->message);
    }
    hc_input_leave(in);
    return true;
}
