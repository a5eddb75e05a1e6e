/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence appendix: every file with its hash, counts and the interval it covers, and what was assumed
 * about it. */
#include "src/narrate/blocks.h"

#include "src/base/markup.h"
#include "src/base/words.h"

/* A file with the sums of its members. */
struct file {
    const struct m_source *source, *typical; /* typical: the member with most records, for what it is */
    int64_t records, rejected, first, last;
    bool dated;
};

static void add_up(struct file *f, const struct m_source *s)
{
    f->records += s->records;
    f->rejected += s->rejected;
    if (!f->typical || s->records > f->typical->records)
        f->typical = s;
    if (!s->dated)
        return;
    f->first = f->dated ? MIN(f->first, s->first) : s->first;
    f->last = f->dated ? MAX(f->last, s->last) : s->last;
    f->dated = true;
}

static struct file sum(const struct model *m, guint at)
{
    struct file f = {.source = m->sources->pdata[at]};
    g_autofree char *prefix = g_strconcat(f.source->path, "!", NULL);

    add_up(&f, f.source);
    for (guint i = 0; i < m->sources->len; i++) {
        const struct m_source *s = m->sources->pdata[i];
        if (s->member && g_str_has_prefix(s->path, prefix))
            add_up(&f, s);
    }
    return f;
}

static char *minute_of(int64_t us)
{
    char text[HC_UTC_TEXT];

    hc_utc_format(us, text);
    return g_strdup_printf("%.10s %.5s", text, text + 11);
}

static void write_file(const struct prose *p, const struct file *f, GString *out)
{
    g_autofree char *path = name_span(f->source->path), *records = group_digits(f->records);
    g_autofree char *from = f->dated ? minute_of(f->first) : NULL, *to = f->dated ? minute_of(f->last) : NULL;
    g_autofree char *key = g_strdup_printf("timeline.systems.%d", (int)f->typical->system);
    g_autoptr(GString) what = g_string_new(NULL);

    hc_markdown_escape(what, hc_str(f->typical->title ? f->typical->title : phrase(p, key)));
    if (f->source->label) {
        g_string_append(what, ", ");
        hc_markdown_escape(what, hc_str(f->source->label));
    }
    g_string_append_printf(out, "| %s | %s | `%c` | `%.12s` | %s | %s%s%s |\n", path, what->str,
                           system_letter(f->typical->system), f->source->sha256, records, from ? from : "–",
                           to ? " – " : "", to ? to : "");
}

static void line(const struct prose *p, GString *out, const char *key, const char *const *pairs)
{
    g_autofree char *text = hc_words_fill(phrase(p, key), pairs);

    g_string_append_printf(out, "%s\n", text);
}

static void write_remarks(const struct prose *p, const struct m_source *s, const struct file *f, GString *out)
{
    g_autofree char *path = name_span(s->path), *zone = s->zone ? name_span(s->zone) : NULL;
    g_autofree char *clock = clock_of(s->taken), *date = date_of(p, s->taken),
                    *n = count_noun(p, "record", f->rejected);
    const char *const pairs[] = {"path", path, "zone", zone ? zone : "", "clock", clock, "date", date,
                                 "n",    n,    NULL};

    if (!was_read(s))
        line(p, out, "evidence.unread", pairs);
    if (s->narrowed)
        line(p, out, "evidence.narrowed", pairs);
    if (s->damaged)
        line(p, out, "evidence.damaged", pairs);
    if (s->unexplained)
        line(p, out, "evidence.unexplained", pairs);
    if (s->zone && s->system == M_MAIL_LOG)
        line(p, out, "evidence.zone", pairs);
    if (!s->zone && s->system == M_MAIL_LOG)
        line(p, out, "evidence.zone-assumed", pairs);
    if (s->system == M_DATABASE && s->has_taken)
        line(p, out, s->taken_given ? "evidence.taken" : "evidence.taken-assumed", pairs);
    if (f->rejected)
        line(p, out, "evidence.rejected", pairs);
}

/* What accuses an account and is not told is named with its reason: nobody is to take its absence for a
 * result. */
static void write_left_out(const struct prose *p, GString *out)
{
    for (guint i = 0; p->found && i < p->found->findings->len; i++) {
        const struct finding *f = p->found->findings->pdata[i];
        g_autoptr(GString) message = g_string_new(NULL), reason = g_string_new(NULL);
        if (!is_left_out(f))
            continue;
        hc_markdown_escape(message, hc_str(f->message));
        hc_markdown_escape(reason, hc_str(f->suppression->reason));
        const char *const pairs[] = {"rule",       f->rule,  "level",     f->level, "message",
                                     message->str, "reason", reason->str, NULL};
        line(p, out, "evidence.left-out", pairs);
    }
}

void block_evidence(struct prose *p, GString *out)
{
    g_autoptr(GString) remarks = g_string_new(NULL);
    static const char *const none[] = {NULL};
    int64_t rejected = 0;

    g_string_append_printf(out, "%s\n\n%s\n|---|---|:-:|---|--:|---|\n", phrase(p, "evidence.intro"),
                           phrase(p, "evidence.head"));
    for (guint i = 0; i < p->m->sources->len; i++) {
        const struct m_source *s = p->m->sources->pdata[i];
        struct file f;
        if (s->member)
            continue;
        f = sum(p->m, i);
        rejected += f.rejected;
        write_file(p, &f, out);
        write_remarks(p, s, &f, remarks);
    }
    if (!rejected)
        line(p, remarks, "evidence.rejected-none", none);
    write_left_out(p, remarks);
    line(p, remarks, "evidence.durations", none);
    line(p, remarks, p->public ? "evidence.audience-public" : "evidence.audience", none);
    g_string_append_printf(out, "\n%s\n", remarks->str);
    write_who(p, out);
}
