/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts deleted, restored, frozen, gone or new: what services do not write down with a time. */
#include "src/correlate/names.h"
#include "src/correlate/world.h"

#define PROOF_BACK                                                                                           \
    (INT64_C(400) * 24 * 3600 * HC_US_PER_S) /* how far before a notice a proof of absence may lie */

/* An event found by a query that gives (id, time); false when there is none. */
static bool found(hc_stmt *st, int64_t *event, int64_t *time)
{
    bool any = hc_step(st, NULL) == 1;

    if (any) {
        *event = hc_col_int(st, 0);
        *time = hc_col_int(st, 1);
    }
    hc_stmt_reset(st);
    return any;
}

static bool last_own_act(struct world *w, int64_t account, int64_t before, int64_t *event, int64_t *time)
{
    return found(
        hc_db_query(w->db, "correlate", "last_own_act", "iii", account, (int64_t)HC_OUTCOME_FAILURE, before),
        event, time);
}

/*
 * The first mail to which it was found, when the word of its delivery came, that nobody has the address: it
 * may have been sent before. False: there is none. `*mail`: that mail.
 */
static bool absence(struct world *w, int64_t mailbox, int64_t from, int64_t *event, int64_t *time,
                    int64_t *mail)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "first_proof_of_absence", "iii", mailbox,
                              (int64_t)HC_ACTION_MAIL_SENT, from);
    bool any = hc_step(st, NULL) == 1;

    if (any) {
        *event = hc_col_int(st, 0);
        *time = hc_col_int(st, 1);
        *mail = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    return any;
}

/* Not after the mail about it, nor after what found no such address before that mail. `*absent`: that, or
 * 0. */
static void deleted_until(struct world *w, struct act *act, int64_t notice, int64_t when, int64_t mailbox,
                          int64_t *absent)
{
    int64_t event = 0, at = 0, mail = 0;
    bool any = absence(w, mailbox, act->has_time ? act->time : when - PROOF_BACK, &event, &at, &mail);

    if (any && at < when) {
        act->until = at;
        *absent = event;
        act_why(act, "not after: word of a delivery came when nobody had the address any more");
        return;
    }
    act_why(act, "not after: the mail about it%s",
            any && mail == notice ? ", the first to find no such address" : "");
}

/* Rule d: not before the last delivery that still found the address, not after the first that no longer
 * did. */
static bool deletion(struct world *w, int64_t notice, int64_t when, int64_t mailbox, bool by_target,
                     GError **error)
{
    g_auto(act_t) act = {0};
    g_autofree char *because = NULL, *address = name_of(w, mailbox);
    int64_t account = account_of_mailbox(w, mailbox, when, &because), proof = 0, absent = 0, id;

    if (!act_from_event(w, &act, notice, error))
        return false;
    act.action = HC_ACTION_ACCOUNT_DELETE;
    act.actor = account && by_target ? account : 0;
    act.target = account ? account : mailbox;
    act.address = act.message = 0;
    act.basis |= HC_BASIS_INFERRED;
    act.has_time = found(hc_db_query(w->db, "correlate", "last_proof_of_address", "iii", mailbox,
                                     (int64_t)HC_ACTION_MAIL_DELIVERED, when),
                         &proof, &act.time);
    if (act.has_time)
        act_why(&act, "not before: a delivery to %s was recorded while the address was still in the database",
                address);
    else if (account && (act.has_time = last_own_act(w, account, when, &proof, &act.time)))
        act_why(&act, "not before: the account's last own act");
    deleted_until(w, &act, notice, when, mailbox, &absent);
    if (because)
        act_why(&act, "account: %s is its address; %s", address, because);
    if (act.actor)
        act_why(&act, "actor: the service sends this notice only when an account deletes itself");
    id = act_insert(w, &act, error);
    return id && attest_event(w, id, notice, "notice", error) &&
           (!proof || attest_event(w, id, proof, "bound", error)) &&
           (!absent || attest_event(w, id, absent, "bound", error));
}

static bool deletions(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "subject_mails", "i", (int64_t)HC_ACTION_MAIL_SENT);
    struct hc_str captures[HC_CAPTURES_MAX];
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        for (guint i = 0; ok && i < w->notices->len; i++) {
            const struct notice_rule *rule = w->notices->pdata[i];
            if (rule->of == HC_ACTION_ACCOUNT_DELETE && rule->realm == hc_col_int(st, 4) &&
                hc_pattern_match(rule->subject, hc_col_text(st, 3), captures))
                ok = deletion(w, hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), rule->by_target,
                              error);
        }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool attest_states(struct world *w, int64_t act, int64_t state, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "state_rows", "i", state);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = attest_state(w, act, hc_col_int(st, 0), error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* The only account that acted in the microsecond, 0 when there is none or more than one. */
static int64_t actor_at(struct world *w, int64_t time, int64_t but, int64_t nor)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "actors_at", "iii", time, but, nor);
    int64_t actor = 0;
    int n = 0;

    for (; hc_step(st, NULL) == 1; n++)
        actor = hc_col_int(st, 0);
    return n == 1 ? actor : 0;
}

/* Rule f, once it is known whether an account of that name was deleted before. */
static bool restored(struct world *w, int64_t id, int64_t name, bool *is, GError **error)
{
    g_auto(act_t) act = {.action = HC_ACTION_ACCOUNT_RESTORE,
                         .precision = HC_PRECISION_US,
                         .has_time = true,
                         .has_until = true,
                         .basis = HC_BASIS_SOURCE_ZONE};
    g_autofree char *text = name_of(w, name);
    int64_t deleted = 0, before = 0, no;
    bool known = names_is_later(w->names, id);

    *is =
        found(hc_db_query(w->db, "correlate", "birth", "i", id), &act.state, &act.time) &&
        (known ||
         (found(hc_db_query(w->db, "correlate", "deletion_of", "ii", (int64_t)HC_ACTION_ACCOUNT_DELETE, name),
                &deleted, &before) &&
          before <= act.time));
    if (!*is)
        return true;
    if (!known)
        names_later(w->names, name, id, act.time);
    act.until = act.time;
    act.target = id;
    act.actor = actor_at(w, act.time, name, id);
    act_why(&act,
            "restored: this account row was born in the same microsecond as journal rows of somebody else, "
            "under the name of "
            "the deleted account %s, and no record says that it was registered; it is another account, "
            "linked 'restored as'",
            text);
    if (act.actor)
        act_why(&act, "actor: the one account whose journal rows carry the same microsecond");
    no = act_insert(w, &act, error);
    return no && attest_states(w, no, act.state, error) &&
           add_link(w, "restored-as", name, id,
                    "same name, born in a transaction of somebody else after the deletion", error) &&
           hc_exec(hc_db_query(w->db, "correlate", "retarget", "iii", name, id, act.time), error);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = **(int64_t *const *)a, y = **(int64_t *const *)b;

    return x < y ? -1 : x > y;
}

static bool restorations(struct world *w, GError **error)
{
    guint n = 0;
    g_autofree void **ids = g_hash_table_get_keys_as_array(w->restored, &n);

    qsort(ids, n, sizeof(*ids), by_number);
    for (guint i = 0; i < n; i++) { /* the table keeps those that are */
        int64_t id = *(int64_t *)ids[i], name = *(int64_t *)g_hash_table_lookup(w->restored, &id);
        bool is;
        struct identity joined;
        if (!restored(w, id, name, &is, error))
            return false;
        if (is)
            continue;
        set_canonical(w, id, name);
        joined = (struct identity){.entity = id,
                                   .same = name,
                                   .reason = "row",
                                   .because = "a row of its table says so",
                                   .states = {names_row(w->names, id, 0)}};
        g_hash_table_remove(w->restored, &id);
        if (!hc_exec(hc_db_query(w->db, "correlate", "move_identity", "ii", id, name), error) ||
            !hc_exec(hc_db_query(w->db, "correlate", "move_cites", "ii", id, name), error) ||
            !add_identity(w, &joined, error))
            return false;
    }
    return true;
}

/* A flag of account rows (frozen, ...): which table, what setting and clearing it is called, how people name
 * the state. */
struct flag {
    int64_t realm;
    char *field, *word, *table;
    enum hc_action set, unset;
};

static void flag_clear(void *data)
{
    struct flag *f = data;

    g_free(f->field);
    g_free(f->word);
    g_free(f->table);
}

/* Rule e: somebody of ours said that the account is in that state: it was by then. */
static bool narrow(struct world *w, struct act *act, const struct flag *f, const char *account, int64_t *said,
                   GError **error)
{
    hc_stmt *st = hc_db_query(
        w->db, "correlate", "statements", "iiiit", (act->has_time ? act->time : INT64_C(0)) - clock_error(w),
        act->until + clock_error(w), (int64_t)HC_ACTION_CHAT_MESSAGE, (int64_t)HC_ACTION_MAIL_SENT, f->word);
    int rc;

    *said = 0;
    while ((rc = hc_step(st, error)) == 1) {
        int64_t who = canonical(w, hc_col_int(st, 3));
        const char *name = g_hash_table_lookup(w->people, &who);
        int64_t time = hc_col_int(st, 1), until = hc_col_int(st, 2);
        correct_time(w, hc_col_int(st, 6), &time, &until);
        if (*said || time < (act->has_time ? act->time : 0) || time > act->until || !name ||
            !has_word(hc_col_text(st, 4), account) || !has_word(hc_col_text(st, 4), f->word))
            continue;
        *said = hc_col_int(st, 0);
        act->until = until;
        act->actor = who;
        act_why(act, "not after: %s, a responder, said so", name);
        act_why(act, "actor: %s, because %s said so; no record of the service names one", name, name);
    }
    return rc == 0;
}

static bool add_flag_act(struct world *w, const struct flag *f, int64_t subject, bool set, bool first,
                         int64_t before, int64_t taken, int64_t state, GError **error)
{
    g_auto(act_t) act = {.action = set ? f->set : f->unset,
                         .precision = HC_PRECISION_US,
                         .basis = HC_BASIS_INFERRED,
                         .has_time = !first,
                         .time = before,
                         .has_until = true,
                         .until = taken,
                         .state = state};
    g_autofree char *name = NULL;
    int64_t own = 0, when = 0, said = 0, id;

    act.target = canonical(w, subject);
    name = name_of(w, act.target);
    act_why(&act, "the flag %s has no dated record: %s in the dump that attests it", f->field,
            set ? "set" : "clear");
    if (!first)
        act_why(&act, "not before: the dump before still has it %s", set ? "clear" : "set");
    if (set && last_own_act(w, act.target, taken, &own, &when) && (!act.has_time || when > act.time)) {
        act.has_time = true;
        act.time = when;
        act_why(&act, "not before: the account's last own act");
    }
    if (set && !narrow(w, &act, f, name, &said, error))
        return false;
    if (!said)
        act_why(&act, "not after: the time the dump was taken");
    id = act_insert(w, &act, error);
    return id && attest_states(w, id, state, error) && (!own || attest_event(w, id, own, "bound", error)) &&
           (!said || attest_event(w, id, said, "statement", error));
}

static bool dated_by_event(struct world *w, int64_t subject, enum hc_action action)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "has_event", "ii", subject, (int64_t)action);
    bool any = hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any;
}

static bool flag_changes(struct world *w, const struct flag *f, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "flagged", "itt", f->realm, f->field, f->table);
    int64_t subject = 0, before = 0;
    bool was = false, ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        bool first = hc_col_int(st, 0) != subject, is = hc_col_int(st, 1);
        subject = hc_col_int(st, 0);
        was = was && !first;
        if (is != was && !dated_by_event(w, subject, is ? f->set : f->unset))
            ok = add_flag_act(w, f, subject, is, first, before, hc_col_int(st, 2), hc_col_int(st, 3), error);
        was = is;
        before = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool flags(struct world *w, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct flag));
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "flags");
    bool ok = true;
    int rc;

    g_array_set_clear_func(all, flag_clear);
    while ((rc = hc_step(st, error)) == 1) {
        struct flag f = {.realm = hc_col_int(st, 0),
                         .field = hc_col_dup(st, 1),
                         .word = hc_col_dup(st, 4),
                         .table = hc_col_dup(st, 5)};
        f.set = hc_action_by_name(hc_col_text(st, 2));
        f.unset = hc_action_by_name(hc_col_text(st, 3));
        g_array_append_val(all, f);
    }
    for (guint i = 0; ok && rc == 0 && i < all->len; i++)
        ok = flag_changes(w, &g_array_index(all, struct flag, i), error);
    return ok && rc == 0;
}

bool pass_life(struct world *w, GError **error)
{
    return deletions(w, error) && restorations(w, error) && flags(w, error) && pass_dumps(w, error);
}
