/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/unwrap.h"

#include "src/base/json.h"

struct hc_unwrap {
    size_t n_paths;
    struct hc_json_paths *paths;
    GString *texts[HC_UNWRAP_DEPTH_MAX]; /* decoded, one at each depth */
    struct hc_str *found[HC_UNWRAP_DEPTH_MAX];
};

/* A walk down from one record of the file. */
struct walk {
    struct hc_unwrap *unwrap;
    hc_unwrap_fn each;
    void *data;
    GError **error;
};

/* A value, its place, and whether it stands in the text of the file. */
struct place {
    struct hc_str value;
    struct hc_locator at;
    bool decoded;
};

struct hc_unwrap *hc_unwrap_new(const char *const *paths)
{
    struct hc_unwrap *u = g_new0(struct hc_unwrap, 1);

    u->paths = hc_json_paths_new();
    for (; paths[u->n_paths]; u->n_paths++)
        hc_json_paths_add(u->paths, paths[u->n_paths]);
    for (size_t i = 0; i < HC_UNWRAP_DEPTH_MAX; i++) {
        u->texts[i] = g_string_new(NULL);
        u->found[i] = g_new0(struct hc_str, u->n_paths + 1);
    }
    return u;
}

void hc_unwrap_free(struct hc_unwrap *u)
{
    if (!u)
        return;
    hc_json_paths_free(u->paths);
    for (size_t i = 0; i < HC_UNWRAP_DEPTH_MAX; i++) {
        g_string_free(u->texts[i], TRUE);
        g_free(u->found[i]);
    }
    g_free(u);
}

/* The place of a value inside of the one before. */
static struct place inner(const struct place *outer, struct hc_str value)
{
    struct place in = {value, outer->at, outer->decoded};

    if (outer->decoded)
        return in;
    for (const char *p = outer->value.p; (p = memchr(p, '\n', (size_t)(value.p - p))); p++)
        in.at.line++;
    in.at.offset += value.p - outer->value.p;
    in.at.length = (int64_t)value.n;
    return in;
}

static bool pass(const struct walk *w, const struct place *p, const char *why)
{
    return w->each(w->data, p->value, &p->at, why, w->error);
}

static bool descend(const struct walk *w, const struct place *p, size_t depth);

static bool descend_list(const struct walk *w, const struct place *list, size_t depth)
{
    struct place last = *list;
    struct hc_str value;
    size_t pos = 0;

    while ((value = hc_json_next(list->value, &pos, NULL)).p) {
        last = inner(&(struct place){hc_str_n(last.value.p, 0), last.at, last.decoded}, value);
        if (!descend(w, &last, depth))
            return false;
    }
    return true;
}

/* A text that is JSON, decoded: `*p` is it. False: it is none, or a broken one, which `why` says. */
static bool decode(const struct walk *w, struct place *p, size_t depth, const char **why)
{
    GString *text = w->unwrap->texts[depth];
    struct hc_str whole;
    size_t wrong, n;

    g_string_truncate(text, 0);
    if (!hc_json_text(p->value, text))
        return false;
    whole = hc_str_trim(hc_str_n(text->str, text->len));
    if (!whole.n || (whole.p[0] != '{' && whole.p[0] != '['))
        return false;
    n = hc_json_check(whole, &wrong, why);
    if (n && n < whole.n)
        *why = "something behind the value";
    if (n != whole.n)
        return false;
    *why = NULL;
    *p = (struct place){whole, p->at, true};
    return true;
}

static bool holds_something(struct hc_str value)
{
    size_t pos = 0;

    return value.p && (value.p[0] == '"' || value.p[0] == '{' ||
                       (value.p[0] == '[' && hc_json_next(value, &pos, NULL).p));
}

/* What the first place of a wrapper holds. False: it is no wrapper. */
static bool open_wrapper(const struct walk *w, struct place *p, size_t depth, const char **why)
{
    struct hc_str *found = w->unwrap->found[depth];

    hc_json_pick(w->unwrap->paths, p->value, found);
    for (size_t i = 0; i < w->unwrap->n_paths; i++) {
        struct place in;
        if (!holds_something(found[i]))
            continue;
        in = inner(p, found[i]);
        if (found[i].p[0] != '"' || decode(w, &in, depth, why)) {
            *p = in;
            return true;
        }
        if (*why)
            return false;
    }
    return false;
}

static bool descend(const struct walk *w, const struct place *from, size_t depth)
{
    struct place p = *from;
    const char *why = NULL;

    if (depth == HC_UNWRAP_DEPTH_MAX)
        return pass(w, from, "too many wrappers in one another");
    if (p.value.p[0] == '"' && !decode(w, &p, depth, &why))
        return pass(w, from, why ? why : "object expected");
    if (p.value.p[0] == '[')
        return descend_list(w, &p, depth + 1);
    if (p.value.p[0] != '{')
        return pass(w, from, "object expected");
    if (open_wrapper(w, &p, depth, &why))
        return descend(w, &p, depth + 1);
    return pass(w, &p, why);
}

bool hc_unwrap_each(struct hc_unwrap *unwrap, struct hc_str record, const struct hc_locator *at,
                    hc_unwrap_fn each, void *data, GError **error)
{
    struct walk w = {unwrap, each, data, error};

    return descend(&w, &(struct place){record, *at, false}, 0);
}
