/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/linemap.h"

/* False: it lies in another text, and is not empty. */
static bool put(struct hc_linemap *map, enum hc_linemap_part which, struct hc_str text, struct hc_str part)
{
    bool inside = part.p && part.p >= text.p && part.p <= text.p + text.n;

    map->at[which] = inside ? (uint16_t)(part.p - text.p) : 0;
    map->n[which] = inside ? (uint16_t)part.n : UINT16_MAX;
    return inside || !part.n;
}

static void put_stamp(struct hc_linemap *map, const struct hc_stamp *s)
{
    map->form = (uint8_t)s->form;
    map->precision = (uint8_t)s->precision;
    map->mark = s->mark;
    map->east = s->east;
    map->year = (int16_t)s->civil.year;
    map->month = (uint8_t)s->civil.month;
    map->day = (uint8_t)s->civil.day;
    map->hour = (uint8_t)s->civil.hour;
    map->minute = (uint8_t)s->civil.minute;
    map->second = (uint8_t)s->civil.second;
    map->us = s->civil.us;
}

void hc_linemap_make(const void *data, struct hc_str text, void *to)
{
    struct hc_linemap *map = to;
    struct hc_logline l = {0};

    (void)data;
    map->known = text.n <= HC_LINEMAP_MAX && hc_line_split(text, &l);
    if (!map->known)
        return;
    put_stamp(map, &l.written);
    map->known = put(map, HC_LINEMAP_STAMP, text, l.stamp) &&
                 put(map, HC_LINEMAP_ZONE, text, l.written.zone) && put(map, HC_LINEMAP_HOST, text, l.host) &&
                 put(map, HC_LINEMAP_PROGRAM, text, l.program) && put(map, HC_LINEMAP_PID, text, l.pid) &&
                 put(map, HC_LINEMAP_MESSAGE, text, l.message) &&
                 put(map, HC_LINEMAP_PRIORITY, text, l.priority) && put(map, HC_LINEMAP_ID, text, l.id) &&
                 put(map, HC_LINEMAP_DATA, text, l.data);
}

static struct hc_str get(const struct hc_linemap *map, enum hc_linemap_part which, const char *text)
{
    return map->n[which] == UINT16_MAX ? HC_STR_NONE : hc_str_n(text + map->at[which], map->n[which]);
}

bool hc_linemap_split(const struct hc_linemap *map, struct hc_str text, struct hc_logline *l)
{
    if (!map || !map->known)
        return hc_line_split(text, l);
    l->stamp = get(map, HC_LINEMAP_STAMP, text.p);
    l->host = get(map, HC_LINEMAP_HOST, text.p);
    l->program = get(map, HC_LINEMAP_PROGRAM, text.p);
    l->program.p = l->program.p ? l->program.p : "";
    l->pid = get(map, HC_LINEMAP_PID, text.p);
    l->message = get(map, HC_LINEMAP_MESSAGE, text.p);
    l->message.p = l->message.p ? l->message.p : "";
    l->priority = get(map, HC_LINEMAP_PRIORITY, text.p);
    l->id = get(map, HC_LINEMAP_ID, text.p);
    l->data = get(map, HC_LINEMAP_DATA, text.p);
    l->written = (struct hc_stamp){
        .form = (enum hc_stamp_form)map->form,
        .precision = (enum hc_precision)map->precision,
        .civil = {map->year, map->month, map->day, map->hour, map->minute, map->second, map->us},
        .east = map->east,
        .zone = get(map, HC_LINEMAP_ZONE, text.p),
        .mark = map->mark,
        .text = l->stamp};
    return true;
}
