/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FIGURE_MODEL_H
#define HC_FIGURE_MODEL_H

#include "src/narrate/figure.h"

/* Figures to draw in the tests; yours to free. */

/* The model case (examples/pypi-2023-11-22), filled by hand. */
struct hc_figure *figure_model_case(void);
/* As many lanes as asked, each project taken over in its turn. */
struct hc_figure *figure_of_many(int accounts, int projects, int people);
/* Anything, from a seed: times near and centuries apart, swapped, equal; hostile names. */
struct hc_figure *figure_at_random(guint32 seed);

/* "2023-11-22 08:42:33.4Z" */
int64_t figure_time(const char *text);

#endif
