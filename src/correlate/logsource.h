/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOGSOURCE_H
#define HC_LOGSOURCE_H

#include "src/base/db.h"
#include "src/correlate/sigma/rules.h"

/*
 * Which rules are for the events of which sources: all that a rule's logsource says has to agree. `product`
 * is "hindcast" (every event, by its fields of our names), or what the source is: its profile, the realm of
 * its names, or what its profile says under service, logsource; "linux" for system logs. `service` is the
 * same, or the native type of the record (a table, a program). `category` is what the profile says.
 */
struct logsources;
struct logsources *logsources_new(hc_db *db, const struct hc_sigma_rules *rules, GError **error);
void logsources_free(struct logsources *logsources);

/* "path!member"; the realm's name. .p == NULL: it has none. They live as long as this. */
struct hc_str logsources_path(const struct logsources *logsources, int64_t source);
struct hc_str logsources_realm(const struct logsources *logsources, int64_t source);
/* Rules ask for some kept field of its records by another name. */
bool logsources_renames(const struct logsources *logsources, int64_t source);
/*
 * The slots of the other names that rules ask for a kept field by, ptrdiff_t; NULL: none. `native`: those
 * that it has in the records of the service where its profile keeps it by another (service, native: {name in
 * the record: name by which it is kept}); else that of ECS.
 */
const GArray *logsources_names(const struct logsources *logsources, int64_t source, bool native,
                               struct hc_str kept);
/* By rule: is it for records of this type in this source? It lives as long as this. */
const bool *logsources_allowed(struct logsources *logsources, int64_t source, const char *type);

#endif
