/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exim's own logs: mainlog, rejectlog, paniclog (Exim specification, chapter "Log files").
 *
 *   2023-11-22 09:33:06 1r5jQo-0001Xy-2k <= ana@x.example H=mx.x.example [198.51.100.50] P=esmtps S=2092
 * id=... 2023-11-22 09:33:06.712 +0100 [2107] 1r5jQo-0000000001Y-2kAb => bo@y.example R=dnslookup
 * T=remote_smtp H=... 2023-11-22 09:33:09 1r5jQr-0001Y0-1a H=(h) [203.0.113.9] F=<m@z.example> rejected after
 * DATA: ... Envelope-from: <m@z.example> Envelope-to: <ana@x.example> P Received: from ... by ...
 *
 * An entry begins with its time: local time of the host unless the offset is written (log_timezone), to the
 * millisecond where that is selected. Lines without a time belong to the entry before them, as the headers of
 * a refused message do; older versions end these with a line of dashes. All of an entry is one record, and
 * what it means is said by the dialect (src/evidence/log/exim.c). Exim writes an entry of at most 8192 bytes
 * at once; what a stranger could put into one is made printable, so that none begins a line with a time.
 */
#include "src/evidence/log/begin.h"
#include "src/evidence/log/clock.h"
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/eximline.h"
#include "src/evidence/log/eximtext.h"

/* bytes of an entry that are read; lines behind them are rejected */
#define HC_EXIM_ENTRY_MAX (64u << 10)

struct reader {
    struct hc_sink *sink;
    struct hc_flow *flow;
    GString *entry;       /* the one that may go on */
    struct hc_locator at; /* of its first line */
    int64_t records;
    bool open;
    struct hc_clock *clock;
    struct hc_logline line; /* its time is that of ... */
    char stamp[32];         /* ... this stamp, which is the entry's */
};

/* Words with which Exim begins a line of no message; with its time in front nobody else does. */
static bool is_exims(struct hc_str text)
{
    static const char *const words[] = {"Start queue run: pid=",
                                        "End queue run: pid=",
                                        "exim 4.",
                                        "SMTP connection from ",
                                        "H=",
                                        "U=",
                                        "no host name found for IP address ",
                                        "no MAIL in SMTP connection from ",
                                        "TLS error on connection from ",
                                        "unexpected disconnection while reading SMTP command from ",
                                        "SMTP protocol ",
                                        "SMTP command timeout on ",
                                        "SMTP syntax error in ",
                                        "SMTP call from ",
                                        "Exim configuration error",
                                        "refused connection from ",
                                        "rejected EHLO from ",
                                        "rejected HELO from "};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (hc_str_starts(text, words[i]))
            return true;
    return hc_str_find(hc_str_head(text, 80), " authenticator failed for ", 0) > 0;
}

/* Behind the time, and "[pid] " where that is selected. */
static struct hc_str split_pid(struct hc_str text, struct hc_str *pid)
{
    size_t n = 1;

    while (n < text.n && g_ascii_isdigit(text.p[n]))
        n++;
    *pid = HC_STR_NONE;
    if (n < 2 || text.p[0] != '[' || n + 1 >= text.n || text.p[n] != ']' || text.p[n + 1] != ' ')
        return text;
    *pid = hc_str_n(text.p + 1, n - 1);
    return hc_str_skip(text, n + 2);
}

/* How far a line is Exim's: 2 = it shows, 1 = it has such a time, 0 = not. */
static int shows(struct hc_str line)
{
    size_t n = hc_exim_stamp(line);
    struct hc_str pid, text = n ? split_pid(hc_str_skip(line, n + 1), &pid) : HC_STR_NONE;

    if (!n || !text.n)
        return 0;
    return hc_exim_split(text).id.p || is_exims(text) ? 2 : 1;
}

static bool named(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);

    return strstr(base, "mainlog") || strstr(base, "rejectlog") || strstr(base, "paniclog") ||
           strstr(base, "exim");
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str rest = peek->head;
    bool timed = false;

    while (rest.n) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        struct hc_str line = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        int shown = end >= 0 || peek->whole ? shows(line) : 0;
        rest = hc_str_skip(rest, line.n + 1);
        timed = timed || shown;
        if (shown == 2) {
            *why = "entries of Exim's log";
            return 85;
        }
    }
    if (timed && named(peek->name)) {
        *why = "entries with times, in a file named as Exim's logs are";
        return 60;
    }
    return 0;
}

/* Entries of one second stand together. The text is the reader's own by now: what is looked at ahead moves
 * the input. */
static void date_entry(struct reader *r, struct hc_input *in)
{
    struct hc_str text = hc_str_n(r->entry->str, r->entry->len), rest = text;
    struct hc_logline *line = &r->line;

    line->stamp = hc_str_head(text, hc_exim_stamp(text));
    if (hc_str_is(line->stamp, r->stamp))
        return;
    memcpy(r->stamp, line->stamp.p, line->stamp.n);
    r->stamp[line->stamp.n] = '\0';
    hc_stamp_read(&rest, &line->written);
    line->at = r->at;
    if (!hc_clock_date(r->clock, line)) {
        hc_clock_look(r->clock, line, in);
        hc_clock_date(r->clock, line);
    }
}

/* The entry is complete. */
static bool end_entry(struct reader *r, GError **error)
{
    struct hc_str text = hc_str_n(r->entry->str, r->entry->len);
    struct hc_logline *line = &r->line;

    if (!r->open)
        return true;
    r->open = false;
    line->at = r->at;
    line->own = true;
    line->program = HC_STR_LIT("exim");
    line->stamp = hc_str_head(text, strlen(r->stamp));
    line->message = split_pid(hc_str_skip(text, line->stamp.n + 1), &line->pid);
    return hc_dialect_exim.read(r->flow, line, error);
}

static void begin_entry(struct reader *r, struct hc_str line, const struct hc_locator *at,
                        struct hc_input *in)
{
    g_string_truncate(r->entry, 0);
    g_string_append_len(r->entry, line.p, (gssize)line.n);
    r->at = *at;
    r->at.record = ++r->records;
    r->open = true;
    date_entry(r, in);
}

/* A line that is no part of an entry, and ends the one before it. */
static bool lone_line(struct reader *r, const struct hc_locator *at, GError **error, const char *why)
{
    struct hc_locator here = *at;
    bool ok = end_entry(r, error);

    here.record = ++r->records;
    return ok && hc_sink_reject(r->sink, &here, error, "%s", why);
}

/* Dashes end the headers of a refused message in older versions; Exim's own tests put a line of stars between
 * the logs of two processes. */
static bool is_divider(struct hc_str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == '-')
        n++;
    return (n >= 20 && n == line.n) || hc_str_starts(line, "******** ");
}

/* Counted, and said to be nothing. */
static bool divide(struct reader *r, GError **error)
{
    bool ok = end_entry(r, error);

    r->records++;
    hc_sink_ignore(r->sink, HC_STR_LIT("exim"), "lines between entries", 1);
    return ok;
}

/* A line without a time. */
static bool go_on(struct reader *r, struct hc_str line, const struct hc_locator *at, GError **error)
{
    if (is_divider(line) || (!line.n && !r->open))
        return divide(r, error);
    if (!r->open)
        return lone_line(r, at, error,
                         "a line without a time, and no entry before it that it could belong to");
    if (r->entry->len + line.n >= HC_EXIM_ENTRY_MAX)
        return lone_line(r, at, error, "the entry that it belongs to is longer than any of Exim's");
    g_string_append_c(r->entry, '\n');
    g_string_append_len(r->entry, line.p, (gssize)line.n);
    r->at.length = at->offset + at->length - r->at.offset;
    return true;
}

static bool read_line(struct reader *r, struct hc_input *in, struct hc_str line, const struct hc_locator *at,
                      GError **error)
{
    if (!line.p || line.n > HC_EXIM_ENTRY_MAX)
        return lone_line(r, at, error, "the line is longer than any of Exim's");
    if (!hc_exim_stamp(line))
        return go_on(r, line, at, error);
    if (!end_entry(r, error))
        return false;
    begin_entry(r, line, at, in);
    return true;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {
        .sink = sink, .flow = hc_flow_of(sink), .clock = hc_clock_of(sink), .entry = g_string_new(NULL)};
    struct hc_locator at = {0};
    struct hc_str line;
    bool ok = true;
    int rc = 0;

    hc_log_pass_bom(in);
    while (ok && (rc = hc_input_line(in, &line, &at, error)) == 1)
        ok = read_line(&r, in, line, &at, error);
    ok = ok && rc == 0 && end_entry(&r, error);
    ok = hc_flow_end_file(r.flow, ok ? error : NULL) && ok;
    hc_sink_read(sink, r.records);
    g_string_free(r.entry, TRUE);
    return ok;
}

const struct hc_importer hc_importer_exim = {
    .name = "exim",
    .summary = "Exim mainlog, rejectlog and paniclog",
    .needs = HC_NEEDS_ZONE,
    .bid = bid,
    .begins = hc_log_begins,
    .run = run,
};
