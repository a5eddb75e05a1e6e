/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fuzz target for all importers: the first byte chooses the importer, the rest is the member it reads;
 * with the environment variable HC_FUZZ_IMPORTER all of it is read by the importer of that name. Compiled
 * with -DHC_FUZZ_MAIN it replays files, whole and changed ("importers ROUNDS FILE..."), from a fixed seed, so
 * that the suite runs it without a fuzzer; a file under corpus/NAME/ goes to the importer NAME, any other to
 * all. What must hold: no crash, no fault of the database, and every record that was read is an event, a
 * state or one of the named fates.
 */
#include "src/evidence/pgarchive.h"
#include "src/evidence/profile.h"
#include "src/evidence/set.h"
#include "src/evidence/store.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"evidence/x", "admins/2023-11-22.json", "users.json", "journals.csv",
                                    "journals.txt"};

static struct hc_profile *profile_for(GPtrArray *profiles, const char *format, unsigned pick)
{
    for (guint i = 0; i < profiles->len; i++) {
        struct hc_profile *p = profiles->pdata[(i + pick) % profiles->len];
        if (hc_profile_understands(p, format))
            return p;
    }
    return NULL;
}

/* A fault of ours, not of the bytes. */
static void check(const GError *error)
{
    if (g_error_matches(error, HC_ERROR, HC_ERROR_DB) || (error && strstr(error->message, "accounted for"))) {
        fprintf(stderr, "%s\n", error->message);
        abort();
    }
}

static void read_all(hc_db *db, struct hc_store *store, const struct hc_importer *importer,
                     struct hc_source_info *info, const uint8_t *data, size_t size)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(data, size, "x", NULL);
    g_autoptr(GError) error = NULL;

    if (!in || !hc_db_begin(db, NULL))
        return;
    for (int member = 0; hc_input_next(in, NULL) == 1; member++) {
        char hex[HC_SHA256_HEX];
        int64_t id, n;
        g_autofree char *name = g_strdup_printf("%d", member), *what = NULL;
        bool whole = member == 0 && hc_pgarchive_is_tar(in);
        struct hc_sink *sink;
        const char *why;
        enum hc_pgarchive archive = hc_pgarchive_present(in, whole ? name : NULL, &what);
        struct hc_peek peek = {info->settings.member, hc_input_peek(in), true, info->settings.beside,
                               info->settings.columns};
        importer->bid(&peek, &why);
        if (importer->begins)
            importer->begins(&peek, &(struct hc_beginning){0});
        if (importer->tables)
            g_ptr_array_unref(importer->tables(&peek));
        info->path = name;
        info->settings.set = hc_set_new();
        id = hc_store_source(db, info, &error);
        sink = id > 0 ? hc_sink_new(store, id, info, &error) : NULL;
        if (sink && archive != HC_PGARCHIVE_REFUSED && importer->run(in, sink, &error) &&
            hc_input_finish(in, hex, &n, &error) && hc_sink_end(sink, hex, n, &error) &&
            hc_set_end(info->settings.set, &error))
            hc_sink_account(sink, &error);
        check(error);
        hc_set_free(info->settings.set);
        hc_sink_free(sink);
        g_clear_error(&error);
        if (whole)
            break;
    }
    hc_db_rollback(db);
    hc_store_lost(store);
}

static char *folder;

static void remove_folder(void)
{
    g_autofree char *definition = g_build_filename(folder, "journals.sql", NULL);

    g_unlink(definition);
    g_rmdir(folder);
}

/* For journals.txt, whose columns stand in another file. */
static struct hc_beside *make_beside(void)
{
    static const char sql[] = "CREATE TABLE `journals` (`id` int, `name` text, `version` text, `action` "
                              "text, `submitted_date` text, `submitted_by` text);";
    g_autofree char *definition = NULL, *file = NULL;

    folder = g_dir_make_tmp("hindcast-fuzz.XXXXXX", NULL);
    if (!folder)
        return NULL;
    definition = g_build_filename(folder, "journals.sql", NULL);
    file = g_build_filename(folder, "journals.txt", NULL);
    g_file_set_contents(definition, sql, -1, NULL);
    atexit(remove_folder);
    return hc_beside_new(file, NULL);
}

static void read_as(unsigned importer, unsigned pick, const uint8_t *data, size_t size)
{
    static hc_db *db;
    static struct hc_store *store;
    static GPtrArray *profiles;
    static struct hc_zone *zone;
    static struct hc_beside *beside;
    static const char *const ours[] = {"admin@pypi.example", NULL};
    struct hc_source_info info = {.status = "read", .member = "", .sha256 = ""};

    if (!db) {
        db = hc_db_open(NULL, HC_DB_MEMORY, NULL);
        store = hc_store_new(db, true, NULL);
        profiles = hc_profiles_load(NULL, NULL);
        zone = hc_zone_new("America/New_York", NULL);
        beside = make_beside();
    }
    info.format = hc_importers[importer]->name;
    info.profile = profile_for(profiles, info.format, pick);
    info.settings = (struct hc_settings){.path = names[0],
                                         .member = names[pick % G_N_ELEMENTS(names)],
                                         .zone = zone,
                                         .zone_given = true,
                                         .year = 2023,
                                         .mailboxes = ours,
                                         .beside = beside};
    if (pick % 2 || strcmp(info.format, "pg_copy") == 0)
        info.settings.columns = "journals\nid\nname\nversion\naction\nsubmitted_date\nsubmitted_by";
    read_all(db, store, hc_importers[importer], &info, data, size);
}

static unsigned count_importers(void)
{
    unsigned n = 0;

    while (hc_importers[n])
        n++;
    return n;
}

/* The importer of this name, or their number. */
static unsigned importer_of(const char *name, size_t length)
{
    unsigned n = 0;

    while (hc_importers[n] && !hc_str_is(hc_str_n(name, length), hc_importers[n]->name))
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *fixed = g_getenv("HC_FUZZ_IMPORTER");

    if (fixed && hc_importers[importer_of(fixed, strlen(fixed))])
        read_as(importer_of(fixed, strlen(fixed)), size ? data[size - 1] : 0, data, size);
    else if (size)
        read_as(data[0] % count_importers(), data[0] / 16, data + 1, size - 1);
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
        out[next(state) % piece] =
            next(state) % 2 ? odd[next(state) % (sizeof(odd) - 1)] : (uint8_t)next(state);
    return piece;
}

#define CUT_MAX 4096       /* bytes of a file that are cut into */
#define CUTS_OF_A_ROUND 24 /* places at which a file is cut, for each round of changes */

/* A file of the corpus, which is small, is also cut: at every byte where there are many rounds, else at some,
 * over all of it. */
static void replay(unsigned importer, const uint8_t *data, size_t size, long rounds, bool small,
                   uint32_t *state)
{
    g_autofree uint8_t *buffer = g_malloc(size + 1);
    const size_t end = small ? MIN(size, CUT_MAX) : 0, cuts = MIN(end, (size_t)rounds * CUTS_OF_A_ROUND);

    for (unsigned pick = 0; pick < 6; pick++)
        read_as(importer, pick, data, size);
    for (size_t n = 0; n < cuts; n++)
        read_as(importer, 0, data, n * end / cuts);
    for (long round = 0; size && round < rounds; round++)
        read_as(importer, next(state) % 16, buffer, change(buffer, data, size, state));
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    uint32_t state = 2463534242u;
    unsigned n = count_importers();

    for (int i = 2; i < argc; i++) {
        g_autofree char *text = NULL;
        gsize size;
        const char *corpus = strstr(argv[i], "/corpus/"), *name = corpus ? corpus + strlen("/corpus/") : "";
        unsigned only = importer_of(name, strcspn(name, "/"));
        if (!g_file_get_contents(argv[i], &text, &size, NULL) || (corpus && only == n)) {
            fprintf(stderr, "%s cannot be read, or is of no importer\n", argv[i]);
            return EXIT_FAILURE;
        }
        for (unsigned importer = corpus ? only : 0; importer < (corpus ? only + 1 : n); importer++)
            replay(importer, (const uint8_t *)text, size, rounds, corpus != NULL, &state);
    }
    puts("ok importers survive the corpus, whole and changed");
    return EXIT_SUCCESS;
}
#endif
