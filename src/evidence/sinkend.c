/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of a sink: its thread begins and ends, and may do so again; what came is accounted for. */
#include "src/evidence/sinkparts.h"

bool hc_sink_begin(struct hc_sink *sink, GError **error)
{
    sink->loader = hc_store_loader(sink->store, sink->source, error);
    if (!sink->loader)
        return false;
    sink->pipe = hc_pipe_new(hc_loader_batch, sink->loader);
    sink->batch = hc_pipe_batch(sink->pipe);
    return true;
}

struct duplicates {
    struct hc_sink *sink;
    GError **error;
    bool ok;
};

/* They were counted as events. */
static void move_duplicates(void *data, int64_t type, int64_t n)
{
    struct duplicates *d = data;
    hc_stmt *st = hc_db_query(d->sink->db, "store", "name_of", "i", type);

    d->ok = d->ok && hc_step(st, d->error) == 1;
    if (!d->ok)
        return;
    hc_tally_add(d->sink->tally, HC_FATE_EVENT, hc_col_text(st, 0), "", -n);
    hc_tally_add(d->sink->tally, HC_FATE_DUPLICATE, hc_col_text(st, 0), "", n);
    hc_stmt_reset(st);
}

/* Where nobody said when an export was made: its latest record. */
static void bind_taken(struct hc_sink *sink, hc_stmt *st)
{
    if (!sink->has_span)
        return;
    hc_bind_int(st, 14, sink->last);
    hc_bind_text(st, 15, HC_STR_LIT("assumed"));
}

static bool write_counts(struct hc_sink *sink, const char *sha256, int64_t size, GError **error)
{
    hc_stmt *st = hc_db_stmt(sink->db, "store", "finish_source");

    hc_bind_int(st, 1, sink->source);
    hc_bind_text(st, 2, hc_str(sha256));
    if (sha256)
        hc_bind_int(st, 3, size);
    hc_bind_int(st, 4, hc_tally_all(sink->tally));
    for (int i = 0; i < HC_FATES; i++)
        hc_bind_int(st, 5 + i, hc_tally_sum(sink->tally, (enum hc_fate)i));
    if (sink->has_span) {
        hc_bind_int(st, 11, sink->first);
        hc_bind_int(st, 12, sink->last);
    }
    hc_bind_int(st, 13, sink->serial);
    bind_taken(sink, st);
    hc_bind_text(st, 16, hc_host_name(&sink->host));
    hc_bind_int(st, 17, sink->unclean);
    return hc_exec(st, error) && hc_tally_write(sink->tally, sink->db, sink->source, error);
}

/* All that was passed on is stored. */
static bool close_loader(struct hc_sink *sink, GError **error)
{
    struct duplicates d = {sink, error, true};

    if (!hc_pipe_close(sink->pipe, error) || !hc_loader_end(sink->loader, error))
        return false;
    hc_loader_duplicates(sink->loader, move_duplicates, &d);
    g_clear_pointer(&sink->pipe, hc_pipe_free);
    g_clear_pointer(&sink->loader, hc_loader_free);
    return d.ok;
}

bool hc_sink_end(struct hc_sink *sink, const char *sha256, int64_t size, GError **error)
{
    if (sink->mute)
        return true;
    if (!close_loader(sink, error))
        return false;
    g_strlcpy(sink->sha256, sha256 ? sha256 : "", sizeof sink->sha256);
    sink->size = size;
    return true;
}

void hc_sink_doubt_year(struct hc_sink *sink, int64_t from, int64_t to)
{
    hc_doubts_add(sink->doubts, from, to);
}

bool hc_sink_open_again(struct hc_sink *sink, GError **error)
{
    return sink->mute || hc_sink_begin(sink, error);
}

bool hc_sink_close_again(struct hc_sink *sink, GError **error)
{
    return sink->mute || close_loader(sink, error);
}

bool hc_sink_account(struct hc_sink *sink, GError **error)
{
    int64_t accounted = hc_tally_all(sink->tally);

    if (sink->mute)
        return true;
    if (sink->read >= 0 && sink->read != accounted)
        return hc_fail(error, HC_ERROR_INPUT,
                       "%" G_GINT64_FORMAT " records were read, but %" G_GINT64_FORMAT
                       " are accounted for: a fault of the importer",
                       sink->read, accounted);
    return hc_doubts_apply(sink->doubts, sink->db, sink->source, error) &&
           write_counts(sink, *sink->sha256 ? sink->sha256 : NULL, sink->size, error);
}
