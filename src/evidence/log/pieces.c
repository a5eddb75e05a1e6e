/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/pieces.h"

#include "src/base/keyed.h"

struct open {
    GString *text;
    unsigned next, of;
};

struct hc_pieces {
    GHashTable *open; /* GBytes of the key -> struct open */
    GString *whole;
};

/* "[3/18] ", "[3\18] " */
struct piece {
    unsigned n, of;
    bool line; /* a line end comes behind it */
    struct hc_str text;
};

static void open_free(void *data)
{
    struct open *o = data;

    g_string_free(o->text, TRUE);
    g_free(o);
}

struct hc_pieces *hc_pieces_new(void)
{
    struct hc_pieces *p = g_new0(struct hc_pieces, 1);

    p->open = g_hash_table_new_full(hc_keyed_bytes, g_bytes_equal, (GDestroyNotify)g_bytes_unref, open_free);
    p->whole = g_string_new(NULL);
    return p;
}

void hc_pieces_free(struct hc_pieces *p)
{
    g_hash_table_unref(p->open);
    g_string_free(p->whole, TRUE);
    g_free(p);
}

/* Up to three digits, which `text` moves behind; 0: none. */
static unsigned number(struct hc_str *text)
{
    unsigned n = 0;

    for (int i = 0; i < 3 && text->n && g_ascii_isdigit(text->p[0]); i++, *text = hc_str_skip(*text, 1))
        n = n * 10 + (unsigned)(text->p[0] - '0');
    return n;
}

static bool read_piece(struct hc_str text, struct piece *piece)
{
    if (text.n < 5 || text.p[0] != '[')
        return false;
    text = hc_str_skip(text, 1);
    piece->n = number(&text);
    if (!text.n || (text.p[0] != '/' && text.p[0] != '\\'))
        return false;
    piece->line = text.p[0] == '\\';
    text = hc_str_skip(text, 1);
    piece->of = number(&text);
    piece->text = hc_str_skip(text, 2);
    return hc_str_starts(text, "] ") && piece->n && piece->n <= piece->of && piece->of > 1;
}

static void add(struct open *o, const struct piece *piece)
{
    g_string_append_len(o->text, piece->text.p, (gssize)piece->text.n);
    if (piece->line)
        g_string_append_c(o->text, '\n');
    o->next++;
}

static enum hc_piece begin(struct hc_pieces *p, GBytes *key, const struct piece *piece)
{
    struct open *o = g_new0(struct open, 1);

    if (g_hash_table_size(p->open) >= HC_PIECES_OPEN_MAX)
        g_hash_table_remove_all(p->open);
    o->text = g_string_new(NULL);
    o->next = 1;
    o->of = piece->of;
    add(o, piece);
    g_hash_table_replace(p->open, g_bytes_ref(key), o);
    return HC_PIECE_FIRST;
}

enum hc_piece hc_pieces_take(struct hc_pieces *p, struct hc_str key, struct hc_str text, struct hc_str *whole)
{
    struct piece piece;
    g_autoptr(GBytes) bytes = NULL;
    struct open *o;

    if (!read_piece(text, &piece))
        return HC_PIECE_NONE;
    bytes = g_bytes_new(key.p, key.n);
    if (piece.n == 1)
        return begin(p, bytes, &piece);
    o = g_hash_table_lookup(p->open, bytes);
    if (!o || o->next != piece.n || o->of != piece.of || o->text->len + piece.text.n >= HC_PIECES_TEXT_MAX) {
        g_hash_table_remove(p->open, bytes);
        return HC_PIECE_LOST;
    }
    add(o, &piece);
    if (piece.n < piece.of)
        return HC_PIECE_NEXT;
    g_string_truncate(p->whole, 0);
    g_string_append_len(p->whole, o->text->str, (gssize)o->text->len);
    g_hash_table_remove(p->open, bytes);
    *whole = hc_str_n(p->whole->str, p->whole->len);
    return HC_PIECE_LAST;
}
