/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ROTATION_H
#define HC_ROTATION_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * Names of logs that were rotated: newsyslog's and logrotate's numbers (maillog.0, mail.log.2.gz,
 * mail.1.log), dates (mail.log-20231126.xz, mail.log-2023112603, mail.log.2023-11-26, mail-20231126.log) and
 * mail.log.old. Files that differ only in that, and in how they are compressed, are one log. Pure.
 */
struct hc_rotation {
    char *stem;  /* the name without it; yours */
    int64_t age; /* the older, the higher; 0: the file that is written to */
};
struct hc_rotation hc_rotation_of(const char *path);

/* Do the names of the items, in their order, go from the oldest to the youngest? */
bool hc_rotation_is_order(const GPtrArray *items, const char *(*name_of)(const void *item));

/* When a log begins, by its own clock: microseconds as if it were UTC. `yearless`: since the start of some
 * year. */
struct hc_beginning {
    bool known, yearless;
    int64_t local;
};
/*
 * Do the beginnings of files, oldest first by their names, go forward? If not, `order` gets their numbers as
 * the content has it; one whose beginning is not known stays behind the one that it stood behind. Years that
 * are not written: the files are taken to span less than one.
 */
bool hc_rotation_check(const struct hc_beginning *begins, size_t n, size_t *order);

#endif
