/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/looks.h"

#define LINES_MIN 4096

void hc_seen_clear(struct hc_seen *seen)
{
    g_free(seen->ends);
    g_free(seen->found);
    *seen = (struct hc_seen){0};
}

static void add_line(struct hc_seen *seen, const struct hc_look *look, struct hc_str line, uint32_t end)
{
    if (seen->n == seen->room) {
        seen->room = MAX(seen->room * 2, LINES_MIN);
        seen->ends = g_renew(uint32_t, seen->ends, seen->room);
        seen->found = g_realloc_n(seen->found, seen->room, look->size);
    }
    seen->ends[seen->n] = end;
    look->look(look->data, line, seen->found + seen->n * look->size);
    seen->n++;
}

void hc_seen_look(struct hc_seen *seen, const struct hc_look *look, const void *bytes, size_t from, size_t to)
{
    const char *start = bytes, *p = start + from, *end = start + to, *stop;

    seen->n = 0;
    seen->first = from;
    for (; p < end && (stop = memchr(p, '\n', (size_t)(end - p))); p = stop + 1) {
        struct hc_str line = hc_str_n(p, (size_t)(stop - p));
        line.n -= line.n && p[line.n - 1] == '\r';
        add_line(seen, look, line, (uint32_t)(stop - start));
    }
}
