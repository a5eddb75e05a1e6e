/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/room.h"
#include "src/evidence/rotation.h"

#include <check.h>

Suite *suite_rotation(void);

static const struct {
    const char *path, *stem;
    int64_t age; /* -1: a date, older than every number */
} names[] = {
    {"evidence/mail.log", "evidence/mail.log", 0},
    {"evidence/mail.log.gz", "evidence/mail.log", 0},
    {"evidence/mail.log.1", "evidence/mail.log", 2},
    {"evidence/mail.log.2.gz", "evidence/mail.log", 3},
    {"mail.log.0.bz2", "mail.log", 1},
    {"mail.log.old", "mail.log", 1},
    {"mail.1.log", "mail.log", 2},
    {"mainlog.01.gz", "mainlog", 2},
    {"maillog-20231126.xz", "maillog", -1},
    {"mail.log-2023112603.zst", "mail.log", -1},
    {"mail.log.2023-11-26", "mail.log", -1},
    {"mail-20231126.log", "mail.log", -1},
    /* No rotations. */
    {"a.1/mail.log", "a.1/mail.log", 0},
    {"host12", "host12", 0},
    {"mail.12345", "mail.12345", 0},
    {"mail-20231399", "mail-20231399", 0},
    {"mail-1.log", "mail-1.log", 0},
    {".1", ".1", 0},
    {"20231126.log", "20231126.log", 0},
    {".gz", ".gz", 0},
    {"", "", 0},
};

START_TEST(test_names)
{
    struct hc_rotation r = hc_rotation_of(names[_i].path);

    ck_assert_str_eq(r.stem, names[_i].stem);
    if (names[_i].age >= 0)
        ck_assert_int_eq(r.age, names[_i].age);
    else
        ck_assert_int_gt(r.age, 9999);
    g_free(r.stem);
}
END_TEST

START_TEST(test_dates)
{
    static const char *const oldest_first[] = {"m-20221231", "m-20230101.gz", "m-2023010112", "m.2023-01-02",
                                               "m.9999",     "m.2",           "m.0",          "m"};
    int64_t before = INT64_MAX;

    for (size_t i = 0; i < G_N_ELEMENTS(oldest_first); i++) {
        struct hc_rotation r = hc_rotation_of(oldest_first[i]);
        ck_assert_int_lt(r.age, before);
        before = r.age;
        g_free(r.stem);
    }
}
END_TEST

#define DAY (INT64_C(24) * 3600 * 1000000)
#define ON(day)                                                                                              \
    {                                                                                                        \
        true, false, (day)*DAY                                                                               \
    }
#define LESS(day)                                                                                            \
    {                                                                                                        \
        true, true, (day)*DAY                                                                                \
    }
#define NONE                                                                                                 \
    {                                                                                                        \
        false, false, 0                                                                                      \
    }

/* Days on which files begin, oldest first by their names, and the order that is right. */
static const struct {
    size_t n;
    struct hc_beginning begins[4];
    bool right;
    size_t order[4];
} sets[] = {
    {3, {ON(1), ON(2), ON(3)}, true, {0, 1, 2}},
    {3, {ON(3), ON(2), ON(1)}, false, {2, 1, 0}},
    {3, {ON(1), ON(1), ON(1)}, true, {0, 1, 2}},
    {3, {LESS(350), LESS(360), LESS(4)}, true, {0, 1, 2}},  /* over New Year */
    {3, {LESS(4), LESS(360), LESS(350)}, false, {2, 1, 0}}, /* the same, backwards */
    {2, {LESS(10), LESS(200)}, true, {0, 1}},               /* either may be: the names are believed */
    {2, {LESS(200), LESS(10)}, true, {0, 1}},
    {4, {LESS(10), LESS(130), LESS(250), LESS(5)}, true, {0, 1, 2, 3}}, /* more than a year */
    {4, {ON(5), NONE, ON(3), NONE}, false, {2, 3, 0, 1}},
    {3, {NONE, ON(5), ON(3)}, false, {0, 2, 1}},
    {2, {ON(5), LESS(3)}, true, {0, 1}}, /* not to be compared */
    {2, {NONE, NONE}, true, {0, 1}},
};

START_TEST(test_check)
{
    size_t order[4];

    ck_assert_int_eq(hc_rotation_check(sets[_i].begins, sets[_i].n, order), sets[_i].right);
    for (size_t k = 0; k < sets[_i].n; k++)
        ck_assert_uint_eq(order[k], sets[_i].order[k]);
}
END_TEST

/* Pieces of every size hold what was written, while others come and go. */
START_TEST(test_rooms)
{
    struct hc_rooms *rooms = hc_rooms_new();
    struct hc_room room[8] = {{NULL}};
    unsigned char *piece[8][40];
    unsigned seed = 7;

    for (int round = 0; round < 50; round++)
        for (unsigned k = 0; k < 8; k++) {
            hc_room_clear(rooms, &room[k]);
            for (unsigned i = 0; i < 40; i++) {
                seed = seed * 1103515245 + 12345;
                size_t n = (seed >> 16) % (i % 10 ? 90 : 2 * HC_ROOM_BLOCK) + 1;
                piece[k][i] = hc_room_add(rooms, &room[k], n);
                ck_assert_uint_eq((uintptr_t)piece[k][i] % 8, 0);
                memset(piece[k][i], (int)(k * 40 + i) % 251, n);
                piece[k][i][0] = (unsigned char)i;
            }
            for (unsigned other = 0; other < 8; other++)
                for (unsigned i = 0; i < 40 && room[other].last; i++)
                    ck_assert_uint_eq(piece[other][i][0], i);
        }
    hc_rooms_free(rooms);
}
END_TEST

Suite *suite_rotation(void)
{
    Suite *suite = suite_create("rotation");
    TCase *tc = tcase_create("rotation");

    tcase_add_loop_test(tc, test_names, 0, G_N_ELEMENTS(names));
    tcase_add_test(tc, test_dates);
    tcase_add_loop_test(tc, test_check, 0, G_N_ELEMENTS(sets));
    tcase_add_test(tc, test_rooms);
    suite_add_tcase(suite, tc);
    return suite;
}
