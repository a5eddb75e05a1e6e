/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/mail/received.h"

#include "src/base/text.h"

/* Comments, which nest, and what they hold; other words end at white space. */
static struct hc_str next_word(struct hc_str *rest)
{
    size_t n = 0;
    int depth = 0;

    *rest = hc_str_trim(*rest);
    if (!rest->n)
        return HC_STR_NONE;
    if (rest->p[0] != '(') {
        while (n < rest->n && !g_ascii_isspace(rest->p[n]) && (n == 0 || rest->p[n] != '('))
            n++;
    } else {
        do {
            depth += (rest->p[n] == '(') - (rest->p[n] == ')');
            n += rest->p[n] == '\\' && n + 1 < rest->n ? 2 : 1;
        } while (depth && n < rest->n);
    }
    struct hc_str word = hc_str_head(*rest, n);
    *rest = hc_str_skip(*rest, n);
    return word;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static struct hc_str bracketed(struct hc_str text)
{
    ptrdiff_t open = hc_str_chr(text, '['),
              close = open < 0 ? -1 : hc_str_chr(hc_str_skip(text, (size_t)open), ']');
    struct hc_str inner = close < 0 ? HC_STR_NONE : hc_str_n(text.p + open + 1, (size_t)close - 1);

    return inner.p && inner.n > 5 && g_ascii_strncasecmp(inner.p, "IPv6:", 5) == 0 ? hc_str_skip(inner, 5)
                                                                                   : inner;
}

static struct hc_str without_brackets(struct hc_str text)
{
    return text.n >= 2 && text.p[0] == '<' && text.p[text.n - 1] == '>' ? hc_str_n(text.p + 1, text.n - 2)
                                                                        : text;
}

static struct hc_str *place_of(struct hc_received *r, struct hc_str word)
{
    static const char *const words[] = {"from", "by", "with", "id", "for"};
    struct hc_str *const places[] = {&r->from, &r->by, &r->with, &r->id, &r->recipient};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (word.n == strlen(words[i]) && g_ascii_strncasecmp(word.p, words[i], word.n) == 0 && !places[i]->p)
            return places[i];
    return NULL;
}

/* What the taking host noted of the other stands in the comment behind its name; the name itself is the
 * other's word. */
static void read_words(struct hc_received *r, struct hc_str text)
{
    struct hc_str word, *place = NULL;

    while ((word = next_word(&text)).p) {
        if (word.p[0] == '(') {
            if (r->from.p && !r->by.p && !r->address.p)
                r->address = bracketed(word);
        } else if (place) {
            *place = without_brackets(word);
            place = NULL;
        } else {
            place = place_of(r, word);
        }
    }
    if (!r->address.p && r->from.n && r->from.p[0] == '[')
        r->address = bracketed(r->from);
}

struct hc_received hc_received_read(struct hc_str text)
{
    struct hc_received r = {0};
    const char *semicolon = text.n ? memrchr(text.p, ';', text.n) : NULL;

    if (semicolon) {
        size_t head = (size_t)(semicolon - text.p);
        r.date = hc_str_trim(hc_str_skip(text, head + 1));
        if (!hc_time_rfc5322(r.date, &r.time))
            r.time.precision = HC_PRECISION_NONE;
        text = hc_str_head(text, head);
    }
    read_words(&r, text);
    return r;
}

static void put(GString *out, const char *name, struct hc_str value)
{
    if (!value.n)
        return;
    g_string_append_printf(out, "%s\"%s\":", out->str[out->len - 1] == '{' ? "" : ",", name);
    hc_text_json(out, value);
}

static void put_hop(GString *out, const struct hc_received *r)
{
    char time[HC_UTC_TEXT];

    g_string_append_c(out, '{');
    put(out, "by", r->by);
    put(out, "from", r->from);
    put(out, "address", r->address);
    put(out, "with", r->with);
    put(out, "id", r->id);
    put(out, "for", r->recipient);
    if (r->time.precision)
        put(out, "time", hc_str(hc_utc_format(r->time.earliest, time)));
    else
        put(out, "date", r->date);
    g_string_append_c(out, '}');
}

void hc_received_json(char *const *hops, size_t limit, GString *out)
{
    gsize start = out->len, kept;

    g_string_append_c(out, '[');
    for (size_t i = 0; hops[i]; i++) {
        struct hc_received r = hc_received_read(hc_str(hops[i]));
        kept = out->len;
        if (i)
            g_string_append_c(out, ',');
        put_hop(out, &r);
        if (out->len - start < limit)
            continue;
        g_string_truncate(out, kept);
        break;
    }
    g_string_append_c(out, ']');
}
