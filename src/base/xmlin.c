/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/xmlin.h"

#include <libxml/xmlreader.h>

struct hc_xmlin {
    xmlTextReaderPtr reader; /* made with the first element, used for all */
    GString *path;
    size_t lengths[HC_XML_DEPTH_MAX]; /* of the path, by depth */
    GString *texts[HC_XML_DEPTH_MAX]; /* what stands in the elements that are open; NULL: never needed */
    unsigned leaves;
    const char *why; /* of the first fault */
};

/* While one element is read. */
struct visit {
    struct hc_xmlin *xml;
    hc_xml_leaf_fn leaf;
    void *data;
};

struct hc_xmlin *hc_xmlin_new(void)
{
    struct hc_xmlin *xml = g_new0(struct hc_xmlin, 1);

    xmlInitParser();
    xml->path = g_string_new(NULL);
    return xml;
}

void hc_xmlin_free(struct hc_xmlin *xml)
{
    if (!xml)
        return;
    if (xml->reader)
        xmlFreeTextReader(xml->reader);
    for (int i = 0; i < HC_XML_DEPTH_MAX; i++)
        if (xml->texts[i])
            g_string_free(xml->texts[i], TRUE);
    g_string_free(xml->path, TRUE);
    g_free(xml);
}

/* In words of our own: those of the library differ between its versions. */
static void take_error(void *data, xmlErrorPtr error)
{
    struct hc_xmlin *xml = data;

    if (xml->why || error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE)
        return;
    switch (error->code) {
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
        xml->why = "an entity that XML does not define";
        break;
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_INVALID_CHARREF:
    case XML_ERR_INVALID_ENCODING:
    case XML_I18N_CONV_FAILED:
        xml->why = "a character that XML does not allow, or bytes that are none";
        break;
    default:
        xml->why = "not well-formed XML";
    }
}

static struct hc_str text_of(const xmlChar *text)
{
    return hc_str((const char *)text);
}

static bool give(struct visit *v, struct hc_str value)
{
    if (v->xml->leaves++ == HC_XML_LEAVES_MAX) {
        v->xml->why = "more values than a record has";
        return false;
    }
    v->leaf(v->data, v->xml->path->str, value);
    return true;
}

/* One step down the path. */
static void name_child(struct hc_xmlin *xml, size_t parent, const xmlChar *name)
{
    g_string_truncate(xml->path, parent);
    if (parent)
        g_string_append_c(xml->path, '.');
    g_string_append(xml->path, (const char *)name);
}

static bool visit_attributes(struct visit *v, int depth)
{
    xmlTextReaderPtr reader = v->xml->reader;

    while (xmlTextReaderMoveToNextAttribute(reader) == 1) {
        if (xmlTextReaderIsNamespaceDecl(reader) == 1)
            continue;
        name_child(v->xml, v->xml->lengths[depth], xmlTextReaderConstLocalName(reader));
        if (!give(v, text_of(xmlTextReaderConstValue(reader))))
            return false;
    }
    xmlTextReaderMoveToElement(reader);
    return true;
}

static bool visit_element(struct visit *v, int depth)
{
    struct hc_xmlin *xml = v->xml;

    if (depth >= HC_XML_DEPTH_MAX) {
        xml->why = "elements lie deeper inside of one another than is read";
        return false;
    }
    if (depth)
        name_child(xml, xml->lengths[depth - 1], xmlTextReaderConstLocalName(xml->reader));
    xml->lengths[depth] = depth ? xml->path->len : 0;
    if (!xml->texts[depth])
        xml->texts[depth] = g_string_new(NULL);
    g_string_truncate(xml->texts[depth], 0);
    return visit_attributes(v, depth);
}

/* White space alone is how the elements are set apart. */
static bool end_element(struct visit *v, int depth)
{
    const GString *text = v->xml->texts[depth];
    struct hc_str value = hc_str_n(text->str, text->len);

    g_string_truncate(v->xml->path, v->xml->lengths[depth]);
    return !hc_str_trim(value).n || give(v, value);
}

/* At one node; false: it is not to be read on. */
static bool visit_node(struct visit *v)
{
    xmlTextReaderPtr reader = v->xml->reader;
    int depth = xmlTextReaderDepth(reader);

    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_ELEMENT:
        return visit_element(v, depth) && (!xmlTextReaderIsEmptyElement(reader) || end_element(v, depth));
    case XML_READER_TYPE_END_ELEMENT:
        return end_element(v, depth);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        if (depth > 0 && depth <= HC_XML_DEPTH_MAX)
            g_string_append(v->xml->texts[depth - 1], (const char *)xmlTextReaderConstValue(reader));
        return true;
    case XML_READER_TYPE_ENTITY_REFERENCE:
        v->xml->why = "an entity that XML does not define";
        return false;
    default:
        return true;
    }
}

static bool open_reader(struct hc_xmlin *xml, struct hc_str element, const char *encoding)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

    encoding = encoding ? encoding : "UTF-8";
    if (element.n > INT_MAX)
        return false;
    if (xml->reader)
        return xmlReaderNewMemory(xml->reader, element.p, (int)element.n, NULL, encoding, options) == 0;
    xml->reader = xmlReaderForMemory(element.p, (int)element.n, NULL, encoding, options);
    return xml->reader != NULL;
}

bool hc_xmlin_read(struct hc_xmlin *xml, struct hc_str element, const char *encoding, hc_xml_leaf_fn leaf,
                   void *data, const char **why)
{
    struct visit v = {xml, leaf, data};
    int rc = -1;

    xml->why = NULL;
    xml->leaves = 0;
    g_string_truncate(xml->path, 0);
    if (open_reader(xml, element, encoding)) {
        xmlTextReaderSetStructuredErrorHandler(xml->reader, take_error, xml);
        while ((rc = xmlTextReaderRead(xml->reader)) == 1 && !xml->why && visit_node(&v))
            ;
    }
    if (rc == 0 && !xml->why)
        return true;
    *why = xml->why ? xml->why : "not well-formed XML";
    return false;
}
