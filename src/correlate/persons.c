/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One account, address or person in several services. Joined where two services have each shown that one
 * mailbox is the account's, where one service keeps by which account of another it signs in, where both tell
 * of one session (sameid.c), and where a network address is the same number. Equal names of two services say
 * nothing: the case file may (responders).
 */
#include "src/correlate/names.h"
#include "src/correlate/persons.h"
#include "src/correlate/world.h"

#include "src/base/text.h"

#include <arpa/inet.h>

/* A row of an address table: this mailbox, this account. */
struct claim {
    int64_t mailbox, account, id, realm, row;
    int shown; /* 2 it is verified, 1 nobody says, 0 it is not */
    int rank;  /* of the realm: in its names and acts an incident is told, lowest first */
};

static int rank_of(GHashTable *ranks, int64_t realm)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(ranks, &realm));
}

/* Which of two stands for both: a person that the case file names, else the first that is told. */
static void choose(const struct world *w, int64_t *root, int64_t *other)
{
    int64_t a = canonical(w, *root), b = canonical(w, *other);
    bool swap = !g_hash_table_contains(w->people, &a) && g_hash_table_contains(w->people, &b);

    *root = swap ? b : a;
    *other = swap ? a : b;
}

bool join_two(struct world *w, int64_t a, int64_t b, struct identity *as, GError **error)
{
    choose(w, &a, &b);
    if (a == b)
        return true;
    as->entity = b;
    as->same = a;
    set_canonical(w, b, a);
    if (is_known(w, b))
        g_array_index(w->known, bool, a) = true;
    return add_identity(w, as, error);
}

static int by_mailbox(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;

    if (x->mailbox != y->mailbox)
        return x->mailbox < y->mailbox ? -1 : 1;
    return x->rank != y->rank ? x->rank - y->rank : (x->account > y->account) - (x->account < y->account);
}

static bool join_claims(struct world *w, const struct claim *a, const struct claim *b, GError **error)
{
    g_autofree char *mailbox = name_of(w, a->mailbox);
    g_autofree char *because =
        g_strdup_printf("two services have verified that %s is the account's", mailbox);
    struct identity as = {
        .reason = "verified-address", .because = because, .strong = true, .states = {a->row, b->row}};

    if (a->shown == 2 && b->shown == 2)
        return join_two(w, a->account, b->account, &as, error);
    if (canonical(w, a->account) == canonical(w, b->account)) /* the case file says so */
        return true;
    return add_unjoined(
        w, b->account, a->account, "same-mailbox",
        "two services have the same mailbox, and not both have verified that it is the account's", 0, b->row,
        error);
}

/* The claims to one mailbox. Two accounts of one service say that it tells nothing. */
static bool judge_mailbox(struct world *w, const struct claim *claims, guint n, GError **error)
{
    for (guint i = 1; i < n; i++)
        if (claims[i].realm == claims[i - 1].realm && claims[i].account != claims[i - 1].account)
            return true;
    for (guint i = 1; i < n; i++)
        if (claims[i].realm != claims[0].realm && !join_claims(w, &claims[0], &claims[i], error))
            return false;
    return true;
}

static bool several_tables(struct world *w)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "address_tables");
    bool several = hc_step(st, NULL) == 1 && hc_col_int(st, 0) > 1;

    hc_stmt_reset(st);
    return several;
}

static bool join_by_mailbox(struct world *w, GHashTable *ranks, GError **error)
{
    g_autoptr(GArray) claims = g_array_new(FALSE, TRUE, sizeof(struct claim));
    hc_stmt *st;
    int rc;

    if (!several_tables(w))
        return true;
    st = hc_db_query(w->db, "correlate", "address_rows", "i", (int64_t)HC_ENTITY_TYPE);
    while ((rc = hc_step(st, error)) == 1) {
        struct claim c = {.mailbox = hc_col_int(st, 0),
                          .id = hc_col_int(st, 1),
                          .row = hc_col_int(st, 2),
                          .shown = (int)hc_col_int(st, 3),
                          .realm = hc_col_int(st, 4)};
        c.account = canonical(w, c.id);
        c.rank = rank_of(ranks, c.realm);
        if (!g_hash_table_contains(w->restored, &c.id))
            g_array_append_val(claims, c);
    }
    if (rc < 0)
        return false;
    g_array_sort(claims, by_mailbox);
    for (guint i = 0, end; i < claims->len; i = end) {
        const struct claim *c = &g_array_index(claims, struct claim, i);
        for (end = i + 1; end < claims->len && g_array_index(claims, struct claim, end).mailbox == c->mailbox;
             end++)
            ;
        if (!judge_mailbox(w, c, end - i, error))
            return false;
    }
    return true;
}

/* A service keeps by which account of another one an account signs in. */
static bool join_associations(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "associations", "i", (int64_t)HC_ENTITY_TYPE);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *service = hc_col_dup(st, 2), *name = hc_col_dup(st, 3),
                        *key = name ? hc_text_fold(hc_str(name)) : NULL;
        g_autofree char *because = g_strdup_printf("a row says that the account signs in as %s of %s",
                                                   name ? name : "", service ? service : "");
        struct identity as = {.reason = "association",
                              .because = because,
                              .strong = true,
                              .states = {hc_col_int(st, 1), hc_col_int(st, 4)}};
        hc_stmt *found = service && key ? hc_db_query(w->db, "correlate", "account_in", "itt",
                                                      (int64_t)HC_ENTITY_ACCOUNT, service, key)
                                        : NULL;
        int64_t other = found && hc_step(found, error) == 1 ? hc_col_int(found, 0) : 0;
        if (found)
            hc_stmt_reset(found);
        ok = !other || join_two(w, hc_col_int(st, 0), other, &as, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* "::ffff:192.0.2.1" and "2001:DB8:0::1" as they are written otherwise; NULL: it is no address, or is written
 * so. */
static char *plain_address(struct hc_str text)
{
    g_autofree char *copy = g_strndup(text.p, text.n);
    char plain[INET6_ADDRSTRLEN];
    struct in6_addr six;
    const char *out;

    if (inet_pton(AF_INET6, copy, &six) != 1)
        return NULL;
    out = IN6_IS_ADDR_V4MAPPED(&six) ? inet_ntop(AF_INET, six.s6_addr + 12, plain, sizeof plain)
                                     : inet_ntop(AF_INET6, &six, plain, sizeof plain);
    return !out || strcmp(out, copy) == 0 ? NULL : g_strdup(out);
}

static bool join_address(struct world *w, int64_t a, int64_t b, GError **error)
{
    struct identity as = {.reason = "same-address",
                          .because = "the same network address; nothing is said of who used it"};

    return join_two(w, a, b, &as, error);
}

/* The first of the realms' entities of an address. */
static int64_t address_called(struct world *w, const char *key)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "addresses_called", "it", (int64_t)HC_ENTITY_ADDRESS, key);
    int64_t id = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return id;
}

static bool join_addresses(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "addresses_of_realms", "i", (int64_t)HC_ENTITY_ADDRESS);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *key = hc_col_dup(st, 1);
        int64_t first = address_called(w, key);
        ok = !first || join_address(w, first, hc_col_int(st, 0), error);
    }
    hc_stmt_reset(st);
    if (!ok || rc < 0)
        return false;
    st = hc_db_query(w->db, "correlate", "all_addresses", "i", (int64_t)HC_ENTITY_ADDRESS);
    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *plain = plain_address(hc_col_text(st, 1));
        int64_t first = plain ? address_called(w, plain) : 0;
        ok = !first || join_address(w, first, hc_col_int(st, 0), error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool join_services(struct world *w, GError **error)
{
    /* first come realms whose database tells transactions, then by name */
    g_autoptr(GHashTable) ranks = ranks_of(w, "realms_in_order", error);

    return ranks && join_by_mailbox(w, ranks, error) && join_associations(w, error) &&
           join_same_ids(w, ranks, error) && join_addresses(w, error);
}

/* Who answers a mail that went to one mailbox only has read that mailbox, or was given the mail by who
 * has. */
static bool add_reply(struct world *w, hc_stmt *st, GError **error)
{
    int64_t from = hc_col_int(st, 0), to = hc_col_int(st, 1);
    g_autofree char *name = name_of(w, to);
    g_autofree char *because =
        g_strdup_printf("it answers, by Message-ID, a mail that was sent to %s and nobody else", name);
    const struct identity i = {.entity = from,
                               .same = to,
                               .reason = "reply",
                               .because = because,
                               .strong = true,
                               .events = {hc_col_int(st, 2), hc_col_int(st, 3)}};

    if (hc_col_int(st, 4)) /* it has an account of its own */
        return add_unjoined(w, from, to, "reply", because, hc_col_int(st, 3), 0, error);
    return add_identity(w, &i, error);
}

bool join_replies(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "replies_from_others", "iii", (int64_t)HC_ENTITY_MAILBOX,
                              (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_MAIL_DELIVERED);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = add_reply(w, st, error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}
