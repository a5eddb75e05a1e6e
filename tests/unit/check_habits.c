/* SPDX-License-Identifier: Apache-2.0 */
/* What events do not keep a copy of: fields that they have in common, texts of times. */
#include "src/base/db.h"
#include "src/base/utc.h"
#include "src/evidence/habits.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_habits(void);

static unsigned event(struct hc_habits *h, const char *type, const char *a, const char *b)
{
    const struct hc_attribute fields[] = {{HC_STR_LIT("a"), hc_str(a)}, {HC_STR_LIT("b"), hc_str(b)}};

    return hc_habits_shared(h, hc_str(type), fields, G_N_ELEMENTS(fields));
}

static unsigned numbered(struct hc_habits *h, const char *type, unsigned a, unsigned b)
{
    char x[16], y[16];

    g_snprintf(x, sizeof x, "%u", a);
    g_snprintf(y, sizeof y, "%u", b);
    return event(h, type, x, y);
}

/* What has at most so many values among the first is shared from then on; each type learns by itself. */
START_TEST(learning)
{
    struct hc_habits *h = hc_habits_new();

    for (unsigned i = 0; i < HC_HABIT_SAMPLE; i++)
        ck_assert_uint_eq(numbered(h, "t", i % HC_HABIT_DISTINCT, i % (HC_HABIT_DISTINCT + 1)), 0);
    ck_assert_uint_eq(event(h, "t", "new", "new"), 1);
    ck_assert_uint_eq(event(h, "u", "1", "1"), 0);
    ck_assert_uint_eq(event(h, "t", "1", "1"), 1);
    hc_habits_free(h);
}
END_TEST

/* Fields are known by name, wherever they stand. */
START_TEST(places)
{
    struct hc_habits *h = hc_habits_new();
    const struct hc_attribute turned[] = {{HC_STR_LIT("b"), HC_STR_LIT("1")},
                                          {HC_STR_LIT("c"), HC_STR_LIT("1")},
                                          {HC_STR_LIT("a"), HC_STR_LIT("1")}};

    for (unsigned i = 0; i < HC_HABIT_SAMPLE; i++)
        numbered(h, "t", 1, i);
    ck_assert_uint_eq(hc_habits_shared(h, HC_STR_LIT("t"), turned, G_N_ELEMENTS(turned)), 1 << 2);
    hc_habits_free(h);
}
END_TEST

static bool keep(struct hc_habits *h, unsigned i)
{
    char text[32];

    g_snprintf(text, sizeof text, "{\"a\":\"%u\"}", i);
    ck_assert_uint_eq(event(h, "t", "1", "1"), 3);
    return hc_habits_keep(h, hc_str(text), hc_habits_hash(hc_str(text)));
}

/* A field that said the same for long and then begins to tell: at the end of the window it is noticed. */
START_TEST(changing)
{
    struct hc_habits *h = hc_habits_new();

    for (unsigned i = 0; i < HC_HABIT_SAMPLE; i++)
        event(h, "t", "1", "1");
    for (unsigned i = 0; i < HC_HABIT_WINDOW; i++)
        LITE_NEED(keep(h, i % 3000));
    for (unsigned i = 1; i < HC_HABIT_WINDOW; i++)
        LITE_NEED(keep(h, i));
    ck_assert(!keep(h, HC_HABIT_WINDOW));
    ck_assert_uint_eq(event(h, "t", "1", "1"), 0);
    hc_habits_free(h);
}
END_TEST

START_TEST(limits)
{
    struct hc_habits *h = hc_habits_new();
    g_autofree char *text = g_strnfill(HC_HABIT_TEXT_MAX + 1, 'x');
    char type[16] = "";

    for (unsigned i = 0; i < HC_HABIT_TYPES + 1; i++) {
        g_snprintf(type, sizeof type, "%u", i);
        for (unsigned k = 0; k < HC_HABIT_SAMPLE; k++)
            event(h, type, "1", "1");
    }
    ck_assert_uint_eq(event(h, type, "1", "1"), 0);
    ck_assert_uint_eq(event(h, "0", "1", "1"), 3);
    ck_assert(!hc_habits_keep(h, hc_str(text), hc_habits_hash(hc_str(text))));
    ck_assert(hc_habits_keep(h, hc_str_n(text, HC_HABIT_TEXT_MAX), 1));
    hc_habits_free(h);
}
END_TEST

static const struct {
    const char *text;
    int64_t us;
    int form;
} texts[] = {
    {"2023-11-22 14:02:11.190389", 1700661731190389, HC_RAW_ISO + 48},
    {"2023-11-22 14:02:11.19", 1700661731190000, HC_RAW_ISO + 16},
    {"2023-11-22 14:02:11", 1700661731000000, HC_RAW_ISO},
    {"2023-11-22T14:02:11Z", 1700661731000000, HC_RAW_ISO + 3},
    {"2023-11-22T14:02:11.190+00:00", 1700661731190000, HC_RAW_ISO + 1 + 6 + 24},
    {"2023-11-22 14:02:11+00", 1700661731000000, HC_RAW_ISO + 4},
    {"1700661731", 1700661731000000, HC_RAW_S},
    {"1700661731190", 1700661731190000, HC_RAW_MS},
    {"0", 0, HC_RAW_S},
    {"Nov 22 14:02:11", 1700661731000000, HC_RAW_SYSLOG},
    {"Nov  2 14:02:11", 1698933731000000, HC_RAW_SYSLOG},
    /* and what says something else, or says it in another way */
    {"2023-11-22 14:02:12", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-23 14:02:11", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-22 14:02:11.", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-22 14:02:11.1903890", 1700661731190389, HC_RAW_TEXT},
    {"2023-11-22 14:02:11.190388", 1700661731190389, HC_RAW_TEXT},
    {"2023-11-22t14:02:11Z", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-22 14:02:11+01", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-22 14:02:11 ", 1700661731000000, HC_RAW_TEXT},
    {"2023-11-22 23:59:60", 1700697599999999, HC_RAW_TEXT},
    {"Nov 02 14:02:11", 1698933731000000, HC_RAW_TEXT},
    {"nov  2 14:02:11", 1698933731000000, HC_RAW_TEXT},
    {"Nov  2 14:02:12", 1698933731000000, HC_RAW_TEXT},
    {"01700661731", 1700661731000000, HC_RAW_TEXT},
    {"00", 0, HC_RAW_TEXT},
    {"+1700661731", 1700661731000000, HC_RAW_TEXT},
    {"1700661731.0", 1700661731000000, HC_RAW_TEXT},
    {"1700661730", 1700661731000000, HC_RAW_TEXT},
    {"-1", -1000000, HC_RAW_TEXT},
    {"1969-12-31 23:59:59", -1000000, HC_RAW_TEXT},
    {"", 0, HC_RAW_TEXT},
    {NULL, 0, HC_RAW_TEXT},
};

START_TEST(forms)
{
    ck_assert_int_eq(hc_raw_form(hc_str(texts[_i].text), texts[_i].us), texts[_i].form);
}
END_TEST

/* An instant in a form, by GLib; NULL where it cannot be said in it. */
static char *written(int form, int64_t us)
{
    static const char *const ends[] = {"", "Z", "+00", "+00:00"};
    g_autoptr(GDateTime) t = g_date_time_new_from_unix_utc(us / HC_US_PER_S);
    g_autofree char *fraction = g_strdup_printf(".%06d", (int)(us % HC_US_PER_S)), *head = NULL;
    int digits = (form - HC_RAW_ISO) / 8;

    if (form == HC_RAW_S)
        return g_strdup_printf("%" G_GINT64_FORMAT, us / HC_US_PER_S);
    if (form == HC_RAW_MS)
        return us < 10000000000000 ? NULL : g_strdup_printf("%" G_GINT64_FORMAT, us / 1000);
    if (form == HC_RAW_SYSLOG) {
        g_autofree char *month = g_date_time_format(t, "%b"), *clock = g_date_time_format(t, "%H:%M:%S");
        return g_strdup_printf("%s %2d %s", month, g_date_time_get_day_of_month(t), clock);
    }
    head = g_date_time_format(t, form & 1 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
    fraction[digits ? digits + 1 : 0] = '\0';
    return g_strconcat(head, fraction, ends[form >> 1 & 3], NULL);
}

static void add_event(hc_db *db, int64_t id, int64_t us, int form)
{
    hc_stmt *st = hc_db_stmt(db, "store", "add_event");

    hc_bind_int(st, 1, id);
    for (int i = 2; i <= 12; i++)
        hc_bind_int(st, i, i == 4 ? form : 1);
    hc_bind_int(st, 26, us);
    LITE_NEED(hc_exec(st, NULL));
}

/* What the view writes is what was there. */
START_TEST(written_again)
{
    char *folder = lite_folder();
    g_autofree char *path = g_build_filename(folder, "x.db", NULL), *got = NULL;
    g_autoptr(GString) all = g_string_new(NULL);
    hc_db *db = hc_db_open(path, HC_DB_WRITE, NULL);
    uint64_t chance = 7;
    int64_t id = 0;
    sqlite3 *lite;

    ck_assert(hc_db_begin(db, NULL));
    for (int i = 0; i < 200; i++)
        for (int form = HC_RAW_S; form < HC_RAW_END;
             form += form == HC_RAW_SYSLOG ? HC_RAW_ISO - HC_RAW_SYSLOG : 1) {
            int64_t us = (int64_t)(lite_random(&chance) % UINT64_C(8835955199999999));
            g_autofree char *text = written(form, us);
            LITE_NEED(!text || hc_raw_form(hc_str(text), us) == form);
            if (text)
                add_event(db, ++id, us, form);
            g_string_append_printf(all, "%s%s", text ? text : "", text ? "\n" : "");
        }
    ck_assert_int_gt(id, 9000);
    ck_assert(hc_db_commit(db, NULL));
    hc_db_close(db);
    lite = lite_open(path);
    got = lite_ask(lite, "SELECT raw_time FROM event ORDER BY id");
    sqlite3_close(lite);
    ck_assert_str_eq(got, all->str);
    lite_drop(folder);
}
END_TEST

Suite *suite_habits(void)
{
    Suite *suite = suite_create("habits");
    TCase *tc = tcase_create("habits");

    tcase_add_test(tc, learning);
    tcase_add_test(tc, places);
    tcase_add_test(tc, changing);
    tcase_add_test(tc, limits);
    tcase_add_loop_test(tc, forms, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tc, written_again);
    suite_add_tcase(suite, tc);
    return suite;
}
