/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FACT_H
#define HC_FACT_H

#include "src/base/buffer.h"
#include "src/base/event.h"

/*
 * What passes from the thread that reads evidence to the one that stores it: facts as they are written, with
 * the names that they refer to but without their numbers. A batch owns its texts; it is filled once, passed
 * on, and then only read.
 */
enum hc_fact_kind { HC_FACT_EVENT, HC_FACT_STATE, HC_FACT_ALIAS, HC_FACT_REJECT };

/* A text of the batch; `n` is HC_FACT_NONE where there is none. */
#define HC_FACT_NONE UINT32_MAX
struct hc_fact_text {
    uint32_t at, n;
};

struct hc_fact_name {
    uint8_t kind; /* HC_ENTITY_NONE: nothing is referred to */
    struct hc_fact_text key, name;
    int64_t realm;
    uint64_t hash; /* of hc_entities_hash */
};

/* Places of names: an event has all of them, a state the first four, an alias the second and the third. */
enum hc_fact_place {
    HC_FACT_TYPE,
    HC_FACT_ACTOR,  /* subject of a state, id of an alias */
    HC_FACT_TARGET, /* detail of a state, name of an alias */
    HC_FACT_OBJECT,
    HC_FACT_VERSION,
    HC_FACT_FILE,
    HC_FACT_ADDRESS,
    HC_FACT_MESSAGE,
    HC_FACT_TXN,
    HC_FACT_SHARED, /* fields that events have in common (habits.h) */
    HC_FACT_PLACES
};

struct hc_fact {
    enum hc_fact_kind kind;
    uint16_t action, outcome;
    bool has_born; /* of a state: time.earliest is that */
    bool more;     /* of an event: its record was counted with another */
    struct hc_time time;
    struct hc_locator at;
    uint64_t row_key, digest;
    struct hc_fact_name names[HC_FACT_PLACES];
    struct hc_fact_text raw_time, text,
        fields;       /* a state has its value in `fields`, a reject its reason in `text` */
    bool packed;      /* `fields` of an event is a BLOB (own.h) */
    uint8_t raw_form; /* enum hc_raw_form: raw_time says nothing but the time, and is not here */
    struct hc_fact_text lines, parts; /* that it cites: those of its source, and all others (witnesses.h) */
};

#define HC_BATCH_FACTS 1024
struct hc_batch {
    struct hc_fact *facts;
    size_t n_facts; /* up to HC_BATCH_FACTS */
    struct hc_buffer texts;
};

static inline struct hc_str hc_batch_text(const struct hc_batch *batch, struct hc_fact_text text)
{
    return text.n == HC_FACT_NONE ? HC_STR_NONE : hc_str_n(batch->texts.p + text.at, text.n);
}

#endif
