/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/mail/bounce.h"

#include <glib.h>
#include <string.h>

/* What the programs write before the recipients. Of a sentence that goes on in the same line with the address
 * itself, `inside` is true. */
static const struct {
    const char *sentence;
    bool delayed, inside;
} sentences[] = {
    {"Hi. This is the qmail-send program at ", false, false},
    {"A message that you sent could not be delivered to ", false, false}, /* Exim */
    {"A message that you have sent could not be delivered to ", false, false},
    {"A message that you sent has not yet been delivered to ", true, false},
    {"----- The following addresses had permanent ", false, false}, /* Sendmail */
    {"----- The following addresses had delivery ", false, false},
    {"---The following addresses had delivery errors---", false, false},
    {"----- The following addresses had transient non-fatal errors -----", true, false},
    {"An error has occurred while attempting to deliver ", false, false},          /* OpenSMTPD */
    {"There was an error delivering your mail to ", false, true},                  /* DragonFly */
    {"I'm sorry to have to inform you that your message could not", false, false}, /* Postfix */
    {"Delivery to the following recipient failed permanently:", false, false},     /* Gmail */
    {"Delivery to the following recipient has been delayed", true, false},
    {"did not reach the following recipient(s):", false, false}, /* Exchange */
    {"Delivery has failed to these recipients or ", false, false},
    {"An error occurred while trying to deliver the mail to the following recipients:", false,
     false},                                                                                  /* Amazon */
    {"Sorry, we were unable to deliver your message to the following address", false, false}, /* Yahoo */
    {"Unable to deliver message to the following address(es)", false, false},
    {"Unable to deliver message to: ", false, true},
};

/* Where the copy of the message or the transcript begins. */
static const char *const ends[] = {
    "--- ", "----", "Received:", "Return-Path:", "Message-ID:", "Technical report:", "Original message"};

static struct hc_str next_line(struct hc_bounce *b)
{
    ptrdiff_t end = hc_str_chr(b->rest, '\n');
    struct hc_str line = end < 0 ? b->rest : hc_str_head(b->rest, (size_t)end);

    b->rest = hc_str_skip(b->rest, line.n + 1);
    b->lines++;
    return hc_str_trim(line);
}

static bool begins(struct hc_str text, const char *word)
{
    size_t n = strlen(word);

    return text.n >= n && g_ascii_strncasecmp(text.p, word, n) == 0;
}

bool hc_bounce_begin(struct hc_bounce *b, struct hc_str body)
{
    *b = (struct hc_bounce){.rest = body};
    while (b->rest.n && b->lines < HC_BOUNCE_SENTENCE_LINES) {
        struct hc_str line = next_line(b);
        for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++) {
            if (!begins(line, sentences[i].sentence))
                continue;
            b->delayed = sentences[i].delayed;
            if (sentences[i].inside) /* the address is read again, as the start of a line */
                b->rest = hc_str_n(line.p + strlen(sentences[i].sentence),
                                   (size_t)(b->rest.p + b->rest.n - line.p) - strlen(sentences[i].sentence));
            b->lines = 0;
            return true;
        }
    }
    return false;
}

static bool in_address(char c)
{
    return (unsigned char)c > ' ' && !strchr("<>(),;:\"[]", c);
}

/* Bytes of the address that the text begins with; 0: it does not. */
static size_t address_length(struct hc_str text)
{
    size_t n = 0, at = 0;

    for (; n < text.n && in_address(text.p[n]); n++)
        if (text.p[n] == '@')
            at = n;
    return at && at + 1 < n && g_ascii_isalnum(text.p[at + 1]) ? n : 0;
}

/* "a@b", "a@b: why", "<a@b>: why", "\"a@b\":", "a@b on DATE", "a@b [why]", "a@b<mailto:a@b>"; any other word
 * behind it makes it a sentence. */
static bool read_address(struct hc_str line, struct hc_str *address, struct hc_str *why)
{
    char close = !line.n ? 0 : line.p[0] == '<' ? '>' : line.p[0] == '"' ? '"' : 0;
    bool enclosed = close != 0;
    struct hc_str rest = enclosed ? hc_str_skip(line, 1) : line;
    size_t n = address_length(rest);

    if (!n || (enclosed && (n == rest.n || rest.p[n] != close)))
        return false;
    *address = hc_str_head(rest, n);
    rest = hc_str_skip(rest, n + enclosed);
    while (address->n && address->p[address->n - 1] == '.') /* of the sentence */
        address->n--;
    *why = rest.n && rest.p[0] == ':' ? hc_str_trim(hc_str_skip(rest, 1)) : HC_STR_NONE;
    return !rest.n || rest.p[0] == ':' || hc_str_is(rest, ".") || begins(rest, " on ") ||
           begins(rest, " [") || begins(rest, "<mailto:");
}

static bool is_end(struct hc_str line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (begins(line, ends[i]))
            return true;
    return false;
}

bool hc_bounce_next(struct hc_bounce *b, struct hc_str *address, struct hc_str *why)
{
    while (b->rest.n && b->lines < HC_BOUNCE_LIST_LINES) {
        struct hc_str line = next_line(b), other, nothing;
        if (is_end(line))
            break;
        if (!read_address(line, address, why))
            continue;
        struct hc_bounce ahead = *b;
        if (why->n)
            return true;
        do
            line = next_line(&ahead);
        while (!line.n && ahead.rest.n && ahead.lines < b->lines + 3);
        if (!is_end(line) && !read_address(line, &other, &nothing))
            *why = line;
        return true;
    }
    b->rest = HC_STR_NONE;
    return false;
}
