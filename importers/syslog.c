/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog as it lies in files: what src/evidence/log/stamp.h and line.h read (RFC 3164 and its kin, RFC 5424,
 * rsyslog's and systemd's ISO times, multilog), a line a record, or in the frames of RFC 6587 that count
 * their bytes.
 *
 *   Nov 22 09:33:06 relay1 postfix/smtpd[2107]: 4Sb3cz2BdXzCFlP: client=mx1.example.net[198.51.100.50]
 *   2023-11-22T09:33:06.123456-05:00 relay1 sshd[7]: Accepted publickey for ana from 198.51.100.7 port 4711
 *   <165>1 2023-11-22T14:33:06.123Z relay1 app 7 ID47 [x@32473 a="b"] text
 *
 * What a program's lines mean is said by its dialect. Lines without a time go on with the line before, where
 * that is of a program that no dialect knows; dialects have none such. "last message repeated" stands for the
 * line before it, over the time in between.
 */
#include "src/base/buffer.h"
#include "src/evidence/log/begin.h"
#include "src/evidence/log/carry.h"
#include "src/evidence/log/clock.h"
#include "src/evidence/log/linemap.h"

/* Bytes of a record of several lines that are held; what goes on behind them is behind its locator. */
#define HC_SYSLOG_HELD 8192

/* A record, in a text that stays while the input moves on. */
struct held {
    struct hc_buffer text;
    struct hc_logline line;
};

struct reader {
    struct hc_sink *sink;
    struct hc_flow *flow;
    struct hc_clock *clock;
    struct hc_input *in;
    struct held a, b;
    struct held *now, *before; /* the line that is read, and the one before it */
    bool waits;                /* the one before is not carried yet: it may go on */
    bool any;                  /* there is one before */
    bool framed;
};

static bool flush(struct reader *r, GError **error)
{
    bool waits = r->waits;

    r->waits = false;
    return !waits || hc_carry(r->flow, r->sink, NULL, &r->before->line, error);
}

/* A line that goes on with the one before: it is cited with it. */
static bool go_on(struct reader *r, struct hc_str text, const struct hc_locator *at)
{
    struct hc_logline *l = &r->before->line;
    struct hc_buffer *held = &r->before->text;
    size_t message = (size_t)(l->message.p - held->p);

    if (!l->message.n || held->n + text.n + 1 > HC_SYSLOG_HELD)
        return false;
    hc_buffer_add(held, "\n", 1);
    hc_buffer_add(held, text.p, text.n);
    hc_line_split(hc_str_n(held->p, held->n), l); /* the text has moved */
    l->message = hc_str_n(held->p + message, held->n - message);
    l->at.length = at->offset + at->length - l->at.offset;
    return true;
}

/* "Smarch 22 03:49:32 ...", "Nov 22 relay1 ...": made like a time, and none. */
static bool damaged(struct hc_str text)
{
    struct hc_str t = text;
    size_t n = 0;

    if (hc_stamp_month(&t) && t.n > 3 && t.p[0] == ' ' && g_ascii_isdigit(t.p[2]) && t.p[3] == ' ')
        return true;
    t = text;
    while (n < t.n && g_ascii_isalpha(t.p[n]))
        n++;
    t = hc_str_head(hc_str_skip(t, n), 12);
    return n > 0 && hc_str_chr(t, ':') > 0 &&
           hc_str_find(t, ":", (size_t)hc_str_chr(t, ':') + 1) == hc_str_chr(t, ':') + 3;
}

/* "-- Boot 0123... --", "-- cursor: s=...", of journalctl. */
static bool is_remark(struct hc_str text)
{
    return hc_str_starts(text, "-- ") && (hc_str_ends(text, " --") || hc_str_starts(text, "-- cursor: "));
}

/* No time stands at its start. */
static bool no_time(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    if (!hc_str_trim(text).n) {
        hc_sink_ignore(r->sink, HC_STR_LIT("line"), "empty lines", 1);
        return true;
    }
    if (r->waits && !damaged(text) && !is_remark(text)) {
        if (!go_on(r, text, at)) /* too long: only its locator grows */
            r->before->line.at.length = at->offset + at->length - r->before->line.at.offset;
        hc_sink_joined(r->sink, r->before->line.program, 1);
        return true;
    }
    if (!flush(r, error))
        return false;
    r->any = false;
    if (is_remark(text)) {
        hc_sink_ignore(r->sink, HC_STR_LIT("line"), "remarks of journalctl", 1);
        return true;
    }
    return hc_sink_reject(r->sink, at, error, damaged(text) ? "the time is no time" : "not a line of syslog");
}

static bool same_host(const struct hc_logline *a, const struct hc_logline *b)
{
    return !a->host.p || !b->host.p || hc_str_eq(a->host, b->host);
}

/* The line says that another was written more than once: it becomes that one, from its time to this one's. */
static void repeat(struct reader *r, struct hc_logline *l)
{
    const struct hc_logline *before = &r->before->line;
    struct hc_str inner, n = hc_line_repeats(l->message, &inner);
    bool known = n.p && r->any && same_host(l, before);

    if (!n.p || (!inner.p && !known))
        return;
    if (inner.p) {
        known = known && hc_str_eq(before->program, l->program) && hc_str_eq(before->message, inner);
        l->message = inner;
    } else {
        l->host = before->host;
        l->program = before->program;
        l->pid = before->pid;
        l->message = before->message;
    }
    l->repeats = n;
    if (known && l->time.precision != HC_PRECISION_NONE && before->time.precision != HC_PRECISION_NONE &&
        before->time.earliest < l->time.earliest) {
        l->time.earliest = before->time.earliest;
        l->time.basis |= HC_BASIS_INFERRED;
    }
}

static void date(struct reader *r, struct hc_logline *l)
{
    if (hc_clock_date(r->clock, l))
        return;
    hc_clock_look(r->clock, l, r->in);
    hc_clock_date(r->clock, l);
}

/* It is the line before the next. One that stands for that before it leaves it there, for the next of the
 * kind. */
static void turn(struct reader *r)
{
    struct held *now = r->now;

    r->now = r->before;
    r->before = now;
    r->any = true;
}

static struct hc_str hold(struct held *h, struct hc_str text)
{
    h->text.n = 0;
    hc_buffer_add(&h->text, text.p, text.n);
    return hc_str_n(h->text.p, h->text.n);
}

static bool read_line(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    const struct hc_linemap *map = hc_input_looked(r->in);
    struct hc_logline *l = &r->now->line;
    const struct hc_dialect *dialect;
    bool carried;

    if (!text.p) {
        r->any = false;
        return flush(r, error) &&
               hc_sink_reject(r->sink, at, error, "the line is longer than %u bytes", HC_LINE_MAX);
    }
    text = hold(r->now, text);
    if (!hc_linemap_split(map, text, l))
        return no_time(r, text, at, error);
    l->at = *at;
    l->repeats = HC_STR_NONE;
    if (!flush(r, error))
        return false;
    if (!hc_stamp_is_time(&l->written)) {
        r->any = false;
        return hc_sink_reject(r->sink, at, error, "the time is no time");
    }
    date(r, l);
    repeat(r, l);
    dialect = hc_dialect_of(l);
    r->waits = !l->repeats.p && !dialect;
    carried = r->waits || hc_carry(r->flow, r->sink, dialect, l, error);
    if (!l->repeats.p)
        turn(r);
    return carried;
}

/* Does a frame begin here, and something that may follow one behind it? Its bytes are then `text`, of `whole`
 * bytes with its count. */
static bool frame(struct hc_input *in, struct hc_str *text, size_t *whole, struct hc_locator *at,
                  GError **error)
{
    struct hc_str ahead;
    size_t length, before;

    if (hc_input_ahead(in, 16, &ahead, at, error) != 1 || !(before = hc_line_frame(ahead, &length)) ||
        hc_input_ahead(in, before + length + 1, &ahead, at, error) != 1 || ahead.n < before + length)
        return false;
    *text = hc_str_n(ahead.p + before, length);
    *whole = before + length;
    return ahead.n == *whole || g_ascii_isdigit(ahead.p[*whole]) || ahead.p[*whole] == '\n' ||
           ahead.p[*whole] == '\r';
}

/* The next record: 1, 0 = end, -1 = failed. What has no frame in a file of frames is read as a line. */
static int next_record(struct reader *r, struct hc_str *text, struct hc_locator *at, GError **error)
{
    GError *failed = NULL;
    size_t whole;

    if (r->framed && frame(r->in, text, &whole, at, &failed)) {
        at->length = (int64_t)whole;
        hc_input_skip(r->in, whole); /* the bytes stay until more are read */
        return 1;
    }
    if (failed) {
        g_propagate_error(error, failed);
        return -1;
    }
    return hc_input_line(r->in, text, at, error);
}

static bool starts_framed(struct hc_input *in)
{
    struct hc_str head = hc_input_peek(in);
    size_t length;

    return hc_line_frame(head, &length) > 0;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.sink = sink,
                       .flow = hc_flow_of(sink),
                       .clock = hc_clock_of(sink),
                       .in = in,
                       .framed = starts_framed(in)};
    struct hc_locator at = {0};
    struct hc_str text;
    bool ok = true;
    int rc = 0;

    hc_input_look(in, sizeof(struct hc_linemap), hc_linemap_make, NULL);
    hc_log_pass_bom(in);
    r.now = &r.a;
    r.before = &r.b;
    while (ok && (rc = next_record(&r, &text, &at, error)) == 1) {
        at.record++;
        ok = read_line(&r, text, &at, error);
    }
    ok = ok && rc == 0 && flush(&r, error);
    ok = hc_flow_end_file(r.flow, ok ? error : NULL) && ok;
    hc_sink_read(sink, at.record);
    hc_buffer_clear(&r.a.text);
    hc_buffer_clear(&r.b.text);
    return ok;
}

/* How many lines of the head are lines of syslog, in a form that few others write, of a program with a name,
 * of one that a dialect knows. */
struct counts {
    int lines, stamped, sure, tagged, known;
};

static void count_line(struct counts *n, struct hc_str text)
{
    struct hc_logline l = {0};
    bool plain;

    n->lines += text.n && text.p[0] != ' ' && text.p[0] != '\t'; /* others may go on with the line before */
    if (!hc_line_split(text, &l))
        return;
    n->stamped++;
    plain = l.written.text.n > 10 && l.written.text.p[4] == '-' &&
            l.written.text.p[10] == ' '; /* many a program's own log */
    n->sure += !plain;
    if ((!l.program.n && !l.priority.p) || (plain && !l.pid.p))
        return;
    n->tagged++;
    n->known += hc_dialect_of(&l) != NULL;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str rest = peek->head, text;
    struct counts n = {0};

    while (rest.n) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        text = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        rest = hc_str_skip(rest, text.n + 1);
        count_line(&n, text);
    }
    if (n.stamped * 4 < n.lines || (!n.tagged && !n.sure))
        return 0;
    *why = n.known    ? "lines of syslog, of programs that are known"
           : n.tagged ? "lines of syslog"
                      : "lines that begin as those of syslog do";
    return n.known ? 85 : n.tagged ? 60 : 30;
}

const struct hc_importer hc_importer_syslog = {
    .name = "syslog",
    .summary = "syslog: RFC 3164, RFC 5424, ISO times; mail logs and others",
    .needs = HC_NEEDS_ZONE | HC_NEEDS_YEAR,
    .bid = bid,
    .begins = hc_log_begins,
    .run = run,
};
