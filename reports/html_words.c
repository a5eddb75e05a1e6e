/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html_words.h"

#include <glib.h>

static const struct hc_page_words all_words[] = {
    {"zh", "跳到正文", "目录", "事件报告", "证据", "返回引用处 ", "：证据 ", "时间线图，可左右滚动", "表",
     "证据引用", "由 Hindcast 根据证据生成。每个编号都指向所依据的记录。本页不含脚本，也不访问网络。"},
    {"", "Skip to the report", "Contents", "Incident report", "Evidence", "Back to use ", " of evidence ",
     "Figure of the timeline, scrolls sideways", "Table", "References",
     "Made by Hindcast from the evidence. Every number leads to the record it rests on. This page runs no "
     "script and asks "
     "nothing of the network."},
};

const struct hc_page_words *hc_page_words_for(const char *lang)
{
    const struct hc_page_words *words = all_words;

    while (!g_str_has_prefix(lang ? lang : "", words->lang))
        words++;
    return words;
}
