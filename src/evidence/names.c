/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/names.h"

#include <stdlib.h>
#include <sys/mman.h>

#define BLOCK_BITS 21 /* of a block's size; names do not reach over its end */
#define BLOCK_SIZE ((size_t)1 << BLOCK_BITS)
#define UNIT 8 /* bytes; a place counts them */
#define PLACE_BITS (BLOCK_BITS - 3)
#define SLOTS_MIN ((size_t)1 << 12)

/* What is compared before anything else is looked at: half of the hash, by which the slot is found as well,
 * and the place from 1; 0: free. */
struct slot {
    uint32_t tag, place;
};

struct block {
    char *bytes;
    size_t used;
};

struct hc_names {
    struct slot *slots;
    size_t n_slots, n;
    GArray *blocks; /* struct block */
};

/* What is looked up lies all over the memory: in pages that are large, the machine knows where those are.
 * With g_free. */
static void *large_pages(size_t size)
{
    void *memory = size % BLOCK_SIZE ? g_malloc(size) : aligned_alloc(BLOCK_SIZE, size);

    g_assert(memory);
#ifdef MADV_HUGEPAGE
    if (size % BLOCK_SIZE == 0)
        madvise(memory, size, MADV_HUGEPAGE); /* where there are none, nothing is lost */
#endif
    return memory;
}

static struct slot *slots_new(size_t n)
{
    struct slot *slots = large_pages(n * sizeof *slots);

    return memset(slots, 0,
                  n * sizeof *slots); /* memory that is read before it is written is asked for twice */
}

struct hc_names *hc_names_new(void)
{
    struct hc_names *names = g_new0(struct hc_names, 1);

    names->blocks = g_array_new(FALSE, FALSE, sizeof(struct block));
    names->n_slots = SLOTS_MIN;
    names->slots = slots_new(SLOTS_MIN);
    return names;
}

void hc_names_free(struct hc_names *names)
{
    if (!names)
        return;
    for (guint i = 0; i < names->blocks->len; i++)
        g_free(g_array_index(names->blocks, struct block, i).bytes);
    g_array_unref(names->blocks);
    g_free(names->slots);
    g_free(names);
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static size_t in_block(uint32_t place)
{
    return (size_t)(place & ((1u << PLACE_BITS) - 1)) * UNIT;
}

static struct hc_name *at(const struct hc_names *names, uint32_t place)
{
    const struct block *block = &g_array_index(names->blocks, struct block, place >> PLACE_BITS);

    return (struct hc_name *)(void *)(block->bytes + in_block(place));
}

static size_t size_of(const struct hc_name *name)
{
    return (sizeof *name + name->n + name->n_written + UNIT - 1) & ~(size_t)(UNIT - 1);
}

static bool is(const struct hc_name *name, const struct hc_name *like, const char *key)
{
    return name->n == like->n && name->kind == like->kind && name->realm == like->realm &&
           name->digest == like->digest && memcmp(name->key, key, like->n) == 0;
}

const struct hc_name *hc_names_find(const struct hc_names *names, uint64_t hash, const struct hc_name *like,
                                    const char *key)
{
    const uint32_t tag = tag_of(hash);

    for (size_t i = tag;; i++) {
        const struct slot *slot = &names->slots[i & (names->n_slots - 1)];
        if (!slot->place)
            return NULL;
        if (slot->tag == tag && is(at(names, slot->place - 1), like, key))
            return at(names, slot->place - 1);
    }
}

void hc_names_soon(const struct hc_names *names, uint64_t hash)
{
    __builtin_prefetch(&names->slots[tag_of(hash) & (names->n_slots - 1)]);
}

void hc_names_next(const struct hc_names *names, uint64_t hash)
{
    const struct slot *slot = &names->slots[tag_of(hash) & (names->n_slots - 1)];

    if (slot->place &&
        slot->tag == tag_of(hash)) { /* it may begin in one line of the cache and end in the next */
        const char *name = (const char *)at(names, slot->place - 1);
        __builtin_prefetch(name);
        __builtin_prefetch(name + 63);
    }
}

static void put(struct slot *slots, size_t n_slots, struct slot slot)
{
    size_t i = slot.tag;

    while (slots[i & (n_slots - 1)].place)
        i++;
    slots[i & (n_slots - 1)] = slot;
}

/* Another table, with those that came before this place. */
static void rebuild(struct hc_names *names, size_t n_slots, uint32_t end)
{
    struct slot *slots = slots_new(n_slots);

    names->n = 0;
    for (size_t i = 0; i < names->n_slots; i++)
        if (names->slots[i].place && names->slots[i].place - 1 < end) {
            put(slots, n_slots, names->slots[i]);
            names->n++;
        }
    g_free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
}

static struct block *last_block(const struct hc_names *names)
{
    return names->blocks->len ? &g_array_index(names->blocks, struct block, names->blocks->len - 1) : NULL;
}

uint32_t hc_names_end(const struct hc_names *names)
{
    const struct block *last = last_block(names);

    return last ? (uint32_t)(((size_t)(names->blocks->len - 1) << PLACE_BITS) + last->used / UNIT) : 0;
}

static struct hc_name *allocate(struct hc_names *names, size_t size)
{
    struct block *last = last_block(names);

    g_assert(size <= BLOCK_SIZE);
    if (!last || BLOCK_SIZE - last->used < size) {
        const struct block block = {names->blocks->len ? large_pages(BLOCK_SIZE) : g_malloc(BLOCK_SIZE), 0};
        g_assert(names->blocks->len < UINT32_MAX >> PLACE_BITS); /* 32 GiB of names */
        g_array_append_val(names->blocks, block);
        last = last_block(names);
    }
    last->used += size;
    return (struct hc_name *)(void *)(last->bytes + last->used - size);
}

void hc_names_add(struct hc_names *names, uint64_t hash, const struct hc_name *like, const char *key,
                  const char *written)
{
    const size_t size = size_of(like);
    struct hc_name *name = allocate(names, size);

    *name = *like;
    memcpy(name->key, key, like->n);
    if (like->n_written)
        memcpy(name->key + like->n, written, like->n_written);
    if (++names->n > names->n_slots / 4 * 3)
        rebuild(names, names->n_slots * 2, UINT32_MAX);
    put(names->slots, names->n_slots,
        (struct slot){tag_of(hash), hc_names_end(names) - (uint32_t)(size / UNIT) + 1});
}

void hc_names_cut(struct hc_names *names, uint32_t place)
{
    if (hc_names_end(names) == place)
        return;
    rebuild(names, names->n_slots, place);
    while (names->blocks->len > (place >> PLACE_BITS) + 1) {
        g_free(last_block(names)->bytes);
        g_array_set_size(names->blocks, names->blocks->len - 1);
    }
    last_block(names)->used = in_block(place);
}

const struct hc_name *hc_names_walk(const struct hc_names *names, uint32_t *place)
{
    const guint block = *place >> PLACE_BITS;
    const struct hc_name *name;

    if (block + 1 < names->blocks->len &&
        in_block(*place) >= g_array_index(names->blocks, struct block, block).used)
        *place = (block + 1) << PLACE_BITS; /* the rest of the block is empty */
    if (*place >= hc_names_end(names))
        return NULL;
    name = at(names, *place);
    *place += (uint32_t)(size_of(name) / UNIT);
    return name;
}
