/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TEMP_H
#define HC_TEMP_H

#include "src/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file without a name in `folder`, gone with the program however it ends: its descriptor, or -1. To be
 * closed by hc_temp_close. */
int hc_temp_open(const char *folder, GError **error);
/* Gives it up, or -1. That takes as long as it is large, so a thread of its own does it. */
void hc_temp_close(int fd);
/* All of `n` bytes at `at`; `folder` is for the message. */
bool hc_temp_write(int fd, const void *data, size_t n, int64_t at, const char *folder, GError **error);
/* Between `least` and `n` bytes at `at`: how many; fewer than `least` are an error, -1. */
int64_t hc_temp_read(int fd, void *data, size_t least, size_t n, int64_t at, const char *folder,
                     GError **error);

#endif
