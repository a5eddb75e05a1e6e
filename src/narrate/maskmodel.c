/* SPDX-License-Identifier: Apache-2.0 */
/* All texts of a model that a page may show, masked; words of our own (kinds, verdicts, phases) stay. */
#include "src/narrate/mask.h"

#include "src/base/json.h"
#include "src/base/text.h"

static void one(struct mask *mask, char **text)
{
    char *masked = *text ? mask_text(mask, *text) : NULL;

    g_free(*text);
    *text = masked;
}

static void all(struct mask *mask, char **const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        one(mask, texts[i]);
}

static void names(struct mask *mask, GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++)
        one(mask, (char **)&list->pdata[i]);
}

/* The values of an object of facts that are texts. */
static void facts(struct mask *mask, char **object)
{
    g_autoptr(GString) out = g_string_new("{"), text = g_string_new(NULL);
    struct hc_str key, value;
    size_t pos = 0;

    if (!*object)
        return;
    while ((value = hc_json_next(hc_str(*object), &pos, &key)).p) {
        g_autofree char *masked = NULL;
        g_string_append(out, out->len > 1 ? "," : "");
        g_string_append_len(out, key.p, (gssize)key.n);
        g_string_append_c(out, ':');
        g_string_truncate(text, 0);
        if (hc_json_type(value) != HC_JSON_STRING || !hc_json_text(value, text)) {
            g_string_append_len(out, value.p, (gssize)value.n);
            continue;
        }
        masked = mask_text(mask, text->str);
        hc_text_json(out, hc_str(masked));
    }
    g_string_append_c(out, '}');
    g_free(*object);
    *object = g_strdup(out->str);
}

static void statements(struct mask *mask, GArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        struct m_statement *s = &g_array_index(list, struct m_statement, i);
        facts(mask, &s->facts);
        one(mask, &s->entity);
    }
}

/* "PROJECT/1.2.3.4" has no network address. */
static bool is_version(const struct model *m, const char *object)
{
    for (guint i = 0; object && i < m->projects->len; i++) {
        size_t n = strlen(m->projects->pdata[i]);
        if (strncmp(object, m->projects->pdata[i], n) == 0 && (object[n] == '/' || !object[n]))
            return true;
    }
    return false;
}

static void act(struct mask *mask, const struct model *m, struct m_act *a)
{
    char **const texts[] = {&a->actor, &a->target, &a->role, &a->text, &a->title, &a->why, &a->because};

    all(mask, texts, G_N_ELEMENTS(texts));
    if (!is_version(m, a->object))
        one(mask, &a->object);
    for (guint i = 0; i < a->attests->len; i++)
        one(mask, &g_array_index(a->attests, struct m_attest, i).native);
}

static void source(struct mask *mask, struct m_source *s)
{
    char **const texts[] = {&s->path, &s->label, &s->title};

    all(mask, texts, G_N_ELEMENTS(texts));
}

static void identity(struct mask *mask, struct m_identity *i)
{
    char **const texts[] = {&i->name, &i->member, &i->because, &i->path};

    all(mask, texts, G_N_ELEMENTS(texts));
}

static void found(struct mask *mask, struct m_finding *f)
{
    one(mask, &f->title);
    one(mask, &f->message);
}

static void cite(struct mask *mask, struct m_cite *c)
{
    one(mask, &c->fact);
    one(mask, &c->text);
}

static void notice(struct mask *mask, struct m_notice *n)
{
    one(mask, &n->mailbox);
    one(mask, &n->subject);
}

#define EACH(list, type, fn)                                                                                 \
    for (guint i = 0; i < (list)->len; i++)                                                                  \
    fn(mask, &g_array_index(list, type, i))

void mask_model(struct mask *mask, struct model *m)
{
    GPtrArray *const lists[] = {m->taken, m->other, m->subjects, m->addresses, m->mailboxes, m->responders};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        names(mask, lists[i]);
    names(mask, m->admins);
    for (guint i = 0; i < m->acts->len; i++)
        act(mask, m, m->acts->pdata[i]);
    for (guint i = 0; i < m->sources->len; i++)
        source(mask, m->sources->pdata[i]);
    statements(mask, m->claims);
    statements(mask, m->asked);
    statements(mask, m->gaps);
    statements(mask, m->lessons);
    one(mask, &m->restored);
    EACH(m->identities, struct m_identity, identity);
    EACH(m->findings, struct m_finding, found);
    EACH(m->cites, struct m_cite, cite);
    EACH(m->notices, struct m_notice, notice);
    for (guint i = 0; i < m->shared->len; i++)
        one(mask, &g_array_index(m->shared, struct m_shared, i).address);
}
