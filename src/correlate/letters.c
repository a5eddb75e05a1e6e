/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/letters.h"

#include "src/base/keyed.h"

struct letters {
    struct world *w;
    struct mentions *mentions;
    int64_t first;       /* microseconds: nobody asks for what was before */
    GHashTable *by_box;  /* int64_t mailbox -> GArray of struct letter */
    GStringChunk *texts; /* theirs, each once */
};

struct letters *letters_new(struct world *w, const GPtrArray *incidents, struct mentions *mentions)
{
    struct letters *l = g_new0(struct letters, 1);

    l->w = w;
    l->mentions = mentions;
    l->first = INT64_MAX;
    for (guint i = 0; i < incidents->len; i++)
        l->first = MIN(l->first, ((const struct incident *)incidents->pdata[i])->first - clock_error(w));
    l->by_box = g_hash_table_new_full(hc_keyed_number, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    l->texts = g_string_chunk_new(4096);
    return l;
}

void letters_free(struct letters *l)
{
    if (!l)
        return;
    g_hash_table_unref(l->by_box);
    g_string_chunk_free(l->texts);
    g_free(l);
}

static const char *text_of(struct letters *l, hc_stmt *st, int column)
{
    g_autofree char *text = hc_col_dup(st, column);

    return text ? g_string_chunk_insert_const(l->texts, text) : NULL;
}

static struct letter read_letter(struct letters *l, hc_stmt *st)
{
    struct letter letter = {.event = hc_col_int(st, 0),
                            .message = hc_col_int(st, 1),
                            .actor = canonical(l->w, hc_col_int(st, 2)),
                            .target = hc_col_int(st, 3),
                            .at = hc_col_int(st, 12),
                            .time = hc_col_int(st, 10),
                            .until = hc_col_int(st, 11)};

    correct_time(l->w, hc_col_int(st, 9), &letter.time, &letter.until);
    letter.names = named_in(l->mentions, letter.event, hc_col_text(st, 4));
    letter.id = text_of(l, st, 8);
    letter.reply_to = text_of(l, st, 6);
    letter.from = text_of(l, st, 7);
    return letter;
}

const GArray *letters_of(struct letters *l, int64_t mailbox, GError **error)
{
    GArray *all = g_hash_table_lookup(l->by_box, &mailbox);
    hc_stmt *st;
    int rc;

    if (all)
        return all;
    all = g_array_new(FALSE, FALSE, sizeof(struct letter));
    g_hash_table_insert(l->by_box, g_memdup2(&mailbox, sizeof mailbox), all);
    st = hc_db_query(l->w->db, "correlate", "mails_of", "iiii", mailbox, l->first,
                     (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_MAIL_SENT);
    while ((rc = hc_step(st, error)) == 1) {
        const struct letter letter = read_letter(l, st);
        g_array_append_val(all, letter);
    }
    return rc == 0 ? all : NULL;
}
