/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail message in a file of its own (RFC 5322): an .eml file, or a message of a Maildir or MH folder.
 *
 *   Return-Path: <renee@uni.example>
 *   Received: from mx.uni.example ... by relay1.pypi.example ...; Mon, 20 Nov 2023 07:21:29 -0500 (EST)
 *   From: Renee <renee@uni.example>
 *
 * A Maildir has the folders cur, new and tmp; its file names begin with the second of delivery. What lies in
 * tmp is not delivered (yet), and no message of the mailbox. Apple Mail's .emlx has a line before the message
 * that says its length, and a property list behind it.
 */
#include "src/evidence/mail/message.h"

#define HEADERS_LOOKED_AT 64 /* lines */
#define LENGTH_DIGITS 10     /* of the number in the first line of an .emlx */

static bool is_known_header(struct hc_str name)
{
    static const char *const known[] = {
        "bcc",        "cc",           "content-type", "date",       "delivered-to", "dkim-signature",
        "from",       "in-reply-to",  "list-id",      "message-id", "mime-version", "received",
        "references", "reply-to",     "return-path",  "sender",     "subject",      "to",
        "x-mailer",   "x-original-to"};

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (name.n == strlen(known[i]) && g_ascii_strncasecmp(name.p, known[i], name.n) == 0)
            return true;
    return false;
}

/* "Name: value"; the name, or .p == NULL. */
static struct hc_str header_name(struct hc_str line)
{
    ptrdiff_t colon = hc_str_chr(line, ':');

    if (colon < 1)
        return HC_STR_NONE;
    for (ptrdiff_t i = 0; i < colon; i++)
        if (line.p[i] <= ' ' || line.p[i] > '~')
            return HC_STR_NONE;
    return hc_str_head(line, (size_t)colon);
}

static struct hc_str next_line(struct hc_str *rest)
{
    size_t n = 0;

    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    struct hc_str line = hc_str_head(*rest, n);
    n += n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n' ? 2 : 1;
    *rest = hc_str_skip(*rest, n);
    return line;
}

/* How many headers of mail the file begins with; 0 when something else stands among them. */
static int count_headers(struct hc_str rest)
{
    int known = 0;

    if (hc_str_starts(rest, "From ")) /* left by the mailbox that it was taken from */
        next_line(&rest);

    for (int i = 0; i < HEADERS_LOOKED_AT && rest.n; i++) {
        struct hc_str line = next_line(&rest), name = header_name(line);
        if (!line.n)
            break;
        if (!name.p && (i == 0 || (line.p[0] != ' ' && line.p[0] != '\t')))
            return known >= 3 || !rest.n ? known : 0; /* a fault among many; the last line may be cut */
        known += name.p && is_known_header(name);
    }
    return known;
}

static struct hc_str folder_of(struct hc_str path)
{
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
    struct hc_str folder = slash ? hc_str_head(path, (size_t)(slash - path.p)) : HC_STR_NONE;
    const char *before = folder.n ? memrchr(folder.p, '/', folder.n) : NULL;

    return before ? hc_str_skip(folder, (size_t)(before - folder.p) + 1) : folder;
}

static struct hc_str base_name(struct hc_str path)
{
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

    return slash ? hc_str_skip(path, (size_t)(slash - path.p) + 1) : path;
}

static bool in_maildir(struct hc_str path, const char *folder)
{
    return hc_str_is(folder_of(path), folder);
}

/* The line with which an .emlx begins: how long it is, and the message behind it; 0: there is none. */
static size_t length_line(struct hc_str head, int64_t *length)
{
    size_t n = 0;

    for (*length = 0; n < head.n && n < LENGTH_DIGITS && g_ascii_isdigit(head.p[n]); n++)
        *length = *length * 10 + (head.p[n] - '0');
    if (n == 0)
        return 0;
    while (n < head.n && (head.p[n] == ' ' || head.p[n] == '\r'))
        n++;
    return n < head.n && head.p[n] == '\n' && count_headers(hc_str_skip(head, n + 1)) > 0 ? n + 1 : 0;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str name = hc_str(peek->name);
    int64_t length;
    size_t before = length_line(peek->head, &length);
    int known = count_headers(hc_str_skip(peek->head, before));
    bool maildir = in_maildir(name, "cur") || in_maildir(name, "new");

    *why = "starts with the headers of a mail message";
    if (known >= 1 && hc_str_starts(peek->head, "From "))
        return 60; /* a mailbox, if that line is one */
    if (known >= 1 && (hc_str_ends(name, ".eml") || (before && hc_str_ends(name, ".emlx"))))
        return 90;
    if (known >= 1 && maildir)
        return 85;
    return known >= 3 ? 70 : known == 2 ? 40 : 0;
}

/* Names in a Maildir begin with the seconds since 1970 and a dot. */
static bool is_not_delivered(const struct hc_settings *settings)
{
    struct hc_str path = hc_str(*settings->member ? settings->member : settings->path),
                  name = base_name(path);
    size_t digits = 0;

    while (digits < name.n && g_ascii_isdigit(name.p[digits]))
        digits++;
    return in_maildir(path, "tmp") && digits >= 9 && digits < name.n && name.p[digits] == '.';
}

/* Some tools write the first line of a mbox before a message. Where lines end with CR alone the line is all
 * of it. */
static bool is_from(struct hc_str line)
{
    return hc_str_starts(line, "From ") && !memchr(line.p, '\r', line.n);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t length = 0;
    const size_t before = length_line(hc_input_peek(in), &length);
    struct hc_locator at = {0}, whole = {.record = 1, .line = 1 + (before > 0), .offset = (int64_t)before};
    bool too_large = false, long_line = false, ok = true;
    struct hc_str line;
    int rc;

    hc_input_skip(in, before);
    while ((rc = hc_input_line(in, &line, &at, error)) == 1) {
        if (before && at.offset >= whole.offset + length)
            continue;
        whole.length = at.offset + at.length - whole.offset;
        long_line = long_line || !line.p;
        too_large = too_large || long_line || text->len + line.n > HC_MESSAGE_MAX;
        if (too_large || (at.offset == whole.offset && is_from(line)))
            continue;
        g_string_append_len(text, line.p, (gssize)line.n);
        g_string_append_c(text, '\n');
    }
    if (rc < 0)
        return false;
    hc_sink_read(sink, whole.length > 0);
    if (is_not_delivered(hc_sink_settings(sink)))
        hc_sink_ignore(sink, HC_STR_LIT("message"), "a message that was not delivered yet", whole.length > 0);
    else if (too_large)
        ok = hc_message_reject_size(sink, &whole, long_line, error);
    else if (whole.length > 0)
        ok = hc_message_push(sink, "message", text, &whole, error);
    if (ok && before && !too_large && whole.length + 2 < length)
        ok = hc_sink_remark(sink, &at, "the message is shorter than its first line says: it was cut", error);
    return ok;
}

const struct hc_importer hc_importer_eml = {
    .name = "eml",
    .summary = "one mail message: .eml, .emlx, Maildir, MH",
    .bid = bid,
    .run = run,
};
