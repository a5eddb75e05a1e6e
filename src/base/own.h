/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_OWN_H
#define HC_OWN_H

#include "src/base/buffer.h"

#include <stdbool.h>

/*
 * How the fields that an event has of its own lie in the database (event_row.own): a JSON object of texts,
 * without what every such object has. Control characters, which JSON writes as escapes, stand for what they
 * leave out:
 *
 *     {"id":"25","native":"create"}      HC_OWN_ID 25 HC_OWN_NATIVE create
 *     {"a":"b","c":"d"}                  a HC_OWN_COLON b HC_OWN_COMMA c HC_OWN_COLON d
 *
 * The first value that is a UUID is 16 bytes in front of the rest, in which HC_OWN_VALUE holds its place;
 * such a field is a BLOB, and an object {"id":"UUID"} nothing but these bytes. What begins with `{"` is JSON
 * as it is. The view `event_opened` puts the same text together in SQL.
 */
enum { HC_OWN_VALUE = 1, HC_OWN_COLON, HC_OWN_COMMA, HC_OWN_ID, HC_OWN_NATIVE };
#define HC_OWN_UUID 16

/* `text` is a UUID in lower case, with its four dashes: these are its bytes. */
bool hc_own_uuid(struct hc_str text, unsigned char uuid[HC_OWN_UUID]);
/* A field of the object up to its value. `name`: as in JSON, without quotes. */
void hc_own_name(struct hc_buffer *out, struct hc_str name, bool first);
/* The object, appended; `stored` is not none. */
void hc_own_json(GString *out, struct hc_str stored, bool blob);

#endif
