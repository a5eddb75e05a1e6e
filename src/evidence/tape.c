/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/tape.h"

#include "src/base/temp.h"

#define MEMORY ((size_t)4 << 20)

struct head {
    int64_t id;
    uint64_t n;
};

struct hc_tape {
    char *folder;
    int fd;
    int64_t written; /* bytes of the file that count */
    int64_t rows;
    struct hc_buffer waiting; /* behind those of the file */
};

struct hc_tape *hc_tape_new(const char *folder)
{
    struct hc_tape *t = g_new0(struct hc_tape, 1);

    t->folder = g_strdup(folder);
    t->fd = -1;
    return t;
}

void hc_tape_free(struct hc_tape *t)
{
    if (!t)
        return;
    hc_temp_close(t->fd);
    hc_buffer_clear(&t->waiting);
    g_free(t->folder);
    g_free(t);
}

int64_t hc_tape_rows(const struct hc_tape *t)
{
    return t->rows;
}

void hc_tape_clear(struct hc_tape *t)
{
    t->written = t->rows = 0;
    t->waiting.n = 0;
}

static bool spill(struct hc_tape *t, GError **error)
{
    if (t->fd < 0 && (t->fd = hc_temp_open(t->folder, error)) < 0)
        return false;
    if (!hc_temp_write(t->fd, t->waiting.p, t->waiting.n, t->written, t->folder, error))
        return false;
    t->written += (int64_t)t->waiting.n;
    t->waiting.n = 0;
    return true;
}

bool hc_tape_add(struct hc_tape *t, int64_t id, struct hc_str record, GError **error)
{
    const struct head head = {id, record.n};

    if (t->waiting.n && t->waiting.n + sizeof head + record.n > MEMORY && !spill(t, error))
        return false;
    hc_buffer_add(&t->waiting, &head, sizeof head);
    hc_buffer_add(&t->waiting, record.p, record.n);
    t->rows++;
    return true;
}

/* The rows that are whole in the buffer; the rest stays. `*need`: how much of it the next one takes. */
static bool each_of(struct hc_buffer *in, size_t *need, hc_tape_fn each, void *data, GError **error)
{
    size_t at = 0;
    struct head head;

    for (*need = sizeof head; in->n - at >= sizeof head; at += sizeof head + head.n) {
        memcpy(&head, in->p + at, sizeof head);
        *need = sizeof head + head.n;
        if (in->n - at < *need)
            break;
        if (!each(data, head.id, hc_str_n(in->p + at + sizeof head, head.n), error))
            return false;
        *need = sizeof head;
    }
    if (at) /* an empty buffer has no bytes */
        memmove(in->p, in->p + at, in->n - at);
    in->n -= at;
    return true;
}

static bool each_of_file(struct hc_tape *t, struct hc_buffer *in, hc_tape_fn each, void *data, GError **error)
{
    size_t need = sizeof(struct head);

    for (int64_t at = 0, got; at < t->written; at += got) {
        size_t room = MAX(need, MEMORY) - in->n;
        got = hc_temp_read(t->fd, hc_buffer_room(in, room), 1, (size_t)MIN((int64_t)room, t->written - at),
                           at, t->folder, error);
        if (got < 0)
            return false;
        in->n += (size_t)got;
        if (!each_of(in, &need, each, data, error))
            return false;
    }
    return true;
}

bool hc_tape_play(struct hc_tape *t, hc_tape_fn each, void *data, GError **error)
{
    struct hc_buffer in = {0};
    size_t need;
    bool ok = each_of_file(t, &in, each, data, error) && each_of(&t->waiting, &need, each, data, error);

    hc_buffer_clear(&in);
    hc_tape_clear(t);
    return ok;
}

bool hc_tape_insert_row(void *statement, int64_t id, struct hc_str record, GError **error)
{
    hc_stmt *st = hc_stmt_again(statement);
    struct hc_value values[HC_RECORD_COLUMNS];
    size_t n = hc_record_values(record, values);

    hc_bind_int(st, 1, id);
    for (size_t i = 1; i < n; i++) {
        if (values[i].blob)
            hc_bind_blob(st, (int)i + 1, values[i].text);
        else if (values[i].text.p)
            hc_bind_borrowed(st, (int)i + 1, values[i].text);
        else if (!values[i].null)
            hc_bind_int(st, (int)i + 1, values[i].number);
    }
    return hc_exec(st, error);
}

bool hc_tape_insert(struct hc_tape *t, hc_stmt *st, GError **error)
{
    return hc_tape_play(t, hc_tape_insert_row, st, error);
}

static bool add_row(void *data, int64_t id, struct hc_str record, GError **error)
{
    return hc_btree_row(data, id, record, error);
}

bool hc_tape_build(struct hc_tape *t, struct hc_bulk *bulk, const char *table, GError **error)
{
    struct hc_btree *tree = hc_btree_table(hc_bulk_pages(bulk));
    uint32_t root;
    bool ok = hc_tape_play(t, add_row, tree, error) && hc_btree_end(tree, &root, error);

    if (ok)
        hc_bulk_table(bulk, table, root);
    hc_btree_free(tree);
    return ok;
}
