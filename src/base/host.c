/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/host.h"

bool hc_host_same(struct hc_str a, struct hc_str b)
{
    struct hc_str s = a.n < b.n ? a : b, l = a.n < b.n ? b : a;

    return s.n && g_ascii_strncasecmp(s.p, l.p, s.n) == 0 && (l.n == s.n || l.p[s.n] == '.');
}

void hc_host_add(struct hc_host *host, struct hc_str name)
{
    struct hc_str known;

    if (hc_str_eq(name, hc_str_n(host->last, host->n_last)) || !name.n || name.n > HC_HOST_MAX)
        return;
    known = hc_str(host->name);
    memcpy(host->last, name.p, name.n);
    host->n_last = name.n;
    if (host->several || (known.n >= name.n && hc_host_same(known, name)) || hc_str_is(name, "localhost"))
        return;
    if (known.p && !hc_host_same(known, name)) {
        host->several = true;
        return;
    }
    g_free(host->name);
    host->name = g_ascii_strdown(name.p, (gssize)name.n);
}

struct hc_str hc_host_name(const struct hc_host *host)
{
    return host->several ? HC_STR_NONE : hc_str(host->name);
}

void hc_host_clear(struct hc_host *host)
{
    g_clear_pointer(&host->name, g_free);
}
