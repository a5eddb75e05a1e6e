/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/progress.h"

#include "src/base/text.h"
#include "src/base/utc.h"

#define WHAT_MAX 60 /* bytes: a line of a terminal has room for it beside the figures */

void hc_progress_clear(struct hc_progress *p)
{
    g_clear_pointer(&p->what, g_free);
}

static bool is_due(struct hc_progress *p, int64_t now, const char *what)
{
    bool other = g_strcmp0(p->what, what) != 0;

    if (!p->started)
        p->start = now;
    else if (!other && now - p->last < HC_PROGRESS_EVERY)
        return false;
    if (other) {
        g_free(p->what);
        p->what = g_strdup(what);
    }
    p->started = true;
    p->last = now;
    return true;
}

/* Rounded up: what is left of the last second is a second. */
static void append_left(GString *line, int64_t seconds)
{
    if (seconds >= 3600)
        g_string_append_printf(line, "%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min left, ", seconds / 3600,
                               seconds / 60 % 60);
    else if (seconds >= 60)
        g_string_append_printf(line, "%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s left, ", seconds / 60,
                               seconds % 60);
    else
        g_string_append_printf(line, "%" G_GINT64_FORMAT " s left, ", seconds);
}

bool hc_progress_line(struct hc_progress *p, int64_t now, const char *what, int64_t done, int64_t total,
                      GString *line)
{
    int64_t passed;

    if (!is_due(p, now, what))
        return false;
    passed = now - p->start;
    done = MIN(done, total);
    if (total)
        g_string_append_printf(line, "[%3d%%] ", (int)((double)done * 100 / (double)total));
    if (total && done && passed >= HC_US_PER_S) {
        double rate = (double)done / ((double)passed / HC_US_PER_S);
        g_string_append_printf(line, "%.*f MB/s, ", rate < 1e7 ? 1 : 0, rate / 1e6);
        append_left(line, (int64_t)((double)(total - done) / rate) + (done < total));
    }
    hc_text_visible(line, hc_text_cut(hc_str(what), WHAT_MAX), false);
    return true;
}
