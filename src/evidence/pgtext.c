/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgtext.h"

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Behind the end of a string or name whose first mark lies before `i`; doubled marks are text. */
static size_t quoted(struct hc_pg_lexer *lexer, struct hc_str text, size_t i, char mark, bool backslash)
{
    for (; i < text.n; i++) {
        if (backslash && text.p[i] == '\\') {
            i++;
        } else if (text.p[i] == mark) {
            if (i + 1 < text.n && text.p[i + 1] == mark) {
                i++;
                continue;
            }
            lexer->mode = HC_PG_PLAIN;
            return i + 1;
        }
    }
    return text.n;
}

static size_t commented(struct hc_pg_lexer *lexer, struct hc_str text, size_t i)
{
    for (; i + 1 < text.n; i++) {
        if (text.p[i] == '/' && text.p[i + 1] == '*') {
            lexer->comments += lexer->comments < G_MAXINT;
            i++;
        } else if (text.p[i] == '*' && text.p[i + 1] == '/') {
            i++;
            if (--lexer->comments == 0) {
                lexer->mode = HC_PG_PLAIN;
                return i + 1;
            }
        }
    }
    return text.n;
}

static size_t dollared(struct hc_pg_lexer *lexer, struct hc_str text, size_t i)
{
    ptrdiff_t end = hc_str_find(text, lexer->tag, i);

    if (end < 0)
        return text.n;
    lexer->mode = HC_PG_PLAIN;
    return (size_t)end + strlen(lexer->tag);
}

/* "$$" or "$tag$" at `i`: its length, kept as the mark that ends the quote; 0 when it is none. */
static size_t dollar_mark(struct hc_pg_lexer *lexer, struct hc_str text, size_t i)
{
    size_t n = 1;

    if (i + 1 < text.n && g_ascii_isdigit(text.p[i + 1]))
        return 0;
    while (i + n < text.n && text.p[i + n] != '$' && is_word(text.p[i + n]))
        n++;
    if (i + n >= text.n || text.p[i + n] != '$' || n > HC_PG_TAG_MAX + 1)
        return 0;
    memcpy(lexer->tag, text.p + i, n + 1);
    lexer->tag[n + 1] = '\0';
    return n + 1;
}

static size_t inside(struct hc_pg_lexer *lexer, struct hc_str text, size_t i)
{
    switch (lexer->mode) {
    case HC_PG_NAME:
        return quoted(lexer, text, i, '"', false);
    case HC_PG_DOLLAR:
        return dollared(lexer, text, i);
    case HC_PG_COMMENT:
        return commented(lexer, text, i);
    default:
        return quoted(lexer, text, i, '\'', lexer->mode == HC_PG_ESCAPED);
    }
}

/* Up to the end of the line; the line end stays. */
static size_t to_line_end(struct hc_str text, size_t i)
{
    const char *end = memchr(text.p + i, '\n', text.n - i);

    return end ? (size_t)(end - text.p) : text.n;
}

static size_t begin(struct hc_pg_lexer *lexer, struct hc_str text, size_t i, int mode, size_t skip)
{
    lexer->mode = mode;
    lexer->comments = 1;
    return inside(lexer, text, i + skip);
}

static enum hc_pg_token word(struct hc_pg_lexer *lexer, struct hc_str text, size_t *i)
{
    size_t from = *i;

    while (*i < text.n && is_word(text.p[*i]))
        (*i)++;
    if (*i - from == 1 && (text.p[from] | 0x20) == 'e' && *i < text.n && text.p[*i] == '\'') {
        *i = begin(lexer, text, *i, HC_PG_ESCAPED, 1);
        return HC_PG_TEXT;
    }
    return HC_PG_WORD;
}

enum hc_pg_token hc_pg_next(struct hc_pg_lexer *lexer, struct hc_str text, size_t *i)
{
    bool comment = lexer->mode == HC_PG_COMMENT;
    char c = text.p[*i], after = *i + 1 < text.n ? text.p[*i + 1] : '\0';
    size_t n;

    if (lexer->mode != HC_PG_PLAIN) {
        *i = inside(lexer, text, *i);
        return comment ? HC_PG_BLANK : HC_PG_TEXT;
    }
    if (c == '\'' || c == '"') {
        *i = begin(lexer, text, *i, c == '"' ? HC_PG_NAME : lexer->escaped ? HC_PG_ESCAPED : HC_PG_STRING, 1);
        return HC_PG_TEXT;
    }
    if (c == '$' && (n = dollar_mark(lexer, text, *i)) > 0) {
        *i = begin(lexer, text, *i, HC_PG_DOLLAR, n);
        return HC_PG_TEXT;
    }
    if ((c == '-' && after == '-') || (c == '/' && after == '*')) {
        *i = c == '-' ? to_line_end(text, *i) : begin(lexer, text, *i, HC_PG_COMMENT, 2);
        return HC_PG_BLANK;
    }
    if (is_word(c) && c != '$')
        return word(lexer, text, i);
    (*i)++;
    if (g_ascii_isspace(c))
        return HC_PG_BLANK;
    return c == '('   ? HC_PG_OPEN
           : c == ')' ? HC_PG_CLOSE
           : c == ',' ? HC_PG_COMMA
           : c == ';' ? HC_PG_END
                      : HC_PG_TEXT;
}

char *hc_pg_name(struct hc_str *text)
{
    GString *out = g_string_new(NULL);
    size_t i = 0;

    if (text->n && text->p[0] == '"') {
        for (i = 1; i < text->n; i++) {
            if (text->p[i] == '"' && !(i + 1 < text->n && text->p[i + 1] == '"'))
                break;
            i += text->p[i] == '"';
            g_string_append_c(out, text->p[i]);
        }
        i = MIN(i + 1, text->n);
    } else {
        while (i < text->n && is_word(text->p[i]))
            g_string_append_c(out, text->p[i++]);
    }
    *text = hc_str_skip(*text, i);
    return g_string_free(out, FALSE);
}

char *hc_pg_table(struct hc_str *text, char **schema)
{
    char *name;

    *text = hc_str_trim(*text);
    name = hc_pg_name(text);
    *schema = NULL;
    if (text->n && text->p[0] == '.') {
        *text = hc_str_skip(*text, 1);
        *schema = name;
        name = hc_pg_name(text);
    }
    if (!*schema)
        *schema = g_strdup("");
    *text = hc_str_trim(*text);
    return name;
}

size_t hc_pg_split(struct hc_str text, bool escaped, struct hc_str *pieces, size_t max)
{
    struct hc_pg_lexer lexer = {.escaped = escaped};
    size_t n = 0, from = 0, depth = 0, i = 0, start;

    while (i < text.n) {
        enum hc_pg_token token;
        start = i;
        token = hc_pg_next(&lexer, text, &i);
        depth += token == HC_PG_OPEN;
        depth -= token == HC_PG_CLOSE && depth;
        if (token != HC_PG_COMMA || depth)
            continue;
        if (n < max)
            pieces[n] = hc_str_trim(hc_str_n(text.p + from, start - from));
        n++;
        from = i;
    }
    if (n == 0 && hc_str_trim(text).n == 0)
        return 0;
    if (n < max)
        pieces[n] = hc_str_trim(hc_str_n(text.p + from, text.n - from));
    return n + 1;
}

/* What stands in the parentheses at the start of `text`, which is advanced behind them; .p == NULL without
 * any. */
static struct hc_str parenthesis(struct hc_str *text)
{
    struct hc_pg_lexer lexer = {0};
    struct hc_str all = *text;
    size_t i = 0, depth = 0;

    while (i < all.n) {
        size_t start = i;
        enum hc_pg_token token = hc_pg_next(&lexer, all, &i);
        depth += token == HC_PG_OPEN;
        if (depth == 0)
            break;
        if (token == HC_PG_CLOSE && --depth == 0) {
            *text = hc_str_skip(all, i);
            return hc_str_n(all.p + 1, start - 1);
        }
    }
    return HC_STR_NONE;
}

GPtrArray *hc_pg_names(struct hc_str *text)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree struct hc_str *pieces = g_new0(struct hc_str, HC_PG_COLUMNS_MAX);
    struct hc_str list = parenthesis(text);
    size_t n = list.p ? hc_pg_split(list, false, pieces, HC_PG_COLUMNS_MAX) : 0;

    for (size_t i = 0; i < MIN(n, HC_PG_COLUMNS_MAX); i++)
        g_ptr_array_add(names, hc_pg_name(&pieces[i]));
    return names;
}

GPtrArray *hc_pg_columns(struct hc_str text, struct hc_str *rest)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree struct hc_str *pieces = g_new0(struct hc_str, HC_PG_COLUMNS_MAX);
    struct hc_str list;
    size_t n;

    *rest = hc_str_trim(text);
    list = parenthesis(rest);
    n = list.p ? hc_pg_split(list, false, pieces, HC_PG_COLUMNS_MAX) : 0;
    for (size_t i = 0; i < MIN(n, HC_PG_COLUMNS_MAX); i++)
        if (!hc_str_starts(pieces[i], "CONSTRAINT ") && !hc_str_starts(pieces[i], "CHECK "))
            g_ptr_array_add(names, hc_pg_name(&pieces[i]));
    return names;
}

static int digit(char c, int base)
{
    int value = g_ascii_xdigit_value(c);

    return value >= 0 && value < base ? value : -1;
}

/* \ooo or \xhh at `*i` (behind the backslash and, for hexadecimal, the x). */
static char coded(struct hc_str in, size_t *i, int base, int digits)
{
    int value = 0;

    for (int n = 0; n < digits && *i < in.n && digit(in.p[*i], base) >= 0; n++)
        value = value * base + digit(in.p[(*i)++], base);
    return (char)value;
}

/* \uXXXX or \UXXXXXXXX of a string (not of COPY) with `*i` at the u. */
static bool unicode(GString *out, struct hc_str in, size_t *i)
{
    size_t digits = in.p[*i] == 'u' ? 4 : 8;
    gunichar c = 0;

    if (*i + digits >= in.n)
        return false;
    for (size_t k = 1; k <= digits; k++) {
        int value = digit(in.p[*i + k], 16);
        if (value < 0)
            return false;
        c = c * 16 + (gunichar)value;
    }
    if (!g_unichar_validate(c) || c == 0)
        return false;
    g_string_append_unichar(out, c);
    *i += digits + 1;
    return true;
}

/* What a backslash before `*i` means, and `*i` behind it. The letters of COPY are those of a string, and \v
 * besides. */
static void escape(GString *out, struct hc_str in, size_t *i, bool copy)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *known = in.p[*i] ? strchr(from, in.p[*i]) : NULL;

    if (!copy && (in.p[*i] == 'u' || in.p[*i] == 'U') && unicode(out, in, i))
        return;
    if (known && (copy || in.p[*i] != 'v')) {
        g_string_append_c(out, to[known - from]);
        (*i)++;
    } else if (digit(in.p[*i], 8) >= 0 ||
               (in.p[*i] == 'x' && *i + 1 < in.n && digit(in.p[*i + 1], 16) >= 0)) {
        bool hex = in.p[*i] == 'x';
        *i += hex;
        g_string_append_c(out, coded(in, i, hex ? 16 : 8, hex ? 2 : 3));
    } else {
        g_string_append_c(out, in.p[(*i)++]);
    }
}

bool hc_pg_cell(struct hc_str raw, struct hc_str *value, GString *buffer)
{
    *value = raw;
    if (hc_str_is(raw, "\\N"))
        *value = HC_STR_NONE;
    if (!value->p || hc_str_chr(raw, '\\') < 0)
        return true;
    g_string_truncate(buffer, 0);
    for (size_t i = 0; i < raw.n;) {
        const char *back = memchr(raw.p + i, '\\', raw.n - i);
        size_t plain = back ? (size_t)(back - raw.p) - i : raw.n - i;
        g_string_append_len(buffer, raw.p + i, (gssize)plain);
        i += plain + 1;
        if (back && i < raw.n)
            escape(buffer, raw, &i, true);
    }
    *value = hc_str_n(buffer->str, buffer->len);
    return true;
}

/* The text between the marks of a string; false when its end is not the end of `raw`. */
static bool string_text(struct hc_str raw, bool escaped, struct hc_str *value, GString *buffer)
{
    size_t i = 1;

    g_string_truncate(buffer, 0);
    while (i < raw.n) {
        if (raw.p[i] == '\'') {
            if (i + 1 == raw.n)
                break;
            if (raw.p[i + 1] != '\'')
                return false;
            i++;
        } else if (escaped && raw.p[i] == '\\' && i + 1 < raw.n) {
            i++;
            escape(buffer, raw, &i, false);
            continue;
        }
        g_string_append_c(buffer, raw.p[i++]);
    }
    *value = hc_str_n(buffer->str, buffer->len);
    return raw.n > 1 && i + 1 == raw.n;
}

/* A number, or one of the few words; a value that the database makes anew (DEFAULT) is not in the dump. */
static bool bare(struct hc_str raw, struct hc_str *value)
{
    bool null = hc_str_is(raw, "NULL") || hc_str_is(raw, "DEFAULT");

    *value = null                      ? HC_STR_NONE
             : hc_str_is(raw, "true")  ? HC_STR_LIT("t")
             : hc_str_is(raw, "false") ? HC_STR_LIT("f")
                                       : raw;
    if (null || value->n != raw.n || value->p != raw.p)
        return true;
    for (size_t i = 0; i < raw.n; i++)
        if (!g_ascii_isdigit(raw.p[i]) && !strchr("+-.eE", raw.p[i] ? raw.p[i] : 'x'))
            return false;
    return raw.n > 0;
}

static bool literal(struct hc_str raw, bool escaped, struct hc_str *value, GString *buffer)
{
    char kind = raw.n > 1 && raw.p[1] == '\'' ? (char)(raw.p[0] | 0x20) : '\0';

    if (raw.n && raw.p[0] == '\'')
        return string_text(raw, escaped, value, buffer);
    if (kind == 'e' || kind == 'b' || kind == 'x' || kind == 'n')
        return string_text(hc_str_skip(raw, 1), kind == 'e', value, buffer);
    return bare(raw, value);
}

bool hc_pg_literal(struct hc_str raw, struct hc_str *value, GString *buffer)
{
    return literal(raw, false, value, buffer);
}

bool hc_pg_literal_escaped(struct hc_str raw, struct hc_str *value, GString *buffer)
{
    return literal(raw, true, value, buffer);
}

size_t hc_pg_cells(struct hc_str line, struct hc_str *cells, size_t max)
{
    size_t n = 0;

    for (;;) {
        ptrdiff_t tab = hc_str_chr(line, '\t');
        if (n < max)
            cells[n] = tab < 0 ? line : hc_str_head(line, (size_t)tab);
        n++;
        if (tab < 0)
            return n;
        line = hc_str_skip(line, (size_t)tab + 1);
    }
}

bool hc_pg_creates_table(struct hc_str text)
{
    static const char *const kinds[] = {"CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE "};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (hc_str_starts(text, kinds[i]))
            return true;
    return false;
}

/* How long the next character is to what it stands in: a doubled mark, an escape and the ends of comments are
 * one. */
static size_t unit(const struct hc_pg_lexer *lexer, struct hc_str text, size_t i)
{
    char mark = lexer->mode == HC_PG_NAME ? '"' : '\'', c = text.p[i], next = text.p[i + 1];

    if (lexer->mode == HC_PG_COMMENT)
        return (c == '/' && next == '*') || (c == '*' && next == '/') ? 2 : 1;
    return (c == mark && next == mark) || (c == '\\' && lexer->mode == HC_PG_ESCAPED) ? 2 : 1;
}

/* Inside of the string, name, quote or comment that goes on behind the text; its own text begins at
 * `from`. */
static size_t cut_inside(const struct hc_pg_lexer *lexer, struct hc_str text, size_t from)
{
    size_t i = from, step;

    if (lexer->mode == HC_PG_DOLLAR)
        return text.n > from + strlen(lexer->tag) ? text.n - strlen(lexer->tag) : 0;
    while (i + 1 < text.n && i + (step = unit(lexer, text, i)) < text.n)
        i += step;
    return i > from ? i : 0;
}

/* Where a text whose line goes on can be parted without parting a token or a mark; 0 where it cannot. */
static size_t find_cut(const struct hc_pg_lexer *at_start, struct hc_str text)
{
    struct hc_pg_lexer lexer = *at_start;
    size_t last = 0;

    for (size_t i = 0; i < text.n;) {
        last = i;
        hc_pg_next(&lexer, text, &i);
    }
    if (lexer.mode == HC_PG_PLAIN || last > 0)
        return last;
    if (at_start->mode != HC_PG_PLAIN)
        return cut_inside(&lexer, text, 0);
    if (lexer.mode == HC_PG_DOLLAR)
        return cut_inside(&lexer, text, strlen(lexer.tag));
    return cut_inside(
        &lexer, text,
        lexer.mode == HC_PG_COMMENT || text.p[0] != (lexer.mode == HC_PG_NAME ? '"' : '\'') ? 2 : 1);
}

size_t hc_pg_part(const struct hc_pg_lexer *lexer, struct hc_str text)
{
    size_t cut = find_cut(lexer, text);

    return cut ? cut : find_cut(lexer, hc_str_head(text, text.n - 1));
}

const char *hc_pg_charset(struct hc_str name)
{
    static const char *const names[][2] = {
        {"LATIN1", "ISO-8859-1"},
        {"LATIN2", "ISO-8859-2"},
        {"LATIN3", "ISO-8859-3"},
        {"LATIN4", "ISO-8859-4"},
        {"LATIN5", "ISO-8859-9"},
        {"LATIN6", "ISO-8859-10"},
        {"LATIN7", "ISO-8859-13"},
        {"LATIN8", "ISO-8859-14"},
        {"LATIN9", "ISO-8859-15"},
        {"LATIN10", "ISO-8859-16"},
        {"ISO_8859_5", "ISO-8859-5"},
        {"ISO_8859_6", "ISO-8859-6"},
        {"ISO_8859_7", "ISO-8859-7"},
        {"ISO_8859_8", "ISO-8859-8"},
        {"WIN866", "CP866"},
        {"WIN874", "CP874"},
        {"WIN1250", "CP1250"},
        {"WIN1251", "CP1251"},
        {"WIN1252", "CP1252"},
        {"WIN1253", "CP1253"},
        {"WIN1254", "CP1254"},
        {"WIN1255", "CP1255"},
        {"WIN1256", "CP1256"},
        {"WIN1257", "CP1257"},
        {"WIN1258", "CP1258"},
        {"KOI8R", "KOI8-R"},
        {"KOI8U", "KOI8-U"},
        {"EUC_JP", "EUC-JP"},
        {"EUC_CN", "GB2312"},
        {"EUC_KR", "EUC-KR"},
        {"EUC_TW", "EUC-TW"},
        {"SJIS", "CP932"},
        {"BIG5", "BIG5"},
        {"GBK", "GBK"},
        {"GB18030", "GB18030"},
        {"UHC", "CP949"},
        {"JOHAB", "JOHAB"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (hc_str_is(name, names[i][0]))
            return names[i][1];
    return NULL;
}
