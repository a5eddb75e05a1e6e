/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool temp_fail(const char *folder, GError **error)
{
    return hc_fail(error, HC_ERROR_DB, "%s: a temporary file: %s", folder, g_strerror(errno));
}

int hc_temp_open(const char *folder, GError **error)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) { /* a file system that has no files without a name */
        g_autofree char *name = g_build_filename(folder, "hindcast-XXXXXX", NULL);
        fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
        if (fd >= 0)
            unlink(name);
    }
    if (fd < 0)
        temp_fail(folder, error);
    return fd;
}

static void *close_it(void *data)
{
    close(GPOINTER_TO_INT(data));
    return NULL;
}

void hc_temp_close(int fd)
{
    if (fd >= 0)
        g_thread_unref(g_thread_new("close", close_it, GINT_TO_POINTER(fd)));
}

bool hc_temp_write(int fd, const void *data, size_t n, int64_t at, const char *folder, GError **error)
{
    const char *p = data;

    while (n) {
        ssize_t done = pwrite(fd, p, n, at);
        if (done < 0 && errno != EINTR)
            return temp_fail(folder, error);
        p += MAX(done, 0);
        n -= (size_t)MAX(done, 0);
        at += MAX(done, 0);
    }
    return true;
}

int64_t hc_temp_read(int fd, void *data, size_t least, size_t n, int64_t at, const char *folder,
                     GError **error)
{
    size_t have = 0;

    while (have < least) {
        ssize_t got = pread(fd, (char *)data + have, n - have, at + (int64_t)have);
        if (got == 0)
            errno = EIO;
        if (got <= 0 && errno != EINTR)
            return temp_fail(folder, error) - 1;
        have += (size_t)MAX(got, 0);
    }
    return (int64_t)have;
}
