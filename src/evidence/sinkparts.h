/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SINKPARTS_H
#define HC_SINKPARTS_H

#include "src/base/host.h"
#include "src/evidence/doubts.h"
#include "src/evidence/drafted.h"
#include "src/evidence/common.h"
#include "src/evidence/habits.h"
#include "src/evidence/pipe.h"
#include "src/evidence/storeparts.h"
#include "src/evidence/tally.h"

/* The inside of a sink: sink.c takes what importers tell, sinkend.c accounts for it. Nobody else looks in
 * here. */

struct hc_sink {
    hc_db *db;
    int64_t source, realm, mail_realm;
    int64_t unclean; /* texts with bytes that are no UTF-8 */
    struct hc_profile *profile;
    GHashTable *tables;
    struct hc_settings settings;
    const struct hc_zone *zone;
    int64_t clock;
    struct hc_tally *tally;
    struct hc_habits *habits;
    struct hc_common *common;
    struct hc_store *store;
    struct hc_loader *loader; /* NULL: closed */
    struct hc_pipe *pipe;
    struct hc_batch *batch; /* of the pipe, that is filled now */
    struct hc_doubts *doubts;
    struct hc_drafted *drafted; /* where there is no profile */
    struct hc_scope *scope;
    bool ask_values; /* its records are no texts */
    bool inside;     /* the present event is that of a record which was looked at */
    bool mute;
    hc_place_fn place; /* NULL: places are those of the file */
    void *places;
    GStringChunk *scratch;
    GString *clean, *folded, *json;
    bool has_span;
    int64_t first, last, serial;
    char sha256[HC_SHA256_HEX]; /* "": known before */
    int64_t size;
    struct hc_host host;
    int64_t read; /* records, by the importer's own count; -1: it does not say */
};

/* The thread that stores: from here to hc_sink_end facts can be passed on. */
bool hc_sink_begin(struct hc_sink *sink, GError **error);

#endif
