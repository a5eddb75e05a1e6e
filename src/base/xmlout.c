/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/xmlout.h"

#include "src/base/text.h"

#include <libxml/xmlwriter.h>

struct hc_xml {
    GString *out;
    GString *scratch; /* the value being escaped */
    xmlTextWriterPtr writer;
    unsigned depth;    /* open elements */
    const char *wrong; /* the first wrong call; names are our own words */
};

static int take(void *context, const char *bytes, int n)
{
    if (n > 0)
        g_string_append_len(context, bytes, n);
    return n;
}

struct hc_xml *hc_xml_new(GString *out)
{
    struct hc_xml *xml = g_new0(struct hc_xml, 1);
    xmlOutputBufferPtr sink = xmlOutputBufferCreateIO(take, NULL, out, NULL);

    xml->out = out;
    xml->scratch = g_string_new(NULL);
    xml->writer = sink ? xmlNewTextWriter(sink) : NULL;
    if (!xml->writer) {
        xml->wrong = "no writer";
        if (sink)
            xmlOutputBufferClose(sink);
    }
    return xml;
}

static bool wrong(struct hc_xml *xml, const char *what)
{
    if (!xml->wrong)
        xml->wrong = what;
    return false;
}

/* The library takes any bytes for a name. */
static bool is_name(const char *name)
{
    if (!g_ascii_isalpha(name[0]) && name[0] != '_')
        return false;
    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum(*p) && !strchr("_.:-", *p))
            return false;
    return true;
}

/*
 * Escaped here and handed over raw: what the library itself escapes (all of non-ASCII in an attribute, for
 * one) differs between its versions, and the same evidence must give the same bytes.
 */
static const xmlChar *escaped(struct hc_xml *xml, struct hc_str text, bool keep_newline)
{
    g_autoptr(GString) seen = g_string_sized_new(text.n + 1);

    hc_text_visible(seen, text, keep_newline);
    g_string_truncate(xml->scratch, 0);
    for (const char *p = seen->str; *p; p++) {
        switch (*p) {
        case '&':
            g_string_append(xml->scratch, "&amp;");
            break;
        case '<':
            g_string_append(xml->scratch, "&lt;");
            break;
        case '>':
            g_string_append(xml->scratch, "&gt;");
            break;
        case '"':
            g_string_append(xml->scratch, "&quot;");
            break;
        default:
            g_string_append_c(xml->scratch, *p);
        }
    }
    return (const xmlChar *)xml->scratch->str;
}

void hc_xml_open(struct hc_xml *xml, const char *name)
{
    if (xml->wrong)
        return;
    if (!is_name(name) || xmlTextWriterStartElement(xml->writer, (const xmlChar *)name) < 0)
        wrong(xml, name);
    else
        xml->depth++;
}

void hc_xml_attr(struct hc_xml *xml, const char *name, const char *value)
{
    if (xml->wrong || !value)
        return;
    if (!is_name(name) || xmlTextWriterStartAttribute(xml->writer, (const xmlChar *)name) < 0 ||
        xmlTextWriterWriteRaw(xml->writer, escaped(xml, hc_str(value), false)) < 0 ||
        xmlTextWriterEndAttribute(xml->writer) < 0)
        wrong(xml, name);
}

static void write_text(struct hc_xml *xml, struct hc_str text, bool keep_newline)
{
    if (xml->wrong || text.n == 0)
        return;
    if (xml->depth == 0 || xmlTextWriterWriteRaw(xml->writer, escaped(xml, text, keep_newline)) < 0)
        wrong(xml, "text");
}

void hc_xml_text(struct hc_xml *xml, const char *text)
{
    write_text(xml, hc_str(text), false);
}

void hc_xml_lines(struct hc_xml *xml, struct hc_str text)
{
    write_text(xml, text, true);
}

void hc_xml_close(struct hc_xml *xml)
{
    if (xml->wrong)
        return;
    if (xml->depth == 0 || xmlTextWriterEndElement(xml->writer) < 0)
        wrong(xml, "close");
    else
        xml->depth--;
}

void hc_xml_leaf(struct hc_xml *xml, const char *name, const char *text)
{
    hc_xml_open(xml, name);
    hc_xml_text(xml, text);
    hc_xml_close(xml);
}

bool hc_xml_end(struct hc_xml *xml, GError **error)
{
    if (!xml->wrong && xml->depth)
        wrong(xml, "an element is left open");
    if (!xml->wrong && xmlTextWriterFlush(xml->writer) < 0)
        wrong(xml, "flush");
    const char *what = xml->wrong;
    if (xml->writer)
        xmlFreeTextWriter(xml->writer); /* closes the sink too */
    g_string_free(xml->scratch, TRUE);
    g_free(xml);
    return what ? hc_fail(error, HC_ERROR_IO, "XML cannot be written: %s", what) : true;
}
