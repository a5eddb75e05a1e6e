/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/file.h"

#include "src/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)

/* A pipe without writer would not return. */
int hc_file_open(const char *path, int flags, int64_t *size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *size = st.st_size;
        return fd;
    }
    hc_fail(error, HC_ERROR_INPUT, "%s: %s", path, fd < 0 ? g_strerror(errno) : "is not a file");
    if (fd >= 0)
        close(fd);
    return -1;
}

bool hc_file_hash(const char *path, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    g_autofree unsigned char *block = g_malloc(BLOCK_SIZE);
    int fd = hc_file_open(path, 0, size, error);
    struct hc_sha256 *hash;
    ssize_t n;

    if (fd < 0)
        return false;
    hash = hc_sha256_new();
    *size = 0;
    while ((n = read(fd, block, BLOCK_SIZE)) > 0) {
        hc_sha256_add(hash, block, (size_t)n);
        *size += n;
    }
    hc_sha256_end(hash, hex);
    close(fd);
    return n == 0 || hc_fail(error, HC_ERROR_INPUT, "%s: %s", path, g_strerror(errno));
}

struct hc_hashing {
    GThread *thread;
    char *path;
    char hex[HC_SHA256_HEX];
    int64_t size;
    GError *failed;
};

static void *hash_aside(void *data)
{
    struct hc_hashing *h = data;

    hc_file_hash(h->path, h->hex, &h->size, &h->failed);
    return NULL;
}

struct hc_hashing *hc_hashing_start(const char *path)
{
    struct hc_hashing *h = g_new0(struct hc_hashing, 1);

    h->path = g_strdup(path);
    h->thread = g_thread_new("hash", hash_aside, h);
    return h;
}

bool hc_hashing_end(struct hc_hashing *h, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    bool ok;

    g_thread_join(h->thread);
    ok = !h->failed;
    if (ok) {
        memcpy(hex, h->hex, HC_SHA256_HEX);
        *size = h->size;
    } else {
        g_propagate_error(error, h->failed);
    }
    g_free(h->path);
    g_free(h);
    return ok;
}
