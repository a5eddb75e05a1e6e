/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_READING_H
#define HC_READING_H

#include "src/evidence/import.h"
#include "src/evidence/known.h"
#include "src/evidence/rotation.h"
#include "src/evidence/store.h"

/* Reading files into the store, inside of the caller's transaction: what takes each, what its records mean,
 * its members. Of import.c. */

/* What stays the same over all files of one call. */
struct hc_job {
    hc_db *db;
    struct hc_store *store;
    const struct hc_case *c;
    const struct hc_import_options *options;
    struct hc_import_result *result;
    GPtrArray *profiles;
    struct hc_scope *scope; /* NULL: everything is kept */
    size_t scoped;          /* names of it that all files so far were read with */
    const char *name;       /* of the file that is read now */
    int64_t done, total;    /* bytes of the files before it, and of all */
    guint waiting;          /* files that were read, in the transaction that is open */
    hc_db *from; /* where it was imported before, to be read in the same way; NULL: for the first time */
};

/* One file: where it lies and what it is called in the case. */
struct hc_file {
    char *disk, *name;          /* its own */
    char sha256[HC_SHA256_HEX]; /* "" while it is hashed aside */
    int64_t size;
    bool aside; /* it is hashed while it is read */
    struct hc_hashing *hashing;
    struct hc_case_source said;
    GPtrArray *members; /* names, NULL-ended, of an archive; NULL otherwise */
    GPtrArray *parts;   /* files that are read with it; NULL: none */
    bool whole;         /* an archive that is one source, not one for each member */
    bool link;          /* a symbolic link inside of the case */
    GHashTable *seen;   /* names under which members were read */
    struct hc_beside *beside;
    struct hc_zone *zone;
    enum hc_known known;
    int64_t source; /* its number, once it is read */
    int64_t row;    /* of one that is recalled: its number; `source` is that which its bytes were read as */
    char *failed;   /* why it cannot be read; its own */
    /* As one of a log's rotated files. */
    char *stem;     /* its own */
    bool alone;     /* there is no other */
    bool rotated;   /* it was read as one of them */
    bool recalled;  /* `said` is how it was read before, whatever this call asks for */
    int year_guess; /* of its first line, as a later file of the log has it; 0: none */
    int64_t age;
    struct hc_beginning begins;
    char *zone_said, *label_said,
        *columns_said; /* what `said` points to, where it is not the case's; its own */
};
void hc_file_free(struct hc_file *f);
/* What was found out for one attempt to read it. */
void hc_file_reset(struct hc_file *f);

/* Sources that are read as one, and their sinks until they are accounted for. */
struct hc_joint {
    struct hc_set *set;
    GPtrArray *sinks;
};
struct hc_joint hc_joint_new(void);
/* All were read: their accounting. */
bool hc_joint_end(struct hc_joint *joint, GError **error);
void hc_joint_clear(struct hc_joint *joint);

/* What is said of the file's zone and year, by this call or the case: NULL, 0: nothing. */
const char *hc_file_zone(const struct hc_job *job, const struct hc_file *f);
int hc_file_year(const struct hc_job *job, const struct hc_file *f);

void hc_job_tell(struct hc_job *job, const char *name, const char *text);
void hc_job_progress(const struct hc_job *job, const char *what, int64_t done);
/* Faults of the file itself are recorded; those of the case, a profile or the database end the import. */
bool hc_is_of_file(const GError *error);

/* The names of an archive's members and what lies beside the file, so that a profile can be known by them
 * before the first is read. */
bool hc_file_list(struct hc_file *f, GError **error);
/*
 * Everything of one file. `joint`: it is no archive, and one of several files that are read as one; NULL:
 * alone. Its source is set then.
 */
bool hc_file_read(struct hc_job *job, struct hc_file *f, struct hc_joint *joint, GError **error);
/* One that was imported before, for what comes behind it: nothing is stored. */
bool hc_file_recall(struct hc_job *job, struct hc_file *f, struct hc_joint *joint, GError **error);
/* A row for a file that is not read; its number, or -1. */
int64_t hc_file_add(struct hc_job *job, const struct hc_file *f, const char *status, const char *why,
                    GError **error);
/* When it begins, if its format is one of those whose rotated files are read as one. What it cannot tell is
 * left alone. */
bool hc_file_begins(struct hc_job *job, struct hc_file *f);

/* The current member of `in`. Its name as a source, which it has from then on: of several of one name the
 * second is called NAME#2. Yours. */
char *hc_member_name(const struct hc_file *f, struct hc_input *in);
bool hc_member_begins(struct hc_job *job, const struct hc_file *f, struct hc_input *in,
                      struct hc_beginning *begins);
/* Reads it; `*read` is false when no importer takes it. */
bool hc_member_read(struct hc_job *job, struct hc_file *f, struct hc_input *in, int64_t container,
                    const char *name, struct hc_joint *joint, bool *read, GError **error);
/* A member that cannot be read on leaves nothing but the row that says so: the others are read. */
bool hc_member_failed(struct hc_job *job, const struct hc_file *f, int64_t container, const char *name,
                      const char *message, GError **error);

#endif
