/* SPDX-License-Identifier: Apache-2.0 */
/* Facts on their way from one thread to the other: each once, in order, and an error comes back. */
#include "src/evidence/pipe.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_pipe(void);

struct taker {
    uint64_t next;           /* number of the next fact */
    unsigned calls, fail_at; /* the call that fails; 0: none */
    gulong slow;
    bool wrong;
};

static bool take(void *data, const struct hc_batch *batch, GError **error)
{
    struct taker *t = data;

    if (++t->calls == t->fail_at)
        return hc_fail(error, HC_ERROR_DB, "call %u", t->calls);
    if (t->slow)
        g_usleep(t->slow);
    for (size_t i = 0; i < batch->n_facts; i++) {
        g_autofree char *want = g_strdup_printf("text %" G_GUINT64_FORMAT, t->next);
        const struct hc_fact *f = &batch->facts[i];
        t->wrong |= f->row_key != t->next || !hc_str_is(hc_batch_text(batch, f->text), want) ||
                    hc_batch_text(batch, f->raw_time).p;
        t->next++;
    }
    return true;
}

static void put(struct hc_pipe *pipe, uint64_t no)
{
    struct hc_batch *batch = hc_pipe_batch(pipe);
    struct hc_fact *f = &batch->facts[batch->n_facts++];
    g_autofree char *text = g_strdup_printf("text %" G_GUINT64_FORMAT, no);

    *f = (struct hc_fact){.row_key = no,
                          .text = {(uint32_t)batch->texts.n, (uint32_t)strlen(text)},
                          .raw_time = {0, HC_FACT_NONE}};
    hc_buffer_add(&batch->texts, text, strlen(text));
}

/* How many are put into each batch, and who waits for whom. */
static const struct {
    uint64_t n;
    size_t each;
    gulong slow_to_take, slow_to_put;
} ways[] = {{0, 1, 0, 0},     {1, 1, 0, 0},     {100000, HC_BATCH_FACTS, 0, 0},
            {300, 1, 500, 0}, {300, 1, 0, 500}, {5000, 3, 0, 0}};

START_TEST(in_order)
{
    struct taker t = {.slow = ways[_i].slow_to_take};
    struct hc_pipe *pipe = hc_pipe_new(take, &t);

    for (uint64_t i = 0; i < ways[_i].n; i++) {
        put(pipe, i);
        if (hc_pipe_batch(pipe)->n_facts == ways[_i].each)
            LITE_NEED(hc_pipe_pass(pipe, NULL));
        if (ways[_i].slow_to_put)
            g_usleep(ways[_i].slow_to_put);
    }
    ck_assert(hc_pipe_close(pipe, NULL));
    ck_assert(!t.wrong);
    ck_assert_uint_eq(t.next, ways[_i].n);
    hc_pipe_free(pipe);
}
END_TEST

/* Whatever call fails, also the last one: the producer is told soon, and nothing is taken afterwards. */
START_TEST(an_error_comes_back)
{
    for (unsigned fail_at = 1; fail_at <= 12; fail_at++) {
        struct taker t = {.fail_at = fail_at};
        struct hc_pipe *pipe = hc_pipe_new(take, &t);
        g_autoptr(GError) error = NULL, again = NULL;
        g_autofree char *want = g_strdup_printf("call %u", fail_at);
        unsigned passes = 0;
        bool ok = true;
        while (ok && passes < 11) {
            put(pipe, passes++);
            ok = hc_pipe_pass(pipe, &error);
        }
        if (ok) { /* the last batch is passed on by closing */
            put(pipe, passes);
            ck_assert(!hc_pipe_close(pipe, &error));
        } else {
            ck_assert_uint_le(passes, fail_at + 4);
            ck_assert(!hc_pipe_close(pipe, &again));
            ck_assert_str_eq(again->message, want);
        }
        ck_assert_str_eq(error->message, want);
        ck_assert_uint_eq(t.calls, fail_at);
        ck_assert(!t.wrong);
        ck_assert_uint_eq(t.next, fail_at - 1);
        hc_pipe_free(pipe);
    }
}
END_TEST

/* Given up: what was passed on may be taken or not, what was being filled is not; and it ends. */
START_TEST(without_close)
{
    for (unsigned n = 0; n < 20; n++) {
        struct taker t = {.slow = n % 3 * 300};
        struct hc_pipe *pipe = hc_pipe_new(take, &t);
        for (unsigned i = 0; i < n; i++) {
            put(pipe, i);
            ck_assert(hc_pipe_pass(pipe, NULL));
        }
        put(pipe, 1000);
        hc_pipe_free(pipe);
        ck_assert(!t.wrong);
        ck_assert_uint_le(t.next, n);
    }
}
END_TEST

Suite *suite_pipe(void)
{
    Suite *suite = suite_create("pipe");
    TCase *tc = tcase_create("pipe");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, in_order, 0, G_N_ELEMENTS(ways));
    tcase_add_test(tc, an_error_comes_back);
    tcase_add_test(tc, without_close);
    suite_add_tcase(suite, tc);
    return suite;
}
