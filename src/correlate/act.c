/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/world.h"

#include "src/base/text.h"
#include "src/correlate/clock.h"
#include "src/correlate/names.h"

#include <stdarg.h>

void act_clear(struct act *act)
{
    g_clear_pointer(&act->actor_text, g_free);
    g_clear_pointer(&act->text, g_free);
    g_clear_pointer(&act->title, g_free);
    if (act->why)
        g_string_free(act->why, TRUE);
    act->why = NULL;
}

void act_why(struct act *act, const char *format, ...)
{
    va_list args;

    if (!act->why)
        act->why = g_string_new(NULL);
    else
        g_string_append_c(act->why, '\n');
    va_start(args, format);
    g_string_append_vprintf(act->why, format, args);
    va_end(args);
}

bool correct_time(const struct world *w, int64_t source, int64_t *time, int64_t *until)
{
    return clocks_correct(w->clocks, source, time, until, NULL);
}

int64_t clock_error(const struct world *w)
{
    return clocks_error(w->clocks);
}

static void correct_act(const struct world *w, struct act *act, int64_t source)
{
    const char *because;

    if (!act->has_time || !clocks_correct(w->clocks, source, &act->time, &act->until, &because))
        return;
    act->basis |= HC_BASIS_CLOCK;
    act_why(act, "time: %s", because);
}

/* Two accounts of one name look the same where they are shown: of the later one it is said. */
static void say_later(const struct world *w, struct act *act, int64_t who, const char *what, const char *name)
{
    char time[HC_UTC_TEXT];
    int64_t born;

    if (names_birth(w->names, who, &born))
        act_why(act, "%s: %s is here the account that was made %s; the name was another account's before",
                what, name, hc_utc_format(born, time));
    else
        act_why(act, "%s: %s is here a later account of the name; it was another account's before", what,
                name);
}

/* Whom a name means at that time; why it stays a name where several had it. */
static int64_t person_at(struct world *w, struct act *act, int64_t entity, const struct hc_time *when,
                         const char *what)
{
    bool uncertain = false;
    int64_t who = canonical_at(w, entity, when, &uncertain);
    bool later = who && names_is_later(w->names, who);
    g_autofree char *name = uncertain || later ? name_of(w, who) : NULL;

    if (uncertain)
        act_why(act, "%s: several accounts had the name %s; which of them this is cannot be told", what,
                name);
    else if (later)
        say_later(w, act, who, what, name);
    return who;
}

bool act_unmask(struct world *w, struct act *act, int64_t event, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "unmasked", "i", event);
    int rc = hc_step(st, error);

    if (rc == 1) {
        g_autofree char *because = hc_col_dup(st, 1);
        act->actor = hc_col_int(st, 0);
        act_why(act, act->actor ? "actor: %s" : "actor: unknown; %s", because);
    }
    hc_stmt_reset(st);
    return rc >= 0;
}

int64_t lead_of(struct world *w, int64_t event)
{
    hc_stmt *st = w->has_twins ? hc_db_query(w->db, "correlate", "lead_of", "i", event) : NULL;
    int64_t lead = st && hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : event;

    if (st)
        hc_stmt_reset(st);
    return lead;
}

bool add_twin(struct world *w, int64_t event, int64_t lead, GError **error)
{
    w->has_twins = true;
    return hc_exec(hc_db_query(w->db, "correlate", "add_twin", "ii", event, lead), error);
}

bool act_from_event(struct world *w, struct act *act, int64_t record, GError **error)
{
    int64_t event = lead_of(w, record);
    hc_stmt *st = hc_db_query(w->db, "correlate", "event", "i", event);
    struct hc_time when;

    if (hc_step(st, error) != 1)
        return false;
    act->event = event;
    act->precision = (enum hc_precision)hc_col_int(st, 2);
    act->has_time = act->has_until = act->precision != HC_PRECISION_NONE;
    act->time = hc_col_int(st, 0);
    act->until = act->time + hc_col_int(st, 1);
    act->basis = (unsigned)hc_col_int(st, 3);
    act->action = (enum hc_action)hc_col_int(st, 4);
    act->outcome = hc_col_int(st, 5);
    correct_act(w, act, hc_col_int(st, 14));
    when = (struct hc_time){act->time, act->until, act->precision, act->basis};
    act->actor = person_at(w, act, hc_col_int(st, 6), &when, "actor");
    act->target = person_at(w, act, hc_col_int(st, 7), &when, "target");
    act->object = canonical(w, hc_col_int(st, 8));
    act->version = canonical(w, hc_col_int(st, 9));
    act->file = canonical(w, hc_col_int(st, 10));
    act->address = canonical(w, hc_col_int(st, 11));
    act->message = canonical(w, hc_col_int(st, 12));
    g_free(act->text);
    act->text = hc_col_dup(st, 13);
    hc_stmt_reset(st);
    return true;
}

int64_t act_insert(struct world *w, const struct act *act, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "add_act");
    const int64_t refs[] = {act->actor,   0,         act->target,  act->object,
                            act->version, act->file, act->address, act->message};

    if (act->has_time)
        hc_bind_int(st, 1, act->time);
    if (act->has_until)
        hc_bind_int(st, 2, act->until);
    hc_bind_int(st, 3, act->precision);
    hc_bind_int(st, 4, act->basis);
    if (act->event)
        hc_bind_int(st, 5, act->event);
    if (act->state)
        hc_bind_int(st, 6, act->state);
    hc_bind_int(st, 7, act->action);
    hc_bind_int(st, 8, act->outcome);
    for (int i = 0; i < (int)G_N_ELEMENTS(refs); i++)
        if (refs[i])
            hc_bind_int(st, 9 + i, refs[i]);
    hc_bind_text(st, 10, hc_str(act->actor_text));
    hc_bind_text(st, 17, hc_str(act->text));
    hc_bind_text(st, 18, hc_str(act->title));
    hc_bind_text(st, 19, act->why ? hc_str_n(act->why->str, act->why->len) : HC_STR_NONE);
    return hc_exec(st, error) ? hc_db_last_id(w->db) : 0;
}

bool attest_event(struct world *w, int64_t act, int64_t event, const char *how, GError **error)
{
    int64_t lead = lead_of(w, event);

    if (w->has_twins && strcmp(how, "record") == 0 &&
        !hc_exec(hc_db_query(w->db, "correlate", "attest_twins", "ii", act, lead), error))
        return false;
    return hc_exec(hc_db_query(w->db, "correlate", "attest_event", "iit", act, event, how), error);
}

bool attest_state(struct world *w, int64_t act, int64_t state, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "attest_state", "ii", act, state), error);
}

bool add_link(struct world *w, const char *kind, int64_t a, int64_t b, const char *because, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_link", "tiit", kind, a, b, because), error);
}

void facts_clear(struct facts *f)
{
    if (f->json)
        g_string_free(f->json, TRUE);
    f->json = NULL;
}

static GString *next_fact(struct facts *f, const char *name)
{
    if (!f->json)
        f->json = g_string_new("{}");
    g_string_truncate(f->json, f->json->len - 1);
    if (f->json->len > 1)
        g_string_append_c(f->json, ',');
    hc_text_json(f->json, hc_str(name));
    g_string_append_c(f->json, ':');
    return f->json;
}

void fact_int(struct facts *f, const char *name, int64_t value)
{
    g_string_append_printf(next_fact(f, name), "%" G_GINT64_FORMAT "}", value);
}

void fact_text(struct facts *f, const char *name, const char *value)
{
    if (!value)
        return;
    hc_text_json(next_fact(f, name), hc_str(value));
    g_string_append_c(f->json, '}');
}

const char *facts_text(struct facts *f)
{
    return f->json ? f->json->str : "{}";
}
