/* SPDX-License-Identifier: Apache-2.0 */
/* The timeline of a report: days, entries with repeats folded, words that were said, and the systems that
 * attest each. */
#include "src/narrate/blocks.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"

#define REPEATS_MAX                                                                                          \
    6 /* so many are named; of more the first REPEATS_NAMED and the last, all are in the table */
#define REPEATS_NAMED 3
#define INLINE_QUOTE_MAX 200 /* bytes; longer words stand in a block of their own */

/* Where a reader looks for it: what was derived as an interval stands at its end, "known by then". */
static int64_t position(const struct m_act *a)
{
    return a->inferred ? a->until : a->time;
}

static int by_position(const void *x, const void *y)
{
    const struct m_act *a = *(const struct m_act *const *)x, *b = *(const struct m_act *const *)y;

    if (position(a) != position(b))
        return position(a) < position(b) ? -1 : 1;
    if (a->action != b->action) /* an account before its roles */
        return a->action < b->action ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

GPtrArray *acts_for_readers(const struct prose *p)
{
    GPtrArray *acts = g_ptr_array_new();

    for (guint i = 0; i < p->m->acts->len; i++)
        g_ptr_array_add(acts, p->m->acts->pdata[i]);
    g_ptr_array_sort(acts, by_position);
    return acts;
}

static bool is_notice_to_owner(const struct m_notice *n)
{
    return g_strcmp0(n->role, "owner-mailbox") == 0 && n->delivered;
}

/* A name in a sentence: a code span, or as it is where the sentence is no Markdown. */
static char *spoken(const char *name, bool markdown)
{
    return markdown ? name_span(name) : g_strdup(name ? name : "?");
}

static char *actor_words(struct prose *p, const struct m_act *a, bool markdown)
{
    g_autofree char *name = a->actor ? spoken(a->actor, markdown) : NULL;
    const char *const pairs[] = {"a", name ? name : "", NULL};

    if (!name)
        return g_strdup(phrase(p, "timeline.unnamed"));
    return a->actor_is_account && is_responder(p->m, a->actor)
               ? hc_words_fill(phrase(p, "timeline.admin"), pairs)
               : g_steal_pointer(&name);
}

bool is_owners_mailbox(const struct prose *p, const char *mailbox)
{
    for (guint i = 0; i < p->m->notices->len; i++) {
        const struct m_notice *n = &g_array_index(p->m->notices, struct m_notice, i);
        if (g_strcmp0(n->role, "owner-mailbox") == 0 && g_strcmp0(n->mailbox, mailbox) == 0)
            return true;
    }
    return false;
}

static bool is_talk(const struct m_act *a)
{
    return a->action == HC_ACTION_CHAT_MESSAGE || a->action == HC_ACTION_TICKET_MESSAGE;
}

static bool quotes_inline(const struct m_act *a)
{
    return is_talk(a) && a->text && strlen(a->text) <= INLINE_QUOTE_MAX && !strchr(a->text, '\n');
}

static char *phrase_key(struct prose *p, const struct m_act *a)
{
    const char *variant = "";
    g_autofree char *key = NULL, *plain = NULL;

    if ((a->action == HC_ACTION_MAIL_RECEIVED && is_owners_mailbox(p, a->actor)) ||
        (a->action == HC_ACTION_MAIL_SENT && is_owners_mailbox(p, a->target)))
        variant = "-owner";
    if (a->actor && g_strcmp0(a->actor, a->target) == 0)
        variant = "-self";
    else if (!*variant && (!a->actor || !a->target))
        variant = a->target ? "-unnamed" : "-only";
    if (is_talk(a) && !quotes_inline(a))
        variant = "-long"; /* the words follow as a block */
    if (!*variant && !a->role)
        variant = "-plain";
    key = g_strdup_printf("timeline.%s%s", hc_action_name(a->action), variant);
    if (section(p, key))
        return g_steal_pointer(&key);
    plain = g_strdup_printf("timeline.%s", hc_action_name(a->action));
    return section(p, plain) ? g_steal_pointer(&plain) : g_strdup("timeline.default");
}

static char *said_words(const struct m_act *a, bool markdown)
{
    GString *said = g_string_new(NULL);

    if (markdown)
        hc_markdown_escape(said, hc_str(a->text ? a->text : ""));
    else
        g_string_append(said, a->text ? a->text : "");
    return g_string_free(said, FALSE);
}

char *act_sentence(struct prose *p, const struct m_act *a, bool markdown)
{
    const char *thing =
        is_talk(a) && a->object && strchr(a->object, ':') ? strchr(a->object, ':') + 1 : a->object;
    g_autofree char *key = phrase_key(p, a), *actor = actor_words(p, a, markdown),
                    *target = spoken(a->target, markdown);
    g_autofree char *object = spoken(thing, markdown), *said = said_words(a, markdown),
                    *role = markdown ? role_words(a) : g_strdup(a->role ? a->role : "?");
    g_autofree char *native =
        spoken(a->action == HC_ACTION_AUDIT_OTHER ? a->text : hc_action_name(a->action), markdown);
    const char *const on_pairs[] = {"p", object, NULL};
    g_autofree char *on = a->object ? hc_words_fill(phrase(p, "timeline.on"), on_pairs) : g_strdup("");
    const char *const said_pairs[] = {"q", said, NULL};
    g_autofree char *brackets = *said ? hc_words_fill(phrase(p, "timeline.said"), said_pairs) : g_strdup("");
    const char *const pairs[] = {"a",    actor, "t", target, "p",  object, "r",      role, "n",
                                 native, "on",  on,  "q",    said, "said", brackets, NULL};
    char *text = hc_words_fill(phrase(p, key), pairs);

    if ((markdown || !a->actor) && *text >= 'a' && *text <= 'z') /* a bare name stays as it is */
        *text = g_ascii_toupper(*text);
    return text;
}

/* `mails`: only what the service's own mails about them attest. */
static void write_marks(const struct m_act *const *acts, size_t n, bool mails, GString *out)
{
    bool seen[M_SYSTEMS] = {false};

    for (size_t i = 0; i < n; i++)
        for (guint j = 0; j < acts[i]->attests->len; j++) {
            const struct m_attest *a = &g_array_index(acts[i]->attests, struct m_attest, j);
            bool mail = g_str_has_prefix(a->how, "notice") || g_str_has_prefix(a->how, "delivery");
            if (a->source && strcmp(a->how, "bound") != 0 && (mail || !mails))
                seen[a->source->system] = true;
        }
    for (int i = 0; i < M_SYSTEMS; i++)
        if (seen[i])
            g_string_append_printf(out, " `%c`", system_letter((enum m_system)i));
}

static void write_quote(const char *text, GString *out)
{
    g_autofree char *trimmed = g_strchomp(g_strdup(text));
    g_auto(GStrv) lines = g_strsplit(trimmed, "\n", -1);

    g_string_append_c(out, '\n');
    for (char **line = lines; *line; line++) {
        g_strchomp(*line);
        g_string_append(out, **line ? "    > " : "    >");
        hc_markdown_escape(out, hc_str(*line));
        g_string_append(out, line[1] && **line && *line[1] ? "  \n" : "\n");
    }
}

/* The clock, and the date where it is not the day of the first. */
static char *repeat_clock(const struct prose *p, int64_t us, int64_t first)
{
    g_autofree char *clock = clock_of(us), *date = date_of(p, us), *that = date_of(p, first);
    const char *const pairs[] = {"clock", clock, "date", date, NULL};

    return strcmp(date, that) == 0 ? g_steal_pointer(&clock)
                                   : hc_words_fill(phrase(p, "time.clock-and-date"), pairs);
}

/* "`project` (08:45:31)", or the name alone. */
static char *repeat_words(struct prose *p, const struct m_act *a, const struct m_act *first, bool same)
{
    g_autofree char *name = name_span(a->object ? a->object : a->target),
                    *clock = repeat_clock(p, a->time, first->time);
    const char *const pairs[] = {"project", name, "clock", clock, NULL};

    return same ? g_steal_pointer(&name) : hc_words_fill(phrase(p, "timeline.repeated-each"), pairs);
}

/* What is left between those that are named and the last. */
static char *more_words(struct prose *p, const GPtrArray *fold)
{
    g_autofree char *n = group_digits((int64_t)fold->len - 1 - REPEATS_NAMED);
    g_autofree char *last = repeat_words(p, fold->pdata[fold->len - 1], fold->pdata[0], false);
    const char *const pairs[] = {"n", n, "last", last, NULL};

    return hc_words_fill(phrase(p, "timeline.repeated-more"), pairs);
}

/* Repeats that have no project to name them by: how many, and until when. */
static void write_more(struct prose *p, const GPtrArray *fold, GString *out)
{
    const struct m_act *first = fold->pdata[0], *last = fold->pdata[fold->len - 1];
    g_autofree char *n = group_digits((int64_t)fold->len - 1),
                    *clock = repeat_clock(p, last->time, first->time);
    const char *const pairs[] = {"n", n, "last", clock, NULL};
    g_autofree char *text = hc_words_fill(phrase(p, "timeline.repeated-times"), pairs);

    g_string_append_printf(out, "    %s\n", text);
}

static void write_repeats(struct prose *p, const GPtrArray *fold, GString *out)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const struct m_act *first = fold->pdata[0];
    guint named = fold->len - 1 > REPEATS_MAX ? REPEATS_NAMED : fold->len - 1;
    bool same = true;
    g_autofree char *list = NULL, *text = NULL;

    for (guint i = 1; i < fold->len; i++)
        same &= ((const struct m_act *)fold->pdata[i])->time == first->time;
    for (guint i = 1; i <= named; i++)
        g_ptr_array_add(words, repeat_words(p, fold->pdata[i], first, same));
    if (named < fold->len - 1)
        g_ptr_array_add(words, more_words(p, fold));
    list = join_words(p, words);
    const char *const pairs[] = {"list", list, NULL};
    text = hc_words_fill(phrase(p, same ? "timeline.repeated-same" : "timeline.repeated"), pairs);
    g_string_append_printf(out, "    %s\n", text);
}

/* Do the repeats tell of different things: projects, or accounts? */
static bool have_names(const GPtrArray *fold)
{
    const struct m_act *first = fold->pdata[0];

    for (guint i = 1; i < fold->len && !first->object; i++)
        if (g_strcmp0(first->target, ((const struct m_act *)fold->pdata[i])->target) != 0)
            return true;
    return first->object != NULL;
}

static void write_entry(struct prose *p, const GPtrArray *fold, GString *out)
{
    const struct m_act *a = fold->pdata[0];
    g_autofree char *when = when_phrase(p, a, position(a)), *sentence = act_sentence(p, a, true);
    g_autofree char *note = note_acts(p, (const struct m_act *const *)fold->pdata, fold->len);
    const char *time = g_str_has_prefix(when, "at ") ? when + 3 : when;
    bool quote = a->text && a->action != HC_ACTION_AUDIT_OTHER && !quotes_inline(a);

    g_string_append_printf(out, "- **%s** – %s", time, sentence);
    write_marks((const struct m_act *const *)fold->pdata, fold->len, false, out);
    g_string_append_printf(out, "%s%s\n", note ? " " : "", note ? note : "");
    if (fold->len > 1 && have_names(fold))
        write_repeats(p, fold, out);
    else if (fold->len > 1)
        write_more(p, fold, out);
    if (quote)
        write_quote(a->text, out);
}

/* Somebody had access before the first act in the account's name; nothing dates it. */
static void write_access(struct prose *p, const struct m_act *invite, GString *out)
{
    const struct m_statement *gap = model_statement(p->m->gaps, "access");
    g_autofree char *taken = say(p, "list.taken"), *clock = clock_of(invite->time), *note = NULL;
    const char *const names[] = {"taken", taken, NULL}, *const times[] = {"clock", clock, NULL};
    g_autofree char *text = hc_words_fill(phrase(p, "timeline.access"), names),
                    *when = hc_words_fill(phrase(p, "time.before"), times);

    if (!gap)
        return;
    p->about = gap;
    p->about_what = "gap";
    note = note_key(p, "rule:lost");
    p->about = NULL;
    g_string_append_printf(out, "- **%s** – %s %s\n", when, text, note ? note : "");
}

static void write_notices(struct prose *p, GString *out)
{
    g_autoptr(GPtrArray) acts = g_ptr_array_new();
    int64_t first = 0, last = 0, n = 0;
    g_autofree char *count = NULL, *from = NULL, *to = NULL, *text = NULL, *note = NULL;

    for (guint i = 0; i < p->m->notices->len; i++) {
        const struct m_notice *notice = &g_array_index(p->m->notices, struct m_notice, i);
        if (!is_notice_to_owner(notice))
            continue;
        first = n++ ? MIN(first, notice->delivered) : notice->delivered;
        last = MAX(last, notice->delivered);
        if (model_act(p->m, notice->act))
            g_ptr_array_add(acts, (void *)model_act(p->m, notice->act));
    }
    count = count_noun(p, "notice", n);
    from = clock_of(first);
    to = repeat_clock(p, last, first);
    const char *key = n < 2                  ? "timeline.notice"
                      : p->m->taken->len > 1 ? "timeline.notices-owners"
                                             : "timeline.notices";
    const char *const pairs[] = {"n", count, "clock", to, NULL};
    text = hc_words_fill(phrase(p, key), pairs);
    note = note_key(p, "notices");
    g_string_append_printf(out, "- **%s** – %s", from, text);
    write_marks((const struct m_act *const *)acts->pdata, acts->len, true, out);
    g_string_append_printf(out, " %s\n", note ? note : "");
}

static int64_t first_notice(const struct prose *p)
{
    int64_t first = INT64_MAX;

    for (guint i = 0; i < p->m->notices->len; i++) {
        const struct m_notice *n = &g_array_index(p->m->notices, struct m_notice, i);
        if (is_notice_to_owner(n))
            first = MIN(first, n->delivered);
    }
    return first;
}

/* Acts by their fold, in the order of `acts`; one that is no repeat stands alone under its own address. */
static GHashTable *fold_acts(const GPtrArray *acts)
{
    GHashTable *folds =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);

    for (guint i = 0; i < acts->len; i++) {
        const struct m_act *a = acts->pdata[i];
        GPtrArray *fold = a->fold ? g_hash_table_lookup(folds, a->fold) : NULL;
        if (a->fold && !fold) {
            fold = g_ptr_array_new();
            g_hash_table_insert(folds, a->fold, fold);
        }
        if (fold)
            g_ptr_array_add(fold, (void *)a);
    }
    return folds;
}

/* One act with its repeats. */
static void write_act(struct prose *p, GHashTable *folds, const struct m_act *a, GString *out)
{
    const GPtrArray *fold = a->fold ? g_hash_table_lookup(folds, a->fold) : NULL;
    g_autoptr(GPtrArray) alone = g_ptr_array_new();

    g_ptr_array_add(alone, (void *)a);
    write_entry(p, fold ? fold : alone, out);
}

/* Repeats are told where the first of them is. */
static bool is_repeat(GHashTable *folds, const struct m_act *a)
{
    const GPtrArray *fold = a->fold ? g_hash_table_lookup(folds, a->fold) : NULL;

    return fold && fold->pdata[0] != a;
}

static void write_day(struct prose *p, int64_t us, char *last, GString *out)
{
    g_autofree char *day = iso_date(us), *date = date_of(p, us), *key = NULL, *text = NULL;
    int64_t days = (us - (us % (86400 * HC_US_PER_S) + 86400 * HC_US_PER_S) % (86400 * HC_US_PER_S)) /
                   (86400 * HC_US_PER_S);

    if (strcmp(day, last) == 0)
        return;
    g_strlcpy(last, day, 11);
    key = g_strdup_printf("weekday.%d", (int)((days % 7 + 10) % 7) + 1); /* 1970-01-01 was a Thursday */
    const char *const pairs[] = {"weekday", phrase(p, key), "date", date, NULL};
    text = hc_words_fill(phrase(p, "time.day"), pairs);
    if (out->len && out->str[out->len - 2] != '\n')
        g_string_append_c(out, '\n');
    write_heading(p, 3, text, out);
}

static void write_intro(struct prose *p, GString *out)
{
    g_autoptr(GPtrArray) systems = g_ptr_array_new_with_free_func(g_free);
    bool seen[M_SYSTEMS] = {false};
    g_autofree char *list = NULL, *text = NULL;

    for (guint i = 0; i < p->m->acts->len; i++) {
        const struct m_act *a = p->m->acts->pdata[i];
        for (guint j = 0; j < a->attests->len; j++)
            if (g_array_index(a->attests, struct m_attest, j).source)
                seen[g_array_index(a->attests, struct m_attest, j).source->system] = true;
    }
    for (int i = 0; i < M_SYSTEMS; i++) {
        g_autofree char *key = g_strdup_printf("timeline.systems.%d", i);
        if (seen[i])
            g_ptr_array_add(systems,
                            g_strdup_printf("`%c` %s", system_letter((enum m_system)i), phrase(p, key)));
    }
    list = join_words(p, systems);
    const char *const pairs[] = {"systems", list, NULL};
    text = hc_words_fill(phrase(p, "timeline.intro"), pairs);
    g_string_append_printf(out, "%s\n\n", text);
    if (has_figure(p))
        g_string_append_printf(
            out, "<!-- figure -->\n\n%s\n\n",
            phrase(p, p->m->style == M_TAKEOVER ? "timeline.figure" : "timeline.figure-finding"));
}

void block_timeline(struct prose *p, GString *out)
{
    g_autoptr(GPtrArray) acts = acts_for_readers(p);
    const struct m_act *invite = act_by_key(p, "invite");
    int64_t notice = first_notice(p);
    g_autoptr(GString) list = g_string_new(NULL);
    g_autoptr(GHashTable) folds = NULL;
    char day[11] = "";

    write_intro(p, out);
    folds = fold_acts(acts);
    for (guint i = 0; i < acts->len; i++) {
        const struct m_act *a = acts->pdata[i];
        if (is_repeat(folds, a))
            continue;
        if (notice < position(a)) {
            write_day(p, notice, day, list);
            write_notices(p, list);
            notice = INT64_MAX;
        }
        write_day(p, position(a), day, list);
        if (a == invite)
            write_access(p, a, list);
        write_act(p, folds, a, list);
    }
    if (notice != INT64_MAX) {
        write_day(p, notice, day, list);
        write_notices(p, list);
    }
    g_string_append_printf(out, "%s\n", list->str);
}
