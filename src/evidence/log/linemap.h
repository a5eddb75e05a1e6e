/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_LINEMAP_H
#define HC_LOG_LINEMAP_H

#include "src/evidence/log/line.h"

/*
 * What hc_line_split finds in a line, in few bytes and without the text: lines are split before they are read
 * (hc_input_look), by a thread that has nothing but the line. hc_linemap_split then gives what hc_line_split
 * gives of the same text, wherever it lies.
 */
enum hc_linemap_part {
    HC_LINEMAP_STAMP,
    HC_LINEMAP_ZONE,
    HC_LINEMAP_HOST,
    HC_LINEMAP_PROGRAM,
    HC_LINEMAP_PID,
    HC_LINEMAP_MESSAGE,
    HC_LINEMAP_PRIORITY,
    HC_LINEMAP_ID,
    HC_LINEMAP_DATA,
    HC_LINEMAP_PARTS
};

#define HC_LINEMAP_MAX (UINT16_MAX - 1u) /* bytes of a line; a longer one is split when it is read */

struct hc_linemap {
    uint16_t at[HC_LINEMAP_PARTS], n[HC_LINEMAP_PARTS]; /* n: UINT16_MAX where there is none */
    int16_t year;
    uint8_t month, day, hour, minute, second;
    uint8_t form, precision;
    char mark;
    bool known; /* false: it is no such line, or too long */
    int32_t us, east;
};

/* An hc_look_fn: `map` is a struct hc_linemap, `data` is not used. */
void hc_linemap_make(const void *data, struct hc_str text, void *map);
/* As hc_line_split. `map`: of this text; NULL: nobody has made one. */
bool hc_linemap_split(const struct hc_linemap *map, struct hc_str text, struct hc_logline *line);

#endif
