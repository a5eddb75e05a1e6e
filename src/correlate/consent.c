/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hand-over that was announced: before the first act of a takeover a mail came from an address of the
 * account that lost its place, which names the other and a project. Anybody can write an address into a mail,
 * so that it takes no finding away: it lowers it, and is told with it.
 */
#include "src/base/authresults.h"
#include "src/correlate/conclude.h"

#define VERIFIED "announces the hand-over; verified"
#define UNVERIFIED "announces the hand-over; not verified"
#define QUEUE_WITHIN (86400 * HC_US_PER_S)        /* a queue id is of one message */
#define CONSENT_WITHIN (30 * 86400 * HC_US_PER_S) /* so long before the first act */

/* A takeover that rules have found. */
struct claimed {
    int64_t finding, actor, target, first;
    char *level, *other; /* what the one who is accused is called */
    GPtrArray *projects; /* char * */
};

/* A mail that says so. */
struct announced {
    int64_t event;
    char *verified; /* how; NULL: it is not */
};

static void claimed_free(void *data)
{
    struct claimed *c = data;

    g_free(c->level);
    g_free(c->other);
    g_ptr_array_unref(c->projects);
    g_free(c);
}

static bool read_projects(struct world *w, struct claimed *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "consent", "projects", "iii", c->finding, (int64_t)HC_ENTITY_PROJECT,
                              (int64_t)HC_ENTITY_PROJECT_ID);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        g_ptr_array_add(c->projects, hc_col_dup(st, 0));
    return rc == 0;
}

static bool read_takeovers(struct world *w, GPtrArray *all, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "consent", "takeovers");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct claimed *c = g_new0(struct claimed, 1);
        c->finding = hc_col_int(st, 0);
        c->level = hc_col_dup(st, 1);
        c->actor = canonical(w, hc_col_int(st, 2));
        c->target = canonical(w, hc_col_int(st, 3));
        c->first = hc_col_int(st, 4);
        c->other = name_of(w, c->actor);
        c->projects = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(all, c);
        ok = read_projects(w, c, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* It names the other and a project. */
static bool announces(const struct claimed *c, struct hc_str words)
{
    if (!has_word(words, c->other))
        return false;
    for (guint i = 0; i < c->projects->len; i++)
        if (has_word(words, c->projects->pdata[i]))
            return true;
    return false;
}

/* Our own host has checked the signature of the domain that the mail says it is from. */
static char *by_signature(struct world *w, int64_t mail, const char *mailbox)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "attribute", "it", mail, "authentication-results");
    g_autofree char *text = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    const char *at = strrchr(mailbox, '@');

    hc_stmt_reset(st);
    for (char **line = lines; at && *line; line++)
        if (hc_authresults_pass(hc_str(*line), (const char *const *)w->c->authenticators, at + 1))
            return g_strdup_printf("our own mail host has checked that it is from %s", at + 1);
    return NULL;
}

/*
 * A mail log of ours has whoever has this mailbox signed in to hand the mail in. Who knows a Message-ID can
 * use it again, as queue ids are after a while.
 */
static char *by_log(struct world *w, int64_t mail, int64_t mailbox, const char *name)
{
    hc_stmt *st = hc_db_query(w->db, "consent", "signed_in", "iiii", mail, mailbox,
                              (int64_t)HC_ACTION_LOGIN_SUCCESS, QUEUE_WITHIN);
    bool any = hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any ? g_strdup_printf("by the mail log %s was signed in to send it", name) : NULL;
}

/* The first that is verified, else the first. */
static bool look_at_mails(struct world *w, const struct claimed *c, int64_t mailbox, struct announced *found,
                          GError **error)
{
    g_autofree char *name = name_of(w, mailbox);
    hc_stmt *st = hc_db_query(w->db, "consent", "mails_from", "iiii", mailbox, c->first - CONSENT_WITHIN,
                              c->first, (int64_t)HC_ACTION_MAIL_RECEIVED);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t event = hc_col_int(st, 0), time = hc_col_int(st, 2), until = hc_col_int(st, 3);
        g_autofree char *verified = NULL;
        correct_time(w, hc_col_int(st, 4), &time, &until);
        if (until >= c->first || found->verified || !announces(c, hc_col_text(st, 1)))
            continue;
        if (!(verified = by_signature(w, event, name)))
            verified = by_log(w, event, mailbox, name);
        if (verified || !found->event)
            found->event = event;
        found->verified = g_steal_pointer(&verified);
    }
    return rc == 0;
}

static const char *lowered(const char *level, bool verified)
{
    return strcmp(level, "error") == 0 || !verified ? "warning" : "note";
}

static bool tell(struct world *w, const struct claimed *c, const struct announced *a, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "consent", "place", "i", a->event);
    g_autofree char *path = NULL, *said = NULL;
    int64_t source, line, offset, length;

    if (hc_step(st, error) != 1)
        return false;
    path = hc_col_dup(st, 0);
    source = hc_col_int(st, 1);
    line = hc_col_int(st, 2);
    offset = hc_col_int(st, 3);
    length = hc_col_int(st, 4);
    hc_stmt_reset(st);
    said = g_strdup_printf("consent claimed by the mail %s:%" G_GINT64_FORMAT ", %s%s", path, line,
                           a->verified ? "verified: " : "not verified", a->verified ? a->verified : "");
    return hc_exec(hc_db_query(w->db, "consent", "lower", "itt", c->finding,
                               lowered(c->level, a->verified != NULL), said),
                   error) &&
           hc_exec(hc_db_query(w->db, "correlate", "add_finding_place", "iitiiii", c->finding, INT64_C(1),
                               a->verified ? VERIFIED : UNVERIFIED, source, line, offset, length),
                   error);
}

static bool look_for_consent(struct world *w, const struct claimed *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "mailboxes_of_account", "i", c->target);
    g_autoptr(GArray) mailboxes = g_array_new(FALSE, FALSE, sizeof(int64_t));
    struct announced found = {0};
    bool ok = true;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t mailbox = hc_col_int(st, 0);
        g_array_append_val(mailboxes, mailbox);
    }
    for (guint i = 0; ok && i < mailboxes->len; i++) {
        int64_t mailbox = g_array_index(mailboxes, int64_t, i);
        if (account_of_mailbox(w, mailbox, c->first, NULL) == c->target)
            ok = look_at_mails(w, c, mailbox, &found, error);
    }
    ok = ok && rc == 0 && (!found.event || tell(w, c, &found, error));
    g_free(found.verified);
    return ok;
}

bool pass_consent(struct world *w, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(claimed_free);
    bool ok = read_takeovers(w, all, error);

    for (guint i = 0; ok && i < all->len; i++)
        ok = look_for_consent(w, all->pdata[i], error);
    return ok;
}

bool conclude_consent(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "consent", "announced", "itt", c->incident, VERIFIED, UNVERIFIED);
    g_auto(facts_t) f = {0};
    struct place at;
    int rc = hc_step(st, error);

    if (rc != 1)
        return rc == 0;
    g_autofree char *mailbox = hc_col_dup(st, 6);
    at = (struct place){hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3)};
    fact_text(&f, "mailbox", mailbox);
    fact_int(&f, "at", hc_col_int(st, 5));
    fact_text(&f, "verified", hc_col_int(st, 4) ? "yes" : "no");
    hc_stmt_reset(st);
    return hc_exec(hc_db_query(w->db, "correlate", "add_gap", "itnnt", c->incident, "consent", INT64_C(0),
                               INT64_C(0), facts_text(&f)),
                   error) &&
           add_cite(w, c, "gap", "consent", "mail", at, "the mail, by its sender’s address", error);
}
