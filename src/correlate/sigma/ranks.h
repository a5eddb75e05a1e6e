/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_RANKS_H
#define HC_SIGMA_RANKS_H

#include <glib.h>
#include <stdint.h>

/* Inside of correlations: what a window asks of the numbers in it, in as many steps as their count has bits.
 */

/* Numbers of a fixed set that come and go, each as often as it likes; none is NaN. */
struct sigma_ranks;
struct sigma_ranks *sigma_ranks_new(const double *numbers, size_t n);
void sigma_ranks_free(struct sigma_ranks *ranks);
/* One of the set comes (1), or goes again (-1). */
void sigma_ranks_change(struct sigma_ranks *ranks, double number, int by);
/* Of those that are there the k-th in ascending order, from 0; there are more than k. */
double sigma_ranks_at(const struct sigma_ranks *ranks, size_t k);

/* A list in which the next entry that is large enough is found. */
struct sigma_peaks;
struct sigma_peaks *sigma_peaks_new(size_t n);
void sigma_peaks_free(struct sigma_peaks *peaks);
void sigma_peaks_set(struct sigma_peaks *peaks, size_t at,
                     int64_t value); /* all, before the first question */
void sigma_peaks_ready(struct sigma_peaks *peaks);
/* The first place from `from` on whose value is at least that; n: there is none. */
size_t sigma_peaks_next(const struct sigma_peaks *peaks, size_t from, int64_t least);

#endif
