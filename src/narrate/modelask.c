/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a model that was read. */
#include "src/narrate/model.h"

#include "src/base/json.h"

bool was_read(const struct m_source *s)
{
    return strcmp(s->status, "read") == 0 || strcmp(s->status, "archive") == 0 ||
           strcmp(s->status, "part") == 0;
}

bool all_was_read(const struct model *m)
{
    for (guint i = 0; i < m->sources->len; i++) {
        const struct m_source *s = m->sources->pdata[i];
        if ((!was_read(s) && strcmp(s->status, "copy") != 0) || s->rejected || s->narrowed || s->unexplained)
            return false;
    }
    return true;
}

char system_letter(enum m_system system)
{
    static const char letters[M_SYSTEMS] = {'D', 'M', 'B', 'C', 'A', 'T'};

    return letters[system];
}

bool is_responder(const struct model *m, const char *name)
{
    for (guint i = 0; name && i < m->admins->len; i++)
        if (g_ascii_strcasecmp(m->admins->pdata[i], name) == 0)
            return true;
    return false;
}

const struct m_act *model_act(const struct model *m, int64_t id)
{
    for (guint i = 0; i < m->acts->len; i++)
        if (((const struct m_act *)m->acts->pdata[i])->id == id)
            return m->acts->pdata[i];
    return NULL;
}

const struct m_act *model_first(const struct model *m, enum hc_action action, const char *phase)
{
    for (guint i = 0; i < m->acts->len; i++) {
        const struct m_act *a = m->acts->pdata[i];
        if (a->action == action && (!phase || g_strcmp0(a->phase, phase) == 0))
            return a;
    }
    return NULL;
}

const struct m_metric *model_metric(const struct model *m, const char *name)
{
    for (guint i = 0; i < m->metrics->len; i++)
        if (strcmp(g_array_index(m->metrics, struct m_metric, i).name, name) == 0)
            return &g_array_index(m->metrics, struct m_metric, i);
    return NULL;
}

const struct m_statement *model_statement(const GArray *statements, const char *name)
{
    for (guint i = 0; i < statements->len; i++)
        if (strcmp(g_array_index(statements, struct m_statement, i).name, name) == 0)
            return &g_array_index(statements, struct m_statement, i);
    return NULL;
}

char *fact_string(const struct m_statement *s, const char *name)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_str value = s ? hc_json_get(hc_str(s->facts), name) : HC_STR_NONE;

    return value.p && hc_json_text(value, text) ? g_strdup(text->str) : NULL;
}

int64_t fact_number(const struct m_statement *s, const char *name)
{
    g_autofree char *text = fact_string(s, name);

    return text ? g_ascii_strtoll(text, NULL, 10) : -1;
}
