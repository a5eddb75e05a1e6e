/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/chat.h"

#include "src/base/keyed.h"

#include <stdlib.h>

#define NAMES_IT "names an account or a project of the incident"
#define IN_THREAD "in the thread of a message that names the incident"
#define BETWEEN "by the same people, in the same channel, between the first and the last message about it"

struct line {
    int64_t event, actor, channel;
    int64_t at, time;       /* by which lines are in order; when it was */
    const GPtrArray *names; /* incidents; the mentions' own */
    const char *because;    /* it belongs to the incident that is looked at; NULL: it does not, yet */
    guint thread;           /* + 1; 0: of none */
};

struct chat {
    GArray *lines;        /* struct line */
    GHashTable *naming;   /* incident -> GArray of guint: the lines that name it */
    GHashTable *numbers;  /* char * "CHANNEL/ROOT" -> number of the thread + 1 */
    GPtrArray *threads;   /* GArray of guint: the lines of each */
    GHashTable *channels; /* int64_t (in the lines) -> the same */
    GArray *found;        /* guint: lines that belong to the incident that is looked at */
};

static struct line *line_at(const struct chat *c, guint i)
{
    return &g_array_index(c->lines, struct line, i);
}

static GArray *places_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(guint));
}

static void put_into_thread(struct chat *c, struct line *l, guint place, const char *root)
{
    char *key = g_strdup_printf("%" G_GINT64_FORMAT "/%s", l->channel, root);

    l->thread = GPOINTER_TO_UINT(g_hash_table_lookup(c->numbers, key));
    if (l->thread) {
        g_free(key);
    } else {
        g_ptr_array_add(c->threads, places_new());
        l->thread = c->threads->len;
        g_hash_table_insert(c->numbers, key, GUINT_TO_POINTER(l->thread));
    }
    g_array_append_val((GArray *)c->threads->pdata[l->thread - 1], place);
}

static void note_names(struct chat *c, const struct line *l, guint place)
{
    for (guint i = 0; i < l->names->len; i++) {
        GArray *naming = g_hash_table_lookup(c->naming, l->names->pdata[i]);
        if (!naming)
            g_hash_table_insert(c->naming, l->names->pdata[i], naming = places_new());
        g_array_append_val(naming, place);
    }
}

static bool read_lines(struct world *w, struct chat *c, const GPtrArray *incidents, struct mentions *mentions,
                       GError **error)
{
    int64_t first = INT64_MAX, end = INT64_MIN;
    hc_stmt *st;
    int rc;

    for (guint i = 0; i < incidents->len; i++) {
        const struct incident *in = incidents->pdata[i];
        first = MIN(first, in->first);
        end = MAX(end, in->end);
    }
    st = hc_db_query(w->db, "correlate", "chat", "iiii", (int64_t)HC_ACTION_CHAT_MESSAGE, first, end,
                     (int64_t)HC_ACTION_TICKET_MESSAGE);
    while ((rc = hc_step(st, error)) == 1) {
        struct line l = {.event = hc_col_int(st, 0),
                         .actor = canonical(w, hc_col_int(st, 1)),
                         .channel = hc_col_int(st, 2),
                         .at = hc_col_int(st, 6),
                         .time = hc_col_int(st, 7)};
        g_autofree char *root = hc_col_dup(st, hc_col_null(st, 5) ? 4 : 5);
        l.names = named_in(mentions, l.event, hc_col_text(st, 3));
        if (root)
            put_into_thread(c, &l, c->lines->len, root);
        note_names(c, &l, c->lines->len);
        g_array_append_val(c->lines, l);
    }
    return rc == 0;
}

struct chat *chat_read(struct world *w, const GPtrArray *incidents, struct mentions *mentions, GError **error)
{
    g_autoptr(chat_t) c = g_new0(struct chat, 1);

    c->lines = g_array_new(FALSE, FALSE, sizeof(struct line));
    c->naming = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    c->numbers = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    c->threads = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    c->channels = g_hash_table_new_full(hc_keyed_number, g_int64_equal, NULL, (GDestroyNotify)g_array_unref);
    c->found = places_new();
    if (incidents->len && !read_lines(w, c, incidents, mentions, error))
        return NULL;
    for (guint i = 0; i < c->lines->len; i++) {
        GArray *channel = g_hash_table_lookup(c->channels, &line_at(c, i)->channel);
        if (!channel)
            g_hash_table_insert(c->channels, &line_at(c, i)->channel, channel = places_new());
        g_array_append_val(channel, i);
    }
    return g_steal_pointer(&c);
}

void chat_free(struct chat *c)
{
    if (!c)
        return;
    g_array_unref(c->lines);
    g_hash_table_unref(c->naming);
    g_hash_table_unref(c->numbers);
    g_ptr_array_unref(c->threads);
    g_hash_table_unref(c->channels);
    g_array_unref(c->found);
    g_free(c);
}

static bool is_its_time(const struct incident *in, const struct line *l)
{
    return l->at >= in->first && l->time < in->end;
}

static void join(struct chat *c, guint place, const char *because)
{
    line_at(c, place)->because = because;
    g_array_append_val(c->found, place);
}

static void join_naming(struct chat *c, const struct incident *in)
{
    const GArray *naming = g_hash_table_lookup(c->naming, in);

    for (guint i = 0; naming && i < naming->len; i++) {
        guint place = g_array_index(naming, guint, i);
        if (is_its_time(in, line_at(c, place)))
            join(c, place, NAMES_IT);
    }
}

/* Threads of messages that name the incident, each once. */
static void join_threads(struct chat *c, const struct incident *in)
{
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    const guint naming = c->found->len;

    for (guint i = 0; i < naming; i++) {
        guint thread = line_at(c, g_array_index(c->found, guint, i))->thread;
        const GArray *lines = thread ? c->threads->pdata[thread - 1] : NULL;
        if (!thread || !g_hash_table_add(done, GUINT_TO_POINTER(thread)))
            continue;
        for (guint k = 0; k < lines->len; k++) {
            guint place = g_array_index(lines, guint, k);
            const struct line *l = line_at(c, place);
            if (!l->because && !l->names->len && is_its_time(in, l))
                join(c, place, IN_THREAD);
        }
    }
}

/* The talk of a channel about the incident: who speaks, and from where to where. */
struct talk {
    GHashTable *people; /* int64_t, the lines' own */
    guint first, last;
};

static void talk_free(void *data)
{
    g_hash_table_unref(((struct talk *)data)->people);
    g_free(data);
}

static GHashTable *talks_of(const struct chat *c)
{
    GHashTable *talks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, talk_free);

    for (guint i = 0; i < c->found->len; i++) {
        guint place = g_array_index(c->found, guint, i);
        struct line *l = line_at(c, place);
        struct talk *talk = g_hash_table_lookup(talks, &l->channel);
        if (!talk) {
            talk = g_new0(struct talk, 1);
            *talk = (struct talk){g_hash_table_new(g_int64_hash, g_int64_equal), place, place};
            g_hash_table_insert(talks, &l->channel, talk);
        }
        g_hash_table_add(talk->people, &l->actor);
        talk->first = MIN(talk->first, place);
        talk->last = MAX(talk->last, place);
    }
    return talks;
}

static guint position_of(const GArray *places, guint place)
{
    guint low = 0, high = places->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(places, guint, middle) < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void join_between(struct chat *c, const struct incident *in, const struct talk *talk)
{
    const GArray *channel = g_hash_table_lookup(c->channels, &line_at(c, talk->first)->channel);
    bool another = false;

    for (guint i = position_of(channel, talk->first); g_array_index(channel, guint, i) < talk->last; i++) {
        guint place = g_array_index(channel, guint, i);
        const struct line *l = line_at(c, place);
        if (!is_its_time(in, l))
            continue;
        if (l->because || l->names->len)
            another = !l->because;
        else if (!another && g_hash_table_contains(talk->people, &l->actor))
            join(c, place, BETWEEN);
    }
}

static int by_place(const void *a, const void *b)
{
    guint x = *(const guint *)a, y = *(const guint *)b;

    return (x > y) - (x < y);
}

GArray *chat_about(struct chat *c, const struct incident *in)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct said));
    g_autoptr(GHashTable) talks = NULL;
    GHashTableIter iter;
    void *talk;

    g_array_set_size(c->found, 0);
    join_naming(c, in);
    join_threads(c, in);
    talks = talks_of(c);
    g_hash_table_iter_init(&iter, talks);
    while (g_hash_table_iter_next(&iter, NULL, &talk))
        join_between(c, in, talk);
    g_array_sort(c->found, by_place);
    for (guint i = 0; i < c->found->len; i++) {
        struct line *l = line_at(c, g_array_index(c->found, guint, i));
        const struct said said = {l->event, l->actor, l->because};
        g_array_append_val(out, said);
        l->because = NULL;
    }
    return out;
}
