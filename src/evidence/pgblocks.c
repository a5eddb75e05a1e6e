/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgdata.h"

#define LOOK_MAX ((int64_t)16 << 20) /* how far ahead a place is looked at */

enum { BLOCK_DATA = 1, BLOCK_BLOBS = 3 };

/*
 * Blocks are read as they come, so that the same bytes give the same text, be they a file or what comes out
 * of a stream. The offsets in the contents, where they are set, only say where to go on when what is met is
 * no block.
 */
struct blocks {
    struct hc_pg_data d;
    enum {
        BETWEEN,
        IN_DATA,
        IN_BLOBS,
        LOST,
        AT_END
    } state;         /* LOST: where we are is no place to go on from */
    int64_t left;    /* of the present chunk */
    bool last;       /* the chunk of length 0 was read */
    int64_t from;    /* where the block begins */
    GArray *offsets; /* int64_t, sorted: where blocks begin; NULL before the first step */
};

static int by_offset(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void find_offsets(struct blocks *b)
{
    b->offsets = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < b->d.items->all->len; i++) {
        const struct hc_pg_item *item = b->d.items->all->pdata[i];
        if (item->where == HC_PG_SET)
            g_array_append_val(b->offsets, item->offset);
    }
    g_array_sort(b->offsets, by_offset);
}

/* The first place at or behind `at` where a block should begin; INT64_MAX when none is known. */
static int64_t known_from(const struct blocks *b, int64_t at)
{
    guint low = 0, high = b->offsets->len;

    while (low < high) {
        guint mid = low + (high - low) / 2;
        if (g_array_index(b->offsets, int64_t, mid) < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low < b->offsets->len ? g_array_index(b->offsets, int64_t, low) : INT64_MAX;
}

/* To the next place where a block should begin, or to the end. */
static int find_way(struct blocks *b, GError **error)
{
    int64_t to = known_from(b, MAX(hc_input_taken(b->d.in), b->from + 1));
    struct hc_str bytes;
    int rc;

    while (hc_input_taken(b->d.in) < to && (rc = hc_input_bytes(b->d.in, 1, &bytes, error)) != 0) {
        if (rc < 0)
            return -1;
        hc_input_take(b->d.in, (size_t)MIN((int64_t)bytes.n, to - hc_input_taken(b->d.in)));
    }
    b->state = BETWEEN;
    return 0;
}

/* An int of the block: 1, -1 = there is none any more. */
static int read_int(struct blocks *b, int64_t *value, char **why)
{
    size_t n = 1 + (size_t)b->d.head->int_size;
    g_autoptr(GError) error = NULL;
    struct hc_str bytes;

    if (hc_input_bytes(b->d.in, n, &bytes, &error) < 0) {
        *why = g_strdup(error->message);
        return -1;
    }
    if (bytes.n < n) {
        *why = g_strdup_printf("the archive ends at byte %" G_GINT64_FORMAT,
                               hc_input_taken(b->d.in) + (int64_t)bytes.n);
        return -1;
    }
    *value = hc_pg_int(b->d.head, bytes.p);
    hc_input_take(b->d.in, n);
    return 1;
}

/* A block does begin at `offset`, as the contents say: they may be what is wrong. */
static bool begins_at(struct blocks *b, int64_t offset)
{
    int64_t ahead = offset - hc_input_taken(b->d.in);
    size_t n = 2 + (size_t)b->d.head->int_size;
    const struct hc_pg_item *item;
    struct hc_str bytes;
    int64_t id;

    if (ahead < 0 || ahead > LOOK_MAX || hc_input_bytes(b->d.in, (size_t)ahead + n, &bytes, NULL) < 0 ||
        bytes.n < (size_t)ahead + n)
        return false;
    bytes = hc_str_skip(bytes, (size_t)ahead);
    id = hc_pg_int(b->d.head, bytes.p + 1);
    item = g_hash_table_lookup(b->d.items->by_id, &id);
    return item && item->where == HC_PG_SET && item->offset == offset &&
           bytes.p[0] == (item->blobs ? BLOCK_BLOBS : BLOCK_DATA);
}

/* The length of the next chunk. What would reach into the block that follows is none. */
static int next_chunk(struct blocks *b, char **why)
{
    int64_t at = hc_input_taken(b->d.in), n = 0, end;

    if (read_int(b, &n, why) < 0)
        return -1;
    b->last = n == 0;
    b->left = n;
    end = known_from(b, b->from + 1);
    if (n < 0 || n > HC_PG_CHUNK_MAX || (n > end - hc_input_taken(b->d.in) && begins_at(b, end))) {
        b->left = 0;
        *why = g_strdup_printf("no chunk of its data can have the length %" G_GINT64_FORMAT
                               " that byte %" G_GINT64_FORMAT " says",
                               n, at);
        return -1;
    }
    return 1;
}

static int piece(struct hc_pg_data *d, struct hc_str *bytes, char **why)
{
    struct blocks *b = (struct blocks *)d;
    g_autoptr(GError) error = NULL;
    int rc;

    b->state = LOST; /* unless all goes well */
    if (!b->left && !b->last && next_chunk(b, why) < 0)
        return -1;
    if (b->last) {
        b->state = BETWEEN;
        return 0;
    }
    rc = hc_input_bytes(d->in, 1, bytes, &error);
    if (rc <= 0) {
        *why = rc < 0 ? g_strdup(error->message)
                      : g_strdup_printf("the archive ends at byte %" G_GINT64_FORMAT, hc_input_taken(d->in));
        return -1;
    }
    *bytes = hc_str_head(*bytes, (size_t)b->left);
    b->state = IN_DATA;
    return 1;
}

static void used(struct hc_pg_data *d, size_t n)
{
    hc_input_take(d->in, n);
    ((struct blocks *)d)->left -= (int64_t)n;
}

/* What is left of the data of a table or an object. */
static bool pass_over(struct blocks *b, char **why)
{
    struct hc_str bytes;
    int rc;

    while ((rc = piece(&b->d, &bytes, why)) == 1)
        used(&b->d, bytes.n);
    return rc == 0;
}

static enum hc_pg_step lose(struct blocks *b)
{
    b->state = LOST;
    return HC_PG_STEP_FAULT;
}

static enum hc_pg_step next_object(struct blocks *b, uint64_t *oid, char **why)
{
    int64_t value;

    if (read_int(b, &value, why) < 0)
        return lose(b);
    *oid = (uint64_t)(uint32_t)value; /* oids beyond 2^31 are written as negative ints */
    b->last = false;
    b->left = 0;
    if (value && !pass_over(b, why))
        return lose(b);
    b->state = value ? IN_BLOBS : BETWEEN;
    return value ? HC_PG_STEP_OBJECT : HC_PG_STEP_END;
}

/* The entry that the block at `b->from` is of; NULL and why there is none. Its data can be passed over all
 * the same, if it is a block. */
static struct hc_pg_item *open_block(struct blocks *b, int type, char **why)
{
    struct hc_pg_item *item;
    int64_t id = 0;

    b->state = LOST;
    if (type != BLOCK_DATA && type != BLOCK_BLOBS) {
        *why = g_strdup_printf("what begins at byte %" G_GINT64_FORMAT " is no block of data", b->from);
        return NULL;
    }
    if (read_int(b, &id, why) < 0)
        return NULL;
    b->state = type == BLOCK_BLOBS ? IN_BLOBS : IN_DATA;
    item = g_hash_table_lookup(b->d.items->by_id, &id);
    if (item && !item->seen && item->blobs == (type == BLOCK_BLOBS)) {
        item->seen = true;
        return item;
    }
    *why = item && item->blobs == (type == BLOCK_BLOBS)
               ? g_strdup_printf("%s: a second block of its data, at byte %" G_GINT64_FORMAT, item->name,
                                 b->from)
               : g_strdup_printf("the block at byte %" G_GINT64_FORMAT " is of the entry %" G_GINT64_FORMAT
                                 ", of which the contents know no such data",
                                 b->from, id);
    return NULL;
}

static enum hc_pg_step next_block(struct blocks *b, struct hc_pg_item **item, uint64_t *oid, char **why,
                                  GError **error)
{
    struct hc_str bytes;
    int type, rc = hc_input_bytes(b->d.in, 1, &bytes, error);

    if (rc <= 0) {
        b->state = AT_END;
        return rc < 0 ? HC_PG_STEP_FAILED : HC_PG_STEP_END;
    }
    b->from = hc_input_taken(b->d.in);
    type = (unsigned char)bytes.p[0];
    hc_input_take(b->d.in, 1);
    b->last = false;
    b->left = 0;
    *item = open_block(b, type, why);
    if (!*item)
        return HC_PG_STEP_FAULT;
    return (*item)->blobs ? next_object(b, oid, why) : HC_PG_STEP_ROWS;
}

static enum hc_pg_step next(struct hc_pg_data *d, struct hc_pg_item **item, uint64_t *oid, char **why,
                            GError **error)
{
    struct blocks *b = (struct blocks *)d;
    enum hc_pg_step step = HC_PG_STEP_END;

    if (!b->offsets)
        find_offsets(b);
    if (b->state == IN_DATA && !pass_over(b, why))
        b->state = LOST;
    g_clear_pointer(why, g_free);
    if (b->state == LOST && find_way(b, error) < 0)
        return HC_PG_STEP_FAILED;
    if (b->state == IN_BLOBS)
        step = next_object(b, oid, why);
    while (step == HC_PG_STEP_END && b->state == BETWEEN)
        step = next_block(b, item, oid, why, error);
    return step;
}

static void blocks_free(struct hc_pg_data *d)
{
    if (((struct blocks *)d)->offsets)
        g_array_unref(((struct blocks *)d)->offsets);
    g_free(d);
}

struct hc_pg_data *hc_pg_blocks_new(struct hc_input *in, const struct hc_pg_head *head,
                                    const struct hc_pg_items *items)
{
    static const struct hc_pg_carrier carrier = {next, piece, used, blocks_free};
    struct blocks *b = g_new0(struct blocks, 1);

    b->d = (struct hc_pg_data){&carrier, in, head, items, head->packing, false};
    b->from = -1;
    return &b->d;
}
