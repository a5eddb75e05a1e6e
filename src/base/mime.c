/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/mime.h"

#include "src/base/mimelimits.h"
#include "src/base/text.h"

#include <gmime/gmime.h>

/* Texts without a declared character set are UTF-8 or cannot be read: nothing is guessed from the machine's
 * locale. */
static GMimeParserOptions *options(void)
{
    static const char *charsets[] = {"utf-8", NULL};
    static gsize made;

    if (g_once_init_enter(&made)) {
        GMimeParserOptions *fresh = g_mime_parser_options_new();
        g_mime_parser_options_set_fallback_charsets(fresh, charsets);
        g_once_init_leave(&made, (gsize)fresh);
    }
    return (GMimeParserOptions *)made; /* for as long as the program runs */
}

static char *clean(const char *text)
{
    GString *out;

    if (!text)
        return NULL;
    out = g_string_new(NULL);
    hc_text_utf8(out, hc_str(text));
    return g_string_free(out, FALSE);
}

/* Header fields that were folded come back as one line: the line ends go, the white space behind them
 * stays. */
static char *unfolded(const char *text)
{
    char *out = clean(text), *to = out;

    for (const char *p = out; p && *p; p++)
        if (*p != '\r' && *p != '\n')
            *to++ = *p == '\t' ? ' ' : *p;
    if (!out)
        return NULL;
    *to = 0;
    return g_strstrip(out);
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
static GByteArray *part_bytes(GMimePart *part, const char *charset)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    bool plain =
        !charset || g_ascii_strcasecmp(charset, "us-ascii") == 0 || g_ascii_strcasecmp(charset, "utf-8") == 0;
    GMimeFilter *filter = plain ? NULL : g_mime_filter_charset_new(charset, "utf-8");
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *memory = g_mime_stream_mem_new_with_byte_array(bytes),
                *stream = g_mime_stream_filter_new(memory);

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

static char *bytes_text(const GByteArray *bytes, size_t limit)
{
    GString *out = g_string_new(NULL);
    struct hc_str cut;

    hc_text_utf8(out, hc_str_n((const char *)bytes->data, bytes->len));
    cut = hc_text_cut(hc_str_n(out->str, out->len), limit);
    g_string_truncate(out, cut.n);
    return g_string_free(out, FALSE);
}

static char *part_text(GMimeTextPart *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(GMIME_PART(part), g_mime_text_part_get_charset(part));

    return bytes_text(bytes, HC_MIME_BODY_MAX);
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

/* What stands outside of encoded words, whose bytes have a character set of their own, made UTF-8. */
static char *clean_outside(const char *raw)
{
    GString *out = g_string_new(NULL);

    while (*raw) {
        const char *start = strstr(raw, "=?"), *end = start ? strstr(start + 2, "?=") : NULL;
        /* =?charset?Q?=41?= : an end inside of the text would be cut short, which loses nothing */
        end = end && (end[2] == 0 || strchr(" \t\r\n()\",", end[2])) ? end + 2 : NULL;
        if (!end)
            start = end = raw + strlen(raw);
        hc_text_utf8(out, hc_str_n(raw, (size_t)(start - raw)));
        g_string_append_len(out, start, end - start);
        raw = end;
    }
    return g_string_free(out, FALSE);
}

/* The header as it stands: GMime would put a question mark for what it cannot decode. */
static char *raw_header(GMimeMessage *message, const char *name)
{
    GMimeHeader *found =
        g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), name);

    return found && g_mime_header_get_raw_value(found) ? clean_outside(g_mime_header_get_raw_value(found))
                                                       : NULL;
}

static char *read_subject(GMimeMessage *message)
{
    g_autofree char *raw = raw_header(message, "Subject"),
                    *text = raw ? g_mime_utils_header_decode_text(options(), raw) : NULL;

    return unfolded(text);
}

static void read_author(struct hc_mime *mime, GMimeMessage *message)
{
    g_autofree char *raw = raw_header(message, "From");
    InternetAddressList *list = raw ? internet_address_list_parse(options(), raw) : NULL;

    add_addresses(list ? list : g_mime_message_get_from(message), NULL, &mime->from, &mime->from_name);
    if (list)
        g_object_unref(list);
}

static char *id_header(GMimeMessage *message, const char *name)
{
    g_autofree char *text = header(message, name);

    return without_brackets(text);
}

/* All headers of a name, unfolded, in the order of the message, which is newest first; how many there are,
 * also beyond `most`. */
static char **all_headers(GMimeMessage *message, const char *name, size_t most, size_t *n)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    GPtrArray *all = g_ptr_array_new();

    *n = 0;
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *one = g_mime_header_list_get_header_at(list, i);
        if (g_ascii_strcasecmp(g_mime_header_get_name(one), name) != 0 || !g_mime_header_get_value(one))
            continue;
        if ((*n)++ < most)
            g_ptr_array_add(all, unfolded(g_mime_header_get_value(one)));
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static void read_headers(struct hc_mime *mime, GMimeMessage *message)
{
    g_autoptr(GString) all = g_string_new(NULL);
    size_t n;

    read_author(mime, message);
    add_addresses(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_TO), all, &mime->to, NULL);
    add_addresses(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), all, &mime->to, NULL);
    mime->recipients = g_strdup(all->str);
    mime->subject = read_subject(message);
    mime->message_id = id_header(message, "Message-ID");
    mime->in_reply_to = id_header(message, "In-Reply-To");
    mime->references = header(message, "References");
    mime->date = header(message, "Date");
    mime->return_path = id_header(message, "Return-Path");
    mime->delivered_to = id_header(message, "Delivered-To");
    mime->failed_recipients = header(message, "X-Failed-Recipients");
    mime->hops = all_headers(message, "Received", HC_MIME_HOPS_MAX, &mime->n_hops);
    mime->results = all_headers(message, "Authentication-Results", HC_MIME_RESULTS_MAX, &n);
}

static struct hc_mime *returned_message(GMimeMessage *message)
{
    struct hc_mime *mime = message ? g_new0(struct hc_mime, 1) : NULL;

    if (mime)
        read_headers(mime, message);
    return mime;
}

/* Only headers were returned, as a text. */
static struct hc_mime *returned_headers(GMimePart *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(part, NULL);
    g_autofree char *text = bytes_text(bytes, HC_MIME_REPORT_MAX);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, hc_mime_within_limits(hc_str(text)).n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options());
    struct hc_mime *mime = returned_message(message);

    if (message)
        g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return mime;
}

static enum hc_mime_report report_type(GMimeContentType *type)
{
    static const struct {
        const char *subtype;
        enum hc_mime_report report;
    } known[] = {{"delivery-status", HC_MIME_DELIVERY_STATUS},
                 {"feedback-report", HC_MIME_FEEDBACK},
                 {"disposition-notification", HC_MIME_DISPOSITION}};

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_mime_content_type_is_type(type, "message", known[i].subtype))
            return known[i].report;
    return HC_MIME_NO_REPORT;
}

static void read_part(struct hc_mime *mime, GMimePart *part)
{
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    enum hc_mime_report report = report_type(type);

    if (report && !mime->report) {
        g_autoptr(GByteArray) bytes = part_bytes(part, NULL);
        mime->report = report;
        mime->report_text = bytes_text(bytes, HC_MIME_REPORT_MAX);
        mime->cut = mime->cut || bytes->len > HC_MIME_REPORT_MAX;
    } else if (!mime->returned && (g_mime_content_type_is_type(type, "text", "rfc822-headers") ||
                                   g_mime_content_type_is_type(type, "message", "rfc822-headers"))) {
        mime->returned = returned_headers(part);
    }
}

/* The machine-readable part of a report, and the message that it returns. */
static void read_report(struct hc_mime *mime, GMimeObject *object, int depth)
{
    if (depth > HC_MIME_DEPTH_MAX)
        return;
    if (GMIME_IS_MULTIPART(object)) {
        for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
            read_report(mime, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        if (!mime->returned)
            mime->returned = returned_message(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)));
    } else if (GMIME_IS_PART(object)) {
        read_part(mime, GMIME_PART(object));
    }
}

static void read_message(struct hc_mime *mime, GMimeMessage *message)
{
    GMimeObject *body = g_mime_message_get_mime_part(message);

    read_headers(mime, message);
    if (body) {
        read_report(mime, body, 0);
        mime->body = find_text(body, "plain", 0);
    }
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
    struct hc_str kept;

    if (g_once_init_enter(&once)) {
        g_mime_init();
        g_once_init_leave(&once, 1);
    }
    kept = hc_mime_within_limits(bytes);
    stream = g_mime_stream_mem_new_with_buffer(kept.p, kept.n);
    parser = g_mime_parser_new_with_stream(stream);
    message = g_mime_parser_construct_message(parser, options());
    if (message) {
        mime = g_new0(struct hc_mime, 1);
        mime->cut = kept.n < bytes.n;
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
    texts = (char *[]){mime->from,         mime->from_name,         mime->to,
                       mime->recipients,   mime->subject,           mime->message_id,
                       mime->in_reply_to,  mime->references,        mime->return_path,
                       mime->delivered_to, mime->failed_recipients, mime->date,
                       mime->body,         mime->report_text};
    for (size_t i = 0; i < 14; i++)
        g_free(texts[i]);
    g_strfreev(mime->hops);
    g_strfreev(mime->results);
    hc_mime_free(mime->returned);
    g_free(mime);
}
