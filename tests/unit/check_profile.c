/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile may not say, and its limits. What the built-in ones make of their samples is in
 * tests/golden. */
#include "src/base/pattern.h"
#include "src/evidence/profile.h"

#include <check.h>

Suite *suite_profile(void);

#define HEAD "name: t\nformat: json\n"
#define EVENT HEAD "records:\n- type: a\n  event: "

static const struct {
    const char *yaml, *error;
} faults[] = {
    {"format: json\nrecords: []\n", "p:1:1: a profile needs name and format"},
    {"nam: x\n", "p:1:1: unknown key \"nam\""},
    {HEAD, "p:1:1: records are missing"},
    {HEAD "zone: Mars/Olympus\nrecords: []\n", "there is no time zone called 'Mars/Olympus'"},
    {HEAD "time-form: sundial\nrecords: []\n", "p:3:12: unknown form of time 'sundial'"},
    {HEAD "recognise: {headers: x}\nrecords: []\n", "p:3:13: unknown key \"headers\""},
    {HEAD "recognise: {}\nrecords: []\n", "p:3:12: nothing is said that a file could be recognised by"},
    {HEAD "recognise: [{members: ['{']}]\nrecords: []\n", "p:3:24: '{' without '}' in a pattern"},
    {HEAD "recognise: {tables: [a]}\nrecords: []\n",
     "p:3:21: tables are a mapping of names to lists of columns"},
    {HEAD "records:\n- event: {time: t}\n", "p:4:3: a record entry needs a type"},
    {HEAD "records:\n- type: a\n", "p:4:3: a record type needs an event or a state"},
    {HEAD "records:\n- type: a\n  columns: id\n  event: {time: t}\n", "p:5:12: columns are a list of names"},
    {HEAD "records:\n- type: a\n  each: id\n  event: {time: t}\n", "p:5:9: lists are a list of names"},
    {EVENT "{time: [t, [u]]}\n", "p:5:21: a field or a template is expected"},
    {EVENT "{time: []}\n", "p:5:17: a field or a template is expected"},
    {HEAD "unwrap: Records\nrecords: []\n", "p:3:9: places of records are a list of names"},
    {HEAD "records:\n- type: a\n  aside: id\n  event: {time: t}\n",
     "p:5:10: fields aside are a list of names"},
    {HEAD "records:\n- type: '{'\n  event: {time: t}\n", "p:4:3: '{' without '}' in a pattern"},
    {HEAD "records:\n- type: a\n  event: {time: t}\n  sample: x\n", "p:6:3: unknown key \"sample\""},
    {EVENT "{}\n", "p:5:10: an event needs a time"},
    {EVENT "{time: {field: t, form: sundial}}\n", "p:5:17: a time needs a field and a known form"},
    {EVENT "{time: t, actor: x}\n", "p:5:27: a reference is expected"},
    {EVENT "{time: t, actor: {person: x}}\n", "p:5:36: 'person' is no kind of reference"},
    {EVENT "{time: t, action: fly}\n", "p:5:28: 'fly' is no action of the vocabulary"},
    {EVENT "{time: t, outcome: maybe}\n", "p:5:29: an outcome is success or failure"},
    {EVENT "{time: t, text: '{x'}\n", "p:5:26: '{' without '}'"},
    {EVENT "{time: t, colour: x}\n", "p:5:20: unknown key \"colour\""},
    {EVENT "{time: t, select: s, cases: {b: {colour: x}}}\n", "p:5:43: unknown key \"colour\""},
    {EVENT "{time: t, select: s, given: x}\n", "p:5:31: unknown key \"given\""},
    {EVENT "{time: t, select: s, cases: {b: {given: [x]}}}\n",
     "p:5:50: a field is expected, or a field with a pattern"},
    {EVENT "{time: t, select: s, cases: {b: {given: {x: a, y: b}}}}\n",
     "p:5:50: a field is expected, or a field with a pattern"},
    {EVENT "{time: t, select: s, cases: {b: {given: {x: '{'}}}}\n", "p:5:54: '{' without '}' in a pattern"},
    {HEAD "records:\n- type: a\n  event: {time: t}\n  alias: {id: {account: x}}\n",
     "p:6:10: an alias needs id and name"},
    {HEAD "secret: [a.key]\nrecords:\n- type: a\n  event: {time: t, text: key}\n",
     "p:3:10: a.key is secret and is read by a record entry"},
    {HEAD "secret: [a.box]\nrecords:\n- type: a\n  event: {time: t, text: box.key}\n",
     "p:3:10: a.box.key is secret and is read by a record entry"},
};

START_TEST(refuses)
{
    GError *error = NULL;
    struct hc_profile *p = hc_profile_parse(hc_str(faults[_i].yaml), "p", &error);

    ck_assert_ptr_null(p);
    ck_assert_msg(g_str_has_prefix(error->message, faults[_i].error), "got %s, want %s", error->message,
                  faults[_i].error);
    g_clear_error(&error);
}
END_TEST

/* One attribute is left for a masked actor. */
START_TEST(attribute_limit)
{
    for (int n = HC_ATTRIBUTES_MAX - 1; n <= HC_ATTRIBUTES_MAX; n++) {
        g_autoptr(GString) yaml = g_string_new(EVENT "{time: t, keep: {");
        GError *error = NULL;
        struct hc_profile *p;
        for (int i = 0; i < n; i++)
            g_string_append_printf(yaml, "k%d: f%d, ", i, i);
        g_string_append(yaml, "}}\n");
        p = hc_profile_parse(hc_str(yaml->str), "p", &error);
        ck_assert_int_eq(p != NULL, n < HC_ATTRIBUTES_MAX);
        if (!p)
            ck_assert_msg(strstr(error->message, "more than 15 fields are kept") != NULL, "%s",
                          error->message);
        g_clear_error(&error);
        hc_profile_free(p);
    }
}
END_TEST

/* A statement is one more. */
START_TEST(statement_limit)
{
    for (int n = HC_ATTRIBUTES_MAX - 2; n < HC_ATTRIBUTES_MAX; n++) {
        g_autoptr(GString) yaml = g_string_new(EVENT "{time: t, statement: s, keep: {");
        GError *error = NULL;
        struct hc_profile *p;
        for (int i = 0; i < n; i++)
            g_string_append_printf(yaml, "k%d: f%d, ", i, i);
        g_string_append(yaml, "}}\n");
        p = hc_profile_parse(hc_str(yaml->str), "p", &error);
        ck_assert_int_eq(p != NULL, n < HC_ATTRIBUTES_MAX - 1);
        if (!p)
            ck_assert_msg(strstr(error->message, "more than 14 fields are kept beside a statement") != NULL,
                          "%s", error->message);
        g_clear_error(&error);
        hc_profile_free(p);
    }
}
END_TEST

START_TEST(attributes_have_room)
{
    struct hc_event e = {0};

    for (int i = 0; i < HC_ATTRIBUTES_MAX + 3; i++)
        hc_event_add(&e, HC_STR_LIT("n"), HC_STR_LIT("v"));
    ck_assert_uint_eq(e.n_attributes, HC_ATTRIBUTES_MAX);
}
END_TEST

/* As many captures as there may be, in a case and in a record type. */
START_TEST(capture_limit)
{
    static const char most[] = "{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}";
    g_autofree char *yaml = g_strdup_printf(
        HEAD "records:\n- type: '%s'\n  event: {time: t, select: s, cases: {'%s': {text: '{a}{h}'}}}\n", most,
        most);
    g_autofree char *more =
        g_strdup_printf(EVENT "{time: t, select: s, cases: {'%s-{i}': token-create}}\n", most);
    GError *error = NULL;
    struct hc_profile *p = hc_profile_parse(hc_str(yaml), "p", &error);
    GStringChunk *scratch = g_string_chunk_new(64);
    struct hc_str values[2];
    struct hc_meaning m;
    const struct hc_plan *plan;
    const char *why;

    ck_assert_int_eq(HC_CAPTURES_MAX, 8);
    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    plan = hc_profile_plan(p, HC_STR_LIT("1-2-3-4-5-6-7-8"), NULL, &why);
    ck_assert_uint_eq(hc_plan_slots(plan), 2);
    for (size_t i = 0; i < 2; i++)
        values[i] = strcmp(hc_plan_slot(plan, i), "t") == 0 ? HC_STR_LIT("2023-11-22T00:00:00Z")
                                                            : HC_STR_LIT("A-2-3-4-5-6-7-H");
    ck_assert(hc_plan_read(plan, NULL, values, scratch, &m, &why));
    ck_assert(hc_str_is(m.event.text, "AH"));
    hc_profile_free(p);
    ck_assert_ptr_null(hc_profile_parse(hc_str(more), "p", &error));
    ck_assert_msg(strstr(error->message, "too many captures") != NULL, "%s", error->message);
    g_clear_error(&error);
    g_string_chunk_free(scratch);
}
END_TEST

/* What the plan makes of a record with these values; `fields` are "field=text". */
static struct hc_meaning meaning_of(const struct hc_plan *plan, const char *const *fields,
                                    GStringChunk *scratch)
{
    struct hc_str values[16] = {{0}};
    struct hc_meaning m;
    const char *why;

    for (size_t i = 0; i < hc_plan_slots(plan); i++)
        for (const char *const *f = fields; *f; f++)
            if (g_str_has_prefix(*f, hc_plan_slot(plan, i)) && (*f)[strlen(hc_plan_slot(plan, i))] == '=')
                values[i] = hc_str(strchr(*f, '=') + 1);
    ck_assert(hc_plan_read(plan, NULL, values, scratch, &m, &why));
    return m;
}

/* One instant in every form that a profile may name: 1700664252 seconds since 1970. */
static const struct {
    const char *form, *text;
} forms[] = {
    {"iso", "2023-11-22T14:44:12Z"},
    {"iso-us", "2023-11-22 14:44:12+00"},
    {"epoch", "1700664252"},
    {"epoch-s", "1700664252"},
    {"epoch-ms", "1700664252000"},
    {"epoch-us", "1700664252000000"},
    {"epoch-ns", "1700664252000000000"},
    {"rfc5322", "Wed, 22 Nov 2023 09:44:12 EST"},
    {"filetime", "133451378520000000"},
    {"dotnet", "/Date(1700664252000+0100)/"},
    {"cocoa", "722357052"},
    {"cocoa-ns", "722357052000000000"},
    {"tai64n", "@40000000655e13c6"},
    {"tai64n-leap", "@40000000655e13e1"},
};

START_TEST(forms_of_time)
{
    g_autofree char *yaml =
        g_strdup_printf(HEAD "time-form: %s\nrecords:\n- type: a\n  event: {time: t}\n", forms[_i].form);
    g_autofree char *value = g_strconcat("t=", forms[_i].text, NULL);
    const char *fields[] = {value, NULL}, *why;
    struct hc_profile *p = hc_profile_parse(hc_str(yaml), "p", NULL);
    GStringChunk *scratch = g_string_chunk_new(64);
    struct hc_meaning m;

    ck_assert_ptr_nonnull(p);
    m = meaning_of(hc_profile_plan(p, HC_STR_LIT("a"), NULL, &why), fields, scratch);
    ck_assert_int_eq(m.event.time.earliest, INT64_C(1700664252000000));
    ck_assert_int_eq((m.event.time.basis & HC_BASIS_ASSUMED) != 0,
                     strcmp(forms[_i].form, "epoch") == 0 || strcmp(forms[_i].form, "tai64n") == 0);
    hc_profile_free(p);
    g_string_chunk_free(scratch);
}
END_TEST

/* A case may ask for a field, or for the looks of one, whose captures are its own. */
START_TEST(cases_of_what_is_given)
{
    static const char yaml[] = EVENT "{time: t, select: s, cases: {\"{w=remove}\": {given: v, action: "
                                     "release-remove}, remove: project-remove,\n"
                                     "  \"nuke {what}\": {given: {n: 'user:{user}'}, target: {account: "
                                     "'{user}'}, text: '{what} {user} {n}'}, nuke user: account-delete}}\n";
    GError *error = NULL;
    struct hc_profile *p = hc_profile_parse(hc_str(yaml), "p", &error);
    GStringChunk *scratch = g_string_chunk_new(64);
    const struct hc_plan *plan;
    struct hc_meaning m;
    const char *why;

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    plan = hc_profile_plan(p, HC_STR_LIT("a"), NULL, &why);
    m = meaning_of(plan, (const char *const[]){"s=remove", "v=1.0", NULL}, scratch);
    ck_assert_int_eq(m.event.action, HC_ACTION_RELEASE_REMOVE);
    m = meaning_of(plan, (const char *const[]){"s=remove", "v=", NULL}, scratch);
    ck_assert_int_eq(m.event.action, HC_ACTION_PROJECT_REMOVE);
    m = meaning_of(plan, (const char *const[]){"s=nuke user", "n=user:ana", NULL}, scratch);
    ck_assert(hc_str_is(m.event.target.key, "ana"));
    ck_assert(hc_str_is(m.event.text, "user ana user:ana"));
    m = meaning_of(plan, (const char *const[]){"s=nuke user", "n=ana", NULL}, scratch);
    ck_assert_int_eq(m.event.action, HC_ACTION_ACCOUNT_DELETE);
    ck_assert_int_eq(m.event.target.kind, HC_ENTITY_NONE);
    g_string_chunk_free(scratch);
    hc_profile_free(p);
}
END_TEST

/* A field that only some dumps have does not make two events of one. */
START_TEST(fields_aside)
{
    GError *error = NULL;
    struct hc_profile *p =
        hc_profile_parse(hc_str(HEAD "records:\n- type: a\n  key: id\n  aside: [ip]\n  event: {time: t, "
                                     "text: w, address: {address: ip}}\n"),
                         "p", &error);
    GStringChunk *scratch = g_string_chunk_new(64);
    const struct hc_plan *plan;
    struct hc_meaning with, without, other;
    const char *why;

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    plan = hc_profile_plan(p, HC_STR_LIT("a"), NULL, &why);
    with = meaning_of(plan, (const char *const[]){"id=1", "w=x", "ip=192.0.2.1", NULL}, scratch);
    without = meaning_of(plan, (const char *const[]){"id=1", "w=x", NULL}, scratch);
    other = meaning_of(plan, (const char *const[]){"id=1", "w=y", NULL}, scratch);
    ck_assert(hc_str_is(with.event.address.key, "192.0.2.1"));
    ck_assert_uint_eq(with.event.row_key, without.event.row_key);
    ck_assert_uint_ne(with.event.row_key, other.event.row_key);
    g_string_chunk_free(scratch);
    hc_profile_free(p);
}
END_TEST

START_TEST(actors_that_are_none)
{
    GError *error = NULL;
    struct hc_profile *p =
        hc_profile_parse(hc_str(HEAD "unknown-actor: [gone]\nno-account: [a job]\nrecords:\n- type: a\n  "
                                     "event: {time: t, actor: {account: who}}\n"),
                         "p", &error);
    static const char *const who[][2] = {
        {"who=gone", "masked-actor"}, {"who=a job", "by"}, {"who=ana", NULL}};
    GStringChunk *scratch = g_string_chunk_new(64);
    const char *why;

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    for (size_t i = 0; i < G_N_ELEMENTS(who); i++) {
        struct hc_meaning m = meaning_of(hc_profile_plan(p, HC_STR_LIT("a"), NULL, &why),
                                         (const char *const[]){who[i][0], NULL}, scratch);
        ck_assert_int_eq(m.event.actor.kind, who[i][1] ? HC_ENTITY_NONE : HC_ENTITY_ACCOUNT);
        ck_assert_uint_eq(m.event.n_attributes, who[i][1] ? 1 : 0);
        ck_assert(!who[i][1] || hc_str_is(m.event.attributes[0].name, who[i][1]));
    }
    g_string_chunk_free(scratch);
    hc_profile_free(p);
}
END_TEST

/* Two shapes of one table are told apart by their columns; one that was called otherwise is stored by its
 * name of today. */
START_TEST(shapes_of_tables)
{
    static const char yaml[] =
        HEAD "records:\n- type: roles\n  columns: [user, package]\n  state: {subject: {account: user}}\n"
             "- type: roles\n  state: {subject: {account-id: id}}\n- type: people\n  as: users\n  state: "
             "{keep: {n: n}}\n";
    GError *error = NULL;
    struct hc_profile *p = hc_profile_parse(hc_str(yaml), "p", &error);
    g_autoptr(GPtrArray) old = g_ptr_array_new(), now = g_ptr_array_new();
    GStringChunk *scratch = g_string_chunk_new(64);
    const struct hc_plan *plan;
    const char *why;

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    g_ptr_array_add(old, (char *)"package");
    g_ptr_array_add(old, (char *)"user");
    g_ptr_array_add(now, (char *)"user");
    ck_assert_str_eq(hc_plan_slot(hc_profile_plan(p, HC_STR_LIT("roles"), old, &why), 0), "user");
    ck_assert_str_eq(hc_plan_slot(hc_profile_plan(p, HC_STR_LIT("roles"), now, &why), 0), "id");
    ck_assert_ptr_nonnull(hc_profile_plan(p, HC_STR_LIT("roles"), NULL, &why));
    plan = hc_profile_plan(p, HC_STR_LIT("people"), old, &why);
    ck_assert_ptr_eq(plan, hc_profile_plan(p, HC_STR_LIT("people"), NULL, &why));
    ck_assert(hc_str_is(hc_plan_type(plan), "users"));
    ck_assert(hc_str_is(meaning_of(plan, (const char *const[]){"n=x", NULL}, scratch).state.type, "users"));
    g_string_chunk_free(scratch);
    hc_profile_free(p);
}
END_TEST

static bool shows(const struct hc_profile *p, const char *format, const char *head, const char *table)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    struct hc_shown shown = {format, hc_str(head), NULL, tables};

    g_ptr_array_add(tables, g_strsplit(table, " ", -1));
    return hc_profile_recognises(p, &shown);
}

START_TEST(recognises_by_tables)
{
    GError *error = NULL;
    struct hc_profile *p =
        hc_profile_parse(hc_str("name: t\nformat: [csv, json]\nrecognise:\n- contains: [one]\n"
                                "- tables: {a: [id, name], b: [id]}\nrecords: []\n"),
                         "p", &error);

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    ck_assert(shows(p, "csv", "", "a name more id"));
    ck_assert(shows(p, "json", "", "b id"));
    ck_assert(shows(p, "csv", "one", "c"));
    ck_assert(!shows(p, "csv", "", "a id"));
    ck_assert(!shows(p, "csv", "", "c id name"));
    ck_assert(!shows(p, "mbox", "one", "b id"));
    hc_profile_free(p);
}
END_TEST

START_TEST(recognises)
{
    GError *error = NULL;
    struct hc_profile *p =
        hc_profile_parse(hc_str(HEAD "recognise: {contains: [one, two], members: [m]}\nfold: {project: "
                                     "pep503}\nignore: {b: why}\nrecords: []\n"),
                         "p", &error);
    static const char *const members[] = {"x", "m", NULL};
    g_autoptr(GString) buffer = g_string_new(NULL);
    const char *why;

    ck_assert_msg(p != NULL, "%s", error ? error->message : "");
    ck_assert(hc_profile_recognises(p, &(struct hc_shown){"json", HC_STR_LIT("two one"), members, NULL}));
    ck_assert(!hc_profile_recognises(p, &(struct hc_shown){"json", HC_STR_LIT("two"), members, NULL}));
    ck_assert(!hc_profile_recognises(p, &(struct hc_shown){"json", HC_STR_LIT("two one"), NULL, NULL}));
    ck_assert(!hc_profile_recognises(p, &(struct hc_shown){"mbox", HC_STR_LIT("two one"), members, NULL}));
    ck_assert(hc_str_is(hc_profile_fold(p, HC_ENTITY_PROJECT, HC_STR_LIT("A._-b"), buffer), "a-b"));
    ck_assert(
        hc_str_is(hc_profile_fold(p, HC_ENTITY_ACCOUNT, HC_STR_LIT("\xc3\x84Na"), buffer), "\xc3\xa4na"));
    ck_assert(hc_str_is(hc_profile_fold(p, HC_ENTITY_FILE, HC_STR_LIT("A.b"), buffer), "A.b"));
    ck_assert_ptr_null(hc_profile_plan(p, HC_STR_LIT("b"), NULL, &why));
    ck_assert_str_eq(why, "why");
    ck_assert_ptr_null(hc_profile_plan(p, HC_STR_LIT("c"), NULL, &why));
    ck_assert_str_eq(why, "not in the profile");
    hc_profile_free(p);
}
END_TEST

Suite *suite_profile(void)
{
    Suite *suite = suite_create("profile");
    TCase *tc = tcase_create("profile");

    tcase_add_loop_test(tc, refuses, 0, G_N_ELEMENTS(faults));
    tcase_add_loop_test(tc, forms_of_time, 0, G_N_ELEMENTS(forms));
    tcase_add_test(tc, attribute_limit);
    tcase_add_test(tc, statement_limit);
    tcase_add_test(tc, attributes_have_room);
    tcase_add_test(tc, capture_limit);
    tcase_add_test(tc, cases_of_what_is_given);
    tcase_add_test(tc, fields_aside);
    tcase_add_test(tc, actors_that_are_none);
    tcase_add_test(tc, shapes_of_tables);
    tcase_add_test(tc, recognises);
    tcase_add_test(tc, recognises_by_tables);
    suite_add_tcase(suite, tc);
    return suite;
}
