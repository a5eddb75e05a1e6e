/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 3164 describes what programs did in 2001, RFC 5424 what they were asked to do since: files hold both,
 * and dialects of each. What decides is always the place in the line, never what a message says: messages
 * quote strangers.
 */
#include "src/evidence/log/line.h"

#define PRIORITY_MAX 191 /* 23 * 8 + 7 */
#define PID_MAX 64       /* bytes between the brackets of a tag */

static bool eat(struct hc_str *t, char c)
{
    if (!t->n || t->p[0] != c)
        return false;
    *t = hc_str_skip(*t, 1);
    return true;
}

static struct hc_str without_blanks(struct hc_str t)
{
    size_t n = 0;

    while (n < t.n && (t.p[n] == ' ' || t.p[n] == '\t'))
        n++;
    return hc_str_skip(t, n);
}

/* Up to the next blank, which `t` moves behind. */
static struct hc_str word(struct hc_str *t)
{
    ptrdiff_t n = hc_str_chr(*t, ' ');
    struct hc_str w = n < 0 ? *t : hc_str_head(*t, (size_t)n);

    *t = hc_str_skip(*t, w.n + (n >= 0));
    return w;
}

/* "<165>": its digits. */
static struct hc_str priority(struct hc_str *t)
{
    size_t n = 1;
    int value = 0;

    if (!t->n || t->p[0] != '<')
        return HC_STR_NONE;
    while (n < t->n && n < 5 && g_ascii_isdigit(t->p[n]))
        value = value * 10 + (t->p[n++] - '0');
    if (n == 1 || n == t->n || t->p[n] != '>' || value > PRIORITY_MAX)
        return HC_STR_NONE;
    struct hc_str digits = hc_str_n(t->p + 1, n - 1);
    *t = hc_str_skip(*t, n + 1);
    return digits;
}

/*
 * What a byte may be part of: the name of a program, which brackets end, except round ones
 * ("su(pam_unix)[7]"), and of a host, as all but a few are called.
 */
enum { IN_NAME = 1, IN_HOST = 2 };
static const uint8_t parts_of[256] = {
    ['#'] = IN_NAME,
    ['$'] = IN_NAME,
    ['%'] = IN_NAME,
    ['('] = IN_NAME,
    [')'] = IN_NAME,
    ['+'] = IN_NAME,
    ['-'] = IN_NAME | IN_HOST,
    ['.'] = IN_NAME | IN_HOST,
    ['/'] = IN_NAME,
    ['@'] = IN_NAME,
    ['_'] = IN_NAME | IN_HOST,
    ['~'] = IN_NAME,
    ['0' ... '9'] = IN_NAME | IN_HOST,
    ['A' ... 'Z'] = IN_NAME | IN_HOST,
    ['a' ... 'z'] = IN_NAME | IN_HOST,
    [128 ... 255] = IN_NAME,
};

/* The first byte that is no part of such a name. */
static const char *behind(const char *p, const char *end, unsigned part)
{
    while (p < end && (parts_of[(unsigned char)*p] & part))
        p++;
    return p;
}

/* " <Info>" of macOS, " (com.apple.label)" of its launchd: between the number and the colon. */
static struct hc_str label(struct hc_str *t)
{
    struct hc_str rest = without_blanks(*t);
    char open = rest.n ? rest.p[0] : 0;
    ptrdiff_t close = open == '<' ? hc_str_chr(rest, '>') : open == '(' ? hc_str_chr(rest, ')') : -1;
    struct hc_str inside;

    if (close < 2 || close > PID_MAX || (size_t)close + 1 >= rest.n || rest.p[close + 1] != ':')
        return HC_STR_NONE;
    inside = hc_str_n(rest.p + 1, (size_t)close - 1);
    *t = hc_str_skip(rest, (size_t)close + 1);
    return open == '<' ? inside : HC_STR_NONE;
}

/* "name: ", "name[7]: ", "name[7] ": `t` moves to the message. */
static bool tag(struct hc_str *t, struct hc_logline *l)
{
    struct hc_str rest = *t, pid = HC_STR_NONE, severity = HC_STR_NONE;
    size_t n = (size_t)(behind(rest.p, rest.p + rest.n, IN_NAME) - rest.p);

    if (!n || n == rest.n)
        return false;
    rest = hc_str_skip(rest, n);
    if (rest.p[0] == '[') {
        ptrdiff_t close = hc_str_chr(hc_str_head(rest, PID_MAX + 2), ']');
        if (close < 1)
            return false;
        pid = hc_str_n(rest.p + 1, (size_t)close - 1);
        rest = hc_str_skip(rest, (size_t)close + 1);
        if (rest.n && rest.p[0] == ' ')
            severity = label(&rest);
        if (!eat(&rest, ':') && rest.n && rest.p[0] != ' ')
            return false;
    } else if (!eat(&rest, ':') || (rest.n && rest.p[0] == ':')) {
        return false;
    }
    l->program = hc_str_head(*t, n);
    l->pid = pid;
    if (severity.p)
        l->priority = severity;
    *t = rest;
    return true;
}

/* "INFO", as ChromeOS writes in place of a host. */
static bool is_severity(struct hc_str w)
{
    static const char *const names[] = {"EMERG", "ALERT",   "CRIT",   "ERR",  "ERROR",
                                        "WARN",  "WARNING", "NOTICE", "INFO", "DEBUG"};

    for (size_t i = 0; w.p[0] >= 'A' && w.p[0] <= 'W' && i < G_N_ELEMENTS(names); i++)
        if (hc_str_is(w, names[i]))
            return true;
    return false;
}

/* "<mail.info> " of the BSDs, "mail:info " of AIX: stands before the tag. */
static void facility(struct hc_str *t, struct hc_logline *l)
{
    static const char *const severities[] = {"emerg", "alert",   "crit",   "err",  "error",
                                             "warn",  "warning", "notice", "info", "debug"};
    struct hc_str rest = *t, w = word(&rest);
    bool angle = w.n > 4 && w.p[0] == '<' && w.p[w.n - 1] == '>';
    ptrdiff_t at;

    if (angle)
        w = hc_str_n(w.p + 1, w.n - 2);
    at = hc_str_chr(w, angle ? '.' : ':');
    if (at < 1 || (size_t)at + 1 == w.n) /* most often it is the colon of the tag */
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(severities); i++)
        if (hc_str_is(hc_str_skip(w, (size_t)at + 1), severities[i])) {
            l->priority = w;
            *t = rest;
            return;
        }
}

/* Solaris writes "[ID 801593 mail.info] " before the message. */
static struct hc_str message_of(struct hc_str t, struct hc_logline *l)
{
    t = without_blanks(t);
    if (hc_str_starts(t, "[ID ")) {
        ptrdiff_t close = hc_str_find(hc_str_head(t, PID_MAX), "] ", 0),
                  blank = hc_str_chr(hc_str_skip(t, 4), ' ');
        if (close > 0 && blank > 0 && blank + 5 < close) {
            l->priority = hc_str_n(t.p + blank + 5, (size_t)(close - blank - 5));
            t = hc_str_skip(t, (size_t)close + 2);
        }
    }
    return t;
}

/*
 * Is the first word behind the time a tag? No name of a host has a colon at its end, or a bracket inside;
 * "name[7]" is one when the brackets hold a number.
 */
static bool is_tag(struct hc_str w)
{
    ptrdiff_t open;

    if (!w.n || w.p[w.n - 1] == ':')
        return w.n > 0;
    open = hc_str_chr(w, '[');
    if (open < 1 || w.p[w.n - 1] != ']')
        return open > 0;
    for (size_t i = (size_t)open + 1; i + 1 < w.n; i++)
        if (!g_ascii_isdigit(w.p[i]))
            return false;
    return (size_t)open + 2 < w.n;
}

/* "-- MARK --", "--- last message repeated 2 times ---": of the daemon itself, which leaves out the host. */
static bool is_remark(struct hc_str t)
{
    return t.n && ((t.p[0] == '-' && hc_str_starts(t, "--")) ||
                   (t.p[0] == 'l' && hc_str_starts(t, "last message repeated ")));
}

static size_t count_digits(struct hc_str t)
{
    size_t n = 0;

    while (n < t.n && t.p[n] >= '0' && t.p[n] <= '9')
        n++;
    return n;
}

/*
 * " host name[7]: TEXT", as nearly all lines go on, read by its places: whatever else may stand there begins
 * in another way, or holds another byte. False: it is not certain to be this, and nothing is set.
 */
static bool plain(struct hc_str t, struct hc_logline *l)
{
    const char *host = t.p + 1, *end = t.p + t.n, *name, *pid, *p;
    size_t n;

    if (t.n < 2 || t.p[0] != ' ' || *host < '0' || (*host >= 'A' && *host <= 'Z'))
        return false;
    p = behind(host, end, IN_HOST);
    if (p == host || p == end || *p != ' ')
        return false;
    name = p + 1;
    p = behind(name, end, IN_NAME);
    if (p == name || p == end || *p != '[')
        return false;
    pid = p + 1;
    n = count_digits(hc_str_n(pid, (size_t)(end - pid)));
    p = pid + n;
    if (!n || n > PID_MAX || end - p < 4 || memcmp(p, "]: ", 3) != 0 || p[3] == ' ' || p[3] == '\t' ||
        p[3] == '[')
        return false;
    l->host = hc_str_n(host, (size_t)(name - 1 - host));
    l->program = hc_str_n(name, (size_t)(pid - 1 - name));
    l->pid = hc_str_n(pid, n);
    l->message = hc_str_n(p + 3, (size_t)(end - p) - 3);
    return true;
}

/* Host, tag and message of classic syslog, behind the time. */
static void classic(struct hc_str t, struct hc_logline *l)
{
    struct hc_str rest, first;

    if (plain(t, l))
        return;
    t = without_blanks(t);
    if (t.n && t.p[0] == '<') {
        facility(&t, l);
        t = without_blanks(t);
    }
    rest = t;
    first = word(&rest);
    if (first.n && !is_tag(first) && !is_remark(t)) {
        *(is_severity(first) ? &l->priority : &l->host) = first;
        t = without_blanks(rest);
        facility(&t, l);
        t = without_blanks(t);
    }
    tag(&t, l);
    l->message = message_of(t, l);
}

/* One field of the header of RFC 5424; "-" is none. */
static struct hc_str field(struct hc_str *t)
{
    struct hc_str w = word(t);

    return hc_str_is(w, "-") ? HC_STR_NONE : w;
}

/* "-" or "[id name=\"value\"]..."; false: neither, and nothing moves. */
static bool structured(struct hc_str *t, struct hc_str *data)
{
    size_t i = 0;

    *data = HC_STR_NONE;
    if (t->n && t->p[0] == '-' && (t->n == 1 || t->p[1] == ' ')) {
        *t = hc_str_skip(*t, 2);
        return true;
    }
    while (i < t->n && t->p[i] == '[') {
        bool quoted = false;
        for (i++; i < t->n && (quoted || t->p[i] != ']'); i++) {
            if (t->p[i] == '"')
                quoted = !quoted;
            else if (t->p[i] == '\\' && quoted)
                i++;
        }
        if (i >= t->n)
            return false;
        i++;
    }
    if (!i || (i < t->n && t->p[i] != ' '))
        return false;
    *data = hc_str_head(*t, i);
    *t = hc_str_skip(*t, i + 1);
    return true;
}

/* HOST APP PROCID MSGID DATA MESSAGE, behind the time. */
static void modern(struct hc_str t, struct hc_logline *l)
{
    l->host = field(&t);
    l->program = field(&t);
    l->pid = field(&t);
    l->id = field(&t);
    structured(&t, &l->data);
    t = without_blanks(t);
    l->message = hc_str_without_bom(t);
}

/* The same header where the file keeps neither priority nor version: a bare number or "-" behind host and
 * program, then its data. */
static bool looks_modern(struct hc_str t)
{
    struct hc_str data, program, pid;

    t = without_blanks(t);
    word(&t);
    program = word(&t);
    pid = word(&t);
    if (!program.n || program.p[program.n - 1] == ':' || hc_str_chr(program, '[') >= 0 || !pid.n)
        return false;
    for (size_t i = 0; i < pid.n; i++)
        if (!g_ascii_isdigit(pid.p[i]) && !(pid.n == 1 && pid.p[i] == '-'))
            return false;
    return word(&t).n && structured(&t, &data);
}

/* "- " in place of a time, or one. */
static bool modern_stamp(struct hc_str *t, struct hc_stamp *s)
{
    if (hc_str_starts(*t, "- ")) {
        *s = (struct hc_stamp){.text = hc_str_head(*t, 1)};
        *t = hc_str_skip(*t, 1);
        return true;
    }
    return hc_stamp_read(t, s);
}

/* NULs that a crash left in a file, and what ends a line twice. */
static struct hc_str without_nuls(struct hc_str t)
{
    while (t.n && !t.p[0])
        t = hc_str_skip(t, 1);
    while (t.n && (!t.p[t.n - 1] || t.p[t.n - 1] == '\r'))
        t.n--;
    return t;
}

bool hc_line_split(struct hc_str text, struct hc_logline *l)
{
    struct hc_str t = without_nuls(text);
    size_t length, frame;
    bool versioned;

    l->host = l->program = l->pid = l->message = l->priority = l->id = l->data = HC_STR_NONE;
    if (t.n && t.p[0] >= '1' && t.p[0] <= '9' && (frame = hc_line_frame(t, &length)))
        t = hc_str_skip(t, frame);
    l->priority = priority(&t);
    versioned = hc_str_starts(t, "1 ");
    if (versioned)
        t = hc_str_skip(t, 2);
    if (!(versioned ? modern_stamp(&t, &l->written) : hc_stamp_read(&t, &l->written)))
        return false;
    l->stamp = l->written.text;
    if (t.n && t.p[0] != ':' && (versioned || (l->written.form == HC_STAMP_OFFSET && looks_modern(t)))) {
        modern(hc_str_skip(t, 1), l);
    } else if (eat(&t, ':') || l->written.form == HC_STAMP_TAI64N) {
        t = without_blanks(t);
        tag(&t, l);
        l->message = message_of(t, l);
    } else {
        classic(t, l);
    }
    l->program.p = l->program.p ? l->program.p : "";
    l->message.p = l->message.p ? l->message.p : "";
    return true;
}

static int64_t number(struct hc_str *t)
{
    int64_t n = 0;
    size_t i = 0;

    while (i < t->n && i < 9 && g_ascii_isdigit(t->p[i]))
        n = n * 10 + (t->p[i++] - '0');
    *t = hc_str_skip(*t, i);
    return n;
}

struct hc_str hc_line_repeats(struct hc_str message, struct hc_str *inner)
{
    struct hc_str t = message, digits;
    bool last;

    *inner = HC_STR_NONE;
    if (!t.n || (t.p[0] != '-' && t.p[0] != 'l' && t.p[0] != 'm'))
        return HC_STR_NONE;
    if (hc_str_starts(t, "--- "))
        t = hc_str_skip(t, 4);
    last = hc_str_starts(t, "last message repeated ");
    if (!last && !hc_str_starts(t, "message repeated "))
        return HC_STR_NONE;
    t = digits = hc_str_skip(t, strlen("message repeated ") + (last ? strlen("last ") : 0));
    if (!number(&t))
        return HC_STR_NONE;
    digits.n -= t.n;
    if (!hc_str_starts(t, " time"))
        return HC_STR_NONE;
    t = hc_str_skip(t, strlen(" time"));
    eat(&t, 's');
    if (last)
        return !t.n || t.p[0] == ' ' ? digits : HC_STR_NONE;
    if (!hc_str_starts(t, ": [") || t.p[t.n - 1] != ']')
        return HC_STR_NONE;
    *inner = without_blanks(hc_str_n(t.p + 3, t.n - 4));
    return digits;
}

size_t hc_line_frame(struct hc_str text, size_t *length)
{
    struct hc_str t = text;
    int64_t n = number(&t);
    size_t before = text.n - t.n + 1;

    if (!n || n > HC_FRAME_MAX || text.p[0] == '0' || !hc_str_starts(t, " <") ||
        !priority(&(struct hc_str){t.p + 1, t.n - 1}).p)
        return 0;
    *length = (size_t)n;
    return before;
}
