/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/keyed.h"

#include <string.h>
#include <sys/random.h>

static uint64_t keys[3];

static void draw_keys(void)
{
    static gsize drawn;

    if (!g_once_init_enter(&drawn))
        return;
    if (getrandom(keys, sizeof keys, 0) != sizeof keys)
        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
            keys[i] = (uint64_t)g_random_int() << 32 | g_random_int();
    keys[1] |= 1;
    keys[2] |= 1;
    g_once_init_leave(&drawn, 1);
}

/* Both halves of the product: which bits of it a change of `a` turns over depends on all of `b`, which nobody
 * knows. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hc_keyed(uint64_t before, struct hc_str bytes)
{
    uint64_t hash, word;

    draw_keys();
    hash = before ^ keys[0] ^ bytes.n;
    for (; bytes.n >= sizeof word; bytes = hc_str_skip(bytes, sizeof word)) {
        memcpy(&word, bytes.p, sizeof word);
        hash = fold(hash ^ word, keys[1]);
    }
    word = 0;
    memcpy(&word, bytes.n ? bytes.p : "", bytes.n);
    return fold(fold(hash ^ word, keys[1]) ^ keys[0], keys[2]);
}

static guint half(uint64_t hash)
{
    return (guint)(hash >> 32);
}

guint hc_keyed_text(const void *text)
{
    return half(hc_keyed(0, hc_str(text)));
}

guint hc_keyed_number(const void *number)
{
    return half(hc_keyed(0, hc_str_n(number, sizeof(int64_t))));
}

guint hc_keyed_bytes(const void *bytes)
{
    gsize n;
    const char *p = g_bytes_get_data((GBytes *)bytes, &n);

    return half(hc_keyed(0, hc_str_n(p, n)));
}
