/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/witnesses.h"

#define VARINT_MAX 10

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

/* It stands in the event's row: in the same source, and both have lines or neither. */
static bool stands_in_row(const struct hc_event *e, const struct hc_event_part *part)
{
    return !part->source && !e->at.line == !part->at.line;
}

void hc_parts_pack(const struct hc_event *e, struct hc_buffer *out)
{
    const struct hc_event_part none = {0}, *before = &none;

    for (size_t i = 0; i < e->n_parts; i++) {
        const struct hc_event_part *part = &e->parts[i];
        unsigned char *start, *p;
        if (stands_in_row(e, part))
            continue;
        start = p = (unsigned char *)hc_buffer_room(out, (size_t)PART * VARINT_MAX);
        p = put(p, folded(part->source - before->source));
        p = put(p, folded(part->at.record - before->at.record));
        p = put(p, folded(part->at.line - part->at.record - (before->at.line - before->at.record)));
        p = put(p, folded(part->at.offset - before->at.offset));
        p = put(p, folded(part->at.length));
        out->n += (size_t)(p - start);
        before = part;
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

#define DIGITS_MAX 20 /* of a number, with its sign */

static char *put_number(char *p, int64_t value)
{
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value, limit = 10;
    unsigned n = 1;

    if (value < 0)
        *p++ = '-';
    for (; left >= limit && n < DIGITS_MAX - 1; limit *= 10)
        n++;
    for (unsigned i = n; i--; left /= 10)
        p[i] = (char)('0' + left % 10);
    return p + n;
}

static void write_line(const struct hc_locator *own, const struct hc_locator *at, struct hc_buffer *out)
{
    const int64_t beyond = (at->line - at->record) - (own->line - own->record);
    char *start = hc_buffer_room(out, sizeof "[[,,,]]" + 4 * (size_t)DIGITS_MAX), *p = start;

    *p++ = ',';
    *p++ = '[';
    p = put_number(p, at->record - own->record);
    *p++ = ',';
    p = put_number(p, at->offset - own->offset);
    *p++ = ',';
    p = put_number(p, at->length);
    if (beyond) {
        *p++ = ',';
        p = put_number(p, beyond);
    }
    *p++ = ']';
    out->n += (size_t)(p - start);
}

static int by_offset(const void *a, const void *b, void *unused)
{
    const struct hc_event_part *const *x = a, *const *y = b;
    const int64_t i = (*x)->at.offset, j = (*y)->at.offset;

    (void)unused;
    return i < j ? -1 : i > j;
}

/* They mostly come in order; the sort is stable. */
static void sort_lines(const struct hc_event_part **lines, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (lines[i - 1]->at.offset > lines[i]->at.offset) {
            g_qsort_with_data(lines, (int)n, sizeof(const struct hc_event_part *), by_offset, NULL);
            return;
        }
}

void hc_lines_write(const struct hc_event *e, struct hc_buffer *out)
{
    g_autofree const struct hc_event_part **lines = g_new(const struct hc_event_part *, e->n_parts + 1);
    const size_t at = out->n;
    size_t n = 0;

    for (size_t i = 0; i < e->n_parts; i++)
        if (stands_in_row(e, &e->parts[i]))
            lines[n++] = &e->parts[i];
    sort_lines(lines, n);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || lines[i - 1]->at.offset != lines[i]->at.offset)
            write_line(&e->at, &lines[i]->at, out);
    if (out->n > at) {
        out->p[at] = '[';
        hc_buffer_add(out, "]", 1);
    }
}
