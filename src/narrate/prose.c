/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/values.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"

#define HIDES_MAX 8 /* things that a gap hides are named; what follows is less */

const struct hc_yaml *section(const struct prose *p, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(key, ".", -1);
    const struct hc_yaml *node = p->lang;

    for (char **part = parts; node && *part; part++)
        node = hc_yaml_get(node, *part);
    return node;
}

const char *phrase(const struct prose *p, const char *key)
{
    const struct hc_yaml *node = section(p, key);

    return node && node->type == HC_YAML_SCALAR ? node->text : g_intern_string(key);
}

const char *phrase_if(const struct prose *p, const char *key)
{
    const struct hc_yaml *node = section(p, key);

    return node && node->type == HC_YAML_SCALAR ? node->text : NULL;
}

void write_heading(const struct prose *p, int level, const char *text, GString *out)
{
    for (int i = 0; i < level + p->depth; i++)
        g_string_append_c(out, '#');
    g_string_append_printf(out, " %s\n\n", text);
}

char *key_of_style(const struct prose *p, const char *key)
{
    static const char *const styles[] = {
        [M_NOTHING] = "-nothing", [M_TAKEOVER] = "", [M_FINDING] = "-finding", [M_SUBJECT] = "-subject"};

    return g_strconcat(key, styles[p->m->style], NULL);
}

static char *time_value(const struct prose *p, char *key)
{
    char *dot = strchr(key, '.');
    const struct m_act *act;

    if (dot)
        *dot = '\0';
    act = act_by_key(p, key);
    if (!act)
        return NULL;
    if (!dot)
        return when_phrase(p, act, first_day(p));
    return strcmp(dot + 1, "date") == 0
               ? date_of(p, act->time)
               : moment_of(p, strcmp(dot + 1, "until") == 0 ? act->until : act->time);
}

char *duration_words(const struct prose *p, int64_t least, int64_t most)
{
    g_autofree char *upper = hc_words_at_most(most), *lower = least < 0 ? NULL : hc_words_duration(least);
    const char *const pairs[] = {"most", upper, "least", lower ? lower : "", NULL};

    if (least == most)
        return hc_words_duration(most);
    /* the most that it can have been is what a reader asks for; both where they are near each other */
    return hc_words_fill(
        phrase(p, lower && most - least < HC_BY_FROM ? "time.least-to-most" : "time.less-than"), pairs);
}

/* {%NAME} says what is known of it; {%NAME.most} ends at the latest instant of its last act. */
static char *metric_value(const struct prose *p, char *name)
{
    char *dot = strchr(name, '.');
    const struct m_metric *metric;

    if (dot)
        *dot = '\0';
    metric = model_metric(p->m, name);
    if (!metric)
        return NULL;
    return dot ? hc_words_duration(metric->most) : duration_words(p, metric->least, metric->most);
}

/* To the minute; with the date as moment_of has it. */
static char *minute_of(const struct prose *p, int64_t us)
{
    char *text = moment_of(p, us);

    memmove(text + strlen("hh:mm"), text + strlen("hh:mm:ss"), strlen(text + strlen("hh:mm:ss")) + 1);
    return text;
}

/* What records of these actions (names with commas) would tell, in the catalogue's words; each said once. */
static char *hidden_acts(const struct prose *p, const char *form, const char *actions)
{
    g_auto(GStrv) names = g_strsplit(actions, ",", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (char **name = names; *name; name++) {
        g_autofree char *key = g_strdup_printf("%s.%s", form, *name);
        const char *said = section(p, key) ? phrase(p, key) : NULL;
        if (said && words->len < HIDES_MAX &&
            !g_ptr_array_find_with_equal_func(words, said, g_str_equal, NULL))
            g_ptr_array_add(words, (void *)said);
    }
    return words->len ? join_words(p, words) : NULL;
}

/* "a,b" as code spans. */
static char *code_list(const struct prose *p, const char *list)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (char **name = names; *name; name++)
        g_ptr_array_add(words, name_span(*name));
    return words->len ? join_words(p, words) : NULL;
}

static char *figure_value(const struct prose *p, char *key)
{
    char *dot = strchr(key, '.');
    g_autofree char *text = NULL;
    const char *form = dot ? dot + 1 : "digits";
    int64_t n;

    if (dot)
        *dot = '\0';
    if (p->about && strcmp(key, "examined") == 0)
        text = g_strdup_printf("%" G_GINT64_FORMAT, p->about->examined);
    else if (p->about && strcmp(key, "matched") == 0)
        text = g_strdup_printf("%" G_GINT64_FORMAT, p->about->matched);
    else
        text = fact_string(p->about, key);
    if (!text)
        return NULL;
    if (strcmp(form, "name") == 0)
        return name_span(text);
    if (strcmp(form, "text") == 0) {
        GString *out = g_string_new(NULL);
        hc_markdown_escape(out, hc_str(text));
        return g_string_free(out, FALSE);
    }
    if (strcmp(form, "codes") == 0)
        return code_list(p, text);
    if (strcmp(form, "hides") == 0 || strcmp(form, "hides-of") == 0)
        return hidden_acts(p, form, text);
    n = g_ascii_strtoll(text, NULL, 10);
    if (strcmp(form, "words") == 0)
        return n ? number_word(p, n) : g_strdup(phrase(p, "number.none"));
    if (strcmp(form, "clock") == 0)
        return clock_of(n);
    if (strcmp(form, "moment") == 0)
        return moment_of(p, n);
    if (strcmp(form, "date") == 0)
        return date_of(p, n);
    if (strcmp(form, "day") == 0)
        return iso_date(n);
    if (strcmp(form, "minute") == 0)
        return minute_of(p, n);
    if (strcmp(form, "duration") == 0)
        return hc_words_duration(n);
    if (strcmp(form, "digits") == 0)
        return group_digits(n);
    return count_noun(p, form, n); /* {#n.notice}: "nine notices" */
}

/* What a condition asks for, as text; NULL when it is not there. */
static char *condition_value(const struct prose *p, const char *key)
{
    if (g_str_has_prefix(key, "claim:")) {
        const struct m_statement *s = model_statement(p->m->claims, key + 6);
        return s ? g_strdup(s->verdict) : NULL;
    }
    if (g_str_has_prefix(key, "metric:"))
        return model_metric(p->m, key + 7) ? g_strdup("") : NULL;
    if (g_str_has_prefix(key, "#"))
        return fact_string(p->about, key + 1);
    if (act_by_key(p, key))
        return g_strdup("");
    return value_of_model(p, key);
}

static char *condition(const struct prose *p, char *key, bool wanted)
{
    char *equals = strchr(key, '=');
    g_autofree char *value = NULL;
    bool holds;

    if (equals)
        *equals = '\0';
    value = condition_value(p, key);
    holds = value && (!equals || strcmp(value, equals + 1) == 0);
    return holds == wanted ? g_strdup("") : NULL;
}

static char *value(struct prose *p, char *inside)
{
    switch (*inside) {
    case '@':
        return time_value(p, inside + 1);
    case '%':
        return metric_value(p, inside + 1);
    case '#':
        return figure_value(p, inside + 1);
    case '^':
        return note_key(p, inside + 1);
    case '?':
    case '!':
        return condition(p, inside + 1, *inside == '?');
    default:
        return value_of_model(p, inside);
    }
}

/* Forgets the notes from `n` on. */
static void forget_notes(struct prose *p, guint n)
{
    while (p->notes->len > n) {
        g_hash_table_remove(p->numbers, p->notes->pdata[p->notes->len - 1]);
        g_ptr_array_set_size(p->notes, (int)p->notes->len - 1);
    }
}

/* Is all there that the sentence names? Notes that were only tried are forgotten: what is left out numbers
 * nothing. */
static bool can_fill(struct prose *p, const char *sentence)
{
    guint notes = p->notes->len;
    bool all = true;

    for (const char *open = strchr(sentence, '{'), *close; all && open && (close = strchr(open, '}'));
         open = strchr(close, '{')) {
        g_autofree char *inside = g_strndup(open + 1, (gsize)(close - open - 1)), *text = value(p, inside);
        all = text != NULL;
    }
    forget_notes(p, notes);
    return all;
}

char *fill_sentence(struct prose *p, const char *sentence)
{
    GString *out;

    if (!can_fill(p, sentence))
        return NULL;
    out = g_string_new(NULL);
    while (*sentence) {
        const char *open = strchr(sentence, '{'), *close = open ? strchr(open, '}') : NULL;
        g_autofree char *inside = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
        g_autofree char *text = inside ? value(p, inside) : NULL;
        if (!close) {
            g_string_append(out, sentence);
            break;
        }
        g_string_append_len(out, sentence, open - sentence);
        g_string_append(out, text ? text : "");
        sentence = close + 1;
    }
    return g_string_free(out, FALSE);
}

/* A sentence may begin with a number in words. */
static void capitalise(char *text)
{
    if (*text >= 'a' && *text <= 'z')
        *text = g_ascii_toupper(*text);
}

char *say_sentence(struct prose *p, const char *sentence)
{
    char *text = fill_sentence(p, sentence);

    if (text)
        capitalise(text);
    return text;
}

char *say(struct prose *p, const char *key)
{
    return fill_sentence(p, phrase(p, key));
}

static char *paragraph(struct prose *p, const struct hc_yaml *node)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const struct hc_yaml *n = node->type == HC_YAML_SEQUENCE ? node->first : node; n;
         n = node->type == HC_YAML_SEQUENCE ? n->next : NULL) {
        g_autofree char *text = n->text ? fill_sentence(p, n->text) : NULL;
        if (!text || !*text)
            continue;
        capitalise(text);
        if (out->len)
            g_string_append(out, phrase(p, "list.sentence"));
        g_string_append(out, text);
    }
    return out->len ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

void write_section(struct prose *p, const struct hc_yaml *paragraphs, GString *out)
{
    bool listed = false;

    for (const struct hc_yaml *n = paragraphs ? paragraphs->first : NULL; n; n = n->next) {
        g_autofree char *text = paragraph(p, n);
        bool bullet = text && g_str_has_prefix(text, "- ");
        if (!text)
            continue;
        if (listed && !bullet)
            g_string_append_c(out, '\n');
        g_string_append_printf(out, bullet ? "%s\n" : "%s\n\n", text);
        listed = bullet;
    }
    if (listed)
        g_string_append_c(out, '\n');
}
