/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/eximmemory.h"

#include "src/base/keyed.h"
#include "src/evidence/log/clock.h"
#include "src/evidence/set.h"

/* A text that was written, and how often. */
struct written {
    int64_t n;
    bool has_priority;
    uint64_t priority; /* hash of that of the last */
};

struct hc_exim_memory {
    struct hc_sink *sink; /* of the file that is read now */
    struct hc_clock *clock;
    struct hc_pieces *pieces;
    GHashTable *texts; /* hash -> struct written */
    char second[32];   /* whose texts they are, of files */
    uint64_t folder;   /* hash */
    GString *key;
};

static struct hc_exim_memory *memory_new(void)
{
    struct hc_exim_memory *m = g_new0(struct hc_exim_memory, 1);

    m->clock = hc_clock_new();
    m->pieces = hc_pieces_new();
    m->texts = g_hash_table_new_full(hc_keyed_number, g_int64_equal, g_free, g_free);
    m->key = g_string_new(NULL);
    return m;
}

static void memory_free(void *data)
{
    struct hc_exim_memory *m = data;

    hc_clock_free(m->clock);
    hc_pieces_free(m->pieces);
    g_hash_table_unref(m->texts);
    g_string_free(m->key, TRUE);
    g_free(m);
}

/* FNV-1a */
static uint64_t hash(uint64_t from, struct hc_str text)
{
    uint64_t h = from ^ 0xcbf29ce484222325;

    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * 0x100000001b3;
    return h ^ h >> 31;
}

/* The next file begins. */
static void begin_file(struct hc_exim_memory *m, struct hc_sink *sink)
{
    const struct hc_settings *settings = hc_sink_settings(sink);
    g_autofree char *folder = g_path_get_dirname(settings->path),
                    *inside = g_path_get_dirname(settings->member);

    m->sink = sink;
    m->folder = hash(hash(0, hc_str(folder)), hc_str(inside));
    hc_clock_file(m->clock, settings);
}

struct hc_exim_memory *hc_exim_memory_of(struct hc_flow *flow)
{
    struct hc_sink *sink = hc_flow_sink(flow);
    struct hc_set *set = hc_sink_settings(sink)->set;
    struct hc_exim_memory *m = hc_set_kept(set, "exim");

    if (!m)
        hc_set_keep(set, "exim", m = memory_new(), memory_free);
    if (m->sink != sink)
        begin_file(m, sink);
    return m;
}

enum hc_piece hc_exim_piece(struct hc_exim_memory *m, const struct hc_logline *line, struct hc_str *whole)
{
    g_string_truncate(m->key, 0);
    g_string_append_len(m->key, line->host.p, (gssize)line->host.n);
    g_string_append_c(m->key, 0);
    g_string_append_len(m->key, line->pid.p, (gssize)line->pid.n);
    return hc_pieces_take(m->pieces, hc_str_n(m->key->str, m->key->len), line->message, whole);
}

static struct written *written(struct hc_exim_memory *m, uint64_t key)
{
    struct written *w = g_hash_table_lookup(m->texts, &key);

    if (w)
        return w;
    if (g_hash_table_size(m->texts) >= HC_EXIM_TEXTS_MAX)
        g_hash_table_remove_all(m->texts);
    g_hash_table_insert(m->texts, g_memdup2(&key, sizeof key), w = g_new0(struct written, 1));
    return w;
}

uint64_t hc_exim_key(struct hc_exim_memory *m, const struct hc_logline *line, struct hc_str text)
{
    uint64_t key = hash(hash(m->folder, line->stamp), text);

    if (!hc_str_is(line->stamp, m->second)) {
        g_hash_table_remove_all(m->texts);
        g_snprintf(m->second, sizeof m->second, "%.*s", HC_STR_ARG(line->stamp));
    }
    key += (uint64_t)++written(m, key)->n;
    return key ? key : 1;
}

bool hc_exim_is_copy(struct hc_exim_memory *m, const struct hc_logline *line, struct hc_str text)
{
    uint64_t key = hash(hash(hash(hash(0, line->host), line->pid), line->stamp), text),
             priority = hash(0, line->priority);
    struct written *w = written(m, key);
    bool copy =
        line->pid.p && w->n % 2 == 1 && (!line->priority.p || !w->has_priority || w->priority != priority);

    w->n = copy ? w->n + 1 : 1;
    w->has_priority = line->priority.p;
    w->priority = priority;
    return copy;
}

void hc_exim_own_time(struct hc_exim_memory *m, struct hc_logline *line, struct hc_str stamp)
{
    struct hc_logline own = *line;
    struct hc_str rest = stamp;

    if (line->time.precision != HC_PRECISION_NONE && (line->time.basis & (HC_BASIS_OFFSET | HC_BASIS_EPOCH)))
        return;
    if (!hc_stamp_read(&rest, &own.written))
        return;
    if (!hc_clock_date(m->clock, &own)) {
        hc_clock_look(
            m->clock, &own,
            NULL); /* other programs' lines stand between: the order of Exim's own is what there is */
        hc_clock_date(m->clock, &own);
    }
    own.stamp = stamp;
    if (own.time.precision != HC_PRECISION_NONE)
        *line = own;
}
