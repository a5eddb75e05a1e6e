/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/choice.h"

#include "src/evidence/detect.h"
#include "src/evidence/profile.h"
#include "src/evidence/stranger.h"

static struct hc_profile *by_name(struct hc_job *job, const char *name)
{
    for (guint i = 0; i < job->profiles->len; i++)
        if (strcmp(hc_profile_name(job->profiles->pdata[i]), name) == 0)
            return job->profiles->pdata[i];
    return NULL;
}

/* The one that the user asked for; of an archive it is asked for those members that it understands. */
static struct hc_profile *asked_profile(struct hc_job *job, const struct hc_file *f, const char *asked,
                                        const char *format, GError **error)
{
    struct hc_profile *found = by_name(job, asked);

    if (!found)
        hc_fail(error, HC_ERROR_CONFIG, "%s: there is no profile called '%s'", f->name, asked);
    if (!found || hc_profile_understands(found, format))
        return found;
    if (!f->members)
        hc_fail(error, HC_ERROR_CONFIG, "%s: the profile %s does not understand %s, which this is", f->name,
                asked, format);
    return NULL;
}

/*
 * The members of the archive that holds `member`, be it inside of another, by their own names: NULL-ended,
 * borrowed of the file's; NULL: it is no archive.
 */
static GPtrArray *members_beside(const struct hc_file *f, const char *member, size_t inside)
{
    GPtrArray *own = f->members ? g_ptr_array_new() : NULL;

    for (guint i = 0; own && i + 1 < f->members->len; i++)
        if (strncmp(f->members->pdata[i], member, inside) == 0)
            g_ptr_array_add(own, (char *)hc_input_own_name(f->members->pdata[i], inside));
    if (own)
        g_ptr_array_add(own, NULL);
    return own;
}

/* Asked for by name, or the one that recognises the file. NULL without an error: none does. */
static struct hc_profile *choose_profile(struct hc_job *job, const struct hc_file *f,
                                         const struct hc_importer *importer, const struct hc_peek *peek,
                                         size_t inside, GError **error)
{
    const char *asked = job->options->profile ? job->options->profile : f->said.profile;
    g_autoptr(GPtrArray) tables = asked || !importer->tables ? NULL : importer->tables(peek);
    g_autoptr(GPtrArray) members = members_beside(f, peek->name, inside);
    struct hc_shown shown = {importer->name, peek->head, members ? (const char *const *)members->pdata : NULL,
                             tables};
    struct hc_profile *found = NULL;

    if (asked)
        return asked_profile(job, f, asked, importer->name, error);
    for (guint i = 0; i < job->profiles->len; i++) {
        struct hc_profile *profile = job->profiles->pdata[i];
        if (!hc_profile_recognises(profile, &shown))
            continue;
        if (found) {
            hc_fail(error, HC_ERROR_INPUT, "fits the profiles %s and %s; say which in case.yaml",
                    hc_profile_name(found), hc_profile_name(profile));
            return NULL;
        }
        found = profile;
    }
    return found;
}

/* What an earlier import took the member for, and its profile. */
static bool recall_choice(struct hc_job *job, const struct hc_file *f, const char *member,
                          const struct hc_importer **importer, struct hc_profile **profile, GError **error)
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

/* By name, or the one that bids most; NULL when nothing takes it. */
static const struct hc_importer *choose_importer(const struct hc_job *job, const struct hc_peek *peek,
                                                 const char **why, GError **error)
{
    int score = 0;

    return job->options->format ? hc_importer_by_name(job->options->importers, job->options->format)
                                : hc_detect(job->options->importers, peek, &score, why, error);
}

bool hc_choose(struct hc_job *job, const struct hc_file *f, struct hc_input *in, struct hc_peek *peek,
               const struct hc_importer **importer, struct hc_source_info *info, GError **error)
{
    g_autoptr(GError) failed = NULL;

    *importer = NULL;
    if (job->from)
        return recall_choice(job, f, info->member, importer, &info->profile, error);
    *importer = choose_importer(job, peek, &info->why, &failed);
    if (*importer && !failed)
        info->profile = choose_profile(job, f, *importer, peek, info->settings.inside, &failed);
    if (*importer && !failed && !info->profile && (*importer)->tables && hc_peek_further(in, peek))
        info->profile = choose_profile(job, f, *importer, peek, info->settings.inside, &failed);
    if (!failed)
        return true;
    g_propagate_error(error, g_steal_pointer(&failed));
    return false;
}

/* A member that a profile knows for no records: the rule by which it is passed over, which is yours; NULL:
 * none does. */
static char *document_rule(const struct hc_job *job, const struct hc_file *f, const char *name, size_t inside)
{
    g_autoptr(GPtrArray) members = members_beside(f, name, inside);

    for (guint i = 0; f->members && i < job->profiles->len; i++) {
        const struct hc_profile *profile = job->profiles->pdata[i];
        const char *rule = hc_profile_document(profile, (const char *const *)members->pdata,
                                               hc_input_own_name(name, inside));
        if (rule)
            return g_strdup_printf("%s: %s", hc_profile_name(profile), rule);
    }
    return NULL;
}

bool hc_choose_member(struct hc_job *job, const struct hc_file *f, struct hc_input *in, struct hc_peek *peek,
                      enum hc_pgarchive archive, char **what, const struct hc_importer **importer,
                      struct hc_source_info *info, GError **error)
{
    *importer = NULL;
    if (info->container && hc_beside_was_used(f->beside, peek->name)) {
        info->status = "part";
        info->why = "read with another member";
        return true;
    }
    if (!*what && (*what = document_rule(job, f, peek->name, info->settings.inside))) {
        info->status = "ignored";
        info->why = *what;
        return true;
    }
    if (archive != HC_PGARCHIVE_REFUSED && !hc_choose(job, f, in, peek, importer, info, error))
        return false;
    info->format = *importer ? (*importer)->name : NULL;
    info->status = *importer ? "read" : "unread";
    info->why = *what ? *what : *importer ? info->why : hc_stranger(peek->head);
    return true;
}

const struct hc_importer *hc_choose_importer(struct hc_job *job, const struct hc_file *f,
                                             const struct hc_peek *peek, const char *name)
{
    const struct hc_importer *importer = NULL;
    struct hc_profile *profile;
    const char *why;

    if (!job->from)
        return choose_importer(job, peek, &why, NULL);
    return recall_choice(job, f, name, &importer, &profile, NULL) ? importer : NULL;
}
