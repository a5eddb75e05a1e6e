/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgtoc.h"

#include "src/evidence/pgtext.h"

#define MAGIC "PGDMP"
#define YEARS_MAX 8099 /* since 1900 */

/* What is read here is taken as a whole or not at all: until then the bytes stay in the input, and strings
 * are known by their places. */
struct cursor {
    struct hc_input *in;
    const struct hc_pg_head *head;
    struct hc_str bytes;
    size_t at;
    char **why;
};

struct span {
    size_t from;
    int64_t n; /* negative: none */
};

static int64_t place(const struct cursor *c)
{
    return hc_input_taken(c->in) + (int64_t)c->at;
}

static bool refuse(struct cursor *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(struct cursor *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    *c->why = g_strdup_vprintf(format, args);
    va_end(args);
    return false;
}

/* `n` more bytes are there. */
static bool need(struct cursor *c, size_t n)
{
    g_autoptr(GError) error = NULL;

    if (c->bytes.n - c->at >= n)
        return true;
    if ((int64_t)(c->at + n) > HC_PG_ENTRY_MAX)
        return refuse(c, "an entry is longer than %" G_GINT64_FORMAT " bytes, at byte %" G_GINT64_FORMAT,
                      HC_PG_ENTRY_MAX, place(c));
    if (hc_input_bytes(c->in, c->at + n, &c->bytes, &error) < 0)
        return refuse(c, "%s", error->message);
    return c->bytes.n - c->at >= n || refuse(c, "the archive ends at byte %" G_GINT64_FORMAT,
                                             hc_input_taken(c->in) + (int64_t)c->bytes.n);
}

static bool read_byte(struct cursor *c, int *value)
{
    if (!need(c, 1))
        return false;
    *value = (unsigned char)c->bytes.p[c->at++];
    return true;
}

/* What has more than 63 bits is as wrong as the largest number. */
static int64_t low_first(const char *bytes, int n)
{
    uint64_t value = 0;

    for (int i = n; i-- > 0;) {
        if (value >> 55)
            return INT64_MAX;
        value = value << 8 | (unsigned char)bytes[i];
    }
    return (int64_t)value;
}

int64_t hc_pg_int(const struct hc_pg_head *head, const char *bytes)
{
    int64_t value = low_first(bytes + 1, head->int_size);

    return bytes[0] ? -value : value;
}

static bool read_int(struct cursor *c, int64_t *value)
{
    if (!need(c, 1 + (size_t)c->head->int_size))
        return false;
    *value = hc_pg_int(c->head, c->bytes.p + c->at);
    c->at += 1 + (size_t)c->head->int_size;
    return true;
}

static bool read_string(struct cursor *c, struct span *s)
{
    struct span none;

    s = s ? s : &none;
    if (!read_int(c, &s->n))
        return false;
    s->from = c->at;
    if (s->n < 0)
        return true;
    if (s->n > HC_PG_STRING_MAX)
        return refuse(c,
                      "a text of %" G_GINT64_FORMAT " bytes at byte %" G_GINT64_FORMAT
                      " is longer than %" G_GINT64_FORMAT,
                      s->n, place(c), HC_PG_STRING_MAX);
    if (!need(c, (size_t)s->n))
        return false;
    c->at += (size_t)s->n;
    return true;
}

static struct hc_str text_of(const struct cursor *c, struct span s)
{
    return s.n < 0 ? HC_STR_NONE : hc_str_n(c->bytes.p + s.from, (size_t)s.n);
}

/* Fit to stand in a comment. */
static void keep_version(const struct cursor *c, struct span s, char to[64])
{
    struct hc_str text = hc_str_head(text_of(c, s), 63);

    for (size_t i = 0; i < text.n; i++)
        to[i] = g_ascii_isprint(text.p[i]) ? text.p[i] : '?';
    to[text.n] = '\0';
}

static bool check_sizes(struct cursor *c, const struct hc_pg_head *head, int form)
{
    if (head->int_size < 1 || head->int_size > 8)
        return refuse(c, "a PostgreSQL archive whose numbers have %d bytes", head->int_size);
    if (head->offset_size < 1 || head->offset_size > 8)
        return refuse(c, "a PostgreSQL archive whose offsets have %d bytes", head->offset_size);
    return form == HC_PG_CUSTOM || form == HC_PG_FILES ||
           refuse(c, "a PostgreSQL archive of the form %d, which is not known", form);
}

/* Magic, version, sizes: what all else depends on. */
static bool read_start(struct cursor *c, struct hc_pg_head *head)
{
    int major, revision, form;

    if (!need(c, strlen(MAGIC)))
        return false;
    if (memcmp(c->bytes.p, MAGIC, strlen(MAGIC)) != 0)
        return refuse(c, "not a PostgreSQL archive");
    c->at = strlen(MAGIC);
    if (!read_byte(c, &major) || !read_byte(c, &head->minor))
        return false;
    if (major != 1 || head->minor < HC_PG_MINOR_MIN || head->minor > HC_PG_MINOR_MAX)
        return refuse(c, "a PostgreSQL archive of version %d.%d; those from 1.%d to 1.%d are read", major,
                      head->minor, HC_PG_MINOR_MIN, HC_PG_MINOR_MAX);
    if (!read_byte(c, &revision) || !read_byte(c, &head->int_size) || !read_byte(c, &head->offset_size) ||
        !read_byte(c, &form))
        return false;
    head->form = form == HC_PG_CUSTOM ? HC_PG_CUSTOM : HC_PG_FILES;
    return check_sizes(c, head, form);
}

static bool read_packing(struct cursor *c, struct hc_pg_head *head)
{
    int64_t level;
    int method;

    if (head->minor < 15) {
        if (!read_int(c, &level))
            return false;
        head->packing = level ? HC_PACK_GZIP : HC_PACK_NONE;
        return true;
    }
    if (!read_byte(c, &method))
        return false;
    head->packing = (enum hc_packing)method;
    return method <= HC_PACK_ZSTD ||
           refuse(c, "a PostgreSQL archive that is compressed by method %d, which is not known", method);
}

static bool in_range(const int64_t made[6])
{
    static const int64_t last[6] = {1900 + YEARS_MAX, 12, 31, 23, 59, 60};

    for (int i = 0; i < 6; i++)
        if (made[i] < (i == 1 || i == 2) || made[i] > last[i])
            return false;
    return true;
}

static bool read_made(struct cursor *c, struct hc_pg_head *head)
{
    int64_t summer;

    for (int i = 5; i >= 0; i--)
        if (!read_int(c, &head->made[i]))
            return false;
    if (!read_int(c, &summer))
        return false;
    head->made[0] = CLAMP(head->made[0], -1900, YEARS_MAX) + 1900;
    head->made[1] = CLAMP(head->made[1], -1, 12) + 1;
    if (!in_range(head->made))
        memset(head->made, 0, sizeof(head->made));
    return true;
}

bool hc_pg_read_head(struct hc_input *in, struct hc_pg_head *head, char **why)
{
    struct cursor c = {.in = in, .head = head, .why = why};
    struct span server, dumper;

    memset(head, 0, sizeof(*head));
    if (!read_start(&c, head) || !read_packing(&c, head) || !read_made(&c, head) || !read_string(&c, NULL) ||
        !read_string(&c, &server) || !read_string(&c, &dumper) || !read_int(&c, &head->entries))
        return false;
    keep_version(&c, server, head->server);
    keep_version(&c, dumper, head->dumper);
    hc_input_take(in, c.at);
    return true;
}

static bool read_strings(struct cursor *c, int n, struct span *spans)
{
    for (int i = 0; i < n; i++)
        if (!read_string(c, spans ? &spans[i] : NULL))
            return false;
    return true;
}

static bool read_dependencies(struct cursor *c)
{
    struct span s;

    for (int n = 0; n <= HC_PG_DEPENDENCIES_MAX; n++) {
        if (!read_string(c, &s))
            return false;
        if (s.n < 0)
            return true;
    }
    return refuse(c, "an entry depends on more than %d others, at byte %" G_GINT64_FORMAT,
                  HC_PG_DEPENDENCIES_MAX, place(c));
}

static bool read_where(struct cursor *c, struct hc_pg_entry *e)
{
    int flag;

    if (!read_byte(c, &flag) || !need(c, (size_t)c->head->offset_size))
        return false;
    if (flag < HC_PG_NOT_SET || flag > HC_PG_NO_DATA)
        return refuse(c, "the mark %d at byte %" G_GINT64_FORMAT " says nothing about where data lie", flag,
                      place(c) - 1);
    e->where = (enum hc_pg_where)flag;
    e->offset = low_first(c->bytes.p + c->at, c->head->offset_size);
    c->at += (size_t)c->head->offset_size;
    return true;
}

enum { DEFINITION, DROP, COPY, SCHEMA, TABLESPACE, STRINGS };

bool hc_pg_read_entry(struct hc_input *in, const struct hc_pg_head *head, struct hc_pg_entry *e, char **why)
{
    struct cursor c = {.in = in, .head = head, .why = why};
    struct span tag[2], text[STRINGS], file = {0, -1};
    int64_t has_data, section, relkind;

    memset(e, 0, sizeof(*e));
    if (!read_int(&c, &e->id))
        return false;
    if (e->id <= 0 || e->id > INT32_MAX)
        return refuse(&c, "the entry at byte %" G_GINT64_FORMAT " has the number %" G_GINT64_FORMAT,
                      hc_input_taken(in), e->id);
    if (!read_int(&c, &has_data) || !read_strings(&c, 2, NULL) || !read_strings(&c, 2, tag) ||
        !read_int(&c, &section) || !read_strings(&c, STRINGS, text) ||
        (head->minor >= 14 && !read_string(&c, NULL)) || (head->minor >= 16 && !read_int(&c, &relkind)) ||
        !read_strings(&c, 2, NULL) || !read_dependencies(&c))
        return false;
    if (head->form == HC_PG_CUSTOM ? !read_where(&c, e) : !read_string(&c, &file))
        return false;
    e->has_data = has_data != 0;
    e->tag = text_of(&c, tag[0]);
    e->kind = text_of(&c, tag[1]);
    e->definition = text_of(&c, text[DEFINITION]);
    e->copy = text_of(&c, text[COPY]);
    e->schema = text_of(&c, text[SCHEMA]);
    e->file = text_of(&c, file);
    hc_input_take(in, c.at);
    return true;
}
