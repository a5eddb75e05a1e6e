/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fuzz target for all importers: the first byte chooses the importer, the rest is the member it reads. Compiled with
 * -DHC_FUZZ_MAIN it replays files, whole and changed ("importers ROUNDS FILE..."), from a fixed seed, so that the suite runs it
 * without a fuzzer. What must hold: no crash, and every record that was counted is an event, a state or one of the named fates.
 */
#include "src/evidence/profile.h"
#include "src/evidence/store.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"evidence/x", "admins/2023-11-22.json", "users.json"};

static struct hc_profile *profile_for(GPtrArray *profiles, const char *format, unsigned pick)
{
    for (guint i = 0; i < profiles->len; i++) {
        struct hc_profile *p = profiles->pdata[(i + pick) % profiles->len];
        if (strcmp(hc_profile_format(p), format) == 0)
            return p;
    }
    return NULL;
}

static void read_all(hc_db *db, const struct hc_importer *importer, struct hc_source_info *info, const uint8_t *data,
                     size_t size)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(data, size, "x", NULL);
    g_autoptr(GError) error = NULL;

    if (!in || !hc_db_begin(db, NULL))
        return;
    for (int member = 0; hc_input_next(in, NULL) == 1; member++) {
        char hex[HC_SHA256_HEX];
        int64_t id, n;
        g_autofree char *name = g_strdup_printf("%d", member);
        struct hc_sink *sink;
        info->path = name;
        id = hc_store_source(db, info, NULL);
        sink = id > 0 ? hc_store_sink(db, id, info, NULL) : NULL;
        if (sink && importer->run(in, sink, &error) && hc_input_finish(in, hex, &n, NULL))
            hc_store_finish(sink, hex, n, NULL);
        hc_store_free(sink);
        g_clear_error(&error);
    }
    hc_db_rollback(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hc_db *db;
    static GPtrArray *profiles;
    static struct hc_zone *zone;
    static const char *const ours[] = {"admin@pypi.example", NULL};
    struct hc_source_info info = {.status = "read", .member = "", .sha256 = ""};
    size_t n = 0;

    if (!db) {
        db = hc_db_open(NULL, HC_DB_MEMORY, NULL);
        profiles = hc_profiles_load(NULL, NULL);
        zone = hc_zone_new("America/New_York", NULL);
    }
    while (hc_importers[n])
        n++;
    if (size < 1)
        return 0;
    info.format = hc_importers[data[0] % n]->name;
    info.profile = profile_for(profiles, info.format, data[0] / 16);
    info.settings = (struct hc_settings){.path = names[0], .member = names[data[0] % G_N_ELEMENTS(names)], .zone = zone,
                                         .zone_given = true, .year = 2023, .mailboxes = ours};
    read_all(db, hc_importers[data[0] % n], &info, data + 1, size - 1);
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

/* A piece of the file, with some bytes changed, or cut. */
static size_t change(uint8_t *out, const uint8_t *in, size_t size, uint32_t *state)
{
    size_t wish = 1 + next(state) % 6000, piece = wish < size ? wish : size;
    size_t from = size > piece ? next(state) % (size - piece) : 0;
    static const uint8_t odd[] = "\t\n\\\"{}[]<>: ,;='\0\x80\xff\x1b.";

    memcpy(out, in + from, piece);
    for (unsigned i = next(state) % 12; i > 0; i--)
        out[next(state) % piece] = next(state) % 2 ? odd[next(state) % (sizeof(odd) - 1)] : (uint8_t)next(state);
    return piece;
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    uint32_t state = 2463534242u;

    for (int i = 2; i < argc; i++) {
        g_autofree char *text = NULL;
        gsize size;
        if (!g_file_get_contents(argv[i], &text, &size, NULL) || !size)
            continue;
        g_autofree uint8_t *buffer = g_malloc(size + 1);
        for (unsigned importer = 0; importer < 8; importer++) {
            buffer[0] = (uint8_t)importer;
            memcpy(buffer + 1, text, size);
            LLVMFuzzerTestOneInput(buffer, size + 1);
            for (long round = 0; round < rounds; round++) {
                buffer[0] = (uint8_t)next(&state);
                LLVMFuzzerTestOneInput(buffer, 1 + change(buffer + 1, (const uint8_t *)text, size, &state));
            }
        }
    }
    puts("ok importers survive the corpus, whole and changed");
    return EXIT_SUCCESS;
}
#endif
