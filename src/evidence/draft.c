/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/draft.h"

#include "src/base/case.h"
#include "src/base/text.h"
#include "src/evidence/detect.h"
#include "src/evidence/import.h"
#include "src/evidence/parts.h"
#include "src/evidence/pgarchive.h"
#include "src/evidence/profile.h"
#include "src/evidence/sketch.h"
#include "src/evidence/stranger.h"
#include "src/evidence/widetext.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Files that are read alike: one file, or a log with the older parts that were rotated away from it. */
struct group {
    const struct hc_importer *importer; /* NULL: nobody takes it */
    const struct hc_profile *profile;
    char *why;            /* for what nobody takes or nobody can read */
    const char *stranger; /* what the last member is that nobody takes; NULL: there was none */
    char *base;           /* path without the marks of rotation */
    char *path;           /* of its first file */
    guint files;
    char *started; /* what a dump says about when it was made */
    bool drafted;  /* the profile that was drafted with this case is for its tables */
};

/* What was found in a case, and the profile that is made for what nobody knows. */
struct draft {
    const struct hc_case *c;
    const struct hc_importer *const *importers;
    GPtrArray *profiles, *groups;
    char *name, *profile; /* of the profile, and its text; NULL: there is none to be made */
};

static const char readme[] =
    "# Notes\n"
    "\n"
    "What you write here goes into the report, each file into the slot of its name. All are optional, all "
    "are Markdown, none is\n"
    "ever overwritten.\n"
    "\n"
    "- summary.md: the first paragraph, what happened in a few sentences.\n"
    "- cause.md: why it could happen, as far as you know it from outside of the evidence.\n"
    "- impact.md: who was affected and how, where that goes beyond what was counted.\n"
    "- lessons.md: what you have learned and what you will change.\n"
    "- advice.md: what readers should do now.\n"
    "- thanks.md: whom you thank.\n";

static const char head[] =
    "# subjects, responders, mailboxes: names as the service writes them, such as [ana, \"some-project\"].\n"
    "# The days in question; without a window all of the evidence is looked at alike.\n"
    "#window: [2023-11-20, 2023-11-23]\n"
    "# Accounts and projects that the case is about, where you know them.\n"
    "subjects: []\n"
    "# Accounts of the people who responded for the service.\n"
    "responders: []\n"
    "# The service's own mailboxes, such as admin@example.org: they tell mail that was sent from mail that "
    "came in.\n"
    "mailboxes: []\n"
    "# Who writes the report, and words to file it under.\n"
    "authors: []\n"
    "tags: []\n";

static void group_free(void *data)
{
    struct group *g = data;

    g_free(g->why);
    g_free(g->base);
    g_free(g->path);
    g_free(g->started);
    g_free(g);
}

/* mail.log.2.gz, mail.log-20231122 and mail.log are parts of one log. */
static char *without_rotation(const char *path)
{
    static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst"};
    char *base = g_strdup(path);
    size_t n = strlen(base), digits;

    for (size_t i = 0; i < G_N_ELEMENTS(packed); i++)
        if (g_str_has_suffix(base, packed[i])) {
            n -= strlen(packed[i]);
            break;
        }
    base[n] = '\0';
    for (digits = 0; digits < n && g_ascii_isdigit(base[n - digits - 1]); digits++)
        ;
    if (digits && digits < n && (base[n - digits - 1] == '.' || (base[n - digits - 1] == '-' && digits >= 8)))
        base[n - digits - 1] = '\0';
    return base;
}

/* pg_dump --verbose writes "-- Started on ..." into its output. */
static char *started(struct hc_str text)
{
    static const char mark[] = "\n-- Started on ";
    ptrdiff_t at = hc_str_find(text, mark, 0), end;

    if (at < 0)
        return NULL;
    text = hc_str_skip(text, (size_t)at + sizeof(mark) - 1);
    end = hc_str_chr(text, '\n');
    return hc_str_dup(hc_str_head(text, MIN(end < 0 ? text.n : (size_t)end, 60)));
}

static GPtrArray *member_names(const char *disk)
{
    g_autoptr(hc_input_t) in = hc_input_open(disk, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    while (in && hc_input_next(in, NULL) == 1 && hc_input_is_archive(in))
        g_ptr_array_add(names, g_strdup(hc_input_member(in)));
    g_ptr_array_add(names, NULL);
    return names;
}

static const struct hc_profile *find_profile(GPtrArray *profiles, const struct hc_importer *importer,
                                             const struct hc_peek *peek, GPtrArray *names)
{
    g_autoptr(GPtrArray) tables = importer->tables ? importer->tables(peek) : NULL;
    struct hc_shown shown = {importer->name, peek->head,
                             names->len > 1 ? (const char *const *)names->pdata : NULL, tables};

    for (guint i = 0; i < profiles->len; i++)
        if (hc_profile_recognises(profiles->pdata[i], &shown))
            return profiles->pdata[i];
    return NULL;
}

/* What the current member is, if somebody takes it. */
static void look_at_member(struct group *g, const char *disk, struct hc_input *in, GPtrArray *names,
                           struct hc_beside *beside, const struct hc_importer *const *importers,
                           GPtrArray *profiles, GError **error)
{
    bool whole = !hc_input_is_archive(in) || hc_pgarchive_is_tar(in);
    const char *name = whole ? g->path : hc_input_member(in);
    g_autofree char *what = NULL;
    enum hc_pgarchive archive = hc_pgarchive_present(in, whole ? disk : NULL, &what);
    struct hc_peek peek = {name, hc_widetext_peek(in), false, beside, NULL};
    const char *why;
    int score;

    peek.whole = peek.head.n < HC_PEEK_SIZE;
    if (archive != HC_PGARCHIVE_REFUSED)
        g->importer = hc_detect(importers, &peek, &score, &why, error);
    if (!g->importer)
        g->stranger = what ? "a database archive that cannot be read" : hc_stranger(peek.head);
    if (!g->importer)
        return;
    g->profile = find_profile(profiles, g->importer, &peek, names);
    if (!g->profile && g->importer->tables && hc_peek_further(in, &peek))
        g->profile = find_profile(profiles, g->importer, &peek, names);
    g->started = started(peek.head);
}

/* What a file is: that of the first member that somebody takes. */
static void look(struct group *g, const char *disk, const struct hc_importer *const *importers,
                 GPtrArray *profiles)
{
    g_autoptr(GPtrArray) names = member_names(disk);
    g_autoptr(GError) error = NULL;
    g_autoptr(hc_beside_t) beside =
        hc_beside_new(disk, names->len > 1 ? (const char *const *)names->pdata : NULL);
    g_autoptr(hc_input_t) in = hc_input_open(disk, &error);

    while (in && !g->importer && !error && hc_input_next(in, &error) == 1)
        look_at_member(g, disk, in, names, beside, importers, profiles, &error);
    if (!g->importer)
        g->why = g_strdup(error ? error->message : g->stranger ? g->stranger : "the archive holds no files");
}

/* Only files whose settings will be the same are put together. */
static struct group *same_group(GPtrArray *groups, const struct group *g)
{
    for (guint i = 0; i < groups->len; i++) {
        struct group *other = groups->pdata[i];
        if (g->importer && g->importer->needs && other->importer == g->importer &&
            strcmp(other->base, g->base) == 0)
            return other;
    }
    return NULL;
}

static GPtrArray *find_groups(const struct hc_case *c, const struct hc_importer *const *importers,
                              GPtrArray *profiles, GError **error)
{
    g_autoptr(GPtrArray) files = hc_case_files(c, error);
    g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(group_free);
    g_autoptr(GHashTable) parts = files ? hc_parts_among(c, files) : NULL;

    for (guint i = 0; files && i < files->len; i++) {
        if (g_hash_table_contains(parts, files->pdata[i]))
            continue;
        g_autofree char *disk = hc_case_path(c, files->pdata[i]);
        struct group *g = g_new0(struct group, 1), *known;
        g->path = g_strdup(files->pdata[i]);
        g->base = without_rotation(g->path);
        g->files = 1;
        look(g, disk, importers, profiles);
        known = same_group(groups, g);
        if (known) {
            known->files++;
            group_free(g);
        } else {
            g_ptr_array_add(groups, g);
        }
    }
    return files ? g_steal_pointer(&groups) : NULL;
}

/* A double-quoted scalar: names of evidence may hold anything. */
static void quote(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (!g_unichar_isprint(c))
            g_string_append_printf(out, "\\U%08X", c);
        else
            g_string_append_unichar(out, c);
    }
    g_string_append_c(out, '"');
}

static void comment(GString *out, const char *before, const char *text)
{
    g_autoptr(GString) clean = g_string_new(NULL);

    hc_text_utf8(clean, hc_str(text));
    g_string_append(out, before);
    hc_text_visible(out, hc_str_n(clean->str, clean->len), false);
}

static void add_path(GString *out, const struct group *g)
{
    g_autofree char *glob = g->files > 1 ? g_strconcat(g->base, "*", NULL) : g_strdup(g->path);

    g_string_append(out, "  - path: ");
    quote(out, glob);
    g_string_append_c(out, '\n');
}

/* An entry to fill in: what is missing stands there commented out. */
static void add_open(GString *out, const struct group *g)
{
    g_string_append_printf(out, "  # %s.\n", g->importer->summary);
    add_path(out, g);
    if (g->importer->needs & HC_NEEDS_ZONE)
        g_string_append(out, "    # The zone is unknown. Say that of the host that wrote it; until then UTC "
                             "is assumed and every time is"
                             " marked so.\n    #zone: Area/City\n");
    if (g->importer->needs & HC_NEEDS_YEAR)
        g_string_append(out, "    # The year is unknown. Say that of the oldest line; until then it is that "
                             "of the window, or nothing is"
                             " dated.\n    #year: YYYY\n");
}

/* A profile may be the case's own: its texts are somebody's too. */
static void add_profile(GString *out, const struct hc_profile *profile)
{
    g_string_append(out, "    profile: ");
    quote(out, hc_profile_name(profile));
    comment(out, "   # recognised: ", hc_profile_title(profile));
    g_string_append_c(out, '\n');
}

static void add_drafted(GString *out, const struct draft *d)
{
    g_string_append(out, "    profile: ");
    quote(out, d->name);
    g_string_append_printf(out, "   # drafted: see profiles/%s.yaml\n", d->name);
}

static void add_dump(GString *out, const struct draft *d, const struct group *g)
{
    g_string_append_printf(out, "  # %s.\n", g->importer->summary);
    add_path(out, g);
    if (g->profile)
        add_profile(out, g->profile);
    else if (g->drafted)
        add_drafted(out, d);
    else
        g_string_append(out, "    # No profile says what its rows mean.\n    #profile: NAME\n");
    g_string_append(out, "    # When the dump was made: what happened later cannot be in it.\n");
    if (g->started)
        comment(out, "    # It says that it was started on ", g->started);
    g_string_append_printf(out, "%s    #taken: 2023-11-22T15:05:00Z\n", g->started ? "\n" : "");
}

static void add_settled(GString *out, const struct group *g)
{
    comment(out, "  # ", g->path);
    if (g->why)
        comment(out, ": ", g->why);
    else if (g->profile)
        comment(out, ": ", hc_profile_title(g->profile));
    else
        comment(out, ": ", g->importer->summary);
    g_string_append_c(out, '\n');
}

/* A key takes text of YAML; a name that is no UTF-8 cannot be written there. */
static bool has_entry(const struct group *g)
{
    return g->importer && g->importer->needs && g_utf8_validate(g->path, -1, NULL);
}

static void add_rest(GString *out, GPtrArray *groups, bool taken, const char *title)
{
    for (guint i = 0, n = 0; i < groups->len; i++) {
        const struct group *g = groups->pdata[i];
        if (has_entry(g) || (g->importer != NULL) != taken)
            continue;
        g_string_append(out, n++ ? "" : title);
        add_settled(out, g);
    }
}

static void add_sources(GString *out, const struct draft *d)
{
    GPtrArray *groups = d->groups;
    bool any = false;

    for (guint i = 0; i < groups->len; i++)
        any = any || has_entry(groups->pdata[i]);
    g_string_append(out, "# What the files cannot say about themselves.\n");
    g_string_append(out, any ? "sources:\n" : "sources: []\n");
    for (guint i = 0; i < groups->len; i++) {
        const struct group *g = groups->pdata[i];
        if (!has_entry(g))
            continue;
        if (g->importer->needs & HC_NEEDS_TAKEN)
            add_dump(out, d, g);
        else
            add_open(out, g);
    }
    add_rest(out, groups, true, "# Of these nothing has to be said:\n");
    add_rest(out, groups, false, "# These are not read:\n");
}

/* ---- the profile of what nobody knows ---- */

/* Reads a file of which no profile knows the tables, to see all of them: their names need not stand at its
 * beginning. */
static bool list_tables(const struct draft *d, struct group *g, GHashTable *tables, GError **error)
{
    g_autofree char *disk = hc_case_path(d->c, g->path);
    char *files[] = {disk, NULL};
    struct hc_import_options options = {.importers = d->importers, .tables = tables};
    struct hc_import_result result = {0};
    guint before = g_hash_table_size(tables);
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, error);
    bool ok = db && hc_import_files(db, d->c, &options, files, &result, error);

    hc_import_result_clear(&result);
    g->drafted = g_hash_table_size(tables) > before;
    return ok;
}

/* A name of letters, made from that of the case, that no profile has. */
static char *free_name(const struct draft *d, const char *title)
{
    g_autofree char *plain = g_ascii_strdown(title, -1);
    bool taken = !g_ascii_isalpha(*plain);

    g_strcanon(plain, "abcdefghijklmnopqrstuvwxyz0123456789-_", '-');
    for (guint i = 0; i < d->profiles->len; i++)
        taken = taken || strcmp(hc_profile_name(d->profiles->pdata[i]), plain) == 0;
    return taken ? g_strconcat("draft-", plain, NULL) : g_steal_pointer(&plain);
}

/* One for all of them: what lies in one case is of one service, unless somebody says otherwise. */
static bool draft_profile(struct draft *d, const char *title, GError **error)
{
    g_autoptr(GHashTable) tables = hc_sketch_tables();
    g_autoptr(GPtrArray) formats = g_ptr_array_new();
    struct hc_profile *profile;

    for (guint i = 0; i < d->groups->len; i++) {
        struct group *g = d->groups->pdata[i];
        if (!g->importer || g->profile || !(g->importer->needs & HC_NEEDS_TAKEN))
            continue;
        if (!list_tables(d, g, tables, error))
            return false;
        if (g->drafted && !g_ptr_array_find(formats, g->importer->name, NULL))
            g_ptr_array_add(formats, (char *)g->importer->name);
    }
    g_ptr_array_add(formats, NULL);
    d->name = free_name(d, title);
    d->profile = hc_sketch_profile(d->name, (const char *const *)formats->pdata, tables);
    profile = d->profile ? hc_profile_parse(hc_str(d->profile), d->name, error) : NULL;
    hc_profile_free(profile);
    return profile || !d->profile;
}

static void draft_clear(struct draft *d)
{
    g_clear_pointer(&d->groups, g_ptr_array_unref);
    g_clear_pointer(&d->profiles, g_ptr_array_unref);
    g_free(d->name);
    g_free(d->profile);
}

static char *case_text(const struct draft *d, const char *title)
{
    GString *out = g_string_new("# A case of hindcast; hindcast-case(5) explains every key.\ntitle: ");

    quote(out, title);
    g_string_append_c(out, '\n');
    g_string_append(out, head);
    add_sources(out, d);
    return g_string_free(out, FALSE);
}

/* Never over a file that is there already, not even one that appeared a moment ago. */
static bool write_new(const char *path, const char *text, bool *exists, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    size_t n = strlen(text), done = 0;
    ssize_t wrote = 0;

    *exists = fd < 0 && errno == EEXIST;
    if (fd < 0)
        return *exists || hc_fail(error, HC_ERROR_IO, "%s: %s", path, g_strerror(errno));
    while (done < n && (wrote = write(fd, text + done, n - done)) > 0)
        done += (size_t)wrote;
    if (close(fd) != 0 || wrote <= 0)
        return hc_fail(error, HC_ERROR_IO, "%s: %s", path, g_strerror(errno));
    return true;
}

static bool make_folders(const char *dir, GError **error)
{
    static const char *const names[] = {"evidence", "notes"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        if (g_mkdir_with_parents(path, 0777) != 0)
            return hc_fail(error, HC_ERROR_IO, "%s: %s", path, g_strerror(errno));
    }
    return true;
}

/* Writes what is not there yet, and lists it. */
static bool write_missing(const char *dir, const char *name, const char *text, GPtrArray *written,
                          GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL), *folder = g_path_get_dirname(path);
    bool exists = false;

    if (g_mkdir_with_parents(folder, 0777) != 0)
        return hc_fail(error, HC_ERROR_IO, "%s: %s", folder, g_strerror(errno));
    if (!write_new(path, text, &exists, error))
        return false;
    if (!exists && written)
        g_ptr_array_add(written, g_steal_pointer(&path));
    return true;
}

static bool write_all(const char *dir, const struct draft *d, const char *title, GPtrArray *written,
                      GError **error)
{
    g_autofree char *text = case_text(d, title), *name = g_strdup_printf("profiles/%s.yaml", d->name);

    return (!d->profile || write_missing(dir, name, d->profile, written, error)) &&
           write_missing(dir, "notes/README.md", readme, NULL, error) &&
           write_missing(dir, "case.yaml", text, written, error);
}

bool hc_draft(const char *dir, const struct hc_importer *const *importers, GPtrArray *written, GError **error)
{
    g_autofree char *full = g_canonicalize_filename(dir, NULL), *base = g_path_get_basename(full);
    g_autoptr(GString) title = g_string_new(NULL);
    g_autoptr(hc_case_t) c = make_folders(dir, error) ? hc_case_open(dir, error) : NULL;
    struct draft d = {.c = c, .importers = importers};
    bool ok;

    hc_text_utf8(title, hc_str(base));
    d.profiles = c ? hc_profiles_load(dir, error) : NULL;
    d.groups = d.profiles ? find_groups(c, importers, d.profiles, error) : NULL;
    ok = d.groups && draft_profile(&d, title->str, error) && write_all(dir, &d, title->str, written, error);
    draft_clear(&d);
    if (ok && !written->len)
        return hc_fail(error, HC_ERROR_USAGE, "%s/case.yaml: exists already and is left as it is", dir);
    return ok;
}
