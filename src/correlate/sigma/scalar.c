/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/scalar.h"

#include "src/correlate/sigma/number.h"

#define US_PER_S INT64_C(1000000)

static bool is_one_of(const char *text, const char *const *words)
{
    return g_strv_contains(words, text);
}

enum hc_sigma_scalar hc_sigma_scalar_of(const struct hc_yaml *node, bool *yes)
{
    struct hc_number number;
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yeas[] = {"true", "True", "TRUE", NULL}, *const nays[] = {"false", "False",
                                                                                       "FALSE", NULL};

    if (!node->plain)
        return HC_SIGMA_TEXT;
    if (is_one_of(node->text, nothing))
        return HC_SIGMA_NULL;
    if (is_one_of(node->text, yeas) || is_one_of(node->text, nays)) {
        *yes = is_one_of(node->text, yeas);
        return HC_SIGMA_BOOL;
    }
    return hc_number_read(hc_str(node->text), &number) ? HC_SIGMA_NUMBER : HC_SIGMA_TEXT;
}

bool hc_sigma_timespan(const struct hc_yaml *node, int64_t *us, GError **error)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1},      {'m', 60},      {'h', 3600},    {'d', 86400},
                 {'w', 604800}, {'M', 2630016}, {'y', 31557600}};
    const char *text = node->type == HC_YAML_SCALAR ? node->text : "";
    char *end = NULL;
    gint64 n = g_ascii_isdigit(*text) ? g_ascii_strtoll(text, &end, 10) : 0;

    for (size_t i = 0; end && i < G_N_ELEMENTS(units); i++)
        if (*end == units[i].unit && !end[1] && n > 0 && n <= INT64_MAX / 4 / US_PER_S / units[i].seconds) {
            *us = n * units[i].seconds * US_PER_S;
            return true;
        }
    return hc_yaml_fail(node, error, "a timespan is a whole number and one of s, m, h, d, such as 5m");
}
