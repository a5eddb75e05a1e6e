/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time engine, asked line by line: "FORM<tab>ZONE<tab>TEXT" with C's escapes in the text. Answers
 * "EARLIEST LATEST PRECISION BASIS" or "refused". Forms that begin with @ ask for zones: @east, @glib (GLib's
 * answer), @next, @local: all readings of a local second.
 */
#include "src/base/utc.h"

#include <stdio.h>
#include <stdlib.h>

struct zone {
    char *name;
    struct hc_zone *zone;
    GTimeZone *glib;
};

static void zone_set(struct zone *z, const char *name)
{
    if (g_strcmp0(z->name, name) == 0)
        return;
    g_free(z->name);
    hc_zone_free(z->zone);
    g_clear_pointer(&z->glib, g_time_zone_unref);
    *z = (struct zone){.name = g_strdup(name), .zone = *name ? hc_zone_new(name, NULL) : NULL};
}

static bool ask_zone(const struct zone *z, const char *what, int64_t s)
{
    int64_t utc[HC_READINGS_MAX];

    if (!z->zone)
        return false;
    if (strcmp(what, "@east") == 0) {
        printf("%d\n", hc_zone_east(z->zone, s));
    } else if (strcmp(what, "@next") == 0) {
        printf("%" G_GINT64_FORMAT "\n", hc_zone_next(z->zone, s));
    } else {
        int n = hc_zone_readings(z->zone, s, utc);
        for (int i = 0; i < n; i++)
            printf("%s%" G_GINT64_FORMAT, i ? " " : "", utc[i]);
        putchar('\n');
    }
    return true;
}

static bool ask_glib(struct zone *z, int64_t s)
{
    int interval;

    if (!z->glib && !(z->glib = g_time_zone_new_identifier(z->name)))
        return false;
    interval = g_time_zone_find_interval(z->glib, G_TIME_TYPE_UNIVERSAL, s);
    printf("%d\n", interval < 0 ? 0 : g_time_zone_get_offset(z->glib, interval));
    return true;
}

static bool read_text(const char *form, const struct zone *z, struct hc_str t, struct hc_time *time)
{
    if (g_str_has_prefix(form, "iso"))
        return hc_time_iso(t, z->zone, strcmp(form, "iso-us") == 0, time);
    if (g_str_has_prefix(form, "epoch"))
        return hc_time_epoch(t, form[5] ? form + 6 : NULL, time);
    if (g_str_has_prefix(form, "cocoa"))
        return hc_time_cocoa(t, form[5] ? form + 6 : "s", time);
    return strcmp(form, "rfc5322") == 0    ? hc_time_rfc5322(t, time)
           : strcmp(form, "filetime") == 0 ? hc_time_filetime(t, time)
           : strcmp(form, "dotnet") == 0   ? hc_time_dotnet(t, time)
           : strcmp(form, "tai64n") == 0   ? hc_time_tai64n(t, time)
                                           : hc_time_tai64n_leap(t, time);
}

static bool answer(struct zone *z, char **f)
{
    struct hc_time time;
    g_autofree char *text = g_strcompress(f[2]), *basis = NULL;

    zone_set(z, f[1]);
    if (strcmp(f[0], "@glib") == 0)
        return ask_glib(z, g_ascii_strtoll(text, NULL, 10));
    if (f[0][0] == '@')
        return ask_zone(z, f[0], g_ascii_strtoll(text, NULL, 10));
    if (!read_text(f[0], z, hc_str(text), &time))
        return false;
    basis = hc_basis_text(time.basis);
    printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %s\n", time.earliest, time.latest,
           hc_precision_name(time.precision), basis);
    return true;
}

int main(void)
{
    struct zone z = {0};
    g_autofree char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        g_auto(GStrv) f = g_strsplit(line, "\t", 3);
        if (g_strv_length(f) != 3 || !answer(&z, f))
            puts("refused");
    }
    zone_set(&z, "");
    g_free(z.name);
    return EXIT_SUCCESS;
}
