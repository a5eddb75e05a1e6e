/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CASE_H
#define HC_CASE_H

#include "src/base/error.h"
#include "src/base/hash.h"
#include "src/base/utc.h"

/* A case folder and its case.yaml (hindcast-case(5)). A folder with only evidence/ is a case too. */

#define HC_CASE_COLUMNS_MAX 1600 /* of a table that case.yaml tells of */

struct hc_case_source {
    char *glob;    /* path or glob inside the case */
    char *zone;    /* IANA name or NULL */
    int year;      /* 0 = not given */
    int64_t clock; /* microseconds ahead */
    bool has_taken;
    int64_t taken;
    char *profile;
    char *label;
    char *columns; /* of a file that does not name them: its table, which may be empty, and the columns, a
                      line each; NULL: not said */
};

/* Findings that are known and accepted: those that all of the given keys fit. */
struct hc_case_suppression {
    char *rule, *source;                /* patterns, NULL: any */
    char *actor, *target, *fingerprint; /* NULL: any */
    char *reason;                       /* never NULL or empty */
    int line;                           /* of case.yaml */
};

/* "Nothing of this kind happened": to be looked into. */
struct hc_case_claim {
    char *name;                        /* letters a to z, digits, '-'; of each claim another */
    char **no;                         /* actions, or patterns of their names; NULL-ended, never empty */
    char *project, *by, *on, *address; /* as the evidence writes them; NULL: any */
    int64_t from, to;
    int line; /* of case.yaml */
};

/* How often a project was downloaded in a period, as somebody counted it. */
#define HC_DOWNLOADS_MAX INT64_C(1000000000000) /* of one period: more is a mistake */
struct hc_case_downloads {
    char *project;
    int64_t from, to; /* microseconds, closed */
    int64_t count;
};

/* Values for a placeholder of rules. */
struct hc_case_list {
    char *name;
    char **values;
};

struct hc_case {
    char *dir;   /* as given */
    char *title; /* never NULL */
    bool has_window;
    int64_t window_from, window_to;
    char **subjects; /* NULL-ended lists, never NULL */
    char **responders;
    char **attackers; /* accounts whose role in an incident is decided, whatever the findings say */
    char **victims;
    char **shared; /* network addresses that many use */
    char **mailboxes;
    char **authenticators; /* names under which our own hosts write Authentication-Results */
    char **authors;
    char **tags;
    char **withhold; /* texts that a public report does not show */
    bool is_public;  /* the report is for everybody */
    struct hc_case_source *sources;
    size_t n_sources;
    struct hc_case_claim *claims;
    size_t n_claims;
    struct hc_case_downloads *downloads;
    size_t n_downloads;
    struct hc_case_list *lists;
    size_t n_lists;
    struct hc_case_suppression *suppressions;
    size_t n_suppressions;
    bool from_file; /* case.yaml exists */
};

struct hc_case *hc_case_open(const char *dir, GError **error);
void hc_case_free(struct hc_case *c);
typedef struct hc_case hc_case_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_case_t, hc_case_free)

/* The settings for a path inside the case: each key from the first entry whose glob matches and that has it.
 * Zero values where nobody said anything. Strings are the case's. '*' does not cross '/', "**" does. */
struct hc_case_source hc_case_settings(const struct hc_case *c, const char *path);

/* Does a pattern with '*', '?' and "**" fit, as those of paths do? */
bool hc_case_glob(const char *glob, const char *text);

/* What tells a finding from all others in every run: of its key, and which of those with this key it is,
 * from 1. */
void hc_case_fingerprint(const char *key, size_t n, char hex[HC_SHA256_HEX]);
/* Does it fit a finding of these? A text that is not known is NULL; `source` is its path with "!member". */
bool hc_case_suppresses(const struct hc_case_suppression *s, const char *rule, const char *source,
                        const char *actor, const char *target, const char *fingerprint);

/* All that is no folder under evidence/, as paths inside the case ("evidence/mail/mail.log"), sorted
 * bytewise. Links and pipes are among them, so that they can be named as what is not read; links to folders
 * are not entered. */
GPtrArray *hc_case_files(const struct hc_case *c, GError **error);

/* DIR/hindcast.db; yours. */
char *hc_case_db(const struct hc_case *c);
char *hc_case_path(const struct hc_case *c, const char *inside);
/* Where a source of this name lies; yours. NULL for a file from outside of the case ("external/NAME") when
 * nobody says in which folder those are. */
char *hc_case_disk(const struct hc_case *c, const char *source, const char *external);

#endif
