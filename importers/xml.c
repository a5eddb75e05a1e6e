/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML records (XML 1.0): each child of the root element is one, whose name is its type; what its attributes
 * and elements mean is said by the profile. So do database servers write their audit logs, with the values as
 * attributes or as elements:
 *
 *   <AUDIT>
 *    <AUDIT_RECORD NAME="Query" TIMESTAMP="2023-11-22T15:31:05Z" SQLTEXT="COMMIT"/>
 *    <AUDIT_RECORD><NAME>Query</NAME><TIMESTAMP>2023-11-22T15:31:05Z</TIMESTAMP></AUDIT_RECORD>
 *
 * Where a record begins and ends is seen from its tags here, in turn and without holding more than one; what
 * it says is read by the library (src/base/xmlin.h), each record by itself. So its place is known to the
 * byte, a fault costs the record that it is in, and nothing that the document declares before its root
 * reaches a record: no entity can be defined, and none fetched.
 *
 * A field is the name of an attribute or of an element with text, or a path of names joined by '.', from the
 * record down; of several the first counts. A record inside of one of its own name is taken for the next: the
 * one around it was cut.
 */
#include "src/base/keyed.h"
#include "src/base/xmlin.h"
#include "src/evidence/importer.h"

#define HC_XML_RECORD_MAX (8u << 20) /* bytes of a record; a longer one is passed over and rejected */

enum kind { OPEN, CLOSE, EMPTY, OTHER, BROKEN, UNFINISHED };

/* What stands between '<' and '>'. */
struct mark {
    enum kind kind;
    size_t length;      /* of a BROKEN one: up to where another may begin */
    struct hc_str name; /* of an element, without the prefix of its name space */
};

struct reader {
    struct hc_input *in;
    struct hc_sink *sink;
    struct hc_xmlin *xml;
    char *encoding; /* as it is declared, or NULL */
    bool in_root;
    GString *root; /* its name */
    GString *type; /* of the record, and of the plan and all below */
    const struct hc_plan *plan;
    GHashTable *slots; /* path -> its number and 1 */
    GArray *values;    /* struct hc_str */
    GArray *offsets;   /* size_t: of the values in the scratch text */
    GString *scratch;
    int64_t records;
};

/* ---- marks ---- */

static struct mark until(struct hc_str t, size_t from, const char *end)
{
    ptrdiff_t at = hc_str_find(t, end, from);

    return at < 0 ? (struct mark){.kind = UNFINISHED}
                  : (struct mark){.kind = OTHER, .length = (size_t)at + strlen(end)};
}

/* A declaration of the document's type, over the quotes, comments and brackets inside of it. */
static struct mark declaration(struct hc_str t)
{
    char quote = 0;
    int depth = 0;

    for (size_t i = 2; i < t.n; i++) {
        char c = t.p[i];
        if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (hc_str_starts(hc_str_skip(t, i), "<!--")) {
            ptrdiff_t end = hc_str_find(t, "-->", i + 4);
            if (end < 0)
                break;
            i = (size_t)end + 2;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[' || c == ']') {
            depth += c == '[' ? 1 : -1;
        } else if (c == '>' && depth <= 0) {
            return (struct mark){.kind = OTHER, .length = i + 1};
        }
    }
    return (struct mark){.kind = UNFINISHED};
}

static struct hc_str local_name(struct hc_str t)
{
    size_t n = 0;
    ptrdiff_t colon;

    while (n < t.n && (g_ascii_isalnum(t.p[n]) || strchr("_.:-", t.p[n]) || (t.p[n] & 0x80)))
        n++;
    t = hc_str_head(t, n);
    colon = hc_str_chr(t, ':');
    return colon < 0 ? t : hc_str_skip(t, (size_t)colon + 1);
}

/* No '<' stands in a tag, also not between quotes: one that does begins the next, and this one was cut. */
static struct mark tag(struct hc_str t)
{
    size_t start = t.p[1] == '/' ? 2 : 1;
    struct mark m = {.kind = BROKEN, .name = local_name(hc_str_skip(t, start))};
    char quote = 0;

    for (size_t i = start; i < t.n; i++) {
        char c = t.p[i];
        m.length = i;
        if (c == '<')
            return m;
        if (quote || c == '"' || c == '\'') {
            quote = !quote ? c : quote == c ? 0 : quote;
        } else if (c == '>') {
            m.length = i + 1;
            if (m.name.n)
                m.kind = start == 2 ? CLOSE : t.p[i - 1] == '/' ? EMPTY : OPEN;
            return m;
        }
    }
    m.kind = UNFINISHED;
    return m;
}

/* At a '<'. */
static struct mark read_mark(struct hc_str t)
{
    if (t.n < 9 && memchr(t.p, '>', t.n) == NULL)
        return (struct mark){.kind = UNFINISHED};
    if (hc_str_starts(t, "<!--"))
        return until(t, 4, "-->");
    if (hc_str_starts(t, "<![CDATA["))
        return until(t, 9, "]]>");
    if (t.p[1] == '?')
        return until(t, 2, "?>");
    if (t.p[1] == '!')
        return declaration(t);
    return tag(t);
}

/* ---- a record ---- */

static bool is_name(const GString *name, struct hc_str text)
{
    return hc_str_eq(hc_str_n(name->str, name->len), text);
}

static void set_name(GString *name, struct hc_str text)
{
    g_string_truncate(name, 0);
    g_string_append_len(name, text.p ? text.p : "", (gssize)text.n);
}

/* What the profile wants of records of this name; most have that of the one before. */
static void set_type(struct reader *r, struct hc_str name)
{
    if (is_name(r->type, name))
        return;
    g_hash_table_remove_all(r->slots);
    set_name(r->type, name);
    r->plan = hc_sink_plan(r->sink, hc_str(r->type->str));
    for (size_t i = 0; r->plan && i < hc_plan_slots(r->plan); i++)
        g_hash_table_insert(r->slots, g_strdup(hc_plan_slot(r->plan, i)), GSIZE_TO_POINTER(i + 1));
    g_array_set_size(r->values, r->plan ? (guint)hc_plan_slots(r->plan) : 0);
    g_array_set_size(r->offsets, r->values->len);
}

static void take_leaf(void *data, const char *path, struct hc_str value)
{
    struct reader *r = data;
    size_t slot = GPOINTER_TO_SIZE(g_hash_table_lookup(r->slots, path));
    struct hc_str *out = slot ? &g_array_index(r->values, struct hc_str, slot - 1) : NULL;

    if (!out || out->p)
        return;
    *out = value;
    g_array_index(r->offsets, size_t, slot - 1) = r->scratch->len;
    g_string_append_len(r->scratch, value.p, (gssize)value.n);
}

/* The bytes of a whole record. */
static bool push_record(struct reader *r, struct hc_str text, struct hc_locator at, GError **error)
{
    const char *why = NULL, *rule;

    at.record = ++r->records;
    at.length = (int64_t)text.n;
    if (!r->plan) {
        rule = hc_sink_why(r->sink, hc_str(r->type->str));
        hc_sink_ignore(r->sink, hc_str(r->type->str), rule ? rule : "not in the profile", 1);
        return true;
    }
    if (hc_sink_outside(r->sink, hc_str(r->type->str), text))
        return true;
    g_string_truncate(r->scratch, 0);
    memset(r->values->data, 0, r->values->len * sizeof(struct hc_str));
    if (!hc_xmlin_read(r->xml, text, r->encoding, take_leaf, r, &why))
        return hc_sink_reject(r->sink, &at, error,
                              "line %" G_GINT64_FORMAT ": %s, in the record at byte %" G_GINT64_FORMAT,
                              at.line, why, at.offset);
    for (guint i = 0; i < r->values->len; i++) /* only now does the scratch text stay where it is */
        if (g_array_index(r->values, struct hc_str, i).p)
            g_array_index(r->values, struct hc_str, i).p =
                r->scratch->str + g_array_index(r->offsets, size_t, i);
    return hc_sink_record(r->sink, r->plan, (const struct hc_str *)(void *)r->values->data, &at, error);
}

static bool reject(struct reader *r, struct hc_locator at, int64_t length, const char *why, GError **error)
{
    at.record = ++r->records;
    at.length = length;
    return hc_sink_reject(r->sink, &at, error, "line %" G_GINT64_FORMAT ": %s at byte %" G_GINT64_FORMAT,
                          at.line, why, at.offset);
}

/* ---- the document ---- */

/* At least `want` bytes ahead, or all that are left; false: failed. */
static bool look(struct reader *r, size_t want, struct hc_str *ahead, struct hc_locator *at, GError **error)
{
    return hc_input_ahead(r->in, want, ahead, at, error) >= 0;
}

/* The mark at `pos` of what lies ahead, which grows until it holds all of it, or is longer than `most`. */
static bool next_mark(struct reader *r, size_t pos, size_t most, struct hc_str *ahead, struct mark *mark,
                      GError **error)
{
    struct hc_locator at;
    size_t had;

    do {
        *mark = read_mark(hc_str_skip(*ahead, pos));
        if (mark->kind != UNFINISHED || ahead->n > most)
            return true;
        had = ahead->n;
        if (!look(r, had * 2, ahead, &at, error))
            return false;
    } while (ahead->n > had);
    return true;
}

/* Where the next '<' is, reading on where there is none; ahead->n where the text ends before, or it is more
 * than `most` bytes away. */
static bool find_mark(struct reader *r, size_t *pos, size_t most, struct hc_str *ahead, GError **error)
{
    struct hc_locator at;

    for (;;) {
        ptrdiff_t to = hc_str_chr(hc_str_skip(*ahead, *pos), '<');
        size_t had = ahead->n;
        *pos = to < 0 ? had : *pos + (size_t)to;
        if (to >= 0 || had > most)
            return true;
        if (!look(r, had * 2 + 1, ahead, &at, error))
            return false;
        if (ahead->n == had)
            return true;
    }
}

/* The next record of the name, or the end of the root; of a fault between records, any record. */
static bool resumes(const struct reader *r, const struct mark *m)
{
    if (m->kind == CLOSE)
        return is_name(r->root, m->name) && !is_name(r->type, m->name);
    return (m->kind == OPEN || m->kind == EMPTY || m->kind == BROKEN) &&
           (!r->type->len || is_name(r->type, m->name));
}

/* Over what is left of a record that cannot be read, to where the next of its name begins or the root
 * ends. */
static bool pass_record(struct reader *r, int64_t *passed, GError **error)
{
    struct hc_str ahead;
    struct hc_locator at;

    for (;;) {
        struct mark m;
        size_t pos = 0;
        if (!look(r, 1, &ahead, &at, error))
            return false;
        if (!ahead.n || !find_mark(r, &pos, HC_PEEK_SIZE, &ahead, error))
            return !ahead.n;
        if (pos == 0) {
            if (!next_mark(r, 0, HC_XML_RECORD_MAX, &ahead, &m, error))
                return false;
            if (*passed && resumes(r, &m))
                return true;
            pos = m.kind == UNFINISHED || m.length == 0 ? 1 : m.length;
        }
        pos = MIN(pos, ahead.n);
        hc_input_skip(r->in, pos);
        *passed += (int64_t)pos;
    }
}

static bool give_up(struct reader *r, struct hc_locator at, const char *why, GError **error)
{
    int64_t passed = 0;

    return pass_record(r, &passed, error) && reject(r, at, passed, why, error);
}

/* Behind the first mark of a record, to behind its last; `*why`: it does not end as it should. */
static bool find_end(struct reader *r, struct mark first, size_t *end, const char **why, struct hc_str *ahead,
                     GError **error)
{
    int depth = first.kind == OPEN;

    for (*end = first.length; depth && !*why;) {
        struct mark m;
        if (!find_mark(r, end, HC_XML_RECORD_MAX, ahead, error))
            return false;
        if (*end < ahead->n && !next_mark(r, *end, HC_XML_RECORD_MAX, ahead, &m, error))
            return false;
        if (*end > HC_XML_RECORD_MAX ||
            (*end < ahead->n && m.kind == UNFINISHED && ahead->n > HC_XML_RECORD_MAX))
            *why = "a record longer than is read begins";
        else if (*end == ahead->n || m.kind == UNFINISHED)
            *why = "the file ends inside of the record";
        else if (m.kind == BROKEN || (m.kind == OPEN && is_name(r->type, m.name)))
            *why = "a record that does not end begins";
        else {
            depth += m.kind == OPEN ? 1 : m.kind == CLOSE ? -1 : 0;
            *end += m.length;
        }
    }
    return true;
}

/* At the first mark of a record. */
static bool read_record(struct reader *r, struct mark first, struct hc_str ahead, struct hc_locator at,
                        GError **error)
{
    const char *why = NULL;
    size_t end;

    set_type(r, first.name);
    if (!find_end(r, first, &end, &why, &ahead, error))
        return false;
    if (!why && end > HC_XML_RECORD_MAX)
        why = "a record longer than is read begins";
    if (why)
        return give_up(r, at, why, error);
    if (!push_record(r, hc_str_head(ahead, end), at, error))
        return false;
    hc_input_skip(r->in, end);
    return true;
}

/* What stands between records and is no mark. */
static bool pass_text(struct reader *r, struct hc_str text, struct hc_locator at, GError **error)
{
    struct hc_str rest = hc_str_trim(at.offset ? text : hc_str_without_bom(text));
    bool ok = !rest.n || reject(r, at, (int64_t)text.n, "text between records", error);

    hc_input_skip(r->in, text.n);
    return ok;
}

/* Whether reading goes on behind a mark at the place. */
static bool step(struct reader *r, struct mark m, struct hc_str ahead, struct hc_locator at, GError **error)
{
    bool root = !r->in_root && m.kind == OPEN;

    if (m.kind == UNFINISHED || m.kind == BROKEN) {
        set_type(r, m.name);
        return give_up(r, at,
                       m.kind == BROKEN ? "a record that does not end begins" : "what does not end begins",
                       error);
    }
    if ((m.kind == OPEN || m.kind == EMPTY) && r->in_root)
        return read_record(r, m, ahead, at, error);
    if (root)
        set_name(r->root, m.name);
    r->in_root = root || (r->in_root && m.kind == OTHER);
    hc_input_skip(r->in, m.length);
    return true;
}

static bool read_document(struct reader *r, GError **error)
{
    struct hc_locator at = {0};
    struct hc_str ahead;
    struct mark m;

    for (;;) {
        size_t pos = 0;
        if (!look(r, 1, &ahead, &at, error))
            return false;
        if (!ahead.n)
            break;
        if (!find_mark(r, &pos, HC_PEEK_SIZE, &ahead, error))
            return false;
        if (pos ? !pass_text(r, hc_str_head(ahead, pos), at, error)
                : !next_mark(r, 0, HC_XML_RECORD_MAX, &ahead, &m, error) || !step(r, m, ahead, at, error))
            return false;
    }
    return !r->in_root ||
           reject(r, at, 0, "the root element is not closed: the file was cut, or is still written,", error);
}

/* ---- what kind of file ---- */

static struct hc_str start_of(struct hc_str head)
{
    return hc_str_trim(hc_str_without_bom(head));
}

/* UTF-16, which no other format has that is read here. */
static bool is_wide(struct hc_str head)
{
    return head.n >= 4 && (memcmp(head.p, "\xff\xfe<\0", 4) == 0 || memcmp(head.p, "\xfe\xff\0<", 4) == 0);
}

/* What `encoding` in the document's first line says; NULL: nothing. */
static char *declared_encoding(struct hc_str head)
{
    struct hc_str t = start_of(head);
    ptrdiff_t end = hc_str_starts(t, "<?xml") ? hc_str_find(t, "?>", 0) : -1, at, close;

    t = end < 0 ? HC_STR_LIT("") : hc_str_head(t, (size_t)end);
    at = hc_str_find(t, "encoding", 0);
    if (at < 0)
        return NULL;
    t = hc_str_trim(hc_str_skip(t, (size_t)at + strlen("encoding")));
    t = hc_str_trim(hc_str_starts(t, "=") ? hc_str_skip(t, 1) : HC_STR_LIT(""));
    close = t.n && (t.p[0] == '"' || t.p[0] == '\'') ? hc_str_chr(hc_str_skip(t, 1), t.p[0]) : -1;
    return close < 0 ? NULL : hc_str_dup(hc_str_n(t.p + 1, (size_t)close));
}

/* Those in which a byte below 0x80 is what it is in ASCII. */
static bool is_read(const char *encoding)
{
    static const char *const known[] = {"utf-8", "us-ascii", "ascii", "iso-8859-", "windows-125", "cp125"};

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_ascii_strncasecmp(encoding, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str t = start_of(peek->head);
    struct mark m;

    *why = "XML";
    if (is_wide(peek->head))
        return 60;
    if (t.n < 4 || t.p[0] != '<' || (t.n > 14 && g_ascii_strncasecmp(t.p, "<!doctype html", 14) == 0))
        return 0;
    if (hc_str_starts(t, "<?xml") || hc_str_starts(t, "<!DOCTYPE"))
        return 60;
    m = read_mark(t);
    return (m.kind == OPEN || m.kind == EMPTY) && g_ascii_strncasecmp(m.name.p, "html", MAX(m.name.n, 4)) != 0
               ? 50
               : 0;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.in = in, .sink = sink};
    bool ok;

    if (is_wide(hc_input_peek(in)))
        return hc_fail(error, HC_ERROR_INPUT, "XML in UTF-16 is not read; convert it to UTF-8 first");
    r.encoding = declared_encoding(hc_input_peek(in));
    if (r.encoding && !is_read(r.encoding)) {
        hc_fail(error, HC_ERROR_INPUT, "XML in %s is not read; convert it to UTF-8 first", r.encoding);
        g_free(r.encoding);
        return false;
    }
    r.xml = hc_xmlin_new();
    r.root = g_string_new(NULL);
    r.type = g_string_new(NULL);
    r.slots = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    r.values = g_array_new(FALSE, TRUE, sizeof(struct hc_str));
    r.offsets = g_array_new(FALSE, TRUE, sizeof(size_t));
    r.scratch = g_string_new(NULL);
    ok = read_document(&r, error);
    hc_sink_read(sink, r.records);
    hc_xmlin_free(r.xml);
    g_free(r.encoding);
    g_string_free(r.root, TRUE);
    g_string_free(r.type, TRUE);
    g_hash_table_unref(r.slots);
    g_array_unref(r.values);
    g_array_unref(r.offsets);
    g_string_free(r.scratch, TRUE);
    return ok;
}

const struct hc_importer hc_importer_xml = {
    .name = "xml",
    .summary = "XML whose root element holds the records (by profile)",
    .bid = bid,
    .run = run,
};
