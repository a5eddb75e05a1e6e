/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MODEL_H
#define HC_MODEL_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/base/event.h"

/*
 * Everything a report says, read from the case database before a word is written; const from then on. Names
 * are as evidence writes them (hostile text). Times are UTC microseconds.
 */

/* What kind of system a source comes from; its letter marks entries of the timeline. */
enum m_system { M_DATABASE, M_MAIL_LOG, M_MAILBOX, M_CHAT, M_AUDIT, M_TICKETS, M_SYSTEMS };

struct m_source {
    int64_t id;
    char *path; /* with "!member" */
    char *sha256, *label, *title, *zone, *status;
    enum m_system system;
    bool member, dated, has_taken, taken_given,
        narrowed;     /* narrowed: only what touches some names was kept */
    bool damaged;     /* it, or what is in it, was cut, damaged or changed after it was packed */
    bool unexplained; /* no profile says what its records mean */
    int64_t records, rejected, ignored, first, last, taken, clock;
};

/* One place that attests an act. */
struct m_attest {
    const struct m_source *source;
    int64_t line;
    char *type, *how,
        *native; /* native record type; 'record', 'copy', 'notice', ...; what it says itself, or NULL */
};

struct m_act {
    int64_t id, time, until;
    bool has_time, inferred;
    enum hc_action action;
    char *actor, *target, *object, *role, *text, *title, *why, *phase, *because, *fold;
    bool actor_is_account; /* not a mailbox, and known */
    GArray *attests;       /* struct m_attest, by source path and line */
};

struct m_notice {
    int64_t act, sent, delivered;
    char *mailbox, *subject, *role; /* role of the mailbox: "owner-mailbox", "other-mailbox" or NULL */
    enum hc_action action;
};

struct m_metric {
    char *name;
    int64_t least, most; /* least -1: only the upper bound is known */
    const struct m_act *from, *to;
};

/* How long a project was in wrong hands. */
struct m_exposure {
    char *project, *named;                   /* named: versions released in it, a JSON array */
    const struct m_act *from, *to;           /* to NULL: its end is not in the evidence */
    int64_t least, most;                     /* -1: not known */
    int64_t releases;                        /* -1: cannot be told */
    int64_t downloads_least, downloads_most; /* -1: not given */
};

/* A claim, a gap or a lesson: its name and figures. */
struct m_statement {
    char *name, *verdict, *facts; /* verdict only of claims; facts is a JSON object */
    int64_t from, to, examined, matched;
    char *entity;
    const struct m_act *act;
};

struct m_cite {
    char *of, *name, *fact, *text;
    const struct m_source *source;
    int64_t line;
};

struct m_finding {
    char *rule, *level, *title, *message;
    GPtrArray *acts; /* const struct m_act *, its steps */
};

/* An address that is no reason to be in an incident. */
/* A name that stands for a party of the incident, or might be taken for it. */
struct m_identity {
    char *relation;                           /* 'is', 'looks-like', 'restored-as', 're-registered' */
    char *name, *member, *strength, *because; /* strength NULL: they are not joined */
    char *path;                               /* of a record that says so; NULL: none */
    int64_t line;
};

struct m_shared {
    char *address;
    int64_t
        accounts; /* without a part in the incident, that acted from it; 0: case.yaml says that many use it */
};

/* What a report can say of an incident. */
enum m_style {
    M_NOTHING,
    M_TAKEOVER, /* accounts were used to hand projects over, and are known, as is who got them */
    M_FINDING,  /* what rules found, told by their words */
    M_SUBJECT   /* nothing accuses anybody: what the evidence holds on what case.yaml names */
};

struct model {
    const struct hc_case *c;
    enum m_style style;
    int64_t number;           /* of the incident, from 1; 0: none */
    char *restored, *service; /* service: title of the registry's profile */
    GPtrArray *taken, *other; /* char *, accounts; the one of the finding that it is told by first */
    GPtrArray *subjects, *projects, *addresses; /* char * */
    GPtrArray *mailboxes;                       /* char *: of those who suffered */
    GPtrArray *responders;                      /* char *, by first act in the incident */
    GPtrArray *admins;                          /* char *: all responders that the case file names */
    GPtrArray *acts;                            /* struct m_act *, by time */
    GArray *identities;                         /* struct m_identity: of its parties */
    GArray *notices, *metrics, *claims, *asked, *gaps, *lessons, *cites, *findings, *shared,
        *exposures;     /* asked: claims of the case file */
    GPtrArray *sources; /* struct m_source *, by path */
    int64_t cut_off;    /* the latest instant that any source covers */
};

/* The numbers of the incidents of the case, int64_t, in order. */
GArray *model_incidents(hc_db *db, GError **error);
/* One incident, or with 0 the case without any. */
struct model *model_load(hc_db *db, const struct hc_case *c, int64_t incident, GError **error);
void model_free(struct model *m);
typedef struct model model_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(model_t, model_free)

const struct m_act *model_act(const struct model *m, int64_t id);
/* The first act of this kind (and phase, unless NULL), or NULL. */
const struct m_act *model_first(const struct model *m, enum hc_action action, const char *phase);
const struct m_metric *model_metric(const struct model *m, const char *name);
const struct m_statement *model_statement(const GArray *list, const char *name);
/* A figure of a statement: -1 when there is none; the text is yours, or NULL. */
int64_t fact_number(const struct m_statement *s, const char *name);
char *fact_string(const struct m_statement *s, const char *name);
/* The letter that marks a system: D, M, B, C, A, T. */
char system_letter(enum m_system system);
bool is_responder(const struct model *m, const char *name);
/* Was the source read? And all of what lies in the case, with nothing rejected, passed over or without
 * meaning? */
bool was_read(const struct m_source *s);
bool all_was_read(const struct model *m);

#endif
