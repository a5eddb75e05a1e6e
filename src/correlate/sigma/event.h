/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_EVENT_H
#define HC_SIGMA_EVENT_H

#include "src/base/json.h"
#include "src/correlate/sigma/number.h"

#include <stdint.h>

/*
 * One event as rules see it: the values of the fields that some rule asks for. A field is looked for by its
 * whole name first ("event.action" as one key), then as a path through nested objects (a key that holds dots
 * being several steps of it), of which every element of an array is followed: it may have several values.
 * Names are compared exactly.
 */
#define HC_FIELDS_MAX 65536

enum hc_sigma_value_kind {
    HC_VALUE_NULL,
    HC_VALUE_BOOL,
    HC_VALUE_NUMBER,
    HC_VALUE_TEXT,
    HC_VALUE_OTHER /* an object: there, and equal to nothing */
};

struct hc_sigma_value {
    enum hc_sigma_value_kind kind;
    struct hc_str text;   /* decoded; of a number or truth value as it is written */
    struct hc_str folded; /* .p == NULL: not asked for yet, see hc_sigma_value_folded */
    struct hc_number number;
    bool numeric;  /* a number, or a text that is one: `number` holds it */
    int64_t thing; /* which thing of the case the text names; 0: none */
};

/* The fields of all rules; a slot is the number of one. Shared by all events; complete before the first is
 * made. */
struct hc_sigma_fields;
struct hc_sigma_fields *hc_sigma_fields_new(void);
void hc_sigma_fields_free(struct hc_sigma_fields *fields);
size_t hc_sigma_fields_slot(struct hc_sigma_fields *fields, const char *name);
/* The slot of a field that somebody asks for; -1: nobody does. */
ptrdiff_t hc_sigma_fields_find(const struct hc_sigma_fields *fields, const char *name);
size_t hc_sigma_fields_count(const struct hc_sigma_fields *fields);

struct hc_sigma_event;
struct hc_sigma_event *hc_sigma_event_new(const struct hc_sigma_fields *fields);
void hc_sigma_event_free(struct hc_sigma_event *event);
/* Reads a (validated) JSON object, which has to live as long as it is held. What it held before is
 * forgotten. */
void hc_sigma_event_read(struct hc_sigma_event *event, struct hc_str object);

/*
 * The same from parts: begin; put single values, which are found under their whole name, and add (validated)
 * objects, of each of which the values count; end. Texts and objects have to live as long as they are held. A
 * value that is also to be found by keywords but that no rule names has no slot: -1.
 */
void hc_sigma_event_begin(struct hc_sigma_event *event);
void hc_sigma_event_put(struct hc_sigma_event *event, ptrdiff_t slot, struct hc_str text, int64_t thing);
void hc_sigma_event_add(struct hc_sigma_event *event, struct hc_str object);
/* Objects that are parts of one: they have no member in common. */
void hc_sigma_event_add_parts(struct hc_sigma_event *event, const struct hc_str *parts, size_t n);
void hc_sigma_event_end(struct hc_sigma_event *event);

/* The values of a field; `*n` 0 with `*present` true: an empty array. */
struct hc_sigma_value *hc_sigma_event_values(const struct hc_sigma_event *event, size_t slot, size_t *n,
                                             bool *present);
/* All texts, numbers and truth values of the whole event, wherever they stand. */
struct hc_sigma_value *hc_sigma_event_everything(struct hc_sigma_event *event, size_t *n);
/* False: no value of the whole event holds all of these pairs of neighbouring bytes (folded), so that what
 * needs them need not be looked for. */
bool hc_sigma_event_may_hold(struct hc_sigma_event *event, const uint16_t *pairs, size_t n);
struct hc_str hc_sigma_value_folded(struct hc_sigma_event *event, struct hc_sigma_value *value);

#endif
