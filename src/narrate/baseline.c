/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that are known: an earlier output of the command, as SARIF or JSON, compared by fingerprint. */
#include "src/narrate/finding.h"

#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/narrate/sarif.h"

#include <unistd.h>

struct reader {
    struct found *found;
    GHashTable *now;    /* fingerprint -> struct finding */
    GHashTable *before; /* fingerprints that the file has given already */
    const char *file;
    int64_t n;
};

/* The text at `path`, yours; NULL where there is none. */
static char *text_at(struct hc_str value, const char *path)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct hc_str at = hc_json_get(value, path);

    if (hc_json_type(at) != HC_JSON_STRING || !hc_json_text(at, out))
        return NULL;
    return g_strdup(out->str);
}

/* Where the two forms keep the same. */
struct shape {
    const char *fingerprint, *rule, *level, *message, *source, *title, *actor, *target, *state;
    bool sarif;
};

static const struct shape json_shape = {"fingerprint", "rule",  "level",  "message",  "source",
                                        "title",       "actor", "target", "baseline", false};
static const struct shape sarif_shape = {"partialFingerprints." SARIF_FINGERPRINT,
                                         "ruleId",
                                         "level",
                                         "message.text",
                                         "properties.source",
                                         "properties.title",
                                         "properties.actor",
                                         "properties.target",
                                         "baselineState",
                                         true};

static struct finding *read_known(const struct shape *shape, struct hc_str value)
{
    g_autofree char *fingerprint = text_at(value, shape->fingerprint),
                    *message = text_at(value, shape->message);
    struct finding *f;

    if (!fingerprint || strlen(fingerprint) != HC_SHA256_HEX - 1)
        return NULL;
    f = g_new0(struct finding, 1);
    f->steps = g_ptr_array_new();
    f->places = g_ptr_array_new();
    g_strlcpy(f->fingerprint, fingerprint, sizeof f->fingerprint);
    f->rule = text_at(value, shape->rule);
    f->level = text_at(value, shape->level);
    f->message = message && shape->sarif ? sarif_plain(message) : g_strdup(message);
    f->title = text_at(value, shape->title);
    f->source = text_at(value, shape->source);
    f->actor = text_at(value, shape->actor);
    f->target = text_at(value, shape->target);
    f->certainty = g_strdup("certain");
    f->because = g_strdup("");
    f->known = KNOWN_ABSENT;
    if (f->rule && hc_level_by_name(f->level) && f->message)
        return f;
    finding_free(f);
    return NULL;
}

/* SARIF has the message as it may be shown. */
static bool same_message(const char *a, const char *b)
{
    g_autoptr(GString) x = g_string_new(NULL), y = g_string_new(NULL);

    hc_text_visible(x, hc_str(a), false);
    hc_text_visible(y, hc_str(b), false);
    return g_string_equal(x, y);
}

static void compare(struct finding *now, const struct finding *before)
{
    bool same = strcmp(now->level, before->level) == 0 && same_message(now->message, before->message);

    now->known = same ? KNOWN_UNCHANGED : KNOWN_UPDATED;
    now->worse = hc_level_by_name(now->level) > hc_level_by_name(before->level);
}

static bool take_known(struct reader *r, const struct shape *shape, struct hc_str value, GError **error)
{
    g_autofree char *state = text_at(value, shape->state);
    struct finding *f, *now;

    r->n++;
    if (g_strcmp0(state, "absent") == 0) /* gone by then already */
        return true;
    f = read_known(shape, value);
    if (!f)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: finding %" G_GINT64_FORMAT " is none that `hindcast findings` has written",
                       r->file, r->n);
    now = g_hash_table_lookup(r->now, f->fingerprint);
    if (now)
        compare(now, f);
    if (now || !g_hash_table_add(r->before, g_strdup(f->fingerprint)))
        finding_free(f);
    else
        g_ptr_array_add(r->found->findings, f);
    return true;
}

static bool take_list(struct reader *r, const struct shape *shape, struct hc_str list, GError **error)
{
    struct hc_str value;
    size_t pos = 0;

    while ((value = hc_json_next(list, &pos, NULL)).p)
        if (!take_known(r, shape, value, error))
            return false;
    return true;
}

static bool take_file(struct reader *r, struct hc_str text, GError **error)
{
    struct hc_str runs = hc_json_get(text, "runs"), run;
    size_t pos = 0;

    if (hc_json_type(text) == HC_JSON_ARRAY)
        return take_list(r, &json_shape, text, error);
    if (hc_json_type(runs) != HC_JSON_ARRAY)
        return hc_fail(error, HC_ERROR_USAGE, "%s: neither SARIF nor the JSON of findings", r->file);
    while ((run = hc_json_next(runs, &pos, NULL)).p) {
        struct hc_str results = hc_json_get(run, "results");
        if (hc_json_type(results) == HC_JSON_ARRAY && !take_list(r, &sarif_shape, results, error))
            return false;
    }
    return true;
}

static char *read_file(const char *file, gsize *n, GError **error)
{
    int64_t size = 0;
    int fd = hc_file_open(file, 0, &size, error);
    char *text = NULL;

    if (fd < 0)
        return NULL;
    close(fd);
    if (size > BASELINE_SIZE_MAX)
        hc_fail(error, HC_ERROR_USAGE, "%s: larger than a baseline may be", file);
    else
        g_file_get_contents(file, &text, n, error);
    return text;
}

bool found_compare(struct found *found, const char *file, GError **error)
{
    g_autoptr(GHashTable) now = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct reader r = {found, now, before, file, 0};
    const char *why = "nothing follows it";
    gsize n = 0;
    g_autofree char *text = read_file(file, &n, error);
    struct hc_str all = hc_str_trim(hc_str_n(text, n));
    size_t at = 0, end;

    if (!text)
        return false;
    end = hc_json_check(all, &at, &why);
    if (!end || end != all.n)
        return hc_fail(error, HC_ERROR_USAGE, "%s: no JSON from byte %" G_GSIZE_FORMAT " on: %s", file,
                       end ? end : at, end ? "more follows" : why);
    found->compared = true;
    for (guint i = 0; i < found->findings->len; i++) {
        struct finding *f = found->findings->pdata[i];
        f->known = KNOWN_NEW;
        g_hash_table_insert(now, f->fingerprint, f);
    }
    return take_file(&r, all, error);
}
