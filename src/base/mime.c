/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/mime.h"

#include "src/base/text.h"

#include <gmime/gmime.h>

static char *clean(const char *text)
{
    GString *out;

    if (!text)
        return NULL;
    out = g_string_new(NULL);
    hc_text_utf8(out, hc_str(text));
    return g_string_free(out, FALSE);
}

/* Header fields that were folded come back as one line. */
static char *unfolded(const char *text)
{
    char *out = clean(text);

    for (char *p = out; p && *p; p++)
        if (*p == '\r' || *p == '\n' || *p == '\t')
            *p = ' ';
    return out ? g_strstrip(out) : NULL;
}

static char *without_brackets(const char *text)
{
    g_autofree char *plain = unfolded(text);
    size_t n = plain ? strlen(plain) : 0;

    if (n >= 2 && plain[0] == '<' && plain[n - 1] == '>')
        return g_strndup(plain + 1, n - 2);
    return g_steal_pointer(&plain);
}

/* Addresses in their order; those of groups are not looked into. */
static void add_addresses(InternetAddressList *list, GString *all, char **first, char **first_name)
{
    for (int i = 0; list && i < internet_address_list_length(list); i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        g_autofree char *address = NULL;
        if (!INTERNET_ADDRESS_IS_MAILBOX(one))
            continue;
        address = clean(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
        if (!address)
            continue;
        if (first_name && !*first)
            *first_name = clean(internet_address_get_name(one));
        if (all)
            g_string_append_printf(all, "%s%s", all->len ? ", " : "", address);
        if (!*first)
            *first = g_steal_pointer(&address);
    }
}

/* The decoded bytes in UTF-8 where the character set is known; not as a C string, which a NUL would end. */
static GByteArray *part_bytes(GMimeTextPart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    const char *charset = g_mime_text_part_get_charset(part);
    bool plain = !charset || g_ascii_strcasecmp(charset, "us-ascii") == 0 || g_ascii_strcasecmp(charset, "utf-8") == 0;
    GMimeFilter *filter = plain ? NULL : g_mime_filter_charset_new(charset, "utf-8");
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *memory = g_mime_stream_mem_new_with_byte_array(bytes), *stream = g_mime_stream_filter_new(memory);

    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(memory), FALSE);
    if (filter) {
        g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), filter);
        g_object_unref(filter);
    }
    if (content)
        g_mime_data_wrapper_write_to_stream(content, stream);
    g_mime_stream_flush(stream);
    g_object_unref(stream);
    g_object_unref(memory);
    return bytes;
}

static char *part_text(GMimeTextPart *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(part);
    GString *out = g_string_new(NULL);
    struct hc_str cut;

    hc_text_utf8(out, hc_str_n((const char *)bytes->data, bytes->len));
    cut = hc_text_cut(hc_str_n(out->str, out->len), HC_MIME_BODY_MAX);
    g_string_truncate(out, cut.n);
    return g_string_free(out, FALSE);
}

/* The first text part of a subtype. */
static char *find_text(GMimeObject *object, const char *subtype, int depth)
{
    char *found = NULL;

    if (depth > HC_MIME_DEPTH_MAX)
        return NULL;
    if (GMIME_IS_TEXT_PART(object)) {
        GMimeContentType *type = g_mime_object_get_content_type(object);
        return g_mime_content_type_is_type(type, "text", subtype) ? part_text(GMIME_TEXT_PART(object)) : NULL;
    }
    if (!GMIME_IS_MULTIPART(object))
        return NULL;
    for (int i = 0; !found && i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
        found = find_text(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), subtype, depth + 1);
    return found;
}

static char *header(GMimeMessage *message, const char *name)
{
    return unfolded(g_mime_object_get_header(GMIME_OBJECT(message), name));
}

static void read_message(struct hc_mime *mime, GMimeMessage *message)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autofree char *id = header(message, "Message-ID"), *reply = header(message, "In-Reply-To");
    GMimeObject *body = g_mime_message_get_mime_part(message);

    add_addresses(g_mime_message_get_from(message), NULL, &mime->from, &mime->from_name);
    add_addresses(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_TO), all, &mime->to, NULL);
    add_addresses(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), all, &mime->to, NULL);
    mime->recipients = g_strdup(all->str);
    mime->subject = unfolded(g_mime_message_get_subject(message));
    mime->message_id = without_brackets(id);
    mime->in_reply_to = without_brackets(reply);
    mime->references = header(message, "References");
    mime->date = header(message, "Date");
    mime->received = header(message, "Received");
    mime->body = body ? find_text(body, "plain", 0) : NULL;
    if (!mime->body && body)
        mime->body = find_text(body, "html", 0);
    if (!mime->body)
        mime->body = g_strdup("");
}

struct hc_mime *hc_mime_parse(struct hc_str bytes, GError **error)
{
    static gsize once;
    GMimeStream *stream;
    GMimeParser *parser;
    GMimeMessage *message;
    struct hc_mime *mime = NULL;

    if (g_once_init_enter(&once)) {
        g_mime_init();
        g_once_init_leave(&once, 1);
    }
    stream = g_mime_stream_mem_new_with_buffer(bytes.p, bytes.n);
    parser = g_mime_parser_new_with_stream(stream);
    message = g_mime_parser_construct_message(parser, NULL);
    if (message) {
        mime = g_new0(struct hc_mime, 1);
        read_message(mime, message);
        g_object_unref(message);
    } else {
        hc_fail(error, HC_ERROR_INPUT, "not a mail message");
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return mime;
}

void hc_mime_free(struct hc_mime *mime)
{
    char **texts;

    if (!mime)
        return;
    texts = (char *[]){mime->from,        mime->from_name,  mime->to,   mime->recipients, mime->subject, mime->message_id,
                       mime->in_reply_to, mime->references, mime->date, mime->received,   mime->body};
    for (size_t i = 0; i < 11; i++)
        g_free(texts[i]);
    g_free(mime);
}
