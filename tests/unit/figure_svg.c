/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/figure_svg.h"

#include <check.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#define SLACK 0.051 /* coordinates are tenths */

/* Millions of these: an assertion of the library is a message to another process each. */
#define NEED(condition, ...)                                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ck_abort_msg(__VA_ARGS__);                                                                       \
    } while (0)

struct reading {
    struct svg *svg;
    const char *prefix;
    GHashTable *ids;
};

static const char *attr(xmlNode *node, const char *name)
{
    xmlAttr *a = xmlHasProp(node, (const xmlChar *)name);

    return a && a->children ? (const char *)a->children->content : NULL;
}

static double number(xmlNode *node, const char *name)
{
    const char *text = attr(node, name);
    char *end;

    NEED(text != NULL, "%s without %s", (const char *)node->name, name);
    double value = g_ascii_strtod(text, &end);
    NEED(*end == '\0', "%s=%s", name, text);
    NEED(value > -1e4 && value < 1e4, "%s=%s", name, text);
    return value;
}

static void inside(const struct svg *svg, double x, double y, const char *what)
{
    NEED(x >= svg->x0 - SLACK && x <= svg->x1 + SLACK && y >= svg->y0 - SLACK && y <= svg->y1 + SLACK,
         "%s: %f %f is outside", what, x, y);
}

/* A path of M m L l H h V v z: every point that it comes through. */
static void walk(const struct svg *svg, const char *d)
{
    double x = 0, y = 0, n[2];
    char command = 0;

    for (const char *p = d; *p;) {
        if (g_ascii_isalpha(*p))
            command = *p++;
        if (command == 'z')
            continue;
        int want = strchr("HhVv", command) ? 1 : 2;
        for (int i = 0; i < want; i++) {
            char *end;
            n[i] = g_ascii_strtod(p, &end);
            NEED(end != p, "path %s", d);
            p = end;
        }
        x = command == 'H' ? n[0] : command == 'h' ? x + n[0] : x;
        y = command == 'V' ? n[0] : command == 'v' ? y + n[0] : y;
        if (want == 2) {
            x = (g_ascii_islower(command) ? x : 0) + n[0];
            y = (g_ascii_islower(command) ? y : 0) + n[1];
        }
        inside(svg, x, y, d);
        while (*p == ' ')
            p++;
    }
}

static double size_of(const char *css)
{
    return strcmp(css, "ln") == 0 ? 13 : strcmp(css, "phl") == 0 ? 12 : strcmp(css, "grp") == 0 ? 11 : 11.5;
}

static double width_of(const char *text, double size)
{
    double em = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        em += g_unichar_iswide(g_utf8_get_char(p)) ? 1 : 0.62;
    return em * size;
}

/* The text itself, without a title inside it. */
static char *own_text(xmlNode *node)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_TEXT_NODE)
            g_string_append(text, (const char *)child->content);
    return g_strdup(text->str);
}

static void read_text(struct svg *svg, xmlNode *node)
{
    struct svg_text t = {.css = g_strdup(attr(node, "class")), .text = own_text(node)};
    const char *anchor = attr(node, "text-anchor"), *turn = attr(node, "transform");
    double size = size_of(t.css), width = width_of(t.text, size);

    t.x = number(node, "x");
    t.y = number(node, "y");
    if (attr(node, "textLength"))
        width = number(node, "textLength");
    t.x0 = t.x - (!anchor ? 0 : strcmp(anchor, "end") == 0 ? width : width / 2);
    t.x1 = t.x0 + width;
    t.y0 = t.y - size * 0.75;
    t.y1 = t.y + size * 0.2;
    if (turn) {
        ck_assert(g_str_has_prefix(turn, "rotate(-90 ") && strcmp(anchor, "middle") == 0);
        t.x0 = t.x - size * 0.75;
        t.x1 = t.x + size * 0.2;
        t.y0 = t.y - width / 2;
        t.y1 = t.y + width / 2;
    }
    inside(svg, t.x0, t.y0, t.text);
    inside(svg, t.x1, t.y1, t.text);
    g_array_append_val(svg->texts, t);
}

static void read_rect(struct svg *svg, xmlNode *node)
{
    double x = number(node, "x"), y = number(node, "y"), w = number(node, "width"),
           h = number(node, "height");
    const char *css = attr(node, "class");
    struct svg_path r = {g_strdup(css ? css : ""), NULL};

    NEED(w > 0 && h > 0, "an empty rect");
    inside(svg, x, y, "rect");
    inside(svg, x + w, y + h, "rect");
    r.d = g_strconcat(attr(node, "x"), " ", attr(node, "y"), " ", attr(node, "width"), " ",
                      attr(node, "height"), NULL);
    g_array_append_val(svg->rects, r);
}

static void read_path(struct svg *svg, xmlNode *node)
{
    struct svg_path p = {g_strdup(attr(node, "class")), g_strdup(attr(node, "d"))};

    walk(svg, p.d);
    g_array_append_val(svg->paths, p);
}

static void check_attributes(struct reading *r, xmlNode *node)
{
    static const char *const known[] = {"class",
                                        "viewBox",
                                        "role",
                                        "aria-labelledby",
                                        "id",
                                        "x",
                                        "y",
                                        "width",
                                        "height",
                                        "cx",
                                        "cy",
                                        "r",
                                        "d",
                                        "fill",
                                        "text-anchor",
                                        "transform",
                                        "textLength",
                                        "lengthAdjust",
                                        "patternUnits",
                                        "patternTransform",
                                        NULL};

    for (xmlAttr *a = node->properties; a; a = a->next) {
        NEED(g_strv_contains(known, (const char *)a->name), "attribute %s", (const char *)a->name);
        if (strcmp((const char *)a->name, "id") == 0) {
            const char *id = attr(node, "id");
            ck_assert(g_str_has_prefix(id, r->prefix));
            NEED(g_hash_table_add(r->ids, g_strdup(id)), "id %s twice", id);
        }
    }
}

static void read_node(struct reading *r, xmlNode *node)
{
    static const char *const known[] = {"svg",  "title", "desc", "style",  "defs", "pattern",
                                        "path", "rect",  "text", "circle", NULL};
    const char *name = (const char *)node->name;

    NEED(g_strv_contains(known, name), "element %s", name);
    check_attributes(r, node);
    r->svg->styles += strcmp(name, "style") == 0;
    if (strcmp(name, "text") == 0)
        read_text(r->svg, node);
    else if (strcmp(name, "rect") == 0)
        read_rect(r->svg, node);
    else if (strcmp(name, "path") == 0)
        read_path(r->svg, node);
    else if (strcmp(name, "circle") == 0) {
        double x = number(node, "cx"), y = number(node, "cy"), radius = number(node, "r");
        inside(r->svg, x - radius, y - radius, "circle");
        inside(r->svg, x + radius, y + radius, "circle");
    } else if (strcmp(name, "title") == 0 && attr(node, "id"))
        r->svg->title = own_text(node);
    else if (strcmp(name, "desc") == 0)
        r->svg->description = own_text(node);
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            read_node(r, child);
        else
            NEED(child->type == XML_TEXT_NODE, "neither element nor text");
}

static void check_bytes(const GString *bytes)
{
    ck_assert(g_utf8_validate(bytes->str, (gssize)bytes->len, NULL));
    for (const char *p = bytes->str; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        NEED(c == '\n' || (c >= 0x20 && (c < 0x7f || c > 0x9f)), "control %x", c);
        NEED((c < 0x202a || c > 0x202e) && (c < 0x2066 || c > 0x2069) && c < 0xfff00 &&
                 (c & 0xfffe) != 0xfffe,
             "character %x", c);
    }
}

static void free_text(void *p)
{
    g_free(((struct svg_text *)p)->css);
    g_free(((struct svg_text *)p)->text);
}

static void free_path(void *p)
{
    g_free(((struct svg_path *)p)->css);
    g_free(((struct svg_path *)p)->d);
}

static struct svg *svg_new(void)
{
    struct svg *svg = g_new0(struct svg, 1);

    svg->texts = g_array_new(FALSE, FALSE, sizeof(struct svg_text));
    svg->paths = g_array_new(FALSE, FALSE, sizeof(struct svg_path));
    svg->rects = g_array_new(FALSE, FALSE, sizeof(struct svg_path));
    g_array_set_clear_func(svg->texts, free_text);
    g_array_set_clear_func(svg->paths, free_path);
    g_array_set_clear_func(svg->rects, free_path);
    return svg;
}

struct svg *svg_read(const GString *bytes, const char *prefix)
{
    xmlDoc *doc = xmlReadMemory(bytes->str, (int)bytes->len, "figure", NULL, XML_PARSE_NONET);
    struct reading r = {svg_new(), prefix, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    char *end;

    NEED(doc != NULL, "not well-formed: %s", bytes->str);
    check_bytes(bytes);
    xmlNode *root = xmlDocGetRootElement(doc);
    ck_assert_str_eq((const char *)root->ns->href, "http://www.w3.org/2000/svg");
    r.svg->x0 = g_ascii_strtod(attr(root, "viewBox"), &end);
    r.svg->y0 = g_ascii_strtod(end, &end);
    r.svg->x1 = r.svg->x0 + g_ascii_strtod(end, &end);
    r.svg->y1 = r.svg->y0 + g_ascii_strtod(end, &end);
    read_node(&r, root);
    g_hash_table_unref(r.ids);
    xmlFreeDoc(doc);
    return r.svg;
}

void svg_free(struct svg *svg)
{
    g_array_unref(svg->texts);
    g_array_unref(svg->paths);
    g_array_unref(svg->rects);
    g_free(svg->title);
    g_free(svg->description);
    g_free(svg);
}

static const struct svg_text *text_at(const struct svg *svg, guint i)
{
    return &g_array_index(svg->texts, struct svg_text, i);
}

void svg_check_texts(const struct svg *svg)
{
    double name = -1e4, tick = -1e4;

    for (guint i = 0; i < svg->texts->len; i++) {
        const struct svg_text *a = text_at(svg, i);
        for (guint j = 0; j < i; j++) {
            const struct svg_text *b = text_at(svg, j);
            NEED(a->x0 >= b->x1 - SLACK || b->x0 >= a->x1 - SLACK || a->y0 >= b->y1 - SLACK ||
                     b->y0 >= a->y1 - SLACK,
                 "\"%s\" touches \"%s\"", a->text, b->text);
        }
        if (strcmp(a->css, "ln") == 0) {
            NEED(a->y >= name + 30 - SLACK, "lane %s", a->text);
            name = a->y;
        } else if (strcmp(a->css, "ax") == 0 && a->y == 50) {
            NEED(a->x > tick, "tick %s", a->text);
            tick = a->x;
        }
    }
}

const char *svg_nth(const struct svg *svg, const char *css, unsigned n)
{
    for (guint i = 0; i < svg->texts->len; i++)
        if (strcmp(text_at(svg, i)->css, css) == 0 && n-- == 0)
            return text_at(svg, i)->text;
    return NULL;
}

unsigned svg_count(const struct svg *svg, const char *css)
{
    unsigned n = 0;

    while (svg_nth(svg, css, n))
        n++;
    return n;
}

gboolean svg_says(const struct svg *svg, const char *text)
{
    for (guint i = 0; i < svg->texts->len; i++)
        if (strcmp(text_at(svg, i)->text, text) == 0)
            return TRUE;
    return FALSE;
}
