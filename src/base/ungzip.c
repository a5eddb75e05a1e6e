/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/ungzip.h"

#include "src/base/unpack.h"

struct hc_ungzip {
    hc_ungzip_fn more;
    void *data;
    struct hc_unpack *part; /* NULL: between two of them */
    struct hc_str packed;   /* what has come and is not used yet */
    GByteArray *out;
    bool ended, padding, trailed, broken;
    int64_t taken;
    const char *fault;
};

bool hc_ungzip_is(const void *head, size_t n)
{
    const unsigned char *p = head;

    return n >= HC_UNGZIP_HEAD && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && (p[3] & 0xe0) == 0;
}

struct hc_ungzip *hc_ungzip_new(hc_ungzip_fn more, void *data)
{
    struct hc_ungzip *g = g_new0(struct hc_ungzip, 1);

    g->more = more;
    g->data = data;
    g->out = g_byte_array_sized_new((guint)HC_UNPACK_SIZE);
    return g;
}

void hc_ungzip_free(struct hc_ungzip *g)
{
    if (!g)
        return;
    hc_unpack_free(g->part);
    g_byte_array_unref(g->out);
    g_free(g);
}

/* More of the file, where all of it was used: 1, 0 = it is at its end, -1 = failed. */
static int fill(struct hc_ungzip *g, const char **why)
{
    const void *bytes = NULL;
    int64_t n = g->packed.n ? 1 : g->more(g->data, &bytes, why);

    if (bytes && n > 0)
        g->packed = hc_str_n(bytes, (size_t)n);
    return n > 0 ? 1 : (int)n;
}

static void use(struct hc_ungzip *g, size_t n)
{
    g->packed = hc_str_skip(g->packed, n);
    g->taken += (int64_t)n;
}

/* The first bytes of a further part: 1; 0 = there is none, -1 = failed. */
static int next_part(struct hc_ungzip *g, const char **why)
{
    int rc;

    while ((rc = fill(g, why)) == 1 && (g->taken > 0 && g->packed.p[0] == '\0')) {
        g->padding = true;
        use(g, 1);
    }
    if (rc != 1)
        return rc;
    if (g->padding || (unsigned char)g->packed.p[0] != 0x1f ||
        (g->packed.n > 1 && (unsigned char)g->packed.p[1] != 0x8b)) {
        g->trailed = true;
        return 0;
    }
    g->part = hc_unpack_new(HC_PACK_GZIP);
    return 1;
}

/* What the next bytes of the part give, though it may be nothing. */
static void step(struct hc_ungzip *g)
{
    const size_t before = g->packed.n;
    const char *why;
    int rc = hc_unpack(g->part, &g->packed, g->out, &why);

    g->taken += (int64_t)(before - g->packed.n);
    g->broken = rc < 0;
    if (rc == 0)
        g_clear_pointer(&g->part, hc_unpack_free);
}

/* A little further: 1, 0 = the end, -1 = failed. */
static int go_on(struct hc_ungzip *g, const char **why)
{
    int rc;

    if (g->broken) {
        *why = HC_UNGZIP_DAMAGED;
        return -1;
    }
    if (!g->part)
        return next_part(g, why);
    rc = hc_unpack_pending(g->part) ? 1 : fill(g, why);
    if (rc == 0)
        *why = HC_UNGZIP_CUT;
    if (rc != 1)
        return -1;
    step(g);
    return 1;
}

/* What came out before a fault is given before the fault is told. */
int64_t hc_ungzip_read(struct hc_ungzip *g, const void **bytes, const char **why)
{
    g_byte_array_set_size(g->out, 0);
    while (g->out->len == 0 && !g->ended) {
        int rc = go_on(g, why);
        if (rc < 0) {
            g->fault = *why;
            return -1;
        }
        g->ended = rc == 0;
    }
    *bytes = g->out->data;
    return (int64_t)g->out->len;
}

const char *hc_ungzip_fault(const struct hc_ungzip *g)
{
    return g->fault;
}

int64_t hc_ungzip_taken(const struct hc_ungzip *g)
{
    return g->taken;
}

bool hc_ungzip_trailed(const struct hc_ungzip *g)
{
    return g->trailed;
}
