/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MESSAGES_H
#define HC_MESSAGES_H

#include "src/correlate/world.h"

/*
 * Messages and the records that tell of them. Records belong to one message where they carry the same
 * Message-ID, or ids of which the evidence itself says that they are of one message: a row says that the
 * service's own row id is this message id (alias); a Message-ID is ID@DOMAIN, and the profile says that the
 * service's ids go out so (service.message.domain): certain, as the service writes it; a service says which
 * Message-ID a mail had when it took it in (service.message.header), and says it of no other mail.
 */
enum same_how { SAME_ID, SAME_ALIAS, SAME_WIRE, SAME_HEADER };

/* Memory: a number for each entity, and what is told of one message. Of a message that more events tell of
 * only these are looked at. */
#define SIGHTINGS_MAX 4096

struct sighting {
    int64_t event, source, message, target;
    enum hc_action action;
    bool dated;
    int64_t earliest, latest;
    int64_t delay; /* microseconds that it had been at this host; -1: nobody says */
    bool has_accepted;
    int64_t accepted;              /* when the service took it in, as this record says */
    bool mailbox;                  /* a copy in a mailbox */
    char *txn, *answer, *reporter; /* queue id, the other side's words, the host that reported; NULL: none */
};

struct messages;
struct messages *messages_new(struct world *w, GError **error);
void messages_free(struct messages *m);
/* How the second id is known to be of the message of the first. */
enum same_how messages_how(const struct messages *m, int64_t a, int64_t b);
/* Events of mailboxes, in order. */
const GArray *messages_in_mailboxes(const struct messages *m); /* int64_t */

/* Each message that several sources tell of, in the order of its lowest id: its sightings (struct sighting),
 * in the order of their events. */
typedef bool (*message_fn)(void *data, const GArray *sightings, GError **error);
bool messages_each(struct messages *m, message_fn each, void *data, GError **error);

/* A delay as a log writes it, "0.69" or "1s", in microseconds; -1 for what is neither. */
int64_t messages_delay(struct hc_str text);

#endif
