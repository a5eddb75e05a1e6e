/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mailboxes in mbox form (RFC 4155, the older mboxo, mboxrd, mboxcl and mboxcl2 customs, and MMDF).
 *
 *   From renee@uni.example Mon Nov 20 07:21:29 2023
 *   Received: from ... by relay1 ...; Mon, 20 Nov 2023 07:21:29 -0500 (EST)
 *   ...
 *   >From my side everything is ready.
 *
 * A message begins at a "From " line that ends in a date, at the start or after an empty line; one '>' is
 * taken off a quoted one. Where all messages so far had a Content-Length that was true, "From " lines inside
 * of that length are text; a length is true when a message or the end follows there. In MMDF form a line of
 * four ^A stands before and behind each message.
 */
#include "src/evidence/mail/message.h"

#define HC_FROM_WORDS_MAX 24 /* of a From line that are looked at */

static bool is_one_of(struct hc_str word, const char *list)
{
    for (; word.n == 3 && *list; list += 3)
        if (g_ascii_strncasecmp(word.p, list, 3) == 0)
            return true;
    return false;
}

static bool is_weekday(struct hc_str word)
{
    if (word.n == 4 && word.p[3] == ',')
        word.n = 3;
    return is_one_of(word, "MonTueWedThuFriSatSun");
}

static bool is_clock(struct hc_str word)
{
    return word.n >= 4 && g_ascii_isdigit(word.p[0]) &&
           (word.p[1] == ':' || (g_ascii_isdigit(word.p[1]) && word.p[2] == ':'));
}

/* Weekday, then month and time of day in the order of ctime or of a mail's Date. */
static bool ends_in_date(const struct hc_str *words, size_t n)
{
    bool month = false, clock = false;
    size_t i = 0;

    while (i < n && !is_weekday(words[i]))
        i++;
    for (size_t k = i + 1; k < n && k < i + 7; k++) {
        month = month || is_one_of(words[k], "JanFebMarAprMayJunJulAugSepOctNovDec");
        clock = clock || is_clock(words[k]);
    }
    return month && clock;
}

static bool is_from_line(struct hc_str line)
{
    struct hc_str words[HC_FROM_WORDS_MAX], rest;
    size_t n = 0;

    if (!hc_str_starts(line, "From "))
        return false;
    if (hc_str_is(line, "From - ")) /* of Netscape and its heirs */
        return true;
    rest = hc_str_trim(hc_str_skip(line, 5));
    while (rest.n && n < HC_FROM_WORDS_MAX) {
        ptrdiff_t end = hc_str_chr(rest, ' ');
        words[n++] = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        rest = end < 0 ? HC_STR_NONE : hc_str_trim(hc_str_skip(rest, (size_t)end));
    }
    return ends_in_date(words, n);
}

static struct hc_str without_mark(struct hc_str text)
{
    return hc_str_starts(text, "\xef\xbb\xbf") ? hc_str_skip(text, 3) : text;
}

static bool is_mmdf(struct hc_str line)
{
    return hc_str_is(line, "\1\1\1\1");
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str head = without_mark(peek->head);
    size_t n = 0;

    while (n < head.n && head.p[n] != '\n' && head.p[n] != '\r')
        n++;
    head = hc_str_head(head, n);
    if (is_mmdf(head)) {
        *why = "starts with the mark of an MMDF mailbox";
        return 90;
    }
    if (!is_from_line(head) || (n == peek->head.n && !peek->whole))
        return 0;
    *why = "starts with the From line of a mailbox";
    return 90;
}

/* A From line inside of the length that a message gives itself: where the next message begins if that is not
 * true. */
struct doubt {
    gsize text_end, text_next; /* in the collected text: before and behind the line */
    int64_t length;            /* of the message before it */
    struct hc_locator at;
};

/* The mailbox on its way, and the message that is being collected. */
struct reader {
    struct hc_sink *sink;
    GString *text;
    struct hc_locator at;
    int64_t records;
    bool open, too_large, long_line, stray, mmdf;
    bool in_headers;
    int64_t body,
        length; /* offset of its first byte, -1: not met; and how many there shall be, -1: it does not say */
    bool lengths_true; /* of all messages so far */
    GArray *doubts;    /* struct doubt */
    /* Old Macintosh files: what is left of a line with several ends. */
    struct hc_str rest;
    struct hc_locator rest_at;
};

/* `stray`: text before the first message. */
static void begin(struct reader *r, const struct hc_locator *at, bool stray)
{
    r->open = r->in_headers = true;
    r->stray = stray;
    r->at = *at;
    r->at.record = ++r->records;
    r->body = r->length = -1;
}

static bool push(struct reader *r, GString *text, const struct hc_locator *at, GError **error)
{
    if (r->too_large)
        return hc_message_reject_size(r->sink, at, r->long_line, error);
    return hc_message_push(r->sink, "mbox", text, at, error);
}

/* The length was not true: the From lines inside of it begin messages. */
static bool split(struct reader *r, GError **error)
{
    bool ok = true;

    r->lengths_true = false;
    /* lengths were counted from the first */
    const int64_t first = r->at.offset, whole = r->at.length;
    for (guint i = 0; ok && i < r->doubts->len; i++) {
        const struct doubt *d = &g_array_index(r->doubts, struct doubt, i);
        gsize from = i ? g_array_index(r->doubts, struct doubt, i - 1).text_next : 0;
        g_autoptr(GString) part = g_string_new_len(r->text->str + from, (gssize)(d->text_end - from));
        struct hc_locator at = r->at;
        at.length = i ? d->length - (at.offset - first) : d->length;
        ok = push(r, part, &at, error);
        r->at = d->at;
        r->at.length = whole - (r->at.offset - first);
        r->at.record = ++r->records;
    }
    if (r->doubts->len)
        g_string_erase(r->text, 0,
                       (gssize)g_array_index(r->doubts, struct doubt, r->doubts->len - 1).text_next);
    g_array_set_size(r->doubts, 0);
    return ok;
}

static bool finish(struct reader *r, GError **error)
{
    bool ok = true;

    if (r->open && r->doubts->len && !r->too_large)
        ok = split(r, error);
    if (ok && r->open && r->stray)
        ok = hc_sink_reject(r->sink, &r->at, error, "text before the first message");
    else if (ok && r->open)
        ok = push(r, r->text, &r->at, error);
    g_array_set_size(r->doubts, 0);
    g_string_truncate(r->text, 0);
    r->open = r->too_large = r->long_line = false;
    return ok;
}

/* ">From " with any number of '>' loses one of them. */
static struct hc_str unquoted(struct hc_str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == '>')
        n++;
    return n && hc_str_starts(hc_str_skip(line, n), "From ") ? hc_str_skip(line, 1) : line;
}

static void read_length(struct reader *r, struct hc_str line)
{
    static const char name[] = "Content-Length:";
    struct hc_str value;

    if (line.n < sizeof name || g_ascii_strncasecmp(line.p, name, sizeof name - 1) != 0)
        return;
    value = hc_str_trim(hc_str_skip(line, sizeof name - 1));
    r->length = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (!g_ascii_isdigit(value.p[i]) || r->length > HC_MEMBER_SIZE_MAX) {
            r->length = -1;
            return;
        }
        r->length = r->length * 10 + (value.p[i] - '0');
    }
}

static void collect(struct reader *r, struct hc_str line, const struct hc_locator *at)
{
    r->at.length = at->offset + at->length - r->at.offset;
    if (r->in_headers && line.p && line.n == 0)
        r->in_headers = false;
    else if (r->in_headers && line.p)
        read_length(r, line);
    r->long_line = r->long_line || !line.p;
    r->too_large = r->too_large || r->long_line || r->text->len + line.n > HC_MESSAGE_MAX;
    if (r->too_large)
        return;
    line = unquoted(line);
    g_string_append_len(r->text, line.p, (gssize)line.n);
    g_string_append_c(r->text, '\n');
}

/* Where a place lies in the body of the present message, by the length that it gives itself. */
enum where { UNKNOWN, INSIDE, AT_END, BEHIND };

static enum where place_of(struct reader *r, int64_t offset)
{
    if (!r->open || r->in_headers || r->length < 0 || !r->lengths_true)
        return UNKNOWN;
    if (r->body < 0)
        r->body = offset;
    return offset - r->body < r->length ? INSIDE : offset - r->body == r->length ? AT_END : BEHIND;
}

/* At the end of its length a message ends, or the length was not true. */
static bool check_length(struct reader *r, struct hc_str line, GError **error)
{
    if (line.p && (line.n == 0 || is_from_line(line))) {
        g_array_set_size(r->doubts, 0);
        return true;
    }
    return split(r, error);
}

static bool read_line(struct reader *r, struct hc_str line, const struct hc_locator *at, bool empty,
                      GError **error)
{
    enum where where = place_of(r, at->offset);
    bool from = line.p && (empty || where == AT_END) && is_from_line(line);

    if ((where == AT_END || (where == BEHIND && r->doubts->len)) && !check_length(r, line, error))
        return false;
    if (from && where == INSIDE) {
        struct doubt d = {r->text->len, 0, r->at.length, *at};
        collect(r, line, at);
        d.text_next = r->text->len;
        g_array_append_val(r->doubts, d);
    } else if (from) {
        r->lengths_true = r->lengths_true && (!r->open || r->length >= 0);
        if (!finish(r, error))
            return false;
        begin(r, at, false);
    } else if (r->open) {
        collect(r, line, at);
    } else if (!line.p || line.n) {
        begin(r, at, true);
    }
    return true;
}

/* A mark begins a message where none is open, else it ends one. */
static bool read_mmdf_line(struct reader *r, struct hc_str line, const struct hc_locator *at, GError **error)
{
    if (!line.p || !is_mmdf(line)) {
        if (r->open)
            collect(r, line, at);
        else if (!line.p || line.n)
            begin(r, at, true);
        return true;
    }
    if (r->open && !r->stray)
        return finish(r, error);
    if (!finish(r, error))
        return false;
    begin(r, at, false);
    return true;
}

/* The next line; one that holds several line ends of a single CR gives several. */
static int next_line(struct reader *r, struct hc_input *in, struct hc_str *line, struct hc_locator *at,
                     GError **error)
{
    ptrdiff_t cr;

    if (!r->rest.p) {
        int rc = hc_input_line(in, line, at, error);
        cr = rc == 1 && line->p && at->offset == 0 ? hc_str_chr(*line, '\r') : -1;
        if (cr < 0 || !is_from_line(without_mark(hc_str_head(*line, (size_t)cr))))
            return rc;
        r->rest = *line;
        r->rest_at = *at;
    }
    cr = hc_str_chr(r->rest, '\r');
    *line = cr < 0 ? r->rest : hc_str_head(r->rest, (size_t)cr);
    *at = r->rest_at;
    at->length = (int64_t)line->n;
    r->rest_at.line++;
    r->rest_at.offset += at->length + 1;
    r->rest = cr < 0 || (size_t)cr + 1 == r->rest.n ? HC_STR_NONE : hc_str_skip(r->rest, (size_t)cr + 1);
    return 1;
}

static bool read_all(struct reader *r, struct hc_input *in, GError **error)
{
    struct hc_locator at = {0};
    bool empty = true, ok = true, first = true;
    struct hc_str line;
    int rc = 0;

    while (ok && (rc = next_line(r, in, &line, &at, error)) == 1) {
        if (first && line.p) {
            line = without_mark(line);
            r->mmdf = is_mmdf(line);
        }
        first = false;
        ok = r->mmdf ? read_mmdf_line(r, line, &at, error) : read_line(r, line, &at, empty, error);
        empty = line.p && line.n == 0;
    }
    if (ok && rc == 0 && r->length >= 0 && r->body >= 0 && at.offset + at.length - r->body >= r->length)
        g_array_set_size(r->doubts, 0); /* the last message ends where the file does */
    return ok && rc == 0 && finish(r, error);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {
        .sink = sink, .text = g_string_new(NULL), .lengths_true = true, .body = -1, .length = -1};
    bool ok;

    r.doubts = g_array_new(FALSE, FALSE, sizeof(struct doubt));
    ok = read_all(&r, in, error);
    hc_sink_read(sink, r.records);
    g_array_unref(r.doubts);
    g_string_free(r.text, TRUE);
    return ok;
}

const struct hc_importer hc_importer_mbox = {
    .name = "mbox",
    .summary = "mailbox, mbox form",
    .bid = bid,
    .run = run,
};
