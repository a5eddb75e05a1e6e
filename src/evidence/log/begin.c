/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/begin.h"

#include "src/evidence/log/stamp.h"

#define LEAP_YEAR 1972 /* a leap year takes every day that any year has */

static bool read_begin(struct hc_str text, struct hc_beginning *begins)
{
    struct hc_stamp stamp;
    ptrdiff_t close = text.n && text.p[0] == '<' ? hc_str_chr(hc_str_head(text, 6), '>') : -1;

    text = hc_str_skip(text, (size_t)(close + 1));
    if (!hc_stamp_read(&text, &stamp) ||
        (stamp.form != HC_STAMP_LOCAL && stamp.form != HC_STAMP_NAMED && stamp.form != HC_STAMP_OFFSET))
        return false;
    begins->yearless = stamp.civil.year == 0;
    if (begins->yearless)
        stamp.civil.year = LEAP_YEAR;
    begins->known = hc_civil_utc(&stamp.civil, &begins->local);
    return begins->known;
}

void hc_log_begins(const struct hc_peek *peek, struct hc_beginning *begins)
{
    struct hc_str rest = hc_str_without_bom(peek->head);

    while (rest.n) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        struct hc_str text = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        if (read_begin(text, begins))
            return;
        rest = hc_str_skip(rest, text.n + 1);
    }
}

void hc_log_pass_bom(struct hc_input *in)
{
    const struct hc_str head = hc_input_peek(in);

    hc_input_skip(in, head.n - hc_str_without_bom(head).n);
}
