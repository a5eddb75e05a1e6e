/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/modifier.h"

#include "src/base/regex.h"
#include "src/correlate/sigma/item.h"

/* What may be joined with what. */
enum family { VALUE, WHOLE, EXTRA };

struct known {
    const char *name;
    enum family family;
    void (*set)(struct modifiers *m, int argument);
    int argument;
};

static void set_side(struct modifiers *m, int side)
{
    m->before = m->before || side != 1;
    m->behind = m->behind || side != 2;
}

static void set_flag(struct modifiers *m, int flag)
{
    bool *const flags[] = {&m->all,   &m->cased,   &m->negate, &m->exists,
                           &m->regex, &m->network, &m->field,  &m->expand};

    *flags[flag] = true;
}

static void set_regex(struct modifiers *m, int flag)
{
    m->regex_flags |= (unsigned)flag;
}

static void set_order(struct modifiers *m, int order)
{
    m->ordered = true;
    m->order = (enum hc_sigma_order)order;
}

static void set_part(struct modifiers *m, int part)
{
    m->part = (enum hc_sigma_part)part;
}

static void set_coding(struct modifiers *m, int coding)
{
    if (m->n_codings < HC_SIGMA_CODINGS_MAX)
        m->codings[m->n_codings++] = (enum hc_sigma_coding)coding;
}

static const struct known known[] = {
    {"all", EXTRA, set_flag, 0},
    {"base64", VALUE, set_coding, CODING_BASE64},
    {"base64offset", VALUE, set_coding, CODING_BASE64_OFFSET},
    {"cased", VALUE, set_flag, 1},
    {"cidr", WHOLE, set_flag, 5},
    {"contains", VALUE, set_side, 3},
    {"day", WHOLE, set_part, PART_DAY},
    {"endswith", VALUE, set_side, 2},
    {"exists", WHOLE, set_flag, 3},
    {"expand", VALUE, set_flag, 7},
    {"fieldref", VALUE, set_flag, 6},
    {"gt", WHOLE, set_order, ORDER_MORE},
    {"gte", WHOLE, set_order, ORDER_MORE_EQUAL},
    {"hour", WHOLE, set_part, PART_HOUR},
    {"i", EXTRA, set_regex, HC_REGEX_NO_CASE},
    {"lt", WHOLE, set_order, ORDER_LESS},
    {"lte", WHOLE, set_order, ORDER_LESS_EQUAL},
    {"m", EXTRA, set_regex, HC_REGEX_MULTI_LINE},
    {"minute", WHOLE, set_part, PART_MINUTE},
    {"month", WHOLE, set_part, PART_MONTH},
    {"neq", EXTRA, set_flag, 2},
    {"re", WHOLE, set_flag, 4},
    {"s", EXTRA, set_regex, HC_REGEX_DOT_ALL},
    {"startswith", VALUE, set_side, 1},
    {"utf16", VALUE, set_coding, CODING_UTF16},
    {"utf16be", VALUE, set_coding, CODING_UTF16BE},
    {"utf16le", VALUE, set_coding, CODING_UTF16LE},
    {"week", WHOLE, set_part, PART_WEEK},
    {"wide", VALUE, set_coding, CODING_UTF16LE},
    {"windash", VALUE, set_coding, CODING_WINDASH},
    {"year", WHOLE, set_part, PART_YEAR},
};

static const struct known *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

/* How many ways of comparing are asked for at once: those of a kind that stands alone, and text. A part of a
 * time may have an order. */
static bool fits(const struct modifiers *m, bool text)
{
    int ways = m->exists + m->regex + m->network + (m->ordered || m->part) + text;

    return ways <= 1 && !(m->exists && (m->all || m->negate)) && !(m->field && (m->n_codings || m->expand));
}

bool modifiers_read(char *const *names, const struct hc_yaml *node, struct modifiers *out, GError **error)
{
    bool text = false;

    memset(out, 0, sizeof *out);
    for (char *const *name = names; *name; name++) {
        const struct known *k = find(*name);
        if (!k)
            return hc_yaml_fail(node, error, "unknown modifier \"%s\"", *name);
        if ((strcmp(*name, "re") == 0 || strcmp(*name, "cidr") == 0) && name != names)
            return hc_yaml_fail(node, error, "the modifier \"%s\" has to be the first", *name);
        if (k->set == set_regex && !out->regex)
            return hc_yaml_fail(node, error, "the modifier \"%s\" belongs behind \"re\"", *name);
        if (k->set == set_coding && out->n_codings == HC_SIGMA_CODINGS_MAX)
            return hc_yaml_fail(node, error, "more than %d modifiers that recode the value",
                                HC_SIGMA_CODINGS_MAX);
        k->set(out, k->argument);
        text = text || k->family == VALUE;
    }
    return fits(out, text) || hc_yaml_fail(node, error, "these modifiers cannot be used together");
}

void variant_clear(void *variant)
{
    g_string_free(((struct variant *)variant)->text, TRUE);
}

static void add(GArray *out, GString *text, bool raw)
{
    struct variant v = {text, raw};

    g_array_append_val(out, v);
}

/* The bytes that a value without wildcards stands for. */
static bool plain_bytes(const struct variant *v, GString *out)
{
    const GString *s = v->text;

    for (gsize i = 0; i < s->len; i++) {
        bool escaped = !v->raw && s->str[i] == '\\' && i + 1 < s->len && strchr("*?\\", s->str[i + 1]);
        if (!v->raw && !escaped && (s->str[i] == '*' || s->str[i] == '?'))
            return false;
        i += escaped;
        g_string_append_c(out, s->str[i]);
    }
    return true;
}

static GString *base64(const char *bytes, gsize n)
{
    g_autofree char *text = g_base64_encode((const guchar *)bytes, n);

    return g_string_new(text);
}

/* As it looks inside of a longer text, by where it begins there: what depends on its neighbours is cut
 * off. */
static void add_offsets(GArray *out, const GString *bytes)
{
    static const gsize head[] = {0, 2, 3}, tail[] = {0, 3, 2};

    for (gsize offset = 0; offset < 3; offset++) {
        g_autoptr(GString) shifted = g_string_new(NULL), coded = NULL;
        gsize cut = tail[(bytes->len + offset) % 3];
        g_string_append_len(shifted, "   ", (gssize)offset);
        g_string_append_len(shifted, bytes->str, (gssize)bytes->len);
        coded = base64(shifted->str, shifted->len);
        if (coded->len > head[offset] + cut)
            add(out, g_string_new_len(coded->str + head[offset], (gssize)(coded->len - head[offset] - cut)),
                true);
    }
}

static void add_unit(GString *out, gunichar2 unit, bool big)
{
    char pair[2] = {(char)(unit & 0xff), (char)(unit >> 8)};

    g_string_append_c(out, pair[big]);
    g_string_append_c(out, pair[!big]);
}

/* NULL: not UTF-8. */
static GString *utf16(const GString *bytes, enum hc_sigma_coding coding)
{
    GString *out = g_string_new_len("\xff\xfe", coding == CODING_UTF16 ? 2 : 0);
    glong n = 0;
    g_autofree gunichar2 *units = g_utf8_to_utf16(bytes->str, (glong)bytes->len, NULL, &n, NULL);

    for (glong i = 0; units && i < n; i++)
        add_unit(out, units[i], coding == CODING_UTF16BE);
    if (!units)
        g_string_free(out, TRUE);
    return units ? out : NULL;
}

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A dash or slash where an option begins: no letter before it, one behind. */
static gsize next_dash(const GString *text, gsize from)
{
    for (gsize i = from; i + 1 < text->len; i++)
        if ((text->str[i] == '-' || text->str[i] == '/') && (i == 0 || !is_word(text->str[i - 1])) &&
            is_word(text->str[i + 1]))
            return i;
    return text->len;
}

static bool add_dashes(GArray *out, const GString *text, gsize from, bool raw)
{
    static const char *const dashes[] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};
    gsize at = next_dash(text, from);

    if (out->len >= HC_SIGMA_VARIANTS_MAX)
        return false;
    if (at == text->len) {
        add(out, g_string_new_len(text->str, (gssize)text->len), raw);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(dashes); i++) {
        g_autoptr(GString) changed = g_string_new_len(text->str, (gssize)at);
        g_string_append(changed, dashes[i]);
        g_string_append_len(changed, text->str + at + 1, (gssize)(text->len - at - 1));
        if (!add_dashes(out, changed, at + strlen(dashes[i]), raw)) /* as deep as there are dashes */
            return false;
    }
    return true;
}

static bool recode(enum hc_sigma_coding coding, const struct variant *v, GArray *out, const char **why)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    GString *wide;

    if (coding == CODING_WINDASH) {
        *why = "windash makes too many variants of this value";
        return add_dashes(out, v->text, 0, v->raw);
    }
    *why = "a value that is recoded can hold no wildcards";
    if (!plain_bytes(v, bytes))
        return false;
    if (coding == CODING_BASE64) {
        add(out, base64(bytes->str, bytes->len), true);
    } else if (coding == CODING_BASE64_OFFSET) {
        add_offsets(out, bytes);
    } else {
        *why = "a value that is recoded has to be UTF-8";
        if (!(wide = utf16(bytes, coding)))
            return false;
        add(out, wide, true);
    }
    return true;
}

bool coding_apply(enum hc_sigma_coding coding, GArray *variants, const char **why)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct variant));

    g_array_set_clear_func(out, variant_clear);
    for (guint i = 0; i < variants->len; i++)
        if (!recode(coding, &g_array_index(variants, struct variant, i), out, why))
            return false;
    g_array_set_size(variants, 0);
    g_array_append_vals(variants, out->data, out->len);
    g_array_set_clear_func(out, NULL); /* the texts have moved */
    return true;
}
