/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/members.h"

#include "src/base/archivereader.h"
#include "src/base/archivesigns.h"

#include <errno.h>
#include <unistd.h>

#define HEAD_SIZE ((size_t)64 << 10) /* of a member, to see what it is */

static const char trailed[] = "bytes that are not compressed follow those that are: they were not read";

struct hc_members {
    enum hc_reading reading;
    int fd;
    struct hc_str memory;
    bool has_data; /* an empty file is no input for libarchive */
    struct hc_archive *outer;
    struct hc_archive *inner; /* what is packed inside of a member of the outer one; NULL: nothing */
    bool started, ended, many;
    char *name, *outer_name;
    char *refusal; /* why the present member cannot be read, where its archive does not say it */
    char *fault;   /* why it could not be read on, though something came before; else NULL */
    bool gave;     /* something of it was read */
    /* The head of the outer one's member, and how much of it was handed on. */
    unsigned char *head;
    size_t n_head, head_taken;
    char *head_failed;    /* why there is no more than the head; NULL: there may be */
    unsigned char *piece; /* what follows, on its way to the inner one */
    int64_t plain;        /* how much of a plain file was read */
    bool beyond;          /* the inner one has asked for more than the head */
};

/* From the start. */
static void open_outer(struct hc_members *m, enum hc_archive_as as)
{
    hc_archive_free(m->outer);
    m->outer = hc_archive_of_file(m->fd, m->memory, as);
}

struct hc_members *hc_members_new(int fd, struct hc_str memory, int64_t size, enum hc_reading reading)
{
    struct hc_members *m = g_new0(struct hc_members, 1);

    m->reading = reading;
    m->fd = fd;
    m->memory = memory;
    m->has_data = size > 0;
    if (m->has_data)
        open_outer(m, reading == HC_READ_BYTES ? HC_ARCHIVE_AS_BYTES : HC_ARCHIVE_AS_ANY);
    return m;
}

static void close_inner(struct hc_members *m)
{
    g_clear_pointer(&m->inner, hc_archive_free);
    g_clear_pointer(&m->head_failed, g_free);
    m->n_head = m->head_taken = 0;
    m->beyond = false;
}

void hc_members_free(struct hc_members *m)
{
    if (!m)
        return;
    close_inner(m);
    hc_archive_free(m->outer);
    g_free(m->head);
    g_free(m->piece);
    g_free(m->name);
    g_free(m->outer_name);
    g_free(m->refusal);
    g_free(m->fault);
    g_free(m);
}

/* The end comes at once: of an archive without files; of an empty text; or of a text that begins with NULs (a
 * log that was cut while it was written), which is taken for the end of a tar. `*rc` is that of its header
 * then. */
static void end_at_once(struct hc_members *m, int *rc)
{
    if (hc_archive_kind(m->outer) == HC_ARCHIVE_TAR && hc_archive_count(m->outer) == 0) {
        open_outer(m, HC_ARCHIVE_AS_FILE);
        *rc = hc_archive_next(m->outer);
    }
    if (*rc == 0 && hc_archive_kind(m->outer) == HC_ARCHIVE_EMPTY)
        m->has_data = false;
    else
        m->many = *rc == 0;
}

/* Reads ahead in the outer one's member. Why it cannot be read on is told when what there is was read. */
static void read_head(struct hc_members *m)
{
    int64_t n = 1;

    if (!m->head)
        m->head = g_malloc(HEAD_SIZE);
    m->n_head = m->head_taken = 0;
    while (m->n_head < HEAD_SIZE &&
           (n = hc_archive_read(m->outer, m->head + m->n_head, HEAD_SIZE - m->n_head)) > 0)
        m->n_head += (size_t)n;
    if (n < 0)
        m->head_failed = g_strdup(hc_archive_why(m->outer));
}

/* The bytes of the outer one's member: the head, then what follows it. */
static int64_t more_of_member(void *data, const void **bytes, const char **why)
{
    struct hc_members *m = data;
    int64_t n;

    if (m->head_taken < m->n_head) {
        *bytes = m->head;
        m->head_taken = m->n_head;
        return (int64_t)m->n_head;
    }
    if (m->head_failed)
        return 0;
    if (!m->piece)
        m->piece = g_malloc(HEAD_SIZE);
    n = hc_archive_read(m->outer, m->piece, HEAD_SIZE);
    m->beyond = m->beyond || n > 0;
    *bytes = m->piece;
    if (n < 0)
        *why = hc_archive_why(m->outer);
    return n;
}

/* `inside`: of the inner one. */
static void set_name(struct hc_members *m, bool inside)
{
    const char *name = inside ? hc_archive_name(m->inner) : NULL;

    g_free(m->name);
    m->name = inside ? g_strdup_printf("%s!%s", m->outer_name, name ? name : "") : g_strdup(m->outer_name);
}

/*
 * The first of what is inside of the outer one's member: 1; 0 = an archive without files. What only looked as
 * if it were packed is left as it is; what is packed and cannot be opened fails when it is read, so that the
 * members behind it can be.
 */
static int open_inner(struct hc_members *m)
{
    int rc;

    m->inner = hc_archive_inside(m->outer, hc_unpackfile_is(m->head, m->n_head), more_of_member, m);
    rc = hc_archive_next(m->inner);
    if (rc == 1) {
        set_name(m, hc_archive_kind(m->inner) != HC_ARCHIVE_RAW);
        return 1;
    }
    if (!hc_archive_fault(m->inner) && rc == 0)
        return 0;
    if (hc_archive_fault(m->inner) || m->beyond)
        m->refusal = g_strdup(hc_archive_why(m->inner));
    g_clear_pointer(&m->inner, hc_archive_free);
    m->head_taken = m->refusal ? m->n_head : 0;
    return 1;
}

/*
 * The next one of the archive that is inside: 1, 0 = no more. Where it cannot be read on it is a member
 * itself, which fails when it is read.
 */
static int next_inner(struct hc_members *m)
{
    const char *why;
    int rc;

    if (!m->inner || hc_archive_kind(m->inner) == HC_ARCHIVE_RAW)
        return 0;
    rc = hc_archive_next(m->inner);
    if (rc == 1)
        set_name(m, true);
    else if (rc == 0)
        hc_archive_read_on(m->inner, &why); /* it has to end well, too */
    if (rc == 1 || (rc == 0 && !hc_archive_fault(m->inner)))
        return rc;
    m->refusal = g_strdup(hc_archive_why(m->inner));
    close_inner(m);
    set_name(m, false);
    return 1;
}

static int next_empty(struct hc_members *m)
{
    m->ended = m->started;
    m->started = true;
    if (!m->name)
        m->name = g_strdup("");
    return m->ended ? 0 : 1;
}

/* All members were read: is that the end of the file too? 0, -1 = it is not. */
static int end_of_outer(struct hc_members *m, const char **why)
{
    bool read_on = false;

    m->ended = true;
    if (m->many && !hc_archive_has_end_mark(m->outer))
        *why = "the archive ends without its end mark: if it was cut there, members are missing";
    else if (m->many && hc_archive_kind(m->outer) == HC_ARCHIVE_ZIP && hc_archive_is_unpacked(m->outer) &&
             !hc_archive_zip_directory(m->fd, m->memory))
        *why = "the archive ends without its directory: it was cut, and members may be missing";
    else
        read_on = hc_archive_read_on(m->outer, why);
    if (hc_archive_fault(m->outer))
        *why = hc_archive_fault(m->outer);
    else if (m->many && read_on && hc_archive_trailed(m->outer))
        *why = trailed;
    return *why ? -1 : 0;
}

/* The first of the file itself, or the end; as what it is read may have to be another thing than it looked
 * like. */
static int first_outer(struct hc_members *m)
{
    int rc = hc_archive_next(m->outer);

    if (hc_archive_fault(m->outer) && rc != 1)
        return rc;
    if (rc == 0)
        end_at_once(m, &rc);
    if (rc == 1 && hc_archive_kind(m->outer) == HC_ARCHIVE_TAR && hc_archive_is_unpacked(m->outer) &&
        !hc_archive_tar_checksum(m->fd, m->memory)) {
        open_outer(m, HC_ARCHIVE_AS_FILE);
        rc = hc_archive_next(m->outer);
    }
    return rc;
}

/* The next one of the file itself: 1, 0 = no more, -1 = failed; *again: what was there has nothing in it. */
static int next_outer(struct hc_members *m, bool *again, const char **why)
{
    const char *name = "";
    int rc = m->started ? hc_archive_next(m->outer) : first_outer(m);

    *again = false;
    if (rc != 1 && (*why = hc_archive_fault(m->outer)))
        return -1;
    if (!m->has_data)
        return next_empty(m);
    m->started = true;
    if (rc < 0)
        *why = hc_archive_why(m->outer);
    if (rc != 1)
        return rc == 0 ? end_of_outer(m, why) : -1;
    m->many = hc_archive_kind(m->outer) != HC_ARCHIVE_RAW;
    if (m->many && !(name = hc_archive_name(m->outer))) {
        *why = "a member has no name";
        return -1;
    }
    g_free(m->outer_name);
    m->outer_name = g_strdup(name);
    set_name(m, false);
    if (!m->many || m->reading == HC_READ_PACKED)
        return 1;
    read_head(m);
    if (!hc_archive_packed(m->head, m->n_head))
        return 1;
    rc = open_inner(m);
    *again = rc == 0;
    return rc;
}

static int next(struct hc_members *m, const char **why)
{
    bool again = true;
    int rc;

    g_clear_pointer(&m->refusal, g_free);
    g_clear_pointer(&m->fault, g_free);
    m->gave = false;
    m->ended = m->ended || (m->has_data && m->started && !m->many);
    rc = m->ended ? 0 : next_inner(m);
    if (rc != 0 || m->ended)
        return rc;
    if (!m->has_data)
        return next_empty(m);
    while (again) {
        close_inner(m);
        rc = next_outer(m, &again, why);
    }
    return rc;
}

int hc_members_next(struct hc_members *m, const char **why)
{
    *why = NULL;
    return next(m, why);
}

const char *hc_members_name(const struct hc_members *m)
{
    return m->name ? m->name : "";
}

const char *hc_members_own_name(const struct hc_members *m)
{
    bool inside = m->inner && hc_archive_kind(m->inner) != HC_ARCHIVE_RAW;

    return inside ? m->name + strlen(m->outer_name) + 1 : hc_members_name(m);
}

bool hc_members_are_many(const struct hc_members *m)
{
    return m->many;
}

bool hc_members_are_plain(const struct hc_members *m)
{
    return m->has_data && !m->many && hc_archive_is_unpacked(m->outer);
}

const char *hc_members_packed(const struct hc_members *m)
{
    return m->outer ? hc_archive_packing(m->outer) : NULL;
}

/* What is neither packed nor an archive needs nobody to copy it. */
static int64_t read_plain(struct hc_members *m, void *block, size_t n, const char **why)
{
    ssize_t got;

    do {
        got = pread(m->fd, block, n, m->plain);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        *why = g_strerror(errno);
    m->plain += MAX(got, 0);
    return got;
}

/* The next bytes, as far as nothing is wrong with them; at a fault of the bytes, 0 with `*why`. */
static int64_t read_content(struct hc_members *m, void *block, size_t n, const char **why)
{
    struct hc_archive *from = m->inner ? m->inner : m->outer;
    int64_t got;

    if (!m->inner && m->head_taken < m->n_head) {
        n = MIN(n, m->n_head - m->head_taken);
        memcpy(block, m->head + m->head_taken, n);
        m->head_taken += n;
        return (int64_t)n;
    }
    if (m->refusal || (!m->inner && m->head_failed)) {
        *why = m->refusal ? m->refusal : m->head_failed;
        return 0;
    }
    if (hc_members_are_plain(m) && m->fd >= 0)
        return read_plain(m, block, n, why);
    got = hc_archive_read(from, block, n);
    if (got < 0)
        *why = hc_archive_why(from);
    else if (got == 0 && hc_archive_kind(from) == HC_ARCHIVE_RAW)
        *why = hc_archive_fault(from);
    return got < 0 && hc_archive_failed_by_bytes(from) ? 0 : got;
}

int64_t hc_members_read(struct hc_members *m, void *block, size_t n, const char **why)
{
    int64_t got;

    if (!m->has_data || m->fault)
        return 0;
    *why = NULL;
    got = read_content(m, block, n, why);
    m->gave = m->gave || got > 0;
    if (got != 0 || !*why)
        return got;
    if (!m->gave)
        return -1;
    m->fault = g_strdup(*why);
    return 0;
}

const char *hc_members_fault(const struct hc_members *m)
{
    return m->fault;
}

const char *hc_members_remark(const struct hc_members *m)
{
    const struct hc_archive *of = m->inner ? m->inner : m->many ? NULL : m->outer;

    return of && hc_archive_trailed(of) ? trailed : NULL;
}

int64_t hc_members_taken(const struct hc_members *m)
{
    if (m->plain)
        return m->plain;
    return m->outer ? hc_archive_taken(m->outer) : 0;
}
