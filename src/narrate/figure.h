/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FIGURE_H
#define HC_FIGURE_H

#include "src/base/error.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * The timeline of an incident as a drawing: one lane per account, project and person, time from left to
 * right, the axis broken where nothing happened. This is the drawing only: whoever fills the model decides
 * what is shown, in which words and in which language. The drawing decides where things go, and drops a label
 * rather than let it touch another; so every fact must also stand in a table beside it.
 *
 * Times are UTC microseconds; those outside the years 1700 to 2249 are drawn at the edge. Where `latest` lies
 * before `earliest`, or `to` before `from`, the two are exchanged. Texts are UTF-8 and may be evidence.
 */

enum hc_lane_group { HC_LANE_ACCOUNTS, HC_LANE_PROJECTS, HC_LANE_PEOPLE, HC_LANE_GROUPS };

/* Lanes keep the order in which they were added, inside their group: accounts with the hostile first,
 * projects by first hostile act, people with the owner's mail first. Too many are drawn as one (see notes at
 * hc_figure_svg). */
struct hc_figure_lane {
    enum hc_lane_group group;
    char *name;
};

enum hc_bar_kind {
    HC_BAR_OWN,       /* the rightful account holds (project), exists (account) */
    HC_BAR_OTHER,     /* the other account holds, exists */
    HC_BAR_BOTH,      /* both hold */
    HC_BAR_FROZEN,    /* the account is frozen */
    HC_BAR_GONE,      /* there is no such account */
    HC_BAR_UNCERTAIN, /* the change lies somewhere in here */
    HC_BAR_LOST,      /* records that would be here are destroyed: hatching behind the other bars */
    HC_BAR_KINDS
};

/* `from` means nothing when open_from, `to` nothing when open_to: the bar then runs to the edge of the
 * plot. */
struct hc_figure_bar {
    int lane; /* as hc_figure_lane returned it */
    enum hc_bar_kind kind;
    int64_t from, to;
    bool open_from, open_to;
    char *label; /* short text above the bar, or NULL; dropped where it does not fit */
};

enum hc_mark_kind {
    HC_MARK_CREATE,
    HC_MARK_INVITE, /* a ring on a project, a diamond on the account that invites */
    HC_MARK_ACCEPT,
    HC_MARK_REMOVE,
    HC_MARK_DELETE, /* no symbol: caps at both ends of its interval */
    HC_MARK_NOTICE,
    HC_MARK_MAIL,
    HC_MARK_CHAT,
    HC_MARK_AUDIT,
    HC_MARK_FREEZE, /* one cap */
    HC_MARK_RESTORE,
    HC_MARK_ROLE_BACK,
    HC_MARK_ACT, /* anything else */
    HC_MARK_KINDS
};

enum hc_figure_side { HC_SIDE_OWN, HC_SIDE_OTHER, HC_SIDE_ADMINS, HC_SIDES };

/* An act. Where the interval is wide enough to be seen, it is drawn with a cap at each end. For an upper
 * bound give the bound twice. */
struct hc_figure_mark {
    int lane;
    enum hc_mark_kind kind;
    int64_t earliest, latest;
    int side;    /* enum hc_figure_side */
    char *label; /* short text in the plot, or NULL */
    char *title; /* the whole sentence, shown when pointed at, or NULL */
};

/* An invitation and its acceptance, joined by a bracket. */
struct hc_figure_link {
    int lane;
    int64_t from, to;
};

/* A tinted column behind all lanes. Tints: 0 neutral, 1 and 2 red, 3 blue, 4 neutral, 5 green. */
struct hc_figure_phase {
    char *label;
    int tint;
    int64_t from, to;
};

/* The fixed words of a figure; hc_figure_new sets the English ones. {n}, {duration} are put in where they
 * stand. */
enum hc_figure_word {
    HC_WORD_BAR_OWN, /* legend of the bars, in the order of enum hc_bar_kind */
    HC_WORD_BAR_OTHER,
    HC_WORD_BAR_BOTH,
    HC_WORD_BAR_FROZEN,
    HC_WORD_BAR_GONE,
    HC_WORD_BAR_UNCERTAIN,
    HC_WORD_BAR_LOST,
    HC_WORD_REGISTERED, /* legend of the marks */
    HC_WORD_INVITED,
    HC_WORD_INVITES,
    HC_WORD_ACCEPTED,
    HC_WORD_REMOVED,
    HC_WORD_NOTICE,
    HC_WORD_MESSAGE, /* mail or chat of anybody but an administrator */
    HC_WORD_ADMIN,   /* any act of an administrator */
    HC_WORD_BACK,    /* account restored, role given back */
    HC_WORD_ACT,
    HC_WORD_SEVERAL,       /* acts of several kinds, too close to be told apart */
    HC_WORD_TICK,          /* one act in a lane that stands for many */
    HC_WORD_MORE_ACCOUNTS, /* {n} */
    HC_WORD_MORE_PROJECTS, /* {n} */
    HC_WORD_MORE_PEOPLE,   /* {n} */
    HC_WORD_GAP,           /* {duration} */
    HC_WORD_SCALES,        /* with three parts and more: {list} */
    HC_WORD_JOIN,          /* between the members of a list */
    HC_WORD_DAYS,          /* {n} */
    HC_WORD_HOURS,         /* {n} */
    HC_WORD_MINUTES,       /* {n} */
    HC_WORD_SECONDS,       /* {n} */
    HC_WORD_COUNT
};

/* All texts are owned by the figure. Read it freely; change it by the functions below. */
struct hc_figure {
    char *title;       /* one line */
    char *description; /* sentences: the text alternative */
    char *prefix;      /* of every id in the drawing, "tl": two figures on one page need two */
    char *group_names[HC_LANE_GROUPS];
    char *words[HC_WORD_COUNT];
    GArray *lanes; /* of struct hc_figure_lane, and so on */
    GArray *bars;
    GArray *marks;
    GArray *links;
    GArray *phases;
};

struct hc_figure *hc_figure_new(void);
void hc_figure_free(struct hc_figure *figure);
typedef struct hc_figure hc_figure_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_figure_t, hc_figure_free)

/* These copy what they are given; a text may be NULL (empty). */
void hc_figure_describe(struct hc_figure *figure, const char *title, const char *description);
/* Letters, digits and '-', beginning with a letter; anything else is left out. */
void hc_figure_set_prefix(struct hc_figure *figure, const char *prefix);
void hc_figure_set_word(struct hc_figure *figure, enum hc_figure_word word, const char *text);
void hc_figure_set_group(struct hc_figure *figure, enum hc_lane_group group, const char *name);

/* Returns the number of the lane, for the others. */
int hc_figure_lane(struct hc_figure *figure, enum hc_lane_group group, const char *name);
void hc_figure_bar(struct hc_figure *figure, const struct hc_figure_bar *bar);
void hc_figure_mark(struct hc_figure *figure, const struct hc_figure_mark *mark);
void hc_figure_link(struct hc_figure *figure, int lane, int64_t from, int64_t to);
void hc_figure_phase(struct hc_figure *figure, const char *label, int tint, int64_t from, int64_t to);

/*
 * Appends the drawing as one svg element, followed by a newline; the same model gives the same bytes
 * everywhere. `alone`: a file of its own, with a style element for both colour schemes and a margin; else the
 * style of the page is used, which must hold hc_figure_css(). No script, style attribute, link or reference
 * to anything outside.
 *
 * More than 12 projects: the first 5 and the last have lanes, the others share one. More than 6 accounts: the
 * 5 with most acts. More than 5 people: the first (the owner's mail) and the 3 with most acts. So there are
 * never more than 24 lanes of 30 units, besides axis and legend.
 *
 * False, with `out` as it was, when a lane, kind or side does not exist (the caller's mistake).
 */
bool hc_figure_svg(const struct hc_figure *figure, bool alone, GString *out, GError **error);

/* The style rules for class "tl" (embedded, lives for ever). They take the page's variables --bg, --ink,
 * --mut, --rule, --own, --att, --res, --ph0..5 and --sans where it sets them, and have their own values for
 * both schemes otherwise.
 */
struct hc_str hc_figure_css(void);

#endif
