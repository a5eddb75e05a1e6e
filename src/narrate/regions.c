/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/regions.h"

#include "src/base/input.h"

#define STEP_BACK 4096

static int by_place(const void *a, const void *b)
{
    const struct spot *x = *(struct spot *const *)a, *y = *(struct spot *const *)b;
    int names = strcmp(x->origin->path, y->origin->path);

    if (!names)
        names = strcmp(x->origin->member, y->origin->member);
    return names ? names : x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool is_text(const struct spot *at)
{
    return at->origin && at->offset >= 0 && at->line > 0 && at->length <= REGION_READ_MAX &&
           !at->origin->as_text && g_strcmp0(at->origin->format, "sqlite") != 0;
}

/* Where the line begins in which `offset` lies; -1 where that is too far away or cannot be read. */
static int64_t line_start(struct hc_input *in, int64_t offset)
{
    char block[STEP_BACK];

    for (int64_t end = offset; end > 0 && offset - end < REGION_BACK_MAX;) {
        size_t n = (size_t)MIN(end, STEP_BACK);
        const char *newline;
        if (!hc_input_at(in, end - (int64_t)n, block, n, NULL))
            return -1;
        newline = memrchr(block, '\n', n);
        if (newline)
            return end - (int64_t)n + (newline + 1 - block);
        end -= (int64_t)n;
        if (end == 0)
            return 0;
    }
    return offset == 0 ? 0 : -1;
}

#define MARK "\xef\xbb\xbf"

/* A byte order mark at the beginning of the file is no character of it. */
static struct hc_str without_mark(struct hc_str text, int64_t offset)
{
    return offset == 0 && hc_str_starts(text, MARK) ? hc_str_skip(text, strlen(MARK)) : text;
}

/* Lines as SARIF counts them: a CR alone ends one for whoever wrote it, and none there. */
static bool has_own_lines(struct hc_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] != '\n')
            return true;
    return false;
}

static int64_t characters(struct hc_str text)
{
    return text.n ? g_utf8_strlen(text.p, (gssize)text.n) : 0;
}

/* `start`: of its line; `text`: from there to the end of the place. */
static void set_region(struct spot *at, int64_t start, struct hc_str text)
{
    struct hc_str before = without_mark(hc_str_head(text, (size_t)(at->offset - start)), start), last = text;
    int64_t newlines = 0;

    for (size_t i = (size_t)(at->offset - start); i < text.n; i++) {
        if (text.p[i] != '\n')
            continue;
        newlines++;
        last = hc_str_skip(text, i + 1);
    }
    if (!newlines)
        last = without_mark(text, start);
    at->start_line = at->line;
    at->start_column = characters(before) + 1;
    at->end_line = at->line + newlines;
    at->end_column = characters(last) + 1;
}

static bool is_told_by_lines(const struct spot *at, int64_t start, struct hc_str text)
{
    struct hc_str rest = without_mark(text, start);

    return (rest.n == text.n || at->offset >= (int64_t)strlen(MARK)) &&
           g_utf8_validate_len(text.p, text.n, NULL) && !has_own_lines(text);
}

static void fill_spot(struct hc_input *in, int64_t size, struct spot *at)
{
    int64_t start = at->offset <= size - at->length ? line_start(in, at->offset) : -1;
    size_t n = (size_t)(at->offset - start + at->length);
    g_autofree char *text = start < 0 ? NULL : g_malloc(n + 1);

    if (text && hc_input_at(in, start, text, n, NULL) && is_told_by_lines(at, start, hc_str_n(text, n)))
        set_region(at, start, hc_str_n(text, n));
}

static void fill_member(struct hc_input *in, struct spot **spots, guint n)
{
    const struct origin *origin = n ? spots[0]->origin : NULL;
    int64_t size = hc_input_size(in, NULL);

    for (guint i = 0; size >= 0 && i < n && spots[i]->origin == origin; i++)
        fill_spot(in, size, spots[i]);
}

/*
 * The places of one file, in order of member and offset; the members of an archive come in its own. Of two
 * with one name the first is meant.
 */
static void fill_file(const char *disk, struct spot **spots, guint n)
{
    g_autoptr(hc_input_t) in = hc_input_open(disk, NULL);
    g_autoptr(GHashTable) first = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = n; i > 0; i--)
        g_hash_table_insert(first, spots[i - 1]->origin->member, spots + i - 1);
    if (in)
        hc_input_partly(in);
    while (in && g_hash_table_size(first) && hc_input_next(in, NULL) == 1) {
        const char *member = hc_input_is_archive(in) ? hc_input_member(in) : "";
        struct spot **at = g_hash_table_lookup(first, member);
        if (at)
            fill_member(in, at, n - (guint)(at - spots));
        g_hash_table_remove(first, member);
    }
}

static void collect(struct spot *at, GPtrArray *spots)
{
    if (is_text(at))
        g_ptr_array_add(spots, at);
}

void regions_fill(const struct hc_case *c, const char *external, struct found *found)
{
    g_autoptr(GPtrArray) spots = g_ptr_array_new();

    for (guint i = 0; i < found->findings->len; i++) {
        struct finding *f = found->findings->pdata[i];
        collect(&f->at, spots);
        for (guint k = 0; k < f->steps->len; k++)
            collect(&((struct step *)f->steps->pdata[k])->at, spots);
        for (guint k = 0; k < f->places->len; k++)
            collect(&((struct further *)f->places->pdata[k])->at, spots);
    }
    g_ptr_array_sort(spots, by_place);
    for (guint i = 0, end; i < spots->len; i = end) {
        const char *path = ((struct spot *)spots->pdata[i])->origin->path;
        g_autofree char *disk = hc_case_disk(c, path, external);
        for (end = i + 1;
             end < spots->len && strcmp(((struct spot *)spots->pdata[end])->origin->path, path) == 0;)
            end++;
        if (disk)
            fill_file(disk, (struct spot **)spots->pdata + i, end - i);
    }
}
