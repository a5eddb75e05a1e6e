/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_XMLOUT_H
#define HC_XMLOUT_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * Writes well-formed XML (SVG, Atom) at the end of a GString. Names of elements and attributes are our own
 * words; values and texts may be evidence: they are made visible (hc_text_visible) and escaped, so that no
 * markup, control character or character outside XML 1.0 gets out. UTF-8, no XML declaration, no indentation:
 * the same calls give the same bytes with every version of the library.
 *
 * Nothing fails in between: a wrong call (bad name, attribute after content, two elements closed for one)
 * is remembered and reported by hc_xml_end.
 */
struct hc_xml;

/* `out` is borrowed until hc_xml_end. */
struct hc_xml *hc_xml_new(GString *out);

void hc_xml_open(struct hc_xml *xml, const char *name);
/* Attribute of the element just opened; NULL writes nothing. */
void hc_xml_attr(struct hc_xml *xml, const char *name, const char *value);
/* Text on one line: a newline is shown, not written. NULL writes nothing. */
void hc_xml_text(struct hc_xml *xml, const char *text);
/* Text whose newlines are kept. */
void hc_xml_lines(struct hc_xml *xml, struct hc_str text);
/* Closes the innermost open element; an empty one becomes "<name/>". */
void hc_xml_close(struct hc_xml *xml);
/* open, text, close. */
void hc_xml_leaf(struct hc_xml *xml, const char *name, const char *text);

/* Frees `xml` in every case. False when a call was wrong, an element was left open or writing failed; `out`
 * then holds what cannot be used. */
bool hc_xml_end(struct hc_xml *xml, GError **error);

#endif
