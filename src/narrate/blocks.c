/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/blocks.h"

#include "src/base/asset.h"
#include "src/base/markup.h"
#include "src/base/words.h"

static void use(struct prose *p, const struct m_statement *s, const char *what)
{
    p->about = s;
    p->about_what = what;
}

static void row(GString *out, const char *name, char *value)
{
    if (name && value)
        g_string_append_printf(out, "| %s | %s |\n", name, value);
    g_free(value);
}

static char *projects_of_all(struct prose *p)
{
    const struct m_statement *s = model_statement(p->m->claims, "no-other-pattern");
    int64_t all = fact_number(s, "projects");
    g_autofree char *n = group_digits((int64_t)p->m->projects->len), *total = group_digits(all);
    const char *const pairs[] = {"n", n, "total", total, NULL};

    return all > 0 ? hc_words_fill(phrase(p, "key.of"), pairs) : g_strdup(n);
}

static char *changes(struct prose *p)
{
    const struct m_statement *s = model_statement(p->m->claims, "no-release-change");
    int64_t releases = fact_number(s, "releases"), files = fact_number(s, "files");
    g_autofree char *r = group_digits(releases), *f = group_digits(files),
                    *n = group_digits(s ? s->matched : 0);
    const char *const r_pairs[] = {"n", n, "total", r, NULL}, *const f_pairs[] = {"n", n, "total", f, NULL};
    g_autofree char *of_r = hc_words_fill(phrase(p, "key.of"), r_pairs),
                    *of_f = hc_words_fill(phrase(p, "key.of"), f_pairs);

    if (!s || strcmp(s->verdict, "cannot-be-told") == 0)
        return NULL;
    return s->matched ? g_strdup(n) : g_strdup_printf("%s%s%s", of_r, phrase(p, "list.last"), of_f);
}

static char *notice_count(struct prose *p)
{
    int64_t n = fact_number(model_statement(p->m->lessons, "notices"), "n");

    return n > 0 && act_by_key(p, "report") ? group_digits(n) : NULL;
}

/* How many names, NULL without one. */
static char *how_many(const GPtrArray *names)
{
    return names->len ? group_digits((int64_t)names->len) : NULL;
}

/* Where no takeover is told: what was found on whom. */
static void found_rows(struct prose *p, GString *out)
{
    static const char *const metrics[] = {"detect", "contain", "resolve"};

    row(out, phrase(p, "key.findings"),
        p->m->findings->len ? group_digits((int64_t)p->m->findings->len) : NULL);
    row(out, phrase(p, "key.others"), how_many(p->m->other));
    row(out, phrase(p, "key.taken"), how_many(p->m->taken));
    row(out, phrase(p, "key.on-projects"), how_many(p->m->projects));
    row(out, phrase(p, "key.acts"), group_digits((int64_t)p->m->acts->len));
    for (size_t i = 0; i < G_N_ELEMENTS(metrics); i++) {
        g_autofree char *key = g_strdup_printf("measure.%s", metrics[i]),
                        *value = g_strdup_printf("{%%%s}", metrics[i]);
        row(out, phrase(p, key), fill_sentence(p, value));
    }
    g_string_append_c(out, '\n');
    use(p, model_statement(p->m->gaps, "consent"), "gap");
    write_section(p, section(p, "status-found"), out);
    use(p, NULL, NULL);
}

void block_summary(struct prose *p, GString *out)
{
    static const char *const metrics[] = {"attack", "detect", "contain", "restore"};

    write_section(p, section(p, "status"), out);
    g_string_append_printf(out, "%s%s\n|---|---|\n", p->several ? "<!-- key figures -->\n\n" : "",
                           phrase(p, "key.head"));
    if (p->m->style != M_TAKEOVER) {
        found_rows(p, out);
        return;
    }
    row(out, phrase(p, "key.accounts"), group_digits((int64_t)p->m->taken->len));
    row(out, phrase(p, "key.projects"), projects_of_all(p));
    for (size_t i = 0; i < G_N_ELEMENTS(metrics); i++) {
        g_autofree char *key = g_strdup_printf("key.%s", metrics[i]),
                        *other = g_strconcat(key, "-other", NULL), *name = say(p, key),
                        *else_name = name || !section(p, other) ? NULL : say(p, other),
                        *value =
                            g_strdup_printf(i ? "{%%%s}" : "{%%%s.most}",
                                            metrics[i]); /* the notice is where the attack's interval ends */
        row(out, name ? name : else_name, fill_sentence(p, value));
    }
    row(out, phrase(p, "key.notices"), notice_count(p));
    row(out, phrase(p, "key.changes"), changes(p));
    g_string_append_c(out, '\n');
    write_section(p, section(p, "status-list"), out);
}

/* Only with two findings or more is the conclusion drawn. */
static void write_why(struct prose *p, GString *out)
{
    g_autoptr(GString) list = g_string_new(NULL);
    int n = 0;

    use(p, model_statement(p->m->claims, "no-other-account"), "claim");
    for (const struct hc_yaml *f = section(p, "why.findings")->first; f; f = f->next) {
        g_autofree char *text = fill_sentence(p, f->text);
        bool wanted = text &&
                      !(strstr(f->text, "{#earlier.") && fact_number(p->about, "earlier_same") != 0) &&
                      !(strstr(f->text, "{#earlier.") && fact_number(p->about, "earlier") <= 0);
        if (wanted)
            g_string_append_printf(list, "%s\n", text);
        n += wanted;
    }
    use(p, NULL, NULL);
    for (guint i = 0; i < p->m->findings->len && i < 1; i++) {
        const struct m_finding *f = &g_array_index(p->m->findings, struct m_finding, i);
        g_autoptr(GString) message = g_string_new(NULL);
        g_autofree char *invites = note_key(p, "invites"), *accepts = note_key(p, "accepts"),
                        *removals = note_key(p, "removals"), *deleted = note_key(p, "delete");
        g_autofree char *refs = g_strconcat(invites, accepts, removals, deleted, NULL);
        hc_markdown_escape(message, hc_str(f->message));
        const char *const pairs[] = {"rule", f->rule, "message", message->str, "refs", refs, NULL};
        g_autofree char *text = hc_words_fill(phrase(p, "why.rule"), pairs);
        g_string_append_printf(list, "%s\n", text);
        n++;
    }
    if (n >= 2)
        g_string_append_printf(out, "%s\n\n%s\n%s\n\n", phrase(p, "why.heading"), list->str,
                               phrase(p, "why.close"));
}

/* What its rules say, each with the records of its steps. */
static void write_findings(struct prose *p, guint from, GString *out)
{
    for (guint i = from; i < p->m->findings->len; i++) {
        const struct m_finding *f = &g_array_index(p->m->findings, struct m_finding, i);
        g_autofree char *refs = note_acts(p, (const struct m_act *const *)f->acts->pdata, f->acts->len);
        g_autoptr(GString) message = g_string_new(NULL);
        hc_markdown_escape(message, hc_str(f->message));
        g_autoptr(GString) title = g_string_new(NULL);
        hc_markdown_escape(title, hc_str(f->title));
        const char *const pairs[] = {"title", title->str, "message", message->str,     "rule", f->rule,
                                     "level", f->level,   "refs",    refs ? refs : "", NULL};
        g_autofree char *text = hc_words_fill(phrase(p, "found.finding"), pairs);
        g_string_append_printf(out, "%s\n", text);
    }
    if (p->m->findings->len > from)
        g_string_append_c(out, '\n');
}

void block_story(struct prose *p, GString *out)
{
    if (p->m->style == M_TAKEOVER) {
        write_section(p, section(p, "story"), out);
        write_why(p, out);
        if (p->m->findings->len > 1)
            g_string_append_printf(out, "%s\n\n", phrase(p, "found.more"));
        write_findings(p, 1, out);
    } else if (p->m->findings->len) {
        g_string_append_printf(out, "%s\n\n", phrase(p, "found.intro"));
        write_findings(p, 0, out);
        g_string_append_printf(out, "%s\n\n", phrase(p, "found.close"));
    }
}

static void write_coverage(struct prose *p, GString *out)
{
    const struct m_statement *s = model_statement(p->m->claims, "no-release-change");
    g_autofree char *from_clock = s ? clock_of(s->from) : NULL, *from_date = s ? date_of(p, s->from) : NULL;
    g_autofree char *to_clock = s ? clock_of(s->to) : NULL, *to_date = s ? date_of(p, s->to) : NULL;
    const char *const from_pairs[] = {"clock", from_clock, "date", from_date, NULL}, *const to_pairs[] = {
                                                                                         "clock", to_clock,
                                                                                         "date", to_date,
                                                                                         NULL};

    if (!s || !s->to)
        return;
    g_autofree char *from = hc_words_fill(phrase(p, "time.clock-and-date"), from_pairs);
    g_autofree char *to = hc_words_fill(phrase(p, "time.clock-and-date"), to_pairs);
    const char *const pairs[] = {"from", from, "to", to, NULL};
    g_autofree char *text = hc_words_fill(phrase(p, "not-affected.coverage"), pairs);
    g_autofree char *note = note_key(p, "claim:no-release-change");
    g_string_append_printf(out, "%s%s\n\n", text, note ? note : "");
}

/* What was changed, or may have been, does not stand under a heading that says that it was not. */
static const char *claims_heading(const struct prose *p)
{
    for (guint i = 0; i < p->m->claims->len; i++)
        if (strcmp(g_array_index(p->m->claims, struct m_statement, i).verdict, "supported") != 0)
            return "heading.examined";
    return "heading.not-affected";
}

void block_impact(struct prose *p, GString *out)
{
    g_autofree char *affected = key_of_style(p, "affected");
    gsize start, told;

    if (section(p, affected) || p->m->exposures->len)
        write_heading(p, 3, phrase(p, "heading.affected"), out);
    write_section(p, section(p, affected), out);
    block_exposures(p, out);
    if (!p->m->claims->len)
        return;
    start = out->len;
    write_heading(p, 3, phrase(p, claims_heading(p)), out);
    g_string_append_printf(out, "%s\n\n", phrase(p, "not-affected.intro"));
    told = out->len;
    for (guint i = 0; i < p->m->claims->len; i++) {
        const struct m_statement *s = &g_array_index(p->m->claims, struct m_statement, i);
        g_autofree char *key = g_strconcat("not-affected.", s->name, NULL);
        size_t before = out->len;
        use(p, s, "claim");
        write_section(p, section(p, key), out);
        if (out->len > before && out->str[out->len - 2] == '\n' && i + 1 < p->m->claims->len)
            g_string_truncate(out, out->len - 1); /* one list of all of them */
    }
    use(p, NULL, NULL);
    if (out->len == told) { /* nothing could be said */
        g_string_truncate(out, start);
        return;
    }
    if (out->str[out->len - 2] != '\n')
        g_string_append_c(out, '\n');
    write_coverage(p, out);
}

/* The sentence of an act as a cell: without its full stop. */
static char *act_words(struct prose *p, const struct m_act *a)
{
    char *text = act_sentence(p, a, true);

    if (g_str_has_suffix(text, "."))
        text[strlen(text) - 1] = '\0';
    return text;
}

/* What an end of a duration was, with its time. */
static char *end_cell(struct prose *p, const struct m_act *a, const char *metric)
{
    g_autofree char *plain = g_strdup_printf("measure.event.%s", hc_action_name(a->action));
    bool owners = is_owners_mailbox(p, a->action == HC_ACTION_MAIL_SENT ? a->target : a->actor);
    g_autofree char *own = g_strdup_printf("%s-%s", plain,
                                           owners                               ? "owner"
                                           : strcmp(metric, "acknowledge") == 0 ? "chat"
                                                                                : "");
    g_autofree char *who = name_span(a->target), *by = name_span(a->actor), *on = name_span(a->object),
                    *clock = moment_of(p, a->inferred ? a->until : a->time), *what = NULL;
    const char *const names[] = {"o", who, "a", by, "p", on, NULL};

    what = section(p, own) || section(p, plain)
               ? hc_words_fill(phrase(p, section(p, own) ? own : plain), names)
               : act_words(p, a);
    const char *const pairs[] = {"what", what, "clock", clock, NULL};
    return hc_words_fill(phrase(p, a->inferred ? "measure.by" : "measure.end"), pairs);
}

void block_response(struct prose *p, GString *out)
{
    g_autoptr(GString) lines = g_string_new(NULL);

    if (act_by_key(p, "report"))
        write_section(p, section(p, "noticed"), out);
    use(p, model_statement(p->m->lessons, "notices"), "lesson");
    if (p->about && act_by_key(p, "report"))
        write_section(p, section(p, "noticed-notices"), out);
    use(p, NULL, NULL);
    for (guint i = 0; i < p->m->metrics->len; i++) {
        const struct m_metric *m = &g_array_index(p->m->metrics, struct m_metric, i);
        g_autofree char *plain = g_strdup_printf("measure.%s", m->name), *own = key_of_style(p, plain),
                        *key = g_strdup(section(p, own) ? own : plain),
                        *ask = g_strdup_printf("{%%%s}", m->name);
        g_autofree char *took = fill_sentence(p, ask), *from = end_cell(p, m->from, m->name),
                        *to = end_cell(p, m->to, m->name);
        g_autofree char *from_note = note_acts(p, &m->from, 1), *to_note = note_acts(p, &m->to, 1);
        g_string_append_printf(lines, "| %s | %s%s | %s%s | %s |\n", phrase(p, key), from,
                               from_note ? from_note : "", to, to_note ? to_note : "", took);
    }
    if (lines->len)
        g_string_append_printf(out, "%s\n|---|---|---|---|\n%s\n", phrase(p, "measure.head"), lines->str);
}

/* Addresses that many use: what came from there is no sign. */
static void write_shared(struct prose *p, GString *out)
{
    for (guint i = 0; i < p->m->shared->len; i++) {
        const struct m_shared *s = &g_array_index(p->m->shared, struct m_shared, i);
        g_autofree char *address = name_span(s->address), *n = count_noun(p, "account", s->accounts);
        const char *const pairs[] = {"address", address, "n", n, NULL};
        g_autofree char *text =
            hc_words_fill(phrase(p, s->accounts ? "gap.shared" : "gap.shared-named"), pairs);
        g_string_append_printf(out, "%s\n", text);
    }
}

void block_unknown(struct prose *p, GString *out)
{
    for (guint i = 0; i < p->m->gaps->len; i++) {
        const struct m_statement *s = &g_array_index(p->m->gaps, struct m_statement, i);
        g_autofree char *kind =
            g_strndup(s->name, strcspn(s->name, " ")); /* several of a kind are numbered */
        g_autofree char *key = g_strconcat("gap.", kind, NULL), *text = NULL;
        use(p, s, "gap");
        text = section(p, key) ? say(p, key) : NULL;
        if (text)
            g_string_append_printf(out, "%s\n", text);
    }
    use(p, NULL, NULL);
    write_shared(p, out);
    g_string_append_c(out, '\n');
}

/* A lesson file: `---`, title and action, `---`, then one sentence a line. */
static void write_lesson(struct prose *p, const char *file, GString *out)
{
    g_autofree char *text = hc_str_dup(hc_asset(file));
    g_auto(GStrv) parts = g_strsplit(text, "---\n", 3);
    g_autoptr(hc_yaml_t) head = parts[0] && parts[1] ? hc_yaml_parse(hc_str(parts[1]), file, NULL) : NULL;
    g_auto(GStrv) lines = head && parts[2] ? g_strsplit(parts[2], "\n", -1) : NULL;
    const char *const pairs[] = {"action", head ? hc_yaml_text(head, "action") : "", NULL};
    g_autoptr(GString) body = g_string_new(NULL);

    for (char **line = lines; line && *line; line++) {
        g_autofree char *sentence = **line ? say_sentence(p, *line) : NULL;
        if (sentence)
            g_string_append_printf(body, "%s%s", body->len ? phrase(p, "list.sentence") : "", sentence);
    }
    if (!body->len)
        return;
    g_autofree char *action = hc_words_fill(phrase(p, "lesson.action"), pairs);
    write_heading(p, 3, hc_yaml_text(head, "title"), out);
    g_string_append_printf(out, "%s\n\n%s\n%s\n\n", body->str, action, phrase(p, "lesson.owner"));
}

void block_lessons(struct prose *p, GString *out)
{
    for (guint i = 0; i < p->m->lessons->len; i++) {
        const struct m_statement *s = &g_array_index(p->m->lessons, struct m_statement, i);
        g_autofree char *file = g_strdup_printf("reports/lessons/%s.md", s->name);
        use(p, s, "lesson");
        write_lesson(p, file, out);
    }
    use(p, NULL, NULL);
}

static char *project_time(const struct prose *p, enum hc_action action, const char *phase,
                          const char *project)
{
    for (guint i = 0; i < p->m->acts->len; i++) {
        const struct m_act *a = p->m->acts->pdata[i];
        if (a->action == action && strcmp(a->phase, phase) == 0 && g_strcmp0(a->object, project) == 0)
            return moment_of(p, a->time);
    }
    return g_strdup("–");
}

void block_projects(struct prose *p, GString *out)
{
    g_string_append_printf(out, "%s\n|---|---|---|---|---|\n", phrase(p, "table.head"));
    for (guint i = 0; i < p->m->projects->len; i++) {
        const char *project = p->m->projects->pdata[i];
        g_autofree char *name = name_span(project),
                        *invited = project_time(p, HC_ACTION_ROLE_INVITE, "takeover", project),
                        *accepted = project_time(p, HC_ACTION_ROLE_ACCEPT, "takeover", project),
                        *removed = project_time(p, HC_ACTION_ROLE_REMOVE, "takeover", project),
                        *back = project_time(p, HC_ACTION_ROLE_ADD, "recovery", project);
        g_string_append_printf(out, "| %s | %s | %s | %s | %s |\n", name, invited, accepted, removed, back);
    }
    g_string_append_c(out, '\n');
}
