/* SPDX-License-Identifier: Apache-2.0 */
/* Who and what an incident is about, and which network addresses are its own. */
#include "src/correlate/incident.h"

#include "src/base/text.h"
#include "src/correlate/sigma/itemparts.h"

bool add_party(struct world *w, const struct incident *in, const char *role, int64_t entity,
               const char *because, GError **error)
{
    return hc_exec(
        hc_db_query(w->db, "scope", "add_party", "ititn", in->id, role, entity, because, INT64_C(0)), error);
}

static bool add_mailboxes(struct world *w, struct incident *in, int64_t account, const char *role,
                          GArray *keep, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "mailboxes_of_account", "i", account);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t mailbox = hc_col_int(st, 0);
        g_autofree char *because = hc_col_dup(st, 1);
        if (keep)
            hold(keep, mailbox);
        ok = add_party(w, in, role, mailbox, because, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool add_our_mailboxes(struct world *w, struct incident *in, GError **error)
{
    for (char **address = w->c->mailboxes; *address; address++) {
        g_autofree char *key = hc_text_fold(hc_str(*address));
        hc_stmt *st =
            hc_db_query(w->db, "correlate", "mailbox_by_key", "it", (int64_t)HC_ENTITY_MAILBOX, key);
        int64_t id = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
        hc_stmt_reset(st);
        if (!id)
            continue;
        hold(in->ours, id);
        if (!add_party(w, in, "our-mailbox", id, "case.yaml says so", error))
            return false;
    }
    return true;
}

static void add_name(struct world *w, struct incident *in, int64_t entity)
{
    g_autofree char *name = name_of(w, entity);

    g_ptr_array_add(in->names, hc_text_fold(hc_str(name)));
}

/* The finding that gives an account its side; none where case.yaml does. */
static char *because_accused(const struct incident *in, int64_t account, bool accused)
{
    for (guint i = 0; i < in->findings->len; i++) {
        const struct accusation *a = &g_array_index(in->findings, struct accusation, i);
        if ((accused ? a->actor : a->target) == account)
            return g_strdup_printf(accused ? "accused by a finding of %s" : "suffers by a finding of %s",
                                   a->rule);
    }
    return g_strdup("case.yaml says so");
}

static bool add_accounts(struct world *w, struct incident *in, const char *role, const GArray *accounts,
                         bool accused, GError **error)
{
    for (guint i = 0; i < accounts->len; i++) {
        int64_t account = g_array_index(accounts, int64_t, i);
        g_autofree char *because = because_accused(in, account, accused);
        add_name(w, in, account);
        if (!add_party(w, in, role, account, because, error))
            return false;
    }
    return true;
}

static bool add_projects(struct world *w, struct incident *in, GError **error)
{
    const char *because = in->takeover ? "its owner was replaced" : "an act of the finding is on it";

    for (guint i = 0; i < in->projects->len; i++) {
        int64_t project = g_array_index(in->projects, int64_t, i);
        add_name(w, in, project);
        if (!add_party(w, in, "project", project, because, error))
            return false;
    }
    return true;
}

static bool add_restored(struct world *w, struct incident *in, int64_t account, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "restored_as", "i", account);
    int64_t restored = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return !restored ||
           add_party(w, in, "restored", restored, "the deleted account was restored as this one", error);
}

/* Subjects: an account has mailboxes, a mailbox is one. */
static bool add_subjects(struct world *w, struct incident *in, GError **error)
{
    for (guint i = 0; i < in->subjects->len; i++) {
        int64_t subject = g_array_index(in->subjects, int64_t, i);
        add_name(w, in, subject);
        hold(in->mailboxes, subject);
        if (!add_party(w, in, "subject", subject, "case.yaml names it", error) ||
            !add_mailboxes(w, in, subject, "owner-mailbox", in->mailboxes, error))
            return false;
    }
    return true;
}

bool scope_parties(struct world *w, struct incident *in, GError **error)
{
    if (!add_accounts(w, in, "other", in->others, true, error) ||
        !add_accounts(w, in, "taken", in->taken, false, error) || !add_projects(w, in, error) ||
        !add_subjects(w, in, error))
        return false;
    for (guint i = 0; i < in->taken->len; i++) {
        int64_t account = g_array_index(in->taken, int64_t, i);
        if (!add_restored(w, in, account, error) ||
            !add_mailboxes(w, in, account, "owner-mailbox", in->mailboxes, error))
            return false;
    }
    for (guint i = 0; i < in->others->len; i++)
        if (!add_mailboxes(w, in, g_array_index(in->others, int64_t, i), "other-mailbox", NULL, error))
            return false;
    return add_our_mailboxes(w, in, error);
}

bool scope_responders(struct world *w, const struct incident *in, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "actors", "iiiii", in->id, (int64_t)HC_ACTION_ACCOUNT_FREEZE,
                              (int64_t)HC_ACTION_ACCOUNT_UNFREEZE, (int64_t)HC_ACTION_ACCOUNT_RESTORE,
                              (int64_t)HC_ENTITY_ACCOUNT);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t account = hc_col_int(st, 0);
        bool named = g_hash_table_contains(w->people, &account), stopped = hc_col_int(st, 1);
        if (holds(in->others, account) || holds(in->taken, account) || holds(in->subjects, account) ||
            (!named && !stopped))
            continue;
        ok = add_party(w, in, "responder", account,
                       named ? "case.yaml says so" : "it stopped or gave back an account of the incident",
                       error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* ---- network addresses ---- */

/* case.yaml names addresses, and networks such as 10.0.0.0/8. */
static bool is_named_shared(struct world *w, const char *address)
{
    for (char **shared = w->c->shared; *shared; shared++) {
        struct network network;
        const char *why;
        if (g_ascii_strcasecmp(*shared, address) == 0 ||
            (network_parse(*shared, &network, &why) && network_holds(&network, hc_str(address))))
            return true;
    }
    return false;
}

/* An account that suffered has an address of its own: it was there before. */
static bool used_before(struct world *w, const struct incident *in, int64_t address)
{
    for (guint i = 0; i < in->taken->len; i++) {
        hc_stmt *st =
            hc_db_query(w->db, "scope", "used_before", "iiiiii", g_array_index(in->taken, int64_t, i),
                        address, in->begin - NEAR_INCIDENT, (int64_t)HC_OUTCOME_FAILURE,
                        (int64_t)HC_ACTION_LOGIN_FAILURE, (int64_t)HC_ACTION_REAUTHENTICATE_FAILURE);
        bool used = hc_step(st, NULL) == 1;
        hc_stmt_reset(st);
        if (used)
            return true;
    }
    return false;
}

static bool is_account_of_any(const GPtrArray *all, int64_t account)
{
    for (guint i = 0; i < all->len; i++) {
        const struct incident *in = all->pdata[i];
        if (holds(in->others, account) || holds(in->taken, account))
            return true;
    }
    return false;
}

/* Accounts that acted from it, were not made from it and have no part in any incident. */
static bool spread_of(struct world *w, const GPtrArray *all, int64_t address, guint *n, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "acted_from", "iiiii", address,
                              (int64_t)HC_ACTION_ACCOUNT_CREATE, (int64_t)HC_OUTCOME_FAILURE,
                              (int64_t)HC_ACTION_LOGIN_FAILURE, (int64_t)HC_ACTION_REAUTHENTICATE_FAILURE);
    g_autoptr(GHashTable) accounts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t account = canonical(w, hc_col_int(st, 0)), *key;
        if (is_account_of_any(all, account) || hc_col_int(st, 1))
            continue;
        key = g_new(int64_t, 1);
        *key = account;
        g_hash_table_add(accounts, key);
    }
    *n = g_hash_table_size(accounts);
    return rc == 0;
}

static bool judge_address(struct world *w, struct incident *in, const GPtrArray *all, int64_t address,
                          GError **error)
{
    g_autofree char *name = name_of(w, address), *because = NULL;
    guint n = 0;

    if (is_named_shared(w, name))
        return add_party(w, in, "shared-address", address, "case.yaml says that many use it", error);
    if (used_before(w, in, address))
        return true;
    if (!spread_of(w, all, address, &n, error))
        return false;
    if (n >= SHARED_FROM) {
        because = g_strdup_printf("%u accounts without a part in any incident acted from it", n);
        return hc_exec(hc_db_query(w->db, "scope", "add_party", "ititn", in->id, "shared-address", address,
                                   because, (int64_t)n),
                       error);
    }
    hold(in->addresses, address);
    return add_party(w, in, "address", address, "the acts of the finding came from it", error);
}

bool scope_addresses(struct world *w, struct incident *in, const GPtrArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "addresses_of_steps", "iii", in->id,
                              (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_MAIL_REJECTED);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool ok;
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        hold(found, canonical(w, hc_col_int(st, 0)));
    ok = rc == 0;
    for (guint i = 0; ok && i < found->len; i++)
        ok = judge_address(w, in, all, g_array_index(found, int64_t, i), error);
    return ok;
}
