/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/model.h"

static void source_free(void *data)
{
    struct m_source *s = data;
    char *texts[] = {s->path, s->sha256, s->label, s->title, s->zone, s->status};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(s);
}

static void attest_clear(void *data)
{
    struct m_attest *a = data;

    g_free(a->type);
    g_free(a->how);
    g_free(a->native);
}

static void act_free(void *data)
{
    struct m_act *a = data;
    char *texts[] = {a->actor, a->target, a->object, a->role,    a->text,
                     a->title, a->why,    a->phase,  a->because, a->fold};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_array_unref(a->attests);
    g_free(a);
}

static void notice_clear(void *data)
{
    struct m_notice *n = data;

    g_free(n->mailbox);
    g_free(n->subject);
    g_free(n->role);
}

static void metric_clear(void *data)
{
    g_free(((struct m_metric *)data)->name);
}

static void statement_clear(void *data)
{
    struct m_statement *s = data;

    g_free(s->name);
    g_free(s->verdict);
    g_free(s->facts);
    g_free(s->entity);
}

static void cite_clear(void *data)
{
    struct m_cite *c = data;

    g_free(c->of);
    g_free(c->name);
    g_free(c->fact);
    g_free(c->text);
}

static void finding_clear(void *data)
{
    struct m_finding *f = data;

    g_free(f->rule);
    g_free(f->level);
    g_free(f->title);
    g_free(f->message);
    g_ptr_array_unref(f->acts);
}

static void exposure_clear(void *data)
{
    g_free(((struct m_exposure *)data)->project);
    g_free(((struct m_exposure *)data)->named);
}

static void identity_clear(void *data)
{
    struct m_identity *i = data;
    char *texts[] = {i->relation, i->name, i->member, i->strength, i->because, i->path};

    for (size_t k = 0; k < G_N_ELEMENTS(texts); k++)
        g_free(texts[k]);
}

static void shared_clear(void *data)
{
    g_free(((struct m_shared *)data)->address);
}

static GArray *list(size_t size, GDestroyNotify clear)
{
    GArray *array = g_array_new(FALSE, TRUE, (guint)size);

    g_array_set_clear_func(array, clear);
    return array;
}

void model_free(struct model *m)
{
    GArray *arrays[] = {m->notices, m->metrics,  m->claims, m->asked,     m->gaps,      m->lessons,
                        m->cites,   m->findings, m->shared, m->exposures, m->identities};
    GPtrArray *pointers[] = {m->taken,     m->other,      m->subjects, m->projects, m->mailboxes,
                             m->addresses, m->responders, m->acts,     m->sources,  m->admins};
    char *texts[] = {m->restored, m->service};

    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_array_unref(arrays[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(pointers); i++)
        g_ptr_array_unref(pointers[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(m);
}

static struct model *model_new(const struct hc_case *c)
{
    struct model *m = g_new0(struct model, 1);

    m->c = c;
    m->taken = g_ptr_array_new_with_free_func(g_free);
    m->other = g_ptr_array_new_with_free_func(g_free);
    m->mailboxes = g_ptr_array_new_with_free_func(g_free);
    m->subjects = g_ptr_array_new_with_free_func(g_free);
    m->projects = g_ptr_array_new_with_free_func(g_free);
    m->addresses = g_ptr_array_new_with_free_func(g_free);
    m->responders = g_ptr_array_new_with_free_func(g_free);
    m->admins = g_ptr_array_new_with_free_func(g_free);
    for (char **name = c->responders; *name; name++)
        g_ptr_array_add(m->admins, g_strdup(*name));
    m->acts = g_ptr_array_new_with_free_func(act_free);
    m->sources = g_ptr_array_new_with_free_func(source_free);
    m->notices = list(sizeof(struct m_notice), notice_clear);
    m->metrics = list(sizeof(struct m_metric), metric_clear);
    m->claims = list(sizeof(struct m_statement), statement_clear);
    m->asked = list(sizeof(struct m_statement), statement_clear);
    m->gaps = list(sizeof(struct m_statement), statement_clear);
    m->lessons = list(sizeof(struct m_statement), statement_clear);
    m->cites = list(sizeof(struct m_cite), cite_clear);
    m->findings = list(sizeof(struct m_finding), finding_clear);
    m->exposures = list(sizeof(struct m_exposure), exposure_clear);
    m->shared = list(sizeof(struct m_shared), shared_clear);
    m->identities = list(sizeof(struct m_identity), identity_clear);
    return m;
}

/* `talk`: 1 a chat, 2 tickets. */
static enum m_system system_of(int64_t talk, bool tables, bool mail_log, bool mailbox)
{
    if (talk) /* it may hold rows of its members too */
        return talk == 1 ? M_CHAT : M_TICKETS;
    if (tables)
        return M_DATABASE;
    if (mail_log)
        return M_MAIL_LOG;
    return mailbox ? M_MAILBOX : M_AUDIT;
}

static bool load_sources(struct model *m, hc_db *db, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "report", "sources");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_source *s = g_new0(struct m_source, 1);
        s->id = hc_col_int(st, 0);
        s->path = hc_col_dup(st, 1);
        s->sha256 = hc_col_dup(st, 2);
        s->label = hc_col_dup(st, 3);
        s->title = hc_col_dup(st, 4);
        s->zone = hc_col_dup(st, 5);
        s->status = hc_col_dup(st, 6);
        s->system = system_of(hc_col_int(st, 8), hc_col_int(st, 20), hc_col_int(st, 22), hc_col_int(st, 7));
        s->member = hc_col_int(st, 9);
        s->dated = hc_col_int(st, 10);
        s->has_taken = hc_col_int(st, 11);
        s->taken_given = hc_col_int(st, 12);
        s->records = hc_col_int(st, 13);
        s->rejected = hc_col_int(st, 14);
        s->ignored = hc_col_int(st, 15);
        s->first = hc_col_int(st, 16);
        s->last = hc_col_int(st, 17);
        s->taken = hc_col_int(st, 18);
        s->clock = hc_col_int(st, 19);
        s->narrowed = hc_col_int(st, 21);
        s->unexplained = hc_col_int(st, 23);
        s->damaged = hc_col_int(st, 24);
        g_ptr_array_add(m->sources, s);
        if (s->dated)
            m->cut_off = MAX(m->cut_off, s->last);
        if (s->has_taken)
            m->cut_off = MAX(m->cut_off, s->taken);
    }
    return rc == 0;
}

static const struct m_source *source_by_id(const struct model *m, int64_t id)
{
    for (guint i = 0; i < m->sources->len; i++)
        if (((const struct m_source *)m->sources->pdata[i])->id == id)
            return m->sources->pdata[i];
    return NULL;
}

static bool load_attests(struct model *m, hc_db *db, struct m_act *act, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "attests", "i", act->id);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_attest a = {source_by_id(m, hc_col_int(st, 0)), hc_col_int(st, 1), hc_col_dup(st, 2),
                             hc_col_dup(st, 3), hc_col_dup(st, 4)};
        g_array_append_val(act->attests, a);
    }
    return rc == 0;
}

static struct m_act *read_act(hc_stmt *st)
{
    struct m_act *a = g_new0(struct m_act, 1);

    a->attests = list(sizeof(struct m_attest), attest_clear);
    a->id = hc_col_int(st, 0);
    a->has_time = !hc_col_null(st, 1);
    a->until = hc_col_int(st, 2);
    a->time = a->has_time ? hc_col_int(st, 1) : a->until;
    a->inferred = hc_col_int(st, 3) & HC_BASIS_INFERRED;
    a->action = (enum hc_action)hc_col_int(st, 4);
    a->actor = hc_col_dup(st, 5);
    a->target = hc_col_dup(st, 6);
    a->object = hc_col_dup(st, 7);
    a->role = hc_col_dup(st, 8);
    a->text = hc_col_dup(st, 9);
    a->title = hc_col_dup(st, 10);
    a->why = hc_col_dup(st, 11);
    a->phase = hc_col_dup(st, 12);
    a->because = hc_col_dup(st, 13);
    a->fold = hc_col_dup(st, 14);
    a->actor_is_account = hc_col_int(st, 15);
    return a;
}

static void note_responder(struct model *m, const struct m_act *a)
{
    if (!a->actor_is_account || !is_responder(m, a->actor))
        return;
    for (guint i = 0; i < m->responders->len; i++)
        if (g_strcmp0(m->responders->pdata[i], a->actor) == 0)
            return;
    g_ptr_array_add(m->responders, g_strdup(a->actor));
}

static bool load_acts(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "acts", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        g_ptr_array_add(m->acts, read_act(st));
    for (guint i = 0; rc == 0 && i < m->acts->len; i++)
        if (!load_attests(m, db, m->acts->pdata[i], error))
            return false;
    for (guint i = 0; i < m->acts->len; i++)
        if (!((struct m_act *)m->acts->pdata[i])->inferred)
            note_responder(m, m->acts->pdata[i]);
    return rc == 0;
}

static bool load_parties(GPtrArray *out, hc_db *db, int64_t incident, const char *role, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "parties", "it", incident, role);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        g_ptr_array_add(out, hc_col_dup(st, 0));
    return rc == 0;
}

static bool load_notices(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "notices", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_notice n = {.act = hc_col_int(st, 0),
                             .sent = hc_col_int(st, 1),
                             .delivered = hc_col_int(st, 2),
                             .mailbox = hc_col_dup(st, 3),
                             .subject = hc_col_dup(st, 4),
                             .role = hc_col_dup(st, 5),
                             .action = (enum hc_action)hc_col_int(st, 6)};
        g_array_append_val(m->notices, n);
    }
    return rc == 0;
}

static bool load_metrics(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "metrics", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_metric metric = {hc_col_dup(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                                  model_act(m, hc_col_int(st, 3)), model_act(m, hc_col_int(st, 4))};
        g_array_append_val(m->metrics, metric);
    }
    return rc == 0;
}

static bool load_statements(struct model *m, GArray *out, hc_db *db, const char *query, int64_t incident,
                            GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", query, "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_statement s = {.name = hc_col_dup(st, 0),
                                .verdict = hc_col_dup(st, 1),
                                .facts = hc_col_dup(st, 2),
                                .from = hc_col_int(st, 3),
                                .to = hc_col_int(st, 4),
                                .examined = hc_col_int(st, 5),
                                .matched = hc_col_int(st, 6),
                                .entity = hc_col_dup(st, 7),
                                .act = model_act(m, hc_col_int(st, 8))};
        g_array_append_val(out, s);
    }
    return rc == 0;
}

static bool load_cites(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "cites", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_cite c = {hc_col_dup(st, 0),
                           hc_col_dup(st, 1),
                           hc_col_dup(st, 2),
                           hc_col_dup(st, 3),
                           source_by_id(m, hc_col_int(st, 4)),
                           hc_col_int(st, 5)};
        g_array_append_val(m->cites, c);
    }
    return rc == 0;
}

static bool load_steps(const struct model *m, hc_db *db, struct m_finding *f, int64_t finding, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "finding_acts", "i", finding);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        if (model_act(m, hc_col_int(st, 0)))
            g_ptr_array_add(f->acts, (void *)model_act(m, hc_col_int(st, 0)));
    return rc == 0;
}

static bool load_findings(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "findings", "i", incident);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct m_finding f = {hc_col_dup(st, 0), hc_col_dup(st, 1), hc_col_dup(st, 2), hc_col_dup(st, 3),
                              g_ptr_array_new()};
        ok = load_steps(m, db, &f, hc_col_int(st, 4), error);
        g_array_append_val(m->findings, f);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool load_shared(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "shared", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_shared shared = {hc_col_dup(st, 0), hc_col_int(st, 1)};
        g_array_append_val(m->shared, shared);
    }
    return rc == 0;
}

/* A number that may not be there. */
static int64_t known(hc_stmt *st, int column)
{
    return hc_col_null(st, column) ? -1 : hc_col_int(st, column);
}

static bool load_exposures(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "exposures", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_exposure x = {.project = hc_col_dup(st, 0),
                               .from = model_act(m, hc_col_int(st, 1)),
                               .to = model_act(m, hc_col_int(st, 2)),
                               .least = known(st, 3),
                               .most = known(st, 4),
                               .releases = known(st, 5),
                               .named = hc_col_dup(st, 6),
                               .downloads_least = known(st, 7),
                               .downloads_most = known(st, 8)};
        g_array_append_val(m->exposures, x);
    }
    return rc == 0;
}

static bool load_identities(struct model *m, hc_db *db, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "identities", "i", incident);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct m_identity i = {.relation = hc_col_dup(st, 0),
                               .name = hc_col_dup(st, 1),
                               .member = hc_col_dup(st, 2),
                               .strength = hc_col_dup(st, 3),
                               .because = hc_col_dup(st, 4),
                               .path = hc_col_dup(st, 5),
                               .line = hc_col_int(st, 6)};
        g_array_append_val(m->identities, i);
    }
    return rc == 0;
}

static bool load_incident(struct model *m, hc_db *db, int64_t id, GError **error)
{
    return load_parties(m->other, db, id, "other", error) && load_parties(m->taken, db, id, "taken", error) &&
           load_parties(m->subjects, db, id, "subject", error) &&
           load_parties(m->projects, db, id, "project", error) &&
           load_parties(m->addresses, db, id, "address", error) &&
           load_parties(m->mailboxes, db, id, "owner-mailbox", error) && load_shared(m, db, id, error) &&
           load_identities(m, db, id, error) && load_acts(m, db, id, error) &&
           load_findings(m, db, id, error) && load_notices(m, db, id, error) &&
           load_metrics(m, db, id, error) && load_exposures(m, db, id, error) &&
           load_statements(m, m->claims, db, "claims", id, error) &&
           load_statements(m, m->gaps, db, "gaps", id, error) &&
           load_statements(m, m->lessons, db, "lessons", id, error) && load_cites(m, db, id, error);
}

GArray *model_incidents(hc_db *db, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    hc_stmt *st = hc_db_stmt(db, "report", "incidents");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        g_array_append_val(ids, id);
    }
    return rc == 0 ? g_steal_pointer(&ids) : NULL;
}

/* Does an act of the finding that makes the incident tell of this, and is it an error? */
static bool is_step(const struct model *m, enum hc_action action)
{
    const struct m_finding *f = m->findings->len ? &g_array_index(m->findings, struct m_finding, 0) : NULL;

    for (guint i = 0; f && strcmp(f->level, "error") == 0 && i < f->acts->len; i++)
        if (((const struct m_act *)f->acts->pdata[i])->action == action)
            return true;
    return false;
}

/*
 * The story of a takeover is told where the records hold all of it, up to the deletion of the account; of the
 * rest it is said what was found, for to invite somebody who then goes too far is no proof that another acted
 * in one's name.
 */
static bool is_whole_takeover(const struct model *m)
{
    return m->taken->len && m->other->len && is_step(m, HC_ACTION_ROLE_INVITE) &&
           is_step(m, HC_ACTION_ROLE_ACCEPT) && is_step(m, HC_ACTION_ROLE_REMOVE) &&
           is_step(m, HC_ACTION_ACCOUNT_DELETE);
}

static bool read_incident(struct model *m, hc_db *db, int64_t id, GError **error)
{
    hc_stmt *st = hc_db_query(db, "report", "incident", "i", id);
    g_autofree char *kind = NULL;
    bool ok = hc_step(st, error) == 1;

    if (ok) {
        m->number = id;
        kind = hc_col_dup(st, 0);
        m->restored = hc_col_dup(st, 1);
        m->service = hc_col_dup(st, 2);
    }
    hc_stmt_reset(st);
    if (!ok || !load_incident(m, db, id, error))
        return false;
    if (strcmp(kind, "subject") == 0)
        m->style = M_SUBJECT;
    else
        m->style = strcmp(kind, "account-takeover") == 0 && is_whole_takeover(m) ? M_TAKEOVER : M_FINDING;
    return true;
}

struct model *model_load(hc_db *db, const struct hc_case *c, int64_t incident, GError **error)
{
    g_autoptr(model_t) m = model_new(c);

    if (!load_sources(m, db, error) || !load_statements(m, m->asked, db, "claims", 0, error) ||
        !load_cites(m, db, 0, error) || (incident && !read_incident(m, db, incident, error)))
        return NULL;
    return g_steal_pointer(&m);
}
