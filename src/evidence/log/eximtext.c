/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/eximtext.h"

/* Digits where the pattern has 0, else the same byte. */
static bool like(struct hc_str text, const char *pattern)
{
    size_t n = strlen(pattern);

    for (size_t i = 0; i < n; i++)
        if (i >= text.n || (pattern[i] == '0' ? !g_ascii_isdigit(text.p[i]) : text.p[i] != pattern[i]))
            return false;
    return true;
}

size_t hc_exim_stamp(struct hc_str text)
{
    size_t n = strlen("0000-00-00 00:00:00");

    if (!like(text, "0000-00-00 00:00:00"))
        return 0;
    n += like(hc_str_skip(text, n), ".000") ? 4 : 0;
    if (like(hc_str_skip(text, n), " +0000") || like(hc_str_skip(text, n), " -0000"))
        n += 6;
    return n == text.n || text.p[n] == ' ' ? n : 0;
}

size_t hc_exim_unescape(struct hc_str text, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < size; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : '\0';
        struct hc_str octal = hc_str_skip(text, i + 1);
        if (c == '\\' && octal.n >= 3 && like(octal, "000") && octal.p[0] < '4' && octal.p[1] < '8' &&
            octal.p[2] < '8') {
            c = (char)((octal.p[0] - '0') * 64 + (octal.p[1] - '0') * 8 + octal.p[2] - '0');
            i += 3;
        } else if (c == '\\' && next) {
            c = next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
            i++;
        }
        out[n++] = c;
    }
    return n;
}

struct hc_str hc_exim_header(struct hc_str block, const char *begin)
{
    struct hc_str found = HC_STR_NONE;
    int n = 0;

    while (block.n) {
        ptrdiff_t end = hc_str_chr(block, '\n');
        struct hc_str line = end < 0 ? block : hc_str_head(block, (size_t)end);
        if (line.n >= strlen(begin) && g_ascii_strncasecmp(line.p, begin, strlen(begin)) == 0) {
            found = hc_str_trim(hc_str_skip(line, strlen(begin)));
            n++;
        }
        block = hc_str_skip(block, line.n + 1);
    }
    return n == 1 ? found : HC_STR_NONE;
}

const char *hc_exim_ignored(struct hc_str text)
{
    static const struct {
        const char *begin, *rule;
    } rules[] = {{"Start ", "queue runs"},
                 {"End ", "queue runs"},
                 {"Abandon queue run", "queue runs"},
                 {"notify triggered queue run", "queue runs"},
                 {"exim ", "start and end of the daemon"},
                 {"SMTP connection from ", "connections"},
                 {"SMTP connection identification ", "connections"},
                 {"no MAIL in ", "connections"},
                 {"unexpected ", "connections"},
                 {"SMTP command timeout on ", "connections"},
                 {"SMTP data timeout ", "connections"},
                 {"TLS error on ", "connections"},
                 {"TLS session: ", "connections"},
                 {"no host name found for IP address ", "names of hosts"},
                 {"no IP address found for host ", "names of hosts"},
                 {"IP address ", "names of hosts"},
                 {"list matching forced to fail: ", "names of hosts"},
                 {"ident connection to ", "names of hosts"},
                 {"cwd=", "command lines"}};

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (hc_str_starts(text, rules[i].begin))
            return rules[i].rule;
    return NULL;
}

bool hc_exim_is_refusal(struct hc_str text)
{
    static const char *const begins[] = {"rejected ",
                                         "temporarily rejected ",
                                         "refused connection from ",
                                         "temporarily refused connection from ",
                                         "connection from ",
                                         "unqualified sender rejected: ",
                                         "unqualified recipient rejected: ",
                                         "too many recipients: ",
                                         "SMTP protocol synchronization error ",
                                         "SMTP call from "};

    for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
        if (hc_str_starts(text, begins[i]))
            return true;
    return false;
}
