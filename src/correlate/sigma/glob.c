/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/glob.h"

enum token_kind { LITERAL, ANY, ONE };

struct token {
    enum token_kind kind;
    char *text; /* of a literal */
    size_t n;
};

struct hc_glob {
    GArray *tokens;
    bool cased;
    uint16_t pairs[HC_GLOB_PAIRS_MAX];
    size_t n_pairs;
};

static void token_clear(void *data)
{
    g_free(((struct token *)data)->text);
}

static struct hc_glob *glob_new(void)
{
    struct hc_glob *glob = g_new0(struct hc_glob, 1);

    glob->tokens = g_array_new(FALSE, FALSE, sizeof(struct token));
    g_array_set_clear_func(glob->tokens, token_clear);
    return glob;
}

static struct token *token_at(const struct hc_glob *glob, guint i)
{
    return &g_array_index(glob->tokens, struct token, i);
}

static bool is_any(const struct hc_glob *glob, guint i)
{
    return i < glob->tokens->len && token_at(glob, i)->kind == ANY;
}

/* Takes the text that was collected, if any. */
static void add_literal(struct hc_glob *glob, GString *text)
{
    struct token t = {LITERAL, NULL, text->len};

    if (!t.n)
        return;
    t.text = g_memdup2(text->str, text->len); /* it may hold NULs */
    g_array_append_val(glob->tokens, t);
    g_string_truncate(text, 0);
}

static void add_wildcard(struct hc_glob *glob, GString *text, char c)
{
    struct token t = {c == '*' ? ANY : ONE, NULL, 0};

    add_literal(glob, text);
    if (t.kind == ONE || !is_any(glob, glob->tokens->len - 1))
        g_array_append_val(glob->tokens, t);
}

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '\\';
}

struct hc_glob *hc_glob_new(struct hc_str written)
{
    struct hc_glob *glob = glob_new();
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < written.n; i++) {
        char c = written.p[i];
        if (c == '\\' && i + 1 < written.n && is_special(written.p[i + 1]))
            g_string_append_c(text, written.p[++i]);
        else if (c == '*' || c == '?')
            add_wildcard(glob, text, c);
        else
            g_string_append_c(text, c);
    }
    add_literal(glob, text);
    return glob;
}

struct hc_glob *hc_glob_literal(struct hc_str bytes)
{
    struct hc_glob *glob = glob_new();
    g_autoptr(GString) text = g_string_new_len(bytes.p, (gssize)bytes.n);

    add_literal(glob, text);
    return glob;
}

void hc_glob_free(struct hc_glob *glob)
{
    if (!glob)
        return;
    g_array_unref(glob->tokens);
    g_free(glob);
}

void hc_glob_widen(struct hc_glob *glob, bool before, bool behind)
{
    struct token any = {ANY, NULL, 0};

    if (before && !is_any(glob, 0))
        g_array_prepend_val(glob->tokens, any);
    if (behind && !(glob->tokens->len && is_any(glob, glob->tokens->len - 1)))
        g_array_append_val(glob->tokens, any);
}

/* Evenly out of a literal. */
static void set_pairs(struct hc_glob *glob, const GString *folded)
{
    gsize n = folded->len ? folded->len - 1 : 0, take = MIN(n, HC_GLOB_PAIRS_MAX);

    if (take <= glob->n_pairs)
        return; /* a longer one has told more */
    glob->n_pairs = take;
    for (gsize i = 0; i < take; i++) {
        gsize at = take == 1 ? 0 : i * (n - 1) / (take - 1);
        glob->pairs[i] = (uint16_t)((unsigned char)folded->str[at] << 8 | (unsigned char)folded->str[at + 1]);
    }
}

void hc_glob_seal(struct hc_glob *glob, bool cased)
{
    g_autoptr(GString) folded = g_string_new(NULL);

    glob->cased = cased;
    for (guint i = 0; i < glob->tokens->len; i++) {
        struct token *t = token_at(glob, i);
        if (t->kind != LITERAL)
            continue;
        g_string_truncate(folded, 0);
        hc_fold(folded, hc_str_n(t->text, t->n));
        set_pairs(glob, folded);
        if (cased)
            continue;
        g_free(t->text);
        t->n = folded->len;
        t->text = g_memdup2(folded->str, folded->len);
    }
}

bool hc_glob_cased(const struct hc_glob *glob)
{
    return glob->cased;
}

const uint16_t *hc_glob_pairs(const struct hc_glob *glob, size_t *n)
{
    *n = glob->n_pairs;
    return glob->pairs;
}

struct hc_str hc_glob_text(const struct hc_glob *glob)
{
    if (glob->tokens->len == 0)
        return HC_STR_LIT("");
    if (glob->tokens->len > 1 || token_at(glob, 0)->kind != LITERAL)
        return HC_STR_NONE;
    return hc_str_n(token_at(glob, 0)->text, token_at(glob, 0)->n);
}

/* Bytes of the character at the start of `text`, which is not empty; of what is no UTF-8 one byte. */
static size_t character(struct hc_str text)
{
    unsigned char c = (unsigned char)text.p[0];
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (n > text.n)
        return 1;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)text.p[i] & 0xc0) != 0x80)
            return 1;
    return n;
}

/* Bytes that the token takes at the start of `text`, or -1. */
static ptrdiff_t take(const struct token *t, struct hc_str text)
{
    if (t->kind == ONE)
        return text.n ? (ptrdiff_t)character(text) : -1;
    return text.n >= t->n && memcmp(text.p, t->text, t->n) == 0 ? (ptrdiff_t)t->n : -1;
}

/* Where, from `at` on, the token behind an ANY may begin; -1: nowhere. */
static ptrdiff_t next_start(const struct hc_glob *glob, guint i, struct hc_str value, size_t at)
{
    const struct token *t = token_at(glob, i);
    const char *hit;

    if (t->kind == ONE)
        return at < value.n ? (ptrdiff_t)at : -1;
    if (i + 1 == glob->tokens->len) /* the last one ends the value */
        return value.n >= at + t->n ? (ptrdiff_t)(value.n - t->n) : -1;
    hit = at <= value.n ? memmem(value.p + at, value.n - at, t->text, t->n) : NULL;
    return hit ? hit - value.p : -1;
}

/* Of several ANY only the last has to be tried again: what stands before it is matched as early as it can
 * be. */
bool hc_glob_match(const struct hc_glob *glob, struct hc_str value)
{
    guint n = glob->tokens->len, i = 0,
          behind = 0; /* behind: the token after the last ANY, 0: none was met */
    size_t at = 0;
    ptrdiff_t retry = 0, taken;

    for (;;) {
        if (i == n && at == value.n)
            return true;
        if (i < n && token_at(glob, i)->kind == ANY) {
            behind = ++i;
            if (behind == n)
                return true;
            retry = next_start(glob, behind, value, at);
        } else if (i < n && (taken = take(token_at(glob, i), hc_str_skip(value, at))) >= 0) {
            i++;
            at += (size_t)taken;
            continue;
        } else if (behind) {
            size_t from = (size_t)retry < value.n
                              ? (size_t)retry + character(hc_str_skip(value, (size_t)retry))
                              : value.n + 1;
            retry = next_start(glob, behind, value, from);
        } else {
            return false;
        }
        if (retry < 0)
            return false;
        i = behind;
        at = (size_t)retry;
    }
}

void hc_fold(GString *out, struct hc_str text)
{
    for (size_t i = 0; i < text.n;) {
        size_t n = character(hc_str_skip(text, i));
        if (n == 1) {
            g_string_append_c(out, g_ascii_tolower(text.p[i]));
        } else {
            gunichar c = g_utf8_get_char_validated(text.p + i, (gssize)n);
            if ((gint32)c < 0)
                g_string_append_len(out, text.p + i, (gssize)n);
            else
                g_string_append_unichar(out, g_unichar_tolower(c));
        }
        i += n;
    }
}
