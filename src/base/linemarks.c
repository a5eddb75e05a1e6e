/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/linemarks.h"

#include <glib.h>

struct mark {
    int64_t offset;
    enum hc_mark kind;
    char *why;
};

struct hc_linemarks {
    GQueue waiting; /* struct mark */
    struct mark *now;
};

static void mark_free(void *data)
{
    struct mark *mark = data;

    if (mark)
        g_free(mark->why);
    g_free(mark);
}

struct hc_linemarks *hc_linemarks_new(void)
{
    struct hc_linemarks *marks = g_new0(struct hc_linemarks, 1);

    g_queue_init(&marks->waiting);
    return marks;
}

void hc_linemarks_clear(struct hc_linemarks *marks)
{
    g_queue_clear_full(&marks->waiting, mark_free);
    g_clear_pointer(&marks->now, mark_free);
}

void hc_linemarks_free(struct hc_linemarks *marks)
{
    hc_linemarks_clear(marks);
    g_free(marks);
}

void hc_linemarks_add(struct hc_linemarks *marks, int64_t offset, enum hc_mark kind, const char *why)
{
    struct mark *mark = g_new0(struct mark, 1);

    *mark = (struct mark){offset, kind, g_strdup(why)};
    g_queue_push_tail(&marks->waiting, mark);
}

void hc_linemarks_move(struct hc_linemarks *marks, struct hc_linemarks *from)
{
    struct mark *mark;

    while ((mark = g_queue_pop_head(&from->waiting)))
        g_queue_push_tail(&marks->waiting, mark);
}

void hc_linemarks_pass(struct hc_linemarks *marks, int64_t offset)
{
    const struct mark *first = marks->waiting.head ? marks->waiting.head->data : NULL;

    g_clear_pointer(&marks->now, mark_free);
    while (first && first->offset < offset) {
        mark_free(marks->now);
        marks->now = g_queue_pop_head(&marks->waiting);
        first = marks->waiting.head ? marks->waiting.head->data : NULL;
    }
}

enum hc_mark hc_linemarks_now(const struct hc_linemarks *marks, const char **why)
{
    *why = marks->now ? marks->now->why : NULL;
    return marks->now ? marks->now->kind : HC_MARK_NONE;
}
