/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target for rule files: YAML, conditions, values, correlations, and their evaluation over a few
 * events. Compiled with -DHC_FUZZ_MAIN it replays files, whole, cut at every byte and changed ("rules ROUNDS
 * FILE..."), from a fixed seed. What must hold: no crash, and a file that is refused says where.
 */
#include "src/correlate/sigma/detect.h"
#include "src/correlate/sigma/window.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const events[] = {
    "{\"a\":\"-x /y\",\"b\":{\"c\":[1,\"2\",null,{}]},\"u\":\"x\",\"t\":\"2024-03-01T00:00:00Z\"}",
    "{\"a\":\"\\u00e4\\n*?\",\"b.c\":true,\"u\":[\"x\",\"y\"],\"ip\":\"10.0.0.1\"}",
    "{\"a\":null,\"b\":[],\"u\":\"x\",\"n\":-1.5e3}",
};

static void ignore_match(void *data, const struct hc_sigma_match *match)
{
}

static void run_events(const struct hc_sigma_rules *rules)
{
    struct hc_sigma_event *event = hc_sigma_event_new(rules->fields);
    struct hc_sigma_detector *detector = hc_sigma_detector_new(rules);
    struct hc_sigma_windows *windows = hc_sigma_windows_new(rules);
    g_autoptr(GArray) matched = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (uint32_t i = 0; i < 2 * G_N_ELEMENTS(events); i++) {
        hc_sigma_event_read(event, hc_str(events[i % G_N_ELEMENTS(events)]));
        if (!hc_sigma_detect(detector, event, NULL, matched, NULL))
            continue;
        for (guint k = 0; k < matched->len; k++)
            hc_sigma_windows_hit(windows, g_array_index(matched, size_t, k), i + 1,
                                 (struct hc_sigma_when){i / 3 * 30000000, i / 2 * 30000000 + i}, event);
    }
    hc_sigma_windows_run(windows, ignore_match, NULL);
    hc_sigma_windows_free(windows);
    hc_sigma_detector_free(detector);
    hc_sigma_event_free(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(hc_sigma_rules_t) rules = hc_sigma_rules_new();

    hc_sigma_rules_add(rules, hc_str_n((const char *)data, size), "x");
    hc_sigma_rules_link(rules);
    for (guint i = 0; i < rules->problems->len; i++)
        if (!g_str_has_prefix(rules->problems->pdata[i], "x:"))
            abort();
    run_events(rules);
    return 0;
}

#ifdef HC_FUZZ_MAIN
/* xorshift: the same changes on every machine. */
static uint32_t next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void replay(const uint8_t *data, size_t size, long rounds, uint32_t *state)
{
    static const char odd[] = "\n\t |*?\\'\"[]{}:,-&!()%~#0";
    g_autofree uint8_t *copy = g_malloc(size + 1);

    for (size_t n = 0; n <= size; n++)
        LLVMFuzzerTestOneInput(data, n);
    for (long round = 0; size && round < rounds; round++) {
        memcpy(copy, data, size);
        for (unsigned i = 1 + next(state) % 6; i > 0; i--)
            copy[next(state) % size] =
                next(state) % 2 ? (uint8_t)odd[next(state) % (sizeof odd - 1)] : (uint8_t)next(state);
        LLVMFuzzerTestOneInput(copy, size);
    }
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    uint32_t state = 2463534242u;

    for (int i = 2; i < argc; i++) {
        g_autofree char *text = NULL;
        gsize size;
        if (!g_file_get_contents(argv[i], &text, &size, NULL)) {
            fprintf(stderr, "%s cannot be read\n", argv[i]);
            return EXIT_FAILURE;
        }
        replay((const uint8_t *)text, size, rounds, &state);
    }
    puts("ok rules survive the corpus, whole, cut and changed");
    return EXIT_SUCCESS;
}
#endif
