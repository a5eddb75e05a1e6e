/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/widetext.h"

#include "src/base/text.h"

#define PIECE ((size_t)256 << 10) /* bytes of the file; no character of it is parted */
#define MARK 2                    /* bytes of the byte order mark */

/* From here on all characters have the same length, in the text and in the file. */
struct run {
    int64_t text, file;
    unsigned char in_text, in_file;
};

struct hc_widetext {
    struct hc_input *in;
    bool big_endian, begun;
    GMutex lock; /* the text may be made by another thread than that which asks for places */
    GArray *runs;
    int64_t text, file; /* how far it is made */
};

static void wide_free(void *data)
{
    struct hc_widetext *wide = data;

    g_array_unref(wide->runs);
    g_mutex_clear(&wide->lock);
    g_free(wide);
}

/* Takes in what a piece became. */
static void add_runs(struct hc_widetext *wide, const char *p, const char *end)
{
    g_mutex_lock(&wide->lock);
    while (p < end) {
        const unsigned char first = (unsigned char)*p;
        const unsigned char in_text = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        const struct run *last =
            wide->runs->len ? &g_array_index(wide->runs, struct run, wide->runs->len - 1) : NULL;
        if (!last || last->in_text != in_text) {
            struct run run = {wide->text, wide->file, in_text, in_text == 4 ? 4 : 2};
            g_array_append_val(wide->runs, run);
        }
        wide->text += in_text;
        wide->file += in_text == 4 ? 4 : 2;
        p += in_text;
    }
    g_mutex_unlock(&wide->lock);
}

/* So much of it that no pair of surrogates is parted; the last odd byte of a file that is cut is no
 * character.
 */
static size_t whole_characters(const struct hc_widetext *wide, struct hc_str bytes)
{
    size_t n = MIN(bytes.n, PIECE) & ~(size_t)1;
    unsigned char high = n ? (unsigned char)bytes.p[wide->big_endian ? n - 2 : n - 1] : 0;

    return bytes.n > n && n > 2 && high >= 0xd8 && high < 0xdc ? n - 2 : n;
}

/* An hc_maker's. */
static int make_utf8(void *data, GByteArray *text, GError **error)
{
    struct hc_widetext *wide = data;
    g_autoptr(GString) out = g_string_new(NULL);
    struct hc_str bytes;
    int rc = hc_input_bytes(wide->in, PIECE + 2, &bytes, error);
    size_t n;

    if (rc < 0)
        return -1;
    if (!wide->begun && rc > 0) {
        hc_input_take(wide->in, MARK);
        wide->begun = true;
        return make_utf8(data, text, error);
    }
    n = rc > 0 ? whole_characters(wide, bytes) : 0;
    hc_text_utf16(out, hc_str_n(bytes.p, n), wide->big_endian);
    hc_input_take(wide->in, n ? n : bytes.n);
    add_runs(wide, out->str, out->str + out->len);
    g_byte_array_append(text, (const guint8 *)out->str, (guint)out->len);
    return out->len > 0;
}

/* As dumps begin; a table begins with its names. */
static bool is_sql(struct hc_str head)
{
    static const char *const begins[] = {"--",    "/*",   "\\restrict ", "PRAGMA ",
                                         "BEGIN", "SET ", "CREATE ",     "INSERT "};

    head = hc_str_trim(head);
    for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
        if (hc_str_starts(head, begins[i]))
            return true;
    return false;
}

struct hc_widetext *hc_widetext_present(struct hc_input *in)
{
    static const struct hc_maker maker = {make_utf8, wide_free, true};
    const struct hc_str head = hc_input_peek(in);
    const bool little = hc_str_starts(head, "\xff\xfe"), big = hc_str_starts(head, "\xfe\xff");
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_widetext *wide;

    if (!little && !big)
        return NULL;
    hc_text_utf16(text, hc_str_head(hc_str_skip(head, MARK), 1024), big);
    if (!is_sql(hc_str_n(text->str, text->len)))
        return NULL;
    wide = g_new0(struct hc_widetext, 1);
    wide->in = in;
    wide->big_endian = big;
    wide->file = MARK;
    wide->runs = g_array_new(FALSE, FALSE, sizeof(struct run));
    g_mutex_init(&wide->lock);
    hc_input_present(in, &maker, wide);
    return wide;
}

struct hc_str hc_widetext_peek(struct hc_input *in)
{
    hc_widetext_present(in);
    return hc_input_peek(in);
}

int64_t hc_widetext_place(struct hc_widetext *wide, int64_t offset)
{
    int64_t place = MARK;
    guint from = 0, to;

    g_mutex_lock(&wide->lock);
    for (to = wide->runs->len; to > from;) {
        const guint middle = from + (to - from) / 2;
        if (g_array_index(wide->runs, struct run, middle).text <= offset)
            from = middle + 1;
        else
            to = middle;
    }
    if (from > 0) {
        const struct run *run = &g_array_index(wide->runs, struct run, from - 1);
        place = run->file + (offset - run->text) / run->in_text * run->in_file;
    }
    g_mutex_unlock(&wide->lock);
    return place;
}
