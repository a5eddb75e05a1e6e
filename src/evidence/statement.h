/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STATEMENT_H
#define HC_STATEMENT_H

#include "src/base/str.h"

/*
 * What of an SQL statement may be kept: its words, and of its texts and numbers those of which it names the
 * column, where that name does not sound like a secret (hc_sketch_is_secret): the values of an INSERT with a
 * list of columns, and what a column is compared with or set to. All other texts become '?', as those of
 * statements that set passwords of the database itself do. Comments are left out, blanks made one. Behind
 * what databases read in different ways (a backslash before a quote, a dollar quote) or what does not end, it
 * stops with "...".
 *
 *   insert into users (name, password) values ('kit', 'x')  ->  insert into users (name, password) values
 * ('kit', ?)
 */
#define HC_STATEMENT_MAX (64u << 10) /* bytes of a statement that are looked at; behind them it stops */

/* Appends to `out`. */
void hc_statement_open(struct hc_str sql, GString *out);

#endif
