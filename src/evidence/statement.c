/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/statement.h"

#include "src/evidence/sketch.h"
#include "src/evidence/sqltoken.h"

#define COLUMNS_MAX 256 /* of an INSERT; values of columns behind them are not kept */

/* Where in an INSERT the reader is. */
enum part { ELSEWHERE, TABLE, COLUMNS, BEFORE_VALUES, VALUES };

struct reader {
    struct hc_sql_text text;
    GString *out;
    bool told; /* a statement whose texts may be kept */
    enum part part;
    int depth;           /* of brackets, in COLUMNS and VALUES */
    GPtrArray *columns;  /* char * */
    guint column;        /* the one whose value comes */
    bool alone;          /* nothing else was of this value yet */
    char *name;          /* what stood last and may be a column; NULL: nothing did */
    bool compared, list; /* ... with what stands here; which is one of `in (...)` */
};

static const char *const told[] = {"select", "insert", "replace", "update",
                                   "delete", "with",   "explain", NULL};

static void set_name(struct reader *r, char *name)
{
    g_free(r->name);
    r->name = name;
    r->compared = r->list = false;
}

static bool is_open(const char *name)
{
    return name && !hc_sketch_is_secret(name);
}

/* In a list of values only one that is the whole of its place. */
static bool is_value(const struct reader *r, struct hc_sql_token next)
{
    return r->alone && r->depth == 1 && (hc_sql_mark(next, ',') || hc_sql_mark(next, ')')) &&
           r->column < r->columns->len && is_open(r->columns->pdata[r->column]);
}

static bool may_keep(const struct reader *r, struct hc_sql_token token, struct hc_sql_token next)
{
    bool number = token.kind == HC_SQL_WORD;

    if (!r->told || next.kind == HC_SQL_STRING)
        return false;
    if (r->part == VALUES)
        return is_value(r, next);
    return r->compared ? is_open(r->name) : number;
}

static bool is_operator(struct hc_sql_token token)
{
    static const char *const words[] = {"like", "ilike", "in", "is", "not", NULL};

    return (token.kind == HC_SQL_MARK && strchr("=<>!", token.raw.p[0])) || hc_sql_one_of(token, words);
}

static bool is_number(struct hc_sql_token token)
{
    return token.kind == HC_SQL_WORD && strchr("+-.0123456789", token.raw.p[0]);
}

/* The last part of "schema.column". */
static char *last_part(struct hc_sql_token token)
{
    g_autofree char *name = hc_sql_name(token);
    const char *dot = strrchr(name, '.');

    return g_strdup(dot ? dot + 1 : name);
}

/* A bracket or comma in the parts of an INSERT. */
static void take_mark(struct reader *r, char c)
{
    if (c == '(')
        r->depth++;
    else if (c == ')')
        r->depth--;
    if (c == '(' && r->depth == 1 && r->part == TABLE)
        r->part = COLUMNS;
    else if (c == ')' && r->depth == 0 && r->part == COLUMNS)
        r->part = BEFORE_VALUES;
    if (r->part == VALUES && r->depth <= 1 && strchr("(,)", c)) {
        r->column = c == ',' && r->depth == 1 ? r->column + 1 : 0;
        r->alone = true;
    } else {
        r->alone = false;
    }
}

static void take_word(struct reader *r, struct hc_sql_token token)
{
    static const char *const ends[] = {"select", "on", "returning", NULL};

    if (r->part == ELSEWHERE && hc_sql_word(token, "into"))
        r->part = TABLE;
    else if (r->part != ELSEWHERE && r->depth == 0 && hc_sql_one_of(token, ends))
        r->part = ELSEWHERE;
    else if ((r->part == TABLE || r->part == BEFORE_VALUES) &&
             (hc_sql_word(token, "values") || hc_sql_word(token, "value")))
        r->part = VALUES;
    r->alone = false;
}

/* What a text behind the token would be compared with or set to: the name right before the operator, and no
 * other. */
static void take_name(struct reader *r, struct hc_sql_token token)
{
    bool word = token.kind == HC_SQL_NAME || (token.kind == HC_SQL_WORD && !is_number(token));

    if (is_operator(token)) {
        r->compared = r->name != NULL;
        r->list = r->compared && hc_sql_word(token, "in");
    } else if (word) {
        set_name(r, last_part(token));
    } else if (!(r->compared && (hc_sql_mark(token, '(') || (r->list && token.kind != HC_SQL_MARK) ||
                                 (r->list && hc_sql_mark(token, ','))))) {
        set_name(r, NULL);
    }
}

/* What the token says of those behind it. */
static void take(struct reader *r, struct hc_sql_token token)
{
    bool quoted = token.kind == HC_SQL_STRING || token.kind == HC_SQL_NAME;

    if (r->part == COLUMNS && (quoted || token.kind == HC_SQL_WORD) && r->columns->len < COLUMNS_MAX)
        g_ptr_array_add(r->columns, last_part(token));
    if (token.kind == HC_SQL_MARK)
        take_mark(r, token.raw.p[0]);
    else if (token.kind == HC_SQL_WORD)
        take_word(r, token);
    else
        r->alone = false;
    take_name(r, token);
}

/* Databases differ in where such a token ends. */
static bool is_doubtful(struct hc_sql_token token)
{
    if (token.kind == HC_SQL_CUT)
        return true;
    if (token.kind == HC_SQL_WORD)
        return token.raw.n > 1 && hc_str_chr(hc_str_skip(token.raw, 1), '$') >= 0;
    return (token.kind == HC_SQL_STRING || token.kind == HC_SQL_NAME) && hc_str_chr(token.raw, '\\') >= 0;
}

static void put(struct reader *r, struct hc_sql_token token, struct hc_sql_token next)
{
    bool text = token.kind == HC_SQL_STRING || is_number(token);
    bool name = r->part == COLUMNS || (r->part == TABLE && !r->depth);

    if (text && !name && !may_keep(r, token, next))
        g_string_append_c(r->out, '?');
    else
        g_string_append_len(r->out, token.raw.p, (gssize)token.raw.n);
}

static void read_statement(struct reader *r)
{
    struct hc_sql_token token = hc_sql_next(&r->text, 0);
    size_t end = token.start;

    r->told = hc_sql_one_of(token, told);
    while (token.kind != HC_SQL_END && !is_doubtful(token)) {
        struct hc_sql_token next = hc_sql_next(&r->text, token.end);
        if (token.start > end)
            g_string_append_c(r->out, ' ');
        put(r, token, next);
        take(r, token);
        end = token.end;
        token = next;
    }
    if (token.kind != HC_SQL_END)
        g_string_append(r->out, "...");
}

void hc_statement_open(struct hc_str sql, GString *out)
{
    struct reader r = {
        .text = {HC_SQL_MYSQL, hc_str_head(sql, HC_STATEMENT_MAX), sql.n <= HC_STATEMENT_MAX, HC_SQL_NARROW},
        .out = out};

    r.columns = g_ptr_array_new_with_free_func(g_free);
    read_statement(&r);
    g_ptr_array_unref(r.columns);
    g_free(r.name);
}
