/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/itemparts.h"

#include <arpa/inet.h>

#define ADDRESS_MAX 64 /* bytes of a text that may be an address */

/* Any spelling of it; an IPv4 address inside of IPv6 (::ffff:a.b.c.d) is that IPv4 address. */
static bool parse_address(struct hc_str text, struct network *out)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[ADDRESS_MAX];

    if (!text.n || text.n >= sizeof copy || memchr(text.p, 0, text.n))
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    out->family = AF_INET;
    if (inet_pton(AF_INET, copy, out->bytes) == 1)
        return true;
    out->family = AF_INET6;
    if (inet_pton(AF_INET6, copy, out->bytes) != 1)
        return false;
    if (memcmp(out->bytes, mapped, sizeof mapped) == 0) {
        out->family = AF_INET;
        memmove(out->bytes, out->bytes + 12, 4);
    }
    return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8, rest = bits % 8;

    return memcmp(a, b, (size_t)whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static bool has_host_bits(const struct network *n)
{
    int most = n->family == AF_INET ? 32 : 128;

    for (int bit = n->bits; bit < most; bit++)
        if (n->bytes[bit / 8] >> (7 - bit % 8) & 1)
            return true;
    return false;
}

bool network_parse(const char *text, struct network *network, const char **why)
{
    const char *slash = strchr(text, '/');
    char *end = NULL;
    gint64 bits = slash && g_ascii_isdigit(slash[1]) ? g_ascii_strtoll(slash + 1, &end, 10) : -1;

    *why = "not a network, such as 10.0.0.0/8";
    if (!end || *end || bits < 0 || bits > 128 ||
        !parse_address(hc_str_n(text, (size_t)(slash - text)), network))
        return false;
    network->bits = (int)bits;
    *why = "the prefix is longer than the address";
    if (network->family == AF_INET && bits > 32)
        return false;
    *why = "the address has bits behind its prefix";
    return !has_host_bits(network);
}

bool network_holds(const struct network *network, struct hc_str address)
{
    struct network a;

    return parse_address(address, &a) && a.family == network->family &&
           same_bits(a.bytes, network->bytes, network->bits);
}
