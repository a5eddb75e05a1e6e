/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/names.h"

#include "src/correlate/world.h"

/* "From here to there in the order of dumps, the id is called so." */
struct claim {
    int64_t id, name;
    guint first, last; /* dumps */
    int64_t first_source, last_source, first_taken, last_taken;
    bool first_dated, last_dated;
    bool exclusive; /* of an account: see struct naming */
    bool renamed;   /* the id was called otherwise before */
    bool latest;    /* and is called so now */
    bool base;      /* nobody had the name before */
    bool shared;    /* somebody else has it in the same dump */
    bool aside;     /* may be a restored account: not settled here */
    struct hc_time since;
};

struct definition {
    int64_t id, source, state, born;
    bool has_born;
};

/* A record that shows a name before the account of this id was registered. */
struct use {
    int64_t name, event;
};

struct holder {
    struct hc_time since;
    int64_t id;
};

/* Those who had a name after its first account, in order. */
struct holding {
    bool shared;
    GArray *later; /* struct holder */
};

struct names {
    GArray *claims;      /* struct claim, those of one id in a row */
    GArray *definitions; /* struct definition, by id, then state, once settled */
    GHashTable *used;    /* int64_t id -> struct use */
    GHashTable *holdings;
    GHashTable *later; /* int64_t id: of accounts that had a name after another */
};

static void holding_free(void *data)
{
    struct holding *h = data;

    g_array_unref(h->later);
    g_free(h);
}

struct names *names_new(void)
{
    struct names *n = g_new0(struct names, 1);

    n->claims = g_array_new(FALSE, TRUE, sizeof(struct claim));
    n->definitions = g_array_new(FALSE, TRUE, sizeof(struct definition));
    n->used = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    n->holdings = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, holding_free);
    n->later = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return n;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    g_array_unref(n->claims);
    g_array_unref(n->definitions);
    g_hash_table_unref(n->used);
    g_hash_table_unref(n->holdings);
    g_hash_table_unref(n->later);
    g_free(n);
}

void names_add(struct names *n, const struct naming *naming)
{
    struct claim *last = n->claims->len ? &g_array_index(n->claims, struct claim, n->claims->len - 1) : NULL;
    bool known = last && last->id == naming->id;

    if (!known || last->name != naming->name) {
        struct claim c = {.id = naming->id,
                          .name = naming->name,
                          .first = naming->dump,
                          .first_source = naming->source,
                          .first_taken = naming->taken,
                          .first_dated = naming->dated,
                          .exclusive = naming->exclusive,
                          .renamed = known};
        if (known)
            last->latest = false;
        g_array_append_val(n->claims, c);
        last = &g_array_index(n->claims, struct claim, n->claims->len - 1);
    }
    last->latest = true;
    last->last = naming->dump;
    last->last_source = naming->source;
    last->last_taken = naming->taken;
    last->last_dated = naming->dated;
}

void names_define(struct names *n, int64_t id, int64_t source, int64_t state, const int64_t *born)
{
    struct definition d = {id, source, state, born ? *born : 0, born != NULL};

    g_array_append_val(n->definitions, d);
}

void names_used(struct names *n, int64_t id, int64_t name, int64_t event)
{
    struct use use = {name, event};

    g_hash_table_insert(n->used, g_memdup2(&id, sizeof id), g_memdup2(&use, sizeof use));
}

/* 0: nothing shows this name before its account. */
static int64_t use_before(const struct names *n, const struct claim *c)
{
    const struct use *use = g_hash_table_lookup(n->used, &c->id);

    return use && use->name == c->name ? use->event : 0;
}

static int by_id(const void *a, const void *b)
{
    const struct definition *x = a, *y = b;

    return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : (x->state > y->state) - (x->state < y->state);
}

void names_defined(struct names *n)
{
    g_array_sort(n->definitions, by_id);
}

static guint first_definition(const struct names *n, int64_t id)
{
    guint from = 0, to = n->definitions->len;

    while (from < to) {
        guint middle = from + (to - from) / 2;
        if (g_array_index(n->definitions, struct definition, middle).id < id)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

int64_t names_row(const struct names *n, int64_t id, int64_t source)
{
    for (guint i = first_definition(n, id); i < n->definitions->len; i++) {
        const struct definition *d = &g_array_index(n->definitions, struct definition, i);
        if (d->id != id)
            break;
        if (!source || d->source == source)
            return d->state;
    }
    return 0;
}

bool names_birth(const struct names *n, int64_t id, int64_t *born)
{
    for (guint i = first_definition(n, id); i < n->definitions->len; i++) {
        const struct definition *d = &g_array_index(n->definitions, struct definition, i);
        if (d->id != id)
            break;
        if (d->has_born) {
            *born = d->born;
            return true;
        }
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct claim *x = *(const struct claim *const *)a, *y = *(const struct claim *const *)b;

    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static struct hc_time between(int64_t earliest, int64_t latest)
{
    return (struct hc_time){earliest, MAX(earliest, latest), HC_PRECISION_US, HC_BASIS_INFERRED};
}

/*
 * When an account that was not the first of a name began to have it: when it was made; where it was made
 * under another name, or nobody says when, behind the last dump in which somebody else had the name and not
 * after the first in which it has it.
 */
static struct hc_time begin_of(const struct names *n, const struct claim *c, const struct claim *before)
{
    int64_t least = before && before->last_dated ? before->last_taken : INT64_MIN;
    int64_t most = c->first_dated ? c->first_taken : INT64_MAX, born;

    if (!c->renamed && names_birth(n, c->id, &born) && born >= least)
        return between(born, born);
    return between(least, most);
}

/* The claims of one name, in the order of the dumps that make them. */
static void judge_name(const struct names *n, const struct world *w, struct claim **claims, guint count)
{
    bool shared = false, several = false;

    for (guint i = 1; i < count; i++) {
        several |= claims[i]->id != claims[i - 1]->id;
        shared |= claims[i]->exclusive && claims[i]->id != claims[i - 1]->id &&
                  claims[i]->first <= claims[i - 1]->last;
    }
    for (guint i = 0; i < count; i++) {
        struct claim *c = claims[i];
        bool used = use_before(n, c) != 0;
        c->shared = shared;
        c->base = c->exclusive ? !shared && i == 0 && !used : c->latest || !several;
        c->aside = count == 1 && !used && g_hash_table_contains(w->restored, &c->id);
        if (!c->base)
            c->since = begin_of(n, c, i > 0 ? claims[i - 1] : NULL);
    }
}

static void judge(const struct names *n, const struct world *w)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(n->claims->len);

    for (guint i = 0; i < n->claims->len; i++)
        g_ptr_array_add(sorted, &g_array_index(n->claims, struct claim, i));
    g_ptr_array_sort(sorted, by_name);
    for (guint i = 0, end; i < sorted->len; i = end) {
        const struct claim *c = sorted->pdata[i];
        for (end = i + 1; end < sorted->len && ((struct claim *)sorted->pdata[end])->name == c->name; end++)
            ;
        judge_name(n, w, (struct claim **)&sorted->pdata[i], end - i);
    }
}

static struct holding *holding_of(struct names *n, int64_t name)
{
    struct holding *h = g_hash_table_lookup(n->holdings, &name);

    if (h)
        return h;
    h = g_new0(struct holding, 1);
    h->later = g_array_new(FALSE, TRUE, sizeof(struct holder));
    g_hash_table_insert(n->holdings, g_memdup2(&name, sizeof name), h);
    return h;
}

static int by_since(const void *a, const void *b)
{
    const struct holder *x = a, *y = b;

    if (x->since.earliest != y->since.earliest)
        return x->since.earliest < y->since.earliest ? -1 : 1;
    return (x->since.latest > y->since.latest) - (x->since.latest < y->since.latest);
}

static void hold(struct names *n, int64_t name, int64_t id, const struct hc_time *since)
{
    struct holding *h = holding_of(n, name);
    struct holder new = {*since, id};

    g_array_append_val(h->later, new);
    g_array_sort(h->later, by_since);
    g_hash_table_add(n->later, g_memdup2(&id, sizeof id));
}

void names_later(struct names *n, int64_t name, int64_t id, int64_t since)
{
    struct hc_time at = between(since, since);

    hold(n, name, id, &at);
}

bool names_is_later(const struct names *n, int64_t id)
{
    return g_hash_table_contains(n->later, &id);
}

static bool say_row(const struct names *n, struct world *w, const struct claim *c, GError **error)
{
    const struct identity i = {.entity = c->id,
                               .same = c->name,
                               .reason = "row",
                               .because = "a row of its table says so",
                               .states = {names_row(n, c->id, c->last_source)}};

    return add_identity(w, &i, error);
}

/* An older name of an account that nobody had before, or the name of one whose later name was somebody
 * else's. */
static bool say_rename(const struct names *n, struct world *w, const struct claim *c, int64_t account,
                       GError **error)
{
    g_autofree char *name = name_of(w, account), *was = name_of(w, c->name);
    g_autofree char *because =
        g_strdup_printf("the row of one id has the name %s in one dump and %s in another", was, name);
    const struct identity i = {.entity = c->name,
                               .same = account,
                               .reason = "rename",
                               .because = because,
                               .states = {names_row(n, c->id, c->last_source), names_row(n, c->id, 0)}};

    set_canonical(w, c->name, account);
    return add_identity(w, &i, error);
}

/* A name that somebody else had before: until then it was another account's. */
static bool say_later(struct names *n, struct world *w, const struct claim *c, int64_t account,
                      GError **error)
{
    int64_t use = use_before(n, c);
    g_autofree char *name = name_of(w, c->name);
    g_autofree char *because = g_strdup_printf(
        use ? "a record shows %s before this account was registered: there was another account of that name"
            : "a dump from before has %s under another id: that is another account",
        name);
    struct identity i = {.entity = c->name,
                         .same = account,
                         .reason = "holder",
                         .because = because,
                         .has_since = true,
                         .since = c->since.earliest,
                         .until = c->since.latest,
                         .events = {use},
                         .states = {names_row(n, c->id, c->first_source)}};

    hold(n, c->name, account, &c->since);
    if (!add_identity(w, &i, error))
        return false;
    return c->renamed || g_hash_table_contains(w->restored, &c->id) ||
           add_link(w, "re-registered", canonical(w, c->name), account, because, error);
}

static bool say_shared(struct names *n, struct world *w, const struct claim *c, GError **error)
{
    holding_of(n, c->name)->shared = true;
    return add_unjoined(w, c->name, c->id, "shared-name",
                        "one dump gives this name to several ids, which may differ only by case", 0,
                        names_row(n, c->id, c->last_source), error);
}

/* The claims of one id, oldest first. */
static bool say(struct names *n, struct world *w, const struct claim *claims, guint count, GError **error)
{
    const struct claim *last = &claims[count - 1];
    int64_t account = last->base ? last->name : last->id;

    if (last->aside)
        return true;
    set_canonical(w, last->id, account);
    for (guint i = 0; i < count; i++) {
        const struct claim *c = &claims[i];
        bool ok = c->shared            ? say_shared(n, w, c, error)
                  : !c->base           ? !c->exclusive || say_later(n, w, c, account, error)
                  : c->name == account ? say_row(n, w, c, error)
                                       : say_rename(n, w, c, account, error);
        if (!ok)
            return false;
    }
    return true;
}

bool names_settle(struct names *n, struct world *w, GError **error)
{
    judge(n, w);
    for (guint i = 0, end; i < n->claims->len; i = end) {
        const struct claim *c = &g_array_index(n->claims, struct claim, i);
        for (end = i + 1; end < n->claims->len && g_array_index(n->claims, struct claim, end).id == c->id;
             end++)
            ;
        if (!say(n, w, c, end - i, error))
            return false;
    }
    g_array_set_size(n->claims, 0);
    return true;
}

int64_t names_holder(const struct names *n, int64_t name, const struct hc_time *when, bool *unsure)
{
    const struct holding *h = g_hash_table_size(n->holdings) ? g_hash_table_lookup(n->holdings, &name) : NULL;

    *unsure = h && h->shared;
    for (guint i = h && !h->shared ? h->later->len : 0; i > 0; i--) {
        const struct holder *later = &g_array_index(h->later, struct holder, i - 1);
        switch (hc_time_before(when, &later->since)) {
        case HC_CONTRADICTED:
            return later->id;
        case HC_POSSIBLE:
            *unsure = true;
            return name;
        case HC_CERTAIN:
            break;
        }
    }
    return name;
}
