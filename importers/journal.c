/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd journal in its text forms, by systemd's "Journal Export Formats" and journalctl(1): the export
 * format (fields NAME=value, or the name, eight bytes of length in little endian and as many of the value; an
 * empty line ends an entry) and JSON, an object a line (-o json, json-seq, json-sse) or over several
 * (json-pretty), in which a value that is no text is an array of its bytes, and one that is too long is null.
 *
 *   __REALTIME_TIMESTAMP=1700663586123456
 *   _HOSTNAME=relay1
 *   SYSLOG_IDENTIFIER=postfix/smtpd
 *   MESSAGE=4Sb3cz2BdXzCFlP: client=mx1.example.net[198.51.100.50]
 *
 * Entries are lines of programs, as those of syslog are, and read by the same dialects. Their times are
 * exact, by the host's clock: that of the program where the journal keeps it, else when the journal got it.
 */
#include "src/base/json.h"
#include "src/evidence/log/carry.h"

/* Bytes of a value that is read; an entry with a longer one is rejected. */
#define HC_JOURNAL_FIELD_MAX (1u << 20)
#define SIZE_BYTES 8 /* of a binary value's length */

/* The fields that are read, in this order. */
enum { WROTE, RECEIVED, HOST, PROGRAM, COMMAND, TRANSPORT, PID, PROCESS, PRIORITY, MESSAGE, FIELDS };
static const char *const names[FIELDS] = {"_SOURCE_REALTIME_TIMESTAMP",
                                          "__REALTIME_TIMESTAMP",
                                          "_HOSTNAME",
                                          "SYSLOG_IDENTIFIER",
                                          "_COMM",
                                          "_TRANSPORT",
                                          "SYSLOG_PID",
                                          "_PID",
                                          "PRIORITY",
                                          "MESSAGE"};

struct reader {
    struct hc_sink *sink;
    struct hc_flow *flow;
    struct hc_input *in;
    int64_t records;
    GString *values[FIELDS];
    bool has[FIELDS];
    GString *object; /* of several lines */
};

static int field_of(struct hc_str name)
{
    for (int i = 0; i < FIELDS; i++)
        if (hc_str_is(name, names[i]))
            return i;
    return -1;
}

static void forget(struct reader *r)
{
    memset(r->has, 0, sizeof r->has);
}

/* A field that stands twice counts as it stood first. */
static void set(struct reader *r, int field, struct hc_str value)
{
    if (field < 0 || r->has[field])
        return;
    r->has[field] = true;
    g_string_truncate(r->values[field], 0);
    g_string_append_len(r->values[field], value.p, (gssize)value.n);
}

static struct hc_str get(const struct reader *r, int field, int otherwise)
{
    int i = r->has[field] ? field : otherwise;

    return i >= 0 && r->has[i] ? hc_str_n(r->values[i]->str, r->values[i]->len) : HC_STR_NONE;
}

/* What the entry says, as a line. */
static bool carry(struct reader *r, const struct hc_locator *at, GError **error)
{
    struct hc_logline l = {.at = *at};
    struct hc_str program = get(r, PROGRAM, COMMAND);

    l.stamp = get(r, WROTE, RECEIVED);
    if (!hc_time_epoch(l.stamp, "us", &l.time)) {
        memset(&l.time, 0, sizeof l.time);
        l.note = HC_STR_LIT("the entry has no time");
    }
    if (!program.p && hc_str_is(get(r, TRANSPORT, -1), "kernel"))
        program = HC_STR_LIT("kernel");
    l.host = get(r, HOST, -1);
    l.program = program.p ? program : HC_STR_LIT("");
    l.pid = get(r, PID, PROCESS);
    l.priority = get(r, PRIORITY, -1);
    l.message = get(r, MESSAGE, -1);
    l.message.p = l.message.p ? l.message.p : "";
    return hc_carry(r->flow, r->sink, hc_dialect_of(&l), &l, error);
}

/* ---- the export format ---- */

/* Bytes that are there: 1; 0 = the file ends before them, -1 = failed. */
static int need(struct reader *r, size_t n, struct hc_str *ahead, GError **error)
{
    struct hc_locator at;
    int rc = hc_input_ahead(r->in, n, ahead, &at, error);

    return rc < 0 ? -1 : rc == 1 && ahead->n >= n;
}

static int64_t pass(struct reader *r, size_t n)
{
    hc_input_skip(r->in, n);
    return (int64_t)n;
}

/* Over the rest of a value that is too long to be read, by pieces. */
static int pass_long(struct reader *r, uint64_t n, int64_t *length, GError **error)
{
    while (n) {
        struct hc_str ahead;
        size_t piece = (size_t)MIN(n, HC_PEEK_SIZE);
        int rc = need(r, piece, &ahead, error);
        if (rc < 1)
            return rc;
        *length += pass(r, piece);
        n -= piece;
    }
    return 1;
}

/* -1 stays; else the entry is bad, and the lines behind go on. */
static int cut(int rc, const char **bad)
{
    if (rc < 0)
        return -1;
    *bad = *bad ? *bad : "the file ends inside of a field";
    return 1;
}

static uint64_t little_endian(const char *p)
{
    uint64_t value = 0;

    for (int i = SIZE_BYTES - 1; i >= 0; i--)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

/*
 * The value behind a name that stands alone: 1, -1 = failed. Where its length leads nowhere it is left, and
 * lines are read up to the next that is empty: the entry is bad, those behind it are not.
 */
static int read_binary(struct reader *r, int field, int64_t *length, const char **bad, GError **error)
{
    struct hc_str ahead;
    int rc = need(r, SIZE_BYTES, &ahead, error);
    uint64_t n;

    if (rc < 1)
        return cut(rc, bad);
    n = little_endian(ahead.p);
    if (n > HC_JOURNAL_FIELD_MAX && n < INT64_MAX / 2) {
        if (field >= 0)
            *bad = "a field is longer than is read";
        *length += pass(r, SIZE_BYTES);
        rc = pass_long(r, n + 1, length, error);
        return rc < 1 ? cut(rc, bad) : 1;
    }
    if (n <= HC_JOURNAL_FIELD_MAX && (rc = need(r, SIZE_BYTES + (size_t)n + 1, &ahead, error)) < 1)
        return cut(rc, bad);
    if (n > HC_JOURNAL_FIELD_MAX || ahead.p[SIZE_BYTES + n] != '\n') {
        *bad = "a field does not end where its length says";
        return 1;
    }
    set(r, field, hc_str_n(ahead.p + SIZE_BYTES, (size_t)n));
    *length += pass(r, SIZE_BYTES + (size_t)n + 1);
    return 1;
}

/* The next field: 1, 2 = the empty line that ends the entry, 0 = the file ends, -1 = failed. */
static int read_field(struct reader *r, struct hc_locator *at, int64_t *length, const char **bad,
                      GError **error)
{
    struct hc_str line, name;
    ptrdiff_t equals;
    int rc = hc_input_line(r->in, &line, at, error), field;

    if (rc < 1)
        return rc;
    if (line.p && !line.n)
        return 2;
    *length += at->length + 1;
    if (hc_input_cut(r->in))
        cut(0, bad);
    equals = hc_str_chr(line, '=');
    name = equals < 0 ? line : hc_str_head(line, (size_t)equals);
    field = field_of(name);
    if (!line.p || (field >= 0 && line.n > HC_JOURNAL_FIELD_MAX))
        *bad = "a field is longer than is read";
    else if (equals < 0 && !*bad) /* else its lines are only passed */
        return read_binary(r, field, length, bad, error);
    else if (equals >= 0)
        set(r, field, hc_str_skip(line, name.n + 1));
    return 1;
}

static bool is_entry(const struct reader *r)
{
    return r->has[RECEIVED] || r->has[WROTE] || r->has[MESSAGE];
}

/* 1, 0 = the file ends, -1 = failed. */
static int read_entry(struct reader *r, GError **error)
{
    struct hc_locator at = {0}, first = {0};
    const char *bad = NULL;
    int64_t length = 0;
    int rc;

    forget(r);
    while ((rc = read_field(r, &at, &length, &bad, error)) == 1)
        if (!first.line)
            first = at;
    if (rc < 0)
        return -1;
    if (!first.line)
        return rc != 0; /* an empty line more, or the end */
    first.record = ++r->records;
    first.length = length - 1;
    if (!bad && !is_entry(r))
        bad = "not an entry of a journal";
    if (bad ? !hc_sink_reject(r->sink, &first, error, "%s", bad) : !carry(r, &first, error))
        return -1;
    return rc != 0;
}

/* ---- JSON ---- */

/* A value that is no text: an array of its bytes; of a field that stands more than once, an array of values,
 * of which the first counts. */
static bool bytes_of(struct hc_str array, GString *out)
{
    struct hc_str key, item;
    size_t pos = 0;

    while ((item = hc_json_next(array, &pos, &key)).p) {
        int value = 0;
        if (hc_json_type(item) == HC_JSON_STRING)
            return hc_json_text(item, out);
        if (hc_json_type(item) == HC_JSON_ARRAY && out->len == 0)
            return bytes_of(item, out);
        if (hc_json_type(item) != HC_JSON_NUMBER || item.n > 3)
            return false;
        for (size_t i = 0; i < item.n; i++) {
            if (!g_ascii_isdigit(item.p[i]))
                return false;
            value = value * 10 + (item.p[i] - '0');
        }
        if (value > 255)
            return false;
        g_string_append_c(out, (char)value);
    }
    return true;
}

/* False: the value is neither text nor bytes. */
static bool set_json(struct reader *r, int field, struct hc_str value)
{
    enum hc_json_type type = hc_json_type(value);

    if (field < 0 || r->has[field] || type == HC_JSON_NULL)
        return true;
    g_string_truncate(r->values[field], 0);
    r->has[field] =
        type == HC_JSON_ARRAY ? bytes_of(value, r->values[field]) : hc_json_text(value, r->values[field]);
    return r->has[field] && type != HC_JSON_OBJECT;
}

static bool read_object(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    struct hc_str key, value;
    const char *why;
    size_t wrong, pos = 0, n;

    text = hc_str_trim(text);
    n = hc_json_check(text, &wrong, &why);
    if (!n)
        return hc_sink_reject(r->sink, at, error, "%s at byte %zu", why, wrong + 1);
    if (hc_json_type(text) != HC_JSON_OBJECT || n != text.n)
        return hc_sink_reject(r->sink, at, error, "not an entry of a journal");
    forget(r);
    while ((value = hc_json_next(text, &pos, &key)).p)
        if (!set_json(r, field_of(hc_str_n(key.p + 1, key.n - 2)), value))
            return hc_sink_reject(r->sink, at, error, "a value is neither text nor bytes");
    if (!is_entry(r))
        return hc_sink_reject(r->sink, at, error, "not an entry of a journal");
    return carry(r, at, error);
}

/* What json-seq and json-sse write before an object. */
static struct hc_str unframed(struct hc_str line)
{
    if (line.n && line.p[0] == '\x1e')
        return hc_str_skip(line, 1);
    return hc_str_starts(line, "data: ") ? hc_str_skip(line, 6) : line;
}

/* The lines of an object that begins with a line of one bracket, to that which closes it. `at` grows over
 * them. */
static int gather(struct reader *r, struct hc_locator *at, GError **error)
{
    struct hc_locator next = *at;
    struct hc_str line;
    int rc;

    g_string_assign(r->object, "{");
    while ((rc = hc_input_line(r->in, &line, &next, error)) == 1) {
        at->length = next.offset + next.length - at->offset;
        if (line.p && r->object->len + line.n < HC_LINE_MAX) {
            g_string_append_c(r->object, '\n');
            g_string_append_len(r->object, line.p, (gssize)line.n);
        }
        if (hc_str_is(line, "}"))
            break;
    }
    return rc < 0 ? -1 : 1;
}

static bool read_json(struct reader *r, GError **error)
{
    struct hc_locator at = {0};
    struct hc_str line;
    int rc;

    while ((rc = hc_input_line(r->in, &line, &at, error)) == 1) {
        bool ok;
        line = line.p ? unframed(line) : line;
        if (line.p && !hc_str_trim(line).n)
            continue;
        at.record = ++r->records;
        if (hc_str_is(line, "{")) {
            if (gather(r, &at, error) < 0)
                return false;
            line = hc_str_n(r->object->str, r->object->len);
        }
        ok = line.p ? read_object(r, line, &at, error)
                    : hc_sink_reject(r->sink, &at, error, "the line is longer than %u bytes", HC_LINE_MAX);
        if (!ok)
            return false;
    }
    return rc == 0;
}

static bool is_json(struct hc_str head)
{
    head = unframed(hc_str_trim(hc_str_without_bom(head)));
    return head.n && head.p[0] == '{';
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.sink = sink, .flow = hc_flow_of(sink), .in = in};
    int rc = 1;
    bool ok;

    for (int i = 0; i < FIELDS; i++)
        r.values[i] = g_string_new(NULL);
    r.object = g_string_new(NULL);
    if (is_json(hc_input_peek(in)))
        ok = read_json(&r, error);
    else {
        while ((rc = read_entry(&r, error)) == 1)
            ;
        ok = rc == 0;
    }
    ok = hc_flow_end_file(r.flow, ok ? error : NULL) && ok;
    hc_sink_read(sink, r.records);
    for (int i = 0; i < FIELDS; i++)
        g_string_free(r.values[i], TRUE);
    g_string_free(r.object, TRUE);
    return ok;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str head = hc_str_trim(hc_str_without_bom(peek->head));

    if (is_json(head)) {
        if (hc_str_find(head, "\"__REALTIME_TIMESTAMP\"", 0) < 0)
            return 0;
        *why = "entries of a systemd journal, as JSON";
        return 90;
    }
    if (!hc_str_starts(head, "__CURSOR=") && !hc_str_starts(head, "__REALTIME_TIMESTAMP="))
        return 0;
    *why = "entries of a systemd journal";
    return 90;
}

const struct hc_importer hc_importer_journal = {
    .name = "journal",
    .summary = "systemd journal: export format, JSON of journalctl",
    .bid = bid,
    .run = run,
};
