/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/mail/report.h"

#include "src/base/keyed.h"
#include "src/base/text.h"
#include "src/evidence/mail/bounce.h"

/* A header of a report: "Name: value", what is folded joined. */
struct field {
    struct hc_str name;
    GString *value;
};

struct report {
    struct hc_sink *sink;
    const struct hc_mime *mime;
    const struct hc_event *mail;
    GArray *fields; /* struct field: those of the message first, then of each recipient */
    int64_t told, left_out;
};

static void field_clear(void *data)
{
    g_string_free(((struct field *)data)->value, TRUE);
}

static GArray *fields_new(void)
{
    GArray *fields = g_array_new(FALSE, FALSE, sizeof(struct field));

    g_array_set_clear_func(fields, field_clear);
    return fields;
}

static struct hc_str next_line(struct hc_str *rest)
{
    ptrdiff_t end = hc_str_chr(*rest, '\n');
    struct hc_str line = end < 0 ? *rest : hc_str_head(*rest, (size_t)end);

    *rest = hc_str_skip(*rest, line.n + 1);
    return line.n && line.p[line.n - 1] == '\r' ? hc_str_head(line, line.n - 1) : line;
}

static void add_line(GArray *fields, struct hc_str line)
{
    ptrdiff_t colon = hc_str_chr(line, ':');

    if ((line.p[0] == ' ' || line.p[0] == '\t') && fields->len) {
        GString *value = g_array_index(fields, struct field, fields->len - 1).value;
        struct hc_str more = hc_str_trim(line);
        g_string_append_c(value, ' ');
        g_string_append_len(value, more.p, (gssize)more.n);
    } else if (colon > 0) {
        struct hc_str value = hc_str_trim(hc_str_skip(line, (size_t)colon + 1));
        struct field f = {hc_str_head(line, (size_t)colon), g_string_new_len(value.p, (gssize)value.n)};
        g_array_append_val(fields, f);
    }
}

/* The headers up to the next empty line; NULL: there are no more. */
static GArray *next_group(struct hc_str *rest)
{
    GArray *fields = fields_new();

    while (rest->n) {
        struct hc_str line = next_line(rest);
        if (line.n)
            add_line(fields, line);
        else if (fields->len)
            return fields;
    }
    if (fields->len)
        return fields;
    g_array_unref(fields);
    return NULL;
}

static struct hc_str get(const GArray *fields, const char *name)
{
    for (guint i = 0; fields && i < fields->len; i++) {
        const struct field *f = &g_array_index(fields, struct field, i);
        if (f->name.n == strlen(name) && g_ascii_strncasecmp(f->name.p, name, f->name.n) == 0)
            return hc_str_n(f->value->str, f->value->len);
    }
    return HC_STR_NONE;
}

/* "rfc822; <a@b>" -> a@b, "dns; host" -> host */
static struct hc_str without_type(struct hc_str text)
{
    ptrdiff_t semicolon = text.p ? hc_str_chr(text, ';') : -1;

    text = semicolon < 0 ? text : hc_str_trim(hc_str_skip(text, (size_t)semicolon + 1));
    if (text.n && text.p[0] == '<')
        text = hc_str_skip(text, 1);
    return text.n && text.p[text.n - 1] == '>' ? hc_str_head(text, text.n - 1)
                                               : text; /* some hosts write only one of the two */
}

static struct hc_ref mailbox(struct hc_str address)
{
    return address.n ? (struct hc_ref){HC_ENTITY_MAILBOX, address}
                     : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static void add(struct hc_event *e, const char *name, struct hc_str value)
{
    if (value.n)
        hc_event_add(e, hc_str(name), value);
}

/* Times of the reporting host, in UTC; as they are written where they cannot be read. */
static void add_time(struct hc_event *e, const char *name, struct hc_str text, char *room)
{
    struct hc_time time = {0};

    if (hc_time_rfc5322(text, &time) && time.precision)
        text = hc_str(hc_utc_format(time.earliest, room));
    add(e, name, text);
}

static struct hc_str without_brackets(struct hc_str id)
{
    return id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>' ? hc_str_n(id.p + 1, id.n - 2) : id;
}

/* What all of them have: time, place and number of the report, and the message that it is about. */
static struct hc_event start(const struct report *r, enum hc_action action, const char *type,
                             struct hc_str about)
{
    struct hc_event e = {.time = r->mail->time,
                         .raw_time = r->mail->raw_time,
                         .action = action,
                         .type = hc_str(type),
                         .at = r->mail->at,
                         .more = true};
    struct hc_str id =
        about.n ? without_brackets(about) : hc_str(r->mime->returned ? r->mime->returned->message_id : NULL);

    if (id.n)
        e.message = (struct hc_ref){HC_ENTITY_MESSAGE, id};
    add(&e, "report-id", hc_str(r->mime->message_id));
    if (r->mime->returned) {
        add(&e, "original-subject", hc_str(r->mime->returned->subject));
        add(&e, "original-from", hc_str(r->mime->returned->from));
        add(&e, "original-date", hc_str(r->mime->returned->date));
    }
    return e;
}

static bool push(struct report *r, struct hc_event *e, GError **error)
{
    /* a copy of the report in another mailbox tells of the same recipients in the same order */
    e->row_key = hc_hash_add(r->mail->row_key, hc_str_n((const char *)&r->told, sizeof r->told));

    if (r->told == HC_REPORT_RECIPIENTS_MAX) {
        r->left_out++;
        return true;
    }
    r->told++;
    return hc_sink_event(r->sink, e, error);
}

static bool is(struct hc_str text, const char *word)
{
    return text.n >= strlen(word) && g_ascii_strncasecmp(text.p, word, strlen(word)) == 0;
}

/* HC_ACTION_NONE for an action that RFC 3464 does not know. */
static enum hc_action status_action(struct hc_str action)
{
    if (is(action, "failed"))
        return HC_ACTION_MAIL_BOUNCED;
    if (is(action, "delayed"))
        return HC_ACTION_MAIL_DEFERRED;
    if (is(action, "delivered") || is(action, "relayed") || is(action, "expanded"))
        return HC_ACTION_MAIL_DELIVERED;
    return HC_ACTION_NONE;
}

static bool push_status(struct report *r, const GArray *message, const GArray *recipient, GError **error)
{
    char arrival[HC_UTC_TEXT], attempt[HC_UTC_TEXT], until[HC_UTC_TEXT];
    struct hc_str final = without_type(get(recipient, "Final-Recipient")),
                  original = without_type(get(recipient, "Original-Recipient"));
    struct hc_str named = get(recipient, "Action");
    enum hc_action action = status_action(named);
    struct hc_event e = start(r, action ? action : HC_ACTION_AUDIT_OTHER, "delivery-status", HC_STR_NONE);

    e.target = mailbox(original.n ? original : final);
    if (action)
        e.outcome = action == HC_ACTION_MAIL_DELIVERED ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    e.text = action ? without_type(get(recipient, "Diagnostic-Code")) : named;
    if (original.n && final.n && !hc_str_eq(original, final))
        add(&e, "final-recipient", final);
    add(&e, "remote-mta", without_type(get(recipient, "Remote-MTA")));
    add(&e, "reporting-mta", without_type(get(message, "Reporting-MTA")));
    add(&e, "status", get(recipient, "Status"));
    add_time(&e, "arrival", get(message, "Arrival-Date"), arrival);
    add_time(&e, "last-attempt", get(recipient, "Last-Attempt-Date"), attempt);
    add_time(&e, "retry-until", get(recipient, "Will-Retry-Until"), until);
    return push(r, &e, error);
}

/* Groups without a recipient are about the message; some hosts write two of them. */
static bool read_status(struct report *r, GError **error)
{
    struct hc_str rest = hc_str(r->mime->report_text);
    g_autoptr(GArray) message = NULL;
    GArray *group;
    bool ok = true;

    while (ok && (group = next_group(&rest))) {
        if (get(group, "Final-Recipient").p || get(group, "Original-Recipient").p || get(group, "Action").p) {
            ok = push_status(r, message, group, error);
            g_array_unref(group);
        } else {
            g_clear_pointer(&message, g_array_unref);
            message = group;
        }
    }
    return ok;
}

static bool read_feedback(struct report *r, GError **error)
{
    static const char *const kept[][2] = {{"feedback-type", "Feedback-Type"},
                                          {"reported-domain", "Reported-Domain"},
                                          {"reporting-mta", "Reporting-MTA"},
                                          {"incidents", "Incidents"},
                                          {"auth-failure", "Auth-Failure"}};
    struct hc_str rest = hc_str(r->mime->report_text), address, arrival;
    char room[HC_UTC_TEXT];
    g_autoptr(GArray) all = next_group(&rest);
    struct hc_event e = start(r, HC_ACTION_AUDIT_OTHER, "feedback-report", HC_STR_NONE);

    e.text = get(all, "Feedback-Type");
    e.target = mailbox(without_type(get(all, "Original-Rcpt-To")));
    add(&e, "original-mail-from", without_brackets(get(all, "Original-Mail-From")));
    arrival = get(all, "Arrival-Date");
    add_time(&e, "arrival", arrival.p ? arrival : get(all, "Received-Date"), room);
    address = get(all, "Source-IP");
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        add(&e, kept[i][0], get(all, kept[i][1]));
    return push(r, &e, error);
}

static bool read_disposition(struct report *r, GError **error)
{
    struct hc_str rest = hc_str(r->mime->report_text);
    g_autoptr(GArray) all = next_group(&rest);
    struct hc_event e = start(r, HC_ACTION_AUDIT_OTHER, "disposition", get(all, "Original-Message-ID"));
    struct hc_str original = without_type(get(all, "Original-Recipient"));

    e.text = get(all, "Disposition");
    e.target = mailbox(original.n ? original : without_type(get(all, "Final-Recipient")));
    add(&e, "disposition", get(all, "Disposition"));
    add(&e, "reporting-ua", get(all, "Reporting-UA"));
    return push(r, &e, error);
}

/* Bounces for people name the returned message only in the copy that they hold. */
static struct hc_str copied_id(const struct hc_mime *mime)
{
    struct hc_str rest = hc_str(mime->body);

    while (rest.n) {
        struct hc_str line = next_line(&rest);
        if (is(line, "Message-ID:"))
            return hc_str_trim(hc_str_skip(line, strlen("Message-ID:")));
    }
    return HC_STR_NONE;
}

static bool push_plain(struct report *r, enum hc_action action, struct hc_str address, struct hc_str why,
                       GError **error)
{
    struct hc_event e = start(r, action, "bounce", copied_id(r->mime));

    e.outcome = HC_OUTCOME_FAILURE;
    e.target = mailbox(address);
    e.text = why;
    return push(r, &e, error);
}

/* "X-Failed-Recipients: a@b, c@d" */
static bool read_failed(struct report *r, GError **error)
{
    struct hc_str rest = hc_str(r->mime->failed_recipients);
    bool ok = true;

    while (ok && rest.n) {
        ptrdiff_t comma = hc_str_chr(rest, ',');
        struct hc_str address = hc_str_trim(comma < 0 ? rest : hc_str_head(rest, (size_t)comma));
        rest = comma < 0 ? HC_STR_NONE : hc_str_skip(rest, (size_t)comma + 1);
        if (address.n)
            ok = push_plain(r, HC_ACTION_MAIL_BOUNCED, without_brackets(address), HC_STR_NONE, error);
    }
    return ok;
}

/* A recipient may be named again where the reason repeats it. */
static bool read_bounce(struct report *r, struct hc_bounce *bounce, GError **error)
{
    g_autoptr(GHashTable) told = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    struct hc_str address, why;
    bool ok = true;

    while (ok && hc_bounce_next(bounce, &address, &why))
        if (g_hash_table_add(told, g_ascii_strdown(address.p, (gssize)address.n)))
            ok = push_plain(r, bounce->delayed ? HC_ACTION_MAIL_DEFERRED : HC_ACTION_MAIL_BOUNCED, address,
                            why, error);
    return ok;
}

static bool read_report(struct report *r, GError **error)
{
    struct hc_bounce bounce;

    switch (r->mime->report) {
    case HC_MIME_DELIVERY_STATUS:
        return read_status(r, error);
    case HC_MIME_FEEDBACK:
        return read_feedback(r, error);
    case HC_MIME_DISPOSITION:
        return read_disposition(r, error);
    default:
        break;
    }
    if (r->mime->failed_recipients)
        return read_failed(r, error);
    return !hc_bounce_begin(&bounce, hc_str(r->mime->body)) || read_bounce(r, &bounce, error);
}

/* What is beyond the limit is said by one more event. */
bool hc_report_push(struct hc_sink *sink, const struct hc_mime *mime, const struct hc_event *mail,
                    GError **error)
{
    struct report r = {.sink = sink, .mime = mime, .mail = mail};
    g_autofree char *n = NULL;
    struct hc_event e;

    if (!read_report(&r, error))
        return false;
    if (!r.left_out)
        return true;
    n = g_strdup_printf("%" G_GINT64_FORMAT, r.left_out);
    e = start(&r, HC_ACTION_AUDIT_OTHER, "delivery-status", HC_STR_NONE);
    e.text = HC_STR_LIT("more recipients than are kept");
    add(&e, "recipients-left-out", hc_str(n));
    return hc_sink_event(sink, &e, error);
}
