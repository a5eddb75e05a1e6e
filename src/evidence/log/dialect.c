/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/dialect.h"

const struct hc_dialect *const hc_dialects[] = {&hc_dialect_exim,      &hc_dialect_logins,
                                                &hc_dialect_opensmtpd, &hc_dialect_postfix,
                                                &hc_dialect_sendmail,  NULL};

const struct hc_dialect *hc_dialect_of(const struct hc_logline *line)
{
    if (hc_str_starts(line->program, "postfix")) /* most lines of a mail log; nobody else is called so */
        return &hc_dialect_postfix;
    for (size_t i = 0; hc_dialects[i]; i++)
        if (hc_dialects[i]->takes(line))
            return hc_dialects[i];
    return NULL;
}
