/* SPDX-License-Identifier: Apache-2.0 */
/* Mails, chat messages and audit records that belong to an incident. */
#include "src/correlate/chat.h"
#include "src/correlate/letters.h"

#include "src/base/keyed.h"
#include "src/base/text.h"

/* A message of ours or to us, and why it belongs; NULL = not (yet). */
struct mail {
    int64_t message;
    const char *id, *reply_to; /* the letters' */
    char *because;
    bool about; /* its words name the incident */
    bool from_owner, to_owner, from_us;
};

static void mail_clear(void *data)
{
    g_free(((struct mail *)data)->because);
}

/* The messages of one incident, as they were met. */
struct mails {
    GArray *all;        /* struct mail */
    GHashTable *places; /* int64_t message (in the letters) -> its place in `all`, + 1 */
};

static struct mail *mail_of(struct mails *mails, const struct letter *letter)
{
    guint at = GPOINTER_TO_UINT(g_hash_table_lookup(mails->places, &letter->message));
    const struct mail new = {.message = letter->message, .id = letter->id};

    if (at)
        return &g_array_index(mails->all, struct mail, at - 1);
    g_array_append_val(mails->all, new);
    g_hash_table_insert(mails->places, (void *)&letter->message, GUINT_TO_POINTER(mails->all->len));
    return &g_array_index(mails->all, struct mail, mails->all->len - 1);
}

static bool is_ours(struct world *w, const struct incident *in, const struct letter *letter)
{
    if (holds(in->ours, letter->actor) || g_hash_table_contains(w->people, &letter->actor))
        return true;
    for (char **ours = w->c->mailboxes; letter->from && *ours; ours++)
        if (g_ascii_strcasecmp(letter->from, *ours) == 0)
            return true;
    return false;
}

/* The first that is no earlier. */
static guint letters_from(const GArray *letters, int64_t at)
{
    guint low = 0, high = letters->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(letters, struct letter, middle).at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool read_mails(struct world *w, struct incident *in, int64_t mailbox, struct mails *mails,
                       GError **error)
{
    const GArray *letters = letters_of(in->letters, mailbox, error);

    for (guint i = letters ? letters_from(letters, in->first - clock_error(w)) : 0;
         letters && i < letters->len; i++) {
        const struct letter *l = &g_array_index(letters, struct letter, i);
        struct mail *m;
        if (l->until < in->first || l->time >= in->end)
            continue;
        m = mail_of(mails, l);
        m->about |= g_ptr_array_find((GPtrArray *)l->names, in, NULL);
        m->from_owner |= holds(in->mailboxes, l->actor);
        m->to_owner |= holds(in->mailboxes, l->target);
        m->from_us |= is_ours(w, in, l);
        if (!m->reply_to)
            m->reply_to = l->reply_to;
    }
    return letters != NULL;
}

/* By the id that they answer: GArray of guint, places. */
static GHashTable *answers_of(const GArray *mails)
{
    GHashTable *answers =
        g_hash_table_new_full(hc_keyed_text, g_str_equal, NULL, (GDestroyNotify)g_array_unref);

    for (guint i = 0; i < mails->len; i++) {
        const struct mail *m = &g_array_index(mails, struct mail, i);
        GArray *to = m->reply_to ? g_hash_table_lookup(answers, m->reply_to) : NULL;
        if (m->reply_to && !to)
            g_hash_table_insert(answers, (char *)m->reply_to, to = g_array_new(FALSE, FALSE, sizeof(guint)));
        if (to)
            g_array_append_val(to, i);
    }
    return answers;
}

/* What answers a mail of the incident, and what answers that. */
static void join_answers(GArray *mails)
{
    g_autoptr(GHashTable) answers = answers_of(mails);
    g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; i < mails->len; i++)
        if (g_array_index(mails, struct mail, i).because)
            g_array_append_val(known, i);
    for (guint i = 0; i < known->len; i++) {
        const struct mail *m = &g_array_index(mails, struct mail, g_array_index(known, guint, i));
        const GArray *to = m->id ? g_hash_table_lookup(answers, m->id) : NULL;
        for (guint k = 0; to && k < to->len; k++) {
            struct mail *answer = &g_array_index(mails, struct mail, g_array_index(to, guint, k));
            if (answer->because)
                continue;
            answer->because = g_strdup("answers a mail of the incident (In-Reply-To)");
            g_array_append_val(known, g_array_index(to, guint, k));
        }
    }
}

static void join_mails(GArray *mails)
{
    for (guint i = 0; i < mails->len; i++) {
        struct mail *m = &g_array_index(mails, struct mail, i);
        if (m->from_owner)
            m->because = g_strdup("sent from the address of the account that was taken over");
        else if (m->to_owner && m->from_us)
            m->because = g_strdup("sent by us to the address of the account that was taken over");
        else if (m->about)
            m->because = g_strdup("names an account or a project of the incident");
    }
    join_answers(mails);
}

/* Narrows the act to what all records of its kind allow; a record that contradicts is left to stand as a
 * witness. */
static void intersect(struct act *act, int64_t time, int64_t until)
{
    if (time > act->until || until < act->time)
        return;
    act->time = MAX(act->time, time);
    act->until = MIN(act->until, until);
}

/* Its words and subject, from the record that has them. */
static bool take_words(struct world *w, struct act *act, int64_t event, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "attribute", "it", event, "subject");
    int rc = hc_step(st, error);

    act->title = rc == 1 ? hc_col_dup(st, 0) : NULL;
    hc_stmt_reset(st);
    st = hc_db_query(w->db, "correlate", "event", "i", event);
    rc = rc < 0 ? rc : hc_step(st, error);
    g_free(act->text);
    act->text = rc == 1 ? hc_col_dup(st, 13) : NULL;
    hc_stmt_reset(st);
    return rc >= 0;
}

/* One message, however many hosts and mailboxes saw it: what its records of the given kind say together. */
static bool read_mail(struct world *w, int64_t message, enum hc_action action, struct act *act,
                      GArray *events, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "events_of_message", "i", message);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t event = hc_col_int(st, 0), actor = canonical(w, hc_col_int(st, 2)), time = hc_col_int(st, 3),
                until = hc_col_int(st, 4);
        bool words = hc_col_int(st, 5);
        correct_time(w, hc_col_int(st, 7), &time, &until);
        g_array_append_val(events, event);
        if ((enum hc_action)hc_col_int(st, 1) != action)
            continue;
        if (act->event)
            intersect(act, time, until);
        else
            ok = act_from_event(w, act, event, error);
        if (g_hash_table_contains(w->people, &actor) && act->actor != actor) {
            act_why(act, "actor: the mail log says who was signed in; the message names only the mailbox");
            act->actor = actor;
        }
        ok = ok && (!words || act->title || take_words(w, act, event, error));
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static void note_said(int64_t *said, int64_t time)
{
    *said = *said ? MIN(*said, time) : time;
}

static bool add_mail(struct world *w, struct incident *in, const struct mail *m, int64_t *said,
                     GError **error)
{
    enum hc_action action = m->from_us ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
    g_autoptr(GArray) events = g_array_new(FALSE, TRUE, sizeof(int64_t));
    g_auto(act_t) act = {0};
    int64_t id;

    if (!read_mail(w, m->message, action, &act, events, error))
        return false;
    if (!act.event)
        return true;
    if (action == HC_ACTION_MAIL_RECEIVED && m->from_owner && (!in->detected || act.time < in->detected))
        in->detected = act.time;
    if (action == HC_ACTION_MAIL_RECEIVED)
        note_said(said, act.time);
    if (!scope_event(w, in, &act, act.event, m->because, error))
        return false;
    id = act_of_event(w, act.event);
    for (guint i = 0; id && i < events->len; i++)
        if (!attest_event(w, id, g_array_index(events, int64_t, i), "record", error))
            return false;
    return id != 0;
}

static bool scope_mails(struct world *w, struct incident *in, int64_t *said, GError **error)
{
    g_autoptr(GArray) mails = g_array_new(FALSE, TRUE, sizeof(struct mail));
    g_autoptr(GHashTable) places = g_hash_table_new(hc_keyed_number, g_int64_equal);
    struct mails all = {mails, places};
    bool ok = true;

    g_array_set_clear_func(mails, mail_clear);
    for (guint i = 0; ok && i < in->ours->len; i++)
        ok = read_mails(w, in, g_array_index(in->ours, int64_t, i), &all, error);
    for (guint i = 0; ok && i < in->mailboxes->len; i++)
        ok = read_mails(w, in, g_array_index(in->mailboxes, int64_t, i), &all, error);
    join_mails(mails);
    for (guint i = 0; ok && i < mails->len; i++)
        if (g_array_index(mails, struct mail, i).because)
            ok = add_mail(w, in, &g_array_index(mails, struct mail, i), said, error);
    return ok;
}

/* "<@ID>" becomes "@name" where the service says that this is a mention. */
static char *name_mentions(struct world *w, int64_t event, const char *text)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "mention_marks", "i", event);
    g_autofree char *open = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;
    g_autofree char *close = open ? hc_col_dup(st, 1) : NULL;
    int64_t realm = open ? hc_col_int(st, 2) : 0;
    GString *out = g_string_new(NULL);
    const char *at;

    hc_stmt_reset(st);
    while (open && *open && close && *close && (at = strstr(text, open))) {
        const char *id = at + strlen(open), *end = strstr(id, close);
        g_autofree char *key = end ? g_strndup(id, (gsize)(end - id)) : NULL,
                        *fold = key ? hc_text_fold(hc_str(key)) : NULL;
        hc_stmt *found;
        int64_t entity;
        if (!end)
            break;
        found = hc_db_query(w->db, "correlate", "entity_by_key", "iitt", (int64_t)HC_ENTITY_ACCOUNT_ID, realm,
                            key, fold);
        entity = hc_step(found, NULL) == 1 ? hc_col_int(found, 0) : 0;
        hc_stmt_reset(found);
        g_string_append_len(out, text, at - text);
        if (entity) {
            g_autofree char *name = name_of(w, entity);
            g_string_append_printf(out, "@%s", name);
        } else {
            g_string_append_len(out, at, end + strlen(close) - at);
        }
        text = end + strlen(close);
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}

static bool add_line(struct world *w, struct incident *in, const struct said *l, int64_t *said,
                     GError **error)
{
    g_auto(act_t) act = {0};
    hc_stmt *st = hc_db_query(w->db, "correlate", "statement_about", "i", l->event);
    int64_t about = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
    char *named;

    hc_stmt_reset(st);
    if (!act_from_event(w, &act, l->event, error))
        return false;
    named = name_mentions(w, l->event, act.text ? act.text : "");
    g_free(act.text);
    act.text = named;
    if (about) {
        act.target = about;
        act_why(&act, "target: the message names this account and the state it is in");
    }
    in->closed = MAX(in->closed, act.until);
    if (!holds(in->others, l->actor))
        note_said(said, act.time);
    return scope_event(w, in, &act, l->event, l->because, error);
}

static bool scope_chat(struct world *w, struct incident *in, int64_t *said, GError **error)
{
    g_autoptr(GArray) lines = chat_about(in->chat, in);
    bool ok = true;

    for (guint i = 0; ok && i < lines->len; i++)
        ok = add_line(w, in, &g_array_index(lines, struct said, i), said, error);
    return ok;
}

/* How many other incidents are between their report and their close at that time. */
static guint open_besides(const GPtrArray *all, const struct incident *in, int64_t time)
{
    guint n = 0;

    for (guint i = 0; i < all->len; i++) {
        const struct incident *o = all->pdata[i];
        n += o != in && o->detected && o->detected <= time && time <= o->closed;
    }
    return n;
}

/* Why an act of a responder belongs; NULL: it names another incident. Yours. */
static char *because_responder(const struct incident *in, const GPtrArray *all, const char *name,
                               int64_t event, int64_t time, struct hc_str words)
{
    guint others = open_besides(all, in, time);

    if (names_another(in->mentions, in, event, words))
        return NULL;
    if (others && names_it(in->mentions, in, event, words))
        return g_strdup_printf("%s is a responder and did this, which names the incident, before the close",
                               name);
    if (others)
        return g_strdup_printf(
            "%s is a responder and did this between the report and the close; %u more %s open then", name,
            others, others == 1 ? "incident was" : "incidents were");
    return g_strdup_printf("%s is a responder and did this between the report and the close", name);
}

bool scope_audit(struct world *w, struct incident *in, const GPtrArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "audit", "iiiii", in->detected, in->closed,
                              (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_CHAT_MESSAGE,
                              (int64_t)HC_ACTION_TICKET_MESSAGE);
    bool ok = true;
    int rc = 0;

    while (ok && in->detected && in->closed && (rc = hc_step(st, error)) == 1) {
        g_auto(act_t) act = {0};
        int64_t event = hc_col_int(st, 0), who = canonical(w, hc_col_int(st, 1));
        const char *name = g_hash_table_lookup(w->people, &who);
        g_autofree char *because =
            name ? because_responder(in, all, name, event, hc_col_int(st, 2), hc_col_text(st, 3)) : NULL;
        if (because)
            ok = act_from_event(w, &act, event, error) && scope_event(w, in, &act, event, because, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool scope_talk(struct world *w, struct incident *in, GError **error)
{
    int64_t said = 0;

    if (!scope_mails(w, in, &said, error) || !scope_chat(w, in, &said, error))
        return false;
    if (!in->detected)
        in->detected = said;
    return true;
}
