/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BATCH_H
#define HC_BATCH_H

#include <glib.h>

/*
 * `n` jobs, numbered from 0, up to `threads` at a time, in threads of their own; `tell` is called for each in
 * the caller's thread, in the order of their numbers, when it and those before it are done. They have all
 * ended when this returns.
 */
typedef void (*hc_batch_fn)(void *data, guint job);
void hc_batch_run(guint n, guint threads, hc_batch_fn work, hc_batch_fn tell, void *data);

#endif
