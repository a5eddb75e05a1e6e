/* SPDX-License-Identifier: Apache-2.0 */
/* An event's own fields as they are stored: read again here and by the view, they are the same text. */
#include "src/base/db.h"
#include "src/base/own.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_own(void);

#define BYTES(text)                                                                                          \
    {                                                                                                        \
        (text), sizeof(text) - 1                                                                             \
    }
#define UUID "00112233-4455-6677-8899-aabbccddeeff"
#define UUID_BYTES "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define DIRTY_BYTES                                                                                          \
    "{\"\x01\x02\x03\x04\x05{\"\x01\x02\x03\x04\x05\x00\xff" /* bytes that would be marks in a text */
#define DIRTY "7b220102-0304-057b-2201-0203040500ff"

static const struct {
    struct hc_str stored;
    bool blob;
    const char *json;
} forms[] = {
    {BYTES("\x04"
           "25\x05"
           "create"),
     false, "{\"id\":\"25\",\"native\":\"create\"}"},
    {BYTES("a\x02"
           "b\x03"
           "c\x02"
           "d"),
     false, "{\"a\":\"b\",\"c\":\"d\"}"},
    {BYTES("\x02"), false, "{\"\":\"\"}"},
    {BYTES("{\\\"\x02{\\\""), false, "{\"{\\\"\":\"{\\\"\"}"},
    {BYTES("{\"a\":\"b\"}"), false, "{\"a\":\"b\"}"},
    {BYTES("n\x02\xc3\xbc\\u0001"), false, "{\"n\":\"\xc3\xbc\\u0001\"}"},
    {BYTES(UUID_BYTES), true, "{\"id\":\"" UUID "\"}"},
    {BYTES(DIRTY_BYTES), true, "{\"id\":\"" DIRTY "\"}"},
    {BYTES(UUID_BYTES "\x04\x01\x05"
                      "x"),
     true, "{\"id\":\"" UUID "\",\"native\":\"x\"}"},
    {BYTES(DIRTY_BYTES "a\x02"
                       "b\x03"
                       "other\x02\x01"),
     true, "{\"a\":\"b\",\"other\":\"" DIRTY "\"}"},
};

/* One row of event_row with this field, as text or bytes. */
static char *by_view(const char *path, struct hc_str stored, bool blob)
{
    sqlite3 *lite = lite_open(path);
    sqlite3_stmt *st;
    char *got;

    lite_run(lite, "DELETE FROM event_row");
    ck_assert_int_eq(sqlite3_prepare_v2(lite,
                                        "INSERT INTO event_row(id, precision, basis, source, record, "
                                        "\"offset\", length, type, action, own) "
                                        "VALUES (1, 1, 1, 1, 1, 1, 1, 1, 1, ?1)",
                                        -1, &st, NULL),
                     SQLITE_OK);
    if (blob)
        sqlite3_bind_blob(st, 1, stored.p, (int)stored.n, SQLITE_STATIC);
    else
        sqlite3_bind_text(st, 1, stored.p, (int)stored.n, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(st), SQLITE_DONE);
    sqlite3_finalize(st);
    got = lite_ask(lite, "SELECT fields FROM event");
    sqlite3_close(lite);
    return got;
}

START_TEST(read_again)
{
    g_autofree char *folder = lite_folder(), *path = g_build_filename(folder, "hindcast.db", NULL), *got;
    g_autoptr(GString) json = g_string_new(NULL);

    hc_db_close(hc_db_open(path, HC_DB_WRITE, NULL));
    got = by_view(path, forms[_i].stored, forms[_i].blob);
    g_strchomp(got);
    hc_own_json(json, forms[_i].stored, forms[_i].blob);
    ck_assert_str_eq(json->str, forms[_i].json);
    ck_assert_str_eq(got, forms[_i].json);
    lite_drop(g_steal_pointer(&folder));
}
END_TEST

START_TEST(names)
{
    struct hc_buffer out = {0};

    hc_own_name(&out, HC_STR_LIT("native"), true);
    hc_own_name(&out, HC_STR_LIT("native"), false);
    hc_own_name(&out, HC_STR_LIT("id"), false);
    hc_own_name(&out, HC_STR_LIT("ids"), false);
    ck_assert(hc_str_is(hc_str_n(out.p, out.n), "native\x02\x05\x03\x04\x03ids\x02"));
    hc_buffer_clear(&out);
}
END_TEST

/* Only what is written as it would be written again. */
START_TEST(uuids)
{
    static const char *const others[] = {
        "",
        "00112233-4455-6677-8899-aabbccddeef",
        "00112233-4455-6677-8899-aabbccddeeff0",
        "00112233-4455-6677-8899-AABBCCDDEEFF",
        "00112233-4455-6677-8899-aabbccddeefg",
        "00112233-4455-6677-8899-aabbccddee/f",
        "00112233-4455-6677-8899-aabbccddee:f",
        "00112233-4455-6677-8899-aabbccddee`f",
        ("00112233-4455-6677-8899-aabbccdd\xc3\xbc"
         "ff"),
        "00112233445566778899-aabbccddeeff-00-",
        "g0112233-4455-6677-8899-aabbccddeeff",
        "0011223344-55-6677-8899-aabbccddeeff",
    };
    unsigned char uuid[HC_OWN_UUID];

    ck_assert(hc_own_uuid(HC_STR_LIT(UUID), uuid));
    ck_assert_mem_eq(uuid, UUID_BYTES, sizeof uuid);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        ck_assert_msg(!hc_own_uuid(hc_str(others[i]), uuid), "%s", others[i]);
}
END_TEST

/* Each byte at each place: it is one of the sixteen digits, or the dash where that belongs. */
START_TEST(each_byte)
{
    unsigned char uuid[HC_OWN_UUID];
    char text[] = UUID;

    for (size_t at = 0; text[at]; at++) {
        const char was = text[at];
        for (int c = 0; c < 256; c++) {
            const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            text[at] = (char)c;
            LITE_NEED(hc_own_uuid(hc_str_n(text, sizeof text - 1), uuid) == (was == '-' ? c == '-' : digit));
        }
        text[at] = was;
    }
}
END_TEST

/* What is taken from a text makes that text again. */
START_TEST(there_and_back)
{
    uint64_t chance = 5;

    for (int i = 0; i < 2000; i++) {
        const uint64_t a = lite_random(&chance), b = lite_random(&chance);
        g_autofree char *text = g_strdup_printf(
            "%08x-%04x-%04x-%04x-%08x%04x", (unsigned)a, (unsigned)(a >> 32 & 0xffff), (unsigned)(a >> 48),
            (unsigned)(b & 0xffff), (unsigned)(b >> 16), (unsigned)(b >> 48));
        g_autofree char *want = g_strdup_printf("{\"id\":\"%s\"}", text);
        g_autoptr(GString) json = g_string_new(NULL);
        unsigned char uuid[HC_OWN_UUID];
        LITE_NEED(hc_own_uuid(hc_str(text), uuid));
        hc_own_json(json, hc_str_n((const char *)uuid, sizeof uuid), true);
        LITE_NEED(strcmp(json->str, want) == 0);
    }
}
END_TEST

Suite *suite_own(void)
{
    Suite *suite = suite_create("own");
    TCase *tc = tcase_create("own");

    tcase_add_loop_test(tc, read_again, 0, G_N_ELEMENTS(forms));
    tcase_add_test(tc, names);
    tcase_add_test(tc, uuids);
    tcase_add_test(tc, each_byte);
    tcase_add_test(tc, there_and_back);
    suite_add_tcase(suite, tc);
    return suite;
}
