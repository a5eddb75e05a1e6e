/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/message.h"

/* The next {name} at or behind `*at`, which is moved behind it; what stands before it in `*before`. .p ==
 * NULL: there is none. */
static struct hc_str next_name(const char **at, struct hc_str *before)
{
    const char *open = strchr(*at, '{'), *close = open ? strchr(open, '}') : NULL;
    struct hc_str name = HC_STR_NONE;

    if (!close) {
        *before = hc_str(*at);
        *at += before->n;
        return name;
    }
    *before = hc_str_n(*at, (size_t)(open - *at));
    name = hc_str_n(open + 1, (size_t)(close - open - 1));
    *at = close + 1;
    return name;
}

bool hc_sigma_message_names(const char *message, hc_sigma_name_fn fn, void *data)
{
    struct hc_str before, name;

    while ((name = next_name(&message, &before)).p)
        if (!fn(data, name))
            return false;
    return true;
}

char *hc_sigma_message_fill(const char *message, hc_sigma_word_fn value, void *data)
{
    GString *out = g_string_new(NULL);
    struct hc_str before, name;

    do {
        name = next_name(&message, &before);
        g_string_append_len(out, before.p, (gssize)before.n);
        if (name.p && !value(data, name, out))
            g_string_append_c(out, '?');
    } while (name.p);
    return g_string_free(out, FALSE);
}

struct check {
    const struct hc_sigma_rules *rules;
    const struct hc_sigma_correlation *c;
    const struct hc_yaml *node;
    GError **error;
};

static bool is_count(struct hc_str name)
{
    return hc_str_is(name, "n") || hc_str_is(name, "duration");
}

/* An hc_sigma_name_fn. */
static bool is_known(void *data, struct hc_str name)
{
    const struct check *k = data;
    ptrdiff_t dot = hc_str_chr(name, '.');

    if (is_count(name))
        return true;
    for (size_t i = 0; i < k->c->n_keys; i++)
        if (hc_str_is(name, k->c->keys[i]))
            return true;
    for (size_t s = 0; dot > 0 && s < k->c->n_steps; s++) {
        const struct hc_sigma_rule *step = hc_sigma_rule_at(k->rules, k->c->steps[s]);
        if (step->kind == HC_SIGMA_CORRELATION && step->name &&
            hc_str_eq(hc_str(step->name), hc_str_head(name, (size_t)dot)) &&
            is_count(hc_str_skip(name, (size_t)dot + 1)))
            return true;
    }
    return hc_yaml_fail(k->node, k->error,
                        "message: {%.*s} is no key of group-by, nor n, duration, or one of these of a "
                        "correlation that it lists",
                        HC_STR_ARG(name));
}

bool sigma_message_check(const struct hc_sigma_rules *rules, const struct hc_sigma_rule *rule,
                         const struct hc_yaml *message, GError **error)
{
    struct check k = {rules, &rule->correlation, message, error};

    return !message || hc_sigma_message_names(message->text, is_known, &k);
}
