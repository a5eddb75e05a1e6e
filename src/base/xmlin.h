/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_XMLIN_H
#define HC_XMLIN_H

#include "src/base/str.h"

/*
 * Reads one element at a time, as a document of its own: nothing that stands outside of it is seen, so no
 * entity is defined but those of XML itself, and nothing is fetched from anywhere.
 */
#define HC_XML_DEPTH_MAX 32    /* elements inside of one another */
#define HC_XML_LEAVES_MAX 4096 /* attributes and texts of one element */

struct hc_xmlin;
struct hc_xmlin *hc_xmlin_new(void);
void hc_xmlin_free(struct hc_xmlin *xml);

/*
 * A value inside of the element: of an attribute, or the text of an element. `path`: the names from the
 * outermost element's children down, joined by '.', without prefixes of name spaces. Texts of an element on
 * both sides of another are one. Both live until the call returns.
 */
typedef void (*hc_xml_leaf_fn)(void *data, const char *path, struct hc_str value);

/*
 * Calls `leaf` for each value of `element`, in order; a text comes where its element ends, and only where
 * there is one. `encoding`: as the document declares it; NULL is UTF-8. False: it cannot be read; `*why` is a
 * static reason. What was given until then is to be forgotten.
 */
bool hc_xmlin_read(struct hc_xmlin *xml, struct hc_str element, const char *encoding, hc_xml_leaf_fn leaf,
                   void *data, const char **why);

#endif
