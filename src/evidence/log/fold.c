/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/fold.h"

struct hc_fold hc_fold_new(int64_t size, int64_t jitter)
{
    return (struct hc_fold){.size = size,
                            .jitter = jitter,
                            .first = INT64_MIN / 2,
                            .second = INT64_MIN / 2,
                            .asked = INT64_MIN / 2};
}

/* A late line of the first pass, just behind the place where the second begins: it leaps to where the first
 * ended. */
static bool strays(const struct hc_fold *f, int64_t local, int64_t now)
{
    return local > now + f->jitter && local >= f->first - f->jitter && now - f->begun <= f->jitter;
}

static void see_second(struct hc_fold *f, int64_t local)
{
    if (local < f->second - f->jitter)
        f->why = "the clock fell back more than once in the repeated hour";
    else if (!strays(f, local, f->second))
        f->second = MAX(f->second, local);
}

void hc_fold_see(struct hc_fold *f, int64_t local, bool twice, int64_t offset)
{
    int64_t fall = f->first - local;

    if (f->back && (f->past || (!twice && local > f->second))) {
        f->past = true; /* what falls back now falls into the hour from behind it */
    } else if (f->back) {
        see_second(f, local);
    } else if (!f->any || fall <= f->jitter) {
        f->past = f->past || (f->any && !twice && fall < 0);
        f->first = MAX(f->first, local);
    } else if (!twice || f->past || fall < f->size / 4) {
        f->why = "the clock fell back in the repeated hour, but not to where its second pass would begin";
    } else {
        f->back = true;
        f->begun = f->second = local;
        f->offset = offset;
    }
    f->any = f->any || twice;
}

void hc_fold_next_file(struct hc_fold *f)
{
    f->offset = INT64_MIN;
}

enum hc_pass hc_fold_pass(struct hc_fold *f, int64_t local, int64_t offset, const char **why)
{
    *why = f->why ? f->why : "no line shows where the second pass of the repeated hour begins";
    if (f->why || !f->back)
        return HC_PASS_EITHER;
    *why = "repeated hour, first pass: the lines fall back behind it";
    if (offset < f->offset)
        return HC_PASS_FIRST;
    if (offset > f->offset && strays(f, local, f->asked)) {
        *why = "repeated hour, where its passes meet: the line may be a late one of the first";
        return HC_PASS_EITHER;
    }
    if (local < f->asked - f->jitter) {
        *why = "the clock fell back more than once in the repeated hour";
        return HC_PASS_EITHER;
    }
    f->asked = MAX(f->asked, local);
    *why = "repeated hour, second pass: the lines fall back before it";
    return HC_PASS_SECOND;
}
