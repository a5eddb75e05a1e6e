/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose mailbox is it? A row of the address table says so; where the account's rows are gone, the service's
 * own notices do: an act on an account is followed within seconds by mails to those it concerns. Never the
 * local part of the address.
 */
#include "src/correlate/disagree.h"
#include "src/correlate/names.h"
#include "src/correlate/transaction.h"

#include "src/base/text.h"

#define VOTES_NEEDED 2

/* "This notice, to this mailbox, followed this act on this account." */
struct ballot {
    int64_t mailbox, account, act, notice;
    guint no; /* in order of the notices */
};

/* "These notices, to this mailbox, followed acts on this account." */
struct vote {
    int64_t mailbox, account, last_act;
    int n;
    int64_t notices[CITES_MAX]; /* the first of them */
};

/* Rows of the address table. What an account has merely entered is nobody's. */
static bool from_row(struct world *w, int64_t mailbox, int64_t id, int64_t row, int shown, GError **error)
{
    int64_t account = canonical(w, id), born;
    struct identity i = {.entity = mailbox, .same = account, .reason = "address-row", .states = {row}};

    if (shown == 0)
        return add_unjoined(
            w, mailbox, account, "unverified-address",
            "the account has entered this address, and the service has not verified that it is its own", 0,
            row, error);
    i.because = shown == 2 ? "a row of the address table says so; the service has verified the address"
                           : "a row of the address table says so";
    i.has_since = (names_is_later(w->names, id) || g_hash_table_contains(w->restored, &id)) &&
                  names_birth(w->names, id, &born);
    if (i.has_since)
        i.since = i.until = born;
    return add_identity(w, &i, error);
}

static bool from_rows(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "address_rows", "i", (int64_t)HC_ENTITY_TYPE);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = from_row(w, hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), (int)hc_col_int(st, 3),
                      error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

int64_t account_of_mailbox(struct world *w, int64_t mailbox, int64_t when, char **because)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "accounts_of_mailbox", "ii", mailbox, when);
    int64_t account = 0;

    while (hc_step(st, NULL) == 1) {
        int64_t id = hc_col_int(st, 0);
        if (account || g_hash_table_contains(w->restored, &id))
            continue;
        account = id;
        if (because)
            *because = hc_col_dup(st, 1);
    }
    return account;
}

static const struct notice_rule *rule_for(const struct world *w, int64_t realm, struct hc_str subject,
                                          bool target)
{
    struct hc_str captures[HC_CAPTURES_MAX];

    for (guint i = 0; i < w->notices->len; i++) {
        const struct notice_rule *rule = w->notices->pdata[i];
        if (rule->realm == realm && (rule->to_target || !target) &&
            hc_pattern_match(rule->subject, subject, captures))
            return rule;
    }
    return NULL;
}

/* Is `mailbox` the only one without an account among those that got notices of this kind after `time`? */
static bool alone(struct world *w, int64_t mailbox, int64_t time, const struct notice_rule *rule,
                  GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "notices_after", "iiii", time, time + NOTICE_WITHIN,
                              (int64_t)HC_ACTION_MAIL_SENT, rule->realm);
    bool only = true;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct notice_rule *other = rule_for(w, rule->realm, hc_col_text(st, 2), false);
        int64_t to = hc_col_int(st, 1);
        if (other && other->of == rule->of && to != mailbox && !account_of_mailbox(w, to, time, NULL))
            only = false;
    }
    return rc == 0 && only;
}

/* The last act that a notice follows, when all that it can be about are acts on one account; that account. */
static int64_t act_behind(struct world *w, const struct notice_rule *rule, int64_t time, int64_t *target,
                          int64_t *when, GError **error)
{
    hc_stmt *st =
        hc_db_query(w->db, "correlate", "acts_before", "iii", (int64_t)rule->of, time - NOTICE_WITHIN, time);
    int64_t act = 0;
    bool one = true;

    while (hc_step(st, error) == 1) {
        int64_t on = hc_col_int(st, 3);
        one &= !act || on == *target;
        if (act)
            continue;
        act = hc_col_int(st, 0);
        *when = hc_col_int(st, 1);
        *target = on;
    }
    return one ? act : 0;
}

static int by_parties(const void *a, const void *b)
{
    const struct ballot *x = a, *y = b;

    if (x->mailbox != y->mailbox)
        return x->mailbox < y->mailbox ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return x->no < y->no ? -1 : x->no > y->no;
}

static void cast(GArray *ballots, int64_t mailbox, int64_t account, int64_t act, int64_t notice)
{
    struct ballot b = {mailbox, account, act, notice, ballots->len};

    g_array_append_val(ballots, b);
}

static bool cast_all(struct world *w, GArray *ballots, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "unexplained_notices", "iii", (int64_t)HC_ACTION_MAIL_SENT,
                              (int64_t)HC_ENTITY_ACCOUNT, (int64_t)HC_ENTITY_ACCOUNT_ID);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct notice_rule *rule = rule_for(w, hc_col_int(st, 4), hc_col_text(st, 3), true);
        int64_t mailbox = hc_col_int(st, 2), target = 0, when = 0;
        int64_t act = rule ? act_behind(w, rule, hc_col_int(st, 1), &target, &when, error) : 0;
        if (act && target && alone(w, mailbox, when, rule, error))
            cast(ballots, mailbox, target, act, hc_col_int(st, 0));
    }
    return rc == 0;
}

/* Several notices of one act that stand behind one another are one vote. Takes the ballots in order of their
 * parties. */
static void count(const GArray *ballots, GArray *votes, GHashTable *mailboxes_of)
{
    struct vote *v = NULL;

    for (guint i = 0; i < ballots->len; i++) {
        const struct ballot *b = &g_array_index(ballots, struct ballot, i);
        if (!v || v->mailbox != b->mailbox || v->account != b->account) {
            struct vote new = {.mailbox = b->mailbox, .account = b->account};
            gpointer n = g_hash_table_lookup(mailboxes_of, &b->account);
            g_array_append_val(votes, new);
            v = &g_array_index(votes, struct vote, votes->len - 1);
            g_hash_table_replace(mailboxes_of, g_memdup2(&b->account, sizeof b->account),
                                 GINT_TO_POINTER(GPOINTER_TO_INT(n) + 1));
        } else if (v->last_act == b->act) {
            continue;
        }
        if (v->n < CITES_MAX)
            v->notices[v->n] = b->notice;
        v->n++;
        v->last_act = b->act;
    }
}

/* One account for the mailbox and one mailbox for the account, or nothing is concluded. */
static bool unopposed(const GArray *votes, guint i, GHashTable *mailboxes_of)
{
    const struct vote *v = &g_array_index(votes, struct vote, i);

    return (!i || v[-1].mailbox != v->mailbox) && (i + 1 == votes->len || v[1].mailbox != v->mailbox) &&
           GPOINTER_TO_INT(g_hash_table_lookup(mailboxes_of, &v->account)) == 1;
}

static bool from_notices(struct world *w, GError **error)
{
    g_autoptr(GArray) ballots = g_array_new(FALSE, FALSE, sizeof(struct ballot));
    g_autoptr(GArray) votes = g_array_new(FALSE, TRUE, sizeof(struct vote));
    g_autoptr(GHashTable) mailboxes_of = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    bool ok = cast_all(w, ballots, error);

    g_array_sort(ballots, by_parties);
    count(ballots, votes, mailboxes_of);
    for (guint i = 0; ok && i < votes->len; i++) {
        const struct vote *v = &g_array_index(votes, struct vote, i);
        g_autofree char *account = name_of(w, v->account);
        g_autofree char *because = g_strdup_printf(
            "notices to it followed %d acts on %s within seconds, and no other account explains this address",
            v->n, account);
        struct identity joined = {.entity = v->mailbox,
                                  .same = v->account,
                                  .reason = "notices",
                                  .because = because,
                                  .strong = true};
        memcpy(joined.events, v->notices, sizeof joined.events);
        if (v->n >= VOTES_NEEDED && unopposed(votes, i, mailboxes_of))
            ok = add_identity(w, &joined, error);
    }
    return ok;
}

/* The account of this name in the realm of the notice, as it was then; 0: none is known. */
static int64_t account_named(struct world *w, int64_t realm, struct hc_str name, int64_t when)
{
    g_autofree char *key = hc_text_fold(name);
    struct hc_time time = {when, when, HC_PRECISION_US, 0};
    hc_stmt *st =
        hc_db_query(w->db, "correlate", "entity_by_key", "iitt", (int64_t)HC_ENTITY_ACCOUNT, realm, key, key);
    int64_t account = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return account ? canonical_at(w, account, &time, NULL) : 0;
}

static bool is_called(struct world *w, int64_t entity, struct hc_str name)
{
    g_autofree char *own = entity ? name_of(w, entity) : NULL, *key = own ? hc_text_fold(hc_str(own)) : NULL,
                    *said = hc_text_fold(name);

    return key && strcmp(key, said) == 0;
}

/* The only act of this kind on the project that the notice can be about; 0: there is none, or several. */
static int64_t act_named(struct world *w, const struct notice_rule *rule, int64_t time, struct hc_str project)
{
    hc_stmt *st =
        hc_db_query(w->db, "correlate", "acts_before", "iii", (int64_t)rule->of, time - NOTICE_WITHIN, time);
    int64_t act = 0;
    int n = 0;

    while (hc_step(st, NULL) == 1) {
        if (!is_called(w, hc_col_int(st, 4), project))
            continue;
        act = hc_col_int(st, 0);
        n++;
    }
    return n == 1 ? act : 0;
}

/* The notice says who it was: what rows that are masked do not, or what others deny. */
static bool hear_notice(struct world *w, int64_t notice, int64_t act, int64_t named, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "masked_act", "i", act);
    bool ok = hc_step(st, error) == 1;
    int64_t actor = ok ? hc_col_int(st, 0) : 0, event = ok ? hc_col_int(st, 1) : 0;
    bool masked = ok && hc_col_int(st, 2);
    g_autofree char *name = name_of(w, named), *other = actor ? name_of(w, actor) : NULL;
    struct disagreement d = {.about = "actor",
                             .act = act,
                             .event = event,
                             .other = notice,
                             .said = other,
                             .contradicts = name,
                             .because = "the mail is the service's notice of this act: no other act on the "
                                        "project came within seconds before it"};

    hc_stmt_reset(st);
    if (!ok || (actor && actor == named))
        return ok;
    if (actor)
        return add_disagreement(w, &d, error);
    return !masked ||
           unmask_act(w, act, named, "the journal no longer names it; the service's notice of it does",
                      notice, error);
}

/* Notices whose subject names the actor and the project. */
static bool actors_from_notices(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "subject_mails", "i", (int64_t)HC_ACTION_MAIL_SENT);
    struct hc_str captures[HC_CAPTURES_MAX];
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        for (guint i = 0; ok && i < w->notices->len; i++) {
            const struct notice_rule *rule = w->notices->pdata[i];
            int64_t time = hc_col_int(st, 1), act, named;
            if (rule->actor < 0 || rule->project < 0 || rule->realm != hc_col_int(st, 4) ||
                !hc_pattern_match(rule->subject, hc_col_text(st, 3), captures))
                continue;
            named = account_named(w, rule->realm, captures[rule->actor], time);
            act = named ? act_named(w, rule, time, captures[rule->project]) : 0;
            ok = !act || hear_notice(w, hc_col_int(st, 0), act, named, error);
        }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_mailboxes(struct world *w, GError **error)
{
    return from_rows(w, error) && from_notices(w, error) && join_replies(w, error) &&
           actors_from_notices(w, error) && hc_exec(hc_db_stmt(w->db, "correlate", "count_masked"), error);
}
