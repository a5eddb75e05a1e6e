/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WORLD_H
#define HC_WORLD_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/base/event.h"
#include "src/base/pattern.h"
#include "src/correlate/sigma/rules.h"

/* Inside of src/correlate: what all passes share, and acts as they are built. */

struct world {
    hc_db *db;
    const struct hc_case *c;
    const struct hc_sigma_rules *rules;
    GArray *canonical;  /* int64_t by entity id: the entity that it stands for */
    GArray *known;      /* bool by entity id: an account that a row, or a role given or taken, names */
    GPtrArray *notices; /* struct notice_rule * */
    GHashTable
        *restored; /* account ids that may be restored accounts: int64_t id -> int64_t account of that name */
    struct names *names;   /* names that several accounts had, one after the other */
    GHashTable *people;    /* canonical responders: int64_t -> name */
    struct clocks *clocks; /* what readings are corrected by */
    bool has_twins;        /* table `twin` has rows */
    int64_t addressed_realm,
        addressed;    /* how many records of this realm carry a network address; 0: not counted */
    int64_t accepted; /* how many acts take a role, once that is counted */
    bool accepted_counted;
    struct {
        int64_t dump, realm, n;
    } projects; /* of the dump that was asked for last: how many it holds */
    struct {
        int64_t dump, all, with, accounts_with;
    } owners; /* of the dump that was asked for last: all, those with a second factor, how many accounts have
                 one; 0: none was */
};

/* "A mail with this subject is sent about such an act", from the profile. */
struct notice_rule {
    int64_t realm;
    struct hc_pattern *subject;
    int project, actor; /* index of these captures, -1 = none */
    enum hc_action of;
    bool to_actor, to_target, to_owners;
    bool by_target; /* the act is the target's own */
};

struct world *world_new(hc_db *db, const struct hc_case *c, GError **error);
void world_free(struct world *w);

/* The entity an id stands for (itself when nothing is known). 0 stays 0. */
int64_t canonical(const struct world *w, int64_t entity);
void set_canonical(struct world *w, int64_t entity, int64_t same);
/* The ids that a statement of correlate.sql gives -> their places, from 1. Yours; NULL: failed. */
GHashTable *ranks_of(struct world *w, const char *statement, GError **error);
/*
 * The same of a name or id in a record of this time: of a name that several accounts had one after the other,
 * the one that had it then.
 * `*uncertain` (may be NULL): several may have had it, and the name stands for itself.
 */
int64_t canonical_at(const struct world *w, int64_t entity, const struct hc_time *when, bool *uncertain);
bool is_known(const struct world *w, int64_t entity);
/* Name of an entity as the evidence calls it; yours. */
char *name_of(struct world *w, int64_t entity);
/* One thing standing for another: reasons and strengths are those of table `identity`. */
#define CITES_MAX 4
struct identity {
    int64_t entity, same;
    const char *reason, *because;
    bool strong; /* it follows from records; else a record or the case file says so */
    bool has_since;
    int64_t since, until; /* microseconds between which a name became this account's */
    int64_t events[CITES_MAX], states[CITES_MAX]; /* the records that say so; 0: none (more) */
};
/* Records it; the same once more for the same reason is passed over. */
bool add_identity(struct world *w, const struct identity *identity, GError **error);
/* Records what might be taken for one and is not; `event` or `state`: where it stands. */
bool add_unjoined(struct world *w, int64_t entity, int64_t other, const char *reason, const char *because,
                  int64_t event, int64_t state, GError **error);
/* Does `text` hold `word` as a whole word, letters compared without case? */
bool has_word(struct hc_str text, const char *word);
/* The same, both folded by hc_text_fold already. */
bool has_folded_word(const char *text, const char *word);
/* May a word begin at `at` in `text`; has it ended where `after` begins? */
bool begins_word(const char *text, const char *at);
bool ends_word(const char *after);

/* An act being built; every reference is canonical already. Free with act_free. */
struct act {
    bool has_time, has_until;
    int64_t time, until;
    enum hc_precision precision;
    unsigned basis;
    int64_t event, state;
    enum hc_action action;
    int64_t outcome;
    int64_t actor, target, object, version, file, address, message;
    char *actor_text, *text, *title;
    GString *why; /* sentences, one per line */
};
typedef struct act act_t;
void act_clear(struct act *act);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(act_t, act_clear)
void act_why(struct act *act, const char *format, ...) G_GNUC_PRINTF(2, 3);
/*
 * Takes time, references and text of an event; false when there is none or the database fails. Where another
 * source tells of the same act more exactly, it is that record's.
 */
bool act_from_event(struct world *w, struct act *act, int64_t event, GError **error);
/* Where its record no longer says who did it: by what else tells that, with the reason. Nothing where the
 * record says it. */
bool act_unmask(struct world *w, struct act *act, int64_t event, GError **error);
/* Inserts it; its id, or 0 on failure. */
int64_t act_insert(struct world *w, const struct act *act, GError **error);
/* What attests it: an event with its copies and lines (`how` for the event itself), or a state row. */
/* The record by which an act is told that this one tells of: itself, where there is no other. */
int64_t lead_of(struct world *w, int64_t event);
/* A record tells of the act that `lead`, which is no twin, tells of. */
bool add_twin(struct world *w, int64_t event, int64_t lead, GError **error);
bool attest_event(struct world *w, int64_t act, int64_t event, const char *how, GError **error);
bool attest_state(struct world *w, int64_t act, int64_t state, GError **error);
bool add_link(struct world *w, const char *kind, int64_t a, int64_t b, const char *because, GError **error);

/* A JSON object of texts and numbers, as it is written into a column. Free with facts_clear. */
typedef struct facts {
    GString *json;
} facts_t;
void facts_clear(struct facts *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(facts_t, facts_clear)
void fact_int(struct facts *f, const char *name, int64_t value);
void fact_text(struct facts *f, const char *name, const char *value); /* NULL: left out */
const char *facts_text(struct facts *f);                              /* until the next change */

/* A reading of the source's clock, corrected where that is called for (clock.h). True: it was. */
bool correct_time(const struct world *w, int64_t source, int64_t *time, int64_t *until);
/* So much earlier or later than by the clocks that are right something may be written that happened in an
 * interval. */
int64_t clock_error(const struct world *w);

/* Between an act and the service's notices about it. */
#define NOTICE_WITHIN (10 * HC_US_PER_S)
/*
 * The account behind a mailbox at a time, 0 when unknown; one that may be restored does not count before it
 * is known, and one that was registered later not at all. `because`: why, yours; may be NULL.
 */
int64_t account_of_mailbox(struct world *w, int64_t mailbox, int64_t when, char **because);

/* Accounts, network addresses and mailboxes of several services that are one (persons.c): before acts are
 * made, and once mailboxes are known. */
bool join_services(struct world *w, GError **error);
bool join_replies(struct world *w, GError **error);

/* The passes, in order. */
bool pass_rules(struct world *w, GError **error);    /* which rules there are */
bool pass_coverage(struct world *w, GError **error); /* what the sources cover, where they are silent */
bool pass_mail(struct world *w, GError **error);     /* records of one message, replies; clocks by them */
bool pass_identity(struct world *w, GError **error); /* ids to names, people */
bool pass_membership(struct world *w,
                     GError **error); /* roles and accounts: rows of one transaction are one act */
bool pass_twins(struct world *w, GError **error);     /* rows of one transaction that tell the same */
bool pass_mailboxes(struct world *w, GError **error); /* mailboxes to accounts; actors that notices name */
bool pass_same(struct world *w, GError **error);      /* acts that other sources tell of too */
bool pass_life(struct world *w,
               GError **error); /* accounts deleted, restored, frozen, gone or new between dumps */
bool pass_dumps(struct world *w, GError **error);   /* differences of two dumps, for pass_life */
bool pass_apply(struct world *w, GError **error);   /* what rules find */
bool pass_consent(struct world *w, GError **error); /* takeovers that a mail had announced */
bool pass_scope(struct world *w, GError **error);   /* what belongs to each incident */
bool pass_measure(struct world *w, GError **error); /* notices, metrics */
/* Rows by what they are on (table `held`), while incidents are looked at one after the other. */
bool hold_rows(struct world *w, GError **error);
bool drop_rows(struct world *w, GError **error);
bool pass_conclude(struct world *w, GError **error); /* absence with its denominator, gaps, lessons */
bool pass_asked(struct world *w, GError **error);    /* claims of the case file */
bool pass_exposure(struct world *w, GError **error); /* how long each project was in wrong hands */
bool pass_evidence(struct world *w, GError **error); /* notes about the evidence itself */
bool pass_alike(struct world *w, GError **error);    /* names that look like those of an incident */
bool pass_tamper(struct world *w, GError **error);   /* numbers of rows around an incident that do not fit */
bool pass_disagree(struct world *w, GError **error); /* sources that contradict each other */

#endif
