/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/common.h"

#include "src/base/buffer.h"

struct slot {
    struct hc_buffer fields; /* names and values, with their lengths in front */
    struct hc_buffer bytes;  /* of the text */
    struct hc_common_text text;
};

struct hc_common {
    struct slot *slots;     /* NULL: nothing was shared yet, as in most sources, which are small */
    struct hc_buffer asked; /* as in a slot */
    struct slot *last;
};

struct hc_common *hc_common_new(void)
{
    return g_new0(struct hc_common, 1);
}

void hc_common_free(struct hc_common *common)
{
    if (!common)
        return;
    for (size_t i = 0; common->slots && i < HC_COMMON_SLOTS; i++) {
        hc_buffer_clear(&common->slots[i].fields);
        hc_buffer_clear(&common->slots[i].bytes);
    }
    hc_buffer_clear(&common->asked);
    g_free(common->slots);
    g_free(common);
}

static void add(struct hc_buffer *out, struct hc_str text)
{
    const uint32_t n = (uint32_t)text.n;
    char *to = hc_buffer_room(out, sizeof n + text.n);

    memcpy(to, &n, sizeof n);
    memcpy(to + sizeof n, text.n ? text.p : "", text.n);
    out->n += sizeof n + text.n;
}

static size_t slot_of(struct hc_buffer *fields)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = fields->n, word;

    memset(hc_buffer_room(fields, sizeof word), 0, sizeof word);
    for (size_t i = 0; i < fields->n; i += sizeof word) {
        memcpy(&word, fields->p + i, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    return hash & (HC_COMMON_SLOTS - 1);
}

const struct hc_common_text *hc_common_find(struct hc_common *common, const struct hc_attribute *fields,
                                            size_t n, unsigned which)
{
    struct hc_buffer *asked = &common->asked;
    struct slot *s;

    if (!common->slots)
        common->slots = g_new0(struct slot, HC_COMMON_SLOTS);
    asked->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(which >> i & 1))
            continue;
        if (asked->n + fields[i].name.n + fields[i].value.n > HC_COMMON_MAX)
            return NULL;
        add(asked, fields[i].name);
        add(asked, fields[i].value);
    }
    s = common->last = &common->slots[slot_of(asked)];
    if (s->fields.n != asked->n || memcmp(s->fields.p, asked->p, asked->n) != 0)
        s->text.text = HC_STR_NONE;
    return &s->text;
}

void hc_common_set(struct hc_common *common, const struct hc_common_text *text)
{
    struct slot *s = common->last;

    s->fields.n = s->bytes.n = 0;
    hc_buffer_add(&s->fields, common->asked.p, common->asked.n);
    hc_buffer_add(&s->bytes, text->text.p, text->text.n);
    s->text = *text;
    s->text.text.p = s->bytes.p;
}
