/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON records: JSON lines (one object a line), arrays of objects, one object, or objects one after another.
 * By RFC 8259, in UTF-8, with or without a byte order mark. A record is an object; what its fields mean is
 * said by the profile, which knows it by the name of the archive member or file.
 *
 * JSON lines are read line by line. All else is held in memory, up to a limit: a value may end anywhere.
 */
#include "src/base/json.h"
#include "src/evidence/importer.h"
#include "src/evidence/unwrap.h"

/* A value that the profile wants of a record. */
struct slot {
    const char *of_item; /* its path in the element that makes the record; NULL: it is the record's own */
    bool decoded;        /* the value was decoded into the scratch text ... */
    size_t offset;       /* ... at this place */
};

/* What was found in a line before it was read. */
struct looked {
    size_t from, n;         /* where the object is that is all of it; n 0: it is anything else */
    struct hc_str values[]; /* by in_place */
};

/* One run over a file or member. */
struct reader {
    struct hc_sink *sink;
    const struct hc_plan *plan; /* NULL: records are only counted */
    struct hc_unwrap *unwrap;   /* NULL: no record holds others */
    bool direct; /* each object is a record: what is wanted is picked out while it is validated */
    struct hc_json_paths *paths; /* of the slots */
    struct hc_str type;
    size_t n_slots;
    struct slot *slots;
    struct hc_str *values;
    bool in_place; /* they are those that in_place gives */
    GString *scratch;
    int64_t record;
    int64_t ignored;
};

/* The path behind "each"; NULL: it begins otherwise. */
static const char *inside_item(const char *path)
{
    size_t n = strcspn(path, ".");

    return hc_str_is(hc_str_n(path, n), "each") ? path + n + (path[n] == '.') : NULL;
}

static void reader_open(struct reader *r, struct hc_sink *sink)
{
    const struct hc_settings *settings = hc_sink_settings(sink);
    const char *slash = strrchr(settings->path, '/');

    memset(r, 0, sizeof *r);
    r->sink = sink;
    r->type = hc_str(*settings->member ? hc_input_own_name(settings->member, settings->inside)
                     : slash           ? slash + 1
                                       : settings->path);
    r->plan = hc_sink_plan(sink, r->type);
    r->n_slots = r->plan ? hc_plan_slots(r->plan) : 0;
    r->slots = g_new0(struct slot, r->n_slots);
    r->values = g_new0(struct hc_str, r->n_slots);
    r->scratch = g_string_new(NULL);
    r->paths = hc_json_paths_new();
    if (r->plan && *hc_sink_unwrap(sink))
        r->unwrap = hc_unwrap_new(hc_sink_unwrap(sink));
    r->direct = r->plan && !r->unwrap && !*hc_plan_each(r->plan);
    for (size_t i = 0; i < r->n_slots; i++) {
        const char *path = hc_plan_slot(r->plan, i);
        hc_json_paths_add(r->paths, path);
        if (*hc_plan_each(r->plan))
            r->slots[i].of_item = inside_item(path);
    }
}

/* Also the end of the accounting. */
static void reader_close(struct reader *r)
{
    const char *why = r->ignored ? hc_sink_why(r->sink, r->type) : NULL;

    if (r->ignored)
        hc_sink_ignore(r->sink, r->type, why ? why : "not in the profile", r->ignored);
    hc_sink_read(r->sink, r->record);
    hc_unwrap_free(r->unwrap);
    hc_json_paths_free(r->paths);
    g_free(r->slots);
    g_free(r->values);
    g_string_free(r->scratch, TRUE);
}

/* What is used where it stands: all but a string with escapes, which stays in its quotes. */
static struct hc_str in_place(struct hc_str value)
{
    if (!value.p || value.p[0] == 'n')
        return HC_STR_NONE;
    if (value.p[0] != '"' || hc_str_chr(value, '\\') >= 0)
        return value;
    return hc_str_n(value.p + 1, value.n - 2);
}

/* A quote is the first byte of nothing else that in_place gives. */
static void decode_value(struct reader *r, size_t i)
{
    struct hc_str *value = &r->values[i];
    struct slot *slot = &r->slots[i];

    slot->decoded = false;
    if (value->n && value->p[0] == '"') {
        slot->offset = r->scratch->len;
        slot->decoded = hc_json_text(*value, r->scratch);
        value->n = r->scratch->len - slot->offset;
    }
}

/* An element that is no scalar has members, and is no value itself. */
static struct hc_str item_value(struct hc_str item, const char *path)
{
    struct hc_str value = item.p ? hc_json_get(item, path) : HC_STR_NONE;

    return !*path && value.p && (value.p[0] == '{' || value.p[0] == '[') ? HC_STR_NONE : value;
}

/* A record, or with `item` one of several that it makes. */
static bool push_item(struct reader *r, struct hc_str record, struct hc_str item, struct hc_locator at,
                      GError **error)
{
    at.record = ++r->record;
    if (hc_sink_outside(r->sink, r->type, record))
        return true;
    if (!r->direct)
        hc_json_pick(r->paths, record, r->values);
    for (size_t i = 0; i < r->n_slots; i++)
        if (r->slots[i].of_item)
            r->values[i] = item_value(item, r->slots[i].of_item);
    for (size_t i = 0; !r->in_place && i < r->n_slots; i++)
        r->values[i] = in_place(r->values[i]);
    g_string_truncate(r->scratch, 0);
    for (size_t i = 0; i < r->n_slots; i++)
        decode_value(r, i);
    /* only now does the scratch text stay where it is */
    for (size_t i = 0; i < r->n_slots; i++)
        if (r->slots[i].decoded)
            r->values[i].p = r->scratch->str + r->slots[i].offset;
    return hc_sink_record(r->sink, r->plan, r->values, &at, error);
}

/* The first list that has elements; .p == NULL: there is none, the record is one. */
static struct hc_str find_items(const struct reader *r, struct hc_str record)
{
    for (const char *const *path = hc_plan_each(r->plan); *path; path++) {
        struct hc_str list = hc_json_get(record, *path);
        size_t pos = 0;
        if (list.p && list.p[0] == '[' && hc_json_next(list, &pos, NULL).p)
            return list;
    }
    return HC_STR_NONE;
}

/* For each record that is no wrapper of others. */
static bool push_record(void *data, struct hc_str record, const struct hc_locator *at, const char *why,
                        GError **error)
{
    struct reader *r = data;
    struct hc_locator here = *at;
    struct hc_str items, item;
    size_t pos = 0;

    if (why) {
        here.record = ++r->record;
        return hc_sink_reject(r->sink, &here, error,
                              "line %" G_GINT64_FORMAT ": %s, in the value at byte %" G_GINT64_FORMAT,
                              here.line, why, here.offset);
    }
    items = r->direct ? HC_STR_NONE : find_items(r, record);
    if (!items.p)
        return push_item(r, record, HC_STR_NONE, here, error);
    while ((item = hc_json_next(items, &pos, NULL)).p)
        if (!push_item(r, record, item, here, error))
            return false;
    return true;
}

/* Validates a value as hc_json_check does, and sets the values of a record where that needs no second
 * look. */
static size_t check(struct reader *r, struct hc_str in, size_t *wrong, const char **why)
{
    return r->direct ? hc_json_scan(r->paths, in, r->values, wrong, why) : hc_json_check(in, wrong, why);
}

/* A complete value: a record when it is an object. */
static bool push_value(struct reader *r, struct hc_str value, struct hc_locator at, GError **error)
{
    at.length = (int64_t)value.n;
    if (value.p[0] == '{' && r->unwrap)
        return hc_unwrap_each(r->unwrap, value, &at, push_record, r, error);
    if (value.p[0] == '{' && r->plan)
        return push_record(r, value, &at, NULL, error);
    at.record = ++r->record;
    if (value.p[0] == '{') {
        r->ignored++;
        return true;
    }
    return hc_sink_reject(r->sink, &at, error,
                          "line %" G_GINT64_FORMAT ": object expected at byte %" G_GINT64_FORMAT, at.line,
                          at.offset);
}

static size_t skip_space(struct hc_str text, size_t pos)
{
    while (pos < text.n &&
           (text.p[pos] == ' ' || text.p[pos] == '\n' || text.p[pos] == '\r' || text.p[pos] == '\t'))
        pos++;
    return pos;
}

/* ---- JSON lines ---- */

/* The rest of a line that is no value. */
static bool reject_rest(struct reader *r, struct hc_locator at, size_t wrong, const char *why, GError **error)
{
    at.record = ++r->record;
    return hc_sink_reject(r->sink, &at, error, "line %" G_GINT64_FORMAT ": %s at byte %" G_GINT64_FORMAT,
                          at.line, why, at.offset + (int64_t)wrong);
}

/* An hc_look_fn, of a reader that does not change meanwhile in what it uses. */
static void look_at_line(const void *data, struct hc_str line, void *found)
{
    const struct reader *r = data;
    struct looked *looked = found;
    const char *why;
    size_t wrong;

    looked->from = skip_space(line, 0);
    looked->n = hc_json_scan(r->paths, hc_str_skip(line, looked->from), looked->values, &wrong, &why);
    if (!looked->n || line.p[looked->from] != '{' || skip_space(line, looked->from + looked->n) < line.n)
        looked->n = 0;
    for (size_t i = 0; looked->n && i < r->n_slots; i++)
        looked->values[i] = in_place(looked->values[i]);
}

static bool read_looked(struct reader *r, struct hc_str line, const struct hc_locator *at,
                        const struct looked *looked, GError **error)
{
    const struct hc_locator here = {.line = at->line, .offset = at->offset + (int64_t)looked->from};
    bool ok;

    memcpy(r->values, looked->values, r->n_slots * sizeof *r->values);
    r->in_place = true;
    ok = push_value(r, hc_str_n(line.p + looked->from, looked->n), here, error);
    r->in_place = false;
    return ok;
}

/* Usually one object; some writers forget the line ends. */
static bool read_line(struct reader *r, struct hc_str line, const struct hc_locator *at, GError **error)
{
    for (size_t pos = skip_space(line, 0); pos < line.n; pos = skip_space(line, pos)) {
        struct hc_locator here = {.line = at->line, .offset = at->offset + (int64_t)pos};
        struct hc_str rest = hc_str_skip(line, pos);
        size_t wrong = 0;
        const char *why = "object expected";
        size_t n = check(r, rest, &wrong, &why);
        here.length = (int64_t)rest.n;
        if (!n || rest.p[0] != '{')
            return reject_rest(r, here, wrong, why, error);
        if (!push_value(r, hc_str_head(rest, n), here, error))
            return false;
        pos += n;
    }
    return true;
}

static bool reject_long(struct reader *r, struct hc_locator at, GError **error)
{
    at.record = ++r->record;
    return hc_sink_reject(r->sink, &at, error, "line %" G_GINT64_FORMAT ": longer than %u bytes", at.line,
                          HC_LINE_MAX);
}

static bool read_lines(struct reader *r, struct hc_input *in, GError **error)
{
    struct hc_locator at = {0};
    struct hc_str line;
    int got;

    if (r->direct)
        hc_input_look(in, sizeof(struct looked) + r->n_slots * sizeof(struct hc_str), look_at_line, r);
    while ((got = hc_input_line(in, &line, &at, error)) > 0) {
        const struct looked *looked = hc_input_looked(in);
        if (looked && looked->n) {
            if (!read_looked(r, line, &at, looked, error))
                return false;
            continue;
        }
        struct hc_str text = at.offset ? line : hc_str_without_bom(line);
        at.offset += (int64_t)(line.n - text.n);
        if (!(line.p ? read_line(r, text, &at, error) : reject_long(r, at, error)))
            return false;
    }
    return got == 0;
}

/* ---- everything else ---- */

/* A place in the whole text, with the line it is on. */
struct place {
    struct hc_str all;
    size_t pos;
    int64_t line;
    size_t counted; /* line ends are counted up to here */
    size_t anchor;  /* the last record that had only white space before it on its line */
    bool anchored;
};

static void move_to(struct place *at, size_t pos)
{
    while (at->counted < pos) {
        const char *end = memchr(at->all.p + at->counted, '\n', pos - at->counted);
        at->counted = end ? (size_t)(end - at->all.p) + 1 : pos;
        at->line += end != NULL;
    }
    at->pos = pos;
}

/* The byte at the place after white space, -1 at the end. */
static int next_byte(struct place *at)
{
    move_to(at, skip_space(at->all, at->pos));
    return at->pos < at->all.n ? (unsigned char)at->all.p[at->pos] : -1;
}

static struct hc_locator locator(const struct place *at, size_t length)
{
    return (struct hc_locator){.line = at->line, .offset = (int64_t)at->pos, .length = (int64_t)length};
}

static size_t line_start(struct hc_str all, size_t pos)
{
    while (pos && all.p[pos - 1] != '\n')
        pos--;
    return pos;
}

/*
 * Where reading can go on behind a fault: at the next line that starts an object in the column where records
 * start. Members of a record are indented further, so nothing inside one is taken for a record. The end of
 * the text when there is no such line.
 */
static size_t find_resume(const struct place *at)
{
    struct hc_str all = at->all;

    if (!at->anchored)
        return all.n;
    size_t model = line_start(all, at->anchor), indent = at->anchor - model, pos = at->pos;
    for (;;) {
        const char *end = memchr(all.p + pos, '\n', all.n - pos);
        if (!end)
            return all.n;
        pos = (size_t)(end - all.p) + 1;
        if (all.n - pos > indent && all.p[pos + indent] == '{' && !memcmp(all.p + pos, all.p + model, indent))
            return pos + indent;
    }
}

/* `wrong` counts from the place, which moves to where reading goes on. */
static bool reject_broken(struct reader *r, struct place *at, size_t wrong, const char *why, GError **error)
{
    size_t resume = find_resume(at);
    struct place fault = *at;
    struct hc_locator here = locator(at, resume - at->pos);
    bool lost = resume == at->all.n && at->pos + wrong < at->all.n;

    here.record = ++r->record;
    move_to(&fault, at->pos + wrong);
    move_to(at, resume);
    return hc_sink_reject(r->sink, &here, error, "line %" G_GINT64_FORMAT ": %s at byte %zu%s", fault.line,
                          why, fault.pos, lost ? "; the rest of the file is lost" : "");
}

/* A fault that costs no record. */
static bool reject_between(struct reader *r, const struct place *at, const char *why, GError **error)
{
    struct hc_locator here = locator(at, 0);

    here.record = ++r->record;
    return hc_sink_reject(r->sink, &here, error, "line %" G_GINT64_FORMAT ": %s at byte %zu", at->line, why,
                          at->pos);
}

/* Remembers where a record starts its line. */
static void drop_anchor(struct place *at)
{
    size_t pos = at->pos;

    while (pos > 0 && (at->all.p[pos - 1] == ' ' || at->all.p[pos - 1] == '\t'))
        pos--;
    if (pos == 0 || at->all.p[pos - 1] == '\n') {
        at->anchor = at->pos;
        at->anchored = true;
    }
}

/* At a value; `*broken` when it is none, and the place is now at a record further down, or at the end. */
static bool read_value(struct reader *r, struct place *at, bool *broken, GError **error)
{
    struct hc_str rest = hc_str_skip(at->all, at->pos);
    size_t wrong = 0;
    const char *why = NULL;

    if (rest.p[0] == '{')
        drop_anchor(at);
    size_t n = check(r, rest, &wrong, &why);
    *broken = n == 0;
    if (!n)
        return reject_broken(r, at, wrong, why, error);
    if (!push_value(r, hc_str_head(rest, n), locator(at, n), error))
        return false;
    move_to(at, at->pos + n);
    return true;
}

/* What was read last. */
enum state {
    TOP,     /* nothing, or a complete value outside arrays */
    OPENED,  /* the bracket of an array */
    ELEMENT, /* an element of an array */
    COMMA,   /* the comma behind it, or what stands for it */
    BROKEN,  /* a fault inside an array, behind which it goes on */
};

/* Behind an element, at byte `c`. */
static bool read_separator(struct reader *r, struct place *at, int c, enum state *state, GError **error)
{
    if (c == ',' || c == ']') {
        *state = c == ',' ? COMMA : TOP;
        move_to(at, at->pos + 1);
        return true;
    }
    if (c == '{') {
        *state = COMMA;
        return reject_between(r, at, "',' expected", error);
    }
    *state = BROKEN;
    return reject_broken(r, at, 0, "',' or ']' expected", error);
}

/* One step from byte `c`, which is not the end. */
static bool read_step(struct reader *r, struct place *at, int c, enum state *state, GError **error)
{
    bool broken = false;

    if (*state == ELEMENT)
        return read_separator(r, at, c, state, error);
    if (*state == TOP && c != '{' && c != '[')
        return reject_broken(r, at, 0, "'{' or '[' expected", error);
    if ((*state == TOP && c == '[') || (*state == OPENED && c == ']')) {
        *state = c == '[' ? OPENED : TOP;
        move_to(at, at->pos + 1);
        return true;
    }
    if (!read_value(r, at, &broken, error))
        return false;
    if (*state != TOP)
        *state = broken ? BROKEN : ELEMENT;
    return true;
}

static bool read_whole(struct reader *r, struct hc_input *in, GError **error)
{
    struct place at = {.line = 1};
    enum state state = TOP;
    int c;

    if (!hc_input_all(in, &at.all, error))
        return false;
    move_to(&at, at.all.n - hc_str_without_bom(at.all).n);
    while ((c = next_byte(&at)) >= 0)
        if (!read_step(r, &at, c, &state, error))
            return false;
    if (state == TOP || state == BROKEN) /* a fault that reached the end has said so */
        return true;
    return reject_between(r, &at, "the array is not closed", error);
}

/* ---- what kind of file ---- */

static struct hc_str start_of(struct hc_str head)
{
    head = hc_str_without_bom(head);
    return hc_str_skip(head, skip_space(head, 0));
}

/* A fault in the last bytes may be the end of the head cutting a value, or a character. */
static bool is_cut(struct hc_str head, size_t wrong)
{
    return wrong + 4 > head.n;
}

/* Lines are told from objects over several lines by where the first value ends, or where its fault is. */
static bool has_lines(struct hc_str head)
{
    struct hc_str text = start_of(head);
    ptrdiff_t line = hc_str_chr(text, '\n');
    size_t wrong = 0;
    const char *why;

    if (!text.n || text.p[0] == '[')
        return false;
    if (line < 0)
        return true;
    size_t n = hc_json_check(text, &wrong, &why);
    return n ? n <= (size_t)line : wrong <= (size_t)line;
}

static int bid_array(struct hc_str text, const char **why)
{
    size_t first = skip_space(text, 1), wrong = 0;

    if (first < text.n && text.p[first] == ']') {
        size_t next = skip_space(text, first + 1);
        *why = "empty JSON array";
        return next == text.n || text.p[next] == '[' || text.p[next] == '{' ? 60 : 0;
    }
    if (first < text.n && text.p[first] != '{')
        return 0;
    *why = "JSON array of objects";
    struct hc_str element = hc_str_skip(text, first);
    if (hc_json_check(element, &wrong, why) || is_cut(element, wrong)) {
        *why = "JSON array of objects";
        return 60;
    }
    *why = "starts like a JSON array of objects, but the first one is broken";
    return element.n > 1 && element.p[skip_space(element, 1)] == '"' ? 30 : 0;
}

/* Behind the first object. */
static int bid_second(struct hc_str rest, const char **why)
{
    size_t wrong = 0;

    *why = "JSON object";
    if (!rest.n)
        return 60;
    if (rest.p[0] == '{' && (hc_json_check(rest, &wrong, why) || is_cut(rest, wrong))) {
        *why = "JSON objects, one after another";
        return 70;
    }
    *why = "starts with a JSON object, but what follows is none";
    return 30;
}

static int bid_object(struct hc_str text, const char **why)
{
    size_t wrong = 0, first = skip_space(text, 1);
    size_t n = hc_json_check(text, &wrong, why);

    if (n)
        return bid_second(hc_str_skip(text, skip_space(text, n)), why);
    if (first < text.n && text.p[first] != '"')
        return 0;
    *why = is_cut(text, wrong) ? "JSON object" : "starts like a JSON object, but is broken";
    return is_cut(text, wrong) ? 60 : 30;
}

static int json_bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str text = start_of(peek->head);

    if (!text.n || (text.p[0] != '{' && text.p[0] != '['))
        return 0;
    return text.p[0] == '{' ? bid_object(text, why) : bid_array(text, why);
}

static bool json_run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r;

    reader_open(&r, sink);
    bool ok = has_lines(hc_input_peek(in)) ? read_lines(&r, in, error) : read_whole(&r, in, error);
    hc_input_look_away(in);
    reader_close(&r);
    return ok;
}

const struct hc_importer hc_importer_json = {
    .name = "json",
    .summary = "JSON lines, arrays of objects, objects one after another (by profile)",
    .bid = json_bid,
    .run = json_run,
};
