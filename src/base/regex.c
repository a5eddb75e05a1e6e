/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct hc_regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
};

static uint32_t options(unsigned flags)
{
    return PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
           (flags & HC_REGEX_NO_CASE ? PCRE2_CASELESS : 0) |
           (flags & HC_REGEX_MULTI_LINE ? PCRE2_MULTILINE : 0) |
           (flags & HC_REGEX_DOT_ALL ? PCRE2_DOTALL : 0);
}

struct hc_regex *hc_regex_new(const char *pattern, unsigned flags, GError **error)
{
    struct hc_regex *regex;
    PCRE2_UCHAR why[256];
    pcre2_code *code;
    size_t at;
    int rc;

    if (strlen(pattern) > HC_REGEX_PATTERN_MAX) {
        hc_fail(error, HC_ERROR_CONFIG, "the expression is longer than %d bytes", HC_REGEX_PATTERN_MAX);
        return NULL;
    }
    code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options(flags), &rc, &at, NULL);
    if (!code) {
        pcre2_get_error_message(rc, why, sizeof why);
        hc_fail(error, HC_ERROR_CONFIG, "not a regular expression: %s (at its byte %zu)", (const char *)why,
                at);
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is no JIT it is interpreted */
    regex = g_new0(struct hc_regex, 1);
    regex->code = code;
    regex->match = pcre2_match_data_create_from_pattern(code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(regex->context, HC_REGEX_STEPS_MAX);
    return regex;
}

void hc_regex_free(struct hc_regex *regex)
{
    if (!regex)
        return;
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
    g_free(regex);
}

int hc_regex_search(const struct hc_regex *regex, struct hc_str text)
{
    int rc = pcre2_match(regex->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, regex->match,
                         regex->context);

    return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
