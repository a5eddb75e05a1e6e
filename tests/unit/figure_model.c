/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/figure_model.h"

#include "src/base/utc.h"

int64_t figure_time(const char *text)
{
    struct hc_time time;

    if (!hc_time_iso(hc_str(text), NULL, false, &time))
        g_error("%s is no time", text);
    return time.earliest;
}

/* A time of the day of the model case. */
static int64_t at(const char *clock)
{
    g_autofree char *text = g_strconcat("2023-11-22 ", clock, "Z", NULL);

    return figure_time(text);
}

static void mark(struct hc_figure *f, int lane, enum hc_mark_kind kind, int side, const char *clock,
                 const char *label)
{
    g_autofree char *title = g_strdup_printf("act at %s", clock);
    struct hc_figure_mark m = {.lane = lane, .kind = kind, .side = side, .title = title};

    m.earliest = m.latest = at(clock);
    m.label = (char *)label;
    hc_figure_mark(f, &m);
}

static void bar(struct hc_figure *f, int lane, enum hc_bar_kind kind, const char *from, const char *to,
                const char *label)
{
    struct hc_figure_bar b = {.lane = lane, .kind = kind, .open_from = !from, .open_to = !to};

    b.from = from ? at(from) : 0;
    b.to = to ? at(to) : 0;
    b.label = (char *)label;
    hc_figure_bar(f, &b);
}

static void accounts(struct hc_figure *f, int other, int own)
{
    static const char *const invitations[] = {"08:44:55.184", "08:45:31.6", "08:45:58.8", "08:46:23.3"};
    struct hc_figure_mark gone = {.lane = own,
                                  .kind = HC_MARK_DELETE,
                                  .label = (char *)"deleted in here",
                                  .title = (char *)"meisnate12 is deleted between 08:49:48 and 08:50:27"};

    bar(f, other, HC_BAR_OTHER, "08:42:33.418", "14:46:21.771", NULL);
    bar(f, other, HC_BAR_FROZEN, "14:46:21.771", NULL, NULL);
    mark(f, other, HC_MARK_CREATE, HC_SIDE_OTHER, "08:42:33.418", "registered");
    mark(f, other, HC_MARK_FREEZE, HC_SIDE_ADMINS, "14:46:21.771", "frozen by 14:46:21");
    bar(f, own, HC_BAR_LOST, NULL, "08:50:27.613", "own records deleted with the account");
    bar(f, own, HC_BAR_OWN, NULL, "08:49:48.107", NULL);
    bar(f, own, HC_BAR_UNCERTAIN, "08:49:48.107", "08:50:27.613", NULL);
    bar(f, own, HC_BAR_GONE, "08:50:27.613", "15:31:21", "no account");
    bar(f, own, HC_BAR_OWN, "15:31:21", NULL, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(invitations); i++)
        mark(f, own, HC_MARK_INVITE, HC_SIDE_OWN, invitations[i], NULL);
    gone.earliest = at("08:49:48.107");
    gone.latest = at("08:50:27.613");
    hc_figure_mark(f, &gone);
    mark(f, own, HC_MARK_RESTORE, HC_SIDE_ADMINS, "15:31:21", "restored");
}

static void project(struct hc_figure *f, const char *name, const char *invited, const char *accepted,
                    const char *removed)
{
    int lane = hc_figure_lane(f, HC_LANE_PROJECTS, name);

    bar(f, lane, HC_BAR_OWN, NULL, accepted, NULL);
    bar(f, lane, HC_BAR_BOTH, accepted, removed, NULL);
    bar(f, lane, HC_BAR_OTHER, removed, "15:31:21", NULL);
    bar(f, lane, HC_BAR_OWN, "15:31:21", NULL, NULL);
    hc_figure_link(f, lane, at(invited), at(accepted));
    mark(f, lane, HC_MARK_INVITE, HC_SIDE_OWN, invited, NULL);
    mark(f, lane, HC_MARK_ACCEPT, HC_SIDE_OTHER, accepted, NULL);
    mark(f, lane, HC_MARK_REMOVE, HC_SIDE_OTHER, removed, NULL);
    mark(f, lane, HC_MARK_ROLE_BACK, HC_SIDE_ADMINS, "15:31:21", NULL);
}

static void people(struct hc_figure *f)
{
    static const char *const notices[] = {"08:47:29",   "08:47:39.5", "08:48:06.1",
                                          "08:48:15.9", "08:48:44.7", "08:48:56.6",
                                          "08:49:35.8", "08:49:47.8", "08:50:28.9"};
    int owner = hc_figure_lane(f, HC_LANE_PEOPLE, "Owner\xe2\x80\x99s mail");
    int a = hc_figure_lane(f, HC_LANE_PEOPLE, "Admin A"), b = hc_figure_lane(f, HC_LANE_PEOPLE, "Admin B");

    for (size_t i = 0; i < G_N_ELEMENTS(notices); i++)
        mark(f, owner, HC_MARK_NOTICE, HC_SIDE_OWN, notices[i], i ? NULL : "9 notices delivered");
    mark(f, owner, HC_MARK_MAIL, HC_SIDE_OWN, "14:33:07.3", "report 14:33:07");
    mark(f, a, HC_MARK_CHAT, HC_SIDE_ADMINS, "14:44:12.19", "chat");
    mark(f, a, HC_MARK_MAIL, HC_SIDE_ADMINS, "14:46:48", "reply");
    mark(f, a, HC_MARK_AUDIT, HC_SIDE_ADMINS, "14:52:30", "repository");
    mark(f, a, HC_MARK_CHAT, HC_SIDE_ADMINS, "15:53:10.3", "closed");
    mark(f, b, HC_MARK_CHAT, HC_SIDE_ADMINS, "14:45:03.5", NULL);
    mark(f, b, HC_MARK_CHAT, HC_SIDE_ADMINS, "15:12:44.9", "decision");
    mark(f, b, HC_MARK_AUDIT, HC_SIDE_ADMINS, "15:31:04.6", "transaction");
}

struct hc_figure *figure_model_case(void)
{
    struct hc_figure *f = hc_figure_new();
    int other = hc_figure_lane(f, HC_LANE_ACCOUNTS, "dvolk"),
        own = hc_figure_lane(f, HC_LANE_ACCOUNTS, "meisnate12");

    hc_figure_describe(f, "Timeline of 22 November 2023 by account, project and person (UTC)",
                       "dvolk is registered at 08:42:33. Ownership is back at 15:31:21.");
    hc_figure_set_word(f, HC_WORD_BAR_OWN, "held by meisnate12");
    hc_figure_set_word(f, HC_WORD_BAR_OTHER, "held by dvolk");
    accounts(f, other, own);
    project(f, "arrapi", "08:44:55.184", "08:47:25.53", "08:47:35.9");
    project(f, "tmdbapis", "08:45:31.6", "08:48:02.1", "08:48:11.7");
    project(f, "nagerapi", "08:45:58.8", "08:48:41.4", "08:48:52.1");
    project(f, "pmmutils", "08:46:23.3", "08:49:30.9", "08:49:44.357");
    people(f);
    hc_figure_phase(f, "Preparation", 0, at("08:42:33.418"), at("08:44:55.184"));
    hc_figure_phase(f, "Handover", 1, at("08:44:55.184"), at("08:49:44.357"));
    hc_figure_phase(f, "Deletion", 2, at("08:49:44.357"), at("08:50:27.613"));
    hc_figure_phase(f, "Report", 3, at("14:33:07.3"), at("14:33:07.3"));
    hc_figure_phase(f, "Response", 4, at("14:44:12.19"), at("15:12:44.9"));
    hc_figure_phase(f, "Recovery", 5, at("15:31:04.6"), at("15:53:10.3"));
    return f;
}

static void many_acts(struct hc_figure *f, int lane, int i, bool project_lane)
{
    int64_t start = at("08:00:00") + i * 20 * HC_US_PER_S;
    struct hc_figure_bar b = {.lane = lane, .kind = HC_BAR_OWN, .to = start, .open_from = true};
    struct hc_figure_mark m = {.lane = lane, .kind = HC_MARK_INVITE, .earliest = start - 90 * HC_US_PER_S};

    m.latest = m.earliest;
    hc_figure_mark(f, &m);
    if (!project_lane)
        return;
    hc_figure_bar(f, &b);
    b = (struct hc_figure_bar){.lane = lane, .kind = HC_BAR_OTHER, .from = start, .open_to = true};
    hc_figure_bar(f, &b);
    m.kind = HC_MARK_ACCEPT;
    m.side = HC_SIDE_OTHER;
    m.earliest = m.latest = start;
    hc_figure_mark(f, &m);
    hc_figure_link(f, lane, start - 90 * HC_US_PER_S, start);
}

struct hc_figure *figure_of_many(int n_accounts, int projects, int n_people)
{
    struct hc_figure *f = hc_figure_new();
    const int n[] = {n_accounts, projects, n_people};
    static const char *const names[] = {"account", "a-rather-long-project-name", "Admin"};

    for (int group = 0; group < HC_LANE_GROUPS; group++)
        for (int i = 0; i < n[group]; i++) {
            g_autofree char *name = g_strdup_printf("%s-%d", names[group], i % 7);
            many_acts(f, hc_figure_lane(f, (enum hc_lane_group)group, name), i, group == HC_LANE_PROJECTS);
        }
    return f;
}

static const char *const hostile[] = {
    "</text><script>alert(1)</script>",
    "\" onload=\"x",
    "]]>&amp;<!--",
    "\xe2\x80\xaegnp.exe\xe2\x80\xac",
    "\x1b[31mred\x07",
    "new\nline\ttab",
    "\xff\xfe\x80",
    "",
    "{n} {duration} {list}",
    "%s%n#&#x0;",
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f"
    "\x98\x80"
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "\xe4\xb8\xad\xe6\x96\x87\xe9\xa1\xb9\xe7\x9b\xae\xe5\x90\x8d\xe7\xa7\xb0\xe5\xbe\x88\xe9\x95\xbf",
    "MWMWMWMWMWMWMWMWMWMW",
    "\xef\xb7\xbd\xef\xb7\xbd",
    "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
    "\xef\xbf\xbf\xef\xbf\xbe",
    "plain"};

static char *random_name(GRand *r)
{
    int n = g_rand_int_range(r, 0, (int)G_N_ELEMENTS(hostile) + 1);

    return n < (int)G_N_ELEMENTS(hostile) ? g_strdup(hostile[n]) : g_strnfill(300, 'x');
}

/* Near one another, on other days, in other centuries, or no time at all. */
static int64_t random_time(GRand *r)
{
    int64_t base = at("08:00:00"), second = HC_US_PER_S;

    switch (g_rand_int_range(r, 0, 12)) {
    case 0:
        return base;
    case 1:
        return base + g_rand_int_range(r, 0, 1000000);
    case 2:
        return base + g_rand_int_range(r, -90, 90) * second * 86400;
    case 3:
        return base + g_rand_int_range(r, -300, 300) * second * 86400 * 365;
    case 4:
        return g_rand_boolean(r) ? INT64_MIN : INT64_MAX;
    case 5:
        return base + 6 * 3600 * second + g_rand_int_range(r, 0, 900) * second;
    default:
        return base + g_rand_int_range(r, 0, 1200) * second;
    }
}

static void random_lane(struct hc_figure *f, GRand *r, int lane)
{
    for (int i = g_rand_int_range(r, 0, 8); i > 0; i--) {
        struct hc_figure_bar b = {.lane = lane, .from = random_time(r), .to = random_time(r)};
        g_autofree char *label = random_name(r);
        b.kind = (enum hc_bar_kind)g_rand_int_range(r, 0, HC_BAR_KINDS);
        b.open_from = g_rand_int_range(r, 0, 4) == 0;
        b.open_to = g_rand_int_range(r, 0, 4) == 0;
        b.label = label;
        hc_figure_bar(f, &b);
    }
    for (int i = g_rand_int_range(r, 0, 12); i > 0; i--) {
        g_autofree char *label = random_name(r), *title = random_name(r);
        struct hc_figure_mark m = {.lane = lane, .earliest = random_time(r), .label = label, .title = title};
        m.latest = g_rand_boolean(r) ? m.earliest : random_time(r);
        m.kind = (enum hc_mark_kind)g_rand_int_range(r, 0, HC_MARK_KINDS);
        m.side = g_rand_int_range(r, 0, HC_SIDES);
        hc_figure_mark(f, &m);
    }
    for (int i = g_rand_int_range(r, 0, 3); i > 0; i--)
        hc_figure_link(f, lane, random_time(r), random_time(r));
}

struct hc_figure *figure_at_random(guint32 seed)
{
    GRand *r = g_rand_new_with_seed(seed);
    struct hc_figure *f = hc_figure_new();
    g_autofree char *title = random_name(r);

    hc_figure_describe(f, title, title);
    for (int i = g_rand_int_range(r, 0, 25); i > 0; i--) {
        g_autofree char *name = random_name(r);
        random_lane(f, r,
                    hc_figure_lane(f, (enum hc_lane_group)g_rand_int_range(r, 0, HC_LANE_GROUPS), name));
    }
    for (int i = g_rand_int_range(r, 0, 6); i > 0; i--) {
        g_autofree char *label = random_name(r);
        hc_figure_phase(f, label, g_rand_int_range(r, -3, 9), random_time(r), random_time(r));
    }
    for (int i = 0; i < HC_WORD_COUNT && g_rand_boolean(r); i++) {
        g_autofree char *word = random_name(r);
        hc_figure_set_word(f, (enum hc_figure_word)g_rand_int_range(r, 0, HC_WORD_COUNT), word);
    }
    g_rand_free(r);
    return f;
}
