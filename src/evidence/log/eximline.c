/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/eximline.h"

#include "src/evidence/log/words.h"

#define BRACKETS_MAX 64 /* places in a line that are tried as the start of something in brackets */

static size_t base62(struct hc_str text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i >= text.n || !g_ascii_isalnum(text.p[i]))
            return 0;
    return n;
}

/* Length of the message id at the start, which ends with a space or the line. */
static size_t id_length(struct hc_str text)
{
    size_t n = base62(text, 6), middle, tail;

    if (!n || n >= text.n || text.p[n] != '-')
        return 0;
    middle = base62(hc_str_skip(text, 7), 11) ? 11 : 6;
    tail = middle == 11 ? 4 : 2;
    n = 7 + middle;
    if (!base62(hc_str_skip(text, 7), middle) || n >= text.n || text.p[n] != '-' ||
        !base62(hc_str_skip(text, n + 1), tail))
        return 0;
    n += 1 + tail;
    return n == text.n || text.p[n] == ' ' ? n : 0;
}

static enum hc_exim_flag flag_of(struct hc_str text)
{
    static const struct {
        const char *word;
        enum hc_exim_flag flag;
    } flags[] = {{"<= ", HC_EXIM_ARRIVAL},  {"(= ", HC_EXIM_FAKEREJECT}, {"=> ", HC_EXIM_DELIVERY},
                 {"-> ", HC_EXIM_DELIVERY}, {">> ", HC_EXIM_CUTTHROUGH}, {"*> ", HC_EXIM_SUPPRESSED},
                 {"** ", HC_EXIM_FAILED},   {"== ", HC_EXIM_DEFERRED}};

    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (hc_str_starts(text, flags[i].word))
            return flags[i].flag;
    return hc_str_is(text, "Completed") || hc_str_starts(text, "Completed QT=") ? HC_EXIM_COMPLETED
                                                                                : HC_EXIM_OTHER;
}

struct hc_exim_line hc_exim_split(struct hc_str message)
{
    size_t n = id_length(message);
    struct hc_exim_line line = {.id = n ? hc_str_head(message, n) : HC_STR_NONE};

    line.text = n ? hc_str_skip(message, n + 1) : message;
    line.flag = n ? flag_of(line.text) : HC_EXIM_OTHER;
    if (line.flag != HC_EXIM_OTHER && line.flag != HC_EXIM_COMPLETED)
        line.text = hc_str_skip(line.text, 3);
    return line;
}

/* Behind the double quote that ends what begins with one; 0: it does not end. */
static size_t quoted_length(struct hc_str text)
{
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '"')
            return i + 1;
        i += text.p[i] == '\\';
    }
    return 0;
}

/* Up to the next space; a local part in quotes may hold some. */
static size_t word_length(struct hc_str text)
{
    size_t quoted = text.n && text.p[0] == '"' ? quoted_length(text) : 0;
    ptrdiff_t space = hc_str_chr(hc_str_skip(text, quoted), ' ');

    return space < 0 ? text.n : quoted + (size_t)space;
}

struct hc_str hc_exim_angle(struct hc_str *text)
{
    struct hc_str inner = hc_str_skip(*text, 1), found;
    size_t quoted;
    ptrdiff_t end;

    if (!text->n || text->p[0] != '<')
        return HC_STR_NONE;
    quoted = inner.n && inner.p[0] == '"' ? quoted_length(inner) : 0;
    end = hc_str_chr(hc_str_skip(inner, quoted), '>');
    if (end < 0)
        return HC_STR_NONE;
    found = hc_str_head(inner, quoted + (size_t)end);
    *text = hc_str_skip(*text, found.n + 2);
    return found;
}

/* "[address]", ":port" and the "*" of a connection that was used before. */
static bool read_ip(struct hc_str *text, struct hc_str *ip)
{
    ptrdiff_t close = text->n && text->p[0] == '[' ? hc_str_chr(*text, ']') : -1;
    size_t n = (size_t)close + 1, port;
    struct hc_str inner;

    if (close < 0)
        return false;
    inner = hc_str_n(text->p + 1, (size_t)close - 1);
    if (hc_str_chr(inner, ' ') >= 0)
        return false;
    *ip = hc_word_ip(inner);
    for (port = n + 1; port < text->n && g_ascii_isdigit(text->p[port]); port++)
        ;
    if (n < text->n && text->p[n] == ':' && port > n + 1)
        n = port;
    n += n < text->n && text->p[n] == '*';
    *text = hc_str_skip(*text, n);
    return true;
}

/* "(helo) ": a name or an address literal, nothing else but where a client may say junk. */
static bool read_helo(struct hc_str *text, struct hc_str *helo)
{
    ptrdiff_t close = text->n && text->p[0] == '(' ? hc_str_find(*text, ") ", 0) : -1;

    if (close < 0)
        return false;
    *helo = hc_str_n(text->p + 1, (size_t)close - 1);
    *text = hc_str_skip(*text, (size_t)close + 2);
    return true;
}

bool hc_exim_host(struct hc_str *text, struct hc_exim_fields *out)
{
    struct hc_str rest = hc_str_skip(*text, hc_str_starts(*text, "H=") ? 2 : 0), name = HC_STR_NONE,
                  helo = HC_STR_NONE, ip = HC_STR_NONE;

    if (rest.n && rest.p[0] != '(' && rest.p[0] != '[') {
        name = hc_str_head(rest, word_length(rest));
        rest = hc_str_skip(rest, name.n + 1);
        if (hc_str_starts(rest, "DS "))
            rest = hc_str_skip(rest, 3);
    }
    read_helo(&rest, &helo);
    if (!read_ip(&rest, &ip))
        return false;
    out->host = name;
    out->helo = helo;
    out->ip = ip;
    out->relay = hc_str_head(*text, (size_t)(rest.p - text->p));
    if (hc_str_starts(out->relay, "H="))
        out->relay = hc_str_skip(out->relay, 2);
    *text = rest;
    return true;
}

bool hc_exim_find_client(struct hc_str text, struct hc_exim_fields *f)
{
    static const char *const words[] = {" from ", " H=", " for ", " on "};
    bool quoted = false;
    int tries = 0;

    for (size_t i = 0; i < text.n && tries < BRACKETS_MAX; i++) {
        struct hc_str rest = hc_str_skip(text, i), inner = rest;
        i += quoted && rest.p[0] == '\\';
        if (rest.p[0] == '"')
            quoted = !quoted;
        if (!quoted && rest.p[0] == '<') {
            tries++;
            i += hc_exim_angle(&inner).p ? rest.n - inner.n - 1 : 0;
        }
        for (size_t k = 0; !quoted && k < G_N_ELEMENTS(words); k++) {
            inner = hc_str_skip(rest, strlen(words[k]));
            if (!hc_str_starts(rest, words[k]))
                continue;
            tries++;
            if (hc_exim_host(&inner, f))
                return true;
        }
    }
    return false;
}

/* Where the value of a key goes. */
enum form {
    WORD,   /* to the next space */
    ANGLE,  /* <...> */
    QUOTED, /* "..." */
    HOST,
    PEER,  /* the same, or the name that a local transport was given */
    LOGIN, /* authenticator:who[:sender] */
    FLAG,  /* the key is all */
    REST,  /* everything behind it */
};

struct key {
    const char *name;
    enum form form;
    size_t into; /* offset of the field; 0 (which is `address`): nowhere */
};
#define INTO(field) offsetof(struct hc_exim_fields, field)
#define COMMON                                                                                               \
    {"I=", WORD, 0}, {"U=", WORD, INTO(ident)}, {"Ci=", WORD, 0}, {"X=", WORD, INTO(tls)}, {"CV=", WORD, 0}, \
        {"DN=", QUOTED, 0}, {"SNI=", QUOTED, 0}, {"A=", LOGIN, INTO(auth)}, {"S=", WORD, INTO(size)},        \
        {"Q=", WORD, 0}, {"PRX=", WORD, 0}, {"DKIM=", WORD, 0}, {"DMARC=", WORD, 0}, {"SPF=", WORD, 0},      \
        {"DS", FLAG, 0}, {"K", FLAG, 0}, {"L", FLAG, 0}, {"L-", FLAG, 0}, {"L*", FLAG, 0}, {"L.", FLAG, 0},  \
        {"PRDR", FLAG, 0}, {"ARC", FLAG, 0}, {"SPF", FLAG, 0}, {"DMARC", FLAG, 0}, {"TFO", FLAG, 0},         \
    {                                                                                                        \
        "TFO*", FLAG, 0                                                                                      \
    }

static const struct key arrival_keys[] = {
    COMMON,
    {"H=", HOST, 0},
    {"R=", WORD, INTO(router)},
    {"P=", WORD, INTO(protocol)},
    {"M8S=", WORD, 0},
    {"RT=", WORD, 0},
    {"id=", WORD, INTO(id)},
    {"id*=", WORD, INTO(id)},
    {"T=", QUOTED, INTO(subject)},
    {"from", REST, INTO(rest)}, /* the selectors received_sender and received_recipients: to the end */
    {"for", REST, INTO(rest)},
    {NULL, FLAG, 0},
};
static const struct key delivery_keys[] = {
    COMMON,
    {"H=", PEER, INTO(relay)},
    {"F=", ANGLE, INTO(sender)},
    {"P=", ANGLE, 0},
    {"R=", WORD, INTO(router)},
    {"T=", WORD, INTO(transport)},
    {"PS=", WORD, 0},
    {"C=", QUOTED, INTO(answer)},
    {"QT=", WORD, INTO(queued)},
    {"DT=", WORD, 0},
    {"ST=", REST, 0},
    {NULL, FLAG, 0},
};
static const struct key client_keys[] = {
    COMMON, {"H=", HOST, 0}, {"F=", ANGLE, INTO(sender)}, {NULL, FLAG, 0}};
#define KEYS_MAX 64 /* of one table: one bit each */
G_STATIC_ASSERT(G_N_ELEMENTS(arrival_keys) <= KEYS_MAX && G_N_ELEMENTS(delivery_keys) <= KEYS_MAX);

/* The key at the start; NULL: none of these. */
static const struct key *find_key(const struct key *keys, struct hc_str text)
{
    for (; keys->name; keys++) {
        size_t n;
        if (keys->name[0] != text.p[0] || !hc_str_starts(text, keys->name))
            continue;
        n = strlen(keys->name);
        if (keys->name[n - 1] == '=' || text.n == n || text.p[n] == ' ')
            return keys;
    }
    return NULL;
}

static void put(struct hc_exim_fields *out, size_t into, struct hc_str value)
{
    struct hc_str *field = (struct hc_str *)(void *)((char *)out + into);

    if (into && !field->p)
        *field = value;
}

/* "plain:ana@x.example" */
static void put_login(struct hc_exim_fields *out, struct hc_str value)
{
    ptrdiff_t colon = hc_str_chr(value, ':'), second;
    struct hc_str who = colon < 0 ? HC_STR_NONE : hc_str_skip(value, (size_t)colon + 1);

    put(out, INTO(auth), colon < 0 ? value : hc_str_head(value, (size_t)colon));
    second = hc_str_chr(who, ':'); /* the sender that a trusted client names, where that is logged */
    if (who.n)
        put(out, INTO(login), second > 0 ? hc_str_head(who, (size_t)second) : who);
}

/* A word; a colon at its end belongs to what follows, "T=smtp: SMTP error ...". */
static struct hc_str read_word(struct hc_str *text)
{
    struct hc_str word = hc_str_head(*text, word_length(*text));
    bool colon = word.n && word.p[word.n - 1] == ':';

    word.n -= colon;
    *text = hc_str_skip(*text, word.n);
    return word;
}

/* Moves `text` behind the value. False: there is none of this form. */
static bool read_value(const struct key *key, struct hc_str *text, struct hc_exim_fields *out)
{
    struct hc_str rest = hc_str_skip(*text, strlen(key->name)), value;
    size_t n;

    switch (key->form) {
    case HOST:
        return hc_exim_host(text, out);
    case PEER:
        if (hc_exim_host(text, out))
            return true;
        value = read_word(&rest);
        break;
    case ANGLE:
        value = hc_exim_angle(&rest);
        break;
    case QUOTED:
        n = rest.n && rest.p[0] == '"' ? quoted_length(rest) : 0;
        value = n ? hc_str_n(rest.p + 1, n - 2) : HC_STR_NONE;
        rest = hc_str_skip(rest, n);
        break;
    case REST:
        value = key->into ? *text : HC_STR_LIT("");
        rest = hc_str_n(text->p + text->n, 0);
        break;
    default:
        value = key->form == FLAG ? HC_STR_LIT("") : read_word(&rest);
        break;
    }
    if (!value.p)
        return false;
    if (key->form == LOGIN)
        put_login(out, value);
    else
        put(out, key->into, value);
    *text = rest;
    return true;
}

/*
 * The fields one behind the other, as far as there are some. Of an arrival all of the line is fields: what is
 * none is passed over, and what comes behind it looked at, since it shows who imitated whom.
 */
static void read_fields(const struct key *keys, bool all, struct hc_str text, struct hc_exim_fields *out)
{
    guint64 seen = 0, bit;

    for (;;) {
        const struct key *key;
        while (text.n && text.p[0] == ' ')
            text = hc_str_skip(text, 1);
        key = text.n ? find_key(keys, text) : NULL;
        bit = key ? G_GUINT64_CONSTANT(1) << (key - keys) : 0;
        if (key && !(seen & bit)) {
            seen |= bit; /* tried once, whatever comes of it: a line full of halves takes no time */
            if (read_value(key, &text, out))
                continue;
        }
        out->doubtful = out->doubtful || (all && key);
        if (!text.n || !all)
            break;
        text = hc_str_skip(text, word_length(text));
    }
    if (!out->rest.p)
        out->rest = text;
}

/* Does another client stand in what was said behind the first? A text of the administrator may name the
 * same. */
static bool names_another(struct hc_str text, struct hc_str ip)
{
    ptrdiff_t at = hc_str_find(text, ") [", 0);

    for (int i = 0; at >= 0 && i < BRACKETS_MAX; i++, at = hc_str_find(text, ") [", (size_t)at + 1)) {
        struct hc_str rest = hc_str_skip(text, (size_t)at + 2), other = HC_STR_NONE;
        if (read_ip(&rest, &other) && other.p && !hc_str_eq(other, ip))
            return true;
    }
    return false;
}

static void forget_client(struct hc_exim_fields *out)
{
    out->doubtful = true;
    out->relay = out->host = out->helo = out->ip = out->ident = out->auth = out->login = HC_STR_NONE;
}

/* That a client was authenticated is told by the protocol too, which stands before the names in its
 * certificate. */
static bool may_be_login(const struct hc_exim_fields *f)
{
    return !f->tls.p || hc_str_ends(f->protocol, "a") || hc_str_starts(f->protocol, "asmtp");
}

static void read_arrival(struct hc_str text, struct hc_exim_fields *out)
{
    size_t n = word_length(text);

    out->address = hc_str_is(hc_str_head(text, n), "<>") ? hc_str_n(text.p, 0) : hc_str_head(text, n);
    read_fields(arrival_keys, true, hc_str_skip(text, n), out);
    if (out->doubtful) {
        forget_client(out);
        out->id = out->subject = HC_STR_NONE;
    } else if (!may_be_login(out)) {
        out->auth = out->login = HC_STR_NONE;
    }
}

/* Where the addresses end and the fields, the line or, of a failure, the reason begin. */
static size_t addresses_length(struct hc_str text, bool reason)
{
    static const char *const ends[] = {" R=", " T=", " F=<", " P=<", " Q=", " defer (", " routing defer (",
                                       ": ",  " : "};
    size_t n_ends = reason ? G_N_ELEMENTS(ends) : G_N_ELEMENTS(ends) - 2;

    bool closed = true; /* where one quote is not closed, none behind it is looked for */

    for (size_t i = 0; i < text.n; i++) {
        struct hc_str rest = hc_str_skip(text, i);
        size_t quoted = closed && rest.p[0] == '"' ? quoted_length(rest) : 0;
        closed = closed && (quoted || rest.p[0] != '"');
        i += quoted ? quoted - 1 : 0;
        for (size_t k = 0; !quoted && (rest.p[0] == ' ' || rest.p[0] == ':') && k < n_ends; k++)
            if (hc_str_starts(rest, ends[k]))
                return i;
    }
    return reason && text.n && text.p[text.n - 1] == ':' ? text.n - 1 : text.n;
}

/* Where " <original>" begins, which is the end of the text. */
static ptrdiff_t original_at(struct hc_str text)
{
    ptrdiff_t at = text.n && text.p[text.n - 1] == '>' ? hc_str_find(text, " <", 0) : -1;

    for (int i = 0; at >= 0 && i < BRACKETS_MAX; i++, at = hc_str_find(text, " <", (size_t)at + 1)) {
        struct hc_str rest = hc_str_skip(text, (size_t)at + 1);
        if (hc_exim_angle(&rest).p && !rest.n)
            return at;
    }
    return -1;
}

/* "final (parent, parent) <original>" */
static void read_addresses(struct hc_str text, struct hc_exim_fields *out)
{
    bool plain = text.n && text.p[0] != '|' && text.p[0] != '/' && !hc_str_starts(text, "save ");
    size_t n = plain ? word_length(text) : 0;
    ptrdiff_t at = original_at(hc_str_skip(text, n)), open;
    struct hc_str rest;

    if (at >= 0) {
        rest = hc_str_skip(text, n + (size_t)at + 1);
        out->original = hc_exim_angle(&rest);
        text = hc_str_head(text, n + (size_t)at);
    }
    open = text.n && text.p[text.n - 1] == ')' ? hc_str_find(text, " (", n) : -1;
    if (open >= 0) {
        out->parent = hc_str_n(text.p + open + 2, text.n - (size_t)open - 3);
        text = hc_str_head(text, (size_t)open);
    }
    out->address = text;
}

/* Of the system's own words for an error number, which hold nothing of a stranger's: their length. */
static size_t error_length(struct hc_str text)
{
    size_t n = hc_str_starts(text, ": ") ? 2 : 0;

    while (n && n < text.n &&
           (g_ascii_isalpha(text.p[n]) || (text.p[n] == ' ' && !hc_str_starts(hc_str_skip(text, n), " H=")) ||
            strchr("/-()'", text.p[n])))
        n++;
    return n;
}

/* "[routing ]defer (-44)[: Connection refused][ H=host [address]][ DT=1s]: the reason" */
static void read_deferral(struct hc_exim_fields *out)
{
    struct hc_str rest = hc_str_starts(out->rest, "routing ") ? hc_str_skip(out->rest, 8) : out->rest, host;
    ptrdiff_t close = hc_str_starts(rest, "defer (") ? hc_str_find(rest, ")", 0) : -1;
    size_t n;

    if (close < 0)
        return;
    out->code = hc_str_n(rest.p + 7, (size_t)close - 7);
    out->rest = rest = hc_str_skip(rest, (size_t)close + 1);
    n = hc_str_starts(out->code, "-") ? 0 : error_length(rest);
    host = hc_str_skip(rest, n + 1);
    if (hc_str_starts(hc_str_skip(rest, n), " H=") && hc_exim_host(&host, out))
        out->rest = n ? rest : host;
}

/* Is `text` this quoted local part, or with its domain the address, without quotes? Case is no matter: Exim
 * folds it. */
static bool is_unquoted(struct hc_str text, struct hc_str address)
{
    size_t end = quoted_length(address), k = 0;

    for (size_t i = 1; i < address.n; i++) {
        if (i + 1 == end) {
            if (k == text.n)
                return true;
            continue;
        }
        i += i < end && address.p[i] == '\\';
        if (k == text.n || g_ascii_tolower(text.p[k++]) != g_ascii_tolower(address.p[i]))
            return false;
    }
    return end && k == text.n;
}

/*
 * A recipient with a quoted local part is logged without its quotes, and with them as the original behind it:
 * "x T=y@z.example <"x T=y"@z.example>". Such a local part may hold whatever a line does, so the place is
 * looked for where the two are the same. 0: there is none; else where the original ends.
 */
static size_t twofold_length(struct hc_str text, struct hc_str *original)
{
    ptrdiff_t at = hc_str_find(text, " <\"", 0);

    for (int i = 0; at >= 0 && i < BRACKETS_MAX; i++, at = hc_str_find(text, " <\"", (size_t)at + 1)) {
        struct hc_str rest = hc_str_skip(text, (size_t)at + 1);
        *original = hc_exim_angle(&rest);
        if (original->p && is_unquoted(hc_str_head(text, (size_t)at), *original))
            return text.n - rest.n;
    }
    *original = HC_STR_NONE;
    return 0;
}

static void read_delivery(enum hc_exim_flag flag, struct hc_str text, struct hc_exim_fields *out)
{
    size_t n = twofold_length(text, &out->address);

    if (!n) {
        n = addresses_length(text, flag == HC_EXIM_FAILED);
        read_addresses(hc_str_head(text, n), out);
    }
    read_fields(delivery_keys, false, hc_str_skip(text, n), out);
    if (flag == HC_EXIM_DEFERRED)
        read_deferral(out);
    while (out->rest.n && (out->rest.p[0] == ':' || out->rest.p[0] == ' '))
        out->rest = hc_str_skip(out->rest, 1);
}

void hc_exim_read(enum hc_exim_flag flag, struct hc_str text, struct hc_exim_fields *out)
{
    memset(out, 0, sizeof *out);
    switch (flag) {
    case HC_EXIM_ARRIVAL:
    case HC_EXIM_FAKEREJECT:
        read_arrival(text, out);
        break;
    case HC_EXIM_OTHER:
    case HC_EXIM_COMPLETED:
        read_fields(client_keys, false, text, out);
        if (names_another(out->rest, out->ip))
            forget_client(out);
        break;
    default:
        read_delivery(flag, text, out);
        break;
    }
}
