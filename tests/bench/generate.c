/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in bulk, for measuring: generate KIND SCALE writes it to standard output, the same bytes for the
 * same arguments. At scale 1: dump   a package index's database as pg_dump writes it, 8 million rows, some 2
 * GB; psql loads it without an error events one table of it as CSV, 3 million rows mail   a mail server's
 * log, 8 million lines, 1 GB audit  a code host's audit log as JSON lines, 1.25 million records, 1 GB names
 * eight accounts and projects that are in the dump, by name and by id, one a line Everybody in it is
 * invented.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables of the dump at scale 1. */
#define USERS 200000
#define PROJECTS 100000
#define ROLES 250000
#define INVITATIONS 50000
#define ADDRESSES 300000
#define JOURNALS 2000000
#define USER_EVENTS 3000000
#define PROJECT_EVENTS 2000000
#define DESCRIPTIONS 150000
#define MESSAGES 1020000
#define RECORDS 1250000

static double scale;
static uint64_t state = 42;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t below(uint64_t n)
{
    return (chance() >> 16) % n;
}

static uint64_t count(uint64_t whole)
{
    uint64_t n = (uint64_t)((double)whole * scale);

    return n ? n : 1;
}

/* What has an id has always the same: `table` keeps those of two tables apart. */
struct id {
    char text[37];
};

static struct id id_of(unsigned table, uint64_t no)
{
    uint64_t a = (no + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)table << 56,
             b = (a ^ a >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    struct id id;

    snprintf(id.text, sizeof id.text, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64,
             a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & UINT64_C(0xffffffffffff));
    return id;
}

static const char *const syllables[] = {"ka", "lo", "mi", "ne", "ru", "sa", "te", "vo",
                                        "zi", "ha", "du", "fe", "gi", "jo", "pa", "wy"};

static const char *name_of(const char *prefix, uint64_t no)
{
    static char names[4][48]; /* four may be in use in one line */
    static unsigned next;
    char *name = names[next++ % 4];

    snprintf(name, sizeof names[0], "%s%s%s%s%" PRIu64, prefix, syllables[no % 16], syllables[no / 16 % 16],
             syllables[no / 256 % 16], no);
    return name;
}

#define user(no) name_of("", no)
#define project(no) name_of("lib-", no)

/* Some accounts do much, most do little. */
static uint64_t some_of(uint64_t n)
{
    return below(4) ? below(n) : below(n / 50 + 1);
}

/* Within 2023, from its first second on; `part` of `whole` is how far. */
static const char *time_of(uint64_t part, uint64_t whole)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static char text[40];
    uint64_t s = (uint64_t)((double)part / (double)whole * 31500000.0), day = s / 86400, us = below(1000000);
    int month = 0;

    while (month < 11 && day >= (uint64_t)days[month])
        day -= (uint64_t)days[month++];
    if (us % 4) /* trailing zeros are not written */
        us = us / 10 * 10 + 1;
    snprintf(text, sizeof text, "2023-%02d-%02d %02d:%02d:%02d.%06d", month + 1, (int)day + 1,
             (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60), (int)us);
    while (text[strlen(text) - 1] == '0')
        text[strlen(text) - 1] = '\0';
    if (text[strlen(text) - 1] == '.')
        text[strlen(text) - 1] = '\0';
    return text;
}

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/118.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 "
    "Safari/537.36",
    "twine/4.0.2 pkginfo/1.9.6 requests/2.31.0 setuptools/68.0.0 CPython/3.11.6", "curl/8.4.0"};
static const char *const countries[] = {"DE", "NP", "US", "BR", "JP", "KE", "FR", "IN"};

#define EVENT_TABLE                                                                                          \
    "    id uuid NOT NULL,\n    source_id uuid,\n    tag text,\n    \"time\" timestamp without time "        \
    "zone,\n    ip_address_id uuid,\n"                                                                       \
    "    additional jsonb"

static const struct {
    const char *name, *columns, *names;
} tables[] = {
    {"users",
     "    id uuid NOT NULL,\n    username text NOT NULL,\n    name text,\n    date_joined timestamp without "
     "time zone,\n"
     "    is_active boolean,\n    is_frozen boolean,\n    password text",
     "id, username, name, date_joined, is_active, is_frozen, password"},
    {"user_emails",
     "    id integer NOT NULL,\n    email text NOT NULL,\n    \"primary\" boolean,\n    verified boolean,\n  "
     "  user_id uuid",
     "id, email, \"primary\", verified, user_id"},
    {"projects",
     "    id uuid NOT NULL,\n    name text NOT NULL,\n    created timestamp without time zone,\n    "
     "last_serial integer",
     "id, name, created, last_serial"},
    {"roles", "    role_name text,\n    id uuid NOT NULL,\n    project_id uuid,\n    user_id uuid",
     "role_name, id, project_id, user_id"},
    {"role_invitations",
     "    id uuid NOT NULL,\n    invite_status text,\n    token text,\n    user_id uuid,\n    project_id "
     "uuid",
     "id, invite_status, token, user_id, project_id"},
    {"ip_addresses",
     "    id uuid NOT NULL,\n    ip_address inet NOT NULL,\n    hashed_ip_address text,\n    is_banned "
     "boolean",
     "id, ip_address, hashed_ip_address, is_banned"},
    {"journals",
     "    id integer NOT NULL,\n    name text,\n    version text,\n    action text,\n    submitted_date "
     "timestamp without time zone,\n"
     "    submitted_by text",
     "id, name, version, action, submitted_date, submitted_by"},
    {"user_events", EVENT_TABLE, "id, source_id, tag, \"time\", ip_address_id, additional"},
    {"project_events", EVENT_TABLE, "id, source_id, tag, \"time\", ip_address_id, additional"},
    {"release_descriptions", "    id uuid NOT NULL,\n    content_type text,\n    raw text NOT NULL",
     "id, content_type, raw"},
};

#define N_TABLES (sizeof tables / sizeof *tables)

static void create(void)
{
    for (size_t i = 0; i < N_TABLES; i++)
        printf("CREATE TABLE public.%s (\n%s\n);\n\n\n", tables[i].name, tables[i].columns);
}

static void copy(const char *name)
{
    size_t i = 0;

    while (strcmp(tables[i].name, name) != 0)
        i++;
    printf("COPY public.%s (%s) FROM stdin;\n", name, tables[i].names);
}

static void end_table(void)
{
    printf("\\.\n\n\n");
}

static void users(void)
{
    const uint64_t n = count(USERS);

    copy("users");
    for (uint64_t i = 0; i < n; i++)
        printf("%s\t%s\t%s\t%s\tt\t%c\t$argon2id$v=19$m=1024,t=6,p=6$%016" PRIx64 "\n", id_of(1, i).text,
               user(i), i % 5 ? "\\N" : "Somebody \\\\ Else", time_of(i, n), i % 997 ? 'f' : 't', chance());
    end_table();
    copy("user_emails");
    for (uint64_t i = 0; i < n; i++)
        printf("%" PRIu64 "\t%s@mail%" PRIu64 ".example\tt\t%c\t%s\n", i + 1, user(i), i % 40,
               i % 9 ? 't' : 'f', id_of(1, i).text);
    end_table();
}

static void projects(void)
{
    const uint64_t n = count(PROJECTS), n_users = count(USERS);

    copy("projects");
    for (uint64_t i = 0; i < n; i++)
        printf("%s\t%s\t%s\t%" PRIu64 "\n", id_of(2, i).text, project(i), time_of(i, n), i * 20);
    end_table();
    copy("roles");
    for (uint64_t i = 0; i < count(ROLES); i++)
        printf("%s\t%s\t%s\t%s\n", i % 3 ? "Owner" : "Maintainer", id_of(3, i).text, id_of(2, below(n)).text,
               id_of(1, some_of(n_users)).text);
    end_table();
    copy("role_invitations");
    for (uint64_t i = 0; i < count(INVITATIONS); i++)
        printf("%s\t%s\t%016" PRIx64 "\t%s\t%s\n", id_of(4, i).text, i % 2 ? "pending" : "expired", chance(),
               id_of(1, below(n_users)).text, id_of(2, below(n)).text);
    end_table();
}

static void addresses(void)
{
    copy("ip_addresses");
    for (uint64_t i = 0; i < count(ADDRESSES); i++)
        printf("%s\t10.%d.%d.%d\t%016" PRIx64 "%016" PRIx64 "\tf\n", id_of(5, i).text, (int)(i >> 16),
               (int)(i >> 8 & 255), (int)(i & 255), chance(), chance());
    end_table();
}

static void journals(void)
{
    const uint64_t n = count(JOURNALS), n_users = count(USERS), n_projects = count(PROJECTS);

    copy("journals");
    for (uint64_t i = 0; i < n; i++) {
        uint64_t p = some_of(n_projects), kind = below(20);
        printf("%" PRIu64 "\t%s\t", i + 1, project(p));
        if (kind < 12)
            printf("%d.%d\tadd py3 file %s-%d.%d.tar.gz", (int)(i % 7), (int)(i % 31), project(p),
                   (int)(i % 7), (int)(i % 31));
        else if (kind < 17)
            printf("%d.%d\tnew release", (int)(i % 7), (int)(i % 31));
        else if (kind < 19)
            printf("\\N\tadd Owner %s", user(below(n_users)));
        else
            printf("\\N\t%s", i % 2 ? "create" : "remove project");
        printf("\t%s\t%s\n", time_of(i, n), user(some_of(n_users)));
    }
    end_table();
}

/* `quote`: how a quote is written inside of the column, "\"" or, in CSV, "\"\"". */
static void user_event(uint64_t i, uint64_t n, char divider, const char *quote)
{
    static const char *const tags[] = {"account:login:success",   "account:login:success",
                                       "account:login:failure",   "account:email:sent",
                                       "account:password:change", "account:two_factor:method_added",
                                       "account:api_token:added"};
    uint64_t who = some_of(count(USERS));
    const char *q = quote, *agent = agents[below(4)];

    printf("%s%c%s%c%s%c%s%c%s%c", id_of(6, i).text, divider, id_of(1, who).text, divider, tags[below(7)],
           divider, time_of(i, n), divider, id_of(5, some_of(count(ADDRESSES))).text, divider);
    printf("%s{%sto%s: %s%s@mail%" PRIu64
           ".example%s, %sauth_method%s: %spassword%s, %sgeoip_info%s: {%scountry_code%s: %s%s%s}, "
           "%suser_agent_info%s: {%sinstaller%s: %sBrowser%s, %suser_agent%s: %s%s%s}, "
           "%stwo_factor_method%s: %s%s%s}%s\n",
           divider == ',' ? "\"" : "", q, q, q, user(who), who % 40, q, q, q, q, q, q, q, q, q, q,
           countries[i % 8], q, q, q, q, q, q, q, q, q, q, agent, q, q, q, q, i % 3 ? "totp" : "webauthn", q,
           divider == ',' ? "\"" : "");
}

static void user_events(void)
{
    const uint64_t n = count(USER_EVENTS);

    copy("user_events");
    for (uint64_t i = 0; i < n; i++)
        user_event(i, n, '\t', "\"");
    end_table();
}

static void project_events(void)
{
    static const char *const tags[] = {"project:release:add", "project:release:add", "project:role:invite",
                                       "project:role:add", "project:role:remove"};
    const uint64_t n = count(PROJECT_EVENTS), n_users = count(USERS);

    copy("project_events");
    for (uint64_t i = 0; i < n; i++) {
        uint64_t who = some_of(n_users);
        printf("%s\t%s\t%s\t%s\t%s\t", id_of(7, i).text, id_of(2, some_of(count(PROJECTS))).text,
               tags[below(5)], time_of(i, n), id_of(5, some_of(count(ADDRESSES))).text);
        printf("{\"role_name\": \"%s\", \"geoip_info\": {\"country_code\": \"%s\"}, \"target_user\": \"%s\", "
               "\"submitted_by\": \"%s\", "
               "\"user_agent_info\": {\"installer\": \"Browser\", \"user_agent\": \"%s\"}, "
               "\"canonical_version\": \"%d.%d\"}\n",
               i % 3 ? "Owner" : "Maintainer", countries[i % 8], user(below(n_users)), user(who),
               agents[below(4)], (int)(i % 7), (int)(i % 31));
    }
    end_table();
}

/* Nobody asks for these: they are to be passed over. */
static void descriptions(void)
{
    copy("release_descriptions");
    for (uint64_t i = 0; i < count(DESCRIPTIONS); i++) {
        printf("%s\ttext/markdown\t# Title\\n\\nWhat it does:\\n", id_of(8, i).text);
        for (uint64_t k = below(20); k; k--)
            printf("* \\tit %ss the `%s` of a \\\\path\\\\ and more of the same\\n", syllables[k % 16],
                   syllables[chance() % 16]);
        putchar('\n');
    }
    end_table();
}

static void dump(void)
{
    printf("--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.4\n-- Dumped by "
           "pg_dump version 15.4\n\n"
           "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = "
           "on;\n\n");
    create();
    users();
    projects();
    addresses();
    descriptions();
    journals();
    user_events();
    project_events();
    for (size_t i = 0; i < N_TABLES; i++)
        printf("ALTER TABLE ONLY public.%s\n    ADD CONSTRAINT %s_pkey PRIMARY KEY (id);\n\n\n",
               tables[i].name, tables[i].name);
    printf("CREATE INDEX journals_name ON public.journals USING btree (name);\n\n\nCREATE INDEX journals_by "
           "ON public.journals USING btree (submitted_by);\n\n\n"
           "CREATE INDEX user_events_source ON public.user_events USING btree (source_id);\n\n\n"
           "CREATE INDEX project_events_source ON public.project_events USING btree (source_id);\n\n\n--\n-- "
           "PostgreSQL database dump complete\n--\n\n");
}

static void events(void)
{
    const uint64_t n = count(USER_EVENTS);

    puts("id,source_id,tag,time,ip_address_id,additional");
    for (uint64_t i = 0; i < n; i++)
        user_event(i, n, ',', "\"\"");
}

/* The head of a line about the message `i` of `n`. */
static void stamp(uint64_t i, uint64_t n, const char *program, unsigned pid)
{
    uint64_t s = i * 860000 / n;

    printf("Nov %2d %02d:%02d:%02d relay1 %s[%u]: ", (int)(s / 86400) + 10, (int)(s / 3600 % 24),
           (int)(s / 60 % 60), (int)(s % 60), program, pid);
}

#define LATER 700 /* messages until one that was deferred is tried again: ten minutes at scale 1 */

/* What is said of a message more than once is the same each time. */
static uint64_t fate(uint64_t i)
{
    return i * 2654435761u % 50;
}

static void try_again(uint64_t i, uint64_t now, uint64_t n)
{
    stamp(now, n, "postfix/qmgr", 900);
    printf("4%010" PRIX64 ": from=<%s@mail1.example>, size=1999, nrcpt=1 (queue active)\n", i * 131 + 7,
           user(i * 7919 % count(USERS)));
    stamp(now, n, "postfix/smtp", 1400);
    printf("4%010" PRIX64 ": to=<%s@mail7.example>, relay=mx.mail7.example[10.2.0.7]:25, delay=601, "
           "delays=600/0.01/0.4/0.39, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n",
           i * 131 + 7, user(i * 6101 % count(USERS)));
    stamp(now, n, "postfix/qmgr", 900);
    printf("4%010" PRIX64 ": removed\n", i * 131 + 7);
}

static void deliver(uint64_t i, uint64_t n, const char *queue, unsigned pid)
{
    const char *to = user(i * 6101 % count(USERS));
    bool refused = fate(i) >= 47;

    stamp(i, n, "postfix/smtp", pid + 2);
    if (fate(i) < 9) {
        printf("%s: to=<%s@mail7.example>, relay=none, delay=30, delays=0.1/0.01/30/0, dsn=4.4.1, "
               "status=deferred (connect to mx.mail7.example[10.2.0.7]:25: Connection timed out)\n",
               queue, to);
        return;
    }
    printf("%s: to=<%s@mail7.example>, relay=mx.mail7.example[10.2.0.7]:25, delay=0.9, "
           "delays=0.1/0.01/0.4/0.39, dsn=%s, status=%s\n",
           queue, to, refused ? "5.1.1" : "2.0.0",
           refused ? "bounced (host mx.mail7.example[10.2.0.7] said: 550 5.1.1 no such user)"
                   : "sent (250 2.0.0 Ok: queued)");
    stamp(i, n, "postfix/qmgr", 900);
    printf("%s: removed\n", queue);
}

static void message(uint64_t i, uint64_t n)
{
    unsigned pid = 1000 + (unsigned)below(400), host = (unsigned)below(250);
    char queue[16];

    snprintf(queue, sizeof queue, "4%010" PRIX64, i * 131 + 7);
    stamp(i, n, "postfix/smtpd", pid);
    printf("connect from mx%u.mail%u.example[10.1.%u.9]\n", host, host % 40, host);
    stamp(i, n, "postfix/smtpd", pid);
    printf("%s: client=mx%u.mail%u.example[10.1.%u.9]\n", queue, host, host % 40, host);
    stamp(i, n, "postfix/cleanup", pid + 1);
    printf("%s: message-id=<%s@mail%u.example>\n", queue, id_of(9, i).text, host % 40);
    stamp(i, n, "postfix/qmgr", 900);
    printf("%s: from=<%s@mail%u.example>, size=%u, nrcpt=1 (queue active)\n", queue,
           user(i * 7919 % count(USERS)), host % 40, 700 + host * 13);
    deliver(i, n, queue, pid);
    stamp(i, n, "postfix/smtpd", pid);
    printf("disconnect from mx%u.mail%u.example[10.1.%u.9] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5\n",
           host, host % 40, host);
    if (i % 5 == 0) {
        stamp(i, n, "postfix/smtpd", pid);
        printf("NOQUEUE: reject: RCPT from unknown[10.3.%u.1]: 554 5.7.1 <relay@x.example>: Relay access "
               "denied; from=<a@b.example> to=<relay@x.example> proto=ESMTP helo=<h>\n",
               host);
    }
    if (i >= LATER && fate(i - LATER) < 9)
        try_again(i - LATER, i, n);
}

static void mail(void)
{
    const uint64_t n = count(MESSAGES);

    for (uint64_t i = 0; i < n; i++)
        message(i, n);
}

static void audit(void)
{
    static const char *const actions[] = {
        "git.clone",         "git.push",        "repo.create",        "org.add_member",
        "org.remove_member", "team.add_member", "pull_request.merge", "protected_branch.update"};
    const uint64_t n = count(RECORDS), n_users = count(USERS);

    for (uint64_t i = 0; i < n; i++) {
        uint64_t ms = UINT64_C(1672531200000) + i * 31000000000 / n;
        const char *actor = user(some_of(n_users)), *other = user(below(n_users)),
                   *repo = project(some_of(count(PROJECTS)));
        printf("{\"@timestamp\":%" PRIu64 ",\"_document_id\":\"%s\",\"action\":\"%s\",\"actor\":\"%s\","
               "\"actor_id\":%u,\"actor_ip\":\"10.%d.%d.%d\","
               "\"actor_is_bot\":false,\"actor_location\":{\"country_code\":\"%s\",\"region\":null},"
               "\"business\":\"example\",\"business_id\":77,",
               ms, id_of(10, i).text, actions[below(8)], actor, (unsigned)(i % 100000), (int)below(200),
               (int)below(256), (int)below(256), countries[i % 8]);
        printf("\"created_at\":%" PRIu64
               ",\"external_identity_nameid\":\"%s@mail3.example\",\"hashed_token\":\"%016" PRIx64
               "%016" PRIx64 "=\",\"operation_type\":\"modify\","
               "\"org\":\"example\",\"org_id\":4711,\"permissions\":[\"admin\",\"push\",\"pull\"],"
               "\"programmatic_access_type\":\"%s\",\"public_repo\":%s,",
               ms, actor, chance(), chance(),
               i % 2 ? "OAuth access token" : "Fine-grained personal access token", i % 3 ? "true" : "false");
        printf("\"repo\":\"example/"
               "%s\",\"repo_id\":%u,\"request_id\":\"%04X:%04X:%08X:%08X\",\"team\":\"example/"
               "t%d\",\"token_id\":%u,\"transport_protocol\":1,"
               "\"transport_protocol_name\":\"http\",\"user\":\"%s\",\"user_agent\":\"%s\",\"user_id\":%u,"
               "\"visibility\":\"private\",",
               repo, (unsigned)(i % 77777), (unsigned)below(65536), (unsigned)below(65536),
               (unsigned)below(1u << 31), (unsigned)below(1u << 31), (int)(i % 50), (unsigned)below(1u << 30),
               other, agents[below(4)], (unsigned)(i % 54321));
        printf("\"message\":\"\\\"%s\\\" \\u2192 %s "
               "\xc3\xa9t\xc3\xa9\",\"config\":{\"events\":[\"push\",{\"id\":%d}],\"url\":\"https:\\/\\/"
               "hooks.example\\/%d\",\"content_type\":\"json\"}}\n",
               other, repo, (int)(i % 9), (int)(i % 999));
    }
}

static void names(void)
{
    for (uint64_t i = 0; i < 4; i++)
        printf("%s\n%s\n%s\n%s\n", user(count(USERS) / 2 + i), id_of(1, count(USERS) / 2 + i).text,
               project(count(PROJECTS) / 2 + i), id_of(2, count(PROJECTS) / 2 + i).text);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write)(void);
    } kinds[] = {{"dump", dump}, {"events", events}, {"mail", mail}, {"audit", audit}, {"names", names}};

    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    scale = argc == 3 ? strtod(argv[2], NULL) : 0;
    for (size_t i = 0; scale > 0 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0) {
            kinds[i].write();
            return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
        }
    fprintf(stderr, "generate dump|events|mail|audit|names SCALE\n");
    return 2;
}
