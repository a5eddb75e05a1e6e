/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PIPE_H
#define HC_PIPE_H

#include "src/base/error.h"
#include "src/evidence/fact.h"

/*
 * Batches of facts on their way from the thread that reads to a thread of its own that stores, in order: the
 * result does not depend on how the two keep up with each other. A few batches are on their way at most, so
 * memory does not grow.
 */
struct hc_pipe;
/* Called for each batch, in the pipe's thread. After the first failure the batches that follow are
 * dropped. */
typedef bool (*hc_pipe_fn)(void *data, const struct hc_batch *batch, GError **error);

struct hc_pipe *hc_pipe_new(hc_pipe_fn each, void *data);
/* The batch to be filled, and handing it over: false when storing has failed, with its error. */
struct hc_batch *hc_pipe_batch(struct hc_pipe *pipe);
bool hc_pipe_pass(struct hc_pipe *pipe, GError **error);
/* Hands over what is left and waits until all is stored. After it, what the thread has used is the
 * caller's. */
bool hc_pipe_close(struct hc_pipe *pipe, GError **error);
/* Without hc_pipe_close before it, what is left is dropped. */
void hc_pipe_free(struct hc_pipe *pipe);

#endif
