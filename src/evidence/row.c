/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/row.h"

#define VARINT_MAX 10
#define NUMBERS (11 + HC_FACT_PLACES)
#define TEXTS 4

static unsigned char *put(unsigned char *p, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *p++ = (unsigned char)(value | 0x80);
    *p++ = (unsigned char)value;
    return p;
}

static const unsigned char *get(const unsigned char *p, uint64_t *value)
{
    unsigned shift = 0;

    for (*value = 0; *p & 0x80; shift += 7)
        *value |= (uint64_t)(*p++ & 0x7f) << shift;
    *value |= (uint64_t)*p << shift;
    return p + 1;
}

#define PART 5 /* numbers */

/* Small numbers stay small, whatever their sign. */
static uint64_t folded(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static int64_t unfolded(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (~(value & 1) + 1));
}

void hc_parts_pack(const struct hc_event_part *parts, size_t n, struct hc_buffer *out)
{
    const struct hc_event_part none = {0}, *before = &none;

    for (size_t i = 0; i < n; before = &parts[i++]) {
        const struct hc_locator *at = &parts[i].at;
        unsigned char *start = (unsigned char *)hc_buffer_room(out, (size_t)PART * VARINT_MAX), *p = start;
        p = put(p, folded(parts[i].source - before->source));
        p = put(p, folded(at->record - before->at.record));
        p = put(p, folded(at->line - at->record - (before->at.line - before->at.record)));
        p = put(p, folded(at->offset - before->at.offset));
        p = put(p, folded(at->length));
        out->n += (size_t)(p - start);
    }
}

bool hc_parts_next(struct hc_str *packed, struct hc_event_part *part)
{
    const unsigned char *p = (const unsigned char *)packed->p;
    const int64_t beside = part->at.line - part->at.record;
    uint64_t numbers[PART];

    if (!packed->n)
        return false;
    for (int i = 0; i < PART; i++)
        p = get(p, &numbers[i]);
    part->source += unfolded(numbers[0]);
    part->at.record += unfolded(numbers[1]);
    part->at.line = part->at.record + beside + unfolded(numbers[2]);
    part->at.offset += unfolded(numbers[3]);
    part->at.length = unfolded(numbers[4]);
    *packed = hc_str_skip(*packed, (size_t)((const char *)p - packed->p));
    return true;
}

void hc_row_pack(const struct hc_row *row, struct hc_buffer *out)
{
    const struct hc_str texts[TEXTS] = {row->raw_time, row->text, row->fields, row->parts};
    const uint64_t numbers[NUMBERS - HC_FACT_PLACES] = {
        (uint64_t)row->time.earliest, (uint64_t)(row->time.latest - row->time.earliest), row->time.precision, row->time.basis,
        (uint64_t)row->at.record,     (uint64_t)row->at.line,  (uint64_t)row->at.offset, (uint64_t)row->at.length,
        row->action,                  row->outcome << 1 | row->more, row->raw_form};
    unsigned char head[(NUMBERS + TEXTS) * VARINT_MAX + sizeof row->row_key], *p = head;

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        p = put(p, numbers[i]);
    for (size_t i = 0; i < HC_FACT_PLACES; i++)
        p = put(p, (uint64_t)row->ids[i]);
    memcpy(p, &row->row_key, sizeof row->row_key);
    p += sizeof row->row_key;
    for (size_t i = 0; i < TEXTS; i++)
        p = put(p, texts[i].p ? texts[i].n + 1 : 0);
    hc_buffer_add(out, head, (size_t)(p - head));
    for (size_t i = 0; i < TEXTS; i++)
        hc_buffer_add(out, texts[i].p, texts[i].n);
}

void hc_row_unpack(const void *packed, struct hc_row *row)
{
    struct hc_str *const texts[TEXTS] = {&row->raw_time, &row->text, &row->fields, &row->parts};
    const unsigned char *p = packed;
    uint64_t numbers[NUMBERS], n[TEXTS];

    for (size_t i = 0; i < NUMBERS; i++)
        p = get(p, &numbers[i]);
    memcpy(&row->row_key, p, sizeof row->row_key);
    p += sizeof row->row_key;
    for (size_t i = 0; i < TEXTS; i++)
        p = get(p, &n[i]);
    row->time = (struct hc_time){(int64_t)numbers[0], (int64_t)(numbers[0] + numbers[1]), (enum hc_precision)numbers[2], (unsigned)numbers[3]};
    row->at = (struct hc_locator){(int64_t)numbers[4], (int64_t)numbers[5], (int64_t)numbers[6], (int64_t)numbers[7]};
    row->action = (unsigned)numbers[8];
    row->outcome = (unsigned)numbers[9] >> 1;
    row->more = numbers[9] & 1;
    row->raw_form = (unsigned)numbers[10];
    for (size_t i = 0; i < HC_FACT_PLACES; i++)
        row->ids[i] = (int64_t)numbers[NUMBERS - HC_FACT_PLACES + i];
    for (size_t i = 0; i < TEXTS; i++) {
        *texts[i] = n[i] ? hc_str_n((const char *)p, n[i] - 1) : HC_STR_NONE;
        p += texts[i]->n;
    }
}
