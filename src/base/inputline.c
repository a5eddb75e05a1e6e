/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/inputparts.h"

/* A line beyond the limit: counted, not kept. */
static bool skip_line(struct hc_input *in, struct hc_locator *at, GError **error)
{
    int64_t length = 0;

    for (;;) {
        size_t have = in->at->bytes->len - in->at->from;
        const unsigned char *start = in->at->bytes->data + in->at->from,
                            *end = have ? memchr(start, '\n', have) : NULL;
        length += end ? end - start : (int64_t)have;
        in->at->from += end ? (size_t)(end - start) + 1 : have;
        if (end || in->at->end) {
            in->cut = !end;
            at->length = length;
            in->offset += length + (end != NULL);
            hc_linemarks_pass(in->marks, in->offset);
            return true;
        }
        if (!hc_input_fill(in, error))
            return false;
    }
}

/* The next of the lines that were looked at, if it begins here. */
static bool seen_line(struct hc_input *in, struct hc_str *line, struct hc_locator *at)
{
    const struct hc_seen *seen = &in->seen;
    struct hc_level *level = in->at;
    size_t n;

    in->found = NULL;
    while (in->n_passed < seen->n && seen->ends[in->n_passed] < level->from)
        in->n_passed++;
    if (in->n_passed >= seen->n ||
        level->from != (in->n_passed ? seen->ends[in->n_passed - 1] + 1 : seen->first))
        return false;
    const char *start = (const char *)level->bytes->data + level->from;
    n = seen->ends[in->n_passed] - level->from;
    at->line = ++in->line;
    at->offset = in->offset;
    in->cut = false;
    level->from += n + 1;
    in->offset += (int64_t)n + 1;
    n -= n && start[n - 1] == '\r';
    at->length = (int64_t)n;
    *line = hc_str_n(start, n);
    if (in->maker)
        hc_linemarks_pass(in->marks, in->offset);
    in->found = seen->found + in->n_passed++ * in->look.size;
    return true;
}

void hc_input_look(struct hc_input *in, size_t size, hc_look_fn look, const void *data)
{
    if (!in->ahead)
        in->look = (struct hc_look){look, data, size};
}

void hc_input_look_away(struct hc_input *in)
{
    if (in->ahead)
        hc_ahead_look_away(in->ahead);
    in->look = (struct hc_look){0};
    in->seen.n = in->n_passed = 0;
    in->found = NULL;
}

const void *hc_input_looked(const struct hc_input *in)
{
    return in->found;
}

/* The rest of a line whose member is cut or damaged there: nobody knows how it goes on. */
static bool unfinished(struct hc_input *in)
{
    if ((in->maker && !in->same) || !hc_input_fault(in))
        return false;
    in->at->from = in->at->bytes->len;
    return true;
}

int hc_input_line(struct hc_input *in, struct hc_str *line, struct hc_locator *at, GError **error)
{
    size_t searched = 0;

    if (seen_line(in, line, at))
        return 1;
    *line = HC_STR_NONE;
    for (;;) {
        size_t have = in->at->bytes->len - in->at->from;
        const unsigned char *start = in->at->bytes->data + in->at->from;
        const unsigned char *end = have > searched ? memchr(start + searched, '\n', have - searched) : NULL;
        if (end || in->at->end) {
            size_t n = end ? (size_t)(end - start) : have;
            if (!end && (!have || unfinished(in)))
                return 0;
            at->line = ++in->line;
            at->offset = in->offset;
            in->cut = !end;
            in->at->from += n + (end != NULL);
            in->offset += (int64_t)n + (end != NULL);
            n -= end && n && start[n - 1] == '\r';
            at->length = (int64_t)n;
            *line = n <= HC_LINE_MAX ? hc_str_n((const char *)start, n) : HC_STR_NONE;
            if (in->maker)
                hc_linemarks_pass(in->marks, in->offset);
            return 1;
        }
        if (have > HC_LINE_MAX) {
            at->line = ++in->line;
            at->offset = in->offset;
            return skip_line(in, at, error) ? 1 : -1;
        }
        searched = have;
        if (!hc_input_fill(in, error))
            return -1;
    }
}

bool hc_input_cut(const struct hc_input *in)
{
    return in->cut;
}

int hc_input_ahead(struct hc_input *in, size_t want, struct hc_str *ahead, struct hc_locator *at,
                   GError **error)
{
    in->found = NULL;
    while (!in->at->end && in->at->bytes->len - in->at->from < want)
        if (!hc_input_fill(in, error))
            return -1;
    *ahead = hc_str_n((const char *)in->at->bytes->data + in->at->from, in->at->bytes->len - in->at->from);
    at->line = in->line + 1;
    at->offset = in->offset;
    return ahead->n > 0;
}

void hc_input_skip(struct hc_input *in, size_t n)
{
    const char *p = (const char *)in->at->bytes->data + in->at->from, *end = p + n;

    in->at->from += n;
    in->offset += (int64_t)n;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        in->line++;
        p++;
    }
}

bool hc_input_all(struct hc_input *in, struct hc_str *all, GError **error)
{
    while (!in->at->end && (int64_t)in->at->bytes->len <= in->limits.whole)
        if (!hc_input_fill(in, error))
            return false;
    if ((int64_t)in->at->bytes->len > in->limits.whole)
        return hc_input_fail(in, error, "is larger than this format is read");
    *all = hc_str_n(in->at->bytes->len ? (const char *)in->at->bytes->data + in->at->from : "",
                    in->at->bytes->len - in->at->from);
    return true;
}
